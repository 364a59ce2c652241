"""Lesson 04: every line is one point of a landscape."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import plotting
from ._figure import Interactive, interactive


def explore_regression() -> Interactive:
    """Show a line beside the landscape of its loss, in an interactive figure.

    Three points lie on ``y = 2 * x``, at ``x = 1, 2, 3`` or, if the reader chooses,
    at ``x = -1, 0, 1``; or they are the reader's own, up to 200, clicked into the plot,
    written, or pasted from a table. The reader drags a line or its point on the
    landscape, or moves sliders, and lets gradient descent walk from there. The loss is
    half the mean squared error.

    Returns:
        The figure; it appears when it is the last value of a cell.
    """
    x = np.array([1.0, 2.0, 3.0])
    y = 2 * x

    def loss(p: Any) -> Any:
        return sum((p[0] * x[i] + p[1] - y[i]) ** 2 for i in range(3)) / 6

    def draw(fig: Figure) -> None:
        left, right = fig.subplots(1, 2)
        left.axvline(0, color="0.4", linewidth=0.8)
        left.vlines(x, 0, y, color="C1", linestyle=":")
        left.axhline(0, color="C1")
        for name, at in [("b", 0.0), ("w", 2.5)]:
            left.plot(at, 0, "o", color="C1", markersize=9)
            left.text(at - 0.3, 0.5, f"${name}$", color="C1", ha="center")
        left.plot(x, y, "o", color="0.2", markersize=6)
        left.set(xlabel="$x$", ylabel="$y$", xlim=(-1.5, 3.6), ylim=(-4, 8))
        levels = [0.1, 0.6, 2.5, 8, 20]
        plotting.plot_contours(loss, (-1.2, 4.2), (-1.7, 2.7), levels=levels, ax=right)
        right.plot(2, 0, "*", color="C2", markersize=10)
        right.plot(0, 0, "o", color="C1", markersize=12, fillstyle="none")
        right.plot(0, 0, "o", color="C1", markersize=9)
        right.set(xlabel="weight $w$", ylabel="bias $b$", yticks=[-1, 0, 1, 2])
        right.grid(visible=False)

    return interactive(
        "regression",
        "Left: three points on y = 2 x and a line with two handles, one for its bias "
        "b, at x = 0, and one for its weight w; dotted residuals join it to the "
        "points. Right: level lines of the loss over w and b, a long oblique valley, "
        "with the line as a dot. Whoever drags the one moves the other; sliders do it "
        "too. Buttons let gradient descent walk from there: it drops into the valley "
        "and creeps along it. With the points at x = -1, 0, 1 the valley becomes a "
        "nearly round bowl. Own points can be written, pasted or clicked.",
        draw,
    )
