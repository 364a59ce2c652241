"""Print the lessons of the finished site: a book of all, and each one alone.

    python site/book.py [LANGUAGE ...]

Chromium prints them: site/_build/html/downhill.pdf is the book, pdf/NAME.pdf beside it
are its parts, with the same page numbers. Then the pages of the site offer them. What
the book says beside the lessons is in site/print/LANGUAGE.html, how it looks in
site/print/book.css, and book.js there makes one page of the pages of the lessons.
"""

import argparse
import contextlib
import json
import re
import sys
import tomllib
from pathlib import Path

import matplotlib
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Fit

import build_site
import page_checks
from chromium import ARGUMENTS, CHROMIUM

SITE = Path(__file__).resolve().parent
ROOT = SITE.parent
PRINT = SITE / "print"
# The fonts of Matplotlib, which the figures have, too: the same on every computer.
FONTS = Path(matplotlib.get_data_path())
# No host has this name: what is not answered here is not answered.
BASE = "http://book.invalid/"
# No page may take so long to print, in milliseconds; other programs may run, too.
PATIENCE = 600_000
BOOK = "downhill.pdf"
AUTHOR = "The Downhill authors"
# The theme's button that prints a page: what stands in it, after its title.
PRINTS = re.compile(
    r'<button onclick="window\.print\(\)"\s+class="(btn[^"]*)"[^>]*>(.*?)</button>',
    re.DOTALL,
)


class BookError(Exception):
    """A book that cannot be printed; the message says why."""


class Printer:
    """A browser whose pages can ask for the files of a site and of the book alone."""

    def __init__(self, browser, folder):
        """Print what is made of the pages in a folder."""
        self.folder, self.written, self.troubles = folder, "", []
        # As wide as a page without its margins: 160 mm.
        self.context = browser.new_context(viewport={"width": 605, "height": 952})
        self.context.set_default_timeout(PATIENCE)
        self.context.route("**/*", self.answer)

    def answer(self, route):
        """Give a file to the browser."""
        address = route.request.url
        path = address.removeprefix(BASE).partition("?")[0]
        if address == BASE:
            route.fulfill(body=self.written, content_type="text/html; charset=utf-8")
            return
        places = [self.folder / path, PRINT / path, SITE / path, FONTS / path]
        file = next((place for place in places if place.is_file()), None)
        if file and address.startswith(BASE):
            route.fulfill(path=file)
        else:
            self.troubles.append(f"asked for {address}")
            route.abort()

    def open(self, path=""):
        """Open a page; without a path, what was last written."""
        page = self.context.new_page()
        page.emulate_media(media="print", color_scheme="light")
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.goto(f"{BASE}{path}")
        return page

    def print(self, written, path):
        """Print a text to a file; give its title.

        Each time in a new page: one that was printed before, Chromium breaks elsewhere.
        """
        self.written = written
        path.parent.mkdir(exist_ok=True)
        with contextlib.closing(self.open()) as page:
            page.evaluate("document.fonts.ready")
            page.pdf(
                path=path,
                prefer_css_page_size=True,
                print_background=True,
                tagged=True,
            )
            return page.title()


def describe(path, title, outline, first=1):
    """Write into a PDF what it is, and of the book's outline what begins in it.

    The outline that Chromium makes has headings twice that it moved to another page.
    """
    pdf = PdfWriter(path, incremental=True)
    pdf.metadata = {"/Title": title, "/Author": AUTHOR, "/Producer": "Chromium"}
    above = []
    for text, level, number, top in outline:
        if 0 <= number - first < len(pdf.pages):
            item = pdf.add_outline_item(
                title=text,
                page_number=number - first,
                parent=above[level - 1] if level else None,
                fit=Fit.xyz(left=0, top=top, zoom=0),
                is_open=False,
            )
            above[level:] = [item]
    pdf.write(path)


@contextlib.contextmanager
def printer(folder):
    """Chromium, ready to print; what it could not get is an error."""
    if not CHROMIUM:
        raise BookError(
            "there is no Chromium. On Debian `apt install chromium`; elsewhere name a "
            "browser, CHROMIUM=/path make pdf"
        )
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with contextlib.closing(browser):
            opened = Printer(browser, folder)
            yield opened
    if opened.troubles:
        raise BookError("\n".join(["what is printed is not whole:", *opened.troubles]))


