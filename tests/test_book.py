"""The printed book: made once from the finished site, and a small one made badly."""

import re
import shutil
import unicodedata
from types import SimpleNamespace

import nbformat
import pytest
from PIL import Image

import page_checks
from browser import CHROMIUM
from project import ROOT
from web import LESSONS

# Learners do without what prints.
pypdf = pytest.importorskip("pypdf", reason="pypdf is missing: `make site` installs it")
pytest.importorskip("playwright", reason="Playwright is missing: `make site` has it")

import book  # noqa: E402

CENTIMETER = 72 / 2.54  # in points
FOOT = 2.5 * CENTIMETER
TITLE = 54  # the size of the name on the first page


def squeezed(text):
    """A text without white space, ligatures, and the mark of a line that goes on."""
    return re.sub(r"[\s↪]", "", unicodedata.normalize("NFKC", text))


# --- what a PDF shows


def sheet_of(page):
    """A page: its text, its code, and its marks: (what, left, bottom, right, size).

    What is a text, of no formula, or None, a picture; lengths are in points.
    """
    marks, code, objects = [], [], page["/Resources"].get("/XObject", {})
    pictures = {x for x in objects if objects[x]["/Subtype"] == "/Image"}

    def placed(cm, tm):
        return cm[0] * tm[4] + cm[2] * tm[5] + cm[4], cm[3] * tm[5] + cm[5]

    def read(text, cm, tm, font, size):
        x, y = placed(cm, tm)
        # The signs of formulas stand in fonts without a name, each in its own place.
        name = (font or {}).get("/BaseFont", "")
        if text.strip() and name:
            if "Mono" in name:
                code.append(text)
            marks.append([text.strip(), x, y, x, size * cm[0]])
        elif font and not text and marks and abs(marks[-1][2] - y) < 1:
            # It stands on the last letter of the text before.
            marks[-1][3] = x + 0.3 * size * cm[0]

    def drawn(operator, operands, cm, tm):
        if operator == b"Do" and operands[0] in pictures:
            bottom = min(cm[5], cm[5] + cm[3])
            marks.append([None, cm[4], bottom, cm[4] + cm[0], abs(cm[3])])

    text = page.extract_text(visitor_text=read, visitor_operand_before=drawn)
    code = squeezed("".join(code))
    return SimpleNamespace(text=text, code=code, marks=marks, box=page.mediabox)


def read(path):
    """A printed book: its sheets, its places and the pages of its links."""
    pdf = pypdf.PdfReader(path)
    sheets = [sheet_of(page) for page in pdf.pages]
    places = {name: number for name, (number, _) in book.places(path).items()}
    return SimpleNamespace(pdf=pdf, sheets=sheets, places=places)


# --- what must hold for it


def margin_problems(printed):
    """What sticks out of the margins of a page: they are 25 mm wide, and 20 above."""
    for number, sheet in enumerate(printed.sheets, 1):
        right, top = sheet.box[2] - 2.4 * CENTIMETER, sheet.box[3] - 1.9 * CENTIMETER
        for what, x, y, end, size in sheet.marks:
            high = y + (0.6 * size if what else size)
            if x < 2.4 * CENTIMETER or end > right or high > top or y < CENTIMETER:
                yield f"page {number}: outside the margins: {what or 'a picture'}"


def size_problems(printed):
    """Chromium makes all smaller, if something is too wide for the page."""
    sizes = [mark[-1] for sheet in printed.sheets for mark in sheet.marks if mark[0]]
    if abs(max(sizes) - TITLE) > 0.1:
        yield f"the title has {max(sizes):.1f} points in place of {TITLE}"


def heading_problems(printed):
    """Headings that are the last line of their page."""
    for number, sheet in enumerate(printed.sheets, 1):
        above = [mark for mark in sheet.marks if mark[2] > FOOT]
        if above and number > 1:
            what, *_, size = min(above, key=lambda mark: mark[2])
            if what and size > 12:
                yield f"page {number}: ends with the heading {what}"


