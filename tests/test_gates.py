"""The checks that run no lesson refuse a broken project.

Lessons are added to a copy of the project, each broken in one way, and the package is
broken, too. Each must be red with the message of the check that is there for it.
"""

import re

import nbformat
import pytest
from nbformat.v4 import new_output

import builder
from project import write_lesson
from sabotage import check, copy_project, edit

CHECKS = [f"tests/test_{name}.py" for name in ("lint", "pairs", "save_cells", "tags")]


def add(path, line):
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def package(text):
    return text.parents[3] / "d2l_utils"


def untouched(text, notebook):
    pass


def text_not_rebuilt(text, notebook):
    add(text, "One more sentence.")


def notebook_missing(text, notebook):
    notebook.unlink()


def text_missing(text, notebook):
    text.unlink()


def paired_by_jupytext(text, notebook):
    lesson = nbformat.read(notebook, as_version=4)
    lesson.metadata["jupytext"] = {"formats": "en//ipynb,text/en//md:myst"}
    nbformat.write(lesson, notebook)


def no_language(text, notebook):
    lesson = nbformat.read(notebook, as_version=4)
    del lesson.metadata["kernelspec"]["language"]
    nbformat.write(lesson, notebook)


def path_in_an_output(text, notebook):
    def change(cells):
        cells[-1].outputs = [new_output("stream", text="/home/ada/lesson.py")]

    edit(notebook, change)


def warning_in_an_output(text, notebook):
    def change(cells):
        cells[-1].outputs = [new_output("stream", name="stderr", text="Beware")]

    edit(notebook, change)


def tag(text, notebook, name):
    def change(cells):
        cells[-1].metadata.tags = [name]

    edit(notebook, change)


def undeclared_tag(text, notebook):
    tag(text, notebook, "nbval-ignore-output")


def unknown_tag(text, notebook):
    tag(text, notebook, "nbval-ignore-outputs")


def saved_constant(text, notebook):
    tag(text, notebook, "save")


def saved_twice(text, notebook):
    def change(cells):
        cells[-1].source = "def numerical_diff(f, x, h=1e-4):\n    return 0.0"
        cells[-1].metadata.tags = ["save"]

    edit(notebook, change)


def helper_changed(text, notebook):
    source = package(text) / "calculus.py"
    before = source.read_text(encoding="utf-8")
    after = before.replace("/ (2 * h)", "/ (3 * h)")
    assert after != before
    source.write_text(after, encoding="utf-8")


def wrong_type(text, notebook):
    add(package(text) / "calculus.py", 'one: int = "1"')


def unused_import(text, notebook):
    def change(cells):
        cells[-1].source = "import os"

    edit(notebook, change)


def badly_formatted(text, notebook):
    def change(cells):
        cells[-1].source = "x=1"

    edit(notebook, change)


def misspelled(text, notebook):
    add(text, "eveicer"[::-1])  # backwards, so that it passes the check here


def british(text, notebook):
    add(text, "ruoloc"[::-1])


# Which test is red, and what its message is.
MESSAGES = {
    text_not_rebuilt: ("says[en/text_not_rebuilt]", "differ, run make chapters"),
    notebook_missing: (
        "its_notebook",
        r"no notebook for these.*\n.*en/notebook_missing",
    ),
    text_missing: ("its_text", r"no text for these.*\n.*en/text_missing"),
    paired_by_jupytext: ("jupyterlab_leaves_its_text_alone", r"paired_by_jupytext\.md"),
    no_language: ("says[en/no_language]", "run make chapters"),
    path_in_an_output: ("clean[en/path_in_an_output]", "path of a machine: /home/"),
    warning_in_an_output: ("clean[en/warning_in_an_output]", "warns"),
    undeclared_tag: ("test_loosened_checks_are_listed", "list and the lessons differ"),
    unknown_tag: ("test_tags_are_known", "'en/unknown_tag'.*'nbval-ignore-outputs'"),
    saved_constant: ("code[en/saved_constant]", "more than functions: x = 1"),
    saved_twice: ("derived_once[en]", "more than once: {'numerical_diff'}"),
    helper_changed: ("code[en/01_", r"\(3 \* h\)"),
    wrong_type: ("clean[mypy]", r"calculus\.py:\d+: error: Incompatible types"),
    unused_import: ("clean[ruff check]", r"F401(?s:.*)unused_import\.ipynb:cell 3"),
    badly_formatted: ("clean[ruff format]", r"badly_formatted\.ipynb(?s:.*)-x=1"),
    misspelled: ("clean[codespell]", r"misspelled\.md:\d+: \w+ ==> receive"),
    british: ("clean[codespell]", r"british\.md:\d+: \w+ ==> color"),
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What each test says about the broken copy."""
    project = copy_project(tmp_path_factory.mktemp("whole"))
    for sabotage in (*MESSAGES, untouched):
        text = project / f"chapters/text/en/{sabotage.__name__}.md"
        lesson = builder.read_lesson(write_lesson(text, "x = 1"))
        nbformat.write(lesson, builder.notebook_path(text))
        sabotage(text, builder.notebook_path(text))
    return check(project, *CHECKS)


@pytest.mark.parametrize("sabotage", MESSAGES, ids=lambda sabotage: sabotage.__name__)
def test_broken_project_is_red(complaints, sabotage):
    test, message = MESSAGES[sabotage]
    found = "\n".join(text for name, text in complaints.items() if test in name)
    errors = re.findall("^E .*", found, re.MULTILINE)
    assert re.search(message, "\n".join(errors))


def test_what_is_not_broken_is_green(complaints):
    lessons = [complaints[name] for name in complaints if "[en/untouched]" in name]
    assert lessons == [""] * 4
    shipped = [name for name in complaints if "[en/0" in name]
    assert len(shipped) > 3 * 8
    red = [name for name in shipped if complaints[name]]
    assert [name for name in red if "saved_code_is" not in name] == []
