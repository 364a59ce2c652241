"""The command that trains beyond a notebook, in one process and in many."""

import contextlib
import functools
import gzip
import io
import json
import math
import os
import re
import shlex
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import d2l_utils as d2l
from d2l_utils import _training, launch, train
from d2l_utils.images import FILES, Digits, load_idx
from d2l_utils.optimizers import OPTIMIZERS
from project import ROOT

LONG = 600  # seconds; it takes some ten of them on a quiet machine
LOCAL = {
    "GLOO_SOCKET_IFNAME": launch.LOOPBACK,
    "OMP_NUM_THREADS": "1",
    "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
}
N = 1198  # of the bundled digits, to train on
PAGE = (ROOT / "site" / "train.md").read_text(encoding="utf-8")

no_windows = pytest.mark.skipif(os.name == "nt", reason="torchrun needs POSIX")


def call(*options):
    """What the command ends with in this process, its metrics and what it says."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = train.main(["--data", "digits", *map(str, options)])
    return code, lines(out.getvalue()), err.getvalue()


def lines(text):
    """Lines of JSON, in which not a number is none."""

    def refuse(constant):
        raise ValueError(constant)

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


class Command:
    """The command as a process of its own, or as several that torchrun starts."""

    def __init__(self, folder, *options, processes=0, restarts=0):
        torchrun = [
            *("d2l_utils.launch", "--standalone", "--local-addr=127.0.0.1"),
            *(f"--nproc-per-node={processes}", f"--max-restarts={restarts}", "-m"),
        ]
        self.processes = processes
        self.out, self.err = folder / "stdout", folder / "stderr"
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", *(torchrun if processes else [])),
                    *("d2l_utils.train", "--data", "digits", *map(str, options)),
                ],
                cwd=ROOT,
                env=os.environ | LOCAL,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        if self.processes:  # torchrun ends with all that it has started
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(launch.GRACE)
        self.process.kill()
        self.process.wait()

    def until(self, happened):
        deadline = time.monotonic() + LONG
        while not happened():
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def end(self):
        """Its exit code, its metrics and what it says, when it has ended by itself."""
        code = self.process.wait(LONG)
        return code, lines(self.out.read_text()), self.err.read_text()


def run(folder, *options, processes):
    with Command(folder, *options, processes=processes) as command:
        return command.end()


def state(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)


def entries(value):
    """All numbers of a nested state, one after the other."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [number for one in value for number in entries(one)]
    return torch.as_tensor(value).flatten().tolist()


def trained(folder):
    """The parts of a state that a disturbed run shares with an undisturbed one."""
    parts = ("network", "optimizer", "losses", "epoch", "place", "step")
    return {part: entries(state(folder)[part]) for part in parts}


def without_times(metrics):
    times = {"seconds", "examples_per_second"}
    return [{k: v for k, v in one.items() if k not in times} for one in metrics]


