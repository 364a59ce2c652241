"""The linters: `make lint` runs this file."""

import subprocess
import sys

import nbformat
import pytest

import builder
from project import NOTEBOOKS, ROOT

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
