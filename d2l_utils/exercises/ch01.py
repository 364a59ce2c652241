"""Derivatives."""

import numpy as np

from .exercise import Exercise
from .expect import expect, refuse

ex = Exercise(
    "01.slope_by_rules",
    hints=[
        "Take the three terms one by one: slopes of a sum add up.",
        "`x**2` has slope `2 * x`, so `4 * x**2` has slope `8 * x`; and `-8 * x`?",
    ],
    explanation="The slope is 8x - 8: a constant such as 1 has none. At 3 that is 16.",
)
ex.value(slope=16)


@ex.check("the slope of 4x² - 8x + 1 at x = 3")
def _(answer):
    expect(
        answer,
        16,
        shown="another number",
        mistakes=[
            (13, "13 is the height at 3. How fast does it change there?"),
            (24, "24 is the slope of the first term alone: what does -8x add?"),
            (17, "The constant 1 lifts the whole curve. Does that make it steeper?"),
            (32, "24 and 8: look at the sign of the second term."),
        ],
    )


ex.wrong(13, says="the height at 3")
ex.wrong(24, says="the first term alone")
ex.wrong(17, says="constant 1")
ex.wrong(32, says="sign of the second term")
ex.right(16.0)
ex.right(np.array([16]))


ex = Exercise(
    "01.central_difference",
    hints=[
        "Use a point on each side of x: `x - h` and `x + h`.",
        "How far apart are `x - h` and `x + h`?",
    ],
    explanation="""The rise between the two points, divided by their distance. On a
        parabola what the two sides get wrong cancels, so even a large h is exact.""",
)


@ex.solution
def central_difference(f, x, h=1e-5):
    """Approximate the slope of f at x from a point on each side."""
    # BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    # END SOLUTION


@ex.check("the slope of x² at 3, with h = 0.001, is 6")
def _(answer):
    got = answer(lambda t: t**2, 3.0, 1e-3)
    expect(
        got,
        6,
        rtol=1e-9,
        mistakes=[
            (12, "Twice too much: `x - h` and `x + h` are 2h apart."),
            (-6, "Which of the two points comes first?"),
            (6e-6, "You multiplied by h. Rise *divided by* run."),
            (6.001, "That is the slope to one side. Use a point on each side of x."),
            (5.999, "That is the slope to one side. Use a point on each side of x."),
            (2.003, "`f(x + h) - f(x - h) / (2 * h)` divides only the second value."),
        ],
        tip="Two points, one on each side: rise divided by run.",
    )


@ex.check("it uses the h that it is given: for x³ at 1, with h = 0.5, 3.25 comes out")
def _(answer):
    got = answer(lambda t: t**3, 1.0, 0.5)
    expect(got, 3.25, rtol=1e-9, tip="Is another h written into your code?")


@ex.check("without an h it takes a small one: the slope of x³ at 1 is 3")
def _(answer):
    expect(answer(lambda t: t**3, 1.0), 3, rtol=1e-6, tip="Keep `h=1e-5`.")