def stopped_after(monkeypatch, steps, *options):
    """Send a signal to a training in this process during the step before."""
    take_step = _training.Training.take_step

    def take(self, rows):
        take_step(self, rows)
        if self.step == steps - 1:
            signal.raise_signal(signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(_training.Training, "take_step", take)
        return call(*options)


# --- One process


def test_the_metrics_are_json_lines():
    code, metrics, said = call("--epochs", 2)
    assert code == 0
    *epochs, test = metrics
    assert [line["epoch"] for line in epochs] == [1, 2]
    assert [line["step"] for line in epochs] == [38, 76]
    for line in epochs:
        assert set(line) == {
            *("epoch", "step", "train_loss", "valid_accuracy", "lr", "seconds"),
            *("examples_per_second", "processes"),
        }
        assert line["processes"] == 1
        assert line["lr"] == 1e-3
    assert epochs[1]["train_loss"] < epochs[0]["train_loss"] < math.log(10)
    assert 0.85 < epochs[1]["valid_accuracy"] <= 1
    assert set(test) == {"epoch", "step", "test_accuracy"}
    assert 0.7 < test["test_accuracy"] <= 1
    assert re.fullmatch(
        r"784-128-10 on digits \(\w{12}\): 1,198 pictures to train on, 239 to "
        r"validate, 360 to test; 1 process, cpu\n",
        said,
    )


def test_the_metrics_go_to_a_file_and_another_run_appends(tmp_path):
    file = tmp_path / "metrics.jsonl"
    for count in (2, 4):
        code, printed, _ = call("--epochs", 1, "--metrics", file)
        assert (code, printed) == (0, [])
        assert len(lines(file.read_text())) == count


def test_a_seed_gives_the_same_training_and_another_one_another():
    options = ("--epochs", 1, "--network", "784-8-10")
    one, same, other = (
        without_times(call(*options, "--seed", seed)[1]) for seed in (1, 1, 2)
    )
    assert one == same != other


def test_the_callers_generator_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    call("--epochs", 1)
    assert torch.rand(1) == expected


@pytest.mark.parametrize("precision", ["bf16", "fp64"])
@pytest.mark.parametrize("network", ["784-10", "784-64-32-10", "cnn"])
def test_networks_and_precisions_learn(tmp_path, network, precision):
    code, metrics, _ = call(
        *("--network", network, "--precision", precision, "--epochs", 3),
        *("--checkpoint", tmp_path),
    )
    assert code == 0
    assert metrics[2]["train_loss"] < metrics[0]["train_loss"]
    assert metrics[-1]["test_accuracy"] > 0.4
    kind = torch.float64 if precision == "fp64" else torch.float32
    assert {p.dtype for p in state(tmp_path)["network"].values()} == {kind}


@pytest.mark.parametrize(
    ("schedule", "last"),
    [
        ("constant", 1),
        ("step", 0.01),
        ("exponential", 0.01 ** (113 / 114)),
        ("cosine", (1 + math.cos(math.pi * 113 / 114)) / 2),
    ],
)
def test_schedules_cover_the_training(schedule, last):
    _, metrics, _ = call("--schedule", schedule, "--epochs", 3, "--lr", 0.5)
    assert metrics[2]["lr"] == pytest.approx(0.5 * last, rel=1e-12)


def test_the_rate_rises_first():
    options = ("--warmup", 76, "--schedule", "cosine", "--epochs", 4, "--lr", 0.5)
    _, metrics, _ = call(*options)
    rates = [line["lr"] / 0.5 for line in metrics[:4]]
    cosine = [(1 + math.cos(math.pi * t / 76)) / 2 for t in (37, 75)]
    assert rates == pytest.approx([0.5, 1, *cosine], rel=1e-12)


def test_one_step_is_that_of_the_packages_optimizer(tmp_path):
    code, _, _ = call(
        *("--batch-size", N, "--epochs", 1, "--precision", "fp64", "--lr", 0.1),
        *("--optimizer", "SGD", "--checkpoint", tmp_path),
    )
    assert code == 0
    data = d2l.load_digits()
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
    ).double()
    X = torch.from_numpy(data.train_images[:N].reshape(N, 784) / 255.0)
    y = torch.from_numpy(data.train_labels[:N])
    torch.nn.functional.cross_entropy(net(X), y).backward()
    torch.optim.SGD(net.parameters(), lr=0.1).step()
    for name, expected in net.state_dict().items():
        assert torch.allclose(state(tmp_path)["network"][name], expected, atol=1e-14)


# --- Going on


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_stopped_within_an_epoch_it_goes_on_exactly(monkeypatch, tmp_path, optimizer):
    options = ("--optimizer", optimizer, "--epochs", 2, "--schedule", "cosine")
    options += ("--warmup", 5, "--network", "784-16-10")
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    code, expected, _ = call(*options, "--checkpoint", whole)
    assert code == 0
    part = (*options, "--checkpoint", halves)
    code, metrics, said = stopped_after(monkeypatch, 45, *part)
    assert code == 128 + signal.SIGTERM
    assert said.endswith(
        "stopped after epoch 1 and 224 pictures of the next; the same command goes on "
        "from here\n"
    )
    assert len(metrics) == 1
    code, more, said = call(*part)
    assert code == 0
    assert "goes on after epoch 1 and 224 pictures of the next" in said
    assert without_times(metrics + more) == without_times(expected)
    assert trained(halves) == trained(whole)


