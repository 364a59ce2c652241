"""nbval, and what chapters/conftest.py adds to it, refuse a broken notebook.

Copies of one tiny lesson are broken in one way each and checked in one run. Each must
be red with the words of the check that is there for it.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest
from nbformat.v4 import new_output

import builder
from project import write_lesson
from sabotage import check, copy_project, edit

FIGURE = """\
from IPython.display import HTML, display

display(HTML('<img alt="A line that rises." src="data:image/png;base64,iVBORw0K">'))"""

TINY = [
    "print('one')",
    FIGURE,
    ":tags: [raises-exception]\n\nraise ValueError('on purpose')",
    "print('two')",
    "print('three')",
]


def cleared_count(cells):
    cells[1].execution_count = None


def never_executed(cells):
    for cell in cells:
        cell.execution_count, cell.outputs = None, []


def counts_out_of_order(cells):
    cells[0].execution_count, cells[1].execution_count = 2, 1


def comment_marker(cells):
    cells[3].source = "# NBVAL_IGNORE_OUTPUT (it varies)\nprint('two')"


def altered_output(cells):
    cells[3].outputs[0].text = "2\n"


def altered_alternative_text(cells):
    data = cells[1].outputs[0].data
    data["text/html"] = data["text/html"].replace("rises", "falls")


def missing_output(cells):
    cells[3].outputs = []


def magic_that_does_not_exist(cells):
    cells[3].source = "%no_such_magic\nprint('two')"
    said = "UsageError: Line magic function `%no_such_magic` not found.\n"
    cells[3].outputs = [new_output("stream", name="stderr", text=said)]


def exception_that_is_not_raised(cells):
    cells[3].metadata.tags = ["raises-exception"]


def exception_without_a_tag(cells):
    cells[2].metadata.tags = []


def kernel_that_dies(cells):
    cells[3].source = "import os\n\nos._exit(1)"


def other_pixels(cells):
    data = cells[1].outputs[0].data
    data["text/html"] = re.sub('base64,[^"]*', "base64,AA==", data["text/html"])


WORDS = {
    cleared_count: r"counts \[1, None, 3, 4, 5\]\): run make chapters",
    never_executed: r"counts \[None, .*: run make chapters",
    counts_out_of_order: r"counts \[2, 1, 3, 4, 5\]\): run make chapters",
    comment_marker: r"Cell 3: .* comment '# NBVAL_IGNORE_OUTPUT' tag the cell",
    altered_output: r"Cell 3: Cell outputs differ(?s:.*)mismatch 'stdout'",
    altered_alternative_text: r"Cell 1: Cell outputs differ(?s:.*)'text/html'",
    missing_output: r"Cell 3: Cell outputs differ(?s:.*)Unexpected output fields",
    magic_that_does_not_exist: r"Cell 3: the cell did not run to its end",
    exception_that_is_not_raised: r"Cell 3: .*but nothing was raised",
    exception_without_a_tag: r"Cell 2: Cell execution caused an exception",
    kernel_that_dies: r"Cell 3: the kernel died(?s:.*)Kernel dead on test start",
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What the checks say about each notebook, by its name."""
    project = copy_project(tmp_path_factory.mktemp("tiny"), "*.ipynb", "text", "tests")
    untouched = builder.build(write_lesson(project / "chapters/text/en/ok.md", *TINY))
    for sabotage in (*WORDS, other_pixels):
        broken = untouched.with_stem(sabotage.__name__)
        shutil.copy(untouched, broken)
        edit(broken, sabotage)
    said = {}
    for cell, complaint in check(project, "chapters").items():
        stem = re.search(r"(\w+)\.ipynb", cell)[1]
        said[stem] = said.get(stem, "") + complaint
    return said


@pytest.mark.parametrize("sabotage", WORDS, ids=lambda sabotage: sabotage.__name__)
def test_broken_notebook_is_red(complaints, sabotage):
    assert re.search(WORDS[sabotage], complaints[sabotage.__name__])


@pytest.mark.parametrize("name", ["ok", "other_pixels"])
def test_good_notebook_is_green(complaints, name):
    assert complaints[name] == ""


# --- cells whose stored outputs are those of MNIST


@pytest.fixture(scope="module")
def altered_lesson(tmp_path_factory):
    """A copy of the project with one lesson whose two outputs were altered."""
    project = copy_project(tmp_path_factory.mktemp("08"), "*.ipynb", "text", "tests")
    text = write_lesson(project / "chapters/text/en/08.md", "print(6)", "print(7)")

    def alter(cells):
        cells[0].metadata.tags = [builder.MNIST_TAG]
        for cell in cells:
            cell.outputs[0].text = "8\n"

    edit(builder.build(text), alter)
    return project


@pytest.mark.parametrize(("reason", "red"), [("", [0, 1]), ("No network.", [1])])
def test_only_without_mnist_its_outputs_are_not_compared(altered_lesson, reason, red):
    complaints = check(altered_lesson, "chapters", DOWNHILL_WITHOUT_MNIST=reason)
    said = "".join(complaints.values())
    assert re.findall(r"Cell (\d): Cell outputs differ", said) == [str(n) for n in red]
    assert len(complaints) == 2


def test_a_run_without_mnist_says_what_was_not_compared(altered_lesson):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(altered_lesson)}
    environment |= {"DOWNHILL_WITHOUT_MNIST": "No network here."}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-pno:cacheprovider", "chapters"],
        cwd=altered_lesson,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "lessons without MNIST" in run.stdout
    assert "No network here.\n08.ipynb: 1 cells" in run.stdout
