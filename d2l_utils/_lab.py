"""Brings the copy of the lessons up to date, and opens it in JupyterLab.

The first time the first lesson is open, later what was open when JupyterLab was closed.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ._working_copy import course, keep

# Where JupyterLab keeps what was open: in the copy, so that each has its own.
WORKSPACES = ".lab"
# The file of the only workspace: JupyterLab's name, and the beginning of its SHA-256.
DEFAULT = "default-37a8.jupyterlab-workspace"
# The part of the window that the list of files takes: wide enough for the names of the
# lessons where the window has 1,280 pixels or more.
LIST_OF_FILES = 0.3
# Settings of JupyterLab for who opens it by this door: it asks for no news, which would
# be another host.
SETTINGS = Path(__file__).parent / "jupyter"


def first_workspace(lesson: str) -> dict[str, Any]:
    """What JupyterLab would have kept if only one lesson had been open."""
    panel = f"notebook:{lesson}"
    dock = {"type": "tab-area", "currentIndex": 0, "widgets": [panel]}
    left = {"collapsed": False, "visible": True, "current": "filebrowser"}
    layout = {
        "main": {"dock": dock, "current": panel},
        "left": left | {"widgets": ["filebrowser"]},
        "relativeSizes": [LIST_OF_FILES, 1 - LIST_OF_FILES, 0],
    }
    opened = {"data": {"path": lesson, "factory": "Notebook"}}
    data = {"layout-restorer:data": layout, panel: opened}
    return {"data": data, "metadata": {"id": "default"}}


def keep_workspace(folder: Path, lesson: str) -> list[str]:
    """Give the options that keep what is open in a copy; the first time, one lesson."""
    kept = folder / WORKSPACES / DEFAULT
    try:
        kept.parent.mkdir(exist_ok=True)
        try:
            is_first = "data" not in json.loads(kept.read_bytes())
        except (FileNotFoundError, TypeError, ValueError):  # a stop may have cut it
            is_first = True
        if is_first:
            kept.write_text(json.dumps(first_workspace(lesson)), encoding="utf-8")
    except OSError:  # JupyterLab then opens as it is set up on this computer
        return []
    return [f"--LabApp.workspaces_dir={kept.parent}"]


def open_lab(language: str, folder: Path, options: Sequence[str]) -> None:
    """Bring the copy in a folder up to date, then be JupyterLab until it is closed.

    Raises:
        ModuleNotFoundError: JupyterLab is not installed. Then nothing is copied.
        CopyError: the copy cannot be kept.
    """
    from jupyterlab.labapp import main as jupyterlab

    keep(language, folder)
    first, *_ = sorted(course(language).glob("[!.]*.ipynb"))
    others = [*options, *keep_workspace(folder, first.name)]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        others.append("--allow-root")
    settings = [str(SETTINGS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(settings)
    jupyterlab([*others, str(folder)])
