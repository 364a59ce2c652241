"""A real browser: Chromium, driven by Playwright; and what to look for in a page."""

import contextlib
import functools
import http.server
import threading

import pytest

import build_site
from chromium import ARGUMENTS, CHROMIUM

try:
    from playwright.sync_api import expect, sync_playwright
except ModuleNotFoundError:  # Learners do without it: the tests are skipped.
    expect = sync_playwright = None

# How long to wait for what a page shall show, in milliseconds: long, as other programs
# may want the machine, too.
PATIENCE = 60_000
# No other host has a name.
ALONE = [*ARGUMENTS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


@contextlib.contextmanager
def launched():
    """A browser; the test is skipped where there is none."""
    if not sync_playwright:
        pytest.skip(
            "Playwright is not installed: no page was opened; `make site` installs it"
        )
    if not CHROMIUM:
        pytest.skip(
            "there is no Chromium: no page was opened in a browser. On Debian `apt "
            "install chromium`; elsewhere name a browser, CHROMIUM=/path make test"
        )
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as started:
        chromium = started.chromium
        with chromium.launch(executable_path=CHROMIUM, args=ALONE) as browser:
            yield browser


class Files(build_site.Files):
    def log_message(self, *_):
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Say nothing: the browser may leave a page before all of it is there."""


@contextlib.contextmanager
def serving(folder):
    """The address where the files of a folder are served to this computer alone."""
    handler = functools.partial(Files, directory=str(folder))
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@contextlib.contextmanager
def visit(browser, base, **options):
    """A new page that may ask base alone; what it says of trouble is an error.

    Options are those of a browser context: viewport, color_scheme and so on.
    """
    troubles = []

    def asked(request):
        if not request.url.startswith((base, "data:", "blob:")):
            troubles.append(f"asked {request.url}")

    def hear(message):
        if message.type in ("error", "warning"):
            troubles.append(f"console: {message.text}")

    def answered(response):
        if response.status >= 400:
            troubles.append(f"{response.status}: {response.url}")

    with contextlib.closing(browser.new_context(**options)) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", asked)
        page.on("console", hear)
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("response", answered)
        yield page
    if troubles:
        raise AssertionError("\n".join(troubles))


# Pictures far below wait until they are needed.
ALL_PICTURES = """() => Promise.all([...document.images].map((picture) => {
  picture.loading = "eager"
  return picture.decode().catch(() => {})
}))"""


def open_page(page, address):
    """Open a page and wait until all of it, formulas and pictures too, is there."""
    page.goto(address)
    page.evaluate(ALL_PICTURES)
    page.evaluate("window.MathJax?.startup?.promise")
    page.evaluate("document.fonts.ready")


SHORTCOMINGS = """() => {
  const found = []
  const note = (what, elements) => {
    for (const el of elements) found.push(`${what}: ${el.outerHTML.slice(0, 120)}`)
  }
  const all = (selector) => [...document.querySelectorAll(selector)]
  const squeezed = (el) => {
    const style = getComputedStyle(el)
    const inside = (size, ...sides) =>
      sides.reduce((left, side) => left - parseFloat(style[`padding${side}`]), size)
    const wide = inside(el.clientWidth, "Left", "Right")
    const shape = wide / inside(el.clientHeight, "Top", "Bottom")
    return wide > 0 && style.objectFit === "fill"
      && Math.abs(shape * el.naturalHeight / el.naturalWidth - 1) > 0.05
  }
  note("formula not drawn", all(".math").filter((el) => !el.querySelector("mjx-math")))
  note("formula with an error", all("mjx-merror"))
  note("picture not there", all("img").filter((el) => !el.naturalWidth))
  note("picture out of shape", all("img").filter(squeezed))
  if (document.documentElement.scrollWidth > innerWidth) {
    const out = (el) => el.getBoundingClientRect().right > innerWidth + 1
    note("sticks out of the window", all("body *").filter(out).slice(0, 5))
  }
  return found
}"""


def shortcomings(page):
    """What can be seen not to be right at the page's present size."""
    return page.evaluate(SHORTCOMINGS)


# Text of one kind has one color: each kind is marked once, inside the figures, too.
MARK_KINDS = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const seen = new Set()
  const looks = ["class", "style", "aria-disabled", "aria-pressed", "aria-current"]
  const named = (el) => [el.tagName, ...looks.map((name) => el.getAttribute(name))]
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim()
  const mark = (root) => {
    for (const el of root.querySelectorAll("*:not(mjx-container *)")) {
      if (el.shadowRoot) mark(el.shadowRoot)
      if (![...el.childNodes].some(isText) || !el.checkVisibility()) continue
      const path = []
      for (let above = el; above; above = above.parentElement) path.push(named(above))
      const kind = path.join()
      if (!seen.has(kind)) el.dataset.kind = ""
      seen.add(kind)
    }
  }
  mark(document.body)
  // A page is mostly the letters of its code and formulas: one of each kind will do.
  for (const el of all("div.highlight span:not([data-kind], :has([data-kind]))")) {
    el.replaceWith(el.textContent)
  }
  for (const el of all("mjx-container").slice(5)) el.replaceChildren()
}"""
# To look at the contrast of every word would take the longest.
CONTRAST_OF_KINDS = """
axe.configure({ rules: [{ id: "color-contrast", selector: "[data-kind]" }] })"""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# It would look for imported style sheets in the wrong folder.
RUN = """(only) => axe.run({
  runOnly: only, preload: false, resultTypes: ["violations"],
})"""


def prepare_for_axe(page):
    """Bring axe into a page, and spoil it: most of its code and formulas go."""
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate(MARK_KINDS)
    page.evaluate(AXE_SCRIPT + CONTRAST_OF_KINDS)


def barriers(page, only=LEVELS):
    """Where a page breaks the levels A and AA of WCAG, as far as a program can tell."""
    return [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in page.evaluate(RUN, only)["violations"]
        for node in rule["nodes"]
    ]
