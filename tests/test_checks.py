import copy
import fractions
import inspect
import re
from decimal import Decimal
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")

import matplotlib.pyplot as plt

import d2l_utils as d2l
from d2l_utils import datasets
from project import NEVER_RAISE


def bowl(x):
    return np.sum(x**2)


def twice(x):
    return 2 * x


def pair_bowl(x):
    return x[0] ** 2 + x[1] ** 2


def nothing(*x):
    x[0] ** 2  # the return is missing


def plane_bowl(x1, x2):
    return x1**2 + x2**2


def halve(x1, x2, s1, s2):
    return x1 / 2, x2 / 2, s1, s2


def with_slope(*values):
    """A tensor that backward() has been called for."""
    tensor = torch.tensor(values, requires_grad=True)
    tensor.grad = torch.ones_like(tensor)
    return tensor


FEATURES = np.arange(8.0).reshape(4, 2)
LABELS = np.arange(4.0)
SCORES = np.array([[1.0, 3.0, 2.0], [4.0, 0.0, 1.0]])
CLASSES = np.array([1, 2])
PARAMS = {"params": [np.array([1.0, 2.0]), np.array(3.0)], "lr": 0.1}

LABELED, UNLABELED = plt.Figure().subplots(1, 2)
LABELED.plot([0, 1], label="line")
UNLABELED.plot([0, 1])

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
    "explore_descent": {"lr": 0.1, "start": -1, "steps": 3},
    "explore_batches": {},
    "explore_digit": {"digit": 8},
    "explore_gradient": {"x0": 3, "x1": 4},
    "explore_graph": {},
    "explore_optimizers": {},
    "explore_regression": {},
    "explore_secant": {"h": 1e-8},
    "show_trace_2d": {"f": plane_bowl, "results": [(-5.0, -2.0), (-1.0, -1.0)]},
    "label_lines": {"ax": LABELED},
    "optimizer_color": {"optimizer": "Adam"},
    "train_2d": {"trainer": halve, "steps": 2},
    "synthetic_data": {"w": [2.0, -3.4], "b": 4.2, "num_examples": 3},
    "data_iter": {"batch_size": 2, "features": FEATURES, "labels": LABELS},
    "load_array": {
        "data_arrays": [torch.tensor(FEATURES), torch.tensor(LABELS)],
        "batch_size": 2,
    },
    "linreg": {"X": FEATURES, "w": np.array([[2.0], [-3.4]]), "b": 4.2},
    "squared_loss": {"y_hat": LABELS.reshape(4, 1), "y": LABELS},
    "sgd": {"params": [with_slope(1.0, 2.0)], "lr": 0.1, "batch_size": 2},
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
    "load_digits": {},
    "load_mnist": {"root": "nowhere", "mirrors": ()},
    "load_wine": {},
    "load_benchmark": {"name": "slow"},
    "Optimizer": PARAMS,
    "SGD": PARAMS,
    "Momentum": PARAMS,
    "Nesterov": PARAMS,
    "AdaGrad": PARAMS,
    "RMSProp": PARAMS,
    "Adam": PARAMS,
    "AdamW": PARAMS,
}

NO_DEFAULT = inspect.Parameter.empty
# Python itself checks how these are called.
WITHOUT_CHECKS = [
    *("explore_batches", "explore_graph", "explore_optimizers", "explore_regression"),
    *("load_benchmark", "load_digits", "load_wine", "optimizer_color"),
    *("Node", "Tensor"),
]
RULES = ["SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW"]


