import math
from decimal import Decimal, localcontext

import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "11.difference_of_roots",
    hints=[
        "(a - b)(a + b) = a² - b². What is that for these two roots?",
        "The product of difference and sum is (x + 1) - x, which is 1.",
    ],
    explanation="""The difference times the sum of the roots is (x + 1) - x = 1. So the
        difference is 1 divided by the sum, and in a sum of positive numbers nothing
        cancels.""",
)


@ex.solution
def difference_of_roots(x):
    """Compute sqrt(x + 1) - sqrt(x) to full precision, for x from 0 to 1e300."""
    # BEGIN SOLUTION
    return 1 / (np.sqrt(x + 1) + np.sqrt(x))
    # END SOLUTION


def exact(x):
    """The difference with seven hundred digits, of which float64 keeps sixteen."""
    with localcontext() as context:
        context.prec = 700
        return float((Decimal(x) + 1).sqrt() - Decimal(x).sqrt())


@ex.check("x = 0 and x = 3")
def _(answer):
    for x in (0.0, 3.0):
        right = exact(x)
        expect(
            answer(x),
            right,
            mistakes=[
                (1 / right, "Upside down: divide 1 by the sum of the roots."),
                (-right, "The sign: the root of x + 1 is the larger one."),
                (right**2, "A root is missing, or one too many squares."),
            ],
            tip="Multiply and divide by the sum of the two roots.",
        )


@ex.check("x = 1e10: six digits are not enough")
def _(answer):
    expect(
        answer(1e10),
        exact(1e10),
        rtol=1e-12,
        atol=0,
        mistakes=[
            (
                math.sqrt(1e10 + 1) - math.sqrt(1e10),
                "About ten digits are gone: two nearly equal roots are subtracted.",
            )
        ],
        tip="Somewhere two nearly equal numbers are still subtracted.",
    )


@ex.check("x = 1e17 and x = 1e300: not a single digit may be lost")
def _(answer):
    for x in (1e17, 1e300):
        expect(
            answer(x),
            exact(x),
            rtol=1e-12,
            atol=0,
            mistakes=[(0.0, "Both roots are the same number here; their sum is not.")],
            tip="The result should be close to 1 / (2 sqrt(x)).",
        )


@ex.wrong(says="two nearly equal roots are subtracted")
def as_it_stands(x):
    return np.sqrt(x + 1) - np.sqrt(x)


@ex.wrong(says="divide 1 by the sum")
def upside_down(x):
    return np.sqrt(x + 1) + np.sqrt(x)


@ex.wrong(says="the root of x + 1 is the larger one")
def minus(x):
    return -1 / (np.sqrt(x + 1) + np.sqrt(x))


@ex.wrong(says="one too many squares")
def squared(x):
    return 1 / (np.sqrt(x + 1) + np.sqrt(x)) ** 2


@ex.wrong(says="Multiply and divide by the sum")
def only_for_large(x):
    return 1 / (2 * np.sqrt(x + 1))


@ex.wrong(says="About ten digits are gone")
def numerator_of_squares(x):
    a, b = np.sqrt(x + 1), np.sqrt(x)
    return (a**2 - b**2) / (a + b)


@ex.wrong(says="their sum is not")
def switched_too_late(x):
    plain = np.sqrt(x + 1) - np.sqrt(x)
    return 1 / (np.sqrt(x + 1) + np.sqrt(x)) if x < 1e12 else plain


@ex.right
def with_math(x):
    return 1 / (math.sqrt(x + 1) + math.sqrt(x))


@ex.right
def by_powers(x):
    return ((x + 1) ** 0.5 + x**0.5) ** -1
