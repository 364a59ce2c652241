"""Numbers of every type: computed with as what they are, or refused in one sentence."""

import math
import re
from decimal import Decimal
from fractions import Fraction

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")

import matplotlib.pyplot as plt

import d2l_utils as d2l
from d2l_utils.optimizers import OPTIMIZERS

BITS = ("8", "16", "32", "64")
WHOLE = ["bool", *(f"{sign}int{n}" for sign in ("", "u") for n in BITS)]
# They fit all whole numbers but bool; differences, products and squares do not.
A, B = [[16, 100], [3, 120]], [[0, 10], [120, 7]]


def bowl(x):
    return np.sum(x**2)


def array(dtype):
    return lambda values: np.array(values).astype(dtype)


def tensor(dtype):
    return lambda values: torch.tensor(values).to(getattr(torch, dtype))


def plain(result):
    """A result as NumPy's arrays."""
    if isinstance(result, tuple | list):
        return [plain(entry) for entry in result]
    return np.asarray(result.data if isinstance(result, d2l.Tensor) else result)


def same(result, expected):
    np.testing.assert_equal(plain(result), plain(expected))
    for got in result if isinstance(result, tuple | list) else [result]:
        if hasattr(got, "dtype"):
            assert str(got.dtype).endswith("float64")


@pytest.fixture(autouse=True)
def no_figures():
    yield
    plt.close("all")


# --- Whole numbers


def stepped(rule, make, grad):
    """A parameter after two steps."""
    w = make([[1.0, 2.0], [3.0, 4.0]])
    optimizer = rule([w], lr=0.5)
    for _ in range(2):
        optimizer.step([grad])
    return w


def drawn(draw, *args):
    return [line.get_xydata() for line in draw(*args, ax=plt.Figure().gca()).lines]


def examples(w):
    rng = np.random.default_rng(0)
    if isinstance(w, torch.Tensor):
        rng = torch.Generator().manual_seed(0)
    return d2l.synthetic_data(w, 0.5, 3, generator=rng)


# Of two tables of whole numbers, or of the same as float64, made by `make`; `exact`
# makes float64 of the same library.
ARRAYS = {
    "squared_loss": lambda a, b, exact: d2l.squared_loss(a, b),
    "squared_loss, labels": lambda a, b, exact: d2l.squared_loss(exact(A), b),
    "squared_loss, predictions": lambda a, b, exact: d2l.squared_loss(a, exact(B)),
    "linreg": lambda a, b, exact: d2l.linreg(a, b[0], 0.5),
    "linreg, features": lambda a, b, exact: d2l.linreg(a, exact(B)[0], 0.5),
    "linreg, weights": lambda a, b, exact: d2l.linreg(exact(A), b[0], 0.5),
    "linreg, bias": lambda a, b, exact: d2l.linreg(exact(A), exact(B)[0], b[1, :1]),
}
# These take lists, too.
LISTS = {
    "synthetic_data": lambda a, b, exact: examples(a[0]),
    "softmax": lambda a, b, exact: d2l.softmax(a),
    "cross_entropy": lambda a, b, exact: d2l.cross_entropy(a, CLASSES[type(a)]),
    "accuracy": lambda a, b, exact: d2l.accuracy(a, CLASSES[type(a)]),
    "numerical_diff": lambda a, b, exact: d2l.numerical_diff(np.square, a),
    "numerical_diff, f": lambda a, b, exact: d2l.numerical_diff(lambda x: a, 0.5),
    "numerical_gradient": lambda a, b, exact: d2l.numerical_gradient(bowl, a),
    "check_gradient": lambda a, b, exact: d2l.check_gradient(bowl, lambda x: b, a),
    "gradient_descent": lambda a, b, exact: d2l.gradient_descent(bowl, a, step_num=2),
    "gradient_descent, grad": lambda a, b, exact: d2l.gradient_descent(
        bowl, a, 0.1, 2, grad=lambda x: b
    ),
    "Tensor": lambda a, b, exact: d2l.Tensor(a) * d2l.Tensor(a) - d2l.Tensor(b),
    "plot_path": lambda a, b, exact: drawn(d2l.plot_path, a),
    "plot_trace": lambda a, b, exact: drawn(d2l.plot_trace, np.square, a[0]),
}
CLASSES = {np.ndarray: np.array([1, 0]), torch.Tensor: torch.tensor([1, 0])}
CLASSES[list] = [1, 0]
GRADIENTS = {
    f"{name}, gradients": lambda a, b, exact, rule=row.rule: stepped(rule, exact, a)
    for name, row in OPTIMIZERS.items()
}
ONLY_NUMPY = {
    "Tensor, constant": lambda a, b, exact: a - d2l.Tensor(exact(A)) * b,
}
TABLE = ARRAYS | LISTS | GRADIENTS | ONLY_NUMPY


