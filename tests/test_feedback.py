"""The messages that learners get: check, hint, solution, progress."""

import html
import importlib
import linecache
import os
import re
import signal
import subprocess
import sys
import threading
import types
from decimal import Decimal

import numpy as np
import platformdirs
import pytest
import torch

import d2l_utils as d2l
from d2l_utils.exercises import ch01, exercise, expect, grading, messages, records
from d2l_utils.exercises.exercise import Exercise, Refusal


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """A kernel that has asked nothing yet, and lesson 01, to which a test may add."""
    module = types.ModuleType("d2l_utils.exercises.ch01.twice")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(ch01, "EXERCISES", list(ch01.EXERCISES))
    monkeypatch.setattr(records, "_here", {})
    monkeypatch.setattr(messages, "_hints_given", messages.Counter())
    monkeypatch.setattr(messages, "_solutions_asked", set())


@pytest.fixture
def record(monkeypatch, tmp_path):
    """The file of a learner's record."""
    file = tmp_path / "new folder" / "progress.txt"
    monkeypatch.setenv("D2L_PROGRESS", str(file))
    return file


def function_exercise(**changes):
    """An exercise of the test's own: twice a number."""
    settings = {"hints": ["One `<hint>`.", "Two."], "explanation": "Two times x."}
    ex = Exercise("01.twice", **settings | changes)

    @ex.solution
    def twice(x):
        """Return twice x."""
        # BEGIN SOLUTION
        doubled = 2 * x
        # END SOLUTION
        return doubled

    @ex.check("twice 3 is 6")
    def _(answer):
        expect.expect(answer(3), 6, mistakes=[(9, "That is the square.")])

    @ex.check("twice 0 is 0")
    def _(answer):
        expect.expect(answer(0), 0)

    sys.modules["d2l_utils.exercises.ch01.twice"].ex = ex
    ch01.EXERCISES.append("twice")
    return ex


def cell(code):
    """A function as a notebook's cell leaves it: its source can be found."""
    lines = code.splitlines(keepends=True)
    file = "<a cell of the test>"
    linecache.cache[file] = (len(code), None, lines, file)
    names = {"__name__": "__main__"}
    exec(compile(code, file, "exec"), names)
    return names["twice"]


def shown(capsys):
    return capsys.readouterr().out


# --- the exercise


def test_the_stub_leaves_out_what_is_marked():
    ex = function_exercise()
    assert ex.stub_code == (
        'def twice(x):\n    """Return twice x."""\n    ...\n    return doubled'
    )
    assert ex.solution_code == (
        'def twice(x):\n    """Return twice x."""\n'
        "    doubled = 2 * x\n    return doubled"
    )
    assert (ex.variable, ex.lesson, ex.takes_function) == ("twice", "01", True)


def test_a_stub_of_its_own():
    ex = function_exercise()

    @ex.stub
    def twice(x):
        return x * x

    assert ex.stub_code == "def twice(x):\n    return x * x"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.5, "rate = 0.5"),
        ([1, 2], "rate = [1, 2]"),
        (np.array([1.0, 2.0]), "rate = [1.0, 2.0]"),
    ],
)
def test_a_value(value, code):
    ex = Exercise("01.value", hints=[], explanation="")
    ex.value(rate=value)
    assert (ex.solution_code, ex.stub_code) == (code, "rate = ...")
    assert not ex.takes_function


def test_the_code_of_another_answer_bears_the_name_of_the_stub():
    def thrice(x):
        return 3 * x

    ex = function_exercise()
    assert ex.code_for(thrice) == "def twice(x):\n    return 3 * x"


@pytest.mark.parametrize("letter", ["b", "B", " b\n"])
def test_the_right_letter(letter):
    ex = Exercise("01.choice", hints=[], explanation="")
    ex.choice({"a": "Not a.", "c": "Not\n   c."}, answer="b")
    assert grading.grade(ex, letter).passed