def headings(pdf):
    """The headings of a PDF, as its outline has them: level, text, page."""

    def below(outline, level):
        for item in outline:
            if isinstance(item, list):
                yield from below(item, level + 1)
            else:
                page = pdf.get_destination_page_number(item) + 1
                yield level, squeezed(item.title), page

    return list(below(pdf.outline, 1))


def contents_problems(printed, lessons):
    """Headings that do not stand where outline and contents say."""
    first = printed.places[lessons[0]["name"]]
    listed = squeezed("".join(sheet.text for sheet in printed.sheets[2 : first - 1]))
    found = headings(printed.pdf)
    begun = {heading: page for level, heading, page in found if level == 1}
    for lesson in lessons:
        heading = squeezed(f"{lesson['number']}{lesson['title']}{lesson['question']}")
        if begun.get(heading) != printed.places[lesson["name"]]:
            yield f"outline: {heading} does not begin a page"
    for _, heading, page in found:
        if heading not in squeezed(printed.sheets[page - 1].text):
            yield f"page {page}: {heading} is not here"
        if f"{heading}{page}" not in listed:
            yield f"contents: {heading} is not said to be on page {page}"


def link_problems(pdf):
    """Links that lead nowhere."""
    places = pdf.named_destinations
    for page in pdf.pages:
        for note in page.get("/Annots", ()):
            link = note.get_object()
            leads = link["/Dest"] if "/Dest" in link else link["/A"]["/URI"]
            outside = leads.startswith(("http://", "https://"))
            if leads not in places and (not outside or leads.startswith(book.BASE)):
                yield f"a link leads to {leads}"


def printed_code(cell):
    """The code of a cell as it is printed: none, if it only draws."""
    tools = re.match(r"try:\n(.*?)^except .*?^    raise\n", cell.source, re.M | re.S)
    if tools:
        return tools[1] + cell.source[tools.end() :]
    return "" if "hide-input" in cell.metadata.get("tags", ()) else cell.source


def code_problems(sheets, lesson, notebook):
    """Code of a lesson, and what it printed, that is not there in full."""
    text = "".join(sheet.code for sheet in sheets)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if squeezed(output.get("text", "")) not in text:
                yield f"{lesson['name']}: cut output: {output.text}"
        if cell.cell_type == "code" and squeezed(printed_code(cell)) not in text:
            yield f"{lesson['name']}: cut code: {cell.source}"


def picture_problems(sheets, lesson, page):
    """Figures of a lesson that are missing, or torn, which counts as two."""
    figures = page.partition("<article")[2].count("<img ")
    found = sum(what is None for sheet in sheets for what, *_ in sheet.marks)
    if found != figures:
        yield f"{lesson['name']}: {found} pictures for {figures} figures"


def outline_problems(part, lesson, page):
    """Sections of a lesson that its own outline lacks: the answers are one more."""
    sections = page.partition("<article")[2].count("<h2") + 1
    found = sum(level == 2 for level, *_ in headings(part))
    if found != sections:
        yield f"{lesson['name']}: its outline has {found} sections of {sections}"


def problems(folder, lessons):
    """All that is wrong with a printed book and its parts."""
    printed = read(folder / book.BOOK)
    found = [
        *margin_problems(printed),
        *size_problems(printed),
        *heading_problems(printed),
        *contents_problems(printed, lessons),
        *link_problems(printed.pdf),
    ]
    starts = [printed.places[lesson["name"]] for lesson in lessons]
    ends = [*starts[1:], len(printed.sheets) + 1]
    for lesson, start, end in zip(lessons, starts, ends, strict=True):
        name, sheets = lesson["name"], printed.sheets[start - 1 : end - 1]
        notebook = nbformat.read(folder / f"_sources/{name}.ipynb", as_version=4)
        found += code_problems(sheets, lesson, notebook)
        page = (folder / f"{name}.html").read_text("utf-8")
        found += picture_problems(sheets, lesson, page)
        part = pypdf.PdfReader(folder / f"pdf/{name}.pdf")
        found += outline_problems(part, lesson, page)
        found += link_problems(part)
        # The numbers at its foot are those of the book.
        begins = squeezed(part.pages[0].extract_text())
        if len(part.pages) != len(sheets) or begins != squeezed(sheets[0].text):
            found.append(f"{name}: its own print differs from the book")
    return found


