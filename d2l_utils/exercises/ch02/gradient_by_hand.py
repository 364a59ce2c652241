import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "02.gradient_by_hand",
    hints=[
        "Freeze two of the three inputs at a time, and take the slope along the third.",
        "Along `x0`, with `x1 = 3` frozen, f is `3 * x0` and something that stays.",
        "The slope of `sin(x2)` is `cos(x2)`, taken at 0.",
    ],
    explanation="""Along x0 the frozen factor x1 is left, along x1 the factor x0, and
        sin(x2) has the slope cos(x2). At (2, 3, 0) these are 3, 2 and 1.""",
)
ex.value(by_hand=[3, 2, 1])


@ex.check("the gradient of x0 · x1 + sin(x2) at (2, 3, 0)")
def _(answer):
    expect(
        answer,
        [3, 2, 1],
        shown="three slopes, those along x0, x1 and x2",
        mistakes=[
            ([2, 3, 1], "Along x0 the frozen factor is left. Which input is that?"),
            ([3, 2, 0], "0 is the height of sin at 0. How steep is it there?"),
            ([2, 3, 0], "Those are the inputs. How fast does f change with each?"),
            ([3, 2, -1], "The slope of sin is cos, with a plus."),
            ([1, 1, 1], "Freezing an input does not remove it: it stays as a factor."),
            ([0, 0, 1], "In a product the frozen input stays, as a factor."),
            ([6, 6, 1], "6 is the height of x0 · x1. A slope is the frozen factor."),
            ([-3, -2, -1], "The gradient itself points uphill: no minus."),
            ([3, 2, np.cos(2)], "cos is taken at x2, which is 0."),
            ([3, 2, np.cos(3)], "cos is taken at x2, which is 0."),
            (6, "6 is the height. A gradient has a slope for each input."),
        ],
        tip="Freeze two inputs at a time.",
    )


ex.wrong([2, 3, 1], says="Which input is that?")
ex.wrong([3, 2, 0], says="How steep is it there?")
ex.wrong([2, 3, 0], says="Those are the inputs")
ex.wrong([1, 1, 1], says="it stays as a factor")
ex.wrong(6, says="A gradient has a slope for each input")
ex.wrong([6, 6, 1], says="A slope is the frozen factor")
ex.wrong([-3, -2, -1], says="no minus")
ex.wrong([3, 2, np.cos(3)], says="cos is taken at x2")
ex.right((3.0, 2.0, 1.0))
ex.right(np.array([3, 2, 1], dtype=np.float32))
ex.right(d2l.numerical_gradient(lambda x: x[0] * x[1] + np.sin(x[2]), [2, 3, 0]))
