"""Keep a copy of the lessons in which a learner may change everything.

Unchanged lessons follow the course. A changed one stays as it is, and a newer version
is put beside it. What counts is the text of the cells, not their outputs. Nothing is
ever deleted, whenever this program is stopped and however many of it run at once: what
is replaced moves to .old, and a new file takes no name that is in use.
"""

import contextlib
import itertools
import json
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ._places import bundled, checkout
from ._saved_here import for_learner

MINE = "my_lessons"
OLD = ".old"
STATE = ".downhill.json"
FORM = 1  # of the state; another form is not read


class CopyError(Exception):
    """Why the working copy cannot be kept: a sentence for the learner."""


class Notebook(NamedTuple):
    """A lesson of the course or a learner's copy; no version if it cannot be read."""

    content: bytes = b""
    version: str | None = None  # a short name for the text of its cells
    is_built: bool = False  # each cell has the id that builder.py made of its text


def read(path: Path) -> Notebook:
    """The notebook in a file; ends of lines and empty cells at its end do not count."""
    try:
        content = path.read_bytes()
        cells = json.loads(content)["cells"]
        ids = [str(cell.get("id"))[:8] for cell in cells]
        texts = [
            (c["cell_type"], "".join(c["source"]).replace("\r\n", "\n").rstrip("\n"))
            for c in cells
        ]
        while texts and not texts[-1][1]:  # JupyterLab appends one after the last run
            texts.pop()
        digests = [sha256("\n".join(cell).encode()).hexdigest()[:8] for cell in texts]
        version = sha256(json.dumps(texts).encode()).hexdigest()
        return Notebook(content, version, digests == ids[: len(digests)])
    except Exception:  # anybody may have written it
        return Notebook()


@dataclass
class Record:
    """The versions of one lesson that its copy and the files beside it came from."""

    origin: str | None = None
    offered: str | None = None  # the newest one that was put beside a changed copy
    beside: dict[str, str | None] = field(default_factory=dict)
    unreadable: bool = False  # the copy, when it was last looked at

    def knows(self, path: Path) -> bool:
        """Whether a file is one of these versions: the learner has not changed it."""
        version = read(path).version
        return version is not None and version in (self.origin, *self.beside.values())


def load_state(folder: Path) -> dict[str, Record]:
    """The record of each lesson; none if there are none that can be relied on."""
    try:
        state = json.loads((folder / STATE).read_bytes())
        lessons = state["lessons"] if state["form"] == FORM else {}
        for record in lessons.values():
            record["beside"] = dict(record["beside"])
        return {name: Record(**record) for name, record in lessons.items()}
    except Exception:  # damaged, or of another program
        return {}


def save_state(folder: Path, state: dict[str, Record]) -> None:
    """Write the records if they differ from those on the disk."""
    if state != load_state(folder):
        text = json.dumps({"form": FORM, "lessons": state}, default=vars, indent=1)
        with written(folder / STATE, text.encode()) as part:
            part.replace(folder / STATE)


def old(path: Path) -> Path:
    """A name in .old that no file has."""
    unique = time.strftime("%Y-%m-%d_%H.%M.%S_") + secrets.token_hex(4)
    return path.parent / OLD / f"{path.stem}_{unique}{path.suffix}"


def write(path: Path, content: bytes) -> None:
    """Write a new file; a FileExistsError if the name is in use."""

    # It covers nothing that another program saves into it.
    def append(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_APPEND, 0o666)

    with open(path, "xb", opener=append) as stream:
        stream.write(content)


@contextlib.contextmanager
def written(path: Path, content: bytes) -> Iterator[Path]:
    """All that a file is to contain, in .old, from where it is given its name."""
    part = old(path)
    try:
        write(part, content)
        yield part
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def give_name(part: Path, path: Path) -> None:
    """Give a file a name, too; a FileExistsError if that is in use."""
    try:
        path.hardlink_to(part)
    except (OSError, NotImplementedError):
        # A stop may cut the copy: then the next start puts a good one beside it.
        write(path, part.read_bytes())


def set_aside(path: Path, record: Record) -> None:
    """Move a file of a known version to .old; a FileExistsError if it is another one.

    JupyterLab may be saving it right now. So it is read again when nobody can open it
    by its name any more, and gets the name back if there is something new in it.
    """
    aside = old(path)
    path.rename(aside)
    if not (aside.is_symlink() or record.knows(aside)):
        give_name(aside, path)
        raise FileExistsError("it has just been saved")


def create(path: Path, content: bytes) -> bool:
    """Make a file, all of it or nothing; say whether there was none of that name."""
    if not os.path.lexists(path):
        with written(path, content) as part, contextlib.suppress(FileExistsError):
            give_name(part, path)
            return True
    return False


