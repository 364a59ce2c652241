"""Bring your copy of the lessons up to date, and open it in JupyterLab.

    python chapters/lab.py [--language en] [--folder FOLDER] [OPTION OF JUPYTERLAB ...]

The first time the first lesson is open, later what was open when JupyterLab was closed.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import working_copy

# Where JupyterLab keeps what was open: in the copy, so that each has its own.
WORKSPACES = ".lab"
# The file of the only workspace: JupyterLab's name, and the beginning of its SHA-256.
DEFAULT = "default-37a8.jupyterlab-workspace"
# The part of the window that the list of files takes: wide enough for the names of the
# lessons where the window has 1,280 pixels or more.
LIST_OF_FILES = 0.3


def first_workspace(lesson):
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


def keep_workspace(folder, lesson):
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


def main():
    """Update the copy, then be JupyterLab."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="All other options are JupyterLab's: --no-browser, --port=8890.",
    )
    parser.add_argument("--language", default="en", help="default: en")
    parser.add_argument(
        "--folder", type=Path, default=working_copy.MINE, help="default: my_lessons"
    )
    options, others = parser.parse_known_args()
    if others and not others[0].startswith("-"):
        parser.error(f"{others[0]} is no option; the folder is --folder {others[0]}")
    working_copy.main(["--language", options.language, str(options.folder)])
    folder = options.folder.resolve()
    lessons = sorted((working_copy.CHAPTERS / options.language).glob("[!.]*.ipynb"))
    try:
        from jupyterlab.labapp import main as jupyterlab
    except ModuleNotFoundError:
        sys.exit(
            f"JupyterLab is not installed in {sys.executable}: the README says how."
        )
    others += keep_workspace(folder, lessons[0].name)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        others.append("--allow-root")
    sys.exit(jupyterlab([*others, str(folder)]))


if __name__ == "__main__":
    main()
