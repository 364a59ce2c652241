import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "04.rate_for_one_step",
    hints=[
        """Which curvatures has this landscape? They belong to the table `X.T @ X / m`,
        with the scaled feature in the first column of `X` and ones in the second.""",
        """The entries of that table are the mean of x², the mean of x, and the mean of
        1. With mean 0 and spread 1, what are they?""",
        "In a valley of curvature λ, a step leaves the part |1 - ηλ|. Make it 0.",
    ],
    explanation="""The mean of x² is 1, the mean of x is 0, so the table is 1, 0 over 0,
        1: a round bowl with the curvature 1 in all directions. The rate 1 leaves
        nothing. With proline as it was measured, the condition number
        would be some four million.""",
)
ex.value(one_step_rate=1.0)


@ex.check("the distance that one step leaves")
def _(answer):
    try:
        part = abs(1 - float(answer))
    except (TypeError, ValueError):
        part = np.inf
    left = "One step with this rate leaves {percent:.4g}% of the way."
    expect(
        answer,
        1,
        rtol=1e-3,
        shown="a rate that leaves nothing of the way",
        mistakes=[
            (
                0.5,
                "Half of the way is left. 0.5 is the rate for a loss without the half.",
            ),
            (
                2,
                "That is the limit: the step jumps across the lowest point, to the "
                "same height on the other side.",
            ),
            (-1, "A rate below 0 goes uphill."),
            (0, "With the rate 0 there is no step."),
        ],
        tip=left if np.isfinite(part) else "",
        percent=100 * part,
    )


ex.wrong(0.5, says="the rate for a loss without the half")
ex.wrong(0.1, says="leaves 90% of the way")
ex.wrong(2, says="jumps across the lowest point")
ex.wrong(0.99, says="leaves 1% of the way")
ex.wrong(-1, says="goes uphill")
ex.wrong(3.0, says="leaves 200% of the way")
ex.wrong("one", says="Numbers are wanted here")
ex.right(1)
ex.right(np.float32(1))
