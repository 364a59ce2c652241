import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse, show_error

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


# Of x² + exp(x).
MINIMUM = -0.3517337112491958


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


def _search(answer, slope, *arguments):
    """What the answer finds, and the places where it asks for the slope.

    Refused if it does not end, with what it does in place of that.
    """
    asked = []

    def watched(x):
        place = float(np.ravel(x)[0])
        asked.append(place)
        if len(asked) > 400:
            last = set(asked[-20:])
            # After few places: at the end of a search without end it is 0, too.
            if slope(place) == 0 and len(set(asked)) < 20:
                refuse(
                    """The middle is the minimum itself, with slope 0: neither below 0
                    nor above. So no border moves, and the loop never ends.""",
                    got="the slope at {place:.6g}, again and again",
                    place=place,
                )
            if len(last) < 5:
                refuse(
                    """The interval no longer gets shorter. In each round take the
                    middle of the present left and right, and move one border to it;
                    stop as soon as `right - left` is below `width`.""",
                    got="the slope at {place:.6g}, again and again",
                    place=place,
                )
            refuse(
                "Halving arrives much sooner: move a border to the middle each time.",
                got="{count} questions for the slope, and no end yet",
                count=len(asked),
            )
        return slope(x)

    try:
        got = answer(watched, *arguments)
    except TypeError as error:
        if "'function'" not in str(error):
            raise
        refuse(
            "`slope` is a function: ask it at a place, as in `slope(middle)`.",
            got=show_error(error),
        )
    if isinstance(got, tuple | list) and len(got) == 2:
        refuse("Return one place, such as the middle.", expected="one number", got=got)
    return got, asked


@ex.check("the minimum of (x - 1)² between -3 and 4 is at 1")
def _(answer):
    got, asked = _search(answer, lambda x: 2 * (x - 1), -3.0, 4.0)
    first = sorted(set(asked[:4]))
    if np.any(np.diff(first) < 0.05) and not np.isclose(np.ravel(got)[0], 1):
        refuse(
            """`slope` is already a slope. Two places side by side give the slope of the
            slope; ask for `slope(middle)` itself.""",
            expected="the slope at the first middle, 0.5",
            got="the slope at {first:.6g} and at {second:.6g}",
            first=asked[0],
            second=asked[1],
        )
    expect(
        got,
        1,
        atol=1e-6,
        mistakes=[
            (-3, "It ends at the left border: the wrong half was kept."),
            (4, "It ends at the right border: the wrong half was kept."),
            (
                0.5,
                """0.5 is the first middle. Does it stop there, or do both borders go to
                it? Halve again, and keep the half that the slope in the middle points
                to.""",
            ),
            (
                2.25,
                """2.25 is the second middle. Does it stop there? If not, it has lost
                the half with the minimum: look at the slope in the middle.""",
            ),
            (
                1.5,
                "`left + right / 2` divides only `right`: set the sum in parentheses.",
            ),
            (
                0,
                """That is near 0. Wanted is the place: return the middle, not the slope
                there nor the width.""",
            ),
            (
                MINIMUM,
                "That is the minimum of section 6. Ask the `slope` that is given.",
            ),
        ],
        tip="Keep the half in which the sign of the slope changes.",
    )


@ex.check("it finds the minimum of x² + exp(x), where the recipe fails")
def _(answer):
    got, _ = _search(answer, lambda x: 2 * x + np.exp(x), -2.0, 1.0)
    expect(
        got,
        MINIMUM,
        rtol=1e-6,
        mistakes=[
            *[
                (round(MINIMUM, digits), "That is rounded. Return all its digits.")
                for digits in (2, 3, 4)
            ]
        ],
        tip="""Two things decide: the *sign* of the slope in the middle, and the `width`
            at which it stops, 1e-8 if none is given.""",
    )


@ex.check("it works far from 0, and stops at the width that it is given")
def _(answer):
    # So little slope that whoever waits for a small one stops at once.
    got, asked = _search(answer, lambda x: (x - 1000.3) / 1e9, 0.0, 4096.0, 1.0)
    expect(
        got,
        1000.3,
        rtol=0,
        atol=1,
        mistakes=[
            (
                2,
                """The minimum lies between 0 and 4096. Take the left and the right that
                are given, not those of section 6.""",
            )
        ],
        tip="""Halve until `right - left` is below `width`. How small the slope is, is
            another matter.""",
    )
    if not all(np.any(np.isclose(asked, middle)) for middle in (2048, 1024, 512, 768)):
        refuse(
            "Halve: take the middle each time, and move one border exactly to it.",
            expected="slopes asked for at 2048, then 1024, 512, 768",
            got=np.array(asked[:4]),
        )
    places = len(set(asked))
    if not 10 <= places <= 18:
        refuse(
            "Halving takes 12 steps from 4096 to a `width` of 1: no more, no fewer.",
            expected="places where it looks at the slope: 12 to 15",
            got="places: {count}",
            count=places,
        )


