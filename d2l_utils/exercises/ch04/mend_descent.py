import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse


def three_points():
    """The table of section 2, with its column of ones, and the labels."""
    return np.column_stack([[1.0, 2, 3], np.ones(3)]), np.array([[2.0], [4], [6]])


ex = Exercise(
    "04.mend_descent",
    hints=[
        """Let it take a single step on the three points, with the rate 0.1, and compare
        with the gradient of section 3. At w = 0, which sign must the step have?""",
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


def walk_of(answer, X, y, *how):
    """Where an answer ends, or why its shapes do not fit."""
    labels = y.copy()
    one = """A mean of all residuals is a single number, and `@` wants tables: divide
        the product by `len(X)` instead."""
    flat = """w must be a column, as y is: `np.zeros((X.shape[1], 1))`. A flat one makes
        a table of residuals, each prediction minus each label."""
    with explained(
        mistakes={"enough dimensions": one, "could not be broadcast together": flat}
    ):
        w = answer(X, y, *how)
    if np.any(y != labels):
        refuse(
            """Your function changed y: the next step has other labels. `residuals =
            ...` makes a new array, `y -= ...` does not."""
        )
    return w


@ex.check("one step on the three points, with the rate 0.1")
def _(answer):
    X, y = three_points()
    right = walked(X, y, 0.1, 1)
    uphill = """The first step goes uphill. A residual is prediction minus label; the
        step subtracts the slope."""
    expect(
        walk_of(answer, *three_points(), 0.1, 1),
        right,
        mistakes=[
            (
                3 * right.mean() * np.ones((2, 1)),
                """`.mean()` takes the mean over the weights as well. Divide by
                `len(X)`.""",
            ),
            (
                np.ones((2, 1)) - 0.1 * X.T @ (X @ np.ones((2, 1)) - y) / 3,
                "The walk begins at w = 0, not at 1.",
            ),
            (
                walked(X, y, 0.1, 100),
                "One step was asked for, and it took 100: `num_steps` is the number.",
            ),
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
        walk_of(answer, *three_points(), 0.1, 5),
        walked(X, y, 0.1, 5),
        mistakes=[
            (
                walked(X, y, 0.1, 1),
                """That is where one step leads. What ends the loop so early, or begins
                anew in each turn?""",
            ),
            (
                walked(X, y, 0.1, 4),
                "One step is missing: five were asked for, and it took four.",
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
            (
                walked(X, y, 0.1, 3),
                "That is with the rate 0.1. The rate is `lr`, here 0.5.",
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


@ex.wrong(says="What ends the loop so early, or begins anew")
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


@ex.wrong(says="divide the product by `len(X)` instead")
def mean_before_the_product(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        w = w - lr * X.T @ (X @ w - y).mean()
    return w


@ex.wrong(says="w must be a column, as y is")
def flat_start(X, y, lr, num_steps):
    w = np.zeros(X.shape[1])
    for _ in range(num_steps):
        w = w - lr * X.T @ (X @ w - y) / len(X)
    return w


@ex.wrong(says="takes the mean over the weights as well")
def mean_of_the_slopes(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        w = w - lr * (X.T @ (X @ w - y)).mean()
    return w


@ex.wrong(says="begins at w = 0")
def starts_at_one(X, y, lr, num_steps):
    w = np.ones((X.shape[1], 1))
    for _ in range(num_steps):
        w = w - lr * X.T @ (X @ w - y) / len(X)
    return w


@ex.wrong(says="`num_steps` is the number")
def hundred_steps(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(100):
        w = w - lr * X.T @ (X @ w - y) / len(X)
    return w


@ex.wrong(says="the next step has other labels")
def labels_overwritten(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        y -= X @ w
        w = w + lr * X.T @ y / len(X)
    return w


@ex.wrong(says="What ends the loop so early, or begins anew")
def begins_anew_in_each_step(X, y, lr, num_steps):
    for _ in range(num_steps):
        w = np.zeros((X.shape[1], 1))
        w = w - lr * X.T @ (X @ w - y) / len(X)
    return w


@ex.wrong(says="it took four")
def one_step_too_few(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(max(1, num_steps - 1)):
        w = w - lr * X.T @ (X @ w - y) / len(X)
    return w


@ex.wrong(says="The rate is `lr`, here 0.5")
def own_rate(X, y, lr, num_steps):
    w = np.zeros((X.shape[1], 1))
    for _ in range(num_steps):
        w = w - 0.1 * X.T @ (X @ w - y) / len(X)
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
    def loss(w):
        return np.mean((X @ w - y) ** 2) / 2

    return d2l.gradient_descent(loss, np.zeros((X.shape[1], 1)), lr, num_steps)[0]
