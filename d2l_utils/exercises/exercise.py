"""What an exercise is, and where to find one."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..datasets import _bundled

F = TypeVar("F", bound=Callable[..., Any])

# What the stub of an exercise leaves out of its solution.
MARKED = re.compile(r"^( *)# BEGIN SOLUTION\n.*?# END SOLUTION$", re.DOTALL | re.M)
MARKER = re.compile(r"^ *# (BEGIN|END) SOLUTION\n?", re.M)

_found: dict[str, "Exercise"] = {}


class Refusal(Exception):  # noqa: N818 -- a verdict on an answer, not an error
    """Why a check refuses an answer.

    Args:
        why: What is wrong, or a hint that fits the mistake.
        expected: What the check wanted, if that may be said.
        got: What came instead.
    """

    def __init__(self, why: str, expected: str = "", got: str = "") -> None:
        """Keep what is to be shown."""
        super().__init__(why)
        self.why, self.expected, self.got = why, expected, got


class Check(NamedTuple):
    """One condition on an answer: raises a `Refusal` if it does not hold.

    If it holds, the function may return a remark on the answer.
    """

    title: str
    function: Callable[[Any], str | None]


class Wrong(NamedTuple):
    """An answer that must be refused, with these words."""

    answer: Any
    says: str


class Exercise:
    """One exercise. Creating it makes it known under its name.

    The answer is a function (`solution`), a value (`value`) or a letter (`choice`).

    Args:
        name: Lesson and topic, such as ``"01.central_difference"``.
        hints: At least two, from a nudge to nearly the answer. Code in backticks.
        explanation: Why the solution is right; shown below it.
        seconds: After this time the checks of an answer are stopped.

    Raises:
        ValueError: If another exercise has the same name.
    """

    def __init__(
        self, name: str, *, hints: Sequence[str], explanation: str, seconds: float = 5
    ) -> None:
        """Make the exercise known."""
        if name in _found:
            raise ValueError(f"there are two exercises {name!r}")
        _found[name] = self
        self.name, self.seconds = name, seconds
        self.hints = [_one_line(hint) for hint in hints]
        self.explanation = _one_line(explanation)
        self.checks: list[Check] = []
        self.wrong_answers: list[Wrong] = []
        self.right_answers: list[Any] = []
        self.reference: Any = None
        self.variable = ""
        self.solution_code = ""
        self.stub_code = ""

    @property
    def lesson(self) -> str:
        """The number of the lesson: the part of the name before the point."""
        return self.name.partition(".")[0]

    @property
    def takes_function(self) -> bool:
        """Whether the answer is a function of the learner's."""
        return isinstance(self.reference, FunctionType)

    def solution(self, function: F) -> F:
        """Take a function as the reference solution.

        What stands between ``# BEGIN SOLUTION`` and ``# END SOLUTION`` is left out of
        the stub. Without these lines the exercise needs a `stub` of its own.
        """
        self.reference, self.variable = function, function.__name__
        code = code_of(function, self.variable)
        self.solution_code = MARKER.sub("", code).rstrip()
        if MARKED.search(code):
            self.stub_code = MARKED.sub(r"\1...", code)
        return function

    def stub(self, function: F) -> F:
        """Take a function as the stub: code that the learner is to mend."""
        self.stub_code = code_of(function, function.__name__)
        return function

    def value(self, **named: Any) -> None:
        """Take a value as the reference solution: ``ex.value(best_rate=0.5)``."""
        ((self.variable, self.reference),) = named.items()
        self.solution_code = self.code_for(self.reference)
        self.stub_code = f"{self.variable} = ..."

    def choice(self, wrong: Mapping[str, str], **named: str) -> None:
        """Take a letter as the solution: ``ex.choice({"a": why_not}, answer="b")``.

        Args:
            wrong: The other letters, each with what to say to who chooses it.
            **named: The variable and its right letter.
        """
        self.value(**named)
        right = self.reference
        letters = sorted([*wrong, right])

        @self.check("your choice")
        def _(answer: Any) -> None:
            letter = str(answer).strip().lower() if isinstance(answer, str) else ""
            if letter == right:
                return
            listed = ", ".join(f'"{letter}"' for letter in letters)
            why = wrong.get(letter, f"Choose one letter, in quotes: {listed}.")
            raise Refusal(_one_line(why), got=repr(answer))

        for letter, why in wrong.items():
            self.wrong(letter, says=_one_line(why))
        self.wrong(1, says="Choose one letter")
        self.right(right.upper())

    def check(self, title: str) -> Callable[[F], F]:
        """Add a check; it gets the answer and refuses it with `expect` or `refuse`."""

        def keep(function: F) -> F:
            self.checks.append(Check(title, function))
            return function

        return keep

    def wrong(self, *answer: Any, says: str) -> Callable[[F], F]:
        """Add a wrong answer, a value or the decorated function, and its words."""

        def keep(function: F) -> F:
            self.wrong_answers.append(Wrong(function, says))
            return function

        for value in answer:
            keep(value)
        return keep

    def right(self, answer: F) -> F:
        """Add another right answer: a value, or the decorated function."""
        self.right_answers.append(answer)
        return answer

    def code_for(self, answer: Any) -> str:
        """The code that a learner would write for this answer."""
        if isinstance(answer, FunctionType):
            return MARKER.sub("", code_of(answer, self.variable)).rstrip()
        if isinstance(answer, np.ndarray):
            answer = answer.tolist()
        return f"{self.variable} = {answer!r}"


def code_of(function: Callable[..., Any], name: str) -> str:
    """The source of a function without its decorators, under another name."""
    source = textwrap.dedent(inspect.getsource(function))
    (node,) = ast.parse(source).body
    code = "\n".join(source.splitlines()[node.lineno - 1 :])
    return re.sub(rf"^def {function.__name__}\b", f"def {name}", code)


def _one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text).strip()


def chapters() -> Iterator[str]:
    """The numbers of the lessons that have exercises, in order."""
    folder = importlib.import_module(__package__).__path__
    names = [module.name for module in pkgutil.iter_modules(folder)]
    return (name.removeprefix("ch") for name in names if name.startswith("ch"))


def exercises(chapter: str) -> list[Exercise]:
    """The exercises of a lesson, in order; none if there is no such lesson."""
    if chapter not in chapters():
        return []
    importlib.import_module(f"{__package__}.ch{chapter}")
    return [exercise for exercise in _found.values() if exercise.lesson == chapter]


def find(name: str) -> Exercise | None:
    """The exercise of this name, if there is one."""
    exercises(name.partition(".")[0])
    return _found.get(name)


def title(chapter: str) -> str:
    """The title of a lesson, from the list of lessons; "" if it is not there yet."""
    text = _bundled("chapters/lessons.toml").read_text(encoding="utf-8")
    titles = {
        lesson["name"].partition("_")[0]: str(lesson["en"]["title"])
        for lesson in tomllib.loads(text)["lesson"]
    }
    return titles.get(chapter, "")
