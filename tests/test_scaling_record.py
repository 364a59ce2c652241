"""The record of lesson 10: how it is made, and that what is recorded is whole."""

import os

import builder

# Read when NumPy loads: one thread, as in the record.
os.environ.update(builder.KERNEL_ENVIRONMENT)

import itertools
import json
from functools import partial

import numpy as np
import pytest
import torch

import d2l_utils as d2l
import large_batches
import processes
import scaling

LAYERS = 5, 4, 3
NOISE = "trace", "squared_gradient", "noise_scale"

TIMES = "all_reduce", "step", "parallel"
SPREAD = "seconds", "low", "high", "repeats"
TINY_TIMES = {
    "repeats": 2,
    "numbers": (1, 5),
    "batches": {LAYERS: (1, 2)},
    "shared": {LAYERS: (4,)},
    "processes": (1, 2),
}
TRAININGS = {
    "large_batches": {
        "seeds": 2,
        "epochs": 2,
        "grid": (0.1, 0.2),
        "times": (1, 2, 8),
        "less": (4,),
        "moments": (0, 1),
    },
    "local_steps": {"seeds": 2, "epochs": 1, "every": (1, 4)},
    "half": {"seeds": 2, "epochs": 1, "scales": (1, 2**20)},
}


@pytest.fixture(scope="module")
def parts():
    return large_batches.cut(d2l.load_digits())


@pytest.fixture(scope="module")
def tiny(parts):
    return {
        name: scaling.PARTS[name](parts, **sizes) for name, sizes in TRAININGS.items()
    }


def whole(accuracies, count):
    """Whether fractions are those of whole numbers of pictures."""
    right = count * np.array(accuracies)
    return np.allclose(right, right.round(), atol=1e-6)


def sensible_times(result):
    """Check times of any sizes."""
    for name in TIMES:
        cases = [of_case(row) for row in result[name]]
        assert all(cases.count(case) == 1 for case in cases)
        for row in result[name]:
            assert 0 < row["low"] <= row["seconds"] <= row["high"]
            assert row["repeats"] > 1


def of_case(row):
    """A row without its times."""
    return {key: row[key] for key in row if key not in SPREAD}


def sensible_trainings(result, seeds, pictures):
    """Check the content of trainings of any size."""
    large, local, half = (
        result[part] for part in ("large_batches", "local_steps", "half")
    )
    assert large["pictures"] == pictures
    for row in (*large["grid"], *large["runs"], *local["runs"], *half["runs"]):
        assert len(row["validation_accuracy"]) == len(row["train_loss"]) == seeds
        assert whole(row["validation_accuracy"], pictures["validation"])
        assert all(loss is None or loss > 0 for loss in row["train_loss"])

    first, *more = large["runs"]
    assert (first["k"], first["factor"], first["warm_up"]) == (1, 1, False)
    for row in large["runs"]:
        assert row["batch"] == row["k"] * large["batch"]
        per_epoch = pictures["training"] // row["batch"]
        assert row["steps"] == large["epochs"] * per_epoch
    for k in {row["k"] for row in more}:
        ways = [(row["factor"], row["warm_up"]) for row in more if row["k"] == k]
        assert ways[:3] == [(1, False), (k, False), (k, True)]
        assert all(warm and factor < k for factor, warm in ways[3:])
    # The grid holds the same training.
    (tuned,) = (row for row in large["grid"] if row["rate"] == large["rate"])
    for key in ("validation_accuracy", "train_loss"):
        assert tuned[key] == first[key]
    for moment in large["noise"]:
        for values in zip(*(moment[key] for key in NOISE), strict=True):
            trace, squared_gradient, noise_scale = values
            assert noise_scale == pytest.approx(trace / squared_gradient, rel=1e-3)

    for row in local["runs"]:
        assert row["bytes"] == 1 / max(row["every"], 1)
    for row in (*half["runs"], *half["errors"]):
        assert row["bytes"] == 101_770 * (4 if row["dtype"] == "float32" else 2)
    for row in half["errors"]:
        assert 0 <= row["zeros"] <= row["entries"] <= 4 * 101_770
        assert (row["length"] is None) == (row["infinite"] > 0)


def test_a_tiny_record_is_sensible(tiny):
    sensible_trainings(tiny, 2, {"training": 1198, "validation": 239})


def test_made_again_it_is_the_same(parts, tiny):
    for name, sizes in TRAININGS.items():
        assert scaling.PARTS[name](parts, **sizes) == tiny[name]