def follow(
    lesson: Notebook, copy: Path, record: Record, is_first: bool
) -> Iterator[str]:
    """Bring the copy of a lesson up to date; give a line for each file concerned."""
    if create(copy, lesson.content):
        if not lesson.is_built:
            yield f"{copy.name}: copied as you changed it in the folder of the course."
        elif record != Record():
            yield f"{copy.name}: was gone, so it starts over."
        elif not is_first:
            yield f"{copy.name}: new."
    if not lesson.is_built:
        return
    if read(copy).version != lesson.version and record.knows(copy):
        with written(copy, lesson.content) as part:
            set_aside(copy, record)
            give_name(part, copy)
        yield f"{copy.name}: renewed. You had not changed it."
    mine = read(copy).version
    if mine == lesson.version:
        record.origin, record.offered = lesson.version, None
        yield from clear(copy.parent, record.beside, record)
    elif lesson.version not in (record.origin, record.offered) or (
        mine is None and not record.unreadable
    ):
        yield from clear(copy.parent, record.beside, record)
        new = put_beside(copy, lesson)
        record.beside[new] = record.offered = lesson.version
        why = "you changed it" if mine else "it cannot be read"
        yield f"{copy.name}: {why}, so it stays. The new version is beside it: {new}."
    record.unreadable = mine is None


def put_beside(copy: Path, lesson: Notebook) -> str:
    """Write a lesson into the first file beside its copy that may have it."""
    numbers = itertools.count(2)
    beside = copy.with_stem(f"{copy.stem}_new")
    while True:
        if create(beside, lesson.content) or read(beside).version == lesson.version:
            return beside.name
        beside = copy.with_stem(f"{copy.stem}_new{next(numbers)}")


def clear(folder: Path, names: Iterable[str], record: Record) -> Iterator[str]:
    """Set aside those of the files of a lesson that the learner has not changed."""
    for name in sorted(names):
        if record.knows(folder / name):
            set_aside(folder / name, record)
            record.beside.pop(name, None)
            yield f"{name}: not needed now, so it is in {OLD}. You had not changed it."


def update(course: Path, folder: Path) -> Iterator[str]:
    """Bring the copies up to date, a line for each one concerned; else a CopyError."""
    lessons = {p.name: for_learner(read(p)) for p in course.glob("[!.]*.ipynb")}
    if not lessons:
        raise CopyError(f"There are no lessons in {course}.")
    if folder == course:
        raise CopyError(f"{folder} is the folder of the course itself: name another.")
    try:
        (folder / OLD).mkdir(parents=True, exist_ok=True)
        state = load_state(folder)
        is_first = not state and not any(os.path.lexists(folder / n) for n in lessons)
        for name in sorted(lessons | state):
            yield from update_one(name, lessons.get(name), folder, state, is_first)
            save_state(folder, state)
    except OSError as error:
        message = f"The lessons cannot be copied to {folder}: {error.strerror}."
        raise CopyError(message) from error
    if is_first:
        yield f"Your copy of the lessons is in {folder}. What you change there stays."


def update_one(
    name: str,
    lesson: Notebook | None,
    folder: Path,
    state: dict[str, Record],
    is_first: bool,
) -> Iterator[str]:
    """Bring the copy of a lesson up to date; a file in use stops only this one."""
    record = state.setdefault(name, Record())
    try:
        if lesson is None:
            yield from clear(folder, [name, *record.beside], record)
            if os.path.lexists(folder / name):
                yield f"{name}: stays as you changed it. The course dropped it."
            del state[name]
        elif lesson.version is None:
            yield f"{name}: cannot be read in the course, so your copy stays."
        else:
            yield from follow(lesson, folder / name, record, is_first)
    except (FileExistsError, FileNotFoundError, PermissionError) as error:
        why = error.strerror or error
        yield f"{name}: in use by another program, so it stays for now ({why})."


def course(language: str) -> Path:
    """The folder of the lessons, whether there are some or not."""
    return bundled("chapters/lessons.toml").parent / language


def default_folder() -> Path:
    """Where the copy is if nobody has named a folder.

    Raises:
        CopyError: the current folder is no place for files of a learner.
    """
    if project := checkout():
        return project / MINE
    here = Path.cwd()
    if (here / STATE).is_file():
        return here
    if _is_of_the_system(here):
        raise CopyError(
            f"{here} is a folder of the system: change to one of yours with cd, or "
            "name one with --folder."
        )
    return here / MINE


def _is_of_the_system(folder: Path) -> bool:
    """Whether a folder is the root of a disk, or in that of Python or of Windows."""
    windows = os.environ.get("SYSTEMROOT", sys.base_prefix)
    places = {Path(sys.base_prefix), Path(windows)}
    return folder == folder.parent or not places.isdisjoint([folder, *folder.parents])


def keep(language: str, folder: Path) -> None:
    """Bring the copy in a folder up to date, and say what was done."""
    for line in update(course(language), folder):
        print(line, flush=True)
