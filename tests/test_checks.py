"""Every error says what is wrong and what is accepted.

Each sentence stands here once. That every argument of every public function is
looked at is tested with one bad value for each, found by its name.
"""

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
from d2l_utils import _checks
from d2l_utils.optimizers import OPTIMIZERS
from project import NEVER_RAISE


def bowl(x):
    return np.sum(x**2)


def twice(x):
    return 2 * x


def nothing(*x):
    x[0] ** 2  # the return is missing


FEATURES = np.arange(8.0).reshape(4, 2)
LABELS = np.arange(4.0)
SCORES = np.array([[1.0, 3.0, 2.0], [4.0, 0.0, 1.0]])
CLASSES = np.array([1, 2])
PARAMS = {"params": [np.array([1.0, 2.0]), np.array(3.0)], "lr": 0.1}
# As after backward().
SLOPED = torch.tensor([1.0, 2.0], requires_grad=True)
SLOPED.grad = torch.ones(2)
NET = torch.nn.ReLU()
READ_ONLY = np.broadcast_to(1.0, 3)
TENSOR = torch.tensor([1.0, 2.0], requires_grad=True)

LABELED, UNLABELED = plt.Figure().subplots(1, 2)
LABELED.plot([0, 1], label="line")
UNLABELED.plot([0, 1])

# What each function is called with where a case does not say otherwise.
GOOD = {
    "numerical_diff": {"f": twice, "x": 3.0},
    "numerical_gradient": {"f": bowl, "x": np.array([3.0, 4.0])},
    "check_gradient": {"f": bowl, "grad": twice, "x": np.array([3.0, 4.0])},
    "gradient_descent": {"f": bowl, "init_x": np.array([3.0, 4.0]), "grad": twice},
    "plot_contours": {"f": lambda x: x[0] * x[1], "xlim": (-1, 1), "ylim": (-1, 1)},
    "plot_path": {"history": np.array([[1.0, 2.0], [0.5, 1.0]])},
    "plot_trace": {"f": twice, "history": np.array([1.0, 0.5])},
    "show": {"alt": "A line.", "fig": plt.Figure()},
    "explore_descent": {"lr": 0.1, "start": -1, "steps": 3},
    "explore_digit": {"digit": 8},
    "explore_gradient": {"x0": 3, "x1": 4},
    "explore_secant": {"h": 1e-8},
    "label_lines": {"ax": LABELED},
    "optimizer_color": {"optimizer": "Adam"},
    "synthetic_data": {"w": [2.0, -3.4], "b": 4.2, "num_examples": 3},
    "data_iter": {"batch_size": 2, "features": FEATURES, "labels": LABELS},
    "load_array": {
        "data_arrays": [torch.tensor(FEATURES), torch.tensor(LABELS)],
        "batch_size": 2,
    },
    "linreg": {"X": FEATURES, "w": np.array([[2.0], [-3.4]]), "b": 4.2},
    "squared_loss": {"y_hat": LABELS.reshape(4, 1), "y": LABELS},
    "sgd": {"params": [SLOPED], "lr": 0.1, "batch_size": 2},
    "step_decay": {"step_size": 10, "gamma": 0.5},
    "exponential_decay": {"gamma": 0.9},
    "cosine_decay": {"T_max": 10},
    "warmup": {"steps": 5, "schedule": twice},
    "Node": {"data": [1.0, 2.0]},
    "Tensor": {"data": [1.0, 2.0]},
    "softmax": {"z": SCORES},
    "cross_entropy": {"logits": SCORES, "labels": CLASSES},
    "accuracy": {"y_hat": SCORES, "y": CLASSES},
    "evaluate_accuracy": {"net": twice, "data_iter": [(SCORES, CLASSES)]},
    "load_mnist": {"root": "nowhere", "mirrors": ()},
    "load_benchmark": {"name": "epoch"},
    "shard": {"data": FEATURES, "rank": 1, "world_size": 2},
    "all_reduce_ring": {"arrays": [FEATURES, FEATURES]},
    "save_checkpoint": {"path": "nowhere/a.pt", "state": {"epoch": 1}},
    "torchrun": {"script": "script.py"},
}
PUBLIC = {name: getattr(d2l, name) for name in sorted(set(d2l.__all__) - NEVER_RAISE)}
GOOD |= dict.fromkeys(["Optimizer", *OPTIMIZERS], PARAMS)


