"""Running the checks of an exercise on an answer, whatever the answer does.

One thing cannot be stopped: a loop without an end inside of C, such as
``-1 in itertools.count()``, as neither a signal nor an error is heard there.
"""

import ast
import contextlib
import gc
import inspect
import linecache
import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple, Self, TypeVar

from .. import _checks
from . import surroundings
from .exercise import Check, Exercise, Refusal, cut, fill, one_line
from .expect import named_error
from .output import Printed, captured, raise_in

T = TypeVar("T")

RINGING = 1e-4  # seconds between one bell and the next, once the time is up
LATE = 1  # second after the first bell, when an answer must have heard it
TOOL = 4  # a number that `sys.monitoring` leaves to anybody
TO_DESCRIBE = 1  # second for an error to say what it is
SENTENCE, VALUE = 1000, 400  # letters that are shown of what a refusal says

# An answer has the process for itself, so that there is one at a time.
_turn = threading.Lock()
_whose_turn: list[int] = []


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
    printed: Printed

    @property
    def attempted(self) -> bool:
        """Whether the answer is more than the stub."""
        return bool(self.outcomes)

    @property
    def passed(self) -> bool:
        """Whether all checks accept the answer."""
        return self.attempted and not any(outcome.refusal for outcome in self.outcomes)


def grade(
    exercise: Exercise, answer: Any, *, all_checks: bool = False, mute: bool = False
) -> Grade:
    """Ask the checks, up to the first that refuses the answer, or all of them.

    Args:
        exercise: What is to be answered.
        answer: Whatever the learner hands over.
        all_checks: Whether to go on after a refusal.
        mute: Whether not even another thread may write anything meanwhile.
    """
    tree, printed = _tree(answer), Printed()
    if threading.get_ident() in _whose_turn:
        return Grade(exercise, [], printed)  # An answer that asks about itself.
    if answer is ... or (tree and _body(tree) == _body(ast.parse(exercise.stub_code))):
        return Grade(exercise, [], printed)
    outcomes = []
    with _turn:
        _whose_turn.append(threading.get_ident())
        try:
            for check in exercise.checks:
                with _Patience() as patience, captured(printed, everything=mute):
                    with surroundings.known(patience.left):
                        outcome = _ask(patience, exercise, check, answer)
                        patience.clean_up(exercise.seconds, 2 if mute else 1)
                    if patience.left:  # What has been replaced when put back.
                        patience.clean_up(exercise.seconds)
                if patience.interrupted and not outcome.refusal:
                    outcome = Outcome(check, _interrupted())
                outcomes.append(outcome)
                if outcome.refusal and not all_checks:
                    break
        finally:
            _whose_turn.clear()
    for outcome in outcomes:
        if outcome.refusal and tree and _leaves_something_out(tree):
            left_out = fill("There is still a `...` in your code.")
            outcome.refusal.sentences.insert(0, left_out)
    return Grade(exercise, outcomes, printed)


def _ask(
    patience: "_Patience", exercise: Exercise, check: Check, answer: Any
) -> Outcome:
    def asked() -> str:
        _look_at(exercise, answer)
        return check.function(answer) or ""

    try:
        return Outcome(check, None, patience.run(asked, exercise.seconds))
    except TimeUp as error:
        patience.left.append(error)
        message = fill(
            """Stopped after {seconds:g} seconds: is there a loop that does not end, or
            one that does far more than it must?""",
            seconds=exercise.seconds,
        )
    except KeyboardInterrupt as error:
        patience.left.append(error)
        return Outcome(check, _interrupted())
    except Refusal as error:
        patience.left.append(error)
        refusal = error
        plain = patience.attempt(lambda: _plain(refusal))
        if plain:
            return Outcome(check, plain)
        message = _crash(error, "")  # The answer has raised it.
    except BaseException as error:
        if type(error).__module__ == "in_page.lacking":
            raise  # A browser has no PyTorch: no verdict, the cell says so.
        patience.left.append(error)
        raised = error
        text = patience.attempt(lambda: str.__str__(str(raised))) or ""
        message = _crash(error, text)
        return Outcome(check, Refusal(message, _meaning(exercise, error, text)))
    return Outcome(check, Refusal(message))


