"""The working copy: lessons follow the course, and no learner's work is ever lost."""

import contextlib
import errno
import hashlib
import io
import itertools
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
ONE, TWO, THREE, NEW = "1.ipynb", "2.ipynb", "3.ipynb", "1_new.ipynb"
STATE = ".downhill.json"
MESSAGES = {
    "new": "{}: new.",
    "gone": "{}: was gone, so it starts over.",
    "renewed": "{}: renewed. You had not changed it.",
    "changed": "{}: you changed it, so it stays. The new version is beside it: {}.",
    "damaged": "{}: it cannot be read, so it stays. The new version is beside it: {}.",
    "aside": "{}: not needed now, so it is in .old. You had not changed it.",
    "dropped": "{}: stays as you changed it. The course dropped it.",
    "copied": "{}: copied as you changed it in the folder of the course.",
    "unread": "{}: cannot be read in the course, so your copy stays.",
    "used": "{}: in use by another program, so it stays for now (Permission denied).",
}


# --- a course and a learner


def notebook(*sources, **values):
    """The bytes of a notebook as the builder writes it, its first cell a text."""
    cells = []
    for number, source in enumerate(sources):
        kind = "code" if number else "markdown"
        digest = hashlib.sha256(f"{kind}\n{source}".encode()).hexdigest()[:8]
        cell = {"cell_type": kind, "source": source, "id": f"{digest}-{number}"}
        cells.append(cell | {"metadata": {}} | values)
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}).encode()


def change(path, *edits):
    """Save a notebook as JupyterLab does, after edits of its cells."""
    whole = json.loads(path.read_bytes())
    for edit in edits:
        edit(whole["cells"])
    for cell in whole["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")


def texts_of(content):
    """The kind and the text of each cell; the bytes, if that is not to be found out."""
    try:
        cells = json.loads(content)["cells"]
    except ValueError:
        return content
    texts = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    texts = [(kind, text.replace("\r", "").rstrip("\n")) for kind, text in texts]
    while texts and texts[-1][1] == "":
        texts.pop()
    return tuple(texts)


class Place:
    """A course of tiny lessons, and the folder of a learner."""

    module = working_copy

    def __init__(self, folder):
        self.course = folder / "course"
        self.mine = folder / "mine"
        self.course.mkdir(parents=True, exist_ok=True)
        self.shipped = set()

    def ship(self, *texts):
        """Publish the lessons anew, those that have a text."""
        for old in self.course.iterdir():
            old.unlink()
        for name, text in zip((ONE, TWO, THREE), texts, strict=False):
            if text != "-":
                content = notebook(name, text, "print(1)")
                (self.course / name).write_bytes(content)
                self.shipped.add(texts_of(content))
        return self

    def edit(self, name, *edits):
        change(self.mine / name, *(EDITS[edit] for edit in edits or ["add"]))

    def undo(self, name):
        change(self.mine / name, list.pop)

    def cut(self, name):
        self.write(name, b"{")

    def write(self, name, content):
        (self.mine / name).write_bytes(content)

    def delete(self, name):
        (self.mine / name).unlink()

    def move(self, source, target):
        (self.mine / source).replace(self.mine / target)

    def copy(self, source, target):
        shutil.copy(self.mine / source, self.mine / target)

    def files(self):
        """What the learner sees, and its bytes."""
        paths = self.mine.glob("[!.]*")
        return {path.name: path.read_bytes() for path in paths if path.is_file()}

    def texts(self):
        """Each file, with what the course and the learner wrote into it: "1_new v1+my"."""
        for name, content in sorted(self.files().items()):
            texts = texts_of(content)
            if isinstance(texts, bytes):
                yield f"{Path(name).stem} {texts.decode()}"
            else:
                texts = "+".join(text for _, text in texts[1:])
                yield f"{Path(name).stem} {texts}".replace("+print(1)", "")

    def kept(self):
        """The bytes of everything of the learner, also of what was set aside."""
        old = self.mine.glob(".old/*")
        return {*self.files().values(), *(path.read_bytes() for path in old)}

    def run(self):
        return list(self.module.update(self.course, self.mine))

    def update(self):
        """What an update says; what must hold after each one."""
        before, kept, every = self.files(), self.kept(), snapshot(self.mine)
        lines = self.run()
        after = self.files()
        assert kept <= self.kept()
        changes = {
            name for name in before | after if before.get(name) != after.get(name)
        }
        named = set(re.findall(r"[\w.]+\.ipynb", " ".join(lines)))
        assert changes <= named or lines[-1].startswith(
            "Your copy of the lessons is in"
        )
        for name in changes & before.keys():
            assert texts_of(before[name]) in self.shipped
        course = {path.name: path.read_bytes() for path in self.course.iterdir()}
        assert all(after[name] in course.values() for name in changes & after.keys())
        assert {name for name in course if name[0] != "."} <= {*os.listdir(self.mine)}
        assert lines or snapshot(self.mine) == every
        assert self.run() == []
        return lines


