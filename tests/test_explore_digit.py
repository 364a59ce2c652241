"""explore_digit(): the network of lesson 08, and pictures like those of MNIST."""

import hashlib
import re

import numpy as np
import pytest
import torch
from torch import nn

import builder
import d2l_utils as d2l
import make_digit_network as script
from d2l_utils.interactive import digit
from javascript import FOLDER, needs_node, values
from project import ROOT

README = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
DIGITS = [str(k) for k in range(10)]


def bundled():
    """Pictures of digits that are always at hand, and their labels."""
    data = d2l.load_digits()
    return data.test_images[:60], data.test_labels[:60]


def of_mnist():
    data = d2l.load_mnist(mirrors=())
    if data.name != "MNIST":
        pytest.skip("needs the files of MNIST in $D2L_DATA_DIR/mnist")
    return data.test_images[:1000], data.test_labels[:1000]


def in_node(*expressions, **data):
    """What expressions give in node, where net is the network of the figure."""
    made = "(() => { globalThis.net = Object.values(network).map(m.decode) })()"
    return values("digit", made, *expressions, network=digit.network(), **data)[1:]


def jittered(copies):
    rng = np.random.default_rng(1)
    labels = np.repeat(range(10), copies)
    strokes = [script.jittered(digit.drawings()[str(label)], rng) for label in labels]
    return [[stroke.tolist() for stroke in lines] for lines in strokes], labels


# --- the network


@needs_node
def test_the_weights_are_whole_numbers_times_a_step():
    (decoded,) = in_node("net.map((array) => [...array])")
    arrays = digit.weights(digit.network())
    assert sum(array.size for array in arrays) == 5994
    for kept, array, found in zip(
        digit.network().values(), arrays, decoded, strict=True
    ):
        assert list(array.shape) == kept["shape"]
        whole = array / kept["step"]
        np.testing.assert_allclose(whole, np.round(whole), rtol=0, atol=1e-9)
        assert np.abs(np.round(whole)).max() == 127
        assert array.ravel().tolist() == found


@needs_node
@pytest.mark.parametrize("source", [bundled, of_mnist])
def test_the_answers_are_those_of_torch(source):
    images, labels = source()
    cnn = script.restored(digit.network())
    X = script.pictures(images, np.float64)
    with torch.no_grad():
        maps, shares = torch.relu(cnn[0](X[:5])), torch.softmax(cnn(X), dim=1)
    found_maps, found = in_node(
        "images.slice(0, 5).map((image) => [...m.answers(net, image).maps])",
        "images.map((image) => [...m.answers(net, image).shares])",
        images=images.reshape(len(images), -1).tolist(),
    )
    np.testing.assert_allclose(found_maps, maps.flatten(1), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found, shares, rtol=1e-9, atol=0)
    by_numpy = [digit.answers(image)[1] for image in images[:20]]
    np.testing.assert_allclose(found[:20], by_numpy, rtol=1e-9, atol=0)
    # The bundled digits were written, and made into pixels, in another way than those
    # that it has learned from.
    least = 0.985 if source is of_mnist else 0.7
    assert np.mean(np.argmax(found, axis=1) == labels) >= least