def good(name):
    """The arguments, lists as copies: some calls change what is in them."""
    arguments = GOOD.get(name, {}).items()
    return {k: copy.deepcopy(v) if isinstance(v, list) else v for k, v in arguments}


# --- Each sentence once


class But:
    """A bad value beside other arguments than the good ones."""

    def __init__(self, bad, **others):
        self.bad, self.others = bad, others


NO_NUMBERS = "must be real numbers, got None: is a return missing?"
FLOATS = "must hold floating-point numbers, such as 1.0 and not 1, got"
GENERATOR = "data_iter: generator must be a generator such as"
BATCHES = "evaluate_accuracy: data_iter must give batches (features, labels), got"
LIST = "SGD: params must be a list of arrays or tensors, got {got}"
WEB = "must be a web address such as 'https://example.org/mnist/', got"
TENSORS = {"features": torch.tensor(FEATURES), "labels": torch.tensor(LABELS)}

# A function and what it says of an argument that has one of these values. A sentence
# that several arguments share stands at one of them.
TYPE_ERRORS = {
    "numerical_diff: h must be a number, got {got}": [
        *(None, "0.1", True, 1j, Decimal("0.1"), [0.1], np.ones(2))
    ],
    "gradient_descent: step_num must be a whole number, got {got}": [
        *(None, 2.0, "2", True, np.array([2]))
    ],
    "load_array: is_train must be True or False, got {got}": [None, 1, "no"],
    "warmup: schedule must be a function, got {got}": [None, 5, np.zeros((2, 3))],
    f"numerical_diff: x {NO_NUMBERS}": [None],
    "numerical_diff: x must be real numbers, got {got}": ["abc", 1 + 2j, {}],
    "numerical_diff: x must be real numbers, got {got} of dtype {dtype}": [
        *([1, None], ["a"], np.array([1j, 2]))
    ],
    "numerical_diff: x must be real numbers, got {got}: int too large to convert to "
    "float": [[10**400]],
    "numerical_diff: x must be real numbers, got {got}: Can't call numpy() on Tensor "
    "that requires grad. Use tensor.detach().numpy() instead.": [TENSOR],
    f"numerical_diff: f(x) {NO_NUMBERS}": [nothing],
    f"check_gradient: grad(x) {NO_NUMBERS}": [nothing],
    "plot_path: ax must be Matplotlib axes, got {got}": [3, np.empty((2, 2))],
    "show: fig must be a Matplotlib figure, got {got}": [3],
    "show: alt must be a string, got {got}": [None, 3],
    "data_iter: features must be a NumPy array or a torch tensor, got {got}": [
        *(None, [[1, 2], [3, 4]], np.float64(3))
    ],
    "data_iter: labels must be a NumPy array, like features, got {got}": [
        *(None, [1, 2, 3, 4], TENSORS["labels"])
    ],
    "data_iter: labels must be a torch tensor on cpu, like features, got {got}": [
        But(LABELS, features=TENSORS["features"])
    ],
    f"{GENERATOR} np.random.default_rng(0), as features is a NumPy array, got "
    "{got}": [*(42, torch.Generator(), np.random.RandomState(0))],
    f"{GENERATOR} torch.Generator().manual_seed(0), as features is a torch tensor on "
    "cpu, got {got}": [But(np.random.default_rng(0), **TENSORS)],
    "load_array: data_arrays[0] must be a torch tensor, got an array of shape (4, 2): "
    "use torch.from_numpy": [(FEATURES, LABELS)],
    "load_array: data_arrays[0] must be a torch tensor, got [1.0] (list)": [[[1.0]]],
    "linreg: b must be a number, or a NumPy array, like X, that holds one, got {got}": [
        *(None, "4.2", np.ones(2), torch.zeros(1))
    ],
    f"{LIST}": [None, 0.5, "abc"],
    f"{LIST}: for a single one write [w]": [np.ones(2), torch.tensor(2.0)],
    f"{LIST}: write params.values()": [{"w": np.ones(2)}],
    f"{LIST}: write net.parameters()": [NET],
    "SGD: params[1] must be a NumPy array or a torch tensor, which can be changed in "
    "place, got 1.0 (float)": [[np.ones(2), 1.0]],
    f"SGD: params[0] {FLOATS} int64": [[np.array([1, 2])]],
    "sgd: params[0] must be a torch tensor, got 1.0 (float)": [[1.0]],
    **{
        f"Node: data must be numbers, not a {kind}: use it as it is, or its .data": [
            bad
        ]
        for kind, bad in (("Node", d2l.Node(1.0)), ("Tensor", d2l.Tensor(1.0)))
    },
    "softmax: z must be real numbers, got {dtype}": [torch.tensor([1j])],
    "cross_entropy: labels must hold classes, whole numbers from 0, got {dtype}": [
        *([1.0, 2.0], CLASSES > 1),
        *(But(y, logits=torch.ones(2, 3)) for y in (torch.ones(2), torch.ones(2) > 0)),
    ],
    "cross_entropy: labels must be a NumPy array, like logits, got {got}": [TENSOR],
    "cross_entropy: labels must be a torch tensor on cpu, like logits, got {got}": [
        *(But(y, logits=torch.ones(2, 3)) for y in (None, [1, 2], CLASSES))
    ],
    "accuracy: y must be a torch tensor on cpu, like y_hat, got {got}": [
        But([1, 2], y_hat=torch.ones(2, 3))
    ],
    "accuracy: y_hat must be real numbers, got {dtype}": [torch.ones(2, 3) * 1j],
    "accuracy: y_hat must hold classes, whole numbers from 0, got {dtype}": [
        *([0.5, 0.5], [True, False], d2l.Tensor([1.0, 2.0]).data, TENSOR)
    ],
    f"evaluate_accuracy: y_hat {NO_NUMBERS}": [But(None, net=nothing)],
    f"{BATCHES} {{got}}": [None, 5, SCORES, torch.ones(2, 3)],
    f"{BATCHES} 'a' (str) as batch 0": ["ab"],
    f"{BATCHES} (1, 2, 3) (tuple) as batch 1": [[(SCORES, CLASSES), (1, 2, 3)]],
    "load_mnist: root must be a path, got {got}": [5, b"data", ["data"]],
    "load_mnist: mirrors must be a list of web addresses, got {got}": [b"a"],
    "load_mnist: mirrors must be a list of web addresses, got {got}: write "
    "['http://a']": ["http://a"],
    f"load_mnist: mirrors[1] {WEB} None (NoneType)": [["http://a", None]],
    "load_benchmark: name must be a string, got {got}": [None, 3],
    "shard: data must be an array, a tensor or a list, got {got}": [
        *(None, 3, np.float64(3), {1: 2}, {1}, torch.tensor(3.0))
    ],
    "all_reduce_ring: arrays must be a list with an array for each process, got "
    "{got}": [None, 3, "abc", {1: 2}],
    "all_reduce_ring: arrays[1] must be real numbers, got 'a' (str)": [[1, "a"]],
    "save_checkpoint: state must be a dict, got {got}": [None, [1], NET],
    "torchrun: arguments must be a list, got {got}": [None, 3, "calm.pt"],
}
VALUE_ERRORS = {
    "numerical_diff: h must be a finite number > 0, got {number}": [
        *(0, -1e-4, np.nan, -np.inf)
    ],
    "numerical_diff: h must be a finite number > 0, got inf": [10**400],
    "gradient_descent: lr must be a finite number >= 0, got {number}": [
        *(-1, np.nan, np.inf)
    ],
    "explore_secant: h must be a number from 1e-17 to 1.8, got {number}": [0, 2],
    "synthetic_data: b must be a finite number, got {number}": [
        *(np.nan, np.array([-np.inf]), torch.tensor(np.inf))
    ],
    "cosine_decay: T_max must be >= 1, got 0": [0],
    "explore_digit: digit must be <= 9, got 10": [10],
    "Adam: betas must be two numbers, each >= 0 and < 1, got {got}": [
        *(0.9, (0.9,), (0.9, 1.0), [-0.1, 0.9], (np.nan, 0.9), np.full(3, 0.9))
    ],
    "plot_contours: xlim must be two finite numbers, the smaller first, got {got}": [
        *((1, 1), [3, -3], (0, np.inf), (np.nan, 0), 3, (1, 2, 3), np.ones((2, 2)))
    ],
    "numerical_diff: x must be a number or an array whose rows have equal lengths, got "
    "{got}": [[[1, 2], [3]]],
    **{
        f"{name}: f must return one number, got an array of shape (2,): a gradient "
        "belongs to a single output": [bad]
        for name, bad in [
            *(("numerical_gradient", twice), ("check_gradient", twice)),
            ("gradient_descent", But(twice, grad=None)),
        ]
    },
    "check_gradient: grad must return one slope for each entry of x: expected shape "
    "(2,), got ()": [bowl],
    "gradient_descent: grad must return one slope for each entry of init_x: expected "
    "shape (), got (1,)": [But(lambda x: [2.0], init_x=1.0)],
    "check_gradient: f must return finite numbers at x and a small step around it, got "
    "nan or inf": [lambda x: np.inf],
    "check_gradient: grad must return finite numbers at x and a small step around it, "
    "got nan or inf": [lambda x: x * np.nan],
    "plot_path: color must be a Matplotlib color such as 'C1' or '#D55E00', got "
    "{got}": ["pinkish", None],
    "plot_path: history must have shape (steps + 1, 2), got {shape}": [
        *(np.ones((4, 3)), np.ones((0, 2)), np.ones((2, 2, 2)))
    ],
    "plot_path: history must have shape (steps + 1, 2), got (2,): for a walk on a line "
    "use plot_trace": [[1, 2]],
    "plot_trace: history must have shape (steps + 1,), got {shape}": [
        *([], 3, np.ones((4, 3)))
    ],
    "plot_trace: history must have shape (steps + 1,), got (4, 1): take "
    "history[:, 0]": [np.ones((4, 1))],
    "plot_trace: history must have shape (steps + 1,), got (4, 2): for a walk in the "
    "plane use plot_path": [np.ones((4, 2))],
    "plot_contours: levels must be a whole number or values in increasing order, got "
    "{got}": [[2, 1], [1, 1], [], 12.0, np.nan],
    "plot_contours: levels must be a finite number > 0, got {number}": [0, -3],
    "plot_contours: f must return one value for each of the (201, 201) points of the "
    "grid, got shape (): write it with x[0] and x[1]": [bowl],
    "plot_contours: f must return finite numbers, got only nan or inf": [
        lambda x: x[0] * np.nan
    ],
    "plot_trace: f must work elementwise: for shape (401,) it returned ()": [bowl],
    "plot_trace: f must work elementwise: for shape (2,) it returned (401,)": [
        lambda x: np.zeros(401)
    ],
    "show: alt must say in words what the figure shows, got an empty one": [
        *("", " \n\t")
    ],
    "show: there is no figure to show: draw one first or pass fig": [
        But("A line.", fig=None)
    ],
    "label_lines: there are no axes with lines: draw them first or pass ax": [
        But(None, ax=None)
    ],
    "label_lines: no line with finite points has a label: draw them with label=...": [
        But(None, ax=UNLABELED)
    ],
    f"optimizer_color: optimizer must be one of GD, {', '.join(OPTIMIZERS)}; got "
    "'LBFGS'": ["LBFGS", torch.optim.LBFGS],
    "data_iter: features must have one row for each example, got one number": [
        *(np.array(3.0), torch.tensor(3.0))
    ],
    "data_iter: features must hold at least one example, got none": [
        *(np.ones(0), torch.ones(0, 2))
    ],
    "data_iter: labels must have as many rows as features, 4, got 3": [LABELS[1:]],
    "load_array: data_arrays must hold at least one tensor, got none": [[]],
    "load_array: data_arrays[1] must have one row for each example, got one number": [
        [torch.ones(2), torch.tensor(1.0)]
    ],
    "load_array: data_arrays must have equal lengths, got [4, 3]": [
        [torch.ones(4, 2), torch.ones(3)]
    ],
    "synthetic_data: w must be a vector or a single column, got shape {shape}": [
        *(2.0, [[2.0, -3.4]], torch.ones(1, 2), np.ones((2, 1, 1)))
    ],
    "synthetic_data: w must hold at least one weight, got none": [[], torch.ones(0, 1)],
    "linreg: X must have rows (examples) and columns (features), got shape {shape}": [
        *(np.ones(4), np.ones((4, 2, 1)))
    ],
    "linreg: w must have one weight for each of the 2 columns of X, got shape "
    "{shape}": [*(np.array(2.0), np.ones(3), np.ones((1, 2)), np.ones((2, 2)))],
    "squared_loss: y must have as many entries as y_hat, of shape (4, 1), got shape "
    "{shape}": [LABELS[1:]],
    "SGD: params must hold at least one array or tensor, got none": [[], iter(())],
    "SGD: params[0] must be writable, got a read-only array": [[READ_ONLY]],
    "SGD: params[1] must be a leaf tensor, got the result of an operation: compute it "
    "first, then call requires_grad_() on it": [[TENSOR, 0.1 * TENSOR]],
    "SGD: params[2] must be given once, but it is params[0], too": [
        [TENSOR, torch.ones(2), TENSOR]
    ],
    "sgd: params must hold at least one array or tensor, got none": [[]],
    "sgd: params[1] must be given once, but it is params[0], too": [2 * [SLOPED]],
    "sgd: params[1] must have a gradient, got none: call backward() first": [
        [SLOPED, torch.ones(2, requires_grad=True)]
    ],
    "sgd: params[0] must have a gradient, got none: set requires_grad=True and call "
    "backward() first": [[torch.ones(2)]],
    "softmax: z must have one score for each class along the last axis, got shape "
    "{shape}": [2.0, torch.tensor(2.0), [], np.ones((2, 0))],
    "cross_entropy: labels must have one class for each row of logits, shape (2,), got "
    "shape {shape}": [1, True, [0, 1, 2], [[0, 1]]],
    "cross_entropy: labels must be classes from 0 to 2, got 3": [[0, 3]],
    "cross_entropy: labels must be classes from 0 to 2, got -1": [[-1, 3]],
    "cross_entropy: labels must be classes from 0 to 2, got 255": [
        np.array([0, 255], np.uint8)
    ],
    "accuracy: y_hat must have a row of scores, or one class, for each example, got "
    "shape {shape}": [1, SCORES[:, :1], torch.ones(2, 0), np.ones((2, 3, 1))],
    "accuracy: y_hat must hold at least one example, got none": [[], torch.ones(0, 3)],
    "accuracy: y must have one class for each row of y_hat, shape (2,), got shape "
    "{shape}": [1, [1, 2, 0], [[1], [2]]],
    "evaluate_accuracy: data_iter must give at least one batch, got none: an iterator "
    "can be used only once": [[], iter(())],
    **{
        f"load_mnist: mirrors[0] {WEB} {bad!r} (str)": [[bad]]
        for bad in ("", "a/b", "ftp://a", "http:/a", "http://", "https://[")
    },
    "shard: rank must be below world_size, which is 2, got 2": [2],
    "all_reduce_ring: arrays must be one or more arrays of one shape, got none": [[]],
    "all_reduce_ring: arrays must be one or more arrays of one shape, got (2,) and "
    "(3,)": [[np.ones(3), np.ones(2)]],
}


