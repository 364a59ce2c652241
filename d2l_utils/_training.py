"""What ``python -m d2l_utils.train`` does, in one process or in many (lesson 10)."""

import argparse
import contextlib
import hashlib
import io
import itertools
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ._torch import torch
from .images import Digits
from .optimizers import OPTIMIZERS
from .scaling import save_checkpoint, shard
from .schedules import (
    Schedule,
    cosine_decay,
    exponential_decay,
    step_decay,
    warmup,
)

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
PRECISIONS = ("fp32", "bf16", "fp64")
# Of how many steps is it made; the rate is multiplied by what it gives for a step.
SCHEDULES: dict[str, Callable[[int], Schedule]] = {
    "constant": lambda steps: lambda t: 1.0,
    "step": lambda steps: step_decay(math.ceil(steps / 3)),
    "exponential": lambda steps: exponential_decay(0.01 ** (1 / steps)),
    "cosine": cosine_decay,
}


class Refusal(Exception):  # noqa: N818
    """Why a training cannot go on, in one sentence for whoever started it."""


class Group:
    """All processes of a training; without torchrun there is one."""

    def __init__(self) -> None:
        """Learn from torchrun's environment which of how many this one is."""
        self.many = {"RANK", "WORLD_SIZE", "LOCAL_RANK"} <= set(os.environ)
        names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
        self.rank, self.size, self.local_rank = (
            (int(os.environ[name]) for name in names) if self.many else (0, 1, 0)
        )

    def __enter__(self) -> "Group":
        """Meet the others."""
        if self.many:
            # With GPUs, gradients travel by NCCL and what the processes say by gloo.
            gpus = ",cuda:nccl" if torch.cuda.is_available() else ""
            torch.distributed.init_process_group(f"cpu:gloo{gpus}")
        return self

    def __exit__(self, *_: object) -> None:
        """Part from them."""
        if self.many:
            torch.distributed.destroy_process_group()

    def say(self, text: str) -> None:
        """Tell whoever started the training, once."""
        if self.rank == 0:
            print(text, file=sys.stderr, flush=True)

    def gather(self, value: T) -> list[T]:
        """What each process has, in the order of ranks."""
        values: list[Any] = [value] * self.size
        if self.many:
            torch.distributed.all_gather_object(values, value)
        return values

    def first(self, value: T) -> T:
        """What the first process has."""
        box = [value]
        if self.many:
            torch.distributed.broadcast_object_list(box, src=0)
        return box[0]

    def highest(self, number: int) -> Callable[[], int]:
        """Begin to ask all for a number; what is returned waits for the highest."""
        if not self.many:
            return lambda: number
        box = torch.tensor(number)
        highest = torch.distributed.ReduceOp.MAX
        work = torch.distributed.all_reduce(box, highest, async_op=True)

        def wait() -> int:
            work.wait()
            return int(box)

        return wait

    def together(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function that asks no other process; if one refuses, all refuse."""
        refusal = ""
        try:
            result = function(*arguments)
        except Refusal as error:
            refusal = str(error)
        for rank, text in enumerate(self.gather(refusal)):
            if text:
                raise Refusal(f"rank {rank}: {text}" if rank else text)
        return result


class Training:
    """A network, its optimizer, and how far they have come."""

    def __init__(self, args: argparse.Namespace, group: Group, data: Digits) -> None:
        """Get ready, without asking another process."""
        self.args, self.group = args, group
        n_valid = len(data.train_labels) // 6  # the last ones, as in lesson 08
        self.n = len(data.train_labels) - n_valid
        self.whole = args.batch_size * group.size  # pictures of one step
        self.steps = math.ceil(self.n / self.whole)  # of one epoch
        self._check_numbers(n_valid)
        steps = self.steps * args.epochs - args.warmup
        self.rate = SCHEDULES[args.schedule](steps)
        if args.warmup:
            self.rate = warmup(args.warmup, self.rate)

        shape, classes = data.train_images.shape[1:], int(data.train_labels.max()) + 1
        sizes = args.network or f"{math.prod(shape)}-128-{classes}"
        self.device = device(args.device, group.local_rank)
        self.dtype = torch.float64 if args.precision == "fp64" else torch.float32
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(args.seed)
            self.net = network(sizes, shape, classes).to(self.device, self.dtype)
        self.model = self.net
        self.optimizer = OPTIMIZERS[args.optimizer].rule(self.net.parameters(), args.lr)

        digest = hashlib.sha256()
        for array in data[:4]:
            digest.update(repr(array.shape).encode() + array.tobytes())
        X, y, X_test, y_test = (
            torch.from_numpy(array).to(self.device) for array in data[:4]
        )
        self.train_part = X[: self.n].flatten(1), y[: self.n]
        self.valid_part = X[self.n :].flatten(1), y[self.n :]
        self.test_part = X_test.flatten(1), y_test

        self.options = vars(args) | {
            "data": f"{data.name} ({digest.hexdigest()[:12]})",
            "network": sizes,
            "device": self.device.type,
        }
        del self.options["checkpoint"], self.options["metrics"]
        self.epoch = self.place = self.step = 0
        self.every = 1  # after how many steps the processes agree on going on
        self.loss = torch.zeros((), dtype=torch.float64, device=self.device)

    def _check_numbers(self, n_valid: int) -> None:
        args = self.args
        if not n_valid:
            raise Refusal(f"at least 6 pictures are needed, got {self.n}")
        if self.whole > self.n:
            raise Refusal(
                f"--batch-size {args.batch_size} times {self.group.size}, the number "
                f"of processes, is more than the {self.n} pictures to train on"
            )
        if args.warmup >= self.steps * args.epochs:
            raise Refusal(
                f"--warmup {args.warmup} must be below the {self.steps * args.epochs} "
                "steps of the training"
            )

    def distribute(self) -> None:
        """Let the processes train one network."""
        if not self.group.many:
            return
        gpus = [self.device.index] if self.device.type == "cuda" else None
        self.model = torch.nn.parallel.DistributedDataParallel(self.net, gpus)
        # After its first pass it packs the gradients anew, and then adds them up in
        # another order. So that who goes on from a checkpoint adds as who never
        # stopped, that pass is made before the first step.
        self.scores(torch.arange(1, device=self.device)).sum().backward()
        self.optimizer.zero_grad()

    def describe(self) -> str:
        """What is trained, in one line."""
        n, n_valid, n_test = (
            len(labels)
            for _, labels in (self.train_part, self.valid_part, self.test_part)
        )
        size = self.group.size
        return (
            f"{self.options['network']} on {self.options['data']}: {n:,} pictures to "
            f"train on, {n_valid:,} to validate, {n_test:,} to test; "
            f"{size} process{'es' * (size > 1)}, {self.device.type}"
        )

    # -- Going on from a checkpoint

    def state(self, losses: list[float]) -> dict[str, Any]:
        """Everything that another process needs to go on from here."""
        optimizer = {k: v for k, v in vars(self.optimizer).items() if k != "params"}
        return {
            "options": self.options,
            "network": self.net.state_dict(),
            "optimizer": optimizer,
            "losses": losses,
            "epoch": self.epoch,
            "place": self.place,
            "step": self.step,
        }

    def read(self, content: bytes) -> dict[str, Any]:
        """The state in the content of a file, or a refusal."""
        try:
            state: dict[str, Any] = torch.load(
                io.BytesIO(content), map_location=self.device, weights_only=True
            )
            missing = self.state([]).keys() - state.keys()
        except Exception:  # whatever torch makes of bytes that it has not written
            missing = {"all"}
        path = checkpoint_file(self.args.checkpoint or Path())
        if missing:
            raise Refusal(
                f"{path} is damaged, or not a checkpoint of this command: move it away "
                "to begin anew"
            )
        free = ["batch_size", "device"]
        # Without a schedule nothing depends on how long a training shall last.
        free += ["epochs"] * (self.args.schedule == "constant")
        if changed := differences(state["options"], self.options, free):
            raise Refusal(
                f"{path} is of another training ({changed}): use the same options, or "
                "another folder"
            )
        return state

    def go_on(self, state: Mapping[str, Any]) -> None:
        """Be where a state says."""
        self.net.load_state_dict(state["network"])
        vars(self.optimizer).update(state["optimizer"])
        self.epoch, self.place, self.step = (
            state[name] for name in ("epoch", "place", "step")
        )
        losses, rank = state["losses"], self.group.rank
        same = len(losses) == self.group.size
        self.loss += losses[rank] if same else sum(losses) * (rank == 0)
        self.group.say(
            f"goes on after epoch {self.epoch} and {self.place:,} pictures of the next"
        )
        before = state["options"]["batch_size"] * len(losses)
        if before != self.whole or not same:
            self.group.say(
                f"processes: {len(losses)} then, {self.group.size} now; pictures of a "
                f"step: {before} then, {self.whole} now"
            )

    def losses(self) -> list[float]:
        """The sums of the losses of this epoch in each process."""
        losses = self.group.gather(self.loss.item())
        if not math.isfinite(sum(losses)):
            raise Refusal(
                f"the loss is no longer a finite number in epoch {self.epoch + 1}: try "
                "a smaller --lr"
            )
        return losses

    def save(self) -> None:
        """Write the checkpoint, if there is a folder for it."""
        state = self.state(self.losses())

        def write() -> None:
            if self.group.rank == 0 and self.args.checkpoint:
                path = checkpoint_file(self.args.checkpoint)
                try:
                    save_checkpoint(path, state)
                except (OSError, RuntimeError) as error:  # torch's, on a full disk
                    raise Refusal(f"cannot write {path}: {error}") from None

        self.group.together(write)

    # -- Walking

    def scores(self, rows: Any) -> Any:
        """The network's answers to some pictures to train on."""
        return self._scores(self.model, self.train_part[0][rows])

    def _scores(self, model: Any, pixels: Any) -> Any:
        half = torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.args.precision == "bf16"
        )
        with half:
            return model(pixels.to(self.dtype) / 255).to(self.dtype)

    def accuracy(self, pixels: Any, labels: Any) -> float:
        """The fraction of right answers; every picture is asked in one process."""
        rank, size = self.group.rank, self.group.size
        X, y = shard(pixels, rank, size), shard(labels, rank, size)
        right = 0
        with torch.no_grad():
            for some, its in zip(X.split(1000), y.split(1000), strict=True):
                right += int((self._scores(self.net, some).argmax(1) == its).sum())
        return sum(self.group.gather(right)) / len(labels)

    def take_step(self, rows: Any) -> None:
        """Take one step with these pictures, of which each process has its share."""
        mine = shard(rows, self.group.rank, self.group.size)
        labels = self.train_part[1][mine]
        loss = torch.nn.functional.cross_entropy(
            self.scores(mine), labels, reduction="sum"
        )
        t = self.epoch * self.steps + math.ceil(self.place / self.whole)
        self.optimizer.lr = self.args.lr * self.rate(t)
        self.optimizer.zero_grad()
        # The mean of what the processes have becomes the mean over all pictures, also
        # where the last ones of an epoch do not divide among them.
        (loss * (self.group.size / len(rows))).backward()
        self.optimizer.step()
        self.loss += loss.detach()
        self.place += len(rows)
        self.step += 1

    def finish_epoch(self, caught: list[int]) -> int:
        """Walk to the end of the epoch, or until a signal has come to some process."""
        from tqdm import tqdm

        # The order of DistributedSampler: of the epoch, the same in all processes.
        generator = torch.Generator().manual_seed(self.args.seed + self.epoch)
        order = torch.randperm(self.n, generator=generator).to(self.device)
        with tqdm(
            total=self.steps,
            initial=self.steps - math.ceil((self.n - self.place) / self.whole),
            desc=f"epoch {self.epoch + 1}/{self.args.epochs}",
            unit="step",
            leave=False,
            # Where no terminal shows it, there is none.
            disable=True if self.group.rank else None,
        ) as bar:
            while self.place < self.n:
                # Asked while they compute, so that nobody has to wait.
                ask = self.step % self.every == 0
                answer = self.group.highest(caught[0] if caught else 0) if ask else int
                self.take_step(order[self.place : self.place + self.whole])
                bar.update()
                if number := answer():
                    return number
        return 0

    def run(self, report: Callable[[dict[str, Any]], None]) -> int:
        """Train to the end; if a signal comes, save and give its number."""
        # torchrun may pass on what a process has heard already.
        repeated = signal.SIG_IGN if self.group.many else signal.SIG_DFL
        with _signals(repeated) as caught:
            while self.epoch < self.args.epochs:
                start, place = time.perf_counter(), self.place
                if number := self.finish_epoch(caught):
                    self.save()
                    return number
                loss = sum(self.losses()) / self.n
                seconds = time.perf_counter() - start
                speed = (self.n - place) / seconds
                if self.group.many:
                    # It costs as much as a small step: ten times a second will do.
                    every = round(speed / self.whole / 10)
                    self.every = self.group.first(max(1, every))
                self.epoch += 1
                report(
                    {
                        "epoch": self.epoch,
                        "step": self.step,
                        "train_loss": loss,
                        "valid_accuracy": self.accuracy(*self.valid_part),
                        "lr": self.optimizer.lr,
                        "seconds": round(seconds, 3),
                        "examples_per_second": round(speed),
                        "processes": self.group.size,
                    }
                )
                self.place = 0
                self.loss.zero_()
                self.save()
        tested = self.accuracy(*self.test_part)
        report({"epoch": self.epoch, "step": self.step, "test_accuracy": tested})
        return 0