def _interrupted() -> Refusal:
    return Refusal(fill("You stopped the check before its end."))


def _plain(refusal: Refusal) -> Refusal:
    """The same without its traceback, which would keep all that it has seen."""
    return Refusal(
        *(cut(str.__str__(text), SENTENCE) for text in refusal.sentences if text),
        expected=cut(str.__str__(refusal.expected), VALUE),
        got=cut(str.__str__(refusal.got), VALUE),
    )


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


class _Patience:
    """Runs code of learners, for some time or until Ctrl + C.

    Neither ends anything elsewhere: what was arranged for the answer must be put back.
    """

    def __init__(self) -> None:
        # Whether Ctrl + C came when no code of the learner's ran.
        self.interrupted = False
        # What keeps objects of the answer alive: their `__del__` is its code, too.
        self.left: list[Any] = []
        self._running = False
        self._seconds = 0.0
        self._interrupts: Any = None
        self._rings: Any = None
        self._in_main = threading.current_thread() is threading.main_thread()
        self._has_bell = self._in_main and hasattr(signal, "setitimer")

    def __enter__(self) -> Self:
        """Listen, where that can be done."""
        self._collects = gc.isenabled()
        if self._has_bell:
            self._rings = signal.signal(signal.SIGALRM, self._ring)
        if self._in_main and callable(signal.getsignal(signal.SIGINT)):
            self._interrupts = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        """Listen no more."""
        (gc.enable if self._collects else gc.disable)()
        if self._interrupts:
            signal.signal(signal.SIGINT, self._interrupts)
        if self._has_bell:
            # The last bell may be on its way still, by another thread: where nobody
            # hears it, it would end the kernel.
            before = self._rings if callable(self._rings) else _too_late
            signal.signal(signal.SIGALRM, before)

    def run(self, function: Callable[[], T], seconds: float) -> T:
        """Call a function, and raise `TimeUp` in it after some time."""
        self._seconds = seconds
        set_timer = signal.setitimer if self._has_bell else _no_timer
        timer = signal.ITIMER_REAL if self._has_bell else 0
        process, get_process, leave = os.getpid(), os.getpid, os._exit
        put_back = surroundings.keep_interpreter(self.left)
        hold_garbage = gc.disable
        quiet = (sys.settrace, sys.setprofile, sys.settrace)
        with self._watched():
            try:
                self._running = True
                # After the first time again and again, for a loop that catches all:
                # in the end one bell rings between its `except` and its `try`.
                set_timer(timer, seconds, RINGING)
                return function()
            finally:
                # No builtin is used here, as the answer may have replaced it.
                self._running = False
                hold_garbage()
                for stop in quiet:
                    try:
                        stop(None)
                    except:  # noqa: E722 -- of a tracing that fails; that ends it, too
                        continue
                set_timer(timer, 0, 0)
                put_back()
                if get_process() != process:
                    leave(0)  # A copy that the answer has made of this process.

    def attempt(self, function: Callable[[], T]) -> T | None:
        """What a function returns in a short time; nothing if it fails."""
        try:
            return self.run(function, TO_DESCRIBE)
        except BaseException as error:
            self.left.append(error)
            return None

    def clean_up(self, seconds: float, generation: int = 0) -> None:
        """Let go of what an answer leaves, which may speak up, or never end."""

        def let_go() -> None:
            self.left.clear()
            gc.collect(generation)

        with contextlib.suppress(BaseException):
            self.run(let_go, seconds)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Stop what no bell has stopped: where there are none, or no longer."""
        ended, asked = threading.Lock(), threading.get_ident()
        ended.acquire()

        def watch() -> None:
            seconds = self._seconds + (LATE if self._has_bell else 0)
            while not ended.acquire(timeout=seconds):
                if not _is_importing(sys._current_frames().get(asked)):
                    raise_in(asked, TimeUp)
                    seconds = LATE / 10

        watching = threading.Thread(target=watch, daemon=True)
        try:
            watching.start()
        except RuntimeError:  # There are no threads in a browser.
            with self._interrupted_at_jumps():
                yield
            return
        try:
            yield
        finally:
            ended.release()
            watching.join()
            raise_in(asked, None)

    @contextlib.contextmanager
    def _interrupted_at_jumps(self) -> Iterator[None]:
        """Look at the clock at every call and every end of a loop's body.

        For a Python without signals and threads; it tells of these since 3.12.
        """
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is None:
            yield
            return
        now, frame_of = time.monotonic, sys._getframe
        end = now() + self._seconds

        def look(code: CodeType, *_: int) -> None:
            ours = not self._running or code.co_filename == __file__
            if now() > end and not ours and not _is_importing(frame_of(1)):
                raise TimeUp

        both = monitoring.events.JUMP, monitoring.events.PY_START
        monitoring.use_tool_id(TOOL, __name__)
        try:
            for event in both:
                monitoring.register_callback(TOOL, event, look)
            monitoring.set_events(TOOL, sum(both))
            yield
        finally:
            monitoring.free_tool_id(TOOL)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if not self._running:
            return
        if _is_importing(frame):
            # A library half imported would stay so: the clock starts again.
            signal.setitimer(signal.ITIMER_REAL, self._seconds, RINGING)
        elif frame is None or frame.f_code.co_filename != __file__:
            raise TimeUp

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._running:
            self._interrupts(number, frame)
        else:
            self.interrupted = True


def _too_late(number: int, frame: FrameType | None) -> None:
    """A bell that rings when the check has ended changes nothing."""


def _no_timer(*_: object) -> None:
    """Where there is none."""


def _is_importing(frame: FrameType | None) -> bool:
    """Whether the code that runs belongs to an import."""
    while frame is not None and not _is_learners(frame):
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _is_learners(frame: FrameType) -> bool:
    """Whether the code stands in a notebook, such as a `__del__` of it."""
    module = frame.f_globals.get("__name__")
    return type(module) is str and module == "__main__"


def _place(error: BaseException) -> tuple[str, int]:
    """The file and the line of an error in the learner's cell, if it is from there."""
    traceback = vars(BaseException)["__traceback__"].__get__(error)
    file, number = "", 0
    while traceback is not None:
        code = traceback.tb_frame.f_code
        # From the cell of the answer, which may call functions of other cells.
        if _is_learners(traceback.tb_frame):
            file = file or code.co_filename
            if code.co_filename == file:
                number = traceback.tb_lineno
        traceback = traceback.tb_next
    return file, number


