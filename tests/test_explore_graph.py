"""The graphs of lesson 07 have the values and the slopes of d2l.Tensor."""

import itertools

import numpy as np
import pytest

import d2l_utils as d2l
from d2l_utils.interactive import graph
from javascript import needs_node, values


def chain(w, b, x, t):
    wx = w * x
    prediction = wx + b
    e = prediction - t
    return {"wx": wx, "wx + b": prediction, "e": e, "L": e * e}


def fork(x):
    square, plus = x**2, x + 3
    return {"x²": square, "x + 3": plus, "L": square * plus}


def fork_on_the_way(x):
    u = 2 * x
    v = u**2
    return {"u": u, "v": v, "L": u + v}


# Each with the inputs whose slopes are asked for, and with those that are data.
GRAPHS = {
    "a chain": (chain, ["w", "b"], ["x", "t"]),
    "a fork": (fork, ["x"], []),
    "a fork on the way": (fork_on_the_way, ["x"], []),
}
each_graph = pytest.mark.parametrize("name", GRAPHS)


def grid(names):
    numbers = [-4, -1.3, 0, 0.7, 2.9]
    return [
        dict(zip(names, point, strict=True))
        for point in itertools.product(numbers, repeat=len(names))
    ]


def walks(name, points, **others):
    """What the script finds at each point: values, slopes and shares."""
    (found,) = values(
        "graph",
        """points.map((point) => {
            const graph = { ...m.GRAPHS[name], ...others }
            const all = m.forward(graph, point)
            return [all, m.backward(graph, all)]
        })""",
        name=name,
        points=points,
        others=others,
    )
    return [(seen, back["slopes"], back["shares"]) for seen, back in found]


def close(found, expected):
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(float(value), rel=1e-9, abs=1e-12), key


@needs_node
@each_graph
def test_values_and_slopes_are_those_of_a_tensor(name):
    function, wanted, data = GRAPHS[name]
    points = grid(wanted + data)
    for point, (seen, slopes, _) in zip(points, walks(name, points), strict=True):
        leaves = {key: d2l.Tensor(point[key]) for key in wanted}
        results = function(**leaves, **{key: point[key] for key in data})
        results["L"].backward()
        close(seen, point | {key: node.data for key, node in results.items()})
        nodes = leaves | results
        close(slopes, {key: node.grad for key, node in nodes.items()})


@needs_node
def test_slopes_of_data_could_be_found_as_well():
    points = grid(["w", "b", "x", "t"])
    found = walks("a chain", points, wanted=["w", "b", "x", "t"])
    for point, (_, slopes, _) in zip(points, found, strict=True):
        leaves = {key: d2l.Tensor(number) for key, number in point.items()}
        results = chain(**leaves)
        results["L"].backward()
        close(slopes, {key: node.grad for key, node in (leaves | results).items()})


@needs_node
@each_graph
def test_the_judge_agrees(name):
    function, wanted, data = GRAPHS[name]
    points = grid(wanted + data)
    for point, (_, slopes, _) in zip(points, walks(name, points), strict=True):
        fixed = {key: point[key] for key in data}
        measured = d2l.numerical_gradient(
            lambda p, fixed=fixed: function(*p, **fixed)["L"],
            [point[key] for key in wanted],
        )
        np.testing.assert_allclose(
            [slopes[key] for key in wanted], measured, rtol=1e-6, atol=1e-6
        )


@needs_node
@each_graph
def test_no_value_passes_its_slope_on_too_early(name):
    _, wanted, data = GRAPHS[name]
    ((_, slopes, shares),) = walks(name, grid(wanted + data)[-1:])
    sums = {"L": 1}
    for i, share in enumerate(shares):
        later = [other["to"] for other in shares[i + 1 :]]
        assert share["from"] not in later
        assert share["waits"] == (share["to"] in later)
        assert share["slope"] == sums[share["from"]]
        assert share.get("before") == sums.get(share["to"])
        part = share["slope"] * share["local"]
        sums[share["to"]] = sums.get(share["to"], 0) + part
        assert share["sum"] == sums[share["to"]]
    assert sums == slopes


def messages(name, point):
    """All messages on the way, in order."""
    (lines,) = values(
        "graph",
        """(() => {
            const graph = m.GRAPHS[name]
            const all = m.forward(graph, point)
            return [
                ...graph.results.map((result) => m.resultMessage(result, all)),
                ...m.backward(graph, all).shares.map(m.shareMessage),
            ]
        })()""",
        name=name,
        point=point,
    )
    return [line.replace("*", "").replace("\u00a0", " ") for line in lines]