def begin(folder, text="v1"):
    """A learner who has just begun a course of two lessons."""
    place = Place(folder).ship(text, "v1")
    place.run()
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


# --- what learners and their editors do to the cells


def add(text, cells):
    cells.append({"cell_type": "code", "source": text, "metadata": {}, "id": "me"})


def run(cells):
    for cell in cells[1:]:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran"}]
        cell |= {"execution_count": 7, "metadata": {"collapsed": False}}


def each_text(edit):
    return lambda cells: [cell.update(source=edit(cell["source"])) for cell in cells]


def first(edit):
    return lambda cells: cells[1].update(source=edit(cells[1]["source"]))


UNCHANGED = {
    "run": run,
    "run last": partial(add, ""),
    "empty text": lambda cells: add("\n", cells) or cells[-1].update(cell_type="raw"),
    "newline": each_text("{}\n".format),
    "windows": each_text(lambda text: text.replace("\n", "\r\n")),
}
EDITS = UNCHANGED | {
    "add": partial(add, "my"),
    "space": first("{} ".format),
    "line before": first("\n{}".format),
    "lines joined": first(lambda text: text.replace("\n", "")),
    "capital": first(str.upper),
    "empty": first(lambda text: ""),
    "empty last": lambda cells: cells[-1].update(source=""),
    "empty within": lambda cells: cells.insert(1, cells[1] | {"source": ""}),
    "delete": list.pop,
    "delete all": list.clear,
    "move": lambda cells: cells.append(cells.pop(1)),
    "kind": lambda cells: cells[1].update(cell_type="raw"),
    "cells joined": lambda cells: first(lambda t: t + cells.pop()["source"])(cells),
}


# --- what the course and a learner do, and what an update says


def names(*short):
    return [name if "." in name else f"{name}.ipynb" for name in short]


def messages(text):
    """The lines of an update, for "renewed 2, changed 1 1_new"."""
    lines = [line.split(" ") for line in text.split(", ") if text]
    return [MESSAGES[key].format(*names(*files)) for key, *files in lines]


