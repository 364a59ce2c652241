"""One training on several processes (lesson 10)."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _checks
from ._torch import torch


def _sliceable(name: str, value: Any, _: Any = None) -> Any:
    """Anything with a first axis that can be cut."""
    try:
        value[:0], len(value)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        raise TypeError(
            f"{name} must be an array, a tensor or a list, got "
            f"{_checks.describe(value)}"
        ) from error
    return value


_below = _checks.relative(
    lambda limit, other: _checks.must(
        f"be below {other}, which is {limit}", lambda n: n < limit, str
    )
)


@_checks.checked(
    data=_sliceable,
    world_size=_checks.positive_count,
    rank=_checks.all_of(_checks.count, _below("world_size")),
)
def shard(data: Any, rank: int, world_size: int) -> Any:
    """Deal out examples in turn, as cards: what one of several processes gets.

    Args:
        data: n examples along the first axis, an array, a tensor or a list.
        rank: the number of the process, from 0 to ``world_size - 1``.
        world_size: how many processes there are, at least 1.

    Returns:
        Every ``world_size``-th example from ``rank`` on. Each example goes to exactly
        one process, and the numbers of examples differ by one at most.

    Raises:
        TypeError: ``data`` has no first axis, or another argument is not a whole
            number.
        ValueError: ``world_size`` is below 1, or ``rank`` not from 0 to
            ``world_size - 1``.

    Source: the order of ``torch.utils.data.DistributedSampler``, without the examples
    that it repeats where ``world_size`` does not divide n.
    """
    return data[rank::world_size]


def _of_one_shape(name: str, value: Any, _: Any = None) -> list[NDArray[Any]]:
    """One or more arrays of the same shape, of one type."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        raise TypeError(
            f"{name} must be a list with an array for each process, got "
            f"{_checks.describe(value)}"
        )
    arrays = [_checks.as_array(f"{name}[{i}]", one) for i, one in enumerate(value)]
    shapes = [array.shape for array in arrays]
    if len(set(shapes)) != 1:
        got = " and ".join(map(str, sorted(set(shapes)))) or "none"
        raise ValueError(f"{name} must be one or more arrays of one shape, got {got}")
    dtype = np.result_type(*arrays)
    if dtype.kind in "biu":
        dtype = np.dtype(np.int64)
    return [array.astype(dtype) for array in arrays]


@_checks.checked(arrays=_of_one_shape)
def all_reduce_ring(arrays: Sequence[Any]) -> list[NDArray[Any]]:
    """Give each of n processes the sum of all their arrays, by talking in a ring.

    Each array is cut into n parts. In n - 1 steps each process adds what its left
    neighbor sends and passes it on, one part in each step (reduce-scatter); in n - 1
    more the finished parts go round (all-gather). So each process sends 2(n - 1)/n of
    an array, however many there are.

    Args:
        arrays: one array for each process, at least one, all of the same shape, which
            need not divide by their number; they are not changed.

    Returns:
        What each process holds in the end: the sum, in a list of new arrays of that
        shape, the same bits in each. Floating-point numbers keep the widest precision
        among the arrays; whole numbers count as int64.

    Raises:
        TypeError: ``arrays`` is not a list, or holds something but real numbers.
        ValueError: there is no array, or their shapes differ.

    Source: P. Patarasuk and X. Yuan, *Bandwidth optimal all-reduce algorithms for
    clusters of workstations*, Journal of Parallel and Distributed Computing 69 (2009).
    """
    n = len(arrays)
    parts = [np.array_split(array.flatten(), n) for array in arrays]
    for step in range(2 * (n - 1)):
        for rank in range(n):
            right, k = (rank + 1) % n, (rank - step) % n
            if step < n - 1:  # reduce-scatter: a part grows as it travels
                parts[right][k] += parts[rank][k]
            else:  # all-gather: the finished parts travel on
                parts[right][k] = parts[rank][k]
    return [np.concatenate(own).reshape(arrays[0].shape) for own in parts]


_path = _checks.all_of(
    _checks.takes("a path", lambda p: isinstance(p, str | os.PathLike)),
    lambda name, value, _: Path(value),
)


@_checks.checked(
    path=_path, state=_checks.takes("a dict", lambda s: isinstance(s, Mapping))
)
def save_checkpoint(path: str | os.PathLike[str], state: Mapping[str, Any]) -> None:
    """Write the state of a training into a file, all of it or nothing.

    Whoever is killed while writing leaves the file as it was before.

    Args:
        path: the file, which is replaced; its folder must exist.
        state: what ``torch.save`` can write: numbers, tensors, states of modules,
            optimizers and generators. ``torch.load`` reads it.

    Raises:
        TypeError: ``path`` is not a path, or ``state`` not a dict.
        OSError: the file cannot be written.
    """
    unfinished = Path(f"{path}.part")
    with unfinished.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())  # on the disk, not only on its way
    unfinished.replace(path)
