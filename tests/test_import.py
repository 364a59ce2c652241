import ast
import importlib.metadata
import importlib.resources
import json
import subprocess
import sys

import pytest

import d2l_utils as d2l

FILES = importlib.resources.files("d2l_utils")
STUB = ast.parse((FILES / "__init__.pyi").read_text(encoding="utf-8"))
NAMES = [
    alias.asname
    for node in STUB.body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
]


def loaded_after(code):
    """Top-level modules that a fresh interpreter has loaded after running code."""
    report = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in json.loads(run.stdout)}


def test_importing_the_package_loads_nothing_heavy():
    loaded = loaded_after("import d2l_utils")
    assert "d2l_utils" in loaded
    heavy = {"numpy", "torch", "matplotlib", "IPython", "PIL", "scipy", "pandas"}
    assert not loaded & heavy


@pytest.mark.parametrize(
    ("code", "needed", "unneeded"),
    [
        (
            "d2l.numerical_diff(lambda x: x * x, 3.0)",
            {"numpy"},
            {"torch", "matplotlib", "IPython", "PIL", "scipy", "pandas"},
        ),
        (
            "d2l.gradient_descent(lambda x: x * x, 3.0)",
            {"numpy"},
            {"torch", "matplotlib", "IPython", "PIL", "scipy", "pandas"},
        ),
        ("d2l.show", {"matplotlib", "IPython"}, {"torch", "scipy", "pandas"}),
    ],
)
def test_a_name_loads_only_what_it_needs(code, needed, unneeded):
    loaded = loaded_after(f"import d2l_utils as d2l; {code}")
    assert needed <= loaded
    assert not loaded & unneeded


def test_the_stub_lists_the_public_names():
    assert len(NAMES) == len(set(NAMES)) > 0
    assert sorted(NAMES) == sorted(d2l.__all__) == sorted(dir(d2l))


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_documented(name):
    public = getattr(d2l, name)
    assert callable(public)
    assert public.__name__ == name
    summary, _, details = public.__doc__.partition("\n\n")
    assert summary.endswith(".")
    assert "\n" not in summary
    sections = ["Args:", "Raises:"] + ["Returns:"] * (name != "show")
    for section in sections:
        assert f"    {section}\n" in details
    # Every argument is explained.
    code = public.__wrapped__.__code__
    for argument in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        assert f"        {argument}: " in details


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="numerical_dif"):
        d2l.numerical_dif  # noqa: B018
    assert not hasattr(d2l, "np")


def test_the_version_is_the_installed_one():
    assert d2l.__version__ == importlib.metadata.version("d2l-utils")


@pytest.mark.parametrize("name", ["py.typed", "__init__.pyi", "downhill.mplstyle"])
def test_the_package_brings_its_data_files(name):
    assert (FILES / name).is_file()
