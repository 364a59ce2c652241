"""The lists of packages agree with each other, and with what is imported."""

import ast
import http.server
import importlib.metadata
import re
import socket
import subprocess
import sys
import threading
import tomllib
from collections import Counter

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import lesson_text
from project import NOTEBOOKS, ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {
    "jupyter-client": "jupyter_client",
    "matplotlib": "matplotlib-base",
    "torch": "pytorch-cpu",
}


def requirements(lines):
    parsed = [Requirement(line) for line in lines]
    return {requirement.name: requirement.specifier for requirement in parsed}


LISTS = {
    "lab": "requirements.txt",
    "dev": "requirements-dev.txt",
    "site": "site/requirements.txt",
    "teaching": "teaching/requirements.txt",
}


def pins(path):
    """The versions in a list of packages, without those of the list it includes."""
    lines = (ROOT / path).read_text().splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith(("#", "-r ")):
            name, version = re.fullmatch(r"([\w.-]+)==(\S+)(?: ;.*)?", line).groups()
            found[name] = version
    return found


PINS = {extra: pins(path) for extra, path in LISTS.items()}
LEARNERS = PINS["lab"]


def test_every_list_is_renewed_together():
    assert set(LISTS) == set(EXTRAS)


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_requirement_is_pinned_within_its_range(extra):
    wanted = requirements(EXTRAS[extra])
    if extra == "lab":
        wanted |= requirements(PROJECT["dependencies"])
    pinned = LEARNERS | PINS[extra]
    assert {n: pinned[n] for n in wanted if not wanted[n].contains(pinned[n])} == {}


@pytest.mark.parametrize("extra", [extra for extra in LISTS if extra != "lab"])
def test_a_list_adds_to_what_learners_install(extra):
    path = ROOT / LISTS[extra]
    (included,) = re.findall("^-r (.*)", path.read_text(), re.MULTILINE)
    assert (path.parent / included).resolve() == ROOT / LISTS["lab"]
    assert not PINS[extra].keys() & LEARNERS.keys()


def test_lists_agree():
    known = {}
    for pinned in PINS.values():
        for name, version in pinned.items():
            assert known.setdefault(name, version) == version


def test_learners_install_no_tools_of_developers():
    tools = {*("codespell", "hypothesis", "jupytext", "mypy", "nbgrader", "nbval")}
    tools |= {*("playwright", "pytest", "pytest-xdist", "ruff", "sphinx")}
    assert not LEARNERS.keys() & tools
    assert tools <= {name for pinned in PINS.values() for name in pinned}


def test_torch_is_the_release_with_a_cpu_build():
    assert LEARNERS["torch"] == "2.13.0"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"pip install torch=={LEARNERS['torch']} --index-url" in readme


def test_jupyter_starts_without_parsing_a_grammar():
    assert "rfc3987-syntax" not in LEARNERS


def test_conda_names_what_learners_need_with_the_same_ranges():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = requirements(d for d in environment["dependencies"] if isinstance(d, str))
    needed = requirements([*PROJECT["dependencies"], *EXTRAS["lab"]])
    expected = {CONDA_NAMES.get(name, name): spec for name, spec in needed.items()}
    del conda["pip"]
    assert str(conda.pop("python")) == PROJECT["requires-python"]
    assert conda == expected
    assert environment["dependencies"][-1] == {"pip": ["-e ."]}


