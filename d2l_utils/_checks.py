"""Input checks.

They stand in a decorator so that a function's body stays the code that its lesson
derives.
"""

import functools
import inspect
import math
import numbers
import re
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

# A check gets the argument's name, its value and all arguments of the call. It
# returns the value to use, or raises an error that says what is accepted.
Check = Callable[[str, Any, Mapping[str, Any]], Any]


def checked(**checks: Check) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Pass the named arguments of a function through checks before every call."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                name = function.__qualname__
                # The method of a class that inherits it.
                owner = type(args[0]) if args else object
                if getattr(owner, function.__name__, None) is wrapper:
                    name = f"{owner.__name__}.{function.__name__}"
                name = name.removesuffix(".__init__")
                raise TypeError(f"{name}(): {error}") from None
            bound.apply_defaults()
            for name, check in checks.items():
                bound.arguments[name] = check(
                    name, bound.arguments[name], bound.arguments
                )
            return function(*bound.args, **bound.kwargs)

        return wrapper

    return decorate


def describe(value: Any) -> str:
    """Name a value in an error message: short, with its type or shape.

    In one line and without an address in memory: the same on every run.
    """
    shape = getattr(value, "shape", None)
    if shape:
        an_array = isinstance(value, np.ndarray)
        kind = "an array" if an_array else f"a {type(value).__name__}"
        return f"{kind} of shape {tuple(shape)}"
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
    text = re.sub(r"\s*\n\s*", " ", text)
    return f"{text if len(text) <= 40 else text[:37] + '...'} ({type(value).__name__})"


def as_float(name: str, value: Any) -> float:
    """One real number as a float; True and False do not count."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {describe(value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def function(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A function, or anything else that can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be a function, got {describe(value)}")
    return value


def positive(name: str, value: Any, _: Mapping[str, Any]) -> float:
    """A finite number greater than 0."""
    number = as_float(name, value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be a finite number > 0, got {number}")
    return number


def non_negative(name: str, value: Any, _: Mapping[str, Any]) -> float:
    """A finite number of at least 0."""
    number = as_float(name, value)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"{name} must be a finite number >= 0, got {number}")
    return number


def whole(name: str, value: Any, lowest: int) -> int:
    """A whole number that is not too low; True and False do not count."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, got {describe(value)}")
    if value < lowest:
        raise ValueError(f"{name} must be >= {lowest}, got {value}")
    return int(value)


def count(name: str, value: Any, _: Mapping[str, Any]) -> int:
    """A whole number of at least 0."""
    return whole(name, value, 0)


def positive_count(name: str, value: Any, _: Mapping[str, Any]) -> int:
    """A whole number of at least 1."""
    return whole(name, value, 1)


def fraction(name: str, value: Any, _: Mapping[str, Any]) -> float:
    """A number from 0 to 1."""
    number = as_float(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must be a number from 0 to 1, got {number}")
    return number


def from_to(low: float, high: float) -> Check:
    """A number that is not below the first and not above the second."""

    def check(name: str, value: Any, _: Mapping[str, Any]) -> float:
        number = as_float(name, value)
        if not low <= number <= high:
            raise ValueError(
                f"{name} must be a number from {low:g} to {high:g}, got {number}"
            )
        return number

    return check


def count_to(high: int) -> Check:
    """A whole number of at least 0 that is not above the given one."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> int:
        number = count(name, value, arguments)
        if number > high:
            raise ValueError(f"{name} must be <= {high}, got {value}")
        return number

    return check


def betas(name: str, value: Any, _: Mapping[str, Any]) -> tuple[float, float]:
    """Two numbers, each at least 0 and below 1."""
    pair = as_float64(name, value)
    if pair.shape != (2,) or not np.all((pair >= 0) & (pair < 1)):
        raise ValueError(
            f"{name} must be two numbers, each >= 0 and < 1, got {describe(value)}"
        )
    first, second = pair.tolist()
    return first, second


def true_or_false(name: str, value: Any, _: Mapping[str, Any]) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {describe(value)}")
    return bool(value)


def limits(name: str, value: Any, _: Mapping[str, Any]) -> tuple[float, float]:
    """Two finite numbers, the smaller first."""
    pair = as_float64(name, value)
    if pair.shape != (2,):
        raise ValueError(f"{name} must be two numbers, got {describe(value)}")
    low, high = pair.tolist()
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            f"{name} must be two finite numbers, the smaller first, got {(low, high)}"
        )
    return low, high


def as_float64(name: str, value: Any) -> NDArray[np.float64]:
    """An array of real numbers as float64; the same object if it is one already."""
    if value is None:
        raise TypeError(f"{name} must be real numbers, got None: is a return missing?")
    try:
        array = np.asarray(value)
        # Fractions, and whole numbers of more than 64 bits, are real numbers too.
        if array.dtype == object and all(
            isinstance(entry, numbers.Real) for entry in array.flat
        ):
            array = array.astype(np.float64)
    except ValueError as error:
        raise ValueError(
            f"{name} must be a number or an array whose rows have equal lengths, "
            f"got {describe(value)}"
        ) from error
    except (OverflowError, RuntimeError, TypeError) as error:
        raise TypeError(
            f"{name} must be real numbers, got {describe(value)}: {error}"
        ) from error
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must be real numbers, got {describe(value)}"
            + (f" of dtype {array.dtype}" if array.shape else "")
        )
    return array.astype(np.float64, copy=False)


def real_array(name: str, value: Any, _: Mapping[str, Any]) -> NDArray[np.float64]:
    """A real number, or an array or nested list of them, in float64.

    A small h is lost in lower precision.
    """
    return as_float64(name, value)


def real_function(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A function that returns a real number or an array of them."""
    function(name, value, _)

    def real(x: Any) -> Any:
        return as_float64(f"{name}(x)", value(x))

    return real


# The next two pass on copies: a function may change its argument (``x -= x.max()``)
# or keep it without changing the result.


def scalar_function(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A function that returns one real number."""
    function(name, value, _)

    def scalar(x: Any) -> float:
        y = as_float64(f"{name}(x)", value(np.array(x)))
        if y.size != 1:
            raise ValueError(
                f"{name} must return one number, got {describe(y)}: "
                "a gradient belongs to a single output"
            )
        return float(y.item())

    return scalar


def gradient_of(variable: str) -> Check:
    """A function that returns an array of the shape of the argument ``variable``."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        function(name, value, arguments)
        shape = np.shape(arguments[variable])

        def gradient(x: Any) -> NDArray[np.float64]:
            g = as_float64(f"{name}(x)", value(np.array(x)))
            if g.shape != shape:
                raise ValueError(
                    f"{name} must return one slope for each entry of {variable}: "
                    f"expected shape {shape}, got {g.shape}"
                )
            return g

        return gradient

    return check


def finite(check: Check) -> Check:
    """A function that the other check accepts, as long as its values are finite."""

    def check_finite(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        accepted = check(name, value, arguments)

        def finite_function(x: Any) -> Any:
            y = accepted(x)
            if not np.all(np.isfinite(y)):
                raise ValueError(
                    f"{name} must return finite numbers at x and a small step around "
                    "it, got nan or inf"
                )
            return y

        return finite_function

    return check_finite


def optional(check: Check) -> Check:
    """None, or whatever the other check accepts."""

    def checked_unless_none(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        return None if value is None else check(name, value, arguments)

    return checked_unless_none
