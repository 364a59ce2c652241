"""The web edition: built once from the real notebooks, and once broken on purpose."""

import re
import shutil
from html import escape
from types import SimpleNamespace

import nbformat
import pytest

import build_site
import d2l_utils as d2l
import explained
import lesson_text
import light_pages
import page_checks
import web
from project import ROOT, each_notebook
from web import EDITIONS, MANIFEST, PAGES, build, copy_site

SITE = ROOT / "site"
TONGUES = {"en": "en", "zh": "zh-CN"}


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request, html):
    """The part of the site that is in one language: English is the root of all."""
    language = request.param
    folder = html if language == "en" else html / language
    # The page that runs lessons is one for all; test_run_page.py has its checks.
    others = ("run.html", *(f"{name}/" for name in EDITIONS))
    pages = page_checks.read(folder)
    return SimpleNamespace(
        language=language,
        lessons=EDITIONS[language],
        folder=folder,
        pages={name: pages[name] for name in pages if not name.startswith(others)},
    )


def page_of(notebook):
    """The path of a lesson's page in the site."""
    folder = "" if notebook.parent.name == "en" else f"{notebook.parent.name}/"
    return f"{folder}{notebook.stem}.html"


def rows_of(page):
    """The rows of the tables of a page."""
    return re.findall("<tr.*?</tr>", page.read_text("utf-8"), re.DOTALL)


def test_the_pages_are_in_order(html):
    assert page_checks.problems(html) == []


def test_every_page_is_there(edition):
    made_by_sphinx = {"genindex.html", "search.html"}
    names = {f"{name}.html" for name in (*PAGES, *edition.lessons)}
    assert edition.pages.keys() == names | made_by_sphinx
    for name in names:
        page = edition.pages[name]
        assert page.headings, name
        assert page.description, name
        assert page.language == TONGUES[edition.language], name
        assert page.relations["rel=icon"] == "_static/favicon.svg", name


def test_titles_and_descriptions_differ(edition):
    heads = [(page.title, page.description) for page in edition.pages.values()]
    assert len({title for title, _ in heads}) == len(heads)
    assert not edition.pages["index.html"].title.startswith("Downhill")
    described = [description for _, description in heads if description]
    pages = len(PAGES) + len(edition.lessons)
    assert len(set(described)) == len(described) == pages


def test_lessons_lead_to_the_next_and_the_previous_one(edition):
    chain = ["index", *edition.lessons, "notation"]
    for before, name, after in zip(chain, chain[1:], chain[2:], strict=False):
        relations = edition.pages[f"{name}.html"].relations
        assert relations["left-prev"] == f"{before}.html"
        assert relations["right-next"] == f"{after}.html"


def test_the_first_page_has_every_lesson_and_a_picture(edition):
    lessons = [lesson for lesson in MANIFEST if lesson.name in edition.lessons]
    text = (edition.folder / "index.html").read_text("utf-8")
    _, way, _ = re.split('<div class="way">|</div></div>\n*<p>', text)
    for row, lesson in zip(re.findall("<a .*?</a>", way), lessons, strict=True):
        assert f'href="{lesson.name}.html"' in row
        for words in lesson.editions[edition.language][:2]:
            assert escape(words) in row
        assert f">{lesson.minutes} " in row
    assert "<path" in way
    assert 'class="digit"><div><img' in text


def test_pages_in_english_lead_to_the_lessons_of_the_edition(edition):
    glossary = (SITE / "glossary.md").read_text("utf-8")
    named = {*re.findall(r"/chapters/en/(\w+)\.ipynb", glossary)} & {*edition.lessons}
    assert named
    page = (edition.folder / "glossary.html").read_text("utf-8")
    article = page.partition("<article")[2].partition("</article>")[0]
    assert [name for name in named if f'href="{name}.html"' not in article] == []


def test_lessons_and_extras_have_a_caption_each(edition):
    text = (edition.folder / "index.html").read_text("utf-8")
    captions = re.findall(r'class="caption-text">([^<]*)', text)
    lessons, extras, *_ = web.lesson_list.LABELS[edition.language]
    assert captions[0] == lessons
    wanted = any(x.extra for x in MANIFEST if x.name in edition.lessons)
    assert (captions[1] == extras) == (extras in captions) == wanted


@each_notebook
def test_a_lesson_can_be_downloaded_as_it_is(html, notebook):
    page = html / page_of(notebook)
    copy = f"_sources/{notebook.name}"
    assert copy in page_checks.Page(page).links
    source = html.parents[2] / notebook.relative_to(ROOT)
    assert (page.parent / copy).read_bytes() == source.read_bytes()


