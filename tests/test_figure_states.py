"""What a figure shows can be written into an address, and as a program in Python."""

import contextlib
import functools
import io
import re
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")

import pytest

from d2l_utils.interactive import batches, capacity, digit
from javascript import FIGURES, needs_node, values
from project import ROOT, heavy_but

POINTS = [[10, 2], [20, 5.5], [35, 7], [50.5, -1.25]]
SEVEN = [[[30, 20], [50, 20], [70, 20.5], [60, 50], [50, 80]], [[45, 50], [70, 50]]]
POOL, OTHERS = capacity.samples()
DATA = {
    "batches": {"wines": batches._columns().tolist()},
    "capacity": {"pool": POOL.tolist(), "others": OTHERS.tolist()},
    "digit": {"drawings": digit.drawings(), "network": digit.network()},
}
BATCHES = {"against": "epochs", "whole": False, "keptBatch": 142, "keptLr": 0.5}
BATCHES |= {"keptShuffle": 1}
RACE = {"start": None, "rates": "own", "rate": 0, "beta": 0.9}

# For each figure some states, that at first among them. What is None is left out.
STATES = {
    "secant": [{"h": 1, "tangent": False}, {"h": 1.8e-7, "tangent": True}],
    "gradient": [
        {"bowl": "long", "x0": -5, "x1": -2},
        {"bowl": "round", "x0": 0.3, "x1": -3.9},
    ],
    "descent": [
        {"lr": 0.05, "start": 2, "step": 8},
        {"lr": 0.57, "start": -1.3, "step": 30},
    ],
    "regression": [
        {
            **{"data": "lesson", "points": [[1, 2], [2, 4], [3, 6]]},
            **{"w": 0, "b": 0, "rate": 0.1, "step": 0, "next": False},
        },
        {
            **{"data": "own", "points": POINTS},
            **{"w": -0.05, "b": 0.5, "rate": 0.2, "step": 7, "next": True},
        },
        {
            **{"data": "centered", "points": [[1, 2], [2, 4], [3, 6]]},
            **{"w": 1.25, "b": -0.35, "rate": 0.05, "step": 2, "next": True},
        },
    ],
    "batches": [
        BATCHES | {"batch": 1, "lr": 0.05, "shuffle": 1, "looks": 1704},
        BATCHES | {"batch": 20, "lr": 0.2, "shuffle": 7, "looks": 604},
    ],
    "optimizers": [
        {"race": ["SGD", "Momentum", "AdaGrad", "Adam"], "surface": "valley"}
        | RACE
        | {"step": 0},
        {"race": ["Nesterov", "RMSProp", "AdamW"], "surface": "rosenbrock"}
        | {"start": [-0.35, 1.5], "rates": "one", "rate": -27, "beta": 0.8, "step": 90},
        {"race": ["SGD", "Momentum", "AdaGrad", "Adam"], "surface": "turned"}
        | RACE
        | {"step": 60},
        {"race": ["SGD", "Adam"], "surface": "saddle"} | RACE | {"step": 40},
        {"race": [], "surface": "valley"} | RACE | {"step": 0},
    ],
    "graph": [
        {"graph": "chain", "w": 2, "x": 3, "b": 1, "t": 5, "raise": "w", "step": 0},
        {"graph": "chain", "w": -2.1, "x": 3, "b": -1, "t": 5.5, "raise": "b"}
        | {"step": 9},
        {"graph": "fork", "w": 2, "x": -1.4, "b": 1, "t": 5, "raise": "w", "step": 3},
        {"graph": "way", "w": 2, "x": 1.5, "b": 1, "t": 5, "raise": "w", "step": 3},
    ],
    "digit": [
        {"drawn": "3", "ink": None},
        {"drawn": "mine", "ink": SEVEN},
        {"drawn": "scribble", "ink": None},
        {"drawn": "nothing", "ink": None},
    ],
    "capacity": [
        {"degree": 1, "count": 10, "from": 0, "points": None}
        | {"validation": False, "all": False},
        {"degree": 9, "count": 20, "from": 35, "points": None}
        | {"validation": True, "all": True},
        {"degree": 2, "count": 10, "from": 0}
        | {"points": [[-1, 0.5], [-0.2, 1.75], [0.3, -2], [0.9, 0]]}
        | {"validation": False, "all": True},
    ],
    "ring": [
        {"n": 4, "count": 101770, "bandwidth": 1e9, "latency": 1e-4, "step": 0},
        {"n": 7, "count": 8e9, "bandwidth": 2e10, "latency": 5e-6, "step": 9},
    ],
}

