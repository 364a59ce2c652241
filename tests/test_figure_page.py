"""A figure and the address of its page, the clipboard, and the points of a reader."""

import contextlib
import functools
import re

import pytest

import d2l_utils as d2l
from browser import barriers, expect, open_page, prepare_for_axe, serving, visit
from javascript import FIGURES, needs_node
from test_figure_states import answers, run

SITE = ' data-content_root="./"'  # what Sphinx writes into each page
CLIPBOARD = ["clipboard-read", "clipboard-write"]
# There is none without permission, as where a page comes without encryption.
HEAD = "<!doctype html><meta charset=utf-8><title>t</title><link rel=icon href=data:,>"
LONG = '<p style="height: 2000px">'
# Light ones of these kinds are in test_browser.py, on pages of the site.
pytestmark = pytest.mark.heavy
WIDE, SMALL = {"width": 900, "height": 900}, {"width": 320, "height": 900}


@functools.cache
def html(name):
    return getattr(d2l, f"explore_{name}")().html


@pytest.fixture(scope="module")
def base(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    pages = {name: [name] for name in FIGURES}
    pages["many"] = ["secant", "secant", "descent"]
    for title, names in pages.items():
        figures = LONG.join(f"<div>{html(name)}</div>" for name in names)
        body = f'<main><h1>t</h1>{LONG}{figures}<h2 id="exercises">E</h2>{LONG}</main>'
        for where, mark in (("", SITE), ("notebook_", "")):
            page = f"{HEAD.replace('<meta', f'<html lang=en{mark}><meta', 1)}{body}"
            (folder / f"{where}{title}.html").write_text(page, "utf-8")
    with serving(folder) as address:
        yield address


@pytest.fixture
def at(browser, base):
    """Visit an address; the clipboard is empty at first."""

    @contextlib.contextmanager
    def visited(end, **options):
        options = {"viewport": WIDE, "permissions": CLIPBOARD} | options
        with visit(browser, base, **options) as page:
            open_page(page, base + end)
            yield page

    return visited


def say(page, text, which=0):
    message = page.locator("div.figure").nth(which).locator(".message")
    expect(message).to_contain_text(text)


def ends(page, end):
    """Wait until the address ends so."""
    page.wait_for_function("end => location.href.endsWith(end)", arg=end)


def copied(page, button):
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    return page.evaluate("navigator.clipboard.readText()")


def keys(page, role, name, *pressed):
    page.get_by_role(role, name=name, exact=True).focus()
    for key in pressed:
        page.keyboard.press(key)


def test_what_a_figure_shows_stands_in_the_address_and_a_link_opens_it(at, base):
    with at("secant.html#exercises") as page:
        before = page.evaluate("history.length")
        say(page, "h = 1 s")
        ends(page, "secant.html#exercises")
        assert page.evaluate("scrollY") > 2000
        keys(page, "slider", "time between, h", "ArrowLeft", "ArrowLeft")
        page.get_by_role("checkbox").check()
        ends(page, "secant.html#secant:h=0.32,tangent=true")
        assert page.evaluate("history.length") == before
        link = copied(page, "Copy link")
        assert link == f"{base}secant.html#secant:h=0.32,tangent=true"
        code = copied(page, "Copy as Python")
        assert run(code)[0].startswith("h = 0.32 s: the slope of the secant is 21.6")
        # As at first: nothing is left.
        page.get_by_role("checkbox").uncheck()
        keys(page, "slider", "time between, h", "ArrowRight", "ArrowRight")
        ends(page, "secant.html")
    with at(link.removeprefix(base)) as page:
        say(page, "h = 0.32 s")
        say(page, "more than the tangent's")
        expect(page.get_by_role("checkbox")).to_be_checked()
        expect(page.locator("div.figure")).to_be_in_viewport()
        # Another address of the same page, as by a link in it.
        page.evaluate("location.hash = 'secant:h=0.01'")
        say(page, "h = 0.01 s")
        expect(page.get_by_role("checkbox")).not_to_be_checked()
        page.evaluate("location.hash = 'exercises'")
        page.wait_for_function("scrollY > 2300")
        say(page, "h = 0.01 s")
        page.go_back()
        say(page, "h = 0.01 s")


def test_figures_of_one_page_leave_each_other_alone(at):
    with at("many.html#descent:lr=0.3") as page:
        expect(page.locator("div.figure").nth(2)).to_be_in_viewport()
        for which, h in ((1, "0.56"), (0, "0.32")):
            slider = page.locator("div.figure").nth(which).get_by_role("slider")
            slider.focus()
            for _ in range(2 - which):
                page.keyboard.press("ArrowLeft")
            say(page, f"h = {h} s", which)
            page.wait_for_function("h => location.hash.includes(h)", arg=f"h={h}")
        ends(page, "#descent:lr=0.3&secant2:h=0.56&secant:h=0.32")
        page.reload()
        say(page, "h = 0.32 s")
        say(page, "h = 0.56 s", 1)
        say(page, "1 − 4η = −0.20", 2)


def test_in_a_notebook_the_address_is_left_alone(at):
    with at("notebook_secant.html#secant:h=0.01") as page:
        say(page, "h = 1 s")
        keys(page, "slider", "time between, h", "ArrowLeft")
        say(page, "h = 0.56 s")
        page.wait_for_timeout(800)
        ends(page, "notebook_secant.html#secant:h=0.01")
        expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
        assert run(copied(page, "Copy as Python"))[0].startswith("h = 0.56 s")


# Beside the states of test_figure_states: far out, and what only some graphs have.
EXTREME = {
    "regression": [
        "data=own,points=2000:120;2005:135;2010:150,w=1,b=-1900,step=50,next=true",
        "data=own,points=0:0;1:0,rate=2.2,step=50,next=true",
        "data=own,points=-500000000:1000000000;1000000000:-3,w=9,b=9,step=3",
        "rate=2.2,step=9,next=true",
    ],
    "batches": ["lr=1,looks=9", "batch=142,lr=0.005,looks=142,against=steps"],
    "optimizers": ["surface=saddle,start=-2;0,step=80", "rate=10,step=200,beta=0.99"],
    "descent": ["lr=0.6,start=3,step=30", "start=0"],
    "gradient": ["x0=0,x1=0"],
    "capacity": ["degree=12,count=5,all=true", "points=-1:0;1:0,all=true"],
    "ring": ["n=2,count=10,step=2", "n=8,count=10,bandwidth=100000000000,step=14"],
    "secant": ["h=1e-17,tangent=true", "h=1.8"],
}


@needs_node
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_can_be_in_the_state_that_an_address_names(at, base, name):
    wanted = [text for text, *_ in answers(name)[1]] + EXTREME.get(name, [])
    with at(f"{name}.html") as page:
        message = page.locator(".message")
        for text in wanted:
            page.evaluate("text => { location.hash = text }", f"{name}:{text}")
            page.wait_for_function("text => location.hash.endsWith(text)", arg=text)
            link = copied(page, "Copy link").removeprefix(f"{base}{name}.html#{name}:")
            code = copied(page, "Copy as Python")
            compile(code, text, "exec")
            shown = message.text_content()
            # What cannot be is brought to what can, and stays so.
            with at(f"{name}.html#{name}:{link}") as again:
                if link == text:
                    expect(again.locator(".message")).to_have_text(shown)
                assert copied(again, "Copy as Python") == code
                assert copied(again, "Copy link").endswith(f"#{name}:{link}")
            if text in {text for text, *_ in answers(name)[1]}:
                assert link == text


HOSTILE = [
    "secant:h=NaN,tangent=maybe",
    "secant:h=%3Cimg%20src=x%20onerror=alert(1)%3E",
    "secant:__proto__=1,constructor=2",
    "secant:%E0%A4%A",
    "secant:",
    "other:h=0.5",
]


@pytest.mark.parametrize("end", HOSTILE)
def test_a_bad_address_shows_the_figure_as_at_first(at, end):
    with at(f"secant.html#{end}") as page:
        say(page, "h = 1 s: the slope of the secant is 25")
        expect(page.locator("img[src=x]")).to_have_count(0)


def test_without_a_clipboard_there_is_a_text_to_copy(at):
    with at("secant.html", permissions=[]) as page:
        page.evaluate(
            "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
        )
        page.get_by_role("button", name="Copy as Python").click()
        box = page.get_by_role("textbox", name="Python code")
        expect(box).to_be_focused()
        selected = box.evaluate(
            "el => el.value.slice(el.selectionStart, el.selectionEnd)"
        )
        assert run(selected)[0].startswith("h = 1 s")
        keys(page, "slider", "time between, h", "ArrowLeft")
        expect(box).to_be_hidden()


# --- points of a reader


def own(page):
    """Choose own points; give the plot for them, and the field."""
    figure = page.locator("div.figure")
    if figure.get_by_role("combobox").count():
        figure.get_by_role("combobox").select_option("your own")
    else:
        figure.get_by_role("checkbox", name="your own points").check()
    figure.scroll_into_view_if_needed()
    plot = figure.get_by_role("img").first
    return plot, figure.get_by_role("textbox", name="Your points")


def test_points_are_clicked_dragged_and_removed(at, base):
    with at("regression.html") as page:
        plot, field = own(page)
        dots = plot.locator(".point")
        expect(dots).to_have_count(3)
        say(page, "Residuals −2, −4, −6.")
        box = plot.bounding_box()
        page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.8 * box["height"])
        expect(dots).to_have_count(4)
        assert len(field.input_value().splitlines()) == 4
        # The lines follow: this one goes through no point of them.
        say(page, "w = 0, b = 0, loss L = ")

        def middle(which):
            dot = dots.nth(which).bounding_box()
            return dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2

        x, y = middle(0)
        before = field.input_value()
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 3, y - 30, steps=3)
        page.mouse.up()
        expect(dots).to_have_count(4)
        assert field.input_value() != before
        # The line is still there to be dragged.
        grip = plot.locator(".grip").first.bounding_box()
        page.mouse.move(grip["x"] + 8, grip["y"] + 8)
        page.mouse.down()
        page.mouse.move(grip["x"] + 8, grip["y"] - 30, steps=3)
        page.mouse.up()
        expect(page.locator(".message")).not_to_contain_text("b = 0,")
        expect(dots).to_have_count(4)
        page.wait_for_function("location.hash.includes('data=own,points=')")
        link = copied(page, "Copy link")
        message = page.locator(".message").text_content()
        page.mouse.click(*middle(3))
        expect(dots).to_have_count(3)
        page.mouse.click(*middle(2))
        expect(dots).to_have_count(2)
        page.mouse.click(*middle(1))
        expect(page.get_by_text("Two points or more are needed.")).to_be_visible()
        expect(dots).to_have_count(2)
    with at(link.removeprefix(base)) as page:
        expect(page.locator(".message")).to_have_text(message)
        expect(page.get_by_role("textbox")).to_have_value(re.compile("(.+\n){3}.+"))


