import inspect

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import approx_fprime, check_grad, rosen, rosen_der

import d2l_utils as d2l

SHAPES = [(), (0,), (1,), (5,), (2, 3), (3, 0), (2, 3, 4)]


def recorded(f):
    """The function, and a list of copies of all arguments it was called with."""
    calls = []

    def recording(x):
        calls.append(np.array(x))
        return f(x)

    return recording, calls


def bowl(x):
    return np.sum(x**2)


# --- numerical_diff


def test_numerical_diff_prints_the_published_digits(capsys):
    print(d2l.numerical_diff(lambda x0: x0 * x0 + 4.0**2, 3))
    assert capsys.readouterr().out == "6.00000000000378\n"


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (np.log, lambda x: 1 / x),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
        (lambda x: 2 * x**2, lambda x: 4 * x),
        (lambda x: x**3 - 3 * x, lambda x: 3 * x**2 - 3),
    ],
)
@given(x=st.floats(0.5, 5))
def test_numerical_diff_agrees_with_the_analytic_derivative(f, slope, x):
    assert d2l.numerical_diff(f, x) == pytest.approx(slope(x), rel=1e-6, abs=1e-7)


@given(x=st.floats(-10, 10), h=st.floats(1e-3, 1.0))
def test_numerical_diff_has_the_documented_truncation_error(x, h):
    # f''' is 6 everywhere, and there is no term of higher order.
    error = d2l.numerical_diff(lambda t: t**3, x, h) - 3 * x**2
    assert error == pytest.approx(h**2, abs=1e-9)


def test_numerical_diff_evaluates_at_x_plus_h_and_x_minus_h_in_float64():
    f, calls = recorded(lambda x: x * x)
    d2l.numerical_diff(f, np.float32(0.1), 0.25)
    x = float(np.float32(0.1))
    assert [call.item() for call in calls] == [x + 0.25, x - 0.25]
    assert {call.dtype for call in calls} == {np.dtype(np.float64)}


def test_numerical_diff_gives_the_function_a_number_not_an_array():
    assert d2l.numerical_diff(lambda x: float(x) if np.isscalar(x) else None, 2) == (
        pytest.approx(1)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_numerical_diff_works_elementwise(shape):
    x = np.linspace(-1, 2, int(np.prod(shape))).reshape(shape)
    before = x.copy()
    slopes = d2l.numerical_diff(np.sin, x)
    assert np.shape(slopes) == shape
    np.testing.assert_allclose(slopes, np.cos(x), rtol=0, atol=1e-8)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, bool])
def test_numerical_diff_computes_in_float64_what_f_returns_in_another_type(dtype):
    # 2 - 5 would be 253 in uint8, and NumPy refuses to subtract booleans.
    f = lambda x: np.where(np.asarray(x) > 0, 2, 5).astype(dtype)  # noqa: E731
    drop = float(np.array(2, dtype)) - float(np.array(5, dtype))
    assert d2l.numerical_diff(f, [0.0, 0.0], h=0.5).tolist() == [drop, drop]


def test_numerical_diff_of_a_list_of_values():
    assert d2l.numerical_diff(lambda x: [x, 2 * x], 1.0) == pytest.approx([1, 2])


# --- numerical_gradient


@pytest.mark.parametrize(
    ("x", "printed"), [([3.0, 4.0], "[6. 8.]"), ([0.0, 2.0], "[0. 4.]")]
)
def test_numerical_gradient_prints_the_published_digits(x, printed):
    grad = d2l.numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, np.array(x))
    assert str(grad) == printed


@given(
    x=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        elements=st.floats(-3, 3),
    )
)
def test_numerical_gradient_agrees_with_autograd(x):
    # Every entry has a weight of its own: no two may be mixed up.
    weights = np.arange(1.0, x.size + 1).reshape(x.shape)
    grad = d2l.numerical_gradient(lambda x: np.sum(weights * np.sin(x) * x), x)
    tensor = torch.tensor(x, requires_grad=True)
    (torch.tensor(weights) * torch.sin(tensor) * tensor).sum().backward()
    assert grad.shape == x.shape
    assert grad.dtype == np.float64
    np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=0, atol=1e-6)


