"""Linear regression on mini-batches (lessons 04 and 05)."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from . import _checks, _tensors
from ._torch import data, torch


def _tensors_alike(make: Callable[..., Any]) -> Callable[..., Any]:
    """Let a maker of examples do with PyTorch for tensors what it does with NumPy."""

    @functools.wraps(make)
    def wrapper(
        w: Any, b: Any, num_examples: int, *, noise: float = 0.01, generator: Any = None
    ) -> Any:
        if not isinstance(w, torch.Tensor):
            return make(w, b, num_examples, noise=noise, generator=generator)

        def normal(columns: int) -> Any:
            shape = num_examples, columns
            return torch.randn(
                shape, generator=generator, dtype=w.dtype, device=w.device
            )

        X = normal(len(w))
        errors = normal(1)
        return X, X @ w.reshape(-1, 1) + b + noise * errors

    return wrapper


@_checks.checked(
    w=_tensors.weights,
    b=_tensors.number,
    num_examples=_checks.positive_count,
    noise=_checks.non_negative,
    generator=_tensors.generator_for("w"),
)
@_tensors_alike
def synthetic_data(
    w: Any,
    b: Any,
    num_examples: int,
    *,
    noise: float = 0.01,
    generator: Any = None,
) -> tuple[Any, Any]:
    """Make examples of a line with known weights: ``y = X w + b + errors``.

    Args:
        w: the true weights, d of them: a torch tensor for tensors of its dtype, on
            its device; or a NumPy array for arrays of its dtype, float32 or float64.
            Lists and whole numbers count as float64.
        b: the true bias, a number.
        num_examples: how many examples to make, n, at least 1.
        noise: the standard deviation of the errors, at least 0.
        generator: a ``torch.Generator`` if ``w`` is a tensor, else a
            ``numpy.random.Generator``; the same state gives the same examples.

    Returns:
        ``(X, y)``: features of shape (n, d), each from the standard normal
        distribution, and labels of shape (n, 1).

    Raises:
        TypeError: an argument is not made of numbers, or the generator is of the
            other library.
        ValueError: ``w`` is neither a vector nor a single column, ``num_examples``
            is below 1, ``noise`` is negative or not finite, or the generator is on
            another device.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.2.
    """
    rng = np.random.default_rng(generator)
    X = rng.standard_normal((num_examples, len(w)), dtype=w.dtype)
    errors = rng.standard_normal((num_examples, 1), dtype=w.dtype)
    y = X @ w.reshape(-1, 1) + b + noise * errors
    return X, y


@_checks.checked(
    batch_size=_checks.positive_count,
    features=_tensors.examples,
    labels=_tensors.rows_like("features"),
    generator=_tensors.generator_for("features"),
)
def data_iter(
    batch_size: int, features: Any, labels: Any, *, generator: Any = None
) -> Iterator[tuple[Any, Any]]:
    """Go once through all examples, in random order, one mini-batch at a time.

    Args:
        batch_size: examples in a batch, at least 1; the last batch is shorter if it
            does not divide their number.
        features: n examples along the first axis, a NumPy array or a torch tensor.
        labels: their n labels, of the same kind and on the same device.
        generator: a ``numpy.random.Generator`` for arrays, a ``torch.Generator`` for
            tensors; the same state gives the same order. Without it the order of
            arrays is new each time, that of tensors follows ``torch.manual_seed``.

    Yields:
        ``(features, labels)`` of each batch: copies, which share no memory with the
        data or with each other.

    Raises:
        TypeError: the data are not two arrays or two tensors, the generator is of
            the other library, or ``batch_size`` is not a whole number.
        ValueError: the lengths differ, there is no example, ``batch_size`` is below
            1, or the generator is on another device.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.2.
    """
    num_examples = len(features)
    if isinstance(features, torch.Tensor):
        device = features.device
        order = torch.randperm(num_examples, generator=generator, device=device)
    else:
        order = np.random.default_rng(generator).permutation(num_examples)
    for start in range(0, num_examples, batch_size):
        batch = order[start : start + batch_size]
        yield features[batch], labels[batch]


def _drawn_on_cpu(load: Callable[..., Any]) -> Callable[..., Any]:
    """Let a loader draw its order on the CPU, whatever the default device is."""

    def drawn(start: Callable[[], Iterator[Any]]) -> Iterator[Any]:
        batches = None
        while True:
            # Only while it draws: what uses a batch has its own default device.
            with torch.device("cpu"):
                batches = batches or start()
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    @functools.wraps(load)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        loader = load(*args, **kwargs)

        class Loader(type(loader)):  # type: ignore[misc]
            def __iter__(self) -> Iterator[Any]:
                start = super().__iter__
                on_cpu = torch.get_default_device().type == "cpu"
                return start() if on_cpu else drawn(start)

        loader.__class__ = Loader
        return loader

    return wrapper


@_drawn_on_cpu
@_checks.checked(
    data_arrays=_tensors.same_lengths,
    batch_size=_checks.positive_count,
    is_train=_checks.true_or_false,
)
def load_array(
    data_arrays: Sequence[Any], batch_size: int, is_train: bool = True
) -> Any:
    """Mini-batches through PyTorch's ``DataLoader``.

    Args:
        data_arrays: torch tensors with one row for each example, such as
            ``(features, labels)``.
        batch_size: examples in a batch, at least 1; the last batch may be shorter.
        is_train: whether every pass goes through the examples in a new random order.

    Returns:
        A ``torch.utils.data.DataLoader``: each pass over it yields a list with the
        rows of each tensor.

    Raises:
        TypeError: an argument is of another type.
        ValueError: the lengths differ, there is no example, or ``batch_size`` is
            below 1.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.3.
    """
    dataset = data.TensorDataset(*data_arrays)
    return data.DataLoader(dataset, batch_size, shuffle=is_train)


@_checks.checked(
    X=_checks.all_of(_tensors.matrix, _tensors.floats_with("w")),
    w=_tensors.weights_of("X"),
    b=_tensors.bias_of("X"),
)
def linreg(X: Any, w: Any, b: Any) -> Any:
    """Predict with a linear model: ``X w + b``.

    Args:
        X: features of shape (n, d), a NumPy array or a torch tensor.
        w: weights of shape (d, 1) or (d,), of the same kind.
        b: the bias, a number, or an array or tensor that holds one.

    Returns:
        The predictions, of shape (n, 1) or (n,), in the precision of ``X`` and ``w``
        together: float64 if both hold whole numbers.

    Raises:
        TypeError: an argument is of another kind or on another device.
        ValueError: there is not one weight for each column of ``X``.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.2.
    """
    return X @ w + b


@_checks.checked(
    y_hat=_checks.all_of(_tensors.array_or_tensor, _tensors.floats_with("y")),
    y=_tensors.entries_like("y_hat"),
)
def squared_loss(y_hat: Any, y: Any) -> Any:
    """Half the squared error of each example: ``(y_hat - y)**2 / 2``.

    Args:
        y_hat: predictions, a NumPy array or a torch tensor of any shape.
        y: labels of the same kind and number; they take the shape of ``y_hat``.

    Returns:
        One loss for each example, of the shape of ``y_hat``, in the precision of the
        two together: float64 if both hold whole numbers.

    Raises:
        TypeError: the two are not arrays, or not tensors on one device.
        ValueError: the numbers of entries differ.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.2.
    """
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


@_checks.checked(
    params=_tensors.with_gradients,
    lr=_checks.non_negative,
    batch_size=_checks.positive_count,
)
def sgd(params: Iterable[Any], lr: float, batch_size: int) -> None:
    """Take one step of mini-batch gradient descent in place, and forget the slopes.

    It pairs with ``loss.sum().backward()``: dividing by ``batch_size`` makes the mean
    of the sum.

    Args:
        params: torch tensors with a gradient in ``.grad``.
        lr: the learning rate, at least 0.
        batch_size: what the gradients are divided by, at least 1.

    Raises:
        TypeError: ``params`` is not a list of tensors, or another argument is not a
            number of the right kind.
        ValueError: a tensor has no gradient, ``lr`` is negative, or ``batch_size``
            is below 1.

    Source: A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*,
    release 0.17, section 3.2.
    """
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()
