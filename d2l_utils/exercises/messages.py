"""What learners call: `check`, `hint`, `solution`, `progress`."""

import contextlib
import difflib
import html
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

from . import records
from .exercise import PACKAGE, Exercise, chapters, cut, exercises, fill, find, title
from .grading import Grade, Outcome, grade
from .output import Printed, usable_streams

UNTRIED, WRONG, RIGHT = "○", "✗", "✓"
COLORS = {UNTRIED: "#868e96", WRONG: "#e03131", RIGHT: "#2f9e44"}
# Control characters, and halves of characters: a notebook cannot be saved with these.
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
NAME = 60  # letters of a name that no exercise has
PRE = "margin-bottom: 0.6em; overflow-x: auto; white-space: pre;"

_hints_given: Counter[str] = Counter()
_solutions_asked: set[str] = set()


@dataclass
class Message:
    """A message in plain text, and as a box with a colored edge in a notebook.

    Args:
        mark: What the edge's color says: ``"○"``, ``"✗"`` or ``"✓"``.
        headline: One line. Code stands in backticks, here and in the remarks.
        remarks: Sentences below it.
        facts: Lines to be shown as they are, above the remarks.
    """

    mark: str
    headline: str
    remarks: tuple[str, ...] = ()
    facts: str = ""

    def __post_init__(self) -> None:
        """Write out what no page can show, such as the sounds of a terminal."""
        self.headline, self.facts = _visible(self.headline), _visible(self.facts)
        self.remarks = tuple(map(_visible, self.remarks))

    def __repr__(self) -> str:
        """Plain text."""
        below = [*self.facts.splitlines(), *self.remarks]
        return "\n".join([f"{self.mark} {self.headline}", *(f"  {x}" for x in below)])

    def _repr_html_(self) -> str:
        """A box that keeps the page's own colors for its text."""
        edge = f"border-left: 4px solid {COLORS[self.mark]}; padding: 0 0.8em;"
        facts = html.escape(self.facts, quote=False)
        if facts:
            facts = f'<pre style="{PRE}">{facts}</pre>\n'
        remarks = "".join(f"<p>{_marked_up(text)}</p>\n" for text in self.remarks)
        headline = f"<p><b>{self.mark}</b> {_marked_up(self.headline)}</p>\n"
        return f'<div style="{edge}">\n{headline}{facts}{remarks}</div>'


def _visible(text: str) -> str:
    return INVISIBLE.sub(lambda found: ascii(found[0])[1:-1], text)


def _marked_up(text: str) -> str:
    """Text as HTML: `code` in backticks, *emphasis* in asterisks."""
    parts = re.split("`([^`]+)`", html.escape(text, quote=False))
    parts[1::2] = [f"<code>{code}</code>" for code in parts[1::2]]
    emphasis = re.compile(r"\*(\S(?:[^*]*\S)?)\*")
    parts[::2] = [emphasis.sub(r"<em>\1</em>", text) for text in parts[::2]]
    return "".join(parts)


def check(name: str = "", answer: Any = ...) -> None:
    """Check an answer to an exercise and show what came out.

    ○ is an exercise not attempted yet, ✗ a wrong answer, with the check that refuses
    it and a hint, ✓ a right one. Whatever the answer does, no error comes out.

    Args:
        name: the exercise, such as ``"01.central_difference"``.
        answer: the learner's function, value or letter.
    """
    exercise = _find(name)
    if exercise:
        _show(_report(grade(exercise, answer)))


def hint(name: str = "") -> None:
    """Give a hint for an exercise; each call gives one more.

    Args:
        name: the exercise, such as ``"01.central_difference"``.
    """
    exercise = _find(name)
    if not exercise:
        return
    name = exercise.name
    _hints_given[name] = min(_hints_given[name] + 1, len(exercise.hints))
    given, count = _hints_given[name], len(exercise.hints)
    headline = fill(
        "`{name}`, hint {number} of {count}: {hint}",
        name=name,
        number=given,
        count=count,
        hint=fill(exercise.hints[given - 1]),
    )
    last = fill(
        'That was the last one. The solution: `d2l.solution("{name}")`', name=name
    )
    _show(Message(UNTRIED, headline, (last,) if given == count else ()))


def solution(name: str = "") -> None:
    """Show the solution of an exercise: once it is solved, or when asked twice.

    Args:
        name: the exercise, such as ``"01.central_difference"``.
    """
    exercise = _find(name)
    if not exercise:
        return
    name = exercise.name
    solved = records.load().get(name) == records.PASSED
    if not solved and name not in _solutions_asked:
        _solutions_asked.add(name)
        left = len(exercise.hints) - _hints_given[name]
        if left:
            headline = fill(
                """`{name}` is not solved yet. `d2l.hint("{name}")` has {left} more for
                you. Ask again to see the solution.""",
                name=name,
                left=left,
            )
        else:
            headline = fill(
                "`{name}` is not solved yet. Ask again to see the solution.", name=name
            )
        _show(Message(UNTRIED, headline))
        return
    headline = fill("`{name}`, a solution:", name=name)
    explanation = fill(exercise.explanation)
    _show(Message(RIGHT, headline, (explanation,), exercise.solution_code))


