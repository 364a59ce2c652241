import numpy as np

from ..exercise import Exercise
from ..expect import expect

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
