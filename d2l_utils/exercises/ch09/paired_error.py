import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "09.paired_error",
    hints=[
        """For each picture take 1 if only the first is right, -1 if only the second is,
        and 0 if they agree.""",
        "The difference of the accuracies is the mean of these numbers.",
        """The standard error of a mean is the standard deviation of what is averaged,
        divided by the root of how many there are.""",
    ],
    explanation="""Where the two networks agree, the difference is 0 and adds nothing.
        So the standard error depends only on the pictures on which they disagree. Two
        accuracies on the same pictures rise and fall together, which is why adding the
        squares of their own standard errors gives too much.""",
)


@ex.solution
def paired_error(right_a, right_b):
    """Give the difference of two accuracies and its standard error.

    right_a and right_b are arrays of True and False: whether each network read each
    picture correctly. They belong to the same pictures, in the same order.
    """
    # BEGIN SOLUTION
    d = 1.0 * right_a - right_b
    return d.mean(), d.std() / np.sqrt(len(d))
    # END SOLUTION


def _two(count, only_a, only_b, both):
    """Which pictures each reads, the cases mixed; how many are read by both."""
    a = np.zeros(count, dtype=bool)
    b = np.zeros(count, dtype=bool)
    a[: only_a + both] = True
    b[only_a : only_a + both + only_b] = True
    order = np.random.default_rng(3).permutation(count)
    return a[order], b[order]


def _given(answer, *pair):
    """What an answer gives, or why it cannot subtract."""
    with explained(
        mistakes={
            "numpy boolean subtract": """NumPy does not subtract True and False. Make
            numbers of them first, as in `1.0 * right_a`.""",
        }
    ):
        return answer(*pair)


@ex.check("400 pictures, on 28 of which they disagree")
def _(answer):
    a, b = _two(400, 20, 8, 360)
    d = a.astype(float) - b
    mean, n = d.mean(), len(d)
    error = d.std() / np.sqrt(n)
    each = [x.std() / np.sqrt(n) for x in (a, b)]
    got = _given(answer, a.copy(), b.copy())
    expect(
        got,
        [mean, d.std(ddof=1) / np.sqrt(n)] if _near(got, mean, d) else [mean, error],
        mistakes=[
            (mean, "That is the difference. Its standard error is wanted, too."),
            (
                [mean, np.hypot(*each)],
                """That would be right for two sets of other pictures. These are the
                same ones: look at the differences picture by picture.""",
            ),
            ([mean, each[0]], "That is the standard error of the first accuracy."),
            ([mean, each[1]], "That is the standard error of the second accuracy."),
            (
                [mean, np.sqrt(mean * (1 - mean) / n)],
                "a(1 - a) is for a fraction. The difference is none: it may be < 0.",
            ),
            (
                [mean, d.std()],
                "The spread of one picture. Of a mean of 400 it is less.",
            ),
            ([mean, d.var() / n], "That is the square of the standard error."),
            ([mean, d.std() / n], "Divide by the root of the number of pictures."),
            ([-mean, error], "The sign is turned around: first minus second."),
            ([error, mean], "The difference comes first, then its standard error."),
            ([400 * mean, 400 * error], "Of accuracies, not of numbers of pictures."),
            ([100 * mean, 100 * error], "Percents? Fractions are wanted."),
            (
                [mean, np.sqrt(28) / 28],
                "Divide by all pictures, not by those alone on which they disagree.",
            ),
        ],
        tip="Take the mean and the spread of 1, 0 and -1, picture by picture.",
    )


def _near(got, mean, d):
    """Whether it is the spread of a sample, divided by n - 1, which is right, too."""
    try:
        return np.allclose(
            np.asarray(got, float), [mean, d.std(ddof=1) / np.sqrt(len(d))], rtol=1e-6
        )
    except (TypeError, ValueError):
        return False


