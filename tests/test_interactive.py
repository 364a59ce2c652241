"""The interactive figures: their numbers are the package's, and they stand alone."""

import base64
import functools
import io
import itertools
import re
import subprocess
from html.parser import HTMLParser

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

import d2l_utils as d2l
from javascript import FIGURES as NAMES
from javascript import FOLDER, MODULES, NODE, SHARED, needs_node, values

FIGURES = {name: getattr(d2l, f"explore_{name}") for name in NAMES}
# These bring a network along, or take points.
LIMITS = {"digit": 150_000, "regression": 62_000}
each_figure = pytest.mark.parametrize("name", FIGURES)


# --- numbers


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_as_the_bundle_needs_it(name):
    source = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    assert max(map(len, source.splitlines())) <= 88
    others = {"./frame.js", "./points.js"}
    imported = re.findall('^} from "(.*)"|^import .* from "(.*)"', source, re.MULTILINE)
    assert {a or b for a, b in imported} <= others - {f"./{name}.js"}
    assert ('from "./frame.js"' in source) == (name != "frame")
    assert "export default" not in source
    assert "export {" not in source


def defined(name):
    """The names that a module defines for itself, not within a function."""
    source = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    kinds = r"^(?:export )?(?:const|let|function) (\w+|\[[\w, ]+\])"
    outer = re.findall(kinds, source, re.MULTILINE)
    return {word for names in outer for word in re.findall(r"\w+", names)}


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_in_one_script_has_names_of_its_own(name):
    source = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    parts = [*re.findall(r'from "./(\w+)\.js"', source), name]
    assert {"keep", "STYLE"} < defined("frame")
    for one, other in itertools.combinations(parts, 2):
        assert not defined(one) & defined(other)


@needs_node
def test_every_module_loads_without_a_page():
    for name in MODULES:
        (exported,) = values(name, "Object.keys(m)")
        assert ("mount" in exported) == (name not in SHARED)


@needs_node
def test_level_lines_lie_on_their_level():
    circle, middle, none = values(
        "frame",
        "...m.levelLines((x, y) => x * x + y * y, [-2, 2], [-3, 3], [1, 0.5, 99])",
    )
    assert len(circle) > 100
    assert none == []
    for level, lines in [(1, circle), (0.5, middle)]:
        points = np.reshape(lines, (-1, 2))
        np.testing.assert_allclose((points**2).sum(1), level, atol=5e-3)
        # All around, and as long as the circle.
        length = np.linalg.norm(np.diff(lines, axis=1), axis=2).sum()
        assert length == pytest.approx(2 * np.pi * level**0.5, rel=2e-3)


@needs_node
def test_numbers_are_written_as_in_the_lessons():
    written = {
        "0": "0",
        "-0.25": "−0.25",
        "20.04": "20.04",
        "12345.6": "12350",
        "1e-9": "10⁻⁹",
        "3.2e-14": "3.2\u00a0×\u00a010⁻¹⁴",
        "-2.5e7": "−2.5\u00a0×\u00a010⁷",
    }
    assert values("frame", *(f"m.short({x})" for x in written)) == [*written.values()]


# --- what a notebook stores


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.within, self.script, self.text = [], [], "", ""
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
            self.text += data


@functools.cache
def figure(name):
    return FIGURES[name]()


def test_the_colors_are_those_of_the_style():
    with plt.style.context("d2l_utils.downhill"):
        colors = [to_hex(f"C{place}") for place in range(7)]
    script = stored(figure("secant"))[0]
    block = re.search(r"const COLORS = \[(.*?)\]", script, re.DOTALL)[1]
    assert re.findall("#[0-9a-f]{6}", block.lower()) == colors
    assert f"accent-color: {colors[0]};" in script.lower()
    # No module has a copy of them, nor is a place left empty.
    for name in MODULES:
        source = (FOLDER / f"{name}.js").read_text(encoding="utf-8").lower()
        assert not any(color in source for color in colors)
    assert not re.search(r"#C\d\b", script)


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
    assert image["alt"] == text
    assert len(text) > 100
    assert "run this cell" in page.text
    head, _, body = image["src"].partition(",")
    assert head == "data:image/png;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(body, validate=True)))
    assert picture.mode == "P"
    assert picture.width == 1.5 * int(image["width"])
    assert "Software" not in picture.info


@each_figure
def test_without_a_page_the_figure_is_told_in_words(name, monkeypatch):
    _, text = stored(figure(name))
    words = f"{text} (An interactive figure: it answers in a Jupyter notebook.)"
    assert str(figure(name)) == words
    assert repr(figure(name)) == (
        "<an interactive figure: it answers in a Jupyter notebook; print it to read "
        "what it shows>"
    )
    monkeypatch.setattr("d2l_utils.plotting.takes_html", lambda: False)
    assert figure(name)._repr_mimebundle_() == {"text/plain": words}


@each_figure
def test_the_figure_stands_alone(name):
    html, _ = stored(figure(name))
    assert len(html) < LIMITS.get(name, 54_000)
    assert not re.search(r"\bid=|https?:|\bsrc=(?!\"data:)|@import|url\(", html)
    assert html.count("</script>") == 1
    script = Page(html).script
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "Math.random" not in script
    assert "Date" not in script


@each_figure
def test_the_same_call_stores_the_same_bytes(name):
    assert stored(FIGURES[name]()) == stored(figure(name))


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
