"""Lesson 01: a secant becomes the tangent."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import _checks
from ._figure import Interactive, interactive


@_checks.checked(h=_checks.from_to(1e-17, 1.8))
def explore_secant(h: float = 1.0) -> Interactive:
    """Show how a secant becomes the tangent, in an interactive figure.

    The curve is that of a falling ball, ``5 * t**2``; one end of the secant stands at
    ``t = 2``, the other at ``t = 2 + h``. The reader drags it, or moves a slider with
    a logarithmic scale. The slope is computed in float64, so that for a very small
    ``h`` its round-off shows.

    Args:
        h: the time between the two ends at first, from 1e-17 to 1.8 seconds.

    Returns:
        The figure; it appears when it is the last value of a cell.

    Raises:
        TypeError: ``h`` is not a number.
        ValueError: ``h`` is too small or too large.
    """
    t = 2.0

    def fallen(t: Any) -> Any:
        return 5 * (t * t)

    def slope_with(h: float) -> float:
        return float((fallen(t + h) - fallen(t)) / h)

    def draw(fig: Figure) -> None:
        left, right = fig.subplots(1, 2)
        times, ends = np.linspace(0, 4.2, 85), np.array([0, 4.2])
        left.plot(times, fallen(times))
        for slope, name, color, height in [
            (20.0, "tangent", "C1", 72),
            (slope_with(h), "secant", "C2", 83),
        ]:
            width = 1.8 if name == "tangent" else 3.0
            line = fallen(t) + slope * (ends - t)
            left.plot(ends, line, color=color, linewidth=width, zorder=2 + 1 / width)
            left.text(0.1, height, f"{name}: slope {slope:.3g}", color=color)
        left.plot(t, fallen(t), "o", color="C1", zorder=3)
        left.plot(t + h, fallen(t + h), "o", color="C2", markersize=8, zorder=3)
        left.set(xlabel="time $t$ (s)", ylabel="fallen (m)", ylim=(-12, 95))
        steps = 10.0 ** np.linspace(-17, 0.25, 70)
        right.axhline(20, color="C1")
        right.semilogx(steps, [slope_with(step) for step in steps], color="C2", lw=1)
        right.plot(h, slope_with(h), "o", color="C2", markersize=8)
        right.text(1e-13, 22, "slope of the tangent", color="C1")
        right.set(xlabel="$h$ (s)", ylabel="slope (m/s)", ylim=(-3, 42))

    return interactive(
        "secant",
        "Left: the curve 5 t squared with its tangent at t = 2, of slope 20, and a "
        "secant from there to t = 2 + h; a slider sets h. Right: the slope of the "
        "secant against h, on a logarithmic scale. As h shrinks it settles at 20; for "
        "the very smallest h round-off makes it jump, and at last it is 0.",
        draw,
        h=h,
    )
