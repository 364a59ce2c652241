import copy
import fractions
import gc
import operator
import re
import weakref
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import d2l_utils as d2l
from d2l_utils import Node, Tensor
from project import COMPLETE


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    # For arrays this small torch would mostly wait for its threads.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


# --- Random graphs. A program is a list of steps (function, numbers of the operands):
# each makes one more value out of those before it. A function gets the library to
# work with and the values; its constants are fixed when the program is drawn.


class Engine:
    """The tensors of this package."""

    leaf = Tensor

    @staticmethod
    def constant(c):
        return c

    @staticmethod
    def log_softmax(a):
        return a.log_softmax()

    @staticmethod
    def reshape(a, *shape):
        """An operation that the package lacks, with an edge written by hand."""
        data = a.data.reshape(shape)
        return Tensor(data, [(a, lambda g: g.reshape(a.data.shape))])

    @staticmethod
    def largest(a):
        return float(np.finfo(a.data.dtype).max)


class Torch:
    """Those of torch."""

    @staticmethod
    def leaf(array):
        return torch.tensor(array, requires_grad=True)

    @staticmethod
    def constant(c):
        array = isinstance(c, np.ndarray)
        return torch.tensor(c, dtype=torch.float64) if array else float(c)

    @staticmethod
    def log_softmax(a):
        return a.log_softmax(-1)

    @staticmethod
    def reshape(a, *shape):
        return a.reshape(shape)

    @staticmethod
    def largest(a):
        return torch.finfo(a.dtype).max


SHAPES = [(), (1,), (3,), (1, 3), (2, 1), (2, 3), (4, 2, 3)]
EXPONENTS = [-2, -1.0, -0.5, 0, 0.5, np.float32(1.5), 1, 2.0, 3, fractions.Fraction(4)]
ARITHMETIC = [operator.add, operator.sub, operator.mul]
# What a program can do; a matrix product and a division are most likely to be wrong.
KINDS = [
    *("arithmetic", "arithmetic", "divide", "matmul", "matmul", "constant", "constant"),
    *("divide constant", "divide extremes", "divide extremes", "constant matmul"),
    *("power", "neg", "exp", "log", "relu"),
    *("log_softmax", "sum", "mean", "reshape"),
]


def together(shape, other):
    """Whether NumPy repeats two shapes to a common one of at most 24 entries."""
    try:
        return np.prod(np.broadcast_shapes(shape, other), dtype=int) <= 24
    except ValueError:
        return False


def random_constant(rng, shape):
    """A number or an array of any kind that can be combined with the shape."""
    whole = int(rng.integers(1, 4))
    shapes = [other for other in SHAPES if together(shape, other)]
    array = rng.uniform(0.5, 2, shapes[rng.integers(len(shapes))])
    constants = [
        *(whole, whole / 4, np.float64(whole / 4), np.float32(whole / 4)),
        *(np.int64(whole), array, array, (2 * array).astype(np.int64)),
        *((2 * array).astype(np.uint8), array > 1, np.array(whole / 4)),
    ]
    return constants[rng.integers(len(constants))]


def positive(a):
    """A number that makes all entries at least 1 when it is added."""
    return float(1 - a.min())


def off_the_kink(a):
    """A number that keeps all entries away from 0 when it is added."""
    candidates = np.linspace(-1, 1, 101)
    distances = np.abs(a.reshape(-1, 1) + candidates).min(axis=0)
    return float(candidates[distances.argmax()])


def arithmetic(rng, values, i):
    others = [j for j, b in enumerate(values) if together(values[i].shape, b.shape)]
    operands = [i, others[rng.integers(len(others))]]
    operation = ARITHMETIC[rng.integers(3)]
    rng.shuffle(operands)
    return lambda library, a, b: operation(a, b), operands


def divide(rng, values, i):
    _, (i, j) = arithmetic(rng, values, i)
    c = positive(values[j])
    return lambda library, a, b: a / (b + c), (i, j)


def as_matrix(array):
    return array if array.ndim == 2 else array.reshape(-1, 1)


def matmul(rng, values, i):
    """Any value as the second matrix, and one with as many entries in a row."""
    shape = as_matrix(values[i]).shape
    rows, columns = shape
    first = [
        j
        for j, a in enumerate(values)
        if a.size % rows == 0 and a.size // rows * columns <= 24
    ]
    if not first:
        return (
            lambda library, a: library.reshape(a, 1, -1) @ library.reshape(a, -1, 1),
            [i],
        )
    j = first[rng.integers(len(first))]
    if values[j].ndim == 2 and values[j].shape[1] == rows:
        return lambda library, a, b: a @ library.reshape(b, *shape), (j, i)
    return (
        lambda library, a, b: library.reshape(a, -1, rows) @ library.reshape(b, *shape),
        (j, i),
    )


def constant(rng, values, i):
    c, operation = random_constant(rng, values[i].shape), ARITHMETIC[rng.integers(3)]
    if rng.random() < 0.5:
        return lambda library, a: operation(library.constant(c), a), [i]
    return lambda library, a: operation(a, library.constant(c)), [i]


def divide_constant(rng, values, i):
    c, shift = random_constant(rng, values[i].shape), positive(values[i])
    if rng.random() < 0.5:
        return lambda library, a: library.constant(c) / (a + shift), [i]
    c = c + 1  # no division by False
    return lambda library, a: a / library.constant(c), [i]


def divide_extremes(rng, values, i):
    """A quotient of numbers whose squares are too large or too small for the dtype."""
    _, (i, j) = arithmetic(rng, values, i)
    c = positive(values[j]) + 3  # a curve that a difference can follow
    exponent = rng.choice([-1, 1]) * rng.uniform(0.55, 0.7)
    if rng.random() < 0.5:
        return (
            lambda library, b: (
                library.constant(np.array(library.largest(b) ** exponent))
                / ((b + c) * library.largest(b) ** exponent)
            ),
            [j],
        )
    return (
        lambda library, a, b: (
            (a * library.largest(b) ** exponent)
            / ((b + c) * library.largest(b) ** exponent)
        ),
        (i, j),
    )


def constant_matmul(rng, values, i):
    shape = as_matrix(values[i]).shape
    rows, columns = shape
    left = rng.random() < 0.5 if rows * columns <= 12 else rows > columns
    c = rng.uniform(-1, 1, (2, rows) if left else (columns, 2))
    if rng.random() < 0.5:
        c = (4 * c).astype(np.int32)
    if left:
        return (
            lambda library, a: library.constant(c) @ library.reshape(a, *shape),
            [i],
        )
    return lambda library, a: library.reshape(a, *shape) @ library.constant(c), [i]


