"""Verdicts depend on no setting of an earlier cell, and no setting of an answer stays.

All answers of all exercises are checked under settings that change how Python, NumPy
and PyTorch compute, print and warn.
"""

import builtins
import contextlib
import decimal
import gc
import itertools
import locale
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from d2l_utils.exercises import exercise, grading, messages, surroundings

EXERCISES = [x for c in exercise.chapters() for x in exercise.exercises(c)]
# These take seconds, whatever the setting: the one that each is tried with.
SLOW = {"08.small_network": "torch half", "09.temperature": "numpy calls"}
ENDLESS = "a loop that does not end"


@contextlib.contextmanager
def deleted_folder():
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def put(get, put, value):
    before = get()
    put(value)
    try:
        yield
    finally:
        put(before)


@contextlib.contextmanager
def loud_logging():
    handler = logging.StreamHandler()
    logging.root.addHandler(handler)
    with put(lambda: logging.root.level, logging.root.setLevel, logging.DEBUG):
        yield
    logging.root.removeHandler(handler)


@contextlib.contextmanager
def errors_for_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@contextlib.contextmanager
def another_generator():
    before = np.random.mtrand.get_bit_generator()
    np.random.mtrand.set_bit_generator(np.random.PCG64(7))
    try:
        yield
    finally:
        np.random.mtrand.set_bit_generator(before)


@contextlib.contextmanager
def torch_prints():
    options = vars(torch._tensor_str.PRINT_OPTS)
    before = dict(options)
    torch.set_printoptions(precision=1, threshold=2, edgeitems=1, linewidth=10)
    try:
        yield
    finally:
        options.update(before)


class NoFunctions(torch.overrides.TorchFunctionMode):
    """Every function of PyTorch gives 7."""

    def __torch_function__(self, *_):
        return torch._C._VariableFunctions.tensor(7.0)


def any_locale():
    """A locale with a comma in its numbers, if the machine has one."""
    before = locale.setlocale(locale.LC_ALL)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "German", "C"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            locale.setlocale(locale.LC_ALL, before)
            return name
    return "C"


# What a cell may have set before: each gives a context.
SETTINGS = {
    "numpy raises": lambda: np.errstate(all="raise"),
    "numpy calls": lambda: np.errstate(all="call", call=lambda *_: 1 / 0),
    "numpy prints": lambda: np.printoptions(
        precision=1, threshold=2, edgeitems=1, suppress=True, sign="+", linewidth=10
    ),
    "numpy prints as of old": lambda: np.printoptions(legacy="1.13"),
    "numpy's seed": lambda: put(
        np.random.get_state,
        np.random.set_state,
        np.random.RandomState(12345).get_state(),
    ),
    "numpy's generator": another_generator,
    "random": lambda: put(
        random.getstate, random.setstate, random.Random(9).getstate()
    ),
    "decimal": lambda: decimal.localcontext(
        decimal.Context(
            prec=2, traps=[decimal.Inexact, decimal.Rounded, decimal.FloatOperation]
        )
    ),
    "warnings": errors_for_warnings,
    "logging": loud_logging,
    "locale": lambda: put(
        lambda: locale.setlocale(locale.LC_ALL),
        lambda name: locale.setlocale(locale.LC_ALL, name),
        any_locale(),
    ),
    "folder": deleted_folder,
    "torch dtype": lambda: put(
        torch.get_default_dtype, torch.set_default_dtype, torch.float64
    ),
    "torch half": lambda: put(
        torch.get_default_dtype, torch.set_default_dtype, torch.float16
    ),
    "torch device": lambda: put(lambda: None, torch.set_default_device, "meta"),
    "torch in a device": lambda: torch.device("meta"),
    "torch without gradients": torch.no_grad,
    "torch inference": torch.inference_mode,
    "torch anomaly": lambda: torch.autograd.set_detect_anomaly(True),
    "torch deterministic": lambda: put(
        torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 2
    ),
    "torch autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "torch denormal": lambda: put(lambda: False, torch.set_flush_denormal, True),
    "torch prints": torch_prints,
    "torch seed": lambda: put(
        torch.get_rng_state,
        torch.set_rng_state,
        torch.Generator().manual_seed(5).get_state(),
    ),
    "torch functions": NoFunctions,
    "matplotlib": lambda: plt.rc_context({"font.size": 50, "lines.linewidth": 9}),
}
# These exclude others.
APART = {"numpy calls", "numpy prints as of old", "torch half", "torch in a device"}
# What one of the others does may be hidden by a second one: each is in three of seven
# groups, no two in the same three, so that there is a group without the second one.
PLACES = zip(
    [name for name in SETTINGS if name not in APART],
    itertools.combinations(range(7), 3),
    strict=False,
)
GROUPS = {str(place): [] for place in range(7)} | {name: [name] for name in APART}
for name, places in PLACES:
    for place in places:
        GROUPS[str(place)].append(name)