@pytest.mark.parametrize("steps", [2, 38, 39, 76])
def test_every_step_is_a_place_to_stop(monkeypatch, tmp_path, steps):
    options = ("--epochs", 2, "--network", "784-16-10", "--checkpoint")
    _, expected, _ = call(*options, tmp_path / "whole")
    code, metrics, _ = stopped_after(monkeypatch, steps, *options, tmp_path / "halves")
    assert code == 128 + signal.SIGTERM
    assert state(tmp_path / "halves")["step"] == steps
    _, more, _ = call(*options, tmp_path / "halves")
    assert without_times(metrics + more) == without_times(expected)
    assert trained(tmp_path / "halves") == trained(tmp_path / "whole")


def test_without_a_checkpoint_a_stop_says_that_nothing_is_kept(monkeypatch):
    code, _, said = stopped_after(monkeypatch, 3)
    assert code == 128 + signal.SIGTERM
    assert said.endswith("without --checkpoint nothing is kept\n")


def test_a_longer_training_goes_on_from_a_shorter_one(tmp_path):
    options = ("--network", "784-16-10", "--checkpoint")
    call(*options, tmp_path / "long", "--epochs", 3)
    for epochs, count in [(1, 2), (3, 3), (3, 1), (2, 1)]:
        code, metrics, _ = call(*options, tmp_path / "grown", "--epochs", epochs)
        assert code == 0
        assert len(metrics) == count  # one is the test's
    assert trained(tmp_path / "grown") == trained(tmp_path / "long")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--network", "784-64-10"], "--network 784-128-10, not 784-64-10"),
        (["--optimizer", "SGD"], "--optimizer Adam, not SGD"),
        (["--lr", "0.01"], "--lr 0.001, not 0.01"),
        (["--seed", "1"], "--seed 0, not 1"),
        (["--precision", "bf16"], "--precision fp32, not bf16"),
        (["--warmup", "2"], "--warmup 0, not 2"),
        (
            ["--schedule", "cosine", "--epochs", "2"],
            "--schedule constant, not cosine, --epochs 1, not 2",
        ),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(tmp_path, options, said):
    call("--epochs", 1, "--checkpoint", tmp_path)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    code, metrics, words = call("--epochs", 1, "--checkpoint", tmp_path, *options)
    assert (code, metrics) == (2, [])
    assert words == (
        f"error: {tmp_path / 'checkpoint.pt'} is of another training ({said}): use the "
        "same options, or another folder\n"
    )
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_other_data_are_another_training(tmp_path, own):
    call("--epochs", 1, "--checkpoint", tmp_path)
    _, _, said = call(
        *("--data", own, "--batch-size", 2, "--epochs", 1, "--checkpoint", tmp_path)
    )
    assert re.search(r"--data digits \(\w{12}\), not own \(\w{12}\)", said)


def test_another_batch_size_is_said(tmp_path):
    call("--epochs", 1, "--checkpoint", tmp_path)
    code, _, said = call("--epochs", 2, "--checkpoint", tmp_path, "--batch-size", 16)
    assert code == 0
    assert "processes: 1 then, 1 now; pictures of a step: 32 then, 16 now" in said


@pytest.mark.parametrize("content", [b"", b"nonsense", "cut", "other"])
def test_a_damaged_checkpoint_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "checkpoint.pt"
    call("--epochs", 1, "--checkpoint", tmp_path)
    if content == "cut":
        content = path.read_bytes()[:-1000]
    if content == "other":
        d2l.save_checkpoint(path, {"network": {}})
        content = path.read_bytes()
    path.write_bytes(content)
    code, _, said = call("--epochs", 1, "--checkpoint", tmp_path)
    assert code == 2
    assert said.startswith(f"error: {path} is damaged, or not a checkpoint of this")
    assert path.read_bytes() == content


