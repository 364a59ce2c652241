"""The gradient of lesson 02 is measured as numerical_gradient does."""

import json
import re

import numpy as np
import pytest

import d2l_utils as d2l
from javascript import needs_node, values

ROUND, LONG = "round: x₀² + x₁²", "long: 0.1x₀² + 2x₁²"
# As the lesson has them.
BOWLS = {
    ROUND: lambda x: x[0] * x[0] + x[1] * x[1],
    LONG: lambda x: 0.1 * x[0] ** 2 + 2 * x[1] ** 2,
}
POINTS = [[-5, -2], [3, 4], [5.5, -4], [-0.1, 0.1], [0.3, 0], [0, -4], [0, 0]]
each_bowl = pytest.mark.parametrize("name", BOWLS)


def on(name, expression):
    """An expression with a bowl f and its shape, for JavaScript."""
    known = "((shape, f = m.bowl(shape)) =>"
    return f"{known} {expression})(m.BOWLS[{json.dumps(name)}])"


@needs_node
def test_the_bowls_are_the_two_of_the_lesson():
    assert values("gradient", "Object.keys(m.BOWLS)") == [[*BOWLS]]


@needs_node
@each_bowl
def test_heights_and_slopes_are_those_of_python(name):
    heights, slopes = values(
        "gradient",
        on(name, "points.map(f)"),
        on(name, "points.map((x) => m.gradient(f, x))"),
        points=POINTS,
    )
    f = BOWLS[name]
    np.testing.assert_allclose(heights, [f(x) for x in POINTS], rtol=1e-9, atol=0)
    expected = [d2l.numerical_gradient(f, x) for x in POINTS]
    np.testing.assert_allclose(slopes, expected, rtol=1e-9, atol=0)
    assert slopes[-1] == [0, 0]


@needs_node
def test_the_step_is_that_of_python_where_it_leaves_a_trace():
    x = [0.1, -0.2]
    (slopes,) = values(
        "gradient", f"m.gradient(([a, b]) => a * a * a - b * b * b, {x})"
    )
    expected = d2l.numerical_gradient(lambda x: x[0] ** 3 - x[1] ** 3, x)
    np.testing.assert_allclose(slopes, expected, rtol=1e-9, atol=0)
    assert slopes[0] != pytest.approx(3 * 0.1**2, rel=1e-7)


@needs_node
@each_bowl
def test_a_slice_moves_one_entry_and_freezes_the_other(name):
    first, second = values(
        "gradient",
        on(name, "moved.map(m.slice(f, [3, 4], 0))"),
        on(name, "moved.map(m.slice(f, [3, 4], 1))"),
        moved=[-5, 0, 3, 4],
    )
    f = BOWLS[name]
    np.testing.assert_allclose(first, [f([v, 4]) for v in [-5, 0, 3, 4]], rtol=1e-9)
    np.testing.assert_allclose(second, [f([3, v]) for v in [-5, 0, 3, 4]], rtol=1e-9)


@needs_node
@each_bowl
def test_the_level_line_lies_on_its_level_and_square_to_the_gradient(name):
    (line,) = values("gradient", on(name, "m.ring(shape, 10.5)"))
    np.testing.assert_allclose([BOWLS[name](x) for x in line], 10.5, rtol=1e-9)
    np.testing.assert_allclose(line[0], line[-1], atol=1e-12)
    line = np.array(line)
    assert len(line) > 100
    assert np.abs(line).max(0) == pytest.approx(
        np.sqrt(10.5 / np.array({ROUND: [1, 1], LONG: [0.1, 2]}[name]))
    )
    for before, here, after in zip(line, line[1:], line[2:], strict=False):
        along, slopes = after - before, d2l.numerical_gradient(BOWLS[name], here)
        size = np.linalg.norm(along) * np.linalg.norm(slopes)
        assert abs(along @ slopes) < 1e-9 * size


@needs_node
@each_bowl
def test_the_angle_is_that_of_the_lesson(name):
    points = POINTS[:-1]
    angles = values(
        "gradient",
        *(on(name, f"m.between(m.gradient(f, {x}), {x})") for x in points),
    )
    for x, angle in zip(points, angles, strict=True):
        g = d2l.numerical_gradient(BOWLS[name], x)
        cosine = g @ x / (np.linalg.norm(g) * np.linalg.norm(x))
        expected = np.degrees(np.arccos(min(1.0, cosine)))
        assert angle == pytest.approx(expected, rel=1e-9, abs=1e-5)
    if name == ROUND:
        assert max(angles) < 1e-6
    else:
        assert [round(angle) for angle in angles] == [61, 35, 50, 42, 0, 0]
        # On an axis, and only there, it says that the arrow points at the minimum.
        assert [angle < 1e-6 for angle in angles] == [False] * 4 + [True] * 2


@needs_node
def test_the_angle_tells_any_two_arrows_apart():
    right, behind, none = values(
        "gradient",
        "m.between([3, 0], [0, -2])",
        "m.between([1, 2], [-2, -4])",
        "m.between([0, 0], [0, 0])",
    )
    assert (right, behind, none) == (90, 180, 0)


@needs_node
def test_the_message_gives_where_the_arrow_points():
    messages = values(
        "gradient",
        "m.meaning(long, 61.07)",
        "m.meaning(long, 0.43)",
        "m.meaning(long, 1e-9)",
        "m.meaning(round, 1e-9)",
        long=LONG,
        round=ROUND,
    )
    square = "square to the level line, and that is not a circle."
    assert messages == [
        f"points 61° away from the minimum: it is {square}",
        f"points 0.43° away from the minimum: it is {square}",
        "points straight at the minimum (0°). On the long bowl it does so only where "
        "*x*₀ or *x*₁ is 0.",
        "points straight at the minimum (0°), as everywhere on the round bowl: the "
        "level lines are circles.",
    ]


def test_the_options_reach_script_and_picture():
    html = d2l.explore_gradient(x0=3, x1=4).html
    plain = d2l.explore_gradient().html
    assert 'mount(place, {"x0": 3.0, "x1": 4.0})' in html
    assert 'mount(place, {"x0": -5.0, "x1": -2.0})' in plain
    picture = re.compile('src="data:image/png;base64,([^"]+)"')
    assert picture.search(html)[1] != picture.search(plain)[1]
    assert d2l.explore_gradient(x0=3).alt == d2l.explore_gradient().alt


def test_the_point_stands_where_the_sliders_can_be():
    html = d2l.explore_gradient(x0=1.26, x1=-0.01).html
    assert 'mount(place, {"x0": 1.3, "x1": 0.0})' in html
    assert html == d2l.explore_gradient(x0=1.3, x1=0).html