def good(name):
    """The arguments, lists as copies: some calls change what is in them."""
    return {
        argument: copy.deepcopy(value) if isinstance(value, list) else value
        for argument, value in GOOD[name].items()
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
    "must be real numbers, got a Tensor of shape (2,): Can't call numpy() on Tensor "
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


def not_negative(name):
    yield from not_numbers(name)
    yield from not_finite(name, ">= 0")
    yield {name: -1}, ValueError, f"{name} must be a finite number >= 0, got -1.0"


def not_fractions(name):
    yield from not_numbers(name)
    says = f"{name} must be a number from 0 to 1, got "
    yield {name: -0.1}, ValueError, says + "-0.1"
    yield {name: 1.5}, ValueError, says + "1.5"
    yield {name: 90}, ValueError, says + "90.0"
    yield {name: np.nan}, ValueError, says + "nan"


def not_from_to(name, low, high, below, above):
    yield from not_numbers(name)
    says = f"{name} must be a number from {low} to {high}, got "
    for bad in (below, above, np.nan, np.inf):
        yield {name: bad}, ValueError, f"{says}{float(bad)}"


def not_whole(name, lowest):
    says = f"{name} must be a whole number, got "
    yield {name: None}, TypeError, says + "None (NoneType)"
    yield {name: 2.5}, TypeError, says + "2.5 (float)"
    yield {name: 2.0}, TypeError, says + "2.0 (float)"
    yield {name: "2"}, TypeError, says + "'2' (str)"
    yield {name: True}, TypeError, says + "True (bool)"
    yield {name: np.array([2])}, TypeError, says + "an array of shape (1,)"
    for bad in {-1, lowest - 1}:
        yield {name: bad}, ValueError, f"{name} must be >= {lowest}, got {bad}"


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


def not_results():
    yield from not_real_arrays("results")
    says = "results must have shape (steps + 1, 2), got "
    yield {"results": []}, ValueError, says + "(0,)"
    yield {"results": (-5, -2)}, ValueError, says + "(2,)"
    yield {"results": np.ones((4, 3))}, ValueError, says + "(4, 3)"
    yield {"results": np.ones((0, 2))}, ValueError, says + "(0, 2)"


def not_trainers():
    yield from not_functions("trainer")
    says = "what trainer returns must be real numbers, got "
    yield {"trainer": nothing}, TypeError, says + "None: is a return missing?"
    yield {"trainer": lambda *_: "abcd"}, TypeError, says + "'abcd' (str)"
    says = "trainer must return four numbers, x1, x2, s1, s2, got "
    yield {"trainer": lambda *_: 7}, ValueError, says + "array(7.) (ndarray)"
    yield (
        {"trainer": lambda x1, x2, s1, s2: (x1, x2)},
        ValueError,
        says + "an array of shape (2,)",
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


def not_examples(name):
    says = f"{name} must be a NumPy array or a torch tensor, got "
    yield {name: None}, TypeError, says + "None (NoneType)"
    yield {name: [[1, 2], [3, 4]]}, TypeError, says + "[[1, 2], [3, 4]] (list)"
    yield {name: (1.0, 2.0)}, TypeError, says + "(1.0, 2.0) (tuple)"
    yield {name: np.float64(3)}, TypeError, says + "np.float64(3.0) (float64)"
    says = f"{name} must have one row for each example, got one number"
    yield {name: np.array(3.0)}, ValueError, says
    yield {name: torch.tensor(3.0)}, ValueError, says
    says = f"{name} must hold at least one example, got none"
    yield {name: np.ones(0)}, ValueError, says
    yield {name: torch.ones(0, 2)}, ValueError, says


def not_generators(*data):
    says = "generator must be a generator such as {}, as {} is a {}, got "
    wanted = says.format("np.random.default_rng(0)", data[0], "NumPy array")
    for bad, got in [
        (42, "42 (int)"),
        (torch.Generator(), "<torch._C.Generator object> (Generator)"),
        (np.random.RandomState(0), "RandomState(MT19937) (RandomState)"),
    ]:
        yield {"generator": bad}, TypeError, wanted + got
    tensors = dict.fromkeys(data, torch.ones(4))
    wanted = says.format("torch.Generator().manual_seed(0)", data[0], "torch tensor")
    for bad, got in [
        (42, "42 (int)"),
        (np.random.default_rng(0), "Generator(PCG64) (Generator)"),
    ]:
        yield tensors | {"generator": bad}, TypeError, wanted + got


def not_weights():
    yield from (case for case in not_real_arrays("w") if case[0]["w"] is not TENSOR)
    says = "w must be a vector or a single column, got shape "
    yield {"w": 2.0}, ValueError, says + "()"
    yield {"w": [[2.0, -3.4]]}, ValueError, says + "(1, 2)"
    yield {"w": torch.ones(1, 2)}, ValueError, says + "(1, 2)"
    yield {"w": np.ones((2, 1, 1))}, ValueError, says + "(2, 1, 1)"
    says = "w must hold at least one weight, got none"
    yield {"w": []}, ValueError, says
    yield {"w": torch.ones(0, 1)}, ValueError, says
    says = "w must hold floating-point numbers, such as 1.0 and not 1, got "
    yield {"w": torch.tensor([2, -3])}, TypeError, says + "torch.int64"


LISTED = "arrays or tensors"


def not_lists(name, what, single):
    says = f"{name} must be a list of {what}, got "
    hint = f": for a single one write [{single}]"
    yield {name: np.ones(2)}, TypeError, f"{says}an array of shape (2,){hint}"
    yield {name: torch.ones(2)}, TypeError, f"{says}a Tensor of shape (2,){hint}"
    yield (
        {name: torch.nn.Parameter(torch.ones(2))},
        TypeError,
        f"{says}a Parameter of shape (2,){hint}",
    )
    yield {name: torch.tensor(2.0)}, TypeError, f"{says}tensor(2.) (Tensor){hint}"
    yield {name: None}, TypeError, says + "None (NoneType)"
    yield {name: 0.5}, TypeError, says + "0.5 (float)"
    yield {name: "abc"}, TypeError, says + "'abc' (str)"
    yield (
        {name: {"w": np.ones(2)}},
        TypeError,
        f"{says}{{'w': array([1., 1.])}} (dict): write {name}.values()",
    )
    yield (
        {name: torch.nn.Sequential(torch.nn.ReLU())},
        TypeError,
        f"{says}Sequential( (0): ReLU() ) (Sequential): write net.parameters()",
    )


def not_parameters():
    says = "params must hold at least one array or tensor, got none"
    yield {"params": []}, ValueError, says
    yield {"params": iter(())}, ValueError, says
    says = "params[0] must hold floating-point numbers, such as 1.0 and not 1, got "
    yield {"params": [torch.tensor([1, 2])]}, TypeError, says + "torch.int64"
    yield {"params": [torch.ones(2) > 0]}, TypeError, says + "torch.bool"
    yield {"params": [torch.ones(2) * 1j]}, TypeError, says + "torch.complex64"
    yield (
        {"params": [TENSOR, 0.1 * TENSOR]},
        ValueError,
        "params[1] must be a leaf tensor, got the result of an operation: "
        "compute it first, then call requires_grad_() on it",
    )
    yield (
        {"params": [TENSOR, torch.ones(2), TENSOR]},
        ValueError,
        "params[2] must be given once, but it is params[0], too",
    )


def not_arrays_to_change():
    yield from not_lists("params", LISTED, "w")
    says = (
        "must be a NumPy array or a torch tensor, which can be changed in place, got "
    )
    yield {"params": [1.0, 2.0]}, TypeError, f"params[0] {says}1.0 (float)"
    yield {"params": [[1.0, 2.0]]}, TypeError, f"params[0] {says}[1.0, 2.0] (list)"
    yield (
        {"params": [np.ones(2), np.float64(2)]},
        TypeError,
        f"params[1] {says}np.float64(2.0) (float64)",
    )
    yield (
        {"params": list(torch.nn.PReLU().named_parameters())},
        TypeError,
        f"params[0] {says}('weight', Parameter containing: tens... (tuple)",
    )
    yield from not_parameters()
    says = "params[0] must hold floating-point numbers, such as 1.0 and not 1, got "
    yield {"params": [np.array([1, 2])]}, TypeError, says + "int64"
    yield {"params": [np.array([True])]}, TypeError, says + "bool"
    yield {"params": [np.array([1j])]}, TypeError, says + "complex128"
    yield (
        {"params": [np.broadcast_to(1.0, 3)]},
        ValueError,
        "params[0] must be writable, got a read-only array",
    )


def not_tensors_with_slopes():
    yield from not_lists("params", "torch tensors", "w")
    says = "params[0] must be a torch tensor, got "
    yield {"params": [np.ones(2)]}, TypeError, says + "an array of shape (2,)"
    yield {"params": [1.0, 2.0]}, TypeError, says + "1.0 (float)"
    yield from not_parameters()
    yield (
        {"params": [with_slope(1.0), torch.ones(2, requires_grad=True)]},
        ValueError,
        "params[1] has no gradient: call backward() first",
    )
    yield (
        {"params": [with_slope(1.0), torch.ones(2)]},
        ValueError,
        "params[1] has no gradient: set requires_grad=True and call backward() first",
    )


def not_betas():
    says = "betas must be two numbers, each >= 0 and < 1, got "
    yield {"betas": 0.9}, ValueError, says + "0.9 (float)"
    yield {"betas": (0.9,)}, ValueError, says + "(0.9,) (tuple)"
    yield {"betas": (0.9, 1.0)}, ValueError, says + "(0.9, 1.0) (tuple)"
    yield {"betas": [-0.1, 0.9]}, ValueError, says + "[-0.1, 0.9] (list)"
    yield {"betas": (np.nan, 0.9)}, ValueError, says + "(nan, 0.9) (tuple)"
    yield {"betas": np.full(3, 0.9)}, ValueError, says + "an array of shape (3,)"
    yield from not_real_arrays("betas")


def not_data():
    yield from not_real_arrays("data")
    for make, kind in ((d2l.Tensor, "Tensor"), (d2l.Node, "Node")):
        says = f"data must be numbers, not a {kind}: use it as it is, or its .data"
        yield {"data": make([1.0, 2.0])}, TypeError, says
    yield (
        {"data": [d2l.Tensor(1.0), 2.0]},
        TypeError,
        "data must be real numbers, got [Tensor(1.0), 2.0] (list) of dtype object",
    )


def not_scores(name):
    yield from (case for case in not_real_arrays(name) if case[0][name] is not TENSOR)
    yield (
        {name: d2l.Tensor([1.0, 2.0])},
        TypeError,
        f"{name} must be real numbers, got Tensor([1. 2.]) (Tensor)",
    )
    says = f"{name} must hold floating-point numbers, such as 1.0 and not 1, got "
    yield {name: torch.tensor([1, 2])}, TypeError, says + "torch.int64"
    yield {name: torch.tensor([True])}, TypeError, says + "torch.bool"
    yield {name: torch.tensor([1j])}, TypeError, says + "torch.complex64"
    says = f"{name} must have one score for each class along the last axis, got shape "
    yield {name: 2.0}, ValueError, says + "()"
    yield {name: np.float32(2)}, ValueError, says + "()"
    yield {name: torch.tensor(2.0)}, ValueError, says + "()"
    yield {name: []}, ValueError, says + "(0,)"
    yield {name: np.ones((2, 0))}, ValueError, says + "(2, 0)"
    yield {name: torch.ones(2, 0)}, ValueError, says + "(2, 0)"


def not_classes(name, scores):
    """Cases where the argument ``scores`` is the array SCORES, or a tensor."""
    yield from (case for case in not_real_arrays(name) if case[0][name] is not TENSOR)
    says = f"{name} must hold classes, whole numbers from 0, got "
    yield {name: 1.0}, TypeError, says + "1.0 (float) of dtype float64"
    yield {name: True}, TypeError, says + "True (bool) of dtype bool"
    yield {name: [1.0, 2.0]}, TypeError, says + "[1.0, 2.0] (list) of dtype float64"
    yield (
        {name: CLASSES > 1},
        TypeError,
        says + "an array of shape (2,) of dtype bool",
    )
    tensor = {scores: torch.tensor(SCORES)}
    for bad in (torch.ones(2), torch.ones(2) > 0):
        got = f"a Tensor of shape (2,) of dtype {bad.dtype}"
        yield tensor | {name: bad}, TypeError, says + got
    yield (
        tensor | {name: torch.ones(2) * 1j},
        TypeError,
        f"{name} must be real numbers, got torch.complex64",
    )
    says = f"{scores} and {name} must be of one kind, got a "
    yield (
        {name: torch.tensor(CLASSES)},
        TypeError,
        says + "NumPy array and a Tensor of shape (2,)",
    )
    yield tensor, TypeError, says + "torch tensor and an array of shape (2,)"
    yield tensor | {name: [1, 2]}, TypeError, says + "torch tensor and [1, 2] (list)"
    yield tensor | {name: None}, TypeError, says + "torch tensor and None (NoneType)"


def not_labels():
    yield from not_classes("labels", "logits")
    says = "labels must have one class for each row of logits, shape (2,), got shape "
    yield {"labels": 1}, ValueError, says + "()"
    yield {"labels": [0, 1, 2]}, ValueError, says + "(3,)"
    yield {"labels": [[0, 1]]}, ValueError, says + "(1, 2)"
    yield (
        {"logits": torch.ones(2, 3), "labels": torch.tensor([1])},
        ValueError,
        says + "(1,)",
    )
    yield (
        {"logits": [1.0, 2.0], "labels": [1]},
        ValueError,
        "labels must have one class for each row of logits, shape (), got shape (1,)",
    )
    says = "labels must be classes from 0 to 2, got "
    yield {"labels": [0, 3]}, ValueError, says + "3"
    yield {"labels": [-1, 3]}, ValueError, says + "-1"
    yield {"labels": np.array([0, 255], np.uint8)}, ValueError, says + "255"
    yield (
        {"logits": torch.ones(1, 3), "labels": torch.tensor([3])},
        ValueError,
        says + "3",
    )


def not_predictions():
    for case, *says in not_real_arrays("y_hat"):
        if case["y_hat"] is not TENSOR:
            yield case, *says
    yield (
        {"y_hat": torch.ones(2, 3) * 1j},
        TypeError,
        "y_hat must be real numbers, got torch.complex64",
    )
    says = "y_hat must have a row of scores, or one class, for each example, got shape "
    yield {"y_hat": 1}, ValueError, says + "()"
    yield {"y_hat": torch.tensor(1)}, ValueError, says + "()"
    yield {"y_hat": SCORES[:, :1]}, ValueError, says + "(2, 1)"
    yield {"y_hat": torch.ones(2, 0)}, ValueError, says + "(2, 0)"
    yield {"y_hat": np.ones((2, 3, 1))}, ValueError, says + "(2, 3, 1)"
    yield {"y_hat": d2l.Tensor([[1.0], [2.0]])}, ValueError, says + "(2, 1)"
    says = "y_hat must hold at least one example, got none"
    yield {"y_hat": []}, ValueError, says
    yield {"y_hat": np.ones((0, 3))}, ValueError, says
    yield {"y_hat": torch.ones(0, 3)}, ValueError, says
    says = "y_hat must hold classes, whole numbers from 0, got "
    got = "an array of shape (2,) of dtype "
    yield {"y_hat": [0.5, 0.5]}, TypeError, says + got + "float64"
    yield {"y_hat": [True, False]}, TypeError, says + got + "bool"
    yield {"y_hat": d2l.Tensor([1, 2])}, TypeError, says + got + "float64"
    got = "a Tensor of shape (2,) of dtype torch.float32"
    yield {"y_hat": TENSOR}, TypeError, says + got


def not_right_classes():
    yield from not_classes("y", "y_hat")
    says = "y must have one class for each of the 2 examples in y_hat, shape (2,), got "
    yield {"y": 1}, ValueError, says + "shape ()"
    yield {"y": [1, 2, 0]}, ValueError, says + "shape (3,)"
    yield {"y": [[1], [2]]}, ValueError, says + "shape (2, 1)"
    yield {"y_hat": [1, 2], "y": [1]}, ValueError, says + "shape (1,)"
    yield (
        {"y_hat": torch.ones(2, 3), "y": torch.tensor(1)},
        ValueError,
        says + "shape ()",
    )


def not_batches():
    says = "data_iter must give batches (features, labels), got "
    for bad, got in [
        (None, "None (NoneType)"),
        (5, "5 (int)"),
        (SCORES, "an array of shape (2, 3)"),
        (torch.ones(2, 3), "a Tensor of shape (2, 3)"),
        ([5], "5 (int) as batch 0"),
        ("ab", "'a' (str) as batch 0"),
        ((SCORES, CLASSES), "an array of shape (2, 3) as batch 0"),
        ([(SCORES, CLASSES), (1, 2, 3)], "(1, 2, 3) (tuple) as batch 1"),
        ([{"X": 1, "y": 2}], "{'X': 1, 'y': 2} (dict) as batch 0"),
    ]:
        yield {"data_iter": bad}, TypeError, says + got
    says = (
        "data_iter must give at least one batch, got none: an iterator can be used "
        "only once"
    )
    yield {"data_iter": []}, ValueError, says
    yield {"data_iter": iter(())}, ValueError, says
    yield (
        {"data_iter": [(SCORES, CLASSES[:1])]},
        ValueError,
        "y must have one class for each of the 2 examples in y_hat, shape (2,), got "
        "shape (1,)",
    )


def not_paths_of_files(name):
    says = f"{name} must be a path, got "
    yield {name: 5}, TypeError, says + "5 (int)"
    yield {name: True}, TypeError, says + "True (bool)"
    yield {name: b"data"}, TypeError, says + "b'data' (bytes)"
    yield {name: ["data"]}, TypeError, says + "['data'] (list)"


def not_mirrors():
    says = "mirrors must be a list of web addresses, got "
    yield {"mirrors": None}, TypeError, says + "None (NoneType)"
    yield {"mirrors": 5}, TypeError, says + "5 (int)"
    yield {"mirrors": b"http://a"}, TypeError, says + "b'http://a' (bytes)"
    yield (
        {"mirrors": "http://a"},
        TypeError,
        says + "'http://a' (str): write ['http://a']",
    )
    says = "must be a web address such as 'https://example.org/mnist/', got "
    yield {"mirrors": [5]}, TypeError, f"mirrors[0] {says}5 (int)"
    yield (
        {"mirrors": ["http://a", None]},
        TypeError,
        f"mirrors[1] {says}None (NoneType)",
    )
    for bad in ("", "a/b", "ftp://a", "http:/a", "http://", "https://[", "file:///a"):
        yield {"mirrors": [bad]}, ValueError, f"mirrors[0] {says}{bad!r} (str)"


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
        *not_negative("lr"),
        *not_whole("step_num", 0),
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
    "explore_descent": [
        *not_from_to("lr", 0.01, 0.6, 0, 0.61),
        *not_from_to("start", -3, 3, -3.1, 4),
        *not_whole("steps", 0),
        ({"steps": 31}, ValueError, "steps must be <= 30, got 31"),
    ],
    "explore_digit": [
        *not_whole("digit", 0),
        ({"digit": 10}, ValueError, "digit must be <= 9, got 10"),
    ],
    "explore_gradient": [
        *not_from_to("x0", -5.5, 5.5, -6, 6),
        *not_from_to("x1", -4, 4, -4.1, 5),
    ],
    "explore_secant": [*not_from_to("h", 1e-17, 1.8, 0, 2)],
    "show_trace_2d": [
        *not_functions("f"),
        (
            {"f": lambda x1, x2: None},
            TypeError,
            "f(x1, x2) must be real numbers, got None: is a return missing?",
        ),
        (
            {"f": lambda x1, x2: 3.0},
            ValueError,
            "f must work elementwise: for two arrays of shape (201, 201) it returned "
            "shape ()",
        ),
        (
            {"f": lambda x1, x2: x1 * np.nan},
            ValueError,
            "f must return finite numbers, got only nan or inf",
        ),
        *not_results(),
        *not_colors(),
        *not_axes(),
    ],
    "label_lines": [
        *not_axes(),
        (
            {"ax": None},
            ValueError,
            "there are no axes with lines: draw them first or pass ax",
        ),
        (
            {"ax": UNLABELED},
            ValueError,
            "no line with finite points has a label: draw them with label=...",
        ),
    ],
    "optimizer_color": [
        (
            {"optimizer": bad},
            ValueError,
            "optimizer must be one of gd, adam, sgd, momentum, adagrad, nesterov, "
            f"rmsprop, adamw; got '{got}'",
        )
        for bad, got in [
            ("momentun", "momentun"),
            (torch.optim.LBFGS, "LBFGS"),
            (None, "NoneType"),
        ]
    ],
    "train_2d": [
        *not_trainers(),
        *not_whole("steps", 0),
        *(case for case in not_functions("f_grad") if case[0]["f_grad"] is not None),
    ],
    "synthetic_data": [
        *not_weights(),
        *not_numbers("b"),
        *(
            ({"b": bad}, ValueError, f"b must be a finite number, got {got}")
            for bad, got in [
                (np.nan, "nan"),
                (np.array([-np.inf]), "-inf"),
                (torch.tensor(np.inf), "inf"),
                (10**400, "inf"),
            ]
        ),
        *not_whole("num_examples", 1),
        *not_negative("noise"),
        *not_generators("w"),
    ],
    "data_iter": [
        *not_whole("batch_size", 1),
        *not_examples("features"),
        *not_examples("labels"),
        (
            {"features": torch.tensor(FEATURES)},
            TypeError,
            "features and labels must be of one kind, "
            "got a torch tensor and a NumPy array",
        ),
        (
            {"labels": torch.tensor(LABELS)},
            TypeError,
            "features and labels must be of one kind, "
            "got a NumPy array and a torch tensor",
        ),
        (
            {"labels": LABELS[1:]},
            ValueError,
            "features and labels must have equal lengths, got 4 and 3",
        ),
        (
            {"features": FEATURES.T},
            ValueError,
            "features and labels must have equal lengths, got 2 and 4",
        ),
        *not_generators("features", "labels"),
    ],
    "load_array": [
        *not_lists("data_arrays", "torch tensors", "X"),
        *(
            ({"data_arrays": bad}, error, f"data_arrays{says}")
            for bad, error, says in [
                ([], ValueError, " must hold at least one tensor, got none"),
                (
                    (FEATURES, LABELS),
                    TypeError,
                    "[0] must be a torch tensor, got an array of shape (4, 2): "
                    "use torch.from_numpy",
                ),
                (
                    [torch.ones(2), [1.0, 2.0]],
                    TypeError,
                    "[1] must be a torch tensor, got [1.0, 2.0] (list)",
                ),
                (
                    [torch.ones(2), torch.tensor(1.0)],
                    ValueError,
                    "[1] must have one row for each example, got one number",
                ),
                (
                    [torch.ones(0, 3)],
                    ValueError,
                    "[0] must hold at least one example, got none",
                ),
                (
                    [torch.ones(4, 2), torch.ones(3)],
                    ValueError,
                    " must have equal lengths, got [4, 3]",
                ),
            ]
        ),
        *not_whole("batch_size", 1),
        *(
            ({"is_train": bad}, TypeError, f"is_train must be True or False, got {got}")
            for bad, got in [
                (None, "None (NoneType)"),
                (1, "1 (int)"),
                ("no", "'no' (str)"),
            ]
        ),
    ],
    "linreg": [
        *not_examples("X"),
        *(
            (
                {"X": bad},
                ValueError,
                "X must have rows (examples) and columns (features), got shape "
                f"{bad.shape}",
            )
            for bad in (np.ones(4), np.ones((4, 2, 1)))
        ),
        *(
            ({"w": bad}, TypeError, f"w must be a NumPy array, like X, got {got}")
            for bad, got in [
                (None, "None (NoneType)"),
                (2.0, "2.0 (float)"),
                ([[2.0], [-3.4]], "[[2.0], [-3.4]] (list)"),
                (torch.ones(2, 1), "a Tensor of shape (2, 1)"),
            ]
        ),
        (
            {"X": torch.ones(4, 2)},
            TypeError,
            "w must be a torch tensor, like X, got an array of shape (2, 1)",
        ),
        *(
            (
                {"w": bad},
                ValueError,
                "w must have one weight for each of the 2 columns of X, "
                f"got shape {got}",
            )
            for bad, got in [
                (np.array(2.0), "()"),
                (np.ones(3), "(3,)"),
                (np.ones((1, 2)), "(1, 2)"),
                (np.ones((2, 2)), "(2, 2)"),
            ]
        ),
        (
            {"X": torch.ones(4, 2, dtype=torch.float64), "w": torch.ones(2, 1)},
            TypeError,
            "w must have the dtype of X, torch.float64, got torch.float32",
        ),
        *not_numbers("b"),
        (
            {"b": torch.zeros(1)},
            TypeError,
            "b must be a number or a NumPy array, like X, got a Tensor of shape (1,)",
        ),
        (
            {"X": torch.ones(4, 2), "w": torch.ones(2, 1), "b": np.zeros(1)},
            TypeError,
            "b must be a number or a torch tensor, like X, got an array of shape (1,)",
        ),
    ],
    "squared_loss": [
        *(
            (
                {"y_hat": bad},
                TypeError,
                f"y_hat must be a NumPy array or a torch tensor, got {got}",
            )
            for bad, got in [
                (None, "None (NoneType)"),
                (0.5, "0.5 (float)"),
                ([1.0, 2.0], "[1.0, 2.0] (list)"),
            ]
        ),
        *(
            ({"y": bad}, TypeError, f"y must be a NumPy array, like y_hat, got {got}")
            for bad, got in [
                (None, "None (NoneType)"),
                (0.5, "0.5 (float)"),
                ([0, 1, 2, 3], "[0, 1, 2, 3] (list)"),
                (torch.tensor(LABELS), "a Tensor of shape (4,)"),
            ]
        ),
        (
            {"y_hat": torch.ones(4, 1)},
            TypeError,
            "y must be a torch tensor, like y_hat, got an array of shape (4,)",
        ),
        (
            {"y": LABELS[1:]},
            ValueError,
            "y must have as many entries as y_hat, got shapes (3,) and (4, 1)",
        ),
    ],
    "sgd": [
        *not_tensors_with_slopes(),
        *not_negative("lr"),
        *not_whole("batch_size", 1),
    ],
    "step_decay": [*not_whole("step_size", 1), *not_fractions("gamma")],
    "exponential_decay": [*not_fractions("gamma")],
    "cosine_decay": [*not_whole("T_max", 1)],
    "warmup": [*not_whole("steps", 1), *not_functions("schedule")],
    "Node": [*not_data()],
    "Tensor": [*not_data()],
    "softmax": [*not_scores("z")],
    "cross_entropy": [*not_scores("logits"), *not_labels()],
    "accuracy": [*not_predictions(), *not_right_classes()],
    "evaluate_accuracy": [
        *not_functions("net"),
        (
            {"net": nothing},
            TypeError,
            "y_hat must be real numbers, got None: is a return missing?",
        ),
        *not_batches(),
    ],
    "load_digits": [],
    "load_mnist": [*not_paths_of_files("root"), *not_mirrors()],
    "load_wine": [],
    "load_benchmark": [
        ({"name": None}, TypeError, "name must be a string, got None (NoneType)"),
        ({"name": 3}, TypeError, "name must be a string, got 3 (int)"),
        ({"name": "show"}, ValueError, "name must be one of fast, slow; got 'show'"),
    ],
} | {
    name: [
        *not_arrays_to_change(),
        *not_negative("lr"),
        *(case for argument in others for case in not_negative(argument)),
    ]
    for name, others in {
        "Optimizer": [],
        "SGD": [],
        "Momentum": ["momentum"],
        "Nesterov": ["momentum"],
        "AdaGrad": ["initial_accumulator_value", "eps"],
        "RMSProp": ["eps"],
        "Adam": ["eps"],
        "AdamW": ["eps", "weight_decay"],
    }.items()
}
CASES["RMSProp"] += not_fractions("alpha")
CASES["Adam"] += not_betas()
CASES["AdamW"] += not_betas()

# What the method step does not take as gradients of PARAMS.
ONE_EACH = "grads must hold one gradient for each of the 2 parameters, got "
STEPS_OF_ARRAYS = [
    (None, ValueError, "NumPy arrays have no .grad: pass the gradients to step"),
    *(
        (case["grads"], *says)
        for case, *says in not_lists("grads", LISTED, "g")
        if case["grads"] is not None
    ),
    ([], ValueError, ONE_EACH + "0"),
    ([np.ones(2)], ValueError, ONE_EACH + "1"),
    ([np.ones(2), 1.0, 1.0], ValueError, ONE_EACH + "3"),
    *(
        ([case["grads[0]"], 1.0], *says)
        for case, *says in not_real_arrays("grads[0]")
        if case["grads[0]"] is not None
    ),
    (
        [np.ones((2, 1)), 1.0],
        ValueError,
        "grads[0] must have the shape of its parameter, (2,), got (2, 1)",
    ),
    (
        [np.ones(2), [1.0]],
        ValueError,
        "grads[1] must have the shape of its parameter, (), got (1,)",
    ),
]
LIKE_A_TENSOR = "must be a torch tensor, like its parameter, got "
STEPS_OF_TENSORS = [
    (
        None,
        ValueError,
        "no parameter has a gradient: call backward() first, or pass the gradients "
        "to step",
    ),
    (
        torch.tensor(0.5),
        TypeError,
        f"grads must be a list of {LISTED}, got tensor(0.5000) (Tensor): "
        "for a single one write [g]",
    ),
    ([torch.ones(2)], ValueError, ONE_EACH + "1"),
    (
        [np.ones(2), np.array(1.0)],
        TypeError,
        f"grads[0] {LIKE_A_TENSOR}an array of shape (2,)",
    ),
    ([torch.ones(2), 1.0], TypeError, f"grads[1] {LIKE_A_TENSOR}1.0 (float)"),
    (
        [torch.ones(2), torch.ones(2)],
        ValueError,
        "grads[1] must have the shape of its parameter, (), got (2,)",
    ),
    (
        [torch.ones(2), torch.tensor(1j)],
        TypeError,
        "grads[1] must hold real numbers, got torch.complex64",
    ),
]


@pytest.fixture(autouse=True)
def no_figures():
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(autouse=True)
def two_results(monkeypatch, tmp_path):
    (tmp_path / "results.json").write_text('{"results": {"slow": 2, "fast": 1}}')
    bundled = datasets._bundled

    def two_results_or_bundled(path):
        here = tmp_path / Path(path).name
        return here if here.exists() else bundled(path)

    monkeypatch.setattr(datasets, "_bundled", two_results_or_bundled)


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


@pytest.mark.parametrize(
    ("name", "changed", "error", "says"),
    [
        pytest.param(name, *case, id=f"{name}-{'-'.join(case[0])}-{i}")
        for name, cases in CASES.items()
        for i, case in enumerate(cases)
    ],
)
def test_an_error_says_what_is_wrong_and_what_is_accepted(
    name, changed, error, says, capsys
):
    arguments = good(name) | changed
    before = frozen(arguments)
    with pytest.raises(error) as caught:
        getattr(d2l, name)(**arguments)
    assert str(caught.value) == says
    assert type(caught.value) is error
    # Nothing is lost: the arguments are as before, and no empty figure was opened.
    np.testing.assert_equal(frozen(arguments), before)
    assert not plt.get_fignums()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", sorted(set(d2l.__all__) - NEVER_RAISE))
def test_every_argument_of_every_function_has_an_error_case(name):
    # The operations of a Tensor write the edges, not who uses it.
    documented_as_anything = {"label", "edges"}
    arguments = set(inspect.signature(getattr(d2l, name)).parameters)
    cases = CASES[name] if arguments else []
    covered = {argument for changed, _, _ in cases for argument in changed}
    assert covered == arguments - documented_as_anything


@pytest.mark.parametrize("name", [name for name in GOOD if name != "show"])
def test_the_call_that_the_cases_change_is_accepted(name):
    getattr(d2l, name)(**good(name))


def arrays_and_slopes():
    return [np.array([1.0, 2.0]), np.array(3.0)], [np.array([0.5, -0.25]), 0.125]


def tensors_and_slopes():
    params = [torch.tensor([1.0, 2.0]), torch.tensor(3.0)]
    return params, [torch.tensor([0.5, -0.25]), torch.tensor(0.125)]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(
    ("parameters", "grads", "error", "says"),
    [
        pytest.param(parameters, *case, id=f"{parameters.__name__.split('_')[0]}-{i}")
        for parameters, cases in [
            (arrays_and_slopes, STEPS_OF_ARRAYS),
            (tensors_and_slopes, STEPS_OF_TENSORS),
        ]
        for i, case in enumerate(cases)
    ],
)
def test_a_step_with_an_error_is_no_step(name, parameters, grads, error, says):
    (params, slopes), (untroubled, _) = parameters(), parameters()
    optimizer = getattr(d2l, name)(params, lr=0.1)
    twin = getattr(d2l, name)(untroubled, lr=0.1)
    optimizer.step(slopes)
    twin.step(slopes)
    before = frozen([params, grads])
    with pytest.raises(error) as caught:
        optimizer.step(grads)
    assert str(caught.value) == says
    assert type(caught.value) is error
    np.testing.assert_equal(frozen([params, grads]), before)
    # The memory of the optimizer is as before, too: the next steps are the same.
    for _ in range(2):
        optimizer.step(slopes)
        twin.step(slopes)
        np.testing.assert_equal(frozen(params), frozen(untroubled))


CHECKED = [name for name in GOOD if name not in WITHOUT_CHECKS]


def first_parameter(name):
    return next(iter(inspect.signature(getattr(d2l, name)).parameters.values()))


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f, good: f(*range(9)), "too many positional arguments"),
        (
            lambda f, good: f(**good, spam=1),
            "got an unexpected keyword argument 'spam'",
        ),
    ],
    ids=["too many", "unknown"],
)
def test_a_call_with_the_wrong_arguments_names_the_function(name, call, says):
    with pytest.raises(TypeError, match=rf"^{name}\(\): {says}$"):
        call(getattr(d2l, name), good(name))


