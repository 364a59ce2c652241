import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "11.float32_h",
    hints=[
        "Section 3 has the formula for the central difference. Which ε belongs here?",
        "The ε of float32 is about 1.2e-7; `np.cbrt` is the cube root.",
    ],
    explanation="""The cube root of 3ε, with ε = 2**-23, is 0.007: a thousand times
        larger than for float64, and the error there is about 2.5e-5. So a numerical
        gradient is better taken in float64.""",
)
ex.value(best_h=0.007)


@ex.check("the best h for a central difference in float32")
def _(answer):
    size = answer.item() if np.size(answer) == 1 and hasattr(answer, "item") else answer
    if isinstance(size, int | float) and 0.0035 <= size <= 0.014:
        return
    eps32, eps64 = 2.0**-23, 2.0**-52
    if isinstance(size, int | float) and not 0 < size < np.inf:
        refuse("A step is a number above 0.", got=size)
    expect(
        answer,
        float(np.cbrt(3 * eps32)),
        rtol=0.35,
        atol=1e-12,
        shown="another number",
        mistakes=[
            (np.cbrt(3 * eps64), "That is the step for float64."),
            (np.sqrt(2 * eps32), "That is the step for the forward difference."),
            (np.sqrt(2 * eps64), "That is for the forward difference in float64."),
            (eps32, "With ε itself the step is lost in rounding. Balance two errors."),
            (3 * eps32, "The cube root is missing."),
            (1e-4, "That is what the package takes, for float64."),
        ],
        tip="ε is 2**-23 here, and the two errors are h²/6 and ε/h.",
    )


ex.wrong(6e-6, 8.7e-6, says="That is the step for float64")
ex.wrong(4.9e-4, says="for the forward difference")
ex.wrong(2e-8, says="the forward difference in float64")
ex.wrong(1.2e-7, says="Balance two errors")
ex.wrong(3.6e-7, says="The cube root is missing")
ex.wrong(1e-4, says="what the package takes")
ex.wrong(0.1, says="the two errors are h²/6 and ε/h")
ex.wrong(0, says="A step is a number above 0")
ex.right(0.005)
ex.right(0.01)
ex.right(np.cbrt(3 * 2.0**-23))
