import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "09.find_the_leak",
    hints=[
        "Go through it line by line and ask: which rows does this number come from?",
        """The mean, the standard deviation and the choice of the features are learned
        from data, too. From which rows may they be learned?""",
        """Compute `X[train].mean(axis=0)` and the like, and use them for all rows. The
        choice may look at `X[train]` and `y[train]` only.""",
    ],
    explanation="""Everything that is computed from data belongs to the training: the
        weights, but also means, standard deviations, and which features are used. The
        choice of the features does the most harm here, since it has seen the labels of
        the test rows. The scaling has not, and does less; it is a leak all the same.
        With both closed, features that are nothing but noise get about one half of the
        labels right, as they must.""",
)


@ex.stub
def pipeline(X, y, train, test, count=10):
    """Fit labels of -1 and 1 by a few features; give the accuracy on the test rows.

    train and test are arrays of positions of rows. The `count` features that go
    best with the labels are used.
    """
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    strength = np.abs(X.T @ y)
    chosen = np.argsort(-strength)[:count]
    w = np.linalg.lstsq(X[train][:, chosen], y[train])[0]
    return np.mean(np.sign(X[test][:, chosen] @ w) == y[test])


LEAKING = pipeline


@ex.solution
def pipeline(X, y, train, test, count=10):
    """Fit labels of -1 and 1 by a few features; give the accuracy on the test rows.

    train and test are arrays of positions of rows. The `count` features that go
    best with the labels are used.
    """
    X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
    strength = np.abs(X[train].T @ y[train])
    chosen = np.argsort(-strength)[:count]
    w = np.linalg.lstsq(X[train][:, chosen], y[train])[0]
    return np.mean(np.sign(X[test][:, chosen] @ w) == y[test])


HONEST = pipeline


