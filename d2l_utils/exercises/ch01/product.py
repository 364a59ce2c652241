import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "01.product",
    hints=[
        "Two factors, `x**2` and `sin(x)`. What is the slope of each?",
        "The slope of the first times the second, plus the first times the slope of "
        "the second.",
    ],
    explanation="""The factors have the slopes 2x and cos x. Each slope is multiplied by
        the other factor, and the two are added: 2x sin x + x² cos x.""",
)


@ex.solution
def slope_of_product(x):
    """Compute the slope of x**2 * sin(x) at x, by the rules."""
    # BEGIN SOLUTION
    return 2 * x * np.sin(x) + x**2 * np.cos(x)
    # END SOLUTION


@ex.check("the slope of x² · sin(x) at 1.5")
def _(answer):
    sin, cos = np.sin(1.5), np.cos(1.5)
    right = 3 * sin + 2.25 * cos
    expect(
        answer(1.5),
        right,
        mistakes=[
            (3 * cos, "Slope times slope is the tempting rule. Look at the rectangle."),
            (3 * sin, "That is one strip. The other factor grows, too."),
            (2.25 * cos, "That is one strip. The other factor grows, too."),
            (3 * sin - 2.25 * cos, "With a minus it is half of the quotient rule."),
            (3 + cos, "Those are the two slopes. Each is multiplied by a factor."),
            (3 * cos + 2.25 * sin, "Each slope is multiplied by the *other* factor."),
            (
                3 * sin + 3 * cos,
                "In the second term x² stays as it is: only sin is differentiated.",
            ),
            (
                3 * cos + 2.25 * cos,
                "In the first term sin stays as it is: only x² is differentiated.",
            ),
            (1.5 * sin + 2.25 * cos, "The slope of x² is 2x."),
            (2 * sin + 2.25 * cos, "The slope of x² is 2x."),
            (3 * sin - 2.25 * sin, "The slope of sin is cos."),
            (3 * sin + 2.25 * sin, "The slope of sin is cos."),
            (
                3 * np.cos(2.25),
                "That is the slope of sin(x²), a chain. Here two factors multiply.",
            ),
            (2.25 * sin, "That is the height. How fast does it change?"),
            (
                3 * np.sin(np.radians(1.5)) + 2.25 * np.cos(np.radians(1.5)),
                "No degrees: `np.sin` takes the angle as it is, in radians.",
            ),
            *[
                (round(right, digits), "That is rounded. Return all its digits.")
                for digits in (1, 2, 3)
            ],
        ],
        tip="Use the product rule: f' g + f g'.",
    )


@ex.check("and at other places: 0, -2 and, far out, 2²⁰")
def _(answer):
    tip = "At 1.5 it is right. Is a number in your code that should be x?"
    expect(answer(0.0), 0, tip=tip)
    expect(answer(-2.0), 4 * np.sin(2.0) + 4 * np.cos(2.0), tip=tip)
    far = 2.0**20
    expect(
        answer(far),
        2 * far * np.sin(far) + far**2 * np.cos(far),
        rtol=1e-9,
        tip="Is it measured? So far out no small h helps. The rules are exact.",
    )


@ex.wrong(says="the tempting rule")
def slope_times_slope(x):
    return 2 * x * np.cos(x)


@ex.wrong(says="That is one strip")
def first_strip(x):
    return 2 * x * np.sin(x)


@ex.wrong(says="That is one strip")
def second_strip(x):
    return x**2 * np.cos(x)


@ex.wrong(says="half of the quotient rule")
def with_a_minus(x):
    return 2 * x * np.sin(x) - x**2 * np.cos(x)


@ex.wrong(says="Those are the two slopes")
def slopes_added(x):
    return 2 * x + np.cos(x)


@ex.wrong(says="the *other* factor")
def its_own_factor(x):
    return 2 * x * np.cos(x) + x**2 * np.sin(x)


@ex.wrong(says="In the second term x² stays")
def both_differentiated(x):
    return 2 * x * np.sin(x) + 2 * x * np.cos(x)


@ex.wrong(says="In the first term sin stays")
def sin_differentiated_twice(x):
    return 2 * x * np.cos(x) + x**2 * np.cos(x)


@ex.wrong(says="The slope of x² is 2x")
def power_without_the_two(x):
    return x * np.sin(x) + x**2 * np.cos(x)


@ex.wrong(says="The slope of x² is 2x")
def power_without_x(x):
    return 2 * np.sin(x) + x**2 * np.cos(x)


@ex.wrong(says="The slope of sin is cos")
def minus_sin(x):
    return 2 * x * np.sin(x) - x**2 * np.sin(x)


@ex.wrong(says="The slope of sin is cos")
def sin_of_sin(x):
    return 2 * x * np.sin(x) + x**2 * np.sin(x)


@ex.wrong(says="a chain")
def as_a_chain(x):
    return 2 * x * np.cos(x**2)


@ex.wrong(says="That is the height")
def height(x):
    return x**2 * np.sin(x)


@ex.wrong(says="No degrees")
def in_degrees(x):
    return 2 * x * np.sin(np.radians(x)) + x**2 * np.cos(np.radians(x))


@ex.wrong(says="That is rounded")
def rounded(x):
    return round(float(2 * x * np.sin(x) + x**2 * np.cos(x)), 3)


@ex.wrong(says="Is it measured?")
def measured(x, h=1e-5):
    def f(x):
        return x**2 * np.sin(x)

    return (f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="a number in your code that should be x")
def at_one_place(x):
    return 3 * np.sin(1.5) + 2.25 * np.cos(1.5)


@ex.wrong(says="`^` is not a power")
def other_languages(x):
    return 2 * x * np.sin(x) + x ^ 2 * np.cos(x)


@ex.right
def with_math(x):
    import math

    return x * (2 * math.sin(x) + x * math.cos(x))