@ex.wrong(says="2h apart")
def forgot_the_two(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / h


@ex.wrong(says="comes first")
def turned_round(f, x, h=1e-5):
    return (f(x - h) - f(x + h)) / (2 * h)


@ex.wrong(says="to one side")
def one_sided(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h


@ex.wrong(says="*divided by* run")
def multiplied(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2 * h


@ex.wrong(says="is a `return` missing?")
def no_return(f, x, h=1e-5):
    (f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="Is another h written into your code?")
def own_step(f, x, h=1e-5):
    h = 1e-3
    return (f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="Keep `h=1e-5`")
def large_default(f, x, h=0.1):
    return (f(x + h) - f(x - h)) / (2 * h)


@ex.right
def mean_of_two_sides(f, x, h=1e-5):
    forward = (f(x + h) - f(x)) / h
    backward = (f(x) - f(x - h)) / h
    return (forward + backward) / 2


@ex.right
def as_array(f, x, h=1e-5):
    left, right = np.array([x - h, x + h])
    return np.diff([f(left), f(right)]) / np.diff([left, right])


ex = Exercise(
    "01.predict_divided_by_h",
    hints=[
        "The rise stays the same; only what it is divided by changes.",
        "h is half of 2h. Half the divisor gives ...",
    ],
    explanation="""The two points are 2h apart. Divided by h, every slope comes out
        twice as large: 12 in place of 6, however small h is.""",
)
ex.choice(
    {
        "a": "A smaller h does not help here: the rise is divided by too little.",
        "b": "Half the divisor makes the result larger, not smaller.",
        "d": "Only the divisor changes, by a factor that has nothing to do with h.",
    },
    prediction="c",
)


ex = Exercise(
    "01.partial_derivatives",
    hints=[
        "Freeze `x1 = 3`: then f is `9 * x0`. What is its slope?",
        "Freeze `x0 = 2`: then f is `2 * x1**2`. What is its slope at 3?",
    ],
    explanation="""With x1 frozen at 3, f is 9 x0, slope 9. With x0 frozen at 2, f is
        2 x1², slope 4 x1, that is 12 at 3.""",
)
ex.value(partials=[9, 12])


@ex.check("the two partial derivatives of x0 · x1² at (2, 3)")
def _(answer):
    expect(
        answer,
        [9, 12],
        shown="two other numbers: the slope along x0, then along x1",
        mistakes=[
            ([12, 9], "The right numbers, in the wrong order."),
            ([1, 6], "Freezing an input does not remove it: it stays as a factor."),
            ([9, 6], "In the second, x0 = 2 stays as a factor."),
            ([18, 18], "That is the height, twice. How fast does it change?"),
        ],
    )


ex.wrong([12, 9], says="wrong order")
ex.wrong([1, 6], says="stays as a factor")
ex.wrong([9, 6], says="In the second, x0 = 2")
ex.wrong(21, says="The shape should be (2,)")
ex.right((9.0, 12.0))
ex.right(np.array([9, 12], dtype=np.float32))


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


@ex.check("the slope of sin(x²) at 2")
def _(answer):
    right = 4 * np.cos(4.0)
    expect(
        answer(2.0),
        right,
        rtol=1e-9,
        mistakes=[
            (4 * np.cos(2.0), "The outer slope is taken at x. It belongs at u = x²."),
            (np.cos(4.0), "The slope of the inner link is missing: u = x² moves, too."),
            (4 * np.sin(4.0), "The slope of sin is not sin."),
            (-right, "The slope of sin is cos, with a plus."),
            (np.cos(4.0) + 4, "Slopes of a chain multiply; they do not add up."),
        ],
    )
    if abs(answer(2.0) - right) > 1e-12:
        refuse(
            "Very close, but measured. Use the rules: they are exact.",
            expected=repr(float(right)),
            got=repr(float(answer(2.0))),
        )


@ex.check("and at other places, such as 0 and -1")
def _(answer):
    right = [0.0, -2 * np.cos(1.0)]
    expect([answer(0.0), answer(-1.0)], right, tip="Is a 2 fixed in your code?")


@ex.wrong(says="It belongs at u = x²")
def outer_slope_at_x(x):
    return 2 * x * np.cos(x)


@ex.wrong(says="inner link is missing")
def no_inner_slope(x):
    return np.cos(x**2)


@ex.wrong(says="they do not add up")
def added(x):
    return 2 * x + np.cos(x**2)


@ex.wrong(says="Use the rules")
def measured(x, h=1e-5):
    return (np.sin((x + h) ** 2) - np.sin((x - h) ** 2)) / (2 * h)


@ex.wrong(says="Is a 2 fixed in your code?")
def at_two_only(x):
    return 4 * np.cos(4)


@ex.right
def with_math(x):
    import math

    return math.cos(x * x) * (x + x)


@ex.right
def with_torch(x):
    import torch

    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    torch.sin(x**2).backward()
    return x.grad.item()


ex = Exercise(
    "01.halving",
    hints=[
        "Take the middle of the interval and look at the slope there.",
        "A positive slope in the middle means: the minimum lies to the left of it.",
        "Stop when `right - left` is below `width`, and return the middle.",
    ],
    explanation="""The slope is negative on the left of the minimum and positive on the
        right. Its sign in the middle tells which half to keep. Each step halves the
        interval, so 40 steps make it a million million times shorter.""",
)


@ex.solution
def find_minimum(slope, left, right, width=1e-8):
    """Find where the slope is zero, between left and right, by halving.

    slope(left) is negative, slope(right) is positive. The search ends when the
    interval is shorter than width.
    """
    # BEGIN SOLUTION
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) > 0:
            right = middle
        else:
            left = middle
    return (left + right) / 2
    # END SOLUTION


@ex.check("the minimum of (x - 1)² between -1 and 4 is at 1")
def _(answer):
    expect(
        answer(lambda x: 2 * (x - 1), -1.0, 4.0),
        1,
        atol=1e-6,
        mistakes=[
            (-1, "It ends at the left border: the wrong half was kept."),
            (4, "It ends at the right border: the wrong half was kept."),
            (1.5, "That is the first middle. Halve again, until it is short enough."),
        ],
        tip="Keep the half in which the sign changes.",
    )


@ex.check("it finds the minimum of x² + exp(x), where the recipe fails")
def _(answer):
    got = answer(lambda x: 2 * x + np.exp(x), -2.0, 1.0)
    expect(got, -0.3517337112491958, rtol=1e-6, tip="Look at the sign of the slope.")


@ex.check("it works far from 0, and stops at the width that it is given")
def _(answer):
    calls = []

    def slope(x):
        calls.append(x)
        return x - 1000.3

    got = answer(slope, 0.0, 4096.0, 1.0)
    expect(got, 1000.3, rtol=0, atol=1, tip="Which of the two borders moves?")
    if not 10 <= len(calls) <= 30:
        refuse(
            "From 4096 to a width of 1 there are 12 halvings. Stop at `width`.",
            expected="12 to 14 looks at the slope",
            got=f"{len(calls)} looks at the slope",
        )


@ex.wrong(says="the wrong half was kept")
def wrong_half(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) > 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


@ex.wrong(says="Halve again")
def only_once(slope, left, right, width=1e-8):
    return (left + right) / 2


@ex.wrong(says="a loop that does not end")
def borders_never_move(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
    return middle


@ex.wrong(says="Look at the sign of the slope")
def straight_line(slope, left, right, width=1e-8):
    return left - slope(left) * (right - left) / (slope(right) - slope(left))


@ex.wrong(says="Stop at `width`")
def ignores_the_width(slope, left, right, width=1e-8):
    for _ in range(100):
        middle = (left + right) / 2
        left, right = (left, middle) if slope(middle) > 0 else (middle, right)
    return middle


@ex.right
def recursive(slope, left, right, width=1e-8):
    middle = (left + right) / 2
    if right - left <= width:
        return middle
    if slope(middle) < 0:
        return recursive(slope, middle, right, width)
    return recursive(slope, left, middle, width)
