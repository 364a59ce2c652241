"""The door, `python -m d2l_utils`: from a wheel and in a checkout, in any Python."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

import clean_kernel
import d2l_utils as d2l
from d2l_utils import __main__ as door
from d2l_utils import _doctor, _working_copy, calculus, datasets, images
from d2l_utils.exercises import messages
from project import NOTEBOOKS, ROOT, heavy_but
from sabotage import copy_project

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
COMMANDS = ["lab", "copy", "progress", "doctor", "train"]


# --- the wheel


def build(project, folder):
    """Build the wheel of a project."""
    command = [sys.executable, "-c", clean_kernel.BUILD, str(folder)]
    subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def wanted():
    """What belongs into a wheel besides the package: its name there, its content."""
    data = [*(ROOT / "data").glob("*.csv"), ROOT / "data/README.md"]
    records = [ROOT / record for record in datasets.RECORDS]
    others = [ROOT / "chapters/lessons.toml", ROOT / "requirements.txt"]
    for path in [*NOTEBOOKS, *data, *records, *others]:
        yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def complaints(wheel):
    """The files that a wheel lacks, has otherwise, or has without need."""
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        place = "d2l_utils/bundled/"
        brought = {n.removeprefix(place) for n in names if n.startswith(place)}
        found = {name: content.read(place + name) for name in brought}
    expected = dict(wanted())
    both = found.keys() | expected.keys()
    return {name for name in both if found.get(name) != expected.get(name)}


def test_the_wheel_brings_lessons_data_and_versions(tmp_path):
    assert NOTEBOOKS
    assert complaints(build(ROOT, tmp_path)) == set()


WITHOUT_LESSONS = (
    *('  "chapters",', '  "chapters/lessons.toml",'),
    "chapters/en/00_start_here.ipynb",
)


@pytest.mark.parametrize(
    "fault",
    heavy_but(
        [WITHOUT_LESSONS],
        [
            WITHOUT_LESSONS,
            ("wheel.hooks.custom", "sdist.hooks.custom", "requirements.txt"),
            (', "chapters/text"]', "]", "chapters/text/en/00_start_here.md"),
        ],
    ),
)
def test_a_wheel_that_is_not_as_it_should_be_is_red(tmp_path, fault):
    line, other, complaint = fault
    project = copy_project(tmp_path, "site", "tests")
    settings = (project / "pyproject.toml").read_text("utf-8")
    assert settings.count(line) == 1
    (project / "pyproject.toml").write_text(settings.replace(line, other), "utf-8")
    assert complaint in complaints(build(project, tmp_path))


def test_a_checkout_that_is_installed_has_one_package(tmp_path):
    code = clean_kernel.BUILD.replace("build_wheel", "build_editable")
    command = [sys.executable, "-c", code, str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = tmp_path.iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert names
    assert not [name for name in names if name.startswith("d2l_utils/")]


# --- from the wheel, in an empty folder, without a network


JUPYTERLAB = """
def main(arguments):
    print("JupyterLab:", *arguments)