def power(rng, values, i):
    n, c = EXPONENTS[rng.integers(len(EXPONENTS))], positive(values[i])
    return lambda library, a: (a + c) ** library.constant(n), [i]


def neg(rng, values, i):
    return lambda library, a: -a, [i]


def exp(rng, values, i):
    c = float(np.abs(values[i]).max(initial=4))
    return lambda library, a: (a / c).exp(), [i]


def log(rng, values, i):
    c = positive(values[i])
    return lambda library, a: (a + c).log(), [i]


def relu(rng, values, i):
    c = off_the_kink(values[i])
    return lambda library, a: (a + c).relu(), [i]


def log_softmax(rng, values, i):
    return lambda library, a: library.log_softmax(a), [i]


def reduction(name):
    def reduce(rng, values, i):
        ndim = values[i].ndim
        axes = [None, *range(-ndim, ndim)]
        axis, keepdims = axes[rng.integers(len(axes))], bool(rng.integers(2))
        return (
            lambda library, a: getattr(a, name)(axis=axis, keepdims=keepdims),
            [i],
        )

    return reduce


def reshape(rng, values, i):
    shape = values[i].shape
    shapes = [(-1,), shape[::-1], (*shape, 1), (1, *shape), (1, -1), (values[i].size,)]
    new = shapes[rng.integers(len(shapes))]
    return lambda library, a: library.reshape(a, *new), [i]


STEPS = {
    "arithmetic": arithmetic,
    "divide": divide,
    "matmul": matmul,
    "constant": constant,
    "divide constant": divide_constant,
    "divide extremes": divide_extremes,
    "constant matmul": constant_matmul,
    "power": power,
    "neg": neg,
    "exp": exp,
    "log": log,
    "relu": relu,
    "log_softmax": log_softmax,
    "sum": reduction("sum"),
    "mean": reduction("mean"),
    "reshape": reshape,
}


def random_program(shapes, kinds, seed):
    """Leaves, steps, and the weight of every value in the loss.

    The weights see to it that no gradient is a difference of two equal numbers. A
    value that grows is divided by a constant.
    """
    rng = np.random.default_rng(seed)
    leaves = [rng.uniform(-2, 2, shape) for shape in shapes]
    values, program = list(leaves), []

    def follow(function, operands):
        result = function(Engine, *(Tensor(values[i]) for i in operands))
        values.append(result.data)
        program.append((function, operands))

    for kind in kinds:
        # The latest values more often than others: that makes long chains.
        i = max(rng.integers(len(values), size=2))
        follow(*STEPS[kind](rng, values, i))
        size = np.abs(values[-1]).max()
        if size > 4:
            follow(lambda library, a, c=float(size / 2): a / c, [len(values) - 1])
    return leaves, program, [rng.normal(size=value.shape) for value in values]


def values_of(library, leaves, program):
    """All values, the leaves first."""
    values = [library.leaf(array) for array in leaves]
    for function, operands in program:
        values.append(function(library, *(values[i] for i in operands)))
    return values


def run(library, leaves, program, weights):
    """All values, and the loss."""
    values, loss = values_of(library, leaves, program), 0
    for value, weight in zip(values, weights, strict=True):
        loss = loss + (value * library.constant(weight)).sum()
    return values, loss


programs = st.builds(
    random_program,
    st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4),
    st.lists(st.sampled_from(KINDS), min_size=3, max_size=12),
    st.integers(0, 2**32 - 1),
)


def gap(actual, expected):
    """The largest difference, relative to the largest expected entry."""
    for a, b in zip(actual, expected, strict=True):
        assert np.shape(a) == np.shape(b)
    scale = max(np.abs(b).max() for b in expected)
    return (
        max(np.abs(a - b).max() for a, b in zip(actual, expected, strict=True)) / scale
    )


@settings(max_examples=1_000 if COMPLETE else 250)
@given(program=programs)
def test_random_graphs_have_the_values_and_gradients_of_torch(program):
    leaves, steps, weights = program
    values, loss = run(Engine, *program)
    loss.backward()
    expected = values_of(Torch, leaves, steps)
    for value in expected:
        value.retain_grad()
    torch.autograd.backward(expected, [torch.tensor(weight) for weight in weights])
    assert gap([v.data for v in values], [v.detach().numpy() for v in expected]) < 1e-12
    # Those of the results in between, too.
    assert gap([v.grad for v in values], [v.grad.numpy() for v in expected]) < 1e-12


@settings(max_examples=200)
@given(program=programs)
def test_random_graphs_have_the_numerical_gradient(program):
    leaves, *rest = program
    values, loss = run(Engine, *program)
    loss.backward()
    numerical = [
        d2l.numerical_gradient(
            lambda x, i=i: (
                run(Engine, [*leaves[:i], x, *leaves[i + 1 :]], *rest)[1].data
            ),
            leaf,
            h=1e-5,
        )
        for i, leaf in enumerate(leaves)
    ]
    assert gap([value.grad for value in values[: len(leaves)]], numerical) < 1e-6


@pytest.mark.parametrize(
    ("dtype", "precision"), [(np.float32, 1e-4), (np.float16, None)]
)
@settings(max_examples=60)
@given(program=programs)
def test_random_graphs_keep_a_lower_precision_everywhere(dtype, precision, program):
    class Rounded(Engine):
        """Constant arrays of floating-point numbers in the same precision."""

        @staticmethod
        def constant(c):
            floating = isinstance(c, np.ndarray) and c.shape and c.dtype.kind == "f"
            return c.astype(dtype) if floating else c

    leaves, *rest = program
    values, loss = run(Rounded, [leaf.astype(dtype) for leaf in leaves], *rest)
    loss.backward()
    for value in (*values, loss):
        assert value.data.dtype == value.grad.dtype == dtype
    exact, exact_loss = run(Engine, *program)
    exact_loss.backward()
    if precision:
        assert gap([v.grad for v in values], [v.grad for v in exact]) < precision


