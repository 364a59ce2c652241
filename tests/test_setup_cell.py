"""The first cell of a lesson: what it may hold, and what it says where nothing is."""

import ast
import os
import subprocess
import sys

import nbformat
import pytest

import builder
import setup_cell
from project import TEXTS, each_notebook, each_text, write_lesson

# In every English lesson, so that nobody has to ask which cells are meant.
RESTART = "If you restart the kernel, run the first code cell of this page again: "

HARMLESS = """\
import os

os.environ["KERAS_BACKEND"] = "torch"  # let Keras compute with PyTorch

import matplotlib.pyplot as plt
from numpy import linalg

import d2l_utils as d2l

# The look of every figure.
plt.style.use("d2l_utils.downhill")
d2l.use_language("en")"""

# Runs a cell as a kernel does, in a Python that lacks the package that is named, and
# gives the message that a notebook shows.
KERNEL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Lacking())
shell = InteractiveShell.instance()
shown = []
shell._showtraceback = lambda kind, value, lines: shown.extend([str(value), *lines])
result = shell.run_cell(sys.stdin.read())
assert not result.success
assert len(shown) == 2 and shown[0] == shown[1], shown
print(shown[0])
"""


@pytest.fixture
def public(tmp_path, monkeypatch):
    """A repository that has an address."""
    settings = tmp_path / "pyproject.toml"
    address = "https://github.com/NAME/downhill"
    settings.write_text(
        f'[tool.downhill]\nrepository = "{address}"\nbranch = "main"\n', "utf-8"
    )
    monkeypatch.setattr(setup_cell, "PROJECT", settings)


def shown(source, lacking):
    """What a learner sees whose Python lacks a package, and nothing else."""
    run = subprocess.run(
        [sys.executable, "-c", KERNEL, lacking],
        input=source,
        env=os.environ | {"IPYTHONDIR": os.devnull},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    return run.stdout.strip()


# --- what it says


@pytest.mark.parametrize("lacking", ["d2l_utils", "numpy", "kiwisolver"])
def test_where_a_package_is_missing_one_sentence_says_so(lacking):
    cell = setup_cell.guarded(HARMLESS, "en")
    assert shown(cell, lacking) == (
        f"This Python lacks the package {lacking}: the README of the course says under "
        "Start how to install what the lessons need."
    )


def test_in_a_public_course_there_is_a_line_to_copy(public):
    assert shown(setup_cell.guarded(HARMLESS, "en"), "numpy") == (
        "This Python lacks the package numpy: run the line below in a new cell, then "
        "this cell again.\n\n"
        "%pip install git+https://github.com/NAME/downhill@main"
    )


@pytest.mark.parametrize("language", setup_cell.SENTENCES)
def test_every_language_names_package_and_line(public, language):
    said = shown(setup_cell.guarded(HARMLESS, language), "d2l_utils")
    assert "d2l_utils" in said.partition("\n")[0]
    assert said.endswith("\n\n%pip install git+https://github.com/NAME/downhill@main")


@pytest.mark.parametrize("language", setup_cell.SENTENCES)
def test_no_line_is_too_long(public, language):
    lines = setup_cell.guarded(HARMLESS, language).splitlines()
    assert max(len(line) for line in lines) <= 88


def test_the_code_of_the_author_is_all_there_in_its_order():
    tree = ast.parse(setup_cell.guarded(HARMLESS, "en"))
    attempt, *settings = tree.body
    again = [*attempt.body, *settings]
    assert [ast.dump(x) for x in again] == [
        ast.dump(x) for x in ast.parse(HARMLESS).body
    ]


@each_notebook
def test_the_first_cell_of_a_lesson_is_a_set_up_cell(notebook):
    first = next(
        cell
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code"
    )
    assert "except ModuleNotFoundError as error:" in first.source
    assert first.outputs == []
    assert builder.FOLDED_TAG in first.metadata.tags


@pytest.mark.parametrize("number", ["01", "02", "03"])
def test_the_first_lessons_begin_without_torch(number):
    for text in TEXTS:
        if text.stem.startswith(number):
            cells = builder.code_cells(builder.read_lesson(text))
            assert "torch" not in cells[0].source


@each_text
def test_a_lesson_says_what_its_exercises_need(text):
    if text.parent.name == "en":
        count = text.read_text("utf-8").count(RESTART)
        assert count == 1, f"{text.stem} must say once: {RESTART}"


def test_another_sentence_keeps_the_outputs(public):
    here, there = (setup_cell.guarded(HARMLESS, name) for name in ("en", "zh"))
    assert here != there
    assert setup_cell.without_sentence(here) == setup_cell.without_sentence(there)
    assert setup_cell.without_sentence(here).count("\n") > HARMLESS.count("\n")


# --- what it may hold


@pytest.mark.parametrize(
    ("setup", "line"),
    [
        ("print(1)", 4),
        ("import numpy as np\n\nx = np.zeros(2)", 6),
        ("import math\n\n\ndef f(x):\n    return x", 7),
        ("plt.style.use('x')", 4),
        ("import math\nmath.sqrt(2)", 5),
        ("import math\nother.style.use('x')", 5),
        ("import math\nos.environ = {}", 5),
        ("import math\nnames['a'] = 1", 5),
        ("import math\nx = y = os.environ['a']", 5),
        ("import math\n%matplotlib inline", 5),
        ("import math; print(1)", 4),
        ("from __future__ import annotations\nimport math", 4),
        (":tags: [mnist]\n\nimport math\nprint(1)", 7),
    ],
)
def test_what_is_no_set_up_cell_is_refused_with_its_line(tmp_path, setup, line):
    text = write_lesson(tmp_path / "text/en/01.md", "import math", setup=setup)
    written = text.read_text("utf-8").splitlines()
    with pytest.raises(builder.BuildError, match=rf"^01, line {line}: the first code"):
        builder.read_lesson(text)
    assert written[line - 1] in setup.splitlines()


def test_the_line_is_found_where_a_cell_is_indented(tmp_path):
    text = write_lesson(tmp_path / "text/en/01.md", "import math", setup="x = 1")
    indented = text.read_text("utf-8").replace("```", "  ```", 1)
    text.write_text(indented.replace("x = 1", "  x = 1"), "utf-8")
    with pytest.raises(builder.BuildError, match=r"^01, line 4: the first code"):
        builder.read_lesson(text)


def test_a_lesson_without_code_has_no_set_up_cell(tmp_path):
    text = tmp_path / "text/en/01.md"
    text.parent.mkdir(parents=True)
    text.write_text("# Words alone\n", "utf-8")
    (cell,) = builder.read_lesson(text).cells
    assert cell.cell_type == "markdown"
