"""The exercises of each lesson with every answer right, and with every answer wrong.

A reader may come back on another day: the first cell and the exercises are run, in the
kernel that the lessons as they are shipped are checked in. It has the installed package
alone: no checkout, no network, no MNIST. So the last lesson takes the bundled digits.
"""

import os
import re

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

import builder
import clean_kernel
from d2l_utils.exercises.exercise import exercises
from project import NOTEBOOKS, ROOT, each_notebook, heavy_but, lesson_name

# The heading from which on a lesson holds its exercises.
EXERCISES = re.compile(r"## (\d+\. )?(Exercises|An exercise)")
# Only the texts of a figure are compared here: drawing it would take the longest.
FORGET = """
from d2l_utils import plotting
plotting._png = lambda figure, **options: b""
%reset -f
"""
PICTURE = re.compile(r"data:image/\w+;base64,[\w+/=]*")
WHERE = "import sys, d2l_utils; print(d2l_utils.__file__, *sys.path, sep='\\n')"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Execute cells in the kernel of a stranger, with errors and all.

    One kernel for all lessons, as its start takes longer than most exercises.
    """
    environment = os.environ | builder.KERNEL_ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
    environment.pop("D2L_DATA_DIR", None)
    client = NotebookClient(
        nbformat.v4.new_notebook(),
        kernel_name=clean_kernel.NAME,
        timeout=builder.CELL_TIMEOUT,
        coalesce_streams=True,
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path_factory.mktemp("empty"))}},
    )
    kernels = str(clean_kernel.folder() / "kernels")
    specs = KernelSpecManager(kernel_dirs=[kernels])
    client.create_kernel_manager().kernel_spec_manager = specs

    def execute(cells):
        """Forget all names, then execute the cells."""
        client.nb = nbformat.v4.new_notebook(cells=[new_code_cell(FORGET), *cells])
        for place, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, place)
        return client.nb.cells[1:]

    with client.setup_kernel(env=environment):
        yield execute


def test_the_kernel_has_the_wheel_and_not_the_checkout(run):
    (cell,) = run([new_code_cell(WHERE)])
    package, *path = cell.outputs[0].text.split("\n")
    assert package.startswith(str(clean_kernel.folder()))
    assert str(ROOT) not in path


def test_the_kernel_reaches_no_network(run):
    ask = "import urllib.request; urllib.request.urlopen('http://example.org')"
    (cell,) = run([new_code_cell(ask)])
    assert "Connection refused" in cell.outputs[-1].evalue


def answered(notebook, kind):
    """A lesson whose stubs are replaced by the first wrong or the right answers."""
    lesson = nbformat.read(notebook, as_version=4)
    for ex in exercises(notebook.stem[:2]):
        (cell,) = (c for c in lesson.cells if is_exercise(c, ex.stub_code))
        answer = ex.reference if kind == "reference" else ex.wrong_answers[0].answer
        cell.source = cell.source.replace(ex.stub_code, ex.code_for(answer))
    return lesson


def is_exercise(cell, stub):
    tagged = "exercise" in cell.metadata.get("tags", [])
    return tagged and f"{cell.source}\n".startswith(f"{stub}\n")


def exercise_cells(lesson):
    """The cells from the heading of the exercises on."""
    titles = [cell.source for cell in lesson.cells]
    start = next(n for n, title in enumerate(titles) if EXERCISES.match(title))
    return lesson.cells[start:]


@pytest.fixture(
    scope="module", params=heavy_but(NOTEBOOKS[1::3], NOTEBOOKS), ids=lesson_name
)
def editions(request, run):
    """A notebook, and its exercises with all answers wrong, and with all right."""
    both = []
    for kind in ("wrong_answers", "reference"):
        lesson = answered(request.param, kind)
        first = next(cell for cell in lesson.cells if cell.cell_type == "code")
        both.append(run([first, *exercise_cells(lesson)])[1:])
    return request.param, *both


def breaks(cells):
    """The errors of cells that should have run."""
    return [
        f"{output.ename}: {output.evalue}"
        for cell in cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
        and "raises-exception" not in cell.metadata.get("tags", [])
    ]


def message(cells, ex):
    """What the check of an exercise shows in cells that were run."""
    call = f'd2l.check("{ex.name}", {ex.variable})'
    (cell,) = (c for c in cells if f"\n{call}" in c.source)
    return cell.outputs[-1]["data"]["text/plain"]


def story(cells, exs):
    """What cells print and show, but for what depends on MNIST or a processor."""
    shown = []
    for number, cell in enumerate(cells):
        tags = {"exercise", "nbval-ignore-output", builder.MNIST_TAG}
        if cell.cell_type == "markdown" or tags & set(cell.metadata.get("tags", [])):
            continue
        for output in cell.outputs:
            data = output.get("data", {"text/plain": output.get("text")})
            if any(f"`{ex.name}`" in data["text/plain"] for ex in exs):
                continue
            shown.append((number, PICTURE.sub("", str(dict(data)))))
    return shown


@each_notebook
def test_every_exercise_stands_below_the_heading(notebook):
    lesson = nbformat.read(notebook, as_version=4)
    below = exercise_cells(lesson)
    above = lesson.cells[: -len(below)]
    names = [ex.name for ex in exercises(notebook.stem[:2])]
    assert not [c.source for c in above if "exercise" in c.metadata.get("tags", [])]
    assert not [name for name in names for c in above if f'check("{name}"' in c.source]


@each_notebook
def test_as_shipped_no_exercise_is_attempted(notebook):
    lesson = nbformat.read(notebook, as_version=4)
    for ex in exercises(notebook.stem[:2]):
        shown = message(lesson.cells, ex)
        assert shown.startswith(f"○ `{ex.name}`: not attempted yet.")


def test_solved_every_exercise_is_right_and_the_story_the_same(editions):
    notebook, _, solved = editions
    assert breaks(solved) == []
    exs = exercises(notebook.stem[:2])
    for ex in exs:
        assert message(solved, ex).startswith(f"✓ `{ex.name}`: right")
    shipped = nbformat.read(notebook, as_version=4)
    assert story(solved, exs) == story(exercise_cells(shipped), exs)


def test_all_wrong_every_exercise_is_refused_and_nothing_breaks(editions):
    notebook, wrong, _ = editions
    assert breaks(wrong) == []
    for ex in exercises(notebook.stem[:2]):
        shown = message(wrong, ex)
        assert shown.startswith(f"✗ `{ex.name}`: not yet.")
        assert ex.wrong_answers[0].says in shown