@settings(max_examples=60)
@given(program=programs)
def test_backward_changes_no_data_and_replaces_the_gradients(program):
    values, loss = run(Engine, *program)
    before = [(v.data.copy(), len(v.edges)) for v in values]
    loss.backward()
    first = [v.grad.copy() for v in values]
    loss.backward()
    for value, (data, edges), grad in zip(values, before, first, strict=True):
        np.testing.assert_array_equal(value.data, data)
        np.testing.assert_array_equal(value.grad, grad)
        assert np.shape(value.grad) == np.shape(value.data)
        assert len(value.edges) == edges
    assert loss.grad == 1


@settings(max_examples=60)
@given(program=programs)
def test_no_two_gradients_share_memory_with_each_other_or_with_data(program):
    values, loss = run(Engine, *program)
    loss.backward()
    grads = [value.grad for value in values if value.grad.shape]
    for i, grad in enumerate(grads):
        assert grad.flags.writeable
        for other in (*grads[:i], *(value.data for value in values)):
            assert not np.shares_memory(grad, other)


@pytest.mark.parametrize("kind", STEPS)
def test_the_random_graphs_have_every_kind_of_step(kind):
    # A kind that is left out of KINDS would not be tested; nor would one that fails.
    assert kind in KINDS
    for seed in range(20):
        program = random_program(SHAPES, [kind], seed)
        assert len(program[1]) in (1, 2)
        run(Engine, *program)[1].backward()


# --- Operations one by one


def leaves_for_torch(*arrays):
    """The same leaves twice, for this package and for torch."""
    arrays = [np.asarray(array) for array in arrays]
    return (
        [Tensor(array.copy()) for array in arrays],
        [torch.tensor(array, requires_grad=True) for array in arrays],
    )


def compare(f, *arrays, theirs=None):
    """Values and gradients of f of some arrays are those of torch, nan included."""
    equal = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-14)
    ours, tensors = leaves_for_torch(*arrays)
    result, expected = f(*ours), (theirs or f)(*tensors)
    equal(result.data, expected.detach())
    result.sum().backward()
    expected.sum().backward()
    for our, tensor in zip(ours, tensors, strict=True):
        equal(our.grad, tensor.grad)


BINARY = [operator.add, operator.sub, operator.mul, operator.truediv]


@pytest.mark.parametrize("operation", BINARY)
@pytest.mark.parametrize("first", SHAPES)
@pytest.mark.parametrize("second", SHAPES)
def test_shapes_are_repeated_as_by_torch(operation, first, second):
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.5, 2, first), rng.uniform(0.5, 2, second)
    compare(operation, a, b)
    compare(lambda x: operation(x, x), a)


@pytest.mark.parametrize("operation", BINARY)
@pytest.mark.parametrize(
    "constant",
    [
        *(3, 0.25, True, np.float64(0.25), np.float32(0.25), np.int64(3), np.uint8(3)),
        *(np.bool_(True), np.array(0.25), np.array(3), np.array([3, 1])),
        *(np.array([3, 1], np.uint8), np.array([True, True]), np.array([[0.5], [2.0]])),
    ],
    ids=repr,
)
@pytest.mark.parametrize("left", [True, False], ids=["left", "right"])
def test_constants_of_every_kind_stand_on_both_sides(operation, constant, left):
    def f(x):
        if isinstance(x, torch.Tensor):
            c = torch.tensor(np.asarray(constant, dtype=np.float64))
        else:
            c = constant
        return operation(c, x) if left else operation(x, c)

    compare(f, np.array([1.5, -2.0]))
    x = Tensor(np.array([1.5, -2.0]))
    assert isinstance(f(x), Tensor)
    # Numbers and whole numbers leave the precision as it is.
    if np.asarray(constant).dtype.kind != "f" or not np.shape(constant):
        for dtype in (np.float16, np.float32):
            x = Tensor(np.array([1.5, -2.0], dtype))
            result = f(x)
            assert result.data.dtype == dtype
            result.sum().backward()
            assert x.grad.dtype == dtype


@pytest.mark.parametrize("operation", BINARY)
def test_an_array_of_higher_precision_raises_that_of_the_result_alone(operation):
    for c in (np.array([3.0, 0.5]), Tensor([3.0, 0.5])):
        for f in (lambda x, c: operation(x, c), lambda x, c: operation(c, x)):
            x = Tensor(np.array([1.5, -2.0], np.float32))
            result = f(x, c)
            assert result.data.dtype == np.float64
            result.sum().backward()
            assert x.grad.dtype == np.float32
            assert result.grad.dtype == np.float64


def test_a_product_with_whole_numbers_keeps_the_precision():
    W = Tensor(np.ones((2, 2), np.float32))
    X = np.array([[1, 2], [3, 4]])
    for product in (X @ W, W @ X, X.astype(np.uint8) @ W, (X > 1) @ W):
        assert product.data.dtype == np.float32
        product.sum().backward()
        assert W.grad.dtype == np.float32


@pytest.mark.parametrize("operation", BINARY)
def test_an_array_on_the_left_makes_one_tensor_not_an_array_of_them(operation):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    result = operation(np.ones((2, 2)), x)
    assert type(result) is Tensor
    assert result.data.shape == (2, 2)


def test_a_tensor_is_not_added_to_an_array_in_place():
    array = np.ones(2)
    with pytest.raises(TypeError, match="operand 'Tensor' does not support ufuncs"):
        array += Tensor([1.0, 2.0])
    assert array.tolist() == [1, 1]


@pytest.mark.parametrize("n", [-2, -1, 0, 0.5, 1, 2, 3, 2.5])
def test_powers_are_those_of_torch(n):
    compare(lambda x: x**n, [0.5, 2.0])
    compare(lambda x: x**n, np.zeros(0))
    if n == int(n):
        compare(lambda x: x**n, [-1.5, -1.0])
    if n == int(n) and n >= 0:
        compare(lambda x: x**n, [0.0, -0.0])


def test_the_power_0_has_slope_0_and_the_power_1_slope_1_everywhere():
    for n in (0, 1):
        for value in (0.0, -0.0, 1.0, -2.0, np.inf, -np.inf, np.nan):
            x = Tensor(value)
            (x**n).backward()
            assert x.grad == n


