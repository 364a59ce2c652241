"""Rows: the helpers and optimizers of the package against what does the same."""

from functools import partial

import numpy as np
import torch

import d2l_utils as d2l
from d2l_utils.optimizers import OPTIMIZERS
from timing import compare, exhaust


def index_tensors(batch_size, X, y, generator):
    """What ``data_iter`` does, by hand for tensors."""
    order = torch.randperm(len(X), generator=generator)
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        _ = X[batch], y[batch]


def index_arrays(batch_size, X, y, generator):
    """What ``data_iter`` does, by hand for arrays."""
    order = generator.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        _ = X[batch], y[batch]


def data_iter(examples=60_000, features=100, repeats=31, loader_repeats=7):
    """One pass through all examples: rows against plain indexing and ``DataLoader``."""
    tensors = torch.Generator().manual_seed(0)
    X = torch.randn(examples, features, generator=tensors)
    y = torch.randn(examples, 1, generator=tensors)
    arrays = np.random.default_rng(0)
    rows = []

    def ours(X, y, generator):
        label = "d2l.data_iter"
        return label, lambda: exhaust(
            d2l.data_iter(batch_size, X, y, generator=generator)
        )

    for kind, X_kind, y_kind, generator, by_hand in (
        ("torch tensors", X, y, tensors, index_tensors),
        ("NumPy arrays", X.numpy(), y.numpy(), arrays, index_arrays),
    ):
        for batch_size in (32, 256):
            rows.append(
                compare(
                    f"pass over {kind}, batch size {batch_size}",
                    ours(X_kind, y_kind, generator),
                    (
                        "plain indexing",
                        partial(by_hand, batch_size, X_kind, y_kind, generator),
                    ),
                    repeats=repeats,
                )
            )
    for batch_size in (32, 256):
        loader = d2l.load_array((X, y), batch_size)
        rows.append(
            compare(
                f"pass over torch tensors, batch size {batch_size}",
                ours(X, y, tensors),
                ("d2l.load_array", partial(exhaust, loader)),
                repeats=loader_repeats,
            )
        )
    return rows


def optimizers(entries=100_000, repeats=15, calls=100):
    """One step on a tensor: rows of our optimizers against those of PyTorch."""
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(entries, generator=generator)
    gradient = torch.randn(entries, generator=generator)
    rows = []
    for name, row in OPTIMIZERS.items():
        steps = []
        for optimizer in (row.rule, row.twin):
            param = start.clone().requires_grad_()
            param.grad = gradient.clone()
            # So small a rate that all values stay ordinary: subnormal ones are slow.
            steps.append(optimizer([param], lr=1e-6).step)
        rows.append(
            compare(
                f"step of {name}",
                (f"d2l.{name}", steps[0]),
                (f"torch.optim.{row.torch_name}", steps[1]),
                repeats=repeats,
                calls=calls,
            )
        )
    return rows
