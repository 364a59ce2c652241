"""The page that runs a lesson, in a real browser: from a click to the first answer."""

import contextlib
import gzip
import json
import shutil

import nbformat
import pytest

import page_checks
import page_python
from browser import PATIENCE, barriers, expect, prepare_for_axe, serving, shortcomings
from project import NOTEBOOKS, ROOT
from web import EDITIONS

LESSON = "01_derivatives"
NOTEBOOK = ROOT / f"chapters/en/{LESSON}.ipynb"
ADDRESS = f"run.html?lesson={LESSON}"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 420, "height": 900}

# JupyterLite in the frame.
APP = "document.getElementById('lab').contentWindow.jupyterapp"
CONTENT = f"{APP}.shell.currentWidget.content"
RUN = """async (wanted) => {
  const app = document.getElementById("lab").contentWindow.jupyterapp
  const notebook = app.shell.currentWidget.content
  for (const [i, cell] of notebook.widgets.entries()) {
    const { type, id } = cell.model
    if (type !== "code" || (wanted && !wanted.includes(id))) continue
    notebook.activeCellIndex = i
    await app.commands.execute("notebook:run-cell")
  }
}"""
CHANGE = f"""([id, text]) => {CONTENT}.widgets
  .find((cell) => cell.model.id === id).model.sharedModel.setSource(text)"""
SOURCE = f"""(id) => {CONTENT}.widgets
  .find((cell) => cell.model.id === id).model.sharedModel.source"""

SHOW_LAST = f"""(text) => {{
  const notebook = {CONTENT}
  const has = (cell) => cell.model.sharedModel.source.includes(text)
  notebook.activeCellIndex = notebook.widgets.findLastIndex(has)
  return notebook.scrollToItem(notebook.activeCellIndex)
}}"""
OUTPUT = f"""(id) => JSON.stringify({CONTENT}.widgets
  .find((cell) => cell.model.id === id).model.outputs.toJSON())"""


@contextlib.contextmanager
def reading(browser, base, **options):
    """A page of a reader, who may ask `base` alone."""
    asked = []
    with contextlib.closing(browser.new_context(viewport=WIDE, **options)) as context:
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.set_default_timeout(5 * PATIENCE)  # Python starts in it
        page.asked = asked
        yield page
    if strange := foreign(asked, base):
        raise AssertionError(f"asked {', '.join(strange)}")


def foreign(asked, base):
    """The addresses that are not of the site."""
    return [url for url in asked if not url.startswith((base, "data:", "blob:"))]


def packed(asked, base, site):
    """How many bytes files of the site are if they are sent as gzip."""
    paths = {url.removeprefix(base).split("?")[0] for url in asked if base in url}
    files = [site / path for path in paths if (site / path).is_file()]
    contents = [file.read_bytes() for file in files]
    return sum(min(len(x), len(gzip.compress(x, 6))) for x in contents)


def opened(page):
    """Wait until the lesson is there."""
    expect(page.locator("#actions")).to_be_visible(timeout=5 * PATIENCE)


def started(page):
    """Wait until Python is there."""
    opened(page)
    expect(page.locator("#loading")).to_be_hidden(timeout=5 * PATIENCE)


def kept(page):
    expect(page.locator("#kept")).to_have_text("Kept in this browser")


def cell_ids(tag):
    """The ids of the cells of the lesson with a tag."""
    lesson = nbformat.read(NOTEBOOK, as_version=4)
    return [x.id for x in lesson.cells if tag in x.metadata.get("tags", [])]


# --- light: the pages, and what the page says where it cannot run


def test_each_lesson_has_a_button_that_leads_to_it(html):
    for notebook in NOTEBOOKS:
        language = notebook.parent.name
        folder = "" if language == "en" else f"{language}/"
        page = page_checks.Page(html / f"{folder}{notebook.stem}.html")
        link = f"run.html?lesson={notebook.stem}"
        if folder:
            link = f"../{link}&language={language}"
        assert link in page.links, notebook


def test_no_other_page_has_one(html):
    for language in EDITIONS:
        folder = html if language == "en" else html / language
        assert "run-here" not in (folder / "glossary.html").read_text("utf-8")


@pytest.fixture(scope="module")
def base(browser, html):
    with serving(html) as address:
        yield address


