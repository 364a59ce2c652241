import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "08.top_accuracy",
    hints=[
        "`np.argsort(scores, axis=1)` lists the classes of each row, the lowest first.",
        "The last k columns of that table are the k best guesses of each picture.",
        """`best == labels[:, None]` compares every guess with its label; `.any(axis=1)`
        says for each picture whether one of them fits.""",
    ],
    explanation="""A picture counts if its label is among the k classes with the highest
        scores. With k = 1 this is the ordinary accuracy; with k as large as the number
        of classes everything counts.""",
)


@ex.solution
def top_accuracy(scores, labels, k=2):
    """Compute the fraction of pictures whose label is among the k highest scores.

    scores is an array with a row for each picture and a column for each class.
    """
    # BEGIN SOLUTION
    best = np.argsort(scores, axis=1)[:, -k:]
    return (best == labels[:, None]).any(axis=1).mean()
    # END SOLUTION


def _scores():
    """Scores of nine pictures in four classes, none twice in a column; labels."""
    scores = [
        [3.1, 0.2, 0.3, 0.1],
        [1.6, 2.4, -0.3, 0.8],
        [0.5, 0.4, 0.25, 0.6],
        [0.1, 0.7, 0.9, 0.2],
        [0.6, -0.7, 1.3, 2.8],
        [-1.2, -4.1, 2.3, -1.4],
        [-1.5, -0.9, -0.2, -0.4],
        [-2.2, -0.5, -1.1, -1.6],
        [0.9, 0.3, 0.2, 0.05],
    ]
    # The ranks of their labels: 4, 2, 2, 2, 2, 3, 2, 2, 1.
    return np.array(scores), np.array([3, 0, 0, 1, 2, 3, 3, 2, 0])


def accuracy(answer, *how):
    """What an answer gives, or why its tables do not fit."""
    pairs = """Each label meets the guesses of its own row as a column: `labels[:,
        None]` beside the table of guesses."""
    rows = """`[:k]` takes the first k rows, the first pictures. The k best of each row
        are columns: `[:, :k]`."""
    default = "k is 2 where nobody gives it: keep `k=2` in the first line."
    kinds = "NumPy and PyTorch do not mix: make tensors of both, or of neither."
    with explained(
        mistakes={
            "shapes (9,2) (9,)": pairs,
            "shapes (2,4) (9,1)": rows,
            "missing 1 required positional argument: 'k'": default,
            "invalid combination of arguments": kinds,
        }
    ):
        return answer(*how)


def none_right(answer):
    """Why no picture at all is counted: another k tells."""
    scores, labels = _scores()
    ordinary, every = (accuracy(answer, scores.copy(), labels, k) for k in (1, 4))
    if np.size(ordinary) == np.size(every) == 1:
        if np.isclose(ordinary, 1 / 9):
            refuse(
                """With one guess it is right, with two nothing counts: does each label
                have to be *all* of its guesses? One of them is enough: `any`.""",
                expected=7 / 9,
                got=0,
            )
        if np.isclose(every, 1):
            refuse(
                "Only when all are right does it count any: `//` cuts fractions off.",
                expected=7 / 9,
                got=0,
            )


@ex.check("the two best of four classes, for nine pictures")
def _(answer):
    scores, labels = _scores()
    order, down = np.argsort(scores, axis=1), np.argsort(scores, axis=0)
    column = labels[:, None]
    got = accuracy(answer, scores.copy(), labels.copy(), 2)
    if got is not None and np.size(got) == 1 and not np.any(got):
        none_right(answer)
    of_all = np.isin(labels, order[:, -2:]).mean()
    expect(
        got,
        7 / 9,
        mistakes=[
            (100 * 7 / 9, "Percents? The fraction is wanted, between 0 and 1."),
            (8 / 9, "Three guesses counted. `[:, -k:]` are the last k columns."),
            (7 / 36, "Divided by all scores. The fraction is one of the pictures."),
            (0.78, "Rounded. Give the fraction as it is."),
            (
                of_all,
                """Each label counts if it is a guess for *any* picture. Each picture
                has its own row of guesses: `any(axis=1)` looks along it.""",
            ),
            (
                order[:, -2:] == column,
                "A yes or no for each guess. Any of a row makes its picture right.",
            ),
            (
                crossed_out_with_zero(scores, labels, 2),
                """Some scores are negative. These are low, however large their size;
                and a 0 does not cross a score out: take `-np.inf`.""",
            ),
            (1 / 9, "That is the ordinary accuracy: only the best guess counted."),
            (
                6 / 9,
                """Only the second guess counted, or the wrong classes did. The best one
                counts, too, and each guess keeps the number of its class.""",
            ),
            (
                (order[:, :2] == column).any(axis=1).mean(),
                "These are the two *lowest* scores, or the misses: `argsort` puts the "
                "highest last.",
            ),
            (
                (down[:, -2:] == column).any(axis=1).mean(),
                "Sorted down the columns. Each *row* is one picture.",
            ),
            (7 / 18, "Divided by all guesses. The fraction is one of the pictures."),
            (7, "That is how many. The fraction is wanted."),
            (0, "None at all? Compare labels with classes, not with scores."),
            (
                (order[:, -2:] == column).any(axis=1),
                "A yes or no for each picture. The fraction is wanted.",
            ),
        ],
        tip="Count the pictures whose label is among their two highest scores. Some "
        "scores are negative.",
    )