@pytest.fixture(autouse=True)
def no_figures():
    plt.close("all")
    yield
    plt.close("all")


def frozen(value):
    """A copy of the data in a value, gradients too, to compare before and after."""
    if isinstance(value, dict):
        return {key: frozen(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [frozen(entry) for entry in value]
    if isinstance(value, torch.Tensor):
        slope = frozen(value.grad) if value.is_leaf else None
        return [value.requires_grad, value.detach().clone().numpy(), slope]
    return value.copy() if isinstance(value, np.ndarray) else value


def refusal(function, arguments):
    """The error of a call, which must change nothing and open no figure."""
    before = frozen(arguments)
    with pytest.raises((TypeError, ValueError)) as caught:
        function(**arguments)
    np.testing.assert_equal(frozen(arguments), before)
    assert not plt.get_fignums()
    return caught.value


def filled_in(template, bad):
    """A sentence with what it says of a bad value."""
    facts = {"got": _checks.describe, "shape": lambda x: tuple(np.shape(x))}
    facts["number"] = lambda x: float(x.item() if hasattr(x, "item") else x)
    facts["dtype"] = lambda x: x.dtype if hasattr(x, "dtype") else np.array(x).dtype
    wanted = re.findall(r"{(\w+)}", template)
    return template.format(**{fact: facts[fact](bad) for fact in wanted})


@pytest.mark.parametrize(
    ("error", "sentence", "bad"),
    [
        pytest.param(error, sentence, bad, id=f"{sentence.split(' must')[0]}-{i}")
        for error, sentences in ((TypeError, TYPE_ERRORS), (ValueError, VALUE_ERRORS))
        for sentence, bads in sentences.items()
        for i, bad in enumerate(bads)
    ],
)
def test_an_error_says_what_is_wrong_and_what_is_accepted(error, sentence, bad, capsys):
    name, template = sentence.split(": ", 1)
    bad = bad if isinstance(bad, But) else But(bad)
    argument = re.match(r"(?:what )?(\w+)", template)[1]
    arguments = good(name) | bad.others
    if argument in inspect.signature(PUBLIC[name]).parameters:
        arguments |= {argument: bad.bad}
    caught = refusal(PUBLIC[name], arguments)
    assert str(caught) == filled_in(template, bad.bad)
    assert type(caught) is error
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "None (NoneType)"),
        ("0.1", "'0.1' (str)"),
        (np.float64(3), "np.float64(3.0) (float64)"),
        ([10**400], "[100000000000000000000000000000000000... (list)"),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        (np.array(7.0), "array(7.) (ndarray)"),
        (torch.tensor(0.5), "tensor(0.5000) (Tensor)"),
        (torch.nn.Parameter(torch.ones(2)), "a Parameter of shape (2,)"),
        (torch.Generator(), "<torch._C.Generator object> (Generator)"),
        (torch.nn.Sequential(NET), "Sequential( (0): ReLU() ) (Sequential)"),
    ],
)
def test_a_value_is_named_in_one_line_the_same_on_every_run(value, named):
    assert _checks.describe(value) == named


