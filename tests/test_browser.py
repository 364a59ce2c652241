"""The finished site in a real browser: what a reader sees, hears and can do."""

import contextlib
import re
from pathlib import Path

import nbformat
import pytest

from browser import (
    LEVELS,
    barriers,
    expect,
    open_page,
    prepare_for_axe,
    serving,
    shortcomings,
    visit,
)
from javascript import FIGURES
from project import NOTEBOOKS, ROOT, heavy_but
from web import LESSONS, PAGES

ALL = [*PAGES, *LESSONS, "search", "genindex"]

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 420, "height": 900}
SHEET = {"width": 680, "height": 1009}  # A4 with margins of 15 mm, in pixels

CUT = """(high) => {
  const cut = (el) => {
    const { breakInside } = getComputedStyle(el)
    return breakInside !== "avoid" || el.getBoundingClientRect().height > high
  }
  // The picture that a figure has taken the place of is not shown.
  const shown = (el) => el.getClientRects().length
  const figures = document.querySelectorAll("div.output .text_html, div.output img")
  return [...figures].filter(shown).filter(cut).map((el) => el.outerHTML.slice(0, 120))
}"""


@pytest.fixture(scope="module")
def base(browser, html):
    with serving(html) as address:
        yield address


@pytest.fixture
def at(browser, base):
    """Visit a page of the site by its name."""

    @contextlib.contextmanager
    def visited(name, **options):
        with visit(browser, base, **{"viewport": WIDE, **options}) as page:
            open_page(page, f"{base}{name}.html")
            yield page

    return visited


# --- each page, opened once


# One style sheet colors all pages: these have all that it is about, every color of code
# and a figure included.
TYPICAL = {
    *("index", "glossary", "api", "status", "teachers"),
    *("07_backpropagation", "08_mnist_classifiers"),
}


# What `make test` opens, and those of it that it looks at through other eyes.
OPENED = {"index", "api", "status", "01_derivatives", "07_backpropagation"}
SEEN = {"index", "status", "07_backpropagation"}


@pytest.fixture(scope="module", params=heavy_but(OPENED, ALL))
def page(request, browser, base):
    with visit(browser, base, viewport=WIDE) as page:
        open_page(page, f"{base}{request.param}.html")
        # Colors on their way from light to dark are neither.
        page.add_style_tag(content="* { transition: none !important }")
        yield page


def test_a_page_is_all_there(page):
    expect(page.locator("main h1:visible")).to_have_count(1)
    assert shortcomings(page) == []


def test_a_page_fits_a_narrow_window(page):
    page.set_viewport_size(NARROW)
    assert shortcomings(page) == []


def test_nothing_of_a_printed_page_is_cut(page):
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size(SHEET)
    assert shortcomings(page) == []
    assert page.evaluate(CUT, SHEET["height"]) == []


# The last test of a page, which it spoils.
@pytest.mark.parametrize("page", heavy_but(SEEN, ALL), indirect=True, scope="module")
def test_a_page_is_there_for_everyone(page):
    page.emulate_media(media="screen")
    page.set_viewport_size(WIDE)
    prepare_for_axe(page)
    schemes = {"dark": LEVELS}
    if Path(page.url).stem in TYPICAL:
        # A figure has the same colors in both.
        schemes["light"] = ["color-contrast"]
    for scheme, rules in schemes.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        assert barriers(page, rules) == []


# A picture of one point.
POINT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNg"
    "AAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
SOUND = "<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,>"
# What is broken, and what must be said of it.
BROKEN = {
    '<img alt="a" src="http://example.org/a.png">': "asked http",
    "<script>console.error('there')</script>": "console: there",
    "<script>setTimeout(() => { throw Error('gone') })</script>": "error: gone",
    '<script src="missing.js"></script>': "404",
    '<p class="math">$x$</p>': "formula not drawn",
    '<p class="math"><mjx-math><mjx-merror></mjx-math></p>': "formula with an",
    '<img alt="a" src="data:image/png;base64,xx">': "picture not there: <img alt",
    f'<img alt="a" width="9" height="99" src="{POINT}">': "picture out of shape: <img",
    '<p style="width: 2000px">wide</p>': "sticks out",
    '<p style="color: #999; background: #fff">pale</p>': "color-contrast: <p style",
    '<pre><span class="pale">pale</span></pre>': "color-contrast: <span class",
    '<input type="text">': "label: <input",
}


