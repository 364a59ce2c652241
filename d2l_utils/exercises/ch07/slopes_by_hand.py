import itertools

import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "07.slopes_by_hand",
    hints=[
        "Forward first: what are `a * b`, `a * b + c` and `L`?",
        """Backward: L is a product. The slope at `a * b + c` is the other factor, the
        outer `a`, and `c` gets it one for one.""",
        """`a` is used twice: once outside, where its slope is `a * b + c`, and once
        inside, through `a * b`. Add the two shares.""",
    ],
    explanation="""Forward: ab = 6, ab + c = 10, L = 20. The slope at ab + c is the
        outer a, 2. So c gets 2, and b gets 2 · a = 4. The inner a gets 2 · b = 6, the
        outer one 10, which makes 16.""",
)
ex.value(slopes=[16, 4, 2])


@ex.check("the slopes of (ab + c) a at a = 2, b = 3, c = 4")
def _(answer):
    outer, inner = 10, 6
    both = outer + inner
    expect(
        answer,
        [both, 4, 2],
        shown="three other numbers: the slopes in a, in b and in c",
        mistakes=[
            (
                [outer, 4, 2],
                """In a, 10 is the share of the outer use alone. `a` is used in two
                places, and each use gives it a share.""",
            ),
            (
                [inner, 4, 2],
                """In a, 6 is the share that comes through ab. `a` is used in two
                places, and each use gives it a share.""",
            ),
            ([outer * inner, 4, 2], "The shares of a fork add up."),
            ([both, 6, 2], "In b: the local derivative of ab is the *other* factor."),
            ([both, 4, 1], "In c: c is added, and then multiplied by the outer a."),
            (
                [outer + 3, 2, 1],
                "On the way to ab and to c the slope passes the outer factor a: "
                "multiply by it.",
            ),
            (
                [both, 2, 1],
                "The slope at ab + c is not 1: L is a product, and a is its other "
                "factor.",
            ),
            (
                [both, 12, 2],
                "In b: on the way to ab the slope is a, and a again; b plays no part.",
            ),
            ([both, 4, 0], "In c: c is added, and whatever is added counts."),
            ([both, 4, 4], "In c: one factor a is enough, the outer one."),
            ([both, 4, 20], "In c: 20 is the value of L. Which slope has ab + c?"),
            ([20, 4, 2], "In a: 20 is the value of L. Add the shares of both uses."),
            (
                [outer + 3, 4, 2],
                "In a: the inner share passes the outer factor, too: 2 · 3, not 3.",
            ),
            ([outer, 2, 1], "a counts as a factor everywhere: inside, and for ab + c."),
            ([-both, -4, -2], "The sign is turned around: L rises with all three."),
            *(
                (other, "The right numbers, in the wrong order.")
                for other in itertools.permutations([both, 4, 2])
            ),
        ],
        tip="Write the value above each box first. Then walk back from L with slope 1.",
    )


ex.wrong([10, 4, 2], says="the share of the outer use alone")
ex.wrong([6, 4, 2], says="the share that comes through ab")
ex.wrong([60, 4, 2], says="shares of a fork add up")
ex.wrong([16, 6, 2], says="*other* factor")
ex.wrong([13, 2, 1], says="passes the outer factor")
ex.wrong([16, 2, 1], says="is not 1: L is a product")
ex.wrong([2, 4, 16], says="wrong order")
ex.wrong([16, 12, 2], says="b plays no part")
ex.wrong([16, 4, 0], says="whatever is added counts")
ex.wrong([13, 4, 2], says="not 3")
ex.wrong([20, 4, 2], [16, 4, 20], says="20 is the value of L")
ex.wrong([-16, -4, -2], says="The sign is turned around")
ex.wrong(["16", "4", "2"], says="Numbers are wanted")
ex.wrong(20, says="3 numbers are wanted")
ex.right((16.0, 4.0, 2.0))
ex.right(np.array([16, 4, 2], dtype=np.float32))
