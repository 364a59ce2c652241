"""The figures that answer: their numbers are the package's, and they stand alone."""

import base64
import functools
import importlib.resources
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

import d2l_utils as d2l

FOLDER = importlib.resources.files("d2l_utils") / "interactive"
MODULES = sorted(file.name[:-3] for file in FOLDER.iterdir() if file.suffix == ".js")

FIGURES = {"secant": d2l.explore_secant, "descent": d2l.explore_descent}
each_figure = pytest.mark.parametrize("name", FIGURES)

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="node is not installed: the figures' numbers are not checked"
)


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """A copy of the modules where node takes them for ES modules."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name in MODULES:
        shutil.copy(FOLDER / f"{name}.js", folder)
    return folder


@pytest.fixture
def values(modules):
    """Evaluate expressions in node, with what a module exports as m."""

    def evaluate(module, *expressions):
        code = (
            f'import * as m from "./{module}.js"\n'
            f"console.log(JSON.stringify([{', '.join(expressions)}]))"
        )
        run = subprocess.run(
            [NODE, "--input-type=module", "-e", code],
            cwd=modules,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(run.stdout)

    return evaluate


# --- numbers


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_as_the_bundle_needs_it(name):
    source = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    assert max(map(len, source.splitlines())) <= 88
    assert set(re.findall('from "(.*)"', source)) == {"./frame.js"} - {f"./{name}.js"}
    assert "export default" not in source
    assert "export {" not in source


@needs_node
def test_every_module_loads_without_a_page(values):
    for name in MODULES:
        (exported,) = values(name, "Object.keys(m)")
        assert ("mount" in exported) == (name != "frame")


@needs_node
def test_the_secant_has_the_slopes_of_python(values):
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
        if h > 1e-7:
            assert slope == pytest.approx(20 + 5 * h, rel=1e-8)
            assert state == "exact"
        elif 2e-16 < h < 1e-9:
            assert state == "rough"
        elif h < 2e-16:
            assert (slope, state) == (0, "blind")


@needs_node
def test_the_slider_finds_its_place_again(values):
    places = list(range(-68, 2))
    (again,) = values("secant", f"{places}.map((p) => m.placeOf(m.stepSize(p)))")
    assert again == places
    assert values("secant", "m.placeOf(1e-30)", "m.placeOf(100)") == [-68, 1]


@needs_node
@pytest.mark.parametrize(
    ("module", "function", "derivative", "points"),
    [
        ("secant", "fallen", "speed", [0.5, 1, 2, 3.7]),
        ("descent", "valley", "slope", [-3, -0.4, 0.25, 2, 3]),
    ],
)
def test_the_derivatives_are_those_of_the_functions(
    values, module, function, derivative, points
):
    heights, slopes = values(
        module, f"{points}.map(m.{function})", f"{points}.map(m.{derivative})"
    )
    f = {"fallen": lambda t: 5 * t**2, "valley": lambda x: 2 * x**2}[function]
    np.testing.assert_allclose(heights, [f(x) for x in points], rtol=1e-9)
    measured = [d2l.numerical_diff(f, x) for x in points]
    np.testing.assert_allclose(slopes, measured, rtol=1e-9)


@needs_node
def test_the_ball_takes_the_steps_of_gradient_descent(values):
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
def test_the_fate_of_the_ball_is_that_of_the_table(values):
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


@needs_node
def test_numbers_are_written_as_in_the_lessons(values):
    written = {
        "0": "0",
        "-0.25": "−0.25",
        "20.04": "20.04",
        "12345.6": "12350",
        "1e-9": "10⁻⁹",
        "3.2e-14": "3.2 × 10⁻¹⁴",
        "-2.5e7": "−2.5 × 10⁷",
    }
    assert values("frame", *(f"m.short({x})" for x in written)) == [*written.values()]


@needs_node
def test_the_colors_are_those_of_the_style(values):
    with plt.style.context("d2l_utils.downhill"):
        cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    (colors,) = values("frame", "m.COLORS")
    assert colors == [f"#{color.lstrip('#')}" for color in cycle]


# --- what a notebook stores


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.within, self.script, self.said = [], [], "", ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "img":
            self.within.append(tag)

    def handle_endtag(self, tag):
        assert self.within.pop() == tag

    def handle_data(self, data):
        if "script" in self.within:
            self.script += data
        else:
            self.said += data


@functools.cache
def figure(name):
    return FIGURES[name]()


def stored(shown):
    bundle = shown._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/html", "text/plain"}
    return bundle["text/html"], bundle["text/plain"]


@each_figure
def test_a_picture_with_a_text_stands_in_for_the_figure(name):
    html, text = stored(figure(name))
    page = Page(html)
    assert [tag for tag, _ in page.tags] == ["div", "img", "p", "small", "script"]
    assert page.within == []
    image = page.tags[1][1]
    assert image["alt"] == text == repr(figure(name))
    assert len(text) > 100
    assert "run this cell" in page.said
    head, _, body = image["src"].partition(",")
    assert head == "data:image/png;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(body, validate=True)))
    assert picture.mode == "P"
    assert picture.width == 1.5 * int(image["width"])
    assert "Software" not in picture.info


@each_figure
def test_the_figure_stands_alone(name):
    html, _ = stored(figure(name))
    assert len(html) < 40_000
    assert not re.search(r"\bid=|https?:|\bsrc=(?!\"data:)|@import|url\(", html)
    assert html.count("</script>") == 1
    script = Page(html).script
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "Math.random" not in script
    assert "Date" not in script


@each_figure
def test_the_same_call_stores_the_same_bytes(name):
    assert stored(FIGURES[name]()) == stored(figure(name))


def test_the_options_reach_script_and_picture():
    html, text = stored(d2l.explore_descent(lr=0.52, start=-1, steps=3))
    options = '{"lr": 0.52, "start": -1.0, "steps": 3}'
    assert f"mount(place, {options})" in html
    plain, same = stored(figure("descent"))
    assert Page(html).tags[1][1]["src"] != Page(plain).tags[1][1]["src"]
    assert text == same
    html, _ = stored(d2l.explore_secant(h=1e-12))
    assert 'mount(place, {"h": 1e-12})' in html


@needs_node
@each_figure
def test_the_script_is_one_that_a_page_can_run(name, tmp_path):
    html, _ = stored(figure(name))
    script = tmp_path / "script.cjs"
    script.write_text(Page(html).script, encoding="utf-8")
    subprocess.run([NODE, "--check", script], check=True)


@each_figure
def test_other_figures_and_the_style_are_left_alone(name):
    plt.close("all")
    with plt.rc_context({"font.size": 7}):
        fig = plt.figure()
        plt.rcParams["lines.linewidth"] = 9
        assert FIGURES[name]() == figure(name)
        assert plt.get_fignums() == [fig.number]
        assert plt.rcParams["font.size"] == 7
    plt.close("all")
