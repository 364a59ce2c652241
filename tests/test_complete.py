"""What CI runs cannot quietly check less."""

import os
import shutil
import subprocess
import sys

import pytest

from project import ROOT

NODE = "tests/test_explore_secant.py"


@pytest.mark.heavy
def test_where_nothing_may_be_missing_a_skipped_test_is_red(tmp_path):
    # What a worker skips must be heard, too.
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n1", "-pno:cacheprovider", NODE],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path), "DOWNHILL_COMPLETE": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    _, _, below = run.stdout.partition("nothing may be missing here, but")
    assert "node (nodejs.org) is not installed" in below


@pytest.fixture
def ci(tmp_path):
    """What `.ci/run` hands to make, here nothing but a shell script."""
    project = tmp_path / "downhill"
    shutil.copytree(ROOT / ".ci", project / ".ci")
    make = tmp_path / "bin" / "make"
    make.parent.mkdir()
    make.write_text('#!/bin/sh\necho "$*|$DOWNHILL_COMPLETE|$D2L_DATA_DIR"\n', "utf-8")
    make.chmod(0o755)
    shutil.copy(make, make.with_name("chromium"))

    def run(**variables):
        environment = {k: v for k, v in os.environ.items() if k != "D2L_DATA_DIR"}
        environment |= {"PATH": f"{make.parent}:{os.environ['PATH']}"}
        environment.pop("DOWNHILL_COMPLETE", None)
        run = [project / ".ci/run"]
        return subprocess.run(
            run, env=environment | variables, check=True, capture_output=True, text=True
        ).stdout.strip()

    return run


def test_ci_compares_the_outputs_of_mnist_wherever_that_is(ci, tmp_path):
    assert ci() == "teaching test|1|"
    data = tmp_path / "shared" / "data"
    (data / "mnist").mkdir(parents=True)
    assert ci() == f"teaching test|1|{data}"
    assert ci(D2L_DATA_DIR="elsewhere") == "teaching test|1|elsewhere"
    assert ci(DOWNHILL_COMPLETE="", D2L_DATA_DIR="x") == "teaching test||x"
