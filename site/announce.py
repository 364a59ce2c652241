"""How the site is announced: previews of links, canonical addresses, a site map.

All of that needs the public address of the site, [tool.downhill] in pyproject.toml;
while there is none, the pages say nothing of it. conf.py loads this as an extension.

    python site/announce.py     prints the address, for the workflow that publishes
"""

import html
import re
import shutil
import tomllib
from pathlib import Path

# Drawn by social.py; the size that most places show.
PICTURE, SIZE = "social.png", (1200, 630)
# Pages that nobody looks for.
UNLISTED = {"search.html", "genindex.html"}
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]*)"')


def address(project):
    """The public address of the site, without a slash at its end."""
    settings = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    return settings["tool"]["downhill"]["site"].rstrip("/")


def preview(url, pagename, title, description, site):
    """The tags that a preview of a page is made from (Open Graph, Twitter)."""
    kind = "website" if pagename == "index" else "article"
    width, height = SIZE
    open_graph = {
        "site_name": "Downhill",
        "type": kind,
        "title": title,
        "description": description,
        "url": url,
        "image": f"{site}/{PICTURE}",
        "image:width": width,
        "image:height": height,
        "image:alt": "A walk that zigzags down into a valley, seen from above",
    }
    tags = [
        f'<meta property="og:{name}" content="{html.escape(str(value))}" />'
        for name, value in open_graph.items()
    ]
    return "\n".join(
        [*tags, '<meta name="twitter:card" content="summary_large_image" />']
    )


def announce(app, pagename, templatename, context, doctree):
    """Add the preview to a page that has a description."""
    site = app.config.announce_site
    described = re.search(
        'name="description" content="([^"]*)"', context.get("metatags", "")
    )
    if site and pagename == "index":
        context["pageurl"] = context["pageurl"].removesuffix("index.html")
    if site and described:
        title = re.sub("<[^>]*>", "", context["title"])
        words = html.unescape(title), html.unescape(described[1])
        tags = preview(context["pageurl"], pagename, *words, site)
        context["metatags"] += f"\n{tags}"


def open_the_door(app, pagename, templatename, context, doctree):
    """Give the first page its own template and style."""
    if pagename != "index" or not doctree:
        return None
    app.add_css_file("home.css")
    # It has no list of its own headings.
    context["meta"] = {**context["meta"], "html_theme.sidebar_secondary.remove": True}
    return "home.html"


def publish(project, folder):
    """Put what is only there with an address into a finished site."""
    if address(project):
        shutil.copyfile(project / "site" / PICTURE, folder / PICTURE)
        (folder / "sitemap.xml").write_text(site_map(folder), "utf-8")


def site_map(folder):
    """The map of a finished site, from the addresses that its pages give themselves."""
    found = (
        CANONICAL.search(page.read_text("utf-8"))
        for page in sorted(folder.rglob("*.html"))
        if page.name not in UNLISTED
    )
    entries = [f"<url><loc>{address[1]}</loc></url>" for address in found if address]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *entries,
            "</urlset>\n",
        ]
    )


def setup(app):
    """Connect the functions above to the build."""
    app.add_config_value("announce_site", "", "html")
    # After the page has got its description.
    app.connect("html-page-context", announce, priority=900)
    app.connect("html-page-context", open_the_door, priority=901)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    print(f"site={address(Path(__file__).resolve().parents[1])}")