def test_without_what_it_needs_the_page_says_so_in_a_sentence(browser, html, base):
    with reading(browser, base) as page:
        problem = page.locator("#problem")
        page.goto(f"{base}run.html?lesson=no_such_lesson")
        expect(problem).to_contain_text("There is no lesson of that name here")
        page.goto(f"{base}run.html?lesson=../index&language=fr")
        expect(problem).to_contain_text("There is no lesson of that name here")
        page.route("**/lite/manifest.json", lambda route: route.fulfill(status=404))
        page.goto(base + ADDRESS)
        expect(problem).to_contain_text("make site builds it")
        expect(page.locator("h1")).to_have_text("01 Derivatives: which way is down?")
        page.add_init_script("delete globalThis.WebAssembly")
        page.goto(base + ADDRESS)
        expect(problem).to_contain_text("it lacks WebAssembly")
        assert not shortcomings(page)
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto((html / "run.html").as_uri())
        expect(page.locator("#problem")).to_contain_text("opened from the disk")
    with contextlib.closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(base + ADDRESS)
        expect(page.locator("noscript p")).to_contain_text(
            "JavaScript, which is switched"
        )


def test_a_foreign_request_is_seen(browser, base):
    address = "http://elsewhere.invalid/"

    def ask():
        with reading(browser, base) as page:
            page.goto(f"{base}run.html?lesson=none")
            page.evaluate("(address) => fetch(address).catch(() => {})", address)

    with pytest.raises(AssertionError, match=f"asked {address}"):
        ask()


# --- heavy: a lesson is run


@pytest.fixture(scope="module")
def site(html, lite, tmp_path_factory):
    """A copy of the whole site that may be changed."""
    return shutil.copytree(html, tmp_path_factory.mktemp("run") / "course")


@pytest.fixture(scope="module")
def course(site):
    """The address of the copy, which is not the root of its host."""
    with serving(site.parent) as address:
        yield f"{address}course/"


@pytest.mark.heavy
def test_from_a_click_to_an_answer_that_is_kept(browser, site, course):
    first, *_ = (x for x in cell_ids("exercise"))
    right = "slope = 16\n\nd2l.check('01.slope_by_rules', slope)"
    with reading(browser, course) as page:
        page.goto(f"{course}{LESSON}.html")
        page.get_by_role("link", name="Run this lesson here").click()
        page.wait_for_url(f"{course}{ADDRESS}")
        assert not any("/lite/" in url for url in page.asked[:-1])
        page.asked.clear()
        started(page)
        page.evaluate(RUN, cell_ids("hide-input")[:1])
        assert 15e6 < packed(page.asked, course, site) < 25e6
        page.evaluate(f"{APP}.commands.execute('notebook:run-all-cells')")
        lesson = page.evaluate(f"{CONTENT}.model.toJSON()")
        ran = [
            {"outputs": cell["outputs"], "seconds": 0}
            for cell in lesson["cells"]
            if cell["cell_type"] == "code"
        ]
        cells = page_python.cells(NOTEBOOK, ran)
        listed = page_python.reasons().get(LESSON, {})
        assert not page_python.complaints(LESSON, cells, listed)
        # An altered output is seen.
        printed = next(cell for cell in ran if page_python.shown(cell["outputs"]))
        altered = {"output_type": "stream", "name": "stdout", "text": "altered"}
        printed["outputs"] = [altered]
        cells = page_python.cells(NOTEBOOK, ran)
        assert page_python.complaints(LESSON, cells, listed)

        page.evaluate(CHANGE, [first, right])
        page.evaluate(RUN, [first])
        output = page.evaluate(OUTPUT, first)
        assert "✓ `01.slope_by_rules`" in output
        assert "stderr" not in output
        kept(page)

        # Without a network all of it is there, and Python goes on.
        page.context.set_offline(True)
        page.reload()
        started(page)
        assert page.evaluate(SOURCE, first) == right
        asked = "import d2l_utils as d2l\nd2l.progress()"
        page.evaluate(CHANGE, [first, asked])
        page.evaluate(RUN, [first])
        assert "1 of 102 exercises are solved" in page.evaluate(OUTPUT, first)
        kept(page)
        page.context.set_offline(False)


