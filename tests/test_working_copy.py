"""The working copy: lessons follow the course, and no learner's work is ever lost."""

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import types
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

import builder
import sabotage
import working_copy
from project import ROOT, each_notebook, write_lesson

SCRIPT = ROOT / "chapters" / "working_copy.py"
ONE, TWO = "01_first.ipynb", "02_second.ipynb"
NEW, NEW2 = "01_first_new.ipynb", "01_first_new2.ipynb"


# --- a course and a learner


def notebook(*sources, outputs=(), count=None):
    """The bytes of a notebook as the builder writes it, its first cell a text."""
    cells = []
    for number, source in enumerate(sources):
        kind = "code" if number else "markdown"
        said = f"{kind}\n{source}".encode()
        cell = {"cell_type": kind, "source": source, "metadata": {}}
        cell["id"] = f"{hashlib.sha256(said).hexdigest()[:8]}-{number}"
        if kind == "code":
            cell |= {"outputs": list(outputs), "execution_count": count}
        cells.append(cell)
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


def change(path, edit):
    """Save a notebook as JupyterLab does, after an edit of its cells."""
    whole = json.loads(path.read_bytes())
    edit(whole["cells"])
    for cell in whole["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")


def write_cell(text):
    """An edit: a new cell with a text."""

    def edit(cells):
        cells.append({"cell_type": "code", "source": text, "metadata": {}, "id": "me"})

    return edit


def run_cells(cells):
    """No edit: what running the cells leaves."""
    for cell in cells[1:]:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran"}]
        cell["execution_count"] = 7
        cell["metadata"] = {"collapsed": False}


class Place:
    """A course of tiny lessons, and the folder of a learner."""

    module = working_copy

    def __init__(self, folder):
        self.course = folder / "course"
        self.mine = folder / "mine"
        self.course.mkdir(parents=True, exist_ok=True)

    def ship(self, **lessons):
        """Publish the lessons anew: first="one text", …, the only ones there are."""
        for old in self.course.iterdir():
            old.unlink()
        for name, text in lessons.items():
            number = {"first": 1, "second": 2, "third": 3}[name]
            content = notebook(f"# {name}", text, "print(1)")
            (self.course / f"0{number}_{name}.ipynb").write_bytes(content)
        return self

    def update(self):
        return list(self.module.update(self.course, self.mine))

    def edit(self, name, text="my work"):
        change(self.mine / name, write_cell(text))

    def run(self, name):
        change(self.mine / name, run_cells)

    def has(self, name, text):
        """Whether a file says what the course said with this text, or more."""
        return text in (self.mine / name).read_text(encoding="utf-8")

    def names(self):
        return sorted(p.name for p in self.mine.iterdir() if p.name[0] != ".")

    def state(self):
        return json.loads((self.mine / ".downhill.json").read_bytes())["lessons"]


def begin(folder):
    """A learner who has just begun a course of two lessons."""
    place = Place(folder).ship(first="v1", second="v1")
    place.update()
    return place


@pytest.fixture
def place(tmp_path):
    return begin(tmp_path)


def snapshot(folder):
    """Every file of a folder with its content and its time."""
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- at the start


def test_first_start_copies_every_lesson_and_says_where(tmp_path):
    place = Place(tmp_path).ship(first="v1", second="v1")
    assert place.update() == [
        f"Your copy of the lessons is in {place.mine}. What you change there stays, "
        "also when the course is updated."
    ]
    assert place.names() == [ONE, TWO]
    for name in place.names():
        assert (place.mine / name).read_bytes() == (place.course / name).read_bytes()


def test_an_empty_folder_is_a_first_start(tmp_path):
    place = Place(tmp_path).ship(first="v1")
    place.mine.mkdir()
    assert len(place.update()) == 1


def test_nothing_happened_nothing_said_nothing_written(place):
    place.run(ONE)
    place.edit(TWO)
    before = snapshot(place.mine)
    assert place.update() == []
    assert snapshot(place.mine) == before


def test_a_new_lesson_is_added(place):
    place.ship(first="v1", second="v1", third="v1")
    assert place.update() == ["03_third.ipynb: new."]
    assert place.update() == []


def test_a_deleted_lesson_starts_over(place):
    place.edit(ONE)
    (place.mine / ONE).unlink()
    assert place.update() == [f"{ONE}: was gone, so it starts over."]
    assert (place.mine / ONE).read_bytes() == (place.course / ONE).read_bytes()
    assert place.update() == []


def test_a_renamed_lesson_is_the_learners_own(place):
    (place.mine / ONE).rename(place.mine / "mine.ipynb")
    place.ship(first="v2", second="v1")
    assert place.update() == [f"{ONE}: was gone, so it starts over."]
    assert place.has("mine.ipynb", "v1")
    assert place.has(ONE, "v2")


def test_a_changed_lesson_that_was_deleted_after_an_offer_starts_over(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    (place.mine / ONE).unlink()
    assert place.update() == [
        f"{ONE}: was gone, so it starts over.",
        f"{NEW}: removed. You had not changed it, and it is not needed now.",
    ]
    assert place.names() == [ONE, TWO]


# --- what counts as a change


def test_a_lesson_that_was_only_run_keeps_its_outputs(place):
    place.run(ONE)
    assert place.update() == []
    assert place.has(ONE, "ran")


def test_a_lesson_that_was_only_run_is_renewed(place):
    place.run(ONE)
    place.ship(first="v2", second="v1")
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]
    assert (place.mine / ONE).read_bytes() == (place.course / ONE).read_bytes()
    assert place.names() == [ONE, TWO]
    assert place.update() == []


def test_other_outputs_of_the_course_are_no_new_version(place):
    before = snapshot(place.mine)
    (place.course / ONE).write_bytes(notebook("# first", "v1", "print(1)", count=3))
    assert place.update() == []
    assert snapshot(place.mine) == before


def edited_text(cells):
    cells[1]["source"] += " "


def added(cells):
    cells.insert(1, {"cell_type": "code", "source": "", "metadata": {}})


def deleted(cells):
    del cells[-1]


def all_deleted(cells):
    del cells[:]


