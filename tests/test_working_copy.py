"""The working copy: lessons follow the course, and no learner's work is ever lost."""

import builtins
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
ONE, TWO, THREE = "01_first.ipynb", "02_second.ipynb", "03_third.ipynb"
NEW, NEW2, NEW3 = "01_first_new.ipynb", "01_first_new2.ipynb", "01_first_new3.ipynb"


# --- a course and a learner


def notebook(*sources, count=None):
    """The bytes of a notebook as the builder writes it, its first cell a text."""
    cells = []
    for number, source in enumerate(sources):
        kind = "code" if number else "markdown"
        digest = hashlib.sha256(f"{kind}\n{source}".encode()).hexdigest()[:8]
        cell = {"cell_type": kind, "source": source, "id": f"{digest}-{number}"}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": count}
        cells.append(cell | {"metadata": {}})
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


def change(path, *edits):
    """Save a notebook as JupyterLab does, after edits of its cells."""
    whole = json.loads(path.read_bytes())
    for edit in edits:
        edit(whole["cells"])
    for cell in whole["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")


def add_cell(text, cells):
    cells.append({"cell_type": "code", "source": text, "metadata": {}, "id": "me"})


def texts_of(path):
    """The kind and the text of each cell; the bytes, if that is not to be found out."""
    content = path.read_bytes()
    try:
        cells = json.loads(content)["cells"]
    except ValueError:
        return content
    return tuple((cell["cell_type"], "".join(cell["source"])) for cell in cells)


class Place:
    """A course of tiny lessons, and the folder of a learner."""

    module = working_copy

    def __init__(self, folder):
        self.course = folder / "course"
        self.mine = folder / "mine"
        self.course.mkdir(parents=True, exist_ok=True)

    def ship(self, first="v1", second="v1", third=None):
        """Publish the lessons anew, those that have a text."""
        for old in self.course.iterdir():
            old.unlink()
        texts = {"01_first": first, "02_second": second, "03_third": third}
        for name, text in texts.items():
            if text:
                content = notebook(f"# {name}", text, "print(1)")
                (self.course / f"{name}.ipynb").write_bytes(content)
        return self

    def update(self):
        return list(self.module.update(self.course, self.mine))

    def edit(self, name, text="my work"):
        change(self.mine / name, partial(add_cell, text))

    def names(self):
        return sorted(p.name for p in self.mine.iterdir() if p.name[0] != ".")

    def kept(self):
        """The bytes of everything of the learner, also of what was set aside."""
        paths = [*self.mine.glob("[!.]*"), *self.mine.glob(".old/*")]
        return {path.read_bytes() for path in paths if path.is_file()}

    def has(self, text):
        """Whether a text is anywhere in what the learner has."""
        return any(text.encode() in content for content in self.kept())

    def state(self):
        return json.loads((self.mine / ".downhill.json").read_bytes())["lessons"]


def begin(folder):
    """A learner who has just begun a course of two lessons."""
    place = Place(folder).ship()
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


def refuse(code):
    """A function that fails as the operating system does."""

    def call(*arguments, **options):
        raise OSError(code, os.strerror(code))

    return call


# --- what the course and a learner do, and what becomes of it


def ship(**texts):
    return lambda place: place.ship(**texts)


def edit(name, text="my work"):
    return lambda place: place.edit(name, text)


def undo(name):
    return lambda place: change(place.mine / name, list.pop)


def delete(name):
    return lambda place: (place.mine / name).unlink()


def write(name, content):
    return lambda place: (place.mine / name).write_bytes(content)


def move(source, target, how=os.replace):
    return lambda place: how(place.mine / source, place.mine / target)


def forget(place):
    (place.mine / ".downhill.json").unlink()


def changed(name, new):
    return f"{name}: you changed it, so it stays. The new version is beside it: {new}."


def damaged(name, new):
    return f"{name}: it cannot be read, so it stays. The new version is beside it: {new}."


