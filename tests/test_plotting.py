import base64
import io
import itertools
import os
import re
import subprocess
import sys
import types
from html.parser import HTMLParser

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb, to_rgba
from PIL import Image
from scipy.optimize import isotonic_regression
from traitlets.config import Config

import d2l_utils as d2l
from d2l_utils import plotting
from d2l_utils.optimizers import OPTIMIZERS


@pytest.fixture(autouse=True)
def in_style():
    plt.close("all")
    with plt.style.context("d2l_utils.downhill"):
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """IPython as in a kernel, without its history file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        config = Config()
        config.HistoryManager.enabled = False
        yield InteractiveShell.instance(config=config)
        InteractiveShell.clear_instance()


@pytest.fixture
def shown(shell):
    """Call show and return the one output that it displays."""

    def call(*args, **kwargs):
        with capture_output() as captured:
            assert d2l.show(*args, **kwargs) is None
        assert captured.stdout == captured.stderr == ""
        (output,) = captured.outputs
        return output.data

    return call


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def line(**kwargs):
    fig, ax = plt.subplots(**kwargs)
    ax.plot([0, 1, 2], [0, 1, 4])
    return fig


def picture(data):
    """The decoded PNG of an output."""
    ((_, attributes),) = Tags(data["text/html"]).found
    head, _, body = attributes["src"].partition(",")
    assert head == "data:image/png;base64"
    png = base64.b64decode(body, validate=True)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


# --- show


@pytest.mark.parametrize(
    "alt",
    [
        "A straight line.",
        'Both "x < 3" and \'y > 4\' & so on: <img src=x onerror="alert(1)">',
        "η·∇f — 斜率",
        "two\nlines",
    ],
)
def test_show_stores_the_text_beside_the_picture(shown, alt):
    line()
    data = shown(alt)
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"] == alt
    page = Tags(data["text/html"])
    ((tag, attributes),) = page.found
    assert tag == "img"
    assert page.text == ""
    assert set(attributes) == {"width", "alt", "src"}
    assert attributes["alt"] == alt
    assert not re.search("[<>]", data["text/html"][1:-1])


def test_show_stores_a_sharp_picture_of_the_figure(shown):
    line(figsize=(4, 2.5))
    data = shown("A line.")
    image = picture(data)
    ((_, attributes),) = Tags(data["text/html"]).found
    assert int(attributes["width"]) == 400
    assert image.size == (800, 500)
    # The curve is there, in its color on white, and nothing says when or by whom.
    colors = {
        color for _, color in image.convert("RGB").getcolors(maxcolors=image.width**2)
    }
    assert image.mode == "P"
    assert len(colors) <= 256
    blue = np.array(to_rgb(plt.rcParams["axes.prop_cycle"].by_key()["color"][0]))
    distance = np.abs(np.array(list(colors)) - 255 * blue).max(axis=1).min()
    assert distance < 6
    assert (255, 255, 255) in colors
    assert "Software" not in image.info
    assert "date" not in " ".join(map(str, image.info)).lower()


def test_show_gives_the_same_bytes_twice(shown):
    line()
    first = shown("A line.")
    line()
    assert shown("A line.") == first
    plt.plot([2, 1])
    assert shown("A line.") != first


def test_show_shows_and_closes_the_current_figure(shown):
    other = line(figsize=(4, 2))
    line(figsize=(3, 2))
    assert picture(shown("The newest.")).size == (600, 400)
    assert plt.get_fignums() == [other.number]


def test_show_shows_and_closes_the_given_figure(shown):
    given = line(figsize=(4, 2))
    current = line(figsize=(3, 2))
    assert picture(shown("The given one.", fig=given)).size == (800, 400)
    assert plt.get_fignums() == [current.number]


def test_show_keeps_the_figure_when_it_refuses(shell):
    fig = line()
    with pytest.raises(ValueError, match="alt must say"):
        d2l.show(" ")
    assert plt.get_fignums() == [fig.number]


def test_show_keeps_the_figure_as_it_is_when_it_cannot_be_drawn(shell):
    fig = line()
    before = fig.canvas, fig.dpi
    fig.suptitle("$\\nonsense$")
    with pytest.raises(ValueError, match="nonsense"):
        d2l.show("A title that is no formula.")
    assert (fig.canvas, fig.dpi) == before
    assert plt.get_fignums() == [fig.number]


# --- show without a page


@pytest.fixture(params=["script", "terminal"])
def no_page(request, shell, monkeypatch):
    """Plain Python, and IPython in a terminal, which shows plain text alone."""
    if request.param == "script":
        monkeypatch.setattr("d2l_utils.plotting.get_ipython", lambda: None)
    else:
        monkeypatch.setattr(shell.display_formatter, "active_types", ["text/plain"])


@pytest.fixture
def windows(monkeypatch):
    """A backend that opens windows: which of them were open in each main loop."""
    loops = []

    class Manager(FigureManagerBase):
        def show(self):
            pass

        @classmethod
        def start_main_loop(cls):
            loops.append(plt.get_fignums())

    class Canvas(FigureCanvasAgg):
        manager_class = Manager

    module = types.ModuleType("windows")
    module.FigureCanvas = Canvas
    monkeypatch.setitem(sys.modules, "windows", module)
    plt.switch_backend("module://windows")
    yield loops
    plt.switch_backend("Agg")


@pytest.mark.usefixtures("no_page")
@pytest.mark.filterwarnings("error")
def test_without_a_page_show_prints_the_text_and_closes_the_figure(capsys):
    other, fig = line(), line()
    assert d2l.show("A line: η.") is None
    assert capsys.readouterr() == ("A line: η.\n", "")
    assert plt.get_fignums() == [other.number]
    d2l.show("One that pyplot does not know.", fig=plt.Figure())
    assert capsys.readouterr() == ("One that pyplot does not know.\n", "")
    assert plt.get_fignums() == [other.number]
    with pytest.raises(ValueError, match="alt must say"):
        d2l.show(" ", fig=fig)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("no_page")
def test_without_a_page_the_figure_opens_in_a_window(windows, capsys):
    fig = line()
    d2l.show("A line.")
    assert windows == [[fig.number]]
    assert plt.get_fignums() == []
    # It stays where Matplotlib does not wait for it to be closed.
    with plt.ion():
        fig = line()
        d2l.show("A line.")
    assert windows[1:] == []
    assert plt.get_fignums() == [fig.number]
    # No window belongs to this one.
    d2l.show("No window.", fig=plt.Figure())
    assert windows[1:] == []
    assert capsys.readouterr() == ("A line.\nA line.\nNo window.\n", "")


def test_in_a_page_no_window_opens(windows, shown):
    line()
    assert set(shown("A line.")) == {"text/html", "text/plain"}
    assert windows == plt.get_fignums() == []


def test_a_script_prints_words_alone():
    script = """
