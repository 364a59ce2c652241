"""The benchmarks work, and what is recorded can be read. No test looks at a time."""

import gc
import importlib.util
import itertools
import json
import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import builder

# Read when NumPy loads: one thread, as in the benchmarks.
os.environ.update(builder.KERNEL_ENVIRONMENT)

import numpy as np
import pytest
import torch

import backprop
import bench
import d2l_utils as d2l
import epoch_images
import epochs
import helpers
import linear
import overheads
import paths
import timing
import worker
from d2l_utils import datasets
from project import ROOT

SMALL = d2l.load_digits()
IMAGES = epoch_images.digits(
    "digits", SMALL.train_images[:100], SMALL.train_labels[:100]
)

TINY = {
    "data_iter": {"examples": 70, "features": 3, "repeats": 3, "loader_repeats": 2},
    "optimizers": {"entries": 10, "repeats": 3, "calls": 2},
    "batch_sizes": {
        "epochs": 2,
        "examples": 64,
        "clock": 0.01,
        "points": 6,
        "small_batch": 10,
    },
    "backward": {
        "networks": {"784-128-10": (4, 3, 2), "deep": (3, 3, 3, 3)},
        "batch_size": 5,
        "repeats": 2,
        "calls": 2,
    },
    "epoch": {"data": IMAGES, "repeats": 2, "slow_repeats": 1},
    "imports": {"pairs": [("json", "csv")], "repeats": 1},
    "plotting": {"data": IMAGES, "points": 40, "every": 20, "repeats": 1},
}


@pytest.fixture
def ticks(monkeypatch):
    """A clock that goes on by a thousandth of a second whenever it is read."""
    count = itertools.count()
    monkeypatch.setattr(timing, "perf_counter", lambda: next(count) / 1000)


class FakeWorker:
    """Stands in for a process: every call takes half a second."""

    started = ()

    def __init__(self, script, name, file, *, environment):
        assert (script, Path(file).is_file()) == (epochs.WORKER, True)
        FakeWorker.started += ((name, environment),)

    def seconds(self, calls):
        return 0.5

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.fixture
def no_processes(monkeypatch):
    """Workers that are none; the list of those that were started."""
    monkeypatch.setattr(epochs, "Worker", FakeWorker)
    monkeypatch.setattr(FakeWorker, "started", ())


@pytest.fixture(params=[True, False], ids=["jax", "no jax"])
def jax(request, monkeypatch):
    """Whether JAX is installed."""
    spec = object() if request.param else None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    return request.param


@pytest.fixture
def folder(tmp_path, monkeypatch, ticks, no_processes):
    """Tiny results, which are written to a folder of their own and read from it."""
    bundled = datasets.bundled

    def find(path):
        here = path == "benchmarks/results.json"
        return tmp_path / Path(path).name if here else bundled(path)

    tiny = {name: partial(bench.RESULTS[name], **TINY[name]) for name in bench.RESULTS}
    monkeypatch.setattr(bench, "RESULTS", tiny)
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    monkeypatch.setattr(datasets, "bundled", find)
    return tmp_path


def fake_clock(monkeypatch):
    """A clock that only moves when it is told to; returns what moves it."""
    now = [0.0]

    def work(durations):
        durations = iter(durations)

        def function():
            now[0] += next(durations)

        return function

    monkeypatch.setattr(timing, "perf_counter", lambda: now[0])
    return work


def is_row(part):
    """Whether a part of a result is a row of the table."""
    return isinstance(part, dict) and "reference" in part


def sensible(result):
    """Check the content of a result of any size."""
    if isinstance(result, list):
        assert result
        for row in result:
            assert all(row[key] for key in ("name", "ours", "reference"))
            if "missing" in row:
                assert len(row) == 4
                continue
            assert set(row["seconds"]) == {"ours", "reference"}
            assert min(*row["seconds"].values(), row["ratio"], row["repeats"]) > 0
        return
    if "networks" in result:
        assert result["batch_size"] > 0
        assert list(result["networks"]) == ["784-128-10", "deep"]
        for network in result["networks"].values():
            assert network["parameters"] == backprop.count(network["sizes"])
            assert network["numerical_forward_passes"] == 2 * network["parameters"]
            for library in ("torch", "engine"):
                assert list(network[library]) == ["forward", "backward", "ratio"]
                assert min(network[library].values()) > 0
        return
    wine, large = result["wine"], result["large"]
    assert (wine["examples"], wine["features"], large["features"]) == (142, 12, 12)
    assert list(wine["seconds_per_epoch"]) == ["1", "10", "142"]
    assert min(wine["seconds_per_epoch"].values()) > 0
    assert [*large["curves"]][::2] == ["1", str(large["examples"])]
    for curve in large["curves"].values():
        times, losses = curve["seconds"], curve["excess_loss"]
        seen = curve["examples_seen"]
        assert len(times) == len(losses) == len(seen) > 1
        assert min(curve["lr"], *times, *losses, *seen) > 0
        assert all(a <= b for a, b in itertools.pairwise(times))
        assert all(a < b for a, b in itertools.pairwise(seen))
        assert large["start_excess_loss"] > losses[0] > losses[-1]