def unembedded(pdf):
    """The fonts of a PDF that are not in it."""
    fonts = [
        font.get_object()
        for page in pdf.pages
        for font in page["/Resources"].get("/Font", {}).values()
    ]
    for font in fonts:
        if font["/Subtype"] == "/Type3":
            continue
        inner = font.get("/DescendantFonts", [font])[0].get_object()
        if not any(key.startswith("/FontFile") for key in inner["/FontDescriptor"]):
            yield font["/BaseFont"]


# --- the book


@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM:
        pytest.skip("there is no Chromium: no book was printed; `apt install chromium`")


@pytest.fixture(scope="module")
def made(chromium, html, tmp_path_factory):
    """A copy of the site with the book in it; the site itself stays as it is."""
    folder = tmp_path_factory.mktemp("book") / "html"
    shutil.copytree(html, folder, ignore=shutil.ignore_patterns("lite"))
    lessons = book.lessons_of("en")
    # What it asks of another host is an error.
    book.print_book(folder, lessons, "en")
    book.offer(folder, lessons, "en")
    return folder


@pytest.mark.heavy
def test_the_book_has_every_lesson_whole_and_says_where(made):
    assert {path.stem for path in made.glob("pdf/*")} == set(LESSONS)
    assert problems(made, book.lessons_of("en")) == []


@pytest.mark.heavy
def test_the_book_is_small_and_says_what_it_is(made):
    path = made / book.BOOK
    assert path.stat().st_size < 15e6
    pdf = pypdf.PdfReader(path)
    assert pdf.metadata.title.startswith("Downhill: ")
    assert pdf.metadata.author == book.AUTHOR
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert [*unembedded(pdf)] == []
    part = pypdf.PdfReader(made / "pdf/01_derivatives.pdf")
    assert part.metadata.title.startswith("01 Derivatives")


@pytest.mark.heavy
def test_the_pages_offer_the_book(made):
    assert page_checks.problems(made) == []
    assert book.BOOK in page_checks.Page(made / "index.html").links
    for lesson in LESSONS:
        page = page_checks.Page(made / f"{lesson}.html")
        assert f"pdf/{lesson}.pdf" in page.links


# --- a small book, made well and badly