@contextlib.contextmanager
def _signals(repeated: signal.Handlers) -> Iterator[list[int]]:
    """Collect what asks for an end; what comes after it is handled as given."""
    caught: list[int] = []

    def catch(number: int, _: Any) -> None:
        caught.append(number)
        for one in SIGNALS:
            signal.signal(one, repeated)

    before = {number: signal.signal(number, catch) for number in SIGNALS}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def checkpoint_file(folder: Path) -> Path:
    """Where the checkpoint is."""
    return folder / "checkpoint.pt"


def differences(
    there: Mapping[str, Any], here: Mapping[str, Any], free: list[str] | None = None
) -> str:
    """Which options differ, in words."""
    return ", ".join(
        f"--{name.replace('_', '-')} {there.get(name)}, not {value}"
        for name, value in here.items()
        if name not in (free or []) and there.get(name) != value
    )


def device(name: str, local_rank: int) -> Any:
    """The device of one of this computer's processes, or a refusal."""
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "cpu" or (name == "auto" and not gpus):
        return torch.device("cpu")
    if local_rank >= gpus:
        raise Refusal(
            f"--device {name}: each process needs a GPU of its own, and CUDA finds "
            f"{gpus} here; --device cpu does without"
        )
    torch.cuda.set_device(local_rank)
    return torch.device("cuda", local_rank)


