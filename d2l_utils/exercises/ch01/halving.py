import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

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
    expect(
        got,
        1000.3,
        rtol=0,
        atol=1,
        tip="""Halve until `right - left` is below `width`. How small the slope is, is
            another matter.""",
    )
    if not 10 <= len(places) <= 18:
        refuse(
            "Halving takes 12 steps from 4096 to a `width` of 1: no more, no fewer.",
            expected="places where it looks at the slope: 12 to 15",
            got="places: {count}",
            count=len(places),
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
