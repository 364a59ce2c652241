"""The exercises as assignments: what is exported, and what nbgrader makes of it."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

import builder
import export_assignment as export
from d2l_utils.exercises.exercise import exercises, find
from d2l_utils.exercises.messages import score
from project import ALL_OF_A_LESSON, NOTEBOOKS, ROOT, heavy_but, lesson_name

LESSONS = [notebook for notebook in NOTEBOOKS if exercises(notebook.stem[:2])]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lesson_name)
LESSON = ROOT / "chapters/en/01_derivatives.ipynb"
# A course folder has one language: the assignments of another have the same names.
ENGLISH = [lesson for lesson in LESSONS if lesson.parent == LESSON.parent]
BEGIN = "### BEGIN SOLUTION"


def needs_nbgrader(test):
    """Mark a test that asks nbgrader, which takes long."""
    missing = not importlib.util.find_spec("nbgrader")
    reason = "nbgrader is not installed; `make teaching` installs it"
    return pytest.mark.skipif(missing, reason=reason)(pytest.mark.heavy(test))


def known_as(kind, notebook):
    """The cells that have a role for nbgrader, by their names."""
    cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in cells
        if cell.metadata.nbgrader[kind]
    }


def ids(lesson):
    """The exercises of a lesson by their names in nbgrader, which takes no points."""
    return {ex.name.replace(".", "-"): ex for ex in exercises(lesson.stem[:2])}


# --- what is exported


@each_lesson
def test_every_exercise_has_a_cell_for_the_answer_and_one_for_the_points(lesson):
    notebook = export.assignment(lesson)
    nbformat.validate(notebook)
    cells = [c for c in notebook.cells if "nbgrader" in c.metadata]
    names = [cell.metadata.nbgrader.grade_id for cell in cells]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", name) for name in names)

    answers, tests = known_as("solution", notebook), known_as("grade", notebook)
    todo = ids(lesson)
    assert list(answers) == [f"{name}-answer" for name in todo]
    assert set(known_as("locked", notebook)) == set(names) - set(answers)
    points = {name: cell.metadata.nbgrader.points for name, cell in tests.items()}
    assert points == {name: len(ex.checks) for name, ex in todo.items()}
    for name, ex in todo.items():
        assert names.index(name) > names.index(f"{name}-answer")
        assert tests[name].source.endswith(f'\nscore("{ex.name}", {ex.variable})')


@each_lesson
def test_the_rest_is_from_the_lesson_in_its_order(lesson):
    notebook = export.assignment(lesson)
    shipped = nbformat.read(lesson, as_version=4).cells
    whole = "\n".join(cell.source for cell in shipped)
    introduction, setup, *rest = notebook.cells
    assert introduction.source.startswith(shipped[0].source.partition("\n")[0])
    first = next(cell for cell in shipped if cell.cell_type == "code")
    assert setup.source == first.source

    todo = ids(lesson)
    made = {**known_as("solution", notebook), **known_as("grade", notebook)}
    kept = [cell for cell in rest if cell not in made.values()]
    place = 0
    for cell in kept:
        place = whole.index(cell.source, place)
    texts = [cell for cell in kept if cell.cell_type == "markdown"]
    assert len(texts) >= len(todo)
    # One check comes with each points cell; a second one would ask for nothing.
    calls = [f'd2l.check("{ex.name}", {ex.variable})' for ex in todo.values()]
    assert not any(call in cell.source for call in calls for cell in notebook.cells)


# Runs notebooks from top to bottom; says what each points cell came to. The engine
# wants to find the source of a function.
RUN = """
import contextlib, io, json, linecache, sys
import nbformat

results = {}
for path in sys.argv[1:]:
    names, points, output = {"__name__": "__main__"}, {}, io.StringIO()
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type == "code":
            start, _, last = cell.source.rpartition("\\n")
            graded = cell.metadata.nbgrader.grade
            code = f"{start}\\npoints = {last}" if graded else cell.source
            file = f"<cell {number}>"
            linecache.cache[file] = (len(code), None, code.splitlines(True), file)
            with contextlib.redirect_stdout(output):
                exec(compile(code, file, "exec"), names)
            if graded:
                points[cell.metadata.nbgrader.grade_id] = names["points"]
    results[path] = points, [output.getvalue().count(mark) for mark in "✓✗○"]
