"""The code that a lesson derives is the code that `d2l_utils` holds.

A cell tagged `save` is compared with the package by its syntax tree; docstrings,
annotations and some decorators are left aside. These only check and convert what comes
in: where there is nothing to convert, both codes give the same bits.
"""

import ast
import functools
import inspect
import itertools
import math
import os
import pathlib
import tempfile
import types

import nbformat
import numpy as np
import pytest
import torch
from torch.utils import data

import d2l_utils as d2l
from d2l_utils.optimizers import OPTIMIZERS
from project import NOTEBOOKS, each_notebook

# What these modules hold is used in the lessons, not derived there.
NOT_DERIVED = tuple(
    f"d2l_utils.{name}"
    for name in (
        *("datasets", "exercises.messages", "images", "interactive.", "launch"),
        "plotting",
    )
)
DERIVED = {
    name
    for name in d2l.__all__
    if not getattr(d2l, name).__module__.startswith(NOT_DERIVED)
}
LANGUAGES = sorted({notebook.parent for notebook in NOTEBOOKS})
each_language = pytest.mark.parametrize(
    "language", LANGUAGES, ids=lambda folder: folder.name
)

# The decorators that a lesson may leave out, and what each does. Any other stands in
# the lesson, too.
LEFT_OUT = {
    "_checks.checked": "refuses what a function cannot take, and turns lists to arrays",
    "_floating": "refuses what is no number, and turns whole numbers to float64",
    "_operand": "refuses what is no number, and keeps the precision of a Tensor",
    "_matrices": "refuses matrices that do not fit",
    "_constant": "refuses an exponent that is no number",
    "_single_number": "refuses to start backward from several numbers",
    "_all_or_none": "takes unfinished gradients away after an error",
    "_share_of": "refuses a gradient that does not fit, and keeps the precision",
    "_tensors_alike": "does with PyTorch for tensors what the lesson does with NumPy",
    "_drawn_on_cpu": "lets a loader draw on the CPU, whatever the default device is",
    "_of_whole_steps": "refuses a step that is no whole number, and makes it an int",
    "_keeping_modes": "puts a network in evaluation mode for as long as it is asked",
}


@functools.cache
def saved(notebook):
    """The top-level statements of the cells tagged save."""
    return [
        statement
        for cell in nbformat.read(notebook, as_version=4).cells
        if "save" in cell.metadata.get("tags", [])
        for statement in ast.parse(cell.source).body
    ]


def source_of(name):
    """A helper as the package has it."""
    return ast.parse(inspect.getsource(getattr(d2l, name)))


def name_of(decorator):
    return ast.unparse(decorator).partition("(")[0]


class Bare(ast.NodeTransformer):
    """Takes away docstrings, annotations and the decorators that may be left out."""

    def visit(self, node):
        self.generic_visit(node)
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.AnnAssign):
            node = ast.copy_location(ast.Assign([node.target], node.value), node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = [
                decorator
                for decorator in node.decorator_list
                if name_of(decorator) not in LEFT_OUT
            ]
            if ast.get_docstring(node) is not None:
                del node.body[0]
        return node


def bare(tree):
    return ast.unparse(Bare().visit(tree))


@each_notebook
def test_saved_code_is_the_packages_code(notebook):
    for statement in saved(notebook):
        assert isinstance(statement, ast.FunctionDef | ast.ClassDef), (
            f"a cell tagged save holds more than functions: {ast.unparse(statement)}"
        )
        assert statement.name in DERIVED, f"d2l_utils has no {statement.name}"
        again = ast.parse(ast.unparse(statement))
        assert bare(again) == bare(source_of(statement.name))


@each_language
def test_every_helper_is_derived_once(language):
    names = [
        statement.name
        for notebook in sorted(language.glob("*.ipynb"))
        for statement in saved(notebook)
        if hasattr(statement, "name")
    ]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"derived more than once: {twice}"
    assert set(names) == DERIVED


def test_every_decorator_that_may_be_left_out_is_there():
    found = {
        name_of(decorator)
        for name in DERIVED
        for node in ast.walk(source_of(name))
        for decorator in getattr(node, "decorator_list", [])
    }
    assert found >= set(LEFT_OUT)


# --- The same bits

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 1))
W = RNG.normal(size=(3, 1))
GRADS = RNG.normal(size=(20, 3, 1))
CLASSES = np.array([0, 2, 1, 1, 0, 2, 2])


def both(call):
    """The results of a call with NumPy's arrays, and of the same with tensors."""
    return [call(np.array), call(torch.tensor)]


def generator(make):
    if make is np.array:
        return np.random.default_rng(1)
    return torch.Generator().manual_seed(1)


def loaded(d):
    torch.manual_seed(1)
    return list(d.load_array((torch.tensor(X), torch.tensor(Y)), 3))


def stepped(d):
    w = torch.tensor(W, requires_grad=True)
    (torch.tensor(X) @ w).square().sum().backward()
    d.sgd([w], 0.1, 7)
    return w.detach(), w.grad


def walk(rule, make):
    w = make(W)
    optimizer = rule([w], lr=0.1)
    for grad in GRADS:
        optimizer.step([make(grad)])
    return w


