"""Lesson 03: a ball walks downhill."""

from matplotlib.figure import Figure

from .. import _checks, plotting
from ._figure import Interactive, interactive


@_checks.checked(
    lr=_checks.from_to(0.01, 0.6),
    start=_checks.from_to(-3, 3),
    steps=_checks.count_to(30),
)
def explore_descent(
    lr: float = 0.05, start: float = 2.0, steps: int = 8
) -> Interactive:
    """Show what the learning rate does to a walk, in an interactive figure.

    A ball walks down the parabola ``2 * x**2``, whose slope is ``4 * x``. The reader
    sets the learning rate and the start with sliders, or drags the start, and lets
    the ball go step by step.

    Args:
        lr: the learning rate at first, from 0.01 to 0.6, taken to two decimals.
        start: where the walk starts at first, from -3 to 3, taken to one decimal.
        steps: how many steps it has taken at first, from 0 to 30.

    Returns:
        The figure; it appears when it is the last value of a cell.

    Raises:
        TypeError: ``lr`` or ``start`` is not a number, or ``steps`` not a whole one.
        ValueError: an argument is too small or too large.
    """
    # The sliders have no other places.
    lr, start = round(lr, 2), round(start, 1)

    def draw(fig: Figure) -> None:
        history = [start]
        for _ in range(steps):
            history.append(history[-1] - lr * 4 * history[-1])
        left, right = fig.subplots(1, 2)
        plotting.plot_trace(lambda x: 2 * x**2, history, xlim=(-4, 4), ax=left)
        left.plot(history[-1], 2 * history[-1] ** 2, "o", color="C1", markersize=9)
        left.set(xlabel="position $x$", ylabel="loss $f(x) = 2x^2$")
        left.set(xlim=(-4, 4), ylim=(-2, 32), title=f"learning rate $\\eta$ = {lr:g}")
        right.axhline(0, color="0.4", linewidth=0.8)
        right.plot(history, "o-", color="C1", linewidth=1.0)
        right.set(xlabel="step", ylabel="position $x$", xlim=(-0.7, 30.7))
        right.set(ylim=(-4, 4))

    return interactive(
        "descent",
        "Left: a ball on the parabola 2 x squared, with its walk from the start; "
        "sliders set the learning rate and the start, buttons take a step, play, "
        "pause and reset. Right: the position against the step. With a learning rate "
        "below 0.25 the ball walks down on its side, below 0.5 it jumps from side to "
        "side and arrives, above 0.5 it jumps farther and farther away.",
        draw,
        lr=lr,
        start=start,
        steps=steps,
    )