@pytest.mark.parametrize(
    "name", [name for name in CHECKED if first_parameter(name).default is NO_DEFAULT]
)
def test_a_call_without_arguments_names_the_function_and_the_first_of_them(name):
    says = f"missing a required argument: '{first_parameter(name).name}'"
    with pytest.raises(TypeError, match=rf"^{name}\(\): {says}$"):
        getattr(d2l, name)()


@pytest.mark.parametrize("name", WITHOUT_CHECKS)
@pytest.mark.parametrize(
    "call", [lambda f: f(*range(9)), lambda f: f(spam=1)], ids=["too many", "unknown"]
)
def test_python_names_a_function_that_has_no_checks_of_its_own(name, call):
    function = getattr(d2l, name)
    if isinstance(function, type):
        name = function.__init__.__qualname__
    with pytest.raises(TypeError, match=rf"^{name}\(\) "):
        call(function)


@pytest.mark.parametrize("name", RULES)
def test_a_step_with_the_wrong_arguments_names_the_class(name):
    optimizer = getattr(d2l, name)(**good(name))
    says = rf"^{name}\.step\(\): too many positional arguments$"
    with pytest.raises(TypeError, match=says):
        optimizer.step([1.0, 2.0], 3.0)
    says = rf"^{name}\.step\(\): got an unexpected keyword argument 'grad'$"
    with pytest.raises(TypeError, match=says):
        optimizer.step(grad=[1.0, 2.0])


