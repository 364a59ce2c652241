"""Every lesson runs in the browser's Python, by node: its outputs are the stored ones.

What cannot run there stands on a list, and says why in one sentence.
"""

import itertools

import nbformat
import pytest

import page_python
from d2l_utils.exercises import exercise
from in_page import sentences
from javascript import needs_node
from project import NOTEBOOKS

LESSONS = {path.stem: path for path in NOTEBOOKS if path.parent.name == "en"}
PYTORCH = sentences.CELL["library"].format(library="PyTorch")
# What an answer in the page is told: the rest is as everywhere.
ENDLESS = "def central_difference(f, x, h=1e-5):\n    while True:\n        pass"


@pytest.fixture(scope="session")
def compiled(common):
    """What a lesson has compiled: the next one starts in two thirds of the time."""
    folder = common / "compiled"
    folder.mkdir(exist_ok=True)
    return folder


def complain(name, lite, compiled):
    """Run a lesson; give what is wrong with it."""
    ran = page_python.run(lite, LESSONS[name], compiled)
    return page_python.complaints(name, ran, page_python.reasons().get(name, {}))


# In two classes, since a worker takes a class as a whole.
@needs_node
@pytest.mark.heavy
class TestFirst:
    @pytest.mark.parametrize("name", sorted(LESSONS)[::2])
    def test_a_lesson_gives_in_the_page_what_is_stored(self, lite, compiled, name):
        assert not complain(name, lite, compiled)


@needs_node
@pytest.mark.heavy
class TestSecond:
    @pytest.mark.parametrize("name", sorted(LESSONS)[1::2])
    def test_a_lesson_gives_in_the_page_what_is_stored(self, lite, compiled, name):
        assert not complain(name, lite, compiled)

    def test_exercises_are_checked_in_the_page(self, lite, compiled, tmp_path):
        asked = {
            x.name: f'{x.solution_code}\nd2l.check("{x.name}", {x.variable})'
            for chapter in exercise.chapters()
            for x in exercise.exercises(chapter)
        }
        endless = f'{ENDLESS}\nd2l.check("01.central_difference", central_difference)'
        told = verdicts([*asked.values(), endless], tmp_path, lite, compiled)
        assert "Stopped after" in told.pop()
        told = dict(zip(asked, told, strict=True))
        assert {x for x, text in told.items() if text == PYTORCH} == NEED_TORCH
        others = {x: told[x] for x in told.keys() - NEED_TORCH}
        assert {x for x, text in others.items() if text[0] != "✓"} <= NEED_TIME


# Exercises about PyTorch.
NEED_TORCH = {
    *("03.mend_the_torch_walk", "05.mend_training", "05.large_step"),
    *("08.mend_training", "08.small_network", "10.set_epoch", "10.padded_accuracy"),
    *("10.resume", "12.mend_adam_in_torch"),
}
# One that trains: on a busy machine its time may be up.
NEED_TIME = {"09.temperature"}


def verdicts(cells, folder, lite, compiled):
    """What cells show, each as a text, in a notebook of their own in the page."""
    setup = "import numpy as np\nimport torch\nimport d2l_utils as d2l"
    code = [nbformat.v4.new_code_cell(cell) for cell in [setup, *cells]]
    nbformat.write(nbformat.v4.new_notebook(cells=code), folder / "cells.ipynb")
    _, *ran = page_python.run(lite, folder / "cells.ipynb", compiled)
    return [
        one.shown.get("stderr", "").strip() or one.shown["text/plain"] for one in ran
    ]


# --- the gate itself, on outputs as they are stored: it must be able to go red

LESSON = "01_derivatives"
SENTENCES = [
    PYTORCH,
    sentences.NAME["library"].format(library="PyTorch", name="net_2"),
]


@pytest.fixture
def ran():
    """A lesson, as if it had run in the page: all that is on the list lacks PyTorch."""
    lesson = nbformat.read(LESSONS[LESSON], as_version=4)
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    outputs = [{"outputs": cell.outputs, "seconds": 0} for cell in code]
    cells = page_python.cells(LESSONS[LESSON], outputs)
    for one in cells:
        if one.cell.id in listed():
            fail(one, PYTORCH)
    return cells


