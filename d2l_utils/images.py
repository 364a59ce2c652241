"""Pictures of handwritten digits."""

import gzip
import os
import re
import sys
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _checks
from ._files import GZIP, BadFileError, Known
from ._places import bundled, checkout

# Images and labels to train with, images and labels to test with.
FILES = (
    Known(
        "train-images-idx3-ubyte.gz",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    Known(
        "train-labels-idx1-ubyte.gz",
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    Known(
        "t10k-images-idx3-ubyte.gz",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    Known(
        "t10k-labels-idx1-ubyte.gz",
        10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)


class Digits(NamedTuple):
    """What ``load_mnist`` and ``load_digits`` return."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    name: str


def load_digits() -> Digits:
    """Load 1,797 small handwritten digits, enlarged to the size of MNIST's.

    The originals have 8 × 8 pixels and 17 levels of gray. They are scaled to 20 × 20
    by linear interpolation and stand in a black margin of 4 pixels, like the digits
    of MNIST. The last 360 of the file are those to test with.

    Returns:
        A named tuple with ``train_images`` of shape (1437, 28, 28) and
        ``test_images`` of shape (360, 28, 28), uint8 from 0 (black) to 255;
        ``train_labels`` of shape (1437,) and ``test_labels`` of shape (360,), int64
        from 0 to 9; and ``name``, which is "digits". The arrays are new at each
        call.

    Raises:
        FileNotFoundError: the file that belongs to the package is missing.

    Source: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*,
    UCI Machine Learning Repository (1998), doi 10.24432/C50P49, license CC BY 4.0.
    """
    path = bundled("data/digits.csv")
    table = np.loadtxt(path, np.int64, delimiter=",", skiprows=1, encoding="utf-8")
    images = _enlarge(table[:, :64].reshape(-1, 8, 8))
    parts = images[:1437], table[:1437, 64], images[1437:], table[1437:, 64]
    return Digits._make([*(part.copy() for part in parts), "digits"])


def _enlarge(images: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Scale 8 × 8 pixels of 0 to 16 to 20 × 20 of 0 to 255, within 28 × 28."""
    # The centers of the new pixels lie at multiples of a tenth between the old ones.
    # In tenths all of it is done in whole numbers, the same on every computer.
    tenths = np.clip(4 * np.arange(20) - 3, 0, 70)
    left, right_share = np.divmod(tenths, 10)
    weights = np.zeros((20, 8), dtype=np.int64)
    weights[np.arange(20), left] = 10 - right_share
    # Where there is no pixel on the right, its share is 0.
    weights[np.arange(20), np.minimum(left + 1, 7)] += right_share
    hundredths = weights @ images @ weights.T
    levels = (hundredths * 255 + 800) // 1600  # rounded
    return np.pad(levels, ((0, 0), (4, 4), (4, 4))).astype(np.uint8)


# A web address, and in it the server, without a user's name and password.
ADDRESS = re.compile(r"https?://(?:[^/@]*@)?(\[[\da-fA-F:.]+\]|[^/:@\[\]?#]+)")


def _root(name: str, value: Any, _: Mapping[str, Any]) -> Path:
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be a path, got {_checks.describe(value)}")
    # Path's own method raises an error where the home of ~somebody is not known.
    return Path(os.path.expanduser(os.fsdecode(value)))  # noqa: PTH111


def _mirrors(name: str, value: Any, _: Mapping[str, Any]) -> list[str]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        hint = f": write [{value!r}]" if isinstance(value, str) else ""
        raise TypeError(
            f"{name} must be a list of web addresses, "
            f"got {_checks.describe(value)}{hint}"
        )
    addresses = list(value)
    for i, address in enumerate(addresses):
        if not isinstance(address, str) or not ADDRESS.match(address):
            error = ValueError if isinstance(address, str) else TypeError
            raise error(
                f"{name}[{i}] must be a web address such as "
                f"'https://example.org/mnist/', got {_checks.describe(address)}"
            )
    return addresses


@_checks.checked(root=_checks.optional(_root), mirrors=_mirrors)
def load_mnist(
    root: str | os.PathLike[str] | None = None, *, mirrors: Iterable[str] = MIRRORS
) -> Digits:
    """Load MNIST: 70,000 handwritten digits, downloaded when they are first needed.

    The four files, packed or unpacked, are looked for in the folder ``root`` alone
    if it is given, else in ``mnist`` in the folder that the environment variable
    ``D2L_DATA_DIR`` names, then in the cache: ``data/mnist`` in a checkout of the
    project, elsewhere a folder of the user. What is missing is downloaded, and kept
    in ``root`` or in the cache. Every file is checked at every call; a bad one is
    renamed and another one is looked for. If MNIST cannot be had, one printed
    sentence says what is missing and why, and ``load_digits`` takes its place; in a
    browser nothing is downloaded.

    Args:
        root: the folder that holds the four files; ``~`` is the home folder.
        mirrors: the web addresses to download from, tried in turn; () for none.

    Returns:
        A named tuple like that of ``load_digits``, with 60,000 digits to train with
        and 10,000 to test with; ``name`` is "MNIST", or "digits" if they took its
        place. The arrays are new at each call.

    Raises:
        TypeError: ``root`` is not a path, or ``mirrors`` no list of strings.
        ValueError: a mirror's address does not start with ``http(s)://`` and a server.
        FileNotFoundError: a file that belongs to the package is missing.

    Source: Y. LeCun, C. Cortes and C. Burges, *The MNIST database of handwritten
    digits*, license CC BY-SA 3.0; Y. LeCun, L. Bottou, Y. Bengio and P. Haffner,
    *Gradient-based learning applied to document recognition*, Proc. IEEE 86 (1998).
    """
    folders = _folders() if root is None else [Path(root)]  # the last is for downloads
    notes: list[str] = []
    contents = {known: _look(known, folders, notes) for known in FILES}
    missing = [known for known in FILES if not contents[known]]
    # A page in a browser asks no other host.
    queue = [] if sys.platform == "emscripten" else list(mirrors)
    # Without one of its files MNIST is of no use.
    while missing and (content := _fetch(missing[0], queue, folders[-1], notes)):
        contents[missing.pop(0)] = content
    notes = list(dict.fromkeys(notes))
    if missing:
        absent = ", ".join(known.name for known in missing)
        print(
            f"MNIST is not complete in {' or '.join(map(str, folders))} "
            f"({'; '.join([f'missing: {absent}', *notes])}): "
            "using the 1,797 bundled digits instead."
        )
        return load_digits()
    if notes:
        print(f"MNIST is loaded, although {'; '.join(notes)}.")
    return Digits._make([*map(_array, contents.values()), "MNIST"])


def _array(content: bytes) -> NDArray[Any]:
    """Read the IDX format: four bytes, the last one counts the dimensions; these."""
    shape = np.frombuffer(content, ">u4", count=content[3], offset=4)
    entries = np.frombuffer(content, np.uint8, offset=4 + shape.nbytes)
    return entries.reshape(shape).astype(np.int64 if len(shape) == 1 else np.uint8)


def load_idx(root: str | os.PathLike[str]) -> Digits:
    """Load pictures of one's own from four files named and written as MNIST's are.

    Args:
        root: the folder that holds them, packed or unpacked.

    Returns:
        A named tuple like that of ``load_digits``, with pictures of any one shape and
        labels from 0 to 255; ``name`` is the folder's.

    Raises:
        FileNotFoundError: the folder or one of the files is missing.
        ValueError: a file is damaged, or they do not belong together.
    """
    folder = Path(root)
    if not folder.is_dir():
        raise FileNotFoundError("there is no such folder")
    images, labels, test_images, test_labels = (_own(folder, file) for file in FILES)
    for part, X, y in [("train", images, labels), ("test", test_images, test_labels)]:
        if len(X) != len(y) or not len(y):
            raise ValueError(f"{len(X)} pictures and {len(y)} labels to {part} with")
    if images.shape[1:] != test_images.shape[1:]:
        raise ValueError(
            f"the pictures to train with have the shape {images.shape[1:]}, those to "
            f"test with {test_images.shape[1:]}"
        )
    if test_labels.max() > labels.max():
        raise ValueError(
            f"the labels to test with go to {test_labels.max()}, those to train with "
            f"to {labels.max()}"
        )
    return Digits(images, labels, test_images, test_labels, folder.resolve().name)


def _own(folder: Path, file: Known) -> NDArray[Any]:
    """The content of a file that nobody knows, else a ValueError."""
    paths = [folder / name for name in file.names]
    path = next((path for path in paths if path.is_file()), None)
    if not path:
        raise FileNotFoundError(f"{file.name} is missing")
    content = path.read_bytes()
    try:
        if content.startswith(GZIP):
            content = gzip.decompress(content)
        array = _array(content)
    except (EOFError, IndexError, OSError, ValueError, zlib.error):
        raise ValueError(f"{path.name} is cut off or damaged") from None
    if content[:3] != b"\0\0\x08" or (array.ndim == 1) != ("labels" in path.name):
        raise ValueError(f"{path.name} does not hold bytes in the IDX format of MNIST")
    return array


def _folders() -> list[Path]:
    """Where MNIST is looked for if no folder is given."""
    named = os.environ.get("D2L_DATA_DIR")
    return [*([_root("D2L_DATA_DIR", named, {}) / "mnist"] if named else []), _cache()]


def _cache() -> Path:
    if project := checkout():
        return project / "data" / "mnist"
    import platformdirs

    return platformdirs.user_cache_path("d2l_utils") / "mnist"


def _look(known: Known, folders: list[Path], notes: list[str]) -> bytes:
    """The content of a file from the first folder that has it, or nothing."""
    for path in (folder / name for folder in folders for name in known.names):
        try:
            return known.read(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            # Perhaps only now: it keeps its name.
            note = f"a file in {path.parent} could not be read ({error.strerror})"
        except BadFileError as error:
            note = f"{path.name} in {path.parent} {error}"
            bad = path.with_name(f"{path.name}.bad")
            try:
                path.replace(bad)
                note += f", renamed to {bad.name}"
            except OSError as refusal:
                note += f", could not be renamed ({refusal.strerror})"
        notes.append(note)
    return b""


def _fetch(known: Known, mirrors: list[str], folder: Path, notes: list[str]) -> bytes:
    """The content of a file from the first mirror that has it, or nothing."""
    failures = []
    for mirror in list(mirrors):
        try:
            body = known.fetch(mirror)
            content = known.unpack(body)
        except BadFileError as error:
            failures.append(f"{ADDRESS.findall(mirror)[0]}: {error}")
            # The last to be asked for the next file.
            mirrors.append(mirrors.pop(0))
            continue
        try:
            known.keep(folder, body)
        except OSError as error:
            # Windows replaces no file that another notebook is reading.
            if not _look(known, [folder], []):
                notes.append(f"it could not be kept in {folder} ({error.strerror})")
        return content
    notes += failures
    return b""
