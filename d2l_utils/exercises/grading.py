"""Running the checks of an exercise on an answer, whatever the answer does."""

import ast
import contextlib
import inspect
import io
import signal
import textwrap
import threading
import traceback
import warnings
from types import FrameType, FunctionType
from typing import Any, NamedTuple

from .. import _checks
from .exercise import Check, Exercise, Refusal, fill
from .expect import show_error

RINGING = 1e-4  # seconds between one bell and the next, once the time is up


class TimeUp(BaseException):
    """Raised in a learner's code that runs too long; `except Exception` lets it by."""


class Outcome(NamedTuple):
    """A check, why it refuses the answer or nothing, and its remark if not."""

    check: Check
    refusal: Refusal | None
    remark: str = ""


class Grade(NamedTuple):
    """What the checks of an exercise make of an answer.

    There are no outcomes if the answer was not attempted. Otherwise the last one is
    the first refusal, unless all checks were asked for.
    """

    exercise: Exercise
    outcomes: list[Outcome]
    printed: str

    @property
    def attempted(self) -> bool:
        """Whether the answer is more than the stub."""
        return bool(self.outcomes)

    @property
    def passed(self) -> bool:
        """Whether all checks accept the answer."""
        return self.attempted and not any(outcome.refusal for outcome in self.outcomes)


def grade(exercise: Exercise, answer: Any, *, all_checks: bool = False) -> Grade:
    """Ask the checks, up to the first that refuses the answer, or all of them."""
    tree = _tree(answer)
    if answer is ... or (tree and _body(tree) == _body(ast.parse(exercise.stub_code))):
        return Grade(exercise, [], "")
    outcomes = []
    printed = io.StringIO()
    for check in exercise.checks:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcome = _ask(exercise, check, answer)
        if outcome.refusal and tree and _leaves_something_out(tree):
            left_out = fill("There is still a `...` in your code.")
            outcome.refusal.sentences.insert(0, left_out)
        outcomes.append(outcome)
        if outcome.refusal and not all_checks:
            break
    return Grade(exercise, outcomes, printed.getvalue())


def _ask(exercise: Exercise, check: Check, answer: Any) -> Outcome:
    try:
        _look_at(exercise, answer)
        remark = _run(check, answer, exercise.seconds)
    except Refusal as refusal:
        return Outcome(check, refusal)
    except TimeUp:
        message = fill(
            """Stopped after {seconds:g} seconds: is there a loop that does not end, or
            one that does far more than it must?""",
            seconds=exercise.seconds,
        )
    except KeyboardInterrupt:
        message = fill("You stopped the check before its end.")
    except (Exception, SystemExit) as error:
        message = _crash(error, answer)
    else:
        return Outcome(check, None, remark or "")
    return Outcome(check, Refusal(message))


def _look_at(exercise: Exercise, answer: Any) -> None:
    """Refuse what is not an answer of the wanted kind."""
    name = exercise.variable
    if exercise.takes_function and not callable(answer):
        message = fill(
            "A function is wanted: hand over `{name}` itself, without calling it.",
            name=name,
        )
        got = _checks.describe(answer)
        raise Refusal(message, expected=fill("a function"), got=got)
    if answer is None:
        raise Refusal(fill("`{name}` is `None`: no value was put into it.", name=name))


def _run(check: Check, answer: Any, seconds: float) -> str | None:
    """Run a check, and raise `TimeUp` in it after some time where that can be done."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not in_main_thread:
        return check.function(answer)

    def ring(number: int, frame: FrameType | None) -> None:
        if _is_importing(frame):
            # A library half imported would stay so: the clock starts again.
            signal.setitimer(signal.ITIMER_REAL, seconds, RINGING)
        elif frame is None or frame.f_code.co_filename != __file__:
            raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    try:
        # After the first time again and again, for a loop that catches everything:
        # in the end one bell rings between its `except` and its `try`.
        signal.setitimer(signal.ITIMER_REAL, seconds, RINGING)
        return check.function(answer)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        # The last bell may be on its way still, by another thread: where nobody hears
        # it, it would end the kernel.
        signal.signal(signal.SIGALRM, before if callable(before) else _too_late)


def _too_late(number: int, frame: FrameType | None) -> None:
    """A bell that rings when the check has ended changes nothing."""


def _is_importing(frame: FrameType | None) -> bool:
    """Whether the code that runs belongs to an import."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _crash(error: BaseException, answer: Any) -> str:
    """An error of the learner's code, with its line in their cell."""
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if isinstance(answer, FunctionType)
        and frame.filename == answer.__code__.co_filename
        and answer.__module__ == "__main__"
    ]
    raised = show_error(error)
    if not lines:
        return fill("The check could not use your answer. {error}", error=raised)
    number, line = lines[-1].lineno, lines[-1].line
    if not line:
        return fill(
            "Your code stopped with an error in line {number} of your cell. {error}",
            number=number,
            error=raised,
        )
    return fill(
        """Your code stopped with an error in line {number} of your cell, `{line}`.
        {error}""",
        number=number,
        line=line,
        error=raised,
    )


def _tree(answer: Any) -> ast.Module | None:
    """The syntax tree of a learner's function, if its source can be found."""
    if not isinstance(answer, FunctionType):
        return None
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(answer)))
    except (OSError, SyntaxError, TypeError):
        return None


def _body(tree: ast.Module) -> list[str]:
    """What a function does: its statements without the docstring."""
    statements = tree.body
    if len(statements) == 1 and isinstance(statements[0], ast.FunctionDef):
        function = statements[0]
        documented = ast.get_docstring(function) is not None
        statements = function.body[documented:]
    return [ast.dump(statement) for statement in statements]


def _leaves_something_out(tree: ast.Module) -> bool:
    """Whether a `...` stands where a statement or a value should be."""
    return any(
        isinstance(node, ast.Expr | ast.Assign | ast.Return)
        and isinstance(node.value, ast.Constant)
        and node.value.value is ...
        for node in ast.walk(tree)
    )
