"""Trainings of 784-128-10 as several machines would do them, in one process.

Plain SGD with the gradient written out. No clock is asked, and everything is seeded.
"""

import functools
import itertools
import math
import sys
from typing import NamedTuple

import torch

import d2l_utils as d2l
from timing import rounded

INPUTS, HIDDEN, CLASSES = 784, 128, 10
COUNTS = HIDDEN * INPUTS, HIDDEN, CLASSES * HIDDEN, CLASSES

# Among the rates of GRID that the validation pictures cannot tell apart, for batches of
# BATCH, RATE is the smallest: it leaves the most room above.
BATCH, RATE = 32, 0.1
GRID = 0.05, 0.1, 0.2, 0.4, 0.8
WARM_UP = 2  # epochs

WORKERS = 4


class Part(NamedTuple):
    """Pictures as rows from 0 to 1, and their labels."""

    X: torch.Tensor
    y: torch.Tensor


class Parts(NamedTuple):
    """What is learned from, and what chooses."""

    name: str
    training: Part
    validation: Part


def load():
    """The training pictures; the last sixth is for validation, as in lesson 08."""
    return cut(d2l.load_mnist())


def cut(data):
    """The parts of a data set."""
    X = torch.from_numpy(data.train_images).reshape(-1, INPUTS).float() / 255
    y = torch.from_numpy(data.train_labels).long()
    count = len(y) - len(y) // 6
    return Parts(data.name, Part(X[:count], y[:count]), Part(X[count:], y[count:]))


# --- the network


def layers(flat):
    """W1, b1, W2 and b2 as views of one tensor of all parameters, or of all slopes."""
    W1, b1, W2, b2 = flat.split(COUNTS)
    return W1.view(HIDDEN, INPUTS), b1, W2.view(CLASSES, HIDDEN), b2


def start(generator):
    """Parameters as PyTorch's ``nn.Linear`` draws them."""
    flat = torch.empty(sum(COUNTS))
    W1, b1, W2, b2 = layers(flat)
    for W, b in ((W1, b1), (W2, b2)):
        bound = 1 / math.sqrt(W.shape[1])
        W.uniform_(-bound, bound, generator=generator)
        b.uniform_(-bound, bound, generator=generator)
    return flat


def forward(params, X):
    """The hidden layer and the scores."""
    W1, b1, W2, b2 = layers(params)
    hidden = torch.addmm(b1, X, W1.T).relu_()
    return hidden, torch.addmm(b2, hidden, W2.T)


def backward(params, X, y):
    """The hidden layer, and the slopes of each loss by it and by the scores."""
    hidden, d_scores = forward(params, X)
    d_scores = d_scores.softmax(dim=1)
    d_scores[torch.arange(len(y)), y] -= 1
    return hidden, d_scores @ layers(params)[2] * (hidden > 0), d_scores


def gradient(params, X, y, out):
    """Write the gradient of the mean cross entropy into a tensor, and return it."""
    hidden, d_hidden, d_scores = backward(params, X, y)
    dW1, db1, dW2, db2 = layers(out)
    for error, values, dW, db in (
        (d_hidden, X, dW1, db1),
        (d_scores, hidden, dW2, db2),
    ):
        error /= len(y)
        torch.mm(error.T, values, out=dW)
        torch.sum(error, dim=0, out=db)
    return out


def scores(params, part):
    """The loss and the accuracy."""
    _, out = forward(params, part.X)
    loss = torch.nn.functional.cross_entropy(out.double(), part.y).item()
    return loss, (out.argmax(dim=1) == part.y).double().mean().item()


def noise(params, part):
    """How far the gradients of single pictures are from the whole one.

    The simple noise scale of McCandlish et al., arXiv 1812.06162: the trace of the
    covariance over the squared length of the gradient, both estimated without bias.
    """
    total, squares, count = torch.zeros_like(params).double(), 0.0, len(part.y)
    out = torch.empty_like(params)
    for X, y in zip(part.X.split(1000), part.y.split(1000), strict=True):
        hidden, d_hidden, d_scores = backward(params, X, y)
        for error, values in ((d_hidden, X), (d_scores, hidden)):
            # The gradient of one picture is error times values, and error for the bias.
            lengths = error.square().sum(dim=1) * (values.square().sum(dim=1) + 1)
            squares += lengths.double().sum().item()
        total += len(y) * gradient(params, X, y, out).double()
    squared_mean = (total / count).square().sum().item()
    trace = (squares - count * squared_mean) / (count - 1)
    squared_gradient = squared_mean - trace / count
    return {
        "trace": rounded(trace),
        "squared_gradient": rounded(squared_gradient),
        "noise_scale": rounded(trace / squared_gradient),
    }