@given(x=hnp.arrays(np.float64, st.integers(2, 6), elements=st.floats(-2, 2)))
def test_numerical_gradient_agrees_with_scipy(x):
    grad = d2l.numerical_gradient(rosen, x)
    np.testing.assert_allclose(grad, rosen_der(x), rtol=1e-6, atol=1e-4)
    forward = approx_fprime(x, rosen, 1e-7)
    np.testing.assert_allclose(grad, forward, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (3, 6),
        (3.0, 6),
        (True, 2),
        ([], []),
        ([3, 4], [6, 8]),
        ((3, 4), [6, 8]),
        ([[1, 2], [3, 4]], [[2, 4], [6, 8]]),
        ([[[1], [2]]], [[[2], [4]]]),
        (np.array(3), 6),
        (np.array([3, 4]), [6, 8]),
        (np.array([3, 4], dtype=np.uint8), [6, 8]),
        (np.array([3, 4], dtype=np.float32), [6, 8]),
        (np.array([True, False]), [2, 0]),
        (np.arange(6).reshape(2, 3).T, [[0, 6], [2, 8], [4, 10]]),
        (torch.tensor([3.0, 4.0]), [6, 8]),
        (10**20, 0),  # more than 64 bits; h is far below its spacing
    ],
)
def test_numerical_gradient_takes_any_array_or_number(x, expected):
    before = x.clone() if isinstance(x, torch.Tensor) else np.array(x)
    grad = d2l.numerical_gradient(bowl, x)
    assert isinstance(grad, np.ndarray)
    assert grad.dtype == np.float64
    assert grad.shape == np.shape(expected)
    np.testing.assert_allclose(grad, expected, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, bool])
def test_numerical_gradient_is_computed_in_float64(dtype):
    x = np.array([0.1, 1.3, -2.7]).astype(dtype)
    f, calls = recorded(lambda x: np.sum(np.sin(x)))
    grad = d2l.numerical_gradient(f, x)
    assert {call.dtype for call in calls} == {np.dtype(np.float64)}
    np.testing.assert_allclose(grad, np.cos(x.astype(np.float64)), rtol=0, atol=1e-8)
    assert x.dtype == dtype


@pytest.mark.parametrize("shape", SHAPES)
def test_numerical_gradient_makes_two_evaluations_for_each_entry(shape):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    f, calls = recorded(bowl)
    d2l.numerical_gradient(f, x, h=0.25)
    expected = []
    for i in range(x.size):
        for step in (0.25, -0.25):
            moved = x.flatten()
            moved[i] += step
            expected.append(moved.reshape(shape))
    assert len(calls) == len(expected) == 2 * x.size
    for call, moved in zip(calls, expected, strict=True):
        assert call.shape == shape
        np.testing.assert_array_equal(call, moved)


@pytest.mark.parametrize("call_that_raises", range(6))
def test_numerical_gradient_leaves_x_alone_when_f_raises(call_that_raises):
    calls = []

    def fragile(x):
        calls.append(x)
        if len(calls) > call_that_raises:
            raise ZeroDivisionError("from f itself")
        return bowl(x)

    x = np.array([1.5, -2.5, 3.5])
    with pytest.raises(ZeroDivisionError, match="from f itself"):
        d2l.numerical_gradient(fragile, x)
    assert len(calls) == call_that_raises + 1
    assert x.tolist() == [1.5, -2.5, 3.5]


def test_numerical_gradient_of_a_function_that_changes_its_argument():
    def log_sum_exp(x):
        top = x.max()
        x -= top  # a softmax written in place
        np.exp(x, out=x)
        return top + np.log(x.sum())

    x = np.array([0.5, -1.0, 2.0])
    softmax = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(
        d2l.numerical_gradient(log_sum_exp, x), softmax, rtol=0, atol=1e-8
    )
    assert x.tolist() == [0.5, -1.0, 2.0]


