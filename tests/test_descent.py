from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import d2l_utils as d2l


def bowl(x):
    return np.sum(x**2)


def twice(x):
    return 2 * x


STARTS = [
    2.0,
    True,
    [3, 4],
    [],
    [[1.0, 2.0, 3.0]],
    np.array(5),
    np.array([-3.0, 4.0]),
    np.array([-3.0, 4.0], dtype=np.float32),
    np.arange(6),
    np.ones((2, 1, 3)),
    np.arange(6.0).reshape(2, 3).T,
]


@pytest.mark.parametrize("grad", [None, twice], ids=["numerical", "analytic"])
@pytest.mark.parametrize("step_num", [0, 1, 7])
@pytest.mark.parametrize("start", STARTS)
def test_history_holds_every_point_from_the_start_to_the_end(start, step_num, grad):
    before = np.array(start)
    x, history = d2l.gradient_descent(bowl, start, 0.1, step_num, grad=grad)
    assert x.dtype == history.dtype == np.float64
    assert x.shape == before.shape
    assert history.shape == (step_num + 1, *before.shape)
    # For a bowl each step multiplies by 1 - 2 * lr.
    for step in range(step_num + 1):
        np.testing.assert_allclose(history[step], before * 0.8**step, atol=1e-8)
    np.testing.assert_array_equal(history[0], before)
    np.testing.assert_array_equal(history[-1], x)
    np.testing.assert_array_equal(start, before)
    assert np.asarray(start).dtype == before.dtype


def test_the_points_are_copies():
    start = np.array([-3.0, 4.0])
    x, history = d2l.gradient_descent(bowl, start, 0.1, 3, grad=twice)
    x[:] = 99
    assert start.tolist() == [-3, 4]
    assert history[0].tolist() == [-3, 4]
    assert 99 not in history
    history[:] = 7
    assert x.tolist() == [99, 99]
    again, _ = d2l.gradient_descent(bowl, start, 0.1, 3, grad=twice)
    np.testing.assert_allclose(again, [-3 * 0.8**3, 4 * 0.8**3], rtol=1e-15)


def test_the_defaults_are_100_steps_of_a_hundredth():
    x, history = d2l.gradient_descent(bowl, [1.0], grad=twice)
    assert len(history) == 101
    assert x == pytest.approx([0.98**100], rel=1e-13)


@pytest.mark.parametrize("x0", [1.0, -7.5, 123.456, 1e-3])
def test_2x2_shrinks_by_the_published_factor(x0):
    x, _ = d2l.gradient_descent(
        lambda x: 2 * x**2, x0, 0.01, 1_000, grad=lambda x: 4 * x
    )
    assert x.item() == pytest.approx(x0 * 0.96**1_000, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("lr", "step_num", "printed"),
    [
        (0.1, 20, "[-0.03458765  0.04611686]"),
        (10, 100, "[-2.58983747e+13 -1.29524862e+12]"),
        (1e-10, 100, "[-2.99999994  3.99999992]"),
    ],
)
def test_the_bowl_prints_the_published_digits(lr, step_num, printed):
    # The digits need the function as published: x0**2 + x1**2.
    x, _ = d2l.gradient_descent(
        lambda x: x[0] ** 2 + x[1] ** 2, np.array([-3.0, 4.0]), lr, step_num
    )
    assert str(x) == printed


def test_with_the_analytic_gradient_the_long_step_ends_where_theory_says():
    x, history = d2l.gradient_descent(bowl, [-3.0, 4.0], 10, 100, grad=twice)
    np.testing.assert_allclose(x, [-3 * (-19.0) ** 100, 4 * (-19.0) ** 100], rtol=1e-12)
    assert np.all(np.sign(history[:, 0]) == [(-1) ** (k + 1) for k in range(101)])


def test_with_the_numerical_gradient_the_long_step_dies_of_rounding():
    x, history = d2l.gradient_descent(bowl, [-3.0, 4.0], 10, 100)
    still = np.all(history[1:] == history[:-1], axis=1)
    first = int(np.argmax(still))
    assert 5 < first < 20
    assert still[first:].all()
    np.testing.assert_array_equal(x, history[first])


def test_a_rate_of_zero_stays():
    x, history = d2l.gradient_descent(bowl, [3.0, 4.0], 0, 5)
    assert x.tolist() == [3, 4]
    assert (history == [3, 4]).all()


def test_the_bill_is_two_evaluations_for_each_entry_and_step():
    calls = []

    def counted(x):
        calls.append(x)
        return bowl(x)

    d2l.gradient_descent(counted, np.ones((2, 3)), step_num=5)
    assert len(calls) == 2 * 6 * 5
    calls.clear()
    d2l.gradient_descent(counted, np.ones((2, 3)), step_num=5, grad=twice)
    assert not calls


def test_a_gradient_that_changes_its_argument_gives_the_same_walk():
    def in_place(x):
        x *= 2
        return x

    x, history = d2l.gradient_descent(bowl, [3.0, 4.0], 0.25, 2, grad=in_place)
    assert x.tolist() == [0.75, 1]
    assert history.tolist() == [[3, 4], [1.5, 2], [0.75, 1]]