@pytest.mark.parametrize("make", [array, tensor], ids=["NumPy", "torch"])
@pytest.mark.parametrize("name", TABLE)
def test_whole_numbers_give_what_the_same_floats_give(name, make):
    if make is tensor and name in ONLY_NUMPY:
        return
    exact = make("float64")
    for dtype in WHOLE:
        a, b = make(dtype)(A), make(dtype)(B)
        floats = exact(plain(a).tolist()), exact(plain(b).tolist())
        same(TABLE[name](a, b, exact), TABLE[name](*floats, exact))


@pytest.mark.parametrize("name", LISTS | GRADIENTS)
def test_lists_of_whole_numbers_give_what_the_same_floats_give(name):
    exact = array("float64")
    same(TABLE[name](A, B, exact), TABLE[name](exact(A), exact(B), exact))


def test_the_losses_of_pixels_are_right():
    for make in (array("uint8"), tensor("uint8")):
        losses = d2l.squared_loss(make([16, 200]), make([0, 10]))
        assert losses.tolist() == [128, 18050]
    # Whole numbers beside others take part in their precision, as in the library.
    y_hat = torch.tensor([0.5])
    assert d2l.squared_loss(y_hat, torch.tensor([1])).dtype == torch.float32
    assert d2l.linreg(torch.tensor([[200]]), y_hat, 0).dtype == torch.float32
    for make in (array("float32"), tensor("float32")):
        one = make([[1]]), make([1])
        assert d2l.linreg(*one, Fraction(1, 2)).tolist() == [1.5]
        assert d2l.linreg(*one, 10**400).tolist() == [np.inf]
    # Exact where the library is.
    big = np.array([2**24 + 1])
    assert d2l.squared_loss(np.float32([2**24]), big).tolist() == [0.5]


@pytest.mark.parametrize("dtype", WHOLE[1:])
@pytest.mark.parametrize("make", [array, tensor], ids=["NumPy", "torch"])
def test_labels_are_whole_numbers_of_any_type(make, dtype):
    z, y = make("float64")(A), make(dtype)([0, 1])
    same(d2l.cross_entropy(z, y), d2l.cross_entropy(z, make("int64")([0, 1])))
    assert d2l.accuracy(z, y) == d2l.accuracy(make("int64")([0, 0]), y) == 0.5
    assert d2l.accuracy(y, y) == 1
    large = [make("uint64")([2**53 + n]) for n in (0, 1)]
    assert d2l.accuracy(*large) == 0
    assert d2l.evaluate_accuracy(lambda X: X, [(z, y), (z, y)]) == 0.5
    with pytest.raises(ValueError, match=r"^labels must be classes from 0 to 1, got 9"):
        d2l.cross_entropy(z, make(dtype)([0, 9]))


@pytest.mark.parametrize("dtype", WHOLE)
@pytest.mark.parametrize("make", [array, tensor], ids=["NumPy", "torch"])
def test_examples_of_whole_numbers_stay_as_they_are(make, dtype):
    X = make(dtype)(A)
    loaders = [d2l.data_iter(1, X, X)]
    if make is tensor:
        loaders.append(d2l.load_array([X, X], 1))
    for batches in map(list, loaders):
        rows = [features[0].tolist() for features, _ in batches]
        assert sorted(rows) == sorted(X.tolist())
        assert all(features.dtype == X.dtype for features, _ in batches)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int64"])
