import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse


def wines():
    """Features, labels, and the rows of section 5: 142 for training, 36 for test."""
    wine = d2l.load_wine()
    order = np.random.default_rng(0).permutation(178)
    return wine.features, wine.labels, order[:142], order[142:]


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
    flat = """`lstsq` wants a table: a column for the feature, and one of ones beside
        it. `np.column_stack` puts two flat arrays side by side."""
    fixed = """Here the tables are small. Count the columns, `features.shape[1]`: is the
        number of the wines' columns in your code?"""
    before = [np.array(table) for table in data]
    with explained(
        mistakes={"must be two-dimensional": flat, "for axis 1 with size": fixed}
    ):
        got = answer(*data)
    if any(np.any(now != then) for now, then in zip(data, before, strict=True)):
        refuse(
            "Your function changed a table that it was given, as `-=` does. Make a new "
            "one."
        )
    if got is None:
        refuse("It gave `None`: is a `return` missing?", expected="two numbers")
    several = np.iterable(got) and not isinstance(got, str | dict)
    pair = [np.asarray(part).ravel() for part in got] if several else []
    if pair and any(part.dtype.kind in "US" for part in pair):
        refuse(
            """No names: the function gets tables without any. Return the number of the
            column, counted from 0, and the error.""",
            expected="two numbers",
            got=str(tuple(part.tolist()[0] for part in pair)),
        )
    if len(pair) == 3 and all(part.size == 1 for part in pair):
        refuse(
            """Three numbers came. Return two: the number of the column, and the error
            on the test rows.""",
            expected="two numbers",
            got=[part[0] for part in pair],
        )
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
    line = np.polyfit(features[train, 11], labels[train, 0], 1)
    sizes = np.mean(np.abs(np.polyval(line, features[test, 11]) - labels[test, 0]))
    expect(
        winner_and_error(answer, *wines()),
        [11, right],
        rtol=1e-3,  # The error may be rounded.
        mistakes=[
            ([11, right**2], "That is the mean squared error. Take its root."),
            (
                [11, sizes],
                "That is the mean size of the misses. Square, take the mean, then the "
                "root.",
            ),
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
        rtol=1e-3,
        mistakes=[
            ([0, errors[0]], measure),
            ([2, errors[2]], measure),
            ([1, other], "Row 11 is in neither list. Judge by the rows `test` alone."),
        ],
        tip="Row 11 is in neither list: use only the rows in `train` and `test`.",
    )


@ex.wrong(says="No names")
def with_a_name(features, labels, train, test):
    return "proline", 0.06


@ex.wrong(says="Three numbers came")
def all_it_knows(features, labels, train, test):
    j, error = by_correlation(features, labels, train, test)
    return j, 0.5, error


@ex.wrong(says="Return two numbers")
def as_a_dictionary(features, labels, train, test):
    j, error = by_correlation(features, labels, train, test)
    return {"column": j, "error": error}


@ex.wrong(says="Return two numbers")
def as_a_sentence(features, labels, train, test):
    j, error = by_correlation(features, labels, train, test)
    return f"column {j}, off by {error:.4f}"


@ex.wrong(says="take the one that misses least")
def copied_from_the_check(features, labels, train, test):
    return 11, 0.6998


@ex.wrong(says="`np.column_stack` puts two flat arrays side by side")
def flat_feature(features, labels, train, test):
    errors = []
    for x in features.T:
        w = np.linalg.lstsq(x[train], labels[train])[0]
        errors.append(np.mean((x[train] * w - labels[train]) ** 2))
    return np.argmin(errors), min(errors)


@ex.wrong(says="is the number of the wines' columns in your code?")
def twelve_columns(features, labels, train, test):
    return min(range(12), key=lambda j: np.var(features[train, j])), 0.0


@ex.wrong(says="the mean size of the misses")
def mean_size_of_the_misses(features, labels, train, test):
    j, _ = by_correlation(features, labels, train, test)
    line = np.polyfit(features[train, j], labels[train, 0], 1)
    misses = np.polyval(line, features[test, j]) - labels[test, 0]
    return j, np.mean(np.abs(misses))


@ex.wrong(says="Your function changed a table")
def centered_in_place(features, labels, train, test):
    features -= features[train].mean(axis=0)
    return by_correlation(features, labels, train, test)


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
def rounded_to_three_digits(features, labels, train, test):
    j, error = by_correlation(features, labels, train, test)
    return np.array([j, round(error, 3)])


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
