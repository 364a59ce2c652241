"""Lesson 02: the gradient at a point of a bowl."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import _checks, calculus, plotting
from ._figure import Interactive, interactive


@_checks.checked(x0=_checks.from_to(-5.5, 5.5), x1=_checks.from_to(-4, 4))
def explore_gradient(x0: float = -5.0, x1: float = -2.0) -> Interactive:
    """Show the gradient at a point of a bowl, in an interactive figure.

    The bowl is the long one of the lesson, ``0.1 * x0**2 + 2 * x1**2``, or the round
    one, ``x0**2 + x1**2``. The reader drags the point, or moves it with two sliders,
    and sees both slices through it, whose slopes are the entries of the gradient.

    Args:
        x0: the first entry of the point at first, from -5.5 to 5.5; used to one
            decimal.
        x1: its second entry, from -4 to 4, likewise.

    Returns:
        The figure; it appears when it is the last value of a cell.

    Raises:
        TypeError: ``x0`` or ``x1`` is not a number.
        ValueError: ``x0`` or ``x1`` is too small or too large.
    """
    # The point stands where the sliders can be, and -0.0 is not shown.
    x0, x1 = round(x0, 1) + 0.0, round(x1, 1) + 0.0

    def long_bowl(x: Any) -> Any:
        return 0.1 * x[0] ** 2 + 2 * x[1] ** 2

    def draw(fig: Figure) -> None:
        point = np.array([x0, x1])
        height, slopes = long_bowl(point), calculus.numerical_gradient(long_bowl, point)
        axes = fig.subplot_mosaic([["map", "0"], ["map", "1"]])
        left = axes["map"]
        xlim, ylim = (-6, 6), (-4.5, 4.5)
        plotting.plot_contours(long_bowl, xlim, ylim, levels=range(4, 49, 4), ax=left)
        left.axhline(x1, color="C3", linewidth=1)
        left.axvline(x0, color="C4", linewidth=1)
        left.plot([x0, 0], [x1, 0], "--", color="C2", linewidth=1.2)
        left.plot(0, 0, "o", color="C2")
        left.text(0.2, 0.4 if x1 <= 0 else -0.9, "minimum", color="C2")
        arrow = {"arrowstyle": "->", "color": "C1", "lw": 2, "shrinkA": 0, "shrinkB": 0}
        tip = x0 - slopes[0] / 5, x1 - slopes[1] / 5
        left.annotate("", tip, (x0, x1), arrowprops=arrow)
        left.plot(x0, x1, "o", color="k")
        left.set(aspect="equal")
        left.set_title("$-\\nabla f$, a fifth of its length", color="C1")
        values = np.linspace(-6, 6, 97)
        for i, frozen in [(0, x1), (1, x0)]:
            right = axes[str(i)]
            pair = [values, frozen] if i == 0 else [frozen, values]
            right.plot(values, long_bowl(pair), color=f"C{3 + i}")
            near = point[i] + np.array([-2, 2])
            right.plot(near, height + slopes[i] * (near - point[i]), color="C1")
            right.plot(point[i], height, "o", color="k")
            label = f"slope $\\partial f/\\partial x_{i} = {slopes[i]:.4g}$"
            right.text(0, 44, label, color="C1", ha="center")
            right.set(xlim=xlim, ylim=(-6, 58), yticks=[0, 20, 40], ylabel="$f$")
            right.set(xlabel=f"$x_{i}$, with $x_{1 - i}$ frozen at ${frozen:g}$")

    return interactive(
        "gradient",
        "Left: the level lines of a bowl, round or long, and a point that can be "
        "dragged, with the level line through it, the arrow of steepest descent, which "
        "is square to that line, and a dashed line to the minimum. Right: the two "
        "slices through the point, each along one entry with the other one frozen; the "
        "slopes of their tangents are the entries of the gradient.",
        draw,
        x0=x0,
        x1=x1,
    )
