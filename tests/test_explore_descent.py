"""The ball of lesson 03 walks as gradient_descent does."""

import re

import numpy as np

import d2l_utils as d2l
from javascript import needs_node, values


@needs_node
def test_the_slope_is_that_of_the_valley():
    points = [-3, -0.4, 0.25, 2, 3]
    heights, slopes = values(
        "descent", f"{points}.map(m.valley)", f"{points}.map(m.slope)"
    )
    np.testing.assert_allclose(heights, [2 * x**2 for x in points], rtol=1e-9)
    measured = [d2l.numerical_diff(lambda x: 2 * x**2, x) for x in points]
    np.testing.assert_allclose(slopes, measured, rtol=1e-9)


@needs_node
def test_the_ball_takes_the_steps_of_gradient_descent():
    rates, starts = [0.01, 0.05, 0.25, 0.45, 0.5, 0.52, 0.6], [-3, 0.1, 2]
    walks = [(start, lr) for start in starts for lr in rates]
    for (start, lr), history, by in zip(
        walks,
        *values(
            "descent",
            f"{[*map(list, walks)]}.map(([start, lr]) => m.descend(start, lr, 30))",
            f"{[*map(list, walks)]}.map(([_, lr]) => m.factor(lr))",
        ),
        strict=True,
    ):
        _, expected = d2l.gradient_descent(
            lambda x: 2 * x**2, start, lr, 30, grad=lambda x: 4 * x
        )
        np.testing.assert_allclose(history, expected, rtol=1e-9)
        assert by == 1 - lr * 4


@needs_node
def test_the_fate_of_the_ball_is_that_of_the_table():
    rates = [0.01, 0.24, 0.25, 0.26, 0.49, 0.5, 0.51, 0.6]
    (fates,) = values("descent", f"{rates}.map(m.fate)")
    assert fates == [
        "walks down on its side",
        "walks down on its side",
        "arrives in one step",
        "jumps from side to side, and arrives",
        "jumps from side to side, and arrives",
        "jumps from side to side forever",
        "jumps farther and farther away",
        "jumps farther and farther away",
    ]


def test_the_options_reach_script_and_picture():
    html = d2l.explore_descent(lr=0.52, start=-1, steps=3).html
    plain = d2l.explore_descent().html
    assert 'mount(place, {"lr": 0.52, "start": -1.0, "steps": 3})' in html
    picture = re.compile('src="data:image/png;base64,([^"]+)"')
    assert picture.search(html)[1] != picture.search(plain)[1]
    assert d2l.explore_descent(lr=0.52).alt == d2l.explore_descent().alt