# What is done; what the update says, after ">"; the files and their texts, after "=".
OFFERED = "edit 1; ship v2 v2; > changed 1 1_new, renewed 2"
TWICE = f"{OFFERED}; edit 1_new; ship v3 v2; > changed 1 1_new2"
STORIES = f"""
idle | > ; = 1 v1, 2 v1
new | ship v1 v1 v1; > new 3
deleted | edit 1; delete 1; > gone 1; = 1 v1, 2 v1
deleted after an offer | {OFFERED}; delete 1; > gone 1, aside 1_new; = 1 v2, 2 v2
taken back | edit 1; > ; undo 1; ship v2 v1; > renewed 1; = 1 v2, 2 v1
renewed beside | {OFFERED}; ship v3 v2; > aside 1_new, changed 1 1_new;
  = 1 v1+my, 1_new v3, 2 v2
changed beside | {TWICE}; edit 1_new2; ship v4 v2; > changed 1 1_new3;
  = 1 v1+my, 1_new v2+my, 1_new2 v3+my, 1_new3 v4, 2 v2
newest beside | {TWICE}; delete 1_new; ship v4 v2; > aside 1_new2, changed 1 1_new;
  = 1 v1+my, 1_new v4, 2 v2
deleted beside | {OFFERED}; delete 1_new; > ; ship v3 v2; > changed 1 1_new;
  = 1 v1+my, 1_new v3, 2 v2
cut beside | {OFFERED}; cut 1_new; ship v3 v2; > changed 1 1_new2;
  = 1 v1+my, 1_new {{, 1_new2 v3, 2 v2
back again | {OFFERED}; ship v1 v2; > ; ship v2 v2; >
taken over | {OFFERED}; move 1_new 1; ship v3 v2; > renewed 1; edit 1; ship v2 v2;
  > changed 1 1_new; = 1 v3+my, 1_new v2, 2 v2
taken over as a copy | {OFFERED}; copy 1_new 1; > aside 1_new; = 1 v2, 2 v2
taken over and changed | {OFFERED}; copy 1_new 1; edit 1_new; > ; ship - v2; > aside 1;
  = 1_new v2+my, 2 v2
own lesson | move 1 3; edit 3; ship v1 v1 v1; > gone 1, changed 3 3_new;
  = 1 v1, 2 v1, 3 v1+my, 3_new v1
own beside | copy 1 1_new; edit 1; ship v2 v1; > changed 1 1_new2; ship v3 v1;
  > aside 1_new2, changed 1 1_new2; = 1 v1+my, 1_new v1, 1_new2 v3, 2 v1
dropped | ship v1; > aside 2; = 1 v1
changed and dropped | {OFFERED}; ship - v2; > aside 1_new, dropped 1; = 1 v1+my, 2 v2;
  ship v1 v2; > changed 1 1_new; = 1 v1+my, 1_new v1, 2 v2
deleted and dropped | delete 2; ship v1; > ; = 1 v1
cut later | {OFFERED}; delete 1_new; cut 1; > damaged 1 1_new; = 1 {{, 1_new v2, 2 v2
repaired | copy 1 a.txt; cut 1; > damaged 1 1_new; move a.txt 1; > aside 1_new;
  ship v2 v1; > renewed 1; = 1 v2, 2 v1
no state | delete {STATE}; ship v2 v1; > changed 1 1_new; = 1 v1, 1_new v2, 2 v1
no state, same | {OFFERED}; delete {STATE}; > changed 1 1_new; = 1 v1+my, 1_new v2, 2 v2
no state, newer | {OFFERED}; delete {STATE}; ship v3 v2; > changed 1 1_new2;
  = 1 v1+my, 1_new v2, 1_new2 v3, 2 v2
"""
STORIES = dict(
    story.split(" | ") for story in STORIES.strip().replace("\n  ", " ").splitlines()
)


def play(folder, story):
    """Do what a story says, and compare."""
    place = begin(folder)
    for step in STORIES[story].split("; "):
        verb, *what = step.split(" ")
        if verb == ">":
            assert place.update() == messages(" ".join(what))
        elif verb == "=":
            assert ", ".join(place.texts()) == " ".join(what)
        elif verb == "ship":
            place.ship(*what)
        else:
            getattr(place, verb)(*names(*what))
    assert place.update() == []


@pytest.mark.parametrize("story", STORIES)
def test_story(tmp_path, story):
    play(tmp_path, story)


def test_first_start_copies_every_lesson_and_says_where(tmp_path):
    place = Place(tmp_path).ship("v1", "v1")
    place.mine.mkdir()
    message = (
        f"Your copy of the lessons is in {place.mine}. What you change there stays."
    )
    assert place.update() == [message]


def test_what_was_renewed_is_in_old_with_its_date(place):
    place.edit(ONE, "run")
    before = place.files()[ONE]
    place.ship("v2", "v1").update()
    (old,) = place.mine.glob(".old/*")
    assert re.fullmatch(r"1_20\d\d-\d\d-\d\d_[\d.]{8}_\w{8}\.ipynb", old.name)
    assert old.read_bytes() == before
    assert old.stat().st_mode == (place.course / ONE).stat().st_mode


