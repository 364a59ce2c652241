"""What a lesson text cannot have is named with its file and line: no traceback."""

import shutil
import unicodedata

import pytest
from nbval.plugin import metadata_tags

import builder
import lesson_text
from d2l_utils import _saved_here
from project import TEXTS

HEAD = "# 01 A lesson: why?\n\n"
CELL = "```{code-cell} ipython3\n"
GOOD = f"{CELL}a = 1\n```\n"
FRONT_MATTER = """\
---
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---

"""


@pytest.fixture
def read(tmp_path):
    """The cells that are read from a text: their kinds, texts and tags."""

    def read(content):
        path = tmp_path / "text/en/01_lesson.md"
        path.parent.mkdir(parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        cells = lesson_text.cells(path)
        return [(c.cell_type, c.source, c.metadata.get("tags", [])) for c in cells]

    return read


def cell(body):
    return f"{HEAD}{CELL}{body}```\n"


def refused(read, content, line, message):
    with pytest.raises(lesson_text.TextError) as error:
        read(content)
    assert str(error.value) == f"en/01_lesson.md, line {line}: {message}"


# --- characters

UNSEEN = (
    "\0\t\v\f\x1c\x1d\x1e\x1f\x7f\x85\xad\u200b\u200d\u200e\u2028\u2029\u202e\u2060"
    "\u2066\ufeff\ufffd\uffff\ue000\U000e0041"
)
# Each place of a text, its line and the column of the character.
PLACES = {
    "first": ("{}# 01", 1, 1),
    "heading": ("# 01 A les{}son: why?\n\n", 1, 11),
    "prose": (f"{HEAD}one\ntw{{}}o\n\n{GOOD}", 4, 3),
    "table": (f"{HEAD}| a |\n|---|\n| {{}} |\n", 5, 3),
    "end of line": (f"{HEAD}one{{}}\ntwo\n", 3, 4),
    "code": (f"{HEAD}{CELL}a = {{}}1\n```\n", 4, 5),
    "string": (f'{HEAD}{CELL}a = "{{}}"\n```\n', 4, 6),
    "tags": (f"{HEAD}{CELL}:tags: [save{{}}]\n\na = 1\n```\n", 4, 13),
    "fence": (HEAD + "```{{code-cell}}{} ipython3\na = 1\n```\n", 3, 15),
    "front matter": ("---\nkernelspec:\n  name: pyth{}on3\n---\n", 3, 13),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_character_that_cannot_be_seen_is_refused(read, tmp_path, place):
    text, line, column = PLACES[place]
    text = text if place == "fence" else text.replace("{code-cell}", "{{code-cell}}")
    # A "\r" before the end of a line is a part of it.
    for char in UNSEEN + "\r" * (place != "end of line"):
        name = "TAB" if char == "\t" else unicodedata.name(char, "a control character")
        refused(
            read,
            text.format(char),
            line,
            f"U+{ord(char):04X} ({name}) in column {column}; only visible characters, "
            "spaces and ends of lines may stand here",
        )
        shutil.rmtree(tmp_path / "text")


def test_what_can_be_seen_is_read_as_it_is(read):
    prose = "η ≤ ½, x², “quoted” 梯度　下降, 👍🏽, e\u0301, no\u00a0break"
    assert read(f"{HEAD}{prose}\n\n{GOOD}")[0] == ("markdown", f"{HEAD}{prose}", [])


def test_ends_of_lines_of_windows_are_read(read):
    text = (
        f"{FRONT_MATTER}{HEAD}{cell(':tags: [save]' + chr(10) * 2 + 'a = 1' + chr(10))}"
    )
    assert read(text.replace("\n", "\r\n"))[-1] == ("code", "a = 1", ["save"])


@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [
        ((HEAD + "na\xefve\n").encode("latin-1"), 3, "EF"),
        ((HEAD + GOOD + "“x”\n").encode("cp1252"), 6, "93"),
        (HEAD.encode("utf-16"), 1, "FF"),
        ((HEAD + "梯度\n").encode("gbk"), 3, "CC"),
        (HEAD.encode() + "梯".encode()[:2], 3, "E6"),
        (b"# a\n\n\xed\xa0\x80", 3, "ED"),
    ],
)
def test_other_encodings_are_refused(read, content, line, byte):
    message = f"the byte 0x{byte} is not UTF-8; save the file as UTF-8"
    refused(read, content, line, message)


@pytest.mark.parametrize("content", ["", "\n \n", FRONT_MATTER])
def test_an_empty_text_is_refused(read, content):
    refused(read, content, 1, "there is nothing in it")


def test_a_text_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(lesson_text.TextError) as error:
        lesson_text.cells(tmp_path / "01_lesson.md")
    where = f"{tmp_path.name}/01_lesson.md"
    assert str(error.value) == f"{where} cannot be read: No such file or directory"


# --- front matter


@pytest.mark.parametrize(
    ("front_matter", "line", "message"),
    [
        (
            FRONT_MATTER.replace("name: python3", "name: julia-1.10"),
            5,
            "the front matter of every lesson has '  name: python3' here, not "
            "'  name: julia-1.10'",
        ),
        (
            "---\nkernelspec: [\n---\n",
            2,
            "the front matter of every lesson has 'kernelspec:' here, not "
            "'kernelspec: ['",
        ),
        (
            "---\n---\n",
            2,
            "the front matter of every lesson has 'kernelspec:' here, not '---'",
        ),
        (
            FRONT_MATTER.replace("---\n\n", "jupytext: {}\n---\n"),
            6,
            "the front matter of every lesson has '---' here, not 'jupytext: {}'",
        ),
        (
            FRONT_MATTER.replace("---\n\n", ""),
            1,
            "the front matter begins in line 1 with --- and ends with a line ---",
        ),
        (
            f"\n{FRONT_MATTER}",
            2,
            "the front matter begins in line 1 with --- and ends with a line ---",
        ),
        (f"Intro\n\n{FRONT_MATTER}", 4, "front matter stands once, at the beginning"),
        (
            f"{FRONT_MATTER}{FRONT_MATTER}",
            9,
            "front matter stands once, at the beginning",
        ),
    ],
)
def test_front_matter_is_that_of_all_lessons(read, front_matter, line, message):
    refused(read, f"{front_matter}{HEAD}{GOOD}", line, message)


@pytest.mark.parametrize("front_matter", ["", FRONT_MATTER, "\n\n"])
def test_front_matter_may_be_missing(read, front_matter):
    cells = [("markdown", HEAD.strip(), []), ("code", "a = 1", [])]
    assert read(f"{front_matter}{HEAD}{GOOD}") == cells


# --- tags and other options

NO_OPTION = (
    "{!r} is no option of a cell; before its code only one line such as "
    "':tags: [save]' may stand"
)


@pytest.mark.parametrize(
    ("options", "line", "wrong"),
    [
        (":tags: exercise\n", 4, ":tags: exercise"),
        (":tags: [exercise\n", 4, ":tags: [exercise"),
        (":tags: {a: b: c}\n", 4, ":tags: {a: b: c}"),
        (":tags: [[save]]\n", 4, ":tags: [[save]]"),
        (":tags: []\n", 4, ":tags: []"),
        (":tags: [save,]\n", 4, ":tags: [save,]"),
        (":tags:\n", 4, ":tags:"),
        (":tags:\n:  - save\n", 4, ":tags:"),
        (":tags:[save]\n", 4, ":tags:[save]"),
        (":tag: [save]\n", 4, ":tag: [save]"),
        (":name: a\n", 4, ":name: a"),
        ("  :tags: [save]\n", 4, ":tags: [save]"),
        ("\n:tags: [save]\n", 5, ":tags: [save]"),
        (":tags: [save]\n:tags: [exercise]\n", 5, ":tags: [exercise]"),
        (":tags: [save]\n:name: a\n", 5, ":name: a"),
        ("---\ntags: [save]\n---\n", 4, "---"),
        ("---\ntags: [\n---\n", 4, "---"),
        ("---\ntags: [save]\n", 4, "---"),
        (":tags: !!python/name:os.system\n", 4, ":tags: !!python/name:os.system"),
        (":\n", 4, ":"),
    ],
)
def test_an_option_is_one_line_of_tags(read, options, line, wrong):
    refused(read, cell(f"{options}\na = 1\n"), line, NO_OPTION.format(wrong))


@pytest.mark.parametrize("tag", ["raise-exception", "Save", "'save'", "hide"])
def test_an_unknown_tag_is_refused(read, tag):
    known = (
        "exercise, goes-on, hide-input, hide-output, mnist, save, nbval-ignore-output, "
        "nbval-raises-exception, nbval-skip, pytest-validate-ignore-output, "
        "raises-exception"
    )
    body = f":tags: [save, {tag}]\n\na = 1\n"
    refused(read, cell(body), 4, f"unknown tag {tag!r}; known are: {known}")


def test_a_tag_stands_once(read):
    body = ":tags: [save, mnist, save]\n\na = 1\n"
    refused(read, cell(body), 4, "the tag 'save' stands here twice")


def test_the_tags_are_those_that_have_a_meaning():
    own = {"exercise", "save", builder.FOLDED_TAG, builder.GOES_ON_TAG}
    own |= {builder.MNIST_TAG, _saved_here.PREDICTED_TAG}
    # It asks for what is done anyway.
    assert {*lesson_text.TAGS} == own | {*metadata_tags} - {"nbval-check-output"}


def test_tags_are_read(read):
    _, code = read(cell(":tags: [ mnist , nbval-ignore-output ]\na = 1\n"))
    assert code == ("code", "a = 1", ["mnist", "nbval-ignore-output"])


# --- blocks and directives


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{CELL}a = 1\n", 3),
        (CELL, 3),
        (f"````{CELL[3:]}a = 1\n```\n\nprose\n", 3),
        (f"{GOOD}```\n", 6),
        ("```python\na = 1\n", 3),
        (f"- ```\n  a\n\nprose\n\n{GOOD}", 3),
        (f"> ```\n> a\n\n{GOOD}", 3),
    ],
)
def test_a_block_without_an_end_is_refused(read, text, line):
    markup = "````" if text.startswith("````") else "```"
    refused(read, HEAD + text, line, f"the block that begins here has no end: {markup}")