def test_ratios_are_medians_of_the_ratios_of_each_repeat(monkeypatch):
    work = fake_clock(monkeypatch)
    row = timing.compare(
        "work",
        ("ours", work([100, 1, 9, 4])),  # the first call is the warm-up
        ("reference", work([100, 2, 3, 1])),
        repeats=3,
    )
    assert row == {
        "name": "work",
        "ours": "ours",
        "reference": "reference",
        "seconds": {"ours": 4.0, "reference": 2.0},
        "ratio": 3.0,  # of 1/2, 9/3 and 4/1, not 4/2
        "repeats": 3,
    }


def test_a_measurement_may_span_several_calls(monkeypatch):
    work = fake_clock(monkeypatch)
    row = timing.compare(
        "work",
        ("ours", work([9, 9, 1, 5])),
        ("reference", work([9, 9, 1, 1])),
        repeats=1,
        calls=2,
    )
    assert row["seconds"] == {"ours": 3.0, "reference": 1.0}


def test_the_sides_take_turns_in_being_first(monkeypatch):
    order = []
    monkeypatch.setattr(timing, "seconds", lambda function, calls: function() or 1.0)
    ours, theirs = (partial(order.append, side) for side in ("ours", "theirs"))
    timing.compare("work", ("ours", ours), ("theirs", theirs), repeats=3)
    assert order == ["ours", "theirs"] * 2 + ["theirs", "ours"] + ["ours", "theirs"]


def test_nothing_disturbs_and_all_is_restored():
    threads = torch.get_num_threads()
    with timing.undisturbed():
        assert torch.get_num_threads() == 1
        assert not gc.isenabled()
    assert torch.get_num_threads() == threads
    assert gc.isenabled()


@pytest.mark.heavy
def test_a_run_prints_every_row_and_records_what_load_benchmark_reads(folder, capsys):
    bench.main(["--record"])
    latest, recorded = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("latest.json", "results.json")
    )
    assert latest == recorded
    assert set(recorded) == {"recorded", "machine", "results"}
    assert {path.name for path in folder.iterdir()} == {"latest.json", "results.json"}

    results = {name: d2l.load_benchmark(name) for name in TINY}
    assert recorded["results"] == results
    _, *lines = capsys.readouterr().out.splitlines()
    rows = [row for name in bench.RESULTS for row in results[name] if is_row(row)]
    assert len(rows) == 6 + len(helpers.OPTIMIZERS) + 12 + 1 + 2
    if any("missing" in row for row in rows):
        assert lines.pop().startswith("jax is not installed: pip install -r ")
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row["name"])
        assert f" {row['ours']} " in line
        assert f" {row['reference']} " in line
        assert line.endswith(str(row.get("repeats", " -")))
    steps = [row["ours"] for row in results["optimizers"]]
    assert steps == [f"d2l.{name}" for name in helpers.OPTIMIZERS]


def test_without_record_only_the_latest_is_written(folder):
    bench.main(["--only", "optimizers"])
    assert [path.name for path in folder.iterdir()] == ["latest.json"]


def test_one_result_is_merged_into_what_is_recorded(folder):
    old = {"results": {"optimizers": "old", "other": "kept"}}
    (folder / "results.json").write_text(json.dumps(old), encoding="utf-8")
    bench.main(["--record", "--only", "optimizers"])
    assert len(d2l.load_benchmark("optimizers")) == len(helpers.OPTIMIZERS)
    assert d2l.load_benchmark("other") == "kept"


