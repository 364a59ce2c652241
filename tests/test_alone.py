"""The lessons run with the installed package alone: no checkout, no network, no MNIST.

So the last lesson takes the bundled digits, which also keeps this short.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import matplotlib
import pytest

import builder
from project import ROOT, each_notebook

RUN = """
import sys
import nbclient, nbformat
lesson = nbformat.read(sys.argv[1], as_version=4)
lesson.cells.append(nbformat.v4.new_code_cell(
    "import sys, d2l_utils; print(d2l_utils.__file__, *sys.path, sep='\\\\n')"
))
nbclient.execute(lesson, timeout=120, kernel_name="python3")
print(lesson.cells[-1].outputs[0].text)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter that has the package from its wheel, the rest from here."""
    folder = tmp_path_factory.mktemp("alone")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", *offline, "--no-build-isolation", f"-w{folder}", str(ROOT)],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    base = str(folder / "venv")
    site = Path(sysconfig.get_path("purelib", "venv", {"base": base}))
    subprocess.run([*pip, "install", *offline, f"--target={site}", wheel], check=True)
    # A plain path: .pth files over there, which lead to the checkout, are not read.
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


@each_notebook
def test_lesson_runs_away_from_the_checkout(notebook, python, tmp_path):
    shutil.copy(notebook, tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = os.environ | builder.KERNEL_ENVIRONMENT
    for variable in ("PYTHONPATH", "D2L_DATA_DIR"):
        environment.pop(variable, None)
    # Nobody listens there; and no download of an earlier day is found.
    environment |= dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment |= {
        "XDG_CACHE_HOME": str(empty),
        "MPLCONFIGDIR": matplotlib.get_cachedir(),
    }
    # A kernel that the user has installed for another Python must not be taken.
    environment |= {"JUPYTER_DATA_DIR": str(empty), "JUPYTER_PATH": ""}
    result = subprocess.run(
        [python, "-c", RUN, tmp_path / notebook.name],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    package, *path = result.stdout.split("\n")
    assert package.startswith(str(python.parents[1]))
    assert str(ROOT) not in path