# --- Every argument of every function

# A value that an argument of this name does not take, or that of one function does not.
BAD = {
    name: value
    for value, names in [
        (None, "f schedule net x init_x history w z logits data"),
        (None, "features labels X y_hat y data_iter arrays state arguments"),
        (-1e-9, "lr momentum noise eps weight_decay initial_accumulator_value"),
        (0, "h levels batch_size num_examples step_size T_max warmup.steps"),
        (0, "processes world_size timeout"),
        (-1, "step_num rank max_restarts"),
        (1.001, "gamma alpha"),
        (3, "ax fig alt root mirrors name generator path script"),
        (5, "grad"),
        (1, "is_train entries"),
        ((), "params data_arrays grads"),
        ((1, 1), "xlim ylim"),
        ((0.9, 1.0), "betas"),
        ("4.2", "b"),
        ("pinkish", "color optimizer"),
        (0.61, "explore_descent.lr"),
        (31, "explore_descent.steps"),
        (3.1, "start"),
        (10, "digit"),
        (5.6, "x0 x1"),
    ]
    for name in names.split()
}
# What is not looked at, and why.
ANYTHING = {
    "label": "Matplotlib writes any object as a text",
    "edges": "the operations of a Tensor write them",
    "update": "step() calls it with what it has checked",
    "value": "operators call it; the error names what was combined: test_autograd.py",
    "axis": "NumPy gets it",
    "keepdims": "NumPy gets it",
}