print(json.dumps(results))
"""


def without_long_trainings(lesson):
    """The exercises that are solved below; test_editions.py solves the others, too."""
    return {name: ex for name, ex in ids(lesson).items() if ex.seconds <= 60}


def named(lesson):
    """A name for a file of a lesson, with its language."""
    return lesson_name(lesson).replace("/", "_")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The exports, solved and untouched, run in one process, which they may change."""
    folder = tmp_path_factory.mktemp("exports")
    lessons = LESSONS if ALL_OF_A_LESSON else [LESSON]
    for lesson in lessons:
        for kind in ("solved", "untouched"):
            notebook = export.assignment(lesson)
            answers = known_as("solution", notebook)
            keep = without_long_trainings(lesson) if kind == "solved" else {}
            for name, cell in answers.items():
                if name.removesuffix("-answer") not in keep:
                    cell.source = cell.source.partition(BEGIN)[0]
            nbformat.write(notebook, folder / f"{named(lesson)}_{kind}.ipynb")
    # Nothing is downloaded: nobody listens there.
    proxies = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment = os.environ | builder.KERNEL_ENVIRONMENT | proxies
    result = subprocess.run(
        [sys.executable, "-c", RUN, *sorted(folder.iterdir())],
        cwd=folder,
        env=environment | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    results = json.loads(result.stdout)
    assert len(results) == 2 * len(lessons)
    return {Path(path).stem: came for path, came in results.items()}


@pytest.mark.parametrize("lesson", heavy_but([LESSON], LESSONS), ids=lesson_name)
def test_solved_it_has_all_points_and_untouched_none(lesson, runs):
    none = dict.fromkeys(ids(lesson), 0)
    short = without_long_trainings(lesson)
    points, marks = runs[f"{named(lesson)}_solved"]
    assert points == none | {name: len(ex.checks) for name, ex in short.items()}
    assert marks == [len(short), 0, len(none) - len(short)]
    points, marks = runs[f"{named(lesson)}_untouched"]
    assert points == none
    assert marks == [0, 0, len(none)]


@each_lesson
def test_nbgrader_waits_until_the_slowest_answer_is_stopped(lesson):
    config = Config()
    settings = export.SETTINGS.read_text(encoding="utf-8")
    exec(settings, {"get_config": lambda: config})
    tests = known_as("grade", export.assignment(lesson))
    for name, ex in ids(lesson).items():
        longest = ex.seconds * len(ex.checks)
        assert config.Execute.timeout_func(tests[name]) > longest + 60


# --- the points


def fixed_step(f, x, h=1e-5):
    print("searching", file=sys.stderr)
    return (f(x + 1e-3) - f(x - 1e-3)) / 2e-3


@pytest.mark.parametrize(
    ("name", "answer", "points", "messages"),
    [
        ("01.slope_by_rules", 16, 1, ["✓ `01.slope_by_rules`: right"]),
        ("01.slope_by_rules", ..., 0, ["○ `01.slope_by_rules`: not attempted yet."]),
        ("01.slope_by_rules", 13, 0, ["✗ `01.slope_by_rules`: not yet."]),
        (
            "01.central_difference",
            fixed_step,
            2,
            ["✗ `01.central_difference`: not yet. Check 2 of 3: "],
        ),
        (
            "01.central_difference",
            None,
            0,
            [
                f"✗ `01.central_difference`: not yet. Check {n} of 3: "
                for n in (1, 2, 3)
            ],
        ),
    ],
)
def test_points_are_the_checks_that_accept(name, answer, points, messages, capsys):
    found = score(name, answer)
    # nbgrader reads it as it is printed: np.int64(2) would be no number.
    assert repr(found) == repr(points)
    output, warned = capsys.readouterr()
    headlines = [line for line in output.splitlines() if not line.startswith(" ")]
    assert len(headlines) == len(messages)
    assert all(map(str.startswith, headlines, messages))
    assert warned == ""


def test_an_unknown_exercise_gives_no_points():
    with pytest.raises(ValueError, match="there is no exercise"):
        score("01.unknown", 1)


# --- the command


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Call the exporter for a course folder; give what it says."""

    def call(*arguments):
        monkeypatch.setattr(
            sys,
            "argv",
            ["export_assignment.py", arguments[0], str(tmp_path), *arguments[1:]],
        )
        try:
            export.main()
        except SystemExit as stop:
            return str(stop)
        return capsys.readouterr().out

    return call


def test_the_command_writes_the_assignment_and_the_settings(tmp_path):
    target = tmp_path / "source" / "01_derivatives" / "01_derivatives.ipynb"
    command = [sys.executable, export.__file__, "01", tmp_path]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (result.stdout, result.stderr) == (f"{target}\n", "")
    assert nbformat.read(target, as_version=4) == export.assignment(LESSON)
    settings = tmp_path / "nbgrader_config.py"
    assert settings.read_bytes() == export.SETTINGS.read_bytes()


def test_an_edited_assignment_is_replaced_by_force_alone(run, tmp_path):
    run("01")
    target = tmp_path / "source" / "01_derivatives" / "01_derivatives.ipynb"
    written = target.read_text(encoding="utf-8")
    assert run("01") == f"{target}\n"
    edited = written.replace("warm-up", "5 points")
    target.write_text(edited, encoding="utf-8")
    message = run("01")
    assert message.startswith(f"Nothing was exported: {target} is there and differs")
    assert "--force" in message
    assert target.read_text(encoding="utf-8") == edited
    assert run("01", "--force") == f"{target}\n"
    assert target.read_text(encoding="utf-8") == written


def test_settings_of_ones_own_are_kept_and_what_they_lack_is_named(run, tmp_path):
    settings = tmp_path / "nbgrader_config.py"
    own = "c = get_config()\nc.Execute.timeout_func = None\n"
    settings.write_text(own, encoding="utf-8")
    _, message, *lines = run("01").splitlines()
    assert message == f"{settings} is yours and lacks these lines:"
    assert lines == [
        'c.ClearSolutions.code_stub = {"python": ""}',
        "c.OverwriteCells.add_missing_cells = True",
    ]
    assert settings.read_text(encoding="utf-8") == own


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("c.OverwriteCells.add_missing_cells = True", True),
        ("c.OverwriteCells.add_missing_cells=False", True),
        ("c . OverwriteCells . add_missing_cells  =  True  # why", True),
        ("c.OverwriteCells.add_missing_cells = \\\n  True", True),
        ("if True:\n    c.OverwriteCells.add_missing_cells = True", True),
        (2 * "c.OverwriteCells.add_missing_cells = True\n", True),
        ("c.A.b = c.OverwriteCells.add_missing_cells = True", True),
        ("\ufeffc.OverwriteCells.add_missing_cells = True\r\n", True),
        ("# c.OverwriteCells.add_missing_cells = True", False),
        ("  #c.OverwriteCells.add_missing_cells = True", False),
        ('"""\nc.OverwriteCells.add_missing_cells = True\n"""', False),
        ("c.OverwriteCells.add_missing_cells == True", False),
        ("x = c.OverwriteCells.add_missing_cells", False),
        ("c.OverwriteCells.add_missing_cells_too = True", False),
        ("c.OverwriteCells = {}", False),
    ],
)
def test_a_setting_counts_where_it_is_assigned(line, counts, tmp_path):
    settings = tmp_path / "nbgrader_config.py"
    settings.write_text(line, encoding="utf-8", newline="")
    lacking = export.set_up(tmp_path)
    assert ("c.OverwriteCells.add_missing_cells = True" not in lacking) == counts
    assert len(lacking) == 2 + (not counts)


def test_settings_that_cannot_be_read_are_no_all_clear(run, tmp_path):
    settings = tmp_path / "nbgrader_config.py"
    settings.write_text("c.OverwriteCells.add_missing_cells =", encoding="utf-8")
    answer = run("01")
    assert answer.startswith(f"nbgrader cannot read {settings}: invalid syntax")
    assert "line 1" in answer


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derivatifs"], "'derivatifs' is not one lesson; is it one of: 01_deriva"),
        (["0"], "'0' is not one lesson; is it one of: 00_start_here, 01_derivatives,"),
        (["99"], "'99' is not one lesson; is it one of: "),
        (["01", "--language", "fr"], "no lessons in the language 'fr', only in: en"),
    ],
)
def test_what_cannot_be_exported_is_named(arguments, message, run, tmp_path):
    assert run(*arguments).startswith(f"Nothing was exported: {message}")
    assert list(tmp_path.iterdir()) == []


def test_a_lesson_without_exercises_is_no_assignment(tmp_path):
    lesson = tmp_path / "99_none.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), lesson)
    with pytest.raises(export.ExportError, match="99_none has no exercises"):
        export.assignment(lesson)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("slope = ...", "slope = 0", "has a stub of no exercise:\nslope = 0"),
        (", partials)", ", partial)", "of no exercise:\npartials = ...\n\nd2l.check"),
        ('"exercise"', '"other"', "lacks exercises: 01.slope_by_rules, 01.estimate"),
    ],
)
def test_a_lesson_that_differs_from_its_exercises_is_refused(
    before, after, message, tmp_path
):
    lesson = tmp_path / LESSON.name
    text = LESSON.read_text(encoding="utf-8")
    assert before in text
    lesson.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(export.ExportError, match=message):
        export.assignment(lesson)


# --- through nbgrader

# Points: 1, 1, 3, 1, 1, 2, 1, 2, 4. An exercise that is not named stays as it was.
SUBMISSIONS = {
    "right": {ex.name: ex.solution_code for ex in exercises("01")},
    "partly": {
        "01.slope_by_rules": "slope = 16.0",
        # It ignores the step that it is given, which one of three checks notices.
        "01.central_difference": """
def central_difference(f, x, h=1e-5):
    return (f(x + 1e-3) - f(x - 1e-3)) / 2e-3
""",
        "01.predict_divided_by_h": 'prediction = "a"',
        # Wrong to the left of 0, which one of two checks notices.
        "01.chain": """
def slope_of_chain(x):
    return 2 * abs(x) * np.cos(x**2)
""",
        # Right, with words that must cost nothing.
        "01.halving": """
import sys

def find_minimum(slope, left, right, width=1e-8):
    print("searching")
    print("searching", file=sys.stderr)
    while right - left > width:
        middle = (left + right) / 2
        left, right = (left, middle) if slope(middle) > 0 else (middle, right)
    return left
""",
    },
    "wrong": {
        "01.slope_by_rules": "slope = 13",
        "01.central_difference": "def central_difference(f, x, h=1e-5):\n    1 / 0",
        "01.predict_divided_by_h": "prediction = ",
        "01.chain": "def slope_of_chains(x):\n    return 2 * x * np.cos(x**2)",
        "01.halving": "find_minimum = 1.0",
    },
}
# Right answers with all that could cost points, and one that asks Python to end.
SUBMISSIONS["loud"] = {
    **SUBMISSIONS["right"],
    "01.central_difference": """
import logging

def central_difference(f, x, h=1e-5):
    logging.basicConfig(level=logging.INFO)
    logging.info("h")
    return (f(x + h) - f(x - h)) / (2 * h)
""",
    "01.chain": """
import ctypes, os, sys
err = sys.stderr
write = err.write

def slope_of_chain(x):
    os.write(2, b"h")
    os.system("echo h >&2")
    ctypes.CDLL(None).perror(b"h")
    sys.__stderr__.write("h")
    err.write("h")
    write("h")
    print(list(range(100_000)))
    os.write(1, b"h" * 100_000)
    return 2 * x * np.cos(x**2)
""",
    "01.partial_derivatives": "class P:\n    def __array__(self, *_, **__):\n"
    "        exit()\npartials = P()",
    "01.halving": """
def find_minimum(slope, left, right, width=1e-8):
    exit()
""",
}
MARKS = {
    "right": [1, 1, 3, 1, 1, 2, 1, 2, 4],
    "partly": [1, 0, 2, 0, 0, 0, 0, 1, 4],
    "wrong": [0, 0, 0, 0, 0, 0, 0, 0, 0],
    "loud": [1, 1, 3, 1, 1, 2, 0, 2, 0],
}

# Points cells without partial credit: to nbgrader, what is no number is full marks.
SABOTAGE = {
    "01-central_difference": "_ = score(",
    "01-predict_divided_by_h": "_ = score(",
    "01-chain": "assert 2 == score(",
}


def submit(course, student, assignment, answers):
    """Put what a student makes of the released assignment where nbgrader looks."""
    name = f"{assignment}.ipynb"
    notebook = nbformat.read(course / "release" / assignment / name, as_version=4)
    cells = known_as("solution", notebook)
    for exercise, code in answers.items():
        cells[f"{exercise.replace('.', '-')}-answer"].source = code
    if student == "partly":  # has deleted a test cell,
        notebook.cells.remove(known_as("grade", notebook)["01-chain"])
    if student == "wrong":  # has written one.
        known_as("grade", notebook)["01-slope_by_rules"].source = "1"
    folder = course / "submitted" / student / assignment
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / name)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder in which nbgrader has released, marked and commented."""
    folder = tmp_path_factory.mktemp("course")
    for lesson in ENGLISH:
        export.export(lesson, folder)
    assert export.set_up(folder) == []
    sabotaged = export.assignment(LESSON)
    for name, start in SABOTAGE.items():
        cell = known_as("grade", sabotaged)[name]
        cell.source = cell.source.replace("score(", start)
    (folder / "source" / "sabotaged").mkdir()
    nbformat.write(sabotaged, folder / "source" / "sabotaged" / "sabotaged.ipynb")

    environment = os.environ | builder.KERNEL_ENVIRONMENT
    # ipykernel shows what is written to file descriptors only where this is not set.
    environment.pop("PYTEST_CURRENT_TEST", None)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment |= {
        "PATH": programs,
        "D2L_PROGRESS": str(folder / "progress.txt"),
        "JUPYTER_CONFIG_DIR": str(folder / "none"),
        "JUPYTER_DATA_DIR": str(folder / "none"),
    }

    def nbgrader(*command):
        result = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert result.returncode == 0, result.stdout

    nbgrader("generate_assignment", "--assignment=*")
    for student, answers in SUBMISSIONS.items():
        submit(folder, student, LESSON.stem, answers)
    submit(folder, "partly", "sabotaged", SUBMISSIONS["partly"])
    nbgrader("autograde", "--assignment=*")
    nbgrader("generate_feedback", f"--assignment={LESSON.stem}", "--student=partly")
    return folder


def marks(course, assignment):
    """The points of each student, in the order of the exercises."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        found = {}
        for submission in gradebook.assignment_submissions(assignment):
            (notebook,) = submission.notebooks
            grades = {grade.name: grade for grade in notebook.grades}
            assert not any(grade.needs_manual_grade for grade in grades.values())
            found[submission.student.id] = [grades[x].score for x in ids(LESSON)]
        return found


@needs_nbgrader
@pytest.mark.parametrize("lesson", ENGLISH, ids=lesson_name)
def test_students_get_the_stubs_of_the_lesson(lesson, course):
    file = course / "release" / lesson.stem / lesson.name
    cells = known_as("solution", nbformat.read(file, as_version=4))
    stubs = {f"{name}-answer": ex.stub_code for name, ex in ids(lesson).items()}
    # Below the stub there is an empty line, where the solution was.
    assert {name: cell.source for name, cell in cells.items()} == {
        name: f"{stub}\n" for name, stub in stubs.items()
    }
    assert "SOLUTION" not in file.read_text(encoding="utf-8")


@needs_nbgrader
def test_right_partly_right_and_wrong_answers_get_their_points(course):
    assert marks(course, LESSON.stem) == MARKS


@needs_nbgrader
def test_an_export_without_partial_credit_would_be_seen(course):
    """Wrong answers marked as right, and a partly right one as wrong."""
    found = marks(course, "sabotaged")["partly"]
    assert found == [1, 0, 3, 1, 0, 0, 0, 0, 4] != MARKS["partly"]


@needs_nbgrader
def test_the_feedback_has_the_messages_of_the_lesson(course):
    file = course / "feedback" / "partly" / LESSON.stem / f"{LESSON.stem}.html"
    page = file.read_text(encoding="utf-8")
    choice = find("01.predict_divided_by_h")
    (hint,) = (wrong.says for wrong in choice.wrong_answers if wrong.answer == "a")
    for message in (
        hint,
        "<b>✗</b> <code>01.central_difference</code>: not yet. Check 2 of 3",
        "<b>✗</b> <code>01.chain</code>: not yet. Check 2 of 2",
        "<b>○</b> <code>01.partial_derivatives</code>: not attempted yet.",
        "<b>✓</b> <code>01.halving</code>: right, all 4 checks accept it.",
    ):
        assert message in page
    assert "Traceback (most recent call last)" not in page


@needs_nbgrader
def test_a_submission_that_prints_a_lot_stays_small(course):
    name = Path(LESSON.stem) / LESSON.name
    submitted, marked = (
        (course / kind / "loud" / name).stat().st_size
        for kind in ("submitted", "autograded")
    )
    assert marked < submitted + 20_000


@needs_nbgrader
def test_the_teachers_own_record_is_left_alone(course):
    assert not (course / "progress.txt").exists()