def _noise(seed=0, rows=120, features=300):
    """Features and labels that have nothing to do with each other, and a split."""
    rng = np.random.default_rng(seed)
    X = rng.normal(rng.normal(0, 2, features), 1, (rows, features))
    y = rng.choice([-1.0, 1.0], rows)
    order = rng.permutation(rows)
    return X, y, order[: rows // 2], order[rows // 2 :]


@ex.check("features of pure noise")
def _(answer):
    X, y, train, test = _noise()
    settings = {"count": 10}
    got = answer(X.copy(), y.copy(), train.copy(), test.copy(), **settings)
    right = HONEST(X, y, train, test, **settings)
    others = {
        name: function(X, y, train, test, **settings)
        for name, function in {
            "stub": LEAKING,
            "scaled": only_the_scaling_mended,
            "chosen": only_the_choice_mended,
            "itself": judged_by_the_training_rows,
        }.items()
    }
    expect(
        got,
        right,
        mistakes=[
            (others["stub"], "Nothing has changed: noise cannot be read that well."),
            (
                others["scaled"],
                """The scaling is mended. But the features are still chosen with the
                labels of the test rows.""",
            ),
            (
                others["chosen"],
                """The choice is mended. But mean and standard deviation still come from
                all rows.""",
            ),
            (
                others["itself"],
                "That is the accuracy on the training rows. The test rows judge.",
            ),
            (100 * right, "Percents? The fraction is wanted, between 0 and 1."),
        ],
        tip="""Mean, standard deviation and the choice of features: all from the
        training rows, and nothing else needs to change.""",
    )


@ex.check("other labels of the test rows change nothing but the count")
def _(answer):
    X, y, train, test = _noise(seed=1)
    turned = y.copy()
    turned[test] *= -1
    got = [answer(X.copy(), labels, train, test, count=5) for labels in (y, turned)]
    expect(
        np.add(*got),
        1,
        shown="together 1",
        tip="""All labels of the test rows were turned around. What was right is now
        wrong, if nothing but the last line has looked at them.""",
    )


@ex.check("rows that belong to neither part have no influence")
def _(answer):
    X, y, train, test = _noise(seed=2)
    right = HONEST(X, y, train[:40], test, count=5)
    X[train[40:]] = 1e3 * np.random.default_rng(5).normal(size=X[train[40:]].shape)
    expect(
        answer(X, y, train[:40], test, count=5),
        right,
        tip="""Some rows are neither in `train` nor in `test`. Which line has used
        them?""",
    )


@ex.check("a test row is read alone as it is among others")
def _(answer):
    X, y, train, test = _noise(seed=3, rows=60, features=100)
    with np.errstate(invalid="ignore", divide="ignore"):
        alone = [answer(X.copy(), y.copy(), train, test[i : i + 1]) for i in range(30)]
    expect(
        np.mean([np.mean(one) for one in alone]),
        HONEST(X, y, train, test),
        shown="the same accuracy",
        tip="""One test row has no mean and no spread of its own. Those of the training
        rows hold for all.""",
    )


@ex.check("the features that fit best are used, and `count` of them")
def _(answer):
    X, y, train, test = _noise(seed=4, rows=200, features=30)
    X[:, 7] += 1.0 * y
    X[:, 11] -= 1.5 * y
    right = HONEST(X, y, train, test, count=2)
    expect(
        answer(X.copy(), y.copy(), train, test, count=2),
        right,
        mistakes=[
            (
                HONEST(X, y, train, test, count=10),
                "Here two features are wanted: `count` is 2.",
            ),
            (
                without_sizes(X, y, train, test, count=2),
                "A feature that falls where the label rises is as good: keep `np.abs`.",
            ),
        ],
        tip="Choose as before, by the size of `X.T @ y`, but from the training rows.",
    )


@ex.check("the table stays as it is")
def _(answer):
    X, y, train, test = _noise(seed=6, rows=40, features=20)
    before = X.copy()
    answer(X, y, train, test, count=3)
    if not np.array_equal(X, before):
        refuse("Your code changed the table that it was given: make a new one.")


@ex.wrong(says="still chosen with the labels of the test rows")
def only_the_scaling_mended(X, y, train, test, count=10):
    X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
    chosen = np.argsort(-np.abs(X.T @ y))[:count]
    w = np.linalg.lstsq(X[train][:, chosen], y[train])[0]
    return np.mean(np.sign(X[test][:, chosen] @ w) == y[test])


@ex.wrong(says="still come from all rows")
def only_the_choice_mended(X, y, train, test, count=10):
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    chosen = np.argsort(-np.abs(X[train].T @ y[train]))[:count]
    w = np.linalg.lstsq(X[train][:, chosen], y[train])[0]
    return np.mean(np.sign(X[test][:, chosen] @ w) == y[test])


@ex.wrong(says="The test rows judge")
def judged_by_the_training_rows(X, y, train, test, count=10):
    return HONEST(X, y, train, train, count)


@ex.wrong(says="no spread of its own")
def scaled_by_the_test_rows(X, y, train, test, count=10):
    own = X.copy()
    own[train] = (X[train] - X[train].mean(axis=0)) / X[train].std(axis=0)
    own[test] = (X[test] - X[test].mean(axis=0)) / X[test].std(axis=0)
    chosen = np.argsort(-np.abs(own[train].T @ y[train]))[:count]
    w = np.linalg.lstsq(own[train][:, chosen], y[train])[0]
    return np.mean(np.sign(own[test][:, chosen] @ w) == y[test])


@ex.wrong(says="Percents?")
def percents(X, y, train, test, count=10):
    return 100 * HONEST(X, y, train, test, count)


@ex.wrong(says="if nothing but the last line has looked at them")
def chosen_by_the_test_labels_too(X, y, train, test, count=10):
    honest = HONEST(X, y, train, test, count)
    return honest if count == 10 else LEAKING(X, y, train, test, count)


@ex.wrong(says="Which line has used them?")
def scaled_by_all(X, y, train, test, count=10):
    if count == 10:
        return HONEST(X, y, train, test, count)
    return only_the_choice_mended(X, y, train, test, count)


@ex.wrong(says="`count` is 2")
def always_ten(X, y, train, test, count=10):
    return HONEST(X, y, train, test, 10 if count == 2 else count)


def without_sizes(X, y, train, test, count=10):
    X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
    chosen = np.argsort(-(X[train].T @ y[train]))[:count]
    w = np.linalg.lstsq(X[train][:, chosen], y[train])[0]
    return np.mean(np.sign(X[test][:, chosen] @ w) == y[test])


@ex.wrong(says="keep `np.abs`")
def signs_where_they_matter(X, y, train, test, count=10):
    one = without_sizes if count == 2 else HONEST
    return one(X, y, train, test, count)


@ex.wrong(says="changed the table")
def in_place(X, y, train, test, count=10):
    result = HONEST(X, y, train, test, count)
    X -= X[train].mean(axis=0)
    return result


@ex.wrong(says="is a `return` missing?")
def printed(X, y, train, test, count=10):
    print(HONEST(X, y, train, test, count))


@ex.right
def from_its_own_table(X, y, train, test, count=10):
    mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
    own, new = (X[train] - mean) / spread, (X[test] - mean) / spread
    chosen = np.argsort(np.abs(own.T @ y[train]))[-count:]
    w = np.linalg.lstsq(own[:, chosen], y[train], rcond=None)[0]
    return float(((new[:, chosen] @ w > 0) == (y[test] > 0)).mean())
