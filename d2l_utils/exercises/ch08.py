"""MNIST classifiers."""

import contextlib
import io
import os

import lazy_loader
import numpy as np

import d2l_utils as d2l

from .exercise import Exercise
from .expect import expect, refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "08.parameters",
    hints=[
        "There are three layers: 784 to 64, 64 to 32, 32 to 10.",
        "A layer with n inputs and m units has n · m weights and m biases.",
    ],
    explanation="""784 · 64 + 64, 64 · 32 + 32 and 32 · 10 + 10: 50,240 and 2,080 and
        330. Nearly all of them sit in the first layer.""",
)
ex.value(parameters=52_650)


@ex.check("the parameters of 784-64-32-10")
def _(answer):
    sizes = [784, 64, 32, 10]
    weights = sum(n * m for n, m in zip(sizes[:-1], sizes[1:], strict=True))
    expect(
        answer,
        weights + sum(sizes[1:]),
        rtol=0,
        shown="another number",
        mistakes=[
            (weights, "These are the weights. Each unit also has a bias."),
            (weights + sum(sizes), "The 784 pixels are inputs: they have no biases."),
            (weights + 3, "One bias for each layer? There is one for each *unit*."),
            (weights + 10, "The hidden units have biases, too."),
            (784 * 64 + 64, "That is the first layer. There are three."),
            (weights + sum(sizes[1:]) - 330, "The last layer counts, too."),
            (784 * 128 + 128 + 128 * 10 + 10, "That is the network of section 4."),
            (sum(sizes), "Inputs and units together. Count the weights."),
            (sum(sizes[1:]), "The units have one bias each. And the weights?"),
            ((52, 650), "With a comma these are two numbers to Python. Leave it out."),
            (784 * 64 * 32 * 10, "The weights of layers add up; do not multiply them."),
        ],
        tip="For each of the three layers: weights, then biases.",
    )


ex.wrong(52_544, says="Each unit also has a bias")
ex.wrong(53_434, says="they have no biases")
ex.wrong(52_547, says="one for each *unit*")
ex.wrong(50_240, says="That is the first layer")
ex.wrong(784 * 64 * 32 * 10, says="do not multiply them")
ex.wrong((52, 650), says="With a comma")
ex.right(784 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10)
ex.right(np.array([52_650.0]))


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


