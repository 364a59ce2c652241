import copy
import fractions
import inspect
import re
from decimal import Decimal

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")

import matplotlib.pyplot as plt

import d2l_utils as d2l


def bowl(x):
    return np.sum(x**2)


def twice(x):
    return 2 * x


def pair_bowl(x):
    return x[0] ** 2 + x[1] ** 2


def nothing(x):
    x**2  # the return is missing


# What each function is called with where a case does not say otherwise.
GOOD = {
    "numerical_diff": {"f": twice, "x": 3.0},
    "numerical_gradient": {"f": bowl, "x": np.array([3.0, 4.0])},
    "check_gradient": {"f": bowl, "grad": twice, "x": np.array([3.0, 4.0])},
    "gradient_descent": {"f": bowl, "init_x": np.array([3.0, 4.0]), "step_num": 2},
    "plot_contours": {"f": pair_bowl, "xlim": (-1, 1), "ylim": (-1, 1)},
    "plot_path": {"history": np.array([[1.0, 2.0], [0.5, 1.0]])},
    "plot_trace": {"f": twice, "history": np.array([1.0, 0.5])},
    "show": {"alt": "A line.", "fig": plt.Figure()},
}

RAGGED = [[1, 2], [3]]
RAGGED_SAYS = (
    "must be a number or an array whose rows have equal lengths, "
    "got [[1, 2], [3]] (list)"
)
ONE_OUTPUT = "a gradient belongs to a single output"
NAMES_A_RETURN = "f(x) must be real numbers, got None: is a return missing?"
NOT_FINITE = (
    "must return finite numbers at x and a small step around it, got nan or inf"
)
TENSOR = torch.tensor([1.0, 2.0], requires_grad=True)
TENSOR_SAYS = (
    "must be real numbers, got an array of shape (2,): Can't call numpy() on Tensor "
    "that requires grad. Use tensor.detach().numpy() instead."
)


def not_functions(name):
    yield {name: None}, TypeError, f"{name} must be a function, got None (NoneType)"
    yield {name: 5}, TypeError, f"{name} must be a function, got 5 (int)"
    yield (
        {name: np.zeros((2, 3))},
        TypeError,
        f"{name} must be a function, got an array of shape (2, 3)",
    )


def not_numbers(name):
    says = f"{name} must be a number, got "
    yield {name: None}, TypeError, says + "None (NoneType)"
    yield {name: "0.1"}, TypeError, says + "'0.1' (str)"
    yield {name: True}, TypeError, says + "True (bool)"
    yield {name: 1j}, TypeError, says + "1j (complex)"
    yield {name: Decimal("0.1")}, TypeError, says + "Decimal('0.1') (Decimal)"
    yield {name: np.ones(2)}, TypeError, says + "an array of shape (2,)"
    yield {name: [0.1]}, TypeError, says + "[0.1] (list)"


def not_finite(name, bound):
    for bad in (np.nan, np.inf, -np.inf):
        says = f"{name} must be a finite number {bound}, got {bad}"
        yield {name: bad}, ValueError, says
    # Larger than every float.
    says = f"{name} must be a finite number {bound}, got inf"
    yield {name: 10**400}, ValueError, says


def not_real_arrays(name):
    says = f"{name} must be real numbers, got "
    yield {name: None}, TypeError, says + "None: is a return missing?"
    yield {name: "abc"}, TypeError, says + "'abc' (str)"
    yield {name: 1 + 2j}, TypeError, says + "(1+2j) (complex)"
    yield {name: {}}, TypeError, says + "{} (dict)"
    yield {name: [1, None]}, TypeError, says + "[1, None] (list) of dtype object"
    yield {name: ["a"]}, TypeError, says + "['a'] (list) of dtype <U1"
    yield (
        {name: np.array([1j, 2])},
        TypeError,
        says + "an array of shape (2,) of dtype complex128",
    )
    yield (
        {name: [10**400]},
        TypeError,
        says + "[100000000000000000000000000000000000... (list): "
        "int too large to convert to float",
    )
    yield {name: TENSOR}, TypeError, f"{name} {TENSOR_SAYS}"
    yield {name: RAGGED}, ValueError, f"{name} {RAGGED_SAYS}"