@pytest.fixture(scope="module")
def seen(browser, tmp_path_factory):
    """What is said of a sound page, and of one with all that can be broken."""
    folder = tmp_path_factory.mktemp("pages")
    # A sound paragraph comes first: it must not stand for the pale one.
    style = "<style>.pale { color: #999 }</style><p>sound</p>"
    (folder / "sound.html").write_text(f"{SOUND}<p>all is well</p>", "utf-8")
    (folder / "broken.html").write_text(f"{SOUND}{style}{''.join(BROKEN)}", "utf-8")
    found = {}
    with serving(folder) as address:
        for name in ("sound", "broken"):
            found[name] = []
            try:
                with visit(browser, address) as page:
                    open_page(page, f"{address}{name}.html")
                    page.wait_for_load_state("networkidle")
                    found[name] += shortcomings(page)
                    prepare_for_axe(page)
                    found[name] += barriers(page)
            except AssertionError as error:
                found[name].append(str(error))
    return found


@pytest.mark.parametrize("message", BROKEN.values())
def test_the_checks_of_a_page_can_fail(seen, message):
    assert any(message in complaint for complaint in seen["broken"])


def test_the_checks_of_a_sound_page_say_nothing(seen):
    assert seen["sound"] == []


# --- getting around


def test_the_search_finds_a_word(at):
    with at("index") as page:
        page.keyboard.press("Control+k")
        expect(page.locator("input[type=search]:focus")).to_be_visible()
        page.keyboard.type("secant")
        page.keyboard.press("Enter")
        page.locator("#search-results").get_by_role("link", name="01 Deriv").click()
        expect(page.locator("main h1:visible")).to_contain_text("01 Derivatives")


@pytest.mark.heavy
def test_the_first_key_skips_to_the_text(at):
    with at("01_derivatives") as page:
        page.keyboard.press("Tab")
        link = page.locator(":focus")
        expect(link).to_have_text("Skip to main content")
        expect(link).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("#main-content$"))


@pytest.mark.heavy
def test_the_next_lesson_is_one_click_away(at):
    with at(LESSONS[0]) as page:
        for lesson in LESSONS[1:3]:
            page.locator("a.right-next").click()
            expect(page).to_have_url(re.compile(f"/{lesson}.html$"))


@pytest.mark.heavy
def test_a_color_mode_once_chosen_stays(at):
    with at("index", color_scheme="dark") as page:
        root = page.locator("html")
        expect(root).to_have_attribute("data-theme", "dark")
        page.get_by_role("button", name="Color mode").click()
        page.get_by_role("button", name="Light").click()
        expect(root).to_have_attribute("data-theme", "light")
        page.reload()
        expect(root).to_have_attribute("data-theme", "light")


def test_a_cell_is_copied_as_it_is_written(at):
    clipboard = ["clipboard-read", "clipboard-write"]
    lesson = nbformat.read(ROOT / "chapters/en/01_derivatives.ipynb", as_version=4)
    # The first one is folded.
    _, cell, *_ = (cell for cell in lesson.cells if cell.cell_type == "code")
    with at("01_derivatives", permissions=clipboard) as page:
        shown = page.locator("div.cell_input:visible").first
        shown.hover()
        shown.locator("button.copybtn").click()
        page.wait_for_function(
            "text => navigator.clipboard.readText().then((got) => got === text)",
            arg=cell.source,
        )


