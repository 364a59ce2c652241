"""Walks downhill (lessons 03 and 06)."""

from collections.abc import Callable, Mapping
from typing import Any

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


def _trainer(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A function that returns four numbers."""
    _checks.function(name, value, _)

    def trainer(*state: Any) -> tuple[float, ...]:
        after = _checks.as_float64(f"what {name} returns", value(*state))
        if after.shape != (4,):
            raise ValueError(
                f"{name} must return four numbers, x1, x2, s1, s2, "
                f"got {_checks.describe(after)}"
            )
        return tuple(after.tolist())

    return trainer


@_checks.checked(
    trainer=_trainer, steps=_checks.count, f_grad=_checks.optional(_checks.function)
)
def train_2d(
    trainer: Callable[..., tuple[float, float, float, float]],
    steps: int = 20,
    f_grad: Callable[[float, float], tuple[float, float]] | None = None,
) -> list[tuple[float, float]]:
    """Walk in the plane from (-5, -2) by a rule with two numbers of memory.

    The last point is printed.

    Args:
        trainer: one step of the rule: called as ``trainer(x1, x2, s1, s2)``, or with
            ``f_grad`` as the fifth argument if that is given; returns the new x1, x2,
            s1, s2. The memory starts at 0, 0.
        steps: how many steps to take, at least 0.
        f_grad: the gradient of the function to minimize, handed on to ``trainer``.

    Returns:
        The points ``(x1, x2)``, ``steps + 1`` of them, the start first.

    Raises:
        TypeError: ``trainer`` or ``f_grad`` is not a function, ``steps`` is not a
            whole number, or ``trainer`` returns something else than numbers.
        ValueError: ``steps`` is negative, or ``trainer`` does not return four numbers.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 11.3.
    """
    x1, x2, s1, s2 = -5.0, -2.0, 0.0, 0.0
    results = [(x1, x2)]
    for _ in range(steps):
        if f_grad is None:
            x1, x2, s1, s2 = trainer(x1, x2, s1, s2)
        else:
            x1, x2, s1, s2 = trainer(x1, x2, s1, s2, f_grad)
        results.append((x1, x2))
    print(f"epoch {steps}, x1: {x1:f}, x2: {x2:f}")
    return results