@pytest.mark.parametrize(
    ("letter", "message"),
    [
        ("a", "Not a."),
        ("C", "Not c."),
        *((x, 'Choose one letter, in quotes: "a", "b", "c".') for x in ("bb", "", 1)),
        (None, "`answer` is `None`: no value was put into it."),
        (["b"], "Choose one letter"),
    ],
)
def test_a_wrong_letter_gets_a_message_of_its_own(letter, message):
    ex = Exercise("01.choice", hints=[], explanation="")
    ex.choice({"a": "Not a.", "c": "Not\n   c."}, answer="b")
    graded = grading.grade(ex, letter)
    assert message in graded.outcomes[-1].refusal.message
    says = [wrong.says for wrong in ex.wrong_answers]
    assert says == ["Not a.", "Not c.", "Choose one letter"]
    assert ex.right_answers == ["B"]


def test_two_exercises_cannot_have_one_name(monkeypatch):
    ex = function_exercise()
    assert exercise.find("01.twice") is exercise.exercises("01")[-1] is ex
    ex.name = "01.chain"
    with pytest.raises(ValueError, match=r"ch01\.twice holds the exercise '01\.chain'"):
        exercise.find("01.twice")


def test_an_exercise_can_be_loaded_again():
    before = exercise.find("01.chain")
    importlib.reload(sys.modules["d2l_utils.exercises.ch01.chain"])
    after = exercise.find("01.chain")
    assert after is not before
    assert after in exercise.exercises("01")
    assert grading.grade(after, before.reference).passed


