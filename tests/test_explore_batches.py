"""The walks of lesson 05's figure are those of data_iter and sgd on the wines."""

import json
import re

import numpy as np
import pytest
import torch

import d2l_utils as d2l
from javascript import needs_node, values

SIZES = [1, 2, 5, 10, 20, 40, 71, 142]


@pytest.fixture(scope="module")
def wines():
    """The columns that the figure gets: color, hue, alcohol."""
    (options,) = re.findall(r"mount\(place, (.*)\)", d2l.explore_batches().html)
    return json.loads(options)["wines"]


@pytest.fixture(scope="module")
def problem():
    """The problem of lesson 05 with two features, as its cells make it."""
    wine = d2l.load_wine()
    train = np.random.default_rng(0).permutation(178)[:142]
    X, y = wine.features[train], wine.labels[train]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    pair = [wine.feature_names.index(name) for name in ("color_intensity", "hue")]
    return X[:, pair], y - y.mean()


def gradient(w, X, y):
    return X.T @ (X @ w - y) / len(X)


def walk(wines, size, lr, *more, epochs=12, seed=1):
    """A walk of the figure, the orders of its wines, and values of other expressions.

    These find the examples as e, the orders as o and the walk as w.
    """
    code = (
        f"(() => {{ const e = m.standardized(wines); "
        f"const o = m.shuffles(142, {epochs}, {seed}); "
        f"const w = m.descend(e, o, {size}, {lr}); "
        f"return [w, o, {', '.join(more)}] }})()"
    )
    return values("batches", f"...{code}", wines=wines)


# --- the problem


@needs_node
def test_the_examples_are_those_of_the_lesson(wines, problem):
    (examples,) = values("batches", "m.standardized(wines)", wines=wines)
    np.testing.assert_allclose(examples, np.hstack(problem), rtol=1e-9, atol=1e-12)


@needs_node
def test_the_star_is_that_of_lstsq(wines, problem):
    X, y = problem
    best = np.linalg.lstsq(X, y)[0]
    points = [[-0.4, 0.9], [0.5, 0.25], [30, -40]]
    star, lowest, excesses, slopes, spreads = values(
        "batches",
        "m.bowl(m.standardized(wines)).star",
        "m.bowl(m.standardized(wines)).lowest",
        *(
            f"{points}.map(m.bowl(m.standardized(wines)).{name})"
            for name in ("excess", "slope", "spread")
        ),
        wines=wines,
    )
    np.testing.assert_allclose(star, best[:, 0], rtol=1e-9)
    assert lowest == pytest.approx(np.mean((X @ best - y) ** 2) / 2, rel=1e-9)
    for w, excess, slope, spread in zip(
        np.array(points), excesses, slopes, spreads, strict=True
    ):
        w = w.reshape(2, 1)
        loss = np.mean((X @ w - y) ** 2) / 2
        assert lowest + excess == pytest.approx(loss, rel=1e-9)
        full = gradient(w, X, y)
        np.testing.assert_allclose(slope, full[:, 0], rtol=1e-9)
        each = X * (X @ w - y)
        squares = np.sum((each - full.T) ** 2, axis=1)
        assert spread == pytest.approx(np.sqrt(squares.mean()), rel=1e-9)


# --- the order of the examples


