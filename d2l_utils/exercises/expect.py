"""Comparing what came with what was expected, and naming the mistake."""

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from .exercise import Refusal

# Factors that hint at a mistake: a forgotten 2, a sum for a mean, a wrong unit.
TELLING = [0.001, 0.01, 0.1, 0.25, 0.5, 2, 3, 4, 10, 100, 1000]

# Arrays with more entries are not shown in full.
LONG = 12


def refuse(why: str, *, expected: Any = "", got: Any = "") -> NoReturn:
    """Refuse an answer in own words.

    Args:
        why: What is wrong, or a hint that fits the mistake. Code in backticks.
        expected: What was wanted; leave it out if it would give the answer away.
        got: What came instead.

    Raises:
        Refusal: Always.
    """
    raise Refusal(" ".join(why.split()), show(expected), show(got))


def expect(
    got: Any,
    wanted: Any,
    *,
    rtol: float = 1e-4,
    atol: float | None = None,
    mistakes: Sequence[tuple[Any, str]] = (),
    shown: str = "",
    tip: str = "",
) -> None:
    """Refuse numbers that are not close to the wanted ones.

    Numbers, lists, arrays and tensors are compared alike. For one wanted number, one
    in an array is as good.

    Args:
        got: What the learner's answer gave.
        wanted: A number or an array.
        rtol: Accepted relative difference.
        atol: Accepted absolute difference; a hundredth of ``rtol`` if not given.
        mistakes: Wrong results, each with the hint for who comes near it.
        shown: What to show as expected, where the wanted number is the answer.
        tip: The hint if nothing is known about the mistake.

    Raises:
        Refusal: If they are not close.
    """
    expected = shown or show(wanted)
    came = repr(got) if isinstance(got, str) else show(got)
    # A mistake is recognized even where the answer must be precise.
    near = max(rtol, 1e-6), 1e-6 if atol is None else atol
    atol = rtol / 100 if atol is None else atol
    target = _numbers(wanted)
    if target is None:
        raise TypeError(f"wanted must be numbers, got {_checks.describe(wanted)}")
    values = _numbers(got)
    if values is None:
        raise Refusal(_not_numbers(got), expected, came)
    if target.ndim == 0 and values.size == 1:
        values = values.reshape(())

    if _close(values, target, rtol, atol):
        return
    for value, words in mistakes:
        mistaken = _numbers(value)
        if mistaken is not None and _close(values, mistaken, *near):
            raise Refusal(" ".join(words.split()), expected, came)
    why = _difference(values, target, secret=bool(shown))
    raise Refusal(" ".join(f"{why} {tip}".split()), expected, came)


def show(value: Any) -> str:
    """A value as a learner reads it: few digits, few entries, one line."""
    if isinstance(value, str):
        return value
    numbers = _numbers(value)
    if value is None or value is ...:
        return repr(value)
    if numbers is None:
        return _checks.describe(value)
    if numbers.ndim == 0:
        return f"{numbers:.6g}"
    if numbers.size > LONG:
        first = ", ".join(f"{number:.4g}" for number in numbers.flat[:4])
        return f"{first}, ... (shape {numbers.shape})"
    text = np.array2string(
        numbers, separator=", ", formatter={"float_kind": lambda x: f"{x:.4g}"}
    )
    return " ".join(text.split())


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """The value as float64, or nothing if it is not made of real numbers."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        return _checks.as_float64("answer", value)
    except (TypeError, ValueError):
        return None


def _close(
    values: NDArray[np.float64], others: NDArray[np.float64], rtol: float, atol: float
) -> bool:
    return values.shape == others.shape and np.allclose(
        values, others, rtol=rtol, atol=atol, equal_nan=True
    )


def _not_numbers(got: Any) -> str:
    if got is None:
        return "It gave `None`: is a `return` missing?"
    entries = list(got) if isinstance(got, list | tuple) else [got]
    if any(entry is ... for entry in entries):
        return "There is still a `...` in your answer."
    if any(entry is None for entry in entries):
        return "There is a `None` in it: is a `return` missing?"
    if callable(got):
        return "That is a function, not a number: call it first."
    return "Numbers are wanted here."


def _difference(
    values: NDArray[np.float64], target: NDArray[np.float64], *, secret: bool
) -> str:
    """What can be said about the mistake from the numbers alone."""
    if values.shape != target.shape:
        if target.ndim == 0:
            return f"One number is wanted: {values.size} came."
        if target.ndim == 1 and values.ndim < 2:
            return f"{target.size} numbers are wanted, in a row: {values.size} came."
        return f"The shape should be {target.shape}, it is {values.shape}."
    if not np.all(np.isfinite(values)) and np.all(np.isfinite(target)):
        return "Not all of it is a finite number."
    if secret:
        return ""
    if np.allclose(values, -target, rtol=1e-3):
        return "The sign is turned around."
    if np.all(target) and target.size:
        factors = values / target
        factor = float(factors.flat[0])
        if np.all(abs(factors - 1) < 0.01):
            return "Close, but not close enough."
        alike = np.allclose(factors, factor, rtol=1e-3, atol=0)
        if alike and np.any(np.isclose(factor, TELLING, rtol=1e-3, atol=0)):
            return f"It is {factor:.4g} times what it should be."
    if target.size > LONG:
        place = np.unravel_index(np.argmax(abs(values - target)), target.shape)
        where = ", ".join(map(str, place))
        wanted, came = f"{target[place]:.4g}", f"{values[place]:.4g}"
        return f"They differ most in entry [{where}]: {wanted} is right, not {came}."
    return ""
