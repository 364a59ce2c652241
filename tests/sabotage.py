"""Breaking a copy of the project on purpose, to see whether its checks turn red.

A copy has no .git, no environment of its own, and nothing of a learner.
"""

import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import nbformat

import clean_kernel
from project import ROOT


def copy_project(folder, *without):
    """A copy of the project that is used in the place of the installed one."""
    ignore = shutil.ignore_patterns(
        ".*", "__pycache__", "my_lessons", "_build", *without
    )
    project = shutil.copytree(ROOT, folder / "copy", ignore=ignore)
    # What mypy knows of the same modules: it reads only the changed ones again.
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", project / ".mypy_cache")
    return project


def check(project, *what, **variables):
    """Run checks of a copy; give what each test says, nothing if it is green."""
    ours = ("PYTEST_", clean_kernel.FOLDER)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    environment |= {"PYTHONPATH": str(project), "NO_COLOR": "1"} | variables
    report = project.parent / "report.xml"
    options = ["-n0", "-vv", "-pno:cacheprovider", "--continue-on-collection-errors"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", *what],
        cwd=project,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    cases = list(ElementTree.parse(report).iter("testcase"))
    report.unlink()
    return {
        f"{case.get('classname')} {case.get('name')}": "".join(case.itertext())
        for case in cases
    }


def edit(path, change):
    """Change the code cells of a notebook, which must make a difference."""
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    change([cell for cell in notebook.cells if cell.cell_type == "code"])
    nbformat.write(notebook, path)
    assert path.read_bytes() != before