def test_network_and_training_are_those_of_the_lesson():
    text = ROOT / "chapters/text/en/08_mnist_classifiers.md"
    cells = [cell.source for cell in builder.read_lesson(text).cells]
    (defined,) = (cell for cell in cells if "def new_cnn" in cell)
    (trained,) = (cell for cell in cells if "cnn_history = train(" in cell)
    names = {"nn": nn, "torch": torch}
    exec(defined.partition("first, second")[0], names)
    (made,) = re.findall(r"^torch\.manual_seed\(.*\)\ncnn = .*", trained, re.MULTILINE)
    exec(made, names)
    ours, lessons = script.make_network(), names["cnn"]
    assert str(ours) == str(lessons)
    for mine, theirs in zip(ours.parameters(), lessons.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    # As the lesson says it: three epochs of 64, and the rate.
    assert "num_epochs, batch_size = 3, 64" in trained
    train = (ROOT / "data" / "make_digit_network.py").read_text(encoding="utf-8")
    train = train.replace(", fused=True", "")  # the same steps in less time
    assert "num_epochs=3, batch_size=64" in train
    shared = re.findall(
        r"^(?:optimizer|num_steps|schedule) = .*", trained, re.MULTILINE
    )
    assert len(shared) == 3
    for line in shared:
        assert line in train


def test_rounding_moves_a_weight_by_half_a_step_at_most():
    cnn = script.make_network()
    arrays = script.rounded(cnn)
    for param, kept, near in zip(
        cnn.parameters(), arrays.values(), script.restored(arrays).parameters(),
        strict=True,
    ):  # fmt: skip
        assert (param - near).abs().max() <= 0.5001 * kept["step"]


def test_without_mnist_nothing_is_trained(monkeypatch):
    monkeypatch.setattr(d2l, "load_mnist", d2l.load_digits, raising=False)
    monkeypatch.setattr(script, "TARGET", None)
    with pytest.raises(SystemExit, match="MNIST, which is not at hand"):
        script.main()


def test_the_readme_tells_where_the_weights_come_from():
    content = (FOLDER / "digit.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() in README
    assert b"\r" not in content
    assert "data/make_digit_network.py" in README


# --- from strokes to pixels


@needs_node
def test_ready_made_and_jittered_digits_are_read():
    strokes, labels = jittered(20)
    plain = digit.drawings()
    pictures, shares, others = in_node(
        "Object.values(plain).map((lines) => [...m.picture(lines)])",
        "digits.map((k) => [...m.answers(net, m.picture(plain[k])).shares])",
        "strokes.map((lines) => [...m.answers(net, m.picture(lines)).shares])",
        plain=plain,
        digits=DIGITS,
        strokes=strokes,
    )
    for lines, found in zip(plain.values(), pictures, strict=True):
        assert digit.picture(lines).ravel().tolist() == found
    assert np.argmax(shares, axis=1).tolist() == list(range(10))
    assert np.max(shares, axis=1).min() > 0.95
    assert np.mean(np.argmax(others, axis=1) == labels) >= 0.98


@needs_node
def test_a_picture_is_made_as_those_of_mnist():
    drawn = [*jittered(5)[0], *digit.drawings().values()]
    (pictures,) = values("digit", "drawn.map((d) => [...m.picture(d)])", drawn=drawn)
    for strokes, found in zip(drawn, pictures, strict=True):
        gray = np.reshape(found, (28, 28))
        assert np.array_equal(gray, digit.picture(strokes))
        assert gray.min() == 0
        assert gray.max() == 255
        sides = [np.flatnonzero(gray.any(axis)) for axis in (0, 1)]
        # The pen's last bit of gray may round to 0.
        assert 19 <= max(np.ptp(side) + 1 for side in sides) <= 20
        for axis in (0, 1):
            center = gray.sum(axis) @ np.arange(28) / gray.sum()
            assert 13.5 <= center <= 14.5


@needs_node
def test_place_and_size_of_a_drawing_do_not_matter():
    strokes = digit.drawings()["5"]
    # By powers of two, so that nothing is rounded differently.
    moved = [
        [[[scale * x + 32, scale * y - 16] for x, y in line] for line in strokes]
        for scale in (0.25, 0.5, 2)
    ]
    first, *others = values(
        "digit", "...drawn.map((d) => [...m.picture(d)])", drawn=[strokes, *moved]
    )
    for other in others:
        np.testing.assert_allclose(other, first, atol=1)


@needs_node
def test_no_ink_is_lost_and_nothing_is_infinite():
    top = [[x, y] for y in range(0, 20, 4) for x in (0, 90)]
    drawn = [
        [[[50, 50]]],
        [[[50, 50], [50, 50]], [[51, 50]]],
        [[[0, 0], [100, 0]]],
        [[*top, [45, 16], [45, 100]]],
        [[[0, 0]], [[100, 100]]],
    ]
    dot, near, line, heavy, apart = (
        np.reshape(found, (28, 28))
        for found in values(
            "digit", "...drawn.map((d) => [...m.picture(d)])", drawn=drawn
        )
    )
    for strokes, found in zip(drawn, (dot, near, line, heavy, apart), strict=True):
        assert np.array_equal(found, digit.picture(strokes))
    assert (dot > 0).sum() == 12
    assert np.ptp(np.flatnonzero(near.any(0))) < 8
    assert np.ptp(np.flatnonzero(line.any(0))) + 1 == 20
    # Its center of mass is far up, but its foot stays in the picture.
    rows = np.flatnonzero(heavy.any(1))
    assert np.ptp(rows) + 1 == 20
    assert rows.max() == 27
    assert apart.sum() == pytest.approx(2 * dot.sum(), rel=0.05)


# --- the message


@needs_node
def test_no_probability_is_called_0_or_1():
    shares = [0, 1e-9, 0.0004999, 0.0005, 0.1234, 0.98765, 0.99949, 0.9995, 1]
    text, bars = values(
        "digit",
        "shares.map((share) => m.percent(share))",
        'shares.map((share) => m.percent(share, ["<", ">"]))',
        shares=shares,
    )
    middle = ["0.1%", "12.3%", "98.8%", "99.9%"]
    assert text == [*3 * ["under 0.1%"], *middle, *2 * ["over 99.9%"]]
    assert bars == [*3 * ["<0.1%"], *middle, *2 * [">99.9%"]]


@needs_node
def test_the_verdict_names_the_two_best():
    shares = [0.02, 0.001, 0.01, 0.9, 0, 0.003, 0, 0.006, 0.06, 0]
    clear, tie = values(
        "digit", "m.verdict(shares)", "m.verdict(Array(10).fill(0.1))", shares=shares
    )
    assert clear == "It says 3, 90.0% sure; next: 8, 6.0%."
    assert tie == "It says 0, 10.0% sure; next: 1, 10.0%."


def test_the_option_reaches_script_and_picture():
    html, plain = d2l.explore_digit(digit=8).html, d2l.explore_digit().html
    assert 'mount(place, {"digit": 8, ' in html
    assert 'mount(place, {"digit": 3, ' in plain
    picture = re.compile('src="data:image/png;base64,([^"]+)"')
    assert picture.search(html)[1] != picture.search(plain)[1]
    assert "the digit 8 is drawn" in d2l.explore_digit(digit=8).alt
