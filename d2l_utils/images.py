"""Pictures of handwritten digits."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from . import _checks, _files
from ._idx import read_idx
from .datasets import _bundled

# Images and labels to train with, images and labels to test with.
FILES = (
    _files.Known(
        "train-images-idx3-ubyte.gz",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    _files.Known(
        "train-labels-idx1-ubyte.gz",
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    _files.Known(
        "t10k-images-idx3-ubyte.gz",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    _files.Known(
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
    path = _bundled("data/digits.csv")
    table = np.loadtxt(path, np.int64, delimiter=",", skiprows=1, encoding="utf-8")
    images = _enlarge(table[:, :64].reshape(-1, 8, 8))
    labels = table[:, 64]
    split = 1437
    return Digits(
        images[:split].copy(),
        labels[:split].copy(),
        images[split:].copy(),
        labels[split:].copy(),
        "digits",
    )


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


def _root(name: str, value: Any, _: Mapping[str, Any]) -> Path:
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be a path, got {_checks.describe(value)}")
    return Path(os.fsdecode(value))


def _mirrors(name: str, value: Any, _: Mapping[str, Any]) -> list[str]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        hint = f": write [{value!r}]" if isinstance(value, str) else ""
        raise TypeError(
            f"{name} must be a list of web addresses, "
            f"got {_checks.describe(value)}{hint}"
        )
    addresses = []
    for i, address in enumerate(value):
        says = (
            f"{name}[{i}] must be a web address such as 'https://example.org/mnist/', "
            f"got {_checks.describe(address)}"
        )
        if not isinstance(address, str):
            raise TypeError(says)
        if not address.startswith(("http://", "https://")) or not _host(address):
            raise ValueError(says)
        addresses.append(address.rstrip("/") + "/")
    return addresses


def _host(address: str) -> str | None:
    """The server that an address names."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


@_checks.checked(root=_checks.optional(_root), mirrors=_mirrors)
def load_mnist(
    root: str | os.PathLike[str] | None = None, *, mirrors: Iterable[str] = MIRRORS
) -> Digits:
    """Load MNIST: 70,000 handwritten digits, downloaded when they are first needed.

    The four files are looked for in the folder ``root`` alone if it is given, else
    in ``mnist`` in the folder that the environment variable ``D2L_DATA_DIR`` names,
    then in the cache: ``data/mnist`` in a checkout of the project, elsewhere a
    folder of the user. What is missing is downloaded, and kept in ``root`` or in the
    cache. Every file is checked at every call; a bad one is renamed and another one
    is looked for. If MNIST cannot be had, one printed sentence says why, and the
    digits of ``load_digits`` take its place.

    Args:
        root: the folder that holds the four original files.
        mirrors: the web addresses to download from, tried in turn; () for none.

    Returns:
        A named tuple with ``train_images`` of shape (60000, 28, 28) and
        ``test_images`` of shape (10000, 28, 28), uint8 from 0 (black) to 255;
        ``train_labels`` of shape (60000,) and ``test_labels`` of shape (10000,),
        int64 from 0 to 9; and ``name``, which is "MNIST", or "digits" if they took
        its place. The arrays are new at each call.

    Raises:
        TypeError: ``root`` is not a path, or ``mirrors`` no list of strings.
        ValueError: a mirror is not an address that starts with ``http://`` or
            ``https://``.
        FileNotFoundError: a file that belongs to the package is missing.

    Source: Y. LeCun, C. Cortes and C. Burges, *The MNIST database of handwritten
    digits*, license CC BY-SA 3.0; Y. LeCun, L. Bottou, Y. Bengio and P. Haffner,
    *Gradient-based learning applied to document recognition*, Proceedings of the
    IEEE 86 (1998), pages 2278 to 2324.
    """
    folders = _folders() if root is None else [Path(root)]
    search = _Search(folders)
    search.look()
    search.download(list(mirrors))
    if search.missing:
        print(search.says_what_is_missing())
        return load_digits()
    if search.notes:
        print(f"MNIST is loaded, although {'; '.join(search.notes)}.")
    train_images, train_labels, test_images, test_labels = (
        read_idx(search.contents[known.name]) for known in FILES
    )
    return Digits(
        train_images,
        train_labels.astype(np.int64),
        test_images,
        test_labels.astype(np.int64),
        "MNIST",
    )


