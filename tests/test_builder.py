"""Building lessons: the same bytes each time, and nothing half-built is left."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest

import builder
import lesson_list
from project import ROOT, write_entry, write_lesson

FIGURE = """\
import matplotlib.pyplot as plt

import d2l_utils as d2l

print({"a", "b", "c", "d"})
plt.plot([1, 2])
d2l.show("A line that rises.")"""


EMPTY_TABLE = f"# A course\n\n{lesson_list.START}\n{lesson_list.END}\n\nThe end.\n"


@pytest.fixture
def chapters(tmp_path):
    """A folder with a copy of the builder and two short lessons."""
    chapters = tmp_path / "chapters"
    for name in ("01_first", "02_second"):
        write_lesson(chapters / f"text/en/{name}.md", "print(1)")
        write_entry(chapters, name)
    for name in ("builder.py", "lesson_list.py", "lesson_text.py", "setup_cell.py"):
        shutil.copy(ROOT / "chapters" / name, chapters)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "README.md").write_text(EMPTY_TABLE, encoding="utf-8")
    return chapters


def run_builder(chapters, *arguments, **variables):
    return subprocess.run(
        [sys.executable, chapters / "builder.py", *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )


def test_building_twice_gives_the_same_bytes(tmp_path):
    text = write_lesson(tmp_path / "text/en/01_figure.md", FIGURE)
    first = builder.build(text).read_bytes()
    assert b"A line that rises." in first
    assert builder.build(text, execute_all=True).read_bytes() == first


@pytest.mark.heavy
def test_one_lesson_is_built_by_its_short_name(chapters):
    output = "README.md: renewed the table of lessons\nen/02_second: executed\n"
    assert run_builder(chapters, "02").stdout == output
    assert [path.name for path in (chapters / "en").iterdir()] == ["02_second.ipynb"]
    output = "en/02_second: kept the outputs\n"
    assert run_builder(chapters, "02").stdout == output
    assert run_builder(chapters, "--all", "02").stdout == "en/02_second: executed\n"


def test_the_readme_gets_the_table_of_lessons_and_nothing_else(chapters):
    readme = chapters.parent / "README.md"
    run_builder(chapters, "no such lesson")
    before, start, rest = readme.read_text("utf-8").partition(lesson_list.START)
    table, end, after = rest.partition(lesson_list.END)
    assert f"{before}{start}\n{end}{after}" == EMPTY_TABLE
    rows = table.strip().splitlines()[2:]
    assert rows == [
        "| 01 | [First](chapters/en/01_first.ipynb) | Why? | 5 min |",
        "| 02 | [Second](chapters/en/02_second.ipynb) | Why? | 5 min |",
    ]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("README.md", "# A course", "README.md lacks the line <!-- lessons: "),
        ("README.md", lesson_list.START, "README.md lacks the line <!-- end of"),
        ("chapters/lessons.toml", "[[", "lessons.toml cannot be read: "),
        (
            "chapters/lessons.toml",
            'name = "na\xefve"',
            "lessons.toml, line 1: the byte 0xEF is not UTF-8; save the file as UTF-8",
        ),
        ("README.md", "na\xefve", "README.md, line 1: the byte 0xEF is not UTF-8"),
        (
            "chapters/text/en/01_first.md",
            "# First\n\n:::{tip}",
            "en/01_first.md, line 3: ':::{tip}' would be shown as text; a directive ",
        ),
    ],
)
def test_a_list_or_readme_that_is_broken_stops_the_build(chapters, file, text, message):
    path = chapters.parent / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="latin-1")
    result = run_builder(chapters)
    assert result.returncode == 1
    assert result.stderr.startswith(f"The build stopped: {message}")
    assert result.stderr.count("\n") == 1
    assert not (chapters / "en").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda en: write_lesson(en / "03_third.md"), "text/en/03_third.md has no"),
        (lambda en: write_lesson(en.with_name("zh") / "02_second.md"), "text/zh/02_s"),
        (lambda en: (en / "02_second.md").unlink(), "lessons.toml has en/02_second, "),
    ],
    ids=["no entry", "no entry in a language", "no text"],
)
def test_texts_and_the_list_have_the_same_lessons(chapters, change, message):
    lessons = lesson_list.read(chapters)
    builder.check_list(lessons, chapters)
    change(chapters / "text/en")
    with pytest.raises(builder.BuildError, match=f"^{message}"):
        builder.check_list(lessons, chapters)
    result = run_builder(chapters, "01")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"The build stopped: {message}")


def test_only_texts_are_taken_for_texts(chapters):
    before = builder.texts((), chapters)
    (chapters / "text/en/._01_first.md").write_bytes(b"\0\5\x16\7")
    (chapters / "text/.ipynb_checkpoints").mkdir()
    (chapters / "text/.ipynb_checkpoints/01_first.md").touch()
    assert builder.texts((), chapters) == before


@pytest.mark.parametrize(("name", "fits"), [("03", 0), ("0", 2)])
def test_names_must_fit_one_lesson(chapters, name, fits):
    message = f"'{name}' fits {fits} lessons of: 01_first, 02_second"
    with pytest.raises(builder.BuildError, match=message):
        builder.texts([name], chapters)


def test_a_failing_cell_stops_the_build_and_keeps_the_old_notebook(chapters):
    old = chapters / "en" / "01_first.ipynb"
    old.parent.mkdir()
    old.write_bytes(b"old")
    write_lesson(chapters / "text/en/01_first.md", "print(1)", "1 / 0", "print(3)")
    result = run_builder(chapters)
    assert result.returncode == 1
    assert "The build stopped: 01_first, cell 3" in result.stderr
    assert "ZeroDivisionError" in result.stderr
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_a_warning_is_refused(tmp_path):
    text = write_lesson(tmp_path / "text/en/01.md", "import sys; sys.stderr.write('!')")
    with pytest.raises(builder.BuildError, match="01, cell 2 warns:\n!"):
        builder.build(text)


@pytest.mark.heavy
def test_a_cell_that_does_not_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(builder, "CELL_TIMEOUT", 1)
    text = write_lesson(tmp_path / "text/en/01.md", "while True:\n    pass")
    with pytest.raises(builder.BuildError, match=r"(?s)01, cell 2\n.*timed out"):
        builder.build(text)


@pytest.mark.heavy
def test_a_dead_kernel_is_noticed(tmp_path):
    text = write_lesson(tmp_path / "text/en/01.md", "import os", "os._exit(1)")
    with pytest.raises(builder.BuildError, match="01, cell 3\nKernel died"):
        builder.build(text)


def test_ids_stay_when_a_cell_is_inserted(tmp_path):
    text = tmp_path / "text/en/01.md"
    before = builder.read_lesson(write_lesson(text, "a = 1", "b = 2", "a = 1"))
    after = builder.read_lesson(write_lesson(text, "a = 1", "new", "b = 2", "a = 1"))
    ids = [cell.id for cell in after.cells]
    assert len(set(ids)) == len(ids)
    del ids[3]
    assert ids == [cell.id for cell in before.cells]


def test_the_notebook_holds_nothing_of_the_machine_or_the_time(tmp_path):
    text = write_lesson(tmp_path / "text/en/01.md", ":tags: [save]\n\nprint(1)")
    notebook = nbformat.read(builder.build(text), as_version=4)
    assert notebook.metadata == builder.METADATA
    _, folded, saved = [cell.metadata for cell in notebook.cells]
    hidden = {"source_hidden": True}
    assert folded == {"tags": [builder.FOLDED_TAG], "jupyter": hidden}
    assert saved == {"tags": ["save"]}


def test_outputs_of_mnist_are_not_stored_from_other_digits(tmp_path, monkeypatch):
    def digits():
        print("No network.")
        return SimpleNamespace(name="digits")

    text = write_lesson(tmp_path / "text/en/08.md", ":tags: [mnist]\n\nprint(1)")
    monkeypatch.setattr(builder.d2l, "load_mnist", digits)
    message = "^08 stores outputs of MNIST. No network.$"
    with pytest.raises(builder.BuildError, match=message):
        builder.build(text)
    assert not builder.notebook_path(text).exists()
    monkeypatch.setattr(
        builder.d2l, "load_mnist", lambda: SimpleNamespace(name="MNIST")
    )
    assert builder.build(text).exists()


# --- outputs are kept


def code(number, line="print(0)", tags=""):
    return f":tags: [{tags}]\n\n{line}  # {number}" if tags else f"{line}  # {number}"


CELLS = [code(1), code(2, tags="save")]


@pytest.fixture
def built(tmp_path):
    """A lesson text whose notebook looks executed, with outputs to be recognized."""
    text = write_lesson(tmp_path / "text/en/01.md", *CELLS)
    lesson = builder.read_lesson(text)
    for number, cell in enumerate(builder.code_cells(lesson), 1):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text=f"stored {number}\n")]
    notebook = builder.notebook_path(text)
    notebook.parent.mkdir()
    nbformat.write(lesson, notebook)
    return text


@pytest.fixture
def executed(monkeypatch):
    """The names of the lessons that the builder wants to execute."""
    names = []
    monkeypatch.setattr(builder, "execute", lambda lesson, name: names.append(name))
    return names


def test_a_change_of_prose_keeps_the_outputs(built, executed):
    written = built.read_text("utf-8")
    built.write_text(written.replace("A tiny lesson", "A small lesson"), "utf-8")
    notebook = builder.build(built).read_text("utf-8")
    assert executed == []
    assert "A small lesson" in notebook
    assert "stored 1" in notebook
    assert "stored 2" in notebook
    builder.build(built, execute_all=True)
    assert executed == ["01"]


@pytest.mark.parametrize(
    "cells",
    [
        [code(1, line="print(1)"), CELLS[1]],
        CELLS[::-1],
        CELLS[:1],
        [*CELLS, code(3)],
        [code(1, tags="save"), CELLS[1]],
        [CELLS[0], code(2)],
    ],
    ids=["other code", "other order", "fewer", "more", "one tag more", "one less"],
)
def test_a_lesson_whose_code_has_changed_is_executed(built, executed, cells):
    write_lesson(built, *cells)
    builder.build(built)
    assert executed == ["01"]


def missing(notebook):
    notebook.unlink()


def broken_json(notebook):
    notebook.write_bytes(notebook.read_bytes()[:-9])


def no_notebook(notebook):
    notebook.write_text("[]", "utf-8")


def changed(notebook, change):
    whole = json.loads(notebook.read_bytes())
    change(whole["cells"])
    notebook.write_text(json.dumps(whole), "utf-8")


def a_cell_not_executed(notebook):
    changed(notebook, lambda cells: cells[2].update(execution_count=None))


def counts_that_do_not_rise(notebook):
    changed(notebook, lambda cells: cells[2].update(execution_count=1))


def a_cell_executed_twice(notebook):
    changed(notebook, lambda cells: cells[2].update(execution_count=3))


def outputs_of_no_kind(notebook):
    changed(notebook, lambda cells: cells[1].update(outputs=[{"text": "1"}]))


@pytest.mark.parametrize(
    "spoil",
    [
        *(missing, broken_json, no_notebook, a_cell_not_executed),
        *(counts_that_do_not_rise, a_cell_executed_twice, outputs_of_no_kind),
    ],
)
def test_a_notebook_that_proves_nothing_is_executed(built, executed, spoil):
    spoil(builder.notebook_path(built))
    builder.build(built)
    assert executed == ["01"]


# What takes long to import, or is needed to look for MNIST.
HEAVY = ("keras", "matplotlib", "nbclient", "numpy", "torch")


def test_a_typo_in_the_longest_lesson_changes_its_cell_alone(chapters, tmp_path):
    """No kernel, no MNIST, nothing heavy; and no other byte of the notebook."""
    name, sentence = "08_mnist_classifiers", "Now write it again, faster."
    text, notebook = chapters / f"text/en/{name}.md", chapters / f"en/{name}.ipynb"
    write_entry(chapters, name)
    shutil.copy(ROOT / "chapters/text/en" / text.name, text)
    notebook.parent.mkdir()
    shutil.copy(ROOT / "chapters/en" / notebook.name, notebook)
    before = notebook.read_bytes()
    written = text.read_text("utf-8")
    assert written.count(sentence) == 1
    text.write_text(written.replace(sentence, "Write it once more, faster."), "utf-8")

    broken = tmp_path / "broken"
    broken.mkdir()
    for module in HEAVY:
        (broken / f"{module}.py").write_text(f"raise SystemExit('{module}')", "utf-8")
    path = os.pathsep.join([str(broken), os.environ.get("PYTHONPATH", "")])
    result = run_builder(
        chapters, "08", PYTHONPATH=path, D2L_DATA_DIR=str(tmp_path / "without")
    )
    assert result.stderr == ""
    assert result.stdout.splitlines()[-1] == f"en/{name}: kept the outputs"

    # A cell begins in a line of its own.
    old, new = (
        re.split(rb"(?m)^  \{$", whole) for whole in (before, notebook.read_bytes())
    )
    differ = [pair for pair in zip(old, new, strict=True) if len({*pair}) > 1]
    ((was, became),) = differ
    assert sentence.encode() in was
    assert b"Write it once more, faster." in became


@pytest.mark.parametrize(
    ("folder", "absolute"),
    [("data", str(ROOT / "data")), (str(ROOT), str(ROOT)), ("", "")],
)
def test_kernels_get_an_absolute_data_folder(monkeypatch, folder, absolute):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("D2L_DATA_DIR", folder)
    runpy.run_path(builder.__file__)
    assert os.environ["D2L_DATA_DIR"] == absolute
