"""The lists of packages agree: ranges, pins and the conda environment."""

import http.server
import re
import socket
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "torch": "pytorch-cpu"}


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
