"""nbval, and what chapters/conftest.py adds to it, refuse a broken notebook.

Copies of one tiny lesson are broken in one way each and checked in one run. Each must
be red with the message of the check that is there for it.
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

# The cells behind the set-up cell, which is number 0.
TINY = [
    FIGURE,
    ":tags: [raises-exception]\n\nraise ValueError('on purpose')",
    "print('two')",
    "print('three')",
    "print('four')",
    "print('five')",
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
    cells[4].outputs = []


def magic_that_does_not_exist(cells):
    cells[5].source = "%no_such_magic\nprint('four')"
    error = "UsageError: Line magic function `%no_such_magic` not found.\n"
    cells[5].outputs = [new_output("stream", name="stderr", text=error)]


def exception_that_is_not_raised(cells):
    cells[6].metadata.tags = ["raises-exception"]


def exception_without_a_tag(cells):
    cells[2].metadata.tags = []


def kernel_that_dies(cells):
    cells[3].source = "import os\n\nos._exit(1)"


def other_pixels(cells):
    data = cells[1].outputs[0].data
    data["text/html"] = re.sub('base64,[^"]*', "base64,AA==", data["text/html"])


# What each test must say of a notebook that is broken in this way.
REFUSED = {
    cleared_count: r"counts \[1, None, 3, 4, 5, 6, 7\]\): run make chapters",
    never_executed: r"counts \[None, .*: run make chapters",
    counts_out_of_order: r"counts \[2, 1, 3, 4, 5, 6, 7\]\): run make chapters",
    comment_marker: r"Cell 3: .* comment '# NBVAL_IGNORE_OUTPUT' tag the cell",
    kernel_that_dies: r"Cell 3: the kernel died(?s:.*)Kernel dead on test start",
}
# What it must say of one cell of a notebook that is broken in all these ways.
RED = {
    altered_alternative_text: r"Cell 1: Cell outputs differ(?s:.*)'text/html'",
    exception_without_a_tag: r"Cell 2: Cell execution caused an exception",
    altered_output: r"Cell 3: Cell outputs differ(?s:.*)mismatch 'stdout'",
    missing_output: r"Cell 4: Cell outputs differ(?s:.*)Unexpected output fields",
    magic_that_does_not_exist: r"Cell 5: the cell did not run to its end",
    exception_that_is_not_raised: r"Cell 6: .*but nothing was raised",
}
GOOD = ("ok", "other_pixels")

# Cells that are right when each is run once, and what the test must say of one that is
# run twice in a row; nothing where that does no harm.
AGAIN = "run once more, "
DIFFER = f"{AGAIN}Cell outputs differ"
TWICE = [
    ("one, two, three = (np.random.default_rng(0) for _ in range(3))", ""),
    ("print(one.integers(100))", DIFFER),
    (":tags: [nbval-ignore-output]\n\nprint(one.integers(100))", DIFFER),
    ("w = two.integers(100)", ""),
    ("print(w)", "Cell outputs differ"),
    ("w = np.zeros(1)", ""),
    ("w += 1\nprint(w)", DIFFER),
    ("del w", f"{AGAIN}Cell execution caused an exception"),
    ("many, last = [ValueError(number) for number in (1, 2)], [ValueError()]", ""),
    (":tags: [raises-exception]\n\nraise many.pop()", DIFFER),
    (":tags: [raises-exception]\n\nif last:\n    raise last.pop()", DIFFER),
    (":tags: [goes-on]\n\nprint(three.integers(100))  # run again for one more", ""),
    ("w = np.random.default_rng(0).integers(100)\nprint(w)", ""),
    ("print(w)", ""),
    ("%%writefile script.py\nprint(1)", ""),  # says something else the second time
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with a good notebook, broken ones, and 08.ipynb.

    Of the two outputs of 08, both altered, the first one is that of MNIST.
    """
    project = copy_project(tmp_path_factory.mktemp("tiny"), "*.ipynb", "text", "tests")
    untouched = builder.build(write_lesson(project / "chapters/text/en/ok.md", *TINY))
    for sabotage in (*REFUSED, other_pixels):
        broken = untouched.with_stem(sabotage.__name__)
        shutil.copy(untouched, broken)
        edit(broken, sabotage)
    broken = untouched.with_stem("many")
    shutil.copy(untouched, broken)
    for sabotage in RED:
        edit(broken, sabotage)
    text = project / "chapters/text/en/twice.md"
    cells = [cell for cell, _ in TWICE]
    builder.build(write_lesson(text, *cells, setup="import numpy as np"))
    text = write_lesson(project / "chapters/text/en/08.md", "print(6)", "print(7)")

    def alter(cells):
        cells[1].metadata.tags = [builder.MNIST_TAG]
        for cell in cells[1:]:
            cell.outputs[0].text = "8\n"

    edit(builder.build(text), alter)
    return project