import matplotlib.pyplot as plt
import d2l_utils as d2l
from IPython.display import display
plt.plot([0, 1])
d2l.show("A line.")
display(d2l.explore_secant())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        # What a script inherits that is started in a notebook.
        env=os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"A line.\n{d2l.explore_secant()}\n"


# --- plot_contours


def tilted(x):
    return x[0] + 10 * x[1]


def level_lines(ax):
    """The level lines as (value, points), the empty ones left out."""
    (lines,) = ax.collections
    return [
        (value, path.vertices)
        for value, path in zip(lines.levels, lines.get_paths(), strict=True)
        if len(path.vertices)
    ]


def test_plot_contours_draws_the_level_lines_of_the_function():
    ax = d2l.plot_contours(tilted, (-2, 3), (-1, 4), levels=[-5, 0, 5, 20])
    lines = level_lines(ax)
    assert [value for value, _ in lines] == [-5, 0, 5, 20]
    for value, points in lines:
        np.testing.assert_allclose(tilted(points.T), value, atol=1e-9)
        # A level line of this function crosses the whole picture.
        assert points[:, 0].min() == pytest.approx(-2)
        assert points[:, 0].max() == pytest.approx(3)
    assert ax is plt.gca()
    assert ax.get_xlim() == (-2, 3)
    assert ax.get_ylim() == (-1, 4)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$x_0$", "$x_1$")


def test_plot_contours_calls_the_function_once_on_the_whole_grid():
    calls = []

    def f(x):
        calls.append(x)
        return x[0] ** 2 + x[1]

    d2l.plot_contours(f, (-2, 3), (-1, 4))
    (grid,) = calls
    assert grid.shape == (2, 201, 201)
    np.testing.assert_allclose(grid[0, 7], np.linspace(-2, 3, 201))
    np.testing.assert_allclose(grid[1, :, 7], np.linspace(-1, 4, 201))