FEW = ["02.float32_step", "02.judge_a_gradient", "04.standardize", "06.adam"]


def answers(ex):
    """Its answers, and whether each is right."""
    found = [(answer, True) for answer in (ex.reference, *ex.right_answers)]
    # One loop without an end is as good as another, and takes its time.
    return found + [
        (x.answer, False) for x in ex.wrong_answers if ENDLESS not in x.says
    ]


def changed(exs, wanted=lambda place, right: True):
    """The verdicts that are not what they should be; how many there are in all."""
    faults, count = [], 0
    for ex in exs:
        for place, (answer, right) in enumerate(answers(ex)):
            if not wanted(place, right):
                continue
            count += 1
            graded = grading.grade(ex, answer)
            if graded.passed != right:
                faults.append(f"{ex.name} {answer}: {messages._report(graded)}")
    return faults, count


@pytest.mark.parametrize(
    "exs",
    [
        pytest.param(EXERCISES[::12], id="some"),
        pytest.param(EXERCISES, id="all", marks=pytest.mark.heavy),
    ],
)
def test_no_verdict_depends_on_settings(exs):
    with contextlib.ExitStack() as stack:
        for name, setting in SETTINGS.items():
            if name not in APART:
                stack.enter_context(setting())
        faults, count = changed(x for x in exs if x.name != "08.small_network")
    assert not faults, "\n".join(faults)
    assert count >= 5 * len(exs)


@pytest.mark.heavy
@pytest.mark.parametrize("name", sorted(APART))
def test_no_verdict_depends_on_a_setting_that_excludes_others(name):
    with SETTINGS[name]():
        faults, _ = changed(map(exercise.find, FEW))
    assert not faults, "\n".join(faults)


@pytest.mark.heavy
@pytest.mark.parametrize("group", sorted(GROUPS))
def test_no_right_answer_is_refused_for_any_setting(group):
    exs = [x for x in EXERCISES if SLOW.get(x.name, group) == group]
    turn = sorted(GROUPS).index(group)
    with contextlib.ExitStack() as stack:
        for name in GROUPS[group]:
            stack.enter_context(SETTINGS[name]())
        # The solution is tried in every group, of the others one in three.
        faults, _ = changed(
            exs, lambda place, right: right and (place == 0 or place % 3 == turn % 3)
        )
    assert not faults, "\n".join([f"with {GROUPS[group]}", *faults])


def test_each_setting_is_tried_without_each_other():
    for one, other in itertools.permutations(SETTINGS, 2):
        assert any(one in names and other not in names for names in GROUPS.values())


# --- what an answer sets


def umask():
    mask = os.umask(0o22)
    os.umask(mask)
    return mask