@ex.check("k is the one that it was given, 2 if there is none")
def _(answer):
    scores, labels = _scores()
    for k, right in [(1, 1 / 9), (3, 8 / 9), (4, 1)]:
        expect(
            accuracy(answer, scores.copy(), labels.copy(), k),
            right,
            mistakes=[(7 / 9, "The same number as for k = 2. Is a 2 in your code?")],
            tip="This was with k = {k}.",
            k=k,
        )
    got = accuracy(answer, scores.copy(), labels.copy())
    expect(got, 7 / 9, tip="This was without a k: keep `k=2`.")


@ex.check("five pictures, three classes")
def _(answer):
    scores = [[3, 2, 1], [1, 2, 3], [2, 3, 1], [1, 3, 2], [3, 1, 2]]
    got = answer(np.array(scores) / 2, np.array([1, 0, 1, 0, 2]), 2)
    expect(got, 3 / 5, tip="Is there a 9 or a 4 in your code, from the first check?")


@ex.check("the scores stay as they are")
def _(answer):
    scores, labels = _scores()
    answer(scores, labels, 2)
    if np.any(scores != _scores()[0]) or np.any(labels != _scores()[1]):
        refuse(
            "Your code changed its input. Work on a copy, `scores.copy()`. (To sort, "
            "`np.sort(scores)` makes a new array, `scores.sort()` does not.)",
            expected="the same scores after the call",
            got="scores that were changed",
        )


@ex.wrong(says="One of them is enough: `any`")
def all_of_them(scores, labels, k=2):
    best = np.argsort(scores, axis=1)[:, -k:]
    return (best == labels[:, None]).all(axis=1).mean()


@ex.wrong(says="`//` cuts fractions off")
def whole_numbers(scores, labels, k=2):
    best = np.argsort(scores, axis=1)[:, -k:]
    return (best == labels[:, None]).any(axis=1).sum() // len(labels)


@ex.wrong(says="Each label meets the guesses of its own row as a column")
def flat_labels(scores, labels, k=2):
    return (np.argsort(scores, axis=1)[:, -k:] == labels).any(axis=1).mean()


@ex.wrong(says="takes the first k rows")
def first_rows(scores, labels, k=2):
    return (np.argsort(-scores, axis=1)[:k] == labels[:, None]).any(axis=1).mean()


@ex.wrong(says="`any(axis=1)` looks along it")
def guesses_of_any_picture(scores, labels, k=2):
    return np.isin(labels, np.argsort(-scores, axis=1)[:, :k]).mean()


@ex.wrong(says="`any(axis=1)` looks along it")
def any_at_all(scores, labels, k=2):
    return (np.argsort(-scores, axis=1)[:, :k] == labels[:, None]).any()


@ex.wrong(says="A yes or no for each guess")
def table_of_hits(scores, labels, k=2):
    return np.argsort(scores, axis=1)[:, -k:] == labels[:, None]


@ex.wrong(says="Three guesses counted")
def one_too_many(scores, labels, k=2):
    best = np.argsort(scores, axis=1)[:, -k - 1 :]
    return (best == labels[:, None]).any(axis=1).mean()


@ex.wrong(says="Percents?")
def percents(scores, labels, k=2):
    return 100 * counts_higher_scores(scores, labels, k)