def test_a_class_of_a_learner_is_named_or_the_one_that_it_calls():
    class Mine(d2l.Momentum):
        pass

    class Other(d2l.Optimizer):
        def __init__(self, params):
            super().__init__(params)  # the rate is missing

    with pytest.raises(TypeError, match=r"^Mine\(\): missing a required argument"):
        Mine()
    says = r"^Optimizer\(\): missing a required argument: 'lr'$"
    with pytest.raises(TypeError, match=says):
        Other([np.ones(2)])
    with pytest.raises(TypeError, match=r"^Optimizer\.step\(\): missing .* 'self'$"):
        Mine.step()


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(
    "make",
    [
        lambda: np.ones((2, 3)),
        lambda: np.ones((2, 3), order="F"),
        lambda: np.ones((4, 6))[::2, 1::2],
        lambda: np.ones((2, 3), dtype=np.float32),
        lambda: np.ones((2, 3), dtype=np.float16),
        lambda: np.array(1.0),
        lambda: np.ones((0, 3)),
        lambda: torch.ones(2, 3),
        lambda: torch.ones(3, 2).T,
        lambda: torch.ones(2, 3, dtype=torch.float64, requires_grad=True),
        lambda: torch.tensor(1.0),
        lambda: torch.nn.Parameter(torch.ones(2, 3)),
    ],
)
def test_every_kind_of_floating_point_array_is_a_parameter(name, make):
    param, dtype = make(), make().dtype
    ordinary = np.ones(param.shape)
    for kind in (param, ordinary):
        optimizer = getattr(d2l, name)([kind], lr=0.25)
        for slope in (0.5, -2.0):
            # Like the parameter: an array or a tensor.
            optimizer.step([0 * kind + slope])
    assert param.dtype == dtype
    values = param.detach() if isinstance(param, torch.Tensor) else param
    precision = np.finfo(np.asarray(values).dtype).eps
    np.testing.assert_allclose(values, ordinary, rtol=8 * precision)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_gradients_may_be_the_parameters_themselves(name, make):
    # The gradient of x * y is [y, x]: both are meant as they are before the step.
    x, y, kept_x, kept_y = (make(value) for value in (2.0, 3.0, 2.0, 3.0))
    getattr(d2l, name)([x, y], lr=0.5).step([y, x])
    getattr(d2l, name)([kept_x, kept_y], lr=0.5).step([make(3.0), make(2.0)])
    assert [x, y] == [kept_x, kept_y]
    assert [x, y] != [2.0, 3.0]