def test_a_schedule_knows_every_step(dtype):
    for schedule in (
        d2l.step_decay(300, 0.5),
        d2l.exponential_decay(0.99),
        d2l.cosine_decay(300),
        d2l.warmup(300, d2l.cosine_decay(300)),
        d2l.warmup(5, d2l.cosine_decay(300)),
    ):
        for t in (0, 100, np.iinfo(dtype).max):
            assert schedule(np.array(t, dtype)[()]) == schedule(int(t))
        with pytest.raises(TypeError, match=r"^t must be a whole number, got 0\.5"):
            schedule(0.5)


# --- Devices and precision

OF_TENSORS = {
    "synthetic_data": lambda x, y: d2l.synthetic_data(x[0], 0.5, 3),
    "data_iter": lambda x, y: next(d2l.data_iter(2, x, x)),
    "linreg": lambda x, y: d2l.linreg(x, x[0], x[0, :1]),
    "squared_loss": lambda x, y: d2l.squared_loss(x, x + 1),
    "softmax": lambda x, y: d2l.softmax(x),
    "cross_entropy": lambda x, y: d2l.cross_entropy(x, y),
    "cross_entropy, shapes": lambda x, y: d2l.cross_entropy(x[:, None], y[:, None]),
}
OF_TENSORS |= {
    name: lambda x, y, rule=row.rule: stepped(rule, lambda _: x.clone(), x)
    for name, row in OPTIMIZERS.items()
}


@pytest.fixture(params=["cpu", "meta"])
def default_device(request):
    torch.set_default_device(request.param)
    yield request.param
    torch.set_default_device("cpu")


@pytest.fixture(params=[torch.float32, torch.float64, torch.bfloat16], ids=str)
def default_dtype(request):
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(torch.float32)


def results_of(name, x):
    y = torch.tensor([0, 1], device=x.device)
    results = OF_TENSORS[name](x, y)
    return results if isinstance(results, tuple) else [results]


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("name", OF_TENSORS)
def test_a_result_is_on_the_device_of_what_was_given(name, device, default_device):
    x = torch.tensor(A, dtype=torch.float64, device="cpu").to(device)
    there = results_of(name, torch.ones(2, 2, dtype=x.dtype, device="cpu"))
    for result, like_it in zip(results_of(name, x), there, strict=True):
        assert result.device.type == device
        assert (result.dtype, result.shape) == (x.dtype, like_it.shape)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("name", OF_TENSORS)
def test_a_result_has_the_precision_of_what_was_given(name, dtype, default_dtype):
    x = torch.tensor(A, dtype=getattr(torch, dtype))
    if name in OPTIMIZERS and dtype == "bfloat16":
        with pytest.raises(TypeError, match=r"^params\[0\] must be float32 or wider"):
            results_of(name, x)
        return
    assert {result.dtype for result in results_of(name, x)} == {x.dtype}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_keep_their_precision(dtype):
    x = np.array(A, dtype)
    for made in (
        *d2l.synthetic_data(x[0], 0.5, 3),
        d2l.linreg(x, x[0], 1),
        d2l.squared_loss(x, x),
        d2l.softmax(x),
        d2l.cross_entropy(x, [0, 1]),
        d2l.Tensor(x).data,
    ):
        assert made.dtype == dtype


