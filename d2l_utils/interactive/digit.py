"""Lesson 08: a network reads what the reader draws."""

import base64
import functools
import importlib.resources
import json
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from ._figure import Interactive, interactive

# Ready-made drawings, made for this figure: strokes through points, on a field of 100
# by 100 from its upper left corner. A point that stands twice is a corner.
DRAWN = {
    "0": ["54,16 38,20 29,36 27,54 33,74 48,84 63,77 72,58 71,38 64,22 50,15"],
    "1": ["57,15 47,85"],
    "2": ["30,32 37,19 51,15 65,21 67,36 58,52 44,68 30,82 30,82 70,82"],
    "3": [
        "31,22 44,15 60,18 65,31 57,43 43,48 43,48 60,51 69,64 64,78 50,85 36,83 28,76"
    ],
    "4": ["38,16 33,34 29,52 29,52 74,51", "63,18 60,50 56,85"],
    "5": ["39,17 36,34 33,47 33,47 45,43 60,46 68,59 63,75 49,84 30,79", "39,17 68,16"],
    "6": ["62,15 47,26 36,44 31,64 37,80 52,84 64,76 66,63 57,53 43,55 33,66"],
    "7": ["28,19 71,18 71,18 59,44 50,65 44,85"],
    "8": [
        "65,24 52,15 38,20 36,33 47,45 61,56 65,71 56,83 42,83 33,73 37,58 50,46 "
        "62,35 65,24"
    ],
    "9": ["66,27 56,16 42,18 34,31 38,44 51,47 62,39 66,27 66,27 64,48 58,68 50,85"],
    "A": ["26,85 50,15 50,15 74,85", "35,59 65,59"],
    "scribble": ["18,60 30,25 42,70 52,22 60,75 70,30 80,62 60,85 30,80 45,50 85,45"],
}

# In pixels of the network's picture: the side of the square that the ink is fitted
# into, as for MNIST, and half the width of the pen.
BOX, PEN = 20.0, 1.3

# What a map finds, as in the figure.
REDS = LinearSegmentedColormap.from_list("finds", ["#FFFFFF", "#B2182B"])

Strokes = list[list[list[float]]]


def _smooth(stroke: str) -> list[list[float]]:
    """Many points along a smooth line (Catmull-Rom) through the few that are given."""
    given = np.array([point.split(",") for point in stroke.split()], dtype=np.float64)
    ends = 2 * given[0] - given[1], 2 * given[-1] - given[-2]
    p = np.vstack([ends[0], given, ends[1]])
    line = [given[0]]
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        if not np.array_equal(b, c):
            for t in (0.25, 0.5, 0.75, 1.0):
                bend = (2 * a - 5 * b + 4 * c - d) * t + (3 * b - a - 3 * c + d) * t * t
                line.append(b + (c - a + bend) * t / 2)
    return np.round(line, 1).tolist()  # type: ignore[no-any-return]


@functools.cache
def drawings() -> dict[str, Strokes]:
    """The ready-made drawings: each a list of strokes, each a list of points."""
    return {name: [*map(_smooth, strokes)] for name, strokes in DRAWN.items()}


def strokes(ink: str) -> Strokes:
    """The strokes of a drawing as the figure writes it into an address.

    Each point is two numbers of two digits to the base of 36, in halves; a full stop
    ends a stroke.
    """
    return [
        [
            [int(s[i : i + 2], 36) / 2, int(s[i + 2 : i + 4], 36) / 2]
            for i in range(0, len(s), 4)
        ]
        for s in ink.split(".")
    ]


def picture(strokes: Any, pen: float = PEN) -> NDArray[np.uint8]:
    """What the network sees of strokes: 28 × 28 pixels, made as MNIST's were.

    The ink is fitted into a square of 20 × 20, then moved by whole pixels until its
    center of mass is in the middle. A dot stays a dot.
    """
    lines = [np.array(stroke, dtype=np.float64) for stroke in strokes]
    points = np.vstack(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - 2 * pen) / max(*(high - low), 4.0)
    y, x = np.indices((28, 28)) + 0.5
    ink = np.zeros((28, 28))
    for line in lines:
        corners = (line - (low + high) / 2) * scale + 14
        for (a, b), (c, d) in zip([corners[0], *corners], corners, strict=False):
            across, down = c - a, d - b
            long = across * across + down * down
            part = ((x - a) * across + (y - b) * down) / long if long else 0 * x
            part = np.clip(part, 0, 1)
            e, f = x - a - part * across, y - b - part * down
            far = np.sqrt(e * e + f * f)
            ink = np.maximum(ink, np.clip(pen + 0.5 - far, 0, 1))
    gray = np.floor(255 * ink + 0.5)
    moves = [
        int(np.clip(np.floor(14.5 - gray.sum(axis) @ range(28) / gray.sum()), -4, 4))
        for axis in (1, 0)
    ]
    return np.roll(gray, moves, (0, 1)).astype(np.uint8)


