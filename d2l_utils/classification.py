"""Classification: scores, probabilities, losses and accuracy (lessons 07 and 08)."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from . import _checks, _tensors
from ._torch import torch

F = TypeVar("F", bound=Callable[..., Any])


@_checks.checked(z=_tensors.scores)
def softmax(z: Any) -> Any:
    """Turn scores into probabilities: positive, with sum 1 along the last axis.

    Args:
        z: scores, of shape (..., classes): a NumPy array, a list, or a torch tensor.

    Returns:
        ``exp(z) / sum(exp(z))``, of the same shape, kind and precision, float64 for
        whole numbers; no score is too large.

    Raises:
        TypeError: ``z`` is not made of real numbers.
        ValueError: ``z`` is a single number or has no class.
    """
    library = torch if isinstance(z, torch.Tensor) else np
    e = library.exp(z - library.amax(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _tensors_alike(measure: Callable[..., Any]) -> Callable[..., Any]:
    """Let a loss do with PyTorch for tensors what it does with NumPy."""

    @functools.wraps(measure)
    def wrapper(logits: Any, labels: Any) -> Any:
        if not isinstance(logits, torch.Tensor):
            return measure(logits, labels)
        shifted = logits - torch.amax(logits, dim=-1, keepdim=True)
        classes = torch.arange(logits.shape[-1], device=logits.device)
        right = torch.where(labels[..., None] == classes, shifted, 0)
        return torch.log(torch.exp(shifted).sum(dim=-1)) - right.sum(dim=-1)

    return wrapper


@_checks.checked(logits=_tensors.scores, labels=_tensors.right_class("logits"))
@_tensors_alike
def cross_entropy(logits: Any, labels: Any) -> Any:
    """Measure how little probability the right class gets: ``-log(softmax)`` there.

    Args:
        logits: scores, of shape (..., classes): a NumPy array, a list, or a torch
            tensor.
        labels: the right classes, whole numbers from 0, of shape (...): of the same
            kind and on the same device.

    Returns:
        One loss for each example, of the shape of ``labels``.

    Raises:
        TypeError: ``logits`` are not real numbers or ``labels`` not whole ones, or
            one is a torch tensor and the other is not.
        ValueError: the shapes do not fit, or a label is no class.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    right = np.take_along_axis(shifted, labels[..., None], axis=-1)[..., 0]
    return np.log(np.exp(shifted).sum(axis=-1)) - right


@_checks.checked(y_hat=_tensors.predictions, y=_tensors.right_classes("y_hat"))
def accuracy(y_hat: Any, y: Any) -> float:
    """Compute the fraction of examples whose predicted class is the right one.

    Args:
        y_hat: scores or probabilities, of shape (n, classes), of which the largest
            counts, or predicted classes, of shape (n,): a NumPy array, a list, or a
            torch tensor.
        y: the right classes, of shape (n,): of the same kind.

    Returns:
        A number from 0 to 1.

    Raises:
        TypeError: the arguments are not numbers, or of two kinds.
        ValueError: the shapes do not fit, or there is no example.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.6.
    """
    if y_hat.ndim > 1:
        y_hat = y_hat.argmax(axis=-1)
    return int((y_hat == y).sum()) / len(y)


def _batches(name: str, value: Any, _: Any) -> Iterator[tuple[Any, Any]]:
    """Pairs of features and labels, at least one."""
    message = f"{name} must give batches (features, labels), got "
    if isinstance(value, np.ndarray | torch.Tensor) or not isinstance(value, Iterable):
        raise TypeError(message + _checks.describe(value))

    def pairs() -> Iterator[tuple[Any, Any]]:
        number = -1
        for number, batch in enumerate(value):
            if not (isinstance(batch, tuple | list) and len(batch) == 2):
                raise TypeError(f"{message}{_checks.describe(batch)} as batch {number}")
            yield batch[0], batch[1]
        if number < 0:
            raise ValueError(
                f"{name} must give at least one batch, got none: an iterator can be "
                "used only once"
            )

    return pairs()


def _keeping_modes(evaluate: F) -> F:
    """Put a network in evaluation mode, and give each module its own mode back.

    Some layers behave differently while they learn. ``train()`` sets one mode for all.
    """

    @functools.wraps(evaluate)
    def wrapper(net: Any, data_iter: Any) -> float:
        modules = list(net.modules()) if isinstance(net, torch.nn.Module) else []
        modes = [module.training for module in modules]
        training = getattr(net, "training", False)
        try:
            if training:
                net.eval()
            return evaluate(net, data_iter)  # type: ignore[no-any-return]
        finally:
            if training:
                net.train()
            for module, mode in zip(modules, modes, strict=True):
                module.training = mode

    return wrapper  # type: ignore[return-value]


@_checks.checked(net=_checks.function, data_iter=_batches)
@_keeping_modes
def evaluate_accuracy(net: Any, data_iter: Iterable[tuple[Any, Any]]) -> float:
    """Compute the accuracy of a network on all mini-batches together.

    Args:
        net: a function, or a ``torch.nn.Module``, that turns a batch of features into
            scores of shape (n, classes). A module is in evaluation mode meanwhile;
            afterwards each of its parts has the mode that it had before.
        data_iter: mini-batches ``(features, labels)``.

    Returns:
        The fraction of all examples whose class ``net`` predicts, from 0 to 1.

    Raises:
        TypeError: ``net`` is not a function or ``data_iter`` holds no batches.
        ValueError: there is no batch, or the shapes do not fit.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.6.
    """
    right = total = 0
    with torch.no_grad():
        for X, y in data_iter:
            right += round(accuracy(net(X), y) * len(y))
            total += len(y)
    return right / total
