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
from functools import partial
from pathlib import Path
from types import ModuleType
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sabotage
from d2l_utils import _working_copy
from project import ROOT, each_notebook

PACKAGE = ROOT / "d2l_utils"
SCRIPT = PACKAGE / "_working_copy.py"
ONE, TWO, THREE, NEW = "1.ipynb", "2.ipynb", "3.ipynb", "1_new.ipynb"
STATE = ".downhill.json"
TAIL = "print(1)\nprint(2)"
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
    for cell in whole["cells"]:
        cell["source"] = "".join(cell["source"])
    for edit in edits:
        edit(whole["cells"])
    for cell in whole["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")


def texts_of(content):
    """The kind and the text of each cell; what is no notebook counts as one cell."""
    try:
        cells = json.loads(content)["cells"]
    except ValueError:
        return (("damaged", content.decode(errors="replace")),)
    texts = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    texts = [(kind, text.replace("\r", "").rstrip("\n")) for kind, text in texts]
    while texts and texts[-1][1] == "":
        texts.pop()
    return tuple(texts)


class Place:
    """A course of tiny lessons, and the folder of a learner."""

    module = _working_copy

    def __init__(self, folder):
        self.course = folder / "course"
        self.mine = folder / "mine"
        self.course.mkdir(parents=True, exist_ok=True)
        self.shipped = set()

    def ship(self, *texts):
        """Publish the lessons anew, those that have a text."""
        for old in self.course.iterdir():
            old.unlink()
        (self.course / f".~{ONE}").write_bytes(b"")  # JupyterLab is saving
        for name, text in zip((ONE, TWO, THREE), texts, strict=False):
            if text != "-":
                content = notebook(name, text, TAIL)
                (self.course / name).write_bytes(content)
                self.shipped.add(texts_of(content))
        return self

    def edit(self, name, *edits):
        change(self.mine / name, *(EDITS[edit] for edit in edits or ["add"]))

    def revise(self, name, edit):
        change(self.course / name, EDITS[edit])

    def spoil(self, name):
        (self.course / name).write_bytes(b"<<<<<<< HEAD")

    def write(self, name, content):
        (self.mine / name).write_bytes(content)

    def do(self, what, *names):
        FILES[what](*(self.mine / name for name in names))

    def files(self):
        """What the learner sees, and its bytes."""
        paths = self.mine.glob("[!.]*")
        return {path.name: path.read_bytes() for path in paths if path.is_file()}

    def texts(self):
        """Each file, with what the course and the learner wrote into it."""
        for name, content in sorted(self.files().items()):
            texts = [text for _, text in texts_of(content)]
            own = [text for text in texts if text not in (ONE, TWO, THREE, TAIL)]
            yield f"{Path(name).stem} {'+'.join(own)}"

    def kept(self):
        """The bytes of everything of the learner, also of what was set aside."""
        old = self.mine.glob(".old/*")
        return {*self.files().values(), *(path.read_bytes() for path in old)}

    def run(self):
        return list(self.module.update(self.course, self.mine))

    def update(self):
        """What an update says; what must hold after each one."""
        before, kept = self.files(), self.kept()
        lines, after = self.run(), self.files()
        assert kept <= self.kept()
        changes = {n for n in before | after if before.get(n) != after.get(n)}
        assert changes <= {*re.findall(r"[\w.]+\.ipynb", " ".join(lines))}
        for name in changes & before.keys():
            assert texts_of(before[name]) in self.shipped
        course = {p.name: p.read_bytes() for p in self.course.glob("[!.]*")}
        assert all(after[name] in course.values() for name in changes & after.keys())
        assert all(os.path.lexists(self.mine / name) for name in course)
        every = snapshot(self.mine)
        assert self.run() == [line for line in lines if " in the course," in line]
        assert snapshot(self.mine) == every
        return lines


def begin(folder):
    """A learner who has just begun a course of two lessons."""
    place = Place(folder).ship("v1", "v1")
    place.run()
    return place


def snapshot(folder):
    """Every file of a folder with its content and its time."""
    paths = filter(Path.is_file, folder.rglob("*"))
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def add(text, cells):
    cells.append({"cell_type": "code", "source": text, "metadata": {}, "id": "me"})


def run(cells):
    for cell in cells[1:]:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran"}]
        cell |= {"execution_count": 7, "metadata": {"collapsed": False}}


