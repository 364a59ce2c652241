"""Record what lesson 10 shows: times of several processes, and large batches.

    OMP_NUM_THREADS=1 python benchmarks/scaling.py [--record] [--only PART]

Prints tables; --record also writes scaling.json beside this file, which
``d2l.load_benchmark("scaling")`` reads. The first part, ``times``, takes a quarter of
an hour on a machine that has nothing else to do; the others take about 20 minutes of
one core.
"""

import argparse
import json
import os
import sys
from pathlib import Path

# Read once, when NumPy and PyTorch load. One thread, as in the lessons.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import torch

import bench
import large_batches
import processes

FOLDER = Path(__file__).resolve().parent

PARTS = {
    part.__name__: part
    for part in (
        processes.times,
        large_batches.large_batches,
        large_batches.local_steps,
        large_batches.half,
    )
}


def table(result):
    """Lists of rows as text, each under its name; other entries in a line each."""
    lines = []
    for name, rows in result.items():
        if not isinstance(rows, list):
            lines.append(f"{name}: {rows}")
            continue
        texts = [list(rows[0]), *([shown(v) for v in row.values()] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        lines.append(name)
        lines += ["  ".join(map(str.rjust, text, widths)) for text in texts]
    return "\n".join(lines)


def shown(value):
    """An entry of a table."""
    if isinstance(value, list):
        return " ".join(map(shown, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main(arguments=None):
    """Measure, print the tables and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write the file")
    parser.add_argument("--only", choices=list(PARTS), help="measure one part")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    target = FOLDER / "scaling.json"
    result = {}
    if options.only and target.exists():
        recorded = json.loads(target.read_text(encoding="utf-8"))
        result = recorded["results"]["scaling"]
    for name in [options.only] if options.only else PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found = PARTS[name]()
        print(table(found))
        if name == "times":
            print(table(processes.predicted(found)))
        result |= found if name == "times" else {name: found}
    if options.record:
        bench.write(target, {"scaling": result})


if __name__ == "__main__":
    main()
