"""Rows: what imports and figures cost."""

import contextlib
import io
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import d2l_utils as d2l
import epoch_images
import paths
from timing import FreshProcess, compare, one_core

IMPORTS = (("d2l_utils", "torch"), ("numpy, d2l_utils", "numpy"))


def imports(pairs=IMPORTS, repeats=9):
    """Modules against others, each time in a new process."""
    return [
        compare(
            "import in a new process",
            *((f"import {side}", FreshProcess(f"import {side}")) for side in pair),
            repeats=repeats,
        )
        for pair in pairs
    ]


def plotting(data=None, points=1_875, every=100, repeats=7):
    """Figures after an epoch and during it, against the epoch of PyTorch."""
    data = epoch_images.load() if data is None else data
    reference = "epoch of PyTorch, fused Adam", partial(paths.pytorch, data)
    losses = loss_curve(points)
    plt.switch_backend("Agg")
    with one_core(), plt.style.context("d2l_utils.downhill"):
        return [
            compare(
                f"curve of {points:,} losses",
                ("one figure, d2l.show", partial(show, losses)),
                reference,
                repeats=repeats,
            ),
            compare(
                f"curve of {points:,} losses",
                (f"redrawn every {every} steps", partial(redraw, losses, every)),
                reference,
                repeats=repeats,
            ),
        ]


def loss_curve(points):
    """Losses that fall and scatter like those of mini-batches."""
    steps = np.arange(1, points + 1)
    noise = np.random.default_rng(0).lognormal(0, 0.4, points)
    return 2.3 * steps**-0.3 * noise


def draw(ax, losses):
    """The figure of a training."""
    ax.plot(losses, linewidth=0.5)
    ax.set(xlabel="step", ylabel="loss", yscale="log")


def show(losses):
    """Draw and store one figure, as a lesson does."""
    _, ax = plt.subplots()
    draw(ax, losses)
    # Without a notebook IPython prints what it would store.
    with contextlib.redirect_stdout(io.StringIO()):
        d2l.show("The loss falls.")


def redraw(losses, every):
    """Make a picture of what is known so far, again and again, as live plots do."""
    fig, ax = plt.subplots()
    for known in range(every, len(losses) + 1, every):
        ax.clear()
        draw(ax, losses[:known])
        fig.savefig(io.BytesIO(), format="png")
    plt.close(fig)