def test_the_numbers_do_not_depend_on_the_default_device(default_device):
    x = torch.tensor(A, dtype=torch.float64, device="cpu") / 7
    y = torch.tensor([0, 1], device="cpu")
    rng = torch.Generator("cpu").manual_seed(0)
    batches = [*d2l.data_iter(1, x, y, generator=rng)]
    assert sorted(labels.item() for _, labels in batches) == [0, 1]
    for features, labels in batches:
        assert features.tolist() == x[labels].tolist()
    for is_train in (True, False):
        loader = d2l.load_array([x, y], 1, is_train)
        assert isinstance(loader, torch.utils.data.DataLoader)
        for _ in range(2):
            rows = [features[0].tolist() for features, _ in loader]
            assert sorted(rows) == sorted(x.tolist())
            assert torch.get_default_device().type == default_device
    expected = torch.nn.functional.cross_entropy(x, y, reduction="none")
    torch.testing.assert_close(d2l.cross_entropy(x, y), expected)
    made = d2l.synthetic_data(x[0], 0.5, 3, generator=rng.manual_seed(0))
    with torch.device("cpu"):
        again = d2l.synthetic_data(x[0], 0.5, 3, generator=rng.manual_seed(0))
    same(made, again)


MIXED = {
    "labels must be a torch tensor on cpu, like features": lambda here, there: next(
        d2l.data_iter(1, here, there)
    ),
    "w must be a torch tensor on cpu, like X": lambda here, there: d2l.linreg(
        here, there[0], 1
    ),
    "b must be a number, or a torch tensor on cpu, like X": lambda here, there: (
        d2l.linreg(here, here[0], there[0, :1])
    ),
    "y must be a torch tensor on cpu, like y_hat": d2l.squared_loss,
    "labels must be a torch tensor on cpu, like logits": lambda here, there: (
        d2l.cross_entropy(here, there.long())
    ),
    "grads[0] must be a torch tensor on cpu, like its parameter": lambda here, there: (
        d2l.Adam([here]).step([there])
    ),
    "b must be a number, got": lambda here, there: d2l.synthetic_data(
        here[0], there[0, 0], 1
    ),
    "y_hat must hold numbers, not be on the device meta": lambda here, there: (
        d2l.accuracy(there, here.long()[0])
    ),
    "x must be real numbers, got a Tensor of shape (2, 2)": lambda here, there: (
        d2l.numerical_gradient(bowl, there)
    ),
}


@pytest.mark.parametrize("sentence", MIXED)
def test_two_devices_do_not_go_together(sentence):
    here = torch.ones(2, 2)
    with pytest.raises((TypeError, ValueError)) as caught:
        MIXED[sentence](here, here.to("meta"))
    assert str(caught.value).startswith(sentence)
    assert "meta" in str(caught.value)
    assert here.tolist() == [[1, 1], [1, 1]]


class Elsewhere(torch.Tensor):
    """A tensor that says that it is on a graphics card, where there is none."""

    device = torch.device("cuda", 0)


def test_a_generator_of_another_device_is_refused():
    x, rng = torch.ones(2, 2).as_subclass(Elsewhere), torch.Generator()
    calls = {
        "w": lambda: d2l.synthetic_data(x[0], 0.5, 3, generator=rng),
        "features": lambda: next(d2l.data_iter(1, x, x, generator=rng)),
    }
    for other, call in calls.items():
        sentence = f"^generator must be on the device of {other}, cuda:0, got cpu$"
        with pytest.raises(ValueError, match=sentence):
            call()
    # On the device meta, which has no numbers, none is of another device.
    made = d2l.synthetic_data(torch.ones(2, device="meta"), 0.5, 3, generator=rng)
    batch = next(d2l.data_iter(2, *made, generator=rng))
    assert {part.device.type for part in (*made, *batch)} == {"meta"}


# --- What has no plain arithmetic

