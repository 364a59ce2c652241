"""A copy of the course gets a lesson, and two lessons in another language.

A lesson is its text, its exercises and one entry in the list of lessons: after a build
it is everywhere. A second edition breaks no test.
"""

import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from project import write_entry
from sabotage import check, copy_project

pytestmark = pytest.mark.heavy

NAME = "13_tiny"
TEXT = '''\
# 13 Tiny: why?

This lesson is tiny: it has one figure, one formula and one exercise, as all have.

```{code-cell} ipython3
import matplotlib.pyplot as plt

import d2l_utils as d2l
```

```{code-cell} ipython3
plt.plot([1, 2])
d2l.show("A line that rises.")
```

What is twice $x$?

## Exercises

```{code-cell} ipython3
:tags: [exercise]

def twice(x):
    """Return twice x."""
    ...


d2l.check("13.twice", twice)
```
'''
# Where the exercises of lesson 13 are.
EXERCISES = "d2l_utils/exercises/ch13"
EXERCISE = '''\
from d2l_utils.exercises.exercise import Exercise
from d2l_utils.exercises.expect import expect

ex = Exercise("13.twice", hints=["One.", "Two."], explanation="Two times x.")


@ex.solution
def twice(x):
    """Return twice x."""
    # BEGIN SOLUTION
    return 2 * x
    # END SOLUTION


@ex.check("twice 3")
def _(answer):
    expect(answer(3), 6, mistakes=[(9, "That is the square."), (5, "Not plus 2.")])


@ex.wrong(says="the square")
def square(x):
    return x * x


@ex.wrong(says="Not plus 2.")
def plus_two(x):
    return x + 2


@ex.right
def sum_of_two(x):
    return x + x
'''

# The number of a lesson that is there in Chinese, too: what the list says of it.
CHINESE = {
    "01": ("导数", "哪边是下坡？", "割线"),
    "08": ("手写数字分类", "机器能认出手写的数字吗？", "手写"),
}


LINK = re.compile(r"\[([^]]*)\]\((?:\.\./chapters/en/)?0[2-7]_\w+\.ipynb\)")


def shorten(project):
    """Leave out what takes the longest: lessons 02 to 07, and the package's page."""
    api = project / "site/api.md"
    api.write_text("\n".join(api.read_text("utf-8").splitlines()[:3]), "utf-8")
    chapters = project / "chapters"
    for path in [*chapters.glob("en/0[2-7]*"), *chapters.glob("text/en/0[2-7]*")]:
        path.unlink()
    listed = chapters / "lessons.toml"
    head, *entries = listed.read_text("utf-8").split("[[lesson]]")
    kept = [entry for entry in entries if not re.search(r'name = "0[2-7]', entry)]
    listed.write_text("[[lesson]]".join([head, *kept]), "utf-8")
    pages = [project / f"site/{name}.md" for name in ("glossary", "index")]
    for path in [*chapters.glob("text/en/*.md"), *pages]:
        path.write_text(LINK.sub(r"\1", path.read_text("utf-8")), "utf-8")


def add_lesson(project):
    text = project / f"chapters/text/en/{NAME}.md"
    text.write_text(TEXT, encoding="utf-8")
    exercises = project / EXERCISES
    exercises.mkdir()
    (exercises / "__init__.py").write_text('EXERCISES = ("twice",)\n', encoding="utf-8")
    (exercises / "twice.py").write_text(EXERCISE, encoding="utf-8")
    write_entry(project / "chapters", NAME, extra=True)


def translate(project, number, title, question, search):
    """Add a Chinese lesson: the English one under a Chinese heading."""
    chapters = project / "chapters"
    (text,) = chapters.glob(f"text/en/{number}_*.md")
    # Other lessons are not there in Chinese.
    english = re.sub(r"\[([^]]*)\]\(\w+\.ipynb\)", r"\1", text.read_text("utf-8"))
    heading = f"# {number} {title}：{question}\n\n{search}。\n"
    chinese = chapters / f"text/zh/{text.name}"
    chinese.parent.mkdir(exist_ok=True)
    chinese.write_text(re.sub("(?m)^# .*\n", heading, english, count=1), "utf-8")
    (chapters / "zh").mkdir(exist_ok=True)
    notebook = f"{text.stem}.ipynb"
    shutil.copy(chapters / "en" / notebook, chapters / "zh" / notebook)

    listed = chapters / "lessons.toml"
    before, name, after = listed.read_text("utf-8").partition(f'"{text.stem}"')
    entry, separator, others = after.partition("\n[[lesson]]")
    values = zip(
        ("title", "question", "search"), (title, question, search), strict=True
    )
    edition = "".join(f'{key} = "{value}"\n' for key, value in values)
    listed.write_text(
        f"{before}{name}{entry}\n[lesson.zh]\n{edition}{separator}{others}", "utf-8"
    )