@each_notebook
def test_what_only_draws_and_what_is_to_be_predicted_is_folded(html, notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    tags = [tag for cell in cells for tag in cell.metadata.get("tags", [])]
    page = (html / page_of(notebook)).read_text("utf-8")
    folds = re.findall(
        r'<details class="admonition hide (\S+)-input">.*?</details>', page, re.DOTALL
    )
    assert folds.count("above") == tags.count("hide-input") > 0
    assert folds.count("below") == tags.count("hide-output")
    asked = (
        page.count("Predict first, then show") if notebook.parent.name == "en" else None
    )
    assert asked in (tags.count("hide-output"), None)


@each_notebook
def test_a_lesson_shows_every_figure(html, notebook):
    lesson = nbformat.read(html.parents[2] / notebook.relative_to(ROOT), as_version=4)
    shown = (html / page_of(notebook)).read_text("utf-8")
    figures = [
        re.search('alt="[^"]*"', output.data["text/html"]).group()
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if "<img" in output.get("data", {}).get("text/html", "")
    ]
    assert figures
    assert all(figure in shown for figure in figures)


def test_the_search_knows_each_lesson(edition):
    words = page_checks.search_words(edition.folder)
    missing = [
        lesson.name
        for lesson in MANIFEST
        if (known := lesson.editions.get(edition.language))
        and lesson.name not in words.get(known.search, ())
    ]
    assert missing == []


def test_formulas_are_drawn_by_what_is_on_the_site(edition):
    mathjax = light_pages.FORMULAS
    for name in edition.lessons:
        loads = edition.pages[f"{name}.html"].loads
        assert mathjax in [load.partition("?")[0] for load in loads]
    assert (edition.folder / mathjax).stat().st_size > 5e5
    fonts = edition.folder.glob("_static/mathjax/output/chtml/fonts/woff-v2/*.woff")
    assert len(list(fonts)) > 20


def test_every_public_name_is_documented(edition):
    names = {f"d2l_utils.{name}" for name in d2l.__all__}
    assert names <= edition.pages["api.html"].ids


def test_the_page_on_python_has_every_construct_that_is_explained(edition):
    page = edition.folder / "python.html"
    cells = explained.cells_in_order(ROOT / "chapters", edition.language)
    assert len(rows_of(page)) >= len(explained.places(cells)[1])
    assert "np.linspace" in page.read_text("utf-8")


def test_the_status_page_has_every_lesson_and_version(edition):
    text = (edition.folder / "status.html").read_text("utf-8")
    rows = rows_of(edition.folder / "status.html")
    for name in edition.lessons:
        (row,) = (row for row in rows if f'href="{name}.html"' in row)
        assert re.search("<p>([0-9]+ s|not measured yet)</p>", row)
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    for name in ("torch", "numpy", "jupyterlab"):
        assert re.search(rf"^{name}==(.*)$", pins, re.MULTILINE).group(1) in text


def test_light_and_dark_follow_the_system(html):
    text = (html / "index.html").read_text("utf-8")
    assert 'data-default-mode="auto"' in text
    assert "theme-switch-button" in text


# --- the site is broken on purpose

HEAD = (
    "# A page\n\nA first paragraph that is long enough to describe a page to readers.\n"
)


def tiny(folder):
    """A site of one lesson and few pages, which takes little time to build."""
    project = copy_site(folder)
    for page in (project / "site").glob("*.md"):
        page.unlink()
    write_page(project, "index", "```{toctree}\nteachers\nchanges\nlesson\n```\n")
    (project / "teaching/README.md").write_text(HEAD, "utf-8")
    cells = [nbformat.v4.new_markdown_cell(HEAD)]
    write_lesson(project, cells)
    return project


def write_page(project, name, text):
    (project / "site" / name).parent.mkdir(exist_ok=True)
    (project / f"site/{name}.md").write_text(f"{HEAD}\n{text}", "utf-8")


def write_lesson(project, cells):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    lesson = nbformat.v4.new_notebook(metadata={"kernelspec": kernel}, cells=cells)
    nbformat.write(lesson, project / "chapters/en/lesson.ipynb")


def change(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_each_worker_sees_that_the_site_is_not_built(tmp_path, monkeypatch):
    def fail(project):
        built.append(project)
        return "Sphinx warns"

    built = []
    monkeypatch.setattr(web, "build", fail)
    for _ in range(2):
        with pytest.raises(AssertionError, match="Sphinx warns"):
            web.build_once(tmp_path)
    assert len(built) == 1


@pytest.fixture(scope="module")
def small(sphinx, tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


def test_a_link_to_a_missing_file_is_red(small):
    write_page(small, "errata", "[a file](../nowhere/file.py)")
    assert "errata.md links to what does not exist: ../nowhere/file.py" in build(small)
    (small / "site/errata.md").unlink()


def test_a_file_that_cannot_be_read_is_named_without_a_traceback(small):
    page, lesson = small / "site/errata.md", small / "chapters/en/lesson.ipynb"
    page.write_text(f"{HEAD}\nna\xefve", "latin-1")
    message = (
        "site/errata.md, line 5: the byte 0xEF is not UTF-8; save the file as UTF-8"
    )
    assert build(small) == f"The site is not built: {message}\n"
    page.unlink()
    content = lesson.read_bytes()
    lesson.write_bytes(content[:-9])
    message = "chapters/en/lesson.ipynb is no notebook; make chapters builds it"
    assert build(small) == f"The site is not built: {message}\n"
    lesson.write_bytes(content)


@pytest.mark.heavy
def test_a_sound_site_is_green_and_its_breaks_are_red(small):
    # Where JupyterLab has left its checkpoints there is no edition.
    checkpoints = small / "chapters/zh/.ipynb_checkpoints"
    checkpoints.mkdir(parents=True)
    lesson = small / "chapters/en/lesson.ipynb"
    shutil.copyfile(lesson, checkpoints / "lesson-checkpoint.ipynb")
    assert build(small) == ""
    html = small / "site/_build/html"
    assert page_checks.problems(html) == []
    assert not (html / "zh").exists()

    # What Sphinx sees.
    head = nbformat.v4.new_markdown_cell(f"{HEAD}\n[next](09_no_such_lesson.ipynb)")
    picture = {"text/html": '<img src="data:,">', "text/plain": "a figure"}
    shown = nbformat.v4.new_output("display_data", data=picture)
    write_lesson(small, [head, nbformat.v4.new_code_cell("1", outputs=[shown])])
    write_page(small, "lost", "No table of contents has this page.")
    write_page(small, "index", "```{toctree}\nteachers\nchanges\nlesson\n```\n[a](#no)")
    output = build(small)
    assert "09_no_such_lesson.ipynb" in output
    assert re.search(r"lost\.md.*isn't included in any toctree", output)
    assert re.search(r"index\.md.*'?no'?", output)

    # What the finished pages show: Sphinx has written them all the same.
    found = "\n".join(page_checks.problems(html))
    assert "lesson.html: image without alternative text data:," in found


@pytest.mark.heavy
def test_a_second_language_and_public_addresses(sphinx, tmp_path):
    project = tiny(tmp_path)
    shutil.copytree(project / "chapters/en", project / "chapters/zh")
    write_page(
        project, "zh/index", "梯度下降\n\n```{toctree}\nlesson\nteachers\nchanges\n```"
    )
    address = "https://github.com/NAME/downhill"
    change(project / "pyproject.toml", 'repository = ""', f'repository = "{address}"')
    address_of_site = "https://NAME.github.io/downhill"
    change(project / "pyproject.toml", 'site = ""', f'site = "{address_of_site}/"')
    assert build(project) == ""

    html = project / "site/_build/html"
    pages = page_checks.read(html)
    assert pages["lesson.html"].language == "en"
    assert pages["zh/lesson.html"].language == "zh-CN"
    assert pages["lesson.html"].relations["edition-link"] == "zh/lesson.html"
    assert pages["zh/lesson.html"].relations["edition-link"] == "../lesson.html"
    assert page_checks.search_words(html / "zh")["梯度"] == {"index"}
    for name, folder in (("lesson.html", "en"), ("zh/lesson.html", "zh")):
        path = f"chapters/{folder}/lesson.ipynb"
        launch = [link for link in pages[name].links if path in link]
        assert {link.split("/")[2] for link in launch} >= {
            "mybinder.org",
            "colab.research.google.com",
        }

    # It has a public address, too.
    for name in ("lesson.html", "zh/lesson.html"):
        text = (html / name).read_text("utf-8")
        tags = dict(re.findall('<meta property="(.*?)" content="(.*?)" />', text))
        assert tags["og:title"] == "A page"
        assert tags["og:url"] == pages[name].relations["rel=canonical"]
        assert tags["og:url"] == f"{address_of_site}/{name}"
        assert (html / tags["og:image"].removeprefix(f"{address_of_site}/")).is_file()
    listed = re.findall("<loc>(.*?)</loc>", (html / "sitemap.xml").read_text("utf-8"))
    wanted = [name for name in pages if not re.search("search|genindex|run", name)]
    wanted = [f"{address_of_site}/{re.sub('index.html$', '', x)}" for x in wanted]
    assert sorted(listed) == sorted(wanted)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a\u2028b",
            "line 4: U+2028 (LINE SEPARATOR) in column 2; only visible charac",
        ),
        ("```sh\nmake lab", "line 4: the block that begins here has no end: ```"),
        (
            "```sh\na\n\n```{note}\nb\n```",
            "line 7: '```{note}' stands inside the block",
        ),
        (
            ":::{tip}\na\n:::",
            "line 4: ':::{tip}' would be shown as text; a directive s",
        ),
        (" - ```{note} a", "line 4: the block that begins here has no end: ```"),
    ],
)
def test_a_page_that_would_show_something_else_is_refused(tmp_path, text, message):
    page = tmp_path / "page.md"
    page.write_text(f"{HEAD}{text}\n", "utf-8")
    with pytest.raises(
        lesson_text.TextError, match=rf"^page\.md, {re.escape(message)}"
    ):
        build_site.read_page(page, page.name)


