"""Which exercises were tried and solved: kept beyond the life of a kernel.

The record is a text of one line for each event. Kernels that run side by side only
ever add lines, so none undoes what another has written.
"""

import os
from pathlib import Path

TRIED, PASSED = "tried", "passed"

_here: dict[str, str] = {}


def path() -> Path | None:
    """Where the record is: ``$D2L_PROGRESS``, if set; nowhere, if that is empty."""
    named = os.environ.get("D2L_PROGRESS")
    if named is not None:
        return Path(named) if named else None
    try:
        import platformdirs

        return platformdirs.user_data_path("d2l_utils") / "progress.txt"
    except (KeyError, OSError, RuntimeError):  # There is no home at all.
        return None


def note(name: str, state: str) -> None:
    """Keep that an exercise was tried or passed. Passed stays passed."""
    known = load()
    if known.get(name) in (state, PASSED):
        return
    _here[name] = state
    file = path()
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as record:
            # A line that another process has not ended stays apart.
            record.write(f"\n{name} {state}\n")
    except OSError:
        pass  # A full disk or a read-only home: this kernel remembers, at least.


def load() -> dict[str, str]:
    """The state of each exercise that was tried, in this kernel or before."""
    file = path()
    try:
        text = file.read_text(encoding="utf-8", errors="replace") if file else ""
    except OSError:
        text = ""
    states: dict[str, str] = {}
    for name, state in [*_events(text), *_here.items()]:
        if states.get(name) != PASSED:
            states[name] = state
    return states


def _events(text: str) -> list[tuple[str, str]]:
    words = [line.split() for line in text.splitlines()]
    return [(w[0], w[1]) for w in words if len(w) == 2 and w[1] in (TRIED, PASSED)]