def not_limits(name):
    says = f"{name} must be two finite numbers, the smaller first, got "
    yield {name: (1, 1)}, ValueError, says + "(1.0, 1.0)"
    yield {name: [3, -3]}, ValueError, says + "(3.0, -3.0)"
    yield {name: (0, np.inf)}, ValueError, says + "(0.0, inf)"
    yield {name: (np.nan, 0)}, ValueError, says + "(nan, 0.0)"
    says = f"{name} must be two numbers, got "
    yield {name: 3}, ValueError, says + "3 (int)"
    yield {name: (1, 2, 3)}, ValueError, says + "(1, 2, 3) (tuple)"
    yield {name: np.ones((2, 2))}, ValueError, says + "an array of shape (2, 2)"
    yield {name: "ab"}, TypeError, f"{name} must be real numbers, got 'ab' (str)"


def not_single_outputs():
    says = "f must return one number, got an array of shape "
    yield {"f": twice}, ValueError, f"{says}(2,): {ONE_OUTPUT}"
    yield {"f": lambda x: np.ones((1, 3))}, ValueError, f"{says}(1, 3): {ONE_OUTPUT}"
    yield {"f": lambda x: []}, ValueError, f"{says}(0,): {ONE_OUTPUT}"
    yield {"f": nothing}, TypeError, NAMES_A_RETURN
    yield {"f": lambda x: RAGGED}, ValueError, f"f(x) {RAGGED_SAYS}"
    yield (
        {"f": lambda x: "7"},
        TypeError,
        "f(x) must be real numbers, got '7' (str)",
    )
    yield {"f": lambda x: 1j}, TypeError, "f(x) must be real numbers, got 1j (complex)"


def not_gradients(variable):
    yield from not_functions("grad")
    says = f"grad must return one slope for each entry of {variable}: expected shape "
    yield {"grad": bowl}, ValueError, says + "(2,), got ()"
    yield {"grad": lambda x: x[:1]}, ValueError, says + "(2,), got (1,)"
    yield (
        {"grad": lambda x: np.ones((2, 2)), variable: np.ones((2, 3))},
        ValueError,
        says + "(2, 3), got (2, 2)",
    )
    yield (
        {"grad": lambda x: [2.0], variable: 1.0},
        ValueError,
        says + "(), got (1,)",
    )
    says = "grad(x) must be real numbers, got "
    yield {"grad": nothing}, TypeError, says + "None: is a return missing?"
    yield {"grad": lambda x: "ab"}, TypeError, says + "'ab' (str)"


def not_axes():
    says = "ax must be Matplotlib axes, got "
    yield {"ax": 3}, TypeError, says + "3 (int)"
    yield {"ax": np.empty((2, 2))}, TypeError, says + "an array of shape (2, 2)"


def not_colors():
    says = "color must be a Matplotlib color such as 'C1' or '#D55E00', got "
    yield {"color": "pinkish"}, ValueError, says + "'pinkish' (str)"
    yield {"color": None}, ValueError, says + "None (NoneType)"


def not_paths():
    yield from not_real_arrays("history")
    says = "history must have shape (steps + 1, 2), got "
    yield (
        {"history": [1, 2]},
        ValueError,
        says + "(2,): for a walk on a line use plot_trace",
    )
    yield {"history": np.ones((4, 3))}, ValueError, says + "(4, 3)"
    yield {"history": np.ones((0, 2))}, ValueError, says + "(0, 2)"
    yield {"history": np.ones((2, 2, 2))}, ValueError, says + "(2, 2, 2)"


def not_traces():
    yield from not_real_arrays("history")
    says = "history must have shape (steps + 1,), got "
    yield {"history": []}, ValueError, says + "(0,)"
    yield {"history": 3}, ValueError, says + "()"
    yield {"history": np.ones((4, 3))}, ValueError, says + "(4, 3)"
    yield (
        {"history": np.ones((4, 1))},
        ValueError,
        says + "(4, 1): take history[:, 0]",
    )
    yield (
        {"history": np.ones((4, 2))},
        ValueError,
        says + "(4, 2): for a walk in the plane use plot_path",
    )


def not_levels():
    says = "levels must be a whole number or values in increasing order, got "
    yield {"levels": [2, 1]}, ValueError, says + "[2, 1] (list)"
    yield {"levels": [1, 1]}, ValueError, says + "[1, 1] (list)"
    yield {"levels": []}, ValueError, says + "[] (list)"
    yield {"levels": 12.0}, ValueError, says + "12.0 (float)"
    yield {"levels": np.nan}, ValueError, says + "nan (float)"
    yield {"levels": 0}, ValueError, "levels must be a finite number > 0, got 0.0"
    yield {"levels": -3}, ValueError, "levels must be a finite number > 0, got -3.0"
    yield {"levels": "12"}, TypeError, "levels must be real numbers, got '12' (str)"