def progress() -> None:
    """Show which exercises of the course are solved, in this and earlier sessions."""
    states = records.load()
    marks = {records.PASSED: RIGHT, records.TRIED: WRONG}
    rows, solved, count = [], 0, 0
    titles = {chapter: f"{chapter} {title(chapter)}" for chapter in chapters()}
    width = max(map(len, titles.values())) + 2
    for chapter in titles:
        row = [marks.get(states.get(x.name, ""), UNTRIED) for x in exercises(chapter)]
        done = row.count(RIGHT)
        solved, count = solved + done, count + len(row)
        score = fill("{done:2} of {count}", done=done, count=len(row))
        rows.append(f"{titles[chapter]:{width}}{''.join(row):12}{score}")
    mark = RIGHT if solved == count else UNTRIED
    headline = fill(
        "{solved} of {count} exercises are solved", solved=solved, count=count
    )
    _show(Message(mark, headline, facts="\n".join(rows)))


def score(name: str, answer: Any) -> int:
    """Show what every check says about an answer; give how many accept it.

    A test cell of nbgrader ends with this: the number is taken for the points.

    Raises:
        ValueError: If there is no such exercise, so that nobody is given points for it.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        os.environ["D2L_PROGRESS"] = ""  # The record would be the teacher's.
    exercise = _found(name)
    if exercise is None:
        os.close(
            os.open(os.devnull, os.O_RDONLY)
        )  # Where no file can be opened, that is what to say.
        raise ValueError(f"there is no exercise {name!r}")
    # A single letter on stderr, and nbgrader gives no points at all.
    graded = grade(exercise, answer, all_checks=True, mute=True)
    refused = [outcome for outcome in graded.outcomes if outcome.refusal]
    for outcome in refused:
        _show(_refused(exercise, outcome, graded.printed))
    if not refused:
        _show(_report(graded))
    return len(graded.outcomes) - len(refused)


def _found(name: Any) -> Exercise | None:
    """The exercise; if it is loaded, even where no file can be opened any more."""
    if not issubclass(type(name), str):
        return None
    name = str.__str__(name)
    with contextlib.suppress(OSError):
        if exercise := find(name):
            return exercise
    chapter, _, topic = name.partition(".")
    module = sys.modules.get(f"{PACKAGE}.ch{chapter}.{topic}")
    exercise = getattr(module, "ex", None)
    return exercise if isinstance(exercise, Exercise) else None


def _find(name: Any) -> Exercise | None:
    """The exercise; if there is none of this name, a message shows which are near."""
    exercise = _found(name)
    name = str.__str__(name) if issubclass(type(name), str) else ""
    if exercise is None:
        known = [x.name for chapter in chapters() for x in exercises(chapter)]
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        if near:
            listed = ", ".join(f"`{x}`" for x in near)
            remark = fill("Near it: {names}.", names=listed)
        else:
            remark = fill("`d2l.progress()` shows the lessons.")
        if name:
            headline = fill("There is no exercise `{name}`.", name=cut(name, NAME))
        else:
            headline = fill(
                'The name of the exercise comes first: `"{name}"`.', name=known[0]
            )
        _show(Message(UNTRIED, headline, (remark,)))
    return exercise


def _report(graded: Grade) -> Message:
    """The message about a graded answer; also keeps it in the record."""
    exercise, name = graded.exercise, graded.exercise.name
    if not graded.attempted:
        headline = fill(
            """`{name}`: not attempted yet. Change the code above, then run it and this
            check (Shift + Enter). Stuck? `d2l.hint("{name}")`""",
            name=name,
        )
        return Message(UNTRIED, headline)
    records.note(name, records.PASSED if graded.passed else records.TRIED)
    if not graded.passed:
        return _refused(exercise, graded.outcomes[-1], graded.printed)
    count = len(exercise.checks)
    if count == 1:
        headline = fill(
            """`{name}`: right, the check accepts it. Compare with ours:
            `d2l.solution("{name}")`""",
            name=name,
        )
    else:
        headline = fill(
            """`{name}`: right, all {count} checks accept it. Compare with ours:
            `d2l.solution("{name}")`""",
            name=name,
            count=count,
        )
    remarks = tuple(outcome.remark for outcome in graded.outcomes if outcome.remark)
    return Message(RIGHT, headline, remarks)


def _refused(exercise: Exercise, outcome: Outcome, printed: Printed) -> Message:
    refusal = outcome.refusal
    assert refusal is not None
    facts = []
    if refusal.expected:
        facts.append(fill("expected: {expected}", expected=refusal.expected))
    if refusal.got:
        facts.append(fill("got:      {got}", got=refusal.got))
    if lines := printed.lines():
        facts += [fill("your code printed:"), *(f"  {line}" for line in lines)]
    name, title = exercise.name, fill(outcome.check.title)
    if len(exercise.checks) == 1:
        headline = fill("`{name}`: not yet. Check: {title}", name=name, title=title)
    else:
        headline = fill(
            "`{name}`: not yet. Check {number} of {count}: {title}",
            name=name,
            number=exercise.checks.index(outcome.check) + 1,
            count=len(exercise.checks),
            title=title,
        )
    stuck = fill('Stuck? `d2l.hint("{name}")`', name=name)
    remarks = tuple(filter(None, (refusal.message, stuck)))
    return Message(WRONG, headline, remarks, "\n".join(facts))


def _show(message: Message) -> None:
    from IPython.display import display

    with usable_streams():
        try:
            display(message)
        except UnicodeEncodeError:
            print(repr(message).encode("ascii", "backslashreplace").decode())
