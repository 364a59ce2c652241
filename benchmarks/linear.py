"""For lesson 05: linear regression by mini-batch SGD, over batch sizes."""

import statistics
from functools import partial

import numpy as np
import torch

import d2l_utils as d2l
import timing
from timing import exhaust, rounded, seconds


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
    start = timing.perf_counter()
    while True:
        for _ in epoch(batch_size, X, y, w, b, lr, g):
            step += 1
            if step == stops[len(times)]:
                # The copies, and later the losses, do not count.
                total += timing.perf_counter() - start
                times.append(total)
                walk.append((w.detach().clone(), b.detach().clone()))
                if len(times) == len(stops):
                    return times, walk
                start = timing.perf_counter()


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