def places(path):
    """Where the links in a PDF lead to, by name: the page, and the height on it."""
    book = PdfReader(path)
    return {
        name.removeprefix("/"): (book.get_destination_page_number(place) + 1, place.top)
        for name, place in book.named_destinations.items()
    }


def lessons_of(language):
    """What the book says of each lesson: name, number, title, question."""
    return [
        {"name": lesson.name, "number": lesson.number, **edition._asdict()}
        for lesson in build_site.lessons_of(ROOT)
        if (edition := lesson.editions.get(language))
    ]


def words(language):
    """What the book, and the pages that offer it, say in a language."""
    path = PRINT / f"{language}.html"
    if not path.is_file():
        raise BookError(f"there is no site/print/{path.name}")
    found = re.search(r'id="words">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    return json.loads(found[1])


def assembled(printer, lessons, language):
    """A page that has the whole book."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    what = {
        "lessons": lessons,
        "site": project["tool"]["downhill"].get("site", ""),
        "version": project["project"]["version"],
    }
    page = printer.open(f"{language}.html")
    page.add_script_tag(path=PRINT / "book.js")
    page.evaluate("what => assemble(what)", what)
    if found := [*printer.troubles, *page.evaluate("shortcomings()")]:
        raise BookError("\n".join(["the book is not in order:", *found]))
    return page


def print_book(folder, lessons, language):
    """Print the book and each lesson of it, as parts of a site."""
    with printer(folder) as chromium:
        page = assembled(chromium, lessons, language)
        book, found = folder / BOOK, {}
        # The numbers in the text, once they are known, may move what they count.
        for _ in range(6):
            title = chromium.print(page.evaluate("written()"), book)
            before, found = found, places(book)
            numbers = {name: number for name, (number, _) in found.items()}
            if numbers == {name: number for name, (number, _) in before.items()}:
                break
            page.evaluate("pages => fill(pages)", numbers)
        else:
            raise BookError("the page numbers do not settle")
        outline = [
            (text, level, *found[name])
            for text, level, name in page.evaluate("outline()")
        ]
        describe(book, title, outline)
        for lesson in lessons:
            name, part = lesson["name"], folder / f"pdf/{lesson['name']}.pdf"
            text = page.evaluate("all => written(...all)", [name, numbers[name]])
            describe(part, chromium.print(text, part), outline, numbers[name])


def put(path, place, target, link):
    """Put a link to a target into a page, in the place that a pattern finds."""
    text = path.read_text("utf-8")
    if f'href="{target}"' in text:
        return
    text, count = re.subn(place, link, text, count=1)
    if not count:
        raise BookError(f"{path.name} has no place to offer the book")
    path.write_text(text, "utf-8")


def offer(folder, lessons, language):
    """Link the first page to the book, and each lesson to its part.

    On the page of a lesson that takes the place of the button that prints the page.
    """
    says, book = words(language), folder / BOOK
    pages, size = len(PdfReader(book).pages), book.stat().st_size / 1e6
    text = says["offer"].replace("PAGES", f"{pages}").replace("SIZE", f"{size:.0f}")
    put(folder / "index.html", "<!-- book -->", BOOK, f'<p class="book">{text}</p>')
    for lesson in lessons:
        target = f"pdf/{lesson['name']}.pdf"
        link = rf'<a href="{target}" title="{says["button"]}" class="\1">\2</a>'
        put(folder / f"{lesson['name']}.html", PRINTS, target, link)


def main():
    """Print the books of the languages named on the command line, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = build_site.setting(ROOT, "LANGUAGES")
    parser.add_argument("language", nargs="*", help=f"of {', '.join(known)}")
    languages = parser.parse_args().language
    if unknown := set(languages) - set(known):
        parser.error(f"no such language: {', '.join(sorted(unknown))}")
    html = ROOT / "site/_build/html"
    try:
        for language in languages or [x for x in known if lessons_of(x)]:
            main_one = language == build_site.setting(ROOT, "MAIN")
            folder = html if main_one else html / language
            if not (folder / "index.html").is_file():
                raise BookError("there is no site yet: make site")
            lessons = lessons_of(language)
            print_book(folder, lessons, language)
            offer(folder, lessons, language)
            print((folder / BOOK).relative_to(ROOT), flush=True)
        if problems := page_checks.problems(html):
            raise BookError("\n".join(["the pages are not in order:", *problems]))
    except (BookError, build_site.BuildError) as error:
        sys.exit(f"The book is not printed: {error}")
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