@ex.wrong(says="Rounded")
def rounded(scores, labels, k=2):
    return round(counts_higher_scores(scores, labels, k), 2)


@ex.wrong(says="or the misses")
def misses(scores, labels, k=2):
    return 1 - counts_higher_scores(scores, labels, k)


@ex.wrong(says="keep `k=2` in the first line")
def no_default(scores, labels, k):
    return counts_higher_scores(scores, labels, k)


@ex.wrong(says="NumPy and PyTorch do not mix")
def mixed(scores, labels, k=2):
    import torch

    best = torch.tensor(scores).topk(k).indices
    return best.eq(labels[:, None]).any(1).float().mean()


@ex.wrong(says="each guess keeps the number of its class")
def numbers_that_move(scores, labels, k=2):
    found = 0
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        for _ in range(k):
            best = row.index(max(row))
            found += best == label
            row.pop(best)
    return found / len(labels)


@ex.wrong(says="take `-np.inf`")
def crossed_out_with_zero(scores, labels, k=2):
    found, scores = 0, scores.copy()
    for _ in range(k):
        best = scores.argmax(axis=1)
        found += (best == labels).mean()
        scores[np.arange(len(scores)), best] = 0
    return found


@ex.wrong(says="These are low, however large their size")
def largest_size(scores, labels, k=2):
    return counts_higher_scores(np.abs(scores), labels, k)


@ex.wrong(says="Is a 2 in your code?")
def the_expected_number(scores, labels, k=2):
    return 7 / 9


@ex.wrong(says="is a `return` missing?")
def printed(scores, labels, k=2):
    print(counts_higher_scores(scores, labels, k))


@ex.wrong(says="These are the two *lowest* scores")
def lowest(scores, labels, k=2):
    best = np.argsort(scores, axis=1)[:, :k]
    return (best == labels[:, None]).any(axis=1).mean()


@ex.wrong(says="That is the ordinary accuracy")
def ignores_k(scores, labels, k=2):
    return (scores.argmax(axis=1) == labels).mean()


@ex.wrong(says="Only the second guess counted")
def only_the_kth(scores, labels, k=2):
    return (np.argsort(scores, axis=1)[:, -k] == labels).mean()


@ex.wrong(says="Divided by all guesses")
def mean_of_all(scores, labels, k=2):
    best = np.argsort(scores, axis=1)[:, -k:]
    return (best == labels[:, None]).mean()


@ex.wrong(says="Sorted down the columns")
def down_the_columns(scores, labels, k=2):
    best = np.argsort(scores, axis=0)[:, -k:]
    return (best == labels[:, None]).any(axis=1).mean()


@ex.wrong(says="Is a 2 in your code?")
def always_two(scores, labels, k=2):
    best = np.argsort(scores, axis=1)[:, -2:]
    return (best == labels[:, None]).any(axis=1).mean()


@ex.wrong(says="not with scores")
def scores_for_classes(scores, labels, k=2):
    return (np.sort(scores, axis=1)[:, -k:] == labels[:, None]).any(axis=1).mean()


@ex.wrong(says="Is there a 9 or a 4")
def always_four_classes(scores, labels, k=2):
    best = np.argsort(scores, axis=1)[:, 4 - k :]
    return (best == labels[:, None]).any(axis=1).mean()


@ex.wrong(says="Work on a copy")
def best_crossed_out(scores, labels, k=2):
    found = 0
    for _ in range(k):
        best = scores.argmax(axis=1)
        found += (best == labels).mean()
        scores[np.arange(len(scores)), best] = -np.inf
    return found


@ex.wrong(says="Work on a copy")
def sorted_in_place(scores, labels, k=2):
    own = scores[np.arange(len(labels)), labels]
    scores.sort(axis=1)
    return (own >= scores[:, -k]).mean()


@ex.right
def counts_higher_scores(scores, labels, k=2):
    own = scores[np.arange(len(labels)), labels][:, None]
    return np.mean((scores > own).sum(axis=1) < k)


@ex.right
def with_topk(scores, labels, k=2):
    import torch

    best = torch.tensor(scores).topk(k, dim=1).indices
    return (best == torch.tensor(labels)[:, None]).any(dim=1).float().mean()


@ex.right
def one_by_one(scores, labels, k=2):
    count = 0
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        best = sorted(range(len(row)), key=row.__getitem__, reverse=True)[:k]
        count += label in best
    return count / len(labels)
