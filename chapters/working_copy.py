"""Keep a copy of the lessons in which a learner may change everything.

    python chapters/working_copy.py [--language en] [FOLDER]

Lessons that the learner has not changed follow the course. A changed one stays as it
is, and a newer version is put beside it. What counts as the learner's work is what
the cells say, not their outputs.

Nothing that a learner has written can go, whenever this program is stopped and
however many of it run at once: a file is only removed or renewed if its cells are
those of a version of the course, and a new file takes no name that is in use.
"""

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import secrets
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

CHAPTERS = Path(__file__).resolve().parent
FOLDER = CHAPTERS.parent / "my_lessons"

STATE = ".downhill.json"
FORM = 1  # of the state; another form is not read


class CopyError(Exception):
    """Why the working copy cannot be kept: a sentence for the learner."""


# --- what notebooks say


def cells(content):
    """The kind, the text and the id of each cell of a notebook, or a ValueError."""
    try:
        return [
            (cell["cell_type"], "".join(cell["source"]), str(cell.get("id")))
            for cell in json.loads(content)["cells"]
        ]
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError("not a notebook") from error


def digest(content):
    """A short name for what the cells of a notebook say, or a ValueError."""
    said = [(kind, text) for kind, text, _ in cells(content)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def version(path):
    """The digest of a notebook, None if it cannot be read."""
    try:
        return digest(path.read_bytes())
    except (OSError, ValueError):
        return None


class Lesson(NamedTuple):
    """A lesson of the course."""

    name: str
    content: bytes
    version: str
    is_built: bool  # and not edited since, by a learner who worked there


def read_course(course):
    """The lessons in a folder of the course, None if one cannot be read, by name."""
    notebooks = sorted(course.glob("[!.]*.ipynb"))
    if not notebooks:
        raise CopyError(f"There are no lessons in {course}.")
    return {notebook.name: read_lesson(notebook) for notebook in notebooks}


def read_lesson(notebook):
    """A lesson of the course, None if it cannot be read."""
    try:
        content = notebook.read_bytes()
        return Lesson(notebook.name, content, digest(content), is_built(content))
    except (OSError, ValueError):
        return None


def is_built(content):
    """Whether each cell says what it got its id for, as builder.py gives them."""
    return all(
        hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()[:8] == name[:8]
        for kind, text, name in cells(content)
    )


# --- what is known about the copies


@dataclass
class Record:
    """The versions of one lesson that its copy and the files beside it came from."""

    origin: str | None = None
    offered: str | None = None  # the newest one that was put beside a changed copy
    beside: dict[str, str] = field(default_factory=dict)
    unreadable: bool = False  # the copy, when it was last looked at

    def __post_init__(self):
        """Refuse what this program has not written."""
        digests = [self.origin, self.offered, *self.beside.values()]
        if not all(isinstance(digest, str | None) for digest in digests):
            raise TypeError("a digest is a text")

    @property
    def known(self):
        """These versions: a file with one of them holds nothing of the learner."""
        return {self.origin, *self.beside.values()} - {None}


def load_state(folder):
    """The record of each lesson; none if there are none that can be relied on."""
    try:
        state = json.loads((folder / STATE).read_bytes())
        if state["form"] != FORM:
            return {}
        return {name: Record(**record) for name, record in state["lessons"].items()}
    except (OSError, ValueError, AttributeError, KeyError, RecursionError, TypeError):
        return {}


def save_state(folder, state):
    """Write the records if they differ from those on the disk."""
    if state == load_state(folder):
        return
    lessons = {name: asdict(record) for name, record in sorted(state.items())}
    text = json.dumps({"form": FORM, "lessons": lessons}, indent=1)
    with written(folder, text.encode()) as part:
        try:
            part.replace(folder / STATE)
        except OSError as error:
            raise CopyError(cannot_write(folder, why(error))) from error


# --- files


def why(error):
    """What the operating system says, without number and path."""
    return error.strerror or str(error)


def make_folder(folder):
    """Make the folder of the copies if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "there is a file of that name" if folder.is_file() else why(error)
        raise CopyError(cannot_write(folder, reason)) from error


def cannot_write(folder, reason):
    """The sentence for a folder that cannot be used."""
    return f"The lessons cannot be copied to {folder}: {reason}."


@contextlib.contextmanager
def written(folder, content):
    """A complete file under a name of its own, to be given its real name."""
    part = folder / f".{secrets.token_hex(8)}.part"
    try:
        try:
            with part.open("xb") as stream:
                stream.write(content)
        except OSError as error:
            raise CopyError(cannot_write(folder, why(error))) from error
        yield part
    finally:
        discard(part)


def discard(path):
    """Remove a file that is not needed, if it is there and not in use."""
    with contextlib.suppress(OSError):
        path.unlink()


def give_name(part, path):
    """Give a complete file its name, unless that is in use: FileExistsError.

    The name that it had may stay, too.
    """
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(path):
            raise FileExistsError("it has just been made") from None
        part.rename(path)


def create(path, content):
    """Write a file, all of it or nothing; say whether there was none of that name."""
    if os.path.lexists(path):
        return False
    with written(path.parent, content) as part:
        try:
            give_name(part, path)
        except FileExistsError:  # another process was quicker
            return False
    return True


def remove(path, known):
    """Remove a file of a known version; a FileExistsError if it is not one after all.

    JupyterLab may be saving it right now. So it is read again when nobody can open it
    by its name any more, and gets the name back if there is something new in it.
    """
    aside = path.with_stem(f"{path.stem}_old_{secrets.token_hex(4)}")
    path.rename(aside)
    changed = version(aside) not in known
    if changed:
        give_name(aside, path)
    discard(aside)
    if changed:
        raise FileExistsError("it has just been saved")


def renew(path, content, known):
    """Put other content into a file of a known version."""
    with written(path.parent, content) as part:
        remove(path, known)
        give_name(part, path)


# --- lessons


def follow(lesson, folder, record, words):
    """Bring the copy of a lesson up to date; give a line for each file concerned."""
    copy = folder / lesson.name
    if create(copy, lesson.content) and words:
        yield f"{copy.name}: {words}"
    if not lesson.is_built:
        return
    mine = version(copy)
    if mine in record.known - {lesson.version}:
        renew(copy, lesson.content, record.known)
        yield f"{copy.name}: renewed. You had not changed it."
        mine = lesson.version
    if mine == lesson.version:
        record.origin, record.offered = lesson.version, None
        yield from clear(folder, record)
    elif lesson.version not in (record.origin, record.offered) or (
        mine is None and not record.unreadable
    ):
        yield from offer(lesson, copy, record, mine is not None)
    record.unreadable = mine is None


def offer(lesson, copy, record, is_readable):
    """Put the version of the course beside a copy that stays as it is."""
    beside = put_beside(lesson, copy, record)
    record.beside[beside.name] = record.offered = lesson.version
    reason, what = "it cannot be read", "A good one"
    if is_readable:
        reason, what = "you changed it", "The new version"
    yield f"{copy.name}: {reason}, so it stays. {what} is beside it: {beside.name}."
    yield from clear(copy.parent, record, beside.name)


def put_beside(lesson, copy, record):
    """Write the version of the course into the first file beside that may have it."""
    for number in itertools.count(1):
        beside = copy.with_stem(f"{copy.stem}_new{number if number > 1 else ''}")
        if create(beside, lesson.content) or version(beside) == lesson.version:
            return beside
        if beside.name in record.beside and version(beside) in record.known:
            renew(beside, lesson.content, record.known)
            return beside


def clear(folder, record, needed=None):
    """Remove what was put beside a lesson and is neither changed nor needed."""
    for name in sorted(record.beside.keys() - {needed}):
        if version(folder / name) in record.known:
            remove(folder / name, record.known)
            del record.beside[name]
            yield f"{name}: removed. You had not changed it, and it is not needed now."


def retire(name, folder, state):
    """Remove the copy of a lesson that the course no longer has, if it is unchanged."""
    record = state[name]
    if version(folder / name) in record.known:
        remove(folder / name, record.known)
        yield f"{name}: removed. You had not changed it, and the course dropped it."
    elif os.path.lexists(folder / name):
        yield f"{name}: you changed it, so it stays, although the course dropped it."
    yield from clear(folder, record)
    del state[name]


def unless_in_use(name, lines):
    """Pass on the lines about a lesson; a file that is in use stops only these."""
    try:
        yield from lines
    except OSError as error:
        yield f"{name}: in use by another program, so it stays for now ({why(error)})."


def words_for_missing(lesson, is_first, state):
    """What is said about a copy that is made; at the first start one line says all."""
    if not lesson.is_built:
        return "copied with the changes that were made in the folder of the course."
    if is_first:
        return ""
    return "was gone, so it starts over." if lesson.name in state else "new."


def update(course, folder):
    """Bring the copies of the lessons up to date; give a line for each one concerned.

    Args:
        course: the folder with the lessons of the course
        folder: the folder of the copies, made if need be

    Raises:
        CopyError: there are no lessons, or the folder cannot be written

    """
    lessons = read_course(course)
    if folder == course:
        raise CopyError(f"{folder} is the folder of the course itself: name another.")
    make_folder(folder)
    state = load_state(folder)
    is_first = not state and not any(os.path.lexists(folder / n) for n in lessons)
    for name, lesson in lessons.items():
        if lesson is None:
            yield f"{name}: cannot be read in {course}, so your copy stays as it is."
            continue
        record = state.get(name, Record())
        words = words_for_missing(lesson, is_first, state)
        yield from unless_in_use(name, follow(lesson, folder, record, words))
        if record != Record():
            state[name] = record
        save_state(folder, state)
    for name in sorted(state.keys() - lessons.keys()):
        yield from unless_in_use(name, retire(name, folder, state))
        save_state(folder, state)
    if is_first:
        yield (
            f"Your copy of the lessons is in {folder}. What you change there stays, "
            "also when the course is updated."
        )


def main():
    """Update the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", default="en", help="default: en")
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=FOLDER,
        metavar="FOLDER",
        help="default: my_lessons",
    )
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="replace")  # a folder may have any name
    try:
        for line in update(CHAPTERS / options.language, options.folder.resolve()):
            print(line, flush=True)
    except CopyError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
