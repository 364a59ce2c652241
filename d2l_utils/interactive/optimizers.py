"""Lesson 06: optimizers race downhill."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from .. import plotting
from ..optimizers import OPTIMIZERS
from ._figure import Interactive, interactive

RACE = {"SGD": 0.4, "Momentum": 0.1, "AdaGrad": 1.5, "Adam": 0.5}


def explore_optimizers() -> Interactive:
    """Let the optimizers race, in an interactive figure.

    All start at the same point, of the long valley ``0.1 * x1**2 + 2 * x2**2``, of
    this valley turned by 45 degrees, of Rosenbrock's valley, or of the saddle
    ``x1**2 - x2**2``. The reader chooses who races, drags the start or sets it with
    sliders, and sets the learning rate, one for all or a part or multiple of the one
    that suits each rule, and the momentum of Momentum and Nesterov. What else a rule
    can be told is as the class of its name has it by default.

    Returns:
        The figure; it appears when it is the last value of a cell.
    """

    def valley(x: Any) -> Any:
        return 0.1 * x[0] ** 2 + 2 * x[1] ** 2

    def draw(fig: Figure) -> None:
        left, right = fig.subplots(1, 2)
        grid = np.stack(np.meshgrid(np.linspace(-5.6, 3), np.linspace(-2.6, 2.2)))
        left.contour(*grid, valley(grid), [0.3, 3, 10], colors="0.7", linewidths=1)
        for name, lr in RACE.items():
            x, color = np.array([-5.0, -2.0]), OPTIMIZERS[name].color
            rule = OPTIMIZERS[name].rule([x], lr=lr)
            history = [x.copy()]
            for _ in range(10):
                rule.step([np.array([0.2 * x[0], 4 * x[1]])])
                history.append(x.copy())
            plotting.plot_path(history, color=color, ax=left)
            right.semilogy([valley(x) for x in history], color=color, label=name)
        left.plot(0, 0, "*", color="0.2", markersize=11)
        left.set(xlabel="$x_1$", ylabel="$x_2$", xticks=[-4, 0], yticks=[-2, 0, 2])
        right.set(xlabel="step", ylabel="loss", xticks=[0, 5, 10])
        right.set(yticks=[0.01, 1])
        right.minorticks_off()
        plotting.label_lines(ax=right)

    with plt.style.context("d2l_utils.downhill"):
        colors = {name: to_hex(row.color).upper() for name, row in OPTIMIZERS.items()}
    return interactive(
        "optimizers",
        "Left: SGD, Momentum, AdaGrad and Adam on their ways down a long valley. "
        "Right: their losses against the step, on a logarithmic scale; after ten steps "
        "AdaGrad is far ahead. Controls choose the surface, the start, the learning "
        "rates, the momentum and who races; buttons take a step, play, pause and "
        "reset. A table ranks them.",
        draw,
        colors=colors,
    )
