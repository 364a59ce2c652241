"""Measure how long each lesson runs, for the status page: writes site/times.json.

    python site/run_times.py

Every lesson runs as the builder runs it: in a fresh kernel, on one thread, in an empty
folder. Lesson 08 runs on MNIST where that is at hand, and on the bundled digits
elsewhere; the file says which.
"""

import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

SITE = Path(__file__).resolve().parent
sys.path.insert(0, str(SITE.parent / "chapters"))

import builder  # noqa: E402
import d2l_utils as d2l  # noqa: E402
import lesson_text  # noqa: E402


def seconds(text):
    """How long one lesson takes from the start of its kernel to its last output."""
    lesson = builder.read_lesson(text)
    begin = time.perf_counter()
    builder.execute(lesson, text.stem)
    return round(time.perf_counter() - begin, 1)


def main():
    """Time the English lessons one after the other."""
    lessons = {}
    for text in sorted((SITE.parent / "chapters/text/en").glob("*.md")):
        try:
            lessons[text.stem] = seconds(text)
        except (builder.BuildError, lesson_text.TextError) as error:
            sys.exit(f"The times are not measured: {error}")
        print(f"{text.stem}: {lessons[text.stem]} s", flush=True)
    result = {
        "recorded": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "data": d2l.load_mnist().name,
        "seconds": lessons,
    }
    (SITE / "times.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
