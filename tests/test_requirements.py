"""The lists of packages agree: ranges, pins and the conda environment."""

import re
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
