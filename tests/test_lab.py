"""`make lab`: the copy is brought up to date, and JupyterLab is given what to show."""

import json
import os
import sys
from types import ModuleType, SimpleNamespace

import nbformat
import pytest

import lab
import saved_here
import working_copy
from project import NOTEBOOKS, lesson_name

HERE = {"version": "3.99", "name": "python"}


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start with some arguments; give what JupyterLab is called with."""
    calls = []
    jupyterlab = ModuleType("jupyterlab.labapp")
    jupyterlab.main = calls.append
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", jupyterlab)
    monkeypatch.setattr(working_copy, "MINE", tmp_path / "my_lessons")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)

    def start(*arguments):
        monkeypatch.setattr(sys, "argv", ["lab.py", *arguments])
        with pytest.raises(SystemExit) as stopped:
            lab.main()
        assert stopped.value.code is None
        return calls.pop()

    return start


def workspace(folder):
    (file,) = (folder / ".lab").iterdir()
    return file


def test_the_first_start_has_the_first_lesson_and_later_ones_what_was_open(
    start, tmp_path
):
    mine = tmp_path / "my_lessons"
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
def test_a_layout_that_a_stop_has_cut_starts_over(start, tmp_path, damaged):
    start()
    kept = workspace(tmp_path / "my_lessons")
    whole = kept.read_text()
    kept.write_text(damaged)
    start()
    assert kept.read_text() == whole


def test_where_no_layout_can_be_kept_jupyterlab_opens_all_the_same(start, tmp_path):
    mine = tmp_path / "my_lessons"
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["here"], "here is no option; the folder is --folder here"),
        (["--language", "xx"], "There are no lessons in "),
    ],
)
def test_trouble_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.setattr(working_copy, "MINE", tmp_path / "my_lessons")
    monkeypatch.setattr(sys, "argv", ["lab.py", *arguments])
    with pytest.raises(SystemExit) as stopped:
        lab.main()
    assert message in f"{stopped.value} {capsys.readouterr().err}"
    assert not (tmp_path / "my_lessons").exists()


def test_a_python_without_jupyterlab_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(working_copy, "MINE", tmp_path / "my_lessons")
    monkeypatch.setattr(sys, "argv", ["lab.py"])
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    with pytest.raises(SystemExit) as stopped:
        lab.main()
    message = f"JupyterLab is not installed in {sys.executable}: the README says how."
    assert stopped.value.code == message


# --- a lesson as JupyterLab saves it


@pytest.fixture
def kernel(monkeypatch):
    """A kernel with a version of its own."""
    fake = ModuleType("ipykernel.ipkernel")
    fake.IPythonKernel = SimpleNamespace(language_info=HERE)
    monkeypatch.setitem(sys.modules, "ipykernel.ipkernel", fake)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lesson_name)
def test_only_the_kernel_is_written_into_a_lesson(kernel, tmp_path, path):
    lesson = working_copy.read(path)
    here = saved_here.for_learner(lesson)
    assert here[1:] == lesson[1:]
    (tmp_path / "a.ipynb").write_bytes(here.content)
    assert working_copy.read(tmp_path / "a.ipynb") == here

    # Saved by nbformat, as JupyterLab does, it is the same, byte by byte.
    whole = nbformat.reads(here.content.decode(), as_version=4)
    nbformat.write(whole, tmp_path / "saved.ipynb")
    assert (tmp_path / "saved.ipynb").read_bytes() == here.content
    assert whole.metadata.language_info == HERE
    whole.metadata.language_info = {"name": "python"}
    course = nbformat.reads(lesson.content.decode(), as_version=4)
    for cell in course.cells:
        if saved_here.PREDICTED_TAG in cell.metadata.get("tags", []):
            cell |= {"outputs": [], "execution_count": None}
    assert whole == course


def test_what_is_to_be_predicted_is_not_there_yet(kernel, tmp_path):
    printed = [nbformat.v4.new_output("stream", text="6\n")]
    cells = [
        nbformat.v4.new_code_cell("print(6)", outputs=printed, execution_count=1)
        for _ in range(2)
    ]
    cells[1].metadata["tags"] = ["hide-output"]
    metadata = {"language_info": saved_here.OF_THE_COURSE}
    lesson = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(lesson, tmp_path / "01_lesson.ipynb")
    here = saved_here.for_learner(working_copy.read(tmp_path / "01_lesson.ipynb"))
    shown, predicted = json.loads(here.content)["cells"]
    assert (bool(shown["outputs"]), shown["execution_count"]) == (True, 1)
    assert (predicted["outputs"], predicted["execution_count"]) == ([], None)
    assert here.version == working_copy.read(tmp_path / "01_lesson.ipynb").version


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"<<<<<<< HEAD", b"[]", b'{"cells": []}', b'{"metadata": {}}'),
        b'{"metadata": {"kernelspec": {"name": "python3"}, "language_info": {"name": '
        b'"python", "version": "3.11.7"}}}',
    ],
)
def test_what_the_builder_did_not_write_stays_as_it_is(kernel, content):
    lesson = working_copy.Notebook(content)
    assert saved_here.for_learner(lesson) == lesson


def test_without_a_kernel_a_lesson_stays_as_it_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel.ipkernel", None)
    lesson = working_copy.read(NOTEBOOKS[0])
    assert saved_here.for_learner(lesson) == lesson
