"""`lab`: the copy is brought up to date, and JupyterLab is given what to show."""

import json
import os
import sys
from types import ModuleType, SimpleNamespace

import nbformat
import pytest

from d2l_utils import __main__ as door
from d2l_utils import _lab, _saved_here, _working_copy
from project import NOTEBOOKS, lesson_name

HERE = {"version": "3.99", "name": "python"}


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Where the copy will be."""
    monkeypatch.setattr(_working_copy, "checkout", lambda: tmp_path)
    return tmp_path / "my_lessons"


@pytest.fixture
def start(mine, monkeypatch):
    """Start with some arguments; give what JupyterLab is called with."""
    calls = []
    jupyterlab = ModuleType("jupyterlab.labapp")
    jupyterlab.main = calls.append
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", jupyterlab)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")

    def start(*arguments):
        assert door.main(["lab", *arguments]) == 0
        return calls.pop()

    return start


def workspace(folder):
    (file,) = (folder / ".lab").iterdir()
    return file


def test_the_first_start_has_the_first_lesson_and_later_ones_what_was_open(start, mine):
    expected = [f"--LabApp.workspaces_dir={mine / '.lab'}", str(mine)]
    assert start() == expected
    kept = workspace(mine)
    data = json.loads(kept.read_text())["data"]
    lesson = "00_start_here.ipynb"
    assert data[f"notebook:{lesson}"]["data"]["path"] == lesson
    assert (mine / lesson).is_file()
    open_now = '{"data": {"what": "was open"}, "metadata": {"id": "default"}}'
    kept.write_text(open_now)
    assert start() == expected
    assert workspace(mine).read_text() == open_now


@pytest.mark.parametrize("damaged", ["", '{"data": {', "[]", "{}", "null"])
def test_a_layout_that_a_stop_has_cut_starts_over(start, mine, damaged):
    start()
    kept = workspace(mine)
    whole = kept.read_text()
    kept.write_text(damaged)
    start()
    assert kept.read_text() == whole


def test_where_no_layout_can_be_kept_jupyterlab_opens_all_the_same(start, mine):
    mine.mkdir()
    (mine / ".lab").write_text("a file of the learner")
    assert start() == [str(mine)]
    assert (mine / ".lab").read_text() == "a file of the learner"


def test_options_are_passed_on(start, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    folder = tmp_path / "课程 1"
    assert start("--folder", str(folder), "--port", "8890", "--no-browser") == [
        *("--port", "8890", "--no-browser"),
        f"--LabApp.workspaces_dir={folder / '.lab'}",
        *("--allow-root", str(folder)),
    ]
    assert (folder / "00_start_here.ipynb").is_file()


@pytest.mark.parametrize("others", ["", "/a/folder"])
def test_jupyterlab_asks_nobody_for_news(start, monkeypatch, others):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", others)
    start()
    settings, *more = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert more == [others] * bool(others)
    page = json.loads((_lab.SETTINGS / "labconfig/page_config.json").read_text())
    assert page["disabledExtensions"] == {
        "@jupyterlab/apputils-extension:announcements": True
    }
    assert settings == str(_lab.SETTINGS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["here"], "here is no option; the folder is --folder here"),
        (["--language", "xx"], "There are no lessons in "),
    ],
)
def test_trouble_is_one_sentence(start, mine, capsys, arguments, message):
    assert door.main(["lab", *arguments]) > 0
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not mine.exists()


def test_a_python_without_jupyterlab_is_named(mine, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert door.main(["lab"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"This Python, {sys.executable}, lacks the package jupyterl")
    assert "python -m d2l_utils doctor" in said
    assert said.count("\n") == 1
    assert not mine.exists()  # another Python is to write its kernel into the copy


# --- a lesson as JupyterLab saves it


@pytest.fixture
def kernel(monkeypatch):
    """A kernel with a version of its own."""
    fake = ModuleType("ipykernel.ipkernel")
    fake.IPythonKernel = SimpleNamespace(language_info=HERE)
    monkeypatch.setitem(sys.modules, "ipykernel.ipkernel", fake)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lesson_name)
def test_only_the_kernel_is_written_into_a_lesson(kernel, tmp_path, path):
    lesson = _working_copy.read(path)
    here = _saved_here.for_learner(lesson)
    assert here[1:] == lesson[1:]
    (tmp_path / "a.ipynb").write_bytes(here.content)
    assert _working_copy.read(tmp_path / "a.ipynb") == here

    # Saved by nbformat, as JupyterLab does, it is the same, byte by byte.
    whole = nbformat.reads(here.content.decode(), as_version=4)
    nbformat.write(whole, tmp_path / "saved.ipynb")
    assert (tmp_path / "saved.ipynb").read_bytes() == here.content
    assert whole.metadata.language_info == HERE
    whole.metadata.language_info = {"name": "python"}
    course = nbformat.reads(lesson.content.decode(), as_version=4)
    for cell in course.cells:
        if _saved_here.PREDICTED_TAG in cell.metadata.get("tags", []):
            cell |= {"outputs": [], "execution_count": None}
    assert whole == course


def test_what_is_to_be_predicted_is_not_there_yet(kernel, tmp_path):
    printed = [nbformat.v4.new_output("stream", text="6\n")]
    cells = [
        nbformat.v4.new_code_cell("print(6)", outputs=printed, execution_count=1)
        for _ in range(2)
    ]
    cells[1].metadata["tags"] = ["hide-output"]
    metadata = {"language_info": _saved_here.OF_THE_COURSE}
    lesson = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(lesson, tmp_path / "01_lesson.ipynb")
    here = _saved_here.for_learner(_working_copy.read(tmp_path / "01_lesson.ipynb"))
    shown, predicted = json.loads(here.content)["cells"]
    assert (bool(shown["outputs"]), shown["execution_count"]) == (True, 1)
    assert (predicted["outputs"], predicted["execution_count"]) == ([], None)
    assert here.version == _working_copy.read(tmp_path / "01_lesson.ipynb").version


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"<<<<<<< HEAD", b"[]", b'{"cells": []}', b'{"metadata": {}}'),
        b'{"metadata": {"kernelspec": {"name": "python3"}, "language_info": {"name": '
        b'"python", "version": "3.11.7"}}}',
    ],
)
def test_what_the_builder_did_not_write_stays_as_it_is(kernel, content):
    lesson = _working_copy.Notebook(content)
    assert _saved_here.for_learner(lesson) == lesson


def test_without_a_kernel_a_lesson_stays_as_it_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel.ipkernel", None)
    lesson = _working_copy.read(NOTEBOOKS[0])
    assert _saved_here.for_learner(lesson) == lesson
