"""Linear regression."""

import numpy as np

from .exercise import Exercise
from .expect import expect, refuse


def three_points():
    """The table of section 2, with its column of ones, and the labels."""
    return np.column_stack([[1.0, 2, 3], np.ones(3)]), np.array([[2.0], [4], [6]])


def wines():
    """Features, labels, and the rows of section 6: 142 for training, 36 for test."""
    from ..datasets import load_wine

    wine = load_wine()
    order = np.random.default_rng(0).permutation(178)
    return wine.features, wine.labels, order[:142], order[142:]


ex = Exercise(
    "04.loss_and_slopes",
    hints=[
        "Begin with the three residuals, prediction minus label: 1 - 2, and so on.",
        """The loss: the sum of their squares, divided by 2m = 6. The slope along w: the
        mean of residual times x. The slope along b: the mean of the residuals.""",
    ],
    explanation="""The residuals are -1, -2, -3. Their squares add up to 14, and 14/6 is
        2.33. Times x they are -1, -4, -9, with the mean -14/3 = -4.67. Their own mean
        is -2. Both slopes are negative: raise w and b.""",
)
ex.value(by_hand=[2.3333, -4.6667, -2.0])


def entry(answer, place):
    """One of the three numbers; refuses what is not three numbers."""
    shown = "three numbers: the loss, the slope along w, the slope along b"
    try:
        numbers = np.asarray(getattr(answer, "detach", lambda: answer)(), dtype=float)
    except (RuntimeError, TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.shape != (3,):
        expect(answer, np.zeros(3), shown=shown)
    return numbers[place]


@ex.check("the first number: the loss at w = 1, b = 0")
def _(answer):
    expect(
        entry(answer, 0),
        7 / 3,
        rtol=2e-3,
        shown="another number",
        mistakes=[
            (14 / 3, "That is the mean of the squares. The loss is half of it."),
            (7, "Half the sum of the squares. Where is the mean over the points?"),
            (14, "The sum of the squares. The loss divides it by 2m."),
            (6, "Square each residual before you add them up, not their sum."),
            (2, "Square each residual first: 1, 4, 9. Then add, and divide by 2m."),
            (1, "Half the mean size of the residuals. Here they are squared."),
            (-1, "A loss made of squares is never negative: square each residual."),
        ],
        tip="Square the three residuals, add, divide by 2m.",
    )


@ex.check("the second number: the slope along w")
def _(answer):
    expect(
        entry(answer, 1),
        -14 / 3,
        rtol=2e-3,
        shown="another number",
        mistakes=[
            (14 / 3, "The sign: a residual is prediction minus label, here 1 - 2."),
            (-14, "That is the sum over the points. The slope is a mean, too."),
            (-28 / 3, "Twice too much: the half of the loss cancels the 2."),
            (-7 / 3, "Half of it. The half of the loss is used up by the 2."),
            (-2, "That is the slope along b. For w, each residual counts x times."),
            (-4, "Mean residual times mean x. Multiply first, point by point."),
        ],
        tip="The mean of residual times x.",
    )


@ex.check("the third number: the slope along b")
def _(answer):
    expect(
        entry(answer, 2),
        -2,
        rtol=2e-3,
        shown="another number",
        mistakes=[
            (2, "The size is right. Which way does the line miss, above or below?"),
            (-6, "The residuals add up to -6. The slope is their mean."),
            (-4, "Twice too much: the half of the loss cancels the 2."),
            (-1, "Half of it. The half of the loss is used up by the 2."),
            (0, "b is 0 here, but the loss still changes when b moves."),
        ],
        tip="The inner slope is 1 for b, so it is the mean of the residuals.",
    )


ex.wrong([4.667, -9.333, -4], says="The loss is half of it")
ex.wrong([7, -14, -6], says="Where is the mean over the points?")
ex.wrong([7 / 3, 14 / 3, 2], says="a residual is prediction minus label")
ex.wrong([7 / 3, -2, -14 / 3], says="That is the slope along b")
ex.wrong([7 / 3, -4, -2], says="Multiply first, point by point")
ex.wrong([7 / 3, -14 / 3, -6], says="The slope is their mean")
ex.wrong([7 / 3, -14 / 3, 2], says="Which way does the line miss")
ex.wrong(2.33, says="3 numbers are wanted")
ex.right([7 / 3, -14 / 3, -2])
ex.right((2.33, -4.67, -2))
ex.right(np.array([14 / 6, -14 / 3, -2], dtype=np.float32))


ex = Exercise(
    "04.gradient_without_half",
    hints=[
        "Nothing is there to cancel the 2 now: every slope is twice that of section 2.",
        "The residuals are `X @ w - y`. The mean is over the `len(X)` examples.",
        "The columns of `X` meet the residuals in `X.T @ (X @ w - y)`.",
    ],
    explanation="""Half the mean squared error has the gradient Xᵀ(Xw - y)/m. Without
        the half everything is twice as large. That is why section 8 took the rate 0.2
        where our loss would take 0.4.""",
)


@ex.solution
def mse_gradient(w, X, y):
    """Compute the gradient of the mean squared error, without a half, at w.

    X has a row for each example, w and y are columns. The result has the shape of w.
    """
    # BEGIN SOLUTION
    return 2 * X.T @ (X @ w - y) / len(X)
    # END SOLUTION


@ex.check("three examples, three weights")
def _(answer):
    def data():
        X = np.array([[1.0, 0, 1], [2, 1, 1], [3, 5, 1]])
        return np.array([[1.0], [0], [1]]), X, np.array([[2.0], [4], [6]])

    w, X, y = data()
    residuals = X @ w - y
    right = 2 / 3 * X.T @ residuals
    uphill = "Turned around: a residual is prediction minus label, `X @ w - y`."
    across = """`X @ residuals` goes along the rows of `X`, over the features. Each
        weight needs its own column: `X.T @ residuals`."""
    flat = """The right numbers, but flat. w is a column, and so is its gradient:
        NumPy makes a table of a column minus something flat."""
    expect(
        answer(*data()),
        right,
        mistakes=[
            (right / 2, "That is the gradient with the half, the one of section 2."),
            (-right, uphill),
            (-right / 2, uphill),
            (3 * right, "That is the gradient of a sum. Divide by the examples, m."),
            (1.5 * right, "The mean is missing, and the 2 that nothing cancels."),
            (2 / 3 * X @ residuals, across),
            (X @ residuals / 3, across),
            (2 * X @ residuals, across),
            (right.ravel(), flat),
            (right.ravel() / 2, "Flat, and half: w is a column, and the 2 stays."),
            (right.T, "That is a row. w is a column, and so is its gradient."),
            (2 * residuals.mean(), "The inner slopes are missing: the features."),
            (2 * residuals / 3, "The inner slopes are missing: the features."),
            (2 * residuals, "The inner slopes are missing: the features."),
            (2 * np.mean(X * residuals), "A mean over everything, weights as well."),
            (np.mean(residuals**2), "That is the loss. How fast does it change?"),
        ],
        tip="Compare with `d2l.numerical_gradient` of the mean squared error.",
    )


@ex.check(
    "five examples, two weights, no column of ones: the mean is over the examples"
)
def _(answer):
    def data():
        rng = np.random.default_rng(1)
        return (
            np.array([[0.5], [-1.0]]),
            rng.normal(size=(5, 2)),
            rng.normal(size=(5, 1)),
        )

    w, X, y = data()
    slopes = 2 * X.T @ (X @ w - y)
    ones = [slopes[0] / 5, [2 * np.mean(X @ w - y)]]
    given = data()
    expect(
        answer(*given),
        slopes / 5,
        mistakes=[
            (slopes / 2, "You divided by the number of weights, not of examples."),
            (slopes / 3, "Is a 3 fixed in your code? Here are five examples."),
            (ones, "Here the last column of `X` is not 1. Treat it like the others."),
        ],
        tip="By what did you divide? By the examples: `len(X)`.",
    )
    for name, array, before in zip("wXy", given, data(), strict=True):
        if not np.array_equal(array, before):
            refuse(f"Your function changed the array `{name}` that it was given.")


@ex.wrong(says="That is the gradient with the half")
def with_the_half(w, X, y):
    return X.T @ (X @ w - y) / len(X)


@ex.wrong(says="a residual is prediction minus label")
def turned_round(w, X, y):
    return 2 * X.T @ (y - X @ w) / len(X)


@ex.wrong(says="That is the gradient of a sum")
def sum_for_mean(w, X, y):
    return 2 * X.T @ (X @ w - y)


@ex.wrong(says="Each weight needs its own column")
def not_transposed(w, X, y):
    return 2 * X @ (X @ w - y) / len(X)


@ex.wrong(says="The right numbers, but flat")
def flat_mean(w, X, y):
    return 2 * np.mean(X * (X @ w - y), axis=0)


@ex.wrong(says="A mean over everything")
def mean_of_all_entries(w, X, y):
    return 2 * np.mean(X * (X @ w - y))


@ex.wrong(says="The inner slopes are missing")
def no_features(w, X, y):
    return 2 * np.mean(X @ w - y)


@ex.wrong(says="You divided by the number of weights")
def divided_by_the_weights(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(w)


@ex.wrong(says="Is a 3 fixed in your code?")
def copied_the_three(w, X, y):
    return 2 * X.T @ (X @ w - y) / 3


@ex.wrong(says="Treat it like the others")
def bias_at_the_end(w, X, y):
    residuals = X @ w - y
    slopes = 2 * X[:, :-1].T @ residuals / len(X)
    return np.vstack([slopes, 2 * residuals.mean(axis=0)])


@ex.wrong(says="changed the array `y`")
def labels_overwritten(w, X, y):
    y -= X @ w
    return -2 * X.T @ y / len(X)


@ex.right
def weight_by_weight(w, X, y):
    residuals = [float(sum(row * w[:, 0])) for row in X] - y[:, 0]
    return [
        [2 * np.mean([r * x for r, x in zip(residuals, column, strict=True)])]
        for column in X.T
    ]


@ex.right
def mean_and_reshape(w, X, y):
    return np.mean(2 * (X @ w - y) * X, axis=0).reshape(-1, 1)


@ex.right
def with_torch(w, X, y):
    import torch

    w, X, y = (torch.tensor(array, dtype=torch.float32) for array in (w, X, y))
    w.requires_grad_()
    torch.nn.functional.mse_loss(X @ w, y).backward()
    return w.grad


@ex.right
def measured(w, X, y):
    from ..calculus import numerical_gradient

    return numerical_gradient(lambda w: np.mean((X @ w - y) ** 2), w)


ex = Exercise(
    "04.mend_descent",
    hints=[
        """Let it take a single step on the three points, with the rate 0.1, and compare
        with the gradient of section 2. At w = 0, which sign must the step have?""",
        """One mistake is in the residuals, one in the step: which is it, the gradient
        of a sum or of a mean? The third decides how many steps are taken.""",
        "`residuals = X @ w - y`, then `/ len(X)`, and `return` below the loop.",
    ],
    explanation="""With y - ŷ the walk goes uphill; without / m the step is m times too
        long; and a `return` inside the loop ends the walk after one step. None of the
        three gives an error.""",
)


@ex.stub
def walk_down(X, y, lr, num_steps):
    """Walk downhill on half the mean squared error from w = 0; return the last w.

    X has one row for each example, and a column of ones; y is a column.
    """
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = y - X @ w
        w = w - lr * X.T @ residuals
        return w


@ex.solution
def walk_down(X, y, lr, num_steps):
    """Walk downhill on half the mean squared error from w = 0; return the last w.

    X has one row for each example, and a column of ones; y is a column.
    """
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = X @ w - y
        w = w - lr * X.T @ residuals / len(X)
    return w


def walked(X, y, lr, num_steps, *, divide_by=None):
    """Where a walk from 0 must be."""
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        w = w - lr * X.T @ (X @ w - y) / (divide_by or len(X))
    return w


@ex.check("one step on the three points, with the rate 0.1")
def _(answer):
    X, y = three_points()
    right = walked(X, y, 0.1, 1)
    uphill = """The first step goes uphill. A residual is prediction minus label; the
        step subtracts the slope."""
    expect(
        answer(*three_points(), 0.1, 1),
        right,
        mistakes=[
            (-right, uphill),
            (-3 * right, uphill),
            (3 * right, "Three times too long: the gradient of a sum, not of a mean."),
            (2 * right, "Twice too long: with the half in the loss no 2 is left."),
            (
                np.zeros((2, 1)),
                "The walk has not moved. Does the loop run and change w?",
            ),
            (walked(X, y, 0.1, 2), "That is one step too many."),
            (right[:, 0], "Return w as a column, of shape (2, 1)."),
            (1.5 * right, "Divided by the number of weights. Divide by the examples."),
            (
                np.tile(right[:, 0], (2, 1)),
                "Is your gradient flat? A column minus something flat gives a table.",
            ),
            (
                [[2], [0]],
                "That is where the walk ends. It should take the steps it is told to.",
            ),
        ],
        tip="By hand: at w = 0 the residuals are -2, -4, -6.",
    )


@ex.check("five steps")
def _(answer):
    X, y = three_points()
    expect(
        answer(*three_points(), 0.1, 5),
        walked(X, y, 0.1, 5),
        mistakes=[
            (
                walked(X, y, 0.1, 1),
                "It has taken one step only. What ends the loop so early?",
            ),
            (
                5 * walked(X, y, 0.1, 1),
                "Five times the first step. The residuals change with every step.",
            ),
        ],
        tip="The first step is right. What is different in the next ones?",
    )


@ex.check("fifty examples, three weights: 3 steps with 0.5, then 100: where `lstsq` is")
def _(answer):
    def data():
        rng = np.random.default_rng(2)
        X = np.column_stack([rng.normal(size=(50, 2)), np.ones(50)])
        return X, X @ np.array([[1.0], [-2], [0.5]]) + 0.1 * rng.normal(size=(50, 1))

    X, y = data()
    expect(
        answer(*data(), 0.5, 3),
        walked(X, y, 0.5, 3),
        mistakes=[
            (
                walked(X, y, 0.5, 3, divide_by=3),
                "Is a 3 fixed in your code? Here are fifty examples.",
            ),
        ],
        tip="It works on three points with the rate 0.1. By what do you divide, and is "
        "one of those numbers fixed in your code?",
    )
    expect(
        answer(*data(), 0.5, 100),
        np.linalg.lstsq(X, y)[0],
        tip="Three steps are right. Does it take all 100?",
    )


@ex.wrong(says="The first step goes uphill")
def still_uphill(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = y - X @ w
        w = w - lr * X.T @ residuals / len(X)
    return w


@ex.wrong(says="the gradient of a sum, not of a mean")
def still_a_sum(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = X @ w - y
        w = w - lr * X.T @ residuals
    return w


@ex.wrong(says="What ends the loop so early?")
def still_returns_early(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = X @ w - y
        w = w - lr * X.T @ residuals / len(X)
        return w


@ex.wrong(says="The residuals change with every step")
def residuals_before_the_loop(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    residuals = X @ w - y
    for _ in range(num_steps):
        w = w - lr * X.T @ residuals / len(X)
    return w


@ex.wrong(says="Divided by the number of weights")
def mean_over_the_weights(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = X @ w - y
        w = w - lr * X.T @ residuals / len(w)
    return w


@ex.wrong(says="Is a 3 fixed in your code?")
def three_examples_only(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = X @ w - y
        w = w - lr * X.T @ residuals / 3
    return w


@ex.wrong(says="By what do you divide")
def half_of_all_entries(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = X @ w - y
        w = w - lr * X.T @ residuals / (X.size / 2)
    return w


@ex.right
def added_the_way_down(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        residuals = y - X @ w
        w += lr * X.T @ residuals / X.shape[0]
    return w


@ex.right
def by_the_package(X, y, lr, num_steps):
    from ..descent import gradient_descent

    def loss(w):
        return np.mean((X @ w - y) ** 2) / 2

    return gradient_descent(loss, np.zeros((X.shape[1], 1)), lr, num_steps)[0]


ex = Exercise(
    "04.predict_outlier",
    hints=[
        """A miss counts by its square. What does y = 2x pay for the fifth point alone?
        Could a line that misses every point a little pay less?""",
        """At the lowest point both slopes are 0: the residuals add up to 0, and so do
        the residuals times x. Try each kind of line on the five points.""",
    ],
    explanation="""The best line is y = 4, level. Its residuals are 2, 0, -2, -4, 4.
        They add up to 0, and times x, too. y = 2x pays 10² = 100 for the fifth point,
        the level line 40 for all five. One point, far off and at the end, outweighs
        four.""",
)
ex.choice(
    {
        "a": """y = 2x has the residuals 0, 0, 0, 0 and 10. They do not add up to 0: the
            loss falls as soon as b does.""",
        "b": """Try one: y = x + 1 has the residuals 0, -1, -2, -3, 6. Times x they add
            up to 10, not to 0: the loss still has a slope along w.""",
        "c": """Try one: y = 7 - x has the residuals 4, 1, -2, -5, 2. Times x they add
            up to -10, not to 0: the loss still has a slope along w.""",
    },
    prediction="d",
)


ex = Exercise(
    "04.standardize",
    hints=[
        "One mean and one spread for each feature. Which axis runs over the examples?",
        "`train.mean(axis=0)` and `train.std(axis=0)` hold one number for each column.",
        "Take both numbers from `train`, and use them for both tables.",
    ],
    explanation="""The two numbers of each feature come from the training rows and are
        used for all rows. So the test rows do not come out with mean 0 and spread 1
        exactly, and they should not: nothing about them may flow into the fit.""",
)


@ex.solution
def standardize(train, test):
    """Scale each feature by the mean and the standard deviation of the training rows.

    Returns both tables, train first. The tables handed over stay as they are.
    """
    # BEGIN SOLUTION
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread
    # END SOLUTION


def small_tables():
    """Two training rows, mean (2, 200), spread (1, 100), and three test rows."""
    train = np.array([[1.0, 100.0], [3.0, 300.0]])
    return train, np.array([[4.0, 250.0], [3.0, 100.0], [2.0, 400.0]])


def scaled_tables(answer):
    got = answer(*small_tables())
    if got is None:
        refuse("It gave `None`: is a `return` missing?", expected="two tables")
    if not isinstance(got, list | tuple) or len(got) != 2:
        refuse(
            "Return both tables, the training rows first.",
            expected="two tables",
            got=got,
        )
    return got


@ex.check("the training rows (1, 100) and (3, 300) become (-1, -1) and (1, 1)")
def _(answer):
    train, test = small_tables()
    every = np.vstack([train, test])
    rest = train - train.mean(axis=0)
    across = train.mean(axis=1), train.std(axis=1)
    leak = "Those are the numbers of all rows. Test rows must not take part."
    rows = "That goes along the rows. Each feature, each column, has its own mean."
    expect(
        scaled_tables(answer)[0],
        [[-1, -1], [1, 1]],
        mistakes=[
            ((train - every.mean(axis=0)) / every.std(axis=0), leak),
            ((train - every.mean(axis=0)) / every.std(axis=0, ddof=1), leak),
            ((train - every.mean(axis=0)) / train.std(axis=0), leak),
            (
                rest / train.std(axis=0, ddof=1),
                "Your spread divides by m - 1. Ours is the root of the *mean* squared "
                "distance: divide by m. (`torch.std` needs `correction=0` for that.)",
            ),
            ((train - across[0]) / across[1], rows),
            ((train - across[0][:, None]) / across[1][:, None], rows),
            (
                (train - train.mean()) / train.std(),
                "One mean for the whole table mixes the units. Say `axis=0`.",
            ),
            (rest, "The mean is right. Now divide by the spread."),
            (train / train.std(axis=0), "First subtract the mean."),
            (
                train - train.mean(axis=0) / train.std(axis=0),
                "`train - mean / spread` divides only the mean. Use parentheses.",
            ),
            (rest / train.var(axis=0), "Divided by the variance: take its root."),
            (
                (train - train.min(axis=0)) / np.ptp(train, axis=0),
                "That goes from 0 to 1. Here: mean 0 and spread 1.",
            ),
            (
                (test - train.mean(axis=0)) / train.std(axis=0),
                "Those are the test rows. Return the training rows first.",
            ),
            (train, "The training rows came back as they were."),
        ],
        tip="Subtract the mean of the column, then divide by its spread.",
    )


@ex.check("the test rows, by the same two numbers: (4, 250) becomes (2, 0.5)")
def _(answer):
    train, test = small_tables()
    own, every = test.mean(axis=0), np.vstack([train, test])
    expect(
        scaled_tables(answer)[1],
        (test - [2, 200]) / [1, 100],
        mistakes=[
            (
                (test - own) / test.std(axis=0),
                "The test rows were scaled by their own mean and spread. Then the same "
                "wine would get other numbers in other company.",
            ),
            (
                (test - own) / [1, 100],
                "The mean of the test rows went into it. Take that of `train`.",
            ),
            (
                (test - [2, 200]) / test.std(axis=0),
                "The spread of the test rows went into it. Take that of `train`.",
            ),
            (
                (test - every.mean(axis=0)) / every.std(axis=0),
                "Those are the numbers of all rows. Take those of `train` alone.",
            ),
            (
                test,
                "The test rows came back as they were. Was `train` scaled first, and "
                "its mean, now 0, taken after that?",
            ),
        ],
        tip="The same mean and the same spread for both tables.",
    )


@ex.check("five rows, three features: (1, 1, 1, 1, 6) has the mean 2 and the spread 2")
def _(answer):
    train = np.array([[1.0, 1, 1, 1, 6], [500, 500, 0, 500, 500], [-3, 2, -3, -3, -3]])
    tip = """Mean: the sum of the column, divided by its rows. Spread: the root of the
        mean *squared* distance from it. And each column has its turn."""
    got = answer(train.T.copy(), np.array([[4.0, 600, 0]]))
    wanted = [[-0.5, 0.5, -0.5], [-0.5, 0.5, 2], [-0.5, -2, -0.5]]
    expect(got[0], [*wanted, wanted[0], [2, 0.5, -0.5]], tip=tip)
    expect(got[1], [[1, 1, 1]], tip=tip)


@ex.check("the tables that it is given stay as they are")
def _(answer):
    train, test = small_tables()
    answer(train, test)
    for table, before in zip((train, test), small_tables(), strict=True):
        expect(
            table,
            before,
            tip="Your function changed the table itself, as `-=` does: who calls it "
            "loses the measured values. Make a new table.",
        )


@ex.wrong(says="scaled by their own mean and spread")
def each_by_its_own(train, test):
    return tuple(
        (table - table.mean(axis=0)) / table.std(axis=0) for table in (train, test)
    )


@ex.wrong(says="Test rows must not take part")
def all_rows(train, test):
    every = np.vstack([train, test])
    mean, spread = every.mean(axis=0), every.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread


@ex.wrong(says="One mean for the whole table")
def no_axis(train, test):
    mean, spread = train.mean(), train.std()
    return (train - mean) / spread, (test - mean) / spread


@ex.wrong(says="That goes along the rows")
def other_axis(train, test):
    mean, spread = train.mean(axis=1), train.std(axis=1)
    return (train - mean) / spread, (test - mean) / spread


@ex.wrong(says="divides by m - 1")
def sample_spread(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0, ddof=1)
    return (train - mean) / spread, (test - mean) / spread


@ex.wrong(says="the root of the mean *squared* distance from it")
def mean_distance(train, test):
    mean = train.mean(axis=0)
    spread = np.abs(train - mean).mean(axis=0)
    return (train - mean) / spread, (test - mean) / spread


@ex.wrong(says="The mean of the test rows went into it")
def test_mean(train, test):
    spread = train.std(axis=0)
    return (train - train.mean(axis=0)) / spread, (test - test.mean(axis=0)) / spread


@ex.wrong(says="divides only the mean")
def no_brackets(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return train - mean / spread, test - mean / spread


@ex.wrong(says="its mean, now 0, taken after that")
def train_overwritten(train, test):
    train = (train - train.mean(axis=0)) / train.std(axis=0)
    test = (test - train.mean(axis=0)) / train.std(axis=0)
    return train, test


@ex.wrong(says="Return both tables")
def train_alone(train, test):
    return (train - train.mean(axis=0)) / train.std(axis=0)


@ex.wrong(says="loses the measured values")
def in_place(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    for table in (train, test):
        table -= mean
        table /= spread
    return train, test


@ex.right
def column_by_column(train, test):
    tables = np.empty_like(train), np.empty_like(test)
    for j, column in enumerate(train.T):
        mean = sum(column) / len(column)
        spread = (sum((x - mean) ** 2 for x in column) / len(column)) ** 0.5
        for scaled, table in zip(tables, (train, test), strict=True):
            scaled[:, j] = (table[:, j] - mean) / spread
    return list(tables)


@ex.right
def in_torch(train, test):
    import torch

    train, test = torch.from_numpy(train).float(), torch.from_numpy(test).float()
    mean, spread = train.mean(dim=0), train.std(dim=0, correction=0)
    return (train - mean) / spread, (test - mean) / spread


ex = Exercise(
    "04.rate_for_one_step",
    hints=[
        """Which curvatures has this landscape? They belong to the table `X.T @ X / m`,
        with the scaled feature in the first column of `X` and ones in the second.""",
        """The entries of that table are the mean of x², the mean of x, and the mean of
        1. With mean 0 and spread 1, what are they?""",
        "In a valley of curvature λ, a step leaves the part |1 - ηλ|. Make it 0.",
    ],
    explanation="""The mean of x² is 1, the mean of x is 0, so the table is 1, 0 over 0,
        1: a round bowl with the curvature 1 in all directions. The rate 1 leaves
        nothing. With proline as it was measured, the condition number
        would be some four million.""",
)
ex.value(one_step_rate=1.0)


@ex.check("the distance that one step leaves")
def _(answer):
    try:
        part = abs(1 - float(answer))
    except (TypeError, ValueError):
        part = np.inf
    left = f"One step with this rate leaves {100 * part:.4g}% of the way."
    expect(
        answer,
        1,
        rtol=1e-3,
        shown="a rate that leaves nothing of the way",
        mistakes=[
            (
                0.5,
                "Half of the way is left. 0.5 is the rate for a loss without the half.",
            ),
            (
                2,
                "That is the limit: the step jumps across the lowest point, to the "
                "same height on the other side.",
            ),
            (0, "With the rate 0 there is no step."),
        ],
        tip=left if np.isfinite(part) else "",
    )


ex.wrong(0.5, says="the rate for a loss without the half")
ex.wrong(0.1, says="leaves 90% of the way")
ex.wrong(2, says="jumps across the lowest point")
ex.wrong(3.0, says="leaves 200% of the way")
ex.wrong("one", says="Numbers are wanted here")
ex.right(1)
ex.right(np.float32(1))


ex = Exercise(
    "04.best_single_feature",
    hints=[
        """For each column j, make a table of that column and a column of ones. The rows
        of `train` are `X[train]`.""",
        """Fit with `np.linalg.lstsq(X[train], labels[train])[0]`, and take the RMSE on
        the same rows: the smallest of them decides which j wins.""",
        """Only the winner is judged by the held-out rows:
        `np.sqrt(np.mean((X[test] @ w - labels[test]) ** 2))`.""",
    ],
    explanation="""The training rows choose the weights and the feature; the test rows
        only judge. Had they taken part in the choice, the error would look too good:
        the winner would owe a part of it to luck on these very rows.""",
)


@ex.solution
def best_single_feature(features, labels, train, test):
    """Find the feature whose line fits the training rows best, and its honest error.

    features and labels are tables, train and test lists of row numbers. Each line
    has a weight and a bias. Returns the number of the column with the smallest RMSE
    on the rows train, and the RMSE of its line on the rows test.
    """
    # BEGIN SOLUTION
    winner, smallest, held_out = None, np.inf, None
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        squares = (X @ w - labels) ** 2
        error = np.sqrt(np.mean(squares[train]))
        if error < smallest:
            winner, smallest = j, error
            held_out = np.sqrt(np.mean(squares[test]))
    return winner, held_out
    # END SOLUTION


def winner_and_error(answer, *data):
    """The two numbers that came back, each without the brackets of an array."""
    got = answer(*data)
    if got is None:
        refuse("It gave `None`: is a `return` missing?", expected="two numbers")
    pair = [np.asarray(part).ravel() for part in got] if np.iterable(got) else []
    if [part.size for part in pair] != [1, 1]:
        refuse(
            "Return two numbers: that of the column, then the error.",
            expected="two numbers",
            got=got,
        )
    return [part[0] for part in pair]


def error_of_line(features, labels, j, train, test, *, bias=1.0, flat=False):
    """The RMSE on some rows of the line through column j, fitted to others."""
    X = np.column_stack([features[:, j], bias * np.ones(len(features))])
    w = np.linalg.lstsq(X[train], labels[train])[0]
    misses = X[test] @ (w[:, 0] if flat else w) - labels[test]
    return np.sqrt(np.mean(misses**2))


@ex.check("column 1 determines the label: its line misses nothing")
def _(answer):
    def data():
        rng = np.random.default_rng(3)
        features = rng.normal(size=(12, 3)) * [100, 1, 0.01]
        labels = 5 - 2 * features[:, 1:2]
        return features, labels, np.arange(8), np.arange(8, 12)

    features, labels, train, test = data()
    got = winner_and_error(answer, *data())

    def errors(**how):
        return [
            error_of_line(features, labels, j, train, test, **how) for j in range(3)
        ]

    table = """A flat prediction minus a column of labels: NumPy makes a table of every
        prediction minus every label. Keep both as columns, or both flat."""
    last = error_of_line(features, labels, 2, train, test)
    expect(
        got,
        [1, 0],
        mistakes=[
            *(
                ([j, error], "A line without a bias. Where is the column of ones?")
                for j, error in enumerate(errors(bias=0))
            ),
            *(([j, error], table) for j, error in enumerate(errors(flat=True))),
            ([0, 1], "The number of the column comes first, then the error."),
            (
                [1, last],
                "The right column, with the error of the last one. Keep the error of "
                "the winner.",
            ),
            (
                [2, last],
                "Column 2 has the largest weight, since its numbers are small. The "
                "smallest error decides.",
            ),
            (
                [0, error_of_line(features, labels, 0, train, test)],
                "Column 0 has the largest numbers. The smallest error decides.",
            ),
            ([0, 0], "The right error. Which column is it from, counted from 0?"),
            ([2, 0], "The right error. Columns are counted from 0."),
        ],
        tip="Fit a line through each column, and take the one that misses least.",
    )


@ex.check("the test rows judge; they do not take part in the choice")
def _(answer):
    def data():
        x = np.arange(10.0)
        train, test = np.arange(6), np.arange(6, 10)
        features = np.column_stack([x, x])
        features[test, 0] += [1, -1, -1, 1]
        features[train, 1] += [0.5, -0.5, -0.5, 0.5, 0.5, -0.5]
        return features, x.reshape(-1, 1), train, test

    features, labels, train, test = data()
    leak = error_of_line(features, labels, 1, train, test)
    every = error_of_line(features, labels, 1, np.arange(10), test)
    flowed = """Column 0 fits the training rows best. Did other rows take part in the
        choice? Rows that choose cannot judge: then the error is too good."""
    expect(
        winner_and_error(answer, *data()),
        [0, 1],
        mistakes=[
            ([1, leak], flowed),
            ([1, every], flowed),
            ([1, error_of_line(features, labels, 1, test, test)], flowed),
            ([0, 0], "The right column, with its error on the training rows."),
            ([0, 2], "The root of the sum of the squares. Where is the mean?"),
            ([0, 1 / 2], "Half the mean of the squares is the loss. Take the RMSE."),
            ([0, 1 / np.sqrt(2)], "The RMSE has no half under the root."),
            (
                [0, error_of_line(features, labels, 0, np.arange(10), test)],
                "The right column. Was its line fitted to the test rows as well?",
            ),
            (
                [0, error_of_line(features, labels, 0, train, np.arange(10))],
                "The right column, with its error on all rows.",
            ),
        ],
        tip="Choose by the rows `train`, and judge by the rows `test`.",
    )


@ex.check("the wines: proline, column 11, is off by 0.6998 percent of alcohol")
def _(answer):
    features, labels, train, test = wines()
    right = error_of_line(features, labels, 11, train, test)
    expect(
        winner_and_error(answer, *wines()),
        [11, right],
        mistakes=[
            ([11, right**2], "That is the mean squared error. Take its root."),
        ],
        tip="Each column gets a line of its own, from the first to the last. The RMSE "
        "is the root of the mean of the squares.",
    )


@ex.check("three columns that miss in different ways: the smallest RMSE decides")
def _(answer):
    def data():
        features = np.tile(np.arange(12.0)[:, None], 3)
        train, test = [0, 9, 7, 2, 5, 3, 10, 6], [1, 8, 4]
        features[5, 0] += 4
        features[train, 1] += [1, -1, -1, -1, 2, 0, -1, -1]
        features[train, 2] += [1.3, -1.3, -1.3, -1.3, 1.3, -1.3, 1.3, 1.3]
        features[test] += [[1, 2, 1], [2, -1, 1], [-1, 1, -2]]
        features[11] += [20, -30, 40]
        return features, np.arange(12.0)[:, None], train, test

    features, labels, train, test = data()
    errors = [error_of_line(features, labels, j, train, test) for j in range(3)]
    other = error_of_line(features, labels, 1, train, [*test, 11])
    measure = "Column 1 has the smallest RMSE on the rows `train`. How did you choose?"
    expect(
        winner_and_error(answer, *data()),
        [1, errors[1]],
        mistakes=[
            ([0, errors[0]], measure),
            ([2, errors[2]], measure),
            ([1, other], "Row 11 is in neither list. Judge by the rows `test` alone."),
        ],
        tip="Row 11 is in neither list: use only the rows in `train` and `test`.",
    )


@ex.wrong(says="Where is the column of ones?")
def no_column_of_ones(features, labels, train, test):
    errors, held_out = [], []
    for j in range(features.shape[1]):
        x = features[:, j : j + 1]
        w = np.linalg.lstsq(x[train], labels[train])[0]
        errors.append(np.sqrt(np.mean((x[train] @ w - labels[train]) ** 2)))
        held_out.append(np.sqrt(np.mean((x[test] @ w - labels[test]) ** 2)))
    return np.argmin(errors), held_out[np.argmin(errors)]


@ex.wrong(says="Keep the error of the winner")
def error_of_the_last(features, labels, train, test):
    errors = []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        errors.append(np.sqrt(np.mean((X[train] @ w - labels[train]) ** 2)))
    return np.argmin(errors), np.sqrt(np.mean((X[test] @ w - labels[test]) ** 2))


@ex.wrong(says="The smallest error decides")
def largest_weight(features, labels, train, test):
    weights, held_out = [], []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        weights.append(abs(w[0, 0]))
        held_out.append(np.sqrt(np.mean((X[test] @ w - labels[test]) ** 2)))
    return np.argmax(weights), held_out[np.argmax(weights)]


@ex.wrong(says="Rows that choose cannot judge")
def chosen_by_the_test(features, labels, train, test):
    held_out = []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        held_out.append(np.sqrt(np.mean((X[test] @ w - labels[test]) ** 2)))
    return np.argmin(held_out), min(held_out)


@ex.wrong(says="Column 0 has the largest numbers")
def by_covariance(features, labels, train, test):
    x = features - features[train].mean(axis=0)
    y = labels - labels[train].mean()
    j = np.argmax(np.abs(x[train].T @ y[train]))
    w = x[train, j] @ y[train] / (x[train, j] @ x[train, j])
    return j, np.sqrt(np.mean((w * x[test, j] - y[test, 0]) ** 2))


@ex.wrong(says="from the first to the last")
def last_column_left_out(features, labels, train, test):
    errors, held_out = [], []
    for j in range(features.shape[1] - 1):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        errors.append(np.sqrt(np.mean((X[train] @ w - labels[train]) ** 2)))
        held_out.append(np.sqrt(np.mean((X[test] @ w - labels[test]) ** 2)))
    return np.argmin(errors), held_out[np.argmin(errors)]


@ex.wrong(says="How did you choose?")
def by_mean_size(features, labels, train, test):
    errors, held_out = [], []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        errors.append(np.mean(np.abs(X[train] @ w - labels[train])))
        held_out.append(np.sqrt(np.mean((X[test] @ w - labels[test]) ** 2)))
    return np.argmin(errors), held_out[np.argmin(errors)]


@ex.wrong(says="with its error on the training rows")
def training_error(features, labels, train, test):
    errors = []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        errors.append(np.sqrt(np.mean((X[train] @ w - labels[train]) ** 2)))
    return np.argmin(errors), min(errors)


@ex.wrong(says="Where is the mean?")
def sum_under_the_root(features, labels, train, test):
    errors, held_out = [], []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        errors.append(np.sqrt(np.sum((X[train] @ w - labels[train]) ** 2)))
        held_out.append(np.sqrt(np.sum((X[test] @ w - labels[test]) ** 2)))
    return np.argmin(errors), held_out[np.argmin(errors)]


@ex.wrong(says="Take its root")
def no_root(features, labels, train, test):
    errors, held_out = [], []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        errors.append(np.mean((X[train] @ w - labels[train]) ** 2))
        held_out.append(np.mean((X[test] @ w - labels[test]) ** 2))
    return np.argmin(errors), held_out[np.argmin(errors)]


@ex.wrong(says="Return two numbers")
def winner_alone(features, labels, train, test):
    errors = []
    for j in range(features.shape[1]):
        X = np.column_stack([features[:, j], np.ones(len(features))])
        w = np.linalg.lstsq(X[train], labels[train])[0]
        errors.append(np.sqrt(np.mean((X[train] @ w - labels[train]) ** 2)))
    return int(np.argmin(errors))


@ex.right
def by_correlation(features, labels, train, test):
    y = labels[:, 0]
    together = [abs(np.corrcoef(x[train], y[train])[0, 1]) for x in features.T]
    j = int(np.argmax(together))
    w, b = np.polyfit(features[train, j], y[train], 1)
    return j, float(np.sqrt(np.mean((w * features[test, j] + b - y[test]) ** 2)))


@ex.right
def in_torch_by_the_normal_equations(features, labels, train, test):
    import torch

    features, labels = torch.from_numpy(features), torch.from_numpy(labels)
    found = []
    for j, x in enumerate(features.T):
        X = torch.stack([x, torch.ones_like(x)], dim=1)
        w = torch.linalg.solve(X[train].T @ X[train], X[train].T @ labels[train])
        squares = (X @ w - labels).square()
        found.append((squares[train].mean(), j, squares[test].mean().sqrt()))
    _, j, error = min(found)
    return [j, error]
