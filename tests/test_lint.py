"""The linters: `make lint` runs this file."""

import subprocess
import sys

import nbformat
import pytest

import builder
import lesson_text
from project import NOTEBOOKS, ROOT, each_notebook

TOOLS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--diff"],
    "codespell": ["codespell_lib"],
    "mypy": ["mypy"],
}


def run(*command, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_clean(tool):
    result = run(*TOOLS[tool])
    assert result.returncode == 0, f"\n{result.stdout}"


def test_ruff_looks_into_every_lesson():
    seen = run("ruff", "check", "--show-files").stdout.splitlines()
    assert {str(notebook) for notebook in NOTEBOOKS} <= set(seen)


def test_ruff_reads_the_cells_of_a_lesson(tmp_path):
    # Ruff passes a notebook unread if its metadata do not name the language.
    planted = nbformat.v4.new_notebook(
        metadata=builder.METADATA, cells=[nbformat.v4.new_code_cell("import os")]
    )
    nbformat.write(planted, tmp_path / "planted.ipynb")
    result = run("ruff", "check", "--select=F401", "--isolated", cwd=tmp_path)
    assert result.returncode == 1
    assert "planted.ipynb:cell 1" in result.stdout


def scripts(notebook):
    """The scripts that cells of a lesson write, which Ruff does not read in there."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if found := lesson_text.WRITES.match(cell.source):
            yield found[1], lesson_text.python(cell.source) + "\n"


def lint_scripts(folder):
    settings = ["--config", str(ROOT / "pyproject.toml")]
    ours = "lint.isort.known-first-party=['d2l_utils', 'parallel']"
    settings += ["--config", ours]
    # The rules are those for the cells of a notebook.
    return [
        run("ruff", "check", "--ignore=D,B905,RUF005,RUF007", *settings, cwd=folder),
        run("ruff", "format", "--diff", *settings, cwd=folder),
    ]


@each_notebook
def test_scripts_that_a_lesson_writes_are_clean(notebook, tmp_path):
    names = []
    for name, code in scripts(notebook):
        (tmp_path / name).write_text(code, encoding="utf-8")
        names.append(name)
    assert len(set(names)) == len(names)
    for result in lint_scripts(tmp_path) if names else ():
        assert result.returncode == 0, f"\n{result.stdout}"


def test_ruff_reads_a_script(tmp_path):
    (tmp_path / "planted.py").write_text("import os\nx = [ 1]\n", encoding="utf-8")
    assert [result.returncode for result in lint_scripts(tmp_path)] == [1, 1]
