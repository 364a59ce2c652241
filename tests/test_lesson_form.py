"""Lessons have the lengths and the form that the course has promised its readers."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

import lengths
import lesson_form
import lesson_list
from project import NOTEBOOKS, each_notebook, lesson_name

LESSONS = {lesson.name: lesson for lesson in lesson_list.read()}
SECONDS = lengths.running_times()

# Words and lines of code before the exercises, of a lesson and of those in two parts.
LONGEST = {"words": 3000, "lines": 240}
TWO_PARTS = {"words": 3600, "lines": 380}
LIMITS = {"06_optimizers": TWO_PARTS, "08_mnist_classifiers": TWO_PARTS}


@each_notebook
def test_a_lesson_is_no_longer_than_its_limit(notebook):
    length = lengths.measure(notebook)
    for name, limit in LIMITS.get(notebook.stem, LONGEST).items():
        count = getattr(length, name)
        assert count <= limit, f"{count} {name} before the exercises; limit {limit}"


@each_notebook
def test_the_minutes_of_the_list_are_honest(notebook):
    needed = lengths.measure(notebook).minutes(SECONDS[notebook.stem])
    assert LESSONS[notebook.stem].minutes == needed, "see chapters/lengths.py"


@pytest.mark.parametrize("fault", lesson_form.EVERY, ids=lambda fault: fault.__name__)
@each_notebook
def test_a_lesson_has_the_form(notebook, fault):
    assert fault(nbformat.read(notebook, as_version=4).cells) == []


def test_every_lesson_is_looked_at():
    assert {lesson_name(path) for path in NOTEBOOKS} == {
        f"{language}/{lesson.name}"
        for lesson in LESSONS.values()
        for language in lesson.editions
    }
    assert LIMITS.keys() <= LESSONS.keys()


# --- the checks can fail


def code(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


DRAW = 'fig, ax = plt.subplots()\nax.plot(x)\nd2l.show("A line.")'
TEXT = """> **New Python here.**
>
> - `zip`: pairs

## Exercises

### Without a checker

**1.** Why?

<details><summary>Answer</summary>

Because.

</details>

## Summary

**You can now** see.

## Where to go next

- [the next](02_numerical_gradient.ipynb), and [a book](https://example.org)
"""
GOOD = [
    new_markdown_cell("# 01 Title: why?\n\nA question."),
    code("import d2l_utils as d2l", "hide-input"),
    code("x = [1, 2]"),
    code(DRAW, "hide-input"),
    new_markdown_cell(TEXT),
    code('prediction = ...\nd2l.check("01.predict_it", prediction)', "hide-output"),
]


def with_cell(place, cell):
    return [*GOOD[:place], cell, *GOOD[place + 1 :]]


def with_text(old, new):
    assert old in TEXT
    return with_cell(4, new_markdown_cell(TEXT.replace(old, new)))


def test_a_good_form_is_good():
    assert [fault(GOOD) for fault in lesson_form.EVERY] == [[]] * len(lesson_form.EVERY)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (with_cell(2, code("x = 1\nd2l.show('x')", "hide-input")), "needs 'x'"),
        (with_cell(3, code("ax.plot(x)", "hide-input")), "draws nothing"),
        (with_cell(3, code(f"print(x)\n{DRAW}", "hide-input")), "prints"),
        (with_cell(3, code(f"assert x\n{DRAW}", "hide-input")), "asserts"),
        (with_cell(3, code(DRAW + "\nx" * 5)), "not folded"),
        (with_cell(5, code('d2l.check("01.predict_it", prediction)')), "predicted"),
        (with_cell(0, new_markdown_cell("why " * 120)), "120 words before"),
        (with_text("New Python", "Python"), "0 boxes"),
        (with_text("pairs", "pairs " * 170), "words; 160 may"),
        (with_text("## Summary", "## End"), "no heading '## Summary'"),
        (with_text("**You can now**", "You can"), "You can now"),
        (with_text("(02_numerical_gradient.ipynb)", ""), "no other lesson"),
        (with_text("(https://example.org)", ""), "nothing outside"),
        (with_text("<details>", ""), "question 1"),
        (with_text("**1.** ", "1. "), "no questions"),
        (with_text("## Exercises", "## Where to go next\n## Exercises"), "order"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_of_form_is_named(cells, says):
    faults = [sentence for fault in lesson_form.EVERY for sentence in fault(cells)]
    assert any(says in sentence for sentence in faults), faults


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        ("a = b", {"b"}),
        ("b = 1\na = b", set()),
        ("a = b\nb = 1", {"b"}),
        ("a = a + 1", {"a"}),
        ("a += 1", {"a"}),
        ("a = 0\na += 1", set()),
        ("for i in c:\n    a = i\n    print(a)", {"c", "print"}),
        ("for i in c:\n    print(a)\n    a = i", {"a", "c", "print"}),
        ("with b as a:\n    a()", {"b"}),
        ("for b in c:\n    print(b)", {"c", "print"}),
        ("def f(b, *c, **d):\n    e = b\n    return e + g", {"g"}),
        ("f = lambda b: b + c", {"c"}),
        ("def f():\n    return a\n\na = 1", set()),
        ("a = [b for b in c]", {"c"}),
        ("from a import b\nb()", set()),
    ],
)
def test_what_a_cell_needs(source, needs):
    assert lesson_form.needed(lesson_form.ast.parse(source)) == needs


def test_lengths_leave_out_what_is_folded_saved_or_an_exercise(tmp_path):
    cells = [
        new_markdown_cell("# Three plain words\n\n$$a = b$$\n\n`x` and [here](a.md)."),
        code("a = 1\n\nb = 2"),
        code("c = 1", "save"),
        code("d = 1", "hide-input"),
        new_markdown_cell("One more.\n\n## Exercises\n\nNot these."),
        code("e = 1", "exercise"),
    ]
    path = tmp_path / "01_lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert lengths.measure(path) == lengths.Length(words=8, lines=2, cells=2)


@pytest.mark.parametrize(
    ("length", "seconds", "minutes"),
    [((0, 0, 0), 0, 5), ((1300, 0, 0), 0, 10), ((1300, 9, 30), 150, 20)],
)
def test_minutes_are_those_of_words_cells_and_seconds(length, seconds, minutes):
    assert lengths.Length(*length).minutes(seconds) == minutes
