"""A lesson in JupyterLab, as a learner meets it after `make lab`."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from browser import PATIENCE, expect, visit
from project import ROOT

LESSON = "01_derivatives.ipynb"
pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """The address of a JupyterLab with a lesson in it, and its token."""
    folder = tmp_path_factory.mktemp("lab")
    home = {name: str(folder / name) for name in ("config", "data", "runtime")}
    (folder / "lessons").mkdir()
    shutil.copy(ROOT / "chapters/en" / LESSON, folder / "lessons")
    environment = os.environ | {
        **{f"JUPYTER_{name.upper()}_DIR": path for name, path in home.items()},
        "IPYTHONDIR": str(folder / "ipython"),
        "D2L_PROGRESS": str(folder / "progress"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0"]
    command += ["--allow-root", "--ip=127.0.0.1", "--IdentityProvider.token=it-is-me"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder / "lessons", env=environment, stdout=log, stderr=log
        )
    try:
        url = None
        until = time.monotonic() + PATIENCE / 1000
        while url is None and server.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
            for known in (folder / "runtime").glob("jpserver-*.json"):
                # The server makes this file first and fills it a moment later.
                with contextlib.suppress(json.JSONDecodeError):
                    url = json.loads(known.read_text())["url"]
        assert url is not None, (folder / "log").read_text()
        yield url
    finally:
        server.terminate()
        server.wait()


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
    size = {"width": 1280, "height": 900}
    with visit(browser, lab, viewport=size) as page:
        page.goto(f"{lab}lab/tree/{LESSON}?token=it-is-me")
        expect(page.locator(".jp-Notebook h1")).to_contain_text("01 Derivatives")

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
