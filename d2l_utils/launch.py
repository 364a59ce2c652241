"""Several processes that are started, heard and ended together (lesson 10)."""

import os
import re
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import _checks

# How long a process may take to end: torchrun gives those that it ends 30 seconds.
GRACE = 45.0
# The last line of a traceback; and what only says that another process has gone.
ERROR = re.compile(
    r"^(?:\[rank\d+\]: )?([\w.]*(?:Error|Exception|Exit|Interrupt)\b.*)", re.MULTILINE
)
ECHO = re.compile(r"^torch\.distributed|gloo|onnection closed|onnection reset")
LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"


@_checks.checked(
    script=_checks.takes("a path", lambda p: isinstance(p, str | os.PathLike)),
    processes=_checks.positive_count,
    arguments=_checks.takes(
        "a list", lambda a: isinstance(a, Sequence) and not isinstance(a, str)
    ),
    max_restarts=_checks.count,
    timeout=_checks.positive,
)
def torchrun(
    script: str | os.PathLike[str],
    processes: int = 2,
    arguments: Sequence[object] = (),
    *,
    max_restarts: int = 0,
    timeout: float = 300.0,
) -> bool:
    """Run a script in several processes at once, and show what each of them printed.

    The same as ``torchrun --standalone --nproc-per-node=2 script.py`` in a terminal,
    on this computer alone. What the processes print is shown when all have ended, rank
    after rank, so that it comes in the same order each time. None of them outlives the
    call, nor the notebook that made it.

    Args:
        script: the Python file to run.
        processes: how many there shall be, at least 1; each has one thread.
        arguments: what the script finds in ``sys.argv`` behind its own name.
        max_restarts: how often all are started again when one of them fails.
        timeout: seconds after which all are ended.

    Returns:
        Whether they ended well. The error of one that did not is shown.

    Raises:
        TypeError: ``script`` is not a path, or a number is not one.
        ValueError: a number is out of its range.
        FileNotFoundError: there is no such script.
        NotImplementedError: on Windows, where torchrun cannot end its processes; use
            the Windows Subsystem for Linux.
    """
    if os.name == "nt":
        raise NotImplementedError(
            "torchrun needs Linux or macOS; on Windows run the course in the Windows "
            "Subsystem for Linux (WSL)"
        )
    if not Path(script).is_file():
        raise FileNotFoundError(f"there is no script {os.fspath(script)!r} here")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as logs:
        command = [
            *(sys.executable, "-m", __name__, "--standalone", "--redirects=3"),
            *("--local-addr=127.0.0.1", f"--nproc-per-node={processes}"),
            *(f"--max-restarts={max_restarts}", f"--log-dir={logs}"),
            *("-m", __name__, os.fspath(script), *map(str, arguments)),
        ]
        environment = {
            "GLOO_SOCKET_IFNAME": LOOPBACK,  # the host's name may lead nowhere
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",  # who is killed has said what it said
            "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",  # a restart finds a new store
        }
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | environment,
            start_new_session=True,  # an interrupt is for us, and we pass it on
        ) as agent:
            try:
                well = agent.wait(timeout) == 0
            except subprocess.TimeoutExpired:
                well = False
                print(f"stopped after {timeout:g} seconds")
            finally:
                assert agent.stdin
                agent.stdin.close()  # all of them see it, and end
                agent.wait()
        for line in _heard(Path(logs)):
            print(line)
    return well


def _heard(logs: Path) -> Iterator[str]:
    """What the processes have printed, and by which errors they ended."""
    attempts = sorted(logs.glob("*/attempt_*"), key=lambda p: int(p.name[8:]))
    for number, attempt in enumerate(attempts, 1):
        start = f"start {number}, " if len(attempts) > 1 else ""
        errors = []
        for process in sorted(attempt.iterdir(), key=lambda p: int(p.name)):
            who = f"{start}rank {process.name}"
            said, failed = (
                (process / f"{name}.log").read_text("utf-8", errors="replace")
                for name in ("stdout", "stderr")
            )
            yield from (f"{who}: {line}" for line in said.splitlines())
            found = [text for text in ERROR.findall(failed) if not ECHO.search(text)]
            errors += [f"{who} failed: {text}" for text in found[-1:]]
        yield from errors


def _main() -> None:
    """Be torchrun, or one of its processes; end when the one who started it has gone.

    All of them have the same input. It is closed at the end, and by the system when
    the caller is killed; each watches for that itself, as torchrun may be killed, too.
    """

    def watch() -> None:
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    if sys.argv[1].startswith("--"):
        from torch.distributed.run import main

        main()
    else:
        script = sys.argv.pop(1)
        sys.path[0] = str(Path(script).resolve().parent)
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    _main()
