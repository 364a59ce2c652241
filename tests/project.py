"""Where the project is and what its lessons are."""

import os
from pathlib import Path

import pytest

import builder

ROOT = Path(__file__).resolve().parents[1]
TEXTS = builder.texts()
NOTEBOOKS = sorted((ROOT / "chapters").glob("[!.]*/*.ipynb"))

# Whether tests that take long run, too, and none may be skipped, as in .ci/run.
COMPLETE = bool(os.environ.get("DOWNHILL_COMPLETE"))
# Whether what takes too long even for that runs, too: make nightly.
NIGHTLY = bool(os.environ.get("DOWNHILL_NIGHTLY"))

# A test of one lesson is run with all that is about it, as by `make test LESSON=03`.
ALL_OF_A_LESSON = COMPLETE or bool(os.environ.get("DOWNHILL_TWICE"))


def heavy_but(light, cases):
    """Cases as parameters: those that are not light are left to complete runs."""
    return [
        case if case in light else pytest.param(case, marks=pytest.mark.heavy)
        for case in cases
    ]


# What a learner calls to be helped answers in words.
NEVER_RAISE = {"check", "hint", "progress", "solution"}


def lesson_name(path):
    """The language and name of a text or notebook: en/01_derivatives."""
    return f"{path.parent.name}/{path.stem}"


each_text = pytest.mark.parametrize("text", TEXTS, ids=lesson_name)
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lesson_name)


# The first code cell of a tiny lesson.
SETUP = "import d2l_utils as d2l"


def write_lesson(text, *cells, setup=SETUP):
    """Write a lesson text of code cells; a cell may start with a :tags: line."""
    cells = [setup, *cells]
    blocks = [f"```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells]
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text("\n".join(["# A tiny lesson\n", *blocks]), encoding="utf-8")
    return text


def write_entry(chapters, name, *, extra=False):
    """Add a lesson to the list of lessons, in English."""
    title = name.partition("_")[2].capitalize()
    entry = f"""
[[lesson]]
name = "{name}"
extra = {str(extra).lower()}
minutes = 5

[lesson.en]
title = "{title}"
question = "Why?"
search = "tini"
"""
    with (chapters / "lessons.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
