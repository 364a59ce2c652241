"""The list of lessons is whole, and what else names the lessons agrees with it."""

import re

import pytest

import build_site
import lesson_list
from project import NOTEBOOKS, ROOT, TEXTS, lesson_name, write_entry

LESSONS = lesson_list.read()
LISTED = {
    f"{language}/{lesson.name}": lesson
    for lesson in LESSONS
    for language in lesson.editions
}
HEADING = re.compile("^# (.*)$", re.MULTILINE)


def test_texts_and_notebooks_are_those_of_the_list():
    texts = {lesson_name(text) for text in TEXTS}
    notebooks = {lesson_name(notebook) for notebook in NOTEBOOKS}
    for what, found in (("text", texts), ("notebook", notebooks)):
        assert found - LISTED.keys() == set(), f"{what} without an entry in the list"
        assert LISTED.keys() - found == set(), f"entry in the list without a {what}"


def plain(heading):
    """A heading without what may differ: emphasis, capitals, width of punctuation."""
    return heading.replace("*", "").replace("：", ": ").casefold()


@pytest.mark.parametrize("text", TEXTS, ids=lesson_name)
def test_a_text_begins_with_its_number_title_and_question(text):
    lesson = LISTED[lesson_name(text)]
    edition = lesson.editions[text.parent.name]
    heading = HEADING.search(text.read_text(encoding="utf-8"))[1]
    listed = f"{lesson.number} {edition.title}: {edition.question}"
    assert plain(heading) == plain(listed)


@pytest.mark.parametrize("text", TEXTS, ids=lesson_name)
def test_a_text_promises_the_minutes_of_the_list(text):
    promised = re.findall(r"\. About (\d+) minutes", text.read_text(encoding="utf-8"))
    assert {*map(int, promised)} <= {LISTED[lesson_name(text)].minutes}


def test_the_table_of_the_readme_is_that_of_the_list():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == lesson_list.with_table(readme, LESSONS), "run make chapters"


def test_the_languages_are_those_of_the_web_edition():
    assert lesson_list.LABELS.keys() == build_site.setting(ROOT, "LANGUAGES").keys()


# --- what the list may say

GOOD = """
[[lesson]]
name = "01_first"
extra = false
minutes = 5
[lesson.en]
title = "First"
question = "Why?"
search = "word"
"""
ZH = '[lesson.zh]\ntitle = "一"\nquestion = "为什么"\nsearch = "词"\n'


def read(folder, text):
    (folder / "lessons.toml").write_text(text, encoding="utf-8")
    return lesson_list.read(folder)


def test_a_good_list_is_read(tmp_path):
    (lesson,) = read(tmp_path, GOOD + ZH)
    assert (lesson.number, lesson.name, lesson.minutes) == ("01", "01_first", 5)
    assert not lesson.extra
    assert lesson.editions["en"] == ("First", "Why?", "word")
    assert lesson.editions["zh"] == ("一", "为什么", "词")


FIRST = r"^lessons.toml, lesson 1 \(01_first\)"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes = 5\n", "", "^lessons.toml, lesson 1: missing minutes$"),
        (
            "extra",
            "extras",
            "unknown key 'extras'; known are: name, extra, minutes, en",
        ),
        ("[lesson.en]", "[lesson.eng]", "unknown key 'eng'"),
        ("minutes = 5", 'minutes = "5"', "minutes must be a whole number, got '5'$"),
        ("minutes = 5", "minutes = true", "minutes must be a whole number, got True$"),
        ("minutes = 5", "minutes = 0", "minutes is empty$"),
        ("extra = false", "extra = 0", "extra must be true or false, got 0$"),
        ('"01_first"', "1", "name must be a text, got 1$"),
        ('"01_first"', '"1_first"', "name must be two digits, _ and small letters"),
        ("en]", "zh]", f"{FIRST}: a lesson is written in English first: en is missing"),
        ('title = "First"\n', "", f"{FIRST}, en: missing title$"),
        ('"Why?"', '""', f"{FIRST}, en: question is empty$"),
        ('"word"', '["word"]', f"{FIRST}, en: search must be a text, got "),
        ("search", "seek", f"{FIRST}, en: unknown key 'seek'; known are: title, quest"),
        *(
            ('"Why?"', f'"Why{char}?"', f"{FIRST}, en: question must be one line with")
            for char in ("|", r"\n", r"\u2028", "\u200b", "\x85")
        ),
        ("[[lesson]]", "[lesson]", r"lesson must be a list of tables: \[\[lesson\]\]"),
        (
            "[[lesson]]",
            "[[lessons]]",
            "^lessons.toml: unknown key 'lessons'; known are",
        ),
        ('name = "', "name = ", "^lessons.toml cannot be read: .*line 3"),
    ],
)
def test_a_mistake_in_the_list_is_named(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(lesson_list.ListError, match=message):
        read(tmp_path, GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("01_first", "there are two lessons 01$"),
        ("01_other", "there are two lessons 01$"),
        ("00_other", "00_other stands behind 01_first$"),
    ],
)
def test_numbers_rise(tmp_path, name, message):
    with pytest.raises(lesson_list.ListError, match=message):
        read(tmp_path, GOOD + GOOD.replace("01_first", name))


def test_a_list_that_only_a_machine_can_read_is_named(tmp_path):
    with pytest.raises(lesson_list.ListError, match=r"^lessons\.toml cannot be read"):
        read(tmp_path, "a = " + "[" * 10_000)


def test_a_list_in_another_encoding_is_named(tmp_path):
    (tmp_path / "lessons.toml").write_bytes(GOOD.replace("Why", "Où").encode("latin-1"))
    message = (
        r"^lessons\.toml, line 8: the byte 0xF9 is not UTF-8; save the file as UTF"
    )
    with pytest.raises(lesson_list.ListError, match=message):
        lesson_list.read(tmp_path)


def test_a_list_that_is_not_there_is_named(tmp_path):
    with pytest.raises(lesson_list.ListError, match=r"lessons\.toml cannot be read"):
        lesson_list.read(tmp_path)


# --- the tables that are made of it


@pytest.fixture
def lessons(tmp_path):
    """Two lessons, of which the second is an extra and in English alone."""
    (tmp_path / "lessons.toml").write_text(GOOD + ZH, encoding="utf-8")
    write_entry(tmp_path, "02_second", extra=True)
    return lesson_list.read(tmp_path)


def test_extras_are_marked_in_the_table(lessons):
    assert lesson_list.table(lessons, "en").splitlines()[2:] == [
        "| 01 | [First](chapters/en/01_first.ipynb) | Why? | 5 min |",
        "| 02 | [Second](chapters/en/02_second.ipynb) (extra) | Why? | 5 min |",
    ]
    assert lesson_list.table(lessons, "zh").splitlines()[2:] == [
        "| 01 | [一](chapters/zh/01_first.ipynb) | 为什么 | 5 分钟 |",
    ]


def test_extras_have_contents_of_their_own(lessons):
    first, second = lesson_list.contents(lessons, "en").split("\n\n```{toctree}")
    assert ":caption: Lessons\n\n01 First <01_first>\n```" in first
    assert ":caption: Extras\n\n02 Second <02_second>\n```" in second
    only = lesson_list.contents(lessons, "zh")
    assert only.count("toctree") == 1
    assert ":caption: 课程\n\n01 一 <01_first>\n```" in only
