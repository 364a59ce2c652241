"""Whether processes that a test has started are still there."""

import os
import time
from pathlib import Path

# For a busy machine: what is waited for comes in a few seconds, or not at all.
PATIENCE = 120


def wait_for(what, patience=PATIENCE):
    """Wait until a function gives something, and give that; what it last gave else."""
    until = time.monotonic() + patience
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def running(pid):
    """Whether there is such a process; one that has ended may leave its number."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in ("X", "Z")
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # ended meanwhile, or a system without this folder
        return not Path("/proc/self").exists()


def all_end(pids):
    """Whether none of these processes stays."""
    return wait_for(lambda: not any(map(running, pids)))
