"""Build the lessons: text/en/NAME.md, which authors edit, becomes en/NAME.ipynb.

    python chapters/builder.py [--all] [NAME ...]

A lesson whose code has changed runs in a fresh kernel, in an empty folder; --all runs
the others, too, as is needed after a change of the package. The same text gives the
same bytes: cell ids come from the cells' content, and nothing of the machine or the
time is stored. A NAME may be shortened as long as it fits one lesson: "01".

The table of lessons in the README is written anew, too, from lessons.toml.
"""

import argparse
import contextlib
import hashlib
import io
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat

import d2l_utils as d2l
import lesson_list
import lesson_text
import setup_cell

CHAPTERS = Path(__file__).resolve().parent
CELL_TIMEOUT = 120  # seconds

# A record of exercises would be the author's own. Threads change the order of
# floating-point sums, hash seeds the order of sets, and progress bars the output.
KERNEL_ENVIRONMENT = {
    "D2L_PROGRESS": "",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TQDM_DISABLE": "1",
}

# A kernel runs in a folder of its own, where a relative path would lead elsewhere.
if folder := os.environ.get("D2L_DATA_DIR"):
    os.environ["D2L_DATA_DIR"] = str(Path(folder).resolve())

# The tag of a cell whose stored output is that of MNIST, not of the bundled digits.
MNIST_TAG = "mnist"
# The tag of a cell whose code is folded: it only draws.
FOLDED_TAG = "hide-input"
# The tag of a cell that goes on where it stopped when it is run once more.
GOES_ON_TAG = "goes-on"

# No jupytext pairing here: it would let a save in JupyterLab rewrite the text.
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


class BuildError(Exception):
    """A lesson that cannot be built; the message names lesson, cell and error."""


def texts(names=(), chapters=CHAPTERS):
    """The lesson texts that fit the names, all if there are none, in order."""
    found = sorted(chapters.glob("text/[!.]*/[!.]*.md"))
    if not names:
        return found
    chosen = []
    for name in names:
        fitting = [text for text in found if text.stem.startswith(Path(name).stem)]
        if len({text.stem for text in fitting}) != 1:
            known = ", ".join(sorted({text.stem for text in found}))
            raise BuildError(f"{name!r} fits {len(fitting)} lessons of: {known}")
        chosen += fitting
    return chosen


def notebook_path(text):
    """Where the notebook of a lesson text stands: text/en/NAME.md, en/NAME.ipynb."""
    return text.parents[2] / text.parent.name / f"{text.stem}.ipynb"


def read_lesson(text):
    """The notebook that a text describes, without outputs."""
    lesson = nbformat.v4.new_notebook(metadata=METADATA)
    seen = Counter()
    cells = lesson_text.cells(text)
    guard(cells, text)
    for cell in cells:
        content = f"{cell.cell_type}\n{cell.source}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if FOLDED_TAG in tags:  # The site goes by the tag, JupyterLab by this.
            cell.metadata["jupyter"] = {"source_hidden": True}
        lesson.cells.append(cell)
    return lesson


def guard(cells, text):
    """Make the first code cell of a lesson say what to install, if need be."""
    first = next((cell for cell in cells if cell.cell_type == "code"), None)
    if first is None:
        return
    try:
        first.source = setup_cell.guarded(first.source, text.parent.name)
        tags = first.metadata.get("tags", [])
        first.metadata["tags"] = [
            *(tag for tag in tags if tag != FOLDED_TAG),
            FOLDED_TAG,
        ]
    except setup_cell.SetupError as error:
        lines = [line.strip() for line in text.read_text("utf-8").splitlines()]
        fence = next(n for n, line in enumerate(lines) if "{code-cell}" in line)
        begin = lines.index(first.source.partition("\n")[0].strip(), fence)
        message = f"{text.stem}, line {begin + error.line}: {error}"
        raise BuildError(message) from error