# --- trainings


def of_batches(part, batch, generator):
    """The pictures of an epoch in whole batches; what is left over is left out."""
    order = torch.randperm(len(part.y), generator=generator)
    for which in order[: len(order) // batch * batch].split(batch):
        yield part.X.index_select(0, which), part.y[which]


def train(part, seed, batch, rate, epochs, slopes=gradient):
    """Yield the parameters, which go on changing, at the start and after each epoch.

    Args:
        part: the pictures.
        seed: of the start and of the order.
        batch: pictures in a step.
        rate: a function of the number of the step, from 0 on.
        epochs: how many.
        slopes: what goes down by the rate; called like ``gradient``.
    """
    generator = torch.Generator().manual_seed(seed)
    params = start(generator)
    out, steps = torch.empty_like(params), itertools.count()
    yield params
    for _ in range(epochs):
        for X, y in of_batches(part, batch, generator):
            params.sub_(slopes(params, X, y, out), alpha=rate(next(steps)))
        yield params


def shards(X, y):
    """The pictures of each worker."""
    return zip(X.chunk(WORKERS), y.chunk(WORKERS), strict=True)


def train_apart(part, seed, batch, rate, epochs, every):
    """As ``train``, but each worker goes its own way, and now and then they average."""
    generator = torch.Generator().manual_seed(seed)
    own = start(generator).repeat(WORKERS, 1)
    out, steps = torch.empty_like(own[0]), itertools.count(1)
    for _ in range(epochs):
        for batch_of_all in of_batches(part, batch, generator):
            step = next(steps)
            for params, shard in zip(own, shards(*batch_of_all), strict=True):
                params.sub_(gradient(params, *shard, out), alpha=rate(step - 1))
            if step % every == 0:
                own[:] = own.mean(dim=0)
    yield own.mean(dim=0)


def sent(params, X, y, out, dtype, scale):
    """What each worker sends: its share of the mean gradient, scaled and rounded."""
    return [
        (gradient(params, *shard, out) * (scale / WORKERS)).to(dtype)
        for shard in shards(X, y)
    ]


def rounded_mean(params, X, y, out, dtype, scale):
    """The mean gradient, from sums in another type of numbers; like ``gradient``."""
    total = functools.reduce(torch.add, sent(params, X, y, out, dtype, scale))
    return out.copy_(total).div_(scale)


def constant(rate):
    """The same rate at each step."""
    return lambda t: rate


def warmed_up(rate, factor, steps):
    """A rate that grows, in so many equal steps, to a multiple of itself."""
    return lambda t: rate * (1 + (factor - 1) * min((t + 1) / steps, 1))


# --- the results


def say(*words):
    """Tell how far it is."""
    print(*words, file=sys.stderr, flush=True)


def finite(number):
    """Four significant digits; None where there is no number."""
    return rounded(number) if math.isfinite(number) else None


def ends(parts, seeds, way, **how):
    """How trainings in one way end that differ in their seed."""
    kept = {"validation_accuracy": [], "train_loss": []}
    for seed in range(seeds):
        *_, params = way(parts.training, seed, **how)
        kept["validation_accuracy"].append(scores(params, parts.validation)[1])
        kept["train_loss"].append(finite(scores(params, parts.training)[0]))
    return kept


def large_batches(
    parts=None,
    *,
    seeds=3,
    epochs=10,
    grid=GRID,
    times=tuple(2**k for k in range(9)),
    less=(4, 8),
    moments=(0, 1, 3, 10),
):
    """Larger batches at the same rate, at a larger one, and warmed up to it.

    Args:
        parts: the data, that of ``load`` by default.
        seeds: trainings of each kind.
        epochs: of each training.
        grid: rates for batches of ``BATCH``.
        times: how many times as large a batch is.
        less: by how much to multiply the rate, too, where the batch grows by more.
        moments: after so many epochs the noise scale is measured.
    """
    parts = parts or load()
    count = len(parts.training.y)

    def row(batch, rate):
        return ends(parts, seeds, train, batch=batch, rate=rate, epochs=epochs)

    tuned = []
    for rate in grid:
        say("batch", BATCH, "rate", rate)
        tuned.append({"rate": rate} | row(BATCH, constant(rate)))

    rows = []
    for k in times:
        batch = k * BATCH
        per_epoch = count // batch
        ways = [(1, False), (k, False), (k, True)]
        ways += [(factor, True) for factor in less if factor < k]
        for factor, warm in ways if k > 1 else ways[:1]:
            say("batch", batch, "rate times", factor, "warmed up" if warm else "")
            way = {"k": k, "batch": batch, "factor": factor, "warm_up": warm}
            warming = WARM_UP * per_epoch
            rate = warmed_up(RATE, factor, warming) if warm else constant(RATE * factor)
            rows.append(way | {"steps": epochs * per_epoch} | row(batch, rate))

    return {
        "data": parts.name,
        "pictures": {"training": count, "validation": len(parts.validation.y)},
        "epochs": epochs,
        "batch": BATCH,
        "rate": RATE,
        "warm_up": WARM_UP,
        "grid": tuned,
        "runs": rows,
        "noise": noises(parts.training, seeds, moments),
    }


def noises(part, seeds, moments):
    """The noise at some moments of the training with batches of ``BATCH``."""
    found = {epoch: [] for epoch in moments}
    for seed in range(seeds):
        say("noise, seed", seed)
        for epoch, params in enumerate(
            train(part, seed, BATCH, constant(RATE), max(moments))
        ):
            if epoch in found:
                found[epoch].append(noise(params, part))
    return [
        {"epoch": epoch} | {key: [one[key] for one in ones] for key in ones[0]}
        for epoch, ones in found.items()
    ]


def local_steps(parts=None, *, seeds=3, epochs=10, every=(1, 4, 16, 64, 256)):
    """Workers that average their parameters now and then, or each gradient (0)."""
    parts = parts or load()
    how = {"batch": WORKERS * BATCH, "epochs": epochs}
    rows = []
    for factor, count in itertools.product((1, WORKERS), (0, *every)):
        say("rate times", factor, "every", count, "steps")
        rate = constant(RATE * factor)
        if count:
            way, how_often = train_apart, {"every": count}
        else:
            way, how_often = train, {}
        rows.append(
            {"factor": factor, "every": count, "bytes": 1 / (count or 1)}
            | ends(parts, seeds, way, rate=rate, **how, **how_often)
        )
    return {"workers": WORKERS, **how, "rate": RATE, "runs": rows}


def half(parts=None, *, seeds=3, epochs=10, scales=(1, 2**10, 2**20)):
    """Gradients that are rounded before they are summed."""
    parts = parts or load()
    part = parts.training
    batch, factor = WORKERS * BATCH, WORKERS
    rate = warmed_up(RATE, factor, WARM_UP * (len(part.y) // batch))
    kinds = [(torch.float32, 1), (torch.bfloat16, 1)]
    kinds += [(torch.float16, scale) for scale in scales]

    def told(dtype, scale):
        name = str(dtype).removeprefix("torch.")
        return {"dtype": name, "scale": scale, "bytes": dtype.itemsize * sum(COUNTS)}

    rows = []
    for dtype, scale in kinds:
        say(*told(dtype, scale).values())
        slopes = functools.partial(rounded_mean, dtype=dtype, scale=scale)
        how = {"batch": batch, "rate": rate, "epochs": epochs, "slopes": slopes}
        rows.append(told(dtype, scale) | ends(parts, seeds, train, **how))

    errors = []
    for epoch, params in enumerate(train(part, 0, batch, rate, epochs)):
        if epoch in (0, epochs):
            X, y = part.X[:batch], part.y[:batch]
            errors += [
                {"epoch": epoch} | told(*kind) | error(params, X, y, *kind)
                for kind in kinds[1:]
            ]
    return {
        "workers": WORKERS,
        "batch": batch,
        "epochs": epochs,
        "rate": RATE,
        "factor": factor,
        "runs": rows,
        "errors": errors,
    }


def error(params, X, y, dtype, scale):
    """What rounding does to one gradient: how far it is off, and what is lost."""
    out = torch.empty_like(params)
    exact = torch.stack(sent(params, X, y, out, torch.float64, 1))
    coarse = torch.stack(sent(params, X, y, out, dtype, scale))
    whole = exact.sum(dim=0)
    mean = rounded_mean(params, X, y, out, dtype, scale)
    off = mean.double() - whole
    return {
        "largest": finite((off.abs().max() / whole.abs().max()).item()),
        "length": finite((off.norm() / whole.norm()).item()),
        # Of what the workers send: entries that are not 0, and those that become it.
        "entries": int((exact != 0).sum()),
        "zeros": int((coarse[exact != 0] == 0).sum()),
        "infinite": int((~mean.isfinite()).sum()),
    }
