"""A lesson in JupyterLab, as a learner meets it after `make lab`."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time

import pytest

from browser import PATIENCE, expect, visit
from project import ROOT

LESSON = "01_derivatives.ipynb"
SIZE = {"width": 1280, "height": 900}
# The documents that are open, and those of them that are marked unsaved.
TABS = ".lm-DockPanel-tabBar .lm-TabBar-tab"
UNSAVED = f"{TABS}.jp-mod-dirty"
# What would ask another host.
NEWS = "@jupyterlab/apputils-extension:announcements"
pytestmark = pytest.mark.heavy


@contextlib.contextmanager
def started(folder):
    """The address of what `make lab` starts, with a copy of the lessons in a folder."""
    home = {name: str(folder / name) for name in ("config", "data", "runtime")}
    environment = os.environ | {
        **{f"JUPYTER_{name.upper()}_DIR": path for name, path in home.items()},
        "IPYTHONDIR": str(folder / "ipython"),
        "D2L_PROGRESS": str(folder / "progress"),
    }
    command = [sys.executable, "-m", "d2l_utils", "lab", "--folder", folder / "mine"]
    command += ["--no-browser", "--port=0", "--ip=127.0.0.1"]
    command += ["--IdentityProvider.token=it-is-me"]
    # Nor the extensions of what only authors install.
    command += [f"--LabApp.labextensions_path={folder / 'none'}"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        url = None
        until = time.monotonic() + PATIENCE / 1000
        while url is None and server.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
            for known in (folder / "runtime").glob(f"jpserver-{server.pid}.json"):
                # The server makes this file first and fills it a moment later.
                with contextlib.suppress(json.JSONDecodeError):
                    url = json.loads(known.read_text())["url"]
        assert url is not None, (folder / "log").read_text()
        yield url
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE / 1000)
        except subprocess.TimeoutExpired:  # a kernel that starts just now keeps it
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """The address of a JupyterLab with a copy of the lessons in it."""
    with started(tmp_path_factory.mktemp("lab")) as url:
        yield url


def wait_for_kernel(page):
    """Wait until the kernel has said what it is."""
    kernel = page.locator(".jp-Notebook-ExecutionIndicator:visible")
    expect(kernel).to_have_attribute("data-status", "idle")


def test_the_first_lesson_is_open_at_first_and_later_what_was_open(browser, tmp_path):
    with started(tmp_path) as url, visit(browser, url, viewport=SIZE) as page:
        page.goto(f"{url}lab?token=it-is-me")
        expect(page.locator(".jp-Notebook h1")).to_contain_text("00 Start here")
        expect(page.locator(TABS)).to_have_text(["00_start_here.ipynb"])
        wait_for_kernel(page)
        settings = page.locator("#jupyter-config-data").text_content()
        assert NEWS in json.loads(settings)["disabledExtensions"]

        # The names of all lessons can be read in the list of files.
        names = page.locator(".jp-DirListing-itemText")
        expect(names).to_have_count(len([*(ROOT / "chapters/en").glob("[!.]*.ipynb")]))
        cut = "names => names.filter(name => name.scrollWidth > name.clientWidth)"
        assert names.evaluate_all(f"{cut}.map(name => name.innerText)") == []

        page.locator(".jp-DirListing-item", has_text=LESSON).dblclick()
        expect(page.locator(".jp-Notebook h1:visible")).to_contain_text("01 Deriv")
        wait_for_kernel(page)
        expect(page.locator(UNSAVED)).to_have_count(0)
        kept = tmp_path / "mine/.lab/default-37a8.jupyterlab-workspace"
        until = time.monotonic() + PATIENCE / 1000
        while f"notebook:{LESSON}" not in kept.read_text():
            assert time.monotonic() < until
            page.wait_for_timeout(200)

    with started(tmp_path) as url, visit(browser, url, viewport=SIZE) as page:
        page.goto(f"{url}lab?token=it-is-me")
        expect(page.locator(".jp-Notebook h1:visible")).to_contain_text("01 Deriv")
        expect(page.locator(TABS)).to_have_text(["00_start_here.ipynb", LESSON])
        wait_for_kernel(page)
        expect(page.locator(UNSAVED)).to_have_count(0)


def scroll_to(page, found):
    """Bring into view what JupyterLab makes only when it comes near the window."""
    page.locator(".jp-NotebookPanel:visible .jp-WindowedPanel-outer").hover()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Home")
    for _ in range(200):
        if found.count() and found.is_visible():
            found.scroll_into_view_if_needed()
            return found
        page.mouse.wheel(0, 500)
        page.wait_for_timeout(50)
    raise AssertionError(f"not in the notebook: {found}")


def test_a_lesson_runs_answers_and_its_figure_is_live(browser, lab):
    with visit(browser, lab, viewport=SIZE) as page:
        page.goto(f"{lab}lab/tree/{LESSON}?token=it-is-me")
        expect(page.locator(".jp-Notebook:visible h1")).to_contain_text(
            "01 Derivatives"
        )

        # Not yet run, and so not yet trusted: a picture stands in for the figure.
        figure = page.locator(".jp-OutputArea div.figure")
        still = page.get_by_text("A still picture: run this cell")
        scroll_to(page, still)
        assert figure.count() == 0

        page.locator(".lm-MenuBar-item", has_text="Run").click()
        page.locator('[data-command="runmenu:run-all"]').click()
        kernel = page.locator(".jp-Notebook-ExecutionIndicator:visible")
        expect(kernel).to_have_attribute("data-status", "busy")
        expect(kernel).to_have_attribute("data-status", "idle")

        scroll_to(page, figure)
        expect(still).to_be_hidden()
        message = figure.locator(".message")
        expect(message).to_contain_text("h = 1 s")
        slider = figure.get_by_role("slider")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        expect(message).to_contain_text("h = 0.56 s")
        # The address belongs to JupyterLab; a program can be copied.
        expect(figure.get_by_role("button", name="Copy link")).to_have_count(0)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        figure.get_by_role("button", name="Copy as Python").click()
        expect(figure.get_by_role("status")).to_have_text("Copied.")
        program = page.evaluate("navigator.clipboard.readText()")
        assert "t, h = 2.0, 0.56\n" in program
        assert "secant" not in page.url
        plot = figure.locator("svg[role=img]").first.bounding_box()
        page.mouse.click(plot["x"] + 0.8 * plot["width"], plot["y"] + 40)
        expect(message).to_contain_text(re.compile("h = 1[.]"))

        answer = page.locator(".jp-CodeCell", has_text="01.slope_by_rules")
        scroll_to(page, answer)
        expect(answer).to_contain_text("○")
        for slope, sign in [("8", "✗"), ("16", "✓")]:
            answer.locator(".cm-content").click()
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(
                f'slope = {slope}\n\nd2l.check("01.slope_by_rules", slope)'
            )
            page.keyboard.press("Control+Enter")
            expect(answer.locator(".jp-OutputArea")).to_contain_text(sign)
