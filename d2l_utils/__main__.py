"""The door to the course: the command ``python -m d2l_utils``, or ``downhill``.

It opens in any Python, and says what is missing there: what a command needs is imported
only when it is given.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

PROG = "python -m d2l_utils"
DOCTOR = f"`{PROG} doctor` says what is installed, and what to do."


class _MisuseError(Exception):
    """What is wrong with the command line."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise _MisuseError(f"{message}; `{self.prog} --help` shows what there is")


def parser() -> argparse.ArgumentParser:
    """Make what reads the command line."""
    parser = _Parser(
        prog=PROG,
        description="Downhill: deep learning from one slope to handwritten digits.",
        epilog=f"`{PROG} lab --help` says more about lab, and so on.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(
        dest="command", title="commands", metavar="COMMAND"
    )

    def add(name: str, help: str, epilog: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=help,
            description=f"{help[0].upper()}{help[1:]}.",
            epilog=epilog,
            allow_abbrev=False,
        )

    lab = add(
        "lab",
        "bring your copy of the lessons up to date, and open it in JupyterLab",
        "All other options are JupyterLab's: --no-browser, --port=8890.",
    )
    copy = add("copy", "bring your copy of the lessons up to date, and open nothing")
    add("progress", "show which exercises are solved")
    doctor = add(
        "doctor", "look whether all is installed, and whether the numbers come out"
    )
    add("train", f"train beyond a notebook, as `{PROG}.train` does")
    for command in (lab, copy):
        command.add_argument("--language", default="en", help="default: en")
    for command in (lab, copy, doctor):
        command.add_argument(
            "--folder",
            type=Path,
            help="where your copy is; default: my_lessons in the folder of the course, "
            "if it is installed from there, else in the current one",
        )
    return parser


def _run(argv: Sequence[str]) -> int:
    """Do what the command line says."""
    if argv[:1] == ["train"]:
        from .train import main as train

        return train(argv[1:])
    reader = parser()
    options, others = reader.parse_known_args(argv)
    if others and not (options.command == "lab" and others[0].startswith("-")):
        hint = f"; the folder is --folder {others[0]}" * (options.command == "lab")
        reader.error(f"{others[0]} is no option{hint}")
    if options.command == "progress":
        from .exercises.messages import progress

        progress()
    elif options.command == "doctor":
        from ._doctor import examine

        return examine(options.folder)
    elif options.command:
        from ._lab import open_lab
        from ._working_copy import default_folder, keep

        folder = (options.folder or default_folder()).resolve()
        if options.command == "lab":
            open_lab(options.language, folder, others)
        else:
            keep(options.language, folder)
    else:
        reader.print_help()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says, whatever happens without a traceback.

    Args:
        argv: the command and its options; without them those of the command line.

    Returns:
        What the process ends with: 0, or 1 if something is wrong here, 2 if it is the
        command, 130 after Ctrl + C.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 -- pip refuses it, a checkout cannot
        print(
            f"Python 3.11 or newer is needed; {sys.executable} is older.",
            file=sys.stderr,
        )
        return 1
    from ._working_copy import CopyError

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a folder may have any name
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # nobody reads on; nor may Python say so at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except _MisuseError as error:
        print(error, file=sys.stderr)
        return 2
    except CopyError as error:
        message = str(error)
    except ModuleNotFoundError as error:
        message = f"This Python, {sys.executable}, lacks the package {error.name}. "
        message += DOCTOR
    except Exception as error:
        message = f"{type(error).__name__}: {error}\n{DOCTOR}"
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
