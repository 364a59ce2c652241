import numpy as np

from ..errors import explained
from ..exercise import Exercise, Refusal, fill
from ..expect import expect, refuse, show_error

ex = Exercise(
    "08.confusion_rates",
    hints=[
        "Count first: row by true class, column by what was said, as in section 10.",
        """`counts[true, said] += 1` counts a pair once, even if it occurs often.
        `np.add.at(counts, (true, said), 1)` counts them all.""",
        "Divide each row by its sum; `keepdims=True` keeps that a column.",
    ],
    explanation="""np.add.at counts every pair. Each row is divided by its own sum, the
        number of pictures of that class, so that each row adds up to 1.""",
)


@ex.solution
def confusion_rates(true, said, num_classes=10):
    """Compute how often each true class was read as each class.

    true and said are arrays of class numbers. In row i and column j stands which
    fraction of the pictures of class i was read as j. Every class occurs in true.
    """
    # BEGIN SOLUTION
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (true, said), 1)
    return counts / counts.sum(axis=1, keepdims=True)
    # END SOLUTION


TRUE = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2])
SAID = np.array([0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 0])


def rates(answer, *how):
    """What an answer gives, or why it cannot divide."""
    whole = """An array of whole numbers cannot hold fractions: begin with `np.zeros`
        without `dtype=int`, or divide into a new array."""
    with explained(mistakes={"Cannot cast ufunc 'divide'": whole}):
        return answer(*how)


@ex.check("eleven pictures of three classes")
def _(answer):
    counts = np.zeros((3, 3))
    np.add.at(counts, (TRUE, SAID), 1)
    once = (counts > 0).astype(float)
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    turn = "Rows and columns are exchanged: a row holds one *true* class."
    each = "`counts[true, said] += 1` counts a pair once, however often it occurs."
    expect(
        rates(answer, TRUE.copy(), SAID.copy(), 3),
        counts / rows,
        mistakes=[
            (
                np.trace(counts) / counts.sum(),
                "That is the accuracy, one number. Here each pair of classes has one.",
            ),
            (
                np.diag(counts / rows),
                "That is the diagonal: what was read correctly. The other pairs, too.",
            ),
            (
                counts / 3,
                "Divided by the number of classes. Each row adds up to 1.",
            ),
            (
                counts / counts.max(axis=1, keepdims=True),
                "Divided by the largest of the row. Each row *adds up* to 1.",
            ),
            (
                (counts + 1) / (rows + 3),
                "Counting begins at 0: `np.zeros`, not `np.ones`.",
            ),
            (
                (1 - np.eye(3))
                * counts
                / ((1 - np.eye(3)) * counts).sum(1, keepdims=True),
                "The diagonal counts, too: what was read correctly.",
            ),
            ((counts / rows).T, turn),
            (counts.T / counts.T.sum(axis=1, keepdims=True), turn),
            (counts / columns, "Divided by the column's sum. Each *row* adds up to 1."),
            (counts / rows.ravel(), "Each row is to be divided by its own sum."),
            (counts / counts.sum(), "Divided by all pictures. Each row adds up to 1."),
            (counts, "These are counts. Which fraction of its class is each?"),
            (100 * counts / rows, "Percents? Fractions: each row adds up to 1."),
            (
                counts.T,
                """These are counts. Which fraction of its class is each? And rows and
                columns are exchanged.""",
            ),
            (once / once.sum(axis=1, keepdims=True), each),
            (once, each),
            (once / rows, each),
            (
                counts / rows * (1 - np.eye(3)),
                "The diagonal counts, too: what was read correctly.",
            ),
            (
                0 * counts,
                "Zeros only: `//`, or an array of whole numbers, cuts fractions off.",
            ),
        ],
        tip="Row: true class. Column: what was said. Each row adds up to 1.",
    )


@ex.check("a class that is never said keeps its column")
def _(answer):
    true, said = np.array([0, 1, 1, 1, 3, 2]), np.array([0, 1, 0, 1, 2, 2])
    right = [[1, 0, 0, 0], [1 / 3, 2 / 3, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]]
    tip = "Here are 4 classes, and nothing was read as class 3: `num_classes` is 4."
    try:
        got = rates(answer, true, said, 4)
    except (IndexError, ValueError) as error:
        raise Refusal(fill(tip), show_error(error)) from error
    expect(
        got,
        right,
        mistakes=[(np.round(right, 2), "Rounded. Give the fractions as they are.")],
        tip=tip,
    )


