"""The clock: pairs side by side, in this process or in processes of their own."""

import contextlib
import gc
import os
import statistics
import subprocess
import sys
from time import perf_counter
from typing import NamedTuple


@contextlib.contextmanager
def undisturbed():
    """One thread, and no garbage collection in the middle of a measurement."""
    import torch  # not for the workers that do without it

    threads, collecting = torch.get_num_threads(), gc.isenabled()
    torch.set_num_threads(1)
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        if collecting:
            gc.enable()


@contextlib.contextmanager
def one_core():
    """Keep this process, and those that it starts, on one core where that can be."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def rounded(number):
    """Four significant digits: the others are noise."""
    return float(f"{number:.4g}")


def exhaust(iterator):
    """Take all that an iterator gives."""
    for _ in iterator:
        pass


def seconds(function, calls=1):
    """How long a call takes on average; a side may time itself."""
    if hasattr(function, "seconds"):
        return function.seconds(calls)
    start = perf_counter()
    for _ in range(calls):
        function()
    return (perf_counter() - start) / calls


class Missing(NamedTuple):
    """A side that cannot be timed here, and why."""

    reason: str


class FreshProcess(NamedTuple):
    """A side that runs code in a new interpreter, whose start does not count."""

    code: str

    def seconds(self, calls):
        """How long the code takes on average, each time in a new process."""
        timed = (
            "from time import perf_counter\n"
            f"start = perf_counter()\n{self.code}\nprint(perf_counter() - start)"
        )
        command = [sys.executable, "-c", timed]
        return statistics.mean(
            float(subprocess.run(command, check=True, capture_output=True).stdout)
            for _ in range(calls)
        )


class Worker:
    """A side that runs, and times itself, in a process of its own.

    The process reads a number of calls from every line of its input and replies with
    a line: the seconds that a call took on average.

    Args:
        script: the script that the process runs.
        *arguments: those of the script.
        environment: its environment variables.
    """

    # Seconds to wait for the end of a process that has nothing more to do.
    patience = 10

    def __init__(self, script, *arguments, environment):
        """Start the process."""
        self.name = " ".join([script.name, *map(str, arguments)])
        self.process = subprocess.Popen(
            [sys.executable, script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
        )

    def seconds(self, calls=1):
        """Let the process time some calls."""
        # If it has ended, the missing reply says so.
        with contextlib.suppress(BrokenPipeError):
            print(calls, file=self.process.stdin, flush=True)
        reply = self.process.stdout.readline()
        if not reply:
            raise RuntimeError(
                f"{self.name} ended with exit code {self.process.wait()}; "
                "its own message stands above"
            )
        try:
            return float(reply)
        except ValueError:
            raise RuntimeError(
                f"{self.name} must reply with seconds, got {reply!r}"
            ) from None

    def __enter__(self):
        """Use the process for a while."""
        return self

    def __exit__(self, *_):
        """End the process: it stops when there is nothing more to read."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(timeout=self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def compare(name, ours, reference, *, repeats, calls=1):
    """Time two functions side by side.

    Args:
        name: what one call does.
        ours: ``(label, function)``, the function without arguments. Instead of one,
            there may be an object with a method ``seconds(calls)`` that times itself,
            or a ``Missing``.
        reference: the same for what ours is compared with.
        repeats: how often to time both; the medians count.
        calls: how many calls one measurement spans.

    Returns:
        One row of the table.
    """
    row = {"name": name, "ours": ours[0], "reference": reference[0]}
    sides = [ours[1], reference[1]]
    for side in sides:
        if isinstance(side, Missing):
            return row | {"missing": side.reason}
    for side in sides:
        seconds(side, calls)  # warm up
    times = [[], []]
    for repeat in range(repeats):
        # In turns, so that neither side always finds what the other left behind.
        for side in (0, 1) if repeat % 2 == 0 else (1, 0):
            times[side].append(seconds(sides[side], calls))
    return row | {
        "seconds": {
            "ours": rounded(statistics.median(times[0])),
            "reference": rounded(statistics.median(times[1])),
        },
        # Not the ratio of medians: a slow moment of the machine hits both sides.
        "ratio": rounded(statistics.median(a / b for a, b in zip(*times, strict=True))),
        "repeats": repeats,
    }
