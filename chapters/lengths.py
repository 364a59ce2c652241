"""How long the lessons are: words, lines of code and minutes, for reader and author.

    python chapters/lengths.py [NOTEBOOK ...]

What is counted stands before the heading *Exercises*. Words are those of the prose,
without displayed formulas; lines are those of code that is neither blank nor folded,
nor a helper that the package has, too.
"""

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

CHAPTERS = Path(__file__).resolve().parent
TIMES = CHAPTERS.parent / "site/times.json"

# What a reader needs: for prose, for a cell that teaches, and as the list rounds it.
WORDS_A_MINUTE = 130
SECONDS_A_CELL = 20
ROUND = 5  # minutes

EXERCISES = re.compile(r"^## (?:Exercises|练习)", re.MULTILINE)
HIDDEN = re.compile(r"\$\$.*?\$\$|<!--.*?-->|</?[a-z]+[^>]*>|\]\([^)]*\)", re.DOTALL)
# A Chinese reader takes as long for three characters as others for two words.
CHARACTERS_A_WORD = 1.5
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Length(NamedTuple):
    """How long a lesson is before its exercises."""

    words: int
    lines: int  # of code that is taught
    cells: int  # that teach

    def minutes(self, seconds):
        """How long it takes, if it runs so many seconds; in steps of ROUND minutes."""
        reading = self.words / WORDS_A_MINUTE
        whole = reading + (self.cells * SECONDS_A_CELL + seconds) / 60
        return max(ROUND, ROUND * round(whole / ROUND))


def story(cells):
    """The cells before the exercises, a part of one included."""
    for cell in cells:
        source = "".join(cell["source"])
        found = EXERCISES.search(source) if cell["cell_type"] == "markdown" else None
        tags = cell["metadata"].get("tags", [])
        yield cell["cell_type"], source[: found.start()] if found else source, tags
        if found:
            return


def words(prose):
    """The words of a text; what has no letter is none."""
    plain = HIDDEN.sub(" ", prose)
    chinese = len(CHINESE.findall(plain)) / CHARACTERS_A_WORD
    others = [
        word for word in CHINESE.sub(" ", plain).split() if re.search(r"\w", word)
    ]
    return round(chinese) + len(others)


def measure(notebook):
    """The length of a built lesson."""
    cells = list(story(json.loads(Path(notebook).read_bytes())["cells"]))
    shown = [(code, tags) for kind, code, tags in cells if kind == "code"]
    shown = [(code, tags) for code, tags in shown if "hide-input" not in tags]
    return Length(
        words=words("\n".join(text for kind, text, _ in cells if kind == "markdown")),
        lines=sum(
            sum(bool(line.strip()) for line in code.splitlines())
            for code, tags in shown
            if "save" not in tags
        ),
        cells=len(shown),
    )


def running_times():
    """Seconds that each lesson ran when that was measured last, by name."""
    return json.loads(TIMES.read_bytes())["seconds"]


def main():
    """Print the lengths of the lessons named on the command line, or of all."""
    seconds = running_times()
    print(f"{'':26}{'words':>6}{'lines':>6}{'cells':>6}{'minutes':>8}")
    for path in map(Path, sys.argv[1:] or sorted(CHAPTERS.glob("en/*.ipynb"))):
        length = measure(path)
        minutes = length.minutes(seconds.get(path.stem, 0))
        print(
            f"{path.stem:26}{length.words:6}{length.lines:6}{length.cells:6}{minutes:8}"
        )


if __name__ == "__main__":
    main()
