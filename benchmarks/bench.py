"""Time the package: pairs side by side as ratios, and batch sizes for lesson 05.

    python benchmarks/bench.py [--record] [--only NAME]

Every run writes latest.json beside this file; --record also writes results.json, from
which the lessons take their times. To add a result, write a function that returns it
and list it in RESULTS.
"""

import argparse
import contextlib
import gc
import itertools
import json
import os
import platform
import statistics
import sys
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter

# Read once, when NumPy and PyTorch load. One thread, as in the lessons.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import torch

import d2l_utils as d2l

FOLDER = Path(__file__).resolve().parent

OPTIMIZERS = {
    "SGD": torch.optim.SGD,
    "Momentum": partial(torch.optim.SGD, momentum=0.9),
    "Nesterov": partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    "AdaGrad": torch.optim.Adagrad,
    "RMSProp": torch.optim.RMSprop,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
}


@contextlib.contextmanager
def undisturbed():
    """One thread, and no garbage collection in the middle of a measurement."""
    threads, collecting = torch.get_num_threads(), gc.isenabled()
    torch.set_num_threads(1)
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        if collecting:
            gc.enable()


def rounded(number):
    """Four significant digits: the others are noise."""
    return float(f"{number:.4g}")


def seconds(function, calls=1):
    """How long a call takes on average."""
    start = perf_counter()
    for _ in range(calls):
        function()
    return (perf_counter() - start) / calls


def compare(name, ours, reference, *, repeats, calls=1):
    """Time two functions side by side.

    Args:
        name: what one call does.
        ours: ``(label, function)``, the function without arguments.
        reference: the same for what ours is compared with.
        repeats: how often to time both; the medians count.
        calls: how many calls one measurement spans.

    Returns:
        One row of the table.
    """
    sides = [ours[1], reference[1]]
    for function in sides:
        seconds(function, calls)  # warm up
    times = [[], []]
    for repeat in range(repeats):
        # In turns, so that neither side always finds what the other left behind.
        for side in (0, 1) if repeat % 2 == 0 else (1, 0):
            times[side].append(seconds(sides[side], calls))
    return {
        "name": name,
        "ours": ours[0],
        "reference": reference[0],
        "seconds": {
            "ours": rounded(statistics.median(times[0])),
            "reference": rounded(statistics.median(times[1])),
        },
        # Not the ratio of medians: a slow moment of the machine hits both sides.
        "ratio": rounded(statistics.median(a / b for a, b in zip(*times, strict=True))),
        "repeats": repeats,
    }


def exhaust(iterator):
    """Take all that an iterator gives."""
    for _ in iterator:
        pass


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
    for name, theirs in OPTIMIZERS.items():
        steps = []
        for optimizer in (getattr(d2l, name), theirs):
            param = start.clone().requires_grad_()
            param.grad = gradient.clone()
            # So small a rate that all values stay ordinary: subnormal ones are slow.
            steps.append(optimizer([param], lr=1e-6).step)
        function = theirs.func if isinstance(theirs, partial) else theirs
        rows.append(
            compare(
                f"step of {name}",
                (f"d2l.{name}", steps[0]),
                (f"torch.optim.{function.__name__}", steps[1]),
                repeats=repeats,
                calls=calls,
            )
        )
    return rows


def start_of(X):
    """Weights and bias to start from: zeros."""
    w = torch.zeros(X.shape[1], 1, dtype=X.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=X.dtype, requires_grad=True)
    return w, b


def epoch(batch_size, X, y, w, b, lr, g):
    """One epoch through the loop of lesson 05; yields after every step."""
    # A walk with all examples needs no shuffling.
    dealt = d2l.data_iter(batch_size, X, y, generator=g)
    for X_batch, y_batch in dealt if batch_size < len(X) else [(X, y)]:
        loss = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
        loss.sum().backward()
        d2l.sgd([w, b], lr, len(X_batch))
        yield


def batch_sizes(
    epochs=60, examples=1_000_000, clock=4.0, points=28, repeats=3, small_batch=100
):
    """Linear regression by mini-batch SGD: seconds per epoch, and loss over seconds."""
    return {
        "wine": wine(epochs),
        "large": large(examples, clock, points, repeats, small_batch),
    }


def wine(epochs):
    """Seconds per epoch on the training part of a small data set."""
    data = d2l.load_wine()
    chosen = np.random.default_rng(0).permutation(len(data.labels))[:142]
    features, labels = data.features[chosen], data.labels[chosen]
    X = torch.from_numpy((features - features.mean(axis=0)) / features.std(axis=0))
    y = torch.from_numpy(labels - labels.mean())
    examples = len(X)
    models = {size: start_of(X) for size in (1, 10, examples)}
    times = {size: [] for size in models}
    g = torch.Generator().manual_seed(0)
    for _ in range(1 + epochs):
        for size, (w, b) in models.items():
            steps = epoch(size, X, y, w, b, 0.01, g)
            times[size].append(seconds(partial(exhaust, steps)))
    return {
        "examples": examples,
        "features": X.shape[1],
        "seconds_per_epoch": {
            # The first epoch was the warm-up.
            str(size): rounded(statistics.median(times[size][1:]))
            for size in times
        },
    }


def large_problem(examples):
    """Features of 12 sizes, from 1 down to 0.3, and labels with errors of size 1.

    The eigenvalues of the loss lie between about 1 and 0.09: a condition number of
    about 11.
    """
    sizes = torch.from_numpy(np.geomspace(1, 0.3, 12))
    w = torch.tensor([1.0, -1.0] * 6, dtype=torch.float64)
    # (Z * sizes) @ w is Z @ (sizes * w): so the labels fit the features of all sizes.
    Z, y = d2l.synthetic_data(
        sizes * w,
        1.0,
        examples,
        noise=1.0,
        generator=torch.Generator().manual_seed(0),
    )
    return Z * sizes, y