@pytest.mark.parametrize(
    ("dtype", "f", "values", "slopes"),
    [
        (np.float32, operator.truediv, (1e-25, 1e-23), (1e23, -1e21)),
        (np.float32, operator.truediv, (1e25, 1e23), (1e-23, -1e-21)),
        (np.float32, operator.truediv, (3e-30, 1e-20), (1e20, -3e10)),
        (np.float32, operator.truediv, (3e38, 1e20), (1e-20, -3e-2)),
        (np.float64, operator.truediv, (1e-205, 1e-203), (1e203, -1e201)),
        (np.float64, operator.truediv, (1e205, 1e203), (1e-203, -1e-201)),
        (np.float64, operator.truediv, (0.0, 1e-200), (1e200, 0.0)),
        (np.float64, operator.truediv, (1e200, np.inf), (0.0, 0.0)),
        (np.float32, lambda b: 1e-25 / b, (1e-23,), (-1e21,)),
        (np.float32, lambda b: 1e25 / b, (1e23,), (-1e-21,)),
        (np.float64, lambda b: 1e-205 / b, (1e-203,), (-1e201,)),
        (np.float64, lambda b: 1e205 / b, (1e203,), (-1e-201,)),
        (np.float32, lambda b: 1e38 * b**4, (1e-5,), (4e23,)),
        (np.float64, lambda b: 1e-300 * b**-2, (1e-50,), (-2e-150,)),
        (np.float32, lambda b: b.log(), (1e-37,), (1e37,)),
        (np.float64, lambda b: (b - 1.0).relu() ** 0.5, (0.5,), (0.0,)),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_slopes_of_small_and_large_numbers(dtype, f, values, slopes):
    leaves = [Tensor(dtype(value)) for value in values]
    f(*leaves).backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx(slopes, rel=1e-6, abs=0)


def test_a_root_of_0_is_0_without_a_warning_until_its_slope_is_asked_for():
    x = Tensor([0.0, 4.0])
    root = x**0.5
    assert root.data.tolist() == [0, 2]
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        root.sum().backward()
    assert x.grad.tolist() == [np.inf, 0.25]


def test_relu_at_0_has_the_slope_of_torch():
    compare(
        lambda x: x.relu(), [-1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, np.inf, -np.inf]
    )
    x = Tensor([np.nan, -1.0])
    x.relu().sum().backward()
    assert x.grad.tolist() == [1, 0]  # what went wrong is not hidden


def test_a_number_of_any_kind_is_a_float_beside_a_tensor():
    x = Tensor(np.float32([1.0]))
    for number, value in (
        (fractions.Fraction(1, 2), 1.5),
        (10**400, np.inf),
        (True, 2.0),
    ):
        result = x + number
        assert result.data.dtype == np.float32
        assert result.data.tolist() == [value]


def test_a_share_with_a_mask_is_refused():
    x = Tensor([1.0, 2.0])
    masked = np.ma.array([1.0, 2.0], mask=[True, False])
    with pytest.raises(TypeError, match=r"^grad must be real numbers, .*filled\(\)$"):
        Node(6.0, [(x, lambda g: masked)]).backward()


@pytest.mark.parametrize(
    "scores",
    [
        [[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0]],
        [[1000.0, 1000.0, 999.0], [0.0, 0.0, 0.0]],
        [1e308, -1e307],
        [[[0.5], [3.0]]],
        np.zeros((0, 3)),
        [-np.inf, 0.0, 1.0],
        [np.nan, 0.0],
        7.0,
    ],
    ids=str,
)
def test_log_softmax_is_that_of_torch_for_all_scores(scores):
    compare(lambda x: x.log_softmax(), scores, theirs=lambda x: x.log_softmax(-1))
    weights = np.random.default_rng(0).normal(size=np.shape(scores))
    compare(
        lambda x: x.log_softmax() * weights,
        scores,
        theirs=lambda x: x.log_softmax(-1) * torch.tensor(weights),
    )


@pytest.mark.parametrize("shift", [-1024.0, -0.5, 64.0, 2.0**40])
def test_log_softmax_and_its_gradient_do_not_change_with_a_shift(shift):
    # Multiples of 1/64 lose nothing when they are shifted.
    scores = np.random.default_rng(1).integers(-256, 256, (4, 5)) / 64
    shifted = Tensor(scores + shift)
    plain = Tensor(scores)
    results = [x.log_softmax() for x in (plain, shifted)]
    np.testing.assert_array_equal(results[0].data, results[1].data)
    for result in results:
        (result * np.arange(20.0).reshape(4, 5)).sum().backward()
    np.testing.assert_array_equal(plain.grad, shifted.grad)


def test_log_softmax_adds_up_to_1_and_its_gradient_to_0_along_the_last_axis():
    x = Tensor(np.random.default_rng(2).normal(size=(4, 2, 3)))
    y = x.log_softmax()
    np.testing.assert_allclose(np.exp(y.data).sum(axis=-1), 1, rtol=1e-14)
    (y * np.arange(24.0).reshape(4, 2, 3)).sum().backward()
    np.testing.assert_allclose(x.grad.sum(axis=-1), 0, atol=1e-13)
    assert np.abs(x.grad).min() > 0.01


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (4, 2, 3), (2, 1, 3)])
@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("name", ["sum", "mean"])
def test_sums_and_means_are_those_of_numpy_and_torch(name, shape, keepdims):
    array = np.random.default_rng(3).normal(size=shape)
    for axis in (None, *range(-len(shape), len(shape))):
        weights = np.random.default_rng(4).normal(size=array.sum(axis).shape)
        if keepdims:
            weights = weights.reshape(array.sum(axis, keepdims=True).shape)

        def f(x, axis=axis, weights=weights):
            known = isinstance(x, Tensor)
            weights = weights if known else torch.tensor(weights)
            return getattr(x, name)(axis=axis, keepdims=keepdims) * weights

        compare(f, array)
        np.testing.assert_array_equal(
            getattr(Tensor(array), name)(axis, keepdims).data,
            getattr(array, name)(axis, keepdims=keepdims),
        )


@pytest.mark.parametrize(
    ("f", "shapes"),
    [
        (lambda x: x + 1, [(0,)]),
        (lambda x: -x / 2, [(0, 3)]),
        (lambda x: 2 / x, [(0, 3)]),
        (lambda x, y: x * y, [(0,), (1,)]),
        (lambda x, y: x - y, [(0, 3), (3,)]),
        (lambda x, y: x / (y + 1), [(2, 0), (2, 1)]),
        (lambda x, y: x @ y, [(0, 3), (3, 2)]),
        (lambda x, y: x @ y, [(2, 0), (0, 3)]),
        (lambda x: x.exp().log().relu(), [(0, 3)]),
        (lambda x: x.sum(), [(0, 3)]),
        (lambda x: x.sum(axis=0), [(0, 3)]),
        (lambda x: x.sum(axis=1), [(0, 3)]),
        (lambda x: x.mean(axis=1), [(0, 3)]),
        (lambda x: x.mean(axis=-1, keepdims=True), [(0, 3)]),
    ],
)
def test_empty_arrays_work_as_in_torch(f, shapes):
    compare(f, *(np.ones(shape) for shape in shapes))