def test_plot_contours_is_dark_where_the_function_is_low_and_never_white():
    ax = d2l.plot_contours(lambda x: x[0] ** 2 + x[1] ** 2, (-1, 1), (-1, 1))
    (lines,) = ax.collections
    brightness = lines.get_edgecolor()[:, :3].sum(axis=1)
    assert len(brightness) > 5
    assert np.all(np.diff(brightness) >= 0)
    assert brightness[0] < 1
    assert brightness[-1] < 2.5


@pytest.mark.parametrize("levels", [3, np.int64(12), 30])
def test_plot_contours_draws_about_as_many_lines_as_asked(levels):
    ax = d2l.plot_contours(tilted, (-1, 1), (-1, 1), levels=levels)
    assert 0.4 * levels <= len(level_lines(ax)) <= levels + 1


def test_plot_contours_draws_where_it_is_told():
    _, (left, right) = plt.subplots(1, 2)
    assert d2l.plot_contours(tilted, (0, 1), (0, 1), ax=left) is left
    assert left.collections
    assert not right.has_data()


def test_plot_contours_sets_the_limits_whatever_is_there_already():
    ax = d2l.plot_path([[-9.0, 9.0], [0.0, 0.0]])
    d2l.plot_contours(tilted, (-2, 3), (-1, 4), ax=ax)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2, 3), (-1, 4))


def test_plot_contours_leaves_out_where_there_is_no_value():
    def f(x):
        return np.where(x[0] > 0, x[0], np.nan)

    ax = d2l.plot_contours(f, (-1, 1), (0, 1), levels=[0.25, 0.5])
    for value, points in level_lines(ax):
        np.testing.assert_allclose(points[:, 0], value)
    (lines,) = ax.collections
    low, high = lines.get_edgecolor()
    assert low[3] == high[3] == 1
    assert low[:3].sum() < high[:3].sum() < 2.5


def test_plot_contours_of_a_function_that_changes_its_argument():
    def f(x):
        x *= 3
        return x[0]

    ax = d2l.plot_contours(f, (-1, 1), (0, 1), levels=[1.5])
    ((_, points),) = level_lines(ax)
    np.testing.assert_allclose(points[:, 0], 0.5)


# --- plot_path and plot_trace


def drawn(artist):
    return np.column_stack(artist.get_data())


@pytest.mark.parametrize("as_type", [np.array, list])
def test_plot_path_draws_the_points_and_a_ring_at_the_start(as_type):
    points = [[-3.0, 4.0], [-1.0, 2.0], [0.5, 0.25]]
    ax = d2l.plot_path(as_type(points), color="C2", label="descent")
    walk, ring = ax.lines
    assert ax is plt.gca()
    assert drawn(walk).tolist() == points
    assert drawn(ring).tolist() == points[:1]
    assert (walk.get_linestyle(), walk.get_marker()) == ("-", "o")
    assert (ring.get_marker(), ring.get_fillstyle()) == ("o", "none")
    assert ring.get_markersize() > walk.get_markersize()
    assert to_rgba(walk.get_color()) == to_rgba(ring.get_color()) == to_rgba("C2")
    assert ax.get_legend_handles_labels()[1] == ["descent"]


def test_plot_path_draws_where_it_is_told_and_needs_no_label():
    _, (left, right) = plt.subplots(1, 2)
    assert d2l.plot_path([[1, 2]], ax=left) is left
    assert len(left.lines) == 2
    assert not right.has_data()
    assert left.get_legend_handles_labels()[1] == []
    assert to_rgba(left.lines[0].get_color()) == to_rgba("C1")


def test_plot_trace_draws_the_curve_and_the_walk_on_it():
    points = np.array([2.0, -1.0, 0.5])
    ax = d2l.plot_trace(lambda x: x**2 + 1, points, color="C3")
    curve, walk, ring = ax.lines
    assert ax is plt.gca()
    x, y = curve.get_data()
    assert (x[0], x[-1]) == (-2, 2)
    np.testing.assert_allclose(np.diff(x), 4 / 400)
    np.testing.assert_allclose(y, x**2 + 1)
    assert drawn(walk).tolist() == [[2, 5], [-1, 2], [0.5, 1.25]]
    assert drawn(ring).tolist() == [[2, 5]]
    assert ring.get_fillstyle() == "none"
    assert curve.get_marker() == "None"
    assert to_rgba(curve.get_color()) == to_rgba("C0")
    assert to_rgba(walk.get_color()) == to_rgba(ring.get_color()) == to_rgba("C3")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$x$", "$f(x)$")


