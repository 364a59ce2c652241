"""A kernel like a stranger's: the package from its wheel, no network, no checkout.

The checks run the lessons in it. It is made once in a run of the checks, by the first
process that needs it, and shared by all of them.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

import matplotlib
from filelock import FileLock

PROJECT = Path(__file__).resolve().parents[1]
NAME = "downhill"
# The folder for this run, which its first process has chosen.
FOLDER = "DOWNHILL_KERNEL"

# Nobody listens there.
NOWHERE = "http://127.0.0.1:9"
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"


def choose_folder(config):
    """Name the folder for all processes of a run of pytest; it goes at the end."""
    if FOLDER in os.environ:
        return
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="downhill-")
    config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(FOLDER), True))


def folder():
    """The folder of the kernel, which is made first if need be."""
    made = Path(os.environ[FOLDER])
    with FileLock(made / "lock"):
        if not (made / "kernels").exists():
            _make(made)
    return made


def python():
    """The interpreter of the kernel."""
    return _python(folder() / "venv")


def _python(environment):
    where = {"base": str(environment), "platbase": str(environment)}
    return Path(sysconfig.get_path("scripts", "venv", where), Path(sys.executable).name)


def _make(made):
    environment = made / "venv"
    venv.create(environment, symlinks=os.name != "nt")
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))
    subprocess.run(
        [sys.executable, "-c", BUILD, str(made)],
        cwd=PROJECT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (wheel,) = made.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(packages)
    # A plain path: .pth files over there, which lead to the checkout, are not read.
    others = sysconfig.get_path("purelib")
    (packages / "packages.pth").write_text(others, encoding="utf-8")
    (made / "cache").mkdir()
    spec = {
        "display_name": NAME,
        "language": "python",
        "argv": [
            str(_python(environment)),
            *("-m", "ipykernel_launcher", "-f", "{connection_file}"),
            "--log-level=ERROR",
        ],
        "env": {
            "PYTHONPATH": "",
            "http_proxy": NOWHERE,
            "https_proxy": NOWHERE,
            # No download of an earlier day is found.
            "XDG_CACHE_HOME": str(made / "cache"),
            "MPLCONFIGDIR": matplotlib.get_cachedir(),
        },
    }
    unfinished = made / "unfinished"
    (unfinished / NAME).mkdir(parents=True)
    kernel = unfinished / NAME / "kernel.json"
    kernel.write_text(json.dumps(spec), encoding="utf-8")
    unfinished.rename(made / "kernels")
