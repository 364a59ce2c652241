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
            (-16, "The size is right. Is 8 · 3 - 8 above 0 or below it?"),
            (0, "-8x falls by 8 for each step to the right, at 3 as anywhere: -8."),
            (28, "The power comes down and falls by one: in place of 4x² stands 8x."),
            (64, "The power falls by one: in place of 4x² stands 8x, not 8x²."),
            (4, "The power comes down in front: in place of 4x² stands 8x, not 4x."),
            (8, "8 is how fast the slope 8x - 8 grows. How large is it at 3?"),
        ],
        tip="Take the three terms one by one, each by its rule.",
    )


ex.wrong(13, says="the height at 3")
ex.wrong(24, says="the first term alone")
ex.wrong(17, says="constant 1")
ex.wrong(32, says="sign of the second term")
ex.wrong(-16, says="above 0 or below it")
ex.wrong(0, says="at 3 as anywhere")
ex.wrong(28, says="comes down and falls by one")
ex.wrong(64, says="not 8x²")
ex.wrong(4, says="not 4x.")
ex.wrong(8, says="how fast the slope 8x - 8 grows")
ex.right(16.0)
ex.right(np.array([16]))