def state():
    """What must be the same before and after a check."""
    printing = torch._tensor_str.PRINT_OPTS
    return {
        "numpy errors": np.geterr(),
        "numpy's call": np.geterrcall(),
        "numpy prints": np.get_printoptions(),
        "numpy random": str(np.random.get_state(legacy=False)),
        "random": random.getstate(),
        "decimal": repr(decimal.getcontext()),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "logging": (list(logging.root.handlers), logging.root.level),
        "logging off": logging.root.manager.disable,
        "locale": locale.setlocale(locale.LC_ALL),
        "folder": Path.cwd(),
        "environment": dict(os.environ),
        "path": list(sys.path),
        "streams": (sys.stdout, sys.stderr, sys.stdin, sys.__stdout__, sys.__stderr__),
        "open": [s.closed for s in (sys.stdout, sys.stderr, sys.__stdout__)],
        "hooks": (sys.displayhook, sys.excepthook, sys.gettrace(), sys.getprofile()),
        "recursion": sys.getrecursionlimit(),
        "garbage": (gc.isenabled(), gc.get_threshold(), list(gc.callbacks)),
        "digits": sys.get_int_max_str_digits(),
        "traceback": getattr(sys, "tracebacklimit", None),
        "timeout": socket.getdefaulttimeout(),
        "umask": umask(),
        "blocked": hasattr(signal, "pthread_sigmask") and signal.pthread_sigmask(0, []),
        "classes": (torch.nn.Linear, torch.optim.SGD, np.testing.assert_allclose),
        "hooks of layers": len(torch.nn.modules.module._global_forward_hooks),
        "torch modes": torch._C._len_torch_function_stack(),
        "signals": [signal.getsignal(x) for x in (signal.SIGINT, signal.SIGTERM)],
        "builtins": (len, print, isinstance, input, open),
        "functions": (np.allclose, np.array_equal, np.asarray, torch.allclose),
        "module": sys.modules["numpy"],
        "torch dtype": torch.get_default_dtype(),
        "torch device": torch.get_default_device(),
        "torch gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "torch anomaly": torch.is_anomaly_enabled(),
        "torch deterministic": torch.get_deterministic_debug_mode(),
        "torch autocast": torch.is_autocast_enabled("cpu"),
        "torch threads": torch.get_num_threads(),
        "torch seed": torch.get_rng_state().tolist(),
        "torch prints": dict(vars(printing)),
        "tiny": sys.float_info.min * float("0.5"),
        "matplotlib": dict(dict.items(plt.rcParams)),
        "figures": plt.get_fignums(),
        "threads": threading.active_count(),
    }


def sets_everything():
    """An answer that leaves nothing as it was."""
    np.seterr(all="raise")
    np.seterrcall(print)
    np.set_printoptions(precision=1, legacy="1.13")
    np.random.seed(3)
    np.random.mtrand.set_bit_generator(np.random.PCG64())
    random.seed(3)
    decimal.getcontext().prec = 2
    warnings.simplefilter("error")
    warnings.showwarning = print
    logging.basicConfig(level=logging.DEBUG, force=True)
    logging.disable(logging.CRITICAL)
    logging.getLogger("of.the.answer").addHandler(logging.StreamHandler())
    locale.setlocale(locale.LC_ALL, "C")
    os.chdir(os.sep)
    os.environ.clear()
    os.environ["NEW"] = "1"
    sys.path.clear()
    torch.set_default_dtype(torch.float16)
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    torch.autograd.set_detect_anomaly(True)
    torch.set_deterministic_debug_mode(2)
    torch.set_autocast_enabled("cpu", True)
    torch.set_flush_denormal(True)
    torch.set_num_threads(torch.get_num_threads() + 1)
    torch.set_printoptions(precision=1)
    torch.manual_seed(3)
    plt.rcParams["font.size"] = 50
    plt.close("all")
    plt.figure(77)
    gc.disable()
    gc.set_threshold(5)
    gc.callbacks.append(print)
    sys.set_int_max_str_digits(0)
    sys.tracebacklimit = 0
    socket.setdefaulttimeout(3)
    os.umask(0o77)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    torch.nn.Linear = torch.optim.SGD = np.testing.assert_allclose = print
    torch.nn.modules.module.register_module_forward_hook(print)
    NoFunctions().__enter__()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    np.allclose = np.array_equal = np.asarray = torch.allclose = print
    del sys.modules["numpy"]
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        stream.close()
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
    del sys.stdin
    sys.displayhook = sys.excepthook = None
    sys.setrecursionlimit(300)
    for name in ("len", "print", "isinstance", "input", "open", "next", "getattr"):
        setattr(builtins, name, None)


def ask(answer, seconds=5):
    """What a check of our own makes of an answer, which it calls once."""
    ex = exercise.Exercise("01.own", hints=[], explanation="", seconds=seconds)
    ex.value(own=sets_everything)
    ex.check("it is called")(lambda answer: answer())
    return grading.grade(ex, answer)


def test_no_setting_of_an_answer_stays():
    figure = plt.figure(5)
    logger = logging.getLogger("of.the.answer")
    with np.errstate(under="warn"):  # What was set before comes back, too.
        torch.set_default_device("cpu")
        before = state()
        graded = ask(sets_everything)
        after = state()
        torch.set_default_device(None)
    assert graded.passed
    assert {k for k in before if before[k] != after[k]} == set()
    assert logger.handlers == []
    assert plt.figure(5) is figure
    plt.close(figure)


