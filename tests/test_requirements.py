"""The lists of packages agree with each other, and with what is imported."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections import Counter

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from project import NOTEBOOKS, ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "torch": "pytorch-cpu"}


def requirements(lines):
    parsed = [Requirement(line) for line in lines]
    return {requirement.name: requirement.specifier for requirement in parsed}


def pins():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, version = re.fullmatch(r"([\w.-]+)==(\S+)(?: ;.*)?", line).groups()
            found[name] = version
    return found


@pytest.mark.parametrize(
    ("name", "specifier"),
    requirements([*PROJECT["dependencies"], *EXTRAS["lab"], *EXTRAS["dev"]]).items(),
)
def test_every_requirement_is_pinned_within_its_range(name, specifier):
    assert specifier.contains(pins()[name])


def test_torch_is_the_release_with_a_cpu_build():
    assert pins()["torch"] == "2.13.0"


def test_jupyter_starts_without_parsing_a_grammar():
    assert "rfc3987-syntax" not in pins()


def test_conda_names_what_learners_need_with_the_same_ranges():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = requirements(d for d in environment["dependencies"] if isinstance(d, str))
    needed = requirements([*PROJECT["dependencies"], *EXTRAS["lab"]])
    expected = {CONDA_NAMES.get(name, name): spec for name, spec in needed.items()}
    del conda["pip"]
    assert str(conda.pop("python")) == PROJECT["requires-python"]
    assert conda == expected
    assert environment["dependencies"][-1] == {"pip": ["-e ."]}


# --- what is imported

# Where a distribution may be declared that is imported there.
LEARNERS = [*PROJECT["dependencies"], *EXTRAS["lab"]]
AUTHORS = [*LEARNERS, *EXTRAS["dev"]]
DECLARED = {
    "d2l_utils": PROJECT["dependencies"],
    "data": PROJECT["dependencies"],
    "chapters/working_copy.py": LEARNERS,
    "chapters": AUTHORS,
    "benchmarks": [*LEARNERS, "benchmarks/requirements.txt"],
    "teaching": [*LEARNERS, "teaching/requirements.txt"],
    "site": [*AUTHORS, "site/requirements.txt"],
    "tests": [*AUTHORS, "site/requirements.txt", "teaching/requirements.txt"],
}
FOLDERS = [*PYPROJECT["tool"]["pytest"]["ini_options"]["pythonpath"], "tests"]
SOURCES = [
    path.relative_to(ROOT)
    for folder in ["d2l_utils", *FOLDERS]
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not {".ipynb_checkpoints", "_build"} & set(path.parts)
]
MODULES = [path for folder in FOLDERS for path in (ROOT / folder).glob("*.py")]
# The last one is written by a test.
OWN = {"d2l_utils", "slow_to_import", *(path.stem for path in MODULES)}
DISTRIBUTIONS = importlib.metadata.packages_distributions()
# General names, each of a well-known distribution or of many a project.
GENERAL = {
    *("build", "common", "config", "data", "digits", "export", "main", "setup"),
    *("test", "tests", "tools", "utils"),
}


def imported(code):
    """The modules of others that code imports or asks for, by their top-level names."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=name, level=0):
                names.add(name)
            case ast.Call(
                func=ast.Attribute(attr="importorskip" | "find_spec"),
                args=[ast.Constant(value=name), *_],
            ):
                names.add(name)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OWN


def undeclared(code, declared):
    """The imported modules of which no distribution is declared."""
    lines = []
    for line in declared:
        if line.endswith(".txt"):
            listed = (ROOT / line).read_text(encoding="utf-8").splitlines()
            lines += [line for line in listed if not line.startswith(("#", "--"))]
        else:
            lines.append(line)
    known = {canonicalize_name(name) for name in requirements(lines)}
    # A distribution that is not installed is taken to be named like its module.
    return {
        module
        for module in imported(code)
        if known.isdisjoint(map(canonicalize_name, DISTRIBUTIONS.get(module, [module])))
    }


def code_of(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def test_what_is_imported_is_declared():
    found = {}
    for source in SOURCES:
        place = source.as_posix()
        declared = DECLARED.get(place, DECLARED[source.parts[0]])
        code = (ROOT / source).read_text(encoding="utf-8")
        found[place] = undeclared(code, declared)
    for notebook in NOTEBOOKS:
        found[notebook.name] = undeclared(code_of(notebook), PROJECT["dependencies"])
    assert {place: modules for place, modules in found.items() if modules} == {}


def test_no_dependency_is_left_over():
    package = (path for path in SOURCES if path.parts[0] == "d2l_utils")
    code = [(ROOT / path).read_text(encoding="utf-8") for path in package]
    modules = imported("\n".join([*code, *map(code_of, NOTEBOOKS)]))
    used = {name for module in modules for name in DISTRIBUTIONS.get(module, [])}
    needed = requirements(PROJECT["dependencies"])
    assert set(map(canonicalize_name, needed)) <= set(map(canonicalize_name, used))


@pytest.mark.parametrize(
    ("code", "declared", "found"),
    [
        ("import yaml", [], {"yaml"}),
        ("import yaml", ["pyyaml>=6"], set()),
        ("from PIL import Image", ["pillow"], set()),
        ("import yaml, PIL.Image as image", ["Pillow"], {"yaml"}),
        ("def later():\n    from yaml.nodes import Node", [], {"yaml"}),
        ("import none_such.part", ["none.such"], set()),
        ('pytest.importorskip("none_such.part", reason="")', [], {"none_such"}),
        ('importlib.util.find_spec("none_such")', [], {"none_such"}),
        ("import nbgrader", ["teaching/requirements.txt"], set()),
        ("import nbgrader", ["site/requirements.txt"], {"nbgrader"}),
        ("import os.path\nfrom . import yaml\nimport d2l_utils", [], set()),
    ],
)
def test_an_undeclared_import_is_found(code, declared, found):
    assert undeclared(code, declared) == found


# --- what can be imported


def test_no_module_hides_another_or_is_hidden():
    taken = sys.stdlib_module_names | set(DISTRIBUTIONS) | GENERAL
    assert {path.stem for path in MODULES} & taken == set()
    # pytest loads each conftest.py by its path.
    stems = Counter(path.stem for path in MODULES if path.stem != "conftest")
    assert max(stems.values()) == 1, stems.most_common(1)
