"""Draw site/cover.png, the picture of the README: three walks into one valley."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import d2l_utils as d2l

START = np.array([-5.0, -2.0])


def valley(x):
    """A bowl that is twenty times more curved across than along."""
    return 0.1 * x[0] ** 2 + 2 * x[1] ** 2


def valley_gradient(x):
    """Its gradient."""
    return np.array([0.2 * x[0], 4 * x[1]])


def main():
    """Draw the three walks and save the picture."""
    plt.style.use("d2l_utils.downhill")
    fig, ax = plt.subplots(figsize=(8, 2.9), layout="constrained")
    d2l.plot_contours(valley, (-5.6, 1.4), (-2.35, 2.35), levels=16, ax=ax)
    for lr, color in [(0.476, "C1"), (0.3, "C2"), (0.05, "C3")]:
        _, walk = d2l.gradient_descent(
            valley, START, lr=lr, step_num=30, grad=valley_gradient
        )
        d2l.plot_path(walk, color=color, label=f"learning rate {lr}", ax=ax)
    ax.plot(0, 0, "*", color="k", markersize=12)
    ax.legend(loc="upper right", framealpha=1, frameon=True, edgecolor="none")
    ax.grid(False)
    fig.savefig(
        Path(__file__).with_name("cover.png"), dpi=150, metadata={"Software": None}
    )


if __name__ == "__main__":
    main()
