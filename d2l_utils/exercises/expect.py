"""Comparing what came with what was expected, and naming the mistake."""

import contextlib
import decimal
import math
import numbers
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from .exercise import Refusal, cut, fill

# Factors that hint at a mistake: a forgotten 2, a sum for a mean, a wrong unit.
TELLING = [0.001, 0.01, 0.1, 0.25, 0.5, 2, 3, 4, 10, 100, 1000]

# Arrays with more entries are not shown in full.
LONG = 12

# More entries than that are not compared, nor deeper lists looked into.
MANY, DEEP = 1_000_000, 32

# No text of an answer is shown beyond this many letters.
LETTERS = 200


def refuse(
    message: str, /, *, expected: Any = "", got: Any = "", **values: Any
) -> NoReturn:
    """Refuse an answer with a message of its own.

    Args:
        message: What is wrong, or a hint that fits the mistake. Code in backticks.
        expected: What was wanted; leave it out if it would give the answer away.
        got: What came instead.
        **values: What stands in the named places of the three, where they are text.

    Raises:
        Refusal: Always.
    """
    expected, got = (
        fill(x, **values) if isinstance(x, str) else show(x) for x in (expected, got)
    )
    raise Refusal(fill(message, **values), expected=expected, got=got)


def expect(
    got: Any,
    wanted: Any,
    *,
    rtol: float = 1e-4,
    atol: float | None = None,
    mistakes: Sequence[tuple[Any, str]] = (),
    shown: str = "",
    tip: str = "",
    **values: Any,
) -> None:
    """Refuse numbers that are not close to the wanted ones.

    Numbers, lists, arrays and tensors are compared alike. For one wanted number, one
    in an array is as good.

    Args:
        got: What the learner's answer gave.
        wanted: A number or an array.
        rtol: Accepted relative difference.
        atol: Accepted absolute difference; a hundredth of ``rtol`` if not given.
        mistakes: Wrong results, each with the message for who comes near it.
        shown: What to show as expected, where the wanted number is the answer.
        tip: The message if nothing is known about the mistake.
        **values: What stands in the named places of the messages and of ``shown``.

    Raises:
        Refusal: If they are not close.
    """
    expected = fill(shown, **values) if shown else show(wanted)
    came = repr(cut(got, LETTERS)) if isinstance(got, str) else show(got)
    # A mistake is recognized even where the answer must be precise.
    near = max(rtol, 1e-6), 1e-6 if atol is None else atol
    atol = rtol / 100 if atol is None else atol
    target = _numbers(wanted)
    if target is None:
        raise TypeError(f"wanted must be numbers, got {_checks.describe(wanted)}")
    numbers = _numbers(got)
    if numbers is None:
        if hasattr(type(got), "__array__"):
            np.asarray(got)  # Where its own code fails, that is what to say.
        raise Refusal(_not_numbers(got), expected=expected, got=came)
    if target.ndim == 0 and numbers.size == 1:
        numbers = numbers.reshape(())

    if _close(numbers, target, rtol, atol):
        return
    for value, message in mistakes:
        mistaken = _numbers(value)
        if mistaken is not None and _close(numbers, mistaken, *near):
            raise Refusal(fill(message, **values), expected=expected, got=came)
    difference = _difference(numbers, target, secret=bool(shown))
    # The right numbers in another shape: the tip is about other mistakes.
    if _close(numbers.ravel(), target.ravel(), rtol, atol):
        tip = ""
    raise Refusal(difference, fill(tip, **values), expected=expected, got=came)


def show(value: Any) -> str:
    """A value as a learner reads it: few digits, few entries, one line."""
    if isinstance(value, str):
        return value
    numbers = _numbers(value)
    if value is None or value is ...:
        return repr(value)
    if numbers is None:
        # No more of it is shown; the whole might be too much to write down.
        short = type(value) in (bytes, list, tuple)
        return _checks.describe(value[:LETTERS] if short else value)
    if numbers.ndim == 0:
        return f"{numbers:.6g}"
    if numbers.size > LONG:
        first = ", ".join(f"{number:.4g}" for number in numbers.flat[:4])
        return fill("{first}, ... (shape {shape})", first=first, shape=numbers.shape)
    text = np.array2string(
        numbers, separator=", ", formatter={"float_kind": lambda x: f"{x:.4g}"}
    )
    return " ".join(text.split())