def execute(lesson, name):
    """Run a lesson in a fresh kernel and store its outputs in it."""
    # A change of prose does not wait for these.
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    started = []
    with tempfile.TemporaryDirectory() as empty:
        client = NotebookClient(
            lesson,
            timeout=CELL_TIMEOUT,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            raise_on_iopub_timeout=True,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": empty}},
            on_cell_execute=lambda cell, cell_index: started.append(cell_index),
        )
        try:
            client.execute(env=os.environ | KERNEL_ENVIRONMENT)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise BuildError(f"{name}, cell {started[-1]}\n{error}") from error
    lesson.metadata = METADATA
    for number, cell in enumerate(lesson.cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise BuildError(f"{name}, cell {number} warns:\n{output.text}")


def without_mnist():
    """Why the lessons would run on the bundled digits; nothing if MNIST is at hand."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        name = d2l.load_mnist().name
    return "" if name == "MNIST" else output.getvalue().strip()


def keep_outputs(lesson, notebook):
    """Give a lesson the outputs of its notebook on disk; say whether they fit it.

    They do if that has the same code cells and was executed from top to bottom.
    """
    try:
        stored = nbformat.read(notebook, as_version=4)
        nbformat.validate(stored)
    except Exception:  # whatever is wrong with it: the lesson is to be executed
        return False
    new, old = code_cells(lesson), code_cells(stored)
    counts = [cell.execution_count for cell in old]
    if code(new) != code(old) or counts != list(range(1, len(old) + 1)):
        return False
    for cell, executed in zip(new, old, strict=True):
        cell.outputs = executed.outputs
        cell.execution_count = executed.execution_count
    return True


def code_cells(lesson):
    """The cells that are executed."""
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def code(cells):
    """What the outputs of cells depend on, or how they are compared."""
    return [
        (setup_cell.without_sentence(cell.source), cell.metadata.get("tags", []))
        for cell in cells
    ]


def build(text, *, execute_all=False):
    """Build one notebook; the old one stays until the new one is complete."""
    lesson, target = read_lesson(text), notebook_path(text)
    kept = not execute_all and keep_outputs(lesson, target)
    if not kept:
        tags = {tag for cell in lesson.cells for tag in cell.metadata.get("tags", [])}
        if MNIST_TAG in tags and (reason := without_mnist()):
            raise BuildError(f"{text.stem} stores outputs of MNIST. {reason}")
        execute(lesson, text.stem)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".ipynb.part")
    nbformat.write(lesson, unfinished)
    unfinished.replace(target)
    done = "kept the outputs" if kept else "executed"
    print(f"{text.parent.name}/{text.stem}: {done}", flush=True)
    return target


def check_list(lessons, chapters=CHAPTERS):
    """Refuse a text that the list does not have, and an entry without a text."""
    listed = {f"{name}/{lesson.name}" for lesson in lessons for name in lesson.editions}
    there = {f"{text.parent.name}/{text.stem}" for text in texts((), chapters)}
    for name in sorted(there - listed):
        raise BuildError(f"text/{name}.md has no entry in {lesson_list.FILE}")
    for name in sorted(listed - there):
        raise BuildError(f"{lesson_list.FILE} has {name}, but there is no text of it")


def renew_readme(lessons, chapters=CHAPTERS):
    """Write the table of lessons in the README as lessons.toml has it."""
    readme = chapters.parent / "README.md"
    before = lesson_text.read(readme, readme.name)
    after = lesson_list.with_table(before, lessons)
    if after != before:
        readme.write_text(after, encoding="utf-8", newline="\n")
        print("README.md: renewed the table of lessons", flush=True)


def main():
    """Build the lessons named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument(
        "--all", action="store_true", help="execute lessons with unchanged code, too"
    )
    options = parser.parse_args()
    try:
        lessons = lesson_list.read(CHAPTERS)
        check_list(lessons)
        renew_readme(lessons)
        for text in texts(options.names):
            build(text, execute_all=options.all)
    except (BuildError, lesson_list.ListError, lesson_text.TextError) as error:
        sys.exit(f"The build stopped: {error}")


if __name__ == "__main__":
    main()
