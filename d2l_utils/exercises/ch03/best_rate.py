import numpy as np

from ..exercise import Exercise
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


@ex.check("the walk with this rate needs at most two steps more than the best")
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
    if needed <= best + 2:
        return
    along, across = np.abs(1 - lr * curvatures)
    if lr <= 0:
        message = "The rule subtracts η times the slope: η must be greater than 0."
    elif np.isclose(lr, 2 / 3.5, rtol=1e-2):
        message = (
            "0.5 and 3 are not the curvatures. A curvature is a second derivative."
        )
    elif lr >= 1 / 3:
        message = "Across the valley this rate is not below the limit, 2 / λmax."
    elif np.isclose(lr, 1 / 6, rtol=1e-2):
        message = "Across the valley it arrives at once. Along it, the walk is slow."
    elif along > across:
        message = "Along the valley a larger rate would be faster."
    else:
        message = "Across the valley a smaller rate would be faster."
    refuse(
        message,
        expected="at most {enough} steps to a millionth of the distance",
        got="{needed} steps" if needed < 1000 else "not there after 1000 steps",
        enough=best + 2,
        needed=needed,
    )


ex.wrong(0.1667, says="Across the valley it arrives at once")
ex.wrong(0.1, says="Along the valley a larger rate")
ex.wrong(0.3, says="Across the valley a smaller rate")
ex.wrong(1 / 3, says="not below the limit")
ex.wrong(1, says="not below the limit")
ex.wrong(2 / 3.5, says="not the curvatures")
ex.wrong(-2 / 7, says="greater than 0")
ex.wrong([0.28, 0.28], says="One number is wanted")
ex.right(0.28)
ex.right(np.float32(0.2857))
ex.right([[0.286]])