def test_the_record_is_sensible():
    record = d2l.load_benchmark("scaling")
    trainings = [name for name in scaling.PARTS if name != "times"]
    assert list(record) == ["cores", *TIMES, *trainings]
    sensible_times(record)
    sensible_trainings(record, 3, {"training": 50_000, "validation": 10_000})
    large = record["large_batches"]
    assert large["data"] == "MNIST"
    tried = {row["rate"]: row["validation_accuracy"] for row in large["grid"]}
    best = max(tried.values(), key=np.mean)
    enough = np.mean(best) - np.std(best, ddof=1)
    good = [rate for rate, accuracies in tried.items() if np.mean(accuracies) > enough]
    assert min(good) == large["rate"] == large_batches.RATE


def test_the_record_has_what_is_planned():
    record = d2l.load_benchmark("scaling")
    for name, cases in processes.plan().items():
        assert [case.row() for case in cases] == [*map(of_case, record[name])]


def test_what_is_planned_can_be_shared_out():
    all_reduce, *steps = processes.plan().values()
    assert {4, 4 * 101_770, 2**26} <= {case.row()["bytes"] for case in all_reduce}
    for case in itertools.chain(*steps):
        assert case.batch % case.processes == 0


@pytest.mark.heavy
def test_tiny_times_are_measured_in_real_processes(monkeypatch):
    monkeypatch.setattr(processes, "measure", partial(processes.measure, block=1e-4))
    result = processes.times(**TINY_TIMES)
    assert [len(result[name]) for name in TIMES] == [2, 4, 5]
    sensible_times(result)


class Fails(processes.AllReduce):
    """A case that one process cannot prepare while the other waits."""

    def prepare(self):
        raise OSError("no room")


@pytest.mark.heavy
def test_a_process_that_fails_ends_the_others_and_is_heard():
    with pytest.raises(Exception, match="OSError: no room"):
        processes.measure([processes.AllReduce(2, 1), Fails(1, 1)], repeats=2)


def test_the_spread_is_that_of_numpy():
    seconds = [5.0, 1.0, 2.0, 4.0, 9.0, 3.0]
    low, median, high = np.percentile(seconds, [25, 50, 75])
    got = processes.spread(seconds)
    assert list(got.items()) == [*zip(SPREAD, (median, low, high, 6), strict=True)]


def test_what_follows_the_model_is_predicted():
    layers, cores, batches = "3-2", 2, (4, 64)  # eight parameters

    def row(n, **which):
        return {"network": layers, "processes": n, "talking": False, **which}

    def all_reduce(n, size):
        return 2 * (n - 1) * 1e-4 + 2 * (n - 1) / n * size * max(n / cores, 1) / 1e9

    def step(each, n):
        return (1e-3 + 1e-5 * each) * max(n / cores, 1)

    result = {
        "cores": cores,
        "all_reduce": [
            {"processes": n, "bytes": size, "seconds": all_reduce(n, size)}
            for n in (2, 4)
            for size in (16, 1024, 10**8)
        ],
        "parallel": [
            *(row(cores, batch=cores * B, seconds=step(B, 1)) for B in (1, 8, 64)),
            *(
                row(
                    n, batch=B, talking=True, seconds=step(B / n, n) + all_reduce(n, 32)
                )
                for n in (1, 2, 4)
                for B in batches
            ),
        ],
    }
    result["parallel"].append(row(4, batch=4, seconds=1.0))
    got = processes.predicted(result)
    assert got["seconds for a message"] == pytest.approx(1e-4)
    assert got["bytes a second"] == pytest.approx(1e9)
    cases = [(row["processes"], row["batch"]) for row in got["predicted"]]
    assert cases == [*itertools.product((2, 4), batches)]
    assert all(abs(row["error"]) < 1e-9 for row in got["predicted"])


def test_the_networks_have_the_sizes_of_their_names():
    net = processes.network(processes.SMALL)
    assert sum(p.numel() for p in net.parameters()) == sum(large_batches.COUNTS)
    assert [type(part).__name__ for part in net] == ["Linear", "ReLU", "Linear"]
    assert len(processes.network(processes.WIDE)) == 5


# --- trainings


def of_torch(params, X, y):
    """The loss and its gradient, by autograd through PyTorch's own layers."""
    net = processes.network(processes.SMALL)
    torch.nn.utils.vector_to_parameters(params, net.parameters())
    loss = torch.nn.functional.cross_entropy(net(X), y)
    grads = torch.autograd.grad(loss, list(net.parameters()))
    return loss.item(), torch.cat([grad.flatten() for grad in grads])


@pytest.fixture
def problem(parts):
    """Parameters and 40 pictures."""
    params = large_batches.start(torch.Generator().manual_seed(1))
    return params, parts.training.X[:40], parts.training.y[:40]


def test_the_gradient_is_that_of_autograd(problem):
    loss, expected = of_torch(*problem)
    got = large_batches.gradient(*problem, torch.empty_like(problem[0]))
    assert torch.allclose(got, expected, rtol=1e-4, atol=1e-7)
    params, X, y = problem
    assert large_batches.scores(params, large_batches.Part(X, y))[0] == pytest.approx(
        loss, rel=1e-5
    )