@ex.check("a middle may be the minimum itself: 3, 3.5 and 2.25 between 1 and 5")
def _(answer):
    for place in (3.0, 3.5, 2.25):
        got, _ = _search(answer, lambda x, place=place: x - place, 1.0, 5.0)
        lost = """A middle is the minimum itself here: its slope is 0, neither below 0
            nor above. Keep the middle, or return it."""
        if got is None:
            refuse(lost, expected=place, got="None")
        expect(
            got,
            place,
            atol=1e-6,
            mistakes=[
                *[(border, lost) for border in (1, 5, 4, 3, 2)],
                (0, "0 is the slope at the middle. Wanted is the place."),
            ],
            tip=lost,
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


@ex.wrong(says="the *sign* of the slope in the middle")
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


@ex.wrong(says="no border moves, and the loop never ends")
def nothing_for_zero(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) < 0:
            left = middle
        elif slope(middle) > 0:
            right = middle
    return (left + right) / 2


@ex.wrong(says="no border moves, and the loop never ends")
def signs_compared(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if np.sign(slope(middle)) == np.sign(slope(left)):
            left = middle
        if np.sign(slope(middle)) == np.sign(slope(right)):
            right = middle
    return (left + right) / 2


@ex.wrong(says="Keep the middle, or return it")
def product_of_signs(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(left) * slope(middle) < 0:
            right = middle
        else:
            left = middle
    return (left + right) / 2


@ex.wrong(says="Keep the middle, or return it")
def border_after_the_break(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) == 0:
            break
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return left


@ex.wrong(says="Keep the middle, or return it")
def recursive_without_zero(slope, left, right, width=1e-8):
    middle = (left + right) / 2
    if right - left <= width:
        return middle
    if slope(middle) < 0:
        return recursive_without_zero(slope, middle, right, width)
    if slope(middle) > 0:
        return recursive_without_zero(slope, left, middle, width)


@ex.wrong(says="Wanted is the place.")
def slope_in_place_of_the_place(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) == 0:
            return 0
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return middle


@ex.wrong(says="`slope` is already a slope")
def slope_of_the_slope(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if d2l.numerical_diff(slope, middle) < 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


@ex.wrong(says="`slope` is already a slope")
def slope_of_the_slope_turned_round(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if d2l.numerical_diff(slope, middle) > 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


@ex.wrong(says="`slope` is already a slope")
def forward_difference_of_the_slope(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if (slope(middle + 1e-4) - slope(middle)) / 1e-4 < 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


@ex.wrong(says="The interval no longer gets shorter")
def until_the_borders_meet(slope, left, right, width=1e-8):
    while left < right:
        middle = (left + right) / 2
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return middle


@ex.wrong(says="ask it at a place")
def function_compared(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope < 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


@ex.wrong(says="The interval no longer gets shorter")
def middle_outside_the_loop(slope, left, right, width=1e-8):
    middle = (left + right) / 2
    while right - left > width:
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return middle


@ex.wrong(says="do both borders go to it?")
def both_halves_dropped(slope, left, right, width=1e-8):
    while right - left > width:
        left = right = (left + right) / 2
    return left


@ex.wrong(says="it has lost the half with the minimum")
def slope_at_the_left(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(left) < 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


@ex.wrong(says="set the sum in parentheses")
def half_of_the_right(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return left + right / 2


@ex.wrong(says="not the slope there nor the width")
def slope_there(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return slope(middle)


@ex.wrong(says="Return one place")
def both_borders(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return left, right


@ex.wrong(says="That is the minimum of section 6")
def slope_of_section_6(slope, left, right, width=1e-8):
    return find_minimum(lambda x: 2 * x + np.exp(x), left, right, width)


@ex.wrong(says="not those of section 6")
def borders_of_section_6(slope, left, right, width=1e-8):
    return find_minimum(slope, -2.0, 2.0, width)


@ex.wrong(says="That is rounded")
def rounded(slope, left, right, width=1e-8):
    return round(find_minimum(slope, left, right, width), 4)


@ex.wrong(says="1e-8 if none is given")
def own_width(slope, left, right, width=1e-8):
    return find_minimum(slope, left, right, 1e-4)


@ex.wrong(says="Halving arrives much sooner")
def every_place(slope, left, right, width=1e-8):
    places = np.linspace(left, right, 10_000)
    return places[np.argmin([abs(slope(place)) for place in places])]


@ex.wrong(says="move one border exactly to it")
def thirds(slope, left, right, width=1e-8):
    while right - left > width:
        third = left + (right - left) / 3
        if slope(third) < 0:
            left = third
        else:
            right = third
    return (left + right) / 2


@ex.wrong(says="is another matter")
def nearly_level_is_enough(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if abs(slope(middle)) < 1e-6:
            return middle
        if slope(middle) < 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


@ex.right
def zero_to_the_left(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) <= 0:
            left = middle
        else:
            right = middle
    return right


@ex.right
def stops_at_zero(slope, left, right, width=1e-8):
    while right - left > width:
        middle = (left + right) / 2
        if slope(middle) < 0:
            left = middle
        elif slope(middle) > 0:
            right = middle
        else:
            left = right = middle
    return left


@ex.right
def steps_counted(slope, left, right, width=1e-8):
    for _ in range(int(np.ceil(np.log2((right - left) / width)))):
        middle = left + (right - left) / 2
        left, right = (middle, right) if slope(middle) < 0 else (left, middle)
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
