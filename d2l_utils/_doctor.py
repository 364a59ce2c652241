"""Looks at an installation, and says in plain words what is wrong and what to do.

What imports other packages is done by another process: a package that is broken may
end it, and this one says so.
"""

import importlib
import importlib.metadata
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from . import __version__
from ._files import BadFileError
from ._places import bundled
from ._working_copy import CopyError, course, default_folder

FINE, NOTE, WRONG = "✓", "○", "✗"
PYTHON = "3.11"  # the course is checked with it

# What is to be installed, and the name that it is imported by.
PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "matplotlib": "matplotlib",
    "torch": "torch",
    "keras": "keras",
    "jupyterlab": "jupyterlab",
    "jupyter-client": "jupyter_client",
    "ipykernel": "ipykernel",
    "ipython": "IPython",
    "lazy-loader": "lazy_loader",
    "pillow": "PIL",
    "platformdirs": "platformdirs",
    "pooch": "pooch",
    "requests": "requests",
    "tqdm": "tqdm",
}


class Finding(NamedTuple):
    """What was seen: a mark, a sentence, and what to do where something is wrong."""

    mark: str
    text: str
    advice: str = ""
    missing: str = ""  # a package and its version


# --- what is installed


def python() -> Finding:
    """Which Python this is."""
    version = ".".join(map(str, sys.version_info[:3]))
    text = f"Python {version}, {sys.executable}"
    if version.startswith(f"{PYTHON}."):
        return Finding(FINE, text)
    return Finding(NOTE, f"{text}; the course was checked with {PYTHON}")


def package(name: str) -> Finding:
    """Whether a package is there, can be imported, and has the version checked."""
    listed = bundled("requirements.txt").read_text(encoding="utf-8")
    checked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", listed, re.MULTILINE))[name]
    wanted = f"{name}=={checked}"
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(WRONG, f"{name} is missing", missing=wanted)
    try:
        importlib.import_module(PACKAGES[name])
    except (Exception, SystemExit) as error:
        text = f"{name} {version} cannot be imported: {_words(error)}"
        advice = f"python -m pip install --force-reinstall {wanted}"
        return Finding(WRONG, text, advice)
    if version.partition("+")[0] == checked:
        return Finding(FINE, f"{name} {version}")
    return Finding(NOTE, f"{name} {version}; the course was checked with {checked}")


def kernel() -> Finding:
    """Whether a notebook runs in this Python."""
    from jupyter_client.kernelspec import KernelSpecManager

    program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    if Path(program) == Path(sys.executable) or re.fullmatch(r"python[\d.]*", program):
        return Finding(FINE, "JupyterLab runs notebooks in this Python")
    return Finding(
        WRONG,
        f"JupyterLab runs notebooks in another Python, {program}",
        "Remove that entry: python -m jupyter kernelspec remove python3",
    )


# --- what is here


def lessons() -> Finding:
    """Whether the lessons came with the package."""
    listed = tomllib.loads(bundled("chapters/lessons.toml").read_text("utf-8"))
    paths = [
        course(language) / f"{lesson['name']}.ipynb"
        for lesson in listed["lesson"]
        for language in lesson
        if isinstance(lesson[language], dict)
    ]
    missing = [f"{path.parent.name}/{path.name}" for path in paths if not path.exists()]
    if missing:
        text = f"of {len(paths)} lessons these are missing: {', '.join(missing)}"
        return Finding(WRONG, text, "Install the course again.")
    return Finding(FINE, f"{len(paths)} lessons, in {course('en').parent}")


def copy(folder: Path | None) -> Finding:
    """Where the learner's copy is, and whether it can be written."""
    advice = "Name a folder of yours: python -m d2l_utils lab --folder FOLDER"
    try:
        folder = (folder or default_folder()).resolve()
    except CopyError as error:
        return Finding(WRONG, f"no place for your copy: {error}")
    if reason := _unwritable(folder):
        return Finding(WRONG, f"your copy cannot be written: {reason}", advice)
    count = len([*folder.glob("[!.]*.ipynb")])
    if count:
        return Finding(FINE, f"your copy: {count} notebooks in {folder}")
    return Finding(FINE, f"your copy: not there yet; it will be in {folder}")


