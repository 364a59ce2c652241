import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "09.expected_errors",
    hints=[
        "Section 2 has a formula for both. What are p and n here?",
        "A polynomial of degree 4 has one weight more than its degree.",
        "p / n is a quarter.",
    ],
    explanation="""Degree 4 has p = 5 weights, and p / n = 5 / 20 is a quarter. On
        average the training error is 0.16 · (1 - 0.25) = 0.12, and the error on new
        labels 0.16 · (1 + 0.25) = 0.20. The true curve itself would have 0.16 on
        both.""",
)
ex.value(both=[0.12, 0.2])

FOUR = "A polynomial of degree 4 has five weights: the one for the constant counts."
NOISE = "The noise is given by its variance, 0.16: do not square it, nor take its root."


@ex.check("training error and error on new labels")
def _(answer):
    expect(
        answer,
        np.array([0.12, 0.2]),
        shown="two other numbers",
        mistakes=[
            ([0.2, 0.12], "The other way round: the training error comes first."),
            ([0.128, 0.192], FOUR),
            ([0.112, 0.208], "Degree 4: 1, x, x², x³ and x⁴. That is five weights."),
            ([0.16 * 0.16 * 0.75, 0.16 * 0.16 * 1.25], NOISE),
            ([0.4 * 0.75, 0.4 * 1.25], NOISE),
            ([0.16, 0.16], "So it would be for the true curve, which fits no noise."),
            ([0.12, 0.16], "The noise that was swallowed is missing in new labels."),
            ([0.12, 0.24], "On new labels p/n is added to 1, not twice that."),
        ],
        tip="σ²(1 - p/n) and σ²(1 + p/n), with the number of weights p.",
    )


ex.wrong([0.2, 0.12], says="The other way round")
ex.wrong([0.128, 0.192], says="A polynomial of degree 4 has five weights")
ex.wrong([0.112, 0.208], says="That is five weights")
ex.wrong([0.0192, 0.032], [0.3, 0.5], says="do not square it")
ex.wrong([0.16, 0.16], says="So it would be for the true curve")
ex.wrong([0.12, 0.16], says="is missing in new labels")
ex.wrong([0.12, 0.24], says="not twice that")
ex.wrong([0.1, 0.3], says="with the number of weights p")
ex.wrong(0.12, says="2 numbers are wanted")
ex.right((0.12, 0.2))
ex.right(np.array([0.16 * 15 / 20, 0.16 * 25 / 20]))
