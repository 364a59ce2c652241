"""Prose names no number that no cell prints, and no page one that is not recorded."""

import itertools
import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

import d2l_utils as d2l
import explained
import lesson_list
import prose
from project import ROOT

LESSONS = {
    name: list(cells)
    for name, cells in itertools.groupby(
        explained.cells_in_order(), key=lambda cell: cell[0].lesson
    )
}

# Numbers that no cell prints: (lesson, number): the reason.
ALLOWED = {
    ("10_scaling_out", number): "published: github.com/pytorch/examples/pull/262"
    for number in ("76.17%", "74.98%", "76.22%")
}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_cell_prints_every_number_of_the_prose(lesson):
    found = {
        f"{number} in cell {place.cell} ({place.heading})"
        for place, number in prose.numbers_without_a_cell(LESSONS[lesson])
        if (lesson, number) not in ALLOWED
    }
    assert found == set()


def test_allowed_numbers_are_needed_and_have_a_reason():
    found = {
        (lesson, number)
        for lesson, cells in LESSONS.items()
        for _, number in prose.numbers_without_a_cell(cells)
    }
    assert ALLOWED.keys() <= found
    assert all(reason.strip() for reason in ALLOWED.values())


# --- pages

PAGES = [ROOT / "README.md", ROOT / "benchmarks/README.md"]
PAGES += sorted((ROOT / "site").glob("*.md"))

# Numbers on pages that no record has: what they are.
STATED = {
    "README.md": {
        "250": "random graphs without †, in tests/test_autograd.py",
        "420": "pixels: the width of a phone, in tests/test_browser.py",
    },
    "benchmarks/README.md": {
        "60000": "the pictures of MNIST, and the examples of the rows of data_iter",
        "100000": "the numbers of a tensor in helpers.py",
        "255": "the largest gray level",
        "1e-7": "epsilon in Keras' Adam",
        "1e-8": "epsilon in the others' Adam",
        "1e-38": "the smallest normal number in float32",
        "16": "the steps in tests/test_bench.py",
    },
}


def values_in(record, values):
    """Add all numbers in a record: keys, values, and those in texts."""
    if isinstance(record, dict):
        for pair in record.items():
            values_in(pair, values)
    elif isinstance(record, list | tuple):
        for one in record:
            values_in(one, values)
    elif isinstance(record, str):
        for number in prose.NUMBER.findall(record):
            values.add(abs(float(prose.plain(number))))
    elif isinstance(record, int | float):
        values.add(abs(float(record)))
    return values


def recorded():
    """What is recorded: benchmarks, run times, minutes, the sizes of the data."""
    values = set()
    for file in [*(ROOT / "benchmarks").glob("*.json"), ROOT / "site/times.json"]:
        if file.name != "latest.json":
            values_in(json.loads(file.read_text(encoding="utf-8")), values)
    values |= {float(lesson.minutes) for lesson in lesson_list.read()}
    digits, wine = d2l.load_digits(), d2l.load_wine()
    sizes = [len(digits.train_images) + len(digits.test_images), len(wine.features)]
    # The rates of the walks on the cover, and the pictures of MNIST.
    cover = prose.constants((ROOT / "site/cover.py").read_text(encoding="utf-8"))
    return values | cover | {float(size) for size in sizes} | {70_000.0}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_record_has_every_number_of_a_page(page):
    values = recorded()
    stated = STATED.get(str(page.relative_to(ROOT)), {})
    numbers = set(prose.numbers(page.read_text(encoding="utf-8")))
    assert {
        n for n in numbers - stated.keys() if not prose.is_printed(n, values)
    } == set()
    assert stated.keys() <= numbers
    assert all(reason.strip() for reason in stated.values())


# --- the checks can fail


def lesson(text, code="x = 784\ny = 0.25", output="the loss is 0.0346\n"):
    printed = [new_output("stream", name="stdout", text=output)]
    cells = [new_markdown_cell(text), new_code_cell(code, outputs=printed)]
    for number, cell in enumerate(cells):
        yield explained.Place("01_lesson", number, "Heading"), cell, cell.source


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The loss is 0.0346.", []),
        ("The loss is 0.035, after 784 steps.", []),
        ("The loss is 0.036.", ["0.036"]),
        ("It is −0.0346, that is 3.46 %.", []),
        ("It is 3.46.", ["3.46"]),
        ("A fourth: 25 percent; or 26 %.", ["26%"]),
        ("It fell to $3.5 \\cdot 10^{-2}$, not to $3.5 \\cdot 10^{-3}$.", ["3.5e-3"]),
        ("A million: 10⁶.", ["1e6"]),
        ("It takes 1,000 steps.", ["1000"]),
        ("Twelve or 12 are few, 13 are not.", ["13"]),
        ("In figure 3.14 of lesson 99, section 15, in 1986.", []),
        ("## 14. A heading\n\nText.", []),
        ("Code such as `x = 99` is code.", []),
        ("## Exercises\n\nTake 99 steps.", []),
        (
            "## Exercises\n\nTake 99.\n\n<details>\n\nAfter 99 it is 98.\n\n</details>",
            ["98"],
        ),
        ("## Exercises\n\nTake 99.\n\n## Summary\n\nAfter 97 steps.", ["97"]),
    ],
)
def test_a_number_without_a_cell_is_found(text, found):
    numbers = [number for _, number in prose.numbers_without_a_cell(lesson(text))]
    assert numbers == found


def test_alternative_texts_and_comments_print_nothing():
    code = 'd2l.show("A line that ends at 0.77.")  # at 0.77'
    numbers = prose.numbers_without_a_cell(lesson("It ends at 0.77.", code, ""))
    assert [number for _, number in numbers] == ["0.77"]