@pytest.mark.parametrize(
    "sabotage",
    [
        lambda: sys.settrace(lambda *_: 1 / 0),
        lambda: sys.setprofile(lambda *_: 1 / 0),
        lambda: [setattr(builtins, "len", None), sys.settrace(lambda *_: 1 / 0)],
        lambda: [setattr(builtins, "len", None), sys.setprofile(lambda *_: 1 / 0)],
        lambda: setattr(contextlib, "ExitStack", None),
        lambda: [setattr(os, name, None) for name in ("dup2", "write", "close")],
        lambda: [setattr(random, name, None) for name in ("setstate", "getstate")],
        lambda: [setattr(threading, n, None) for n in ("enumerate", "Thread", "Lock")],
        lambda: vars(sys).pop("stdout"),
    ],
)
def test_whatever_an_answer_breaks_the_next_one_is_checked(sabotage):
    before = state()
    ask(sabotage)
    assert ask(lambda: 1).passed
    after = state()
    assert {k for k in before if before[k] != after[k]} == set()


FIRST_IMPORT = """
import sys
from d2l_utils.exercises import exercise, grading
ex = exercise.Exercise("01.own", hints=[], explanation="")

@ex.solution
def own():
    import torch
    import matplotlib

    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    matplotlib.rcParams["font.size"] = 50

ex.stub_code = "own = 0"
ex.check("it is called")(lambda answer: answer())
assert "torch" not in sys.modules and "matplotlib" not in sys.modules
passed = grading.grade(ex, own).passed
import matplotlib, torch
print(passed, torch.tensor([1.0]), matplotlib.rcParams["font.size"])
"""


def test_an_answer_may_be_the_first_to_import_a_library(tmp_path):
    file = tmp_path / "first.py"
    file.write_text(FIRST_IMPORT, encoding="utf-8")
    run = subprocess.run([sys.executable, file], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("True tensor([1.]) 10.0\n", "")


def test_each_answer_draws_the_same_random_numbers():
    def draw():
        drawn.append((random.random(), np.random.rand(), float(torch.rand(1))))

    drawn = []
    ask(draw)
    random.seed(8)
    ask(draw)
    assert drawn[0] == drawn[1]


def test_in_another_thread_the_surroundings_are_the_same():
    before, found = state(), []
    thread = threading.Thread(
        target=lambda: found.append(ask(lambda: np.seterr(all="raise")))
    )
    thread.start()
    thread.join()
    assert found[0].passed
    assert state() == before


def test_what_cannot_be_arranged_is_left_out(monkeypatch):
    def broken():
        raise OSError

    def breaks():
        return broken

    arranged = [broken, breaks, *surroundings.ARRANGED, broken, breaks]
    monkeypatch.setattr(surroundings, "ARRANGED", arranged)
    before = state()
    assert ask(lambda: np.seterr(all="raise")).passed
    assert state() == before


# --- loading anew

RELOAD = """
import importlib, random, sys
import d2l_utils as d2l
from d2l_utils.exercises import exercise

ANSWERS = [("01.slope_by_rules", 16), ("01.slope_by_rules", 13)]
ANSWERS += [("01.predict_divided_by_h", letter) for letter in "ac"]
for name, answer in ANSWERS:
    d2l.check(name, answer)
names = [name for name in sys.modules if name.startswith("d2l_utils")]
shown = []
for seed in range(5):
    random.Random(seed).shuffle(names)
    for name in names:
        importlib.reload(sys.modules[name])
        for messages in [d2l, sys.modules["d2l_utils.exercises.messages"]]:
            for exercise_name, answer in ANSWERS:
                messages.check(exercise_name, answer)
listed = [x.name for c in exercise.chapters() for x in exercise.exercises(c)]
print(len(listed) == len(set(listed)))
"""


@pytest.mark.heavy
def test_modules_loaded_anew_in_any_order_check_as_before(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", RELOAD], capture_output=True, text=True, cwd=tmp_path
    )
    assert run.stderr == ""
    *shown, alone = run.stdout.splitlines()
    heads = [line[0] for line in shown if not line.startswith(" ")]
    assert heads == ["✓", "✗", "✗", "✓"] * (len(heads) // 4)
    assert len(heads) > 250
    # With the same words: no refusal is taken for an error.
    assert len(set(shown)) == len(set(shown[:20]))
    assert alone == "True"