def test_the_mean_of_nothing_is_nan_as_in_numpy():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(Tensor(np.zeros(0)).mean().data)


def test_signs_of_zero_follow_the_rules():
    x = Tensor([0.0, -0.0])
    assert np.signbit((-x).data).tolist() == [True, False]
    assert np.signbit((x * -1).data).tolist() == [True, False]
    # A number minus itself is +0.
    y = Tensor([1.5])
    assert not np.signbit((y - y).data).any()
    assert not np.signbit((y - 1.5).data).any()
    assert not np.signbit((1.5 - y).data).any()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 1,
        lambda x: x * 2,
        lambda x: x / 2,
        lambda x: -x,
        lambda x: x**2,
        lambda x: x * x,
        lambda x: x.sum(),
        lambda x: x.mean(),
    ],
)
def test_nan_and_infinity_go_through_as_in_torch(f):
    compare(f, [1.0, np.nan, np.inf])
    compare(f, [-np.inf, 2.0, -3.0])


def test_a_gradient_that_is_nan_or_infinite_goes_through():
    x = Tensor([1.0, 2.0, 3.0])
    (2 * x * np.array([np.nan, np.inf, 1.0])).sum().backward()
    np.testing.assert_array_equal(x.grad, [np.nan, np.inf, 2])


# --- The graph and its gradients


def test_a_chain_of_10_000_nodes_is_no_problem():
    x = y = Tensor([1.0, 2.0])
    for _ in range(10_000):
        y = y * 1.0001 + 1e-9
    y.sum().backward()
    np.testing.assert_allclose(x.grad, 1.0001**10_000, rtol=1e-11)
    del y


def test_doubling_100_times_does_not_walk_every_path():
    x = y = Tensor(1.0)
    for _ in range(100):
        y = y + y
    y.backward()
    assert x.grad == 2.0**100


def test_a_value_with_many_uses_collects_all_shares():
    x = Tensor([1.0, 2.0])
    uses = [x * k for k in range(1_000)]
    total = uses[0]
    for use in uses[1:]:
        total = total + use
    total.sum().backward()
    assert x.grad.tolist() == [499_500, 499_500]


def test_a_value_waits_for_all_shares_before_it_passes_them_on():
    # u is used early and late; in between there is a chain.
    x = Tensor(1.5)
    u = 2 * x
    v = u
    for _ in range(5):
        v = v * u
    (u + v).backward()
    assert x.grad == pytest.approx(2 + 6 * 3.0**5 * 2)
    assert u.grad == pytest.approx(1 + 6 * 3.0**5)


def test_the_order_in_which_operands_are_written_does_not_matter():
    for f in (lambda x, u: x * 3 + u, lambda x, u: u + x * 3):
        x = Tensor(2.0)
        u = x * x
        (f(x, u) * u + x).backward()
        assert x.grad == 4 * 2**3 + 9 * 2**2 + 1


def test_a_second_backward_replaces_the_gradients():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    for _ in range(3):
        y.backward()
        assert x.grad.tolist() == [2, 4]


def test_a_leaf_in_two_graphs_has_the_gradient_of_the_latest_backward():
    x, z = Tensor([1.0, 2.0]), Tensor([5.0, 6.0])
    first, second = (3 * x).sum(), (x * z).sum()
    first.backward()
    assert (x.grad.tolist(), z.grad) == ([3, 3], None)
    second.backward()
    assert (x.grad.tolist(), z.grad.tolist()) == ([5, 6], [1, 2])
    first.backward()
    # What is not in this graph keeps what it had.
    assert (x.grad.tolist(), z.grad.tolist()) == ([3, 3], [1, 2])


def test_what_the_result_does_not_depend_on_has_no_gradient():
    x, unused = Tensor([1.0]), Tensor([2.0])
    aside = x * unused
    y = (x + 1).sum()
    after = y * 2
    y.backward()
    assert x.grad.tolist() == [1]
    assert unused.grad is aside.grad is after.grad is None


def test_a_result_without_a_graph_is_its_own_gradient():
    for value in (3.0, [3.0], [[3.0]], np.float32(3)):
        x = Tensor(value)
        assert x.grad is None
        x.backward()
        assert x.grad == 1
        assert x.grad.shape == x.data.shape
        assert x.grad.dtype == x.data.dtype
        assert x.edges == []


def test_backward_starts_from_one_number_of_any_shape():
    x = Tensor([[2.0]])
    longer = x * 3 + np.zeros((1, 1, 1))
    for y in (x * 3, (x * 3).sum(), (x * 3).sum(axis=0), longer):
        y.backward()
        assert x.grad.tolist() == [[3]]


def test_gradients_may_be_changed_in_place():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    total = x + y
    total.sum().backward()
    x.grad *= 10
    assert (x.grad.tolist(), y.grad.tolist()) == ([10, 10], [1, 1])
    assert (x.data.tolist(), y.data.tolist()) == ([1, 2], [3, 4])
    assert total.grad.tolist() == [1, 1]


def test_data_of_floating_point_numbers_is_not_copied():
    array = np.array([1.0, 2.0])
    x = Tensor(array)
    assert x.data is array
    d2l.SGD([x.data], lr=0.5).step([np.array([2.0, 2.0])])
    assert x.data.tolist() == array.tolist() == [0, 1]


def test_other_data_become_float64_and_stay_apart():
    for numbers in ([1, 2], np.array([1, 2]), np.array([1, 2], np.uint8), [True, 2]):
        x = Tensor(numbers)
        assert x.data.dtype == np.float64
        x.data += 1
        assert x.data.tolist() == [2, 3]
        assert list(numbers) == [1, 2]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_data_of_floating_point_numbers_keep_their_dtype(dtype, shape):
    data = np.ones(shape, dtype)[()]
    assert Tensor(data).data.dtype == dtype
    assert isinstance(Tensor(data).data, np.ndarray)