def each_text(edit):
    return lambda cells: [cell.update(source=edit(cell["source"])) for cell in cells]


def last(edit):
    return lambda cells: cells[-1].update(source=edit(cells[-1]["source"]))


UNCHANGED = {
    "run": run,
    "run-last": partial(add, ""),
    "empty-text": lambda cells: add("\n", cells) or cells[-1].update(cell_type="raw"),
    "newline": each_text("{}\n".format),
    "windows": each_text(lambda text: text.replace("\n", "\r\n")),
}
EDITS = UNCHANGED | {
    "add": partial(add, "my"),
    "space": last("{} ".format),
    "line-before": last("\n{}".format),
    "lines-joined": last(lambda text: text.replace("\n", "")),
    "capital": last(str.upper),
    "empty-last": last(lambda text: ""),
    "empty": lambda cells: cells[1].update(source=""),
    "empty-within": lambda cells: cells.insert(1, cells[1] | {"source": ""}),
    "pop": list.pop,
    "clear": list.clear,
    "move": lambda cells: cells.append(cells.pop(1)),
    "kind": lambda cells: cells[1].update(cell_type="raw"),
    "cells-joined": lambda cells: cells[1].update(source="v1" + cells.pop()["source"]),
}
FILES = {
    "cut": lambda path: path.write_bytes(b"{"),
    "delete": Path.unlink,
    "move": Path.replace,
    "copy": shutil.copy,
    "mkdir": Path.mkdir,
    "link": lambda path: path.symlink_to("nowhere"),
}


def names(*short):
    return [f"{name}.ipynb" if name[0].isdigit() else name for name in short]


def messages(text):
    """The lines of an update, for "renewed 2, changed 1 1_new"."""
    lines = [line.split(" ") for line in text.split(", ") if text]
    return [MESSAGES[key].format(*names(*files)) for key, *files in lines]


# What is done; what the update says, after ">"; the files and their texts, after "=".
OFFERED = "edit 1; ship v2 v2; > changed 1 1_new, renewed 2"
TWICE = f"{OFFERED}; edit 1_new; ship v3 v2; > changed 1 1_new2"
STORIES = f"""\
idle | > ; = 1 v1, 2 v1
new | ship v1 v1 v1; > new 3
deleted | edit 1; do delete 1; > gone 1; = 1 v1, 2 v1
deleted after an offer | {OFFERED}; do delete 1; > gone 1, aside 1_new; = 1 v2, 2 v2
taken back | edit 1; > ; edit 1 pop; ship v2 v1; > renewed 1; = 1 v2, 2 v1
renewed beside | {OFFERED}; ship v3 v2; > aside 1_new, changed 1 1_new;
  = 1 v1+my, 1_new v3, 2 v2
changed beside | {TWICE}; edit 1_new2; ship v4 v2; > changed 1 1_new3;
  = 1 v1+my, 1_new v2+my, 1_new2 v3+my, 1_new3 v4, 2 v2
newest beside | {TWICE}; do delete 1_new; ship v4 v2; > aside 1_new2, changed 1 1_new;
  = 1 v1+my, 1_new v4, 2 v2
deleted beside | {OFFERED}; do delete 1_new; > ; ship v3 v2; > changed 1 1_new;
  = 1 v1+my, 1_new v3, 2 v2
cut beside | {OFFERED}; do cut 1_new; ship v3 v2; > changed 1 1_new2;
  = 1 v1+my, 1_new {{, 1_new2 v3, 2 v2
back again | {OFFERED}; ship v1 v2; > ; ship v2 v2; >
taken over | {OFFERED}; do move 1_new 1; ship v3 v2; > renewed 1; edit 1; ship v2 v2;
  > changed 1 1_new; = 1 v3+my, 1_new v2, 2 v2
taken over as a copy | {OFFERED}; do copy 1_new 1; > aside 1_new; = 1 v2, 2 v2;
  do copy 1 1_new; > ; = 1 v2, 1_new v2, 2 v2
taken over and changed | {OFFERED}; do copy 1_new 1; edit 1_new; > ; ship - v2;
  > aside 1; = 1_new v2+my, 2 v2
own lesson | do move 1 3; edit 3; ship v1 v1 v1; > gone 1, changed 3 3_new;
  = 1 v1, 2 v1, 3 v1+my, 3_new v1
own beside | do copy 1 1_new; edit 1; ship v2 v1; > changed 1 1_new2; ship v3 v1;
  > aside 1_new2, changed 1 1_new2; = 1 v1+my, 1_new v1, 1_new2 v3, 2 v1
dropped | ship v1; > aside 2; = 1 v1
changed and dropped | {OFFERED}; ship - v2; > aside 1_new, dropped 1; = 1 v1+my, 2 v2;
  ship v1 v2; > changed 1 1_new; = 1 v1+my, 1_new v1, 2 v2
deleted and dropped | do delete 2; ship v1; > ; = 1 v1
cut later | {OFFERED}; do delete 1_new; do cut 1; > damaged 1 1_new;
  = 1 {{, 1_new v2, 2 v2
repaired | do copy 1 a.txt; do cut 1; > damaged 1 1_new; do move a.txt 1; > aside 1_new;
  ship v2 v1; > renewed 1; = 1 v2, 2 v1
run in the course | ship v2 v1; revise 1 run-last; > renewed 1
other outputs in the course | revise 1 run; > ; = 1 v1, 2 v1
edited in the course | revise 1 add; > ; = 1 v1, 2 v1
no state | do delete {STATE}; ship v2 v1; > changed 1 1_new; = 1 v1, 1_new v2, 2 v1
no state, same | {OFFERED}; do delete {STATE}; > changed 1 1_new;
  = 1 v1+my, 1_new v2, 2 v2
no file | do delete 1; do mkdir 1; ship v2 v1; > damaged 1 1_new; = 1_new v2, 2 v1
no target | do delete 1; do link 1; ship v2 v1; > damaged 1 1_new; = 1_new v2, 2 v1
in conflict | spoil 1; > unread 1; = 1 v1, 2 v1
saved anywhere | edit 1 newline; edit 1 run-last; edit 1 windows; > ; ship v2 v1;
  > renewed 1; = 1 v2, 2 v1
no state, newer | {OFFERED}; do delete {STATE}; ship v3 v2; > changed 1 1_new2;
  = 1 v1+my, 1_new v2, 1_new2 v3, 2 v2"""