@needs_node
def test_every_example_comes_once_an_epoch():
    first, again, other, small = values(
        "batches",
        "m.shuffles(142, 12, 1)",
        "m.shuffles(142, 12, 1)",
        "m.shuffles(142, 12, 2)",
        "m.shuffles(3, 6000, 7)",
    )
    assert first == again
    assert len(first) == len(other) == 12
    assert all(sorted(order) == list(range(142)) for order in first + other)
    assert len({tuple(order) for order in first + other}) == 24
    # Each of the six orders of three cards comes about a thousand times.
    counts = np.unique(small, axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert counts.min() > 880
    assert counts.max() < 1120


@needs_node
def test_the_generator_is_mulberry32():
    (numbers,) = values(
        "batches", "Array.from({ length: 5 }, ((next) => () => next())(m.generator(1)))"
    )
    state, expected = 1, []
    for _ in range(5):
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ state >> 15) * (state | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        expected.append((t ^ t >> 14) / 2**32)
    assert numbers == expected


@needs_node
def test_looks_and_steps_count_short_batches():
    for size in SIZES:
        steps = list(range(3 * -(-142 // size) + 1))
        looks, again, between = values(
            "batches",
            f"{steps}.map((s) => m.looksOf(s, {size}, 142))",
            f"{steps}.map((s) => m.stepsOf(m.looksOf(s, {size}, 142), {size}, 142))",
            f"m.stepsOf(142 + {size} - 1, {size}, 142)",
        )
        numbers = np.arange(142)
        dealt = [
            len(labels)
            for _ in range(3)
            for _, labels in d2l.data_iter(size, numbers, numbers)
        ]
        assert looks == [0, *np.cumsum(dealt)]
        assert again == steps
        assert between == -(-142 // size)


# --- the walk


@needs_node
@pytest.mark.parametrize(
    ("size", "lr"), [(1, 0.05), (1, 0.2), (10, 0.05), (40, 0.5), (71, 0.02), (142, 1)]
)
def test_a_walk_is_that_of_sgd_with_the_same_batches(wines, problem, size, lr):
    X, y = map(torch.from_numpy, problem)
    found, orders = walk(wines, size, lr)
    w = torch.tensor([[-0.4], [0.9]], dtype=torch.float64, requires_grad=True)
    history, off, theory = [w.detach().clone()], [], []
    for order in orders:
        for start in range(0, 142, size):
            some = order[start : start + size]
            d2l.squared_loss(d2l.linreg(X[some], w, 0.0), y[some]).sum().backward()
            at = w.detach().numpy()
            full = gradient(at, *problem)
            off.append(np.linalg.norm(w.grad.numpy() / len(some) - full))
            each = problem[0] * (problem[0] @ at - problem[1])
            one = np.sqrt(np.mean(np.sum((each - full.T) ** 2, axis=1)))
            left = (142 - len(some)) / 141
            theory.append(one / np.sqrt(len(some)) * np.sqrt(left))
            d2l.sgd([w], lr, len(some))
            history.append(w.detach().clone())
    history = torch.hstack(history).T.numpy()
    np.testing.assert_allclose(found["history"], history, rtol=1e-9)
    np.testing.assert_allclose(found["off"], off, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["theory"], theory, rtol=1e-9)
    X, y = problem
    best = np.linalg.lstsq(X, y)[0]
    distances = np.linalg.norm(history - best.T, axis=1)
    np.testing.assert_allclose(found["distances"], distances, rtol=1e-9)
    # Loss minus lowest loss: rounding is all that is left of a small difference.
    losses = np.mean((X @ history.T - y) ** 2, axis=0) / 2
    lowest = np.mean((X @ best - y) ** 2) / 2
    np.testing.assert_allclose(found["losses"], losses - lowest, rtol=1e-9, atol=1e-14)


@needs_node
@pytest.mark.parametrize("lr", [0.05, 0.5, 1])
def test_a_batch_of_all_is_gradient_descent(wines, problem, lr):
    found, _ = walk(wines, 142, lr)
    other, _ = walk(wines, 142, lr, seed=5)
    _, expected = d2l.gradient_descent(
        lambda w: np.mean((problem[0] @ w.reshape(2, 1) - problem[1]) ** 2) / 2,
        [-0.4, 0.9],
        lr,
        12,
        grad=lambda w: gradient(w.reshape(2, 1), *problem)[:, 0],
    )
    np.testing.assert_allclose(found["history"], expected, rtol=1e-9)
    np.testing.assert_allclose(other["history"], expected, rtol=1e-9)


@needs_node
def test_the_noise_is_the_one_of_theory(wines):
    for size in [1, 5, 20]:
        walks = [walk(wines, size, 0.02, seed=seed)[0] for seed in range(3)]
        off, theory = (
            np.sqrt(np.mean(np.square([found[kind] for found in walks])))
            for kind in ("off", "theory")
        )
        assert off == pytest.approx(theory, rel=0.1)


@needs_node
def test_a_walk_that_flies_away_is_given_up(wines):
    kept = "m.descend(e, o, 142, 0.5)"
    found, _, up, text, before = walk(
        wines,
        1,
        1,
        "m.givenUp(w)",
        f"m.report(m.bowl(e), w, w.history.length - 1, {kept}, 3, 'epochs')",
        f"m.report(m.bowl(e), w, w.history.length - 2, {kept}, 3, 'epochs')",
    )
    steps = len(found["history"]) - 1
    assert up
    assert steps < 12 * 142
    assert max(found["distances"][:-1]) < 100 <= found["distances"][-1] < 1e4
    assert text.startswith(f"after {steps} steps, {steps / 142:.3g} epochs, the walk")
    assert "given up. A much smaller rate or a much larger batch keeps it" in text
    assert "given up" not in before
    _, _, up = walk(wines, 1, 0.2, "m.givenUp(w)")
    assert not up


# --- the message


@needs_node
def test_the_mean_of_the_last_few():
    numbers = [9, 1, 2, 3, 4, 5]
    expected = {0: 9, 1: 1, 2: 1.5, 3: 2, 4: 3, 5: 4}
    (means,) = values(
        "batches", f"{list(expected)}.map((s) => m.lately({numbers}, s, 3))"
    )
    assert means == [*expected.values()]


@needs_node
def test_the_report_gives_what_a_walk_has_come_to(wines):
    kept = "m.descend(e, o, 142, 0.5)"
    found, _, other, start, one, early, end, steps, full = walk(
        wines,
        10,
        0.05,
        kept,
        f"m.report(m.bowl(e), w, 0, {kept}, 0, 'epochs')",
        f"m.report(m.bowl(e), w, 1, {kept}, 0, 'epochs')",
        f"m.report(m.bowl(e), w, 8, {kept}, 0, 'epochs')",
        f"m.report(m.bowl(e), w, 180, {kept}, 12, 'epochs')",
        f"m.report(m.bowl(e), w, 180, {kept}, 180, 'steps')",
        f"m.report(m.bowl(e), {kept}, 1, w, 1, 'steps')",
    )
    loss = 0.19636263 + np.array(found["losses"])
    assert start == (
        "0 steps, 0 epochs. Loss 1.17745, the lowest is 0.19636. Distance from the "
        "star 1.1. Press Play."
    )
    assert one.startswith(f"1 step, 0.0704 epochs. Loss {loss[1]:.5f},")
    assert early.startswith(f"8 steps, 0.563 epochs. Loss {loss[8]:.5f},")
    assert f"mean so far {np.mean(found['distances'][1:9]):.2g}." in early
    assert f"kept run, after as many epochs: {other['losses'][0]:.2g}." in early
    off, theory = (
        np.sqrt(np.mean(np.square(found[kind][:8]))) for kind in ("off", "theory")
    )
    assert f"so far: {off:.2g} (theory: {theory:.2g}), less than" in early
    assert end.startswith(f"180 steps, 12 epochs. Loss {loss[180]:.5f},")
    far = np.mean(found["distances"][166:])
    assert f"mean of the last epoch {far:.2g}." in end
    assert "more than the length of the full one here" in end
    assert "kept run, after as many epochs: 1.4\u00a0×\u00a010⁻⁵." in end
    assert "kept run, after all its 12 steps: 1.4\u00a0×\u00a010⁻⁵." in steps
    assert full.startswith("1 step, 1 epoch. ")
    assert "No noise: each step follows the full gradient." in full
    assert f"after as many steps: {found['losses'][1]:.2g}." in full


@needs_node
def test_the_losses_reported_are_those_of_the_moment(wines):
    """After one epoch single wines lead, and at the end they do not."""
    kept = "m.descend(e, o, 142, 0.5)"
    for seed in range(1, 6):
        found, _, other, second, first, end, back = walk(
            wines,
            1,
            0.05,
            kept,
            f"m.report(m.bowl(e), w, 2, {kept}, 0, 'epochs')",
            f"m.report(m.bowl(e), w, 142, {kept}, 1, 'epochs')",
            f"m.report(m.bowl(e), w, 1704, {kept}, 12, 'epochs')",
            f"m.report(m.bowl(e), {kept}, 1, w, 142, 'epochs')",
            seed=seed,
        )
        losses, whole = found["losses"], other["losses"]
        assert f"lowest: {np.mean(losses[1:3]):.2g} (mean of the last 2" in second
        ours, theirs = np.mean(losses[128:143]), whole[1]
        assert ours < theirs
        our_loss = f"{ours:.2g} (mean of the last 15 steps)"
        kept_run = "kept run, after as many epochs:"
        assert f"the lowest: {our_loss}; {kept_run} {theirs:.2g}." in first
        assert f"the lowest: {theirs:.2g}; {kept_run} {our_loss}." in back
        ours = np.mean(losses[1690:])
        assert ours > whole[12]
        assert f"the lowest: {ours:.2g} (mean of the last 15 steps);" in end


def test_the_wines_reach_the_script(wines):
    wine = d2l.load_wine()
    assert len(wines) == 3
    assert {len(column) for column in wines} == {142}
    assert set(wines[2]) <= set(wine.labels[:, 0])
