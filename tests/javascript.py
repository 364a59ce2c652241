"""Node, for the modules of the interactive figures."""

import atexit
import functools
import importlib.resources
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

FOLDER = importlib.resources.files("d2l_utils") / "interactive"
MODULES = sorted(file.name[:-3] for file in FOLDER.iterdir() if file.suffix == ".js")
# What figures share is no figure.
SHARED = ("frame", "points")
FIGURES = [name for name in MODULES if name not in SHARED]

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None,
    reason="node (nodejs.org) is not installed: the figures' numbers are not checked",
)


@functools.cache
def copy():
    """A copy of the modules where node takes them for ES modules."""
    folder = Path(tempfile.mkdtemp(prefix="modules-"))
    atexit.register(shutil.rmtree, folder)
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name in MODULES:
        shutil.copy(FOLDER / f"{name}.js", folder)
    return folder


def values(module, *expressions, **data):
    """What expressions give in node.

    They find what the module exports as m, and each of the data, which JSON must be
    able to hold, under its name.
    """
    known = "".join(f"const {name} = {json.dumps(x)}\n" for name, x in data.items())
    code = (
        f'import * as m from "./{module}.js"\n{known}'
        f"console.log(JSON.stringify([{', '.join(expressions)}]))"
    )
    run = subprocess.run(
        [NODE, "--input-type=module", "-"],
        input=code,
        cwd=copy(),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)
