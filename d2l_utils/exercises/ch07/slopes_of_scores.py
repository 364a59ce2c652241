import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise, Refusal, fill
from ..expect import expect, refuse, show_error

ex = Exercise(
    "07.slopes_of_scores",
    hints=[
        "Section 9: probability minus target, for every row.",
        "The target of a row is 1 at its class: `np.eye(n)` has such rows.",
        """With `p = d2l.softmax(scores)`: subtract 1 at `p[i, labels[i]]` for every
        row i, and divide by the number of rows.""",
    ],
    explanation="""Probability minus target, a row for each picture. The loss is a mean
        over the rows, so each slope is divided by their number. np.eye(n)[labels] is
        the table of targets.""",
)


@ex.solution
def slopes_of_scores(scores, labels):
    """Compute the slopes in the scores of the mean cross entropy of a batch.

    scores is an array with a row for each picture and a column for each class;
    labels[i] is the right class of row i, a whole number from 0.
    """
    # BEGIN SOLUTION
    targets = np.eye(scores.shape[1])[labels]
    return (d2l.softmax(scores) - targets) / len(scores)
    # END SOLUTION


SCORES = np.array([[1.0, -0.5, 0.2, 2.0], [0.3, 0.1, -1.0, 0.7], [2.0, 1.0, 0.5, 0.0]])
LABELS = np.array([2, 0, 3])


def slopes(answer, scores, labels):
    """What an answer gives, or why its shapes do not fit."""
    table = """The target is a table, as large as that of the scores: `np.eye(n)` has a
        row for each of n classes, `[labels]` picks one for each picture. n is the
        number of columns of the scores."""
    row_sums = """A sum along the rows must stay a column to divide the table:
        `keepdims=True`. And labels are class numbers, not a row of targets."""
    column = """A class number was taken for the number of a picture. Row i belongs to
        picture i, and `labels[i]` is its column: `p[i, labels[i]]`. And `np.eye(n)`
        needs as many rows as there are classes, columns of the scores."""
    with explained(
        mistakes={
            "shapes (3,4) (3,10)": table,
            "shapes (2,2) (2,4)": table,
            "shapes (4,3) (3,4)": """Each row is one picture: leave the table as it
                lies.""",
            "shapes (3,4) (3,)": row_sums,
            "indexing arrays could not": "Here are two pictures. Is a 3 in your code?",
            "index 3 is out of bounds for axis 0 with size 3": column,
        }
    ):
        got = answer(scores, labels)
    if isinstance(got, d2l.Tensor):
        refuse(
            "That is a `d2l.Tensor`. Slopes stand in the `grad` of the scores, after "
            "`backward`."
        )
    return got


@ex.check("three pictures, four classes")
def _(answer):
    n, classes = SCORES.shape
    targets = np.eye(classes)[LABELS]
    p = d2l.softmax(SCORES)
    right = (p - targets) / n
    in_every_row = p.copy()
    in_every_row[:, LABELS] -= 1
    flat = np.exp(SCORES)
    expect(
        slopes(answer, SCORES.copy(), LABELS.copy()),
        right,
        mistakes=[
            (
                -np.log(p[np.arange(n), LABELS]).mean(),
                "That is the loss, one number. A slope for each score is wanted.",
            ),
            (
                (right * n).mean(axis=0),
                """A mean of the rows. Each score has its own slope, divided by the
                rows.""",
            ),
            (
                (p - np.eye(classes)[LABELS - 1]) / n,
                "Classes count from 0, and so do columns: no `- 1`.",
            ),
            (
                np.round(right, 3),
                "Rounded. Give the slopes as they are.",
            ),
            (p - 1, "1 is subtracted at the right class only."),
            ((p - 1) / n, "1 is subtracted at the right class only."),
            (
                right * n,
                "These are slopes of the sum. The loss is the mean over the pictures.",
            ),
            (right * n / classes, "Divided by the classes. A mean over the pictures!"),
            (right * n / p.size, "Divided by all entries. A mean over the pictures!"),
            (-right, "The sign: probability minus target, not the other way around."),
            (-right * n, "Probability minus target; and the loss is a mean."),
            (p / n, "These are the probabilities. Minus the target!"),
            (p, "These are the probabilities. Minus the target!"),
            (
                (p - LABELS[:, None]) / n,
                "A label is the number of a class. The target has a 1 at that class.",
            ),
            (
                p - LABELS[:, None],
                "A label is the number of a class. The target has a 1 at that class.",
            ),
            (
                in_every_row / n,
                "`p[:, labels]` means these columns in *every* row. Each row has its "
                "own class.",
            ),
            (
                (flat / flat.sum(axis=0) - targets) / n,
                "The softmax went down the columns. Each row is one picture.",
            ),
            (
                (flat / flat.sum() - targets) / n,
                "The softmax went over the whole table. Each row is one picture.",
            ),
            ((SCORES - targets) / n, "The scores are no probabilities yet: softmax."),
        ],
        tip="Probability minus target, for the mean over the pictures.",
    )
    labels = np.array([1, 0, 1])
    tip = "Here two pictures are of class 1, and none of the last class, 3."
    try:
        got = slopes(answer, SCORES.copy(), labels.copy())
    except (IndexError, ValueError) as error:
        raise Refusal(fill(tip), show_error(error)) from error
    expect(got, (p - np.eye(classes)[labels]) / n, tip=tip)


@ex.check("the scores that it was given stay as they are")
def _(answer):
    scores, labels = SCORES.copy(), LABELS.copy()
    answer(scores, labels)
    if np.any(scores != SCORES) or np.any(labels != LABELS):
        refuse(
            "Your code changed its input. `-=` and `/=` write into the very array "
            "that they are given: `z = z - ...` makes a new one.",
            expected="the same scores and labels after the call",
            got="other numbers",
        )