def record() -> Finding:
    """Whether it can be kept which exercises are solved."""
    from .exercises import records

    file = records.path()
    if file is None:
        return Finding(NOTE, "which exercises are solved is kept nowhere, as you set")
    if reason := _unwritable(file.parent):
        return Finding(
            WRONG,
            f"which exercises are solved cannot be kept: {reason}",
            "Let the environment variable D2L_PROGRESS name a file of yours.",
        )
    return Finding(FINE, f"which exercises are solved is kept in {file}")


def mnist() -> Finding:
    """Which of the files of MNIST are here, without a download."""
    from .images import FILES, _folders

    folders, found, missing, bad = _folders(), [], [], []
    for known in FILES:
        for path in [folder / name for folder in folders for name in known.names]:
            try:
                known.read(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                bad.append(f"{path} could not be read ({error.strerror})")
            except BadFileError as error:
                bad.append(f"{path} {error}")
            else:
                found.append(path.parent)
                break
        else:
            missing.append(known.name)
    if bad:
        return Finding(
            WRONG,
            f"MNIST: {'; '.join(bad)}",
            "Remove that: lessons 08 and 09 then download it again, if they can.",
        )
    if not missing:
        where = " and ".join(map(str, dict.fromkeys(found)))
        return Finding(FINE, f"MNIST, in {where}")
    which = "MNIST" if not found else f"part of MNIST ({', '.join(missing)})"
    return Finding(
        NOTE,
        f"{which} is not in {' or '.join(map(str, folders))}: lessons 08 and 09 "
        "download it (12 MB) if they can, else they run on the bundled digits",
    )


def _unwritable(folder: Path) -> str:
    """Why no file can be made in a folder, or where it is to be; nothing if one can."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return ""


# --- whether the numbers come out


def _slope() -> str:
    from .calculus import numerical_diff

    return f"{numerical_diff(lambda x0: x0 * x0 + 4.0**2.0, 3.0)}"


def _loss() -> str:
    import numpy as np

    from .classification import softmax

    W = np.array(
        [[-0.66110535, -2.3121261, 0.61870626], [-0.43594672, 1.66798289, -1.09922476]]
    )
    p = softmax(np.array([0.6, 0.9]) @ W)
    return f"{-np.log(p[2] + 1e-7):.9f}"


def _walk(lr: float, steps: int, form: str) -> str:
    from .descent import gradient_descent

    x, _ = gradient_descent(
        lambda x: x[0] * x[0] + x[1] * x[1], [-3.0, 4.0], lr=lr, step_num=steps
    )
    return " ".join(format(entry, form) for entry in x)


def _adam() -> str:
    import numpy as np
    import torch

    from .optimizers import Adam

    rng = np.random.default_rng(0)
    ours, theirs = np.zeros(5), torch.zeros(5, dtype=torch.float64)
    rule, twin = Adam([ours], lr=0.1), torch.optim.Adam([theirs], lr=0.1)
    for _ in range(100):
        slope = rng.normal(size=5)
        theirs.grad = torch.from_numpy(slope)
        rule.step([slope])
        twin.step()
    difference = np.abs(ours - theirs.numpy()).max() / np.abs(ours).max()
    return "the same" if difference < 1e-13 else f"{difference:.1e} apart"


def _exercise() -> str:
    from .exercises.exercise import find
    from .exercises.grading import grade

    exercise = find("01.central_difference")
    assert exercise is not None
    marks = []
    for answer in (
        lambda f, x, h=1e-5: (f(x + h) - f(x - h)) / (2 * h),
        lambda f, x, h=1e-5: (f(x + h) - f(x - h)) / h,
        ...,
    ):
        graded = grade(exercise, answer)
        marks.append("✓" if graded.passed else "✗" if graded.attempted else "○")
    return " ".join(marks)


class Number(NamedTuple):
    """A number of a lesson, as it is printed there, and what computes it."""

    lesson: str
    expected: str
    compute: Callable[[], str]


NUMBERS = {
    "the slope of x0² + x1² at (3, 4)": Number("01", "6.00000000000378", _slope),
    "an exercise solved, wrong, not attempted": Number("01", "✓ ✗ ○", _exercise),
    "the loss of a first network": Number("02", "1.366622694", _loss),
    "20 steps down a bowl end at": Number(
        "03", "-0.03458765 0.04611686", partial(_walk, 0.1, 20, ".8f")
    ),
    "100 steps that are too long end at": Number(
        "03", "-2.58983747e+13 -1.29524862e+12", partial(_walk, 10.0, 100, ".8e")
    ),
    "100 steps of Adam and of PyTorch's Adam": Number("06", "the same", _adam),
}


def number(what: str) -> Finding:
    """Whether a number is that of the lesson."""
    lesson, expected, compute = NUMBERS[what]
    got = compute()
    if got == expected:
        return Finding(FINE, f"{what} (lesson {lesson}): {got}")
    return Finding(
        WRONG,
        f"{what} (lesson {lesson}): {got}, where the course has {expected}",
        "Install the versions that the course was checked with, which are above. If "
        "they are there, tell us: this would be an error of the course.",
    )


# --- all of it

INSTALLED: dict[str, Callable[[], Finding]] = {
    **{name: partial(package, name) for name in PACKAGES},
    "the kernel of JupyterLab": kernel,
}
HERE: dict[str, Callable[[], Finding]] = {
    "which exercises are solved": record,
    "MNIST": mnist,
}
COMPUTED: dict[str, Callable[[], Finding]] = {
    what: partial(number, what) for what in NUMBERS
}


def _words(error: BaseException) -> str:
    """An error in one line."""
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _look(what: str, look: Callable[[], Finding]) -> Finding:
    """What is found, also where looking fails."""
    try:
        return look()
    except ModuleNotFoundError as error:
        return Finding(WRONG, f"{what}: cannot be seen without {error.name}")
    except (Exception, SystemExit) as error:
        return Finding(WRONG, f"{what}: {_words(error)}")


def answer(names: Iterable[str]) -> None:
    """Write what is found, a line of JSON before and after each look."""
    out, sys.stdout = sys.stdout, sys.stderr  # what packages print is in nobody's way
    for name in names:
        print(json.dumps(name), file=out, flush=True)
        found = _look(name, (INSTALLED | HERE | COMPUTED)[name])
        print(json.dumps(found), file=out, flush=True)


def ask(names: Sequence[str]) -> Iterator[Finding]:
    """Let another process look; if it comes to its end, say where, and go on there."""
    code = (  # for __init__.py it is the door, too
        f"import sys; sys.path[:] = {sys.path!r}; sys.argv[0] = 'downhill'; "
        "from d2l_utils._doctor import answer; answer(sys.argv[1:])"
    )
    while names:
        done, name = 0, names[0]
        with subprocess.Popen(
            [sys.executable, "-c", code, *names],
            env=os.environ | {"KERAS_BACKEND": "torch"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                match json.loads(line):
                    case str(name):
                        pass
                    case found:
                        done += 1
                        yield Finding(*found)
        names = names[done:]
        if names:
            yield Finding(
                WRONG,
                f"{name}: Python came to its end there ({process.returncode})",
                "Install the package again, or a version made for this processor.",
            )
            names = names[1:]


def examine(folder: Path | None) -> int:
    """Print all findings.

    Args:
        folder: where the copy is; nothing for where it is by itself.

    Returns:
        How a process ends: 1 if something is wrong, else 0.
    """
    asked = ask([*INSTALLED, *HERE, *COMPUTED])
    own = [_look("the lessons", lessons), _look("your copy", partial(copy, folder))]
    parts: dict[str, list[Iterable[Finding]]] = {
        "Installed": [[python()], itertools.islice(asked, len(INSTALLED))],
        "Here": [own, itertools.islice(asked, len(HERE))],
        "Computed": [asked],
    }
    wrong, missing = 0, []
    print(f"Downhill {__version__}, in {Path(__file__).parent}")
    for title, findings in parts.items():
        print(f"{title}:")
        for found in itertools.chain.from_iterable(findings):
            print(f"  {found.mark} {found.text}", flush=True)
            if found.advice:
                print(f"    What to do: {found.advice}")
            wrong += found.mark == WRONG
            missing += [found.missing] if found.missing else []
    if missing:
        print(
            "Did you install the course in an environment? Then activate that. Else "
            f"install what is missing:\n  python -m pip install {' '.join(missing)}"
        )
    if wrong:
        print(f"{wrong} of these {'is' if wrong == 1 else 'are'} wrong ({WRONG}).")
        return 1
    print("All is well: python -m d2l_utils lab opens the lessons.")
    return 0