def moved(cells):
    cells[1], cells[2] = cells[2], cells[1]


def other_kind(cells):
    cells[1]["cell_type"] = "raw"


def joined(cells):
    cells[1]["source"] += cells.pop()["source"]


def one_letter(cells):
    cells[1]["source"] = cells[1]["source"].upper()


@pytest.mark.parametrize(
    "edit",
    [edited_text, added, deleted, all_deleted, moved, other_kind, joined, one_letter],
    ids=lambda edit: edit.__name__,
)
def test_every_kind_of_edit_is_kept(place, edit):
    change(place.mine / ONE, edit)
    edited = (place.mine / ONE).read_bytes()
    assert place.update() == []
    place.ship(first="v2", second="v1")
    assert len(place.update()) == 1
    assert (place.mine / ONE).read_bytes() == edited
    assert place.has(NEW, "v2")


def test_an_edit_that_was_taken_back_is_none(place):
    place.edit(ONE)
    place.update()
    change(place.mine / ONE, deleted)
    place.ship(first="v2", second="v1")
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]


# --- updates of a changed lesson


def test_the_new_version_is_put_beside_a_changed_lesson(place):
    place.edit(ONE)
    edited = (place.mine / ONE).read_bytes()
    place.ship(first="v2", second="v2")
    assert place.update() == [
        f"{ONE}: you changed it, so it stays. The new version is beside it: {NEW}.",
        f"{TWO}: renewed. You had not changed it.",
    ]
    assert (place.mine / ONE).read_bytes() == edited
    assert (place.mine / NEW).read_bytes() == (place.course / ONE).read_bytes()
    assert place.update() == []


