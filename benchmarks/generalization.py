"""Train the network of lesson 08 many times, for the spreads that lesson 09 shows.

    OMP_NUM_THREADS=1 python benchmarks/generalization.py [--record]

Prints a table; --record also writes generalization.json beside this file, which
``d2l.load_benchmark("generalization")`` reads. No clock is asked. It takes 15 to 20
minutes of one core.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import NamedTuple

# Read once, when NumPy and PyTorch load. One thread, as in the lessons.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import torch
from torch import nn

import bench
import d2l_utils as d2l

FOLDER = Path(__file__).resolve().parent

BATCH_SIZE, LR = 32, 1e-3
BINS = 10  # of the confidence, equally wide

# The strengths among which the validation pictures choose.
DECAYS = 0.01, 0.1, 0.3
DROPOUTS = 0.2, 0.35, 0.5
SHIFTS = 1, 2

# Fewer pictures, and other numbers of hidden units.
SIZES = 1_000, 2_000, 5_000, 10_000, 20_000
WIDTHS = 2, 4, 8, 32, 128, 512


class Part(NamedTuple):
    """Pictures as rows from 0 to 1, and their labels."""

    X: torch.Tensor
    y: torch.Tensor

    def first(self, count):
        """The first so many of them."""
        return Part(self.X[:count], self.y[:count])


class Parts(NamedTuple):
    """All training pictures, shuffled once for all, and the test pictures."""

    name: str
    training: Part
    test: Part


def load():
    """MNIST as ``d2l.load_mnist`` finds it, or the bundled digits."""
    return shuffled(d2l.load_mnist())


def shuffled(data):
    """The parts of a data set."""
    order = np.random.default_rng(0).permutation(len(data.train_labels))

    def part(images, labels):
        rows = images.reshape(len(images), -1).astype(np.float32) / 255
        return Part(torch.from_numpy(rows), torch.from_numpy(labels.astype(np.int64)))

    training = part(data.train_images[order], data.train_labels[order])
    return Parts(data.name, training, part(data.test_images, data.test_labels))


def new_network(hidden=128, dropout=0.0):
    """784 inputs, a hidden layer with ReLU, ten scores."""
    layers = [nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10)]
    if dropout:
        layers.insert(2, nn.Dropout(dropout))
    return nn.Sequential(*layers)


def shifter(X, most):
    """Gives the pictures of a batch, each moved by up to so many pixels at random."""
    wide = 28 + 2 * most
    padded = nn.functional.pad(X.reshape(-1, 28, 28), [most] * 4).reshape(len(X), -1)
    here = (torch.arange(28)[:, None] * wide + torch.arange(28)).reshape(-1)
    moves = torch.arange(2 * most + 1)
    places = (moves[:, None] * wide + moves).reshape(-1, 1) + here

    def take(batch):
        which = torch.randint(len(places), (len(batch),))
        return padded[batch].gather(1, places[which])

    return take


def train(
    part, seed, epochs, *, hidden=128, dropout=0.0, decay=0.0, shift=0, cosine=False
):
    """Yield the network after each epoch; it is the same object, ready to be asked."""
    torch.manual_seed(seed)
    net = new_network(hidden, dropout)
    rule = torch.optim.AdamW if decay else torch.optim.Adam
    optimizer = rule(net.parameters(), lr=LR, weight_decay=decay, fused=True)
    steps = epochs * -(-len(part.X) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, d2l.cosine_decay(steps) if cosine else lambda _: 1.0
    )
    loss_function = nn.CrossEntropyLoss()
    take = shifter(part.X, shift) if shift else None
    for _ in range(epochs):
        net.train()
        for batch in torch.randperm(len(part.X)).split(BATCH_SIZE):
            X = take(batch) if take else part.X.index_select(0, batch)
            loss = loss_function(net(X), part.y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        net.eval()
        yield net


def probabilities(net, part):
    """Ten for each picture."""
    with torch.no_grad():
        return torch.softmax(net(part.X).double(), dim=1)


def right(p, part):
    """Which pictures are read rightly."""
    return (p.argmax(dim=1) == part.y).numpy()


def loss_of(p, part):
    """The mean cross entropy; no probability counts as less than 1e-12."""
    chosen = p.gather(1, part.y[:, None])
    return -chosen.clamp_min(1e-12).log().mean().item()


def rounded(number):
    """Five significant digits."""
    return float(f"{number:.5g}")


def scores(p, part):
    """Loss and accuracy."""
    return {"loss": rounded(loss_of(p, part)), "accuracy": right(p, part).mean().item()}


def bins(p, part):
    """How many pictures lie in each bin of the confidence, how sure and how right."""
    confidence = p.max(dim=1).values.numpy()
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    correct = right(p, part)
    return {
        "count": np.bincount(place, minlength=BINS).tolist(),
        "confidence": [
            rounded(total) for total in np.bincount(place, confidence, minlength=BINS)
        ],
        "right": np.bincount(place, correct, minlength=BINS).astype(int).tolist(),
    }


def curves(nets, **parts):
    """Loss and accuracy on each part after each epoch; and the last network."""
    history = {f"{part}_{what}": [] for part in parts for what in ("loss", "accuracy")}
    for net in nets:
        for name, part in parts.items():
            for what, value in scores(probabilities(net, part), part).items():
                history[f"{name}_{what}"].append(value)
    return history, net


def say(*words):
    """Tell how far it is."""
    print(*words, file=sys.stderr, flush=True)


def lesson_08(parts, seeds, epochs):
    """All training pictures: curves, bins, and what the networks disagree on."""
    result = {}
    for name, cosine in (("constant", False), ("cosine", True)):
        runs, correct = [], []
        for seed in range(seeds):
            say("all pictures,", name, "rate, seed", seed)
            nets = train(parts.training, seed, epochs, cosine=cosine)
            run, net = curves(nets, train=parts.training, test=parts.test)
            p = probabilities(net, parts.test)
            runs.append(run | {"bins": bins(p, parts.test)})
            correct.append(right(p, parts.test))
        # Row i, column j: the pictures that i reads rightly and j does not.
        only = [[int((i & ~j).sum()) for j in correct] for i in correct]
        result[name] = {"runs": runs, "only_right": only}
    return result


def last_epoch(nets):
    """The network as it is at the end."""
    *_, net = nets
    return net


def final(p, parts, plain=None):
    """What is kept of one network: its validation and its test."""
    kept = {}
    for name, probability in p.items():
        for what, value in scores(probability, parts[name]).items():
            kept[f"{name}_{what}"] = value
    if plain is not None:
        this, other = (right(one["test"], parts["test"]) for one in (p, plain))
        kept |= {
            "only_this": int((this & ~other).sum()),
            "only_plain": int((other & ~this).sum()),
        }
    return kept


def generalization(
    parts=None,
    *,
    held_out=10_000,
    seeds=5,
    averaged=5,
    epochs=10,
    fewest_steps=3_130,
    sizes=SIZES,
    widths=WIDTHS,
    few=2_000,
):
    """All of it. The seed sets the start and the order of the batches."""
    parts = parts or load()
    count = len(parts.training.X) - held_out
    training = parts.training.first(count)
    asked = {
        "validation": Part(parts.training.X[count:], parts.training.y[count:]),
        "test": parts.test,
    }
    watched = {"train": training.first(held_out), **asked}

    def answers(net, among=asked):
        return {name: probabilities(net, part) for name, part in among.items()}

    result = {
        "data": parts.name,
        "pictures": {
            "training": count, "validation": held_out, "test": len(parts.test.X),
        },
        "epochs": epochs,
        "lesson_08": lesson_08(parts, seeds, epochs),
    }  # fmt: skip

    # Plain training, often enough to average groups of networks.
    plain, p_plain = [], []
    for seed in range(seeds * averaged):
        say("plain, seed", seed)
        run, net = curves(train(training, seed, epochs), **watched)
        plain.append(run)
        p_plain.append(answers(net))
    result["plain"] = plain

    remedies = {
        "weight decay": [{"decay": value} for value in DECAYS],
        "dropout": [{"dropout": value} for value in DROPOUTS],
        "shifted pictures": [{"shift": value} for value in SHIFTS],
        "cosine decay": [{"cosine": True}],
        "shifts and cosine": [{"shift": 1, "cosine": True}],
    }
    result["remedies"] = {}
    for name, settings in remedies.items():
        result["remedies"][name] = tried = []
        for setting in settings:
            runs = []
            for seed in range(seeds):
                say(name, setting, "seed", seed)
                net = last_epoch(train(training, seed, epochs, **setting))
                p = answers(net, watched)
                runs.append(final(p, watched, p_plain[seed]))
            tried.append({"setting": setting, "runs": runs})

    result["averages"] = []
    for group in range(seeds):
        members = p_plain[group * averaged : (group + 1) * averaged]
        mean = {
            name: torch.stack([p[name] for p in members]).mean(dim=0) for name in asked
        }
        result["averages"].append(final(mean, asked, p_plain[group]))

    def enough(size):
        return max(epochs, -(-fewest_steps // -(-size // BATCH_SIZE)))

    for key, cases in (
        ("more_data", [(size, 128) for size in sizes]),
        ("widths", [(few, width) for width in widths]),
    ):
        result[key] = []
        for size, width in cases:
            say(key, size, "pictures,", width, "hidden units")
            runs = []
            some = training.first(size)
            for seed in range(seeds):
                net = last_epoch(train(some, seed, enough(size), hidden=width))
                here = {"train": some, **asked}
                runs.append(final(answers(net, here), here))
            result[key].append({"pictures": size, "hidden": width, "runs": runs})
    return result


def mean_and_spread(values):
    """As text, for percentages."""
    return f"{np.mean(values):.2%} ± {np.std(values, ddof=1):.2%}"


def table(result):
    """A line for each way to train: accuracy on validation and test pictures."""
    last = [
        {key: run[key][-1] for key in ("validation_accuracy", "test_accuracy")}
        for run in result["plain"]
    ]
    rows = {"plain": last, "averages": result["averages"]}
    for name, tried in result["remedies"].items():
        for one in tried:
            rows[f"{name} {one['setting']}"] = one["runs"]
    for key in ("more_data", "widths"):
        for one in result[key]:
            name = f"{one['pictures']} pictures, {one['hidden']} units"
            rows[name] = one["runs"]
    lines = []
    for name, runs in rows.items():
        columns = [
            mean_and_spread([run[f"{part}_accuracy"] for run in runs])
            for part in ("validation", "test")
        ]
        lines.append(f"{name:60} {columns[0]:18} {columns[1]}")
    return "\n".join(lines)


def main(arguments=None, **sizes):
    """Train, print the table and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write the file")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    result = generalization(**sizes)
    print(table(result))
    if options.record:
        bench.write(FOLDER / "generalization.json", {"generalization": result})


if __name__ == "__main__":
    main()