def _crash(error: BaseException, text: str) -> str:
    """An error of the learner's code, with its line in their cell."""
    file, number = _place(error)
    raised = named_error(error, text)
    line = cut(linecache.getline(file, number).strip(), VALUE) if file else ""
    if not file:
        return fill("The check could not use your answer. {error}", error=raised)
    if not line:
        return fill(
            "Your code stopped with an error in line {number} of your cell. {error}",
            number=number,
            error=raised,
        )
    if issubclass(type(error), SystemExit):
        return fill(
            """Your code asks Python to end, in line {number} of your cell, `{line}`:
            nothing after it would run. A function ends with `return`.""",
            number=number,
            line=line,
        )
    return fill(
        """Your code stopped with an error in line {number} of your cell, `{line}`.
        {error}""",
        number=number,
        line=line,
        error=raised,
    )


def _meaning(exercise: Exercise, error: BaseException, text: str) -> str:
    """What the text of an error means, where that says little to a beginner."""
    if "for ^" in text or "bitwise_xor" in text:
        return fill("`^` is not a power in Python: the square of x is `x**2`.")
    if text.startswith(f"{exercise.variable}() ") and not _place(error)[0]:
        first = one_line(exercise.stub_code.partition(":\n")[0])
        return fill("Leave the first line as it was: `{line}:`.", line=first)
    return ""


def _tree(answer: Any) -> ast.Module | None:
    """The syntax tree of a learner's function, if its source can be found."""
    if type(answer) is not FunctionType:
        return None
    code = vars(FunctionType)["__code__"].__get__(answer)
    try:
        # Not by way of `inspect.getsource`, which looks at what the answer wraps.
        linecache.checkcache(code.co_filename)
        lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
        return ast.parse(textwrap.dedent("".join(inspect.getblock(lines))))
    except Exception:  # There is none, or more than a parser can take.
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
