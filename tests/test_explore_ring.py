"""The ring of lesson 10's figure is all_reduce_ring, and its times are the formulas."""

import functools
import json
import re
import sys

import numpy as np
import pytest

import d2l_utils as d2l
from d2l_utils import scaling
from javascript import needs_node, values

PROCESSES = range(2, 9)
COUNTS = (10, 30, 101_770, 10**6)
each_number = pytest.mark.parametrize("n", PROCESSES)


@functools.cache
def shown():
    """For each number of processes: sizes of parts, and all steps, of the figure."""
    code = """(n) => ({
      last: m.last(n),
      parts: counts.map((count) => m.partsOf(count, n)),
      held: Array.from({ length: 2 * n - 1 }, (_, i) => m.holdings(n, i)),
      moves: Array.from({ length: 2 * n - 2 }, (_, i) => m.sendings(n, i + 1)),
      sent: Array.from({ length: 2 * n - 1 }, (_, i) => m.sent(counts[0], n, i)),
    })"""
    (found,) = values("ring", f"{[*PROCESSES]}.map({code})", counts=[*COUNTS])
    return dict(zip(PROCESSES, found, strict=True))


def followed(monkeypatch, arrays):
    """What all_reduce_ring holds at the start and after each step, by its parts."""
    n, states = len(arrays), []

    def look(parts):
        states.append([[part.tolist() for part in own] for own in parts])

    def spy(count):
        local = sys._getframe(1).f_locals
        if count == n and "step" in local:  # a step begins
            look(local["parts"])
        return range(count)

    with monkeypatch.context() as patch:
        patch.setattr(scaling, "range", spy, raising=False)
        sums = d2l.all_reduce_ring(arrays)
    look([np.array_split(own, n) for own in sums])
    return states


# --- the steps


@needs_node
@each_number
def test_each_step_is_that_of_all_reduce_ring(monkeypatch, n):
    """Process r has the number 2^r: a sum tells whose numbers are in it."""
    states = followed(monkeypatch, [np.full(COUNTS[0], 2**rank) for rank in range(n)])
    held, sizes = shown()[n]["held"], shown()[n]["parts"][0]
    assert len(states) == len(held) == shown()[n]["last"] + 1 == 2 * n - 1
    for bits, state in zip(held, states, strict=True):
        for own, parts in zip(bits, state, strict=True):
            assert [[b] * size for b, size in zip(own, sizes, strict=True)] == parts
    # All is there in the end, and not before.
    finished = [np.array(bits) == 2**n - 1 for bits in held]
    assert finished[-1].all()
    assert not finished[-2].all(axis=1).any()


@needs_node
@each_number
def test_the_arrows_are_what_changes(n):
    held, moves = shown()[n]["held"], shown()[n]["moves"]
    for i, step in enumerate(moves):
        ahead = -i if i < n - 1 else n - i
        assert step == [
            {"from": r, "to": (r + 1) % n, "part": (r + ahead) % n} for r in range(n)
        ]
        changed = np.argwhere(np.array(held[i]) != np.array(held[i + 1]))
        arrived = sorted([move["to"], move["part"]] for move in step)
        assert changed.tolist() == arrived


# --- numbers and bytes


@needs_node
@each_number
def test_the_parts_are_those_of_array_split(n):
    for count, sizes in zip(COUNTS, shown()[n]["parts"], strict=True):
        assert sizes == [len(part) for part in np.array_split(np.empty(count), n)]


@needs_node
@each_number
def test_what_is_sent_is_counted(n):
    sizes, sent = shown()[n]["parts"][0], shown()[n]["sent"]
    assert sent[0] == [0] * n
    for i, step in enumerate(shown()[n]["moves"]):
        new = [sizes[move["part"]] for move in step]
        assert np.subtract(sent[i + 1], sent[i]).tolist() == new
    # 2(n - 1)/n of an array on the average.
    assert np.mean(sent[-1]) == pytest.approx(2 * (n - 1) / n * COUNTS[0])


# --- times


