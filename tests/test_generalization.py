"""The record of lesson 09: how it is made, and that what is recorded is whole."""

import os

import builder

# Read when NumPy loads: one thread, as in the record.
os.environ.update(builder.KERNEL_ENVIRONMENT)

import numpy as np
import pytest
import torch

import d2l_utils as d2l
import generalization

TINY = {
    "held_out": 200,
    "seeds": 2,
    "averaged": 2,
    "epochs": 2,
    "fewest_steps": 20,
    "sizes": (100,),
    "widths": (4,),
    "few": 100,
}


@pytest.fixture(scope="module")
def parts():
    return generalization.shuffled(d2l.load_digits())


@pytest.fixture(scope="module")
def tiny(parts):
    return generalization.generalization(parts, **TINY)


def fractions(runs, key, count):
    """What was recorded under a key, as whole numbers of pictures."""
    right = count * np.array([run[key] for run in runs])
    assert np.allclose(right, right.round(), atol=1e-6)
    return right.round().astype(int)


def sensible(result):
    """Check the content of a record of any size."""
    count, seeds = result["pictures"]["test"], len(result["averages"])
    last = [{key: run[key][-1] for key in run} for run in result["plain"]]
    assert len(last) % seeds == 0

    for way in result["lesson_08"].values():
        right = fractions(way["runs"], "test_accuracy", count)
        only = np.array(way["only_right"])
        assert np.array_equal(only - only.T, right[:, -1:] - right[:, -1])
        for run, of_run in zip(way["runs"], right, strict=True):
            bins = {key: np.array(values) for key, values in run["bins"].items()}
            assert bins["count"].sum() == count
            assert bins["right"].sum() == of_run[-1]
            width = np.arange(generalization.BINS + 1) / generalization.BINS
            slack = 1e-4 * bins["count"]
            assert np.all(bins["confidence"] >= bins["count"] * width[:-1] - slack)
            assert np.all(bins["confidence"] <= bins["count"] * width[1:] + slack)
            for key in ("train_loss", "test_loss"):
                assert len(run[key]) == result["epochs"]
                assert min(run[key]) > 0

    plain = fractions(last, "test_accuracy", count)
    tried = [one["runs"] for way in result["remedies"].values() for one in way]
    for runs in tried:
        more = [run["only_this"] - run["only_plain"] for run in runs]
        assert np.array_equal(
            fractions(runs, "test_accuracy", count) - plain[: len(more)], more
        )
    assert all(len(runs) == seeds for runs in tried)
    others = [one["runs"] for key in ("more_data", "widths") for one in result[key]]
    assert all(len(runs) == seeds for runs in others)


def test_a_tiny_record_is_sensible(tiny):
    sensible(tiny)
    assert tiny["pictures"] == {"training": 1237, "validation": 200, "test": 360}


def test_the_record_is_sensible():
    record = d2l.load_benchmark("generalization")
    sensible(record)
    assert record["data"] == "MNIST"
    assert list(record["pictures"].values()) == [50_000, 10_000, 10_000]
    settings = [len(tried) for tried in record["remedies"].values()]
    assert settings[:3] == [
        len(generalization.DECAYS),
        len(generalization.DROPOUTS),
        len(generalization.SHIFTS),
    ]


def test_made_again_it_is_the_same(parts, tiny):
    again = generalization.lesson_08(parts, TINY["seeds"], TINY["epochs"])
    assert again == tiny["lesson_08"]


def test_a_run_prints_a_table_and_records_on_request(
    tmp_path, monkeypatch, tiny, capsys
):
    monkeypatch.setattr(generalization, "FOLDER", tmp_path)
    monkeypatch.setattr(generalization, "generalization", lambda: tiny)
    threads = torch.get_num_threads()
    try:
        generalization.main([])
        assert list(tmp_path.iterdir()) == []
        generalization.main(["--record"])
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)
    assert [path.name for path in tmp_path.iterdir()] == ["generalization.json"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("plain ")
    assert any(line.startswith("shifted pictures {'shift': 2} ") for line in lines)


def test_pictures_are_shifted_as_numpy_rolls_them():
    torch.manual_seed(0)
    images = torch.zeros(50, 28, 28)
    images[:, 10:14, 12:15] = torch.rand(50, 4, 3)
    take = generalization.shifter(images.reshape(50, -1), 2)
    batch = torch.arange(50)
    seen = set()
    for image, moved in zip(images, take(batch).reshape(50, 28, 28), strict=True):
        (shift,) = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(torch.roll(image, (down, right), (0, 1)), moved)
        ]
        seen.add(shift)
    assert len(seen) > 15


def test_the_training_is_that_of_lesson_08(parts):
    some = parts.training.first(100)
    *_, net = generalization.train(some, 3, 2)
    torch.manual_seed(3)
    other = generalization.new_network()
    optimizer = torch.optim.Adam(other.parameters(), lr=1e-3)
    for _ in range(2):
        for batch in torch.randperm(100).split(32):
            loss = torch.nn.functional.cross_entropy(
                other(some.X[batch]), some.y[batch]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for got, expected in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_dropout_is_off_when_a_network_is_asked(parts):
    some = parts.training.first(64)
    *_, net = generalization.train(some, 0, 1, dropout=0.5)
    first, second = (generalization.probabilities(net, some) for _ in range(2))
    assert torch.equal(first, second)
