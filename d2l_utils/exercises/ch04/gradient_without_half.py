import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "04.gradient_without_half",
    hints=[
        "Nothing is there to cancel the 2 now: every slope is twice that of section 3.",
        "The residuals are `X @ w - y`. The mean is over the `len(X)` examples.",
        "The columns of `X` meet the residuals in `X.T @ (X @ w - y)`.",
    ],
    explanation="""Half the mean squared error has the gradient Xᵀ(Xw - y)/m. Without
        the half everything is twice as large, and a walk with half the learning rate
        takes the same steps.""",
)


@ex.solution
def mse_gradient(w, X, y):
    """Compute the gradient of the mean squared error, without a half, at w.

    X has a row for each example, w and y are columns. The result has the shape of w.
    """
    # BEGIN SOLUTION
    return 2 * X.T @ (X @ w - y) / len(X)
    # END SOLUTION


def gradient(answer, w, X, y):
    """What an answer gives, or why its tables do not fit."""
    fit = """The shapes do not fit: `X.T` has a row for each weight and a column for
        each example; only all residuals together, a column, can meet it by `@`."""
    one = """A mean, or a sum, of all residuals is a single number, and `@` wants
        tables. Each residual meets the features of its own example first: `X.T @
        residuals` adds these up. Then divide by `len(X)`."""
    product = "For each example `X @ w` is one number: the table comes first."
    with explained(
        mistakes={
            "enough dimensions": one,
            "(size 1 is different from 3)": fit,
            "(size 3 is different from 1)": product,
        }
    ):
        return answer(w, X, y)


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
    mixed = """A mean of all residuals times features, each on its own. Multiply first:
        the residual of an example meets the features of this example."""
    flat = """The right numbers, but flat. w is a column, and so is its gradient:
        NumPy makes a table of a column minus something flat."""
    expect(
        gradient(answer, *data()),
        right,
        mistakes=[
            (
                2 * residuals.mean() * X.mean(axis=0, keepdims=True).T,
                mixed,
            ),
            (2 * residuals.mean() * X.T, mixed),
            (
                2 * residuals * X / 3,
                """Each residual times its features, a row for each example. The sum
                over the examples is missing: `X.T @ residuals` takes it.""",
            ),
            (
                3 * right.mean(),
                "A sum over the weights, too. Each weight keeps its own slope.",
            ),
            (right / 3, "Divided by all entries of `X`. Divide by its rows, `len(X)`."),
            (right / 4, "The half again: here nothing is halved, the 2 stays above."),
            (
                2 / 3 * X.T @ (X * w.T - y),
                "`*` multiplies entry by entry. The prediction adds up: `X @ w`.",
            ),
            (
                2 / 3 * X.T @ (X * w - y),
                "`*` multiplies entry by entry. The prediction adds up: `X @ w`.",
            ),
            (
                2 / 3 * X.T @ (X @ w + y),
                "A residual is prediction *minus* label, `X @ w - y`.",
            ),
            (
                2 / 3 * X[-1:].T * residuals[-1],
                "Only the last example counts. `=` in a loop writes over the others.",
            ),
            (right / 2, "That is the gradient with the half, the one of section 3."),
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
        gradient(answer, *given),
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
            message = "Your function changed the array `{name}` that it was given."
            refuse(message, name=name)


@ex.wrong(says="Each residual meets the features of its own example first")
def mean_before_the_product(w, X, y):
    return 2 * X.T @ (X @ w - y).mean()


@ex.wrong(says="only all residuals together, a column, can meet it")
def mean_of_the_column_first(w, X, y):
    return 2 * X.T @ (X @ w - y).mean(axis=0)


@ex.wrong(says="A mean of all residuals times features, each on its own")
def mean_times_features(w, X, y):
    return 2 * X.T * (X @ w - y).mean()


@ex.wrong(says="The sum over the examples is missing")
def no_sum(w, X, y):
    return 2 * X * (X @ w - y) / len(X)


@ex.wrong(says="A mean over everything")
def mean_of_the_slopes(w, X, y):
    return np.mean(2 * X.T @ (X @ w - y) / len(X))


@ex.wrong(says="Each weight keeps its own slope")
def sum_over_the_weights(w, X, y):
    return np.mean(2 * X.T @ (X @ w - y))


@ex.wrong(says="Divide by its rows")
def divided_by_all_entries(w, X, y):
    return 2 * X.T @ (X @ w - y) / X.size


@ex.wrong(says="here nothing is halved")
def half_below(w, X, y):
    return X.T @ (X @ w - y) / (2 * len(X))


@ex.wrong(says="The prediction adds up: `X @ w`")
def entry_by_entry(w, X, y):
    return 2 * X.T @ (X * w - y) / len(X)


@ex.wrong(says="the table comes first")
def weights_first(w, X, y):
    return 2 * X.T @ (w @ X - y) / len(X)


@ex.wrong(says="prediction *minus* label")
def labels_added(w, X, y):
    return 2 * X.T @ (X @ w + y) / len(X)


@ex.wrong(says="writes over the others")
def last_example_only(w, X, y):
    for row, label in zip(X, y, strict=True):
        slopes = 2 * row[:, None] * (row @ w - label) / len(X)
    return slopes


@ex.wrong(says="`^` is not a power")
def differentiated_by_a_power(w, X, y):
    return (X.T @ (X @ w - y) / len(X)) ^ 2


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
def in_one_einsum(w, X, y):
    return np.einsum("ij,ik->jk", X, np.float32(2 * (X @ w - y))) / y.size


@ex.right
def example_by_example(w, X, y):
    slopes = np.zeros_like(w)
    for row, label in zip(X, y, strict=True):
        slopes += 2 * row[:, None] * (row @ w - label)
    return slopes / len(X)


@ex.right
def with_torch(w, X, y):
    import torch

    w, X, y = (torch.tensor(array, dtype=torch.float32) for array in (w, X, y))
    w.requires_grad_()
    torch.nn.functional.mse_loss(X @ w, y).backward()
    return w.grad


@ex.right
def measured(w, X, y):
    return d2l.numerical_gradient(lambda w: np.mean((X @ w - y) ** 2), w)