def excess_losses(X, y, walk):
    """By how much the mean loss of each (w, b) is above the lowest one possible.

    The difference of two nearly equal losses would be lost in rounding. It equals half
    the mean square of the difference in predictions, as the errors of the best line
    are at right angles to all columns.
    """
    columns = torch.cat([X, torch.ones_like(y)], dim=1)
    best = torch.linalg.lstsq(columns, y).solution
    with torch.no_grad():
        off = [torch.cat([w, b.reshape(1, 1)]) - best for w, b in walk]
        return [float((columns @ difference).square().mean() / 2) for difference in off]


def steps_between(first, last, count):
    """Numbers of steps, about geometrically spaced, all different."""
    steps = [first]
    for left in range(count - 1, 0, -1):
        here = steps[-1]
        steps.append(max(here + 1, round(here * (last / here) ** (1 / left))))
    return steps


def train(batch_size, lr, X, y, stops):
    """Train from zeros; at each of the stops keep the seconds so far, w and b."""
    w, b = start_of(X)
    g = torch.Generator().manual_seed(0)
    times, walk, step, total = [], [], 0, 0.0
    start = perf_counter()
    while True:
        for _ in epoch(batch_size, X, y, w, b, lr, g):
            step += 1
            if step == stops[len(times)]:
                # The copies, and later the losses, do not count.
                total += perf_counter() - start
                times.append(total)
                walk.append((w.detach().clone(), b.detach().clone()))
                if len(times) == len(stops):
                    return times, walk
                start = perf_counter()


def large(examples, clock, points, repeats, small_batch):
    """Curves of loss over seconds on a large data set, one for each batch size."""
    X, y = large_problem(examples)
    columns = torch.cat([X, torch.ones_like(y)], dim=1)
    steepest = torch.linalg.eigvalsh(columns.T @ columns / examples).max()
    # Found by trial, apart from that of all examples: 0.9 of the largest stable one.
    rates = {1: 0.005, small_batch: 0.05, examples: rounded(0.9 * 2 / steepest)}
    stops = {}
    for size in rates:
        # Also the warm-up. The first half is left out: it begins with the shuffling.
        half = max(10, min(200, examples // size // 2))
        (early, late), _ = train(size, rates[size], X, y, [half, 2 * half])
        step_time = (late - early) / half
        first = max(1, round(clock / 1000 / step_time))
        last = max(first + points, round(clock / step_time))
        stops[size] = steps_between(first, last, points)
    times = {size: [] for size in rates}
    walks = {}
    for _ in range(repeats):
        for size, lr in rates.items():
            # The same seed, so the same walk each time: only the clock differs.
            seconds_so_far, walks[size] = train(size, lr, X, y, stops[size])
            times[size].append(seconds_so_far)
    batches = {size: -(-examples // size) for size in rates}
    exact = partial(torch.linalg.lstsq, columns, y)
    return {
        "examples": examples,
        "features": X.shape[1],
        "lstsq_seconds": rounded(
            statistics.median(seconds(exact) for _ in range(repeats))
        ),
        "start_excess_loss": rounded(excess_losses(X, y, [start_of(X)])[0]),
        "curves": {
            str(size): {
                "lr": lr,
                "seconds": [
                    rounded(statistics.median(same))
                    for same in zip(*times[size], strict=True)
                ],
                "excess_loss": [
                    rounded(loss) for loss in excess_losses(X, y, walks[size])
                ],
                "examples_seen": [
                    # The last batch of an epoch may be shorter.
                    stop // batches[size] * examples + stop % batches[size] * size
                    for stop in stops[size]
                ],
            }
            for size, lr in rates.items()
        },
    }


RESULTS = {result.__name__: result for result in (data_iter, optimizers, batch_sizes)}


def is_rows(result):
    """Whether a result is a list of rows from ``compare``."""
    return isinstance(result, list)


def table(results):
    """All compared pairs as text; results that are not lists of rows are left out."""
    lines = [("what", "ours", "reference", "ours", "reference", "ratio", "repeats")]
    for row in itertools.chain(*filter(is_rows, results.values())):
        sides = "ours", "reference"
        names = [row[key] for key in ("name", *sides)]
        times = [f"{1000 * row['seconds'][side]:.4g} ms" for side in sides]
        lines.append((*names, *times, f"{row['ratio']:.2f}", str(row["repeats"])))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            entry.ljust(width) if i < 3 else entry.rjust(width)
            for i, (entry, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def processor():
    """The name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def write(path, results):
    """Write results with their date and machine; the old file stays until then."""
    record = {
        "recorded": date.today().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "processor": processor(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "results": results,
    }
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    unfinished = path.with_suffix(".json.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def main(arguments=None):
    """Measure, print the table and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write results.json")
    parser.add_argument("--only", choices=list(RESULTS), help="measure one result")
    options = parser.parse_args(arguments)
    results = {}
    for name in [options.only] if options.only else RESULTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with undisturbed():
            results[name] = RESULTS[name]()
    print(table(results))
    write(FOLDER / "latest.json", results)
    if options.record:
        target = FOLDER / "results.json"
        if options.only and target.exists():
            recorded = json.loads(target.read_text(encoding="utf-8"))["results"]
            results = recorded | results
        write(target, results)


if __name__ == "__main__":
    main()
