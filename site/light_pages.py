"""Make the finished pages light: conf.py calls lighten() when they are written.

Sphinx's theme sends every page a whole set of icons, the search, and scripts that hold
up the first paint. Here the icons in use remain, pictures move out of the pages, into
files that are loaded when they come into view, and what no page asks for is deleted.
weight.py says whether it worked.
"""

import base64
import hashlib
import html
import io
import re
import struct
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fontTools import subset
from fontTools.ttLib import TTFont

import page_checks

SITE = Path(__file__).resolve().parent
STYLE = "_static/styles/pydata-sphinx-theme.css"

# The parts of MathJax that draw formulas and give screen readers MathML, in the order
# in which they run. Its own whole, tex-chtml.js, is larger by half: it has a menu.
PARTS = [
    *("startup", "core", "input/tex", "output/chtml", "output/chtml/fonts/tex"),
    "a11y/assistive-mml",
]
FORMULAS = "_static/mathjax/formulas.js"
NOTICE = "/* MathJax, Apache License 2.0, https://www.mathjax.org */\n"
# Parts that it asks for by itself: fonts, and commands where a formula has them.
BY_SCRIPT = ["output/chtml/fonts/woff-v2/*.woff", "input/tex/extensions/*.js"]

# A rule of the theme that says which character of a font an icon is.
ICON = re.compile(r'((?:\.fa-[\w-]+,?)+)\{--fa:"[^"]*"\}')
FONT_FACE = re.compile(
    r"@font-face\{[^}]*url\(\.\./(vendor/fontawesome/webfonts/[\w-]+\.woff2)\)\}"
)
CHARACTER = re.compile(r"\\([ef][0-9a-f]{3})(?![0-9a-f])|([\ue000-\uf8ff])")
# Light or dark is settled before the first paint, not by a script that comes later.
COLORS = (
    'dataset.theme = localStorage.getItem("theme") || "auto"',
    'dataset.theme = { light: "light", dark: "dark" }[localStorage.getItem("mode")]'
    ' || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")',
)
CLASSES = re.compile(r'class="([^"]*)"')
SCRIPT = re.compile(r'<script([^>]*) src="([^"?]*)([^"]*)"></script>\n?')
PICTURE = re.compile(
    r'<img [^>]*src="(?:data:image/png;base64,([^"]*)|(_images/[^"]*\.png))"[^>]*>'
)
CSS_ASKS = re.compile(r"""(?:url\(|@import )\s*["']?([^"')]+)""")


def lighten(folder, mathjax, words):
    """Make the pages in a folder light.

    mathjax is the folder of MathJax; words are what the switch for code says.
    """
    texts = {path: path.read_text("utf-8") for path in sorted(folder.glob("*.html"))}
    # A page of another make is left as it is.
    pages = {path: text for path, text in texts.items() if STYLE in text}
    keep_icons(folder, pages.values())
    join_styles(folder)
    join_mathjax(folder, mathjax)
    version = hashlib.sha256((folder / STYLE).read_bytes()).hexdigest()[:8]
    for path, text in pages.items():
        text = re.sub(rf"{re.escape(STYLE)}\?[^\"]*", f"{STYLE}?v={version}", text)
        text = with_needed_scripts(text, path.name == "search.html")
        text = text.replace(*COLORS)
        text = with_switch(text, words)
        path.write_text(with_pictures_apart(text, folder), "utf-8")
    remove_unused(folder)


# --- icons


def classes(pages):
    """The classes in the text of pages."""
    return {
        name for text in pages for got in CLASSES.findall(text) for name in got.split()
    }


def characters(style):
    """The characters of icon fonts that a style sheet names."""
    found = CHARACTER.findall(style)
    return {int(code, 16) if code else ord(char) for code, char in found}


def keep_icons(folder, pages):
    """Leave of the theme's icons those in use: in its style sheet, and as fonts in it.

    The theme has them twice, as fonts and as a script that draws each; with the fonts,
    icons are there at the first paint, and without JavaScript.
    """
    used = classes(pages)
    for script in folder.glob("_static/**/*.js"):
        if script.name != "fontawesome.js" and "mathjax" not in script.parts:
            used |= set(re.findall(r"fa-[\w-]+", script.read_text("utf-8")))

    def if_used(rule):
        names = rule[1].replace(".", "").split(",")
        return rule[0] if used.intersection(names) else ""

    path = folder / STYLE
    style = ICON.sub(if_used, path.read_text("utf-8"))
    wanted = characters(style)

    def inside(face):
        font = part_of_font(path.parent.parent / face[1], wanted)
        if not font:
            return ""
        data = base64.b64encode(font).decode()
        return face[0].replace(f"../{face[1]}", f"data:font/woff2;base64,{data}")

    path.write_text(FONT_FACE.sub(inside, style), "utf-8")