@pytest.mark.parametrize(
    ("text", "line", "begin"),
    [
        (f"{CELL}a = 1\n\nprose\n\n{GOOD}", 8, 3),
        (f"```python\na = 1\n\n{GOOD}", 6, 3),
        (f"a = 1\n```\n\nprose\n\n{GOOD}", 8, 4),
    ],
)
def test_a_block_that_takes_the_next_one_is_refused(read, text, line, begin):
    message = (
        f"'```{{code-cell}} ipython3' stands inside the block of line {begin}, which "
        "has no end before it; a block that is to show this begins and ends with more "
        "than 3 of `"
    )
    refused(read, HEAD + text, line, message)


@pytest.mark.parametrize(
    ("fence", "shown"),
    [
        ("```{note}", "{note}"),
        ("```{code-cel} ipython3", "{code-cel} ipython3"),
        ("```{code-cell}s", "{code-cell}s"),
        ("```{code-cell} julia", "{code-cell} julia"),
        ("```{code-cell ipython3}", "{code-cell ipython3}"),
        ("``` {code-cell} ipython3", "{code-cell} ipython3"),
        ("```code-cell ipython3", "code-cell ipython3"),
        ("```Code-Cell ipython3", "Code-Cell ipython3"),
        ("```ipython3", "ipython3"),
        ("```{raw-cell}", "{raw-cell}"),
        ("~~~{tip} Title", "{tip} Title"),
        ("- ```{note}", "{note}"),
    ],
)
def test_an_unknown_directive_is_refused(read, fence, shown):
    end = "~~~" if fence.startswith("~~~") else "```"
    indent = "  " if fence.startswith("- ") else ""
    text = f"{HEAD}{fence}\n{indent}a = 1\n{indent}{end}\n\n{GOOD}"
    code = "code stands between ```{code-cell} ipython3 and ```"
    refused(read, text, 3, f"unknown directive {shown!r}; {code}")


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        (":::{tip}\nx\n:::\n", 3, ":::{tip}"),
        ("::::{grid} 2\n:::{card}\nx\n:::\n::::\n", 3, "::::{grid} 2"),
        (":::\nx\n:::\n", 3, ":::"),
        ("prose\n:::{tip}\nx\n:::\n", 4, ":::{tip}"),
        ("- :::{tip}\n  x\n  :::\n", 3, "- :::{tip}"),
        ("1. :::{tip}\n   x\n   :::\n", 3, "1. :::{tip}"),
        ("``{code-cell} ipython3\na = 1\n``\n", 3, "``{code-cell} ipython3"),
        ("```{note} all in one line ```\n", 3, "```{note} all in one line ```"),
        (f"<div>\n{GOOD}</div>\n", 4, "```{code-cell} ipython3"),
        (f"<!-- no end\n\n{GOOD}", 5, "```{code-cell} ipython3"),
        (
            "    ```{code-cell} ipython3\n    a\n    ```\n",
            3,
            "```{code-cell} ipython3",
        ),
    ],
)
def test_what_would_be_shown_as_text_is_refused(read, text, line, shown):
    message = (
        f"{shown!r} would be shown as text; a directive stands between lines ``` that "
        "are not indented"
    )
    refused(read, HEAD + text, line, message)


