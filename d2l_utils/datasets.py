"""Bundled data sets and benchmark results."""

import json
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _checks
from ._places import bundled


class Wine(NamedTuple):
    """What ``load_wine`` returns."""

    features: NDArray[np.float64]
    labels: NDArray[np.float64]
    feature_names: list[str]
    label_name: str
    cultivar: NDArray[np.int64]


def load_wine() -> Wine:
    """Load 178 Italian wines: twelve measurements of each, and its alcohol.

    The rows are sorted by cultivar (the kind of grape), so shuffle them before you
    split them.

    Returns:
        A named tuple with ``features`` of shape (178, 12) and ``labels`` of shape
        (178, 1), the alcohol in percent by volume, both float64;
        ``feature_names``, ``label_name``, and ``cultivar`` of shape (178,): 1, 2
        or 3. The arrays are new at each call.

    Raises:
        FileNotFoundError: the file that belongs to the package is missing.

    Source: S. Aeberhard and M. Forina, *Wine*, UCI Machine Learning Repository
    (1992), doi 10.24432/C5PC7J, license CC BY 4.0.
    """
    path = bundled("data/wine.csv")
    with path.open(encoding="utf-8") as file:
        _, label_name, *feature_names = file.readline().strip().split(",")
        cultivar, label, *features = np.loadtxt(file, delimiter=",", unpack=True)
    return Wine(
        np.column_stack(features),
        label.reshape(-1, 1).copy(),
        feature_names,
        label_name,
        cultivar.astype(np.int64),
    )


# Running times, and what many long trainings came to.
RECORDS = (
    "benchmarks/results.json",
    "benchmarks/generalization.json",
    "benchmarks/scaling.json",
)


def load_benchmark(name: str) -> Any:
    """Load a result of the benchmarks, as it was when it was last recorded.

    A lesson takes running times from here, never from the clock, and what takes many
    long trainings: so its outputs stay the same.

    Args:
        name: the name of the result.

    Returns:
        What the benchmark measured: lists, dicts and numbers, times in seconds.

    Raises:
        TypeError: ``name`` is not a string.
        ValueError: there is no result of this name; the message lists all names.
        FileNotFoundError: the file that belongs to the package is missing.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, got {_checks.describe(name)}")
    results: dict[str, Any] = {}
    for path in RECORDS:
        results |= json.loads(bundled(path).read_text(encoding="utf-8"))["results"]
    if name not in results:
        known = ", ".join(sorted(results))
        raise ValueError(f"name must be one of {known}; got {name!r}")
    return results[name]
