import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "04.held_out_r_squared",
    hints=[
        """First the table: the features and a column of ones, for all rows. The rows
        of `train` are `X[train]`.""",
        "The weights: `np.linalg.lstsq(X[train], labels[train])[0]`.",
        """On the rows `test`: the sum of the squared residuals, divided by the sum of
        the squared distances of the labels from their mean. One minus that.""",
    ],
    explanation="""Only the training rows took part in the fit, so this R² is an honest
        one. It may be negative: on rows that nobody has fitted anything to, a model can
        be worse than their mean.""",
)


@ex.solution
def held_out_r_squared(features, labels, train, test):
    """Fit a linear model with a bias on the rows train; give R² on the rows test.

    features and labels are tables, train and test lists of row numbers.
    """
    # BEGIN SOLUTION
    X = np.column_stack([features, np.ones(len(features))])
    w = np.linalg.lstsq(X[train], labels[train])[0]
    residuals = X[test] @ w - labels[test]
    distances = labels[test].mean() - labels[test]
    return 1 - (residuals**2).sum() / (distances**2).sum()
    # END SOLUTION


def parts(features, labels, train, test, *, bias=1.0, fit=None):
    """The squared residuals and labels of some rows, from a fit to others."""
    X = np.column_stack([features, bias * np.ones(len(features))])
    fit = train if fit is None else fit
    w = np.linalg.lstsq(X[fit], labels[fit])[0]
    return (X[test] @ w - labels[test]) ** 2, labels[test]


def r_squared(squares, labels, mean=None):
    mean = labels.mean() if mean is None else mean
    return 1 - squares.sum() / ((labels - mean) ** 2).sum()


def asked(answer, *data):
    flat = """`lstsq` wants a table: `np.column_stack([features, ones])` puts the column
        of ones beside the features of all rows."""
    rows = """The rows do not fit. Take the same ones from the features, from the labels
        and from the column of ones."""
    before = [np.array(table) for table in data]
    with explained(
        mistakes={
            "must be two-dimensional": flat,
            "along dimension 0": rows,
            "Incompatible dimensions": rows,
        }
    ):
        got = answer(*data)
    if any(np.any(now != then) for now, then in zip(data, before, strict=True)):
        refuse("Your function changed a table that it was given. Make a new one.")
    return got


@ex.check("labels that are a line: R² is 1")
def _(answer):
    def data():
        features = np.array([[1.0, 5], [2, 1], [4, 2], [7, 1], [3, 3], [9, 4]])
        labels = 3 + features @ np.array([[2.0], [-1]])
        return features, labels, np.array([0, 1, 2, 3]), np.array([4, 5])

    expect(
        asked(answer, *data()),
        1,
        mistakes=[
            (0, "That is the share that the model does not explain: 1 minus it."),
            (
                r_squared(*parts(*data(), bias=0)),
                "A model without a bias. Where is the column of ones?",
            ),
        ],
        tip="All predictions are right here. What is 1 - 0 divided by anything?",
    )