@ex.check("the class numbers stay as they are")
def _(answer):
    true, said = TRUE.copy(), SAID.copy()
    answer(true, said, 3)
    if not (np.array_equal(true, TRUE) and np.array_equal(said, SAID)):
        refuse(
            """Your code changed the arrays of class numbers that it was given. Count
            into an array of your own."""
        )


@ex.wrong(says="Rows and columns are exchanged")
def exchanged(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (said, true), 1)
    return counts / counts.sum(axis=1, keepdims=True)


@ex.wrong(says="Rows and columns are exchanged")
def exchanged_but_divided_well(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (said, true), 1)
    return counts / counts.sum(axis=0)


@ex.wrong(says="begin with `np.zeros` without `dtype=int`")
def divided_in_place(true, said, num_classes=10):
    counts = counts_only(true, said, num_classes)
    counts /= counts.sum(axis=1, keepdims=True)
    return counts


@ex.wrong(says="That is the accuracy")
def accuracy(true, said, num_classes=10):
    return np.mean(true == said)


@ex.wrong(says="That is the diagonal")
def diagonal(true, said, num_classes=10):
    return [np.mean(said[true == i] == i) for i in range(num_classes)]


@ex.wrong(says="Divided by the number of classes")
def divided_by_the_classes(true, said, num_classes=10):
    return counts_only(true, said, num_classes) / num_classes


@ex.wrong(says="Divided by the largest of the row")
def divided_by_the_largest(true, said, num_classes=10):
    counts = counts_only(true, said, num_classes)
    return counts / counts.max(axis=1, keepdims=True)


@ex.wrong(says="Counting begins at 0")
def begins_with_ones(true, said, num_classes=10):
    counts = counts_only(true, said, num_classes) + 1
    return counts / counts.sum(axis=1, keepdims=True)


@ex.wrong(says="The diagonal counts, too")
def mistakes_only(true, said, num_classes=10):
    return with_bincount(true[true != said], said[true != said], num_classes)


@ex.wrong(says="Rounded")
def rounded(true, said, num_classes=10):
    return np.round(with_bincount(true, said, num_classes), 2)


@ex.wrong(says="Count into an array of your own")
def overwritten(true, said, num_classes=10):
    rates = with_bincount(true, said, num_classes)
    true[:] = true == said
    return rates


@ex.wrong(says="Divided by the column's sum")
def divided_by_columns(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (true, said), 1)
    return counts / counts.sum(axis=0)


@ex.wrong(says="to be divided by its own sum")
def no_keepdims(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (true, said), 1)
    return counts / counts.sum(axis=1)


@ex.wrong(says="Divided by all pictures")
def divided_by_all(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (true, said), 1)
    return counts / len(true)


@ex.wrong(says="counts a pair once")
def each_pair_once(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes))
    counts[true, said] += 1
    return counts / counts.sum(axis=1, keepdims=True)


@ex.wrong(says="Which fraction of its class is each?")
def counts_only(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(counts, (true, said), 1)
    return counts


@ex.wrong(says="cuts fractions off")
def whole_numbers(true, said, num_classes=10):
    counts = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(counts, (true, said), 1)
    return counts // counts.sum(axis=1, keepdims=True)


@ex.wrong(says="nothing was read as class 3")
def size_from_the_answers(true, said, num_classes=10):
    counts = np.zeros((true.max() + 1, said.max() + 1))
    np.add.at(counts, (true, said), 1)
    return counts / counts.sum(axis=1, keepdims=True)


@ex.right
def by_means(true, said, num_classes=10):
    said_as = np.eye(num_classes)[said]
    return [said_as[true == i].mean(axis=0) for i in range(num_classes)]


@ex.right
def as_a_product(true, said, num_classes=10):
    import torch

    table = torch.eye(num_classes)
    counts = table[torch.tensor(true)].T @ table[torch.tensor(said)]
    return counts / counts.sum(dim=1, keepdim=True)


@ex.right
def with_bincount(true, said, num_classes=10):
    pairs = np.bincount(true * num_classes + said, minlength=num_classes**2)
    counts = pairs.reshape(num_classes, num_classes)
    return counts / np.bincount(true, minlength=num_classes)[:, None]
