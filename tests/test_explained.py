"""Nothing is used before it is explained: in code by its syntax tree, in prose by word.

The table of constructs is `chapters/explained.py`, that of words `site/glossary.md`.
"""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

import explained
import lesson_list
import prose
from project import ROOT

CELLS = list(explained.cells_in_order())
LESSONS = [lesson.name for lesson in lesson_list.read()]
FAULTS = list(explained.faults(CELLS))
WORDS = prose.glossary(ROOT / "site/glossary.md")


@pytest.mark.parametrize("lesson", LESSONS)
def test_code_uses_only_what_has_been_explained(lesson):
    assert [fault for place, fault in FAULTS if place.lesson == lesson] == []


def test_the_lessons_use_and_explain_much():
    used, explanations = explained.places(CELLS)
    assert len(used) > 120
    assert used.keys() == explanations.keys()


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_a_word_is_explained_in_the_lesson_that_the_glossary_names(word):
    assert prose.explanation(word, CELLS) is not None, (
        f"lesson {word.lesson} has no '**{word.name}**'"
    )


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_a_word_is_not_used_before_it_is_explained(word):
    early = prose.uses_before(word, CELLS)
    assert [use for use in early if (word.name, use.lesson) not in prose.EARLY] == []


def test_the_words_of_exceptions_are_in_the_glossary():
    names = {word.name for word in WORDS}
    assert {name for name, _ in prose.EARLY} | prose.EVERYDAY <= names
    assert all(reason.strip() for reason in prose.EARLY.values())


def test_exceptions_are_needed():
    early = {
        (word.name, use.lesson)
        for word in WORDS
        for use in prose.uses_before(word, CELLS)
    }
    assert prose.EARLY.keys() <= early


# --- the checks can fail


def lesson(number, *cells):
    """The cells of a lesson, with their places; text is prose, a tuple is code."""
    for place, cell in enumerate(cells):
        make = new_markdown_cell if isinstance(cell, str) else new_code_cell
        made = make(cell if isinstance(cell, str) else cell[0])
        made.metadata["tags"] = [] if isinstance(cell, str) else list(cell[1:])
        name = f"{number:02}_lesson"
        yield explained.Place(name, place, "Heading"), made, made.source


@pytest.mark.parametrize(
    ("construct", "code", "words"),
    [
        ("lambda", "f = lambda x: x", "`lambda x: x` is a function"),
        ("np.linspace", "np.linspace(0, 1)", "`np.linspace(0, 1, 5)`: five numbers"),
        ("np.linalg.solve", "np.linalg.solve(A, b)", "`np.linalg.solve(A, b)`"),
        (".sum", "x.sum()", "`x.sum()` adds up"),
        ("zip()", "zip(a, b)", "`zip(a, b)` makes pairs"),
        ("for a, b in", "for a, b in c:\n    pass", "`for a, b in pairs:`"),
        ("{x:.3f}", 'f"{x:7.3f}"', "`{x:.3f}`: three decimals"),
        ("{x:.0e}", 'f"{x:.1e}"', "`{x:.0e}`: powers of ten"),
        ("{x:,}", 'f"{x:,}"', "`{x:,}`: commas"),
        ("a[:, j]", "X[:, 1]", "`X[:, 1]`: a column"),
        ("a[-1]", "a[-1]", "`a[-1]`: the last one"),
        ("class A(B)", "class A(B):\n    pass", "`class A(B):` builds on `B`"),
        ("**names", "f(**options)", "`f(**options)`"),
        ("with", "with a:\n    pass", "`with torch.no_grad():`"),
        ("name=default", "def f(h=1):\n    pass", "`def f(x, h=1e-4)`"),
        ("1e-4", "h = 1e-4", "`1e-4` is small"),
        ("@", "a @ b", "`X @ w`"),
        ("operator method", "def __add__(a, b):\n    pass", "`__add__`: plus"),
        ("(… for … in …)", "sum(i for i in x)", "`sum(i for i in x)`"),
        ("yield", "def f():\n    yield 1", "`yield 1`"),
        ("dist.barrier", "%%writefile a.py\ndist.barrier()", "`dist.barrier()` waits"),
    ],
)
def test_a_construct_is_found_in_code_and_in_prose(construct, code, words):
    assert construct in explained.constructs(code)
    early = [*lesson(0, (code,)), *lesson(1, "Later.", words)]
    assert any(f"`{construct}` is used in 00" in s for _, s in explained.faults(early))
    good = [*lesson(0, words), *lesson(1, (code,))]
    assert not any(f"`{construct}`" in s for _, s in explained.faults(good))
    nowhere = [*lesson(0, words.replace("`", "")), *lesson(1, (code,))]
    found = [s for _, s in explained.faults(nowhere)]
    assert any(f"`{construct}` is used" in s and "nowhere" in s for s in found)


def test_what_stands_directly_below_or_in_a_comment_explains_too():
    below = lesson(0, ("7 // 2",), "`7 // 2` drops what is behind the point")
    assert list(explained.faults(below)) == []
    comment = lesson(0, ("half = 7 // 2  # // drops what is behind the point",))
    assert list(explained.faults(comment)) == []


def test_folded_code_is_left_aside():
    folded = lesson(0, ("np.linspace(0, 1)", "hide-input"))
    assert list(explained.faults(folded)) == []


WORD = prose.Word("dot product", "02")


@pytest.mark.parametrize(
    ("text", "early"),
    [
        ("The dot products are large.", True),
        ("Lesson 02 explains the dot product.", False),
        ("The dot product (see [lesson 02](02_numerical_gradient.ipynb)).", False),
        ("The `dot product` in code.", False),
        ("A dotted product.", False),
    ],
)
def test_a_word_that_comes_too_early_is_found(text, early):
    cells = [*lesson(1, text), *lesson(2, "This is a **dot product**.")]
    assert bool(prose.uses_before(WORD, cells)) == early


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("a **dot product**", True),
        ("**dot products**", True),
        ("**Dot product.**", True),
        ("a dot product", False),
        ("the **product**", False),
    ],
)
def test_an_explanation_is_in_bold(text, there):
    cells = list(lesson(2, text))
    assert (prose.explanation(WORD, cells) is not None) == there


def test_the_glossary_is_read(tmp_path):
    path = tmp_path / "glossary.md"
    path.write_text(
        "```{glossary}\nbatch\nmini-batch\n  Few. [Lesson 05](../chapters/en/05.ipynb)"
        "\n\nslope\n  Up. [Lesson 01](../chapters/en/01_b.ipynb)\n```\n"
    )
    assert prose.glossary(path) == [
        prose.Word("batch", "05"),
        prose.Word("mini-batch", "05"),
        prose.Word("slope", "01"),
    ]


def test_a_cell_stands_below_the_heading_before_it():
    headings = {str(place) for place, _, _ in CELLS}
    assert "00, cell 0 (00 Start here: can this computer learn to read?)" in headings
