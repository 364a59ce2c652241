import ast
import importlib.metadata
import importlib.resources
import inspect
import json
import re
import subprocess
import sys
import textwrap

import pytest

import d2l_utils as d2l
from project import NEVER_RAISE

FILES = importlib.resources.files("d2l_utils")
STUB = ast.parse((FILES / "__init__.pyi").read_text(encoding="utf-8"))
NAMES = [
    alias.asname
    for node in STUB.body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
]
CLASSES = [name for name in NAMES if isinstance(getattr(d2l, name), type)]
RECORDED = {"Node", "Tensor"}
HEAVY = {
    *("IPython", "PIL", "keras", "matplotlib", "pandas", "pooch", "requests", "scipy"),
    "torch",
}


def loaded_after(*codes):
    """Top-level modules that a fresh interpreter has loaded after each code."""
    report = "print(json.dumps(sorted(sys.modules)))"
    program = "\n".join(["import json, sys", *(f"{code}\n{report}" for code in codes)])
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    lines = run.stdout.splitlines()
    lists = [json.loads(line) for line in lines if line.startswith('["')]
    return [{name.partition(".")[0] for name in names} for names in lists]


def test_importing_the_package_loads_nothing_heavy():
    (loaded,) = loaded_after("import d2l_utils")
    assert "d2l_utils" in loaded
    assert not loaded & (HEAVY | {"numpy"})


# In one process: what each loads that those before it have not.
CALLS = {
    "d2l.numerical_diff(lambda x: x * x, 3.0)": {"numpy"},
    "d2l.gradient_descent(lambda x: x * x, 3.0)": set(),
    "d2l.load_wine()": set(),
    "d2l.Node([1.0])": set(),
    "(d2l.Tensor([[1.0]]) @ d2l.Tensor([[2.0]])).exp().backward()": set(),
    "d2l.load_digits()": set(),
    "d2l.load_mnist('nowhere', mirrors=())": set(),
    "d2l.warmup(2, d2l.cosine_decay(3))(4)": set(),
    "list(d2l.data_iter(1, *d2l.synthetic_data([1.0], 0.0, 2)))": set(),
    "d2l.Adam([d2l.synthetic_data([1.0], 0.0, 2)[0]]).step([[[1], [1]]])": set(),
    "x, y = d2l.synthetic_data([1.0], 0.0, 2)": set(),
    "d2l.squared_loss(d2l.linreg(x, x[0], 0.0), y)": set(),
    "d2l.evaluate_accuracy(d2l.softmax, [([[1.0, 2.0]], [1])])": set(),
    "d2l.cross_entropy([1.0, 2.0], 1)": set(),
    "d2l.check": set(),
    "d2l.show; d2l.optimizer_color('Adam')": {"IPython", "PIL", "matplotlib"},
    "d2l.explore_secant()": set(),
    "d2l.explore_optimizers()": set(),
    "import torch; d2l.load_array([torch.ones(2)], 1)": {"torch"},
    "w = torch.ones(1); d2l.Adam([w]).step([w]); d2l.synthetic_data(w, 0.0, 1)": set(),
}


def test_a_call_loads_only_what_it_needs():
    known, new = set(), {}
    loaded = loaded_after("import d2l_utils as d2l", *CALLS)
    for code, modules in zip(CALLS, loaded[1:], strict=True):
        new[code] = modules & (HEAVY | {"numpy"}) - known
        known |= modules
    assert new == CALLS


def test_without_torch_there_are_no_tensors_but_all_the_rest():
    # An import of torch fails where its place is taken, as in a browser.
    code = """
        import sys
        sys.modules["torch"] = None
        import numpy
        import d2l_utils as d2l
        w = numpy.ones(1)
        d2l.AdamW([w]).step([d2l.numerical_gradient(lambda w: (w * w).sum(), w)])
        for features, labels in d2l.data_iter(2, *d2l.synthetic_data([1.0], 0.0, 5)):
            assert d2l.squared_loss(d2l.linreg(features, w, 0), labels).shape
        assert d2l.evaluate_accuracy(d2l.softmax, [([[1.0, 2.0]], [1])]) == 1
        try:
            d2l.SGD(5)
        except TypeError as error:
            assert "arrays or tensors" in str(error)
        try:
            d2l.load_array([w], 1)
        except TypeError as error:
            assert "must be a torch tensor" in str(error)"""
    loaded_after(textwrap.dedent(code))


