import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "11.float32_h",
    hints=[
        "Section 3 has the formula for the forward difference. Which ε belongs here?",
        "The ε of float32 is about 1.2e-7, and the two errors are h/2 and ε/h.",
    ],
    explanation="""The root of 2ε, with ε = 2**-23, is 0.0005: more than ten thousand
        times larger than for float64, and only three or four digits of the slope are
        right. So a numerical gradient is better taken in float64.""",
)
ex.value(best_h=0.0005)


@ex.check("the best h for a forward difference in float32")
def _(answer):
    size = answer.item() if np.size(answer) == 1 and hasattr(answer, "item") else answer
    if isinstance(size, int | float) and 0.00024 <= size <= 0.001:
        return
    eps32, eps64 = 2.0**-23, 2.0**-52
    if isinstance(size, int | float) and not 0 < size < np.inf:
        refuse("A step is a number above 0.", got=size)
    expect(
        answer,
        float(np.sqrt(2 * eps32)),
        rtol=0.35,
        atol=1e-12,
        shown="another number",
        mistakes=[
            (np.sqrt(2 * eps64), "That is the step for float64."),
            (np.cbrt(3 * eps32), "That is the step for the central difference."),
            (np.cbrt(3 * eps64), "That is for the central difference in float64."),
            (eps32, "With ε itself the step is lost in rounding. Balance two errors."),
            (2 * eps32, "The root is missing."),
        ],
        tip="ε is 2**-23 here, and the two errors are h/2 and ε/h.",
    )


ex.wrong(2.1e-8, says="That is the step for float64")
ex.wrong(0.007, says="for the central difference")
ex.wrong(8.7e-6, says="the central difference in float64")
ex.wrong(1.2e-7, says="Balance two errors")
ex.wrong(2.4e-7, says="The root is missing")
ex.wrong(0.1, says="the two errors are h/2 and ε/h")
ex.wrong(0, says="A step is a number above 0")
ex.right(0.0003)
ex.right(0.0009)
ex.right(np.sqrt(2 * 2.0**-23))