def test_an_unknown_name_is_refused_with_the_known_ones(folder, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--only", "adam"])
    output = capsys.readouterr().err
    assert all(name in output for name in bench.RESULTS)
    assert list(folder.iterdir()) == []


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "results.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="JSON compliant"):
        bench.write(path, {"broken": float("nan")})
    assert path.read_text(encoding="utf-8") == "old"


def test_the_walk_is_that_of_the_lesson():
    X, y = linear.large_problem(64)
    _, walk = linear.train(10, 0.1, X, y, [3, 7, 9])
    w, b = linear.start_of(X)
    g = torch.Generator().manual_seed(0)
    expected = []
    for _ in range(2):
        for X_batch, y_batch in d2l.data_iter(10, X, y, generator=g):
            loss = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            loss.sum().backward()
            d2l.sgd([w, b], 0.1, len(X_batch))
            expected.append((w.detach().clone(), b.detach().clone()))
    for got, step in zip(walk, [3, 7, 9], strict=True):
        assert all(map(torch.equal, got, expected[step - 1]))


def test_the_examples_of_a_shorter_last_batch_are_counted(monkeypatch, ticks):
    monkeypatch.setattr(linear, "steps_between", lambda *_: [1, 6, 7, 8, 14])
    large = linear.batch_sizes(**TINY["batch_sizes"])["large"]
    assert large["curves"]["10"]["examples_seen"] == [10, 60, 64, 74, 128]


def test_excess_losses_are_differences_of_mean_losses():
    X, y = linear.large_problem(500)
    design = np.column_stack([X, np.ones(500)])
    best = np.linalg.lstsq(design, y.numpy(), rcond=None)[0]

    def mean_loss(w, b):
        return float(((X.numpy() @ w + b - y.numpy()) ** 2).mean() / 2)

    _, walk = linear.train(10, 0.1, X, y, [1, 20])
    lowest = mean_loss(best[:-1], best[-1])
    expected = [mean_loss(w.numpy(), b.numpy()) - lowest for w, b in walk]
    assert np.allclose(linear.excess_losses(X, y, walk), expected, rtol=1e-12)
    curvature = np.linalg.eigvalsh(design.T @ design / 500)
    assert 8 < curvature[-1] / curvature[0] < 14


@pytest.mark.parametrize(("first", "last", "count"), [(1, 150, 28), (10, 9000, 28)])
def test_stops_are_all_different_and_end_where_they_should(first, last, count):
    steps = linear.steps_between(first, last, count)
    assert (len(steps), steps[0], steps[-1]) == (count, first, last)
    assert all(a < b for a, b in itertools.pairwise(steps))


@pytest.mark.parametrize("name", bench.RESULTS)
def test_a_tiny_result_is_sensible(name, ticks, no_processes):
    sensible(bench.RESULTS[name](**TINY[name]))


def test_every_result_is_recorded():
    file = ROOT / "benchmarks/results.json"
    recorded = json.loads(file.read_text(encoding="utf-8"))
    assert set(recorded["results"]) == set(bench.RESULTS)
    keys = {"cores", "processor", "python", "numpy", "torch", "keras"}
    assert set(recorded["machine"]) - {"jax"} == keys


@pytest.mark.parametrize("name", bench.RESULTS)
def test_the_recorded_result_is_sensible(name):
    sensible(d2l.load_benchmark(name))


# --- an epoch of digits


def dealt_alike(monkeypatch, examples):
    """Let every path deal the examples in one order."""
    order = np.random.default_rng(0).permutation(examples)
    generator = np.random.Generator(np.random.PCG64())

    class Fixed(np.random.Generator):
        def permutation(self, n):
            return order[:n]

    fixed = Fixed(generator.bit_generator)
    monkeypatch.setattr(np.random, "default_rng", lambda seed=None: fixed)
    tensor = torch.from_numpy(order)
    monkeypatch.setattr(torch, "randperm", lambda n, **_: tensor[:n])


@pytest.mark.parametrize(
    "path", [paths.single_images, paths.load_array, paths.engine, paths.by_hand]
)
def test_every_path_takes_the_steps_of_the_lesson(path, monkeypatch):
    data = epoch_images.digits(
        "digits", SMALL.train_images[:500], SMALL.train_labels[:500]
    )
    before = [value.copy() for value in data.start]
    dealt_alike(monkeypatch, 500)
    expected = paths.pytorch(data)
    for old, start, ours, theirs in zip(
        before, data.start, path(data), expected, strict=True
    ):
        assert np.array_equal(start, old)
        assert ours.dtype == np.float32
        # 16 steps of 0.001 go much farther.
        assert np.abs(theirs - start).max() > 2e-3
        assert np.abs(ours - theirs).max() < 2e-5


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_network_of_keras_takes_the_same_step(monkeypatch):
    # One batch, so that the order does not matter. Gradients near 0 are left out: the
    # epsilon of Keras is another one.
    pixels = np.random.default_rng(0).integers(50, 256, (30, 28, 28), np.uint8)
    data = epoch_images.digits("noise", pixels, np.arange(30) % 10)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    train = worker.prepare("keras-torch", data)
    expected = paths.pytorch(data)
    for _ in range(2):  # each time from the start
        for theirs, ours in zip(train(), expected, strict=True):
            assert np.median(np.abs(theirs - ours)) < 2e-5


def test_subnormal_numbers_count_as_zero_only_meanwhile():
    smallest = torch.tensor([1e-40])
    seen = []

    @paths.without_subnormals
    def look(data):
        seen.append(float(smallest * 1.0))
        raise OSError(data)

    with pytest.raises(OSError, match="data"):
        look("data")
    assert seen == [0.0]
    assert float(smallest * 1.0) > 0


def test_the_image_by_image_way_gives_the_pixels():
    transforms = [paths.to_tensor]
    image, label = paths.SingleImages(IMAGES.images, IMAGES.y, transforms)[3]
    assert image.shape == (1, 28, 28)
    assert np.array_equal(image.numpy().ravel(), IMAGES.X[3])
    assert (label, type(label)) == (IMAGES.y[3], int)
    transforms.append(paths.normalize)
    normal, _ = paths.SingleImages(IMAGES.images, IMAGES.y, transforms)[3]
    assert torch.allclose(normal * 0.3081 + 0.1307, image, atol=1e-6)
    assert normal.shape == image.shape


def test_what_a_worker_reads_is_what_was_saved(tmp_path):
    IMAGES.save(tmp_path / "digits.npz")
    again = epoch_images.read(tmp_path / "digits.npz")
    assert again.name == IMAGES.name
    for key in ("images", "X", "y"):
        assert np.array_equal(getattr(again, key), getattr(IMAGES, key))
    assert all(map(np.array_equal, again.start, IMAGES.start))
    assert again.X.dtype == np.float32
    assert (again.X.min(), again.X.max()) == (0, 1)


def test_without_mnist_the_small_digits_are_repeated(monkeypatch):
    monkeypatch.setattr(d2l, "load_mnist", d2l.load_digits, raising=False)
    monkeypatch.setattr(epoch_images, "EXAMPLES", 3_000)
    data = epoch_images.load()
    assert data.name == "3,000 repeated digits"
    assert len(data.X) == len(data.y) == 3_000
    assert np.array_equal(data.images[1437:2000], SMALL.train_images[: 2000 - 1437])
    mnist = SMALL._replace(name="MNIST")
    monkeypatch.setattr(d2l, "load_mnist", lambda: mnist)
    assert (epoch_images.load().name, len(epoch_images.load().y)) == ("MNIST", 1437)


def test_the_rows_of_an_epoch(ticks, no_processes, jax):
    rows = bench.epoch(**TINY["epoch"])
    pairs = [(row["ours"], row["reference"]) for row in rows]
    lesson, by_hand = "PyTorch, fused Adam", "gradients by hand"
    assert pairs == [
        (lesson, "image by image"),
        (lesson, "image by image, normalized"),
        (lesson, "d2l.load_array"),
        (lesson, "Keras on JAX"),
        (by_hand, "Keras on JAX"),
        (lesson, "Keras on PyTorch"),
        (by_hand, lesson),
        ("d2l.Tensor", lesson),
        (lesson, "PyTorch's products"),
        ("d2l.Tensor", "NumPy's products"),
        (lesson, "Keras on JAX"),
        (by_hand, "Keras on JAX"),
    ]
    kinds = [row["name"] for row in rows]
    assert (
        kinds
        == ["epoch on digits, one core"] * 10 + ["epoch on digits, default threads"] * 2
    )
    for row in rows:
        assert ("missing" in row) == (row["reference"] == "Keras on JAX" and not jax)
    started = [name for name, _ in FakeWorker.started]
    one_core, default = ["keras-torch"], ["pytorch", "by_hand"]
    if jax:
        one_core, default = ["keras-jax", *one_core], ["keras-jax", *default]
    assert started == one_core + default
    for name, variables in FakeWorker.started[: len(one_core)]:
        assert variables["OMP_NUM_THREADS"] == "1", name
        assert "multi_thread_eigen=false" in variables["XLA_FLAGS"]
    for _, variables in FakeWorker.started[len(one_core) :]:
        assert not set(epochs.THREADS) & set(variables)


def test_what_is_missing_stands_in_the_table(ticks):
    sides = ("ours", lambda: None), ("theirs", timing.Missing("x is not installed"))
    row = timing.compare("work", *sides, repeats=3)
    assert row == {
        "name": "work",
        "ours": "ours",
        "reference": "theirs",
        "missing": "x is not installed",
    }
    there = timing.compare("work", sides[0], sides[0], repeats=3)
    _, first, second, *reasons = bench.table({"a": [row], "b": [there, row]}).split(
        "\n"
    )[:-1]
    assert first.split() == ["work", "ours", "theirs", "-", "-", "missing", "-"]
    assert second.split()[-1] == "3"
    assert len(reasons) == 1
    assert bench.table({"a": [row, row]}).endswith("-\nx is not installed")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no such call here")
def test_one_core_is_given_back():
    before = os.sched_getaffinity(0)
    with timing.one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_without_affinity_one_core_does_nothing(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with timing.one_core():
        pass


# --- workers


@contextmanager
def script(tmp_path, code):
    """A worker that runs a few lines."""
    path = tmp_path / "lines.py"
    path.write_text(code, encoding="utf-8")
    with timing.Worker(path, "some", environment=dict(os.environ)) as process:
        yield process


def test_a_worker_times_itself(tmp_path):
    halves = "while True: print(int(input()) / 2, flush=True)"
    with script(tmp_path, halves) as process:
        row = timing.compare("work", ("a", process), ("b", process), repeats=3, calls=5)
    assert row["seconds"] == {"ours": 2.5, "reference": 2.5}
    assert process.process.returncode is not None


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit(3)", r"^lines\.py some ended with exit code 3; its own"),
        ("input(); raise OSError('broken')", "^lines.py some ended with exit code 1; "),
        (
            "input(); print('hello')",
            r"^lines.py some must reply with sec.* 'hello\\n'$",
        ),
        ("input(); print()", r"^lines.py some must reply with seconds, got '\\n'$"),
    ],
    ids=["exit", "crash", "words", "blank"],
)
def test_a_worker_that_fails_is_a_clear_error(tmp_path, code, message):
    with (
        script(tmp_path, code) as process,
        pytest.raises(RuntimeError, match=message),
    ):
        timing.seconds(process)


