"""Files whose content is known: read, checked at every call, kept."""

import hashlib
import os
import secrets
import stat
import zlib
from pathlib import Path
from typing import NamedTuple


class Known(NamedTuple):
    """A gzip file of which the unpacked content is known."""

    name: str
    size: int
    sha256: str

    @property
    def limit(self) -> int:
        """More bytes than the packed file can have, however it was packed."""
        return self.size + self.size // 100 + 4096


class BadFileError(Exception):
    """Why a file cannot be used: the words that follow its name in a sentence."""


class UnreadableError(BadFileError):
    """The file may be good, but cannot be read."""


def read(path: Path, known: Known) -> bytes | None:
    """The known content of a file, None if there is no file, else a BadFileError."""
    try:
        # Opening a pipe would wait for somebody to write into it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadFileError("was not a file")
        with path.open("rb") as stream:
            packed = stream.read(known.limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableError(f"could not be read ({explain(error)})") from None
    return unpack(packed, known)


def unpack(packed: bytes, known: Known) -> bytes:
    """The known content of a gzip file, or a BadFileError."""
    if not packed:
        raise BadFileError("was empty")
    if not packed.startswith(b"\x1f\x8b"):
        raise BadFileError("was not a gzip file")
    inflater = zlib.decompressobj(wbits=31)
    try:
        # One byte more than there should be shows that it is too much; a small file
        # can be made to unpack to many gigabytes.
        content = inflater.decompress(packed, known.size + 1)
    except zlib.error:
        raise BadFileError("was damaged") from None
    if len(content) > known.size or inflater.unused_data:
        raise BadFileError("held more than it should")
    if not inflater.eof:
        raise BadFileError("was cut off")
    if hashlib.sha256(content).hexdigest() != known.sha256:
        raise BadFileError("did not hold what it should")
    return content


def set_aside(path: Path) -> str:
    """Take a bad file's name away, but not the file; say what became of it."""
    bad = path.with_name(f"{path.name}.bad")
    try:
        path.replace(bad)
    except OSError as error:
        return f"could not be renamed ({explain(error)})"
    return f"renamed to {bad.name}"


def keep(path: Path, packed: bytes, known: Known) -> str | None:
    """Write a file that was checked, all of it or nothing; say what prevented it."""
    # Its own name: another notebook may be writing the same file now.
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as stream:
                stream.write(packed)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        # Windows replaces no file that another notebook is reading.
        return None if _is_good(path, known) else explain(error)
    return None


def _is_good(path: Path, known: Known) -> bool:
    try:
        return read(path, known) is not None
    except BadFileError:
        return False


def explain(error: OSError) -> str:
    """An error of the operating system in its own words, without number and path."""
    return os.strerror(error.errno) if error.errno else type(error).__name__