def test_constants_have_no_edges():
    W = Tensor(np.ones((3, 2)))
    X, row = np.ones((4, 3)), np.ones(2)
    for result in (X @ W, W @ X.T[:2], W + 1, 2 * W, row * W, W - row, W / 2, W**2):
        assert [parent for parent, _ in result.edges] == [W]
    for result in (W + W, W - W, W * W, W / W, W @ Tensor(X.T[:2, :3])):
        assert len(result.edges) == 2
    # The first layer of a network computes no gradient for its examples.
    shapes = []
    layer = X @ W
    ((_, rule),) = layer.edges
    layer.edges = [(W, lambda g: shapes.append(g.shape) or rule(g))]
    layer.sum().backward()
    assert shapes == [(4, 2)]


def test_a_node_that_is_no_tensor_takes_part():
    node, x = Node([1.0, 2.0]), Tensor([3.0, 4.0])
    for f in (*BINARY, lambda a, b: operator.truediv(b, a)):
        for a, b in ((x, node), (node, x)):
            f(a, b).sum().backward()
            ours = x.grad.tolist(), node.grad.tolist()
            twin, other = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
            f(*((other, twin) if a is x else (twin, other))).sum().backward()
            assert ours == (other.grad.tolist(), twin.grad.tolist())


def test_edges_may_be_written_by_hand():
    x = Node(2.0)
    square = Node(4.0, [(x, lambda g: g * 2 * x.data)])
    plus = Node(5.0, [(x, lambda g: g), (3, lambda g: g)])
    result = Node(
        20.0, [(square, lambda g: g * plus.data), (plus, lambda g: g * square.data)]
    )
    result.backward()
    assert (x.grad, square.grad, plus.grad) == (24, 5, 4)
    assert len(plus.edges) == 1


def test_nodes_are_numbered_in_the_order_of_their_making():
    nodes = [Tensor(1.0), Node(2.0)]
    nodes.append(nodes[0] * 2)
    nodes.append(nodes[0] + nodes[2])
    numbers = [node.number for node in nodes]
    assert numbers == sorted(set(numbers))


def test_memory_is_freed_without_the_garbage_collector():
    x = Tensor(np.ones((3, 2)))
    gc.disable()
    try:
        middle = (x @ np.ones((2, 2))).relu()
        y = (middle.log_softmax() ** 2).mean(axis=0, keepdims=True).exp() - middle / 2
        loss = (y.sum(axis=1, keepdims=True) * 3).sum()
        loss.backward()
        gone = [weakref.ref(thing) for thing in (middle, y, loss, middle.data)]
        del middle, y, loss
        assert [thing() for thing in gone] == [None] * 4
    finally:
        gc.enable()
    assert x.grad.shape == (3, 2)


def test_a_leaf_can_be_copied():
    x = Tensor([1.0, 2.0])
    (x * x).sum().backward()
    twin = copy.deepcopy(x)
    (twin * 3).sum().backward()
    assert (x.grad.tolist(), twin.grad.tolist()) == ([2, 4], [3, 3])
    assert twin.data is not x.data


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2, "Tensor(2.0)"),
        ([1, -2.5], "Tensor([ 1.  -2.5])"),
        ([[1.0, 2.0], [3.0, 4.0]], "Tensor([[1. 2.]\n [3. 4.]])"),
        (np.float32(0.1), "Tensor(0.10000000149011612)"),
        ([], "Tensor([])"),
    ],
)
def test_a_tensor_shows_its_numbers(value, shown):
    assert repr(Tensor(value)) == str(Tensor(value)) == shown


# --- Errors

OPERAND_MESSAGE = (
    "a Tensor can be combined with a Tensor, a real number or a NumPy array of real "
    "numbers, got "
)
NOT_OPERANDS = [
    (torch.ones(2), "a Tensor of shape (2,)"),
    (torch.tensor(1.0), "tensor(1.) (Tensor)"),
    (torch.ones(2, requires_grad=True), "a Tensor of shape (2,)"),
    ([1.0, 2.0], "[1.0, 2.0] (list)"),
    ((1.0, 2.0), "(1.0, 2.0) (tuple)"),
    ("a", "'a' (str)"),
    (None, "None (NoneType)"),
    (1j, "1j (complex)"),
    (np.complex64(1j), "np.complex64(1j) (complex64) of dtype complex64"),
    (np.array([1j, 2]), "an array of shape (2,) of dtype complex128"),
    (np.array([None, 1]), "an array of shape (2,) of dtype object"),
    (np.array(["a", "b"]), "an array of shape (2,) of dtype <U1"),
    ({"a": 1}, "{'a': 1} (dict)"),
]


@pytest.mark.parametrize(("operand", "got"), NOT_OPERANDS, ids=lambda value: str(value))
@pytest.mark.parametrize("operation", [*BINARY, operator.matmul])
def test_what_cannot_be_combined_with_a_tensor_is_named(operation, operand, got):
    x = Tensor([1.0, 2.0])
    for call in (lambda: operation(x, operand), lambda: operation(operand, x)):
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value) == OPERAND_MESSAGE + got
    assert x.data.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("exponent", "got"),
    [
        (Tensor(2.0), "Tensor(2.0) (Tensor)"),
        (Tensor([1.0, 2.0]), "Tensor([1. 2.]) (Tensor)"),
        (np.array([1.0, 2.0]), "an array of shape (2,)"),
        (np.array(2.0), "array(2.) (ndarray)"),
        (torch.tensor(2.0), "tensor(2.) (Tensor)"),
        ([2], "[2] (list)"),
        ("2", "'2' (str)"),
        (None, "None (NoneType)"),
        (True, "True (bool)"),
        (1j, "1j (complex)"),
    ],
    ids=lambda value: str(value),
)
def test_an_exponent_that_is_no_number_is_named(exponent, got):
    with pytest.raises(TypeError) as caught:
        Tensor([1.0, 2.0]) ** exponent
    message = f"the exponent of a Tensor must be a number, got {got}"
    assert str(caught.value) == message