def test_an_exercise_is_found_without_the_others():
    code = (
        "import sys; from d2l_utils.exercises import exercise; "
        "exercise.find('03.best_rate'); "
        "print(*(x for x in sys.modules if '.exercises.ch' in x))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    package = "d2l_utils.exercises.ch03"
    assert run.stdout.split() == [package, f"{package}.best_rate"]


def test_the_order_of_a_lesson_can_name_only_what_is_there(monkeypatch):
    monkeypatch.setattr(ch01, "EXERCISES", ("chain", "missing"))
    with pytest.raises(ModuleNotFoundError, match=r"ch01\.missing"):
        exercise.exercises("01")
    assert exercise.find("01.halving") is None


def test_chapters_are_in_order_and_only_those_that_exist():
    chapters = list(exercise.chapters())
    assert chapters == sorted(chapters)
    assert "01" in chapters
    assert exercise.exercises("99") == exercise.exercises("") == []
    assert exercise.title("01") == "Derivatives"
    assert exercise.find("nonsense") is None
    assert exercise.find("../evil.name") is None


# --- comparing


@pytest.mark.parametrize(
    "got",
    [
        *(6, 6.0, np.float32(6), np.array(6), [6], np.array([[6.0]])),
        *(torch.tensor(6), torch.tensor([6.0], requires_grad=True), 6 + 1e-5),
    ],
)
def test_a_number_in_any_form(got):
    expect.expect(got, 6)


@pytest.mark.parametrize(
    "got", [[1, 2], (1, 2), np.array([1, 2], dtype=np.float32), torch.tensor([1, 2])]
)
def test_an_array_in_any_form(got):
    expect.expect(got, [1, 2])
    expect.expect(got, torch.tensor([1.0, 2.0]))


def test_nan_where_nan_is_wanted():
    expect.expect([np.nan, 1], [np.nan, 1])


TEXT = "Numbers are wanted here, and that is text: leave the quotes out."


@pytest.mark.parametrize(
    ("got", "wanted", "message"),
    [
        (None, 6, "It gave `None`: is a `return` missing?"),
        (..., 6, "There is still a `...` in your answer."),
        ([1, ...], [1, 2], "There is still a `...` in your answer."),
        ([1, None], [1, 2], "There is a `None` in it: is a `return` missing?"),
        (abs, 6, "That is a function, not a number: call it first."),
        ("6", 6, TEXT),
        (["6", 2.0], [6, 2], TEXT),
        ([[1], [2, 3]], 6, "Numbers are wanted here."),
        (1j, 6, "Numbers are wanted here."),
        ([[1, 2]], [1, 2], "The shape should be (2,), it is (1, 2)."),
        ([1, 2], 6, "One number is wanted: 2 came."),
        (1, [1, 2], "2 numbers are wanted, in a row: 1 came."),
        ([1, 2, 3], [1, 2], "2 numbers are wanted, in a row: 3 came."),
        (np.nan, 6, "Not all of it is a finite number."),
        ([1, np.inf], [1, 2], "Not all of it is a finite number."),
        (-6, 6, "The sign is turned around."),
        (12, 6, "It is 2 times what it should be."),
        ([0.5, 1], [1, 2], "It is 0.5 times what it should be."),
        (6.01, 6, "Close, but not close enough."),
        ([1, 2.001], [1, 2], "Close, but not close enough."),
        (5, 6, ""),
        ([2, 2], [1, 2], ""),
        (1e-3, 0, ""),
        (np.eye(3), np.ones((3, 3)), ""),
        (
            np.eye(4) - 7 * np.eye(4)[::-1] / 3,
            np.eye(4) + np.eye(4)[::-1] / 2,
            "They differ most in entry [0, 3]: 0.5 is right, not -2.333.",
        ),
    ],
)
def test_a_difference_has_its_message(got, wanted, message):
    with pytest.raises(Refusal) as caught:
        expect.expect(got, wanted)
    assert caught.value.message == message
    assert caught.value.expected
    assert caught.value.got


def test_a_known_mistake_comes_before_what_the_numbers_tell():
    mistakes = [([1, 2], "never"), (12, "Divide\n    by 2."), (12, "never")]
    with pytest.raises(Refusal) as caught:
        expect.expect(12, 6, mistakes=mistakes, tip="never")
    assert caught.value.message == "Divide by 2."


def test_a_tip_is_added_where_nothing_is_known_of_the_mistake():
    with pytest.raises(Refusal) as caught:
        expect.expect(12, 6, tip="A tip.")
    assert caught.value.message == "It is 2 times what it should be. A tip."
    with pytest.raises(Refusal) as caught:
        expect.expect([[1, 2]], [1, 2], tip="The numbers are right, so never.")
    assert caught.value.message == "The shape should be (2,), it is (1, 2)."


def test_a_secret_is_not_told():
    with pytest.raises(Refusal) as caught:
        expect.expect(-6, 6, shown="a number")
    assert (caught.value.expected, caught.value.got) == ("a number", "-6")
    assert caught.value.message == ""


def test_values_stand_in_their_places_and_other_braces_stay():
    with pytest.raises(Refusal) as caught:
        expect.refuse(
            """{count} of
            {all:.1%}.""",
            expected="{count}",
            got="{answer}",
            count="{0}",
            all=0.5,
            answer="{all}",
        )
    refusal = caught.value
    assert (refusal.message, refusal.expected) == ("{0} of 50.0%.", "{0}")
    assert refusal.got == "{all}"
    with pytest.raises(Refusal, match=r"^A `\{\}` or `\{x\}`\.$") as caught:
        expect.refuse("A `{}` or `{x}`.", got="{")
    assert caught.value.got == "{"
    with pytest.raises(Refusal) as caught:
        expect.expect(
            1, 2, mistakes=[(1, "It is {one}.")], shown="{two}", tip="", one=1, two=2
        )
    assert (caught.value.message, caught.value.expected) == ("It is 1.", "2")


def test_the_wanted_numbers_of_an_author_must_be_numbers():
    with pytest.raises(TypeError, match="wanted must be numbers"):
        expect.expect(6, "six")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (1 / 3, "0.333333"),
        (1234567.0, "1.23457e+06"),
        ([1, 2.5], "[1, 2.5]"),
        ([1 / 3, 6e-7], "[0.3333, 6e-07]"),
        (np.zeros((2, 2)), "[[0, 0], [0, 0]]"),
        (np.eye(12)[0], "[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]"),
        (np.eye(5) / 3, "0.3333, 0, 0, 0, ... (shape (5, 5))"),
        (torch.tensor([1, 2]), "[1, 2]"),
        (None, "None"),
        ("text", "text"),
        (abs, "<built-in function abs> (builtin_function_or_method)"),
    ],
)
def test_a_value_is_shown_in_one_short_line(value, text):
    assert expect.show(value) == text


def test_strings_are_shown_in_quotes():
    with pytest.raises(Refusal) as caught:
        expect.expect("6", 6)
    assert caught.value.got == "'6'"


def test_a_tolerance_is_the_check_s():
    expect.expect(1e-7, 0)
    with pytest.raises(Refusal):
        expect.expect(1e-7, 0, rtol=1e-9)
    expect.expect(6.5, 6, rtol=0.1)
    expect.expect(0.01, 0, atol=0.1)
    with pytest.raises(Refusal):
        expect.expect(6.0001, 6, rtol=1e-9, atol=0)