def with_own_rule(d):
    class Rule(d.Optimizer):
        def update(self, i, param, grad):
            param -= self.lr * grad

    return both(lambda make: walk(Rule, make))


def graph(d):
    a, b, c = d.Tensor(X), d.Tensor(W), d.Tensor(np.array(0.5))
    y = a @ b * c + X @ b - c / (1.0 + (a * a).sum(axis=1, keepdims=True)) ** 1.5
    y = (2.0 - y).exp() + (-y).relu() + (1.0 / (y * y + 1.0)).log()
    loss = y.mean() + ((y * X).log_softmax() / 3.0 - c).sum()
    loss.backward()
    return loss.data, a.grad, b.grad, c.grad, repr(c)


def chain(d):
    first = d.Node(X)
    last = d.Node(np.array(2.0), [(first, lambda g: g * X), (3.0, None)])
    last.backward()
    first.receive(Y * X)
    return last.data, last.grad, first.grad, len(last.edges)


def evaluated(d):
    torch.manual_seed(1)
    net = torch.nn.Linear(3, 3).double()
    batches = [(torch.tensor(X), torch.tensor(CLASSES))]
    return d.evaluate_accuracy(net, batches), d.evaluate_accuracy(
        lambda X: 2 * X, [(X, CLASSES)]
    )


def saved_and_read(d):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "checkpoint.pt")
        for epoch in (1, 2):
            d.save_checkpoint(path, {"epoch": epoch, "w": torch.tensor(W)})
        assert [*pathlib.Path(folder).iterdir()] == [path]
        return [*torch.load(path).values()]


# What each helper is asked; d is where it comes from.
CALLS = {
    "numerical_diff": lambda d: [d.numerical_diff(np.sin, x) for x in (X, 0.5)],
    "numerical_gradient": lambda d: d.numerical_gradient(lambda x: np.sum(x**3), X),
    "check_gradient": lambda d: [
        d.check_gradient(lambda x: np.sum(x**3), lambda x: 3 * x**2, X, entries=entries)
        for entries in (False, True)
    ],
    "gradient_descent": lambda d: [
        d.gradient_descent(lambda x: np.sum(x**4), W, 0.01, 20, grad=grad)
        for grad in (None, lambda x: 4 * x**3)
    ],
    "synthetic_data": lambda d: d.synthetic_data(
        W, 4.2, 5, generator=np.random.default_rng(0)
    ),
    "data_iter": lambda d: both(
        lambda make: [*d.data_iter(3, make(X), make(Y), generator=generator(make))]
    ),
    "load_array": loaded,
    "linreg": lambda d: both(lambda make: d.linreg(make(X), make(W), 0.1)),
    "squared_loss": lambda d: both(lambda make: d.squared_loss(make(Y), make(Y[:, 0]))),
    "sgd": stepped,
    "Optimizer": with_own_rule,
    **{
        name: lambda d, name=name: both(lambda make: walk(getattr(d, name), make))
        for name in OPTIMIZERS
    },
    "step_decay": lambda d: [*map(d.step_decay(10, 0.3), range(40))],
    "exponential_decay": lambda d: [*map(d.exponential_decay(0.9), range(40))],
    "cosine_decay": lambda d: [*map(d.cosine_decay(30), range(40))],
    "warmup": lambda d: [*map(d.warmup(7, d.cosine_decay(30)), range(40))],
    "Node": chain,
    "Tensor": graph,
    "softmax": lambda d: both(lambda make: d.softmax(make(X))),
    "cross_entropy": lambda d: d.cross_entropy(X, CLASSES),
    "accuracy": lambda d: both(lambda make: d.accuracy(make(X), make(CLASSES))),
    "evaluate_accuracy": evaluated,
    "shard": lambda d: [
        both(lambda make, rank=rank: d.shard(make(X), rank, 3)) for rank in range(3)
    ],
    "all_reduce_ring": lambda d: [
        d.all_reduce_ring([(k + 1) * X for k in range(n)]) for n in (1, 3, 4, 30)
    ],
    "save_checkpoint": saved_and_read,
}


@functools.cache
def derived(language):
    """The helpers as the lessons of a language define them."""
    names = {"np": np, "torch": torch, "data": data, "math": math}
    names |= {"itertools": itertools, "os": os, "Path": pathlib.Path}
    for notebook in sorted(language.glob("*.ipynb")):
        for statement in saved(notebook):
            exec(ast.unparse(statement), names)
    return types.SimpleNamespace(**names)


def bits(value):
    """A result with all that can be told of it."""
    if isinstance(value, list | tuple):
        return [type(value), *map(bits, value)]
    if isinstance(value, np.ndarray | np.generic | torch.Tensor):
        return type(value), value.dtype, tuple(value.shape), np.asarray(value).tobytes()
    return type(value), value


@each_language
@pytest.mark.parametrize("name", sorted(DERIVED))
def test_both_codes_give_the_same_bits(language, name):
    assert getattr(derived(language), name) is not getattr(d2l, name)
    assert bits(CALLS[name](derived(language))) == bits(CALLS[name](d2l))
