"""Turn the exercises of a lesson into an assignment for nbgrader.

    python teaching/export_assignment.py 01 COURSE_FOLDER [--language en] [--force]

writes COURSE_FOLDER/source/NAME/NAME.ipynb and, if there is none yet,
COURSE_FOLDER/nbgrader_config.py. teaching/README.md says how to go on.
"""

import argparse
import ast
import difflib
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from d2l_utils.exercises.exercise import exercises

TEACHING = Path(__file__).resolve().parent
CHAPTERS = TEACHING.parent / "chapters"
SETTINGS = TEACHING / "nbgrader_config.py"

HEADING = re.compile("^(?=##+ )", re.MULTILINE)

INTRODUCTION = """\
{title}

These are the exercises of the lesson. Write each answer in the cell that waits for it \
and run that cell. Then run the one below that begins with `# Points`: ○ means not \
attempted yet, ✗ not yet right, with a hint for each check that refuses the answer, \
✓ right. The number under it is your points. If you restart the kernel, run all cells \
from the top."""

SOLUTION = """\
{stub}
### BEGIN SOLUTION
{solution}
### END SOLUTION"""

# For nbgrader, the number that a test cell ends with is its points.
TEST = """\
# Points: one for each check that accepts the answer, {points} at most.
from d2l_utils.exercises.messages import score

score("{name}", {variable})"""


class ExportError(Exception):
    """Why nothing was exported, and what to do about it."""


def find_lesson(name, language="en", chapters=CHAPTERS):
    """The notebook of a lesson; "01" will do, whatever fits one lesson."""
    lessons = {path.stem: path for path in sorted(chapters.glob(f"{language}/*.ipynb"))}
    if not lessons:
        known = {path.parent.name for path in chapters.glob("[!.]*/*.ipynb")}
        listed = ", ".join(sorted(known))
        raise ExportError(f"no lessons in the language {language!r}, only in: {listed}")
    fitting = [stem for stem in lessons if stem.startswith(name)]
    if len(fitting) == 1:
        return lessons[fitting[0]]
    titles = {part: stem for stem in lessons for part in (stem, stem[3:])}
    close = difflib.get_close_matches(name, titles, n=3, cutoff=0.5)
    near = fitting or dict.fromkeys(titles[part] for part in close) or lessons
    raise ExportError(f"{name!r} is not one lesson; is it one of: {', '.join(near)}?")


def assignment(lesson):
    """The assignment, as a notebook, that holds the exercises of a lesson's notebook.

    Every exercise is a cell with stub and solution, and a test cell for its points.
    """
    notebook = nbformat.read(lesson, as_version=4)
    number = lesson.stem[:2]
    stubs = exercises(number)
    checks = {f'd2l.check("{ex.name}", {ex.variable})': ex for ex in stubs}
    if not checks:
        raise ExportError(f"{lesson.stem} has no exercises")
    title = notebook.cells[0].source.partition("\n")[0]
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cells = [
        new_markdown_cell(INTRODUCTION.format(title=title)),
        _graded(f"{number}-setup", first.source, locked=True),
    ]
    given = 0
    for cell in _section(notebook.cells, checks):
        if cell.cell_type == "markdown":
            cells.append(cell)
            continue
        code, tested = _split(cell.source, checks)
        if _is_exercise(cell):
            ex = next((ex for ex in stubs if ex.stub_code == code), None)
            if ex is None:
                raise ExportError(f"{lesson.stem} has a stub of no exercise:\n{code}")
            stubs.remove(ex)
            both = SOLUTION.format(stub=ex.stub_code, solution=ex.solution_code)
            cells.append(_graded(f"{_grade_id(ex)}-answer", both, solution=True))
        elif code:
            given += 1
            cells.append(_graded(f"{number}-given-{given}", code, locked=True))
        if tested:
            cells.append(_test(tested))
    if stubs:
        names = ", ".join(ex.name for ex in stubs)
        raise ExportError(f"{lesson.stem} lacks exercises: {names}")
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place}"
    notebook.cells = cells
    return notebook


def _section(cells, checks):
    """The cells of a lesson from the first exercise's title to the last check."""
    parts = []
    for cell in cells:
        if cell.cell_type == "markdown":
            texts = [text.strip() for text in HEADING.split(cell.source)]
            parts += [new_markdown_cell(text) for text in texts if text]
        else:
            parts.append(cell)
    places = range(len(parts))
    ends = [n for n in places if _split(parts[n].source, checks)[1]]
    exercise = next((n for n in places if _is_exercise(parts[n])), 0)
    starts = [n for n in places[:exercise] if parts[n].source.startswith("## ")]
    if not (starts and ends):
        return []
    section = parts[starts[-1] : ends[-1] + 1]
    # Where each exercise has a title, what is above them speaks of the lesson.
    titled = any(cell.source.startswith("### ") for cell in section)
    return section[titled:]


def _split(source, checks):
    """The code of a cell without the check at its end; the exercise checked there."""
    code, _, last = source.rpartition("\n")
    return (code.rstrip(), checks[last]) if last in checks else (source, None)


def _is_exercise(cell):
    return "exercise" in cell.metadata.get("tags", [])


def _grade_id(ex):
    return ex.name.replace(".", "-")


def _test(ex):
    points = len(ex.checks)
    source = TEST.format(points=points, name=ex.name, variable=ex.variable)
    return _graded(_grade_id(ex), source, grade=True, locked=True, points=points)


def _graded(grade_id, source, **roles):
    """A code cell that nbgrader knows."""
    roles = {"grade": False, "locked": False, "solution": False, "task": False} | roles
    metadata = {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **roles}}
    return new_code_cell(source, metadata=metadata)


def export(lesson, course, *, force=False):
    """Write the assignment of a lesson into a course folder; give its path.

    Raises:
        ExportError: If another assignment is there and is not to be replaced.
    """
    target = course / "source" / lesson.stem / lesson.name
    text = nbformat.writes(assignment(lesson)) + "\n"
    if target.exists() and target.read_text(encoding="utf-8") != text and not force:
        raise ExportError(
            f"{target} is there and differs: it was edited, or the lesson has changed "
            "since. Give --force to replace it."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def set_up(course):
    """Write nbgrader's settings if there are none; give the lines that they lack.

    A setting counts whatever its value, since a teacher may want another one.
    """
    target = course / SETTINGS.name
    if not target.exists():
        target.write_bytes(SETTINGS.read_bytes())
    lines = SETTINGS.read_text(encoding="utf-8").splitlines()
    needed, there = _settings(SETTINGS), _settings(target)
    return [lines[place - 1] for name, place in needed.items() if name not in there]


def _settings(file):
    """The line of each option, such as c.Exchange.root, that a file sets."""
    return {
        ast.unparse(target): node.lineno
        for node in ast.walk(ast.parse(file.read_bytes(), file.name))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
    }


def main():
    """Export the lesson that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", help='such as "01"')
    parser.add_argument("course", type=Path, metavar="COURSE_FOLDER")
    parser.add_argument("--language", default="en")
    parser.add_argument("--force", action="store_true", help="replace an assignment")
    given = parser.parse_args()
    try:
        lesson = find_lesson(given.lesson, given.language)
        target = export(lesson, given.course, force=given.force)
    except ExportError as error:
        sys.exit(f"Nothing was exported: {error}")
    print(target)
    settings = given.course / SETTINGS.name
    try:
        missing = set_up(given.course)
    except SyntaxError as error:
        sys.exit(f"nbgrader cannot read {settings}: {error}")
    if missing:
        print(f"{settings} is yours and lacks these lines:", *missing, sep="\n")


if __name__ == "__main__":
    main()
