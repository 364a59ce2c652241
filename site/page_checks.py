"""What must hold for every finished page of the site.

python site/page_checks.py FOLDER
"""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes from which a browser loads something without being asked.
LOADED = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
# Relations of a link that only name a page.
NAMED = {"canonical", "next", "prev", "search", "index", "author", "alternate"}
CSS_LOADS = re.compile(
    r"""(?:url\(\s*["']?|@import\s+["'])\s*((?:https?:)?//[^"')\s]+)""", re.IGNORECASE
)


class Page(HTMLParser):
    """What the checks want to know about one page."""

    def __init__(self, path):
        """Read the page."""
        super().__init__()
        self.ids, self.links, self.loads, self.without_alt = set(), [], [], []
        self.title, self.description, self.language = "", "", ""
        self.relations, self.styles, self.headings = {}, [], 0
        self.inside = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        """Note a tag's ids, links, what it loads, and what it lacks."""
        got = {key: value or "" for key, value in attributes}
        self.ids |= {got[key] for key in ("id", "name") if got.get(key)}
        self.inside = tag
        if "style" in got:
            self.styles.append(got["style"])
        if tag == "html":
            self.language = got.get("lang", "")
        if tag == "h1":
            self.headings += 1
        if tag == "a" and "href" in got:
            self.links.append(got["href"])
            for relation in got.get("class", "").split():
                self.relations.setdefault(relation, got["href"])
        if tag == "meta" and got.get("name") == "description":
            self.description = got.get("content", "")
        if tag == "img" and not got.get("alt", "").strip():
            self.without_alt.append(got.get("src", "")[:60])
        relations = set(got.get("rel", "").split())
        if tag == "link":
            for relation in relations:
                self.relations.setdefault(f"rel={relation}", got.get("href", ""))
        if not (tag == "link" and relations & NAMED):
            self.loads += [
                address.split()[0]
                for key in LOADED.get(tag, ())
                for address in got.get(key, "").split(", ")
                if address.strip()
            ]

    def handle_data(self, data):
        """Keep the title and the style sheets of the page."""
        if self.inside == "title":
            self.title += data
        elif self.inside == "style":
            self.styles.append(data)

    def handle_endtag(self, tag):
        """Leave the title or style."""
        self.inside = ""


def read(folder):
    """The pages of a site by their paths in it."""
    return {
        path.relative_to(folder).as_posix(): Page(path)
        for path in sorted(folder.rglob("*.html"))
        # JupyterLite's pages are not of this project.
        if not {"_static", "lite"} & set(path.relative_to(folder).parts)
    }


def foreign(address):
    """Whether an address leads to another host."""
    return bool(urlsplit(address).netloc)


def link_problems(name, page, pages, folder):
    """Links that lead nowhere."""
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        here = (folder / name).parent
        path = (here / unquote(parts.path)).resolve() if parts.path else folder / name
        if not path.is_file():
            yield f"{name}: broken link {link}"
            continue
        target = pages.get(path.relative_to(folder).as_posix())
        if parts.fragment and target and unquote(parts.fragment) not in target.ids:
            yield f"{name}: no such anchor {link}"


def load_problems(name, page, folder):
    """What a page would load from another host, or cannot load."""
    for address in page.loads:
        if address.startswith("data:"):
            continue
        if foreign(address):
            yield f"{name}: would load {address}"
        elif not ((folder / name).parent / unquote(urlsplit(address).path)).is_file():
            yield f"{name}: cannot load {address}"
    for style in page.styles:
        yield from (f"{name}: would load {found}" for found in CSS_LOADS.findall(style))


def text_problems(name, page):
    """A page without the texts that stand for it."""
    if not page.title.strip():
        yield f"{name}: no title"
    if not page.language:
        yield f"{name}: no language"
    for picture in page.without_alt:
        yield f"{name}: image without alternative text {picture}"
    # Pages that Sphinx makes itself: the search and the index of names.
    if Path(name).name not in ("search.html", "genindex.html", "py-modindex.html"):
        if not 50 <= len(page.description) <= 220:
            yield f"{name}: no description of 50 to 220 characters"
        if page.headings < 1:
            yield f"{name}: no heading"


def problems(folder):
    """All that is wrong with a finished site, one line each."""
    folder = Path(folder).resolve()
    pages = read(folder)
    found = [] if "index.html" in pages else ["there is no index.html"]
    for name, page in pages.items():
        found += link_problems(name, page, pages, folder)
        found += load_problems(name, page, folder)
        found += text_problems(name, page)
    for path in sorted(folder.rglob("*.css")):
        name = path.relative_to(folder).as_posix()
        found += [
            f"{name}: would load {address}"
            for address in CSS_LOADS.findall(path.read_text("utf-8"))
        ]
    return found


def search_words(folder):
    """The words that the search knows, with the names of the pages that have them."""
    text = (Path(folder) / "searchindex.js").read_text("utf-8")
    index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    names, found = index["docnames"], {}
    for kind in ("titleterms", "terms"):
        for word, where in index[kind].items():
            pages = [where] if isinstance(where, int) else where
            found.setdefault(word, set()).update(names[i] for i in pages)
    return found


if __name__ == "__main__":
    found = problems(sys.argv[1])
    sys.exit("\n".join(found) if found else 0)
