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
    expect(
        answer(1.5),
        right,
        mistakes=[
            (3 * np.cos(1.5), "The outer slope is taken at x. It belongs at u = x²."),
            (3 * np.cos(3.0), "The outer slope is taken at 2x. It belongs at u = x²."),
            (
                np.cos(2.25),
                "The inner slope is missing: u = x² moves, too.",
            ),
            (2.25 * np.cos(2.25), "The inner link has height x². What is its slope?"),
            (3 * np.sin(2.25), "The slope of sin is not sin."),
            (np.sin(2.25), "That is the height. How fast does it change?"),
            (-right, "The slope of sin is cos, with a plus."),
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
