"""Times of one training in several processes: talking, computing, and both."""

import itertools
import json
import math
import os
import statistics
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
import torch.distributed as dist
from torch import multiprocessing, nn
from torch.nn.parallel import DistributedDataParallel

from d2l_utils.launch import LOOPBACK
from timing import rounded, undisturbed

SMALL = 784, 128, 10
WIDE = 784, 2048, 2048, 10

PROCESSES = 1, 2, 4
# From 4 bytes to 64 MB; and the parameters of SMALL.
NUMBERS = *(4**k for k in range(9)), 101_770, *(4**k for k in range(9, 13))
# Examples for each process, and for all together.
BATCHES = {SMALL: tuple(2**k for k in range(14)), WIDE: tuple(4**k for k in range(6))}
SHARED = {SMALL: (128, 512, 2048, 8192), WIDE: (128, 512, 2048)}

# Small enough that the numbers, and so the times, stay as they are.
LR = 1e-6


def network(layers):
    """Linear layers with ReLU between them."""
    linear = [nn.Linear(*sizes) for sizes in itertools.pairwise(layers)]
    return nn.Sequential(
        *(part for layer in linear for part in (layer, nn.ReLU())),
    )[:-1]


@cache
def group(processes):
    """The first so many processes; all of them must ask, in the same order."""
    return dist.new_group(range(processes))


@cache
def trained(layers, processes):
    """A network and its optimizer, alone with 0 processes."""
    net = network(layers)
    if processes:
        net = DistributedDataParallel(net, process_group=group(processes))
    return net, torch.optim.SGD(net.parameters(), lr=LR)


class AllReduce(NamedTuple):
    """The sum of an array of float32 over some processes."""

    processes: int
    numbers: int

    def prepare(self):
        """What is timed."""
        array = torch.zeros(self.numbers)
        return lambda: dist.all_reduce(array, group=group(self.processes))

    def row(self):
        """What tells this case from others."""
        return {"processes": self.processes, "bytes": 4 * self.numbers}