ROWS = [f"{2000 + i}\t{120 + 7 * i % 50}" for i in range(25)]
TABLE = "\n".join(["year\tprice", *ROWS])


def test_a_table_is_pasted_and_the_landscape_follows(at, base):
    with at("regression.html") as page:
        plot, field = own(page)
        page.evaluate("text => navigator.clipboard.writeText(text)", TABLE)
        field.focus()
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+v")
        expect(page.get_by_text("25 points.")).to_be_visible()
        expect(plot.locator(".point")).to_have_count(25)
        shown = plot.text_content()
        assert "2010" in shown
        assert "120" in shown
        landscape = page.get_by_role("img", name="Level lines")
        assert "−1.5" not in landscape.text_content()
        page.get_by_role("button", name="Step").click()
        say(page, "Step 1 of 50")
        told = re.search(
            r"w = ([\d.]+), .* loss L = ([\d.]+)[.]",
            page.locator(".message").text_content(),
        )
        printed = run(copied(page, "Copy as Python"))[0]
        w, b, loss = (float(text) for text in re.findall(r"[\d.e+-]+", printed))
        assert w == pytest.approx(float(told[1]), rel=1e-3)
        assert loss == pytest.approx(float(told[2]), rel=1e-3)
        assert 0 < b < w / 1000
        # A bad line is named, and what was there stays.
        page.keyboard.press("Escape")
        field.focus()
        page.keyboard.press("Control+End")
        page.keyboard.type("\n2030 many")
        expect(page.get_by_text("Line 27: “many” is no number.")).to_be_visible()
        expect(plot.locator(".point")).to_have_count(25)
        # By keys alone: two points.
        page.keyboard.press("Control+a")
        page.keyboard.type("1 1\n3 5")
        expect(plot.locator(".point")).to_have_count(2)
        expect(page.get_by_text("2 points.")).to_be_visible()