@pytest.mark.parametrize("lesson", heavy_but(OPENED, LESSONS))
def test_a_lesson_is_a_page_to_read_without_javascript(at, lesson):
    notebook = nbformat.read(ROOT / f"chapters/en/{lesson}.ipynb", as_version=4)
    shown = [
        output.data["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "<img" in output.get("data", {}).get("text/html", "")
    ]
    with at(lesson, java_script_enabled=False) as page:
        expect(page.locator("main h1:visible")).to_have_count(1)
        heights = page.locator("div.output img").evaluate_all(
            "all => all.map((el) => el.getBoundingClientRect().height)"
        )
        assert len(heights) == len(shown)
        assert min(heights, default=99) > 80
        still = page.get_by_text("A still picture: run this cell")
        assert still.count() == sum("mount(place" in html for html in shown)


# --- the interactive figures


def drag(page, plot, start, end):
    """Drag in a plot, from and to a share of its width and height."""
    figure = page.locator("div.figure")
    box = figure.get_by_role("img", name=plot).bounding_box()
    places = [
        (box["x"] + across * box["width"], box["y"] + down * box["height"])
        for across, down in (start, end)
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def press(page, role, name, *keys):
    """Press keys on a control."""
    page.locator("div.figure").get_by_role(role, name=name, exact=True).focus()
    for key in keys:
        page.keyboard.press(key)


def draw_a_seven(page):
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".message")).to_contain_text("No ink, no answer.")
    field = page.locator("svg[role=application]").bounding_box()
    stroke = [(30, 20), (40, 20), (50, 20), (60, 20), (70, 20)]
    stroke += [(66, 35), (60, 50), (55, 65), (50, 80)]
    places = [
        (field["x"] + x * field["width"] / 100, field["y"] + y * field["height"] / 100)
        for x, y in stroke
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def draw_a_one_with_keys(page):
    field = page.locator("svg[role=application]")
    field.focus()
    page.keyboard.press("Delete")
    keys = [*17 * ["ArrowUp"], "Space", *34 * ["ArrowDown"], "Space"]
    for key in keys:
        page.keyboard.press(key)


# For the figure of each lesson: what it says at first; what a mouse does, and what it
# says then; what keys do after that, and what it says then.
INTERACTIONS = {
    "index": (
        "It says 3, over 99.9% sure",
        draw_a_seven,
        "It says 7, over 99.9% sure",
        draw_a_one_with_keys,
        "It says 1, over 99.9% sure",
    ),
    "01_derivatives": (
        "h = 1 s: the slope of the secant is 25.0",
        lambda page: drag(page, "The slope of the secant", (0.9, 0.4), (0.12, 0.4)),
        "In the computer's numbers 2 + h is 2.",
        lambda page: press(page, "slider", "time between, h", "End", "ArrowLeft"),
        "h = 1 s",
    ),
    "02_numerical_gradient": (
        "points 61° away from the minimum",
        lambda page: drag(page, "level lines", (0.3, 0.2), (0.54, 0.35)),
        "points straight at the minimum (0°). On the long bowl it does so only",
        lambda page: press(page, "combobox", "bowl", "ArrowUp"),
        "points straight at the minimum (0°), as everywhere on the round bowl",
    ),
    "03_gradient_descent": (
        "Step 0: position x = 2, loss f(x) = 8. What will become of the ball?",
        lambda page: drag(page, "The parabola", (0.5, 0.5), (0.05, 0.5)),
        "Step 0: position x = −3",
        lambda page: [
            press(page, "slider", "learning rate η", "End"),
            press(page, "button", "Step", "Enter", "Enter", "Enter"),
        ],
        "the ball jumps farther and farther away",
    ),
    "04_linear_regression": (
        "Step 0 of 50: w = 0, b = 0, loss L = 9.33",
        lambda page: drag(page, "Level lines", (0.3, 0.6), (0.5, 0.3)),
        re.compile("Step 0 of 50: w = 1[.]"),
        lambda page: press(page, "button", "Step", "Enter"),
        "Step 1 of 50: w = ",
    ),
    "05_minibatch_sgd": (
        "B = 1, η = 0.05: 1704 steps, 12 epochs.",
        lambda page: [
            page.get_by_role("button", name="Reset").click(),
            page.get_by_role("checkbox", name="whole epochs").check(),
            page.get_by_role("button", name="Step").click(),
        ],
        "142 steps, 1 epoch.",
        lambda page: press(page, "slider", "batch size B", "End"),
        "B = all 142",
    ),
    "06_optimizers": (
        "All start at x₁ = −5, x₂ = −2",
        lambda page: page.get_by_role("button", name="Step").click(click_count=10),
        "Step 10. AdaGrad leads with a loss of 0.016",
        lambda page: press(page, "button", "Step", "Enter", "Space"),
        "Step 12.",
    ),
    "08_mnist_classifiers": (
        "It says 3, over 99.9% sure",
        draw_a_seven,
        "It says 7, over 99.9% sure",
        draw_a_one_with_keys,
        "It says 1, over 99.9% sure",
    ),
    "09_generalization": (
        "Degree 1: 2 numbers for 10 points. Training error 0.42. Validation error",
        lambda page: page.get_by_role("checkbox", name="all degrees").check(),
        "The validation error is lowest at degree 3.",
        lambda page: press(page, "slider", "number of points", "End"),
        "The validation error is lowest at degree 5.",
    ),
    "10_scaling_out": (
        "4 processes, each with its own 101,770 numbers, 407 kB, in 4 parts of",
        lambda page: page.get_by_role("button", name="Step").click(click_count=4),
        "Step 4 of 6, all-gather: process 0 sends part 1 to 1,",
        lambda page: [
            press(page, "slider", "processes n", "End"),
            press(page, "slider", "array S", "Home"),
            press(page, "button", "Step", "Enter"),
        ],
        "So far each has sent from 4 bytes to 8 bytes.",
    ),
    "07_backpropagation": (
        "Given are w = 2, x = 3, b = 1, t = 5.",
        lambda page: page.get_by_role("button", name="Step").click(click_count=6),
        "Backward, from L to e: the local derivative is 2e = 4.",
        lambda page: press(page, "combobox", "graph", "ArrowDown", "Tab", "ArrowRight"),
        "Given are x = 2.1.",
    ),
}


def test_an_interactive_figure_follows_mouse_and_keys(page):
    page.set_viewport_size(WIDE)
    page.emulate_media(media="screen", color_scheme="light")
    figure = page.locator("div.figure")
    steps = INTERACTIONS.get(Path(page.url).stem)
    expect(figure).to_have_count(1 if steps else 0)
    if not steps:
        return
    first, by_mouse, then, by_keys, at_last = steps
    figure.scroll_into_view_if_needed()
    message = figure.locator(".message")
    expect(message).to_contain_text(first)
    by_mouse(page)
    expect(message).to_contain_text(then)
    by_keys(page)
    expect(message).to_contain_text(at_last)


def test_a_link_and_a_program_bring_the_figure_back(page):
    """As the test before has left it: the address of the page names it, too."""
    if Path(page.url).stem not in INTERACTIONS:
        return
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    figure = page.locator("div.figure")
    told = figure.get_by_role("status").last
    copied = []
    for button in ("Copy as Python", "Copy link"):
        figure.get_by_role("button", name=button).click()
        expect(told).to_have_text("Copied.")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    program, link = copied
    compile(program, "copied.py", "exec")
    # At first it names nothing.
    end = "" if link.endswith(":") else link[link.index("#") :]
    page.wait_for_function("end => location.hash === end", arg=end)
    message = figure.locator(".message").text_content()
    with contextlib.closing(page.context.new_page()) as again:
        again.goto(link)
        expect(again.locator("div.figure .message")).to_have_text(message)
        expect(again.locator("div.figure")).to_be_in_viewport()


def test_points_of_a_reader_take_the_place_of_those_of_the_lesson(at):
    with at("04_linear_regression") as page:
        figure = page.locator("div.figure")
        figure.get_by_role("combobox").select_option("your own")
        figure.get_by_role("textbox", name="Your points").fill("price;size\n1,5;1\n3;5")
        plot = figure.get_by_role("img").first
        expect(plot.locator(".point")).to_have_count(2)
        expect(figure.locator(".message")).to_contain_text("Residuals −1, −5.")
        plot.scroll_into_view_if_needed()
        box = plot.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 50)
        expect(plot.locator(".point")).to_have_count(3)