STORIES = dict(line.split(" | ") for line in STORIES.replace("\n  ", " ").split("\n"))
STORIES |= {edit: f"edit 1 {edit}; > ; ship v2 v1; > renewed 1" for edit in UNCHANGED}
KEPT = "edit 1 {}; edit 1 run-last; > ; ship v2 v1; > changed 1 1_new".format
STORIES |= {edit: KEPT(edit) for edit in EDITS if edit not in UNCHANGED}


def play(folder, story):
    """Do what a story says, and compare."""
    place = begin(folder)
    for step in STORIES[story].split("; "):
        verb, *what = step.split(" ")
        if verb == ">":
            assert place.update() == messages(" ".join(what))
        elif verb == "=":
            assert ", ".join(place.texts()) == " ".join(what)
        else:
            getattr(place, verb)(*names(*what))


@pytest.mark.parametrize("story", STORIES)
def test_story(tmp_path, story):
    play(tmp_path, story)


def test_first_start_copies_every_lesson(tmp_path):
    place = fresh(tmp_path)
    start = f"Your copy of the lessons is in {place.mine}. "
    assert place.run() == [f"{start}What you change there stays."]
    assert len({path.stat().st_mode for path in tmp_path.rglob("*.ipynb")}) == 1


WHOLE = notebook(ONE, "v1", TAIL)
DAMAGED = [
    *[WHOLE[:0], WHOLE[:1], WHOLE[:99], WHOLE[:-1], bytes(999), b"[" * 100_000],
    *b'# 1 | null | [] | {} | {"worksheets": []} | {"cells": "\xff\xfe"}'.split(b" | "),
    *b'{"cells": [1]} | {"cells": [{}]} | {"cells": [{"cell_type": 1}]}'.split(b" | "),
    b'{"cells": [{"cell_type": "code", "source": [1]}]}',
    b'{"cells": [{"cell_type": 1, "source": "a"}]}',
]


@pytest.mark.parametrize("content", DAMAGED, ids=itertools.count())
def test_a_damaged_copy_is_kept(tmp_path, content):
    place = begin(tmp_path)
    place.write(ONE, content)
    assert place.update() == messages("damaged 1 1_new")
    place.do("delete", NEW)
    assert place.update() == []
    assert place.ship("v2", "v1").update() == messages("damaged 1 1_new")