def test_a_worker_that_does_not_stop_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(timing.Worker, "patience", 0.1)
    with script(tmp_path, "import time; input(); time.sleep(60)") as process:
        print(1, file=process.process.stdin, flush=True)
    assert process.process.returncode not in (None, 0)


@pytest.mark.heavy
def test_the_worker_trains_with_keras(tmp_path):
    file = tmp_path / "digits.npz"
    IMAGES.save(file)
    with epochs.worker("keras-torch", file, one_thread=True) as process:
        assert 0 < process.seconds(2) < 60
        assert 0 < process.seconds() < 60


def test_nothing_comes_between_the_replies(tmp_path):
    IMAGES.save(tmp_path / "digits.npz")
    code = f"""
import os, sys
sys.path.insert(0, {str(epochs.WORKER.parent)!r})
import worker
worker.prepare = lambda name, data: lambda: (print(name), os.system("echo noise"))
worker.main("noise", {str(tmp_path / "digits.npz")!r})
"""
    with script(tmp_path, code) as process:
        assert 0 < process.seconds(2) < 60
        assert 0 < process.seconds() < 60


# --- the other results


def test_the_ratio_of_the_passes_is_a_median_of_ratios(monkeypatch):
    work = fake_clock(monkeypatch)

    class Loss:
        backward = staticmethod(work([100, 100, 2, 4, 9, 9, 1, 1]))

    there = work([100, 100, 1, 2, 3, 3, 1, 1])

    def forward():
        assert param.grad is None
        there()
        param.grad = 1.0
        return Loss

    param = SimpleNamespace(grad=5.0)
    result = backprop.passes([param], forward, repeats=3, calls=2)
    assert result == {"forward": 1.5, "backward": 3.0, "ratio": 2.0}


def test_both_libraries_give_the_same_gradients():
    problem = backprop.problem((6, 5, 4), 7)
    grads = []
    for build in (backprop.of_torch, backprop.of_engine):
        params, forward = build(*problem)
        forward().backward()
        grads.append([np.asarray(param.grad) for param in params])
    for theirs, ours in zip(*grads, strict=True):
        assert np.allclose(theirs.T if theirs.ndim == 2 else theirs, ours, atol=1e-6)


def test_the_parameters_are_counted():
    assert backprop.count(backprop.NETWORKS["784-128-10"]) == 101_770


def test_an_import_is_timed_in_a_new_process():
    slow = timing.FreshProcess("import time; time.sleep(0.2)")
    assert 0.2 < timing.seconds(slow) < 30


def test_figures_are_made_without_a_word(capsys):
    overheads.show(overheads.loss_curve(50))
    assert capsys.readouterr().out == ""
