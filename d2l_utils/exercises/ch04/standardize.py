import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

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
    together = """Two tables of different length are no array. Return a pair,
        `return train_scaled, test_scaled`."""
    with explained(mistakes={"inhomogeneous shape": together}):
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
            (
                rest / train.std(),
                "One spread for the whole table mixes the units. Say `axis=0`.",
            ),
            (
                (train - train.mean()) / train.std(axis=0),
                "One mean for the whole table mixes the units. Say `axis=0`.",
            ),
            (rest * train.std(axis=0), "Multiplied by the spread: divide by it."),
            (rest / train.max(axis=0), "Divided by the largest value, not the spread."),
            (-rest / train.std(axis=0), "The table minus the mean, in this order."),
            (rest, "The mean is right. Now divide by the spread."),
            (train / train.std(axis=0), "First subtract the mean."),
            (
                train - train.mean(axis=0) / train.std(axis=0),
                "`train - mean / spread` divides only the mean. Use parentheses.",
            ),
            (
                rest / train.var(axis=0),
                "Divided by the mean *squared* distance: take its root.",
            ),
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
                test / [1, 100],
                """The mean was not subtracted from the test rows. Was it taken when
                `train` had lost its own already?""",
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
    middle = train - np.median(train, axis=1, keepdims=True)
    tip = """Mean: the sum of the column, divided by its rows. Spread: the root of the
        mean *squared* distance from it. And each column has its turn."""
    fixed = "Here are three features. Are numbers of two fixed in your code?"
    with explained(mistakes={"could not be broadcast together": fixed}):
        got = answer(train.T.copy(), np.array([[4.0, 600, 0]]))
    wanted = [[-0.5, 0.5, -0.5], [-0.5, 0.5, 2], [-0.5, -2, -0.5]]
    expect(
        got[0],
        [*wanted, wanted[0], [2, 0.5, -0.5]],
        mistakes=[
            (
                (middle / train.std(axis=1, keepdims=True)).T,
                "That is the median, the one in the middle. Subtract the mean.",
            )
        ],
        tip=tip,
    )
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


@ex.wrong(says="One spread for the whole table")
def one_spread(train, test):
    mean, spread = train.mean(axis=0), train.std()
    return (train - mean) / spread, (test - mean) / spread


@ex.wrong(says="One mean for the whole table")
def one_mean(train, test):
    mean, spread = train.mean(), train.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread


@ex.wrong(says="divide by it")
def multiplied(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return (train - mean) * spread, (test - mean) * spread


@ex.wrong(says="Divided by the largest value")
def by_the_largest(train, test):
    mean, largest = train.mean(axis=0), train.max(axis=0)
    return (train - mean) / largest, (test - mean) / largest


@ex.wrong(says="in this order")
def turned_round(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return (mean - train) / spread, (mean - test) / spread


@ex.wrong(says="That is the median")
def by_the_median(train, test):
    middle, spread = np.median(train, axis=0), train.std(axis=0)
    return (train - middle) / spread, (test - middle) / spread


@ex.wrong(says="Return a pair")
def one_array(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return np.array([(train - mean) / spread, (test - mean) / spread])


@ex.wrong(says="Are numbers of two fixed in your code?")
def numbers_of_the_check(train, test):
    return (train - [2, 200]) / [1, 100], (test - [2, 200]) / [1, 100]


@ex.wrong(says="had lost its own already")
def centered_in_place(train, test):
    train -= train.mean(axis=0)
    test -= train.mean(axis=0)
    spread = train.std(axis=0)
    return train / spread, test / spread


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