class Step(NamedTuple):
    """A step of plain SGD: forward, backward, and the change of the parameters.

    Attributes:
        layers: the sizes of the network.
        batch: examples in all processes together.
        processes: how many take part.
        threads: of each process.
        talking: whether they are one training, by DistributedDataParallel, or work
            beside one another.
    """

    layers: tuple[int, ...]
    batch: int
    processes: int = 1
    threads: int = 1
    talking: bool = False

    def prepare(self):
        """What is timed."""
        net, optimizer = trained(self.layers, self.processes if self.talking else 0)
        each = self.batch // self.processes
        X, y = torch.rand(each, self.layers[0]), torch.arange(each) % self.layers[-1]
        loss_function = nn.CrossEntropyLoss()

        def step():
            loss = loss_function(net(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return step

    def row(self):
        """What tells this case from others."""
        return {
            "network": "-".join(map(str, self.layers)),
            "batch": self.batch,
            "processes": self.processes,
            "threads": self.threads,
            "talking": self.talking,
        }


def process(rank, folder, world_size, cases, repeats, block):
    """What each process does: time all cases in turns, and wait in between."""
    dist.init_process_group(
        "gloo",
        init_method=f"file://{folder}/store",
        rank=rank,
        world_size=world_size,
        timeout=timedelta(minutes=3),
    )
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    for count in sorted({case.processes for case in cases}):
        group(count)
    times = [[] for _ in cases]
    functions = [case.prepare() if rank < case.processes else None for case in cases]
    with undisturbed():
        calls = [1] * len(cases)
        for repeat in range(-2, repeats):
            for i, (case, function) in enumerate(zip(cases, functions, strict=True)):
                seconds = together(function, case, calls[i])
                if repeat >= 0:
                    times[i].append(seconds)
                else:  # warming up; and how many calls fill a block
                    calls[i] = math.ceil(block / seconds)
    if rank == 0:
        Path(folder, "times").write_text(json.dumps(times), encoding="utf-8")
    dist.barrier()
    dist.destroy_process_group()


def together(function, case, calls):
    """Seconds of a call, on average, in the slowest of those that take part."""
    seconds = torch.zeros(1, dtype=torch.float64)
    dist.barrier()
    if function is not None:
        torch.set_num_threads(getattr(case, "threads", 1))
        if calls > 1:
            function()
        start = perf_counter()
        for _ in range(calls):
            function()
        seconds += (perf_counter() - start) / calls
        torch.set_num_threads(1)
    dist.all_reduce(seconds, dist.ReduceOp.MAX)
    return seconds.item()


def measure(cases, *, repeats, block=0.03):
    """Time cases in turns, in processes that talk over loopback.

    Args:
        cases: those of ``AllReduce`` and ``Step``.
        repeats: how often each is timed.
        block: seconds that one timing takes, at least.

    Returns:
        For each case the seconds of a call, in each repeat.
    """
    os.environ["GLOO_SOCKET_IFNAME"] = LOOPBACK
    world_size = max(case.processes for case in cases)
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.start_processes(
            process,
            (folder, world_size, cases, repeats, block),
            nprocs=world_size,
            start_method="spawn",
        )
        return json.loads(Path(folder, "times").read_text(encoding="utf-8"))


def spread(seconds):
    """The median and the quartiles."""
    low, median, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return {
        "seconds": rounded(median),
        "low": rounded(low),
        "high": rounded(high),
        "repeats": len(seconds),
    }


def plan(numbers=NUMBERS, batches=BATCHES, shared=SHARED, processes=PROCESSES):
    """What is timed: talking; steps alone and two side by side; and both together."""
    several = processes[1:]
    steps = [
        Step(layers, n * batch, n)
        for layers, sizes in batches.items()
        for n in processes[:2]
        for batch in sizes
    ]
    parallel = []
    for layers, sizes in shared.items():
        for batch in sizes:
            parallel += [Step(layers, batch, threads=n) for n in processes]
            parallel += [Step(layers, batch, n) for n in several]
            parallel += [Step(layers, batch, n, talking=True) for n in processes]
    return {
        "all_reduce": [AllReduce(n, count) for n in several for count in numbers],
        "step": steps,
        "parallel": parallel,
    }


def times(repeats=31, **sizes):
    """Time all that is planned, in turns; a row for each case."""
    cases = plan(**sizes)
    seconds = iter(measure([*itertools.chain(*cases.values())], repeats=repeats))
    return {"cores": os.cpu_count()} | {
        name: [case.row() | spread(next(seconds)) for case in some]
        for name, some in cases.items()
    }


def fitted(*columns, seconds):
    """The factors of some columns whose sum has the smallest relative errors."""
    A = np.stack(columns, axis=1) / seconds[:, None]
    return np.linalg.lstsq(A, np.ones(len(A)))[0]


def predicted(result):
    """What ``all_reduce`` and silent processes let expect of ``parallel``.

    A step takes a time of its own and one for each example, where each core has a
    process; where n processes share c cores, n / c times as long. For an all_reduce
    each process sends 2 (n - 1) messages one after the other, and 2 (n - 1) / n of the
    bytes, which the cores share as well. The steps are those of the same run: from hour
    to hour a virtual machine may be a third faster or slower.
    """

    def shared(n):
        return np.maximum(n / result["cores"], 1)

    def of(name, *keys, **which):
        rows = [row for row in result[name] if which.items() <= row.items()]
        return [np.array([row[key] for row in rows]) for key in (*keys, "seconds")]

    def sent(n, size):
        return 2 * (n - 1), 2 * (n - 1) / n * size * shared(n)

    n, size, seconds = of("all_reduce", "processes", "bytes")
    cut = size > 4  # a single number cannot be cut, and comes sooner
    messages = fitted(*sent(n[cut], size[cut]), seconds=seconds[cut])

    rows = []
    for layers in dict.fromkeys(row["network"] for row in result["parallel"]):
        which = {"network": layers, "talking": False, "processes": result["cores"]}
        batch, seconds = of("parallel", "batch", **which)
        each = batch / result["cores"]
        steps = fitted(np.ones(len(each)), each, seconds=seconds)
        net = network([int(width) for width in layers.split("-")])
        size = sum(4 * parameter.numel() for parameter in net.parameters())
        for row in result["parallel"]:
            n = row["processes"]
            if row["network"] == layers and row["talking"] and n > 1:
                compute = steps @ (1, row["batch"] / n) * shared(n)
                talk = messages @ sent(n, size)
                rows.append(
                    {
                        "network": layers,
                        "batch": row["batch"],
                        "processes": n,
                        "computing": float(compute),
                        "talking": float(talk),
                        "seconds": row["seconds"],
                        "error": float((compute + talk) / row["seconds"] - 1),
                    }
                )
    return {
        "seconds for a message": float(messages[0]),
        "bytes a second": float(1 / messages[1]),
        "predicted": rows,
    }