@pytest.mark.parametrize(
    ("text", "line"),
    [(f"- a\n\n  {CELL}  a\n  ```\n", 5), (f"> {CELL}> a\n> ```\n", 3)],
)
def test_a_cell_inside_of_something_is_refused(read, text, line):
    message = "a code cell cannot stand in a list or in a quotation"
    refused(read, HEAD + text, line, message)


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ('+++ {"tags": ["save"]}\n', 3, '+++ {"tags": ["save"]}'),
        ("a\n\n+++ {tags\n", 5, "+++ {tags"),
        ("- a\n\n  +++\n", 5, "+++"),
        ("+++b\n", 3, "+++b"),
    ],
)
def test_a_cell_of_text_begins_with_nothing_else(read, text, line, shown):
    message = (
        f"{shown!r} would not begin a new cell; +++ stands alone, in no list or "
        "quotation"
    )
    refused(read, HEAD + text, line, message)


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("a\nsee {ref}`x`\n", 4, "the role '{ref}`x`'"),
        ("| a |\n|---|\n| {py:func}`x` |\n", 5, "the role '{py:func}`x`'"),
        ("(a)=\n", 3, "'(a)='"),
        ("% a\n", 3, "'% a'"),
    ],
)
def test_other_forms_of_myst_are_refused(read, text, line, shown):
    message = "is shown as it stands in JupyterLab; a lesson has plain Markdown alone"
    refused(read, HEAD + text, line, f"{shown} {message}")


