"""The secant of lesson 01 has the slopes of Python, round-off and all."""

import numpy as np
import pytest

import d2l_utils as d2l
from javascript import needs_node, values


@needs_node
def test_the_secant_has_the_slopes_of_python():
    places = range(-68, 2)
    sizes, slopes, states = values(
        "secant",
        f"{list(places)}.map(m.stepSize)",
        f"{list(places)}.map((p) => m.secantSlope(m.fallen, 2, m.stepSize(p)))",
        f"{list(places)}.map((p) => m.state(m.stepSize(p)))",
    )
    factors = ["1", "1.8", "3.2", "5.6"]
    assert sizes == [float(f"{factors[p % 4]}e{p // 4}") for p in places]
    # The same float64 arithmetic, round-off and all.
    for h, slope, state in zip(sizes, slopes, states, strict=True):
        assert slope == ((5 * ((2 + h) * (2 + h))) - 20) / h
        if h > 1.5e-7:
            assert slope - 20 == pytest.approx(5 * h, rel=0.1)
            assert state == "exact"
        elif 5e-8 < h < 1.5e-7:
            assert state == "mixed"
            assert 0.1 < abs(slope - 20 - 5 * h) / (5 * h) < 1
        elif 2e-16 < h < 1e-9:
            assert state == "rough"
        elif h < 2e-16:
            assert (slope, state) == (0, "blind")


@needs_node
def test_the_slider_finds_its_place_again():
    places = list(range(-68, 2))
    (again,) = values("secant", f"{places}.map((p) => m.placeOf(m.stepSize(p)))")
    assert again == places
    assert values("secant", "m.placeOf(1e-30)", "m.placeOf(100)") == [-68, 1]


@needs_node
def test_the_speed_is_the_slope_of_the_way():
    points = [0.5, 1, 2, 3.7]
    heights, slopes = values(
        "secant", f"{points}.map(m.fallen)", f"{points}.map(m.speed)"
    )
    np.testing.assert_allclose(heights, [5 * t**2 for t in points], rtol=1e-9)
    measured = [d2l.numerical_diff(lambda t: 5 * t**2, t) for t in points]
    np.testing.assert_allclose(slopes, measured, rtol=1e-9)


def test_the_option_reaches_the_script():
    assert 'mount(place, {"h": 1e-12})' in d2l.explore_secant(h=1e-12).html