# --- an answer in all its forms


@pytest.mark.parametrize(
    "code",
    [
        'def twice(x):\n    """Return twice x."""\n    ...\n    return doubled\n',
        "def twice(x):\n    # nothing yet\n    ...\n    return doubled\n",
        'def twice(x):\n\n    "Other words"\n    ...\n\n    return  doubled  # done\n',
    ],
)
def test_the_stub_is_not_an_attempt_however_it_is_laid_out(code):
    assert not grading.grade(function_exercise(), cell(code)).attempted


def test_three_points_are_not_an_attempt():
    graded = grading.grade(function_exercise(), ...)
    assert not graded.attempted
    assert not graded.passed


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("    ...\n    return x", "There is still a `...` in your code. "),
        ("    y = ...\n    return y", "There is still a `...` in your code. "),
        ("    return ...", "There is still a `...` in your code. "),
        (
            "    y = x\n    return y / 0",
            "Your code stopped with an error in line 3 of your cell, `return y / 0`. "
            "ZeroDivisionError: division by zero",
        ),
        (
            "    return helper(x)\ndef helper(x):\n    raise ValueError('a\\nb')",
            "Your code stopped with an error in line 4 of your cell, "
            "`raise ValueError('a\\nb')`. ValueError: a\n",
        ),
        (
            "    from numpy import linalg\n    linalg.inv([[x, x], [x, x]])",
            "in line 3 of your cell, `linalg.inv([[x, x], [x, x]])`. LinAlgError: ",
        ),
        (
            "    raise SystemExit",
            "Your code asks Python to end, in line 2 of your cell",
        ),
        ("    raise AssertionError", "`raise AssertionError`. AssertionError\n"),
        ("    return twice(x)", "RecursionError: maximum recursion depth exceeded"),
        ("    raise KeyboardInterrupt", "You stopped the check before its end."),
    ],
)
def test_an_answer_that_goes_wrong(body, line):
    answer = cell(f"def twice(x):\n{body}\n")
    report = messages._report(grading.grade(function_exercise(), answer))
    assert repr(report).startswith("✗ `01.twice`: not yet. Check 1 of 2: twice 3 is 6")
    assert line in repr(report)


POWER = "`^` is not a power in Python: the square of x is `x**2`."
FIRST_LINE = "Leave the first line as it was: `def twice(x):`."


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("def twice(x):\n    return x ^ 2.0", POWER),
        ("def twice(x):\n    import numpy\n    return numpy.ones(2) ^ x", POWER),
        ("def twice():\n    return 6", FIRST_LINE),
        ("def twice(x, n):\n    return n * x", FIRST_LINE),
        ("def twice(*, x):\n    return 2 * x", FIRST_LINE),
        # Its own call is the wrong one.
        ("def twice(x):\n    return twice()", ""),
        ("def twice(x):\n    raise TypeError('^')", ""),
    ],
)
def test_an_error_that_says_little_is_explained(code, meaning):
    report = messages._report(grading.grade(function_exercise(), cell(f"{code}\n")))
    said = " ".join(report.remarks)
    assert "TypeError" in said
    assert [x for x in (POWER, FIRST_LINE) if x in said] == [meaning] * bool(meaning)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (lambda: 6, "The check could not use your answer. TypeError: "),
        (np.vectorize, "The check could not use your answer. TypeError: "),
        (len, "The check could not use your answer. TypeError: "),
        (6, "A function is wanted: hand over `twice` itself, without calling it."),
        (None, "A function is wanted"),
        (type("T", (), {"__call__": lambda self, x: 1 / 0})(), "ZeroDivisionError"),
        (np.square, "That is the square."),
    ],
)
def test_an_answer_that_is_not_a_function_of_the_learner_s(answer, line):
    report = messages._report(grading.grade(function_exercise(), answer))
    assert line in repr(report)


def test_what_the_answer_prints_stands_below():
    def chatty(x):
        for i in range(20):
            print("x is", x + i)
        return x

    message = repr(messages._report(grading.grade(function_exercise(), chatty)))
    assert "  your code printed:\n    x is 3\n    x is 4\n" in message
    assert message.count("x is") == 10
    assert "\n    x is 12\n    ... 90 characters more\n" in message