@pytest.mark.parametrize("target", ["../elsewhere.ipynb", "{}/elsewhere.ipynb"])
def test_a_file_elsewhere_is_never_changed(tmp_path, target):
    place = begin(tmp_path)
    elsewhere = (place.mine / ONE).rename(tmp_path / "elsewhere.ipynb")
    (place.mine / ONE).symlink_to(target.format(tmp_path))
    assert place.ship("v2", "v1").run() == messages("renewed 1")
    assert elsewhere.read_bytes() == WHOLE


def digest(content):
    """The version of a lesson as it stands in the states of learners."""
    cells = json.loads(content)["cells"]
    texts = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def with_first(form=1, **values):
    record = {"origin": "0" * 64, "offered": None, "beside": {}, "unreadable": False}
    return json.dumps({"form": form, "lessons": {ONE: record | values}}).encode()


EDITED = notebook(ONE, "v1", TAIL, "my")
STATES = [
    *[*DAMAGED, with_first()[:99], with_first(), with_first(2, origin=digest(EDITED))],
    *[with_first(origin=[]), with_first(offered=7), with_first(more=1)],
    *[with_first(beside={NEW: 7}), b'{"form": 1}', b'{"form": 1, "lessons": []}'],
    *[b'{"form": 1, "lessons": {"1.ipynb": 1}}', with_first(beside=[NEW])],
]


def test_the_states_of_learners_are_read(tmp_path):
    place = begin(tmp_path)
    place.write(STATE, with_first(origin=digest(WHOLE)))
    assert messages("renewed 1")[0] in place.ship("v2", "v1").update()


@pytest.mark.parametrize("content", STATES, ids=itertools.count())
def test_a_bad_state_loses_nothing(tmp_path, content):
    place = begin(tmp_path)
    place.write(ONE, EDITED)
    place.write(STATE, content)
    assert place.update() == messages("changed 1 1_new")
    lines = place.ship("v2", "v2").update()
    assert lines[-2:] == messages("changed 1 1_new, renewed 2")


def test_a_lesson_edited_in_the_course_is_the_learners(tmp_path):
    place = Place(tmp_path).ship("v1", "v1")
    change(place.course / ONE, EDITS["add"])
    assert place.run()[:-1] == messages("copied 1")
    for text in ("v1", "v2"):
        assert place.ship(text, "v1").update()[-1:] == messages("changed 1 1_new")


@each_notebook
def test_the_lessons_of_the_course_are_as_they_were_built(notebook):
    lesson = _working_copy.read(notebook)
    assert lesson.is_built
    assert lesson.version == digest(notebook.read_bytes())


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
        return lambda *names, **options: self.step() or function(*names, **options)

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

    class Halves(io.FileIO):
        def write(self, content):
            for part in (content[:200], content[200:]):
                step()
                super().write(part)
            step()

    def halved(path, mode, **options):
        return step() or Halves(path, mode, **options)

    monkeypatch.setattr(Place.module, "open", halved, raising=False)


def refuse(code):
    """A function that fails as the operating system does."""
    return Mock(side_effect=OSError(code, os.strerror(code)))


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
    place.edit(TWO, "run-last")
    place.do("cut", THREE)
    place.run()
    return place.ship("v4", "v2")


def fresh(folder):
    """A learner who begins, in an empty folder."""
    place = Place(folder).ship("v1", "v1")
    place.mine.mkdir()
    return place


def each_step(tmp_path, prepare):
    """The same place again and again, with the number of the step to be disturbed."""
    prepare(tmp_path / "prepared")
    for number in range(1, 150):
        place = shutil.copytree(tmp_path / "prepared", tmp_path / str(number))
        yield number, Place(place)
    pytest.fail("an update does not end")


OLD_NAME = r"[123](_new\d?)?_20\d\d-\d\d-\d\d_[\d.]{8}_\w{8}\.ipynb"
each_disk = pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])


def has_course(place, name):
    """Whether a lesson or a file beside it is the version of the course."""
    copies = [path.read_bytes() for path in place.mine.glob(f"{name[0]}*.ipynb")]
    return texts_of((place.course / name).read_bytes()) in map(texts_of, copies)


