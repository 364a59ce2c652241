"""What an answer writes and shows: wherever that goes, it is kept here, in part.

A stray letter would cost a student of nbgrader all points, and a long print the
notebook its size.
"""

import builtins
import codecs
import contextlib
import ctypes
import functools
import io
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .exercise import cut, fill

KEPT = 10_000  # characters
LINES, WIDTH = 10, 100

# The messages of a kernel that become the output of a cell.
OUTPUTS = {"clear_output", "display_data", "error", "execute_result"}
OUTPUTS |= {"update_display_data"}

# Threads of answers that would not end: what they write is never shown.
_left: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
STREAMS = {"stdout", "stderr"}
WRITES = {"clear_output", "publish", "send", "write", "writelines"}
TO_END = 0.1  # seconds for the threads of an answer to end


class Printed:
    """The beginning of what an answer writes, and how much that is."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._beginning, self._count = "", 0

    def add(self, text: str) -> None:
        """Keep a text, or as much of it as there is room for."""
        self._count += len(text)
        room = KEPT - len(self._beginning)
        if room > 0:
            self._beginning += text[:room]

    def lines(self) -> list[str]:
        """A few lines of it; the last says how much was left out."""
        written = self._beginning.splitlines()
        shown = [cut(line, WIDTH) for line in written[:LINES]]
        if shown != written or self._count > len(self._beginning):
            more = self._count - sum(map(len, shown))
            shown.append(fill("... {count:,} characters more", count=more))
        return shown


class Stream(io.TextIOBase):
    """Stands for a stream while an answer runs.

    Args:
        printed: Where the answer's text goes.
        descriptor: What the stream writes to, for C and for other programs.
        write: Takes the text of threads that have nothing to do with the answer.
        others: These threads.
    """

    encoding, errors = "utf-8", "backslashreplace"

    def __init__(
        self,
        printed: Printed,
        descriptor: int,
        write: Callable[[str], Any],
        others: set[threading.Thread],
    ) -> None:
        """Take the place of a stream."""
        super().__init__()
        self._printed, self._descriptor = printed, descriptor
        self._write, self._others = write, others

    def writable(self) -> bool:
        """Yes."""
        return True

    def fileno(self) -> int:
        """What other programs may write to."""
        return self._descriptor

    def write(self, text: str) -> int:
        """Keep what the answer writes."""
        if not issubclass(type(text), str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if threading.current_thread() in self._others:
            self._write(text)
        else:
            self._printed.add(str.__str__(text))
        return len(text)

    @property
    def buffer(self) -> io.RawIOBase:
        """The same for bytes."""
        return _Bytes(self)


class _Bytes(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stream.write(bytes(data).decode(errors="replace"))
        return len(data)


@contextlib.contextmanager
def captured(printed: Printed, *, everything: bool = False) -> Iterator[None]:
    """Keep what is written and shown meanwhile, except by threads of before.

    Their text goes where it went, unless everything is captured. What is written to
    a file descriptor counts as the answer's, whoever writes it.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_descriptors(printed))
        before = set(threading.enumerate()) - set(_left)
        others = set() if everything else before - {threading.current_thread()}
        streams = sys.stdout, sys.stderr
        if everything:
            _flush(streams)
        for name, descriptor in ("stderr", 2), ("stdout", 1):
            for old in (getattr(sys, f"__{name}__", None), getattr(sys, name, None)):
                write = getattr(old, "write", printed.add)
                stream = Stream(printed, descriptor, write, others)
                # A handler of logging may hold the old stream: so that one writes
                # here, too. It stays open, whoever wants to close it.
                for method in ("write", "writelines"):
                    _replace(stack, old, method, getattr(stream, method))
                for method in ("close", "detach"):
                    _replace(stack, old, method, lambda: None)
            _replace(stack, sys, name, stream)
        _replace(stack, sys, "stdin", io.StringIO())
        _replace(stack, sys, "displayhook", lambda value: print(repr(value)))
        _replace(stack, builtins, "input", _no_input)
        # Errors that nobody can catch are written, whoever else collects them.
        _replace(stack, sys, "unraisablehook", sys.__unraisablehook__)
        _replace(stack, threading, "excepthook", threading.__excepthook__)
        _in_notebook(stack, printed, everything)
        if everything:
            stack.callback(_flush, streams)
        stack.callback(_end_threads, before)
        yield


