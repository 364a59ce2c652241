"""Input checks for NumPy arrays and torch tensors; see `_checks`."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from . import _checks, autograd

ARRAY_OR_TENSOR = np.ndarray, torch.Tensor


def kind(value: Any) -> str:
    """Name the library that an array belongs to."""
    return "torch tensor" if isinstance(value, torch.Tensor) else "NumPy array"


def _entries(
    name: str, value: Any, one: str, what: str = "arrays or tensors"
) -> list[Any]:
    """The arrays of a list; a single array is most likely a list forgotten."""
    hint = ""
    if isinstance(value, ARRAY_OR_TENSOR):
        hint = f": for a single one write [{one}]"
    elif isinstance(value, torch.nn.Module):
        hint = ": write net.parameters()"
    elif isinstance(value, Mapping):
        hint = f": write {name}.values()"
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return list(value)
    raise TypeError(
        f"{name} must be a list of {what}, got {_checks.describe(value)}{hint}"
    )


def parameters(name: str, value: Any, _: Mapping[str, Any]) -> list[Any]:
    """Arrays or tensors that can be changed in place, each one once."""
    return _parameters(name, _entries(name, value, "w"))


def _parameters(name: str, params: list[Any]) -> list[Any]:
    if not params:
        raise ValueError(f"{name} must hold at least one array or tensor, got none")
    seen: dict[int, int] = {}
    for i, param in enumerate(params):
        where = f"{name}[{i}]"
        if not isinstance(param, ARRAY_OR_TENSOR):
            raise TypeError(
                f"{where} must be a NumPy array or a torch tensor, which can be "
                f"changed in place, got {_checks.describe(param)}"
            )
        if not _is_floating(param):
            raise TypeError(
                f"{where} must hold floating-point numbers, such as 1.0 and not 1, "
                f"got {param.dtype}"
            )
        if isinstance(param, np.ndarray) and not param.flags.writeable:
            raise ValueError(f"{where} must be writable, got a read-only array")
        if isinstance(param, torch.Tensor) and not param.is_leaf:
            raise ValueError(
                f"{where} must be a leaf tensor, got the result of an operation: "
                "compute it first, then call requires_grad_() on it"
            )
        if id(param) in seen:
            raise ValueError(
                f"{where} must be given once, but it is {name}[{seen[id(param)]}], too"
            )
        seen[id(param)] = i
    return params


def _is_floating(array: Any) -> bool:
    if isinstance(array, torch.Tensor):
        return bool(array.is_floating_point())
    return bool(array.dtype.kind == "f")


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
    grads = _entries(name, value, "g")
    if len(grads) != len(params):
        raise ValueError(
            f"{name} must hold one gradient for each of the {len(params)} parameters, "
            f"got {len(grads)}"
        )
    return [
        None if grad is None else _gradient(f"{name}[{i}]", grad, param)
        for i, (param, grad) in enumerate(zip(params, grads, strict=True))
    ]


def _gradient(name: str, grad: Any, param: Any) -> Any:
    # A copy: the gradient of x * y is [y, x], which the step changes.
    if isinstance(param, torch.Tensor):
        if not isinstance(grad, torch.Tensor):
            raise TypeError(
                f"{name} must be a torch tensor, like its parameter, "
                f"got {_checks.describe(grad)}"
            )
        if grad.is_complex():
            raise TypeError(f"{name} must hold real numbers, got {grad.dtype}")
        grad = grad.detach().to(param.dtype, copy=True)
    else:
        same = isinstance(grad, np.ndarray) and grad.dtype == param.dtype
        grad = grad if same else _checks.as_float64(name, grad)
        grad = np.array(grad, dtype=param.dtype)
    if grad.shape != param.shape:
        raise ValueError(
            f"{name} must have the shape of its parameter, {tuple(param.shape)}, "
            f"got {tuple(grad.shape)}"
        )
    return grad


def with_gradients(name: str, value: Any, arguments: Mapping[str, Any]) -> list[Any]:
    """Torch tensors that can be changed in place and have a gradient."""
    params = _entries(name, value, "w", "torch tensors")
    for i, param in enumerate(params):
        if not isinstance(param, torch.Tensor):
            raise TypeError(
                f"{name}[{i}] must be a torch tensor, got {_checks.describe(param)}"
            )
    for i, param in enumerate(_parameters(name, params)):
        if param.grad is None:
            wanted = "" if param.requires_grad else "set requires_grad=True and "
            raise ValueError(
                f"{name}[{i}] has no gradient: {wanted}call backward() first"
            )
    return params


def examples(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A NumPy array or torch tensor with at least one row."""
    array_or_tensor(name, value, _)
    if not value.shape:
        raise ValueError(f"{name} must have one row for each example, got one number")
    if not len(value):
        raise ValueError(f"{name} must hold at least one example, got none")
    return value