def show_error(error: BaseException) -> str:
    """An error as a learner reads it: its kind and the first line of its text."""
    return named_error(error, str(error))


def named_error(error: BaseException, text: str) -> str:
    """The kind of an error and the first line of a text."""
    # What its class says of itself may be anything.
    name = cut(vars(type)["__name__"].__get__(type(error)), LETTERS)
    text = cut(str.partition(text, "\n")[0].strip(), LETTERS)
    return f"{name}: {text}" if text else name


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """The value as float64, or nothing if it is not made of real numbers."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    if isinstance(first, str | bytes) or _count(value) > MANY:
        return None  # An array of them might take much more room.
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        return _checks.as_float64("answer", value)
    except (TypeError, ValueError):
        return _decimals(value)


def _decimals(value: Any) -> NDArray[np.float64] | None:
    """Numbers of the module `decimal`, which are no `numbers.Real`."""
    try:
        array = np.asarray(value)
        kinds = decimal.Decimal, numbers.Real
        if array.dtype == object and all(isinstance(x, kinds) for x in array.flat):
            return array.astype(np.float64)
    except Exception:
        return None
    return None


def _count(value: Any) -> int:
    """How many entries a value has, as far as its first entries tell."""
    count = 1
    with contextlib.suppress(Exception):
        for _ in range(DEEP):
            if isinstance(value, str | bytes):
                break
            shape = getattr(value, "shape", None)
            if shape is not None:
                return count * int(math.prod(shape))
            count *= len(value)
            value = value[0]
    return count


def _close(
    values: NDArray[np.float64], others: NDArray[np.float64], rtol: float, atol: float
) -> bool:
    return values.shape == others.shape and np.allclose(
        values, others, rtol=rtol, atol=atol, equal_nan=True
    )


def _not_numbers(got: Any) -> str:
    if got is None:
        return fill("It gave `None`: is a `return` missing?")
    if (count := _count(got)) > MANY:
        return fill("{count:,} entries came, far more than are wanted.", count=count)
    entries = list(got) if isinstance(got, list | tuple) else [got]
    if any(entry is ... for entry in entries):
        return fill("There is still a `...` in your answer.")
    if any(entry is None for entry in entries):
        return fill("There is a `None` in it: is a `return` missing?")
    if any(isinstance(entry, str) for entry in entries):
        return fill("Numbers are wanted here, and that is text: leave the quotes out.")
    if callable(got):
        return fill("That is a function, not a number: call it first.")
    return fill("Numbers are wanted here.")


def _difference(
    numbers: NDArray[np.float64], target: NDArray[np.float64], *, secret: bool
) -> str:
    """The message about a mistake that the numbers alone show."""
    if numbers.shape != target.shape:
        if target.ndim == 0:
            return fill("One number is wanted: {count} came.", count=numbers.size)
        if target.ndim == 1 and numbers.ndim < 2:
            return fill(
                "{wanted} numbers are wanted, in a row: {count} came.",
                wanted=target.size,
                count=numbers.size,
            )
        return fill(
            "The shape should be {wanted}, it is {shape}.",
            wanted=target.shape,
            shape=numbers.shape,
        )
    if not np.all(np.isfinite(numbers)) and np.all(np.isfinite(target)):
        return fill("Not all of it is a finite number.")
    if secret:
        return ""
    if np.allclose(numbers, -target, rtol=1e-3):
        return fill("The sign is turned around.")
    if np.all(target) and target.size:
        factors = numbers / target
        factor = float(factors.flat[0])
        if np.all(abs(factors - 1) < 0.01):
            return fill("Close, but not close enough.")
        alike = np.allclose(factors, factor, rtol=1e-3, atol=0)
        if alike and np.any(np.isclose(factor, TELLING, rtol=1e-3, atol=0)):
            return fill("It is {factor:.4g} times what it should be.", factor=factor)
    if target.size > LONG:
        place = np.unravel_index(np.argmax(abs(numbers - target)), target.shape)
        return fill(
            "They differ most in entry [{entry}]: {right:.4g} is right, not {got:.4g}.",
            entry=", ".join(map(str, place)),
            right=target[place],
            got=numbers[place],
        )
    return ""
