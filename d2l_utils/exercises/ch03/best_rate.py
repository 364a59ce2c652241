from fractions import Fraction

import numpy as np

from ..exercise import Exercise, fill
from ..expect import expect, refuse

ex = Exercise(
    "03.best_rate",
    hints=[
        "First the two curvatures: the second derivatives along x0 and along x1.",
        "The slower direction sets the pace. The best rate makes the two factors equal "
        "in size.",
        "The curvatures are 1 and 6, and the best rate is 2 / (λmin + λmax).",
    ],
    explanation="""The curvatures are 1 and 6, so the best rate is 2 / 7, and both
        factors have the size 5/7. A smaller rate is slower along the valley, a larger
        one across it.""",
)
ex.value(best_rate=2 / 7)


# So many steps more are allowed that 2/7 may be rounded to two digits.
ENOUGH = 4


@ex.check("the walk with this rate needs at most four steps more than the best")
def _(answer):
    expect(answer, 0, atol=1e300, shown="a number")
    while np.ndim(answer):
        answer = answer[0]
    lr = float(answer)
    curvatures = np.array([1.0, 6.0])

    def steps_needed(lr):
        x, steps = np.ones(2), 0
        while np.max(np.abs(x)) >= 1e-6 and steps < 1000:
            x, steps = (1 - lr * curvatures) * x, steps + 1
        return steps

    best, needed = steps_needed(2 / 7), steps_needed(lr)
    if needed <= best + ENOUGH:
        return fill(
            "It needs {needed} steps, the best of all rates {best}.",
            needed=needed,
            best=best,
        )
    if lr <= 0:
        message = "The rule subtracts η times the slope: η must be greater than 0."
    elif np.isclose(lr, 2 / 3.5, rtol=1e-2):
        message = (
            "0.5 and 3 are not the curvatures. A curvature is a second derivative."
        )
    elif np.isclose(lr, 2 / 6.5, rtol=1e-3):
        message = (
            "0.5 is not the curvature along the valley. What is the second derivative?"
        )
    elif np.isclose(lr, 2 / 4):
        message = "3 is not the curvature across the valley. What is it?"
    elif np.isclose(lr, 2 / 4.2, rtol=1e-2):
        message = "That is the best rate of the long bowl. Here the curvatures differ."
    elif np.isclose(lr, 5 / 7, rtol=1e-2):
        message = "That is the factor of each step, not the rate."
    elif np.isclose(lr, 7 / 2):
        message = "Turn the division around: a large curvature wants a small rate."
    elif lr >= 1 / 3:
        message = "Across the valley this rate is not below the limit, 2 / λmax."
    elif np.isclose(lr, 1 / 7, rtol=2e-2):
        message = (
            "Half of it: each of the two factors is still above 0. Where do they meet?"
        )
    elif np.isclose(lr, 1 / 6, rtol=1e-2):
        message = "Across the valley it arrives at once. Along it, the walk is slow."
    elif lr < 2 / 7:
        message = "Along the valley a larger rate would be faster."
    else:
        message = "Across the valley a smaller rate would be faster."
    refuse(
        message,
        expected="at most {enough} steps to a millionth of the distance",
        got="{needed} steps" if needed < 1000 else "not there after 1000 steps",
        enough=best + ENOUGH,
        needed=needed,
    )


ex.wrong(0.1667, says="Across the valley it arrives at once")
ex.wrong(0.25, says="Along the valley a larger rate")
ex.wrong(1e-300, says="Along the valley a larger rate")
ex.wrong(1 / 7, says="Where do they meet?")
ex.wrong(2 / 6.5, says="0.5 is not the curvature")
ex.wrong(2 / 4, says="3 is not the curvature")
ex.wrong(2 / 4.2, says="best rate of the long bowl")
ex.wrong(5 / 7, says="not the rate")
ex.wrong(7 / 2, says="Turn the division around")
ex.wrong(0.1, says="Along the valley a larger rate")
ex.wrong(0.3, says="Across the valley a smaller rate")
ex.wrong(1 / 3, says="not below the limit")
ex.wrong(1, says="not below the limit")
ex.wrong(2 / 3.5, says="not the curvatures")
ex.wrong(-2 / 7, says="greater than 0")
ex.wrong([0.28, 0.28], says="One number is wanted")
ex.right(0.28)
ex.right(0.29)
ex.right(Fraction(2, 7))
ex.right(np.float32(0.2857))
ex.right([[0.286]])