def test_no_name_loads_torch_or_keras():
    (loaded,) = loaded_after(f"from d2l_utils import {', '.join(NAMES)}")
    assert {"numpy", "matplotlib"} <= loaded
    assert not loaded & {"torch", "keras", "pandas", "tensorflow", "jax"}


def test_the_stub_lists_the_public_names():
    assert len(NAMES) == len(set(NAMES)) > 0
    assert sorted(NAMES) == sorted(d2l.__all__) == sorted(dir(d2l))


def sections(documented):
    """The sections of a docstring below its summary, by their titles."""
    summary, *details = inspect.cleandoc(documented.__doc__).split("\n\n")
    assert summary.endswith(".")
    assert "\n" not in summary
    titled = (part.partition(":\n") for part in details)
    return {title: text for title, _, text in titled if re.fullmatch(r"\w+", title)}


def explained(text):
    """The names that a section explains, in order."""
    return re.findall(r"^    (\w+): \S", text, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_documented(name):
    public = getattr(d2l, name)
    assert callable(public)
    assert public.__name__ == name
    signature = inspect.signature(public)
    documented = sections(public)
    assert explained(documented.pop("Args", "")) == list(signature.parameters)
    if name in RECORDED:
        attributes = list(vars(public([1.0])))
        assert explained(documented.pop("Attributes")) == attributes
    # A figure that takes no options has nothing to refuse.
    figure = name.startswith("explore_") and not signature.parameters
    if name not in NEVER_RAISE and not figure:
        assert explained(documented.pop("Raises"))
    if inspect.isgeneratorfunction(inspect.unwrap(public)):
        assert documented.pop("Yields")
    elif not inspect.isclass(public) and signature.return_annotation is not None:
        assert documented.pop("Returns")
    assert not documented


@pytest.mark.parametrize("name", CLASSES)
def test_every_public_method_is_documented(name):
    methods = {
        method: function
        for method, function in vars(getattr(d2l, name)).items()
        if not method.startswith("_") and inspect.isroutine(function)
    }
    assert methods
    for method, function in methods.items():
        documented = sections(function)
        if method == "step":
            assert explained(documented["Args"]) == ["grads"]
            assert explained(documented["Raises"]) == ["TypeError", "ValueError"]


# From which section of which book a helper has its name.
BOOKS = {
    "*Dive into Deep Learning*, release 0.17": {
        "3.2": ["synthetic_data", "data_iter", "linreg", "squared_loss", "sgd"],
        "3.3": ["load_array"],
        "3.6": ["accuracy", "evaluate_accuracy"],
    },
    "*Deep Learning from Scratch* (O'Reilly Japan, 2016)": {
        "4.3": ["numerical_diff"],
        "4.4": ["numerical_gradient", "gradient_descent"],
    },
}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (name, f"{book}, section {section}.")
        for book, sections in BOOKS.items()
        for section, names in sections.items()
        for name in names
    ],
)
def test_a_name_from_a_book_says_so(name, source):
    documented = " ".join(inspect.cleandoc(getattr(d2l, name).__doc__).split())
    assert re.search(rf" Source: .*{re.escape(source)}$", documented)


@pytest.mark.parametrize("name", NAMES)
def test_a_source_stands_in_one_form_at_the_end(name):
    documented = inspect.cleandoc(getattr(d2l, name).__doc__)
    *others, last = documented.split("\n\n")
    sources = [text for text in [*others, last] if re.search(r"(?i)\bsources?:", text)]
    assert sources in ([], [last])
    assert not sources or re.fullmatch(r"(?s)Source: \S.*\.", last)
    # All rules of a lesson come from somewhere, and so does what stores the graph.
    if name in CLASSES and name != "Optimizer":
        assert sources


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="numerical_dif"):
        d2l.numerical_dif  # noqa: B018
    assert not hasattr(d2l, "np")


def test_the_version_is_the_installed_one():
    assert d2l.__version__ == importlib.metadata.version("d2l-utils")


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "__init__.pyi",
        "downhill.mplstyle",
        "interactive/frame.js",
        "interactive/points.js",
        "interactive/digit.json",
    ],
)
def test_the_package_brings_its_data_files(name):
    assert (FILES / name).is_file()