def network(sizes: str, shape: tuple[int, ...], classes: int) -> Any:
    """A network for rows of pixels, or a refusal."""
    nn, pixels = torch.nn, math.prod(shape)
    if sizes == "cnn":
        if len(shape) != 2 or min(shape) < 16:
            got = " × ".join(map(str, shape))
            raise Refusal(
                f"--network cnn needs pictures of at least 16 × 16 pixels, got {got}"
            )
        height, width = (((side - 4) // 2 - 4) // 2 for side in shape)
        return nn.Sequential(
            nn.Unflatten(1, (1, *shape)),
            nn.Conv2d(1, 8, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * height * width, classes),
        )
    widths = [int(size) if size.isdecimal() else 0 for size in sizes.split("-")]
    if len(widths) < 2 or not all(widths):
        raise Refusal(
            f"--network must be cnn or sizes such as {pixels}-128-{classes}, got "
            f"{sizes}"
        )
    if (widths[0], widths[-1]) != (pixels, classes):
        raise Refusal(
            f"--network {sizes} must begin with {pixels} and end with {classes}, as "
            f"the data have {pixels} pixels and {classes} classes"
        )
    layers = [nn.Linear(*sides) for sides in itertools.pairwise(widths)]
    bent = [part for layer in layers for part in (nn.ReLU(), layer)]
    return nn.Sequential(*bent[1:])