@needs_node
def test_the_times_are_those_of_the_formulas():
    cases = [
        [n, size, bandwidth, latency]
        for n in (2, 3, 8, 64, 1024)
        for size in (40, 407_080, 32e9)
        for bandwidth in (1e7, 1e11)
        for latency in (1e-6, 1e-2)
    ]
    (got,) = values("ring", f"{cases}.map((some) => m.times(...some))")
    for (n, size, bandwidth, latency), found in zip(cases, got, strict=True):
        whole = latency + size / bandwidth
        part = latency + size / n / bandwidth
        expected = [2 * (n - 1) * part, (n - 1) * whole, 2 * (n - 1) * whole]
        assert found == pytest.approx(expected, rel=1e-12)


@needs_node
def test_the_sliders_have_these_places():
    most, counts, bandwidths, latencies = values(
        "ring", "m.MOST", "m.COUNTS", "m.BANDWIDTHS", "m.LATENCIES"
    )
    assert most == max(PROCESSES)
    network = (784 * 128 + 128) + (128 * 10 + 10)
    assert counts[:4] == [10, 30, 100, 300]
    assert counts[-1] == 8_000_000_000
    assert network in counts
    assert [bandwidths[0], bandwidths[3], bandwidths[-1]] == [1e7, 1e8, 1e11]
    assert [latencies[0], latencies[3], latencies[-1]] == [1e-6, 1e-5, 1e-2]
    for places in (counts, bandwidths, latencies):
        assert places == sorted(set(places))
    (options,) = re.findall(r"mount\(place, (.*)\)", d2l.explore_ring().html)
    start = json.loads(options)
    assert start["n"] in PROCESSES
    assert start["count"] == network
    assert start["bandwidth"] in bandwidths
    assert start["latency"] in latencies


# --- words


@needs_node
def test_a_step_is_told_in_words():
    reports = [(101_770, 4, 0), (10, 4, 2), (10, 4, 3), (10, 4, 4), (10, 4, 6)]
    reports += [(30, 8, 9), (30, 2, 2)]
    told = values("ring", *(f"m.report{some}" for some in reports))
    start, second, third, fourth, end, many, two = (
        text.replace("\u00a0", " ") for text in told
    )
    assert start.startswith(
        "4 processes, each with its own 101,770 numbers, 407 kB, in 4 parts of "
        "25,443 or 25,442."
    )
    assert second == (
        "Step 2 of 6, reduce-scatter: process 0 sends part 3 to 1, 1 sends part 0 to "
        "2, 2 sends part 1 to 3, 3 sends part 2 to 0. What comes in is added to "
        "what is there: the part now holds 3 of 4 arrays. So far each has sent from 16 "
        "bytes to 24 bytes."
    )
    assert "each process now has one finished part." in third
    assert fourth.startswith("Step 4 of 6, all-gather: process 0 sends part 1 to 1,")
    assert "each process has 2 such parts." in fourth
    assert "each process has the whole sum." in end
    assert end.endswith(
        "sent from 56 bytes to 64 bytes, 2(*n* − 1)/*n* = 1.5 times 40 bytes."
    )
    assert many.startswith(
        "Step 9 of 14, all-gather: process 0 sends part 0 to 1, 1 sends part 1 to 2, "
        "and so on, 7 sends part 7 to 0. What comes in is finished: each process has "
        "3 such parts."
    )
    assert two.endswith("sent 120 bytes, 2(*n* − 1)/*n* = 1 times 120 bytes.")


@needs_node
def test_times_and_amounts_have_three_digits_and_a_unit():
    times = {2e-6: "2 µs", 1.2142e-3: "1.21 ms", 53.33: "53.3 s", 320: "5.33 min"}
    times |= {44_800: "12.4 h"}
    amounts = {40: "40 bytes", 407_080: "407 kB", 4e6: "4 MB", 32e9: "32 GB"}
    (seconds, sizes) = values(
        "ring", f"{[*times]}.map(m.time)", f"{[*amounts]}.map(m.amount)"
    )
    assert [text.replace("\u00a0", " ") for text in seconds] == [*times.values()]
    assert [text.replace("\u00a0", " ") for text in sizes] == [*amounts.values()]