@pytest.mark.parametrize("edits", [[edit] for edit in UNCHANGED] + [[*UNCHANGED]])
def test_running_and_saving_is_no_change(tmp_path, edits):
    place = begin(tmp_path, "a\nb")
    place.edit(ONE, *edits)
    assert place.update() == []
    assert place.ship("v2", "v1").update() == messages("renewed 1")


@pytest.mark.parametrize("edit", EDITS.keys() - UNCHANGED.keys())
def test_every_kind_of_edit_is_kept(tmp_path, edit):
    place = begin(tmp_path, "a\nb")
    place.edit(ONE, edit, "run last")
    assert place.update() == []
    assert place.ship("v2", "v1").update() == messages("changed 1 1_new")


# --- what cannot be read

WHOLE = notebook(ONE, "v1", "print(1)")
DAMAGED = [
    *[WHOLE[:0], WHOLE[:1], WHOLE[:99], WHOLE[:-1], bytes(999), b"[" * 100_000],
    *[
        b"# first",
        b"null",
        b"[]",
        b"{}",
        b'{"cells": "\xff\xfe"}',
        b'{"worksheets": []}',
    ],
    *[b'{"cells": [{}]}', b'{"cells": [{"cell_type": "code"}]}', b'{"cells": [1]}'],
    b'{"cells": [{"cell_type": "code", "source": [1]}]}',
    b'{"cells": [{"cell_type": 1, "source": "a"}]}',
]


@pytest.mark.parametrize("content", DAMAGED, ids=itertools.count())
def test_a_damaged_copy_is_kept_and_a_good_one_put_beside(tmp_path, content):
    place = begin(tmp_path)
    place.write(ONE, content)
    assert place.update() == messages("damaged 1 1_new")
    place.delete(NEW)
    assert place.update() == []
    assert place.ship("v2", "v1").update() == messages("damaged 1 1_new")


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_is_kept(place, make):
    place.delete(ONE)
    make(place.mine / ONE)
    assert place.ship("v2", "v1").update() == messages("damaged 1 1_new")
    assert ONE not in place.files()


@pytest.mark.parametrize("target", ["../elsewhere.ipynb", "{}/elsewhere.ipynb"])
def test_a_link_to_a_file_elsewhere_never_changes_that_file(tmp_path, target):
    place = begin(tmp_path)
    elsewhere = (place.mine / ONE).rename(tmp_path / "elsewhere.ipynb")
    (place.mine / ONE).symlink_to(target.format(tmp_path))
    assert place.ship("v2", "v1").update() == messages("renewed 1")
    assert elsewhere.read_bytes() == WHOLE


# --- the state


def digest(content):
    """The version of a lesson as it stands in the states of learners."""
    cells = json.loads(content)["cells"]
    texts = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def test_the_state_holds_what_the_next_update_needs(place):
    place.edit(ONE)
    place.ship("v2", "v1").update()
    new = digest(place.files()[NEW])
    beside = {"offered": new, "beside": {NEW: new}, "unreadable": False}
    state = json.loads((place.mine / STATE).read_bytes())
    assert state["lessons"][ONE] == {"origin": digest(WHOLE)} | beside


def with_first(form=1, **values):
    """A state with one record."""
    record = {"origin": "0" * 64, "offered": None, "beside": {}, "unreadable": False}
    return json.dumps({"form": form, "lessons": {ONE: record | values}}).encode()


EDITED = notebook(ONE, "v1", "print(1)", "my")
STATES = [
    *[*DAMAGED, with_first()[:99], with_first(), with_first(2, origin=digest(EDITED))],
    *[with_first(origin=[]), with_first(offered=7), with_first(more=1)],
    *[with_first(beside={NEW: 7}), b'{"form": 1}', b'{"form": 1, "lessons": []}'],
    *[b'{"form": 1, "lessons": {"1.ipynb": 1}}', with_first(beside=[NEW])],
]


