"""The line of lesson 04 lies where NumPy says, and walks as gradient_descent does."""

import functools

import numpy as np
import pytest

import d2l_utils as d2l
from javascript import needs_node, values

Y = {"x = 1, 2, 3": [2, 4, 6], "x = −1, 0, 1": [-2, 0, 2]}
X = {"x = 1, 2, 3": [1, 2, 3], "x = −1, 0, 1": [-1, 0, 1]}
NAMES = list(X)
BENT = [[-1.5, 0.3], [0.2, 1.1], [1.1, 0.4], [4.0, 7.3]]
LINES = [[0, 0], [0.5, 1], [1, 2], [-1, -1.5], [4, 2.5], [1.95, 0.1]]
each_data = pytest.mark.parametrize("points", [*NAMES, BENT])


def table(points):
    """The features with a column of ones, the labels, and the points in node."""
    if isinstance(points, str):
        points = np.column_stack([X[points], Y[points]]).tolist()
    x, y = np.transpose(points)
    return np.column_stack([x, np.ones(len(x))]), y, points


def half_mse(X, y, w):
    return np.mean((X @ w - y) ** 2) / 2


def gradient(X, y, w):
    return X.T @ (X @ w - y) / len(X)


def near(got, expected):
    scale = max(1, np.abs(expected).max())
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12 * scale)


@needs_node
def test_the_points_are_those_of_the_lesson():
    (data,) = values("regression", "m.DATA")
    assert data == {name: table(name)[2] for name in NAMES}


@needs_node
@each_data
def test_loss_gradient_and_best_line_are_those_of_numpy(points):
    X, y, data = table(points)
    missed, losses, slopes, ways, best, bends = values(
        "regression",
        "lines.map((line) => m.residuals(data, line))",
        "lines.map((line) => m.loss(data, line))",
        "lines.map((line) => m.gradient(data, line))",
        "lines.map((line) => m.wayTo(data, line))",
        "m.leastSquares(data)",
        "m.curvatures(data)",
        data=data,
        lines=LINES,
    )
    expected = np.linalg.lstsq(X, y)[0]
    near(missed, [X @ w - y for w in LINES])
    near(losses, [half_mse(X, y, w) for w in LINES])
    near(slopes, [gradient(X, y, w) for w in LINES])
    measured = functools.partial(d2l.numerical_gradient, lambda w: half_mse(X, y, w))
    np.testing.assert_allclose(slopes, [*map(measured, LINES)], rtol=1e-8, atol=1e-8)
    near(best, expected)
    near(ways, expected - LINES)
    near(bends, np.linalg.eigvalsh(X.T @ X / len(X)))


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_a_level_line_lies_on_its_level(name):
    X, y, data = table(name)
    levels = [0.05, 1, 20]
    (rings,) = values(
        "regression",
        "levels.map((l) => m.levelLine(data, l))",
        data=data,
        levels=levels,
    )
    for level, ring in zip(levels, rings, strict=True):
        near([half_mse(X, y, w) for w in ring], np.full(len(ring), level))
        # All around the lowest point.
        angles = np.unwrap(np.arctan2(*(np.array(ring) - [2, 0]).T[::-1]))
        assert angles[-1] - angles[0] == pytest.approx(2 * np.pi)


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_the_line_takes_the_steps_of_gradient_descent(name):
    X, y, data = table(name)
    rates, walks = values(
        "regression",
        "m.RATES",
        "m.RATES.map((lr) => lines.map((line) => m.descend(data, line, lr, 50)))",
        data=data,
        lines=LINES,
    )
    for lr, histories in zip(rates, walks, strict=True):
        for start, history in zip(LINES, histories, strict=True):
            _, expected = d2l.gradient_descent(
                lambda w: half_mse(X, y, w),
                start,
                lr,
                len(history) - 1,
                grad=lambda w: gradient(X, y, w),
            )
            far = np.abs(expected).max(axis=1) > 1000
            assert not np.any(far[:-1])
            assert far[-1] or len(history) == 51
            near(history, expected)


@needs_node
def test_the_state_is_that_of_the_place():
    cases = [
        (0, [0, 0], 0.1, "wall"),
        (0, [1, -0.45], 0.1, "aimed"),
        (0, [1, 2], 0.1, "floor"),
        (0, [2, 0], 0.1, "there"),
        (0, [2, 0], 2.2, "there"),
        (0, [0, 0], 0.35, "wall"),
        (0, [1, 2], 0.4, "away"),
        (0, [1e4, 0], 0.4, "away"),
        (1, [0, 0], 0.4, "round"),
        (1, [0, 1], 1.8, "round"),
        (1, [0, 1], 2.2, "away"),
        # Without an error of b nothing swings.
        (1, [0, 0], 2.2, "round"),
    ]
    (states,) = values(
        "regression",
        "cases.map(([which, line, lr]) => "
        "m.state(Object.values(m.DATA)[which], line, lr))",
        cases=cases,
    )
    assert states == [state for *_, state in cases]


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_just_those_rates_are_too_large_that_lesson_03_says(name):
    X, _, data = table(name)
    rates, states = values(
        "regression",
        "m.RATES",
        "m.RATES.map((lr) => m.state(data, [0, 1], lr))",
        data=data,
    )
    limit = 2 / np.linalg.eigvalsh(X.T @ X / 3)[-1]
    assert [state == "away" for state in states] == [lr > limit for lr in rates]
    assert "away" in states
    assert states[0] != "away"


@needs_node
def test_the_wall_is_where_the_arrow_misses_the_star():
    X, y, data = table(NAMES[0])
    lines = [[w / 4, b / 4] for w in range(-4, 17) for b in range(-6, 11)]
    (states,) = values(
        "regression",
        "lines.map((line) => m.state(data, line, 0.1))",
        data=data,
        lines=lines,
    )
    assert {*states} == {"wall", "aimed", "floor", "there"}
    for line, state in zip(lines, states, strict=True):
        if state in ("wall", "aimed"):
            down, way = -gradient(X, y, line), np.subtract([2, 0], line)
            cosine = down @ way / np.linalg.norm(down) / np.linalg.norm(way)
            assert (np.degrees(np.arccos(cosine)) < 10) == (state == "aimed")


@needs_node
def test_a_short_step_is_not_written_as_none():
    short, *others = values(
        "regression",
        "m.fine(0.01 * Math.hypot(...m.gradient(data, [1.9, 0.2])))",
        "m.fine(m.gradient(data, [1.9, 0.2])[1])",
        "m.fine(m.gradient(data, [0, 0])[0])",
        data=table(NAMES[0])[2],
    )
    assert short == "6.67\u00a0×\u00a010⁻⁴"
    assert others == ["0", "−9.33"]