# These build or mark what has nothing to do with the lessons of the copy.
LEFT_OUT = (
    *("a_sound_site", "second_language", "not_in_order", "missing_file", "each_worker"),
    *("students_get", "partly_right", "partial_credit", "feedback_has", "teachers_own"),
    *("saving_a_notebook", "every_public_name"),
)


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """The copy, what its builder says, and what each of its tests says."""
    folder = tmp_path_factory.mktemp("grown")
    # Fewer exercises take less time.
    project = copy_project(folder, "ch0[2-8]*")
    shorten(project)
    add_lesson(project)
    for number, entry in CHINESE.items():
        translate(project, number, *entry)
    copy = SimpleNamespace(project=project, folder=folder)
    copy.built = run(copy, project / "chapters/builder.py")
    tests = ("lesson_list", "pairs", "tags", "exercises", "site", "teaching")
    few = f"not ({' or '.join(LEFT_OUT)}) and (not test_exercises or 13)"
    files = [f"tests/test_{name}.py" for name in tests]
    copy.tests = check(project, *files, "-k", few)
    return copy


def run(copy, *command):
    """What a program of the copy says."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy.folder,
        env=os.environ | {"PYTHONPATH": str(copy.project), "D2L_PROGRESS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_builder_executes_the_new_lesson_alone(grown):
    readme, *lessons = grown.built.splitlines()
    assert readme == "README.md: renewed the table of lessons"
    assert f"en/{NAME}: executed" in lessons
    others = [line for line in lessons if NAME not in line]
    listed = (grown.project / "chapters/lessons.toml").read_text("utf-8")
    # All in English but the new one, and those in Chinese.
    assert len(others) == listed.count("[[lesson]]") - 1 + len(CHINESE) > 4
    assert [line for line in others if not line.endswith(": kept the outputs")] == []


def test_the_readme_lists_the_new_lesson_as_an_extra(grown):
    row = f"\n| 13 | [Tiny](chapters/en/{NAME}.ipynb) (extra) | Why? | 5 min |\n"
    assert row in (grown.project / "README.md").read_text("utf-8")


def test_learners_get_the_new_lesson(grown):
    run(grown, "-m", "d2l_utils", "copy", "--folder", grown.folder / "mine")
    assert (grown.folder / "mine" / f"{NAME}.ipynb").is_file()


def test_progress_has_the_new_lesson(grown):
    output = run(grown, "-c", "import d2l_utils as d2l; d2l.progress()")
    assert "13 Tiny" in output


def test_no_test_of_the_copy_is_red(grown):
    red = [f"{name}\n{text}" for name, text in grown.tests.items() if text]
    assert red == [], "\n".join(red)


@pytest.mark.parametrize(
    "test",
    [
        "test_lesson_list test_a_text_begins_with_its_number_title_and_question[{}]",
        "test_pairs test_notebook_says_what_the_text_says[{}]",
        "test_site test_a_lesson_shows_every_figure[{}]",
        "test_teaching test_solved_it_has_all_points_and_untouched_none[{}]",
    ],
)
def test_the_tests_of_the_copy_have_the_new_lessons(grown, test):
    names = [f"en/{NAME}", "en/01_derivatives", "zh/01_derivatives"]
    assert {f"tests.{test.format(name)}" for name in names} <= grown.tests.keys()


@pytest.mark.parametrize(
    "test",
    [
        "the_first_page_has_every_lesson_and_a_picture",
        "lessons_and_extras_have_a_caption_each",
        "the_status_page_has_every_lesson_and_version",
        "the_search_knows_each_lesson",
    ],
)
def test_the_site_of_the_copy_has_both_editions(grown, test):
    names = {f"tests.test_site test_{test}[{language}]" for language in ("en", "zh")}
    assert names <= grown.tests.keys()