def test_a_tensor_is_no_exponent():
    for base in (2, np.ones(2), np.float64(2)):
        with pytest.raises(TypeError, match="unsupported operand"):
            base ** Tensor(2.0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((2, 3), (2, 3)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((3,), (3,)),
        ((), (2, 2)),
        ((2, 2), ()),
        ((1, 2, 3), (3, 2)),
        ((2, 3), (1, 3, 2)),
        ((4, 2, 3), (4, 3, 2)),
        ((2, 0), (1, 2)),
    ],
)
def test_matrices_that_do_not_fit_are_named(first, second):
    message = (
        "@ takes two matrices, the first with as many columns as the second has rows, "
        f"got shapes {first} and {second}"
    )
    a, b = np.ones(first), np.ones(second)
    for left, right in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))):
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            left @ right


def test_a_number_is_no_matrix():
    x = Tensor([[1.0]])
    for call, shapes in (
        (lambda: x @ 2, "(1, 1) and ()"),
        (lambda: 2.0 @ x, "() and (1, 1)"),
        (lambda: np.float64(2) @ x, "() and (1, 1)"),
    ):
        with pytest.raises(ValueError, match=rf"got shapes {re.escape(shapes)}$"):
            call()


@pytest.mark.parametrize("operation", BINARY)
def test_shapes_that_numpy_cannot_repeat_are_named(operation):
    for a, b in (
        (Tensor(np.ones((2, 3))), Tensor(np.ones(2))),
        (Tensor(np.ones((2, 3))), np.ones(2)),
        (np.ones((2, 3)), Tensor(np.ones(2))),
    ):
        # The one that knows how to calculate is asked first.
        with pytest.raises(ValueError, match=r"shapes \((2,3\) \(2,|2,\) \(2,3)\)"):
            operation(a, b)


@pytest.mark.parametrize("make", [Tensor, Node])
@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ([1.0, 2.0], (2,)),
        ([[1.0, 2.0]], (1, 2)),
        ([], (0,)),
        (np.ones((0, 1)), (0, 1)),
    ],
)
def test_backward_starts_from_one_number_only(make, value, shape):
    x = make(value)
    with pytest.raises(ValueError, match=r".") as caught:
        x.backward()
    assert str(caught.value) == (
        f"backward starts from a single number, such as a loss, got shape {shape}: "
        "call sum() or mean() first"
    )
    assert x.grad is None


def test_numpy_functions_and_comparisons_of_tensors_are_errors():
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="operand 'Tensor' does not support ufuncs"):
        np.exp(x)
    with pytest.raises(TypeError, match="'<' not supported"):
        x < 1  # noqa: B015
    with pytest.raises(TypeError, match="not subscriptable"):
        x[0]


# --- What a rule gives


VALUES = [(), (1,), (3,), (1, 1), (1, 3), (3, 1), (2, 3), (0,), (0, 3), (1, 2, 3)]
GIVEN = [*VALUES, (2,), (2, 2), (3, 3), (3, 2), (2, 1, 3), (4, 2, 3), (1, 1, 1, 3)]


def result_of(value, rule):
    """A number computed from the value, on a way that has something before it."""
    first = Node(np.ones_like(value))
    parent = Node(value, [(first, lambda g: 2 * g)])
    return first, parent, Node(6.0, [(parent, rule)])


@pytest.mark.parametrize("shape", VALUES)
@pytest.mark.parametrize("given", GIVEN)
def test_a_gradient_has_the_shape_of_its_value_or_is_refused(shape, given):
    share = np.random.default_rng(0).normal(size=given)
    first, parent, result = result_of(np.zeros(shape), lambda g: share)
    try:
        fits = np.broadcast_shapes(shape, given) == given
    except ValueError:
        fits = False
    if fits or (given == () and np.prod(shape) == 1):
        result.backward()
        expected = torch.tensor(share if given else np.full(shape, share))
        expected = expected.sum_to_size(shape).numpy()
        assert parent.grad.shape == first.grad.shape == shape
        np.testing.assert_allclose(parent.grad, expected, rtol=1e-14)
        np.testing.assert_allclose(first.grad, 2 * expected, rtol=1e-14)
        return
    with pytest.raises(ValueError, match=r".") as caught:
        result.backward()
    assert str(caught.value) == (
        f"grad must have the shape of its value, {shape}, or one that NumPy repeats "
        f"that to, got shape {given}"
    )
    assert parent.grad is first.grad is result.grad is None


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    "number", [2, 2.0, np.float32(2), np.int8(2), fractions.Fraction(2), np.array(2)]
)
def test_a_plain_number_is_the_gradient_of_one_number(shape, dtype, number):
    _, parent, result = result_of(np.ones(shape, dtype), lambda g: number)
    result.backward()
    assert parent.grad == 2
    assert (parent.grad.shape, parent.grad.dtype) == (shape, dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    "share",
    [
        [0, 1, 2],
        (0.0, 1.0, 2.0),
        *(np.arange(3).astype(kind) for kind in "bBhHiIqQefdg"),
        np.arange(3, dtype=np.int16)[::-1][::-1],
        np.arange(3.0).view(type("Subclass", (np.ndarray,), {})),
        torch.arange(3),
        torch.arange(3.0),
        np.array([fractions.Fraction(n) for n in range(3)]),
    ],
    ids=repr,
)
def test_real_numbers_of_every_kind_are_gradients(dtype, share):
    first, parent, result = result_of(np.ones(3, dtype), lambda g: share)
    result.backward()
    assert (parent.grad.tolist(), first.grad.tolist()) == ([0, 1, 2], [0, 2, 4])
    assert parent.grad.dtype == first.grad.dtype == dtype
    assert type(parent.grad) is np.ndarray


def test_a_gradient_may_be_nan_or_infinite():
    _, parent, result = result_of(np.ones(2), lambda g: np.array([np.nan, np.inf]))
    result.backward()
    np.testing.assert_array_equal(parent.grad, [np.nan, np.inf])


@pytest.mark.parametrize(
    ("share", "got"),
    [
        (None, "None: is a return missing?"),
        ("2", "'2' (str)"),
        (2j, "2j (complex)"),
        (np.array([1j, 2]), "an array of shape (2,) of dtype complex128"),
        (np.array([None, 2]), "an array of shape (2,) of dtype object"),
        (["a", "b"], "['a', 'b'] (list) of dtype <U1"),
        ({}, "{} (dict)"),
        (Tensor(2.0), "Tensor(2.0) (Tensor)"),
        (lambda g: g, "<function <lambda>> (function)"),
        (
            torch.ones(2, requires_grad=True),
            "a Tensor of shape (2,): Can't call numpy() on Tensor that requires grad. "
            "Use tensor.detach().numpy() instead.",
        ),
    ],
    ids=lambda x: x if isinstance(x, str) else type(x).__name__,
)
def test_a_gradient_that_is_no_number_is_named(share, got):
    first, parent, result = result_of(np.ones(2), lambda g: share)
    with pytest.raises(TypeError) as caught:
        result.backward()
    assert str(caught.value) == f"grad must be real numbers, got {got}"
    assert parent.grad is first.grad is result.grad is None