"""


@pytest.fixture
def run(tmp_path):
    """Give a command to the door of the wheel; where it was, and what it says."""
    (tmp_path / "packages/jupyterlab").mkdir(parents=True)
    (tmp_path / "packages/jupyterlab/__init__.py").touch()
    (tmp_path / "packages/jupyterlab/labapp.py").write_text(JUPYTERLAB)
    here = tmp_path / "空 folder"
    here.mkdir()

    def run(*command, python=(), folder=here, **variables):
        environment = os.environ | {
            "PYTHONPATH": str(tmp_path / "packages"),
            "http_proxy": clean_kernel.NOWHERE,
            "https_proxy": clean_kernel.NOWHERE,
            "PYTHONIOENCODING": "utf-8",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "D2L_DATA_DIR": "",
        }
        return subprocess.run(
            [*(python or [clean_kernel.python()]), "-m", "d2l_utils", *command],
            cwd=folder,
            env=environment | variables,
            capture_output=True,
            encoding="utf-8",
        )

    run.folder = here
    return run


def test_lab_opens_a_copy_in_the_current_folder_and_then_that_one(run):
    first = run("lab", "--no-browser")
    mine = run.folder / "my_lessons"
    assert (first.stderr, first.returncode) == ("", 0)
    told, jupyterlab = first.stdout.splitlines()
    assert told.startswith(f"Your copy of the lessons is in {mine}.")
    assert jupyterlab.startswith("JupyterLab: --no-browser ")
    assert jupyterlab.endswith(f" {mine}")
    english = [path.name for path in NOTEBOOKS if path.parent.name == "en"]
    assert sorted(path.name for path in mine.glob("*.ipynb")) == english
    assert not (mine / "my_lessons").exists()
    again = run("copy", folder=mine)
    assert (again.stdout, again.stderr, again.returncode) == ("", "", 0)
    assert not (mine / "my_lessons").exists()


def test_progress_is_shown(run, tmp_path):
    (tmp_path / "progress").write_text("01.central_difference passed\n")
    shown = run("progress", D2L_PROGRESS=str(tmp_path / "progress"))
    assert (shown.stderr, shown.returncode) == ("", 0)
    assert re.match(r"○ 1 of \d+ exercises are solved\n  00 Start here ", shown.stdout)


@pytest.mark.heavy
def test_doctor_finds_all_well(run):
    examined = run("doctor", PYTHONPATH="", D2L_PROGRESS=str(run.folder / "progress"))
    assert (examined.stderr, examined.returncode) == ("", 0)
    *found, last = examined.stdout.splitlines()
    assert last == "All is well: python -m d2l_utils lab opens the lessons."
    assert len([line for line in found if line.startswith("  ✓ ")]) > 20
    assert f"it will be in {run.folder / 'my_lessons'}" in examined.stdout
    assert [*run.folder.iterdir()] == []


@pytest.fixture
def bare(run):
    """The same in a Python that has the package alone."""
    (package,) = clean_kernel.folder().glob("venv/[Ll]ib/**/site-packages")
    return partial(run, python=[sys.executable, "-S"], PYTHONPATH=str(package))


def test_a_bare_python_is_told_what_it_lacks(bare):
    examined = bare("doctor", D2L_PROGRESS="")
    assert (examined.stderr, examined.returncode) == ("", 1)
    assert "  ✗ numpy is missing\n" in examined.stdout
    assert (
        "  ✗ 20 steps down a bowl end at: cannot be seen without n" in examined.stdout
    )
    assert (
        "install what is missing:\n  python -m pip install numpy==" in examined.stdout
    )
    for command, lacks in (("lab", "jupyterlab"), ("progress", "numpy")):
        said = bare(command)
        assert (said.stdout, said.returncode) == ("", 1)
        assert f"lacks the package {lacks}. `python -m d2l_utils doctor`" in said.stderr
        assert said.stderr.count("\n") == 1
    assert bare().returncode == 0


def test_only_the_door_opens_without_all_packages(bare):
    code = "import d2l_utils"
    refused = bare(python=[sys.executable, "-S", "-c", code])
    assert refused.stderr.endswith("No module named 'lazy_loader'\n")


# --- where a copy goes


@pytest.fixture
def from_a_wheel(monkeypatch, tmp_path):
    """The folder that is current, for a package that is in no checkout."""
    monkeypatch.setattr(_working_copy, "checkout", lambda: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_copy_is_made_in_the_current_folder_or_is_it(from_a_wheel):
    assert _working_copy.default_folder() == from_a_wheel / "my_lessons"
    (from_a_wheel / ".downhill.json").touch()
    assert _working_copy.default_folder() == from_a_wheel


def test_in_a_checkout_it_is_in_the_checkout(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert _working_copy.default_folder() == ROOT / "my_lessons"


@pytest.mark.parametrize("place", [".", "a/folder"])
@pytest.mark.parametrize("system", ["python", "windows", "disk"])
def test_a_folder_of_the_system_is_refused(
    from_a_wheel, monkeypatch, capsys, system, place
):
    (from_a_wheel / place).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(from_a_wheel / place)
    if system == "python":
        monkeypatch.setattr(sys, "base_prefix", str(from_a_wheel))
    elif system == "windows":
        monkeypatch.setenv("SYSTEMROOT", str(from_a_wheel))
    else:
        monkeypatch.chdir(Path.cwd().anchor)
    assert door.main(["copy"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{Path.cwd()} is a folder of the system: ")
    assert "--folder" in said
    assert _doctor.copy(None).mark == "✗"
    assert not (Path.cwd() / "my_lessons").exists()


# --- what the door says


def test_without_a_command_it_shows_all(capsys):
    assert door.main([]) == 0
    help = capsys.readouterr().out
    assert re.findall(r"^    (\w+) ", help, re.MULTILINE) == COMMANDS


@pytest.mark.parametrize("arguments", [["labb"], ["doctor", "x"], ["copy", "--folder"]])
def test_what_it_cannot_read_is_refused_in_one_line(capsys, arguments):
    assert door.main(arguments) == 2
    assert re.fullmatch(
        r".*; `.* --help` shows what there is\n", capsys.readouterr().err
    )


def test_train_is_the_command_that_trains(capsys):
    assert door.main(["train", "--epochs", "0"]) == 2
    assert "--epochs must be" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (OSError("gone"), 1, "OSError: gone\n`python -m d2l_utils doctor` says "),
        (ModuleNotFoundError(name="none_such"), 1, "lacks the package none_such."),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_there_is_no_traceback(monkeypatch, capsys, error, code, message):
    def fail():
        raise error

    monkeypatch.setattr(messages, "progress", fail)
    assert door.main(["progress"]) == code
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_nobody_need_read_to_the_end():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "d2l_utils"]
    pipes = {"stdout": writer, "stderr": subprocess.PIPE}
    run = subprocess.run(command, cwd=ROOT, check=False, **pipes)
    os.close(writer)
    assert run.stderr == b""


def test_an_old_python_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    assert door.main(["doctor"]) == 1
    assert capsys.readouterr().err.startswith("Python 3.11 or newer is needed; ")
    # It must come as far as there.
    for name in ("__init__.py", "__main__.py"):
        source = (ROOT / "d2l_utils" / name).read_text(encoding="utf-8")
        ast.parse(source, feature_version=(3, 8))


PAGES = [ROOT / "README.md", *ROOT.glob("*/*.md"), *ROOT.glob("chapters/text/*/*.md")]


def test_every_command_in_the_texts_exists():
    texts = " ".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert {*re.findall(r"-m d2l_utils (\w+)", texts)} <= {*COMMANDS}


# --- the dev container


def test_the_dev_container_names_what_there_is():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert container["image"].endswith(f":{_doctor.PYTHON}")
    make, copy = container["postCreateCommand"].split(" && ")
    assert make.split()[0] == "make"
    subprocess.run([*make.split(), "--dry-run"], cwd=ROOT, check=True, text=True)
    python, *options = copy.split()
    assert options[:2] == ["-m", "d2l_utils"]
    assert options[2] in COMMANDS
    settings = container["customizations"]["vscode"]["settings"]
    assert settings == {
        "python.defaultInterpreterPath": f"${{containerWorkspaceFolder}}/{python}"
    }
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"VENV_PYTHON = {python}\n" in makefile
    ports = container["portsAttributes"]
    assert sorted(map(int, ports)) == sorted(container["forwardPorts"])
    for port in ports.values():
        (target,) = re.findall(r"\(make (\w+)\)", port["label"])
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


# --- doctor


@pytest.fixture
def examine(monkeypatch, tmp_path, capsys):
    """Examine some things in this process: give what is said, and the exit code."""
    monkeypatch.setenv("D2L_PROGRESS", str(tmp_path / "progress"))
    monkeypatch.setenv("D2L_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(images, "_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(_working_copy, "checkout", lambda: tmp_path)
    monkeypatch.setattr(
        _doctor, "INSTALLED", {"tqdm": partial(_doctor.package, "tqdm")}
    )

    def ask(names):
        looks = _doctor.INSTALLED | _doctor.HERE | _doctor.COMPUTED
        return (_doctor._look(name, looks[name]) for name in names)

    monkeypatch.setattr(_doctor, "ask", ask)

    def examine(*arguments):
        code = door.main(["doctor", *map(str, arguments)])
        said = capsys.readouterr()
        assert said.err == ""
        return said.out, code

    return examine


def test_what_is_well_is_no_error(examine, tmp_path):
    said, code = examine()
    assert code == 0
    assert said.startswith(f"Downhill {d2l.__version__}, in {ROOT / 'd2l_utils'}\n")
    assert "✗ " not in said.replace("✓ ✗ ○", "")
    assert f"copy: not there yet; it will be in {tmp_path / 'my_lessons'}\n" in said
    assert f"solved is kept in {tmp_path / 'progress'}\n" in said
    looked = f"{tmp_path / 'data/mnist'} or {tmp_path / 'cache'}"
    assert f"  ○ MNIST is not in {looked}: lessons 08 and 09 download it" in said
    for what, number in _doctor.NUMBERS.items():
        assert f"  ✓ {what} (lesson {number.lesson}): {number.expected}\n" in said
    # It looks, and leaves nothing behind.
    assert [*tmp_path.iterdir()] == []
    _working_copy.keep("en", tmp_path / "my_lessons")
    assert f"your copy: {len(d2l_lessons())} notebooks in " in examine()[0]


def d2l_lessons():
    return [path for path in NOTEBOOKS if path.parent.name == "en"]


def spoiled_mnist(monkeypatch, folder):
    (folder / "data/mnist").mkdir(parents=True)
    (folder / "data/mnist/t10k-labels-idx1-ubyte.gz").write_bytes(b"\x1f\x8bcut")


def spoiled_copy(monkeypatch, folder):
    (folder / "my_lessons").write_text("a file")


def spoiled_record(monkeypatch, folder):
    (folder / "file").touch()
    monkeypatch.setenv("D2L_PROGRESS", str(folder / "file/progress"))


def spoiled_lessons(monkeypatch, folder):
    monkeypatch.setattr(_doctor, "course", lambda language: folder / language)


def spoiled_number(monkeypatch, folder):
    def coarse(f, x, h=1e-4):
        return (f(x + h) - f(x)) / h

    monkeypatch.setattr(calculus, "numerical_diff", coarse)


def spoiled_package(monkeypatch, folder):
    (folder / "tqdm.py").write_text("raise OSError('no\\n such library')")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "tqdm", raising=False)


def missing_package(monkeypatch, folder):
    look = partial(_doctor.package, "none-such")
    monkeypatch.setattr(_doctor, "INSTALLED", {"none-such": look})
    (folder / "requirements.txt").write_text("none-such==1.2\n")
    monkeypatch.setattr(_doctor, "bundled", lambda path: beside(folder, path))


def beside(folder, path):
    return (folder if (folder / path).exists() else ROOT) / path


def other_kernel(monkeypatch, folder):
    spec = {"argv": ["/another/python", "-m", "ipykernel_launcher"], "language": "x"}
    (folder / "kernels/python3").mkdir(parents=True)
    (folder / "kernels/python3/kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    monkeypatch.setattr(_doctor, "INSTALLED", {"kernel": _doctor.kernel})


@pytest.mark.parametrize(
    ("spoil", "finding", "advice"),
    [
        (
            spoiled_mnist,
            "MNIST: {}/data/mnist/t10k-labels-idx1-ubyte.gz was cut off or damaged",
            "Remove that: lessons 08 and 09 then download it again",
        ),
        (
            spoiled_copy,
            "your copy cannot be written: {}/my_lessons: Not a directory",
            "Name a folder of yours: python -m d2l_utils lab --folder",
        ),
        (
            spoiled_record,
            "which exercises are solved cannot be kept: {}/file: Not a directory",
            "Let the environment variable D2L_PROGRESS name a file of yours.",
        ),
        (
            spoiled_lessons,
            "of 13 lessons these are missing: en/00_start_here.ipynb, en/01_",
            "Install the course again.",
        ),
        (
            spoiled_number,
            "the slope of x0² + x1² at (3, 4) (lesson 01): 6.000099999994291, where "
            "the course has 6.00000000000378",
            "Install the versions that the course was checked with",
        ),
        (
            spoiled_package,
            f"tqdm {_doctor.importlib.metadata.version('tqdm')} cannot be imported: "
            "OSError: no such library",
            "python -m pip install --force-reinstall tqdm==",
        ),
        (
            missing_package,
            "none-such is missing",
            "python -m pip install none-such==1.2\n",
        ),
        (
            other_kernel,
            "JupyterLab runs notebooks in another Python, /another/python",
            "Remove that entry: python -m jupyter kernelspec remove python3",
        ),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_what_is_wrong_is_said_with_what_to_do(
    examine, monkeypatch, tmp_path, spoil, finding, advice
):
    spoil(monkeypatch, tmp_path)
    said, code = examine()
    wrong = [line for line in said.splitlines() if line.startswith("  ✗ ")]
    assert len(wrong) == 1
    assert wrong[0].startswith(f"  ✗ {finding.format(tmp_path)}")
    assert advice in said
    assert said.endswith("\n1 of these is wrong (✗).\n")
    assert code == 1


def test_another_version_is_named_and_no_error(examine, monkeypatch):
    monkeypatch.setattr(_doctor.importlib.metadata, "version", lambda name: "0.1")
    monkeypatch.setattr(_doctor, "PYTHON", "3.1")
    said, code = examine()
    assert code == 0
    assert re.search("  ○ tqdm 0.1; the course was checked with [0-9.]+\n", said)
    assert f"  ○ Python {sys.version.split()[0]}, {sys.executable}; the course" in said


def test_part_of_mnist_in_two_folders_is_named(examine, monkeypatch, tmp_path):
    known = [
        SimpleNamespace(name=name, names=[name], read=Path.read_bytes) for name in "ab"
    ]
    monkeypatch.setattr(images, "FILES", known)
    for folder in ("data/mnist", "cache"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cache/a").touch()
    assert "  ○ part of MNIST (b) is not in " in examine()[0]
    (tmp_path / "data/mnist/b").touch()
    both = f"{tmp_path / 'cache'} and {tmp_path / 'data/mnist'}"
    assert f"  ✓ MNIST, in {both}\n" in examine()[0]


def test_a_package_that_ends_python_is_named(monkeypatch, tmp_path):
    (tmp_path / "tqdm.py").write_text("print('noise')\nimport os\nos._exit(3)")
    monkeypatch.syspath_prepend(tmp_path)
    ended, fine = _doctor.ask(["tqdm", "lazy-loader"])
    assert ended[:2] == ("✗", "tqdm: Python came to its end there (3)")
    assert (fine.mark, fine.text[:12]) == ("✓", "lazy-loader ")


def test_it_looks_for_what_learners_install():
    project = PYPROJECT["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    assert {*_doctor.PACKAGES} == {re.match(r"[\w-]+", line)[0] for line in lines}
    assert PYPROJECT["tool"]["uv"]["pip"]["python-version"] == _doctor.PYTHON


def printed(lesson):
    (notebook,) = (path for path in d2l_lessons() if path.name.startswith(lesson))
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


def test_its_numbers_are_those_of_the_lessons():
    numbers = {
        (number.lesson, word)
        for number in _doctor.NUMBERS.values()
        for word in re.findall(r"[-\d.e+]{9,}", number.expected)
    }
    assert len(numbers) > 5
    assert {n for n in numbers if n[1] not in printed(n[0])} == set()
