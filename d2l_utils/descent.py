"""Walks downhill (lesson 03)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _checks
from .calculus import Gradient, ScalarFunction, numerical_gradient


@_checks.checked(
    f=_checks.function,
    init_x=_checks.as_float64,
    lr=_checks.non_negative,
    step_num=_checks.count,
    grad=_checks.optional(_checks.gradient_of("init_x")),
)
def gradient_descent(
    f: ScalarFunction,
    init_x: ArrayLike,
    lr: float = 0.01,
    step_num: int = 100,
    *,
    grad: Gradient | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Walk downhill from ``init_x``: ``x = x - lr * gradient``, ``step_num`` times.

    Args:
        f: the function to minimize, of one array, returning one number.
        init_x: the start, an array of any shape, a nested list or a number; it is
            copied, never changed.
        lr: the learning rate, at least 0.
        step_num: how many steps to take, at least 0.
        grad: a function of one array that returns the gradient of ``f`` there, of
            the same shape; without it the gradient is taken numerically, which calls
            ``f`` two times for each entry and step.

    Returns:
        ``(x, history)``: where the walk ended, a float64 array of the shape of
        ``init_x``, and all points, of shape ``(step_num + 1, *init_x.shape)``, the
        start first.

    Raises:
        TypeError: ``f`` or ``grad`` is not callable, or another argument is not
            made of real numbers.
        ValueError: ``lr`` or ``step_num`` is negative, ``lr`` is not finite, or the
            gradient has another shape than ``init_x``.

    Source: A.-L. Cauchy, Comptes Rendus 25 (1847), pp. 536-538; named as in K. Saitoh,
    *Deep Learning from Scratch* (O'Reilly Japan, 2016), section 4.4.
    """
    x = np.array(init_x, dtype=np.float64)
    history = [x.copy()]
    for _ in range(step_num):
        g = numerical_gradient(f, x) if grad is None else grad(x)
        x -= lr * g
        history.append(x.copy())
    return x, np.array(history)