@functools.cache
def network() -> dict[str, Any]:
    """The arrays of weights as digit.json keeps them: data/make_digit_network.py."""
    file = importlib.resources.files("d2l_utils.interactive") / "digit.json"
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def weights(arrays: dict[str, Any]) -> list[NDArray[np.float64]]:
    """The weights as numbers: whole ones from -127 to 127, times their array's step."""
    return [
        np.frombuffer(base64.b64decode(kept["int8"]), np.int8).reshape(kept["shape"])
        * kept["step"]
        for kept in arrays.values()
    ]


def answers(image: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The maps of the first layer and the ten probabilities, for pixels up to 255."""
    first, bias1, second, bias2, last, bias3 = weights(network())

    def layer(maps: Any, windows: Any, bias: Any) -> Any:
        seen = np.lib.stride_tricks.sliding_window_view(maps, (5, 5), axis=(1, 2))
        found = np.einsum("ocuv,cijuv->oij", windows, seen) + bias[:, None, None]
        return np.maximum(found, 0)

    def pool(maps: Any) -> Any:
        count, side, _ = maps.shape
        return maps.reshape(count, side // 2, 2, side // 2, 2).max(axis=(2, 4))

    maps = layer(np.asarray(image)[None] / 255, first, bias1)
    scores = last @ pool(layer(pool(maps), second, bias2)).ravel() + bias3
    shares = np.exp(scores - scores.max())
    return maps, shares / shares.sum()


@_checks.checked(digit=_checks.count_to(9))
def explore_digit(digit: int = 3) -> Interactive:
    """Let the reader draw a digit and see a network read it, in an interactive figure.

    The network is the CNN of lesson 08, trained on MNIST by that lesson's recipe; its
    weights are rounded to 8 bits. The figure shows the picture that the network gets,
    the maps of its first layer, and its ten probabilities, anew with every bit of
    stroke. Ready-made digits, a letter and a scribble are there as well.

    Args:
        digit: which ready-made digit is drawn at first, from 0 to 9.

    Returns:
        The figure; it appears when it is the last value of a cell.

    Raises:
        TypeError: ``digit`` is not a whole number.
        ValueError: ``digit`` is negative or above 9.
    """
    strokes = drawings()[str(digit)]

    def draw(fig: Figure) -> None:
        image = picture(strokes)
        maps, shares = answers(image)
        grid = fig.add_gridspec(2, 3, height_ratios=(3, 2))
        field = fig.add_subplot(grid[:, 0], title="drawn")
        for stroke in strokes:
            field.plot(*np.transpose(stroke), lw=14, color="k", solid_capstyle="round")
        field.set(xlim=(0, 100), ylim=(100, 0), aspect="equal")
        seen = fig.add_subplot(grid[0, 1], title="what it sees")
        seen.imshow(image, cmap="gray_r")
        finds = fig.add_subplot(grid[1, 1], title="what it finds")
        apart = np.pad(maps, [(0, 0), (2, 2), (2, 2)]).reshape(2, 4, 28, 28)
        tiles = apart.swapaxes(1, 2).reshape(56, 112)
        finds.imshow(tiles, cmap=REDS, interpolation="nearest")
        for ax in (field, seen, finds):
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
        bars = fig.add_subplot(grid[:, 2], title="what it answers")
        colors = ["C1" if share == shares.max() else "C0" for share in shares]
        bars.barh(range(10), shares, color=colors)
        bars.set(xlim=(0, 1), ylim=(9.6, -0.6), yticks=range(10), xlabel="probability")
        bars.grid(visible=False)

    return interactive(
        "digit",
        f"A field to draw in, by mouse, finger or keys, where the digit {digit} is "
        "drawn; the 28 by 28 pixels that a network sees of it, in the middle; small "
        "maps of what its first layer finds; and ten bars, its probability for each "
        "digit. Buttons draw a digit, a letter or a scribble. Whatever is drawn, the "
        "probabilities add up to 1: also for what is no digit.",
        draw,
        digit=digit,
        drawings=drawings(),
        network=network(),
    )
