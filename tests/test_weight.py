"""What a first visit of each page takes, and that its gates can fail."""

import base64
import re
import shutil

import nbformat
import pytest

import first_visit
import light_pages
import weight
from browser import expect, open_page, serving, visit
from project import NOTEBOOKS

WIDE = {"width": 1280, "height": 900}


def test_every_page_is_light(html):
    assert weight.problems(html) == []


def test_the_pictures_of_the_pages_are_those_of_the_notebooks(html):
    shown = {path.read_bytes() for path in html.rglob("_images/*.png")}
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                text = output.get("data", {}).get("text/html", "")
                found = re.findall(
                    r'<img [^>]*src="data:image/png;base64,([^"]*)', text
                )
                assert {base64.b64decode(data) for data in found} <= shown
    pages = [page.read_text("utf-8") for page in html.glob("*.html")]
    assert not any("data:image/png" in text for text in pages)


def test_no_file_is_there_that_no_page_asks_for(html):
    names = {path.name for path in (html / "_static").iterdir()}
    assert "basic.css" not in names
    assert not {"locales", "vendor", "webpack-macros.html"} & names
    scripts = {path.name for path in html.glob("_static/scripts/*.js")}
    assert {"bootstrap.js", "pydata-sphinx-theme.js"} <= scripts
    assert "fontawesome.js" not in scripts
    assert (html / "_static/scripts/bootstrap.js.LICENSE.txt").is_file()


# --- a part of the site is broken on purpose


@pytest.fixture(scope="module")
def part(html, tmp_path_factory):
    """Two pages, one without formulas, and what they ask for."""
    folder = tmp_path_factory.mktemp("part").resolve()
    for name in ("glossary.html", "00_start_here.html"):
        for file in {html.resolve() / name, *light_pages.asked(html.resolve() / name)}:
            copy = folder / file.relative_to(html.resolve())
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    fonts = (light_pages.FORMULAS, *weight.USUAL_FONTS)
    for font in fonts[1:]:
        copy = (folder / fonts[0]).parent / font
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile((html / fonts[0]).parent / font, copy)
    return folder


ICONS = '<script defer src="_static/scripts/fontawesome.js"></script></head>'
MATHJAX = f'<script defer src="{light_pages.FORMULAS}"></script></head>'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</head>", ICONS, "glossary.html: the whole set of icons"),
        ("</head>", MATHJAX, "glossary.html: MathJax without a formula"),
        (
            "fa-magnifying-glass",
            "fa-wine-glass",
            "nothing draws the icon fa-solid fa-w",
        ),
        ("matchMedia(", "matches(", "light or dark is settled after the first paint"),
        ("</head>", '<script src="a.js"></script></head>', "a script holds it up: src"),
        ("</article>", '<img alt="a" src="a.png"></article>', "picture without a size"),
        ("</article>", '<p class="math "></article>', "formulas without MathJax"),
        ("</article>", f"{'a' * weight.TEXT}</article>", "bytes, more than 300,000"),
        (
            "</article>",
            '<img src="a.png"></article>',
            "glossary.html: a.png is not the",
        ),
    ],
)
def test_a_heavy_page_is_found(part, old, new, message):
    page = part / "glossary.html"
    text = page.read_text("utf-8")
    assert old in text
    try:
        page.write_text(text.replace(old, new), "utf-8")
        assert any(message in problem for problem in weight.problems(part))
    finally:
        page.write_text(text, "utf-8")


def test_a_heavy_visit_and_an_icon_without_a_drawing_are_found(part, monkeypatch):
    assert weight.problems(part) == []
    style = part / light_pages.STYLE
    text = style.read_text("utf-8")
    try:
        style.write_text(weight.FONT.sub("url()", text), "utf-8")
        problems = weight.problems(part)
        assert "glossary.html: nothing draws the icon fa-solid fa-bars" in problems
    finally:
        style.write_text(text, "utf-8")
    monkeypatch.setattr(weight, "PAGE", 100_000)
    (*_, problem) = weight.problems(part)
    assert re.fullmatch(
        r"glossary.html: a visit takes [\d,]+ bytes, .* 100,000", problem
    )