@ex.check("the two best of four classes, for nine pictures")
def _(answer):
    scores, labels = _scores()
    order, down = np.argsort(scores, axis=1), np.argsort(scores, axis=0)
    column = labels[:, None]
    expect(
        answer(scores.copy(), labels.copy(), 2),
        7 / 9,
        mistakes=[
            (1 / 9, "That is the ordinary accuracy: only the best guess counted."),
            (6 / 9, "Only the second guess counted. The best one counts, too."),
            (
                (order[:, :2] == column).any(axis=1).mean(),
                "These are the two *lowest* scores: `argsort` puts the highest last.",
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
            answer(scores.copy(), labels.copy(), k),
            right,
            mistakes=[(7 / 9, "The same number as for k = 2. Is a 2 in your code?")],
            tip=f"This was with k = {k}.",
        )
    got = answer(scores.copy(), labels.copy())
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


ex = Exercise(
    "08.predict_equal_start",
    hints=[
        "At the start all hidden units compute the same. What tells one from another?",
        """A unit's slopes come from its inputs and from its weights to the ten scores.
        Are these different for any two units?""",
    ],
    explanation="""All 128 units begin with the same weights, get the same inputs and
        the same slopes, and take the same steps. They move, but together: 128 units
        that do the work of one. What tells them apart is rounding, far behind the
        point. A random start makes them different.""",
)
ex.choice(
    {
        "a": """Each picture goes to all units alike. What could move one unit otherwise
            than its neighbor?""",
        "b": """With zeros nothing gets through a unit, forward or backward, so it
            stays. And with 0.01?""",
        "d": "Steps of descent are small, and nothing here is divided by zero.",
    },
    prediction="c",
)


ex = Exercise(
    "08.map_sides",
    hints=[
        "A window of 5 × 5 fits into 28 × 28 at 24 × 24 places (section 9). And 3 × 3?",
        "A window of side k fits at n - k + 1 places in a row of n.",
        "Pooling keeps one of every two: half the side.",
    ],
    explanation="""In a row of n values a window of side k begins at n - k + 1 places:
        28 - 2 = 26, then half of it, 13, then 13 - 3 = 10, then 5.""",
)
ex.value(sides=[26, 13, 10, 5])


@ex.check("the sides after window, pooling, window, pooling")
def _(answer):
    second = "At how many places in a row of 13 does a window of 4 fit?"
    expect(
        answer,
        [26, 13, 10, 5],
        shown="four other numbers",
        mistakes=[
            ([25, 12.5, 8.5, 4.25], "28 - 3 is one too few: count the first place."),
            ([25, 12, 8, 4], "28 - 3 is one too few: count the first place."),
            ([28, 14, 14, 7], "At the border a window would stick out of the picture."),
            ([9, 4.5, 1, 0.5], "The window moves by one pixel, not by its own size."),
            ([26, 24, 21, 18], "Pooling halves the side: it takes steps of two."),
            ([26, 25, 22, 21], "Pooling halves the side: it takes steps of two."),
            ([26, 26, 23, 23], "Pooling halves the side: it takes steps of two."),
            ([26, 13, 9, 4.5], second),
            ([26, 13, 9, 4], second),
            ([26, 13, 11, 5.5], "The second window is 4 × 4, not 3 × 3."),
            ([26, 13, 11, 5], "The second window is 4 × 4, not 3 × 3."),
            ([24, 12, 9, 4.5], "The first window is 3 × 3, not 5 × 5."),
            ([24, 12, 8, 4], "These are the maps of section 9. Here windows differ."),
            ([676, 169, 100, 25], "These are the numbers in a map. Give one side."),
        ],
        tip="At how many places in a row of 28 does a window of 3 fit? Then go on.",
    )


ex.wrong([25, 12.5, 8.5, 4.25], says="28 - 3 is one too few")
ex.wrong([28, 14, 14, 7], says="stick out of the picture")
ex.wrong([26, 24, 21, 18], says="Pooling halves the side")
ex.wrong([26, 13, 9, 4], says="in a row of 13")
ex.wrong([676, 169, 100, 25], says="Give one side")
ex.wrong(5, says="4 numbers are wanted")
ex.right((26, 13, 10, 5))
ex.right(np.array([26.0, 13.0, 10.0, 5.0]))


ex = Exercise(
    "08.confusion_rates",
    hints=[
        "Count first: row by true class, column by what was said, as in section 11.",
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


@ex.check("eleven pictures of three classes")
def _(answer):
    counts = np.zeros((3, 3))
    np.add.at(counts, (TRUE, SAID), 1)
    once = (counts > 0).astype(float)
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    turn = "Rows and columns are exchanged: a row holds one *true* class."
    each = "`counts[true, said] += 1` counts a pair once, however often it occurs."
    fraction = "These are counts. Which fraction of its class is each?"
    expect(
        answer(TRUE.copy(), SAID.copy(), 3),
        counts / rows,
        mistakes=[
            ((counts / rows).T, turn),
            (counts.T / counts.T.sum(axis=1, keepdims=True), turn),
            (counts / columns, "Divided by the column's sum. Each *row* adds up to 1."),
            (counts / rows.ravel(), "Each row is to be divided by its own sum."),
            (counts / counts.sum(), "Divided by all pictures. Each row adds up to 1."),
            (counts, fraction),
            (100 * counts / rows, "Percents? Fractions: each row adds up to 1."),
            (counts.T, f"{fraction} And rows and columns are exchanged."),
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
        got = answer(true, said, 4)
    except (IndexError, ValueError) as error:
        refuse(f"{tip} {type(error).__name__}: {error}")
    expect(got, right, tip=tip)


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


ex = Exercise(
    "08.mend_training",
    hints=[
        "Compare with `train` in section 5, line by line.",
        """PyTorch *adds* to the slopes at every `backward`. Which line of section 5
        starts from zero again?""",
        "`CrossEntropyLoss` takes the scores: it does the softmax itself.",
        "And whose pictures should the accuracy be measured on?",
    ],
    explanation="""Without zero_grad every step takes the slopes of all earlier batches
        along. With a softmax of its own the network has two, and learns slowly. And the
        accuracy on pictures that it was trained on says little about new ones. None of
        the three stops the program, and all of them look like learning.""",
)


@ex.stub
def train_and_test(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    """Train a network on X and y; give its accuracy on new pictures, X_test."""
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = torch.softmax(net(X[batch]), dim=1)
            loss = loss_function(scores, y[batch])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X), y)


BROKEN = train_and_test


@ex.solution
def train_and_test(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    """Train a network on X and y; give its accuracy on new pictures, X_test."""
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = net(X[batch])
            loss = loss_function(scores, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


MENDED = train_and_test


@contextlib.contextmanager
def _training():
    """Random numbers of its own, and one thread: more only get in the way here."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            yield
    finally:
        torch.set_num_threads(before)


def _layer():
    """A small layer with a start of its own."""
    import torch

    with _training():
        net = torch.nn.Linear(3, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[0.5, -0.2, 0.1], [-0.3, 0.4, 0.2]]))
        net.bias.zero_()
    return net


def _sets():
    """Six pictures of three pixels to train with, five to test with."""
    import torch

    X = [[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 1], [0, 2, 1], [2, 0, 1]]
    # The fourth is read correctly at first, and then no more.
    X_test = [[1, 0, 0], [0, 1, 0], [0, 3, 1], [2, 2, 0], [2, 0, 2]]
    return (
        torch.tensor(X, dtype=torch.float32),
        torch.tensor([0, 1, 0, 1, 1, 0]),
        torch.tensor(X_test, dtype=torch.float32),
        torch.tensor([0, 1, 0, 0, 0]),
    )


def _weights(train, *sets, **settings):
    """The weights after a training."""
    net = _layer()
    with _training():
        train(net, *sets, **settings)
    return net.weight


@ex.check("after four steps with all pictures, the weights are where they should be")
def _(answer):
    sets = _sets()
    settings = {"num_epochs": 4, "batch_size": 6, "lr": 0.5}
    no_zero = "The slopes of earlier steps are still in it. Which line sets them to 0?"
    softmax = "`CrossEntropyLoss` does the softmax itself. Here it is taken twice."
    expect(
        _weights(answer, *sets, **settings),
        _weights(MENDED, *sets, **settings),
        mistakes=[
            (_weights(BROKEN, *sets, **settings), f"{softmax} And there is more."),
            (_weights(only_the_softmax_mended, *sets, **settings), no_zero),
            (_weights(softmax_twice, *sets, **settings), softmax),
            (
                _layer().weight,
                "The weights did not move. Is there a `step`? And does `zero_grad` "
                "stand between `backward` and `step`? There it throws the slopes away.",
            ),
        ],
        tip="Zero the slopes, walk back, step, with the loss of the scores.",
    )


@ex.check("each batch starts from slopes that are zero")
def _(answer):
    # All pictures are alike, so their order does not matter.
    X, y, *test_set = _sets()
    sets = [X[:1].repeat(6, 1), y[:1].repeat(6), *test_set]
    settings = {"num_epochs": 2, "batch_size": 4, "lr": 0.25}
    expect(
        _weights(answer, *sets, **settings),
        _weights(MENDED, *sets, **settings),
        mistakes=[
            (
                _weights(zero_grad_for_each_epoch, *sets, **settings),
                "`zero_grad` belongs in the inner loop: once for each batch.",
            ),
        ],
        tip="Six pictures in batches of four: each epoch takes two steps, the second "
        "with the two pictures that are left.",
    )


@ex.check("the accuracy is that of new pictures")
def _(answer):
    X, y, X_test, y_test = _sets()
    net = _layer()
    with _training():
        got = answer(net, X, y, X_test, y_test, 20, 6, 0.5)
    expect(
        got,
        0.6,
        mistakes=[
            (1, "That is the accuracy on the pictures that it was trained on."),
            (0.8, "So it was at an earlier step. What counts is the end, on X_test."),
            (3, "That is how many are right. The fraction is wanted."),
        ],
        tip="In the end three of the five test pictures are read correctly.",
    )


@ex.wrong(says="The slopes of earlier steps are still in it")
def only_the_softmax_mended(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = net(X[batch])
            loss = loss_function(scores, y[batch])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


@ex.wrong(says="Here it is taken twice")
def softmax_twice(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = torch.softmax(net(X[batch]), dim=1)
            loss = loss_function(scores, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


@ex.wrong(says="The weights did not move")
def zero_grad_too_late(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = loss_function(net(X[batch]), y[batch])
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


@ex.wrong(says="belongs in the inner loop")
def zero_grad_for_each_epoch(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        optimizer.zero_grad()
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = loss_function(net(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


@ex.wrong(says="the pictures that it was trained on")
def accuracy_on_training_pictures(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    MENDED(net, X, y, X_test, y_test, num_epochs, batch_size, lr)
    with torch.no_grad():
        return d2l.accuracy(net(X), y)


@ex.wrong(says="What counts is the end")
def luckiest_epoch(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    best = 0
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = torch.nn.functional.cross_entropy(net(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        best = max(best, d2l.accuracy(net(X_test), y_test))
    return best


@ex.wrong(says="the two pictures that are left")
def whole_batches_only(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_epochs):
        order = torch.randperm(len(X))
        for i in range(len(X) // batch_size):
            batch = order[i * batch_size : (i + 1) * batch_size]
            loss = torch.nn.functional.cross_entropy(net(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return d2l.accuracy(net(X_test), y_test)


@ex.right
def another_order(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = d2l.SGD(net.parameters(), lr=lr)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.load_array((X, y), batch_size):
            d2l.cross_entropy(net(X_batch), y_batch).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
    return d2l.evaluate_accuracy(net, [(X_test, y_test)])


@ex.right
def log_of_its_own_softmax(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            log_p = torch.log_softmax(net(X[batch]), dim=1)
            net.zero_grad()
            torch.nn.functional.nll_loss(log_p, y[batch]).backward()
            with torch.no_grad():
                for param in net.parameters():
                    param -= lr * param.grad
    return (net(X_test).argmax(dim=1) == y_test).float().mean()


BUDGET = 4_000
GOALS = {"MNIST": 0.98, "digits": 0.88}
NAMES = {"MNIST": "MNIST", "digits": "the small set (MNIST is not at hand)"}

ex = Exercise(
    "08.small_network",
    hints=[
        """The CNN of section 9 has 5,994 parameters and reaches the goal. 3,216 of them
        sit in its second convolution, 2,570 in the last layer. Both shrink with the
        number of windows.""",
        "6 windows of 5 × 5, then 12 of 5 × 5: count. Pooling after each, as before.",
        """Scale the pixels as in section 1 and give them a channel axis:
        `torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 28, 28) / 255`.""",
        """Three epochs of Adam with rate 0.01 and the cosine schedule of section 9 are
        enough on MNIST. The small set has few pictures: six epochs.""",
    ],
    explanation="""156 + 1,812 + 1,930 = 3,898 parameters. A window is paid once and
        used at every place, so the budget goes a long way. The high rate learns fast,
        and the cosine brings it to rest.""",
    seconds=600,
)


@ex.solution
def train_small_network(images, labels):
    """Train a network with at most 4,000 parameters, and return it.

    images: pixels from 0 to 255, of shape (n, 28, 28); labels: digits, of shape (n,).
    The network, a torch.nn.Module, turns pictures of shape (n, 1, 28, 28), float32
    from 0 to 1, into scores of shape (n, 10).
    """
    # BEGIN SOLUTION
    X = torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 28, 28) / 255
    y = torch.tensor(labels)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, kernel_size=5),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 12, kernel_size=5),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(12 * 4 * 4, 10),
    )
    # MNIST, or the small set, which needs more epochs to take enough steps.
    num_epochs, batch_size = (3, 64) if len(X) > 10_000 else (6, 32)
    loss_function = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    num_steps = num_epochs * -(-len(X) // batch_size)  # rounded up
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, d2l.cosine_decay(num_steps))
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = loss_function(net(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net
    # END SOLUTION


# From the first check to the second: an answer, its network, and the pictures.
_kept = []


def _pictures():
    """MNIST, or the small set if it is not at hand or not wanted."""
    if os.environ.get("D2L_EXERCISE_DATA") == "digits":
        return d2l.load_digits()
    with contextlib.redirect_stdout(io.StringIO()):
        return d2l.load_mnist()


def _trained(answer):
    """The network that an answer trains, and the pictures it was given."""
    data = _pictures()
    import torch

    with _training():
        net = answer(data.train_images.copy(), data.train_labels.copy())
    if isinstance(net, torch.nn.Module):
        net.eval()
    return net, data


def _accuracy(net, images, labels, scale=1.0, shift=0.0):
    """The accuracy of a network on pictures whose pixels are ``scale * x + shift``."""
    import torch

    X = torch.tensor(scale / 255 * images + shift, dtype=torch.float32)
    X, y = X.reshape(-1, 1, 28, 28), torch.tensor(labels)
    with _training():
        return d2l.evaluate_accuracy(net, zip(X.split(500), y.split(500), strict=True))


def _unlisted(net, scores):
    """How many numbers the slopes of the scores reach that are not parameters."""
    found, nodes, waiting = {}, set(), [scores.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in nodes:
            nodes.add(node)
            waiting.extend(parent for parent, _ in node.next_functions)
            if hasattr(node, "variable"):
                found[id(node.variable)] = node.variable.numel()
    listed = {id(param) for param in net.parameters()}
    return sum(size for key, size in found.items() if key not in listed)


def _what_went_wrong(net, data, accuracy):
    """The hint for a network that misses the goal."""
    import torch

    images, labels = data.test_images, data.test_labels
    X = torch.tensor(images[:100], dtype=torch.float32).reshape(-1, 1, 28, 28) / 255
    with torch.no_grad():
        scores = net(X)
    if not torch.isfinite(scores).all():
        return "Its scores are not finite numbers. Is the rate too large?"
    pixels = data.train_images[:5000] / 255
    mean, spread = pixels.mean(), pixels.std()
    others = {
        "from 0 to 255": (255, 0),
        "from -1 to 1": (2, -1),
        "of mean 0 and spread 1": (1 / spread, -mean / spread),
        "minus their mean": (1, -pixels.mean(axis=0)),
    }
    on = {x: _accuracy(net, images, labels, *other) for x, other in others.items()}
    name = max(on, key=on.__getitem__)
    if on[name] > max(accuracy + 0.02, 0.4):
        return (
            f"With pixels {name} it does better, {on[name]:.2%}. It is asked about "
            "pixels from 0 to 1: train it with these, or let the network itself "
            "change them."
        )
    total = scores.sum(dim=1)
    if (scores >= 0).all() and torch.allclose(total, torch.ones_like(total), atol=1e-3):
        return (
            "It gives probabilities. `CrossEntropyLoss` does the softmax itself: with "
            "another one in the network it learns slowly."
        )
    if accuracy < 0.2:
        return (
            "No better than guessing. Does it take steps, and not too large ones? And "
            "does every picture keep its label?"
        )
    if units := [len(p) for p in net.parameters() if p.ndim == 2 and p.shape[1] == 784]:
        return (
            f"A layer with 784 inputs leaves room for few units: here {units[0]}. A "
            "window is paid once and used at every place (section 9)."
        )
    known = _accuracy(net, data.train_images[:100], data.train_labels[:100])
    if known > accuracy + 0.05:
        return (
            f"It reads {known:.0%} of the first 100 training pictures. What it makes "
            "of pictures that it has seen says little. Does it see all of them, or the "
            "same few again and again?"
        )
    return "Train longer, or with another rate, and let the rate come to rest."


@ex.check("a network with at most 4,000 parameters")
def _(answer):
    import torch

    _kept.clear()
    net, data = _trained(answer)
    _kept.extend([answer, net, data])
    if not isinstance(net, torch.nn.Module):
        missing = " Is a `return` missing?" if net is None else ""
        refuse(
            f"The function should return the trained network itself.{missing}",
            expected="a torch.nn.Module",
            got=net,
        )
    sizes = {name: param.numel() for name, param in net.named_parameters()}
    if sum(sizes.values()) > BUDGET:
        largest = max(sizes, key=sizes.__getitem__)
        refuse(
            f"Too many. The largest share, {sizes[largest]:,}, sits in `{largest}`.",
            expected=f"at most {BUDGET:,} parameters",
            got=f"{sum(sizes.values()):,} parameters",
        )
    try:
        scores = net(torch.zeros(2, 1, 28, 28))
        shape = tuple(scores.shape)
    except (RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        refuse(
            "The network is asked about pictures of shape (2, 1, 28, 28), float32. "
            f"{type(error).__name__}: {str(error).splitlines()[0]}"
        )
    if shape != (2, 10):
        refuse(
            "Ten scores are wanted for each picture.",
            expected="scores of shape (2, 10) for two pictures",
            got=f"shape {shape}",
        )
    if unlisted := _unlisted(net, scores):
        refuse(
            "`net.parameters()` leaves some of its weights out: they are not counted, "
            "and an optimizer of `net.parameters()` does not move them. Layers in a "
            "plain list? Use `nn.Sequential` or `nn.ModuleList`.",
            expected="all weights among net.parameters()",
            got=f"{unlisted:,} weights and biases more",
        )


@ex.check("the test pictures: at least 98% of MNIST's, 88% of the small set's")
def _(answer):
    if not (_kept and _kept[0] is answer):
        _kept[:] = [answer, *_trained(answer)]
    _, net, data = _kept
    _kept.clear()
    goal = GOALS[data.name]
    accuracy = _accuracy(net, data.test_images, data.test_labels)
    pictures = f"{len(data.test_labels):,} test pictures of {NAMES[data.name]}"
    if accuracy < goal:
        refuse(
            _what_went_wrong(net, data, accuracy),
            expected=f"at least {goal:.0%} of the {pictures}",
            got=f"{accuracy:.2%}",
        )
    count = sum(param.numel() for param in net.parameters())
    return f"It reads {accuracy:.2%} of the {pictures}, with {count:,} parameters."


@ex.wrong(says="No better than guessing")
def not_trained(images, labels):
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, kernel_size=5),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 12, kernel_size=5),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(12 * 4 * 4, 10),
    )


def _descend(net, X, y, num_epochs, lr=0.01):
    """Train a network, as wrong and right answers need it."""
    import torch

    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(32):
            loss = torch.nn.functional.cross_entropy(net(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


def _as_tensors(images, labels):
    """Pictures as a network takes them, and their labels."""
    import torch

    X = torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 28, 28)
    return X / 255, torch.tensor(labels)


@ex.wrong(says="Too many. The largest share, 3,200, sits in `3.weight`")
def network_of_section_9(images, labels):
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, kernel_size=5),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 16, kernel_size=5),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(16 * 4 * 4, 10),
    )


@ex.wrong(says="should return the trained network itself")
def returns_its_accuracy(images, labels):
    X, y = _as_tensors(images[:100], labels[:100])
    return d2l.accuracy(not_trained(images, labels)(X), y)


@ex.wrong(says="is asked about pictures of shape (2, 1, 28, 28)")
def takes_rows(images, labels):
    return torch.nn.Linear(784, 5)


@ex.wrong(says="Ten scores are wanted")
def one_score(images, labels):
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 1))


@ex.wrong(says="leaves some of its weights out")
def layers_in_a_list(images, labels):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.windows = [torch.nn.Conv2d(1, 20, 5), torch.nn.Conv2d(20, 20, 5)]
            self.last = torch.nn.Linear(20 * 4 * 4, 10)

        def forward(self, X):
            for window in self.windows:
                X = torch.nn.functional.max_pool2d(torch.relu(window(X)), 2)
            return self.last(X.flatten(1))

    return Net()


@ex.wrong(says="A layer with 784 inputs leaves room for few units")
def five_hidden_units(images, labels):
    net = torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(784, 5),
        torch.nn.Tanh(),
        torch.nn.Linear(5, 10),
    )
    return _descend(net, *_as_tensors(images, labels), num_epochs=4)


@ex.wrong(says="It gives probabilities")
def softmax_at_the_end(images, labels):
    net = torch.nn.Sequential(not_trained(images, labels), torch.nn.Softmax(dim=1))
    return _descend(net, *_as_tensors(images, labels), num_epochs=1)


@ex.wrong(says="With pixels from 0 to 255 it does better")
def pixels_not_scaled(images, labels):
    X, y = _as_tensors(images, labels)
    return _descend(not_trained(images, labels), 255 * X, y, num_epochs=2, lr=1e-3)


@ex.wrong(says="With pixels minus their mean it does better")
def mean_subtracted_outside_the_network(images, labels):
    X, y = _as_tensors(images, labels)
    return _descend(not_trained(images, labels), X - X.mean(dim=0), y, num_epochs=2)


@ex.wrong(says="pictures that it has seen says little")
def until_it_knows_some_by_heart(images, labels):
    X, y = _as_tensors(images[:100], labels[:100])
    net, right = not_trained(images, labels), 0.0
    while right < 1:
        _descend(net, X, y, num_epochs=1)
        right = d2l.accuracy(net(X), y)
    return net


@ex.wrong(says="Is the rate too large?")
def diverges(images, labels):
    net = not_trained(images, labels)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e6)
    X, y = _as_tensors(images[:32], labels[:32])
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net


@ex.right
def with_strides(images, labels):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Conv2d(1, 10, kernel_size=5, stride=2)
            self.second = torch.nn.Conv2d(10, 10, kernel_size=3, stride=2)
            self.last = torch.nn.Linear(250, 10)

        def forward(self, X):
            h = torch.relu(self.second(torch.relu(self.first(X))))
            return self.last(h.reshape(len(X), -1))

    epochs = 4 if len(images) > 10_000 else 10
    X, y = _as_tensors(images, labels)
    return _descend(_descend(Net(), X, y, epochs), X, y, 2, lr=1e-3)


@ex.right
def scales_in_the_network(images, labels):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.mean = images.mean() / 255
            self.layers = torch.nn.Sequential(
                torch.nn.AvgPool2d(2),
                torch.nn.Conv2d(1, 12, kernel_size=3),
                torch.nn.BatchNorm2d(12),
                torch.nn.ReLU(),
                torch.nn.MaxPool2d(2),
                torch.nn.Conv2d(12, 12, kernel_size=3),
                torch.nn.ReLU(),
                torch.nn.Flatten(),
                torch.nn.Linear(12 * 16, 10),
            )

        def forward(self, X):
            return self.layers(X - self.mean)

    net = Net()
    X, y = _as_tensors(images, labels)
    optimizer = d2l.Adam(net.parameters(), lr=5e-3)
    for _ in range(3 if len(X) > 10_000 else 15):
        for X_batch, y_batch in d2l.data_iter(64, X, y):
            d2l.cross_entropy(net(X_batch), y_batch).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
    return net
