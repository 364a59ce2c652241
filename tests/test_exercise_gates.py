"""The proofs of the exercises refuse broken exercises and broken lessons.

A copy of the project gets exercises and lessons that are each broken in one way. Each
must be red in the test that is there for it.
"""

import nbformat
import pytest

import builder
from project import write_lesson
from sabotage import check, copy_project

GOOD = '''from ..exercise import Exercise
from ..expect import expect

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

# What is changed in a good exercise: the test that must be red, and its message.
BROKEN = {
    "accepts_the_wrong": (
        ("expect(answer(3), 6", "expect(answer(3), answer(3)"),
        ("wrong_answers", "square does not get 'the square': ✗"),
    ),
    "accepts_all": (
        ("expect(answer(1), 2", "expect(answer(1), answer(1)"),
        ("wrong_answers", "always_six is not refused: ✓"),
    ),
    "refuses_the_solution": (
        ("return 2 * x", "return 3 * x"),
        ("right_answers", "refuses_the_solution is refused: ✗"),
    ),
    "refuses_the_right": (
        ("return x + x", "return x + x + x"),
        ("right_answers", "sum_of_two is refused: ✗"),
    ),
    "other_words": (
        ("(9, ", "(8, "),
        ("wrong_answers", "square does not get 'the square': ✗"),
    ),
    "words_of_the_headline": (
        ('@ex.wrong(says="the square")', '@ex.wrong(says="twice 3")'),
        ("wrong_answers", "every wrong answer gets 'twice 3'"),
    ),
    "idle_check": (
        ("return 6", "return x * x"),
        ("wrong_answers", "no wrong answer is refused by: twice 1"),
    ),
    "one_hint": (
        ('"One.", "Two."', '"One."'),
        ("an_exercise_is_complete", ">= 2"),
    ),
    "no_right_answer": (
        ("@ex.right\n", ""),
        ("an_exercise_is_complete", "right_answers"),
    ),
    "stub_is_solved": (
        (
            "    # BEGIN SOLUTION\n    return 2 * x\n    # END",
            "    return 2 * x\n # END",
        ),
        ("an_exercise_is_complete", "stub_code"),
    ),
}

STUB = ':tags: [exercise]\n\ndef {}(x):\n    """Return twice x."""\n    ...'
CALL = '\n\n\nd2l.check("{}.twice", {})'

# Lessons of one exercise: their cells, the test that must be red, and its message.
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
# What is wrong with these is there to read; the others are run, which takes long.
READ = ["31_other_stub", "32_unknown_name"]
RUN = [stem for stem in LESSONS if stem not in READ]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project without lessons and exercises, but for the engine."""
    folder = tmp_path_factory.mktemp("broken")
    return copy_project(folder, "*.ipynb", "text", "ch0?", "ch1?")


def chapter(project, number, topics):
    """Give a chapter its exercises, each made of the good one by a change."""
    files = project / f"d2l_utils/exercises/ch{number}"
    files.mkdir()
    text = f'"""Tiny."""\n\nEXERCISES = {tuple(topics)}\n'
    (files / "__init__.py").write_text(text, encoding="utf-8")
    for topic, (before, after) in topics.items():
        good = GOOD.format(name=f"{number}.{topic}", variable=topic)
        assert before in good
        text = good.replace(before, after)
        (files / f"{topic}.py").write_text(text, encoding="utf-8")


def lesson(project, stem):
    """The text of a lesson with one exercise."""
    chapter(project, stem[:2], {"twice": ("", "")})
    cells = LESSONS[stem][0]
    text = write_lesson(project / f"chapters/text/en/{stem}.md", *cells)
    # The heading comes before the exercise, after what it may not need.
    written = text.read_text(encoding="utf-8")
    exercise = next(cell for cell in cells if "exercise]" in cell)
    start = written.index(f"```{{code-cell}} ipython3\n{exercise}")
    text.write_text(
        f"{written[:start]}## Exercises\n\n{written[start:]}", encoding="utf-8"
    )
    return text


@pytest.fixture(scope="module")
def complaints(copy):
    """What each test that runs no lesson says about what is broken."""
    chapter(copy, 20, {"untouched": ("", ""), **{k: v[0] for k, v in BROKEN.items()}})
    (copy / "d2l_utils/exercises/ch20/not_in_the_order.py").touch()
    for stem in READ:
        text = lesson(copy, stem)
        read = builder.read_lesson(text)
        builder.notebook_path(text).parent.mkdir(exist_ok=True)
        nbformat.write(read, builder.notebook_path(text))
    return check(copy, "tests/test_exercises.py")


@pytest.fixture(scope="module")
def run(copy, complaints):
    """The same of those whose lessons are run."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYTHONPATH", str(copy))
        for stem in RUN:
            builder.build(lesson(copy, stem))
    # Of what is shipped solved, all else is right.
    few = f"({' or '.join(RUN)}) and (as_shipped or not 36_)"
    return check(copy, "tests/test_exercises.py", "tests/test_editions.py", "-k", few)


def red(complaints, test, item=""):
    """The messages of the red items of a test."""
    return [x for name, x in complaints.items() if x and test in name and item in name]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_exercise_is_red(complaints, name):
    test, message = BROKEN[name][1]
    (complaint,) = red(complaints, test, f"[20.{name}]")
    assert message in complaint


def test_a_good_exercise_is_green(complaints):
    green = [text for name, text in complaints.items() if "[20.untouched]" in name]
    assert green == [""] * 4


def test_a_file_that_is_not_in_the_order_is_red(complaints):
    (complaint,) = red(complaints, "test_the_order_of_a_lesson_names_its_files")
    assert "'not_in_the_order'" in complaint


@pytest.mark.parametrize("stem", READ)
def test_a_lesson_that_is_read_is_red(complaints, stem):
    test, message = LESSONS[stem][1]
    assert any(message in complaint for complaint in red(complaints, test))


@pytest.mark.heavy
@pytest.mark.parametrize("stem", [stem for stem in RUN if LESSONS[stem][1]])
def test_a_lesson_that_is_run_is_red(run, stem):
    test, message = LESSONS[stem][1]
    assert any(message in complaint for complaint in red(run, test))


@pytest.mark.heavy
def test_a_good_lesson_is_green(run):
    green = [text for name, text in run.items() if "[en/30_good]" in name]
    assert green == [""] * 6


def test_a_lesson_without_exercises_is_red(complaints):
    (complaint,) = red(complaints, "test_every_lesson_has_exercises")
    assert "Extra items in the left set" in complaint
    assert "'20'" in complaint


def test_a_lesson_with_few_exercises_is_red(complaints):
    (complaint,) = red(complaints, "test_a_lesson_has_at_least_five_exercises")
    assert "'31': 1" in complaint
