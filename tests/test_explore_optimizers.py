"""The race of lesson 06 is run by the rules of d2l_utils."""

import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

import d2l_utils as d2l
from d2l_utils.interactive.optimizers import RACE
from d2l_utils.optimizers import OPTIMIZERS
from javascript import FOLDER, needs_node, values
from project import ROOT

SCRIPT = (FOLDER / "optimizers.js").read_text(encoding="utf-8")
# Those that the figure has a rule for.
RULES = tuple(name for name in OPTIMIZERS if re.search(rf"^  {name}[:(]", SCRIPT, re.M))
HEAVY = "Momentum", "Nesterov"
TURN = np.array([[1, -1], [1, 1]]) / np.sqrt(2)


def valley(x):
    return 0.1 * x[0] ** 2 + 2 * x[1] ** 2


def valley_gradient(x):
    return np.array([0.2 * x[0], 4 * x[1]])


def rosenbrock_gradient(x):
    off = x[1] - x[0] * x[0]
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * off, 200 * off])


# The loss, its gradient, and the start.
SURFACES = {
    "long valley": (valley, valley_gradient, [-5, -2]),
    "long valley, turned": (
        lambda x: valley(TURN.T @ x),
        lambda x: TURN @ valley_gradient(TURN.T @ x),
        TURN @ [-5, -2],
    ),
    "Rosenbrock's valley": (
        lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2,
        rosenbrock_gradient,
        [-1.2, 1],
    ),
    "saddle": (
        lambda x: x[0] ** 2 - x[1] ** 2,
        lambda x: np.array([2 * x[0], -2 * x[1]]),
        [-2, 0.001],
    ),
}
each_rule = pytest.mark.parametrize("rule", RULES)
each_surface = pytest.mark.parametrize("name", SURFACES)


def python_walk(rule, gradient, start, steps, **options):
    x = np.array(start, dtype=np.float64)
    optimizer = getattr(d2l, rule)([x], **options)
    history = [x.copy()]
    for _ in range(steps):
        optimizer.step([gradient(x)])
        history.append(x.copy())
    return np.array(history)


def walks(name, options="{ lr: own[rule], beta: 0.9 }", steps=200):
    """The walks of all rules in JavaScript, from the start of the surface."""
    (points,) = values(
        "optimizers",
        f"""(({{ rates: own, ...surface }}) => {{
          const on = {{ ...surface, most: {steps} }}
          return Object.fromEntries(Object.keys(own).map((rule) => {{
            return [rule, m.walk(rule, on, on.start, {options})]
          }}))
        }})(m.SURFACES[name])""",
        name=name,
    )
    return {rule: np.array(walk) for rule, walk in points.items()}


@needs_node
def test_the_rules_are_optimizers():
    (rules,) = values("optimizers", "Object.keys(m.RULES)")
    assert tuple(rules) == RULES
    assert set(RACE) < set(RULES)


def test_rules_have_the_colors_they_have_everywhere():
    options = re.search(r"^mount\(place, (.*)\)$", d2l.explore_optimizers().html, re.M)
    with plt.style.context("d2l_utils.downhill"):
        colors = {name: to_hex(d2l.optimizer_color(name)) for name in OPTIMIZERS}
    given = json.loads(options[1])["colors"]
    assert {name: color.lower() for name, color in given.items()} == colors
    # No color of its own stands in the script.
    assert set(re.findall("#[0-9A-Fa-f]{3,6}", SCRIPT)) <= {"#222", "#888", "#fff"}


