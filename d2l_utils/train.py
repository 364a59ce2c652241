"""Training beyond a notebook: the command ``python -m d2l_utils.train`` (lesson 10).

The same command is one process, or one of many when ``torchrun`` starts it. The page
"Training beyond a notebook" of the web edition tells what it does.
"""

import argparse
import contextlib
import functools
import io
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import _checks
from ._torch import torch
from ._training import (
    PRECISIONS,
    SCHEDULES,
    Group,
    Refusal,
    Training,
    checkpoint_file,
    differences,
)
from .images import Digits, load_digits, load_idx, load_mnist
from .optimizers import OPTIMIZERS

CHECKS = {
    "lr": _checks.positive,
    "warmup": _checks.count,
    "epochs": _checks.positive_count,
    "batch_size": _checks.positive_count,
    "seed": _checks.count_to(2**62),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and helps once."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(message)

    def print_help(self, file: Any = None) -> None:
        if os.environ.get("RANK", "0") == "0":
            super().print_help(file)


def parser() -> argparse.ArgumentParser:
    """Make what reads the options of the command."""
    parser = _Parser(
        prog="python -m d2l_utils.train",
        description="Train a network on labeled pictures, in one process, or in many "
        "where torchrun starts it. Metrics are JSON lines, one for each epoch and one "
        "with the test accuracy.",
        allow_abbrev=False,
    )

    def add(name: str, help: str, **more: Any) -> None:
        if "default" in more:
            help += f" (default: {more['default']})"
        parser.add_argument(name, help=help, **more)

    add(
        "--data",
        "mnist, the digits of the course, or a folder with idx files named as MNIST's",
        default="mnist",
        metavar="mnist|digits|FOLDER",
    )
    add(
        "--network",
        "sizes of all layers, such as 784-64-10, or cnn, that of lesson 08; without "
        "it there is one hidden layer of 128",
        metavar="SIZES|cnn",
    )
    add("--optimizer", "rule of the steps", default="Adam", choices=OPTIMIZERS)
    add("--lr", "learning rate", default=1e-3, type=float)
    add(
        "--schedule",
        "how the rate falls: not at all, to a tenth after each third of the training, "
        "evenly to a hundredth, or along a cosine to 0",
        default="constant",
        choices=SCHEDULES,
    )
    add(
        "--warmup",
        "steps in which the rate rises first",
        default=0,
        type=int,
        metavar="STEPS",
    )
    add("--epochs", "passes through the pictures", default=10, type=int)
    add("--batch-size", "pictures of a step, per process", default=32, type=int)
    add("--seed", "of the start and of the order", default=0, type=int)
    add(
        "--precision",
        "bf16 multiplies in 16 bits, fp64 shows that 1 and n processes agree",
        default="fp32",
        choices=PRECISIONS,
    )
    add(
        "--device",
        "cuda is a GPU for each process; auto takes them where there are any",
        default="auto",
        choices=("auto", "cpu", "cuda"),
    )
    add(
        "--checkpoint",
        "keep the training there, and go on with what is there",
        metavar="FOLDER",
        type=Path,
    )
    add(
        "--metrics",
        "append the metrics to a file, and do not print them",
        metavar="FILE",
        type=Path,
    )
    return parser


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options, looked at."""
    args = parser().parse_args(argv)
    for name, check in CHECKS.items():
        try:
            check(f"--{name.replace('_', '-')}", getattr(args, name), {})
        except ValueError as error:
            raise Refusal(str(error)) from None
    return args


def _load(name: str) -> Digits:
    """The pictures."""
    if name == "digits":
        return load_digits()
    if name != "mnist":
        try:
            return load_idx(name)
        except (OSError, ValueError) as error:
            raise Refusal(f"--data {name}: {error}") from None
    # What it says would stand among the metrics.
    with contextlib.redirect_stdout(io.StringIO()) as said:
        data = load_mnist()
    if data.name != "MNIST":
        reason = said.getvalue().rpartition(": using")[0]
        raise Refusal(f"{reason}; --data digits needs no download")
    return data


def _places(args: argparse.Namespace, group: Group) -> bytes | None:
    """See that files can be written; the content of the checkpoint, if there is one."""
    content = path = None
    try:
        if group.rank == 0 and (path := args.checkpoint):
            path.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=path).close()
            path = checkpoint_file(path)
            content = path.read_bytes() if path.exists() else None
        if group.rank == 0 and (path := args.metrics):
            path.open("a").close()
    except OSError as error:
        raise Refusal(f"{path} cannot be used: {error.strerror}") from None
    return content


def _report(args: argparse.Namespace, group: Group, line: dict[str, Any]) -> None:
    """Write one line of metrics, in the first process."""

    def write() -> None:
        if group.rank:
            return
        try:
            if not args.metrics:
                print(json.dumps(line), flush=True)
                return
            with args.metrics.open("a", encoding="utf-8") as file:
                print(json.dumps(line), file=file)
        except OSError as error:
            raise Refusal(f"metrics cannot be written: {error.strerror}") from None

    group.together(write)


def _train(argv: Sequence[str] | None, group: Group) -> int:
    args = group.together(_arguments, argv)
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)  # as torchrun does: more slow a small network down
    content = group.first(group.together(_places, args, group))
    # One process of each computer may have to download what the others find then.
    data = group.together(lambda: None if group.local_rank else _load(args.data))
    data = group.together(lambda: data or _load(args.data))
    training = group.together(Training, args, group, data)
    first, *others = group.gather(training.options)
    for rank, other in enumerate(others, 1):
        if differ := differences(other, first):
            raise Refusal(f"rank {rank} was not started as rank 0 was: {differ}")
    state = None
    if content is not None:
        state = group.together(training.read, content)
    group.say(training.describe())
    training.distribute()
    if state:
        training.go_on(state)
    number = training.run(functools.partial(_report, args, group))
    if not number:
        return 0
    kept = "the same command goes on from here"
    group.say(
        f"stopped after epoch {training.epoch} and {training.place:,} pictures of the "
        f"next; {kept if args.checkpoint else 'without --checkpoint nothing is kept'}"
    )
    return 128 + number


def main(argv: Sequence[str] | None = None) -> int:
    """Train as the command line says.

    Args:
        argv: the options; without them those of the command line.

    Returns:
        What the process ends with: 0, or 2 after bad input, or 128 and the number of
        the signal that stopped the training.
    """
    group = Group()
    try:
        with group:
            return _train(argv, group)
    except Refusal as refusal:
        group.say(f"error: {refusal}")
        return 2
    except KeyboardInterrupt:  # before the training has begun
        return 130


if __name__ == "__main__":
    sys.exit(main())
