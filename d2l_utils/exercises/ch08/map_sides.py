import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

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


def sides_of(answer):
    """The four sides as numbers; where each came twice, as a pair, once."""
    shown = "four numbers: one side for each map"
    parts = list(answer) if isinstance(answer, list | tuple) else [answer]
    if any(isinstance(part, str) for part in parts):
        refuse("Numbers are wanted, without quotes.", expected=shown, got=str(answer))
    if len(parts) == 5 and parts[0] == 28:
        refuse("Leave the picture itself out: what comes after it?", got=answer)
    try:
        sides = np.asarray(getattr(answer, "detach", lambda: answer)(), dtype=float)
    except (RuntimeError, TypeError, ValueError):
        sides = np.zeros(0)
    if sides.shape == (4, 2):
        square = (
            "One side is enough: a map is as high as it is wide. Write four numbers."
        )
        other = "A map is as high as it is wide: pictures and windows are square."
        refuse(square if np.all(sides[:, 0] == sides[:, 1]) else other, got=answer)
    if sides.shape != (4,):
        expect(answer, np.zeros(4), shown=shown)
    return sides


@ex.check("the sides after window, pooling, window, pooling")
def _(answer):
    first, second, third, fourth = sides = sides_of(answer)
    fits = "At the border a window would stick out of the picture."
    moves = "The window moves by one pixel, not by its own size."
    halves = "Pooling halves the side: it takes steps of two."
    expect(
        sides if np.all(sides == [5, 10, 13, 26]) else first,
        26,
        shown="another number in place {place}",
        mistakes=[
            ([5, 10, 13, 26], "From the picture on: the largest map comes first."),
            (25, "28 - 3 is one too few: count the first place."),
            (28, fits),
            (9, moves),
            (28 / 3, moves),
            (24, "The first window is 3 × 3, not 5 × 5."),
            (27, "A window of 2 would fit at 27 places. This one has 3."),
            (30, "The map is smaller than the picture: the window stays inside."),
            (13, "The map comes before its pooling: give both sides, one by one."),
            (676, "That is how many numbers are in the map. Give one side."),
        ],
        tip="At how many places in a row of 28 does a window of 3 fit?",
        place=1,
    )
    expect(
        second,
        13,
        shown="another number in place {place}",
        mistakes=[
            (24, halves),
            (25, halves),
            (26, halves),
            (
                6.5,
                """Pooling 2 × 2 halves each side once: a quarter of the numbers is
                left.""",
            ),
            (169, "That is how many numbers are in the map. Give one side."),
        ],
        tip="The first map is right, 26. Pooling keeps one of every two.",
        place=2,
    )
    expect(
        third,
        10,
        shown="another number in place {place}",
        mistakes=[
            (9, "13 - 4 is one too few: count the first place."),
            (11, "The second window is 4 × 4, not 3 × 3."),
            (13, fits),
            (3, moves),
            (3.25, moves),
            (100, "That is how many numbers are in the map. Give one side."),
        ],
        tip="13 is right. At how many places in a row of 13 does a window of 4 fit?",
        place=3,
    )
    expect(
        fourth,
        5,
        shown="another number in place {place}",
        mistakes=[
            (10, halves),
            (9, halves),
            (
                2.5,
                """Pooling 2 × 2 halves each side once: a quarter of the numbers is
                left.""",
            ),
            (25, "That is how many numbers are in the map. Give one side."),
        ],
        tip="The first three are right. Half of 10?",
        place=4,
    )


ex.wrong([25, 12.5, 8.5, 4.25], says="28 - 3 is one too few")
ex.wrong([28, 14, 14, 7], says="stick out of the picture")
ex.wrong([24, 12, 8, 4], says="The first window is 3 × 3")
ex.wrong([26, 24, 21, 18], says="Pooling halves the side")
ex.wrong([26, 6.5, 3.5, 1.75], says="halves each side once")
ex.wrong([26, 12, 9, 4], says="The first map is right, 26")
ex.wrong([26, 13, 9, 4.5], [26, 13, 9, 5], says="13 - 4 is one too few")
ex.wrong([26, 13, 11, 5.5], says="The second window is 4 × 4")
ex.wrong([26, 13, 12, 6], says="in a row of 13")
ex.wrong([26, 13, 10, 10], says="Pooling halves the side")
ex.wrong([26, 13, 10, 4], [26, 13, 10, 6], says="Half of 10?")
ex.wrong([26, 13, 10, 25], [676, 169, 100, 25], says="Give one side")
ex.wrong([(26, 26), (13, 13), (10, 10), (5, 5)], says="One side is enough")
ex.wrong([(26, 26), (13, 13), (10, 11), (5, 5)], says="as high as it is wide: pictures")
ex.wrong([28, 26, 13, 10, 5], says="Leave the picture itself out")
ex.wrong([5, 10, 13, 26], says="the largest map comes first")
ex.wrong(["26", "13", "10", "5"], "26, 13, 10, 5", says="without quotes")
ex.wrong(5, says="4 numbers are wanted")
ex.right((26, 13, 10, 5))
ex.right(np.array([26.0, 13.0, 10.0, 5.0]))