def _folders() -> list[Path]:
    """Where MNIST may be; the last one is for downloads."""
    named = os.environ.get("D2L_DATA_DIR")
    return [Path(named, "mnist"), _cache()] if named else [_cache()]


def _cache() -> Path:
    package = Path(__file__).parent
    project = package.parent
    marks = (project / "pyproject.toml", project / "data" / "README.md")
    if all(mark.is_file() for mark in marks) and not (package / "bundled").exists():
        return project / "data" / "mnist"
    import platformdirs

    return platformdirs.user_cache_path("d2l_utils") / "mnist"


class _Search:
    """The search for the files, and what is to be said about it."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders
        self.contents: dict[str, bytes] = {}
        self.unreadable: set[Path] = set()
        self.notes: list[str] = []
        self.failures: list[str] = []

    @property
    def missing(self) -> list[_files.Known]:
        return [known for known in FILES if known.name not in self.contents]

    def look(self) -> None:
        """Look for each file in the folders in turn."""
        for known in FILES:
            for folder in self.folders:
                content = self._read(folder / known.name, known)
                if content is not None:
                    self.contents[known.name] = content
                    break

    def _read(self, path: Path, known: _files.Known) -> bytes | None:
        try:
            return _files.read(path, known)
        except _files.UnreadableError as problem:
            # Perhaps only now: it keeps its name until there is a better one.
            self.unreadable.add(path)
            self.notes.append(f"{path.name} in {path.parent} {problem}")
        except _files.BadFileError as problem:
            outcome = _files.set_aside(path)
            self.notes.append(f"{path.name} in {path.parent} {problem}, {outcome}")
        return None

    def download(self, mirrors: list[str]) -> None:
        """Download what is missing, as long as there is a mirror that has it."""
        for known in self.missing:
            self.failures = []
            for mirror in list(mirrors):
                packed = self._fetch(mirror, known)
                if packed is not None:
                    self._keep(packed, known)
                    break
                # The last to be asked for the next file.
                mirrors.remove(mirror)
                mirrors.append(mirror)
            else:
                # Without one of its files MNIST is of no use.
                return

    def _fetch(self, mirror: str, known: _files.Known) -> bytes | None:
        # Who has all files need not wait for these modules.
        from . import _download

        try:
            packed = _download.fetch(mirror + known.name, known.limit)
            self.contents[known.name] = _files.unpack(packed, known)
        except _download.DownloadError as problem:
            self.failures.append(f"{_host(mirror)}: {problem}")
        except _files.BadFileError as problem:
            self.failures.append(f"{_host(mirror)}: the file {problem}")
        else:
            return packed
        return None

    def _keep(self, packed: bytes, known: _files.Known) -> None:
        path = self.folders[-1] / known.name
        if path in self.unreadable:
            self.notes.append(f"it was {_files.set_aside(path)}")
        problem = _files.keep(path, packed, known)
        if problem is not None:
            note = f"it could not be kept in {path.parent} ({problem})"
            if note not in self.notes:
                self.notes.append(note)

    def says_what_is_missing(self) -> str:
        complete = "complete " if self.contents or self.notes else ""
        folders = " or ".join(map(str, self.folders))
        notes = f" ({'; '.join(self.notes)})" if self.notes else ""
        if self.failures:
            download = f"could not be downloaded ({'; '.join(self.failures)})"
        else:
            download = "was not downloaded (there are no mirrors)"
        return (
            f"MNIST is not {complete}in {folders}{notes} and {download}: "
            "using the 1,797 bundled digits instead."
        )
