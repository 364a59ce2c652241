import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "11.mend_variance",
    hints=[
        "Which two nearly equal numbers are subtracted, for values near 10,000?",
        "The docstring says how: the mean squared distance from the mean.",
    ],
    explanation="""Near 10,000 the squares are near 10⁸, and float32 has gaps of 8
        there: the variance, about 1, is lost between two of them. Subtract the mean
        first: the distances are small and exact, and so are their squares. In exact
        arithmetic the two formulas are one.""",
)


@ex.stub
def variance(x):
    """Compute the variance of an array: the mean squared distance from the mean."""
    return np.mean(x * x) - np.mean(x) ** 2


@ex.solution
def variance(x):
    """Compute the variance of an array: the mean squared distance from the mean."""
    return np.mean((x - np.mean(x)) ** 2)


FEW = np.array([1.0, 2.0, 6.0])


@ex.check("three small numbers in float64")
def _(answer):
    got = answer(FEW.copy())
    expect(
        got,
        14 / 3,
        mistakes=[
            (7.0, "Divided by 2: the mean divides by the number of entries, 3."),
            (14.0, "That is the sum of the squared distances, not their mean."),
            (float(np.sqrt(14 / 3)), "That is the standard deviation, its root."),
            (0.0, "The distances add up to 0: square them before the mean."),
            (2.0, "Squares are wanted, not the sizes of the distances."),
        ],
        tip="The mean is 3, and the distances from it are -2, -1 and 3.",
    )


@ex.check("a thousand float32 numbers near 10,000, of variance 1")
def _(answer):
    x = np.random.default_rng(0).normal(1e4, 1, 1000).astype(np.float32)
    right = float(np.var(x.astype(np.float64)))
    got = answer(x.copy())
    plain = float(np.mean(x * x) - np.mean(x) ** 2)
    expect(
        got,
        right,
        rtol=1e-3,
        mistakes=[
            (
                plain,
                "Still a difference of two numbers near 100,000,000, rounded to 8.",
            ),
        ],
        tip="Subtract the mean first; the squares are small then.",
    )


@ex.check("the precision that comes in")
def _(answer):
    x = FEW.astype(np.float32)
    got = answer(x)
    kind = getattr(got, "dtype", None)
    if kind != np.float32:
        refuse(
            "It came in float32, and should stay: no conversion is needed.",
            expected="float32",
            got=str(kind or type(got).__name__),
        )


@ex.wrong(says="That is the sum of the squared distances")
def not_a_mean(x):
    return np.sum((x - np.mean(x)) ** 2)


@ex.wrong(says="That is the standard deviation")
def with_root(x):
    return np.std(x)


@ex.wrong(says="square them before the mean")
def squares_too_late(x):
    return np.mean(x - np.mean(x)) ** 2


@ex.wrong(says="Divided by 2")
def of_a_sample(x):
    return np.var(x, ddof=1)


@ex.wrong(says="not the sizes of the distances")
def sizes(x):
    return np.mean(np.abs(x - np.mean(x)))


@ex.wrong(says="rounded to 8")
def only_rearranged(x):
    mean = np.mean(x)
    return np.mean(x * x) - mean * mean


@ex.wrong(says="no conversion is needed")
def in_float64(x):
    x = x.astype(np.float64)
    return np.mean((x - np.mean(x)) ** 2)


@ex.right
def by_the_library(x):
    return np.var(x)


@ex.right
def with_a_shift(x):
    d = x - x[0]
    return np.mean(d * d) - np.mean(d) ** 2


@ex.right
def with_a_product(x):
    d = x - x.mean()
    return d @ d / np.float32(len(x)) if x.dtype == np.float32 else d @ d / len(x)