@each_disk
@pytest.mark.parametrize(
    ("prepare", "newer"), [(busy, ()), (busy, ("v5", "v5")), (fresh, ("v5", "v5"))]
)
def test_stopped_at_any_step(tmp_path, prepare, links, newer):
    for number, place in each_step(tmp_path, prepare):
        before = place.kept()
        with disk(links) as monkeypatch, contextlib.suppress(Stopped):
            Steps(monkeypatch, number)
            place.run()
            break
        assert before <= place.kept()
        assert prepare is fresh or _working_copy.load_state(place.mine)
        if links:  # none is cut, but the one that was
            assert {c[-1:] for c in place.files().values()} <= {b"{", b"}"}
        if newer:
            place.ship(*newer)
        with disk(links):
            place.run()
            assert before <= place.kept()
            assert has_course(place, ONE)
            assert has_course(place, TWO)
            assert place.run() == []
    assert number > 20
    old = {path.name: path.read_bytes() for path in place.mine.glob(".old/*")}
    assert len(old) == len({*old.values()} & before)  # nothing else, nothing twice
    assert all(re.fullmatch(OLD_NAME, name) for name in old)


def test_what_was_renewed_before_a_stop_is_known(tmp_path):
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
    for name in (ONE, NEW, TWO, THREE):
        stream = io.FileIO(place.mine / name, "w")
        work.append((stream, f"work {len(work)}, ".encode() * 60))
        if what != "slow":
            save(*work[-1])


def save(stream, text):
    if not stream.closed:
        stream.write(notebook("# new").replace(b"# new", text))
        stream.close()


PLACES = {"save": busy, "slow": busy, "another": fresh, "newer": busy}


@each_disk
@pytest.mark.parametrize("what", PLACES)
def test_not_alone_at_any_step(tmp_path, what, links):
    for number, place in each_step(tmp_path, PLACES[what]):
        work = []
        with disk(links) as monkeypatch:
            steps = Steps(monkeypatch, number, partial(disturb, place, work, what))
            assert "in use" not in str(place.run()) or what != "another"
        if steps.count < number:
            break
        for stream, text in work:
            save(stream, text)
        for update in (list, place.run):  # at once, and after another update
            update()
            files = place.files().values() if links else place.kept()
            assert all(text in b"".join(files) for _, text in work[-4:])
    assert number > 20


def full(monkeypatch):
    """Let the disk be full whenever half of a file is written."""
    steps = itertools.cycle([lambda: None, lambda: None, refuse(errno.ENOSPC)])
    write_halves(monkeypatch, lambda: next(steps)())


@pytest.mark.parametrize("step", ["replace", "mkdir"])
def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, step):
    place = fresh(tmp_path)
    monkeypatch.setattr(os, step, refuse(errno.EROFS))
    with pytest.raises(_working_copy.CopyError, match=f"{place.mine}: Read-only file"):
        place.run()
    assert not list(place.mine.glob(".old/*"))


def test_a_full_disk_takes_no_lesson_away(tmp_path):
    place = begin(tmp_path)
    with disk() as monkeypatch:
        full(monkeypatch)
        assert place.run() == []
        before = snapshot(place.ship("v2", "v1").mine)
        with pytest.raises(place.module.CopyError, match="No space left on device"):
            place.run()
    assert snapshot(place.mine) == before
    assert place.update() == messages("renewed 1")


@pytest.mark.parametrize(
    ("name", "texts", "message", "later"),
    [
        (NEW, ["v3", "v3"], "used 1, renewed 2", "aside 1_new, changed 1 1_new"),
        (TWO, ["v2", "v3"], "used 2", "renewed 2"),
        (TWO, ["v2"], "used 2", "aside 2"),
    ],
)
def test_a_file_in_use_stops_only_that_lesson(tmp_path, name, texts, message, later):
    def locked(source, target, rename=os.rename):
        (refuse(errno.EACCES) if Path(source).name == name else rename)(source, target)

    place = begin(tmp_path)
    place.edit(ONE)
    place.ship("v2", "v2").run()
    place.ship(*texts)
    with disk() as monkeypatch:
        monkeypatch.setattr(os, "rename", locked)
        monkeypatch.setattr(os, "unlink", refuse(errno.EACCES))
        assert place.run() == messages(message)
    assert place.update() == messages(later)


@pytest.fixture
def project(tmp_path):
    """A copy of the door, with a course of its own."""
    project = tmp_path / "project"
    shutil.copytree(fresh(tmp_path / "place").course, project / "chapters/en")
    for file in ("data/README.md", "chapters/lessons.toml"):
        (project / file).parent.mkdir(exist_ok=True)
        (project / file).touch()
    (project / "d2l_utils").mkdir()
    for module in PACKAGE.glob("_*.py*"):
        shutil.copy(module, project / "d2l_utils")
    return project


