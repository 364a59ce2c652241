"""Lesson 07: values go forward through a graph, slopes go backward."""

from matplotlib.figure import Figure

from ._figure import Interactive, interactive

# The chain at first: where each box stands, its formula, its value and its slope.
BOXES = {
    "w": (0.0, 2.1, "w", 2, 12),
    "x": (0.0, 0.3, "x", 3, None),
    "b": (1.5, -0.5, "b", 1, 4),
    "t": (3.0, -0.5, "t", 5, None),
    "wx": (1.5, 1.2, "wx", 6, 4),
    "wx + b": (3.0, 1.2, "wx + b", 7, 4),
    "e": (4.5, 1.2, "e", 2, 4),
    "L": (6.0, 1.2, "L = e^2", 4, 1),
}
# What is computed from what, with the local derivative and where it is written.
ARROWS = [
    ("w", "wx", 3, (0.8, 1.85)),
    ("x", "wx", None, (0, 0)),
    ("wx", "wx + b", 1, (2.22, 1.35)),
    ("b", "wx + b", 1, (2.5, 0.2)),
    ("wx + b", "e", 1, (3.85, 1.35)),
    ("t", "e", None, (0, 0)),
    ("e", "L", 4, (5.2, 1.35)),
]


def explore_graph() -> Interactive:
    """Show back-propagation through a graph, in an interactive figure.

    The graph is that of the lesson's first figure, ``L = (w * x + b - t)**2``. Step by
    step the values are found from left to right, then the slopes from right to left;
    sliders set what goes in. The reader may choose two graphs with a fork instead.

    Returns:
        The figure; it appears when it is the last value of a cell.
    """

    def draw(fig: Figure) -> None:
        ax = fig.subplots()
        frame = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": "0.4"}
        for x, y, formula, value, slope in BOXES.values():
            ax.text(x, y, f"${formula}$", ha="center", va="center", bbox=frame)
            ax.text(x, y + 0.4, f"{value}", color="C0", ha="center")
            if slope is not None:
                ax.text(x, y - 0.6, f"{slope}", color="C1", ha="center")
        style = {"arrowstyle": "->", "color": "0.4", "shrinkA": 23, "shrinkB": 23}
        for start, end, local, place in ARROWS:
            ax.annotate("", BOXES[end][:2], BOXES[start][:2], arrowprops=style)
            if local is not None:
                ax.text(*place, f"× {local}", color="0.35", ha="center")
        ax.text(4.3, 0.0, "forward: values, left to right", color="C0")
        ax.text(4.3, -0.4, "backward: slopes of $L$, right to left", color="C1")
        ax.text(4.3, -0.8, "× local derivative of an arrow", color="0.35")
        ax.set(xlim=(-0.5, 7.0), ylim=(-1.3, 2.8))
        ax.axis("off")

    return interactive(
        "graph",
        "A graph of boxes: w and x lead to wx, with b to wx + b, with t to the error "
        "e, then to the loss L. Beside each box its value, and the slope of L in it; "
        "at the arrows the local derivatives. Buttons take steps one by one, forward "
        "through the values and backward through the slopes, or play them all; "
        "sliders set w, x, b and t. Two other graphs have a fork: there the slope is "
        "the sum of two shares.",
        draw,
    )