def positive(name):
    yield from not_numbers(name)
    yield from not_finite(name, "> 0")
    yield {name: 0}, ValueError, f"{name} must be a finite number > 0, got 0.0"
    yield {name: -1e-4}, ValueError, f"{name} must be a finite number > 0, got -0.0001"


CASES = {
    "numerical_diff": [
        *not_functions("f"),
        ({"f": nothing}, TypeError, NAMES_A_RETURN),
        ({"f": lambda x: RAGGED}, ValueError, f"f(x) {RAGGED_SAYS}"),
        *not_real_arrays("x"),
        *positive("h"),
    ],
    "numerical_gradient": [
        *not_functions("f"),
        *not_single_outputs(),
        *not_real_arrays("x"),
        *positive("h"),
    ],
    "check_gradient": [
        *not_functions("f"),
        *not_single_outputs(),
        *not_real_arrays("x"),
        *not_gradients("x"),
        ({"grad": lambda x: x * np.nan}, ValueError, f"grad {NOT_FINITE}"),
        ({"f": lambda x: np.inf}, ValueError, f"f {NOT_FINITE}"),
    ],
    "gradient_descent": [
        *not_functions("f"),
        *not_single_outputs(),
        *not_real_arrays("init_x"),
        *not_numbers("lr"),
        *not_finite("lr", ">= 0"),
        ({"lr": -1}, ValueError, "lr must be a finite number >= 0, got -1.0"),
        *(
            (
                {"step_num": bad},
                TypeError,
                f"step_num must be a whole number, got {got}",
            )
            for bad, got in [
                (None, "None (NoneType)"),
                (2.0, "2.0 (float)"),
                ("2", "'2' (str)"),
                (True, "True (bool)"),
            ]
        ),
        ({"step_num": -1}, ValueError, "step_num must be >= 0, got -1"),
        *(case for case in not_gradients("init_x") if case[0]["grad"] is not None),
    ],
    "plot_contours": [
        *not_functions("f"),
        ({"f": nothing}, TypeError, NAMES_A_RETURN),
        (
            {"f": bowl},
            ValueError,
            "f must return one value for each of the (201, 201) points of the grid, "
            "got shape (): write it with x[0] and x[1]",
        ),
        (
            {"f": lambda x: x[0] * np.nan},
            ValueError,
            "f must return finite numbers, got only nan or inf",
        ),
        *not_limits("xlim"),
        *not_limits("ylim"),
        *not_levels(),
        *not_axes(),
    ],
    "plot_path": [*not_paths(), *not_colors(), *not_axes()],
    "plot_trace": [
        *not_functions("f"),
        ({"f": nothing}, TypeError, NAMES_A_RETURN),
        (
            {"f": lambda x: 3.0},
            ValueError,
            "f must work elementwise: for shape (401,) it returned ()",
        ),
        (
            {"f": lambda x: np.zeros(401)},
            ValueError,
            "f must work elementwise: for shape (2,) it returned (401,)",
        ),
        *not_traces(),
        *not_limits("xlim"),
        *not_colors(),
        *not_axes(),
    ],
    "show": [
        ({"alt": None}, TypeError, "alt must be a string, got None (NoneType)"),
        ({"alt": 3}, TypeError, "alt must be a string, got 3 (int)"),
        *(
            (
                {"alt": blank},
                ValueError,
                "alt must say in words what the figure shows, got an empty one",
            )
            for blank in ("", " \n\t")
        ),
        ({"fig": 3}, TypeError, "fig must be a Matplotlib figure, got 3 (int)"),
        (
            {"fig": None},
            ValueError,
            "there is no figure to show: draw one first or pass fig",
        ),
    ],
}


@pytest.fixture(autouse=True)
def no_figures():
    plt.close("all")
    yield
    plt.close("all")


def frozen(arguments):
    """The data among the arguments, for comparison before and after."""
    return {
        name: copy.deepcopy(value)
        for name, value in arguments.items()
        if isinstance(value, list | tuple | np.ndarray)
    }