def test_too_many_points_for_a_link_are_said_to_be(at):
    with at("regression.html") as page:
        plot, field = own(page)
        field.fill("\n".join(f"{i / 7:.6f} {i * i / 11:.6f}" for i in range(150)))
        expect(plot.locator(".point")).to_have_count(150)
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("status")).to_have_text(
            "This is too much for a link. Copy it as Python."
        )
        page.wait_for_timeout(600)
        ends(page, "regression.html")
        assert len(run(copied(page, "Copy as Python"))) == 3


def test_the_polynomial_goes_through_points_of_a_reader(at, base):
    with at("capacity.html") as page:
        plot, field = own(page)
        field.fill("-0.8 1\n-0.2 -1\n0.1 0,5\n0.7 1.5")
        expect(plot.locator(".point")).to_have_count(4)
        keys(page, "slider", "degree", "End")
        say(page, "Degree 3: 4 numbers for 4 points. Training error 0")
        box = plot.bounding_box()
        page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.7 * box["height"])
        expect(plot.locator(".point")).to_have_count(5)
        say(page, "Degree 3: 4 numbers for 5 points.")
        field.fill("-0.8 1\n5 1")
        expect(page.get_by_text("The point 5; 1 is outside")).to_be_visible()
        field.fill("-0.8 1\n0.5 1\n0.9 -2")
        link = copied(page, "Copy link")
        message = page.locator(".message").text_content()
    with at(link.removeprefix(base)) as page:
        expect(page.locator(".message")).to_have_text(message)


