"""The exercises prove themselves: right answers are accepted, wrong ones refused.

The lessons are looked at, too: each shows the stubs of its exercises. What they say
when they are run is the matter of test_editions.py.
"""

import functools
import inspect
import linecache
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


def answers(kind):
    return [
        pytest.param(ex, answer, id=f"{ex.name}-{number}")
        for ex in EXERCISES
        for number, answer in enumerate(getattr(ex, kind))
    ]


def said(ex, answer):
    return repr(messages._report(grading.grade(ex, answer)))


@functools.cache
def refused(ex, number):
    """What is said of a wrong answer, and by which check."""
    answer, words = ex.wrong_answers[number]
    seconds, ex.seconds = ex.seconds, 0.5 if ENDLESS in words else ex.seconds
    graded = grading.grade(ex, answer)
    ex.seconds = seconds
    return repr(messages._report(graded)), graded.outcomes[-1].check.title


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
    assert {chapter: n for chapter, n in counts.items() if n < 5} == {"00": 1}


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


# --- right answers


@each_exercise
def test_the_solution_is_accepted(ex):
    assert said(ex, ex.reference).startswith("✓")
    assert said(ex, run(ex.solution_code, ex.variable)).startswith("✓")


@pytest.mark.parametrize(("ex", "answer"), answers("right_answers"))
def test_another_right_answer_is_accepted(ex, answer):
    assert said(ex, answer).startswith("✓")


# --- wrong answers


@pytest.mark.parametrize(
    ("ex", "number"),
    [
        pytest.param(ex, number, id=f"{ex.name}-{number}")
        for ex in EXERCISES
        for number in range(len(ex.wrong_answers))
    ],
)
def test_a_wrong_answer_is_refused_with_its_words(ex, number):
    words, _ = refused(ex, number)
    assert words.startswith("✗")
    says = ex.wrong_answers[number].says
    assert says.strip()
    assert says in words
    headline, *_ = words.splitlines()
    assert says not in headline, "these words are said of every wrong answer"


@each_exercise
def test_every_check_earns_its_place(ex):
    refusing = {refused(ex, number)[1] for number in range(len(ex.wrong_answers))}
    idle = {check.title for check in ex.checks} - refusing
    assert not idle, f"no wrong answer is refused by: {idle}"


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