def test_a_loss_that_is_no_number_ends_it_and_the_checkpoint_stays(tmp_path):
    options = ("--optimizer", "SGD", "--lr", 1e30, "--checkpoint", tmp_path)
    code, metrics, said = call(*options)
    assert (code, metrics) == (2, [])
    assert said.endswith(
        "error: the loss is no longer a finite number in epoch 1: try a smaller --lr\n"
    )
    assert not list(tmp_path.iterdir())


# --- Bad input


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lr", "0"], "--lr must be a finite number > 0, got 0.0"),
        (["--lr", "-1"], "--lr must be a finite number > 0, got -1.0"),
        (["--lr", "nan"], "--lr must be a finite number > 0, got nan"),
        (["--lr", "fast"], "argument --lr: invalid float value: 'fast'"),
        (["--epochs", "0"], "--epochs must be >= 1, got 0"),
        (["--batch-size", "0"], "--batch-size must be >= 1, got 0"),
        (["--warmup", "-1"], "--warmup must be >= 0, got -1"),
        (["--seed", "-1"], "--seed must be >= 0, got -1"),
        (["--seed", str(2**63)], f"--seed must be <= {2**62}, got {2**63}"),
        (["--speed", "1"], "unrecognized arguments: --speed 1"),
        (
            ["--batch-size", "1199"],
            "--batch-size 1199 times 1, the number of processes, is more than the 1198 "
            "pictures to train on",
        ),
        (
            ["--warmup", "380"],
            "--warmup 380 must be below the 380 steps of the training",
        ),
        (
            ["--network", "128"],
            "--network must be cnn or sizes such as 784-128-10, got 128",
        ),
        (
            ["--network", "784-0-10"],
            "--network must be cnn or sizes such as 784-128-10, got 784-0-10",
        ),
        (
            ["--network", "784-128-12"],
            "--network 784-128-12 must begin with 784 and end with 10, as the data "
            "have 784 pixels and 10 classes",
        ),
        (["--data", "nowhere"], "--data nowhere: there is no such folder"),
    ],
)
def test_bad_input_is_told_in_one_sentence(options, said):
    assert call(*options) == (2, [], f"error: {said}\n")


@pytest.mark.parametrize("option", ["--optimizer", "--schedule", "--precision"])
def test_the_choices_are_told(option):
    code, _, said = call(option, "none")
    assert code == 2
    assert said.startswith(f"error: argument {option}: invalid choice: 'none' (choose ")
    assert said.count("\n") == 1


def test_cuda_where_there_is_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    _, _, said = call("--device", "cuda")
    assert said == (
        "error: --device cuda: each process needs a GPU of its own, and CUDA finds 0 "
        "here; --device cpu does without\n"
    )


@pytest.mark.parametrize("option", ["--checkpoint", "--metrics"])
def test_a_place_that_cannot_be_written(tmp_path, option):
    (tmp_path / "file").touch()
    code, _, said = call(option, tmp_path / "file" / "below")
    assert code == 2
    assert said == f"error: {tmp_path / 'file' / 'below'} cannot be used: Not a " + (
        "directory\n"
    )


def test_a_checkpoint_that_cannot_be_written_later(monkeypatch, tmp_path):
    def full(path, state):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_training, "save_checkpoint", full)
    code, metrics, said = call("--checkpoint", tmp_path)
    assert (code, len(metrics)) == (2, 1)
    assert "error: cannot write" in said
    assert "No space left on device" in said


def test_without_mnist_it_trains_on_nothing_else(monkeypatch):
    monkeypatch.delenv("D2L_DATA_DIR", raising=False)
    load_mnist = d2l.load_mnist
    monkeypatch.setattr(train, "load_mnist", lambda: load_mnist("nowhere", mirrors=()))
    code, metrics, said = call("--data", "mnist")
    assert (code, metrics) == (2, [])
    assert said.startswith("error: MNIST is not complete in nowhere (missing: train-")
    assert said.endswith("; --data digits needs no download\n")


