"""The lessons run with every exercise solved, and with every exercise wrong.

They run with the installed package alone: no checkout, no network, no MNIST. (So the
last lesson takes the bundled digits, which also keeps this short.) The lessons as they
are shipped run in the notebook checks.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import matplotlib
import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

import builder
from d2l_utils.exercises.exercise import exercises
from project import NOTEBOOKS, ROOT, each_notebook, lesson_name

# The heading from which on a lesson holds its exercises.
EXERCISES = re.compile(r"## (\d+\. )?(Exercises|An exercise)")
# Only the words of a figure are compared here: drawing it would take the longest.
BETWEEN = """
from d2l_utils import plotting
plotting._png = lambda figure, **options: b""
%reset -f
"""
PICTURE = re.compile(r"data:image/\w+;base64,[\w+/=]*")


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


@pytest.fixture(scope="module")
def run(python, tmp_path_factory):
    """Execute a lesson away from the checkout."""
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "alone").mkdir()
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "alone", "language": "python"}
    (folder / "alone/kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(folder)])

    def execute(lesson):
        empty = tmp_path_factory.mktemp("empty")
        environment = os.environ | builder.KERNEL_ENVIRONMENT
        for variable in ("PYTHONPATH", "D2L_DATA_DIR"):
            environment.pop(variable, None)
        # Nobody listens there; and no download of an earlier day is found.
        proxies = ("http_proxy", "https_proxy")
        environment |= dict.fromkeys(proxies, "http://127.0.0.1:9")
        environment |= {
            "XDG_CACHE_HOME": str(empty),
            "MPLCONFIGDIR": matplotlib.get_cachedir(),
        }
        where = "import sys, d2l_utils; print(d2l_utils.__file__, *sys.path, sep='\\n')"
        lesson.cells.append(new_code_cell(where))
        client = NotebookClient(
            lesson,
            kernel_name="alone",
            timeout=builder.CELL_TIMEOUT,
            coalesce_streams=True,
            allow_errors=True,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(empty)}},
        )
        client.create_kernel_manager().kernel_spec_manager = specs
        client.execute(env=environment)
        package, *path = lesson.cells.pop().outputs[0].text.split("\n")
        assert package.startswith(str(python.parents[1]))
        assert str(ROOT) not in path
        return lesson.cells

    return execute


def answered(notebook, answer):
    """A lesson whose stubs are replaced by answers, one for each exercise."""
    lesson = nbformat.read(notebook, as_version=4)
    for ex in exercises(notebook.stem[:2]):
        (cell,) = (c for c in lesson.cells if is_exercise(c, ex.stub_code))
        cell.source = cell.source.replace(ex.stub_code, ex.code_for(answer(ex)))
    return lesson


def is_exercise(cell, stub):
    tagged = "exercise" in cell.metadata.get("tags", [])
    return tagged and f"{cell.source}\n".startswith(f"{stub}\n")


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lesson_name)
def editions(request, run):
    """A notebook, and its lesson with every exercise wrong, and solved.

    One kernel, as its start takes longer than most lessons: the wrong answers come
    first, with no more than the first cell and the exercises; then, with all names
    forgotten, the whole lesson.
    """
    wrong = answered(request.param, lambda ex: ex.wrong_answers[0].answer)
    titles = [cell.source for cell in wrong.cells]
    start = next(n for n, title in enumerate(titles) if EXERCISES.match(title))
    first = next(cell for cell in wrong.cells if cell.cell_type == "code")
    wrong.cells = [first, *wrong.cells[start:]]
    for cell in wrong.cells:
        cell.id = f"wrong-{cell.id}"
    solved = answered(request.param, lambda ex: ex.reference)
    between = len(wrong.cells)
    both = solved.copy()
    both.cells = [*wrong.cells, new_code_cell(BETWEEN), *solved.cells]
    cells = run(both)
    wrong.cells, solved.cells = cells[:between], cells[between + 1 :]
    return request.param, wrong, solved


def breaks(lesson):
    """The errors of cells that should have run."""
    return [
        f"{output.ename}: {output.evalue}"
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
        and "raises-exception" not in cell.metadata.get("tags", [])
    ]


def said(lesson, ex):
    """What the check of an exercise says in a lesson that was run."""
    call = f'd2l.check("{ex.name}", {ex.variable})'
    (cell,) = (c for c in lesson.cells if f"\n{call}" in c.source)
    return cell.outputs[-1]["data"]["text/plain"]


def story(lesson, shipped):
    """What the cells print and show, but for what depends on MNIST or a processor."""
    names = [ex.name for ex in exercises(shipped.stem[:2])]
    told = []
    for number, cell in enumerate(lesson.cells):
        tags = {"exercise", "nbval-ignore-output", builder.MNIST_TAG}
        if cell.cell_type == "markdown" or tags & set(cell.metadata.get("tags", [])):
            continue
        for output in cell.outputs:
            data = output.get("data", {"text/plain": output.get("text")})
            if any(f"`{name}`" in data["text/plain"] for name in names):
                continue
            told.append((number, PICTURE.sub("", str(dict(data)))))
    return told


@each_notebook
def test_as_shipped_no_exercise_is_attempted(notebook):
    lesson = nbformat.read(notebook, as_version=4)
    for ex in exercises(notebook.stem[:2]):
        assert said(lesson, ex).startswith(f"○ `{ex.name}`: not attempted yet.")


def test_solved_every_exercise_is_right_and_the_story_the_same(editions):
    notebook, _, solved = editions
    assert breaks(solved) == []
    for ex in exercises(notebook.stem[:2]):
        assert said(solved, ex).startswith(f"✓ `{ex.name}`: right")
    shipped = nbformat.read(notebook, as_version=4)
    assert story(solved, notebook) == story(shipped, notebook)


def test_all_wrong_every_exercise_is_refused_and_nothing_breaks(editions):
    notebook, wrong, _ = editions
    assert breaks(wrong) == []
    for ex in exercises(notebook.stem[:2]):
        words = said(wrong, ex)
        assert words.startswith(f"✗ `{ex.name}`: not yet.")
        assert ex.wrong_answers[0].says in words
