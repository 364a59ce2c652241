"""The first page, what announces it, and the workflow that publishes it."""

import re
import struct
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import pytest
import yaml

import announce
import build_site
import front
import lesson_text
import page_checks
from browser import expect, open_page, serving, visit
from project import ROOT
from web import LESSONS, MANIFEST

CHAPTERS = ROOT / "chapters"
WORKFLOWS = ROOT / ".github/workflows"


# --- the finished page


@pytest.fixture(scope="module")
def index(html):
    return page_checks.Page(html / "index.html")


def test_the_first_page_has_two_buttons_and_the_proof(html, index):
    assert "run.html?lesson=00_start_here" in index.links
    assert "#install" in index.links
    assert "status.html#what-is-checked" in index.links
    readme = (ROOT / "README.md").read_text("utf-8")
    proof = re.search(
        r"^- \*\*(.*?)\*\*", readme.partition("## What is checked")[2], re.M
    )
    assert proof[1] in (html / "status.html").read_text("utf-8")


def test_the_figure_is_that_of_the_lesson(html):
    scripts = [
        set(re.findall(r"<script>\n(.*?mount\(place.*?)</script>", page, re.DOTALL))
        for page in (
            (html / f"{name}.html").read_text("utf-8")
            for name in ("index", "08_mnist_classifiers")
        )
    ]
    assert scripts[0] == scripts[1]
    assert len(scripts[0]) == 1


def test_without_an_address_nothing_is_announced(html):
    text = (html / "index.html").read_text("utf-8")
    assert "og:" not in text
    assert "canonical" not in text
    assert not (html / "sitemap.xml").exists()


# What is written in the place of each lesson, if it is there at all.
OVERLAPS = """() => {
  const links = [...document.querySelectorAll(".way a")]
  const boxes = links.map((link) => link.getBoundingClientRect())
  const apart = (a, b) => a.right <= b.left || b.right <= a.left ||
    a.bottom <= b.top || b.bottom <= a.top
  const inside = (box) => box.left >= 0 && box.right <= innerWidth
  return links.filter((link, i) => {
    return !inside(boxes[i]) || boxes.some((box, j) => j < i && !apart(box, boxes[i]))
  }).map((link) => link.textContent)
}"""

CROWD = """() => {
  for (const stop of document.querySelectorAll(".way ol li")) {
    stop.style = "min-height: 0; height: 2rem"
  }
}"""


def test_the_way_is_there_in_every_width_and_without_javascript(browser, html):
    with serving(html) as base, visit(browser, base, java_script_enabled=False) as page:
        open_page(page, f"{base}index.html")
        expect(page.locator(".way a")).to_have_count(len(LESSONS))
        expect(page.get_by_role("img", name="A field to draw in")).to_be_visible()
        expect(page.get_by_text("A still picture: with JavaScript")).to_be_visible()
        for width in (1280, 1000, 760, 600, 340):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(OVERLAPS) == [], width
        page.evaluate(CROWD)
        assert page.evaluate(OVERLAPS)


# --- what it is made from


def test_the_way_is_a_walk_down_the_valley_of_the_cover():
    made = front.way("", CHAPTERS, "en")
    across = [float(place) for place in re.findall(r"--across: (\S+);", made)]
    # Across the valley of curvature 4, each step leaves 1 - 4 times the rate.
    walked = [-2 * (1 - 4 * front.RATE) ** n for n in range(len(across))]
    assert across == pytest.approx(walked, abs=1e-3)
    assert len(across) == sum(not lesson.extra for lesson in MANIFEST)
    assert made.count("</a></li>") == len(MANIFEST)


@pytest.fixture
def lessons(tmp_path):
    def cell(tags, *outputs):
        cell = nbformat.v4.new_code_cell("1", outputs=[*outputs])
        cell.metadata.tags = tags
        return cell

    printed = nbformat.v4.new_output("stream", text="x1 = -0.25, 1e-3 and 1,000 of 3")
    value = nbformat.v4.new_output("execute_result", data={"text/plain": "array([6.])"})
    shown = {"text/html": "<img>", "text/plain": "a figure with 7 lines"}
    figure = nbformat.v4.new_output("display_data", data=shown)
    cells = [
        cell([], printed, value, figure),
        cell(["mnist"], printed),
        cell(["nbval-ignore-output"], printed),
        cell(["save"]),
    ]
    (tmp_path / "en").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "en/01_a.ipynb")
    return tmp_path


def test_only_what_is_compared_everywhere_is_counted(lessons):
    assert front.compared(lessons / "en") == {"cells": 2, "numbers": 5}


def test_what_cannot_be_counted_is_named():
    with pytest.raises(
        lesson_text.TextError, match=r"^a\.md cannot count 'sheep'; known"
    ):
        front.fill("<!-- count: sheep -->", "a.md", CHAPTERS, "en")