@pytest.mark.parametrize(
    "text",
    [
        "````\n```{note}\nx\n```\n````",
        "````markdown\n```{code-cell} ipython3\na = 1\n```\n````",
        "~~~\n```{note}\nx\n```\n~~~",
        "```\n:::{tip}\nx\n:::\n```",
        "- a\n\n  ```sh\n  make lab\n  ```",
        "``{}`` is empty\n\n1. ``{'a'}`` is not\n\n```{code-cell}``` begins a cell",
        "```text cellar\na\n```",
        "`{self}` is a set, and `` {ref}`x` `` is not\n`` ```{note} ``",
        "<details>\n<summary>a</summary>\n\nb\n\n</details>",
        "$$\n+ x_{i}\n$$",
    ],
)
def test_what_is_meant_as_text_stays_text(read, text):
    cells = [("markdown", f"{HEAD}{text}", []), ("code", "a = 1", [])]
    assert read(f"{HEAD}{text}\n\n{GOOD}") == cells


def test_a_cell_with_a_longer_fence_may_hold_a_shorter_one(read):
    code = 'a = """\n```{note}\n"""'
    text = f"{HEAD}````{{code-cell}} ipython3\n{code}\n````\n"
    assert read(text)[1] == ("code", code, [])


def test_each_cell_of_the_lessons_is_read():
    for text in TEXTS:
        fences = text.read_text("utf-8").count(CELL)
        cells = [cell.cell_type for cell in lesson_text.cells(text)]
        assert cells.count("code") == fences
