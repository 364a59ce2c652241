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
        kind = "an array"
        if type(value) is not np.ndarray:
            sparse = "sparse " if "sparse" in str(getattr(value, "layout", "")) else ""
            kind = f"a {sparse}{type(value).__name__}"
        device = str(getattr(value, "device", "cpu"))
        place = "" if device == "cpu" else f" on {device}"
        return f"{kind} of shape {tuple(shape)}{place}"
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
    text = re.sub(r"\s*\n\s*", " ", text)
    return f"{text if len(text) <= 40 else text[:37] + '...'} ({type(value).__name__})"


def is_real(value: Any) -> bool:
    """Whether a value is one real number; True and False do not count."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def as_float(name: str, value: Any, _: Any = None) -> float:
    """One real number as a float."""
    if not is_real(value):
        raise TypeError(f"{name} must be a number, got {describe(value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def as_array(name: str, value: Any, _: Any = None) -> NDArray[Any]:
    """Real numbers as an array, in their own precision."""
    if value is None:
        raise TypeError(f"{name} must be real numbers, got None: is a return missing?")
    try:
        if isinstance(value, np.ma.MaskedArray):
            raise TypeError("give what is masked a value with filled()")
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
    return array


def as_float64(name: str, value: Any, _: Any = None) -> NDArray[np.float64]:
    """Real numbers as an array of float64, the same object if they are one."""
    return as_array(name, value).astype(np.float64, copy=False)


def must(
    what: str,
    test: Callable[[Any], Any],
    got: Callable[[Any], Any] | None = None,
    error: type[Exception] = ValueError,
) -> Check:
    """What passes a test, else an error that says what it must, and what it is."""

    def check(name: str, value: Any, _: Any) -> Any:
        if not test(value):
            raise error(f"{name} must {what}" + (f", got {got(value)}" if got else ""))
        return value

    return check


def takes(what: str, test: Callable[[Any], Any]) -> Check:
    """What is of the right type, which a test knows."""
    return must(f"be {what}", test, describe, TypeError)


def all_of(*checks: Check) -> Check:
    """What every check accepts; each gets what the one before it returns."""
    return lambda name, value, arguments: functools.reduce(
        lambda value, check: check(name, value, arguments), checks, value
    )


def relative(make: Callable[[Any, str], Check]) -> Callable[[str], Check]:
    """A check that is made of the value and the name of another argument."""
    return lambda other: (
        lambda name, value, arguments: make(arguments[other], other)(
            name, value, arguments
        )
    )


def optional(check: Check) -> Check:
    """None, or whatever the other check accepts."""
    return lambda name, value, arguments: (
        None if value is None else check(name, value, arguments)
    )


def number(what: str, test: Callable[[float], bool]) -> Check:
    """A real number, not an array, that passes a test."""
    return all_of(as_float, must(f"be {what}", test, str))


def from_to(low: float, high: float) -> Check:
    """A number that is not below the first and not above the second."""
    return number(f"a number from {low:g} to {high:g}", lambda x: low <= x <= high)


positive = number("a finite number > 0", lambda x: 0 < x < math.inf)
non_negative = number("a finite number >= 0", lambda x: 0 <= x < math.inf)
fraction = from_to(0, 1)


def whole(low: int, high: float = math.inf) -> Check:
    """A whole number within limits; True and False do not count."""
    return all_of(
        takes(
            "a whole number", lambda n: is_real(n) and isinstance(n, numbers.Integral)
        ),
        must(f"be >= {low}", lambda n: n >= low, str),
        must(f"be <= {high}", lambda n: n <= high, str),
        lambda name, n, _: int(n),
    )


count, positive_count = whole(0), whole(1)
count_to = functools.partial(whole, 0)


def pair(what: str, test: Callable[[float, float], bool]) -> Check:
    """Two real numbers that pass a test together."""

    def check(name: str, value: Any, _: Any) -> tuple[float, ...]:
        two = as_float64(name, value)
        if two.shape != (2,) or not test(*two.tolist()):
            raise ValueError(f"{name} must be two {what}, got {describe(value)}")
        return tuple(two.tolist())

    return check


betas = pair("numbers, each >= 0 and < 1", lambda a, b: 0 <= a < 1 and 0 <= b < 1)
limits = pair(
    "finite numbers, the smaller first", lambda a, b: -math.inf < a < b < math.inf
)
true_or_false = takes("True or False", lambda x: isinstance(x, bool | np.bool_))
function = takes("a function", callable)


# What NumPy says where an array stands in the place of a number.
ONE_NUMBER_ONLY = re.compile(r"only .* converted|The truth value|.*numpy\.ndarray")


def returns(*checks: Check) -> Check:
    """A function that returns real numbers, which the other checks accept."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        function(name, value, arguments)

        def accepted(x: Any) -> Any:
            try:
                # On a copy: a function may change its argument (``x -= x.max()``) or
                # keep it without changing the result.
                y = value(x.copy())
            except (TypeError, ValueError) as error:
                if not (x.ndim and ONE_NUMBER_ONLY.match(str(error))):
                    raise
                raise type(error)(
                    f"{name} must work on arrays, here of shape {x.shape}: write "
                    f"np.sin for math.sin, np.where for if ({error})"
                ) from error
            return all_of(*checks)(name, as_float64(f"{name}(x)", y), arguments)

        return accepted

    return check


one_number = must(
    "return one number",
    lambda y: y.size == 1,
    lambda y: f"{describe(y)}: a gradient belongs to a single output",
)
finite = must(
    "return finite numbers at x and a small step around it, got nan or inf",
    lambda y: np.all(np.isfinite(y)),
)
real_function = returns()
scalar_function = returns(one_number, lambda name, y, _: y.item())


def gradient_of(variable: str, *checks: Check) -> Check:
    """A function that returns a number for each entry of another argument."""
    slopes = relative(
        lambda x, _: must(
            f"return one slope for each entry of {variable}: expected shape {x.shape}",
            lambda g: g.shape == x.shape,
            np.shape,
        )
    )
    return returns(slopes(variable), *checks)