@pytest.mark.parametrize("xlim", [(-1, 3), [-1.0, 3.0], np.array([-1, 3])])
def test_plot_trace_draws_as_far_as_it_is_told(xlim):
    _, (left, right) = plt.subplots(1, 2)
    assert d2l.plot_trace(np.cos, [0.5], xlim=xlim, ax=left) is left
    x, _ = left.lines[0].get_data()
    assert (x[0], x[-1]) == (-1, 3)
    assert not right.has_data()


@pytest.mark.parametrize(
    ("points", "reach"), [([0, 0], 1), ([-3.0, np.inf, np.nan], 3), ([np.nan], 1)]
)
def test_plot_trace_draws_a_curve_whatever_the_walk(points, reach):
    ax = d2l.plot_trace(lambda x: 2 * x, points)
    x, y = ax.lines[0].get_data()
    assert (x[0], x[-1]) == (-reach, reach)
    np.testing.assert_allclose(y, 2 * x)


def test_plot_trace_of_a_function_that_changes_its_argument():
    def f(x):
        x *= x
        return x

    points = np.array([2.0, -1.0])
    ax = d2l.plot_trace(f, points)
    x, y = ax.lines[0].get_data()
    assert (x[0], x[-1]) == (-2, 2)
    np.testing.assert_allclose(y, x**2)
    assert drawn(ax.lines[1]).tolist() == [[2, 4], [-1, 1]]
    assert points.tolist() == [2, -1]


def test_a_walk_of_gradient_descent_can_be_drawn():
    _, history = d2l.gradient_descent(lambda x: 2 * x**2, 3.0, 0.1, 5)
    ax = d2l.plot_trace(lambda x: 2 * x**2, history)
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), history)
    plt.close("all")
    _, history = d2l.gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, [-3, 4], 0.1, 5)
    np.testing.assert_array_equal(drawn(d2l.plot_path(history).lines[0]), history)


# --- optimizer_color


def test_each_optimizer_has_its_own_color_of_the_style():
    found = [d2l.optimizer_color(name) for name in OPTIMIZERS]
    assert all(re.fullmatch(r"C\d", color) for color in found)
    assert len({to_rgba(color) for color in found}) == len(found)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_color_is_that_of_the_name_the_class_and_the_optimizer(name):
    rule = getattr(d2l, name)
    same = [name, name.lower(), name.upper(), rule, rule([np.zeros(1)])]
    assert len({d2l.optimizer_color(optimizer) for optimizer in same}) == 1


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"])
def test_the_color_is_the_same_for_other_libraries(name):
    ours = next(ours for ours in OPTIMIZERS if ours.lower() == name.lower())
    expected = d2l.optimizer_color(getattr(d2l, ours))
    theirs = getattr(torch.optim, name)
    assert d2l.optimizer_color(theirs) == expected
    assert d2l.optimizer_color(theirs([torch.zeros(1)])) == expected
    # Keras gives an optimizer a name of its own, in lower case; the class counts.
    keras_like = type(name, (), {"name": "my_optimizer"})
    assert d2l.optimizer_color(keras_like) == expected
    assert d2l.optimizer_color(keras_like()) == expected


@pytest.mark.parametrize("name", ["GD", "gd", "Gd"])
def test_batch_gradient_descent_has_the_color_of_sgd(name):
    assert d2l.optimizer_color(name) == d2l.optimizer_color("SGD")


# --- label_lines


def labels(ax):
    """The labels that were written: text, height as a part of the axes, color."""
    return {
        text.get_text(): (text.xy[1], to_rgba(text.get_color())) for text in ax.texts
    }