def arguments_of(name):
    """Each argument, and the public method that takes it, or None."""
    for argument in inspect.signature(PUBLIC[name]).parameters:
        yield None, argument
    if isinstance(PUBLIC[name], type):
        for method, function in inspect.getmembers(PUBLIC[name], inspect.isfunction):
            for argument in [*inspect.signature(function).parameters][1:]:
                if not method.startswith("_"):
                    yield method, argument


def key_in(table, name, method, argument):
    """The key of an argument: the most special one that is there."""
    keys = f"{method or name}.{argument}", method, argument
    return next((key for key in keys if key in table), None)


@pytest.mark.parametrize(
    ("name", "method", "argument"),
    [(name, *rest) for name in PUBLIC for rest in arguments_of(name)],
)
def test_every_argument_of_every_function_is_looked_at(name, method, argument, capsys):
    if key_in(ANYTHING, name, method, argument):
        return
    key = key_in(BAD, name, method, argument)
    assert key, f"add a value to BAD that {argument} of {method or name} does not take"
    function, arguments = PUBLIC[name], good(name)
    if method:
        function, arguments = getattr(function(**arguments), method), {}
    caught = refusal(function, arguments | {argument: BAD[key]})
    assert re.match(rf"(what )?{argument}\b.* must ", str(caught)), caught
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("table", [BAD, ANYTHING])
def test_no_entry_is_left_of_an_argument_that_is_gone(table):
    used = {
        key_in(table, name, *rest) for name in PUBLIC for rest in arguments_of(name)
    }
    assert used - {None} == set(table)