# What the module of a figure says of a state s: numbers, and how Python writes them.
NUMBERS = {
    "secant": """
      const slope = m.secantSlope(m.fallen, 2, s.h)
      const off = s.tangent ? [[slope - 20, ".2g"]] : []
      return [[s.h, ".3g"], [slope, ".10f"], ...off]
    """,
    "gradient": """
      const f = m.bowl(s.bowl === "long" ? [0.1, 2] : [1, 1])
      const [x, slopes] = [[s.x0, s.x1], m.gradient(f, [s.x0, s.x1])]
      const long = Math.hypot(...slopes)
      const all = [f(x), ...slopes, long].map((value) => [value, ".4g"])
      return [...all, [m.between(slopes, x), ".1f"]]
    """,
    "descent": """
      const x = m.descend(s.start, s.lr, s.step).at(-1)
      return [[s.step, "d"], [x, ".4g"], [m.valley(x), ".4g"], [m.factor(s.lr), ".2f"]]
    """,
    "regression": """
      const lesson = { lesson: 0, centered: 1 }[s.data]
      const data = Object.values(m.DATA)[lesson] ?? s.points
      const view = lesson === undefined ? m.viewOf(data) : undefined
      const lr = s.rate * (view?.rate ?? 1)
      const line = m.descend(data, [s.w, s.b], lr, s.step, view).at(-1)
      const best = m.leastSquares(data)
      const slopes = m.gradient(data, line)
      const away = Math.hypot(line[0] - best[0], line[1] - best[1])
      const others = [m.loss(data, line), ...slopes, lr * Math.hypot(...slopes), away]
      return [...line.map((value) => [value, ".5g"]),
        ...others.map((value) => [value, ".3g"])]
    """,
    "batches": """
      const examples = m.standardized(wines)
      const { star, lowest, excess } = m.bowl(examples)
      const run = (size, lr, seed) => {
        return m.descend(examples, m.shuffles(142, 12, seed), size, lr).history
      }
      const here = run(s.batch, s.lr, s.shuffle)[s.steps]
      const kept = run(s.keptBatch, s.keptLr, s.keptShuffle)[s.keptSteps]
      const far = Math.hypot(here[0] - star[0], here[1] - star[1])
      return [[s.steps, "d"], [lowest + excess(here), ".5f"], [lowest, ".5f"],
        [far, ".2g"], [lowest + excess(kept), ".5f"]]
    """,
    "optimizers": """
      const surface = Object.values(m.SURFACES)[
        ["valley", "turned", "rosenbrock", "saddle"].indexOf(s.surface)
      ]
      return s.race.flatMap((name) => {
        const lr = m.rateAt(s.rate) * (s.rates === "own" ? surface.rates[name] : 1)
        const start = s.start ?? surface.start
        const points = m.walk(name, surface, start, { lr, beta: s.beta })
        const last = Math.min(s.step, points.length - 1)
        return [[last, "d"], [surface.f(...points[last]), ".2g"]]
      })
    """,
    "graph": """
      const graph = Object.values(m.GRAPHS)[["chain", "fork", "way"].indexOf(s.graph)]
      const names = Object.keys(graph.inputs)
      const inputs = Object.fromEntries(names.map((name) => [name, s[name]]))
      const values = m.forward(graph, inputs)
      const { slopes } = m.backward(graph, values)
      const one = names.includes(s.raise) ? s.raise : "x"
      const boxes = [...names, ...graph.results.map(([name]) => name)]
      return [[0.1, ".1f"], [m.raised(graph, inputs, one), ".4g"],
        ...boxes.flatMap((name) => [
          ...(name === "x + 3" ? [[3, "d"]] : []), [values[name], ".4g"],
          ...(name in slopes ? [[slopes[name], ".4g"]] : []),
        ])]
    """,
    "digit": """
      const ready = drawings[s.drawn]
      const strokes = ready ?? (s.ink ? m.unpacked(s.ink) : [])
      const gray = strokes.length ? m.picture(strokes) : new Float64Array(28 * 28)
      const { shares } = m.answers(Object.values(network).map(m.decode), gray)
      const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a])
      return order.slice(0, 2).flatMap((k) => [[k, "d"], [100 * shares[k], ".3f"]])
    """,
    "capacity": """
      const points = s.points ?? m.drawn(pool, s.from, s.count)[0]
      const both = m.errors(points, others)
      const lowest = Math.min(...both.map(([, error]) => error))
      const best = both.findIndex(([, error]) => error === lowest)
      return [[s.degree, "d"], ...both[s.degree].map((error) => [error, ".2g"]),
        ...(s.all ? [[best, "d"]] : [])]
    """,
    "ring": """
      const sent = m.sent(s.count, s.n, s.step).map((numbers) => 4 * numbers)
      const all = [Math.min(...sent), Math.max(...sent),
        ...m.times(s.n, 4 * s.count, s.bandwidth, s.latency)]
      const full = m.holdings(s.n, s.step)[0].filter((bits) => bits === 2 ** s.n - 1)
      return [[full.length, "d"], ...all.map((value) => [value, ".3g"])]
    """,
}

