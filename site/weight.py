"""What must hold for every finished page, so that a first visit is short.

python site/weight.py FOLDER
"""

import base64
import gzip
import io
import re
import sys
from pathlib import Path

from fontTools.ttLib import TTFont

import light_pages

# The most bytes, packed, of a page with all that it shows; of its own text, unpacked.
HOME, PAGE, TEXT = 500_000, 1_200_000, 300_000

# The fonts that nearly every formula has.
FONTS = "output/chtml/fonts/woff-v2/MathJax_{}.woff"
USUAL_FONTS = [FONTS.format(name) for name in ("Main-Regular", "Math-Italic", "Zero")]

KINDS_OF_ICONS = {"fa-solid", "fa-regular", "fa-brands", "fas", "far", "fab"}
ICON = re.compile(r'((?:\.fa-[\w-]+,?)+)\{--fa:"([^"]*)"\}')
FONT = re.compile(r"url\(data:font/woff2;base64,([^)]*)\)")
SIZE = {"width", "height"}
TAG = re.compile(r"<(img|script)\b([^>]*)>")


def packed(content):
    """The bytes of a response as a host sends them: by gzip, where that helps."""
    return min(len(content), len(gzip.compress(content, 6, mtime=0)))


def drawn_icons(folder):
    """The classes of the icons that the site can draw."""
    style = (folder / light_pages.STYLE).read_text("utf-8")
    has = set()
    for data in FONT.findall(style):
        has |= TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap().keys()
    return {
        name
        for names, character in ICON.findall(style)
        if light_pages.characters(character) <= has
        for name in names.replace(".", "").split(",")
    }


def page_problems(page, drawn):
    """What makes one page heavy, or lets it jump."""
    text = page.read_text("utf-8")
    if len(text.encode()) > TEXT:
        yield f"its text has {len(text.encode()):,} bytes, more than {TEXT:,}"
    for names in light_pages.CLASSES.findall(text):
        got = set(names.split())
        if got & KINDS_OF_ICONS and not got & drawn:
            yield f"nothing draws the icon {names}"
    formulas = 'class="math ' in text
    if formulas != (light_pages.FORMULAS in text):
        yield "formulas without MathJax" if formulas else "MathJax without a formula"
    for tag, attributes in TAG.findall(text):
        about = attributes[:60].strip()
        sized = SIZE.issubset(re.findall(r"(\w+)=", attributes))
        # The theme's own, signs in a menu, have a size by its style.
        if tag == "img" and not sized and "_static/images/" not in attributes:
            yield f"a picture without a size: {about}"
        if tag == "script" and "fontawesome" in attributes:
            yield "the whole set of icons"
        waits = re.search(r"\b(defer|async|module)\b", attributes)
        if tag == "script" and " src=" in attributes and not waits:
            yield f"a script holds it up: {about}"
    if light_pages.STYLE in text and light_pages.COLORS[1] not in text:
        yield "light or dark is settled after the first paint"


def visit_problems(page, sizes):
    """A visit that takes too long; sizes has the packed bytes of files known so far."""
    files = {page, *light_pages.asked(page)}
    if (formulas := page.parent / light_pages.FORMULAS) in files:
        files |= {formulas.parent / font for font in USUAL_FONTS}
    for file in files - sizes.keys():
        sizes[file] = packed(file.read_bytes()) if file.is_file() else 0
        if not sizes[file]:
            yield f"{file.name} is not there"
    limit = HOME if page.name == "index.html" else PAGE
    if (size := sum(sizes[file] for file in files)) > limit:
        yield f"a visit takes {size:,} bytes, more than {limit:,}"


def problems(folder):
    """All that is too heavy in a finished site, one line each."""
    folder = Path(folder).resolve()
    found, sizes = [], {}
    for style in sorted(folder.rglob(light_pages.STYLE)):
        edition = style.parents[2]
        drawn = drawn_icons(edition)
        for page in sorted(edition.glob("*.html")):
            complaints = [*page_problems(page, drawn), *visit_problems(page, sizes)]
            found += [f"{page.relative_to(folder)}: {each}" for each in complaints]
    return found


if __name__ == "__main__":
    found = problems(sys.argv[1])
    sys.exit("\n".join(found) if found else 0)