@ex.check("a test on other rows than the fit")
def _(answer):
    def data():
        rng = np.random.default_rng(7)
        features = rng.normal(size=(12, 2)) + [3, -1]
        labels = features @ np.array([[1.0], [0.5]]) + rng.normal(size=(12, 1))
        return features, labels, np.arange(7), np.arange(7, 12)

    features, labels, train, test = data()
    squares, judged = parts(*data())
    right = r_squared(squares, judged)
    every = np.arange(12)
    own = r_squared(*parts(features, labels, train, test, fit=test))
    X, w = model(features, labels, train)
    predicted = X[test] @ w
    expect(
        asked(answer, *data()),
        right,
        mistakes=[
            (
                r_squared(*parts(features, labels, train, train)),
                "That is R² on the rows of the fit. Judge by the rows `test`.",
            ),
            (own, "The model was fitted to the rows `test`. They only judge."),
            (
                r_squared(*parts(features, labels, train, test, fit=every)),
                "Fitted to all rows: the rows `test` knew their answers.",
            ),
            (
                r_squared(*parts(features, labels, train, every)),
                "That is R² on all rows. Judge by the rows `test` alone.",
            ),
            (
                r_squared(squares, judged, labels[train].mean()),
                "The mean is that of the training labels. Take that of the labels that "
                "are judged.",
            ),
            (
                r_squared(squares, judged, labels.mean()),
                "The mean is that of all labels. Take that of the labels that are "
                "judged.",
            ),
            (
                r_squared(squares, judged, 0.0),
                "The squared labels stand below. Subtract their mean first.",
            ),
            (
                1 - np.sqrt(1 - right),
                "No roots: R² compares sums of squares.",
            ),
            (
                1 - squares.mean() / ((judged - judged.mean()) ** 2).sum(),
                "A mean above and a sum below. Take the same of both.",
            ),
            (
                1 - squares.sum() / ((judged - judged.mean()) ** 2).mean(),
                "A sum above and a mean below. Take the same of both.",
            ),
            (1 - right, "That is the share that is not explained: 1 minus it."),
            (
                r_squared(*parts(*data(), bias=0)),
                "A model without a bias. Where is the column of ones?",
            ),
            (
                np.corrcoef(predicted[:, 0], judged[:, 0])[0, 1] ** 2,
                """That is the squared correlation. Predictions can go together with the
                labels and still miss every one of them.""",
            ),
            (squares.mean(), "That is the mean squared error. R² compares it."),
        ],
        tip="One minus: squared residuals divided by squared distances from the mean.",
    )


@ex.check("a model that is worse than the mean: R² is negative")
def _(answer):
    def data():
        features = np.array([[0.0], [1], [2], [3], [4], [5]])
        labels = np.array([[0.0], [1], [2], [2], [1], [0]])
        return features, labels, np.array([0, 1, 2]), np.array([3, 4, 5])

    expect(
        asked(answer, *data()),
        r_squared(*parts(*data())),
        mistakes=[
            (0, "R² may be negative: do not cut it off at 0."),
        ],
        tip="It works for a good model. What do you do with a bad one?",
    )


@ex.check("the wines, split as in section 5: 0.5636")
def _(answer):
    wine = d2l.load_wine()
    order = np.random.default_rng(0).permutation(178)
    data = wine.features, wine.labels, order[:142], order[142:]
    expect(
        asked(answer, *data),
        r_squared(*parts(*data)),
        rtol=1e-3,
        tip="""Twelve features, thirteen weights. Are numbers of rows or columns fixed
        in your code?""",
    )


def model(features, labels, train):
    X = np.column_stack([features, np.ones(len(features))])
    return X, np.linalg.lstsq(X[train], labels[train])[0]


@ex.wrong(says="Judge by the rows `test`")
def on_the_training_rows(features, labels, train, test):
    X = np.column_stack([features, np.ones(len(features))])
    w = np.linalg.lstsq(X[train], labels[train])[0]
    y = labels[train]
    return 1 - ((X[train] @ w - y) ** 2).sum() / ((y.mean() - y) ** 2).sum()


@ex.wrong(says="They only judge")
def fitted_to_the_test_rows(features, labels, train, test):
    return held_out_r_squared_of(features, labels, test, test)


@ex.wrong(says="knew their answers")
def fitted_to_all_rows(features, labels, train, test):
    every = np.arange(len(features))
    return held_out_r_squared_of(features, labels, every, test)


@ex.wrong(says="Judge by the rows `test` alone")
def judged_by_all_rows(features, labels, train, test):
    return held_out_r_squared_of(features, labels, train, np.arange(len(features)))


@ex.wrong(says="that of the training labels")
def mean_of_the_training_rows(features, labels, train, test):
    X, w = model(features, labels, train)
    y = labels[test]
    below = (labels[train].mean() - y) ** 2
    return 1 - ((X[test] @ w - y) ** 2).sum() / below.sum()


