"""An answer may do anything short of ending the process: the check has a verdict.

What it writes, wherever that goes, is shown in part below a refusal and nowhere else.
In a points cell of nbgrader, a single letter on stderr would cost all points.
"""

import functools
import gc
import io
import linecache
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

import builder
import d2l_utils as d2l
from d2l_utils.exercises import exercise, grading, messages, output
from project import heavy_but

# They hold for Linux and macOS; Windows has no such descriptors, alarms or libraries.
posix = pytest.mark.skipif(os.name == "nt", reason="not on Windows")

RIGHT = "    return 2 * x * np.cos(x**2)\n"

# Right answers to 01.chain, with something more, by the statements of it.
WRITE = {
    "print": "print('x', file=sys.stderr); print('y')",
    "first streams": "sys.__stderr__.write('x'); sys.__stdout__.write('y')",
    "bytes": "sys.stderr.buffer.write(b'x')",
    "old stream": "old_stream.write('x'); old_stream.flush()",
    "old handler": "logging.getLogger('old').error('x')",
    "logging": "logging.basicConfig(level=logging.INFO); logging.info('x')",
    "logging later": "logging.getLogger('a.b').warning('x')",
    "warnings": "warnings.warn('x'); warnings.simplefilter('always')",
    "descriptors": "os.write(1, b'x\\n'); os.write(2, b'y\\n')",
    "not text": "os.write(2, b'\\xff\\xfe\\x00')",
    "program": "os.system('echo x; echo y >&2')",
    "program to streams": (
        "subprocess.run(['sh', '-c', 'echo x; echo y >&2'], stdout=sys.stderr, "
        "stderr=sys.stdout)"
    ),
    "program that stays": "subprocess.Popen(['sh', '-c', 'sleep 1; echo x >&2'])",
    "library": "c = ctypes.CDLL(None); c.puts(b'x'); c.perror(b'y')",
    "thread": "t = threading.Thread(target=say); t.start(); t.join()",
    "thread that fails": "t = threading.Thread(target=len); t.start(); t.join()",
    "thread that stays": "threading.Timer(0.15, say).start()",
    "garbage": "b = Broken(); b.itself = b",
    "close": "sys.stdout.close(); sys.stderr.close(); sys.__stderr__.close()",
    "no streams": "sys.stdout = sys.stderr = sys.__stderr__ = None; print('x')",
    "display": "from IPython.display import display; display(3)",
    "the hook": "sys.displayhook(0)",
    "end caught": "try: exit()\n    except SystemExit: pass",
    "check inside": "d2l.check('01.chain', slope_of_chain)",
}
# Those that must be refused, and what is said.
STOP = {
    "exit()": "Your code asks Python to end, in line 2 of your cell, `exit()`: ",
    "quit()": "Your code asks Python to end, in line 2 of your cell, `quit()`: ",
    "sys.exit('x')": "Your code asks Python to end, in line 2",
    "raise asyncio.CancelledError": "`raise asyncio.CancelledError`. CancelledError",
    "raise GeneratorExit": "in line 2 of your cell, `raise GeneratorExit`. Generator",
    "raise BaseException('x')": "in line 2 of your cell, `raise BaseException('x')`. ",
    "raise ExceptionGroup('x', [OSError()])": "ExceptionGroup: x (1 sub-exception)",
    "raise StopIteration": "`raise StopIteration`. StopIteration",
    "return slope_of_chain(x)": "RecursionError: maximum recursion depth exceeded",
    "return [0] * 10**15": "`return [0] * 10**15`. MemoryError",
    "exec('a b')": "`exec('a b')`. SyntaxError: invalid syntax",
    "raise Evil()": "in line 2 of your cell, `raise Evil()`. Evil",
    "raise Mute()": "in line 2 of your cell, `raise Mute()`. Mute",
    "raise Named()": "in line 2 of your cell, `raise Named()`. Named: x",
    "raise type('E' * 10**6, (Exception,), {})": "EEEEEEEE…",
    "raise ValueError('x' * 10**7)": "ValueError: xxxxxxxx",
    "raise ValueError('\\ud800\\x07')": r"ValueError: \ud800\x07",
    "raise Refusal(5)": "`raise Refusal(5)`. Refusal",
    "raise Refusal(Word('x'))": "`raise Refusal(Word('x'))`. Refusal",
    "raise TimeUp": "Stopped after",
    "return Broken()": "ZeroDivisionError: division by zero",
    "return Array()": "LookupError",
    "input('x')": "EOFError: While an answer is checked, nobody can type anything.",
    "return 'x' * 10**8": "got:      'xxxxxx",
    "return ['x'] * 10**6": "got:      ['x', 'x', 'x'",
    "return np.array(['x'])": "Numbers are wanted here.",
    "print('x' * 10**6); return 3": "... 999,901 characters more",
    "print(*range(99999), sep='\\n'); return 3": "\n    9\n    ... ",
    "print('\\ud800\\x1b[31m'); return 3": r"\ud800\x1b[31m",
    "builtins.len = builtins.next = None; return 3": "✗",
    "np.allclose = np.asarray = lambda *a, **k: True; return 3": "✗",
}
SETUP = """
import asyncio, builtins, ctypes, linecache, logging, os, subprocess, sys, threading
import time, warnings
import d2l_utils as d2l
import numpy as np
from d2l_utils.exercises.exercise import Refusal
from d2l_utils.exercises.grading import TimeUp
from d2l_utils.exercises.messages import score
old_stream = sys.stderr
logging.getLogger('old').addHandler(logging.StreamHandler())
def say(): print('x', file=sys.stderr)
def loud():
    for _ in range(200):
        try: time.sleep(0.002); say(); sys.stdout.write('x')
        except BaseException: pass
class Evil(BaseException):
    def __getattribute__(self, name): 1 / 0
    def __str__(self): sys.exit()
    __repr__ = __str__
class Mute(Exception):
    def __str__(self): return 5
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
class Named(Exception, metaclass=Meta):
    def __str__(self): return Word('x')
class Word(str):
    def partition(self, *_): 1 / 0
    __len__ = __str__ = __getitem__ = __format__ = partition
class Broken:
    __class__ = property(lambda self: 1 / 0)
    def __del__(self): 1 / 0
    def __repr__(self): 1 / 0
    __eq__ = __len__ = __float__ = __iter__ = __bool__ = __array__ = __repr__
class Array:
    def __array__(self, *_, **__): raise LookupError
"""