def renewed(name):
    return f"{name}: renewed. You had not changed it."


def gone(name):
    return f"{name}: was gone, so it starts over."


def aside(name):
    return f"{name}: not needed now, so it is in .old. You had not changed it."


def dropped(name):
    return f"{name}: stays as you changed it. The course dropped it."


# A list: what an update says. A set: the files, with their texts.
OFFERED = [edit(ONE), ship(first="v2"), [changed(ONE, NEW)]]
TWICE = [
    edit(ONE, "work 1"),
    ship(first="v2"),
    [changed(ONE, NEW)],
    edit(NEW, "work 2"),
    ship(first="v3"),
    [changed(ONE, NEW2)],
]
STORIES = {
    "nothing happens": [[], {ONE: "v1", TWO: "v1"}],
    "a new lesson": [ship(third="v1"), [f"{THREE}: new."]],
    "a lesson starts over": [edit(ONE), delete(ONE), [gone(ONE)], {ONE: "v1", TWO: "v1"}],
    "a renamed lesson is the learner's": [
        *[move(ONE, "mine.ipynb"), ship(first="v2"), [gone(ONE)]],
        {ONE: "v2", TWO: "v1", "mine.ipynb": "v1"},
    ],
    "a lesson starts over after an offer": [
        *[*OFFERED, delete(ONE), [gone(ONE), aside(NEW)]],
        {ONE: "v2", TWO: "v1"},
    ],
    "an edit is taken back": [
        *[edit(ONE), [], undo(ONE), ship(first="v2"), [renewed(ONE)]],
        {ONE: "v2", TWO: "v1"},
    ],
    "one is changed, one is not": [
        edit(ONE),
        ship(first="v2", second="v2"),
        [changed(ONE, NEW), renewed(TWO)],
        {ONE: "v1 + my work", NEW: "v2", TWO: "v2"},
    ],
    "what is beside is renewed": [
        *[*OFFERED, ship(first="v3"), [aside(NEW), changed(ONE, NEW)]],
        {ONE: "v1 + my work", NEW: "v3", TWO: "v1"},
    ],
    "what is beside is changed, too": [
        *[*TWICE, edit(NEW2, "work 3"), ship(first="v4"), [changed(ONE, NEW3)]],
        {ONE: "v1 + work 1", NEW: "v2 + work 2", NEW2: "v3 + work 3", NEW3: "v4", TWO: "v1"},
    ],
    "only the newest stays beside": [
        *[*TWICE, delete(NEW), ship(first="v4"), [aside(NEW2), changed(ONE, NEW)]],
        {ONE: "v1 + work 1", NEW: "v4", TWO: "v1"},
    ],
    "what is beside is deleted": [
        *[*OFFERED, delete(NEW), [], ship(first="v3"), [changed(ONE, NEW)]],
        {ONE: "v1 + my work", NEW: "v3", TWO: "v1"},
    ],
    "the old version comes back": [*OFFERED, ship(), [], ship(first="v2"), []],
    "a version comes back after it was taken over": [
        *[*OFFERED, move(NEW, ONE), ship(first="v3"), [renewed(ONE)]],
        *[edit(ONE), ship(first="v2"), [changed(ONE, NEW)]],
        {ONE: "v3 + my work", NEW: "v2", TWO: "v1"},
    ],
    "the new version is taken over": [
        *[*OFFERED, move(NEW, ONE), [], ship(first="v3"), [renewed(ONE)]],
        {ONE: "v3", TWO: "v1"},
    ],
    "a copy of the new version is taken over": [
        *[*OFFERED, move(NEW, ONE, shutil.copy), [aside(NEW)]],
        {ONE: "v2", TWO: "v1"},
    ],
    "the new version is taken over, what was beside is changed": [
        *[*OFFERED, move(NEW, ONE, shutil.copy), edit(NEW), []],
        *[ship(first=None), [aside(ONE)], {NEW: "v2 + my work", TWO: "v1"}],
    ],
    "an own file has the name of a new lesson": [
        write(THREE, notebook("mine", "my own")),
        ship(third="v1"),
        [changed(THREE, "03_third_new.ipynb")],
        {ONE: "v1", TWO: "v1", THREE: "my own", "03_third_new.ipynb": "v1"},
    ],
    "an own file has the name of one beside": [
        *[move(ONE, NEW, shutil.copy), edit(ONE), ship(first="v2")],
        *[[changed(ONE, NEW2)], ship(first="v3"), [aside(NEW2), changed(ONE, NEW2)]],
        {ONE: "v1 + my work", NEW: "v1", NEW2: "v3", TWO: "v1"},
    ],
    "an empty own file has the name of one beside": [
        *[write(NEW, b""), edit(ONE), ship(first="v2"), [changed(ONE, NEW2)]],
        {ONE: "v1 + my work", NEW: b"", NEW2: "v2", TWO: "v1"},
    ],
    "an unchanged lesson is dropped": [ship(second=None), [aside(TWO)], {ONE: "v1"}],
    "a changed lesson is dropped": [
        *[*OFFERED, ship(first=None), [aside(NEW), dropped(ONE)]],
        {ONE: "v1 + my work", TWO: "v1"},
    ],
    "a deleted lesson is dropped": [delete(TWO), ship(second=None), [], {ONE: "v1"}],
    "a changed lesson is dropped and comes back": [
        *[edit(TWO), ship(second=None), [dropped(TWO)]],
        *[ship(), [changed(TWO, "02_second_new.ipynb")]],
        {ONE: "v1", TWO: "v1 + my work", "02_second_new.ipynb": "v1"},
    ],
    "a changed lesson is damaged later": [
        *[*OFFERED, delete(NEW), write(ONE, b""), [damaged(ONE, NEW)]],
        {ONE: b"", NEW: "v2", TWO: "v1"},
    ],
    "what is beside is damaged": [
        *[*OFFERED, write(NEW, b"{"), ship(first="v3"), [changed(ONE, NEW2)]],
        {ONE: "v1 + my work", NEW: b"{", NEW2: "v3", TWO: "v1"},
    ],
    "a damaged lesson is repaired": [
        *[move(ONE, "a", shutil.copy), write(ONE, b""), [damaged(ONE, NEW)]],
        *[move("a", ONE), [aside(NEW)], ship(first="v2"), [renewed(ONE)]],
        {ONE: "v2", TWO: "v1"},
    ],
    "without a state, an old version counts as changed": [
        *[forget, ship(first="v2"), [changed(ONE, NEW)]],
        {ONE: "v1", NEW: "v2", TWO: "v1"},
    ],
    "without a state, files beside are the learner's": [
        *[*OFFERED, forget, ship(first="v3"), [changed(ONE, NEW2)]],
        {ONE: "v1 + my work", NEW: "v2", NEW2: "v3", TWO: "v1"},
    ],
    "without a state, the newest version beside will do": [
        *[*OFFERED, forget, [changed(ONE, NEW)]],
        {ONE: "v1 + my work", NEW: "v2", TWO: "v1"},
    ],
}


def play(place, story):
    """Do what a story says, and compare; no file but those that it names disappears."""
    for step in STORIES[story]:
        if callable(step):
            step(place)
        elif isinstance(step, list):
            before = place.kept()
            assert place.update() == step
            assert before <= place.kept()
        else:
            assert {name: summary(place.mine / name) for name in place.names()} == step
    before = snapshot(place.mine)
    assert place.update() == []
    assert snapshot(place.mine) == before


def summary(path):
    """The texts of a lesson that differ, or its bytes."""
    texts = texts_of(path)
    if isinstance(texts, bytes):
        return texts
    return " + ".join(text for _, text in texts[1:] if text != "print(1)")


@pytest.mark.parametrize("story", STORIES)
def test_story(place, story):
    play(place, story)
