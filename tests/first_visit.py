"""What a first visit of a page asks for, what it weighs, and how calmly it comes.

python tests/first_visit.py FOLDER PAGE ...
"""

import gzip
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from browser import launched, serving, visit

# What the browser notes from the first moment on: each shift of what was drawn.
WATCH = """
window.shifts = []
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    const moved = shift.sources.map(({ node }) => node?.outerHTML ?? node?.data)
    if (!shift.hadRecentInput) shifts.push([shift.value, String(moved[0]).slice(0, 90)])
  }
}).observe({ type: "layout-shift", buffered: true })
"""
PAINT = """performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""


def packed(content):
    """The bytes of a response as a host sends them, packed by gzip where that helps."""
    return min(len(content), len(gzip.compress(content, 6, mtime=0)))


SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
    scrollTo({ top: y, behavior: "instant" })
    await new Promise((done) => setTimeout(done, 50))
  }
}"""


def first_visit(browser, base, name, **options):
    """What happens when a page is opened, and then read from top to bottom.

    Gives the files that it asks for at first, those that it asks for all in all, the
    time of its first paint in seconds, and its shifts: how much, and what moved.
    """
    asked = []
    with visit(browser, base, **options) as page:
        page.add_init_script(WATCH)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{base}{name}.html")
        page.evaluate("window.MathJax?.startup?.promise")
        page.wait_for_load_state("networkidle")
        paint = page.evaluate(PAINT)
        at_first = len(asked)
        page.evaluate(SCROLL)
        page.wait_for_load_state("networkidle")
        shifts = page.evaluate("shifts")
    files = [
        unquote(urlsplit(url).path).lstrip("/") for url in asked if url.startswith(base)
    ]
    return files[:at_first], files, paint / 1000, shifts


def weight(folder, files):
    """The bytes of files as they are, and packed."""
    contents = [(Path(folder) / file).read_bytes() for file in files]
    return sum(map(len, contents)), sum(map(packed, contents))


def main(folder, *names):
    """Print what first visits weigh."""
    window = {"width": 1280, "height": 900}
    with launched() as browser, serving(folder) as base:
        for name in names:
            visited = first_visit(browser, base, name, viewport=window)
            at_first, files, paint, shifts = visited
            for file in at_first:
                print("{:11,} {:9,}  {}".format(*weight(folder, [file]), file))
            for kind in sorted({Path(file).suffix for file in at_first}):
                of_kind = [file for file in at_first if Path(file).suffix == kind]
                print("{:11,} {:9,}  all {}".format(*weight(folder, of_kind), kind))
            print("{:11,} {:9,}  {}".format(*weight(folder, at_first), name))
            print("{:11,} {:9,}  read to its end".format(*weight(folder, files)))
            print(f"{len(at_first)} requests, first paint after {paint:.2f} s")
            print(f"shifts: {sum(shift for shift, _ in shifts):.4f}", *shifts, "")


if __name__ == "__main__":
    main(*sys.argv[1:])