def code(statements):
    return f"def slope_of_chain(x):\n    {statements}\n{RIGHT}"


def cell(statements, name="slope_of_chain"):
    """What a cell leaves; its source can be found."""
    file, text = f"<hostile {hash(statements)}>", code(statements)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names = {"__name__": "__main__"}
    exec(SETUP, names)
    exec(compile(text, file, "exec"), names)
    return names[name]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(exercise.find("01.chain"), "seconds", 2)


@posix
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("name", heavy_but([*WRITE][::8], WRITE))
def test_whatever_an_answer_writes_it_gets_its_points(
    name, capfd, recwarn, monkeypatch
):
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    answer = cell(WRITE[name])
    assert messages.score("01.chain", answer) == 2
    gc.collect()
    if "stays" in name:
        time.sleep(0.3)
    written, errors = capfd.readouterr()
    assert errors == ""
    assert written.startswith("✓ `01.chain`: right")
    assert written.count("\n") == 1


@posix
@pytest.mark.parametrize("statements", heavy_but([*STOP][::4], STOP))
def test_however_an_answer_stops_it_is_refused_with_the_reason(statements, capfd):
    answer = cell(statements)
    d2l.check("01.chain", answer)
    written, errors = capfd.readouterr()
    assert errors == ""
    assert written.startswith("✗ `01.chain`: not yet. Check 1 of 2")
    assert STOP[statements] in written
    assert len(written) < 2500


WITHOUT_END = [
    "while True: pass",
    "signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    while True: pass",
    "signal.setitimer(signal.ITIMER_REAL, 0)\n    while True: pass",
    "while True: print('x' * 1000)",
    "while True: os.write(1, b'x' * 10**5)",
    "while True: os.write(2, b'x')",
    "subprocess.run(['yes'])",
    "raise Slow()",
    "return Slow()",
]


