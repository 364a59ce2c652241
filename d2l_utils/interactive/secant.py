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
    ``h`` its round-off shows. Nothing is shown before it was looked for: the slopes are
    those that the reader has tried, and the tangent stands there on demand.

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
        slope = slope_with(h)
        left.plot(times, fallen(times))
        left.plot(ends, fallen(t) + slope * (ends - t), color="C2", linewidth=3)
        left.text(0.1, 83, f"secant: slope {slope:.3g}", color="C2")
        left.plot(t, fallen(t), "o", color="C1", zorder=3)
        left.plot(t + h, fallen(t + h), "o", color="C2", markersize=8, zorder=3)
        left.set(xlabel="time $t$ (s)", ylabel="fallen (m)", ylim=(-12, 95))
        right.semilogx(h, slope, "o", color="C2", markersize=8)
        right.set(xlabel="$h$ (s)", ylabel="slope (m/s)", ylim=(-3, 42))
        right.set(xlim=(10**-17.2, 10**0.6))

    return interactive(
        "secant",
        "Left: the curve 5 t squared with a secant from t = 2 to t = 2 + h; a slider "
        "sets h. Right: the slope of the secant against h, on a logarithmic scale: a "
        "dot for each h that is tried, so far for the first one.",
        draw,
        h=h,
    )
