import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "08.map_sides",
    hints=[
        "A window of 5 × 5 fits into 28 × 28 at 24 × 24 places (section 9). And 3 × 3?",
        "A window of side k fits at n - k + 1 places in a row of n.",
        "Pooling keeps one of every two: half the side.",
    ],
    explanation="""In a row of n values a window of side k begins at n - k + 1 places:
        28 - 2 = 26, then half of it, 13, then 13 - 3 = 10, then 5.""",
)
ex.value(sides=[26, 13, 10, 5])


@ex.check("the sides after window, pooling, window, pooling")
def _(answer):
    second = "At how many places in a row of 13 does a window of 4 fit?"
    expect(
        answer,
        [26, 13, 10, 5],
        shown="four other numbers",
        mistakes=[
            ([25, 12.5, 8.5, 4.25], "28 - 3 is one too few: count the first place."),
            ([25, 12, 8, 4], "28 - 3 is one too few: count the first place."),
            ([28, 14, 14, 7], "At the border a window would stick out of the picture."),
            ([9, 4.5, 1, 0.5], "The window moves by one pixel, not by its own size."),
            ([26, 24, 21, 18], "Pooling halves the side: it takes steps of two."),
            ([26, 25, 22, 21], "Pooling halves the side: it takes steps of two."),
            ([26, 26, 23, 23], "Pooling halves the side: it takes steps of two."),
            ([26, 13, 9, 4.5], second),
            ([26, 13, 9, 4], second),
            ([26, 13, 11, 5.5], "The second window is 4 × 4, not 3 × 3."),
            ([26, 13, 11, 5], "The second window is 4 × 4, not 3 × 3."),
            ([24, 12, 9, 4.5], "The first window is 3 × 3, not 5 × 5."),
            ([24, 12, 8, 4], "These are the maps of section 9. Here windows differ."),
            ([676, 169, 100, 25], "These are the numbers in a map. Give one side."),
        ],
        tip="At how many places in a row of 28 does a window of 3 fit? Then go on.",
    )


ex.wrong([25, 12.5, 8.5, 4.25], says="28 - 3 is one too few")
ex.wrong([28, 14, 14, 7], says="stick out of the picture")
ex.wrong([26, 24, 21, 18], says="Pooling halves the side")
ex.wrong([26, 13, 9, 4], says="in a row of 13")
ex.wrong([676, 169, 100, 25], says="Give one side")
ex.wrong(5, says="4 numbers are wanted")
ex.right((26, 13, 10, 5))
ex.right(np.array([26.0, 13.0, 10.0, 5.0]))