@ex.check("two that never disagree have a difference without any error")
def _(answer):
    a, _ = _two(50, 10, 0, 20)
    got = _given(answer, a, a.copy())
    expect(
        got,
        [0, 0],
        atol=1e-12,
        tip="On every picture the two are alike: nothing can vary.",
    )


@ex.check("the arrays stay as they are")
def _(answer):
    a, b = _two(40, 5, 3, 20)
    before = a.copy(), b.copy()
    _given(answer, a, b)
    if not (np.array_equal(a, before[0]) and np.array_equal(b, before[1])):
        refuse("Your code changed the arrays that it was given.")


@ex.wrong(says="These are the same ones")
def independent(right_a, right_b):
    d = right_a.mean() - right_b.mean()
    return d, np.sqrt((right_a.var() + right_b.var()) / len(right_a))


@ex.wrong(says="NumPy does not subtract True and False")
def of_booleans(right_a, right_b):
    d = right_a - right_b
    return d.mean(), d.std() / np.sqrt(len(d))


@ex.wrong(says="Its standard error is wanted, too")
def no_error(right_a, right_b):
    return right_a.mean() - right_b.mean()


@ex.wrong(says="of the first accuracy")
def of_the_first(right_a, right_b):
    return right_a.mean() - right_b.mean(), right_a.std() / np.sqrt(len(right_a))


@ex.wrong(says="of the second accuracy")
def of_the_second(right_a, right_b):
    return right_a.mean() - right_b.mean(), right_b.std() / np.sqrt(len(right_b))


@ex.wrong(says="a(1 - a) is for a fraction")
def as_a_fraction(right_a, right_b):
    d = right_a.mean() - right_b.mean()
    return d, np.sqrt(abs(d) * (1 - abs(d)) / len(right_a))


@ex.wrong(says="Of a mean of 400 it is less")
def of_one_picture(right_a, right_b):
    d = 1.0 * right_a - right_b
    return d.mean(), d.std()


@ex.wrong(says="the square of the standard error")
def squared(right_a, right_b):
    d = 1.0 * right_a - right_b
    return d.mean(), d.var() / len(d)


@ex.wrong(says="Divide by the root")
def without_root(right_a, right_b):
    d = 1.0 * right_a - right_b
    return d.mean(), d.std() / len(d)


@ex.wrong(says="first minus second")
def turned_around(right_a, right_b):
    return paired_error(right_b, right_a)


@ex.wrong(says="The difference comes first")
def error_first(right_a, right_b):
    return paired_error(right_a, right_b)[::-1]


@ex.wrong(says="not of numbers of pictures")
def counts(right_a, right_b):
    n = len(right_a)
    return [n * x for x in paired_error(right_a, right_b)]


@ex.wrong(says="Percents?")
def percents(right_a, right_b):
    return [100 * x for x in paired_error(right_a, right_b)]


@ex.wrong(says="those alone on which they disagree")
def of_those_that_differ(right_a, right_b):
    d = 1.0 * right_a - right_b
    return d.mean(), 1 / np.sqrt(np.sum(right_a != right_b))


@ex.wrong(says="nothing can vary")
def never_zero(right_a, right_b):
    difference, error = paired_error(right_a, right_b)
    return difference, max(error, 1 / len(right_a))


@ex.wrong(says="changed the arrays")
def overwrites(right_a, right_b):
    result = paired_error(right_a, right_b)
    right_a[:] = right_a != right_b
    return result


@ex.wrong(says="is a `return` missing?")
def printed(right_a, right_b):
    print(paired_error(right_a, right_b))


@ex.right
def by_counting(right_a, right_b):
    n = len(right_a)
    only_a = np.sum(right_a & ~right_b)
    only_b = np.sum(right_b & ~right_a)
    difference = (only_a - only_b) / n
    return difference, np.sqrt((only_a + only_b) / n - difference**2) / np.sqrt(n)


@ex.right
def of_a_sample(right_a, right_b):
    d = right_a.astype(float) - right_b.astype(float)
    return [d.mean(), d.std(ddof=1) / len(d) ** 0.5]
