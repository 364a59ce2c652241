import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

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
    labels = np.array([7, 2, 1, 0, 4, 1, 4, 9])
    got = answer(answers.copy(), labels.copy())
    if np.shape(got) == (8,):
        refuse(
            "That says of each answer whether it is right. Which share of them is?",
            expected=0.75,
            got=repr(np.asarray(got).tolist()),
        )
    expect(
        got,
        0.75,
        mistakes=[
            (6, "That is how many are right. A share is out of all: divide."),
            (75, "A share of 75 percent is 0.75."),
            (0.25, "That is the share of the wrong ones."),
            (8 / 6, "Turn the division around: the right ones by all."),
            (0, "That would mean: none is right. `//` drops what is behind the point."),
            (1, "That would mean: all are right. Does it stop too early, or round?"),
            (1 / 8, "Only one counts. Does it stop before it has seen all of them?"),
            (5 / 8, "Five of eight. Is a right one left out, such as the last?"),
            (7 / 8, "One too many. Right is an answer that equals its own label."),
        ],
        tip="Count the right ones, then divide by the number of all.",
    )


@ex.check("it works for another number of answers: one of three is right")
def _(answer):
    expect(
        answer(np.array([3, 1, 2]), np.array([5, 0, 2])),
        1 / 3,
        mistakes=[(1 / 8, "There are 3 answers now. Is an 8 written into your code?")],
        tip="Is a number written into your code, or rounded?",
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
