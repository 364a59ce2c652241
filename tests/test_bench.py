"""The benchmarks work, and what is recorded can be read. No test looks at a time."""

import gc
import importlib.util
import itertools
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import d2l_utils as d2l
from d2l_utils import datasets
from project import ROOT

SPEC = importlib.util.spec_from_file_location("bench", ROOT / "benchmarks/bench.py")
bench = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bench)

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
}


@pytest.fixture
def ticks(monkeypatch):
    """A clock that goes on by a thousandth of a second whenever it is read."""
    count = itertools.count()
    monkeypatch.setattr(bench, "perf_counter", lambda: next(count) / 1000)


@pytest.fixture
def folder(tmp_path, monkeypatch, ticks):
    """Tiny results, which are written to a folder of their own and read from it."""
    bundled = datasets._bundled

    def find(path):
        here = path.startswith("benchmarks/")
        return tmp_path / Path(path).name if here else bundled(path)

    tiny = {name: partial(bench.RESULTS[name], **TINY[name]) for name in bench.RESULTS}
    monkeypatch.setattr(bench, "RESULTS", tiny)
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    monkeypatch.setattr(datasets, "_bundled", find)
    return tmp_path


def fake_clock(monkeypatch):
    """A clock that only moves when it is told to; returns what moves it."""
    now = [0.0]

    def work(durations):
        durations = iter(durations)

        def function():
            now[0] += next(durations)

        return function

    monkeypatch.setattr(bench, "perf_counter", lambda: now[0])
    return work


def sensible(result):
    """Check the content of a result of any size."""
    if isinstance(result, list):
        for row in result:
            assert set(row["seconds"]) == {"ours", "reference"}
            assert row["name"]
            assert min(*row["seconds"].values(), row["ratio"], row["repeats"]) > 0
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
    row = bench.compare(
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
    row = bench.compare(
        "work",
        ("ours", work([9, 9, 1, 5])),
        ("reference", work([9, 9, 1, 1])),
        repeats=1,
        calls=2,
    )
    assert row["seconds"] == {"ours": 3.0, "reference": 1.0}


def test_the_sides_take_turns_in_being_first(monkeypatch):
    order = []
    monkeypatch.setattr(bench, "seconds", lambda function, calls: function() or 1.0)
    ours, theirs = (partial(order.append, side) for side in ("ours", "theirs"))
    bench.compare("work", ("ours", ours), ("theirs", theirs), repeats=3)
    assert order == ["ours", "theirs"] * 2 + ["theirs", "ours"] + ["ours", "theirs"]


def test_nothing_disturbs_and_all_is_restored():
    threads = torch.get_num_threads()
    with bench.undisturbed():
        assert torch.get_num_threads() == 1
        assert not gc.isenabled()
    assert torch.get_num_threads() == threads
    assert gc.isenabled()


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
    rows = results["data_iter"] + results["optimizers"]
    assert len(lines) == len(rows) == 6 + 7
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row["name"])
        assert f" {row['ours']} " in line
        assert f" {row['reference']} " in line
        assert line.endswith(str(row["repeats"]))
    steps = [row["ours"] for row in results["optimizers"]]
    assert steps == [f"d2l.{name}" for name in bench.OPTIMIZERS]


def test_without_record_only_the_latest_is_written(folder):
    bench.main(["--only", "optimizers"])
    assert [path.name for path in folder.iterdir()] == ["latest.json"]


def test_one_result_is_merged_into_what_is_recorded(folder):
    old = {"results": {"optimizers": "old", "other": "kept"}}
    (folder / "results.json").write_text(json.dumps(old), encoding="utf-8")
    bench.main(["--record", "--only", "optimizers"])
    assert len(d2l.load_benchmark("optimizers")) == 7
    assert d2l.load_benchmark("other") == "kept"


def test_an_unknown_name_is_refused_with_the_known_ones(folder, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--only", "adam"])
    said = capsys.readouterr().err
    assert all(name in said for name in bench.RESULTS)
    assert list(folder.iterdir()) == []


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "results.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="JSON compliant"):
        bench.write(path, {"broken": float("nan")})
    assert path.read_text(encoding="utf-8") == "old"


def test_the_walk_is_that_of_the_lesson():
    X, y = bench.large_problem(64)
    _, walk = bench.train(10, 0.1, X, y, [3, 7, 9])
    w, b = bench.start_of(X)
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
    monkeypatch.setattr(bench, "steps_between", lambda *_: [1, 6, 7, 8, 14])
    large = bench.batch_sizes(**TINY["batch_sizes"])["large"]
    assert large["curves"]["10"]["examples_seen"] == [10, 60, 64, 74, 128]


def test_excess_losses_are_differences_of_mean_losses():
    X, y = bench.large_problem(500)
    design = np.column_stack([X, np.ones(500)])
    best = np.linalg.lstsq(design, y.numpy(), rcond=None)[0]

    def mean_loss(w, b):
        return float(((X.numpy() @ w + b - y.numpy()) ** 2).mean() / 2)

    _, walk = bench.train(10, 0.1, X, y, [1, 20])
    lowest = mean_loss(best[:-1], best[-1])
    expected = [mean_loss(w.numpy(), b.numpy()) - lowest for w, b in walk]
    assert np.allclose(bench.excess_losses(X, y, walk), expected, rtol=1e-12)
    curvature = np.linalg.eigvalsh(design.T @ design / 500)
    assert 8 < curvature[-1] / curvature[0] < 14


@pytest.mark.parametrize(("first", "last", "count"), [(1, 150, 28), (10, 9000, 28)])
def test_stops_are_all_different_and_end_where_they_should(first, last, count):
    steps = bench.steps_between(first, last, count)
    assert (len(steps), steps[0], steps[-1]) == (count, first, last)
    assert all(a < b for a, b in itertools.pairwise(steps))


@pytest.mark.parametrize("name", bench.RESULTS)
def test_a_tiny_result_is_sensible(name, ticks):
    sensible(bench.RESULTS[name](**TINY[name]))


def test_every_result_is_recorded():
    file = ROOT / "benchmarks/results.json"
    recorded = json.loads(file.read_text(encoding="utf-8"))
    assert set(recorded["results"]) == set(bench.RESULTS)
    keys = {"cores", "processor", "python", "numpy", "torch"}
    assert set(recorded["machine"]) == keys


@pytest.mark.parametrize("name", bench.RESULTS)
def test_the_recorded_result_is_sensible(name):
    sensible(d2l.load_benchmark(name))
