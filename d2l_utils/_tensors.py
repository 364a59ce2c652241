"""Input checks for NumPy arrays and torch tensors; see `_checks`."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from . import _checks, autograd
from ._checks import Check, all_of, as_float64, describe, must, relative, takes
from ._torch import torch


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or _is_tensor(value)


def _kind(value: Any) -> str:
    return "torch tensor" if _is_tensor(value) else "NumPy array"


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
    lambda x: (
        describe(x) + (": use torch.from_numpy" if isinstance(x, np.ndarray) else "")
    ),
    TypeError,
)
floating = typed(
    "hold floating-point numbers, such as 1.0 and not 1",
    lambda x: x.is_floating_point() if _is_tensor(x) else x.dtype.kind == "f",
)
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
        as_float64(name, value)  # says what is wrong
        value = np.asarray(value)
    return not_complex(name, value, arguments)


def floats(name: str, value: Any, arguments: Any) -> Any:
    """Floating-point numbers; what is not torch's may be others and becomes float64."""
    if _is_tensor(value) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return floating(name, value, arguments)
    return as_float64(name, value)


def like(first: Any, other: str, *, lists: bool = False) -> Check:
    """An array or tensor of the kind of another value; a list may become an array."""
    return takes(
        f"a {_kind(first)}, like {other}",
        lambda x: _kind(x) == _kind(first) and (lists or _is_array(x)),
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
    return _checks.optional(takes(what, lambda x: isinstance(x, library.Generator)))


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


def gradients(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
    """One gradient for each parameter of an optimizer, or None for their ``.grad``."""
    params = arguments["self"].params
    if value is None:
        if any(isinstance(param, np.ndarray) for param in params):
            raise ValueError("NumPy arrays have no .grad: pass the gradients to step")
        if all(param.grad is None for param in params):
            raise ValueError(
                "no parameter has a gradient: call backward() first, or pass the "
                "gradients to step"
            )
        return None
    n = len(params)
    grads = all_of(
        list_of("arrays or tensors", "g"),
        must(
            f"hold one gradient for each of the {n} parameters",
            lambda g: len(g) == n,
            len,
        ),
    )(name, value, arguments)
    return [
        _checks.optional(gradient_for(param))(f"{name}[{i}]", grad, arguments)
        for i, (param, grad) in enumerate(zip(params, grads, strict=True))
    ]


def gradient_for(param: Any) -> Check:
    """A copy, since the gradient of x * y is [y, x], which the step changes."""

    def copy(name: str, grad: Any, _: Any) -> Any:
        if _is_tensor(param):
            return grad.detach().to(param.dtype, copy=True)
        same = isinstance(grad, np.ndarray) and grad.dtype == param.dtype
        return np.array(grad if same else as_float64(name, grad), dtype=param.dtype)

    return all_of(
        *([like(param, "its parameter"), not_complex] if _is_tensor(param) else []),
        copy,
        shaped(
            f"have the shape of its parameter, {tuple(param.shape)}",
            lambda grad: grad.shape == param.shape,
        ),
    )


def _item(value: Any) -> Any:
    return value.item() if _is_array(value) and math.prod(value.shape) == 1 else value


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
    # Examples have no gradient.
    lambda name, w, _: w.detach() if _is_tensor(w) else w,
)
weights_of = relative(
    lambda X, other: all_of(
        like(X, other),
        shaped(
            f"have one weight for each of the {X.shape[1]} columns of {other}",
            lambda w: w.shape in ((X.shape[1], 1), (X.shape[1],)),
        ),
        typed(
            f"have the dtype of {other}, {X.dtype}",
            lambda w: not _is_tensor(w) or w.dtype == X.dtype,
        ),
    )
)


# It need not be finite: a training that diverges goes on to the end.
bias_of = relative(
    lambda X, other: all_of(
        takes(
            f"a number, or a {_kind(X)}, like {other}, that holds one",
            lambda b: (
                _checks.is_real(_item(b)) and (not _is_array(b) or _kind(b) == _kind(X))
            ),
        ),
        # More than one axis would make a row of the predictions.
        lambda name, b, _: b.reshape(1) if _is_array(b) and b.ndim > 1 else b,
    )
)
scores = all_of(
    floats,
    shaped(
        "have one score for each class along the last axis",
        lambda z: z.ndim and z.shape[-1],
    ),
)


def _is_whole(x: Any) -> bool:
    if _is_tensor(x):
        return not x.is_floating_point() and x.dtype != torch.bool
    return x.dtype.kind in "iu"


classes = all_of(real, typed("hold classes, whole numbers from 0", _is_whole))
classes_of = relative(
    lambda logits, other: all_of(
        like(logits, other, lists=True),
        classes,
        shaped(
            f"have one class for each row of {other}, shape {tuple(logits.shape[:-1])}",
            lambda y: y.shape == logits.shape[:-1],
        ),
        must(
            f"be classes from 0 to {logits.shape[-1] - 1}",
            lambda y: (
                0 in y.shape or 0 <= int(y.min()) <= int(y.max()) < logits.shape[-1]
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
    lambda name, y, _: classes(name, y, _) if y.ndim == 1 else y,
)
right_classes = relative(
    lambda y_hat, other: all_of(
        like(y_hat, other, lists=True),
        classes,
        shaped(
            f"have one class for each of the {len(y_hat)} examples in {other}, shape "
            f"({len(y_hat)},)",
            lambda y: y.shape == y_hat.shape[:1],
        ),
    )
)


def batches(name: str, value: Any, _: Any) -> Iterator[tuple[Any, Any]]:
    """Pairs of features and labels, at least one."""
    message = f"{name} must give batches (features, labels), got "
    if _is_array(value) or not isinstance(value, Iterable):
        raise TypeError(message + describe(value))

    def pairs() -> Iterator[tuple[Any, Any]]:
        number = -1
        for number, batch in enumerate(value):
            if not (isinstance(batch, tuple | list) and len(batch) == 2):
                raise TypeError(f"{message}{describe(batch)} as batch {number}")
            yield batch[0], batch[1]
        if number < 0:
            raise ValueError(
                f"{name} must give at least one batch, got none: an iterator can be "
                "used only once"
            )

    return pairs()
