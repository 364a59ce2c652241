"""The proofs of the exercises refuse broken exercises and broken lessons.

A copy of the project gets exercises and lessons that are each broken in one way. Each
must be red in the test that is there for it.
"""

import nbformat
import pytest

import builder
from project import write_lesson
from sabotage import check, copy_project

IMPORTS = '''"""Tiny."""

from .exercise import Exercise
from .expect import expect
'''

GOOD = '''
ex = Exercise("{name}", hints=["One.", "Two."], explanation="Two times x.")


@ex.solution
def {variable}(x):
    """Return twice x."""
    # BEGIN SOLUTION
    return 2 * x
    # END SOLUTION


@ex.check("twice 3")
def _(answer):
    expect(answer(3), 6, mistakes=[(9, "That is the square.")])


@ex.check("twice 1")
def _(answer):
    expect(answer(1), 2, tip="What if x is 1?")


@ex.wrong(says="the square")
def square(x):
    return x * x


@ex.wrong(says="What if x is 1?")
def always_six(x):
    return 6


@ex.right
def sum_of_two(x):
    return x + x
'''

# What is changed in a good exercise: the test that must be red, and its words.
BROKEN = {
    "accepts_the_wrong": (
        ("expect(answer(3), 6", "expect(answer(3), answer(3)"),
        ("with_its_words[20.accepts_the_wrong-0]", "'the square' in"),
    ),
    "refuses_the_solution": (
        ("return 2 * x", "return 3 * x"),
        ("the_solution_is_accepted[20.refuses_the_solution]", "assert False"),
    ),
    "refuses_the_right": (
        ("return x + x", "return x + x + x"),
        ("another_right_answer_is_accepted[20.refuses_the_right-0]", "assert False"),
    ),
    "other_words": (
        ("(9, ", "(8, "),
        ("with_its_words[20.other_words-0]", "'the square' in"),
    ),
    "words_of_the_headline": (
        ('@ex.wrong(says="the square")', '@ex.wrong(says="twice 3")'),
        ("its_words[20.words_of_the_headline-0]", "these words are said of every"),
    ),
    "idle_check": (
        ("return 6", "return x * x"),
        ("every_check_earns_its_place[20.idle_check]", "refused by: {'twice 1'}"),
    ),
    "one_hint": (
        ('"One.", "Two."', '"One."'),
        ("an_exercise_is_complete[20.one_hint]", ">= 2"),
    ),
    "no_right_answer": (
        ("@ex.right\n", ""),
        ("an_exercise_is_complete[20.no_right_answer]", "right_answers"),
    ),
    "stub_is_solved": (
        (
            "    # BEGIN SOLUTION\n    return 2 * x\n    # END",
            "    return 2 * x\n # END",
        ),
        ("an_exercise_is_complete[20.stub_is_solved]", "stub_code"),
    ),
}

STUB = ':tags: [exercise]\n\ndef {}(x):\n    """Return twice x."""\n    ...'
CALL = '\n\n\nd2l.check("{}.twice", {})'
IMPORT = "import d2l_utils as d2l"