def listed():
    return page_python.reasons()[LESSON]


def fail(one, text):
    one.shown.clear()
    one.shown["stderr"] = f"{text}\n"


def complaints(ran, **reasons):
    return page_python.complaints(LESSON, ran, listed() | reasons)


def runs_in_page(ran):
    return [one for one in ran if one.cell.id not in listed()]


def test_a_lesson_as_it_is_stored_is_green(ran):
    assert set(listed().values()) == {"PyTorch"}
    assert not complaints(ran)


def test_an_altered_output_is_red(ran):
    one = next(one for one in ran if "stdout" in one.shown)
    one.shown["stdout"] += " "
    (complaint,) = complaints(ran)
    assert f"{LESSON}, code cell {one.number} ({one.cell.id}) different" in complaint


@pytest.mark.parametrize("kind", ["stdout", "text/html", "text/plain"])
def test_an_output_that_is_more_or_less_is_red(ran, kind):
    one = runs_in_page(ran)[0]
    assert not one.shown
    one.shown[kind] = "more"
    assert "different" in complaints(ran)[0]
    one.shown.clear()
    one = next(one for one in runs_in_page(ran) if "text/plain" in one.shown)
    del one.shown["text/plain"]
    assert "different" in complaints(ran)[0]


def test_pictures_are_not_compared(ran):
    html = '<img alt="{}" src="data:image/png;base64,{}">'.format
    show = [
        page_python.shown([{"output_type": "display_data", "data": {"text/html": x}}])
        for x in (html("a", "iVBO=="), html("a", "AAAA"), html("b", "AAAA"))
    ]
    assert show[0] == show[1] != show[2]


def test_a_cell_taken_off_the_list_is_red(ran):
    cell, *_ = reasons = listed()
    number = next(one.number for one in ran if one.cell.id == cell)
    del reasons[cell]
    (complaint,) = page_python.complaints(LESSON, ran, reasons)
    assert complaint == (
        f"{LESSON}, code cell {number} ({cell}) needs PyTorch: it is not on the list"
    )


@pytest.mark.parametrize("reason", ["PyTorch", "Keras", "MNIST", "packages"])
def test_a_cell_on_the_list_that_runs_is_red(ran, reason):
    one = runs_in_page(ran)[3]
    (complaint,) = complaints(ran, **{one.cell.id: reason})
    assert f"code cell {one.number} ({one.cell.id}) runs in the page" in complaint


def test_a_cell_that_is_listed_but_gone_is_red(ran):
    assert complaints(ran, a="PyTorch") == [
        f"{LESSON} has no code cell a: it is on the list"
    ]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_sentence_says_what_is_lacking(ran, sentence):
    one = runs_in_page(ran)[3]
    fail(one, sentence)
    assert not complaints(ran, **{one.cell.id: "PyTorch"})
    (complaint,) = complaints(ran, **{one.cell.id: "Keras"})
    assert complaint.endswith("needs PyTorch: the list says 'Keras'")


@pytest.mark.parametrize(
    "text",
    ["NameError: name 'net' is not defined", f"Traceback\n{PYTORCH}", PYTORCH[:-1]],
)
def test_anything_but_the_one_sentence_is_red(ran, text):
    one = runs_in_page(ran)[3]
    for kind, reason in itertools.product(["stderr", "error"], ["PyTorch", "MNIST"]):
        one.shown.clear()
        one.shown[kind] = text
        for reasons in ({}, {one.cell.id: reason}):
            complaint = complaints(ran, **reasons)[0]
            assert f"({one.cell.id}) failed in the page" in complaint


def test_the_sentence_with_another_output_is_red(ran):
    one = next(one for one in ran if one.cell.id in listed())
    one.shown["text/plain"] = "<Figure size 640x320 with 1 Axes>"
    assert "failed in the page" in complaints(ran)[0]


def test_every_lesson_on_the_list_is_there():
    assert page_python.reasons().keys() <= LESSONS.keys()


def test_the_list_is_written_as_it_is_read():
    reasons = page_python.reasons()
    assert page_python.written(reasons) == page_python.LIST.read_text("utf-8")