# These need something that is not there, a figure, a folder, a script; other tests
# call them.
ELSEWHERE = {"show", "save_checkpoint", "torchrun"}


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - ELSEWHERE))
def test_the_call_that_the_cases_change_is_accepted(name):
    PUBLIC[name](**good(name))


# --- Steps


ONE_EACH = "grads must hold one gradient for each of the 2 parameters, got"
SHAPE = "must have the shape of its parameter,"
BAD_STEPS = [
    (
        np.array,
        {
            "NumPy arrays have no .grad: pass the gradients to step": None,
            "grads must be a list of arrays or tensors, got 0.5 (float)": 0.5,
            f"{ONE_EACH} 1": [np.ones(2)],
            f"{ONE_EACH} 3": [np.ones(2), 1.0, 1.0],
            "grads[0] must be real numbers, got 'abc' (str)": ["abc", 1.0],
            f"grads[0] {SHAPE} (2,), got shape (2, 1)": [np.ones((2, 1)), 1.0],
            f"grads[1] {SHAPE} (), got shape (1,)": [np.ones(2), [1.0]],
        },
    ),
    (
        torch.tensor,
        {
            "no parameter has a gradient: call backward() first, or pass the gradients "
            "to step": None,
            "grads must be a list of arrays or tensors, got tensor(0.5000) (Tensor): "
            "for a single one write [g]": torch.tensor(0.5),
            "grads[1] must be a torch tensor on cpu, like its parameter, got 1.0 "
            "(float)": [torch.ones(2), 1.0],
            f"grads[1] {SHAPE} (), got shape (2,)": [torch.ones(2), torch.ones(2)],
            "grads[1] must be real numbers, got torch.complex64": [
                *(torch.ones(2), torch.tensor(1j))
            ],
        },
    ),
]


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize(
    ("make", "message", "grads"),
    [(make, *case) for make, cases in BAD_STEPS for case in cases.items()],
)
def test_a_step_with_an_error_is_no_step(name, make, message, grads):
    params, untroubled = ([make([1.0, 2.0]), make(3.0)] for _ in range(2))
    slopes = [make([0.5, -0.25]), make(0.125)]
    optimizer, twin = PUBLIC[name](params, lr=0.1), PUBLIC[name](untroubled, lr=0.1)
    optimizer.step(slopes)
    twin.step(slopes)
    before = frozen(params)
    assert str(refusal(optimizer.step, {"grads": grads})) == message
    np.testing.assert_equal(frozen(params), before)
    # The memory of the optimizer is as before, too: the next steps are the same.
    for _ in range(2):
        optimizer.step(slopes)
        twin.step(slopes)
        np.testing.assert_equal(frozen(params), frozen(untroubled))


