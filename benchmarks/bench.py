"""Time the package: pairs side by side as ratios, and what the lessons show.

    python benchmarks/bench.py [--record] [--only NAME]

Every run writes latest.json beside this file; --record also writes results.json, from
which the lessons take their times. To add a result, write a function that returns it
and list it in RESULTS.
"""

import argparse
import contextlib
import importlib.metadata
import itertools
import json
import os
import platform
import sys
from datetime import date
from pathlib import Path

# Read once, when NumPy and PyTorch load. One thread, as in the lessons.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

from backprop import backward
from epochs import epoch
from helpers import data_iter, optimizers
from linear import batch_sizes
from overheads import imports, plotting
from timing import undisturbed

FOLDER = Path(__file__).resolve().parent

RESULTS = {
    result.__name__: result
    for result in (
        data_iter,
        optimizers,
        batch_sizes,
        backward,
        epoch,
        imports,
        plotting,
    )
}

# Their versions belong to the record.
LIBRARIES = "numpy", "torch", "keras", "jax"


def is_rows(result):
    """Whether a result is a list of rows from ``compare``."""
    return isinstance(result, list)


def table(results):
    """All compared pairs as text; results that are not lists of rows are left out."""
    rows = [*itertools.chain(*filter(is_rows, results.values()))]
    lines = [("what", "ours", "reference", "ours", "reference", "ratio", "repeats")]
    for row in rows:
        sides = "ours", "reference"
        names = [row[key] for key in ("name", *sides)]
        if "missing" in row:
            lines.append((*names, "-", "-", "missing", "-"))
            continue
        times = [f"{1000 * row['seconds'][side]:.4g} ms" for side in sides]
        ratio = f"{row['ratio']:.2f}" if row["ratio"] >= 0.1 else f"{row['ratio']:.2g}"
        lines.append((*names, *times, ratio, str(row["repeats"])))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "  ".join(
            entry.ljust(width) if i < 3 else entry.rjust(width)
            for i, (entry, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    reasons = dict.fromkeys(row["missing"] for row in rows if "missing" in row)
    return "\n".join([*text, *reasons])


def processor():
    """The name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def versions():
    """The versions of the libraries that are installed."""
    found = {}
    for library in LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[library] = importlib.metadata.version(library)
    return found


def write(path, results):
    """Write results with their date and machine; the old file stays until then."""
    record = {
        "recorded": date.today().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "processor": processor(),
            "python": platform.python_version(),
            **versions(),
        },
        "results": results,
    }
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    unfinished = path.with_suffix(".json.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def main(arguments=None):
    """Measure, print the table and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write results.json")
    parser.add_argument("--only", choices=list(RESULTS), help="measure one result")
    options = parser.parse_args(arguments)
    results = {}
    for name in [options.only] if options.only else RESULTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with undisturbed():
            results[name] = RESULTS[name]()
    print(table(results))
    write(FOLDER / "latest.json", results)
    if options.record:
        target = FOLDER / "results.json"
        if options.only and target.exists():
            recorded = json.loads(target.read_text(encoding="utf-8"))["results"]
            results = recorded | results
        write(target, results)


if __name__ == "__main__":
    main()
