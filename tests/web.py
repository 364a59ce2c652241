"""Copies of the site, and what its build says."""

import os
import shutil
import subprocess
import sys

from project import NOTEBOOKS, ROOT

LESSONS = [path.stem for path in NOTEBOOKS if path.parent.name == "en"]
PAGES = [
    *("index", "notation", "glossary", "api", "troubleshooting"),
    *("teachers", "status", "errata", "changes"),
]


def build(project):
    """Build the site of a project; give what was said if that failed."""
    done = subprocess.run(
        [sys.executable, project / "site/build.py"],
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
    for path in ("teaching", "chapters/en"):
        (project / path).mkdir(parents=True)
    return project