def start(project, *arguments, **variables):
    return subprocess.Popen(
        [sys.executable, "-B", "-m", "d2l_utils", "copy", *arguments],
        cwd=project,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_many_processes_at_once_fill_a_folder_with_a_language(project):
    (project / "chapters/en").rename(project / "chapters/zh")
    command = project, "--language", "zh", "--folder", "课程/mine"
    runs = [start(*command, PYTHONIOENCODING="ascii") for _ in range(6)]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [("", 0)] * 6
    assert {p.name for p in project.glob("课程/mine/*")} == {STATE, ".old", ONE, TWO}
    assert not [*project.glob("课程/mine/.old/*")]
    assert start(*command).communicate() == ("", "")


@pytest.mark.parametrize(
    ("file", "arguments", "message"),
    [
        ("my_lessons", [], "my_lessons: Not a directory."),
        ("a", ["--folder", "a/b"], "b: Not a directory."),
        ("a", ["--language", "xx"], "There are no lessons in "),
        (
            "a",
            ["--folder", "chapters/en"],
            "is the folder of the course itself: name another.",
        ),
    ],
)
def test_trouble_is_one_sentence(project, file, arguments, message):
    (project / file).write_text("mine")
    before = snapshot(project)
    run = start(project, *arguments)
    output, errors = run.communicate()
    assert (run.returncode, output, errors.count("\n")) == (1, "", 1)
    assert message in errors
    assert snapshot(project) == before


file = st.sampled_from([ONE, TWO, NEW, "1_new2.ipynb", "mine.ipynb", STATE])
text = st.sampled_from(["v1", "v2", "v3", "-"])
STEPS = [
    st.tuples(st.just("ship"), text, text, st.just("v1")),
    st.tuples(st.just("do"), st.sampled_from(["cut", "delete"]), file),
    st.tuples(st.just("do"), st.sampled_from(["move", "copy"]), file, file),
    st.tuples(st.just("edit"), file, st.sampled_from(["add", *EDITS])),
    st.tuples(st.just("stop"), st.integers(1, 40), st.booleans()),
]


@settings(max_examples=30)
@given(st.lists(st.one_of(STEPS), min_size=10, max_size=20))
def test_any_course(steps):
    with tempfile.TemporaryDirectory() as folder:
        place = begin(Path(folder))
        for verb, *what in steps:
            kept = place.kept()
            if verb == "stop":
                with disk(what[1]) as monkeypatch, contextlib.suppress(Stopped):
                    Steps(monkeypatch, what[0])
                    place.run()
                assert kept <= place.kept()
            else:  # as far as there is such a file, and such a cell
                with contextlib.suppress(OSError, ValueError, LookupError):
                    getattr(place, verb)(*what)
            place.update()


PROOFS = {
    "story": play,
    "damaged": lambda tmp, _: test_a_damaged_copy_is_kept(tmp, b""),
    "state": lambda tmp, n: test_a_bad_state_loses_nothing(tmp, STATES[int(n)]),
    "course": lambda tmp, _: test_a_lesson_edited_in_the_course_is_the_learners(tmp),
    "link": test_a_file_elsewhere_is_never_changed,
    "start": lambda tmp, _: test_first_start_copies_every_lesson(tmp),
    "full": lambda tmp, _: test_a_full_disk_takes_no_lesson_away(tmp),
    "closed": lambda tmp, _: test_what_was_renewed_before_a_stop_is_known(tmp),
    "stopped": lambda tmp, _: test_stopped_at_any_step(tmp, busy, True, ()),
    "links": lambda tmp, what: test_not_alone_at_any_step(tmp, what, True),
    "no links": lambda tmp, what: test_not_alone_at_any_step(tmp, what, False),
}
# A test that must fail, and its case; a text of the module, and what takes its place.
FAULTS = r"""
story, run: sha256(json.dumps(texts).encode()) → sha256(content)
story, kind: json.dumps(texts) → json.dumps([text for _, text in texts])
story, move: json.dumps(texts) → json.dumps(sorted(texts))
story, cells-joined: json.dumps(texts) → "".join(text for _, text in texts)
story, empty-within: for c in cells⏎ → for c in cells if c["source"]⏎
story, run-last: while texts and not → while False and not
story, windows: .replace("\r\n", "\n") → ∅
story, newline: .rstrip("\n") → ∅
story, space: .rstrip("\n") → .rstrip()
story, run in the course: ids[: len(digests)] → ids
story, changed beside: != lesson.version and record.knows(copy): → != lesson.version:
story, idle: if read(copy).version != lesson.version and → if
story, changed beside: or read(beside).version == lesson.version → or True
story, no state, same: or read(beside).version == lesson.version → ∅
story, changed beside: if record.knows(folder / name): → if True:
story, deleted beside: not in (record.origin, record.offered) → != record.origin
story, renewed beside: elif lesson.version not
  → elif not record.offered and lesson.version not
story, changed and dropped: yield f"{name}: stays
  → (folder / name).unlink(); yield f"{name}: stays
story, windows: ⏎        raise FileExistsError("it has just been saved")
  → ⏎        raise FileExistsError("it has just been saved")⏎    aside.unlink()
damaged: version is not None and version in ( → version in (None,
damaged: ⏎    record.unreadable = mine is None → ∅
state, -9: if state["form"] == FORM else {} → ∅
state, -1: record["beside"] = dict(record["beside"]) → pass
course: ⏎    if not lesson.is_built:⏎        return → ∅
link, ../elsewhere.ipynb: aside.is_symlink() or → ∅
start: , 0o666) → )
full: with written(copy, lesson.content) as part:⏎            set_aside(copy, record)
  → set_aside(copy, record)⏎        with written(copy, lesson.content) as part:
closed: ⏎            save_state(folder, state) → ⏎        save_state(folder, state)
stopped: ⏎            give_name(part, path) → ⏎            write(path, content)
stopped: part.replace(folder / STATE)
  → (folder / STATE).unlink(True); give_name(part, folder / STATE)
links, save: if not (aside.is_symlink() or record.knows(aside)): → if False:
links, another: path.hardlink_to(part) → part.replace(path)
links, save: give_name(aside, path) → aside.replace(path)
no links, save: write(path, part.read_bytes()) → part.replace(path)
no links, save: flags | os.O_APPEND → flags"""
FAULTS = FAULTS.strip().replace("\n  ", " ").split("\n")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(tmp_path, monkeypatch, fault):
    proof, _, change = fault.replace("⏎", "\n").replace("∅", "").partition(": ")
    old, new = change.split(" → ")
    source = SCRIPT.read_text(encoding="utf-8")
    assert source.count(old) == 1
    module = ModuleType("planted")
    module.__package__ = "d2l_utils"
    module.__file__ = str(SCRIPT)
    exec(compile(source.replace(old, new), SCRIPT, "exec"), module.__dict__)
    monkeypatch.setattr(Place, "module", module)
    test, _, case = proof.partition(", ")
    with pytest.raises((AssertionError, AttributeError)):
        PROOFS[test](tmp_path, case)


def test_make_lab_brings_the_copy_up_to_date_and_opens_it():
    make = ["make", "--dry-run", "--always-make", "--no-print-directory", "lab"]
    run = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == ".venv/bin/python -m d2l_utils lab"


def test_the_project_leaves_the_copy_alone(tmp_path, monkeypatch):
    project = tmp_path / "project"
    for folder in ("chapters", "my_lessons"):
        for name in ("bad.py", "__pycache__/a", ".ipynb_checkpoints/a"):
            (project / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (project / folder / name).write_text("x=1 # " + "ruoloc"[::-1])
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, project)
    before = snapshot(project / "my_lessons")
    tools = [["ruff", "check"], ["ruff", "format"], ["codespell_lib"]]
    for command in (["make", "clean"], *([sys.executable, "-m", *t] for t in tools)):
        run = subprocess.run(command, cwd=project, capture_output=True, text=True)
        assert "my_lessons/" not in run.stdout + run.stderr
    assert snapshot(project / "my_lessons") == before
    assert [path.name for path in (project / "chapters").iterdir()] == ["bad.py"]
    assert (project / "chapters/bad.py").read_text().startswith("x = 1")
    monkeypatch.setattr(sabotage, "ROOT", project)
    assert not (sabotage.copy_project(tmp_path) / "my_lessons").exists()
    assert "/my_lessons/" in (ROOT / ".gitignore").read_text().splitlines()
