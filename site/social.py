"""Draw site/social.png, which previews of links show: the way down a valley."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import announce
import cover
import d2l_utils as d2l
from d2l_utils import plotting

PATH = Path(__file__).with_name("social.png")
WORDS = "Deep learning\nfrom one slope\nto handwritten digits"
NIGHT, LINES, PALE, RUST = "#12275C", "#2C4A94", "#E6ECFB", "#FFA15C"
# What a step of the walk down is, as on the first page.
RATE, STEPS, LESSONS = 0.476, 60, 11


def draw():
    """The name and what it is, beside a walk in a valley that is seen from above."""
    width, height = announce.SIZE
    fig = Figure(figsize=(width / 100, height / 100), facecolor=NIGHT, layout="none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-9.6, 3.4), ylim=(0.55, -5.65))
    ax.axis("off")
    across, down = np.meshgrid(
        np.linspace(-9.6, 3.4, 521), np.linspace(-5.65, 0.55, 249)
    )
    levels = 0.1 * np.arange(0.5, 45, 0.5) ** 2
    heights = cover.valley([down, across])
    ax.contour(across, down, heights, levels=levels, colors=LINES, linewidths=1)
    _, walk = d2l.gradient_descent(
        cover.valley, cover.START, lr=RATE, step_num=STEPS, grad=cover.valley_gradient
    )
    down, across = walk.T
    ax.plot(across, down, color=RUST, lw=1.5)
    ax.plot(
        across[:LESSONS], down[:LESSONS], color=RUST, lw=4.5, solid_joinstyle="round"
    )
    dots = {"markersize": 13, "markeredgecolor": RUST, "markeredgewidth": 4}
    ax.plot(across[:LESSONS], down[:LESSONS], "o", color=NIGHT, **dots)
    ax.plot(0, 0, "*", color="white", markersize=24)
    fig.text(0.06, 0.62, "Downhill", color="white", fontsize=64, fontweight="bold")
    fig.text(0.065, 0.3, WORDS, color=PALE, fontsize=27, linespacing=1.35)
    return fig


def main():
    """Draw it and save it, in few colors."""
    with plt.style.context("d2l_utils.downhill"):
        PATH.write_bytes(plotting._png(draw(), colors=64, scale=1))


if __name__ == "__main__":
    main()