# What comes from no figure: wrong, too much, or meant to do harm.
HOSTILE = [
    *("", "=", ",", ",,,=", "h", "h=", "=h", "h=1=2", "toString=1", "__proto__=1"),
    *(
        "<img src=x onerror=alert(1)>",
        "\u0000",
        "%",
        "💥",
        "a" * 5000,
        "h=" + "9" * 999,
    ),
]
VALUES = [
    *("", " ", "NaN", "Infinity", "-1e999", "1e999", "0x10", "null", "undefined", "[]"),
    *("-1e300", "1e300", "-1", "0", "0.123456789", "true", "1;2", "1:2", "1:2;2:4"),
    *("<script>alert(1)</script>", '");import os;("', "`${1}`", "\n", "__proto__"),
    *("constructor", "1:2;1:3", "1:1e99;2:3", "1:2:3;4:5:6", "zzzz", "0000.", ".0000"),
    *(";".join(f"{i}:{i}" for i in range(300)), "0" * 40_000),
]


def told(name, state):
    """A state as JSON can say it, with what the figure adds to it."""
    state = {key: value for key, value in state.items() if value is not None}
    if name == "digit" and "ink" in state:
        state["ink"] = values("digit", "m.packed(strokes)", strokes=state["ink"])[0]
    if name == "batches":
        batch, kept, looks = (state[key] for key in ("batch", "keptBatch", "looks"))
        steps, again = "m.stepsOf(looks, batch, 142)", "m.stepsOf(looks, kept, 142)"
        numbers = values(name, steps, again, looks=looks, batch=batch, kept=kept)
        state["steps"], state["keptSteps"] = numbers
    return state


@functools.cache
def answers(name):
    """Of a figure's states: texts, what these are read as, programs and numbers."""
    states = [told(name, state) for state in STATES[name]]
    numbers = f"((s) => {{{NUMBERS[name]}}})"
    # It is read where other things are as at first, too.
    ask = f"""await import("./frame.js").then((f) => states.map((s) => {{
      const [text, usual] = [f.stateText(m.FIELDS, s, states[0]), states[0]]
      return [text, f.stateFrom(m.FIELDS, text, usual), m.python(s), {numbers}(s)]
    }}))"""
    return states, values(name, ask, states=states, **DATA.get(name, {}))[0]


