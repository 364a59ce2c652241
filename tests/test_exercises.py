"""The exercises prove themselves: right answers are accepted, wrong ones refused.

The lessons are looked at, too: each shows the stubs of its exercises. How
they run is the matter of test_editions.py.
"""

import importlib
import inspect
import linecache
import pkgutil
import re

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch

import d2l_utils as d2l
from d2l_utils.exercises import exercise, grading, messages
from project import NOTEBOOKS, each_notebook

CHAPTERS = list(exercise.chapters())
EXERCISES = [x for chapter in CHAPTERS for x in exercise.exercises(chapter)]
each_exercise = pytest.mark.parametrize("ex", EXERCISES, ids=lambda ex: ex.name)
ENDLESS = "a loop that does not end"


def run(code, variable):
    """What a cell of the lesson leaves under a name; its source can be found."""
    file = f"<cell {hash(code)}>"
    lines = code.splitlines(keepends=True)
    linecache.cache[file] = (len(code), None, lines, file)
    names = {"np": np, "plt": plt, "torch": torch, "d2l": d2l, "__name__": "__main__"}
    exec(compile(code, file, "exec"), names)
    return names[variable]


# --- what every exercise has


def test_every_lesson_has_exercises():
    assert set(CHAPTERS) == {notebook.stem[:2] for notebook in NOTEBOOKS}


def test_a_lesson_has_at_least_five_exercises():
    counts = {chapter: len(exercise.exercises(chapter)) for chapter in CHAPTERS}
    assert {chapter: n for chapter, n in counts.items() if n < 5} == {"00": 2}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_order_of_a_lesson_names_its_files(chapter):
    package = importlib.import_module(f"{exercise.PACKAGE}.ch{chapter}")
    files = [module.name for module in pkgutil.iter_modules(package.__path__)]
    assert sorted(package.EXERCISES) == [x for x in files if not x.startswith("_")]


@each_exercise
def test_an_exercise_is_complete(ex):
    assert re.fullmatch(r"\d\d\.[a-z][a-z0-9_]*", ex.name)
    assert len(set(ex.hints)) == len(ex.hints) >= 2
    assert all(ex.hints)
    assert ex.explanation
    assert ex.stub_code
    assert ex.solution_code
    assert ex.stub_code != ex.solution_code
    assert ex.checks
    assert len({check.title for check in ex.checks}) == len(ex.checks)
    assert len(ex.wrong_answers) >= 2
    assert ex.right_answers
    if ex.takes_function:
        assert inspect.getdoc(ex.reference)


@each_exercise
def test_the_stub_is_not_an_attempt(ex):
    answer = run(ex.stub_code, ex.variable)
    assert not grading.grade(ex, answer).attempted


# --- answers


def named(answer):
    return getattr(answer, "__name__", repr(answer))


@each_exercise
def test_right_answers_are_accepted(ex):
    mended = run(ex.solution_code, ex.variable)
    faults = []
    for answer in (ex.reference, mended, *ex.right_answers):
        graded = grading.grade(ex, answer)
        if not graded.passed:
            faults.append(f"{named(answer)} is refused: {messages._report(graded)}")
    assert not faults, "\n".join(faults)


@each_exercise
def test_wrong_answers_are_refused_with_their_message(ex, monkeypatch):
    idle = {check.title for check in ex.checks}
    faults = []
    for answer, says in ex.wrong_answers:
        with monkeypatch.context() as patch:
            patch.setattr(ex, "seconds", 0.5 if ENDLESS in says else ex.seconds)
            graded = grading.grade(ex, answer)
        message = repr(messages._report(graded))
        headline = message.partition("\n")[0]
        if not message.startswith("✗"):
            faults.append(f"{named(answer)} is not refused: {message}")
            continue
        idle.discard(graded.outcomes[-1].check.title)
        if not says.strip() or says not in message:
            faults.append(f"{named(answer)} does not get {says!r}: {message}")
        elif says in headline:
            faults.append(f"every wrong answer gets {says!r}: {headline}")
    faults += [f"no wrong answer is refused by: {title}" for title in sorted(idle)]
    assert not faults, "\n".join(faults)


# --- the lessons


@each_notebook
def test_a_lesson_shows_the_stubs_of_its_exercises(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    tagged = [c.source for c in cells if "exercise" in c.metadata.get("tags", [])]
    stubs = []
    for ex in exercise.exercises(notebook.stem[:2]):
        check = f'd2l.check("{ex.name}", {ex.variable})'
        gap = "\n\n\n" if ex.takes_function else "\n\n"
        (checking,) = (c.source for c in cells if f"\n{check}\n" in f"{c.source}\n")
        # A prediction is checked by a later cell, after its run.
        together = checking in tagged
        stubs.append(f"{ex.stub_code}{gap}{check}" if together else ex.stub_code)
    assert tagged == stubs


@each_notebook
def test_every_check_in_a_lesson_is_of_a_known_exercise(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    used = set(re.findall(r"d2l\.(?:check|hint|solution)\(\"([^\"]*)", text))
    assert used <= {ex.name for ex in EXERCISES}
