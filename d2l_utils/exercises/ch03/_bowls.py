"""Two bowls that several exercises walk down."""

import numpy as np


def bowl(x):
    return x[0] * x[0] + x[1] * x[1]


def long_bowl(x):
    return 0.1 * x[0] ** 2 + 2 * x[1] ** 2


def long_bowl_gradient(x):
    return np.array([0.2 * x[0], 4 * x[1]])
