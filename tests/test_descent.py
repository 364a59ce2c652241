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