def test_numerical_gradient_gives_the_function_arrays_that_it_may_keep():
    kept = []
    d2l.numerical_gradient(lambda x: kept.append(x) or 0.0, [1.0, 2.0], h=0.5)
    assert [x.tolist() for x in kept] == [[1.5, 2], [0.5, 2], [1, 2.5], [1, 1.5]]


@pytest.mark.parametrize(
    "one_number",
    [
        lambda s: s,
        lambda s: np.array(s),
        lambda s: [[s]],
        lambda s: torch.tensor(s, dtype=torch.float64),
    ],
)
def test_numerical_gradient_takes_one_number_in_any_wrapping(one_number):
    grad = d2l.numerical_gradient(lambda x: one_number(bowl(x)), [3.0, 4.0])
    np.testing.assert_allclose(grad, [6, 8], rtol=0, atol=1e-9)


class SimpleNet:
    """The published network: one 2 x 3 weight, softmax and cross entropy."""

    W = np.array(
        [
            [-0.66110535, -2.3121261, 0.61870626],
            [-0.43594672, 1.66798289, -1.09922476],
        ]
    )
    x = np.array([0.6, 0.9])
    t = np.array([0, 0, 1])

    @classmethod
    def loss(cls, W):
        scores = cls.x @ W
        exps = np.exp(scores - scores.max())
        return -np.sum(cls.t * np.log(exps / exps.sum() + 1e-7))


def test_simple_net_gives_the_published_numbers():
    assert str(SimpleNet.x @ SimpleNet.W) == "[-0.78901526  0.11390894 -0.61807853]"
    assert f"{SimpleNet.loss(SimpleNet.W):.9f}" == "1.366622694"
    before = SimpleNet.W.copy()
    grad = d2l.numerical_gradient(SimpleNet.loss, SimpleNet.W)
    published = [
        [0.12894287, 0.31807705, -0.44701992],
        [0.19341431, 0.47711557, -0.67052988],
    ]
    assert np.round(grad, 8).tolist() == published
    np.testing.assert_array_equal(SimpleNet.W, before)


def test_an_earlier_publication_differs_by_no_more_than_its_rounding():
    # It prints weights and scores to 8 decimals, the loss to 9 (lesson 02, pencil 5).
    half = 0.5e-8
    grad = d2l.numerical_gradient(SimpleNet.loss, SimpleNet.W)
    gap_loss = abs(SimpleNet.loss(SimpleNet.W) - 1.366622688)
    gap_score = abs((SimpleNet.x @ SimpleNet.W)[2] + 0.61807852)
    assert gap_loss < half * np.abs(grad).sum() + half / 10
    assert gap_score < half * SimpleNet.x.sum() + half


def test_simple_net_gradient_agrees_with_autograd():
    W = torch.tensor(SimpleNet.W, requires_grad=True)
    probabilities = torch.softmax(torch.tensor(SimpleNet.x) @ W, dim=0)
    (-torch.log(probabilities[2] + 1e-7)).backward()
    grad = d2l.numerical_gradient(SimpleNet.loss, SimpleNet.W)
    np.testing.assert_allclose(grad, W.grad.numpy(), rtol=0, atol=1e-9)


# --- check_gradient


@given(x=hnp.arrays(np.float64, st.integers(2, 6), elements=st.floats(-2, 2)))
def test_check_gradient_accepts_what_scipy_accepts(x):
    # Near the minimum of rosen the gradient itself drowns in rounding.
    assume(np.linalg.norm(rosen_der(x)) > 1)
    assert check_grad(rosen, rosen_der, x) < 1e-3
    assert d2l.check_gradient(rosen, rosen_der, x) < 1e-6


@pytest.mark.parametrize(
    ("factor", "error"), [(1, 0), (-1, 2), (0.5, 0.5), (2, 0.5), (0, 1), (-3, 4 / 3)]
)
@pytest.mark.parametrize(
    "x", [3.0, [3, 4], [[1.0, 2.0], [3.0, -4.0]], np.ones((2, 1, 3))]
)
def test_check_gradient_measures_a_wrong_factor(factor, error, x):
    measured = d2l.check_gradient(bowl, lambda x: factor * 2 * x, x)
    assert type(measured) is float
    assert measured == pytest.approx(error, abs=1e-8)


