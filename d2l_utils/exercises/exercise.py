"""What an exercise is, and where to find one."""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

import numpy as np

from .._places import bundled

F = TypeVar("F", bound=Callable[..., Any])

# What the stub of an exercise leaves out of its solution.
MARKED = re.compile(r"^( *)# BEGIN SOLUTION\n.*?# END SOLUTION$", re.DOTALL | re.M)
MARKER = re.compile(r"^ *# (BEGIN|END) SOLUTION\n?", re.M)

PACKAGE = "d2l_utils.exercises"
# How much longer an answer may take in a browser, whose Python is slower.
SLOWER = 2 if sys.platform == "emscripten" else 1


def fill(message: str, /, **values: object) -> str:
    """A message in one line, with the values in their named places.

    All that a learner reads passes here, whole sentence by whole sentence, so that
    another language can be put in its place. Without values, braces stay as they are.
    """
    line = one_line(message)
    return line.format(**values) if values else line


def cut(text: str, length: int) -> str:
    """A text, or its beginning if it is longer than that."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def one_line(message: str) -> str:
    """A message without the line breaks and indents of the source code."""
    return re.sub(r"\s*\n\s*", " ", message).strip()


if "Refusal" not in globals():  # Loaded again, a module keeps what others catch.

    class Refusal(Exception):  # noqa: N818 -- a verdict on an answer, not an error
        """Why a check refuses an answer.

        Args:
            *sentences: What is wrong, or a hint that fits the mistake.
            expected: What the check wanted, if that may be shown.
            got: What came instead.
        """

        def __init__(self, *sentences: str, expected: str = "", got: str = "") -> None:
            """Keep what is to be shown."""
            super().__init__(*sentences)
            self.sentences, self.expected, self.got = list(sentences), expected, got

        @property
        def message(self) -> str:
            """The sentences, beside each other."""
            return " ".join(filter(None, self.sentences))


class Check(NamedTuple):
    """One condition on an answer: raises a `Refusal` if it does not hold.

    If it holds, the function may return a remark on the answer.
    """

    title: str
    function: Callable[[Any], str | None]


class Wrong(NamedTuple):
    """An answer that must be refused, with this in the message."""

    answer: Any
    says: str


class Exercise:
    """One exercise: ``01.chain`` is the `ex` of the file ``ch01/chain.py``.

    The answer is a function (`solution`), a value (`value`) or a letter (`choice`).

    Args:
        name: Lesson and topic, such as ``"01.central_difference"``.
        hints: At least two, from a nudge to nearly the answer. Code in backticks.
        explanation: Why the solution is right; shown below it.
        seconds: After this time the checks of an answer are stopped; in a browser
            after twice that.
    """

    def __init__(
        self, name: str, *, hints: Sequence[str], explanation: str, seconds: float = 5
    ) -> None:
        """Begin an exercise: its solution, checks and answers follow."""
        self.name, self.seconds = name, seconds * SLOWER
        self.hints = [one_line(hint) for hint in hints]
        self.explanation = one_line(explanation)
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
            wrong: The other letters, each with the message for who chooses it.
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
            if letter in wrong:
                raise Refusal(fill(wrong[letter]), got=repr(answer))
            message = fill(
                "Choose one letter, in quotes: {letters}.",
                letters=", ".join(f'"{letter}"' for letter in letters),
            )
            raise Refusal(message, got=repr(answer))

        for letter, why_not in wrong.items():
            self.wrong(letter, says=one_line(why_not))
        self.wrong(1, says="Choose one letter")
        self.right(right.upper())

    def check(self, title: str) -> Callable[[F], F]:
        """Add a check; it gets the answer and refuses it with `expect` or `refuse`."""

        def keep(function: F) -> F:
            self.checks.append(Check(title, function))
            return function

        return keep

    def wrong(self, *answer: Any, says: str) -> Callable[[F], F]:
        """Add a wrong answer, a value or the decorated function, and its message."""

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


def chapters() -> Iterator[str]:
    """The numbers of the lessons that have exercises, in order."""
    folder = importlib.import_module(PACKAGE).__path__
    names = [module.name for module in pkgutil.iter_modules(folder)]
    return (name.removeprefix("ch") for name in names if name.startswith("ch"))


def exercises(chapter: str) -> list[Exercise]:
    """The exercises of a lesson, in order; none if there is no such lesson."""
    return [_load(chapter, topic) for topic in _topics(chapter)]


def find(name: str) -> Exercise | None:
    """The exercise of this name, if there is one."""
    chapter, _, topic = name.partition(".")
    return _load(chapter, topic) if topic in _topics(chapter) else None


def title(chapter: str) -> str:
    """The title of a lesson, from the list of lessons; "" if it is not there yet."""
    text = bundled("chapters/lessons.toml").read_text(encoding="utf-8")
    titles = {
        lesson["name"].partition("_")[0]: str(lesson["en"]["title"])
        for lesson in tomllib.loads(text)["lesson"]
    }
    return titles.get(chapter, "")


def _topics(chapter: str) -> Sequence[str]:
    if chapter not in chapters():
        return ()
    topics: Sequence[str] = importlib.import_module(f"{PACKAGE}.ch{chapter}").EXERCISES
    return topics


def _load(chapter: str, topic: str) -> Exercise:
    """The exercise of a file, which bears the file's name: so no two have the same."""
    module = f"{PACKAGE}.ch{chapter}.{topic}"
    found: Exercise = importlib.import_module(module).ex
    if found.name != f"{chapter}.{topic}":
        raise ValueError(f"{module} holds the exercise {found.name!r}, not its own")
    return found
