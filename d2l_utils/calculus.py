"""Slopes and gradients by finite differences (lessons 01 and 02)."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _checks

Gradient = Callable[[NDArray[np.float64]], Any]
ScalarFunction = Callable[[NDArray[np.float64]], Any]


@_checks.checked(f=_checks.real_function, x=_checks.as_float64, h=_checks.positive)
def numerical_diff(f: Callable[[Any], Any], x: Any, h: float = 1e-4) -> Any:
    """Approximate the slope of ``f`` at ``x`` by a central difference.

    The truncation error is about ``h**2 * f'''(x) / 6``; rounding adds up to about
    ``2e-16 * (|f(x)| + |x * f'(x)|) / h``.

    Args:
        f: a function of one number. It may also work elementwise on arrays.
        x: the point, a real number or an array of them; used in float64.
        h: half the distance between the two points, greater than 0.

    Returns:
        ``(f(x + h) - f(x - h)) / (2 * h)``, of the shape of ``f(x)``.

    Raises:
        TypeError: ``f`` is not callable, or ``x``, ``h`` or a value of ``f`` is not
            made of real numbers.
        ValueError: ``h`` is not finite or not greater than 0, or ``x`` is ragged.

    Source: W. H. Press et al., *Numerical Recipes*, 3rd edition, section 5.7; named as
    in K. Saitoh, *Deep Learning from Scratch* (O'Reilly Japan, 2016), section 4.3.
    """
    return (f(x + h) - f(x - h)) / (2 * h)


@_checks.checked(f=_checks.scalar_function, x=_checks.as_float64, h=_checks.positive)
def numerical_gradient(
    f: ScalarFunction, x: ArrayLike, h: float = 1e-4
) -> NDArray[np.float64]:
    """Approximate the gradient of ``f`` at ``x``, one central difference an entry.

    It calls ``f`` two times for each entry of ``x``.

    Args:
        f: a function of one float64 array of the shape of ``x`` that returns one
            number.
        x: the point, an array of any shape, a nested list or a number. It is copied
            to float64 first, so it is never changed.
        h: how far each entry is moved up and down, greater than 0.

    Returns:
        The partial derivatives: a float64 array of the shape of ``x``.

    Raises:
        TypeError: ``f`` is not callable, or ``x``, ``h`` or a value of ``f`` is not
            made of real numbers.
        ValueError: ``h`` is not finite or not greater than 0, ``x`` is ragged, or
            ``f`` returns more than one number.

    Source: W. H. Press et al., *Numerical Recipes*, 3rd edition, section 5.7; named as
    in K. Saitoh, *Deep Learning from Scratch* (O'Reilly Japan, 2016), section 4.4.
    """
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@_checks.checked(
    f=_checks.returns(_checks.one_number, _checks.finite),
    x=_checks.as_float64,
    grad=_checks.gradient_of("x", _checks.finite),
    entries=_checks.true_or_false,
)
def check_gradient(
    f: ScalarFunction, grad: Gradient, x: ArrayLike, *, entries: bool = False
) -> Any:
    """Measure how far ``grad(x)`` is from the numerical gradient of ``f`` at ``x``.

    A wrong sign gives 2, a forgotten factor 2 gives 0.5. A correct gradient gives what
    the numerical one is off, with h = 1e-4: by truncation about
    ``h**2 / 6 * |f'''/f'|``, by rounding about ``2e-16 / h * |f/f'|``. That is below
    1e-8 for a function that bends gently, 2e-7 for ``exp(10 * x)`` and 2e-5 for
    ``sin(100 * x)``. At a minimum, where both gradients are nothing but such errors,
    any number can come out: take another point.

    Args:
        f: a function of one array that returns one number.
        grad: a function of one array that returns the gradient, of the same shape.
        x: the point, an array of any shape, a nested list or a number.
        entries: whether to give the error of each entry, which shows the wrong ones: a
            single number can hide one among many.

    Returns:
        The relative error ``|grad(x) - g| / max(|grad(x)|, |g|)``, between 0 and 2,
        where ``g = numerical_gradient(f, x)`` and ``|.|`` is the Euclidean length of
        all entries; 0 where both gradients are 0. With ``entries=True`` an array of
        the shape of ``x``, where ``|.|`` is the size of an entry; what is below a
        ten-thousandth of the largest slope, and may be nothing but the error of ``g``,
        is measured against that.

    Raises:
        TypeError: ``f`` or ``grad`` is not callable, ``entries`` is not True or False,
            or a value is not made of real numbers.
        ValueError: ``grad(x)`` has another shape than ``x``, ``x`` is ragged, ``f``
            returns more than one number, or a value is not finite.

    Source: same purpose as ``scipy.optimize.check_grad``, which gives the absolute
    error.
    """
    x = np.array(x, dtype=np.float64)
    both = np.array([numerical_gradient(f, x), grad(x)])
    both = both / (np.abs(both).max(initial=0) or 1)
    error = np.abs(both[0] - both[1])
    if entries:
        return error / np.maximum(np.abs(both).max(axis=0), 1e-4)
    size = max(np.linalg.norm(both[0]), np.linalg.norm(both[1])) or 1
    return float(np.linalg.norm(error) / size)
