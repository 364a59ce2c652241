"""Start here."""

import numpy as np

from .exercise import Exercise
from .expect import expect, refuse

ex = Exercise(
    "00.share_right",
    hints=[
        "How many answers are there in all? `len(answers)` knows.",
        "A share is the number of right ones, divided by the number of all.",
    ],
    explanation="""Count the right ones, divide by how many there are. 0 means none is
        right, 1 means all are.""",
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


@ex.check("three of four answers are right: the share is 0.75")
def _(answer):
    got = answer([7, 2, 1, 0], [7, 2, 1, 9])
    if isinstance(got, bool | np.bool_):
        refuse(
            "`==` on two lists asks one question: are they the same? Here each answer "
            "is compared with its own label.",
            expected=0.75,
            got=repr(bool(got)),
        )
    expect(
        got,
        0.75,
        mistakes=[
            (3, "That is how many are right. A share is out of all: divide."),
            (75, "A share of 75 percent is 0.75."),
            (0.25, "That is the share of the wrong ones."),
            (4 / 3, "Turn the division round: the right ones by all."),
            (0, "`//` drops what is behind the point; `/` keeps it."),
            (1, "Does it return before it has looked at all of them?"),
        ],
        tip="Count the right ones, then divide by the number of all.",
    )


@ex.check("it works for other lengths, and for arrays")
def _(answer):
    expect(
        answer(np.array([1, 2, 3, 4, 5]), np.array([1, 0, 0, 0, 0])),
        0.2,
        mistakes=[(0.25, "There are 5 answers now. Is a 4 written into your code?")],
        tip="One of five is right.",
    )


@ex.wrong(says="divide")
def counted(answers, labels):
    right = 0
    for answer, label in zip(answers, labels):
        if answer == label:
            right = right + 1
    return right


@ex.wrong(says="the same?")
def compared_as_a_whole(answers, labels):
    return answers == labels


@ex.wrong(says="`//` drops")
def whole_numbers(answers, labels):
    return sum(a == b for a, b in zip(answers, labels)) // len(answers)


@ex.wrong(says="share of the wrong ones")
def share_wrong(answers, labels):
    return sum(a != b for a, b in zip(answers, labels)) / len(answers)


@ex.wrong(says="before it has looked at all")
def returns_early(answers, labels):
    right = 0
    for answer, label in zip(answers, labels):
        if answer == label:
            right = right + 1
        return right


@ex.wrong(says="written into your code")
def always_four(answers, labels):
    return sum(a == b for a, b in zip(answers, labels)) / 4


@ex.right
def with_numpy(answers, labels):
    return np.mean(np.asarray(answers) == np.asarray(labels))


@ex.right
def with_float32(answers, labels):
    return np.equal(answers, labels).astype(np.float32).mean()
