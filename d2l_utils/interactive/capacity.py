"""Lesson 09: how many numbers may a curve have, for so many points?"""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ._figure import Interactive, interactive

# The points of the lesson come first; the figure draws on for its other points.
SEED, NOISE = 811, 0.25
FIRST, OTHERS, POOL = 60, 100, 180


def samples() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The points that the figure draws from, and those of its validation error.

    Of shapes (180, 2) and (100, 2), in each row x and y.
    """
    rng = np.random.default_rng(SEED)

    def points(count: int) -> NDArray[np.float64]:
        x = rng.uniform(-1, 1, count)
        y = np.sin(4 * x) + rng.normal(0, NOISE, count)
        return np.column_stack([x, y]).round(6)

    pool, others = points(FIRST), points(OTHERS)
    return np.vstack([pool, points(POOL - FIRST)]), others


def explore_capacity() -> Interactive:
    """Show a polynomial through points and its errors, in an interactive figure.

    The points lie around ``y = sin(4 * x)``. The reader chooses the degree of the
    polynomial, which least squares fits, and the number of points; the errors on these
    points and on 100 others appear for each degree that was tried, or, at a click, for
    all of them. The reader may bring other points, up to 200, with x from -1 to 1.

    Returns:
        The figure; it appears when it is the last value of a cell.
    """
    pool, others = samples()

    def draw(fig: Figure) -> None:
        left, right = fig.subplots(1, 2)
        x, y = np.transpose(pool[:10])
        line = np.polyfit(x, y, 1)
        ends = np.array([-1.0, 1.0])
        left.plot(ends, np.polyval(line, ends), color="C2")
        left.plot(x, y, "o", color="C0")
        left.set(xlabel="$x$", ylabel="$y$", xlim=(-1.08, 1.08), ylim=(-2.4, 2.4))
        for color, (x, y) in (
            ("C0", np.transpose(pool[:10])),
            ("C1", np.transpose(others)),
        ):
            error = np.mean((np.polyval(line, x) - y) ** 2)
            right.plot(1, error, "o", color=color)
        right.set(xlabel="degree", ylabel="mean squared error", yscale="log")
        right.set(xlim=(-0.5, 12.5), ylim=(10**-2.6, 10**2.2), xticks=range(0, 13, 2))
        right.axvline(1, color="C2", linestyle=":")

    return interactive(
        "capacity",
        "Left: points around a wave and the polynomial that fits them best. Right: its "
        "mean squared error on these points and on others, for each degree that was "
        "tried. Sliders choose the degree, from 0 to 12, and the number of points, "
        "from 5 to 60. A box shows the errors for all degrees at once. "
        "Another lets you write, paste or click points of your own.",
        draw,
        pool=pool.tolist(),
        others=others.tolist(),
    )
