"""Every lesson text has its notebook, built from it and clean."""

import json
import re
import shutil
from itertools import zip_longest

import jupytext
import nbformat
import pytest

import builder
from project import NOTEBOOKS, ROOT, TEXTS, each_notebook, each_text, lesson_name

MACHINE_PATH = re.compile(
    r"/(?:home|mnt|opt|private|root|tmp|usr|Users|var)/|[A-Z]:\\+Users|"
    + re.escape(str(ROOT))
)
NAMES = {lesson_name(text) for text in TEXTS}
BASE64 = re.compile(r"[A-Za-z0-9+/=]{200,}")


def test_every_text_has_its_notebook():
    missing = NAMES - {lesson_name(notebook) for notebook in NOTEBOOKS}
    assert not missing, "no notebook for these texts: run make chapters"


def test_every_notebook_has_its_text():
    missing = {lesson_name(notebook) for notebook in NOTEBOOKS} - NAMES
    assert not missing, "no text for these notebooks: write it or delete them"


@each_text
def test_notebook_says_what_the_text_says(text):
    notebook = nbformat.read(builder.notebook_path(text), as_version=4)
    assert notebook.metadata == builder.METADATA, "run make chapters"
    written, built = content(builder.read_lesson(text)), content(notebook)
    if written != built:
        differs = next((a, b) for a, b in zip_longest(written, built) if a != b)
        pytest.fail(f"text and notebook differ, run make chapters: {differs}")


def content(notebook):
    return [
        (cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells
    ]


@each_notebook
def test_outputs_are_clean(notebook):
    for number, cell in enumerate(nbformat.read(notebook, as_version=4).cells):
        for output in cell.get("outputs", []):
            where = f"cell {number} of {lesson_name(notebook)}"
            assert output.get("name") != "stderr", f"{where} warns"
            if "raises-exception" not in cell.metadata.get("tags", []):
                assert output.output_type != "error", f"{where} failed"
            path = MACHINE_PATH.search(BASE64.sub("", json.dumps(output)))
            assert not path, f"{where} shows a path of a machine: {path[0]}"


@pytest.mark.parametrize(
    "path", ["/home/ada/a.py", "/tmp/x", r"C:\Users\ada", f"{ROOT}"]
)
def test_paths_of_machines_are_recognized(path):
    assert MACHINE_PATH.search(json.dumps({"text": f"saved in\n{path}"}))


def test_saving_a_notebook_in_jupyterlab_leaves_its_text_alone(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "chapters", tmp_path / "chapters")
    before = contents(tmp_path)
    manager = jupytext.TextFileContentsManager(root_dir=str(tmp_path))
    saved = {str(notebook.relative_to(ROOT)) for notebook in NOTEBOOKS}
    for path in saved:
        model = manager.get(path)
        model["content"]["cells"][0]["source"] = "# Changed by a learner"
        manager.save(model, path)
    after = contents(tmp_path)
    assert {path for path in after if after[path] != before.get(path)} == saved


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }
