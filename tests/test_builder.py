"""Building lessons: the same bytes each time, and nothing half-built is left."""

import os
import runpy
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest

import builder
from project import ROOT, write_lesson

FIGURE = """\
import matplotlib.pyplot as plt

import d2l_utils as d2l

print({"a", "b", "c", "d"})
plt.plot([1, 2])
d2l.show("A line that rises.")"""


@pytest.fixture
def chapters(tmp_path):
    """A folder with a copy of the builder and two short lessons."""
    chapters = tmp_path / "chapters"
    write_lesson(chapters / "text/en/01_first.md", "print(1)")
    write_lesson(chapters / "text/en/02_second.md", "print(2)")
    shutil.copy(ROOT / "chapters" / "builder.py", chapters)
    return chapters


def run_builder(chapters, *names):
    return subprocess.run(
        [sys.executable, chapters / "builder.py", *names],
        capture_output=True,
        text=True,
    )


def test_building_twice_gives_the_same_bytes(tmp_path):
    text = write_lesson(tmp_path / "text/en/01_figure.md", FIGURE)
    first = builder.build(text).read_bytes()
    assert b"A line that rises." in first
    assert builder.build(text).read_bytes() == first


def test_one_lesson_is_built_by_its_short_name(chapters):
    assert run_builder(chapters, "02").stdout == "chapters/en/02_second.ipynb\n"
    assert [path.name for path in (chapters / "en").iterdir()] == ["02_second.ipynb"]


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
    assert "The build stopped: 01_first, cell 2" in result.stderr
    assert "ZeroDivisionError" in result.stderr
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_a_warning_is_refused(tmp_path):
    text = write_lesson(tmp_path / "text/en/01.md", "import sys; sys.stderr.write('!')")
    with pytest.raises(builder.BuildError, match="01, cell 1 warns:\n!"):
        builder.build(text)


def test_a_cell_that_does_not_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(builder, "CELL_TIMEOUT", 1)
    text = write_lesson(tmp_path / "text/en/01.md", "while True:\n    pass")
    with pytest.raises(builder.BuildError, match=r"(?s)01, cell 1\n.*timed out"):
        builder.build(text)


def test_a_dead_kernel_is_noticed(tmp_path):
    text = write_lesson(tmp_path / "text/en/01.md", "import os", "os._exit(1)")
    with pytest.raises(builder.BuildError, match="01, cell 2\nKernel died"):
        builder.build(text)


def test_ids_stay_when_a_cell_is_inserted(tmp_path):
    text = tmp_path / "text/en/01.md"
    before = builder.read_lesson(write_lesson(text, "a = 1", "b = 2", "a = 1"))
    after = builder.read_lesson(write_lesson(text, "a = 1", "new", "b = 2", "a = 1"))
    ids = [cell.id for cell in after.cells]
    assert len(set(ids)) == len(ids)
    del ids[2]
    assert ids == [cell.id for cell in before.cells]


def test_the_notebook_holds_nothing_of_the_machine_or_the_time(tmp_path):
    text = write_lesson(tmp_path / "text/en/01.md", ":tags: [save]\n\nprint(1)")
    notebook = nbformat.read(builder.build(text), as_version=4)
    assert notebook.metadata == builder.METADATA
    assert [cell.metadata for cell in notebook.cells] == [{}, {"tags": ["save"]}]


def test_outputs_of_mnist_are_not_stored_from_other_digits(tmp_path, monkeypatch):
    def digits():
        print("No network.")
        return SimpleNamespace(name="digits")

    text = write_lesson(tmp_path / "text/en/08.md", ":tags: [mnist]\n\nprint(1)")
    monkeypatch.setattr(builder.d2l, "load_mnist", digits)
    says = "^08 stores outputs of MNIST. No network.$"
    with pytest.raises(builder.BuildError, match=says):
        builder.build(text)
    assert not builder.notebook_path(text).exists()
    monkeypatch.setattr(
        builder.d2l, "load_mnist", lambda: SimpleNamespace(name="MNIST")
    )
    assert builder.build(text).exists()


@pytest.mark.parametrize(
    ("folder", "absolute"),
    [("data", str(ROOT / "data")), (str(ROOT), str(ROOT)), ("", "")],
)
def test_kernels_get_an_absolute_data_folder(monkeypatch, folder, absolute):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("D2L_DATA_DIR", folder)
    runpy.run_path(builder.__file__)
    assert os.environ["D2L_DATA_DIR"] == absolute
