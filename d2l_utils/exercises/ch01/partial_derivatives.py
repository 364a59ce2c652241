import numpy as np

from ..exercise import Exercise
from ..expect import expect

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
            ([9, 4], "Along x1 the slope is 2 · x0 · x1. Where is x1 = 3?"),
            ([6, 12], "In the first, x1 is frozen: x1² stays, and has no slope."),
            ([3, 12], "In the first, x1 stays as it is, squared."),
            ([9, 18], "The second is the height. How fast does it change with x1?"),
            ([18, 12], "The first is the height. How fast does it change with x0?"),
            ([4, 6], "Those are the slopes of x0² and x1². The two multiply here."),
            ([2, 3], "Those are the inputs. How fast does f change with each?"),
            ([0, 12], "x0 has the slope 1, and the frozen x1² stays as a factor."),
            ([9, 36], "The power falls by one: x1² has the slope 2 · x1."),
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
ex.wrong([9, 4], says="Where is x1 = 3?")
ex.wrong([6, 12], says="and has no slope")
ex.wrong([9, 18], says="The second is the height")
ex.wrong([18, 12], says="The first is the height")
ex.wrong([2, 3], says="Those are the inputs")
ex.wrong([4, 6], says="The two multiply here")
ex.wrong([0, 12], says="x0 has the slope 1")
ex.wrong([9, 36], says="The power falls by one")
ex.right((9.0, 12.0))
ex.right(np.array([9, 12], dtype=np.float32))