# --- Calls


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda good: (range(9), {}), "too many positional arguments|takes .* given"),
        (lambda good: ((), good | {"spam": 1}), "got an unexpected keyword .* 'spam'"),
        (lambda good: ((), {}), "missing (a|1) required (positional )?argument: '{}'"),
    ],
    ids=["too many", "unknown", "none"],
)
def test_a_call_with_the_wrong_arguments_names_the_function(name, change, message):
    parameters = inspect.signature(PUBLIC[name]).parameters
    needed = [key for key, one in parameters.items() if one.default is one.empty]
    if "{}" in message and not needed:
        return
    # Where there are no checks, Python itself looks at the call.
    name_or_init = rf"{name}|(Node|{name})\.__init__"
    args, kwargs = change(good(name))
    message = message.format(*needed[:1])
    with pytest.raises(TypeError, match=rf"^({name_or_init})\(\):? ({message})"):
        PUBLIC[name](*args, **kwargs)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_with_the_wrong_arguments_names_the_class(name):
    optimizer = getattr(d2l, name)(**good(name))
    with pytest.raises(TypeError, match=rf"^{name}\.step\(\): too many positional "):
        optimizer.step([1.0, 2.0], 3.0)


def test_a_class_of_a_learner_is_named_or_the_one_that_it_calls():
    class Mine(d2l.Momentum):
        pass

    class Other(d2l.Optimizer):
        def __init__(self, params):
            super().__init__(params)  # the rate is missing

    with pytest.raises(TypeError, match=r"^Mine\(\): missing a required argument"):
        Mine()
    message = r"^Optimizer\(\): missing a required argument: 'lr'$"
    with pytest.raises(TypeError, match=message):
        Other([np.ones(2)])
    with pytest.raises(TypeError, match=r"^Optimizer\.step\(\): missing .* 'self'$"):
        Mine.step()