LONG = "x = " + " + ".join(["1"] * 60)
CELL = """<div class="cell"><div class="cell_input"><div class="highlight"><pre>{code}
</pre></div></div><div class="cell_output"><div class="output text_html">
<img width="640" alt="a square" src="{picture}"></div></div></div>
<p><em>Figure 1.</em></p>"""
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head><body>
<button onclick="window.print()" class="btn">.pdf</button>
<article><section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>
<p>To <a href="{other}.html#first">the other one</a>.</p>
<section id="first"><h2>1. First</h2>{text}{cell}</section>
<details><summary>Proof</summary><p>By looking.</p></details>
<p><a href="glossary.html">A word</a></p></section></article></body></html>"""


@pytest.fixture
def small(chromium, tmp_path, monkeypatch):
    """A site of two lessons, one with a long line, and what a book is made with."""
    folder, names = tmp_path / "html", ["01_one", "02_two"]
    (folder / "_sources").mkdir(parents=True)
    Image.new("RGB", (64, 48), "navy").save(folder / "square.png")
    (folder / "index.html").write_text("<p>all</p><!-- book -->", "utf-8")
    for name, other in zip(names, reversed(names), strict=True):
        number, _, title = name.partition("_")
        cell = CELL.format(code=LONG, picture="square.png")
        text = "<p>Many words.</p>" * 40
        page = PAGE.format(
            title=f"{number} {title}: why?", other=other, text=text, cell=cell
        )
        (folder / f"{name}.html").write_text(page, "utf-8")
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LONG)])
        nbformat.write(notebook, folder / f"_sources/{name}.ipynb")
    shutil.copytree(book.PRINT, tmp_path / "print")
    monkeypatch.setattr(book, "PRINT", tmp_path / "print")
    lessons = [
        {"name": name, "number": name[:2], "title": name[3:], "question": "why?"}
        for name in names
    ]
    return SimpleNamespace(folder=folder, lessons=lessons, print=tmp_path / "print")


def print_small(small):
    book.print_book(small.folder, small.lessons, "en")
    return "\n".join(problems(small.folder, small.lessons))


@pytest.mark.heavy
def test_a_small_book_is_in_order_and_its_faults_are_found(small):
    assert print_small(small) == ""
    book.offer(small.folder, small.lessons, "en")
    for name in ("index", "01_one"):
        links = page_checks.Page(small.folder / f"{name}.html").links
        assert any(link.endswith(".pdf") for link in links)

    script = small.print / "book.js"
    text = script.read_text("utf-8")
    for old, new in [
        ("pages[place.hash.slice(1)]", "pages[place.hash.slice(1)] + 1"),
        ('pre").forEach(fitLines)', 'none").forEach(fitLines)'),
        ("shortcomings() {", "shortcomings() { return []"),
        ("function leaveOut(article) {", "function leaveOut() { return"),
    ]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    script.write_text(text, "utf-8")
    with (small.print / "book.css").open("a", encoding="utf-8") as style:
        style.write("pre { white-space: pre !important }")
        style.write("article[id='02_two'] pre { height: 2px; overflow: hidden }")
        style.write(".figure { margin-left: -9mm !important }")
    found = print_small(small)
    for fault in [
        "contents: 01onewhy? is not said to be on page 4",
        "the title has 3",
        "outside the margins: a picture",
        "02_two: cut code: x = 1",
        "02_two: its own print differs from the book",
    ]:
        assert fault in found


@pytest.mark.heavy
def test_what_is_wider_than_a_page_is_not_printed(small):
    with (small.print / "book.css").open("a", encoding="utf-8") as style:
        style.write(".figure img { max-width: none; width: 800px !important }")
    with pytest.raises(book.BookError, match="wider than the page: <img"):
        book.print_book(small.folder, small.lessons, "en")
    assert not (small.folder / book.BOOK).exists()


@pytest.mark.heavy
def test_what_another_host_would_be_asked_for_is_an_error(small):
    page = small.folder / "01_one.html"
    text = page.read_text("utf-8")
    page.write_text(text.replace("square.png", "https://example.org/a.png"), "utf-8")
    with pytest.raises(book.BookError, match=r"asked for https://example\.org/a\.png"):
        book.print_book(small.folder, small.lessons, "en")


# --- without a browser


def test_what_is_missing_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(book, "CHROMIUM", "")
    with pytest.raises(book.BookError, match=r"there is no Chromium\. On Debian `apt"):
        book.print_book(tmp_path, [], "en")
    with pytest.raises(book.BookError, match=r"there is no site/print/xx\.html"):
        book.words("xx")


def test_a_page_without_a_place_for_the_book_is_named(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("<p>all</p>", "utf-8")
    with pytest.raises(book.BookError, match=r"index\.html has no place to offer"):
        book.put(page, "<!-- book -->", book.BOOK, "")


def test_the_first_page_has_a_place_for_the_book():
    assert (ROOT / "site/index.md").read_text("utf-8").count("<!-- book -->") == 1


def test_the_book_has_the_words_that_it_needs():
    for path in book.PRINT.glob("*.html"):
        words = book.words(path.stem)
        script = (book.PRINT / "book.js").read_text("utf-8")
        needed = {*re.findall(r"WORDS\.(\w+)", script), "offer", "button"}
        assert words.keys() == needed
        assert {"PAGES", "SIZE"} <= {*re.findall("[A-Z]{4,}", words["offer"])}