@ex.wrong(says="that of all labels")
def mean_of_all_rows(features, labels, train, test):
    X, w = model(features, labels, train)
    y = labels[test]
    return 1 - ((X[test] @ w - y) ** 2).sum() / ((labels.mean() - y) ** 2).sum()


@ex.wrong(says="Subtract their mean first")
def squared_labels_below(features, labels, train, test):
    X, w = model(features, labels, train)
    y = labels[test]
    return 1 - ((X[test] @ w - y) ** 2).sum() / (y**2).sum()


@ex.wrong(says="No roots")
def with_roots(features, labels, train, test):
    return 1 - np.sqrt(1 - held_out_r_squared_of(features, labels, train, test))


@ex.wrong(says="A mean above and a sum below")
def mean_above(features, labels, train, test):
    X, w = model(features, labels, train)
    y = labels[test]
    return 1 - ((X[test] @ w - y) ** 2).mean() / ((y.mean() - y) ** 2).sum()


@ex.wrong(says="A sum above and a mean below")
def mean_below(features, labels, train, test):
    X, w = model(features, labels, train)
    y = labels[test]
    return 1 - ((X[test] @ w - y) ** 2).sum() / ((y.mean() - y) ** 2).mean()


@ex.wrong(says="1 minus it")
def share_left_over(features, labels, train, test):
    return 1 - held_out_r_squared_of(features, labels, train, test)


@ex.wrong(says="Where is the column of ones?")
def without_a_bias(features, labels, train, test):
    w = np.linalg.lstsq(features[train], labels[train])[0]
    y = labels[test]
    residuals = features[test] @ w - y
    return 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()


@ex.wrong(says="do not cut it off at 0")
def cut_at_zero(features, labels, train, test):
    return max(0.0, held_out_r_squared_of(features, labels, train, test))


@ex.wrong(says="the squared correlation")
def squared_correlation(features, labels, train, test):
    X, w = model(features, labels, train)
    return np.corrcoef((X[test] @ w)[:, 0], labels[test, 0])[0, 1] ** 2


@ex.wrong(says="Are numbers of rows or columns fixed")
def two_features_at_most(features, labels, train, test):
    return held_out_r_squared_of(features[:, :2], labels, train, test)


@ex.wrong(says="puts the column of ones beside the features")
def flat_features(features, labels, train, test):
    return np.linalg.lstsq(features[train, 0], labels[train])[0]


@ex.wrong(says="The rows do not fit")
def ones_for_all_rows(features, labels, train, test):
    X = np.column_stack([features[train], np.ones(len(features))])
    return np.linalg.lstsq(X, labels[train])[0]


@ex.wrong(says="Your function changed a table")
def centered_in_place(features, labels, train, test):
    features -= features[train].mean(axis=0)
    return held_out_r_squared_of(features, labels, train, test)


@ex.wrong(says="is a `return` missing?")
def printed(features, labels, train, test):
    print(held_out_r_squared_of(features, labels, train, test))


def held_out_r_squared_of(features, labels, train, test):
    return r_squared(*parts(features, labels, train, test))


@ex.right
def by_rmse(features, labels, train, test):
    X, w = model(features, labels, train)
    y = labels[test]
    off, mean = (np.sqrt((e**2).mean()) for e in (X[test] @ w - y, y - y.mean()))
    return 1 - (off / mean) ** 2


@ex.right
def standardized_first(features, labels, train, test):
    mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
    scaled = (features - mean) / np.where(spread > 0, spread, 1)
    return round(held_out_r_squared_of(scaled, labels, train, test), 6)


@ex.right
def with_torch(features, labels, train, test):
    import torch

    X = torch.from_numpy(np.column_stack([features, np.ones(len(features))]))
    y = torch.from_numpy(labels)
    w = torch.linalg.lstsq(X[train], y[train]).solution
    squares = (X[test] @ w - y[test]).square().sum()
    return 1 - squares / (y[test] - y[test].mean()).square().sum()