def test_check_gradient_sees_one_wrong_entry():
    x = np.array([[3.0, 0.0], [0.0, 4.0]])
    wrong = np.array([[6.0, 0.0], [1.0, 8.0]])
    # |difference| = 1, and the longer of both gradients is the wrong one.
    measured = d2l.check_gradient(bowl, lambda x: wrong, x)
    assert measured == pytest.approx(1 / np.sqrt(101), abs=1e-8)


@pytest.mark.parametrize("x", [3.0, [], [3.0, 4.0], np.ones((2, 3))])
def test_check_gradient_of_two_zero_gradients_is_zero(x):
    assert d2l.check_gradient(lambda x: 7.0, np.zeros_like, x) == 0.0


def test_check_gradient_takes_a_list_or_a_tensor_as_gradient():
    x = np.array([3.0, 4.0])
    assert d2l.check_gradient(bowl, lambda x: [6, 8], x) < 1e-8
    assert d2l.check_gradient(bowl, lambda x: torch.tensor([6.0, 8.0]), x) < 1e-8


def test_check_gradient_leaves_x_alone():
    def in_place(x):
        x *= 2
        return x

    x = np.array([3.0, 4.0])
    assert d2l.check_gradient(bowl, in_place, x) < 1e-8
    assert x.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_check_gradient_never_calls_a_gradient_that_is_not_finite_right(bad):
    with pytest.raises(ValueError, match="grad must return finite numbers"):
        d2l.check_gradient(bowl, lambda x: [6.0, bad], [3.0, 4.0])
    with pytest.raises(ValueError, match="f must return finite numbers"):
        d2l.check_gradient(lambda x: bad, np.zeros_like, [3.0, 4.0])


# The body as lesson 02 shows it, without the checks that stand around the package's.
BARE = inspect.unwrap(d2l.check_gradient)
each_body = pytest.mark.parametrize("judge", [d2l.check_gradient, BARE])