@posix
@pytest.mark.parametrize("statements", heavy_but(WITHOUT_END[::4], WITHOUT_END))
def test_what_does_not_end_is_stopped_in_little_memory(statements, monkeypatch):
    monkeypatch.setattr(exercise.find("01.chain"), "seconds", 0.2)
    monkeypatch.setattr(grading, "TO_DESCRIBE", 0.2)
    names = "import os, signal, subprocess\nclass Slow(Exception):\n"
    names += (
        "    def __str__(self):\n        while True: pass\n    __repr__ = __str__\n"
    )
    space = {"np": np, "__name__": "__main__"}
    exec(names + code(statements), space)
    tracemalloc.start()
    graded = grading.grade(exercise.find("01.chain"), space["slope_of_chain"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    message = repr(messages._report(graded))
    assert ("Slow" if "raise" in statements else "Stopped after 0.2 s") in message
    assert len(message) < 2500
    assert peak < 10e6
    assert threading.active_count() < 10


LEAVE = """
import signal, time
class Endless:
    def __del__(self):
        while True: pass
class Asleep:
    def __del__(self): time.sleep(30)
class Stops:
    def __del__(self): signal.raise_signal(signal.SIGINT); time.sleep(30)
class Fails(Exception):
    def __str__(self): left = Endless(); raise ValueError
"""


@posix
@pytest.mark.parametrize(
    ("statements", "mark"),
    [
        ("b = Endless(); b.itself = b", "✓"),
        ("b = Asleep(); b.itself = b", "✓"),
        ("b = Stops(); b.itself = b", "✓"),
        ("return Endless()", "✗"),
        ("return Asleep()", "✗"),
        ("b = Endless(); raise ValueError(b)", "✗"),
        ("b = Endless(); 1 / 0", "✗"),
        ("raise Fails", "✗"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_an_answer_leaves_is_stopped_too(statements, mark, monkeypatch):
    monkeypatch.setattr(exercise.find("01.chain"), "seconds", 0.5)
    space = {"np": np, "__name__": "__main__"}
    exec(LEAVE + code(statements), space)
    usual = gc.get_threshold()
    gc.set_threshold(10**6)  # so that no collection is due while the answer runs
    graded = grading.grade(exercise.find("01.chain"), space["slope_of_chain"])
    gc.set_threshold(*usual)
    assert repr(messages._report(graded))[0] == mark
    assert gc.isenabled()


@posix
def test_an_interruption_while_no_answer_runs_is_not_lost(monkeypatch):
    def look(exercise, answer):
        patience._running = False
        signal.raise_signal(signal.SIGINT)

    entered = grading._Patience.__enter__

    def enter(self):
        nonlocal patience
        patience = entered(self)
        return patience

    patience = None
    monkeypatch.setattr(grading._Patience, "__enter__", enter)
    monkeypatch.setattr(grading, "_look_at", look)
    graded = grading.grade(exercise.find("01.slope_by_rules"), 16)
    assert "You stopped the check" in graded.outcomes[0].refusal.message


def test_in_another_thread_a_loop_is_stopped_too(monkeypatch):
    monkeypatch.setattr(exercise.find("01.chain"), "seconds", 0.2)
    answer, graded = cell("while True: pass"), []
    ex = exercise.find("01.chain")
    thread = threading.Thread(target=lambda: graded.append(grading.grade(ex, answer)))
    thread.start()
    thread.join()
    assert "Stopped after" in graded[0].outcomes[0].refusal.message


async def later(x):
    return 3


@pytest.mark.parametrize(
    "answer",
    [
        *(functools.partial(len, 3), len, type("C", (), {}), later, cell("yield 3")),
        *(
            np.cos,
            print,
            object(),
            10**5000,
            "x" * 10**7,
            [[1], [2, 3]],
            NotImplemented,
        ),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_an_answer_of_any_kind_is_refused(answer, capfd, recwarn):
    for name in ("01.chain", "01.slope_by_rules", "01.predict_divided_by_h"):
        d2l.check(name, answer)
        written, errors = capfd.readouterr()
        assert written.startswith("✗")
        assert len(written) < 2000
        assert errors == ""
    assert not recwarn.list


def test_a_name_of_any_length_is_answered_in_a_line(capsys):
    class Word(str):
        def partition(self, _):
            raise ValueError

    for call in (d2l.check, d2l.hint, d2l.solution):
        for name in (
            "x" * 10**6,
            Word("x"),
            b"x",
            5,
            None,
            type,
            "\ud800",
            "01." * 999,
        ):
            call(name)
            written = capsys.readouterr().out
            assert written.startswith("○")
            assert len(written) < 300


@pytest.mark.parametrize("stream", [None, io.StringIO(), "closed"])
def test_a_message_is_shown_whatever_has_become_of_the_streams(stream, monkeypatch):
    known = io.StringIO()
    monkeypatch.setattr(sys, "__stdout__", known)
    if stream == "closed":
        stream = io.StringIO()
        stream.close()
    monkeypatch.setattr(sys, "stdout", stream)
    d2l.check("01.slope_by_rules", 16)
    assert sys.stdout is stream
    shown = known if stream is None or stream.closed else stream
    assert shown.getvalue().startswith("✓")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_stream_that_lacks_letters_gets_their_numbers(encoding, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    d2l.check("01.slope_by_rules", 16)
    stream.flush()
    assert stream.buffer.getvalue().startswith(b"\\u2713 `01.slope_by_rules`: right")


def test_without_a_name_the_message_says_that_it_comes_first(capsys):
    for call in (d2l.check, d2l.hint, d2l.solution):
        call()
        assert "The name of the exercise comes first" in capsys.readouterr().out


def test_a_name_that_cannot_be_looked_up_is_one_all_the_same(capsys):
    class Word(str):
        __hash__ = None

    for call in (d2l.hint, d2l.solution):
        call(Word("01.slope_by_rules"))
        assert capsys.readouterr().out[2:].startswith("`01.slope_by_rules`")


def test_where_all_descriptors_are_used_answers_are_checked(monkeypatch, capsys):
    def fail(*_):
        raise OSError(24, "Too many open files")

    assert exercise.find("01.slope_by_rules")
    monkeypatch.setattr(exercise, "chapters", lambda: iter(()))
    for name in ("pipe", "dup", "open"):
        monkeypatch.setattr(os, name, fail)
    assert messages.score("01.slope_by_rules", 16) == 1
    with pytest.raises(OSError, match="Too many"):
        messages.score("01.none", 16)


def test_what_others_print_meanwhile_is_theirs(capsys):
    go, done = threading.Event(), threading.Event()

    def other():
        go.wait()
        print("from another thread")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()

    def answer(x):
        go.set()
        done.wait()
        return 3

    graded = grading.grade(exercise.find("01.chain"), answer)
    thread.join()
    assert graded.printed.lines() == []
    assert capsys.readouterr().out == "from another thread\n"


CLOSED = """
import os, sys
from d2l_utils.exercises import exercise, grading
for number in (0, 1, 2):
    os.close(number)
graded = grading.grade(exercise.find("01.slope_by_rules"), 16)
with open(sys.argv[1], "w") as file:
    print(graded.passed, file=file)
"""


def test_where_there_are_no_descriptors_answers_are_checked(tmp_path):
    result = tmp_path / "result.txt"
    subprocess.run([sys.executable, "-c", CLOSED, result], check=True)
    assert result.read_text() == "True\n"


FORK = """
import os
from d2l_utils.exercises import exercise, grading
ex = exercise.find("01.slope_by_rules")
ex.checks[0] = ex.checks[0]._replace(function=lambda answer: os.fork() and None)
print("one process:", grading.grade(ex, 16).passed)
"""


@posix
def test_a_copy_that_an_answer_makes_of_the_process_ends_with_it():
    run = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True)
    assert run.stdout == "one process: True\n"


def test_where_there_are_no_threads_answers_are_checked(monkeypatch):
    def fail(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    assert grading.grade(exercise.find("01.slope_by_rules"), 16).passed
    monkeypatch.undo()
    assert grading.grade(exercise.find("01.slope_by_rules"), 16).passed


def test_what_is_left_out_is_counted():
    printed = output.Printed()
    assert printed.lines() == []
    printed.add("one\ntwo")
    assert printed.lines() == ["one", "two"]
    for _ in range(1000):
        printed.add("x" * 1000)
    first, second, left = printed.lines()
    assert first == "one"
    assert second == "two" + "x" * 96 + "…"
    assert left == "... 999,904 characters more"


# --- in a kernel


@pytest.fixture(scope="module")
def run():
    """Execute a cell in a kernel, which watches the file descriptors.

    It would not if it knew of the tests.
    """
    environment = os.environ | builder.KERNEL_ENVIRONMENT
    environment = {k: v for k, v in environment.items() if "PYTEST" not in k}
    client = NotebookClient(
        nbformat.v4.new_notebook(),
        allow_errors=True,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        timeout=60,
    )

    def execute(source):
        client.nb.cells = [new_code_cell(source)]
        client.execute_cell(client.nb.cells[0], 0)
        return [
            (x.output_type, x.get("text") or x.get("data", {}).get("text/plain"))
            for x in client.nb.cells[0].outputs
        ]

    with client.setup_kernel(env=environment):
        assert execute(SETUP) == []
        yield execute


MORE = {
    "bound write": "write_before('x')",
    "pool": "pool_before.submit(say).result()",
    "traceback": "get_ipython().showtraceback((OSError, OSError(), None))",
    "cell": "get_ipython().run_cell('1 / 0')",
    "thread without end": "threading.Thread(target=loud, daemon=True).start()",
    "clear": "from IPython.display import clear_output; clear_output()",
}


@posix
@pytest.mark.heavy
def test_in_a_kernel_a_points_cell_has_the_message_and_the_points_alone(run):
    before = "import concurrent.futures; write_before = sys.stderr.write\n"
    before += "pool_before = concurrent.futures.ThreadPoolExecutor(1)\n"
    assert run(f"{before}pool_before.submit(int).result();") == []
    for statements in (WRITE | MORE).values():
        assert run(code(statements)) == []
        wait = "time.sleep(0.3); " if "loud" in statements else ""
        found = run(f"n = score('01.chain', slope_of_chain); {wait}n")
        assert len(found) == 2, (statements, found)
        (kind, message), points = found
        assert (kind, message[0]) == ("display_data", "✓"), statements
        assert points == ("execute_result", "2"), statements
    both = "print('x'); print('y', file=sys.stderr); os.write(1, b'z\\n')"
    found = run(f"{both}; d2l.check('01.chain', lambda x: 3)")
    kinds = sorted(kind for kind, _ in found)
    assert kinds == ["display_data", "stream", "stream"]
    assert {text for kind, text in found if kind == "stream"} == {"x\nz\n", "y\n"}


@posix
def test_in_a_kernel_an_answer_changes_nothing_of_the_notebook(run):
    changes = "s = get_ipython(); s.run_line_magic('precision', '2'); "
    changes += "s.ast_node_interactivity = 'all'; s.set_next_input('x'); "
    changes += "s.set_custom_exc((OSError,), print); "
    changes += "s.events.register('post_execute', say)"
    assert run(code(changes)) == []
    look = "get_ipython().custom_exceptions, get_ipython().payload_manager._payload"
    found = run(f"d2l.check('01.chain', slope_of_chain); 1 / 3, {look}")
    assert found[0][1].startswith("✓")
    assert found[1:] == [("execute_result", "(0.3333333333333333, (), [])")]
    assert run("1; 2") == [("execute_result", "2")]


@posix
@pytest.mark.parametrize("end", ["exit()", "quit()", "exit(keep_kernel=True)"])
def test_in_a_kernel_an_answer_cannot_end_it(end, run):
    run(f"kept = 5\n{code(end)}")
    ((kind, message),) = run("d2l.check('01.chain', slope_of_chain)")
    assert kind == "display_data"
    assert f"Your code asks Python to end, in line 3 of your cell, `{end}`" in message
    run("import time; time.sleep(0.3)")
    assert run("kept") == [("execute_result", "5")]
