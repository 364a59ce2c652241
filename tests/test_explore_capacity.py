"""The polynomials of lesson 09 are those of NumPy, with the points of the lesson."""

import re

import numpy as np
import pytest

import d2l_utils as d2l
from d2l_utils.interactive import capacity
from javascript import needs_node, values
from project import ROOT


def points(count, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, count)
    return np.column_stack([x, np.sin(4 * x) + rng.normal(0, 0.25, count)])


def fitted(table, degree):
    """The polynomial of least squares, by NumPy."""
    return np.polynomial.Polynomial.fit(*table.T, degree, domain=[-1, 1])


def error(polynomial, table):
    return np.mean((polynomial(table[:, 0]) - table[:, 1]) ** 2)


def options():
    """The points that the figure gets."""
    text = d2l.explore_capacity().html
    numbers = re.search(r"mount\(place, (\{.*\})\)", text)[1]
    return {
        name: np.array(re.findall(r"\[(-?[\d.e-]+), (-?[\d.e-]+)\]", part), dtype=float)
        for name, part in re.findall(r'"(\w+)": \[(.*?\])\]', numbers)
    }


@needs_node
@pytest.mark.parametrize(("count", "degree"), [(5, 4), (10, 9), (10, 3), (60, 12)])
def test_the_curve_is_that_of_numpy(count, degree):
    table = points(count)
    x = np.linspace(-1, 1, 41)
    (got,) = values(
        "capacity",
        f"x.map((x) => m.curveAt(m.fitted(points, {degree}), x))",
        points=table.tolist(),
        x=x.tolist(),
    )
    expected = fitted(table, degree)(x)
    assert np.allclose(got, expected, rtol=1e-6, atol=1e-6 * abs(expected).max())


@needs_node
def test_the_errors_are_those_of_numpy_and_fall_on_the_own_points():
    table, others = points(20), points(50, seed=1)
    most, got = values(
        "capacity",
        "m.MOST",
        "m.errors(points, others)",
        points=table.tolist(),
        others=others.tolist(),
    )
    expected = [
        [error(fitted(table, d), part) for part in (table, others)]
        for d in range(most + 1)
    ]
    assert np.allclose(got, expected, rtol=1e-6, atol=0)
    assert np.all(np.diff(got, axis=0)[:, 0] < 0)


@needs_node
def test_so_many_points_determine_no_higher_degree():
    (few, many) = values(
        "capacity",
        "m.errors(points.slice(0, 5), points).length",
        "m.errors(points, points).length",
        points=points(30).tolist(),
    )
    assert (few, many) == (5, 13)


@needs_node
def test_legendre_s_polynomials_are_those_of_numpy():
    x = [-1, -0.3, 0.6, 1]
    (got,) = values("capacity", "x.map((x) => m.terms(x, 12))", x=x)
    assert np.allclose(got, np.polynomial.legendre.legvander(x, 12), rtol=1e-12)
    assert values("capacity", "m.terms(0.5, 0)") == [[1]]


@needs_node
def test_the_next_points_are_others_until_the_pool_is_used_up():
    pool = list(range(12))
    draws = values(
        "capacity", *(f"m.drawn(pool, {at}, 5)" for at in (0, 5, 10)), pool=pool
    )
    assert draws == [[pool[:5], 0], [pool[5:10], 5], [pool[:5], 0]]


@needs_node
def test_the_sliders_stay_within_the_pool():
    assert values("capacity", "m.FEWEST", "m.MANY") == [5, capacity.FIRST]


def test_the_points_are_those_of_the_lesson():
    found = options()
    rng = np.random.default_rng(capacity.SEED)
    for part in (found["pool"][: capacity.FIRST], found["others"]):
        x = rng.uniform(-1, 1, len(part))
        y = np.sin(4 * x) + rng.normal(0, capacity.NOISE, len(part))
        assert np.allclose(part, np.column_stack([x, y]), rtol=0, atol=1e-6)
    assert (len(found["pool"]), len(found["others"])) == (180, 100)
    (text,) = (ROOT / "chapters/text/en").glob("09_*.md")
    lesson = text.read_text(encoding="utf-8")
    assert f"default_rng({capacity.SEED})" in lesson
    assert f"rng.normal(0, {capacity.NOISE}, count)" in lesson