def part_of_font(path, wanted):
    """A font with no other characters than the wanted ones; nothing if it has none."""
    font = TTFont(path)
    if not wanted & font.getBestCmap().keys():
        return b""
    options = subset.Options(
        flavor="woff2", layout_features=[], hinting=False, notdef_outline=True
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    content = io.BytesIO()
    subset.save_font(font, content, options)
    return content.getvalue()


# --- styles and scripts


def join_styles(folder):
    """Put a style sheet in the place of its import, which a browser sees late."""
    path = folder / "_static/styles/theme.css"
    basic = (folder / "_static/basic.css").read_text("utf-8")
    style = path.read_text("utf-8").replace('@import "../basic.css";', basic)
    path.write_text(style, "utf-8")


def join_mathjax(folder, source):
    """Make one script of the parts of MathJax that are needed."""
    parts = [(source / f"{name}.js").read_text("utf-8") for name in PARTS]
    loaded = ", ".join(f'"{name}"' for name in PARTS)
    text = "\n".join([NOTICE, *parts, f"MathJax.loader.preLoad({loaded})\n"])
    target = folder / FORMULAS
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    files = {file for pattern in BY_SCRIPT for file in source.glob(pattern)}
    # This one has all of the others.
    for file in files - {source / "input/tex/extensions/all-packages.js"}:
        copy = target.parent / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())


def with_needed_scripts(text, searches):
    """A page without the scripts that it does not need; the others wait for its text.

    The theme loads the search into every page, for a field that finds while one types;
    here it is off, and a page of its own searches.
    """
    needless = {"fontawesome.js"}
    if not searches:
        needless |= {"searchtools.js", "language_data.js", "searchindex.js"}
    if "<pre>" not in text:
        needless |= {"clipboard.min.js", "copybutton.js"}

    def mended(script):
        attributes, path, version = script.groups()
        if Path(path).name in needless:
            return ""
        if not re.search(r"\b(defer|async|type)\b", attributes):
            attributes += " defer"
        return f'<script{attributes} src="{path}{version}"></script>\n'

    # Only a choice of versions and that field would read these.
    text = re.sub(r"<script>DOCUMENTATION_OPTIONS\.\w+ = [^<]*</script>\n?", "", text)
    return SCRIPT.sub(mended, text)


# --- what a page shows


def with_switch(text, words):
    """A page that has folded code with a switch that opens all of it."""
    if 'class="admonition hide above-input"' not in text:
        return text
    button = (
        '\n<button type="button" class="code-switch pst-js-only" aria-pressed="false">'
        f"{html.escape(words)}</button>"
    )
    script = f"<script>\n{(SITE / 'code_switch.js').read_text('utf-8')}</script>\n"
    head, article, text = text.partition("<article")
    # What runs the lesson comes first.
    title = r'</h1>(\s*<p class="run-here">.*?</p>)?'
    text = re.sub(title, rf"\g<0>{button}", text, count=1, flags=re.DOTALL)
    text = text.replace("</article>", f"{script}</article>", 1)
    return head + article + text


def with_pictures_apart(text, folder):
    """A page whose pictures are files with a size; all but the first may wait."""
    first = True

    def apart(picture):
        nonlocal first
        tag, data, path = picture[0], picture[1], picture[2]
        if data:
            content = base64.b64decode(data)
            path = f"_images/{hashlib.sha256(content).hexdigest()[:16]}.png"
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(content)
            tag = tag.replace(f"data:image/png;base64,{data}", path)
        else:
            content = (folder / unquote(path)).read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        shown = re.search(r' width="(\d+)"', tag)
        if shown:
            height = round(int(shown[1]) * height / width)
            size = f'height="{height}"'
        else:
            size = f'width="{width}" height="{height}"'
        if " height=" not in tag:
            tag = tag.replace("<img ", f"<img {size} ", 1)
        if not first and " loading=" not in tag:
            tag = tag.replace("<img ", '<img loading="lazy" ', 1)
        first = False
        return tag

    return PICTURE.sub(apart, text)


# --- what remains


def asked(page):
    """The files that a page and its style sheets ask for."""
    found = {local(page, address) for address in page_checks.Page(page).loads}
    for path in [path for path in found if path and path.suffix == ".css"]:
        if path.is_file():
            style = path.read_text("utf-8")
            found |= {local(path, address) for address in CSS_ASKS.findall(style)}
    return found - {None}


def local(page, address):
    """The file that a page means by an address; nothing if it is no file here."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path:
        return None
    return (page.parent / unquote(parts.path)).resolve()


def remove_unused(folder):
    """Delete what Sphinx and its extensions brought along and no page asks for."""
    static = folder / "_static"
    ours = SITE / "static"
    own = {(static / file.relative_to(ours)).resolve() for file in ours.rglob("*")}
    kept = own.union(*map(asked, folder.glob("*.html")))
    kept |= {path.resolve() for path in (folder / FORMULAS).parent.rglob("*")}
    # A license stays with its script.
    kept |= {path.with_name(f"{path.name}.LICENSE.txt") for path in kept}
    paths = sorted(static.rglob("*"), reverse=True)
    for path in paths:
        if path.is_file() and path.resolve() not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
