"""Rows: one epoch through the ways of paths.py and through Keras."""

import contextlib
import importlib.util
import os
import tempfile
from functools import partial
from pathlib import Path

import torch

import epoch_images
import paths
from timing import Missing, Worker, compare, one_core

WORKER = Path(__file__).with_name("worker.py")
THREADS = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"
ONE_THREAD = dict.fromkeys(THREADS, "1")


def environment(one_thread):
    """The environment variables of a worker: no GPU, one thread or the default."""
    inherited = {key: value for key, value in os.environ.items() if key not in THREADS}
    variables = inherited | {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    if one_thread:
        variables |= ONE_THREAD
        variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return variables


@contextlib.contextmanager
def worker(name, file, *, one_thread):
    """A worker for a while, or what is missing for it."""
    if name == "keras-jax" and importlib.util.find_spec("jax") is None:
        yield Missing(
            "jax is not installed: pip install -r benchmarks/requirements.txt"
        )
        return
    with Worker(
        WORKER, name, str(file), environment=environment(one_thread)
    ) as process:
        yield process


def epoch(data=None, repeats=7, slow_repeats=3):
    """One epoch in pairs on one core, then with the default number of threads.

    Args:
        data: the images, those of ``epoch_images.load`` by default.
        repeats: for pairs of fast paths.
        slow_repeats: for pairs with a slow path.

    Returns:
        The rows.
    """
    data = epoch_images.load() if data is None else data
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "digits.npz"
        data.save(file)
        with one_core():
            rows = on_one_core(data, file, repeats, slow_repeats)
        return rows + with_default_threads(data, file, repeats)


def on_one_core(data, file, repeats, slow_repeats):
    """The rows of one thread; the core is shared, and one side at a time works."""
    row = partial(compare, f"epoch on {data.name}, one core")
    pytorch, single_images, normalized_images, load_array, engine, by_hand = (
        (label, partial(path, data))
        for label, path in (
            ("PyTorch, fused Adam", paths.pytorch),
            ("image by image", paths.single_images),
            ("image by image, normalized", paths.normalized_images),
            ("d2l.load_array", paths.load_array),
            ("d2l.Tensor", paths.engine),
            ("gradients by hand", paths.by_hand),
        )
    )
    operands = paths.products_operands(data)
    numpy_products = "NumPy's products", partial(paths.products, *operands)
    tensors = map(torch.from_numpy, operands)
    torch_products = "PyTorch's products", partial(paths.products, *tensors)
    rows = [
        row(pytorch, single_images, repeats=slow_repeats),
        row(pytorch, normalized_images, repeats=slow_repeats),
        row(pytorch, load_array, repeats=repeats),
    ]
    with worker("keras-jax", file, one_thread=True) as process:
        keras_jax = "Keras on JAX", process
        rows.append(row(pytorch, keras_jax, repeats=repeats))
        rows.append(row(by_hand, keras_jax, repeats=repeats))
    with worker("keras-torch", file, one_thread=True) as process:
        keras_torch = "Keras on PyTorch", process
        rows.append(row(pytorch, keras_torch, repeats=slow_repeats))
    for ours, reference in (
        (by_hand, pytorch),
        (engine, pytorch),
        (pytorch, torch_products),
        (engine, numpy_products),
    ):
        rows.append(row(ours, reference, repeats=repeats))
    return rows


def with_default_threads(data, file, repeats):
    """The rows in which every library takes as many threads as it likes."""
    row = partial(compare, f"epoch on {data.name}, default threads")
    rows = []
    with worker("keras-jax", file, one_thread=False) as keras_jax:
        for label, path in (
            ("PyTorch, fused Adam", paths.pytorch),
            ("gradients by hand", paths.by_hand),
        ):
            with worker(path.__name__, file, one_thread=False) as process:
                sides = (label, process), ("Keras on JAX", keras_jax)
                rows.append(row(*sides, repeats=repeats))
    return rows
