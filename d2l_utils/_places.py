"""Where the files of the course are: in the wheel, or beside the package."""

from pathlib import Path


def bundled(path: str) -> Path:
    """Where a file of the project is.

    Raises:
        FileNotFoundError: it is neither in the package nor beside it.
    """
    package = Path(__file__).parent
    for root in (package / "bundled", package.parent):
        if (root / path).is_file():
            return root / path
    raise FileNotFoundError(f"{path} is missing: install d2l_utils again")


def checkout() -> Path | None:
    """The folder of the project, if the package is in one and not from a wheel."""
    package = Path(__file__).parent
    is_one = (package.parent / "data" / "README.md").is_file()
    return package.parent if is_one and not (package / "bundled").exists() else None