def test_a_warning_is_not_shown(recwarn):
    def warns(x):
        np.log(np.float64(-1))
        return 2 * x

    assert grading.grade(function_exercise(), warns).passed
    assert not recwarn.list


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer on Windows")
@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n        try: x = x\n        except Exception: pass",
        "while True:\n        try: x = x\n        except: pass",
        "while True:\n        try:\n            while x: pass\n        except: pass",
        "while True:\n        try: x = x\n        finally: continue",
        "try:\n        while True: pass\n    except Exception: return 2 * x",
        "import time; time.sleep(60)",
    ],
)
def test_an_endless_loop_is_stopped(body):
    answer = cell(f"def twice(x):\n    {body}\n    return 2 * x\n")
    graded = grading.grade(function_exercise(seconds=0.2), answer)
    assert "Stopped after 0.2 seconds" in graded.outcomes[-1].refusal.message
    assert len(graded.outcomes) == 1
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer on Windows")
def test_a_check_gives_back_the_alarm_and_a_late_one_does_no_harm():
    heard, ex = [], function_exercise()
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append("mine"))
    try:
        for handler in (signal.getsignal(signal.SIGALRM), signal.SIG_DFL):
            signal.signal(signal.SIGALRM, handler)
            assert grading.grade(ex, lambda x: 2 * x).passed
            assert callable(signal.getsignal(signal.SIGALRM))
            signal.raise_signal(signal.SIGALRM)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert heard == ["mine"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer on Windows")
def test_an_import_is_not_stopped_in_the_middle(tmp_path, monkeypatch):
    slow = "import time\n\nfor _ in range(40):\n    time.sleep(0.01)\ndone = True\n"
    (tmp_path / "slow_to_import.py").write_text(slow)
    monkeypatch.syspath_prepend(tmp_path)
    ex = function_exercise(seconds=0.1)

    def imports(x):
        import slow_to_import

        return 2 * x if slow_to_import.done else 0

    assert grading.grade(ex, imports).passed

    def imports_and_hangs(x):
        import slow_to_import

        while slow_to_import.done:
            pass

    del sys.modules["slow_to_import"]
    graded = grading.grade(ex, imports_and_hangs)
    assert "Stopped after" in graded.outcomes[-1].refusal.message


def test_in_another_thread_an_answer_is_checked_without_a_timer():
    result = []
    ex = function_exercise()
    thread = threading.Thread(
        target=lambda: result.append(grading.grade(ex, ex.reference))
    )
    thread.start()
    thread.join()
    assert result[0].passed


def test_without_a_timer_an_answer_is_checked_all_the_same(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    ex = function_exercise()
    assert grading.grade(ex, ex.reference).passed


def test_checks_end_with_the_first_refusal_unless_all_are_asked_for():
    ex = function_exercise()
    assert len(grading.grade(ex, lambda x: 1).outcomes) == 1
    outcomes = grading.grade(ex, lambda x: 0, all_checks=True).outcomes
    assert [bool(outcome.refusal) for outcome in outcomes] == [True, False]


# --- messages


def test_a_check_says_what_it_thinks(capsys):
    ex = function_exercise()
    d2l.check("01.twice", ...)
    assert shown(capsys).startswith("○ `01.twice`: not attempted yet.")
    d2l.check("01.twice")
    assert shown(capsys).startswith("○")
    d2l.check("01.twice", lambda x: x * x)
    assert shown(capsys) == (
        "✗ `01.twice`: not yet. Check 1 of 2: twice 3 is 6\n"
        "  expected: 6\n"
        "  got:      9\n"
        "  That is the square.\n"
        '  Stuck? `d2l.hint("01.twice")`\n'
    )
    d2l.check("01.twice", lambda x: x + 3)
    assert shown(capsys) == (
        "✗ `01.twice`: not yet. Check 2 of 2: twice 0 is 0\n"
        "  expected: 0\n"
        "  got:      3\n"
        '  Stuck? `d2l.hint("01.twice")`\n'
    )
    d2l.check("01.twice", ex.reference)
    assert shown(capsys).startswith("✓ `01.twice`: right, all 2 checks accept it.")


def test_a_check_may_remark_on_a_right_answer(capsys):
    ex = function_exercise()

    @ex.check("twice 5 is 10")
    def _(answer):
        return "Exactly `10`."

    d2l.check("01.twice", ex.reference)
    headline, remark = shown(capsys).splitlines()
    assert headline.startswith("✓ `01.twice`: right, all 3 checks accept it.")
    assert remark == "  Exactly `10`."


@pytest.mark.parametrize("call", [d2l.check, d2l.hint, d2l.solution])
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("01.centraldifference", "Near it: `01.central_difference`"),
        ("1.chain", "Near it: `01.chain`"),
        ("nonsense", "`d2l.progress()` shows the lessons."),
        (print, "The name of the exercise comes first: `"),
    ],
)
def test_an_unknown_name(call, name, part, capsys):
    call(name)
    message = shown(capsys)
    assert message.startswith(
        "○ The" if callable(name) else f"○ There is no exercise `{name}`"
    )
    assert part in message