# --- What is accepted


@pytest.mark.parametrize(
    "number", [0.5, np.float32(0.5), np.float64(0.5), fractions.Fraction(1, 2)]
)
def test_every_kind_of_real_number_is_a_number(number):
    slopes = d2l.numerical_diff(np.sin, [0.0, 1.0], number)
    assert slopes == pytest.approx(np.cos([0, 1]) * np.sin(0.5) / 0.5)
    x, _ = d2l.gradient_descent(bowl, [3.0, 4.0], number, 1, grad=twice)
    assert x.tolist() == [0, 0]
    w = np.array([1.0])
    d2l.Momentum([w], lr=number, momentum=number).step([w])
    assert w.tolist() == [0.5]


@pytest.mark.parametrize("two", [2, np.int64(2), np.uint8(2)])
def test_every_kind_of_whole_number_is_a_count(two):
    assert len(d2l.gradient_descent(bowl, 1.0, step_num=two)[1]) == 3
    assert len(d2l.synthetic_data([1.0], 0.0, two)[0]) == 2
    assert len(d2l.load_array([torch.ones(5)], two, np.True_)) == 3
    assert d2l.step_decay(two, 0.5)(2) == 0.5


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
        lambda: d2l.warmup(1, broken)(1),
    ):
        with pytest.raises(LookupError, match=r"^not ours$"):
            call()
    assert not plt.get_fignums()


@pytest.mark.parametrize("name", GOOD)
def test_the_checks_hide_neither_signature_nor_documentation(name):
    function = getattr(d2l, name)
    assert function.__name__ == name
    assert "*args" not in str(inspect.signature(function))
    source = inspect.getsource(function)
    assert len(re.findall(rf"^(?:def|class) {name}\b", source, re.MULTILINE)) == 1