@pytest.mark.parametrize("content", STATES, ids=itertools.count())
def test_without_a_good_state_nothing_is_lost(tmp_path, content):
    place = begin(tmp_path)
    place.write(ONE, EDITED)
    place.write(STATE, content)
    assert place.update() == messages("changed 1 1_new")
    place.ship("v2", "v2")
    assert place.update()[-2:] == messages("changed 1 1_new, renewed 2")


# --- the lessons of the course


def test_a_lesson_that_was_edited_in_the_course_is_copied_as_the_learners(tmp_path):
    place = Place(tmp_path).ship("v1", "v1")
    change(place.course / ONE, EDITS["add"])
    assert place.update()[:-1] == messages("copied 1")
    for text in ("v1", "v2"):
        assert place.ship(text, "v1").update()[-1:] == messages("changed 1 1_new")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: change(path, EDITS["add"]), ""),
        (
            lambda path: path.write_bytes(notebook(ONE, "v1", "print(1)", outputs=[])),
            "",
        ),
        (lambda path: path.with_name(f".~{ONE}").write_bytes(b""), ""),
        (lambda path: path.write_bytes(b"<<<<<<< HEAD"), "unread 1"),
    ],
)
def test_what_happens_in_the_course_is_not_carried_into_copies(place, make, message):
    before = snapshot(place.mine)
    make(place.course / ONE)
    assert place.run() == messages(message)
    assert snapshot(place.mine) == before


def test_a_lesson_that_was_run_in_the_course_is_still_the_courses(tmp_path):
    place = begin(tmp_path).ship("v2", "v1")
    change(place.course / ONE, EDITS["run last"])
    assert place.update() == messages("renewed 1")


@each_notebook
def test_the_lessons_of_the_course_are_as_they_were_built(notebook):
    lesson = working_copy.read(notebook)
    assert lesson.is_built
    assert lesson.version == digest(notebook.read_bytes())


def test_the_builder_gives_the_ids_that_are_looked_for(tmp_path):
    text = write_lesson(tmp_path / "01.md", "a = 1", "é = '×'", "a = 1")
    lesson = tmp_path / "01.ipynb"
    lesson.write_text(json.dumps(builder.read_lesson(text)), encoding="utf-8")
    assert working_copy.read(lesson).is_built
    change(lesson, EDITS["space"])
    assert not working_copy.read(lesson).is_built


# --- stopped, and not alone


class Stopped(BaseException):
    """The end of a process."""


class Steps:
    """Counts the steps that change the disk; does something before two of them."""

    def __init__(self, monkeypatch, number, what=None):
        self.number, self.what, self.count = number, what or self.stop, 0
        for name in ("link", "mkdir", "rename", "replace", "unlink"):
            monkeypatch.setattr(os, name, self.counted(getattr(os, name)))
        write_halves(monkeypatch, self.step)

    def counted(self, function):
        return lambda *arguments, **options: (
            self.step() or function(*arguments, **options)
        )

    def step(self):
        self.count += 1
        if self.count in (self.number, self.number + 1):
            self.what()

    def stop(self):
        """End the process: no step is done any more, no tidying up either."""
        self.number = self.count
        raise Stopped


def write_halves(monkeypatch, step):
    """Take a step before a file is made, and before, amid and after each write."""

    @contextlib.contextmanager
    def halved(path, mode, **options):
        step()
        with io.open(path, mode, **options) as stream:  # noqa: UP020

            def write(content):
                for part in (content[:200], content[200:]):
                    step()
                    stream.write(part)
                    stream.flush()
                step()

            yield types.SimpleNamespace(write=write)

    monkeypatch.setattr(Place.module, "open", halved, raising=False)


def refuse(code):
    """A function that fails as the operating system does."""

    def call(*arguments, **options):
        raise OSError(code, os.strerror(code))

    return call