def rows_like(other: str) -> _checks.Check:
    """Examples of the kind and number of another argument."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        examples(name, value, arguments)
        first = arguments[other]
        if kind(value) != kind(first):
            raise TypeError(
                f"{other} and {name} must be of one kind, got a {kind(first)} and a "
                f"{kind(value)}"
            )
        if len(value) != len(first):
            raise ValueError(
                f"{other} and {name} must have equal lengths, got {len(first)} and "
                f"{len(value)}"
            )
        return value

    return check


def same_lengths(name: str, value: Any, arguments: Mapping[str, Any]) -> list[Any]:
    """Torch tensors with equal numbers of rows."""
    tensors = _entries(name, value, "X", "torch tensors")
    if not tensors:
        raise ValueError(f"{name} must hold at least one tensor, got none")
    for i, tensor in enumerate(tensors):
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(
                f"{name}[{i}] must be a torch tensor, got {_checks.describe(tensor)}"
                + (": use torch.from_numpy" if isinstance(tensor, np.ndarray) else "")
            )
        examples(f"{name}[{i}]", tensor, arguments)
    lengths = [len(tensor) for tensor in tensors]
    if len(set(lengths)) != 1:
        raise ValueError(f"{name} must have equal lengths, got {lengths}")
    return tensors


def generator_for(data: str) -> _checks.Check:
    """None, or a random generator of the library of another argument."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        if value is None:
            return None
        if isinstance(arguments[data], torch.Tensor):
            wanted, example = torch.Generator, "torch.Generator().manual_seed(0)"
        else:
            wanted, example = np.random.Generator, "np.random.default_rng(0)"
        if not isinstance(value, wanted):
            raise TypeError(
                f"{name} must be a generator such as {example}, as {data} is a "
                f"{kind(arguments[data])}, got {_checks.describe(value)}"
            )
        return value

    return check