# --- A folder of one's own

RNG = np.random.default_rng(0)
OWN = [RNG.integers(0, n, s) for n, s in [(256, (24, 6, 5)), (256, (5, 6, 5))]]
OWN_LABELS = [np.arange(24) % 3, np.arange(5) % 3]
NAMES = [file.name.removesuffix(".gz") for file in FILES]


def idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    arrays = [OWN[0], OWN_LABELS[0], OWN[1], OWN_LABELS[1]]
    for name, array in zip(NAMES, arrays, strict=True):
        (folder / name).write_bytes(idx(array))
    return folder


def test_pictures_of_ones_own_are_read_packed_or_not(own):
    (own / f"{NAMES[0]}.gz").write_bytes(gzip.compress((own / NAMES[0]).read_bytes()))
    (own / NAMES[0]).unlink()
    data = load_idx(own)
    assert isinstance(data, Digits)
    assert data.name == "own"
    assert np.array_equal(data.train_images, OWN[0])
    assert np.array_equal(data.test_labels, OWN_LABELS[1])
    assert (data.train_images.dtype, data.train_labels.dtype) == (np.uint8, np.int64)


def test_pictures_of_ones_own_are_trained_on(own):
    code, metrics, said = call("--data", own, "--batch-size", 4, "--epochs", 2)
    assert (code, len(metrics)) == (0, 3)
    assert said.startswith("30-128-3 on own (")
    assert "20 pictures to train on, 4 to validate, 5 to test" in said


@pytest.mark.parametrize(
    ("place", "content", "said"),
    [
        (0, None, "train-images-idx3-ubyte.gz is missing"),
        (3, None, "t10k-labels-idx1-ubyte.gz is missing"),
        (0, idx(OWN[0])[:-1], f"{NAMES[0]} is cut off or damaged"),
        (0, b"", f"{NAMES[0]} is cut off or damaged"),
        (0, b"<html>no</html>", f"{NAMES[0]} is cut off or damaged"),
        (0, gzip.compress(idx(OWN[0]))[:-9], f"{NAMES[0]} is cut off or damaged"),
        (
            1,
            b"\0\0\x0c" + idx(OWN_LABELS[0])[3:],
            f"{NAMES[1]} does not hold bytes in the IDX format of MNIST",
        ),
        (
            1,
            idx(OWN[0]),
            f"{NAMES[1]} does not hold bytes in the IDX format of MNIST",
        ),
        (1, idx(OWN_LABELS[0][1:]), "24 pictures and 23 labels to train with"),
        (3, idx(OWN_LABELS[1][:0]), "5 pictures and 0 labels to test with"),
        (3, idx(OWN_LABELS[1] + 1), "the labels to test with go to 3, those to train"),
        (2, idx(OWN[1][:, 1:]), "the pictures to train with have the shape (6, 5), "),
    ],
)
def test_a_folder_that_is_not_right(own, place, content, said):
    (own / NAMES[place]).unlink()
    if content is not None:
        (own / NAMES[place]).write_bytes(content)
    code, _, words = call("--data", own)
    assert code == 2
    assert words.startswith(f"error: --data {own}: {said}")
    assert words.count("\n") == 1


def test_small_pictures_are_none_for_the_cnn(own):
    _, _, said = call("--data", own, "--network", "cnn", "--batch-size", 4)
    assert said == (
        "error: --network cnn needs pictures of at least 16 × 16 pixels, got 6 × 5\n"
    )


def test_too_few_pictures(own):
    for k, content in enumerate([OWN[0][:5], OWN_LABELS[0][:5]]):
        (own / NAMES[k]).write_bytes(idx(content))
    assert call("--data", own)[2] == "error: at least 6 pictures are needed, got 5\n"


# --- What each of several processes does