NET = torch.nn.Linear(2, 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: NET.parameters(),
        lambda: tuple(NET.parameters()),
        lambda: dict(NET.named_parameters()).values(),
        lambda: (param for param in NET.parameters()),
    ],
)
def test_parameters_come_in_any_kind_of_list(make):
    assert list(map(id, d2l.Adam(make()).params)) == list(map(id, NET.parameters()))


@pytest.mark.parametrize("step", [0.5, np.float32(0.5), fractions.Fraction(1, 2)])
def test_every_kind_of_real_number_is_a_hyper_parameter(step):
    w = np.array([1.0])
    d2l.Momentum([w], lr=step, momentum=step).step([w])
    assert w.tolist() == [0.5]


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


@pytest.mark.parametrize("two", [2, np.int64(2), np.uint8(2)])
def test_every_kind_of_whole_number_is_a_count(two):
    assert len(d2l.gradient_descent(bowl, 1.0, step_num=two)[1]) == 3
    assert len(d2l.train_2d(halve, two)) == 3
    assert len(d2l.synthetic_data([1.0], 0.0, two)[0]) == 2
    assert [len(y) for _, y in d2l.data_iter(two, FEATURES, LABELS)] == [2, 2]
    assert len(d2l.load_array([torch.ones(5)], two)) == 3
    assert d2l.step_decay(two, 0.5)(2) == 0.5


@pytest.mark.parametrize("yes", [True, np.True_])
def test_every_kind_of_true_is_true(yes):
    loader = d2l.load_array([torch.ones(5)], 2, yes)
    assert isinstance(loader.sampler, torch.utils.data.RandomSampler)


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
        lambda: d2l.show_trace_2d(lambda x1, x2: broken(x1), [(0, 0)]),
        lambda: d2l.train_2d(lambda *state: broken(state)),
        lambda: d2l.train_2d(lambda *state: state[4](state), f_grad=broken),
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