def test_start_is_unchanged_when_the_gradient_raises():
    def fragile(x):
        if abs(x[0]) < 2:
            raise ZeroDivisionError("from grad itself")
        return 2 * x

    start = np.array([-3.0, 4.0])
    with pytest.raises(ZeroDivisionError, match="from grad itself"):
        d2l.gradient_descent(bowl, start, 0.25, 9, grad=fragile)
    assert start.tolist() == [-3, 4]


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from([(1,), (2,), (5,), (2, 3), (2, 1, 2)]),
    lr=st.floats(0.001, 0.4),
)
def test_follows_torch_sgd_step_by_step(seed, shape, lr):
    rng = np.random.default_rng(seed)
    n = int(np.prod(shape))
    root = rng.normal(size=(n, n)) / n
    A, b, start = root @ root.T + np.eye(n), rng.normal(size=n), rng.normal(size=shape)

    def f(x):
        return 0.5 * x.ravel() @ A @ x.ravel() - b @ x.ravel()

    parameter = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=lr)
    expected = [start]
    for _ in range(30):
        optimizer.zero_grad()
        flat = parameter.reshape(-1)
        (0.5 * flat @ torch.tensor(A) @ flat - torch.tensor(b) @ flat).backward()
        optimizer.step()
        expected.append(parameter.detach().numpy().copy())

    analytic = d2l.gradient_descent(
        f, start, lr, 30, grad=lambda x: (A @ x.ravel() - b).reshape(shape)
    )[1]
    size = np.abs(expected).max()
    assert np.abs(analytic - expected).max() < 1e-13 * size
    numerical = d2l.gradient_descent(f, start, lr, 30)[1]
    assert np.abs(numerical - expected).max() < 1e-8 * size


# --- train_2d


def slope(x1, x2):
    """The gradient of 0.1 * x1**2 + 2 * x2**2."""
    return 0.2 * x1, 4 * x2


def gd_2d(x1, x2, s1, s2, f_grad):
    g1, g2 = f_grad(x1, x2)
    return x1 - 0.4 * g1, x2 - 0.4 * g2, 0, 0


def momentum_2d(x1, x2, v1, v2, f_grad):
    g1, g2 = f_grad(x1, x2)
    v1, v2 = 0.5 * v1 + g1, 0.5 * v2 + g2
    return x1 - 0.4 * v1, x2 - 0.4 * v2, v1, v2


@pytest.mark.parametrize("steps", [0, 1, 7, np.int64(20)])
def test_train_2d_walks_from_minus_5_minus_2_and_prints_the_end(steps, capsys):
    points = d2l.train_2d(gd_2d, steps, slope)
    # Each step multiplies by 1 - 0.4 * 0.2 and by 1 - 0.4 * 4.
    expected = [(-5 * 0.92**k, -2 * (-0.6) ** k) for k in range(steps + 1)]
    np.testing.assert_allclose(points, expected, rtol=1e-13)
    assert points[0] == (-5, -2)
    x1, x2 = expected[-1]
    assert capsys.readouterr() == (f"epoch {steps}, x1: {x1:f}, x2: {x2:f}\n", "")


def test_train_2d_takes_20_steps_if_not_told_otherwise(capsys):
    points = d2l.train_2d(gd_2d, f_grad=slope)
    assert len(points) == 21
    assert capsys.readouterr().out == "epoch 20, x1: -0.943467, x2: -0.000073\n"


def test_train_2d_hands_on_the_memory_and_the_gradient(capsys):
    states = []

    def trainer(*state):
        states.append(state)
        x1, x2, s1, s2 = state[:4]
        return x1 + 1, x2 + 2, s1 + 3, s2 - 4

    assert d2l.train_2d(trainer, 3, slope) == [(-5, -2), (-4, 0), (-3, 2), (-2, 4)]
    expected = [(-5, -2, 0, 0), (-4, 0, 3, -4), (-3, 2, 6, -8)]
    assert states == [(*state, slope) for state in expected]
    states.clear()
    d2l.train_2d(trainer, 3)
    assert states == expected
    assert capsys.readouterr().out == 2 * "epoch 3, x1: -2.000000, x2: 4.000000\n"


@pytest.mark.parametrize(
    ("trainer", "rule"),
    [
        (gd_2d, partial(d2l.SGD, lr=0.4)),
        (momentum_2d, partial(d2l.Momentum, lr=0.4, momentum=0.5)),
    ],
    ids=["gd", "momentum"],
)
def test_train_2d_walks_as_the_optimizers_do(trainer, rule):
    x = np.array([-5.0, -2.0])
    optimizer = rule([x])
    expected = [tuple(x)]
    for _ in range(30):
        optimizer.step([slope(*x)])
        expected.append(tuple(x))
    np.testing.assert_allclose(d2l.train_2d(trainer, 30, slope), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "numbers",
    [
        (1, 2, 3, 4),
        [1.0, 2, np.float32(3), True],
        np.array([1, 2, 3, 4]),
        np.array([1, 2, 3, 4], dtype=np.float32),
        tuple(np.arange(1.0, 5)),
        (Fraction(1), Fraction(2), 0, 0),
        torch.tensor([1.0, 2.0, 3.0, 4.0]),
        tuple(torch.tensor([1.0, 2.0, 3.0, 4.0])),
    ],
    ids=lambda numbers: f"{type(numbers).__name__} of {type(numbers[0]).__name__}",
)
def test_train_2d_gives_plain_floats_whatever_the_trainer_returns(numbers, capsys):
    seen = []

    def trainer(*state):
        seen.extend(state)
        return numbers

    points = d2l.train_2d(trainer, 2)
    assert points == [(-5, -2), (1, 2), (1, 2)]
    assert all(type(point) is tuple for point in points)
    assert {type(x) for point in points for x in point} == {float}
    assert {type(x) for x in seen} == {float}
    assert capsys.readouterr().out == "epoch 2, x1: 1.000000, x2: 2.000000\n"


def test_train_2d_walks_on_when_it_diverges(capsys):
    points = d2l.train_2d(lambda x1, x2, s1, s2: (x1 * 1e200, np.nan, s1, s2), 3)
    assert [x1 for x1, _ in points] == [-5, -5 * 1e200, -np.inf, -np.inf]
    assert capsys.readouterr().out == "epoch 3, x1: -inf, x2: nan\n"