def test_the_start_is_drawn_as_pytorch_draws_it(problem):
    torch.manual_seed(0)
    net = processes.network(processes.SMALL)
    pairs = zip(large_batches.layers(problem[0]), net.parameters(), strict=True)
    for i, (own, theirs) in enumerate(pairs):
        assert own.shape == theirs.shape
        bound = 1 / (784, 784, 128, 128)[i] ** 0.5
        for drawn in (own, theirs):
            assert bound / 2 < drawn.abs().max() <= bound


def test_the_noise_is_the_covariance_of_the_gradients_of_single_pictures(problem):
    params, X, y = problem
    grads = torch.stack(
        [of_torch(params, X[i : i + 1], y[i : i + 1])[1] for i in range(len(y))]
    ).double()
    trace = grads.var(dim=0).sum().item()
    squared = grads.mean(dim=0).square().sum().item() - trace / len(y)
    got = large_batches.noise(params, large_batches.Part(X, y))
    assert list(got.values()) == pytest.approx(
        [trace, squared, trace / squared], rel=1e-3
    )


def test_a_training_is_that_of_torch_optim(parts):
    part = large_batches.Part(parts.training.X[:100], parts.training.y[:100])
    *_, got = large_batches.train(part, 3, 32, large_batches.warmed_up(0.1, 4, 3), 2)
    generator = torch.Generator().manual_seed(3)
    net = processes.network(processes.SMALL)
    torch.nn.utils.vector_to_parameters(
        large_batches.start(generator), net.parameters()
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    rates = iter([0.2, 0.3, 0.4, 0.4, 0.4, 0.4])
    for _ in range(2):
        order = torch.randperm(100, generator=generator)
        for which in order[:96].split(32):
            optimizer.param_groups[0]["lr"] = next(rates)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(
                net(part.X[which]), part.y[which]
            ).backward()
            optimizer.step()
    expected = torch.nn.utils.parameters_to_vector(net.parameters())
    assert torch.allclose(got, expected, rtol=1e-3, atol=1e-5)


def test_averaging_parameters_at_each_step_is_averaging_gradients(parts):
    how = (parts.training, 0, 128, large_batches.constant(0.1), 1)
    *_, plain = large_batches.train(*how)
    for every, same in ((1, True), (2, False)):
        (apart,) = large_batches.train_apart(*how, every=every)
        assert torch.allclose(apart, plain, rtol=1e-3, atol=1e-6) == same


def test_the_sum_is_that_of_rounded_numbers(problem):
    params, X, y = problem
    out = torch.empty_like(params)
    exact = large_batches.gradient(params, X, y, out).clone()
    far = {}
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        got = large_batches.rounded_mean(params, X, y, out, dtype, 1)
        assert torch.equal(got, got.to(dtype).float())
        far[dtype] = ((got - exact).norm() / exact.norm()).item()
    assert far[torch.float32] < 1e-6 < far[torch.float16] < far[torch.bfloat16] < 0.01


def test_a_scale_saves_what_would_become_zero_and_may_be_too_large(problem):
    params, X, y = problem
    # Nearly all is sure: the slopes are tiny.
    large_batches.layers(params)[3][:] = 20.0 * (torch.arange(10) == y[0])
    X, y = X[:1].repeat(8, 1), y[:1].repeat(8)
    small, saved = (
        large_batches.error(params, X, y, torch.float16, scale) for scale in (1, 2**24)
    )
    assert small["zeros"] == small["entries"] > 0
    assert saved["zeros"] < small["zeros"]


# --- the run


def test_a_run_prints_tables_and_one_part_is_merged(
    tmp_path, monkeypatch, tiny, capsys
):
    monkeypatch.setattr(scaling, "FOLDER", tmp_path)
    fast = {"step": [{"n": 1, "seconds": 0.25}]}
    calls = {"times": lambda: fast, "half": lambda: tiny["half"]}
    monkeypatch.setattr(processes, "predicted", lambda found: {"error": 0.5})
    monkeypatch.setattr(scaling, "PARTS", calls)
    threads = torch.get_num_threads()
    try:
        scaling.main([])
        assert list(tmp_path.iterdir()) == []
        scaling.main(["--record"])
        fast["step"][0] |= {"n": 2, "seconds": 0.5}
        scaling.main(["--record", "--only", "times"])
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)
    (file,) = tmp_path.iterdir()
    (result,) = json.loads(file.read_text(encoding="utf-8"))["results"].values()
    assert result == fast | {"half": tiny["half"]}
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[:3] == [["step"], ["n", "seconds"], ["1", "0.25"]]
    assert lines[3:5] == [["error:", "0.5"], ["workers:", "4"]]
    assert lines[-3:] == [["n", "seconds"], ["2", "0.5"], ["error:", "0.5"]]
