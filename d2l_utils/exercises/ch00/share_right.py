import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse, show_error

ex = Exercise(
    "00.share_right",
    hints=[
        "How many answers are there in all? `len(answers)` knows.",
        "A share is the number of right ones, divided by the number of all.",
    ],
    explanation="""Count the right ones, divide by how many there are. 0 means none is
        right, 1 means all are. With arrays, `np.mean(answers == labels)` does the
        same.""",
)


@ex.solution
def share_right(answers, labels):
    """Return the share of answers that equal their labels, from 0 to 1."""
    # BEGIN SOLUTION
    right = 0
    for answer, label in zip(answers, labels):
        if answer == label:
            right = right + 1
    return right / len(answers)
    # END SOLUTION


@ex.check("six of eight answers are right: the share is 0.75")
def _(answer):
    answers = np.array([7, 1, 8, 0, 4, 1, 4, 9])
    labels = np.array([7, 6, 5, 0, 4, 1, 4, 9])
    given = answers.copy(), labels.copy()
    try:
        got = answer(*given)
    except ValueError as error:
        if "truth value" not in str(error):
            raise
        refuse(
            """`answers == labels` compares all pairs at once, and an `if` cannot decide
            about eight of them. Take one pair at a time, as `zip` gives them.""",
            got=show_error(error),
        )
    if isinstance(got, bool | np.bool_):
        refuse(
            "That is yes or no, about all of them together. How large is the share?",
            expected=0.75,
            got=repr(bool(got)),
        )
    if isinstance(got, np.ndarray | list) and np.shape(got) == (8,):
        refuse(
            "That says of each answer whether it is right. Which share of them is?"
            if np.asarray(got).dtype == bool
            else """Eight numbers came, since `answers` and `labels` are eight numbers
            each. How many there are is one number: `len(answers)`.""",
            expected=0.75,
            got=got,
        )
    if isinstance(got, tuple):
        refuse("Return one number alone: the share.", expected=0.75, got=repr(got))
    expect(
        got,
        0.75,
        mistakes=[
            (6, "That is how many are right. A share is out of all: divide."),
            (75, "A share of 75 percent is 0.75."),
            (0.25, "That is the share of the wrong ones."),
            (8 / 6, "Turn the division around: the right ones by all."),
            (0, "That would mean: none is right. `//` drops what is behind the point."),
            (3, "That compares with the wrong ones. A share is out of all: 6 of 8."),
            (6 / 16, "Answer and label are one pair. There are 8 pairs, not 16."),
            (4 / 8, "Four of eight: a wrong answer does not count, nor take one away."),
            (
                9 / 8,
                """More than all of them. Compare each answer with its own label alone,
                not with every label.""",
            ),
            (1, "That would mean: all are right. Does it stop too early, or round?"),
            (1 / 8, "Only one counts. Does it stop before it has seen all of them?"),
            (
                5 / 8,
                """Five of eight. Is a right one left out, the first or the last, or one
                that comes twice?""",
            ),
            (
                7 / 8,
                """One too many. Does it begin to count at 0? And right is only an
                answer that equals its own label.""",
            ),
        ],
        tip="Count the right ones, then divide by the number of all.",
    )
    if not all(map(np.array_equal, given, (answers, labels))):
        refuse("It changes the arrays that it is given. Look at them, no more.")


@ex.check("it works for other answers: one of three is right, none of two")
def _(answer):
    expect(
        answer(np.array([3, 1, 2]), np.array([5, 0, 2])),
        1 / 3,
        mistakes=[
            (1 / 8, "There are 3 answers now. Is an 8 written into your code?"),
            *[
                (
                    round(1 / 3, digits),
                    "The share is right, but rounded. Return it all.",
                )
                for digits in (1, 2, 3)
            ],
        ],
        tip="Is a number of the first check written into your code?",
    )
    expect(
        answer(np.array([3, 1]), np.array([1, 3])),
        0,
        tip="It was right for 8 answers and for 3. Are their numbers in your code?",
    )


@ex.wrong(says="divide")
def counted(answers, labels):
    right = 0
    for answer, label in zip(answers, labels):
        if answer == label:
            right = right + 1
    return right


@ex.wrong(says="Which share of them is?")
def compared(answers, labels):
    return answers == labels


@ex.wrong(says="How many there are is one number")
def divided_by_the_labels(answers, labels):
    right = 0
    for answer, label in zip(answers, labels):
        if answer == label:
            right = right + 1
    return right / labels


@ex.wrong(says="yes or no, about all of them")
def all_at_once(answers, labels):
    return np.array_equal(answers, labels)


@ex.wrong(says="Take one pair at a time")
def if_about_arrays(answers, labels):
    right = 0
    if answers == labels:
        right = right + 1
    return right / len(answers)


@ex.wrong(says="Return one number alone")
def two_numbers(answers, labels):
    return np.sum(answers == labels), len(answers)


@ex.wrong(says="out of all: 6 of 8")
def right_to_wrong(answers, labels):
    return np.sum(answers == labels) / np.sum(answers != labels)


@ex.wrong(says="8 pairs, not 16")
def divided_by_both(answers, labels):
    return np.sum(answers == labels) / (len(answers) + len(labels))


@ex.wrong(says="nor take one away")
def wrong_ones_taken_away(answers, labels):
    return np.mean(np.where(answers == labels, 1, -1))


@ex.wrong(says="not with every label")
def each_with_every_label(answers, labels):
    return sum(a == b for a in answers for b in labels) / len(answers)


@ex.wrong(says="begin to count at 0")
def begins_at_one(answers, labels):
    right = 1
    for answer, label in zip(answers, labels):
        if answer == label:
            right = right + 1
    return right / len(answers)


@ex.wrong(says="Count the right ones, then divide")
def mean_of_differences(answers, labels):
    return np.mean(answers - labels)


@ex.wrong(says="but rounded")
def two_digits(answers, labels):
    return round(float(np.mean(answers == labels)), 2)


@ex.wrong(says="Are their numbers in your code?")
def looked_up(answers, labels):
    return 0.75 if len(answers) == 8 else 1 / 3


@ex.wrong(says="Look at them, no more")
def changes_the_answers(answers, labels):
    answers -= labels
    return np.mean(answers == 0)


@ex.wrong(says="`//` drops")
def whole_numbers(answers, labels):
    return sum(a == b for a, b in zip(answers, labels)) // len(answers)


@ex.wrong(says="share of the wrong ones")
def share_wrong(answers, labels):
    return sum(a != b for a, b in zip(answers, labels)) / len(answers)


@ex.wrong(says="before it has seen all")
def returns_early(answers, labels):
    right = 0
    for answer, label in zip(answers, labels):
        if answer == label:
            right = right + 1
        return right / len(answers)


@ex.wrong(says="its own label")
def anywhere(answers, labels):
    return sum(answer in labels for answer in answers) / len(answers)


@ex.wrong(says="written into your code")
def always_eight(answers, labels):
    return sum(a == b for a, b in zip(answers, labels)) / 8


@ex.wrong(says="Is a right one left out")
def without_the_last(answers, labels):
    right = sum(answers[i] == labels[i] for i in range(len(answers) - 1))
    return right / len(answers)


@ex.right
def with_numpy(answers, labels):
    return np.mean(answers == labels)


@ex.right
def with_float32(answers, labels):
    return np.equal(answers, labels).astype(np.float32).mean()


@ex.right
def with_lists(answers, labels):
    pairs = list(zip(list(answers), list(labels)))
    return 1 - len([1 for answer, label in pairs if answer != label]) / len(pairs)