def one_of(rank, size, *options):
    """The training of one of several processes, which never asks the others."""
    group = _training.Group()
    group.rank, group.size = rank, size
    args = train.parser().parse_args(["--device", "cpu", *options])
    return _training.Training(args, group, d2l.load_digits())


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_every_picture_is_asked_once(monkeypatch, size):
    asked = []

    def scores(model, pixels):
        asked.append(len(pixels))
        return model(pixels / 255)

    counted = []
    for rank in range(size):
        training = one_of(rank, size)
        monkeypatch.setattr(training, "_scores", scores)
        monkeypatch.setattr(training.group, "gather", lambda n: counted.append(n) or [])
        training.accuracy(*training.test_part)
    assert sum(asked) == 360
    assert max(asked) - min(asked) <= 1
    training = one_of(0, 1)
    assert sum(counted) / 360 == training.accuracy(*training.test_part)


def test_the_order_is_that_of_the_distributed_sampler(monkeypatch):
    for epoch in (0, 3):
        for rank in range(2):
            training = one_of(rank, 2, "--seed", "7")
            training.epoch, seen = epoch, []

            def scores(rows, training=training, seen=seen):
                seen.extend(rows.tolist())
                return training.net(training.train_part[0][rows] / 255)

            monkeypatch.setattr(training, "scores", scores)
            training.finish_epoch([])
            sampler = torch.utils.data.DistributedSampler(range(N), 2, rank, seed=7)
            sampler.set_epoch(epoch)
            assert seen == list(sampler)


# --- Several processes


def compare(folder, processes, batch_size, epochs=2):
    """Train in one process and in several, with the same pictures in each step."""
    options = ("--precision", "fp64", "--network", "784-16-10", "--epochs", epochs)
    one, many = folder / "one", folder / "many"
    size = processes * batch_size
    _, expected, _ = call(*options, "--batch-size", size, "--checkpoint", one)
    options = (*options, "--batch-size", batch_size, "--checkpoint", many)
    code, metrics, said = run(folder, *options, processes=processes)
    assert code == 0, said
    assert said.count("784-16-10 on digits") == 1
    for line, other in zip(metrics, expected, strict=True):
        assert line.pop("processes", processes) == processes
        for name, value in without_times([line])[0].items():
            assert value == pytest.approx(other[name], rel=1e-12)
    for part in ("network", "optimizer"):
        a, b = (np.array(entries(state(folder)[part])) for folder in (one, many))
        assert np.abs(a - b).max() < 1e-12


@no_windows
def test_two_processes_train_as_one_does(tmp_path):
    compare(tmp_path, 2, 26)  # the last step has 2 pictures


@no_windows
@pytest.mark.heavy
@pytest.mark.parametrize(("processes", "batch_size"), [(1, 32), (4, 13), (4, 9)])
def test_so_do_others(tmp_path, processes, batch_size):
    # Of the last 2 pictures two of four processes get none.
    assert processes == 1 or N % 52 == 2
    compare(tmp_path, processes, batch_size)


def check_going_on(folder, number, processes):
    """Stop a training by a signal, go on, and compare it with an undisturbed one."""
    options = ("--network", "784-16-10", "--batch-size", 16, "--epochs")
    whole, halves = folder / "whole", folder / "halves"
    first = (*options, 100_000, "--checkpoint", halves)
    with Command(folder, *first, processes=processes) as command:
        command.until(lambda: command.out.read_text().count("\n"))
        command.process.send_signal(number)
        code, metrics, said = command.end()
    assert "stopped after" in said
    assert not list(halves.glob("*.part"))
    options += (state(halves)["epoch"] + 2, "--checkpoint")
    if processes:
        go_on = functools.partial(run, folder, processes=processes)
    else:  # what torchrun says and ends with is its own
        assert "Traceback" not in said
        assert code == 128 + number
        go_on = call
    code, more, said = go_on(*options, halves)
    assert code == 0, said
    code, expected, said = go_on(*options, whole)
    assert code == 0, said
    assert without_times(metrics + more) == without_times(expected)
    assert trained(halves) == trained(whole)


