"""The one list of lessons, lessons.toml: reads it, and makes the tables of lessons."""

import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import lesson_text

CHAPTERS = Path(__file__).resolve().parent
FILE = "lessons.toml"

OF_LESSON = {"name": str, "extra": bool, "minutes": int}
OF_EDITION = {"title": str, "question": str, "search": str}
KINDS = {str: "a text", bool: "true or false", int: "a whole number", dict: "a table"}
NAME = re.compile(r"\d\d_[a-z0-9_]+")


class Labels(NamedTuple):
    """What the tables of lessons say in one language."""

    lessons: str
    extras: str
    extra: str
    minutes: str
    head: str


LABELS = {
    "en": Labels(
        "Lessons",
        "Extras",
        "(extra)",
        "min",
        "| | lesson | the question | time, without the exercises |",
    ),
    "zh": Labels(
        "课程", "选读", "（选读）", "分钟", "| | 课 | 问题 | 时间，不含练习 |"
    ),
}

# What stands between these in the README is the table.
START = "<!-- lessons: `make chapters` writes this table from chapters/lessons.toml -->"
END = "<!-- end of lessons -->"


class ListError(Exception):
    """What is wrong with lessons.toml, or with the place for its table."""


class Edition(NamedTuple):
    """A lesson in one language."""

    title: str
    question: str
    search: str


@dataclass(frozen=True)
class Lesson:
    """An entry of the list."""

    name: str
    extra: bool
    minutes: int
    editions: dict[str, Edition]

    @property
    def number(self):
        """The number, as a text of two digits."""
        return self.name.partition("_")[0]


def read(chapters=CHAPTERS):
    """The lessons of the course, in order."""
    try:
        whole = tomllib.loads(lesson_text.read(chapters / FILE, FILE))
    except lesson_text.TextError as error:
        raise ListError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ListError(f"{FILE} cannot be read: {error}") from error
    check(whole, {"lesson": list}, FILE)
    lessons = [lesson(entry, place) for place, entry in enumerate(whole["lesson"], 1)]
    for before, after in pairwise(lessons):
        if before.number == after.number:
            raise ListError(f"{FILE}: there are two lessons {after.number}")
        if before.number > after.number:
            raise ListError(f"{FILE}: {after.name} stands behind {before.name}")
    return lessons


def lesson(entry, place):
    """The lesson that an entry describes."""
    where = f"{FILE}, lesson {place}"
    check(entry, OF_LESSON, where, optional=dict.fromkeys(LABELS, dict))
    where = f"{where} ({entry['name']})"
    if not NAME.fullmatch(entry["name"]):
        raise ListError(
            f"{where}: name must be two digits, _ and small letters: 01_derivatives"
        )
    if "en" not in entry:
        raise ListError(f"{where}: a lesson is written in English first: en is missing")
    editions = {}
    for language in LABELS:
        if language in entry:
            check(entry[language], OF_EDITION, f"{where}, {language}")
            editions[language] = Edition(**entry[language])
    return Lesson(editions=editions, **{key: entry[key] for key in OF_LESSON})


def check(table, required, where, optional=()):
    """Raise a ListError unless a table has these keys, with values of these types."""
    known = required | dict(optional)
    for key, value in table.items():
        if key not in known:
            listed = ", ".join(known)
            raise ListError(f"{where}: unknown key {key!r}; known are: {listed}")
        # In Python true is a number, too.
        if type(value) is not known[key]:
            kind = KINDS.get(known[key], "a list of tables: [[lesson]]")
            raise ListError(f"{where}: {key} must be {kind}, got {value!r}")
        if known[key] is str and ("|" in value or not value.isprintable()):
            raise ListError(
                f"{where}: {key} must be one line without | and invisible characters, "
                f"got {value!r}"
            )
        if value in ("", 0) and known[key] is not bool:
            raise ListError(f"{where}: {key} is empty")
    if missing := required.keys() - table.keys():
        raise ListError(f"{where}: missing {', '.join(sorted(missing))}")


def table(lessons, language):
    """The table of the lessons in a language, for a page in the project's folder."""
    labels = LABELS[language]
    rows = [labels.head, "|---|---|---|---|"]
    for lesson in lessons:
        if edition := lesson.editions.get(language):
            link = f"[{edition.title}](chapters/{language}/{lesson.name}.ipynb)"
            mark = f" {labels.extra}" if lesson.extra else ""
            time = f"{lesson.minutes} {labels.minutes}"
            rows.append(
                f"| {lesson.number} | {link}{mark} | {edition.question} | {time} |"
            )
    return "\n".join(rows)


def contents(lessons, language):
    """The tables of contents of the web edition: the lessons, then the extras."""
    labels, blocks = LABELS[language], []
    for caption, extra in ((labels.lessons, False), (labels.extras, True)):
        entries = [
            f"{lesson.number} {lesson.editions[language].title} <{lesson.name}>"
            for lesson in lessons
            if language in lesson.editions and lesson.extra == extra
        ]
        if entries:
            head = ["```{toctree}", ":hidden:", f":caption: {caption}", ""]
            blocks.append("\n".join([*head, *entries, "```"]))
    return "\n\n".join(blocks)


def with_table(readme, lessons):
    """The text of the README with the table as the list has it."""
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ListError(f"README.md lacks the line {END if start else START}")
    return f"{before}{START}\n\n{table(lessons, 'en')}\n\n{END}{after}"