def run(code):
    """What a program prints, without the last line, the words of its figure."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "copied.py", "exec"), {"__name__": "__main__"})
    return out.getvalue().splitlines()[:-1]


def compare(lines, numbers):
    """Printed numbers with those of a figure."""
    printed = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]\d+)?", "\n".join(lines))
    assert printed == [f"{value:{form}}" for value, form in numbers]


each_figure = pytest.mark.parametrize("name", FIGURES)
each_state = pytest.mark.parametrize(
    ("name", "which"),
    [(name, which) for name in STATES for which in range(len(STATES[name]))],
)


def test_every_figure_has_its_states():
    assert sorted(STATES) == sorted(NUMBERS) == FIGURES


@needs_node
@each_state
def test_a_state_comes_back_from_an_address(name, which):
    states, found = answers(name)
    text, read, *_ = found[which]
    fields = set(states[0]) | set(read)
    kept = {key: value for key, value in states[which].items() if key in read}
    assert read == {key: kept[key] for key in fields & set(kept)}
    # Short, and readable wherever it is pasted.
    assert (text == "") == (which == 0)
    assert len(text) < 150
    assert re.fullmatch(r"[\w=,.:;+-]*", text)


@needs_node
@pytest.mark.parametrize("name", heavy_but({"regression", "digit"}, FIGURES))
def test_a_bad_address_gives_a_state_that_a_figure_can_have(name):
    # Each value is one that would be read again as it is.
    ask = """await import("./frame.js").then((f) => texts.map((text) => {
      const state = f.stateFrom(m.FIELDS, text, usual)
      const again = f.stateFrom(m.FIELDS, f.stateText(m.FIELDS, state, {}), {})
      return [state, again, m.python({ ...state, steps: 1, keptSteps: 1 })]
    }))"""
    states, _ = answers(name)
    texts = HOSTILE + [f"{key}={x}" for key in STATES[name][0] for x in VALUES]
    found = values(name, ask, texts=texts, usual=states[0])[0]
    usual = {key: x for key, x in states[0].items() if key in found[0][0]}
    for text, (state, again, code) in zip(texts, found, strict=True):
        assert state == again, text
        compile(code, "copied.py", "exec")
        assert not re.search("script|alert|import os|onerror", code), text
        if text in HOSTILE[:9]:
            assert state == usual, text


@needs_node
@each_state
def test_the_program_prints_the_numbers_of_the_figure(name, which):
    _, found = answers(name)
    *_, code, numbers = found[which]
    compare(run(code), numbers)


# A slip in each program.
SLIPS = {
    "secant": ("5 * (t", "6 * (t"),
    "gradient": ("x[0] **", "x[1] **"),
    "descent": ("return 4", "return 2"),
    "regression": ("/ len(points) / 2", "/ len(points)"),
    "batches": ("w - lr", "w + lr"),
    "optimizers": ("200 * bend", "100 * bend"),
    "graph": ("wx + b", "wx - b"),
    "digit": (".answers(image)", ".answers(image.T)"),
    "capacity": ("fit(x, y, degree)", "fit(x, y, degree // 2)"),
    "ring": ("held[rank, part] + 1", "held[rank, part]"),
}


@needs_node
@pytest.mark.parametrize("name", heavy_but({"secant", "graph"}, FIGURES))
def test_the_comparison_finds_a_slip_and_another_state(name):
    _, found = answers(name)
    code = found[1][2]
    slip = code.replace(*SLIPS[name])
    assert slip != code
    for wrong, numbers in [(slip, found[1][3]), (code, found[0][3])]:
        with pytest.raises(AssertionError):
            compare(run(wrong), numbers)


@needs_node
def test_the_programs_are_written_as_the_lessons(tmp_path):
    for name in STATES:
        for which, (_, _, code, _) in enumerate(answers(name)[1]):
            (tmp_path / f"{name}_{which}.py").write_text(code, "utf-8")
    ignored = "--ignore=D,B905,RUF005,RUF007,INP001"
    for command in (["check", ignored], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command]
        config = f"--config={ROOT / 'pyproject.toml'}"
        done = subprocess.run(
            [*ruff, config, tmp_path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@needs_node
@pytest.mark.heavy
@each_figure
def test_the_program_needs_nothing_that_ran_before(name):
    *_, code, _ = answers(name)[1][1]
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=600)


# --- the points of readers


@needs_node
def test_a_table_is_read_from_wherever_it_comes():
    expected = [[1.5, 2], [2.25, -4], [3, 600]]
    texts = {
        "a spreadsheet": "x\ty\n1.5\t2\n2.25\t-4\n3\t600\n",
        "one with decimal commas": "Größe (m²)\tPreis\r\n1,5\t2\r\n2,25\t-4\r\n3\t6e2",
        "semicolons": "size;price\n1,5;2\n2,25;-4;\n\n3;600",
        "a CSV": "size,price\n1.5,2\n2.25,-4\n3,600",
        "a CSV with quotes": '"size, in m","price"\n"1.5","2"\n"2.25","-4"\n"3","600"',
        "commas and blanks": "1.5, 2\n2.25 , -4\n3 ,600",
        "blanks": "  1.5 2\n2.25   −4 \n3 600.",
        "blanks and decimal commas": "1,5 2\n2,25 -4\n3,0 600,0",
    }
    (found,) = values(
        "points", "texts.map((t) => m.pointsIn(t))", texts=[*texts.values()]
    )
    for name, got in zip(texts, found, strict=True):
        assert got == {"points": expected}, name


@needs_node
def test_what_is_no_table_is_refused_in_a_sentence():
    cases = {
        "": "Two points or more are needed.",
        "1 2": "Two points or more are needed.",
        "x y": "Two points or more are needed.",
        "1 2\n1 3": "All *x* are equal",
        "1000000 2\n1000000.5 3": "All *x* are equal, or nearly",
        "1 2\nNaN 3": "Line 2: “NaN” is no number.",
        "NaN 2\n1 3": "Line 1: “NaN” is no number.",
        "1 2\ninf 3": "Line 2: “inf” is no number.",
        "1 2\n\n0x10 3": "Line 3: “0x10” is no number.",
        "1 2\n2 1.234,5": "Line 2: “1.234,5” is no number.",
        "1 2\n2 <b>": "Line 2: “<b>” is no number.",
        "1 2\n2": "Line 2: a point has two numbers, *x* and *y*; here is 1.",
        "1 2\n2 3 4": "Line 2: a point has two numbers, *x* and *y*; here are 3.",
        "1,2\n1,5,2,5": "Line 2: which commas part the numbers",
        "1 2\n2 1e12": "A number is too large",
        "\n".join(f"{i} {i}" for i in range(201)): "These are 201 points; 200 may be.",
    }
    (found,) = values("points", "texts.map((t) => m.pointsIn(t))", texts=[*cases])
    for (text, sentence), got in zip(cases.items(), found, strict=True):
        assert list(got) == ["problem"], text
        assert got["problem"].startswith(sentence), text
    limited = values(
        "points",
        "m.problemOf([[0, 0], [1, 3]], [[-1, 1], [-2, 2]])",
        "m.problemOf([[0, 0], [1, 2]], [[-1, 1], [-2, 2]])",
        "m.pointsIn(text).points.length",
        text="\n".join(f"{i} 1" for i in range(200)),
    )
    assert limited[0].startswith("The point 1; 3 is outside: *x* may be from -1 to 1")
    assert limited[1:] == ["", 200]


SETS = [
    POINTS,
    [[1, 2], [2, 4], [3, 6]],
    [[2000, 12.1], [2010, 13.9], [2020, 17.2]],
    [[-5e8, 1e9], [1e9, -1e9]],
    [[1e-6, 3], [3e-6, 3], [5e-6, 3]],
    [[0, 0], [1, 0]],
    [[-3, -200], [-2, -100], [-1, -150]],
]


@needs_node
def test_the_axes_show_the_points_of_a_reader():
    ask = """sets.map((points) => {
      const [view, best] = [m.viewOf(points), m.leastSquares(points)]
      const above = (line) => m.loss(points, line) - m.loss(points, best)
      return [view, best, [0.1, 20].map((level) => {
        const ring = m.levelLine(points, level * view.high)
        return ring.map((line) => above(line) / view.high)
      })]
    })"""
    for points, found in zip(
        SETS, values("regression", ask, sets=SETS)[0], strict=True
    ):
        view, best, losses = found
        for shown, limits, ticks in (
            ([x for x, _ in points], view["xlim"], view["xticks"]),
            ([y for _, y in points], view["ylim"], view["yticks"]),
            ([0, best[0]], view["wlim"], view["wticks"]),
            ([0, best[1]], view["blim"], view["bticks"]),
        ):
            low, high = limits
            assert low < min(shown) <= max(shown) < high
            assert 2 <= len(ticks) <= 9
            assert low <= min(ticks) <= max(ticks) <= high
        assert view["xlim"][0] < view["pivot"] < view["xlim"][1]
        for (low, high), step in zip(view["limits"], view["steps"], strict=True):
            assert step > 0
            assert low <= 0 <= high
            assert (high - low) / step > 30
        for level, ring in zip((0.1, 20), losses, strict=True):
            assert ring == pytest.approx([level] * len(ring), rel=1e-3, abs=1e-3)


@needs_node
def test_a_rate_of_the_lesson_does_the_same_to_other_points():
    far = [[100 * x, 10 * y] for x, y in POINTS]
    near = [[1e-3 * x, y] for x, y in POINTS]
    ask = "sets.map((points) => m.viewOf(points).rate * m.curvatures(points)[1])"
    (rates,) = values("regression", ask, sets=[POINTS, far, near])
    assert all(1.5 < rate < 20 for rate in rates)