def test_ragged_rows_are_no_gradient():
    _, _, result = result_of(np.ones(2), lambda g: [[1, 2], [3]])
    with pytest.raises(ValueError, match=r"^grad must .* rows have equal lengths"):
        result.backward()


@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt])
def test_after_an_error_of_a_rule_no_value_has_a_gradient(error):
    x, bystander = Tensor([1.0, 2.0]), Tensor(3.0)
    troubled = True

    def rule(g):
        if troubled:
            raise error("from the rule itself")
        return g * np.ones(2)

    middle = x * x
    loss = Node(1.0, [(x, lambda g: g * np.ones(2)), (middle, rule)])
    # Gradients of earlier calls, one of them outside of the graph.
    (x * bystander).sum().backward()
    for _ in range(2):
        with pytest.raises(error, match=r"^from the rule itself$"):
            loss.backward()
        assert x.grad is middle.grad is loss.grad is None
        assert bystander.grad == 3
    troubled = False
    loss.backward()
    assert x.grad.tolist() == [3, 5]


def test_a_backward_that_is_refused_leaves_the_gradients_of_an_earlier_one():
    x = Tensor([1.0, 2.0])
    y = 3 * x
    y.sum().backward()
    for call in (y.backward, lambda: y.sum().backward(1.0)):
        with pytest.raises((TypeError, ValueError)):
            call()
        assert (x.grad.tolist(), y.grad.tolist()) == ([3, 3], [1, 1])


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ([1.0], {}),
        ([np.ones((2, 2))], {}),
        ([None], {}),
        ([], {"gradient": np.ones(2)}),
        ([], {"retain_graph": True}),
    ],
)
@pytest.mark.parametrize("value", [2.0, [1.0, 2.0]])
def test_backward_takes_no_gradient(value, args, kwargs):
    x = Tensor(value)
    with pytest.raises(TypeError) as caught:
        x.backward(*args, **kwargs)
    assert str(caught.value) == (
        "backward takes no argument: it starts from one number, with slope 1; for "
        "other slopes call (y * slopes).sum().backward()"
    )
    assert x.grad is None


def test_edges_may_come_one_by_one():
    x = Tensor(2.0)
    y = Tensor(6.0, ([parent, lambda g: 3 * g] for parent in (x, 3.0)))
    y.backward()
    assert (len(y.edges), x.grad) == (1, 3)


# --- Networks


def test_simplenet_has_the_gradient_that_one_can_write_down():
    W = Tensor(
        [[-0.66110535, -2.3121261, 0.61870626], [-0.43594672, 1.66798289, -1.09922476]]
    )
    x, t = np.array([[0.6, 0.9]]), np.array([[0, 0, 1]])
    p = d2l.softmax(x @ W.data)
    (-((x @ W).log_softmax() * t).sum()).backward()
    np.testing.assert_allclose(W.grad, x.T @ (p - t), rtol=1e-14)
    assert f"{W.grad[0, 0]:.8f}" == "0.12894292"
    # With the customary 1e-7 inside the logarithm.
    e = (x @ W).exp()
    (-((e / e.sum() + 1e-7).log() * t).sum()).backward()
    assert f"{W.grad[0, 0]:.8f}" == "0.12894287"
    numerical = d2l.numerical_gradient(
        lambda W: -np.sum(t * np.log(d2l.softmax(x @ W) + 1e-7)), W.data
    )
    np.testing.assert_allclose(W.grad, numerical, rtol=1e-8)


def start_of_a_network(seed, dtype):
    rng = np.random.default_rng(seed)
    shapes = [(5, 4), (4,), (4, 3), (3,)]
    params = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    X, y = rng.normal(size=(32, 5)).astype(dtype), rng.integers(3, size=32)
    return params, X, y


def loss_of_engine(params, X, y):
    W1, b1, W2, b2 = params
    log_p = ((X @ W1 + b1).relu() @ W2 + b2).log_softmax()
    return -(log_p * (y[:, None] == np.arange(3))).sum(axis=1).mean()


def loss_of_torch(params, X, y):
    W1, b1, W2, b2 = params
    scores = (torch.tensor(X) @ W1 + b1).relu() @ W2 + b2
    return torch.nn.functional.cross_entropy(scores, torch.tensor(y))


def test_50_steps_of_a_network_are_those_of_torch():
    start, X, y = start_of_a_network(0, np.float64)
    ours, theirs = leaves_for_torch(*start)
    optimizer = d2l.Adam([param.data for param in ours], lr=0.05)
    expected = torch.optim.Adam(theirs, lr=0.05)
    losses = []
    for step in range(50):
        batch = slice(8 * (step % 4), 8 * (step % 4) + 8)
        loss = loss_of_engine(ours, X[batch], y[batch])
        loss.backward()
        optimizer.step([param.grad for param in ours])
        expected_loss = loss_of_torch(theirs, X[batch], y[batch])
        expected.zero_grad()
        expected_loss.backward()
        expected.step()
        assert loss.data == pytest.approx(expected_loss.item(), rel=1e-10)
        losses.append(loss.data)
    for our, tensor in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our.data, tensor.detach(), rtol=1e-10, atol=1e-10)
    assert np.mean(losses[-4:]) < 0.7 * np.mean(losses[:4])


def test_a_network_in_float32_stays_in_float32():
    params, X, y = start_of_a_network(1, np.float32)
    leaves = [Tensor(param) for param in params]
    loss = loss_of_engine(leaves, X, y)
    assert loss.data.dtype == np.float32
    optimizer = d2l.Adam(params)
    for _ in range(3):
        loss = loss_of_engine(leaves, X, y)
        loss.backward()
        waiting = [loss]
        while waiting:
            node = waiting.pop()
            assert node.data.dtype == node.grad.dtype == np.float32
            waiting += [parent for parent, _ in node.edges]
        optimizer.step([leaf.grad for leaf in leaves])
    assert all(leaf.data is param for leaf, param in zip(leaves, params, strict=True))