def heights_of_ends(ax):
    to_axes = ax.transData + ax.transAxes.inverted()
    return {
        line.get_label(): to_axes.transform(line.get_xydata()[-1])[1]
        for line in ax.lines
    }


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_label_lines_writes_each_label_at_its_line_in_its_color(scale):
    _, ax = plt.subplots()
    ax.plot([0, 1], [1, 100], color="C2", label="high")
    ax.plot([0, 1], [1, 40], color="C4", label="middle")
    ax.plot([0, 1], [1, 2], color="C1", label="low")
    ax.plot([0, 1], [1, 70])  # without a label
    ax.set(yscale=scale)
    assert d2l.label_lines() is ax
    written, ends = labels(ax), heights_of_ends(ax)
    assert set(written) == {"high", "middle", "low"}
    for name, color in [("high", "C2"), ("middle", "C4"), ("low", "C1")]:
        height, written_color = written[name]
        assert height == pytest.approx(ends[name], abs=0.02)
        assert written_color == to_rgba(color)


def overlaps(ax):
    ax.figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda b: b.y0)
    return [(a, b) for a, b in itertools.pairwise(boxes) if a.y1 > b.y0]


@pytest.mark.parametrize("end", [0.0, 0.5, 1.0])
def test_label_lines_moves_labels_apart_and_keeps_their_order(end):
    _, ax = plt.subplots()
    names = ["a", "b", "c", "d", "e"]
    for k, name in enumerate(names):
        ax.plot([0, 1], [0, end + 1e-4 * k], label=name)
    ax.set(ylim=(0, 1))
    d2l.label_lines(ax=ax)
    heights = [labels(ax)[name][0] for name in names]
    assert heights == sorted(heights)
    assert not overlaps(ax)
    assert 0 < heights[0] < heights[-1] < 1
    # No farther from their lines than needed.
    assert np.mean(heights) == pytest.approx(np.clip(end, 0.15, 0.85), abs=0.08)


def test_heights_that_rise_are_those_of_scipy():
    rng = np.random.default_rng(0)
    for size in (1, 2, 5, 30):
        values = rng.normal(size=size).round(1)  # some are equal
        expected = isotonic_regression(values).x
        np.testing.assert_allclose(plotting._rising(values), expected, atol=1e-14)


def test_label_lines_shrinks_the_axes_so_that_labels_fit_into_the_figure():
    fig, ax = plt.subplots()
    ax.plot([0, 1], label="a label that is rather long")
    d2l.label_lines(ax=ax)
    fig.draw_without_rendering()
    assert ax.texts[0].get_window_extent().x1 <= fig.bbox.x1


def test_label_lines_takes_the_last_finite_point_and_the_given_axes():
    _, (left, right) = plt.subplots(1, 2)
    left.plot([0, 1, 2], [3, 7, np.nan], label="left")
    right.plot([0, 1], [0, 1], label="right")
    d2l.label_lines(ax=left)
    (text,) = left.texts
    x = (left.transData + left.transAxes.inverted()).transform([1, 7])
    np.testing.assert_allclose(text.xy, x, atol=0.03)
    assert not right.texts


# --- the style


def colors():
    return plt.rcParams["axes.prop_cycle"].by_key()["color"]


def test_the_style_loads_by_its_name():
    with plt.style.context("default"):
        before = colors()
        plt.style.use("d2l_utils.downhill")
        assert len(colors()) >= len(OPTIMIZERS)
        assert colors() != before
        assert plt.rcParams["figure.figsize"] == [6.4, 3.6]
        assert plt.rcParams["figure.constrained_layout.use"] is True


# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
RGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(color, vision):
    """CIE L*a*b* of a color as somebody with this vision sees it."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = RGB_TO_XYZ @ np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    t = seen / RGB_TO_XYZ.sum(axis=1)
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("pair", list(itertools.combinations(range(7), 2)))
def test_every_pair_of_colors_can_be_told_apart(pair, vision):
    first, second = (lab(colors()[index], vision) for index in pair)
    # 2.3 is just noticeable side by side; lines in a figure need several times that.
    assert np.linalg.norm(first - second) > 20


@pytest.mark.parametrize("index", range(7))
def test_every_color_is_dark_enough_for_text(index):
    rgb = np.array(to_rgb(colors()[index]))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = linear @ RGB_TO_XYZ[1]
    # WCAG 2.2, success criterion 1.4.3: contrast with the white background.
    assert 1.05 / (luminance + 0.05) >= 4.5
