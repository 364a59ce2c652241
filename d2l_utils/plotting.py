"""Figures in one style, each with an alternative text."""

import base64
import html
import io
import numbers
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import is_color_like
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from . import _checks
from .optimizers import OPTIMIZERS

# Pixels of the picture for each pixel of the page: sharp on dense screens too.
SCALE = 2


_figure = _checks.takes("a Matplotlib figure", lambda x: isinstance(x, Figure))
_axes = _checks.takes("Matplotlib axes", lambda x: isinstance(x, Axes))
_color = _checks.must(
    "be a Matplotlib color such as 'C1' or '#D55E00'", is_color_like, _checks.describe
)


def _levels(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
    if isinstance(value, numbers.Integral):
        _checks.positive(name, value, arguments)
        return int(value)
    values = _checks.as_float64(name, value)
    if values.ndim != 1 or not values.size or not np.all(np.diff(values) > 0):
        raise ValueError(
            f"{name} must be a whole number or values in increasing order, "
            f"got {_checks.describe(value)}"
        )
    return values


@_checks.checked(fig=_checks.optional(_figure))
def show(alt: str, *, fig: Figure | None = None) -> None:
    """Display a figure together with its alternative text.

    The notebook stores the figure as an ``<img>`` with ``alt``, so that every front
    end can read the text aloud. A script or a terminal prints ``alt``; where Matplotlib
    can open a window, the figure appears in it, as with ``plt.show()``. The figure is
    closed afterwards, a window of Matplotlib's interactive mode when you close it.

    Args:
        alt: the alternative text: what a reader who cannot see the figure should
            know; not empty.
        fig: the figure; the current one if not given.

    Raises:
        TypeError: ``alt`` is not a string or ``fig`` is not a figure.
        ValueError: ``alt`` is empty, or there is no figure to show.
    """
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a string, got {_checks.describe(alt)}")
    if not alt.strip():
        raise ValueError(
            "alt must say in words what the figure shows, got an empty one"
        )
    if fig is None:
        if not plt.get_fignums():
            raise ValueError("there is no figure to show: draw one first or pass fig")
        fig = plt.gcf()
    if not takes_html():
        print(alt)
        window = _has_window(fig)
        if window:
            plt.show()
        if not (window and plt.isinteractive()):
            plt.close(fig)
        return
    picture = base64.b64encode(_png(fig)).decode("ascii")
    width = round(fig.get_figwidth() * fig.dpi)
    plt.close(fig)
    image = (
        f'<img width="{width}" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{picture}">'
    )
    display({"text/html": image, "text/plain": alt}, raw=True)


def takes_html() -> bool | None:
    """Whether IPython shows HTML: in a page it does, in a terminal not.

    None in plain Python, without IPython.
    """
    shell = get_ipython()
    return shell and "text/html" in shell.display_formatter.active_types


def _has_window(fig: Figure) -> bool:
    """Whether Matplotlib can show the figure in a window; a window has a main loop."""
    manager = fig.canvas.manager
    return manager is not None and any(
        getattr(type(manager), name).__func__
        is not getattr(FigureManagerBase, name).__func__
        for name in ("start_main_loop", "pyplot_show")
    )


def _png(fig: Figure, *, colors: int = 256, scale: float = SCALE) -> bytes:
    """The figure as a small PNG of a few colors, the same bytes on every run."""
    # `savefig` would draw a figure twice, the first time for its layout alone.
    screen, dpi = fig.canvas, fig.dpi
    try:
        canvas: Any = FigureCanvasAgg(fig)
        fig.dpi = scale * dpi
        canvas.draw()
    finally:
        fig.dpi = dpi
        fig.set_canvas(screen)
    # The octree is by far the fastest way to a palette, but makes 254 of white's 255.
    picture = (
        Image.fromarray(np.asarray(canvas.buffer_rgba()))
        .convert("RGB")
        .quantize(colors, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    )
    picture.putpalette([255 if v >= 254 else v for v in picture.getpalette() or []])
    file = io.BytesIO()
    picture.save(file, "png")
    return file.getvalue()


@_checks.checked(
    f=_checks.real_function,
    xlim=_checks.limits,
    ylim=_checks.limits,
    levels=_levels,
    ax=_checks.optional(_axes),
)
def plot_contours(
    f: Callable[[NDArray[np.float64]], ArrayLike],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    *,
    levels: int | ArrayLike = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw the level lines of a function of two variables, dark where it is low.

    Args:
        f: called once with an array of shape (2, n, n), the two coordinates of every
            point of a grid; returns the values, of shape (n, n).
        xlim: from where to where the first coordinate runs.
        ylim: the same for the second coordinate.
        levels: about how many level lines, or their values in increasing order.
        ax: where to draw; the current axes if not given.

    Returns:
        The axes.

    Raises:
        TypeError: an argument, or what ``f`` returns, is of another type.
        ValueError: ``f`` does not return one value for each point of the grid or
            none that is finite, a limit is not finite or not below the other one,
            or the levels do not increase.
    """
    grid = np.stack(np.meshgrid(np.linspace(*xlim, 201), np.linspace(*ylim, 201)))
    values = np.asarray(f(grid))
    if values.shape != grid.shape[1:]:
        raise ValueError(
            f"f must return one value for each of the {grid.shape[1:]} points of the "
            f"grid, got shape {values.shape}: write it with x[0] and x[1]"
        )
    if not np.any(np.isfinite(values)):
        raise ValueError("f must return finite numbers, got only nan or inf")
    ax = plt.gca() if ax is None else ax
    ax.contour(
        *grid, values, levels, cmap="Blues_r", vmax=_lightest(values), linewidths=1
    )
    ax.set(xlim=xlim, ylim=ylim, xlabel="$x_0$", ylabel="$x_1$")
    return ax


def _lightest(values: NDArray[Any]) -> float:
    """Where the color map would end in white: beyond the data, so all lines show."""
    finite = values[np.isfinite(values)]
    low, high = float(np.min(finite)), float(np.max(finite))
    return high + 0.6 * (high - low)


@_checks.checked(color=_color, ax=_checks.optional(_axes))
def plot_path(
    history: ArrayLike,
    *,
    color: str = "C1",
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a walk in the plane, its start as a ring.

    Args:
        history: the points in order, of shape (steps + 1, 2).
        color: any Matplotlib color.
        label: a name for the legend.
        ax: where to draw; the current axes if not given.

    Returns:
        The axes.

    Raises:
        TypeError: ``history`` is not made of real numbers or ``ax`` is not axes.
        ValueError: ``history`` has another shape or ``color`` is not a color.
    """
    points = _checks.as_float64("history", history)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"history must have shape (steps + 1, 2), got {points.shape}"
            + (": for a walk on a line use plot_trace" if points.ndim == 1 else "")
        )
    ax = plt.gca() if ax is None else ax
    ax.plot(*points.T, "o-", color=color, markersize=3.5, linewidth=1.3, label=label)
    ax.plot(*points[0], "o", color=color, markersize=9, fillstyle="none")
    return ax


@_checks.checked(
    f=_checks.real_function,
    xlim=_checks.optional(_checks.limits),
    color=_color,
    ax=_checks.optional(_axes),
)
def plot_trace(
    f: Callable[[NDArray[np.float64]], ArrayLike],
    history: ArrayLike,
    *,
    xlim: tuple[float, float] | None = None,
    color: str = "C1",
    ax: Axes | None = None,
) -> Axes:
    """Draw the curve of a function of one variable and a walk on it.

    Args:
        f: works elementwise on an array.
        history: the points in order, of shape (steps + 1,).
        xlim: from where to where the curve runs; as far as the walk if not given.
        color: any Matplotlib color for the walk; the curve is C0.
        ax: where to draw; the current axes if not given.

    Returns:
        The axes.

    Raises:
        TypeError: an argument, or what ``f`` returns, is of another type.
        ValueError: ``history`` or what ``f`` returns has another shape, a limit is
            not finite or not below the other one, or ``color`` is not a color.
    """
    points = _checks.as_float64("history", history)
    if points.ndim != 1 or not len(points):
        hints = {
            1: ": take history[:, 0]",
            2: ": for a walk in the plane use plot_path",
        }
        raise ValueError(
            f"history must have shape (steps + 1,), got {points.shape}"
            + (hints.get(points.shape[1], "") if points.ndim == 2 else "")
        )
    if xlim is None:
        # Without the points that diverged; a walk that stays at 0 still gets a curve.
        reach = np.abs(points[np.isfinite(points)]).max(initial=0.0) or 1.0
        xlim = (-reach, reach)
    x = np.linspace(*xlim, 401)
    curve, heights = np.asarray(f(x)), np.asarray(f(points))
    for at, values in ((x, curve), (points, heights)):
        if values.shape != at.shape:
            raise ValueError(
                f"f must work elementwise: for shape {at.shape} it returned "
                f"{values.shape}"
            )
    ax = plt.gca() if ax is None else ax
    ax.plot(x, curve, color="C0")
    ax.plot(points, heights, "o-", color=color, linewidth=1.0)
    ax.plot(points[0], heights[0], "o", color=color, markersize=9, fillstyle="none")
    ax.set(xlabel="$x$", ylabel="$f(x)$")
    return ax


def optimizer_color(optimizer: Any) -> str:
    """Look up the color that an optimizer has in every figure of the course.

    Args:
        optimizer: a name such as ``"Adam"``, in upper or lower case, or an optimizer
            or its class. Batch gradient descent, "GD", has the color of SGD.

    Returns:
        A Matplotlib color of the style, such as "C0".

    Raises:
        ValueError: no optimizer of this name has a color.
    """
    if isinstance(optimizer, str):
        name = optimizer
    else:
        name = getattr(optimizer, "__name__", type(optimizer).__name__)
    # In lower case, since torch.optim and Keras write some names in other ways.
    colors = {known.lower(): row.color for known, row in OPTIMIZERS.items()}
    key = {"gd": "sgd"}.get(name.lower(), name.lower())
    if key not in colors:
        known = ", ".join(OPTIMIZERS)
        raise ValueError(f"optimizer must be one of GD, {known}; got {name!r}")
    return colors[key]


@_checks.checked(ax=_checks.optional(_axes))
def label_lines(*, ax: Axes | None = None) -> Axes:
    """Write the label of every line at its right end, in the line's color.

    Labels that would overlap are moved apart. Draw all lines and set the limits of
    the axes first.

    Args:
        ax: the axes; the current ones if not given.

    Returns:
        The axes.

    Raises:
        TypeError: ``ax`` is not axes.
        ValueError: no line has a label and a finite point.
    """
    if ax is None:
        if not plt.get_fignums():
            raise ValueError("there are no axes with lines: draw them first or pass ax")
        ax = plt.gca()
    ax.get_xlim(), ax.get_ylim()  # asking for the limits makes them final
    ends = []
    for drawn in ax.lines:
        points = ax.transAxes.inverted().transform(
            drawn.get_transform().transform(drawn.get_xydata())
        )
        points = points[np.isfinite(points).all(axis=1)]
        label = str(drawn.get_label())
        if not label.startswith("_") and len(points):
            x, y = points[-1]
            ends.append((float(np.clip(y, 0, 1)), float(x), label, drawn.get_color()))
    if not ends:
        raise ValueError(
            "no line with finite points has a label: draw them with label=..."
        )
    ends.sort(key=lambda end: end[:2])
    # The heights nearest to the true ones that are at least a line of text apart.
    pixels = 1.3 * plt.rcParams["font.size"] * ax.figure.dpi / 72
    line = pixels / ax.bbox.height
    stacked = line * np.arange(len(ends))
    lowest = _rising([end[0] for end in ends] - stacked)
    highest_lowest = max(line / 2, 1 - line / 2 - stacked[-1])
    heights = stacked + np.clip(lowest, line / 2, highest_lowest)
    for height, (_, x, label, color) in zip(heights, ends, strict=True):
        ax.annotate(
            label,
            (x, height),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )
    return ax


def _rising(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest values, by least squares, of which none is below the one before.

    Source: pooling of adjacent violators; see ``scipy.optimize.isotonic_regression``,
    which takes a second to import and is large to load in a browser.
    """
    pools: list[list[float]] = []
    for value in values:
        pool = [float(value)]
        while pools and np.mean(pools[-1]) >= np.mean(pool):
            pool = pools.pop() + pool
        pools.append(pool)
    return np.concatenate([np.full(len(pool), np.mean(pool)) for pool in pools])