def test_a_finger_makes_a_point_and_moves_it(at):
    with at("regression.html", viewport=SMALL, has_touch=True) as page:
        plot, field = own(page)
        plot.evaluate("el => el.scrollIntoView({ block: 'center' })")
        box = plot.bounding_box()
        page.touchscreen.tap(box["x"] + 0.5 * box["width"], box["y"] + 180)
        expect(plot.locator(".point")).to_have_count(4)
        first = plot.locator(".point").first.bounding_box()
        before, scroll = field.input_value(), page.evaluate("scrollY")
        screen = page.context.new_cdp_session(page)
        for step in range(6):
            place = {"x": first["x"] + 4, "y": first["y"] + 4 - 10 * step}
            touch = {"type": "touchMove" if step else "touchStart"}
            touch["touchPoints"] = [place]
            screen.send("Input.dispatchTouchEvent", touch)
        screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_function("scroll => scrollY === scroll", arg=scroll)
        assert field.input_value() != before
        expect(plot.locator(".point")).to_have_count(4)


@pytest.mark.parametrize("name", ["regression", "capacity"])
def test_the_field_of_points_is_there_for_everyone(at, name):
    for size in (WIDE, SMALL):
        with at(f"{name}.html", viewport=size) as page:
            _, field = own(page)
            field.fill("1 1\n2")
            page.evaluate(
                "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
            )
            page.get_by_role("button", name="Copy as Python").click()
            expect(page.get_by_role("textbox", name="Python code")).to_be_visible()
            assert (
                page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            )
            prepare_for_axe(page)
            assert barriers(page) == []