PAGE = """<html lang="en"><body><article><h1>A</h1><pre>1</pre>
<details class="admonition hide above-input"></details>
<img alt="" width="2" src="data:image/png;base64,{}"><img alt="" src="_images/b.png">
</article></body></html>"""


def test_pictures_move_out_of_a_page_and_get_a_size(tmp_path):
    # The first bytes of a picture of 4 by 6.
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\4\0\0\0\6"
    (tmp_path / "_images").mkdir()
    (tmp_path / "_images/b.png").write_bytes(picture)
    text = PAGE.format(base64.b64encode(picture).decode())
    text = light_pages.with_pictures_apart(text, tmp_path)
    first, second = re.findall("<img[^>]*>", text)
    assert 'width="2"' in first
    assert 'height="3"' in first
    assert "lazy" not in first
    assert 'loading="lazy" width="4" height="6"' in second
    (path,) = re.findall('src="([^"]*)', first)
    assert (tmp_path / path).read_bytes() == picture


# --- in a browser


def icons_that_are_not_drawn(page):
    """Shown icons without a sign of their own, or of no size."""
    return page.evaluate("""() => {
      const drawn = (el) => {
        const { content, fontFamily } = getComputedStyle(el, "::before")
        const sign = content.match(/[\\ue000-\\uf8ff]/)
        return sign && document.fonts.check(`900 16px ${fontFamily}`, sign[0])
          && el.getBoundingClientRect().width > 8
      }
      const all = document.querySelectorAll(".fa-solid, .fas, .fa-brands, .fab")
      const seen = [...all].filter((el) => el.checkVisibility())
      return [seen.length, ...seen.filter((el) => !drawn(el)).map((el) => el.className)]
    }""")


@pytest.fixture(scope="module")
def base(browser, html):
    with serving(html) as address:
        yield address


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["index", "01_derivatives"])
def test_a_first_visit_is_short_and_calm(browser, base, html, name):
    at_first, files, _, shifts = first_visit.first_visit(
        browser, base, name, viewport=WIDE
    )
    limit = weight.HOME if name == "index" else weight.PAGE
    assert first_visit.weight(html, files)[1] < limit
    # What is seen at first is less than half of what a page may weigh.
    assert first_visit.weight(html, at_first)[1] < max(limit / 2, weight.HOME)
    assert sum(shift for shift, _ in shifts) < 0.02, shifts
    asked = {html / file for file in files}
    known = light_pages.asked(html / f"{name}.html")
    fonts = (html / light_pages.FORMULAS).parent.rglob("*.woff")
    assert asked <= {*known, *fonts, html / f"{name}.html"}


def test_every_icon_is_drawn_and_all_code_can_be_shown(browser, base):
    with visit(browser, base, viewport=WIDE) as page:
        open_page(page, f"{base}01_derivatives.html")
        number, *missing = icons_that_are_not_drawn(page)
        assert number > 4
        assert missing == []

        code = page.locator("details.above-input")
        folded = page.locator("details.above-input:not([open])")
        answers = page.locator("details:not(.above-input)[open]")
        switch = page.get_by_role("button", name="Show all code")
        expect(switch).to_have_attribute("aria-pressed", "false")
        expect(folded).to_have_count(code.count())
        # One that is opened by hand is not remembered.
        code.nth(1).locator("summary").click()
        page.reload()
        expect(folded).to_have_count(code.count())
        switch.press("Enter")
        expect(switch).to_have_attribute("aria-pressed", "true")
        expect(folded).to_have_count(0)
        page.reload()
        expect(folded).to_have_count(0)
        expect(answers).to_have_count(0)

        # It holds for other lessons, as it does that it is taken back.
        page.goto(f"{base}00_start_here.html")
        expect(switch).to_have_attribute("aria-pressed", "true")
        expect(folded).to_have_count(0)
        switch.click()
        expect(folded).to_have_count(code.count())
        page.emulate_media(media="print")
        expect(switch).to_be_hidden()
        page.goto(f"{base}01_derivatives.html")
        expect(folded).to_have_count(code.count())
