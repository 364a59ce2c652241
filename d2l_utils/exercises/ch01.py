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
        tip="Take the three terms one by one, each by its rule.",
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
            (
                3.001**2 - 2.999**2 / 0.002,
                "Only the second value is divided: set the rise in parentheses.",
            ),
        ],
        tip="Two points, one on each side: rise divided by run.",
    )


@ex.check("for x³ - 6x at 1, with h = 0.5, -2.75 comes out")
def _(answer):
    got = answer(lambda t: t**3 - 6 * t, 1.0, 0.5)
    expect(
        got,
        -2.75,
        rtol=1e-9,
        mistakes=[
            (2.75, "The curve falls there: a slope has a sign. Keep it."),
            (-3, "The slope, but not from 0.5 and 1.5. Is h fixed in your code?"),
        ],
        tip="Take the f and the h that are given: the points are 0.5 and 1.5.",
    )


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


@ex.wrong(says="divided: set the rise")
def without_parentheses(f, x, h=1e-5):
    return f(x + h) - f(x - h) / (2 * h)


@ex.wrong(says="Is h fixed in your code?")
def own_step(f, x, h=1e-5):
    h = 1e-3
    return (f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="Keep it")
def size_only(f, x, h=1e-5):
    return abs(f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="the f and the h that are given")
def of_one_parabola(f, x, h=1e-5):
    return ((x + h) ** 2 - (x - h) ** 2) / (2 * h)


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
            ([1, 12], "In the first, the frozen x1² stays as a factor."),
            ([18, 18], "That is the height, twice. How fast does it change?"),
            (18, "18 is the height. Wanted are two slopes, in a list."),
            (21, "Do not add them up: each input has a slope of its own."),
        ],
        tip="Freeze one input at a time. The two slopes go into one list.",
    )


ex.wrong([12, 9], says="wrong order")
ex.wrong([1, 6], says="stays as a factor")
ex.wrong([9, 6], says="In the second, x0 = 2")
ex.wrong(21, says="Do not add them up")
ex.wrong(9, says="into one list")
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
    places = set()

    def slope(x):
        places.add(float(x))
        return (x - 1000.3) / 1000

    got = answer(slope, 0.0, 4096.0, 1.0)
    tip = "Halve until `right - left` is below `width`. How small the slope is, is"
    expect(got, 1000.3, rtol=0, atol=1, tip=f"{tip} another matter.")
    if not 10 <= len(places) <= 18:
        refuse(
            "Halving takes 12 steps from 4096 to a `width` of 1: no more, no fewer.",
            expected="a look at the slope at 12 to 15 places",
            got=f"at {len(places)} places",
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


@ex.wrong(says="no more, no fewer")
def thirty_steps(slope, left, right, width=1e-8):
    for _ in range(30):
        middle = (left + right) / 2
        left, right = (middle, right) if slope(middle) < 0 else (left, middle)
    return middle


@ex.wrong(says="is another matter")
def until_the_slope_is_small(slope, left, right, width=1e-8):
    middle = (left + right) / 2
    while abs(slope(middle)) > width:
        left, right = (left, middle) if slope(middle) > 0 else (middle, right)
        middle = (left + right) / 2
    return middle


@ex.right
def by_a_change_of_sign(slope, left, right, width=1e-8):
    while right - left >= width:
        middle = (left + right) / 2
        if slope(middle) == 0:
            return middle
        if slope(left) * slope(middle) < 0 < slope(middle) * slope(right):
            right = middle
        else:
            left = middle
    return left


@ex.right
def recursive(slope, left, right, width=1e-8):
    middle = (left + right) / 2
    if right - left <= width:
        return middle
    if slope(middle) < 0:
        return recursive(slope, middle, right, width)
    return recursive(slope, left, middle, width)