# Lessons of one exercise: their cells, the test that must be red, and its words.
LESSONS = {
    "30_good": ([STUB.format("twice") + CALL.format(30, "twice")], None),
    "31_other_stub": (
        [STUB.format("twice").replace("Return", "Give") + CALL.format(31, "twice")],
        ("shows_the_stubs_of_its_exercises[en/31_other_stub]", "Give"),
    ),
    "32_unknown_name": (
        [
            STUB.format("twice") + CALL.format(32, "twice"),
            'd2l.check("32.thrice", ...)',
        ],
        ("of_a_known_exercise[en/32_unknown_name]", "32.thrice"),
    ),
    "33_checks_its_own": (
        [
            STUB.format("twice"),
            "def twice(x):\n    return x + x" + CALL.format(33, "twice"),
        ],
        ("wrong_every_exercise_is_refused_and_nothing_breaks[en/33", "`: right, all 2"),
    ),
    "34_story_uses_the_answer": (
        [STUB.format("twice") + CALL.format(34, "twice"), "print(twice(2))"],
        ("solved_every_exercise_is_right_and_the_story_the_same[en/34", "None"),
    ),
    "35_needs_an_earlier_cell": (
        ["six = 6", STUB.format("twice") + CALL.format(35, "twice"), "print(six)"],
        ("wrong_every_exercise_is_refused_and_nothing_breaks[en/35", "NameError"),
    ),
    "36_shipped_solved": (
        [
            STUB.format("twice").replace("...", "return 2 * x")
            + CALL.format(36, "twice")
        ],
        ("as_shipped_no_exercise_is_attempted[en/36", "`36.twice`: right"),
    ),
}
# What is wrong with these is there to read.
NOT_RUN = ["31_other_stub", "32_unknown_name"]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What each test says about the broken exercises and lessons."""
    folder = tmp_path_factory.mktemp("broken")
    project = copy_project(folder, "*.ipynb", "text", "ch0?.py")
    exercises = project / "d2l_utils" / "exercises"

    def module(chapter, *codes):
        file = exercises / f"ch{chapter}.py"
        file.write_text(IMPORTS + "".join(codes), encoding="utf-8")

    broken = []
    for name, ((before, after), _) in BROKEN.items():
        good = GOOD.format(name=f"20.{name}", variable=name)
        assert before in good
        broken.append(good.replace(before, after))
    module("20", *broken, GOOD.format(name="20.untouched", variable="untouched"))
    texts = project / "chapters" / "text" / "en"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYTHONPATH", str(project))
        for stem, (cells, _) in LESSONS.items():
            module(stem[:2], GOOD.format(name=f"{stem[:2]}.twice", variable="twice"))
            # The heading comes before the exercise, after what it may not need.
            at = next(n for n, cell in enumerate(cells) if "exercise]" in cell)
            text = write_lesson(texts / f"{stem}.md", IMPORT, *cells)
            written = text.read_text(encoding="utf-8")
            start = written.index(f"```{{code-cell}} ipython3\n{cells[at]}")
            text.write_text(
                f"{written[:start]}## Exercises\n\n{written[start:]}", encoding="utf-8"
            )
            if stem in NOT_RUN:
                lesson = builder.read_lesson(text)
                nbformat.write(lesson, builder.notebook_path(text))
            else:
                builder.build(text)
    tests = ["tests/test_exercises.py", "tests/test_editions.py"]
    few = f"test_exercises or not ({' or '.join(NOT_RUN)} or 36_ and not as_shipped)"
    return check(project, *tests, "-k", few)


def red(complaints, test):
    return [said for name, said in complaints.items() if test in name and said]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_exercise_is_red(complaints, name):
    test, words = BROKEN[name][1]
    assert any(words in said for said in red(complaints, test))


def test_a_good_exercise_is_green(complaints):
    said = {name: text for name, text in complaints.items() if "20.untouched" in name}
    assert len(said) >= 7
    assert not any(said.values())


@pytest.mark.parametrize("stem", [stem for stem in LESSONS if LESSONS[stem][1]])
def test_a_broken_lesson_is_red(complaints, stem):
    test, words = LESSONS[stem][1]
    assert any(words in said for said in red(complaints, test))


def test_a_good_lesson_is_green(complaints):
    said = {name: text for name, text in complaints.items() if "30_good" in name}
    assert len(said) == 5
    assert not any(said.values())


def test_a_lesson_without_exercises_is_red(complaints):
    (said,) = red(complaints, "test_every_lesson_has_exercises")
    assert "Extra items in the left set" in said
    assert "'20'" in said


def test_a_lesson_with_few_exercises_is_red(complaints):
    (said,) = red(complaints, "test_a_lesson_has_at_least_five_exercises")
    assert "'30': 1" in said