GOOD = {np.ndarray: np.eye(2), torch.Tensor: torch.eye(2)}
SPARSE = torch.eye(2).to_sparse()
MASKED = np.ma.masked_array(np.eye(2), [[True, False], [False, False]])
COMPLEX = np.eye(2) * 1j
KINDS = {
    "sparse": (SPARSE, torch.eye(2)),
    "complex": (torch.tensor(COMPLEX), torch.eye(2)),
    "complex array": (COMPLEX, np.eye(2)),
    "masked": (MASKED, np.eye(2)),
    "objects": (np.array([[1, None], [0, None]]), np.eye(2)),
    "strings": (np.array([["a", "b"], ["c", "d"]]), np.eye(2)),
    "dates": (np.array([["2020", "2021"], ["2022", "2023"]], "M8[Y]"), np.eye(2)),
    "records": (np.zeros((2, 2), [("a", float)]), np.eye(2)),
}
# The bad table x beside a good one.
ODD = {
    "squared_loss, y_hat": lambda x, good: d2l.squared_loss(x, good),
    "squared_loss, y": lambda x, good: d2l.squared_loss(good, x),
    "linreg, X": lambda x, good: d2l.linreg(x, good[0], 1),
    "linreg, w": lambda x, good: d2l.linreg(good, x, 1),
    "linreg, b": lambda x, good: d2l.linreg(
        good, good[0], x if x is SPARSE else x[1:, 1:]
    ),
    "synthetic_data": lambda x, good: d2l.synthetic_data(x[0], 1, 3),
    "softmax": lambda x, good: d2l.softmax(x),
    "cross_entropy, logits": lambda x, good: d2l.cross_entropy(x, [0, 1]),
    "cross_entropy, labels": lambda x, good: d2l.cross_entropy(good, x),
    "accuracy, y_hat": lambda x, good: d2l.accuracy(x, [0, 1]),
    "accuracy, y": lambda x, good: d2l.accuracy(good, x),
    "evaluate_accuracy": lambda x, good: d2l.evaluate_accuracy(
        lambda X: X, [(x, [0, 1])]
    ),
    "numerical_diff": lambda x, good: d2l.numerical_diff(np.square, x),
    "numerical_diff, f": lambda x, good: d2l.numerical_diff(lambda _: x, 1),
    "numerical_gradient": lambda x, good: d2l.numerical_gradient(bowl, x),
    "check_gradient, grad": lambda x, good: d2l.check_gradient(
        bowl, lambda _: x, np.eye(2)
    ),
    "gradient_descent": lambda x, good: d2l.gradient_descent(bowl, x),
    "Tensor": lambda x, good: d2l.Tensor(x),
    "Tensor, constant": lambda x, good: d2l.Tensor(np.eye(2)) * x,
    "SGD, params": lambda x, good: d2l.SGD([x]),
    "sgd": lambda x, good: d2l.sgd([x], 0.1, 1),
    "plot_path": lambda x, good: d2l.plot_path(x),
    "plot_trace": lambda x, good: d2l.plot_trace(np.square, x),
    "plot_contours": lambda x, good: d2l.plot_contours(lambda _: x, (0, 1), (0, 1)),
} | {
    f"{name}, gradients": lambda x, good, rule=row.rule: rule(
        [good.clone() if isinstance(good, torch.Tensor) else good.copy()]
    ).step([x])
    for name, row in OPTIMIZERS.items()
}
SENTENCE = (
    r"(what )?\w+(\[0\])?(\(x\)|\(x1, x2\))?( returns)? must [^\n]+|"
    r"a Tensor can be combined with [^\n]+"
)


@pytest.mark.parametrize("name", ODD)
def test_what_has_no_plain_arithmetic_is_refused(name):
    for kind, (x, good) in KINDS.items():
        with pytest.raises((TypeError, ValueError)) as caught:
            ODD[name](x, good)
        assert re.fullmatch(SENTENCE, str(caught.value)), (kind, caught.value)
        assert good.tolist() == np.eye(2).tolist()


@pytest.mark.parametrize("make", [array("float16"), tensor("float16")])
@pytest.mark.parametrize("rule", [row.rule for row in OPTIMIZERS.values()])
def test_training_in_16_bits_is_refused(rule, make):
    # Adam would divide 0 by 0: its eps and the square of a small slope vanish.
    sentence = (
        r"^params\[0\] must be float32 or wider, as small steps vanish in 16 bits"
    )
    with pytest.raises(TypeError, match=sentence):
        rule([make([1.0])])
    # Gradients in it are converted.
    wide, narrow = (array("float32")([1.0]) for _ in range(2))
    rule([wide]).step([np.float32([0.5])])
    rule([narrow]).step([make([0.5])])
    assert wide == narrow