def test_each_call_gives_one_more_hint(capsys):
    function_exercise()
    for part in ("hint 1 of 2: One", "hint 2 of 2: Two.", "hint 2 of 2: Two."):
        d2l.hint("01.twice")
        message = shown(capsys)
        assert part in message
        assert ("d2l.solution" in message) == ("2 of 2" in message)


def test_the_solution_opens_when_asked_twice(capsys):
    function_exercise()
    d2l.solution("01.twice")
    message = shown(capsys)
    assert "is not solved yet" in message
    assert '`d2l.hint("01.twice")` has 2 more for you.' in message
    assert "doubled" not in message
    d2l.solution("01.twice")
    message = shown(capsys)
    assert message.startswith("✓ `01.twice`, a solution:\n  def twice(x):\n")
    assert "doubled = 2 * x\n" in message
    assert message.endswith("  Two times x.\n")


def test_the_solution_opens_at_once_when_solved(capsys):
    ex = function_exercise()
    d2l.check("01.twice", lambda x: x)
    d2l.check("01.twice", ex.reference)
    shown(capsys)
    d2l.solution("01.twice")
    assert "doubled = 2 * x" in shown(capsys)


def test_after_all_hints_the_solution_does_not_offer_more(capsys):
    function_exercise()
    d2l.hint("01.twice")
    d2l.hint("01.twice")
    shown(capsys)
    d2l.solution("01.twice")
    assert "more for you" not in shown(capsys)


def test_the_score_is_the_number_of_accepting_checks(capsys):
    ex = function_exercise()
    assert messages.score("01.twice", lambda x: x * x) == 1
    assert "That is the square." in shown(capsys)
    assert messages.score("01.twice", ...) == 0
    assert "not attempted" in shown(capsys)
    assert messages.score("01.twice", ex.reference) == 2
    assert "✓" in shown(capsys)
    with pytest.raises(ValueError, match="no exercise 'x'"):
        messages.score("x", 1)


def test_a_message_in_a_notebook_is_html_that_shows_everything_as_it_is():
    report = messages.Message(
        "✗", "`a<b`", ("<i>`x`</i> & y", "*very* 2 * x * 3, `*y*`"), "got: <script>$1$"
    )
    page = report._repr_html_()
    assert "<code>a&lt;b</code>" in page
    assert "<em>very</em> 2 * x * 3, <code>*y*</code>" in page
    assert "&lt;i&gt;<code>x</code>&lt;/i&gt; &amp; y" in page
    assert '">got: &lt;script&gt;$1$</pre>' in page
    text = html.unescape(re.sub("<[^>]*>", "", page))
    assert all(part in text for part in ("✗", "a<b", "got: <script>$1$"))
    # JupyterLab keeps these even in a notebook that is not trusted.
    assert set(re.findall(r"<(\w+)", page)) == {
        *("div", "p", "b", "em", "code", "pre"),
    }
    assert set(re.findall(r'(\w+)="', page)) == {"style"}


# --- the record