def test_the_pages_of_the_site_are_read():
    for page in SITE.glob("*.md"):
        assert build_site.read_page(page, page.name) == page.read_text("utf-8")


EMPTY = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
OLD = '{"worksheets": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}'


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "[" * 10_000, f"<<<<<<< HEAD\n{EMPTY}", EMPTY[:-1], OLD),
        EMPTY.replace('"nbformat": 4', '"nbformat": 5'),
        EMPTY.replace('"nbformat": 4', '"nbformat": "4"'),
        EMPTY.replace('"cells"', '"sells"'),
        EMPTY.replace("[]", '[{"cell_type": "code", "id": "a", "metadata": {}}]'),
        EMPTY.replace("[]", "[1]"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(EMPTY, "utf-8")
    build_site.check_notebook(path, path.name)
    path.write_text(text, "utf-8")
    message = r"^a\.ipynb is no notebook; make chapters builds it$"
    with pytest.raises(build_site.BuildError, match=message):
        build_site.check_notebook(path, path.name)


def test_recorded_times_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/times.json").write_text("<<<<<<< HEAD", "utf-8")
    message = "^site/times.json cannot be read; make times writes it anew$"
    with pytest.raises(build_site.BuildError, match=message):
        build_site.time_table(tmp_path, "en")


PAGE = """<html lang="en"><head><title>A page</title>
<meta name="description" content="A page that is in order: it loads nothing from afar.">
<style>h1 { color: #000 }</style></head>
<body><h1 id="top">A page</h1><a href="#top">up</a>
<a href="https://example.org">x</a>
<img src="data:," alt="a picture"></body></html>"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('href="#top"', 'href="#bottom"', "no such anchor #bottom"),
        ('href="#top"', 'href="other.html"', "broken link other.html"),
        (' alt="a picture"', "", "image without alternative text"),
        ("data:,", "https://example.org/a.png", "would load https://example.org/a.png"),
        ("data:,", "a.png", "cannot load a.png"),
        ("#000", "url(//example.org/a.png)", "would load //example.org/a.png"),
        ("h1 {", "@import 'https://example.org/a.css'; h1 {", "would load https"),
        ("</body>", '<script src="//example.org/a.js"></script>', "would load //ex"),
        ("</body>", '<iframe src="https://example.org"></iframe>', "would load https"),
        (
            "</head>",
            '<link rel="preload stylesheet" href="//example.org/a.css"></head>',
            "would load //ex",
        ),
        ("<title>A page", "<title>", "no title"),
        ('content="A page', 'data-content="A page', "no description"),
        ('lang="en"', "", "no language"),
    ],
)
def test_a_page_that_is_not_in_order_is_found(tmp_path, old, new, message):
    page = tmp_path / "index.html"
    page.write_text(PAGE, "utf-8")
    assert page_checks.problems(tmp_path) == []
    assert old in PAGE
    page.write_text(PAGE.replace(old, new), "utf-8")
    (problem,) = page_checks.problems(tmp_path)
    assert message in problem


def test_a_style_sheet_may_load_nothing_from_elsewhere(tmp_path):
    (tmp_path / "index.html").write_text(PAGE, "utf-8")
    (tmp_path / "a.css").write_text("@font-face { src: url('https://example.org/f') }")
    (problem,) = page_checks.problems(tmp_path)
    assert problem == "a.css: would load https://example.org/f"