@pytest.mark.parametrize(
    ("name", "changed", "error", "says"),
    [
        pytest.param(name, *case, id=f"{name}-{'-'.join(case[0])}-{i}")
        for name, cases in CASES.items()
        for i, case in enumerate(cases)
    ],
)
def test_an_error_says_what_is_wrong_and_what_is_accepted(name, changed, error, says):
    arguments = GOOD[name] | changed
    before = frozen(arguments)
    with pytest.raises(error) as caught:
        getattr(d2l, name)(**arguments)
    assert str(caught.value) == says
    assert type(caught.value) is error
    # Nothing is lost: the arguments are as before, and no empty figure was opened.
    for argument, value in before.items():
        np.testing.assert_equal(arguments[argument], value)
    assert not plt.get_fignums()


@pytest.mark.parametrize("name", d2l.__all__)
def test_every_argument_of_every_function_has_an_error_case(name):
    documented_as_anything = {"label"}
    arguments = set(inspect.signature(getattr(d2l, name)).parameters)
    covered = {argument for changed, _, _ in CASES[name] for argument in changed}
    assert covered == arguments - documented_as_anything


@pytest.mark.parametrize("name", [name for name in GOOD if name != "show"])
def test_the_call_that_the_cases_change_is_accepted(name):
    getattr(d2l, name)(**GOOD[name])


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f, good: f(), "missing a required argument: '{first}'"),
        (lambda f, good: f(*range(9)), "too many positional arguments"),
        (
            lambda f, good: f(**good, spam=1),
            "got an unexpected keyword argument 'spam'",
        ),
    ],
    ids=["missing", "too many", "unknown"],
)
def test_a_call_with_the_wrong_arguments_names_the_function(name, call, says):
    function = getattr(d2l, name)
    first = next(iter(inspect.signature(function).parameters))
    message = f"{name}(): {says.format(first=first)}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        call(function, GOOD[name])


@pytest.mark.parametrize(
    "number", [0.5, np.float32(0.5), np.float64(0.5), fractions.Fraction(1, 2)]
)
def test_every_kind_of_real_number_is_a_step_and_a_rate(number):
    assert d2l.numerical_diff(np.sin, [0.0, 1.0], number) == pytest.approx(
        np.cos([0, 1]) * np.sin(0.5) / 0.5
    )
    assert d2l.numerical_gradient(bowl, [3, 4], number).tolist() == [6, 8]
    x, _ = d2l.gradient_descent(bowl, [3.0, 4.0], number, 1, grad=twice)
    assert x.tolist() == [0, 0]


@pytest.mark.parametrize("step_num", [2, np.int64(2), np.uint8(2)])
def test_every_kind_of_whole_number_is_a_number_of_steps(step_num):
    assert len(d2l.gradient_descent(bowl, 1.0, step_num=step_num)[1]) == 3


def test_fractions_and_long_whole_numbers_are_points():
    point = [fractions.Fraction(1, 2), 10**30]
    slopes = d2l.numerical_diff(lambda x: 3 * x, point, h=0.5)
    assert slopes[0] == pytest.approx(3)
    assert d2l.numerical_gradient(bowl, point)[0] == 0  # lost beside 1e60
    assert point == [fractions.Fraction(1, 2), 10**30]


def test_an_error_of_the_function_itself_comes_through_unchanged():
    def broken(x):
        raise LookupError("not ours")

    for call in (
        lambda: d2l.numerical_diff(broken, 1.0),
        lambda: d2l.numerical_gradient(broken, 1.0),
        lambda: d2l.check_gradient(broken, twice, 1.0),
        lambda: d2l.check_gradient(bowl, broken, 1.0),
        lambda: d2l.gradient_descent(broken, 1.0),
        lambda: d2l.gradient_descent(bowl, 1.0, grad=broken),
        lambda: d2l.plot_contours(broken, (0, 1), (0, 1)),
        lambda: d2l.plot_trace(broken, [1.0]),
    ):
        with pytest.raises(LookupError, match=r"^not ours$"):
            call()
    assert not plt.get_fignums()


@pytest.mark.parametrize("name", GOOD)
def test_the_checks_hide_neither_signature_nor_documentation(name):
    function = getattr(d2l, name)
    assert function.__name__ == name
    assert "*args" not in str(inspect.signature(function))
    assert inspect.getsource(function).count(f"def {name}(") == 1