@no_windows
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_loses_nothing(tmp_path, number):
    check_going_on(tmp_path, number, 0)


@no_windows
@pytest.mark.heavy
@pytest.mark.parametrize(
    ("number", "processes"),
    [(signal.SIGINT, 2), (signal.SIGTERM, 2), (signal.SIGTERM, 4)],
)
def test_a_signal_to_torchrun_loses_nothing(tmp_path, number, processes):
    check_going_on(tmp_path, number, processes)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
@pytest.mark.heavy
def test_a_killed_process_is_started_again_and_goes_on(tmp_path):
    options = ("--network", "784-16-10", "--batch-size", 16, "--epochs", 20)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    code, expected, said = run(tmp_path, *options, "--checkpoint", whole, processes=2)
    assert code == 0, said
    options += ("--checkpoint", killed)
    with Command(tmp_path, *options, processes=2, restarts=1) as command:
        command.until((killed / "checkpoint.pt").exists)
        agent = Path(f"/proc/{command.process.pid}/task/{command.process.pid}")
        workers = [
            int(child)
            for child in (agent / "children").read_text().split()
            if b"d2l_utils.train" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
        assert len(workers) == 2
        os.kill(workers[1], signal.SIGKILL)
        code, metrics, said = command.end()
        assert code == 0, said
    assert "goes on after" in said
    assert metrics[-1] == expected[-1]
    assert trained(killed) == trained(whole)


@no_windows
@pytest.mark.heavy
def test_another_number_of_processes_goes_on_and_says_so(tmp_path):
    options = ("--network", "784-16-10", "--checkpoint", tmp_path)
    call(*options, "--epochs", 1)
    code, metrics, said = run(tmp_path, *options, "--epochs", 2, processes=2)
    assert code == 0, said
    assert "processes: 1 then, 2 now; pictures of a step: 32 then, 64 now" in said
    assert [line["epoch"] for line in metrics] == [2, 2]


@no_windows
def test_of_several_processes_one_says_what_is_wrong(tmp_path):
    code, metrics, said = run(tmp_path, "--network", "784-10-9", processes=2)
    assert code != 0
    assert metrics == []
    # torchrun's own report follows.
    assert len(re.findall("^error: --network", said, re.MULTILINE)) == 1
    assert "File " not in said.partition("error: --network")[0]


def test_what_one_process_refuses_all_refuse(monkeypatch):
    group = _training.Group()
    monkeypatch.setattr(group, "gather", lambda own: [own, "", "no such file"])
    with pytest.raises(_training.Refusal, match=r"^rank 2: no such file$"):
        group.together(lambda: 1)


@no_windows
def test_others_than_rank_0_are_silent(monkeypatch, capsys):
    monkeypatch.setenv("RANK", "1")
    with pytest.raises(SystemExit):
        train.parser().parse_args(["--help"])
    assert capsys.readouterr().out == ""


# --- What is written about it


def test_the_page_and_the_help_name_the_same_options():
    options = set(re.findall(r"--[a-z-]+", train.parser().format_help())) - {"--help"}
    table = re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE)
    assert sorted(table) == sorted(options)


def test_the_page_names_the_defaults():
    defaults = vars(train.parser().parse_args([]))
    rows = re.findall(r"^\| `--([a-z-]+)[^|]*\|[^|]*\|([^|]*)\|$", PAGE, re.MULTILINE)
    assert len(rows) == len(defaults)
    for name, shown in rows:
        value = defaults[name.replace("-", "_")]
        if value is not None:
            assert shown.strip() == f"`{value}`"


def test_the_commands_of_the_page_are_right():
    text = PAGE.replace("\\\n", " ")
    commands = re.findall(r"^.*-m d2l_utils\.train(.*)$", text, re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        words = shlex.split(command.partition(">")[0])
        train._arguments(words)


def test_importing_it_loads_no_torch():
    code = "import sys, d2l_utils.train; print('torch' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "False\n"
