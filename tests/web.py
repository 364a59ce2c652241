"""Copies of the site, and the output of its build."""

import os
import shutil
import subprocess
import sys

from filelock import FileLock

import build_lite
import lesson_list
from project import NOTEBOOKS, ROOT

MANIFEST = lesson_list.read()
# The lessons of each edition.
EDITIONS = {
    language: names
    for language in lesson_list.LABELS
    if (names := [x.name for x in MANIFEST if language in x.editions])
}
LESSONS = EDITIONS["en"]
PAGES = [
    *("index", "notation", "glossary", "python", "api", "train", "troubleshooting"),
    *("teachers", "status", "errata", "changes"),
]


def build(project):
    """Build the site of a project; give the output if that failed."""
    done = subprocess.run(
        [sys.executable, project / "site/build_site.py"],
        cwd=project.parent,
        env=os.environ | {"PYTHONPATH": str(project), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout if done.returncode else ""


def copy_site(folder):
    """A project that has the site and what its pages are made from, but no lesson."""
    project = folder / "copy"
    ignore = shutil.ignore_patterns("_build", "__pycache__")
    for path in ("site", "d2l_utils"):
        shutil.copytree(ROOT / path, project / path, ignore=ignore)
    for name in ("README.md", "CHANGELOG.md", "pyproject.toml", "requirements.txt"):
        shutil.copyfile(ROOT / name, project / name)
    for path in ("teaching", "chapters/en", "tests"):
        (project / path).mkdir(parents=True)
    # The proof that the README links to.
    for name in ("CONTRIBUTING.md", "tests/test_tags.py"):
        shutil.copyfile(ROOT / name, project / name)
    modules = ("explained.py", "lengths.py", "lesson_list.py", "lesson_text.py")
    for name in (*modules, "lessons.toml"):
        shutil.copyfile(ROOT / "chapters" / name, project / "chapters" / name)
    return project


def build_lite_once(folder, html):
    """What runs lessons in the page, in the finished site; give its folder."""
    with FileLock(folder / "lite.lock"):
        return build_lite.build(html)


def build_once(folder):
    """The finished site, built in a copy of the project from all its notebooks.

    The first process that wants it builds it; if that failed, each one is told.
    """
    project, report = folder / "site/copy", folder / "site/report"
    with FileLock(folder / "site.lock"):
        if not report.exists():
            copy_site(project.parent)
            for path in (*NOTEBOOKS, ROOT / "teaching/README.md"):
                target = project / path.relative_to(ROOT)
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, target)
            report.write_text(build(project), "utf-8")
    message = report.read_text("utf-8")
    assert not message, message
    return project / "site/_build/html"