@pytest.mark.heavy
def test_an_address_leads_to_a_heading_or_to_the_figure(at):
    with at("04_linear_regression") as page:
        page.evaluate("location.hash = 'exercises'")
        expect(page.locator("#exercises > h2")).to_be_in_viewport()
    with at("04_linear_regression") as page:
        page.goto(page.url + "#regression:w=1.5")
        page.reload()
        expect(page.locator("div.figure .message")).to_contain_text("w = 1.5,")


def test_every_figure_is_tried():
    shown = {
        figure
        for notebook in NOTEBOOKS
        if notebook.stem in INTERACTIONS
        for figure in re.findall(r"d2l\.explore_(\w+)\(", notebook.read_text("utf-8"))
    }
    assert shown == {*FIGURES}


@pytest.mark.heavy
def test_an_interactive_figure_follows_a_finger(at):
    with at("01_derivatives", viewport=NARROW, has_touch=True) as page:
        figure = page.locator("div.figure")
        figure.scroll_into_view_if_needed()
        message = figure.locator(".message")
        expect(message).to_contain_text("h = 1 s")
        box = figure.get_by_role("img", name="The slope of the secant").bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(message).not_to_contain_text("h = 1 s")


def swipe(page, x, y, across, down):
    """Draw one finger over the screen; the page gets what a real one would give."""
    screen = page.context.new_cdp_session(page)
    steps = 8
    for step in range(steps + 1):
        share = step / steps
        place = {"x": x + share * across, "y": y + share * down}
        what = "touchMove" if step else "touchStart"
        screen.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": [place]})
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_drags_a_dot_and_scrolls_past_the_rest(at):
    with at("04_linear_regression", viewport=NARROW, has_touch=True) as page:
        figure = page.locator("div.figure")
        landscape = figure.get_by_role("img", name="Level lines")
        landscape.evaluate("el => el.scrollIntoView({ block: 'center' })")
        message = figure.locator(".message")
        expect(message).to_contain_text("w = 0, b = 0")
        plot, before = landscape.bounding_box(), page.evaluate("scrollY")

        dot = landscape.locator(".grip").bounding_box()
        swipe(page, dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2, 0, -80)
        expect(message).not_to_contain_text("b = 0,")
        assert page.evaluate("scrollY") == before

        dragged = message.text_content()
        swipe(page, plot["x"] + 0.9 * plot["width"], plot["y"] + 90, 0, -80)
        page.wait_for_function("before => scrollY > before + 30", arg=before)
        assert message.text_content() == dragged
