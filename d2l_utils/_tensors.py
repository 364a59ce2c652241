"""Input checks for NumPy arrays and torch tensors; see `_checks`."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from . import _checks, autograd
from ._checks import Check, all_of, as_array, describe, must, relative, takes
from ._torch import torch


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.layout is torch.strided


def _is_array(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        # The arithmetic of these is another one.
        return not isinstance(value, np.ma.MaskedArray | np.matrix)
    return _is_tensor(value)


def _is_floating(value: Any) -> bool:
    if _is_tensor(value):
        return bool(value.is_floating_point())
    return _is_array(value) and value.dtype.kind == "f"


def _kind(value: Any) -> str:
    return f"torch tensor on {value.device}" if _is_tensor(value) else "NumPy array"


def _has_numbers(value: Any) -> bool:
    return not (_is_tensor(value) and value.is_meta)


def shaped(what: str, test: Callable[[Any], Any]) -> Check:
    """An array or tensor whose shape passes a test."""
    return must(what, test, lambda x: f"shape {tuple(x.shape)}")


def typed(what: str, test: Callable[[Any], Any]) -> Check:
    """An array or tensor whose dtype passes a test."""
    return must(what, test, lambda x: x.dtype, TypeError)


array_or_tensor = takes("a NumPy array or a torch tensor", _is_array)
tensor = must(
    "be a torch tensor",
    _is_tensor,
    lambda x: describe(x) + (": use torch.from_numpy" if type(x) is np.ndarray else ""),
    TypeError,
)
floating = typed("hold floating-point numbers, such as 1.0 and not 1", _is_floating)
not_complex = typed("be real numbers", lambda x: not (_is_tensor(x) and x.is_complex()))
rows = all_of(
    must("have one row for each example, got one number", np.ndim),
    must("hold at least one example, got none", len),
)
examples = all_of(array_or_tensor, rows)
matrix = all_of(
    examples,
    shaped("have rows (examples) and columns (features)", lambda x: x.ndim == 2),
)


def real(name: str, value: Any, arguments: Any) -> Any:
    """An array or tensor of real numbers as it is; a list becomes an array."""
    if not _is_tensor(value):
        value = as_array(name, value)
    return not_complex(name, value, arguments)


def floats_with(other: str) -> Check:
    """Numbers as floating-point ones, as precise as those of another argument.

    Whole numbers become float64 if the other argument holds them, too.
    """

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        beside: Any = arguments.get(other)
        if _is_floating(value) and getattr(beside, "dtype", None) == value.dtype:
            return value
        x = real(name, value, arguments)
        library = torch if _is_tensor(x) else np
        dtype = x.dtype if _is_floating(x) else library.float64
        if _is_floating(beside) and _kind(beside) == _kind(x):
            dtype = library.promote_types(x.dtype, beside.dtype)
        return x.to(dtype) if _is_tensor(x) else x.astype(dtype, copy=False)

    return check


floats = floats_with("no other")


def like(first: Any, other: str, *, lists: bool = False) -> Check:
    """An array or tensor of the kind of another value; a list may become an array."""
    kind = _kind(first)
    return takes(
        f"a {kind}, like {other}",
        lambda x: _kind(x) == kind and (lists or _is_array(x)),
    )


rows_like = relative(
    lambda first, other: all_of(
        like(first, other),
        rows,
        must(
            f"have as many rows as {other}, {len(first)}",
            lambda x: len(x) == len(first),
            len,
        ),
    )
)
entries_like = relative(
    lambda first, other: all_of(
        like(first, other),
        floats_with(other),
        shaped(
            f"have as many entries as {other}, of shape {tuple(first.shape)}",
            lambda x: math.prod(x.shape) == math.prod(first.shape),
        ),
    )
)


@relative
def generator_for(data: Any, other: str) -> Check:
    """None, or a random generator of the library of another argument."""
    library, example = np.random, "np.random.default_rng(0)"
    if _is_tensor(data):
        library, example = torch, "torch.Generator().manual_seed(0)"
    what = f"a generator such as {example}, as {other} is a {_kind(data)}"
    return _checks.optional(
        all_of(
            takes(what, lambda x: isinstance(x, library.Generator)),
            must(
                f"be on the device of {other}, {data.device}",
                # What is on the device meta has no numbers: any generator will do.
                lambda x: (
                    not _has_numbers(data) or data.device == getattr(x, "device", "cpu")
                ),
                lambda x: x.device,
            ),
        )
    )


def list_of(what: str, one: str, *checks: Check) -> Check:
    """A list whose entries pass checks; errors call them w[0], w[1] and so on.

    An array, a network or a dict is most likely meant as one.
    """

    def check(name: str, value: Any, arguments: Any) -> list[Any]:
        hint = ""
        if _is_array(value):
            hint = f": for a single one write [{one}]"
        elif isinstance(value, torch.nn.Module):
            hint = ": write net.parameters()"
        elif isinstance(value, Mapping):
            hint = f": write {name}.values()"
        elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
            return [
                all_of(*checks)(f"{name}[{i}]", entry, arguments)
                for i, entry in enumerate(value)
            ]
        raise TypeError(f"{name} must be a list of {what}, got {describe(value)}{hint}")

    return check


def once(name: str, value: list[Any], _: Any) -> list[Any]:
    """A list of different objects, be they equal or not."""
    places: dict[int, int] = {}
    for i, entry in enumerate(value):
        j = places.setdefault(id(entry), i)
        if j != i:
            raise ValueError(
                f"{name}[{i}] must be given once, but it is {name}[{j}], too"
            )
    return value


changeable = all_of(
    takes("a NumPy array or a torch tensor, which can be changed in place", _is_array),
    floating,
    typed(
        "be float32 or wider, as small steps vanish in 16 bits",
        lambda x: x.dtype.itemsize >= 4,
    ),
    must(
        "be writable, got a read-only array",
        lambda x: _is_tensor(x) or x.flags.writeable,
    ),
    must(
        "be a leaf tensor, got the result of an operation: compute it first, then call "
        "requires_grad_() on it",
        lambda x: not _is_tensor(x) or x.is_leaf,
    ),
)
with_gradient = must(
    "have a gradient",
    lambda x: x.grad is not None,
    lambda x: (
        "none: call backward() first"
        if x.requires_grad
        else "none: set requires_grad=True and call backward() first"
    ),
)
not_empty = must("hold at least one array or tensor, got none", len)
parameters = all_of(list_of("arrays or tensors", "w", changeable), not_empty, once)
with_gradients = all_of(
    list_of("torch tensors", "w", tensor, changeable, with_gradient), not_empty, once
)
same_lengths = all_of(
    list_of("torch tensors", "X", tensor, rows),
    must("hold at least one tensor, got none", len),
    must(
        "have equal lengths",
        lambda x: len({*map(len, x)}) == 1,
        lambda x: [*map(len, x)],
    ),
)


def _item(value: Any) -> Any:
    one = _is_array(value) and math.prod(value.shape) == 1 and _has_numbers(value)
    return value.item() if one else value


number = all_of(
    lambda name, value, _: _item(value),
    _checks.number("a finite number", math.isfinite),
)
weights = all_of(
    floats,
    shaped(
        "be a vector or a single column", lambda w: w.ndim and w.shape[1:] in ((), (1,))
    ),
    must("hold at least one weight, got none", len),
    typed(
        "be float32 or float64",
        lambda w: _is_tensor(w) or w.dtype in (np.float32, np.float64),
    ),
    # Examples have no gradient.
    lambda name, w, _: w.detach() if _is_tensor(w) else w,
)
weights_of = relative(
    lambda X, other: all_of(
        like(X, other),
        floats_with(other),
        shaped(
            f"have one weight for each of the {X.shape[1]} columns of {other}",
            lambda w: w.shape in ((X.shape[1], 1), (X.shape[1],)),
        ),
    )
)


# It need not be finite: a training that diverges goes on to the end.
bias_of = relative(
    lambda X, other: all_of(
        takes(
            f"a number, or a {_kind(X)}, like {other}, that holds one",
            lambda b: (
                _checks.is_real(b)
                or (_is_array(b) and _kind(b) == _kind(X) and math.prod(b.shape) == 1)
            ),
        ),
        lambda name, b, _: (real if _is_array(b) else _checks.as_float)(name, b, _),
        # More than one axis would make a row of the predictions.
        lambda name, b, _: b.reshape(1) if np.ndim(b) > 1 else b,
    )
)
scores = all_of(
    floats,
    shaped(
        "have one score for each class along the last axis",
        lambda z: z.ndim and z.shape[-1],
    ),
)


def classes_of(first: Any, other: str, shape: tuple[int, ...]) -> Check:
    """One class for each row of another argument, or for each of its classes."""

    def got(y: Any) -> str:
        one_hot = y.shape == first.shape != shape
        hint = ": for one-hot rows give argmax(axis=-1)" if one_hot else ""
        return f"shape {tuple(y.shape)}{hint}"

    return all_of(
        like(first, other, lists=True),
        real,
        must(
            f"have one class for each row of {other}, shape {tuple(shape)}",
            lambda y: y.shape == shape,
            got,
        ),
        classes,
    )


def comparable(name: str, x: Any, _: Any) -> Any:
    """An array or tensor whose entries can be compared."""
    if str(x.dtype) in ("torch.bool", "torch.uint16", "torch.uint32", "torch.uint64"):
        return x.long()
    return x


classes = all_of(
    typed(
        "hold classes, whole numbers from 0",
        lambda y: not _is_floating(y) and "bool" not in str(y.dtype),
    ),
    comparable,
)
right_class = relative(
    lambda logits, other: all_of(
        classes_of(logits, other, logits.shape[:-1]),
        must(
            f"be classes from 0 to {logits.shape[-1] - 1}",
            lambda y: (
                0 in y.shape
                or not _has_numbers(y)
                or 0 <= int(y.min()) <= int(y.max()) < logits.shape[-1]
            ),
            lambda y: int(y.min() if y.min() < 0 else y.max()),
        ),
    )
)
predictions = all_of(
    lambda name, y, _: y.data if isinstance(y, autograd.Node) else y,
    real,
    shaped(
        "have a row of scores, or one class, for each example",
        lambda y: y.ndim == 1 or (y.ndim == 2 and y.shape[1] > 1),
    ),
    must("hold at least one example, got none", len),
    must("hold numbers, not be on the device meta, which has none", _has_numbers),
    lambda name, y, _: (classes if y.ndim == 1 else comparable)(name, y, _),
)
right_classes = relative(lambda y_hat, other: classes_of(y_hat, other, y_hat.shape[:1]))