@pytest.mark.heavy
def test_copies_are_kept_renewed_and_started_over(browser, site, course):
    first, second, *_ = cell_ids("exercise")
    source = site / f"_sources/{LESSON}.ipynb"
    published = source.read_bytes()

    def publish(text):
        lesson = json.loads(published)
        (cell,) = (x for x in lesson["cells"] if x["id"] == second)
        cell["source"] = text
        source.write_text(json.dumps(lesson))

    with reading(browser, course) as page:
        notice = page.locator("#notice")
        page.goto(course + ADDRESS)
        opened(page)

        # Another tab waits, and goes on when this one is closed.
        other = page.context.new_page()
        other.goto(course + ADDRESS)
        expect(other.locator("#problem")).to_contain_text("open in another tab")
        page.close()
        page = other
        page.set_default_timeout(5 * PATIENCE)
        notice = page.locator("#notice")
        opened(page)

        # Unchanged: it is renewed.
        publish("newer = 1")
        page.reload()
        opened(page)
        expect(notice).to_contain_text("it is renewed")
        assert page.evaluate(SOURCE, second) == "newer = 1"

        # Changed: it stays, also at the next visit, and the new one is beside.
        page.evaluate(CHANGE, [first, "mine = 1"])
        kept(page)
        publish("newest = 1")
        for _ in range(2):
            page.reload()
            opened(page)
            expect(notice).to_contain_text("Yours stays as you changed it")
            assert page.evaluate(SOURCE, first) == "mine = 1"
        notice.get_by_role("link").click()
        page.wait_for_url(f"**/*&file={LESSON}_new")
        opened(page)
        assert page.evaluate(SOURCE, second) == "newest = 1"
        expect(page.locator("#over")).to_be_hidden()
        notice.get_by_role("link").click()
        page.wait_for_url(f"**/{ADDRESS}")
        opened(page)

        # A link in the lesson leads to this page for the other lesson.
        page.evaluate(SHOW_LAST, "02_numerical_gradient.ipynb")
        link = ".jp-mod-active a[href*='02_numerical_gradient']"
        page.frame_locator("#lab").locator(link).last.click()
        page.wait_for_url("**/run.html?lesson=02_numerical_gradient")
        page.go_back()
        opened(page)

        # Started over, after one question; the old copy can be downloaded.
        page.get_by_role("button", name="Start over").click()
        page.get_by_role("button", name="Cancel").click()
        assert page.evaluate(SOURCE, first) == "mine = 1"
        page.get_by_role("button", name="Start over").click()
        with page.expect_navigation():
            page.locator("#yes").click()
        opened(page)
        assert page.evaluate(SOURCE, second) == "newest = 1"
        assert page.evaluate(SOURCE, first) != "mine = 1"
        page.locator("#older").click()
        with page.expect_download() as got:
            page.locator("#copies button").first.click()
        downloaded = nbformat.read(got.value.path(), as_version=4)
        assert any(cell.source == "mine = 1" for cell in downloaded.cells)
        page.get_by_role("button", name="Close").click()
        with page.expect_download() as got:
            page.get_by_role("button", name="Download").click()
        assert got.value.suggested_filename == f"{LESSON}.ipynb"
        nbformat.validate(nbformat.read(got.value.path(), as_version=4))
    source.write_bytes(published)


@pytest.mark.heavy
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_everybody_can_use_the_page(browser, course, size, scheme):
    options = {"color_scheme": scheme}
    with reading(browser, course, **options) as page:
        page.set_viewport_size(size)
        page.goto(course + ADDRESS)
        opened(page)
        assert not shortcomings(page)
        page.keyboard.press("Shift+Tab")
        page.get_by_role("button", name="Start over").click()
        assert page.locator("#yes").evaluate("(el) => el.matches(':focus, :enabled')")
        # What is JupyterLab's own has its own checks.
        page.locator("#lab").evaluate("(el) => el.remove()")
        prepare_for_axe(page)
        assert not barriers(page)


@pytest.mark.heavy
def test_a_changed_wheel_is_refused(browser, site, course):
    (wheel,) = site.glob("lite/*/static/pyodide/numpy-*.whl")
    genuine = wheel.read_bytes()
    wheel.write_bytes(genuine[:-1] + bytes([genuine[-1] ^ 1]))
    try:
        with reading(browser, course) as page:
            page.goto(course + ADDRESS)
            problem = page.locator("#problem")
            expect(problem).to_contain_text(f"is not genuine ({wheel.name})")
    finally:
        wheel.write_bytes(genuine)