def test_the_record_outlives_the_kernel(record, monkeypatch, capsys):
    ex = function_exercise()
    d2l.check("01.twice", lambda x: x)
    d2l.check("01.chain", d2l.numerical_diff)
    d2l.check("01.twice", ex.reference)
    monkeypatch.setattr(records, "_here", {})  # a new kernel
    assert records.load() == {"01.twice": "passed", "01.chain": "tried"}
    shown(capsys)
    d2l.progress()
    message = shown(capsys)
    assert re.search(r"^○ 1 of \d+ exercises are solved\n", message)
    assert re.search(r"^  01 Derivatives +○*✗○*✓ +1 of \d+$", message, re.MULTILINE)
    d2l.solution("01.twice")
    assert "doubled" in shown(capsys)


def test_what_was_passed_stays_passed(record):
    ex = function_exercise()
    d2l.check("01.twice", ex.reference)
    d2l.check("01.twice", lambda x: x)
    assert records.load() == {"01.twice": "passed"}


def test_an_untouched_exercise_is_not_recorded(record):
    function_exercise()
    d2l.check("01.twice", ...)
    assert not record.exists()


def test_the_record_does_not_grow_with_every_check(record):
    ex = function_exercise()
    for _ in range(5):
        d2l.check("01.twice", lambda x: x)
        d2l.check("01.twice", ex.reference)
    assert record.read_text().split() == ["01.twice", "tried", "01.twice", "passed"]


def test_a_record_that_was_spoiled_is_read_as_far_as_it_goes(record, monkeypatch):
    record.parent.mkdir()
    record.write_bytes(
        b"01.a passed\n\xff\xfe\n01.b\n01.c eaten\n01.d tried\n01.g passed twice\n"
        b"01.e pas"
    )
    assert records.load() == {"01.a": "passed", "01.d": "tried"}
    records.note("01.f", records.PASSED)
    monkeypatch.setattr(records, "_here", {})
    assert records.load()["01.f"] == "passed"


def test_a_passed_exercise_is_not_undone_by_an_older_line(record):
    record.parent.mkdir()
    record.write_text("01.a passed\n01.a tried\n")
    assert records.load() == {"01.a": "passed"}


def test_where_no_file_can_be_kept_the_kernel_remembers(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("D2L_PROGRESS", str(tmp_path / "file" / "progress.txt"))
    records.note("01.a", records.PASSED)
    assert records.load() == {"01.a": "passed"}


def test_where_there_is_no_home_the_kernel_remembers(monkeypatch):
    def fail(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("D2L_PROGRESS")
    monkeypatch.setattr(platformdirs, "user_data_path", fail)
    records.note("01.slope_by_rules", records.PASSED)
    assert records.load() == {"01.slope_by_rules": records.PASSED}


def test_numbers_of_decimal_are_numbers():
    expect.expect(Decimal("0.75"), 0.75)
    expect.expect([Decimal(1), 2], [1, 2])


@pytest.mark.parametrize(
    "got",
    [range(2 * 10**8), [range(10**8)], np.broadcast_to(1.0, (10**5, 10**5))],
)
def test_far_too_many_numbers_are_refused_by_their_count(got):
    with pytest.raises(Refusal, match="00 entries came, far more than are wanted"):
        expect.expect(got, 0.75)


def test_kernels_side_by_side_lose_nothing(record):
    code = "from d2l_utils.exercises import records\nfor i in range(100): "
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", f"{code} records.note(f'{n}.{{i}}', 'tried')"]
        )
        for n in range(4)
    ]
    assert [run.wait() for run in runs] == [0] * 4
    assert len(records.load()) == 400


def test_by_default_the_record_is_among_the_user_s_data(monkeypatch, tmp_path):
    monkeypatch.delenv("D2L_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert records.path() == tmp_path / "d2l_utils" / "progress.txt"
    assert records.path().name == "progress.txt"
    monkeypatch.setenv("D2L_PROGRESS", "")
    assert records.path() is None
    assert os.environ["D2L_PROGRESS"] == ""


def test_progress_is_complete_when_all_is_solved(capsys):
    for chapter in exercise.chapters():
        for ex in exercise.exercises(chapter):
            records.note(ex.name, records.PASSED)
    d2l.progress()
    message = shown(capsys)
    assert re.match(r"✓ (\d+) of \1 exercises are solved\n", message)
    assert "○" not in message
    assert "✗" not in message