@pytest.fixture(scope="module")
def complaints(project):
    """What the checks say about each cell, by the name of its notebook."""
    found = {}
    variables = {"DOWNHILL_WITHOUT_MNIST": "", "DOWNHILL_TWICE": "1"}
    for cell, complaint in check(project, "chapters", **variables).items():
        stem = re.search(r"(\w+)\.ipynb", cell)[1]
        found.setdefault(stem, []).append(complaint)
    return found


@pytest.mark.parametrize("sabotage", REFUSED, ids=lambda sabotage: sabotage.__name__)
def test_broken_notebook_is_red(complaints, sabotage):
    everything = "".join(complaints[sabotage.__name__])
    assert re.search(REFUSED[sabotage], everything)


@pytest.mark.parametrize("sabotage", RED, ids=lambda sabotage: sabotage.__name__)
def test_broken_cell_is_red(complaints, sabotage):
    assert any(re.search(RED[sabotage], cell) for cell in complaints["many"])


@pytest.mark.parametrize("name", GOOD)
def test_good_notebook_is_green(complaints, name):
    assert complaints[name] == [""] * (1 + len(TINY))


def test_good_cell_is_green(complaints):
    assert complaints["many"][0] == ""


# --- cells that are run twice in a row


def test_a_cell_that_cannot_be_run_twice_is_red(complaints):
    _, *found = complaints["twice"]
    assert [bool(complaint) for complaint in found] == [bool(x) for _, x in TWICE]
    for complaint, (_, message) in zip(found, TWICE, strict=True):
        assert message in complaint


@pytest.mark.heavy
def test_run_once_all_of_them_are_green(project):
    once = {"DOWNHILL_TWICE": "", "DOWNHILL_COMPLETE": ""}
    assert "".join(check(project, "chapters/en/twice.ipynb", **once).values()) == ""


@pytest.mark.heavy
def test_in_the_run_of_all_checks_what_is_not_compared_runs_once(project):
    complete = {"DOWNHILL_TWICE": "", "DOWNHILL_COMPLETE": "1"}
    _, *found = check(project, "chapters/en/twice.ipynb", **complete).values()
    red = [bool(message) and "ignore-output" not in cell for cell, message in TWICE]
    assert [bool(complaint) for complaint in found] == red


# --- cells whose stored outputs are those of MNIST


def test_with_mnist_its_outputs_are_compared(complaints):
    assert re.findall(r"Cell (\d): Cell outputs differ", "".join(complaints["08"])) == [
        "1",
        "2",
    ]


@pytest.mark.heavy
def test_without_mnist_they_are_not_and_the_last_line_of_the_run_says_so(project):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(project)}
    environment |= {"DOWNHILL_WITHOUT_MNIST": "No network here."}
    # What a worker finds must be heard, too.
    command = [sys.executable, "-m", "pytest", "-n1", "-pno:cacheprovider"]
    run = subprocess.run(
        [*command, "chapters/en/08.ipynb", "chapters/en/ok.ipynb"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert re.findall(r"Cell (\d): Cell outputs differ", run.stdout) == ["2"]
    assert "lessons without MNIST" in run.stdout
    assert "No network here." in run.stdout
    *_, last = run.stdout.splitlines()
    assert last.startswith("Without MNIST: 1 cells of 08.ipynb")
    assert last.endswith("not compared.")