@needs_node
def test_the_messages_of_the_walk_of_the_lesson():
    rest = "the local derivative is 1. Times the slope at"
    assert messages("a chain", {"w": 2, "x": 3, "b": 1, "t": 5}) == [
        "Forward: wx is w times x, 2 × 3 = 6.",
        "Forward: wx + b is wx plus b, 6 + 1 = 7.",
        "Forward: e is wx + b minus t, 7 − 5 = 2.",
        "Forward: L is e squared, 2² = 4.",
        "Backward, from L to e: the local derivative is 2e = 4. Times the slope at L, "
        "it makes 1 × 4 = 4.",
        f"Backward, from e to wx + b: {rest} e, it makes 4 × 1 = 4.",
        f"Backward, from wx + b to wx: {rest} wx + b, it makes 4 × 1 = 4.",
        f"Backward, from wx + b to b: {rest} wx + b, it makes 4 × 1 = 4.",
        "Backward, from wx to w: the local derivative is x = 3. Times the slope at wx, "
        "it makes 4 × 3 = 12.",
    ]


@needs_node
def test_the_messages_about_negative_numbers_and_shares():
    assert messages("a fork", {"x": -1.1}) == [
        "Forward: x² is x squared, (−1.1)² = 1.21.",
        "Forward: x + 3 is x plus 3, −1.1 + 3 = 1.9.",
        "Forward: L is x² times (x + 3), 1.21 × 1.9 = 2.299.",
        "Backward, from L to x²: the local derivative is x + 3 = 1.9. Times the slope "
        "at L, it makes 1 × 1.9 = 1.9.",
        "Backward, from L to x + 3: the local derivative is x² = 1.21. Times the slope "
        "at L, it makes 1 × 1.21 = 1.21.",
        "Backward, from x + 3 to x: the local derivative is 1. Times the slope at "
        "x + 3, it makes 1.21 × 1 = 1.21. That is one share: x waits for the other.",
        "Backward, from x² to x: the local derivative is 2x = −2.2. Times the slope at "
        "x², it makes 1.9 × (−2.2) = −4.18. The two shares add up: "
        "1.21 + (−4.18) = −2.97.",
    ]
    lines = messages("a fork on the way", {"x": 1.5})
    assert lines[0] == "Forward: u is 2 times x, 2 × 1.5 = 3."
    assert lines[3].endswith("1 × 1 = 1. That is one share: u waits for the other.")
    assert lines[5].endswith("1 × 6 = 6. The two shares add up: 1 + 6 = 7.")
    assert lines[6].startswith(
        "Backward, from u to x: the local derivative is 2. Times"
    )


@needs_node
def test_round_off_is_not_shown():
    assert -1e-12 < 1.4 * 3 + 0.8 - 5 < 0
    lines = messages("a chain", {"w": 1.4, "x": 3, "b": 0.8, "t": 5})
    assert lines[3] == "Forward: L is e squared, 0² = 0."
    assert lines[4].endswith("1 × 0 = 0.")
    assert not any("10⁻" in line or "(0)" in line for line in lines)


@needs_node
def test_the_change_is_what_happens_to_the_loss():
    chosen = {"w": 2, "x": 3, "b": 1, "t": 5}
    w, b = values(
        "graph",
        'm.raised(m.GRAPHS["a chain"], point, "w")',
        'm.raised(m.GRAPHS["a chain"], point, "b")',
        point=chosen,
    )
    assert w == pytest.approx((2.1 * 3 + 1 - 5) ** 2 - 4, rel=1e-9)
    assert b == pytest.approx((2 * 3 + 1.1 - 5) ** 2 - 4, rel=1e-9)


@needs_node
@each_graph
def test_every_input_has_its_slider_and_every_box_two_places(name):
    (made,) = values("graph", "m.GRAPHS[name]", name=name)
    _, wanted, data = GRAPHS[name]
    assert made["wanted"] == wanted
    assert made["inputs"].keys() == made["limits"].keys() == {*wanted, *data}
    for key, most in made["limits"].items():
        assert abs(made["inputs"][key]) <= most
    boxes = {*wanted, *data, *(result[0] for result in made["results"])}
    for drawing in ["wide", "narrow"]:
        assert made[drawing][1].keys() == boxes


@needs_node
def test_the_picture_shows_the_same_numbers():
    (inputs,) = values("graph", 'm.GRAPHS["a chain"].inputs')
    ((seen, slopes, shares),) = walks("a chain", [inputs])
    assert {name: box[3] for name, box in graph.BOXES.items()} == seen
    drawn = {name: box[4] for name, box in graph.BOXES.items()}
    assert {name: slope for name, slope in drawn.items() if slope is not None} == slopes
    arrows = {(end, start): local for start, end, local, _ in graph.ARROWS if local}
    assert arrows == {(s["from"], s["to"]): s["local"] for s in shares}