@ex.check("scores as large as 1000")
def _(answer):
    scores = np.array([[0.0, 1000.0], [-1000.0, 0.0]])
    expect(
        slopes(answer, scores, np.array([0, 1])),
        [[-0.5, 0.5], [0, 0]],
        mistakes=[
            ([[-1 / 3, 1 / 3], [0, 0]], "Here are two pictures. Is a 3 in your code?")
        ],
        tip="`exp(1000)` is infinite. `d2l.softmax` first subtracts from each row its "
        "largest score.",
    )


@ex.wrong(says="These are slopes of the sum")
def no_mean(scores, labels):
    targets = np.eye(scores.shape[1])[labels]
    return d2l.softmax(scores) - targets


@ex.wrong(says="That is the loss, one number")
def loss_itself(scores, labels):
    return d2l.cross_entropy(scores, labels).mean()


@ex.wrong(says="n is the number of columns of the scores")
def ten_classes(scores, labels):
    return (d2l.softmax(scores) - np.eye(10)[labels]) / len(scores)


@ex.wrong(says="n is the number of columns of the scores")
def four_classes(scores, labels):
    return (d2l.softmax(scores) - np.eye(4)[labels]) / len(scores)


@ex.wrong(says="and `labels[i]` is its column")
def columns_for_rows(scores, labels):
    p = d2l.softmax(scores)
    p[labels, np.arange(len(labels))] -= 1
    return p / len(labels)


@ex.wrong(says="Is a 3 in your code?")
def three_pictures(scores, labels):
    p = d2l.softmax(scores)
    p[np.arange(3), labels] -= 1
    return p / 3


@ex.wrong(says="`keepdims=True`")
def sums_in_a_row(scores, labels):
    e = np.exp(scores)
    return e / e.sum(axis=1)


@ex.wrong(says="leave the table as it lies")
def turned(scores, labels):
    targets = np.eye(scores.shape[1])[labels]
    return (d2l.softmax(scores.T) - targets) / len(scores)


@ex.wrong(says="no `- 1`")
def classes_from_one(scores, labels):
    targets = np.eye(scores.shape[1])[labels - 1]
    return (d2l.softmax(scores) - targets) / len(scores)


@ex.wrong(says="A mean of the rows")
def mean_of_the_rows(scores, labels):
    return no_mean(scores, labels).mean(axis=0)


@ex.wrong(says="at the right class only")
def one_everywhere(scores, labels):
    return (d2l.softmax(scores) - 1) / len(scores)


@ex.wrong(says="Slopes stand in the `grad` of the scores")
def tensor_itself(scores, labels):
    z = d2l.Tensor(scores)
    z.log_softmax().sum().backward()
    return z


@ex.wrong(says="is a `return` missing?")
def what_backward_gives(scores, labels):
    z = d2l.Tensor(scores)
    return z.log_softmax().sum().backward()


@ex.wrong(says="Rounded")
def rounded(scores, labels):
    return np.round(no_mean(scores, labels) / len(scores), 3)


@ex.wrong(says="not the other way around")
def turned_round(scores, labels):
    targets = np.eye(scores.shape[1])[labels]
    return (targets - d2l.softmax(scores)) / len(scores)


@ex.wrong(says="A label is the number of a class")
def not_one_hot(scores, labels):
    return (d2l.softmax(scores) - labels.reshape(-1, 1)) / len(scores)


@ex.wrong(says="Each row has its own class")
def in_every_row(scores, labels):
    p = d2l.softmax(scores)
    p[:, labels] -= 1
    return p / len(scores)


@ex.wrong(says="The softmax went down the columns")
def wrong_axis(scores, labels):
    e = np.exp(scores)
    targets = np.eye(scores.shape[1])[labels]
    return (e / e.sum(axis=0) - targets) / len(scores)


@ex.wrong(says="Divided by all entries")
def mean_of_all(scores, labels):
    targets = np.eye(scores.shape[1])[labels]
    return (d2l.softmax(scores) - targets) / scores.size


@ex.wrong(says="Your code changed its input")
def into_the_scores(scores, labels):
    scores -= scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


@ex.wrong(says="none of the last class")
def as_many_classes_as_labels(scores, labels):
    targets = np.eye(labels.max() + 1)[labels]
    return (d2l.softmax(scores) - targets) / len(scores)


@ex.wrong(says="first subtracts from each row")
def largest_of_the_table(scores, labels):
    e = np.exp(scores - scores.max())
    targets = np.eye(scores.shape[1])[labels]
    return (e / e.sum(axis=1, keepdims=True) - targets) / len(scores)


@ex.wrong(says="first subtracts from each row")
def overflow(scores, labels):
    e = np.exp(scores)
    targets = np.eye(scores.shape[1])[labels]
    return (e / e.sum(axis=1, keepdims=True) - targets) / len(scores)


@ex.right
def one_in_each_row(scores, labels):
    p = d2l.softmax(scores)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


@ex.right
def row_by_row(scores, labels):
    rows = []
    for z, label in zip(scores, labels, strict=True):
        row = d2l.softmax(z).tolist()
        row[label] -= 1
        rows.append([slope / len(scores) for slope in row])
    return rows


@ex.right
def backward_in_float32(scores, labels):
    import torch

    z = torch.tensor(scores, dtype=torch.float32, requires_grad=True)
    torch.nn.functional.cross_entropy(z, torch.tensor(labels)).backward()
    return z.grad


@ex.right
def by_our_machine(scores, labels):
    z = d2l.Tensor(scores)
    targets = np.eye(scores.shape[1])[labels]
    (-(z.log_softmax() * targets).sum() / len(scores)).backward()
    return z.grad