class _DeafStream:
    """A stream of the notebook that is deaf to them, even if its `write` is replaced.

    IPython replaces that for each cell.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._stream, name)
        return _Deaf(found) if name in WRITES else found


def _deaf_stream(stream: Any) -> Any:
    return stream if isinstance(stream, _DeafStream) else _DeafStream(stream)


@contextlib.contextmanager
def usable_streams() -> Iterator[None]:
    """For messages of our own, where an earlier cell has lost the streams."""
    with contextlib.ExitStack() as stack:
        for name in ("stdout", "stderr"):
            try:
                getattr(sys, name).write("")
            except Exception:
                known = getattr(sys, f"__{name}__", None)
                usable = known is not None and not known.closed
                _replace(stack, sys, name, known if usable else io.StringIO())
        yield


def _in_notebook(stack: contextlib.ExitStack, printed: Printed, mute: bool) -> None:
    """In IPython, keep what is displayed, and let `exit` end the answer alone."""
    if "IPython" not in sys.modules:
        return
    from IPython.core.interactiveshell import InteractiveShell

    if not InteractiveShell.initialized():
        return
    shell = InteractiveShell.instance()

    def publish(data: Any, *args: Any, **options: Any) -> None:
        printed.add(str(data.get("text/plain", "")) + "\n")

    _replace(stack, shell.display_pub, "publish", publish)
    _replace(stack, shell.display_pub, "clear_output", lambda wait=False: None)
    # As in a script: by default the kernel would go on, and end after the cell.
    _replace(stack, shell, "ask_exit", sys.exit)
    _replace(stack, shell, "keepkernel_on_exit", None)
    # What else becomes an output goes through here.
    session = getattr(getattr(shell, "kernel", None), "session", None)
    if session is None:
        return
    send, held_back = session.send, OUTPUTS | ({"stream"} if mute else set())

    def send_others(stream: Any, message: Any, *args: Any, **options: Any) -> Any:
        kind = message if isinstance(message, str) else message["header"]["msg_type"]
        return None if kind in held_back else send(stream, message, *args, **options)

    _replace(stack, session, "send", send_others)


@contextlib.contextmanager
def _descriptors(printed: Printed) -> Iterator[None]:
    """Keep what C libraries and other programs write, where there are descriptors."""
    # Another program may live on with the pipe, which then does not end by itself.
    end = os.urandom(16)
    try:
        source, sink = os.pipe()
    except OSError:  # Earlier cells have used them all up.
        yield
        return
    reader = threading.Thread(target=_read, args=(source, end, printed), daemon=True)
    try:
        reader.start()
    except RuntimeError:  # There are no threads in a browser.
        os.close(source)
        os.close(sink)
        yield
        return
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        # C code may write a lot before it lets the reader read.
        fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, 2**20)
    _flush_buffers()
    kept: dict[int, int] = {}
    for number in (1, 2):
        with contextlib.suppress(OSError):  # It is closed.
            kept[number] = os.dup(number)
            os.dup2(sink, number)
    try:
        yield
    finally:
        _flush_buffers()
        for number, copy in kept.items():
            with contextlib.suppress(OSError):
                os.dup2(copy, number)
                os.close(copy)
        with contextlib.suppress(OSError):
            os.write(sink, end)
            os.close(sink)
        reader.join(1)


def _read(source: int, end: bytes, printed: Printed) -> None:
    decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
    last = b""
    while data := os.read(source, 2**16):
        last += data
        if end in last:
            printed.add(decode(last.partition(end)[0]))
            break
        printed.add(decode(last[: -len(end)]))
        last = last[-len(end) :]
    os.close(source)


def _flush_buffers() -> None:
    """Send on what Python's first streams and those of C hold back."""
    _flush((sys.__stdout__, sys.__stderr__))
    with contextlib.suppress(Exception):
        _c().fflush(None)


@functools.cache
def _c() -> ctypes.CDLL:
    return ctypes.CDLL("ucrtbase" if os.name == "nt" else None)


def _flush(streams: Iterable[Any]) -> None:
    for stream in streams:
        with contextlib.suppress(Exception):
            stream.flush()


def _end_threads(before: set[threading.Thread]) -> None:
    """End the threads that an answer has left, as soon as they run Python code."""
    # Not by methods of theirs, which may be the answer's.
    threads, thread_class = [], threading.Thread
    for thread in threading.enumerate():
        with contextlib.suppress(Exception):
            if thread not in before:
                threads.append(thread)
                _left.add(thread)
    for thread in threads:
        number = vars(thread_class)["ident"].__get__(thread)
        if number is not None and not isinstance(thread, threading._DummyThread):
            raise_in(number, SystemExit)
    end = time.monotonic() + TO_END
    for thread in threads:
        if not isinstance(thread, threading._DummyThread):
            thread_class.join(thread, max(0, end - time.monotonic()))


class _Deaf:
    """A function that does nothing in the threads that answers have left."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any, **options: Any) -> Any:
        if threading.current_thread() not in _left:
            return self._function(*args, **options)
        return None


def raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise an error in a thread as soon as it runs Python code; None: do not."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(error) if error else None
    )


def _no_input(prompt: object = "") -> str:
    raise EOFError(fill("While an answer is checked, nobody can type anything."))


def _replace(stack: contextlib.ExitStack, thing: Any, name: str, value: Any) -> None:
    """Set an attribute, if the object allows it, until the stack is unwound.

    What writes is deaf from then on to the threads that answers have left.
    """

    def put_back() -> None:
        with contextlib.suppress(Exception):
            if name in WRITES and _left and not isinstance(before, _Deaf):
                setattr(thing, name, _Deaf(before))
            elif thing is sys and name in STREAMS and _left:
                setattr(thing, name, _deaf_stream(own[name]))
            elif name in own:
                setattr(thing, name, own[name])
            else:
                delattr(thing, name)

    with contextlib.suppress(Exception):
        before: Any = getattr(thing, name, None)
        own = {key: vars(thing)[key] for key in [name] if key in vars(thing)}
        setattr(thing, name, value)
        stack.callback(put_back)