def test_another_language_runs_its_own_lesson():
    made = front.buttons("运行第 00 课 | 安装", CHAPTERS, "zh")
    assert '"../run.html?lesson=00_start_here&amp;language=zh">运行第 00 课<' in made
    assert 'href="#install">安装<' in made


def test_a_readme_without_proof_is_refused(tmp_path):
    (tmp_path / "README.md").write_text("# Downhill\n\n## Start\n", "utf-8")
    with pytest.raises(build_site.BuildError, match="no section 'What is checked'"):
        build_site.checks(tmp_path, "en")


# --- what announces it

SITE = "https://NAME.github.io/downhill"


def test_a_preview_says_what_a_page_says():
    tags = announce.preview(f"{SITE}/a.html", "a", "A & B", 'He said "c".', SITE)
    assert '<meta property="og:title" content="A &amp; B" />' in tags
    assert 'content="He said &quot;c&quot;."' in tags
    assert f'content="{SITE}/social.png"' in tags


def test_the_picture_of_previews_is_small_and_has_its_size():
    content = (ROOT / "site/social.png").read_bytes()
    assert struct.unpack(">II", content[16:24]) == announce.SIZE
    assert len(content) < 100_000


def test_the_site_map_has_the_pages_that_give_an_address(tmp_path):
    for name in ("index", "search", "zh/index"):
        page = tmp_path / f"{name}.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f'<link rel="canonical" href="{SITE}/{name}" />', "utf-8")
    (tmp_path / "run.html").write_text("<title>run</title>", "utf-8")
    places = ElementTree.fromstring(announce.site_map(tmp_path)).iterfind(".//{*}loc")
    assert [place.text for place in places] == [f"{SITE}/index", f"{SITE}/zh/index"]


# --- the workflow that publishes


def workflow(name):
    """A workflow; YAML takes the key `on` for a truth."""
    text = (WORKFLOWS / f"{name}.yml").read_text("utf-8")
    return yaml.safe_load(text.replace("\non:", "\n'on':"))


def steps(flow):
    return [step for job in flow["jobs"].values() for step in job["steps"]]


def test_the_workflow_publishes_what_has_passed_the_checks():
    flow = workflow("publish")
    started = flow["on"]["workflow_run"]
    assert started["workflows"] == [workflow("ci")["name"]]
    assert started["branches"] == ["main"]
    jobs = flow["jobs"]
    first = jobs["address"]["if"]
    assert "workflow_run.conclusion == 'success'" in first
    assert "workflow_run.event == 'push'" in first
    assert jobs["build"]["if"] == "needs.address.outputs.site"
    needs = {name: job.get("needs") for name, job in jobs.items()}
    assert needs == {"address": None, "build": "address", "deploy": "build"}
    # Only the last job may write, and only what is published.
    assert flow["permissions"] == {"contents": "read"}
    writing = {
        name: job["permissions"] for name, job in jobs.items() if "permissions" in job
    }
    assert writing == {"deploy": {"pages": "write", "id-token": "write"}}


def test_the_workflow_uses_what_there_is():
    found = steps(workflow("publish"))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for step in found:
        if "run" in step and step["run"].startswith("make "):
            assert re.search(rf"^{step['run'][5:]}:", makefile, re.MULTILINE), step
    used = [step["uses"] for step in found if "uses" in step]
    assert [use for use in used if not re.fullmatch(r"actions/[\w-]+@v\d+", use)] == []
    # Both workflows are on the same versions.
    versions = dict(use.split("@") for use in used)
    for name, version in versions.items():
        others = [x["uses"] for x in steps(workflow("ci")) if name in x.get("uses", "")]
        assert {*others} <= {f"{name}@{version}"}
    checked_out = [step for step in found if "checkout" in step.get("uses", "")]
    assert {step["with"]["ref"] for step in checked_out} == {
        "${{ github.event.workflow_run.head_sha }}"
    }


@pytest.mark.parametrize("site", ["", f"{SITE}/"])
def test_the_workflow_learns_the_address(tmp_path, site):
    (tmp_path / "site").mkdir()
    copy = tmp_path / "site/announce.py"
    copy.write_bytes((ROOT / "site/announce.py").read_bytes())
    (tmp_path / "pyproject.toml").write_text(f'[tool.downhill]\nsite = "{site}"\n')
    said = subprocess.run(
        [sys.executable, copy], capture_output=True, check=True, text=True
    )
    assert said.stdout == f"site={site.rstrip('/')}\n"
    (step,) = (step for step in steps(workflow("publish")) if step.get("id") == "read")
    assert step["run"] == 'python site/announce.py >> "$GITHUB_OUTPUT"'