@contextlib.contextmanager
def disk(links=True):
    """A disk with or without hard links."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        if not links:
            monkeypatch.setattr(os, "link", refuse(errno.EPERM))
        yield monkeypatch


def busy(folder):
    """A learner's folder in which an update has some of everything to do."""
    place = Place(folder).ship("v1", "v1", "v1")
    place.run()
    for name, text in {ONE: "v2", NEW: "v3"}.items():
        place.edit(name)
        place.ship(text, "v1", "v1").run()
    place.edit(TWO, "run last")
    place.cut(THREE)
    place.run()
    return place.ship("v4", "v2")


def fresh(folder):
    """A learner who begins."""
    return Place(folder).ship("v1", "v1")


def each_step(tmp_path, prepare):
    """The same place again and again, with the number of the step to be disturbed."""
    prepare(tmp_path / "prepared")
    for number in range(1, 150):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "prepared", folder)
        yield number, Place(folder)
    pytest.fail("an update does not end")


each_disk = pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])


def has_course(place, name):
    """Whether a lesson or a file beside it is the version of the course."""
    copies = [path.read_bytes() for path in place.mine.glob(f"{name[0]}*.ipynb")]
    return texts_of((place.course / name).read_bytes()) in map(texts_of, copies)


@each_disk
@pytest.mark.parametrize("prepare", [busy, fresh])
@pytest.mark.parametrize("newer", [(), ("v5", "v5")])
def test_stopped_at_any_step(tmp_path, prepare, links, newer):
    for number, place in each_step(tmp_path, prepare):
        before = place.kept()
        with disk(links) as monkeypatch, contextlib.suppress(Stopped):
            Steps(monkeypatch, number)
            place.run()
            break
        assert before <= place.kept()
        assert prepare is fresh or (place.mine / STATE).read_bytes()[-1:] == b"}"
        if links:  # none is cut, but the one that was
            assert all(content[-1:] in b"{}" for content in place.files().values())
        if newer:
            place.ship(*newer)
        with disk(links):
            place.run()
            assert before <= place.kept()
            assert has_course(place, ONE)
            assert has_course(place, TWO)
            assert place.run() == []
    assert number > 20


def test_what_was_renewed_before_a_stop_follows_the_next_version(tmp_path):
    place = begin(tmp_path).ship("v2", "v2")
    lines = place.module.update(place.course, place.mine)
    assert [next(lines), next(lines)] == messages("renewed 1, renewed 2")
    lines.close()
    assert messages("renewed 1")[0] in place.ship("v3", "v2").run()


def disturb(place, work, what):
    """Save new work in every file that is open, maybe after another update."""
    if what == "newer":
        place.ship("v5", "v5", "v5")
    if what in ("another", "newer"):
        place.run()
    place.mine.mkdir(exist_ok=True)
    for name in (ONE, NEW, TWO, THREE):
        stream = io.FileIO(place.mine / name, "w")
        work.append((stream, f"work {len(work)}".encode()))
        if what != "slow":
            save(*work[-1])


def save(stream, text):
    if not stream.closed:
        stream.write(notebook("# new", "long " * 99).replace(b"# new", text))
        stream.close()


@each_disk
@pytest.mark.parametrize(
    ("prepare", "what"),
    [
        (busy, "save"),
        (fresh, "save"),
        (busy, "slow"),
        (fresh, "another"),
        (busy, "newer"),
    ],
)
def test_not_alone_at_any_step(tmp_path, prepare, what, links):
    for number, place in each_step(tmp_path, prepare):
        work = []
        with disk(links) as monkeypatch:
            steps = Steps(monkeypatch, number, partial(disturb, place, work, what))
            place.run()
        if steps.count < number:
            break
        for stream, text in work:
            save(stream, text)
        for _ in range(2):
            files = place.files().values() if links else place.kept()
            assert all(text in b"".join(files) for _, text in work[-4:])
            place.run()
    assert number > 20


@each_disk
def test_only_what_was_replaced_is_in_old(tmp_path, links):
    place = busy(tmp_path)
    before = place.kept()
    with disk(links):
        place.run()
    old = [path.read_bytes() for path in place.mine.glob(".old/*")]
    assert set(old) <= before
    assert len(old) == len(set(old))
