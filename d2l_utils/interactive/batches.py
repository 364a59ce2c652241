"""Lesson 05: what the batch size makes of a walk."""

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .. import datasets
from ._figure import Interactive, interactive


def _columns() -> NDArray[np.float64]:
    """Color and hue of the wines that lesson 05 trains on, and their alcohol."""
    wine = datasets.load_wine()
    train = np.random.default_rng(0).permutation(178)[:142]
    pair = [wine.feature_names.index(name) for name in ("color_intensity", "hue")]
    return np.hstack([wine.features[train][:, pair], wine.labels[train]]).T


def wines() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The examples of the figure, standardized: features (142, 2), labels (142,)."""
    *pair, y = _columns()
    X = np.transpose(pair)
    return (X - X.mean(axis=0)) / X.std(axis=0), y - y.mean()


def _random(seed: int) -> Iterator[float]:
    """The numbers from 0 to 1 of the figure's generator: mulberry32, by T. Ettinger."""
    low = 2**32 - 1
    state = seed
    while True:
        state = (state + 0x6D2B79F5) & low
        mixed = ((state ^ (state >> 15)) * (state | 1)) & low
        mixed ^= (mixed + (mixed ^ (mixed >> 7)) * (mixed | 61)) & low
        yield ((mixed ^ (mixed >> 14)) & low) / 2**32


def shuffles(n: int, epochs: int, seed: int) -> list[list[int]]:
    """For each epoch the numbers from 0 to n - 1, shuffled as the figure does it."""
    random, orders = _random(seed), []
    for _ in range(epochs):
        order = list(range(n))
        for i in range(n - 1, 0, -1):
            other = int(next(random) * (i + 1))
            order[i], order[other] = order[other], order[i]
        orders.append(order)
    return orders


def explore_batches() -> Interactive:
    """Show what the batch size does to a walk, in an interactive figure.

    The problem is the one of lesson 05 with two features: the alcohol of 142 wines
    from their color and hue, standardized. The reader sets batch size and learning
    rate with sliders, walks step by step, shuffles anew, and keeps a run to compare
    it with others.

    Returns:
        The figure; it appears when it is the last value of a cell.
    """
    columns = _columns()
    X, y = wines()
    best = np.linalg.lstsq(X, y)[0]
    A = X.T @ X / 142

    def excess(w: Any) -> Any:
        u, v = w[0] - best[0], w[1] - best[1]
        return (A[0, 0] * u * u + 2 * A[0, 1] * u * v + A[1, 1] * v * v) / 2

    def path(batch_size: int, lr: float) -> NDArray[np.float64]:
        rng = np.random.default_rng(0)
        w = np.array([-0.4, 0.9])
        history = [w]
        for _ in range(12):
            order = rng.permutation(142)
            for start in range(0, 142, batch_size):
                some = order[start : start + batch_size]
                w = w - lr * X[some].T @ (X[some] @ w - y[some]) / len(some)
                history.append(w)
        return np.array(history).T

    def draw(fig: Figure) -> None:
        # So many jagged lines take far less room with hard edges.
        plt.rcParams.update({"lines.antialiased": False, "text.antialiased": False})
        left, right = fig.subplots(1, 2)
        grid = np.meshgrid(np.linspace(-0.7, 1.1, 201), np.linspace(-0.5, 1.2, 201))
        levels = (np.arange(1, 7) / 4) ** 2
        left.contour(
            *grid,
            excess(grid),
            levels,
            colors="#7F91C8",
            linewidths=0.8,
            antialiased=False,
        )
        for name, batch_size, lr, color, height in [
            ("kept: $B$ = all 142, $\\eta$ = 0.5", 142, 0.5, "0.42", 1),
            ("$B$ = 1, $\\eta$ = 0.05", 1, 0.05, "C1", 5),
        ]:
            history = path(batch_size, lr)
            left.plot(*history, color=color, linewidth=1)
            epochs = np.linspace(0, 12, history.shape[1])
            right.semilogy(epochs, excess(history), color=color, linewidth=1)
            right.text(12, height, name, color=color, ha="right")
        left.plot(*best, "*", color="0.2", markersize=11)
        left.plot(-0.4, 0.9, "o", color="0.2", markersize=8, fillstyle="none")
        left.set(xlabel="weight of color", ylabel="weight of hue")
        left.set(xticks=[0, 1], yticks=[0, 1])
        right.set(xlabel="epoch (all 142 wines)", ylabel="loss above the lowest")
        right.set(xticks=[0, 6, 12], ylim=(10**-6.8, 25), yticks=[1e-6, 1e-3, 1])
        right.set_yticks([], minor=True)
        left.grid(False)
        right.grid(False)

    return interactive(
        "batches",
        "Left: level lines of the loss over two weights, with a path of mini-batch "
        "descent to the lowest point; sliders set the batch size and the learning "
        "rate, buttons take a step, play, shuffle anew, and keep a run for comparison. "
        "Right: the loss above the lowest, on a logarithmic scale, against epochs or "
        "steps. Small batches are down sooner for the wines they have looked at, and "
        "then tremble; with all wines for each step the loss falls on and on.",
        draw,
        wines=columns.tolist(),
    )
