import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "02.level_direction",
    hints=[
        "First the gradient at (-5, -2): `0.2 * x0` and `4 * x1`.",
        "The slope in a direction u is the dot product `g @ u`. When is it 0?",
        "(-b, a) is at a right angle to (a, b), and so is (b, -a).",
    ],
    explanation="""The gradient there is (-1, -8). The level line crosses it at a right
        angle: (8, -1), or (-8, 1), of any length. Their dot product with the gradient
        is -8 + 8 = 0. So the level line runs nearly along the valley.""",
)
ex.value(level=[8, -1])


@ex.check("the slope of the long bowl in this direction is 0")
def _(answer):
    expect(answer, [0, 0], atol=np.inf, shown="two numbers, along x0 and along x1")
    u, g = np.array([float(entry) for entry in answer]), np.array([-1.0, -8.0])
    if not np.all(np.isfinite(u)):
        refuse("Nobody walks that far: give two finite numbers.", got=answer)
    if not np.any(u):
        refuse("(0, 0) is no direction: nobody moves.", got=answer)
    u /= np.max(np.abs(u))
    u /= np.linalg.norm(u)

    def runs_along(*direction):
        return abs(u @ direction) > 0.999 * np.linalg.norm(direction)

    if abs(u @ g) <= 5e-3 * np.linalg.norm(g):
        return
    message = "The dot product of this direction with the gradient is not 0."
    if runs_along(1, 8):
        message = "That is the gradient or its opposite: the steepest way of all."
    elif runs_along(5, 2):
        message = "That is the line to the minimum. Along it the height changes."
    elif runs_along(2, -5):
        message = "That is square to the way home. What is the level line square to?"
    elif runs_along(8, 1):
        message = (
            "The entries have changed places. One of them must change its sign, too."
        )
    elif runs_along(-1, 8):
        message = "One sign has changed. The entries must change places, too."
    elif runs_along(20, -1) or runs_along(20, 1) or runs_along(1, 20):
        message = (
            "0.2 and 4 belong to the formula of the gradient. At (-5, -2) it is "
            "(0.2 · x0, 4 · x1)."
        )
    elif not np.all(u):
        message = "Along an axis the slope is an entry of the gradient. Neither is 0."
    refuse(
        message,
        expected="slope 0",
        got="slope {slope:.3g} for each unit of length",
        slope=u @ g,
    )


ex.wrong([-1, -8], says="the steepest way of all")
ex.wrong([5, 2], says="Along it the height changes")
ex.wrong([2, -5], says="square to the way home")
ex.wrong([8, 1], says="change its sign, too")
ex.wrong([1, -8], says="must change places, too")
ex.wrong([1, 0], says="Along an axis")
ex.wrong([0, 0], says="nobody moves")
ex.wrong([8, -2], says="is not 0")
ex.wrong([4, -0.2], says="belong to the formula")
ex.wrong([0.2, 4], says="belong to the formula")
ex.wrong([np.inf, 1], says="two finite numbers")
ex.wrong(-7.125, says="2 numbers are wanted")
ex.right((-8, 1))
ex.right([8e-200, -1e-200])
ex.right(np.array([8, -1]) / np.sqrt(65))
ex.right(np.array([-4, 0.5], dtype=np.float32))