def weights(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A vector, or a single column, of real numbers; a list becomes an array."""
    if isinstance(value, torch.Tensor):
        if not value.is_floating_point():
            raise TypeError(
                f"{name} must hold floating-point numbers, such as 1.0 and not 1, "
                f"got {value.dtype}"
            )
        value = value.detach()  # examples have no gradient
    else:
        value = _checks.as_float64(name, value)
    if not (value.ndim == 1 or (value.ndim == 2 and value.shape[1] == 1)):
        raise ValueError(
            f"{name} must be a vector or a single column, got shape "
            f"{tuple(value.shape)}"
        )
    if not len(value):
        raise ValueError(f"{name} must hold at least one weight, got none")
    return value


def number(name: str, value: Any, _: Mapping[str, Any]) -> float:
    """One finite real number, or an array or tensor that holds one, as a float."""
    single = _single(name, value)
    if not math.isfinite(single):
        raise ValueError(f"{name} must be a finite number, got {single}")
    return single


def _single(name: str, value: Any) -> float:
    if isinstance(value, ARRAY_OR_TENSOR) and math.prod(value.shape) == 1:
        value = value.item()
    return _checks.as_float(name, value)


def matrix(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A NumPy array or torch tensor with rows and columns."""
    examples(name, value, _)
    if value.ndim != 2:
        raise ValueError(
            f"{name} must have rows (examples) and columns (features), got shape "
            f"{tuple(value.shape)}"
        )
    return value


def _of_one_kind(name: str, value: Any, other: str, first: Any) -> None:
    if not isinstance(value, ARRAY_OR_TENSOR) or kind(value) != kind(first):
        raise TypeError(
            f"{name} must be a {kind(first)}, like {other}, "
            f"got {_checks.describe(value)}"
        )


def weights_of(features: str) -> _checks.Check:
    """An array or tensor with one row for each column of another argument."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        X = arguments[features]
        _of_one_kind(name, value, features, X)
        d = X.shape[1]
        if value.shape not in ((d, 1), (d,)):
            raise ValueError(
                f"{name} must have one weight for each of the {d} columns of "
                f"{features}, got shape {tuple(value.shape)}"
            )
        if isinstance(X, torch.Tensor) and value.dtype != X.dtype:
            raise TypeError(
                f"{name} must have the dtype of {features}, {X.dtype}, "
                f"got {value.dtype}"
            )
        return value

    return check


def bias_of(features: str) -> _checks.Check:
    """A real number, or an array or tensor, of the kind of another, that holds one.

    It need not be finite: a training that diverges goes on to the end.
    """

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        _single(name, value)
        if not isinstance(value, ARRAY_OR_TENSOR):
            return value
        X = arguments[features]
        if kind(value) != kind(X):
            raise TypeError(
                f"{name} must be a number or a {kind(X)}, like {features}, "
                f"got {_checks.describe(value)}"
            )
        # More than one axis would make a row of the predictions.
        return value.reshape(1) if value.ndim > 1 else value

    return check


def array_or_tensor(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """A NumPy array or torch tensor of any shape."""
    if not isinstance(value, ARRAY_OR_TENSOR):
        raise TypeError(
            f"{name} must be a NumPy array or a torch tensor, "
            f"got {_checks.describe(value)}"
        )
    return value


def entries_like(other: str) -> _checks.Check:
    """An array or tensor of the kind of another argument, with as many entries."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        first = arguments[other]
        _of_one_kind(name, value, other, first)
        if math.prod(value.shape) != math.prod(first.shape):
            raise ValueError(
                f"{name} must have as many entries as {other}, got shapes "
                f"{tuple(value.shape)} and {tuple(first.shape)}"
            )
        return value

    return check


def scores(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """Floating-point numbers with classes along the last axis; a list is an array."""
    if isinstance(value, torch.Tensor):
        if not value.is_floating_point():
            raise TypeError(
                f"{name} must hold floating-point numbers, such as 1.0 and not 1, "
                f"got {value.dtype}"
            )
    elif not (isinstance(value, np.ndarray) and _is_floating(value)):
        value = _checks.as_float64(name, value)
    if not value.shape or not value.shape[-1]:
        raise ValueError(
            f"{name} must have one score for each class along the last axis, got "
            f"shape {tuple(value.shape)}"
        )
    return value


def _array(name: str, value: Any) -> Any:
    """An array or tensor of real numbers as it is; a list becomes an array."""
    if isinstance(value, torch.Tensor):
        if value.is_complex():
            raise TypeError(f"{name} must be real numbers, got {value.dtype}")
        return value
    _checks.as_float64(name, value)  # says what is wrong
    return np.asarray(value)


def _classes(name: str, value: Any) -> Any:
    array = _array(name, value)
    if isinstance(array, torch.Tensor):
        whole = not array.is_floating_point() and array.dtype is not torch.bool
    else:
        whole = array.dtype.kind in "iu"
    if not whole:
        raise TypeError(
            f"{name} must hold classes, whole numbers from 0, got "
            f"{_checks.describe(value)} of dtype {array.dtype}"
        )
    return array


def _same_kind(name: str, value: Any, other: str, first: Any) -> None:
    if isinstance(value, torch.Tensor) != isinstance(first, torch.Tensor):
        raise TypeError(
            f"{other} and {name} must be of one kind, got a {kind(first)} and "
            f"{_checks.describe(value)}"
        )


def classes_of(other: str) -> _checks.Check:
    """One class for each row of the scores in another argument."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        logits = arguments[other]
        _same_kind(name, value, other, logits)
        labels = _classes(name, value)
        if labels.shape != logits.shape[:-1]:
            raise ValueError(
                f"{name} must have one class for each row of {other}, shape "
                f"{tuple(logits.shape[:-1])}, got shape {tuple(labels.shape)}"
            )
        classes = logits.shape[-1]
        if math.prod(labels.shape):
            low, high = int(labels.min()), int(labels.max())
            if low < 0 or high >= classes:
                raise ValueError(
                    f"{name} must be classes from 0 to {classes - 1}, got "
                    f"{low if low < 0 else high}"
                )
        return labels

    return check


def predictions(name: str, value: Any, _: Mapping[str, Any]) -> Any:
    """Rows of scores, or one class for each example."""
    array = _array(name, value.data if isinstance(value, autograd.Node) else value)
    if not 1 <= array.ndim <= 2 or (array.ndim == 2 and array.shape[1] < 2):
        raise ValueError(
            f"{name} must have a row of scores, or one class, for each example, got "
            f"shape {tuple(array.shape)}"
        )
    if not len(array):
        raise ValueError(f"{name} must hold at least one example, got none")
    return _classes(name, array) if array.ndim == 1 else array


def right_classes(other: str) -> _checks.Check:
    """One class for each of the predictions in another argument."""

    def check(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
        first = arguments[other]
        _same_kind(name, value, other, first)
        labels = _classes(name, value)
        if labels.shape != first.shape[:1]:
            raise ValueError(
                f"{name} must have one class for each of the {len(first)} examples "
                f"in {other}, shape ({len(first)},), got shape {tuple(labels.shape)}"
            )
        return labels

    return check


def batches(name: str, value: Any, _: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Pairs of features and labels, at least one."""
    if isinstance(value, ARRAY_OR_TENSOR) or not isinstance(value, Iterable):
        raise TypeError(
            f"{name} must give batches (features, labels), "
            f"got {_checks.describe(value)}"
        )
    return _pairs(name, value)


def _pairs(name: str, value: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    number = -1
    for number, batch in enumerate(value):
        if not (isinstance(batch, tuple | list) and len(batch) == 2):
            raise TypeError(
                f"{name} must give batches (features, labels), got "
                f"{_checks.describe(batch)} as batch {number}"
            )
        yield batch[0], batch[1]
    if number < 0:
        raise ValueError(
            f"{name} must give at least one batch, got none: an iterator can be used "
            "only once"
        )
