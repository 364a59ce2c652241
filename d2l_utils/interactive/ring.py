"""Lesson 10: arrays go round a ring in parts, until every process has their sum."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ._figure import Interactive, interactive

# Where the figure begins: processes, numbers of an array, as many as in 784-128-10,
# bytes in a second, seconds.
PROCESSES, COUNT, BANDWIDTH, LATENCY = 4, 101_770, 1e9, 1e-4
# The still picture shows the ring after so many steps.
STEPS = 2
MIDDLE: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
SIDE = 0.17


def _cell(ax: Axes, x: float, y: float, line: int, part: int, held: bool) -> None:
    """A line in a part of the array that stands around a place."""
    left = x + (part - PROCESSES / 2) * SIDE
    low = y + (PROCESSES / 2 - 1 - line) * SIDE
    color = "C0" if held else "#DDDDDD"
    ax.add_patch(Rectangle((left, low), SIDE, SIDE, facecolor=color, edgecolor="w"))
    if held:
        middle = left + SIDE / 2, low + SIDE / 2
        ax.text(*middle, str(line), **MIDDLE, color="w", fontsize=7)


def explore_ring() -> Interactive:
    """Show how n processes add up their arrays in a ring, in an interactive figure.

    The reader chooses the number of processes, from 2 to 8, the size of the arrays,
    from 10 to 8 billion float32 numbers, and the bandwidth and the latency of a
    connection, and lets the parts of the arrays travel step by step, as
    ``all_reduce_ring`` does. The parts have the sizes of ``np.array_split``.

    Beside it stands the time of one all-reduce for up to 1,024 processes, for arrays
    of S bytes: in the ring, part by part, ``2(n - 1) * (latency + S/n / bandwidth)``;
    in the ring with whole arrays, each passed on n - 1 times,
    ``(n - 1) * (latency + S / bandwidth)``; and ``2(n - 1) * (latency + S /
    bandwidth)`` by a server, one of the n, whose connection takes in the arrays of all
    others, one after the other, and gives each of them the sum.

    Returns:
        The figure; it appears when it is the last value of a cell.
    """
    return interactive(
        "ring",
        "Left: processes in a ring, each with its array, cut into as many parts. "
        "Buttons let the parts travel step by step: arrows show which part goes to "
        "whom, and lines in a part whose numbers are in it. Right: the time of one "
        "all-reduce against the number of processes, on logarithmic scales. With whole "
        "arrays, in a ring or by a server, all of it rises with their number; in parts "
        "little but the latency does. Sliders set the number of processes, the size of "
        "the arrays, bandwidth and latency.",
        _draw,
        n=PROCESSES,
        count=COUNT,
        bandwidth=BANDWIDTH,
        latency=LATENCY,
    )


def _draw(fig: Figure) -> None:
    left, right = fig.subplots(1, 2)
    n = PROCESSES
    places = [(0.0, 1.0), (1.5, 0.0), (0.0, -1.0), (-1.5, 0.0)]
    for rank, (x, y) in enumerate(places):
        for part in range(n):
            way = (rank - part) % n  # from the process where this part set out
            held = [(part + i) % n for i in range(way + 1)] if way <= STEPS else [rank]
            for line in range(n):
                _cell(left, x, y, line, part, line in held)
        left.text(0.45 * x, 0.4 * y, str(rank), **MIDDLE, weight="bold")
        to = places[(rank + 1) % n]
        arrow = {"arrowstyle": "->", "color": "C1"}
        ends = [(0.45 * a, 0.4 * b) for a, b in (to, (x, y))]
        shrink = {"shrinkA": 8, "shrinkB": 8}
        left.annotate("", *ends, arrowprops=arrow | shrink)
    left.set(xlim=(-2, 2), ylim=(-1.35, 1.35), aspect="equal")
    left.axis("off")
    many = np.geomspace(2, 1024, 73)
    transfer = 4 * COUNT / BANDWIDTH
    for name, steps, cut, color, style in [
        ("server", 2, 0, "C4", ":"),
        ("ring, whole arrays", 1, 0, "C3", "--"),
        ("ring, in parts", 2, 1, "C0", "-"),
    ]:
        time = steps * (many - 1) * (LATENCY + transfer / many**cut)
        right.loglog(many, time, color=color, linestyle=style, label=name)
    right.legend(labelcolor="linecolor")
    right.set(xlabel="processes $n$", ylabel="time of one all_reduce in s")
    right.set(xticks=[2, 16, 128, 1024], xticklabels=["2", "16", "128", "1,024"])
    right.set_xticks([], minor=True)