@each_body
@pytest.mark.parametrize(
    "size", [1e-310, 1e-200, 1e-160, 1e-20, 1.0, 1e20, 1e160, 1e200, 1e300]
)
def test_check_gradient_measures_slopes_of_every_size(judge, size):
    x = np.array([[3.0, -4.0], [0.5, 0.0]])
    f = lambda x: size * np.sum(x**2)  # noqa: E731
    for factor, error in [(1, 0), (-1, 2), (0.5, 0.5), (2, 0.5), (0, 1), (0.99, 0.01)]:
        slopes = lambda x, factor=factor: factor * 2 * size * x  # noqa: E731
        assert judge(f, slopes, x) == pytest.approx(error, abs=1e-8)
        errors = judge(f, slopes, x, entries=True)
        assert errors.shape == x.shape
        expected = np.where(x == 0, 0, error)
        np.testing.assert_allclose(errors, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", [slice(None), 0, 1])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_the_body_never_calls_a_gradient_that_is_not_finite_right(bad, where):
    def broken(x):
        grad = 2 * x
        grad[where] = bad
        return grad

    x = np.array([3.0, 4.0])
    for value in (bowl, lambda x: np.sqrt(-bowl(x)), lambda x: 0.0):
        assert np.isnan(BARE(value, broken, x))
        assert np.isnan(BARE(value, broken, x, entries=True)[where]).all()
    assert np.isnan(BARE(lambda x: bad, np.zeros_like, x))


@pytest.mark.parametrize("place", [(0, 0), (7, 3), (39, 49)])
@pytest.mark.parametrize("factor", [1.01, 0.99, 0, -1, 2, 1e9])
def test_check_gradient_shows_which_entry_is_wrong(place, factor):
    # Of 2,000 entries of very different sizes.
    rng = np.random.default_rng(0)
    weights = 10 ** rng.uniform(-1, 2, (40, 50))
    x = rng.uniform(1, 2, (40, 50))

    def f(x):
        return np.sum(weights * x**2)

    def wrong(x):
        grad = 2 * weights * x
        grad[place] *= factor
        return grad

    errors = d2l.check_gradient(f, wrong, x, entries=True)
    expected = abs(factor - 1) / max(1, abs(factor))
    assert errors[place] == pytest.approx(expected, rel=1e-4)
    errors[place] = 0
    assert errors.max() < 1e-5


@pytest.mark.parametrize("wrong", [None, 0, 1, 2, 3])
def test_entries_that_are_small_or_0_raise_no_false_alarm(wrong):
    # Slopes 2000, 0.01, 1 and 0; the numerical gradient has 1e-8 in the last place.
    def f(x):
        return 1e3 * x[0] ** 2 + 1e-2 * x[1] + x[2] + x[3] ** 3

    def grad(x):
        slopes = np.array([2e3 * x[0], 1e-2, 1, 3 * x[3] ** 2])
        if wrong is not None:
            slopes[wrong] = -slopes[wrong] if slopes[wrong] else 1e-3
        return slopes

    errors = d2l.check_gradient(f, grad, [1, 1, 1, 0], entries=True)
    assert (errors > 1e-4).tolist() == [wrong == i for i in range(4)]


@pytest.mark.parametrize("x", [3.0, [], [3.0, 4.0], np.ones((2, 3))])
def test_errors_of_entries_have_the_shape_of_x(x):
    for f, grad in ((bowl, lambda x: 2 * x), (lambda x: 7.0, np.zeros_like)):
        errors = d2l.check_gradient(f, grad, x, entries=True)
        assert (errors.shape, errors.dtype) == (np.shape(x), np.float64)
        np.testing.assert_allclose(errors, 0, atol=1e-8)


@pytest.mark.parametrize(
    ("f", "grad", "x", "expected"),
    [
        # h**2 / 6 * |f'''/f'|
        (lambda x: np.exp(10 * x), lambda x: 10 * np.exp(10 * x), 0.7, 1e-8 / 6 * 100),
        (lambda x: np.sin(100 * x), lambda x: 100 * np.cos(100 * x), 0.5, 1e-8 / 6e-4),
        (lambda x: x**3, lambda x: 3 * x**2, 0.1, 1e-8 / 6 * 6 / 0.03),
    ],
)
def test_a_right_gradient_scores_what_the_docstring_says(f, grad, x, expected):
    assert d2l.check_gradient(f, grad, x) == pytest.approx(expected, rel=1e-2)
    errors = d2l.check_gradient(f, grad, x, entries=True)
    assert errors == pytest.approx(expected, rel=1e-2)


def test_rounding_scores_what_the_docstring_says():
    # f/f' is 1e8 / 2: about 2e-16 / 1e-4 * 5e7 = 1e-4; the last digits are luck.
    points = np.linspace(1, 2, 101)
    scores = [
        d2l.check_gradient(lambda x: 1e8 + x * x, lambda x: 2 * x, x) for x in points
    ]
    assert 1e-6 < np.median(scores) < max(scores) < 2e-4


@pytest.mark.parametrize(
    ("grad", "got"), [(lambda x: 2.0, r"\(\)"), (lambda x: x[:1], r"\(1,\)")]
)
def test_a_gradient_of_another_shape_is_refused_by_the_body_too(grad, got):
    with pytest.raises(ValueError, match=rf"expected shape \(2,\), got {got}"):
        d2l.check_gradient(bowl, grad, [3.0, 4.0], entries=True)
    with pytest.raises(ValueError, match="inhomogeneous"):
        BARE(bowl, grad, [3.0, 4.0])


def test_check_gradient_takes_entries_by_name_alone():
    with pytest.raises(TypeError, match=r"^check_gradient\(\): too many positional"):
        d2l.check_gradient(bowl, lambda x: 2 * x, [3.0], True)
    with pytest.raises(TypeError, match=r"^entries must be True or False, got 1 "):
        d2l.check_gradient(bowl, lambda x: 2 * x, [3.0], entries=1)