def test_second_update_renews_the_file_beside(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    place.run(NEW)
    place.ship(first="v3", second="v1")
    assert place.update() == [
        f"{ONE}: you changed it, so it stays. The new version is beside it: {NEW}."
    ]
    assert place.names() == [ONE, NEW, TWO]
    assert (place.mine / NEW).read_bytes() == (place.course / ONE).read_bytes()
    assert place.has(ONE, "my work")


def test_changed_files_beside_are_kept_too(place):
    place.edit(ONE, "work 1")
    for number, name in [(2, NEW), (3, NEW2)]:
        place.ship(first=f"v{number}", second="v1")
        assert place.update()[0].endswith(f"beside it: {name}.")
        place.edit(name, f"work {number}")
    place.ship(first="v4", second="v1")
    assert place.update()[0].endswith("beside it: 01_first_new3.ipynb.")
    assert place.update() == []
    assert place.has(ONE, "work 1")
    assert place.has(NEW, "work 2")
    assert place.has(NEW2, "work 3")
    assert place.has("01_first_new3.ipynb", "v4")


def test_a_deleted_file_beside_is_offered_again_with_the_next_version_only(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    (place.mine / NEW).unlink()
    assert place.update() == []
    assert place.names() == [ONE, TWO]
    place.ship(first="v3", second="v1")
    assert place.update()[0].endswith(f"beside it: {NEW}.")
    assert place.has(NEW, "v3")


def test_only_the_newest_version_stays_beside(place):
    place.edit(ONE)
    for number in (2, 3):
        place.ship(first=f"v{number}", second="v1")
        place.update()
        place.edit(NEW)
    (place.mine / NEW).unlink()
    place.ship(first="v4", second="v1")
    assert place.update() == [
        f"{ONE}: you changed it, so it stays. The new version is beside it: {NEW}.",
        f"{NEW2}: removed. You had not changed it, and it is not needed now.",
    ]


def test_the_version_that_a_changed_lesson_came_from_is_not_offered(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    place.ship(first="v1", second="v1")
    assert place.update() == []
    place.ship(first="v2", second="v1")
    assert place.update() == []


def test_an_old_version_that_comes_back_is_offered_again(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    shutil.copy(place.course / ONE, place.mine / ONE)
    place.ship(first="v3", second="v1")
    place.update()
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    assert place.update()[0].endswith(f"beside it: {NEW}.")


@pytest.mark.parametrize("take", [shutil.copy, os.replace])
def test_taking_over_the_new_version(place, take):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    take(place.mine / NEW, place.mine / ONE)
    removed = [f"{NEW}: removed. You had not changed it, and it is not needed now."]
    assert place.update() == (removed if take is shutil.copy else [])
    assert place.names() == [ONE, TWO]
    place.ship(first="v3", second="v1")
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]


def test_taking_over_a_version_that_is_renewed_at_once(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    (place.mine / NEW).replace(place.mine / ONE)
    place.ship(first="v3", second="v1")
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]
    assert place.names() == [ONE, TWO]


def test_a_changed_file_beside_outlives_the_taking_over(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    shutil.copy(place.course / ONE, place.mine / ONE)
    place.edit(NEW, "more work")
    assert place.update() == []
    place.ship(second="v1")
    place.update()
    assert place.names() == [NEW, TWO]
    assert place.has(NEW, "more work")


# --- the learner's own files


def test_own_file_with_the_name_of_a_new_lesson(place):
    own = place.mine / "03_third.ipynb"
    own.write_bytes(notebook("mine"))
    place.ship(first="v1", second="v1", third="v1")
    assert place.update() == [
        "03_third.ipynb: you changed it, so it stays. "
        "The new version is beside it: 03_third_new.ipynb."
    ]
    assert own.read_bytes() == notebook("mine")
    assert place.update() == []


@pytest.mark.parametrize("content", [notebook("mine"), b"", notebook("# first", "v1")])
def test_own_file_with_the_name_of_a_file_beside(place, content):
    (place.mine / NEW).write_bytes(content)
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    assert place.update()[0].endswith(f"beside it: {NEW2}.")
    place.ship(first="v3", second="v1")
    assert place.update()[0].endswith(f"beside it: {NEW2}.")
    assert (place.mine / NEW).read_bytes() == content


def test_an_unchanged_copy_of_an_old_version_is_the_learners_own(place):
    shutil.copy(place.mine / ONE, place.mine / NEW)
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    assert place.update()[0].endswith(f"beside it: {NEW2}.")
    assert place.has(NEW, "v1")


def test_other_files_are_never_touched(place):
    checkpoint = ".ipynb_checkpoints/01_first-checkpoint.ipynb"
    for name in ("notes.md", checkpoint, "a.part", "02_second_old.ipynb"):
        path = place.mine / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine", encoding="utf-8")
    own = {p: s for p, s in snapshot(place.mine).items() if s[0] == b"mine"}
    place.edit(ONE)
    place.ship(first="v2", second="v2", third="v1")
    place.update()
    assert len(own) == 4
    assert own.items() <= snapshot(place.mine).items()


# --- lessons that the course drops


def test_a_dropped_lesson_goes_if_it_is_unchanged(place):
    place.run(TWO)
    place.ship(first="v1")
    assert place.update() == [
        f"{TWO}: removed. You had not changed it, and the course dropped it."
    ]
    assert place.names() == [ONE]
    assert place.update() == []


def test_a_dropped_lesson_stays_if_it_is_changed(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    place.ship(second="v1")
    assert place.update() == [
        f"{ONE}: you changed it, so it stays, although the course dropped it.",
        f"{NEW}: removed. You had not changed it, and it is not needed now.",
    ]
    assert place.names() == [ONE, TWO]
    assert place.update() == []


def test_a_dropped_lesson_that_the_learner_deleted_is_forgotten(place):
    (place.mine / TWO).unlink()
    place.ship(first="v1")
    assert place.update() == []
    assert TWO not in place.state()


def test_a_lesson_that_comes_back_is_the_learners_if_it_was_changed(place):
    place.edit(TWO)
    place.ship(first="v1")
    place.update()
    place.ship(first="v1", second="v1")
    assert len(place.update()) == 1
    assert place.has(TWO, "my work")


# --- copies that cannot be read

WHOLE = notebook("# first", "v1", "print(1)")
DAMAGED = {
    "empty": b"",
    "cut at once": WHOLE[:1],
    "cut in the middle": WHOLE[: len(WHOLE) // 2],
    "cut at the end": WHOLE[:-1],
    "zeros": bytes(1000),
    "not JSON": b"# first",
    "not UTF-8": b'{"cells": "\xff\xfe\xfa"}',
    "a list": b"[]",
    "nothing": b"null",
    "no cells": b"{}",
    "cells of no kind": b'{"cells": [{}]}',
    "cells without a text": b'{"cells": [{"cell_type": "code"}]}',
    "numbers": b'{"cells": [{"cell_type": "code", "source": [1]}]}',
    "an old form": b'{"worksheets": [{"cells": []}], "nbformat": 3}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_copy_is_kept_and_a_good_one_put_beside(place, content):
    (place.mine / ONE).write_bytes(content)
    assert place.update() == [
        f"{ONE}: it cannot be read, so it stays. A good one is beside it: {NEW}."
    ]
    assert (place.mine / ONE).read_bytes() == content
    assert (place.mine / NEW).read_bytes() == (place.course / ONE).read_bytes()
    assert place.update() == []
    (place.mine / NEW).unlink()
    assert place.update() == []
    place.ship(first="v2", second="v1")
    assert len(place.update()) == 1
    assert (place.mine / ONE).read_bytes() == content
    assert place.has(NEW, "v2")


def test_a_changed_copy_that_is_damaged_later_gets_a_good_one_again(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    (place.mine / NEW).unlink()
    (place.mine / ONE).write_bytes(b"")
    assert "it cannot be read" in place.update()[0]
    assert place.has(NEW, "v2")


def test_a_damaged_file_beside_is_kept(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    half = (place.mine / NEW).read_bytes()[:100]
    (place.mine / NEW).write_bytes(half)
    place.ship(first="v3", second="v1")
    assert place.update()[0].endswith(f"beside it: {NEW2}.")
    assert (place.mine / NEW).read_bytes() == half


def test_a_damaged_copy_that_is_repaired_follows_the_course_again(place):
    good = (place.mine / ONE).read_bytes()
    (place.mine / ONE).write_bytes(b"")
    place.update()
    (place.mine / ONE).write_bytes(good)
    removed = f"{NEW}: removed. You had not changed it, and it is not needed now."
    assert place.update() == [removed]
    place.ship(first="v2", second="v1")
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]


def a_folder(path):
    path.mkdir()


def a_link_to_nothing(path):
    path.symlink_to("nowhere.ipynb")


@pytest.mark.parametrize("make", [a_folder, a_link_to_nothing])
def test_what_is_no_file_is_kept(place, make):
    (place.mine / ONE).unlink()
    make(place.mine / ONE)
    place.ship(first="v2", second="v1")
    assert "it cannot be read" in place.update()[0]
    assert not (place.mine / ONE).is_file()
    assert not (place.mine / "nowhere.ipynb").exists()
    assert place.update() == []


def test_a_link_to_a_file_elsewhere_never_changes_that_file(place, tmp_path):
    elsewhere = (place.mine / ONE).rename(tmp_path / "elsewhere.ipynb")
    (place.mine / ONE).symlink_to(elsewhere)
    place.ship(first="v2", second="v1")
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]
    assert "v1" in elsewhere.read_text(encoding="utf-8")
    assert place.has(ONE, "v2")


# --- the state


def test_the_state_holds_what_the_next_update_needs(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    first = place.state()[ONE]
    assert first == {
        "origin": working_copy.digest(notebook("# first", "v1", "print(1)")),
        "offered": working_copy.version(place.course / ONE),
        "beside": {NEW: working_copy.version(place.course / ONE)},
        "unreadable": False,
    }


def with_first(**values):
    """A state with one strange record."""
    record = {"origin": "0" * 64, "offered": None, "beside": {}, "unreadable": False}
    return json.dumps({"form": 1, "lessons": {ONE: record | values}}).encode()


STATES = {
    "empty": b"",
    "cut": with_first()[:40],
    "zeros": bytes(100),
    "nothing": b"null",
    "a list": b"[]",
    "no form": b"{}",
    "another form": with_first().replace(b'"form": 1', b'"form": 2'),
    "no lessons": b'{"form": 1}',
    "lessons in a list": b'{"form": 1, "lessons": []}',
    "a number for a record": b'{"form": 1, "lessons": {"01_first.ipynb": 1}}',
    "a list for a digest": with_first(origin=[]),
    "a number for a digest": with_first(offered=7),
    "a list of files beside": with_first(beside=[NEW]),
    "numbers for files beside": with_first(beside={NEW: 7}),
    "a field too many": with_first(more=1),
    "another digest": with_first(),
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", [None, *STATES.values()], ids=["missing", *STATES])
def test_without_a_good_state_nothing_is_lost(place, content):
    state = place.mine / ".downhill.json"
    place.edit(ONE)
    if content is None:
        state.unlink()
    else:
        state.write_bytes(content)
    assert place.update() == [
        f"{ONE}: you changed it, so it stays. The new version is beside it: {NEW}."
    ]
    assert place.has(ONE, "my work")
    assert place.update() == []
    place.ship(first="v2", second="v2")
    assert place.update() == [
        f"{ONE}: you changed it, so it stays. The new version is beside it: {NEW}.",
        f"{TWO}: renewed. You had not changed it.",
    ]


def test_a_state_of_another_form_is_not_believed(place):
    place.edit(ONE)
    state = place.mine / ".downhill.json"
    content = with_first(origin=working_copy.version(place.mine / ONE))
    state.write_bytes(content.replace(b'"form": 1', b'"form": 2'))
    place.ship(first="v2", second="v1")
    assert "you changed it, so it stays" in place.update()[0]
    assert place.has(ONE, "my work")


def test_without_a_state_an_old_version_counts_as_changed(place):
    (place.mine / ".downhill.json").unlink()
    place.ship(first="v2", second="v1")
    assert "you changed it, so it stays" in place.update()[0]
    assert place.has(ONE, "v1")


def test_without_a_state_files_beside_are_kept(place):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    place.update()
    (place.mine / ".downhill.json").unlink()
    place.ship(first="v3", second="v1")
    assert place.update()[0].endswith(f"beside it: {NEW2}.")
    assert place.has(NEW, "v2")


# --- the lessons of the course


def test_a_lesson_that_was_edited_in_the_course_is_copied_as_the_learners(tmp_path):
    place = Place(tmp_path).ship(first="v1", second="v1")
    change(place.course / ONE, write_cell("my work"))
    assert place.update()[0] == (
        f"{ONE}: copied with the changes that were made in the folder of the course."
    )
    assert place.update() == []
    for text in ("v1", "v2"):
        place.ship(first=text, second="v1")
        assert place.update()[0].endswith(f"beside it: {NEW}.")
        assert place.has(ONE, "my work")


def test_edits_in_the_course_are_not_carried_into_the_copies(place):
    change(place.course / ONE, write_cell("elsewhere"))
    before = snapshot(place.mine)
    assert place.update() == []
    assert snapshot(place.mine) == before


def test_a_notebook_that_jupyterlab_is_writing_is_no_lesson(place):
    (place.course / ".~01_first.ipynb").write_bytes(b"")
    assert place.update() == []


def test_a_damaged_lesson_of_the_course_leaves_the_copy_alone(place):
    (place.course / ONE).write_bytes(b"<<<<<<< HEAD")
    before = snapshot(place.mine)
    says = f"{ONE}: cannot be read in {place.course}, so your copy stays as it is."
    assert place.update() == [says]
    assert snapshot(place.mine) == before


@each_notebook
def test_the_lessons_of_the_course_are_as_they_were_built(notebook):
    assert working_copy.read_lesson(notebook).is_built


def test_the_builder_gives_the_ids_that_are_looked_for(tmp_path):
    text = write_lesson(tmp_path / "01.md", "a = 1", "é = '×'", "a = 1")
    lesson = builder.read_lesson(text)
    content = json.dumps(lesson).encode()
    assert working_copy.is_built(content)
    assert not working_copy.is_built(content.replace(b"a = 1", b"a = 2", 1))


# --- stopped, and not alone


class Stopped(BaseException):
    """The end of a process."""


class Steps:
    """Counts the steps that change the disk, and does something before one of them."""

    def __init__(self, monkeypatch, number, what):
        self.number, self.what, self.count = number, what, 0
        for name in ("link", "mkdir", "rename", "replace", "unlink"):
            monkeypatch.setattr(os, name, self.counted(getattr(os, name)))
        monkeypatch.setattr(Path, "open", self.opened(Path.open))

    def counted(self, function):
        def call(*arguments, **options):
            self.step()
            return function(*arguments, **options)

        return call

    def opened(self, function):
        def call(path, mode="r", *arguments, **options):
            stream = function(path, mode, *arguments, **options)
            return stream if mode[0] == "r" else Halves(stream, self.step)

        return call

    def step(self):
        self.count += 1
        if self.count == self.number:
            self.what()


class Halves:
    """A stream that takes a step before, amid and after each write."""

    def __init__(self, stream, step):
        self.stream, self.step = stream, step

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stream.close()

    def write(self, content):
        middle = len(content) // 2
        for half in (content[:middle], content[middle:]):
            self.step()
            self.stream.write(half)
            self.stream.flush()
        self.step()


class Stop:
    """Ends a process: no step is done any more, no tidying up either."""

    def __init__(self, monkeypatch, number):
        self.steps = Steps(monkeypatch, number, self)

    def __call__(self):
        self.steps.number += 1
        raise Stopped


def texts_of(folder):
    """All that the files of a folder say, those with a hidden name, too."""
    return "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".downhill.json"
    )


WORK = {"work 1", "work 2", "work 3"}


def busy(folder):
    """A learner's folder in which an update has some of everything to do."""
    place = Place(folder).ship(first="v1", second="v1", third="v1")
    place.update()
    place.edit(ONE, "work 1")
    place.ship(first="v2", second="v1", third="v1")
    place.update()
    place.edit(NEW, "work 2")
    place.ship(first="v3", second="v1", third="v1")
    place.update()
    place.run(TWO)
    (place.mine / "03_third.ipynb").write_bytes(b"work 3")
    place.update()
    return place.ship(first="v4", second="v2")


def fresh(folder):
    """A learner who begins."""
    return Place(folder).ship(first="v1", second="v1")


def places_for_every_step(tmp_path, prepare):
    """The same place again and again, with the number of the step to be disturbed."""
    prepare(tmp_path / "prepared")
    for number in range(1, 100):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "prepared", folder)
        yield number, Place(folder)
    pytest.fail("an update does not end")


def half_written(folder):
    """The lessons and the state that are not whole; other names do not count."""
    paths = [*folder.glob("[!.]*.ipynb"), *folder.glob(".downhill.json")]
    return [
        path.name
        for path in paths
        if path.read_bytes() != b"work 3" and not path.read_bytes().endswith(b"}")
    ]


def has_course(place, name):
    """Whether a lesson or a file beside it is the version of the course."""
    wanted = working_copy.version(place.course / name)
    copies = place.mine.glob(f"{Path(name).stem}*.ipynb")
    return wanted in [working_copy.version(copy) for copy in copies]


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("course", ["same", "newer"])
@pytest.mark.parametrize("prepare", [busy, fresh])
def test_stopped_at_any_step(tmp_path, prepare, course, links):
    for number, place in places_for_every_step(tmp_path, prepare):
        work = WORK if prepare is busy else set()
        with pytest.MonkeyPatch.context() as monkeypatch:
            if not links:
                monkeypatch.setattr(os, "link", refuse(errno.EPERM))
            stop = Stop(monkeypatch, number)
            try:
                place.update()
                break
            except Stopped:
                assert stop.steps.count >= number
        assert all(text in texts_of(place.mine) for text in work)
        assert half_written(place.mine) == []
        if course == "newer":
            place.ship(first="v5", second="v5")
        place.update()
        assert all(text in texts_of(place.mine) for text in work)
        assert has_course(place, ONE)
        assert has_course(place, TWO)
        assert place.update() == []
    assert number > 15


def test_what_was_renewed_before_a_stop_follows_the_next_version(place, monkeypatch):
    rename = os.rename

    def stop(source, target):
        if Path(source).name == TWO:
            raise Stopped
        rename(source, target)

    place.ship(first="v2", second="v2")
    monkeypatch.setattr(os, "rename", stop)
    with pytest.raises(Stopped):
        place.update()
    monkeypatch.undo()
    place.ship(first="v3", second="v3")
    renewed = "renewed. You had not changed it."
    assert place.update() == [f"{ONE}: {renewed}", f"{TWO}: {renewed}"]


def save(place, work):
    """The learner saves new work in every file that is open."""
    for name in (ONE, NEW, TWO, "03_third.ipynb"):
        work.append(f"work in {name}")
        place.mine.mkdir(exist_ok=True)
        (place.mine / name).write_bytes(notebook("# new", work[-1]))


def run_another(place, work):
    """Another process does the same; then the learner works on."""
    place.update()
    save(place, work)


def run_a_newer(place, work):
    """The course is updated, another process follows; then the learner works on."""
    place.ship(first="v5", second="v5", third="v5")
    run_another(place, work)


@pytest.mark.parametrize("what", [save, run_another, run_a_newer])
@pytest.mark.parametrize("prepare", [busy, fresh])
def test_not_alone_at_any_step(tmp_path, prepare, what):
    for number, place in places_for_every_step(tmp_path, prepare):
        work = []
        with pytest.MonkeyPatch.context() as monkeypatch:
            steps = Steps(monkeypatch, number, partial(what, place, work))
            place.update()
        if steps.count < number:
            break
        assert all(text in texts_of(place.mine) for text in work)
        place.update()
        assert all(text in texts_of(place.mine) for text in work)
    assert number > 15


def begin_to_save(place, saving):
    """JupyterLab begins to save new work in every file that is open."""
    for name in (ONE, NEW, TWO, "03_third.ipynb"):
        saving[f"work in {name}"] = io.FileIO(place.mine / name, "w")


def test_a_slow_save_at_any_step(tmp_path):
    for number, place in places_for_every_step(tmp_path, busy):
        saving = {}
        with pytest.MonkeyPatch.context() as monkeypatch:
            steps = Steps(monkeypatch, number, partial(begin_to_save, place, saving))
            place.update()
        for work, stream in saving.items():
            stream.write(work.encode())
            stream.close()
        assert all(text in texts_of(place.mine) for text in saving)
        if steps.count < number:
            break
    assert number > 15


def test_two_saves_while_a_file_is_removed_are_both_kept(tmp_path):
    path = tmp_path / ONE
    path.write_bytes(notebook("work 1"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        save_again = partial(path.write_bytes, notebook("work 2"))
        Steps(monkeypatch, 2, save_again)
        with pytest.raises(FileExistsError):
            working_copy.remove(path, {"of the course"})
    assert "work 2" in path.read_text(encoding="utf-8")
    assert "work 1" in texts_of(tmp_path)


def test_nothing_is_left_lying_about(tmp_path):
    place = busy(tmp_path)
    place.update()
    assert [p.name for p in place.mine.iterdir() if ".part" in p.name] == []
    assert [name for name in place.names() if "_old_" in name] == []


# --- a folder or a file that cannot be used


def refuse(code):
    """A function that fails as the operating system does."""

    def call(*arguments, **options):
        raise OSError(code, os.strerror(code))

    return call


@pytest.fixture
def project(tmp_path):
    """A copy of the script, with a course of its own."""
    place = Place(tmp_path / "place").ship(first="v1", second="v1")
    chapters = tmp_path / "project" / "chapters"
    shutil.copytree(place.course, chapters / "en")
    shutil.copy(SCRIPT, chapters)
    return chapters.parent


def run_script(project, *arguments, cwd=None, **variables):
    return subprocess.run(
        [sys.executable, project / "chapters" / "working_copy.py", *arguments],
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )


def test_the_script_fills_my_lessons(project):
    result = run_script(project)
    folder = project / "my_lessons"
    assert result.stdout.startswith(f"Your copy of the lessons is in {folder}. ")
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(p.name for p in folder.glob("*.ipynb")) == [ONE, TWO]
    assert run_script(project).stdout == ""


def test_the_script_takes_a_folder_and_a_language(project, tmp_path):
    shutil.copytree(project / "chapters" / "en", project / "chapters" / "zh")
    (project / "chapters" / "zh" / TWO).unlink()
    arguments = ["--language", "zh", "课程/mine"]
    result = run_script(project, *arguments, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "课程" / "mine" / ONE).is_file()
    assert not (tmp_path / "课程" / "mine" / TWO).exists()


def a_file(project):
    (project / "my_lessons").write_text("mine")
    return [], "my_lessons: there is a file of that name."


def below_a_file(project):
    (project / "mine").write_text("mine")
    return [project / "mine" / "here"], "here: Not a directory."


def no_such_language(project):
    return ["--language", "xx"], "There are no lessons in "


def the_course_itself(project):
    folder = project / "chapters" / "en"
    return [folder], "is the folder of the course itself: name another."


@pytest.mark.parametrize(
    "trouble", [a_file, below_a_file, no_such_language, the_course_itself]
)
def test_trouble_is_one_sentence(project, trouble):
    arguments, words = trouble(project)
    before = snapshot(project)
    result = run_script(project, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert snapshot(project) == before


def full(stream_class):
    """A stream on a disk that is full after a few bytes."""

    def call(path, mode="r", *arguments, **options):
        stream = stream_class(path, mode, *arguments, **options)
        if mode[0] == "r":
            return stream
        return Halves(stream, refuse(errno.ENOSPC))

    return call


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda m: m.setattr(Path, "open", full(Path.open)), "No space left on device"),
        (lambda m: m.setattr(os, "replace", refuse(errno.EROFS)), "Read-only file"),
        (lambda m: m.setattr(os, "mkdir", refuse(errno.EACCES)), "Permission denied"),
    ],
    ids=["full", "read-only", "no permission"],
)
def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, fault, words):
    place = Place(tmp_path).ship(first="v1", second="v1")
    fault(monkeypatch)
    says = (
        f"^The lessons cannot be copied to {re.escape(str(place.mine))}: {words}.*[.]$"
    )
    with pytest.raises(working_copy.CopyError, match=says):
        place.update()
    if place.mine.exists():
        assert [p for p in place.mine.iterdir() if p.suffix != ".ipynb"] == []


def test_a_full_disk_takes_no_lesson_away(tmp_path):
    place = busy(tmp_path)
    before = snapshot(place.mine)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Path, "open", full(Path.open))
        with pytest.raises(place.module.CopyError, match="No space left"):
            place.update()
    assert snapshot(place.mine) == before


def test_a_folder_that_cannot_be_written_is_no_trouble_if_nothing_is_to_do(
    place, monkeypatch
):
    place.edit(ONE)
    monkeypatch.setattr(Path, "open", full(Path.open))
    assert place.update() == []


def test_a_file_that_is_in_use_stays_and_the_others_go_on(place, monkeypatch):
    rename = os.rename

    def locked(source, target):
        if Path(source).name == ONE:
            refuse(errno.EACCES)()
        rename(source, target)

    monkeypatch.setattr(os, "rename", locked)
    place.ship(first="v2", second="v2")
    says = f"{ONE}: in use by another program, so it stays for now (Permission denied)."
    assert place.update() == [says, f"{TWO}: renewed. You had not changed it."]
    assert place.has(ONE, "v1")
    monkeypatch.undo()
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]


def test_a_version_that_could_not_be_put_beside_is_offered_later(place, monkeypatch):
    place.edit(ONE)
    place.ship(first="v2", second="v1")
    for name in ("link", "rename"):
        monkeypatch.setattr(os, name, refuse(errno.EACCES))
    assert "in use by another program" in place.update()[0]
    monkeypatch.undo()
    assert place.update()[0].endswith(f"beside it: {NEW}.")


def test_an_old_file_that_cannot_be_deleted_does_not_stop_the_new_one(
    place, monkeypatch
):
    place.ship(first="v2", second="v1")
    monkeypatch.setattr(os, "unlink", refuse(errno.EACCES))
    assert place.update() == [f"{ONE}: renewed. You had not changed it."]
    assert place.has(ONE, "v2")


def test_a_dropped_lesson_that_is_in_use_stays_for_now(place, monkeypatch):
    monkeypatch.setattr(os, "rename", refuse(errno.EACCES))
    place.ship(first="v1")
    assert "in use by another program" in place.update()[0]
    monkeypatch.undo()
    assert place.update()[0].startswith(f"{TWO}: removed.")


def test_without_links_no_name_is_taken_that_is_in_use(tmp_path, monkeypatch):
    part, path = tmp_path / "part", tmp_path / ONE
    part.write_bytes(b"new")
    path.write_bytes(b"work")
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    with pytest.raises(FileExistsError):
        working_copy.give_name(part, path)
    assert path.read_bytes() == b"work"


def test_without_links_everything_works(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    place = busy(tmp_path)
    assert len(place.update()) == 4
    assert all(text in texts_of(place.mine) for text in WORK)
    assert [p.name for p in place.mine.iterdir() if ".part" in p.name] == []


def test_many_processes_at_once(project):
    script = project / "chapters" / "working_copy.py"
    command = [sys.executable, script]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(6)
    ]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 6
    folder = project / "my_lessons"
    assert sorted(p.name for p in folder.iterdir()) == [".downhill.json", ONE, TWO]
    assert run_script(project).stdout == ""


# --- whatever learners and authors do


class Course(RuleBasedStateMachine):
    """Any actions in any order, with what must hold after each update."""

    def __init__(self):
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.place = Place(Path(self.temporary.name))
        self.place.mine.mkdir()
        self.shipped = set()
        self.count = 0
        self.ship({"first", "second"}, 1)

    def teardown(self):
        self.temporary.cleanup()

    def pick(self, number):
        """One of the learner's files, None if there is none."""
        names = self.place.names()
        return self.place.mine / names[number % len(names)] if names else None

    def files(self):
        """What each of the learner's files says, and its bytes."""
        paths = [self.place.mine / name for name in self.place.names()]
        return {path.name: (said(path), path.read_bytes()) for path in paths}

    @rule(
        lessons=st.sets(st.sampled_from(["first", "second", "third"]), min_size=1),
        number=st.integers(1, 4),
    )
    def ship(self, lessons, number):
        self.place.ship(**dict.fromkeys(sorted(lessons), f"v{number}"))
        self.shipped |= {said(path) for path in self.place.course.iterdir()}
        self.update()

    @rule(
        number=st.integers(0, 9),
        edit=st.sampled_from([None, edited_text, added, moved, other_kind, joined]),
        version=st.integers(0, 4),
    )
    def edit(self, number, edit, version):
        path = self.pick(number)
        if path and isinstance(said(path), tuple) and len(said(path)) > 2:
            self.count += 1
            change(path, edit or write_cell(f"work {self.count}"))
            if version:
                self.ship({"first", "second"}, version)

    @rule(number=st.integers(0, 9))
    def run_all(self, number):
        path = self.pick(number)
        if path and isinstance(said(path), tuple) and said(path):
            self.place.run(path.name)

    @rule(number=st.integers(0, 9))
    def delete(self, number):
        if path := self.pick(number):
            path.unlink()

    @rule(number=st.integers(0, 9), share=st.floats(0, 1))
    def cut(self, number, share):
        if path := self.pick(number):
            content = path.read_bytes()
            path.write_bytes(content[: int(share * len(content))])

    @rule(
        number=st.integers(0, 9),
        name=st.sampled_from([ONE, NEW, NEW2, TWO, "mine.ipynb"]),
        move=st.sampled_from([os.replace, shutil.copy]),
    )
    def take(self, number, name, move):
        path = self.pick(number)
        if path and path.name != name:
            move(path, self.place.mine / name)

    @rule(share=st.floats(0, 1))
    def damage_the_state(self, share):
        path = self.place.mine / ".downhill.json"
        if path.exists():
            content = path.read_bytes()
            path.write_bytes(content[: int(share * len(content))])

    @rule(number=st.integers(1, 40))
    def stop_an_update(self, number):
        before = self.files()
        with pytest.MonkeyPatch.context() as monkeypatch:
            Stop(monkeypatch, number)
            with contextlib.suppress(Stopped):
                self.place.update()
        self.check_that_work_stayed(before, self.files())

    @rule()
    def update(self):
        before = self.files()
        lines = self.place.update()
        after = self.files()
        self.check_that_work_stayed(before, after)
        self.check_that_it_followed(before, after)
        changed = {
            name for name in before | after if before.get(name) != after.get(name)
        }
        told = {name for line in lines for name in re.findall(r"\w+\.ipynb", line)}
        assert changed <= told or lines[-1].startswith("Your copy of the lessons is in")
        assert self.place.update() == []

    def check_that_work_stayed(self, before, after):
        """What is no version of the course is where it was, byte by byte."""
        for name, (words, content) in before.items():
            if words not in self.shipped or name == "mine.ipynb":
                assert after.get(name) == (words, content)

    def check_that_it_followed(self, before, after):
        """Every lesson is there: the one of the course, or as it was."""
        for lesson in self.place.course.iterdir():
            possible = {said(lesson), before.get(lesson.name, [said(lesson)])[0]}
            assert after[lesson.name][0] in possible


def said(path):
    """What the cells of a notebook say; the bytes, if that is not to be found out."""
    content = path.read_bytes()
    try:
        cells = json.loads(content)["cells"]
    except ValueError:
        return content
    return tuple((cell["cell_type"], "".join(cell["source"])) for cell in cells)


Course.TestCase.settings = settings(max_examples=60, stateful_step_count=20)
test_any_course = Course.TestCase


# --- planted faults: a test fails for each


def plant(old, new):
    """The module with a fault."""
    source = SCRIPT.read_text(encoding="utf-8")
    assert source.count(old) == 1
    module = types.ModuleType("planted")
    module.__file__ = str(SCRIPT)
    exec(compile(source.replace(old, new), SCRIPT, "exec"), module.__dict__)
    return module


FAULTS = {
    "no comparison of digests": (
        "if mine in record.known - {lesson.version}:",
        "if mine != lesson.version:",
        lambda tmp: test_the_new_version_is_put_beside_a_changed_lesson(begin(tmp)),
    ),
    "renewed without an update": (
        "if mine in record.known - {lesson.version}:",
        "if mine in record.known:",
        lambda tmp: test_a_lesson_that_was_only_run_keeps_its_outputs(begin(tmp)),
    ),
    "outputs count": (
        "hashlib.sha256(json.dumps(said).encode())",
        "hashlib.sha256(content)",
        lambda tmp: test_a_lesson_that_was_only_run_is_renewed(begin(tmp)),
    ),
    "the kind of a cell does not count": (
        "said = [(kind, text) for kind, text, _ in cells(content)]",
        "said = [text for kind, text, _ in cells(content)]",
        lambda tmp: test_every_kind_of_edit_is_kept(begin(tmp), other_kind),
    ),
    "the order of cells does not count": (
        "said = [(kind, text) for kind, text, _ in cells(content)]",
        "said = sorted((kind, text) for kind, text, _ in cells(content))",
        lambda tmp: test_every_kind_of_edit_is_kept(begin(tmp), moved),
    ),
    "the borders of cells do not count": (
        "hashlib.sha256(json.dumps(said).encode())",
        "hashlib.sha256(''.join(text for _, text in said).encode())",
        lambda tmp: test_every_kind_of_edit_is_kept(begin(tmp), joined),
    ),
    "damaged is unchanged": (
        "*self.beside.values()} - {None}",
        "*self.beside.values(), None}",
        lambda tmp: test_a_damaged_copy_is_kept_and_a_good_one_put_beside(
            begin(tmp), b""
        ),
    ),
    "a changed file beside is renewed": (
        "if beside.name in record.beside and version(beside) in record.known:\n"
        "            renew(beside, lesson.content, record.known)",
        "if beside.name in record.beside:\n"
        "            beside.write_bytes(lesson.content)",
        lambda tmp: test_changed_files_beside_are_kept_too(begin(tmp)),
    ),
    "an own file beside is renewed": (
        "if beside.name in record.beside and version(beside) in",
        "if version(beside) in",
        lambda tmp: test_an_unchanged_copy_of_an_old_version_is_the_learners_own(
            begin(tmp)
        ),
    ),
    "any file beside will do": (
        "create(beside, lesson.content) or version(beside) == lesson.version:",
        "create(beside, lesson.content) or True:",
        lambda tmp: test_changed_files_beside_are_kept_too(begin(tmp)),
    ),
    "offered again and again": (
        "not in (record.origin, record.offered)",
        "not in (record.origin,)",
        lambda tmp: (
            test_a_deleted_file_beside_is_offered_again_with_the_next_version_only(
                begin(tmp)
            )
        ),
    ),
    "never offered twice": (
        "not in (record.origin, record.offered)",
        "!= record.origin and not record.offered",
        lambda tmp: test_second_update_renews_the_file_beside(begin(tmp)),
    ),
    "said again and again": (
        "    record.unreadable = mine is None\n",
        "",
        lambda tmp: test_a_damaged_copy_is_kept_and_a_good_one_put_beside(
            begin(tmp), b""
        ),
    ),
    "any state is believed": (
        'if state["form"] != FORM:',
        "if False:",
        lambda tmp: test_a_state_of_another_form_is_not_believed(begin(tmp)),
    ),
    "edits in the course are the course's": (
        "    if not lesson.is_built:\n        return\n    mine",
        "    mine",
        lambda tmp: (
            test_a_lesson_that_was_edited_in_the_course_is_copied_as_the_learners(tmp)
        ),
    ),
    "a changed lesson is dropped": (
        "    if version(folder / name) in record.known:\n"
        "        remove(folder / name, record.known)\n"
        '        yield f"{name}: removed. You had not changed it, and the course',
        "    if os.path.lexists(folder / name):\n"
        "        (folder / name).unlink()\n"
        '        yield f"{name}: removed. You had not changed it, and the course',
        lambda tmp: test_a_dropped_lesson_stays_if_it_is_changed(begin(tmp)),
    ),
    "removed without a second look": (
        "changed = version(aside) not in known",
        "changed = False",
        lambda tmp: test_not_alone_at_any_step(tmp, busy, save),
    ),
    "a name is taken that is in use": (
        "        path.hardlink_to(part)\n",
        "        part.replace(path)\n",
        lambda tmp: test_not_alone_at_any_step(tmp, fresh, save),
    ),
    "written in place": (
        "    with written(path.parent, content) as part:\n        try:",
        '    with path.open("xb") as stream:\n'
        "        stream.write(content)\n"
        "        return True\n"
        "    if part := path:\n        try:",
        lambda tmp: test_stopped_at_any_step(tmp, fresh, "same", links=True),
    ),
    "state written in place": (
        "part.replace(folder / STATE)",
        "(folder / STATE).write_bytes(text.encode())",
        lambda tmp: test_stopped_at_any_step(tmp, fresh, "same", links=True),
    ),
    "removed before the new one is written": (
        "    with written(path.parent, content) as part:\n"
        "        remove(path, known)\n",
        "    remove(path, known)\n    with written(path.parent, content) as part:\n",
        lambda tmp: test_a_full_disk_takes_no_lesson_away(tmp),
    ),
}


@pytest.mark.parametrize(("old", "new", "test"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_caught(tmp_path, monkeypatch, old, new, test):
    monkeypatch.setattr(Place, "module", plant(old, new))
    with pytest.raises(AssertionError):
        test(tmp_path)


# --- the project around it


def test_make_lab_brings_the_copy_up_to_date_and_opens_it():
    make = ["make", "--dry-run", "--always-make", "--no-print-directory", "lab"]
    lines = subprocess.run(
        make, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines[-2] == ".venv/bin/python chapters/working_copy.py"
    assert re.fullmatch(
        r"\.venv/bin/jupyter lab( --allow-root| ) my_lessons", lines[-1]
    )


def test_make_clean_leaves_the_learner_alone(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for folder in ("chapters", "my_lessons", "my_lessons/deep"):
        for kind in ("__pycache__", ".ipynb_checkpoints"):
            (tmp_path / folder / kind).mkdir(parents=True)
            (tmp_path / folder / kind / "file").write_text("work")
    before = snapshot(tmp_path / "my_lessons")
    assert len(before) == 4
    subprocess.run(
        ["make", "clean"], cwd=tmp_path, stdout=subprocess.DEVNULL, check=True
    )
    assert snapshot(tmp_path / "my_lessons") == before
    assert list((tmp_path / "chapters").iterdir()) == []


def test_git_does_not_see_the_copy():
    assert "/my_lessons/" in (ROOT / ".gitignore").read_text().splitlines()


def test_linters_do_not_look_into_the_copy(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in ("my_lessons", "lessons"):
        (tmp_path / folder).mkdir()
        for name in ("bad.py", "bad.md"):
            (tmp_path / folder / name).write_text("x=1 # " + "ruoloc"[::-1])
    tools = (["ruff", "check"], ["ruff", "format", "--extend-exclude=*.ipynb"])
    for tool in (*tools, ["codespell_lib"]):
        run = subprocess.run(
            [sys.executable, "-m", *tool],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert "my_lessons" not in run.stdout + run.stderr
    assert (tmp_path / "my_lessons" / "bad.py").read_text().startswith("x=1")
    assert (tmp_path / "lessons" / "bad.py").read_text().startswith("x = 1")


def test_copies_of_the_project_are_without_the_copy(tmp_path, monkeypatch):
    for folder in ("chapters", "my_lessons"):
        (tmp_path / "project" / folder).mkdir(parents=True)
    monkeypatch.setattr(sabotage, "ROOT", tmp_path / "project")
    copied = sabotage.copy_project(tmp_path)
    assert [path.name for path in copied.iterdir()] == ["chapters"]