def test_make_lock_renews_every_list():
    command = ["make", "-n", "lock"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for extra, path in LISTS.items():
        assert f"--extra {extra}" in run.stdout
        assert f"> {path}\n" in run.stdout
    assert run.stdout.count("uv pip compile") == run.stdout.count("--upgrade") == 4


# --- whether PyTorch's own index is to be had

ANSWERS = ROOT / ".ci" / "answers.py"


def answers(address, seconds=30):
    run = subprocess.run([sys.executable, ANSWERS, address, str(seconds)], timeout=60)
    return run.returncode == 0


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/whl/" else 403)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


def test_an_index_is_asked_first():
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        assert answers(f"{address}whl/")
        assert not answers(f"{address}forbidden/")
        server.shutdown()
    assert not answers(f"{address}whl/")
    assert not answers("no address")


def test_an_index_that_never_answers_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not answers(f"http://127.0.0.1:{silent.getsockname()[1]}/", 0.3)


# --- what is imported

# Where a distribution may be declared that is imported there.
FOR_LEARNERS = [*PROJECT["dependencies"], *EXTRAS["lab"]]
JAX = (ROOT / "benchmarks/requirements.txt").read_text().splitlines()[1:]
FOR_AUTHORS = [*FOR_LEARNERS, *EXTRAS["dev"]]
DECLARED = {
    "d2l_utils": PROJECT["dependencies"],
    "data": PROJECT["dependencies"],
    # What opens JupyterLab, or looks at it.
    "d2l_utils/_doctor.py": FOR_LEARNERS,
    "d2l_utils/_lab.py": FOR_LEARNERS,
    "d2l_utils/_saved_here.py": FOR_LEARNERS,
    "chapters": FOR_AUTHORS,
    "benchmarks": [*FOR_LEARNERS, *JAX],
    "teaching": [*FOR_LEARNERS, *EXTRAS["teaching"]],
    "site": [*FOR_AUTHORS, *EXTRAS["site"]],
    "tests": [*FOR_AUTHORS, *EXTRAS["site"], *EXTRAS["teaching"]],
}
FOLDERS = [*PYPROJECT["tool"]["pytest"]["ini_options"]["pythonpath"], "tests"]
SOURCES = [
    path.relative_to(ROOT)
    for folder in ["d2l_utils", *FOLDERS]
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not {".ipynb_checkpoints", "_build"} & set(path.parts)
]
MODULES = [path for folder in FOLDERS for path in (ROOT / folder).glob("*.py")]
# The last one is written by a test; the page's Python has some of its own.
OWN = {"d2l_utils", "in_page", "slow_to_import", *(path.stem for path in MODULES)}
OWN |= {"js", "pyodide", "pyodide_kernel"}
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
    known = {canonicalize_name(name) for name in requirements(declared)}
    # A distribution that is not installed is taken to be named like its module.
    return {
        module
        for module in imported(code)
        if known.isdisjoint(map(canonicalize_name, DISTRIBUTIONS.get(module, [module])))
    }


def imported_in(notebook):
    """An import of each module that a lesson needs, but for the scripts it writes."""
    sources = code_cells(notebook)
    written = {
        m[1].removesuffix(".py") for m in map(lesson_text.WRITES.match, sources) if m
    }
    modules = imported("\n".join(map(lesson_text.python, sources))) - written
    return "\n".join(f"import {module}" for module in sorted(modules))


def code_cells(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def test_what_is_imported_is_declared():
    found = {}
    for source in SOURCES:
        place = source.as_posix()
        declared = DECLARED.get(place, DECLARED[source.parts[0]])
        code = (ROOT / source).read_text(encoding="utf-8")
        found[place] = undeclared(code, declared)
    for notebook in NOTEBOOKS:
        found[notebook.name] = undeclared(
            imported_in(notebook), PROJECT["dependencies"]
        )
    assert {place: modules for place, modules in found.items() if modules} == {}


def test_no_dependency_is_left_over():
    package = (path for path in SOURCES if path.parts[0] == "d2l_utils")
    code = [(ROOT / path).read_text(encoding="utf-8") for path in package]
    modules = imported("\n".join([*code, *map(imported_in, NOTEBOOKS)]))
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
        ("import nbgrader", EXTRAS["teaching"], set()),
        ("import nbgrader", EXTRAS["site"], {"nbgrader"}),
        ("import os.path\nfrom . import yaml\nimport d2l_utils", [], set()),
    ],
)
def test_an_undeclared_import_is_found(code, declared, found):
    assert undeclared(code, declared) == found


def test_no_name_is_used_that_python_drops():
    names = {
        f"{source}: {node.id}"
        for source in SOURCES
        for node in ast.walk(ast.parse((ROOT / source).read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id in {"__cached__", "__package__"}
    }
    assert names == set()


# --- what can be imported


def test_no_module_hides_another_or_is_hidden():
    taken = sys.stdlib_module_names | set(DISTRIBUTIONS) | GENERAL
    assert {path.stem for path in MODULES} & taken == set()
    # pytest loads each conftest.py by its path.
    stems = Counter(path.stem for path in MODULES if path.stem != "conftest")
    assert max(stems.values()) == 1, stems.most_common(1)