@pytest.mark.parametrize("rule", [row.rule for row in OPTIMIZERS.values()])
def test_sparse_slopes_are_refused(rule):
    words = torch.nn.Embedding(3, 2, sparse=True)
    words(torch.tensor([1])).sum().backward()
    before = words.weight.tolist()
    with pytest.raises(TypeError) as caught:
        rule(words.parameters()).step()
    assert str(caught.value) == (
        "params[0].grad must be a NumPy array or a torch tensor, "
        "got a sparse Tensor of shape (3, 2)"
    )
    assert words.weight.tolist() == before


def test_arrays_in_which_no_example_can_be_drawn_are_refused():
    for dtype in ("float16", "longdouble"):
        sentence = f"^w must be float32 or float64, got {np.dtype(dtype)}$"
        with pytest.raises(TypeError, match=sentence):
            d2l.synthetic_data(np.ones(2, dtype), 0.5, 3)


def test_one_hot_rows_are_no_classes():
    hint = r"got shape \(2, 2\): for one-hot rows give argmax\(axis=-1\)$"
    for good in GOOD.values():
        for call in (d2l.cross_entropy, d2l.accuracy):
            with pytest.raises(ValueError, match=hint):
                call(good, good)


# --- Functions that work on single numbers

OF_ONE_NUMBER = {
    "math.sin": math.sin,
    "math.exp": lambda x: math.exp(-x),
    "float": float,
    "sum": lambda x: sum(math.cos(entry) for entry in [x]),
    "if": lambda x: x**2 if x > 0 else -(x**2),
    "max": lambda x: max(x, 0.0),
    "round": round,
    "text": "{:.3f}".format,
    "Decimal": Decimal,
    "torch": torch.sin,
}
WHERE = {
    "numerical_diff": lambda f: d2l.numerical_diff(f, [1.0, 2.0]),
    "numerical_gradient": lambda f: d2l.numerical_gradient(f, [1.0, 2.0]),
    "check_gradient": lambda f: d2l.check_gradient(f, np.cos, [1.0, 2.0]),
    "check_gradient, grad": lambda f: d2l.check_gradient(bowl, f, [1.0, 2.0]),
    "gradient_descent": lambda f: d2l.gradient_descent(f, [1.0, 2.0]),
    "gradient_descent, grad": lambda f: d2l.gradient_descent(bowl, [1.0, 2.0], grad=f),
    "plot_contours": lambda f: d2l.plot_contours(lambda x: f(x[0]), (0, 1), (0, 1)),
    "plot_trace": lambda f: d2l.plot_trace(f, [1.0, 2.0]),
}


@pytest.mark.parametrize("name", WHERE)
def test_a_function_of_one_number_is_told_from_one_of_arrays(name):
    sentence = (
        r"^(f|grad) must work on arrays, here of shape \([\d, ]+\): write np\.sin for "
        r"math\.sin, np\.where for if \(.+\)$"
    )
    for f in OF_ONE_NUMBER.values():
        with pytest.raises((TypeError, ValueError), match=sentence):
            WHERE[name](f)
    assert not plt.get_fignums()


def test_a_function_of_one_number_is_welcome_at_one_number():
    assert d2l.numerical_diff(math.sin, 0.0) == pytest.approx(1)
    assert d2l.numerical_gradient(math.sin, 0.0) == pytest.approx(1)
    x, _ = d2l.gradient_descent(math.cos, 1.0, 0.1, 100)
    assert math.cos(x) < -0.99

    def broken(x):
        return math.sin(np.array([x, x]))

    with pytest.raises(TypeError, match=r"^only .* can be converted"):
        d2l.numerical_diff(broken, 0.0)
