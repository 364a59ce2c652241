"""Figures that answer: drawn by a script in the page, with a picture in its place.

Each figure is an ES module beside this file. It needs no network, no kernel and no
other package: what the notebook stores is all of it.
"""

import base64
import functools
import html
import importlib.resources
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .. import _checks, plotting

# The picture is only the stand-in: thin lines in a few colors, not as sharp as others.
COLORS = 32
SCALE = 1.5

# No ids: two figures, or one that is shown twice, do not meet. A front end may run a
# copy of the script that it has put behind the script itself.
FIND = """let place = document.currentScript.previousElementSibling
while (place.localName === "script") place = place.previousElementSibling"""

STILL = "A still picture: run this cell in JupyterLab, and the figure answers."


@dataclass(frozen=True)
class Interactive:
    """A figure that answers, as the last value of a cell.

    Args:
        html: the picture and, behind it, the script that takes its place.
        alt: what the figure shows, in words.
    """

    html: str
    alt: str

    def __repr__(self) -> str:
        """What the figure shows, in words."""
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Both of them: a front end takes what it can show."""
        return {"text/html": self.html, "text/plain": self.alt}


@functools.cache
def _script(name: str) -> str:
    """A module and what it imports as the body of one function, without comments.

    The modules keep to what this needs: they import from "./frame.js" alone, export
    declarations, and have comments on lines of their own.
    """
    folder = importlib.resources.files(__name__)
    lines = []
    for part in ("frame", name):
        source = (folder / f"{part}.js").read_text(encoding="utf-8")
        source = re.sub(r'^import \{[^}]*\} from "./frame.js"$', "", source, flags=re.M)
        for line in source.splitlines():
            code = re.sub("^export ", "", line.strip())
            if code and not code.startswith("//"):
                lines.append(code)
    return "\n".join(lines)


def _interactive(
    name: str, alt: str, draw: Callable[[Figure], None], **options: float
) -> Interactive:
    """The figure of the module ``name``; ``draw`` draws its stand-in."""
    with plt.style.context("d2l_utils.downhill"):
        fig = Figure(figsize=(7.2, 2.8))
        draw(fig)
        png = plotting._png(fig, colors=COLORS, scale=SCALE)
    picture = base64.b64encode(png).decode("ascii")
    return Interactive(
        f'<div><img width="720" style="max-width: 100%" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{picture}"><p><small>{STILL}</small></p></div>'
        f"<script>\n(() => {{\n{_script(name)}\n{FIND}\n"
        f"mount(place, {json.dumps(options)})\n}})()\n</script>",
        alt,
    )


@_checks.checked(h=_checks.from_to(1e-17, 1.8))
def explore_secant(h: float = 1.0) -> Interactive:
    """Show how a secant becomes the tangent, in a figure that answers.

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

    return _interactive(
        "secant",
        "Left: the curve 5 t squared with its tangent at t = 2, of slope 20, and a "
        "secant from there to t = 2 + h; a slider sets h. Right: the slope of the "
        "secant against h, on a logarithmic scale. As h shrinks it settles at 20; for "
        "the very smallest h round-off makes it jump, and at last it is 0.",
        draw,
        h=h,
    )


@_checks.checked(
    lr=_checks.from_to(0.01, 0.6),
    start=_checks.from_to(-3, 3),
    steps=_checks.count_to(30),
)
def explore_descent(
    lr: float = 0.05, start: float = 2.0, steps: int = 8
) -> Interactive:
    """Show what the learning rate does to a walk, in a figure that answers.

    A ball walks down the parabola ``2 * x**2``, whose slope is ``4 * x``. The reader
    sets the learning rate and the start with sliders, or drags the start, and lets
    the ball go step by step.

    Args:
        lr: the learning rate at first, from 0.01 to 0.6.
        start: where the walk starts at first, from -3 to 3.
        steps: how many steps it has taken at first, from 0 to 30.

    Returns:
        The figure; it appears when it is the last value of a cell.

    Raises:
        TypeError: ``lr`` or ``start`` is not a number, or ``steps`` not a whole one.
        ValueError: an argument is too small or too large.
    """

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

    return _interactive(
        "descent",
        "Left: a ball on the parabola 2 x squared, with its walk from the start; "
        "sliders set the learning rate and the start, buttons take a step, play, "
        "pause and reset. Right: the position against the step. With a learning rate "
        "below 0.25 the ball walks down on its side, up to 0.5 it jumps from side to "
        "side and arrives, above 0.5 it jumps farther and farther away.",
        draw,
        lr=lr,
        start=start,
        steps=steps,
    )
