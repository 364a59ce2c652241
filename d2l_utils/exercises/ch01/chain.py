import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "01.chain",
    hints=[
        "Two links: `u = x**2`, then `y = sin(u)`.",
        "The inner slope is `2 * x`, the outer one `cos(u)`, taken at `u = x**2`.",
    ],
    explanation="""The inner slope is 2x, the outer one cos(u) at u = x². Slopes of a
        chain multiply.""",
)


@ex.solution
def slope_of_chain(x):
    """Compute the slope of sin(x**2) at x, by the rules."""
    # BEGIN SOLUTION
    return 2 * x * np.cos(x**2)
    # END SOLUTION


@ex.check("the slope of sin(x²) at 1.5")
def _(answer):
    right = 3 * np.cos(2.25)
    degrees = "No degrees: `np.cos` takes the angle as it is, in radians."
    power = "The inner slope is that of x²: 2x. The power comes down, and falls by one."
    expect(
        answer(1.5),
        right,
        mistakes=[
            (
                np.cos(3.0),
                """The slope of the inner link is put into that of the outer one. They
                multiply, and the outer slope is taken at u = x².""",
            ),
            (
                2 * np.cos(3.0),
                "That is the slope of sin(2x). Here the inner link is x².",
            ),
            (np.cos(1.5), "That is the slope of sin(x). Here the inner link is x²."),
            (3.0, "That is the inner slope alone. The outer one multiplies it."),
            (
                np.sin(3.0),
                """That is the slope of (sin x)². Here the square is inside: u = x²,
                then sin.""",
            ),
            (3 * np.cos(1.5) ** 2, "Square x, not the cosine: `np.cos(x**2)`."),
            (3 * np.cos(np.radians(2.25)), degrees),
            (3 * np.cos(np.degrees(2.25)), degrees),
            (1.5 * np.cos(2.25), power),
            (2 * np.cos(2.25), power),
            (4.5 * np.cos(2.25), power),
            (6.75 * np.cos(2.25), power),
            (np.cos(2.25) / 3, "Slopes of a chain multiply; here one divides."),
            (3 + np.cos(1.5), "Slopes of a chain multiply; they do not add up."),
            *[
                (round(right, digits), "That is rounded. Return all its digits.")
                for digits in (1, 2, 3)
            ],
            (3 * np.cos(1.5), "The outer slope is taken at x. It belongs at u = x²."),
            (3 * np.cos(3.0), "The outer slope is taken at 2x. It belongs at u = x²."),
            (
                np.cos(2.25),
                "The inner slope is missing: u = x² moves, too.",
            ),
            (2.25 * np.cos(2.25), "The inner link has height x². What is its slope?"),
            (3 * np.sin(2.25), "The slope of sin is not sin."),
            (-3 * np.sin(2.25), "-sin is the slope of cos. What is that of sin?"),
            (np.sin(2.25), "That is the height. How fast does it change?"),
            (
                -right,
                """The size is right. The slope of sin is cos, with a plus, and cos(u)
                is negative here: keep its sign.""",
            ),
            (np.cos(2.25) + 3, "Slopes of a chain multiply; they do not add up."),
        ],
        tip="Use the rules: two links, two slopes.",
    )


@ex.check("and at other places: 0, -1 and, far out, 2²⁰")
def _(answer):
    tip = "At 1.5 it is right. Is a number in your code that should be x?"
    expect(answer(0.0), 0, tip=tip)
    expect(
        answer(-1.0),
        -2 * np.cos(1.0),
        mistakes=[
            (2 * np.cos(1.0), "The inner slope is negative there: keep its sign.")
        ],
        tip=tip,
    )
    expect(
        answer(2.0**20),
        2.0**21 * np.cos(2.0**40),
        tip="Is it measured? So far out no small h helps. The rules are exact.",
    )


@ex.wrong(says="It belongs at u = x²")
def outer_slope_at_x(x):
    return 2 * x * np.cos(x)


@ex.wrong(says="inner slope is missing")
def no_inner_slope(x):
    return np.cos(x**2)


@ex.wrong(says="taken at 2x")
def outer_slope_at_inner_slope(x):
    return 2 * x * np.cos(2 * x)


@ex.wrong(says="put into that of the outer one")
def inner_slope_inside(x):
    return np.cos(2 * x)


@ex.wrong(says="slope of sin(2x)")
def another_chain(x):
    return 2 * np.cos(2 * x)


@ex.wrong(says="slope of sin(x).")
def no_chain(x):
    return np.cos(x)


@ex.wrong(says="The outer one multiplies it")
def inner_slope_alone(x):
    return 2 * x


@ex.wrong(says="Here the square is inside")
def square_outside(x):
    return 2 * np.sin(x) * np.cos(x)


@ex.wrong(says="Square x, not the cosine")
def squared_cosine(x):
    return 2 * x * np.cos(x) ** 2


@ex.wrong(says="No degrees")
def in_degrees(x):
    return 2 * x * np.cos(np.radians(x**2))


@ex.wrong(says="falls by one")
def slope_without_the_two(x):
    return x * np.cos(x**2)


@ex.wrong(says="falls by one")
def slope_without_x(x):
    return 2 * np.cos(x**2)


@ex.wrong(says="here one divides")
def divided(x):
    return np.cos(x**2) / (2 * x)


@ex.wrong(says="they do not add up")
def added_at_x(x):
    return 2 * x + np.cos(x)


@ex.wrong(says="the slope of cos")
def slope_of_cosine(x):
    return -2 * x * np.sin(x**2)


@ex.wrong(says="keep its sign")
def by_pythagoras(x):
    return 2 * x * np.sqrt(1 - np.sin(x**2) ** 2)


@ex.wrong(says="That is rounded")
def rounded(x):
    return round(float(2 * x * np.cos(x**2)), 3)


@ex.wrong(says="`^` is not a power")
def other_languages(x):
    return 2 * x * np.cos(x ^ 2)


@ex.wrong(says="What is its slope?")
def inner_height(x):
    return x**2 * np.cos(x**2)


@ex.wrong(says="they do not add up")
def added(x):
    return 2 * x + np.cos(x**2)


@ex.wrong(says="Is it measured?")
def measured(x, h=1e-5):
    return (np.sin((x + h) ** 2) - np.sin((x - h) ** 2)) / (2 * h)


@ex.wrong(says="a number in your code that should be x")
def at_one_place(x):
    return 3 * np.cos(2.25)


@ex.wrong(says="keep its sign")
def inner_slope_without_sign(x):
    return 2 * abs(x) * np.cos(x**2)


@ex.right
def with_math(x):
    import math

    return math.cos(x * x) * (x + x)


@ex.right
def with_torch(x):
    import torch

    x = torch.tensor(x, requires_grad=True)  # in float32
    torch.sin(x**2).backward()
    return x.grad