@needs_node
@each_surface
def test_heights_and_slopes_are_those_of_python(name):
    f, gradient, start = SURFACES[name]
    points = np.random.default_rng(0).uniform(-3, 3, size=(20, 2)).tolist()
    heights, slopes, begin, low = values(
        "optimizers",
        "points.map((x) => m.SURFACES[name].f(...x))",
        "points.map((x) => m.SURFACES[name].gradient(...x))",
        "m.SURFACES[name].start",
        "m.SURFACES[name].goal ?? null",
        name=name,
        points=points,
    )
    points = np.array(points)
    np.testing.assert_allclose(heights, [f(x) for x in points], rtol=1e-9)
    np.testing.assert_allclose(slopes, [gradient(x) for x in points], rtol=1e-9)
    measured = [d2l.numerical_gradient(f, x) for x in points]
    np.testing.assert_allclose(slopes, measured, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(begin, start, rtol=1e-15)
    if low is not None:
        assert f(np.array(low)) == 0
        np.testing.assert_array_equal(gradient(np.array(low)), 0)


@needs_node
@each_rule
def test_a_rule_takes_the_steps_of_python(rule):
    rng = np.random.default_rng(1)
    grads = 10 ** rng.uniform(-3, 3, size=1000) * rng.normal(size=1000)
    (places,) = values(
        "optimizers",
        """grads.reduce((entries, g) => {
          entries.push(m.RULES[rule](entries.at(-1), g, { lr: 0.01, beta: 0.8 }))
          return entries
        }, [{ x: 1.5 }]).map(({ x }) => x)""",
        rule=rule,
        grads=grads.tolist(),
    )
    options = {"momentum": 0.8} if rule in HEAVY else {}
    given = iter(grads)
    expected = python_walk(
        rule, lambda x: [next(given)], [1.5], 1000, lr=0.01, **options
    )
    assert len(places) == 1001
    np.testing.assert_allclose(places, expected[:, 0], rtol=1e-9)


@needs_node
@each_surface
def test_walks_are_those_of_python(name):
    f, gradient, start = SURFACES[name]
    (own,) = values("optimizers", "m.SURFACES[name].rates", name=name)
    assert tuple(own) == RULES
    for rule, points in walks(name).items():
        expected = python_walk(rule, gradient, start, 200, lr=own[rule])
        assert len(points) == 201
        # Next to the lowest point the slopes are differences of round-off.
        losses = np.abs([f(x) for x in expected])
        near = np.flatnonzero(losses < 1e-9) if name != "saddle" else []
        until = near[0] if len(near) else 201
        assert until > 14
        scale = np.abs(expected[:until]).max(axis=1, keepdims=True)
        assert np.max(np.abs(points - expected)[:until] / scale) < 1e-9


@needs_node
def test_what_goes_far_away_stops_unless_that_is_the_way_down():
    distance = np.abs(walks("long valley", "{ lr: 0.6, beta: 0 }")["SGD"]).max(axis=1)
    assert len(distance) < 100
    assert distance[-2] <= 1e6 < distance[-1]
    points = walks("saddle", "{ lr: 0.5, beta: 0.9 }")["Nesterov"]
    assert len(points) == 201
    assert points[-1, 1] > 1e6


@needs_node
def test_only_three_rules_do_not_mind_the_turn():
    options = "{ lr: own[rule], beta: 0.9 }"
    along, turned = walks("long valley", options), walks("long valley, turned", options)
    for rule in RULES:
        off = np.abs(along[rule][:50] @ TURN.T - turned[rule][:50]).max()
        assert (off < 1e-9) == (rule in ("SGD", *HEAVY))
        assert off < 1e-9 or off > 0.5


@needs_node
def test_the_own_rates_are_those_of_the_lesson():
    (surfaces,) = values("optimizers", "m.SURFACES")
    text = (ROOT / "chapters/text/en/06_optimizers.md").read_text(encoding="utf-8")
    lists = re.findall(r"for rule, lr in zip\(RULES, \[(.*?)\]\):", text)
    in_valley, there = (
        dict(zip(RULES, map(float, rates.split(", ")), strict=True)) for rates in lists
    )
    assert surfaces["Rosenbrock's valley"]["rates"] == there
    there = in_valley
    for name in ("long valley", "long valley, turned"):
        assert surfaces[name]["rates"] == there
    assert set(surfaces["saddle"]["rates"].values()) == {0.05}
    assert {rule: there[rule] for rule in RACE} == RACE


@needs_node
def test_the_lowest_leads_and_what_diverged_comes_last():
    runs = [
        {"name": "late", "losses": [9, 99, 999, 9999]},
        {"name": "slow", "losses": [9, 8, 7, 6, 5]},
        {"name": "soon", "losses": [9, 1e30]},
        {"name": "fast", "losses": [9, 10, 2, 1, 0]},
    ]
    asked = [f"m.standings(runs, {steps}, 4)" for steps in range(5)]
    found = values("optimizers", *asked, runs=runs)
    orders = [[one["name"] for one in ranks] for ranks in found]
    assert orders == [
        ["late", "slow", "soon", "fast"],
        ["slow", "fast", "late", "soon"],
        ["fast", "slow", "late", "soon"],
        ["fast", "slow", "late", "soon"],
        ["fast", "slow", "late", "soon"],
    ]
    gone = [{one["name"]: one["gone"] for one in ranks} for ranks in found]
    assert [one["soon"] for one in gone] == [None, 1, 1, 1, 1]
    assert [one["late"] for one in gone] == [None, None, None, 3, 3]
    assert gone[4]["slow"] is gone[4]["fast"] is None


@needs_node
def test_the_verdict_names_the_first_the_last_and_the_lost():
    def rank(name, loss, gone=None):
        return {"name": name, "loss": loss, "gone": gone}

    a, b = rank("SGD", 0.25), rank("Adam", 3.14159)
    c, d, e = [rank(name, 1e40, 7) for name in ("Momentum", "Nesterov", "AdaGrad")]
    cases = {
        "SGD leads with a loss of 0.25; Adam is last with 3.1.": ([a, b], []),
        "SGD has a loss of 0.25.": ([a], []),
        "It is a draw.": ([a, a | {"name": "Adam"}], []),
        "Momentum has diverged.": ([c], []),
        "SGD has a loss of 0.25. Momentum and Nesterov have diverged.": ([a, c, d], []),
        "Momentum, Nesterov and AdaGrad have diverged.": ([c, d, e], []),
        "SGD leads with a loss of 0.25; Adam is last with 3.1. "
        "Adam has been near and thrown out again.": ([a, b], ["Adam"]),
    }
    verdicts = [f"m.verdict(...cases[{i}])" for i in range(len(cases))]
    assert values("optimizers", *verdicts, cases=[*cases.values()]) == [*cases]


@needs_node
def test_nobody_leaves_the_ridge_and_the_message_says_so():
    (runs,) = values(
        "optimizers",
        """Object.keys(m.RULES).map((rule) => {
          return m.walk(rule, m.SURFACES.saddle, [-2, 0], { lr: 0.05, beta: 0.9 })
        })""",
    )
    assert np.shape(runs) == (7, 81, 2)
    assert not np.any(np.array(runs)[:, :, 1])
    asked = [
        f"m.meaning(m.SURFACES[{name!r}], [-2, {x2}], {own})"
        for name in ("saddle", "long valley")
        for x2 in (0, 0.001)
        for own in ("true", "false")
    ]
    messages = values("optimizers", *asked)
    begins = 2 * ["Exactly on the"] + 2 * ["On the ridge"]
    begins += 2 * ["This valley", "One rate"]
    for message, begin in zip(messages, begins, strict=True):
        assert message.startswith(begin)


@needs_node
def test_in_the_fourth_race_of_the_lesson_one_gets_low_and_does_not_stay():
    f = SURFACES["Rosenbrock's valley"][0]
    stays = {}
    for rule, points in walks("Rosenbrock's valley", steps=4000).items():
        low = np.array([f(x) for x in points]) < 1e-12
        if low.any():
            stays[rule] = bool(low[np.argmax(low) :].all())
    assert stays == {"Momentum": True, "Nesterov": True, "Adam": False}


@needs_node
def test_who_was_near_and_is_far_was_thrown_out():
    near, far = [1e-8] * 40, [0.1] * 20
    cases = [
        [1] * 20 + near + far,
        far + near,
        near + [1e-5] * 20,
        [1] * 20 + [1e5] * 20,
        far,
        [1],
        [0] * 20,
    ]
    asked = [f"m.thrownOut(cases[{i}])" for i in range(len(cases))]
    assert values("optimizers", *asked, cases=cases) == [True] + 6 * [False]
    # RMSProp and Adam do not come to rest at a constant rate.
    for name, steps, lost in [
        ("long valley", 200, []),
        ("long valley, turned", 400, ["RMSProp"]),
        ("Rosenbrock's valley", 2000, []),
        ("Rosenbrock's valley", 4000, ["Adam"]),
    ]:
        (thrown,) = values(
            "optimizers",
            """Object.entries(runs).filter(([rule, points]) => {
              return m.thrownOut(points.map((x) => m.SURFACES[name].f(...x)))
            }).map(([rule]) => rule)""",
            name=name,
            runs={rule: p.tolist() for rule, p in walks(name, steps=steps).items()},
        )
        assert thrown == lost


@needs_node
def test_the_slider_has_ten_rates_for_each_power_of_ten():
    places = range(-40, 11)
    (rates,) = values("optimizers", f"{[*places]}.map(m.rateAt)")
    factors = ["1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8"]
    assert rates == [float(f"{factors[p % 10]}e{p // 10}") for p in places]
    (shared,) = values("optimizers", "Object.values(m.SURFACES).map((s) => s.rate)")
    (found,) = values(
        "optimizers",
        f"{shared}.map((rate) => m.rateAt(Math.round(10 * Math.log10(rate))))",
    )
    assert found == shared


@needs_node
def test_labels_do_not_overlap():
    wanted = [[9, 8, 3], [9, 9, 9, 9], [0, 0, 0], [20, 5, -20], [5], []]
    asked = [f"m.apart({heights}, 2, [0, 10])" for heights in wanted]
    assert values("optimizers", *asked) == [
        [8, 6, 3],
        [8, 6, 4, 2],
        [4, 2, 0],
        [8, 5, 0],
        [5],
        [],
    ]


def test_it_has_no_options():
    with pytest.raises(TypeError):
        d2l.explore_optimizers("saddle")
