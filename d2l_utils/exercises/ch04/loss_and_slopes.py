import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "04.loss_and_slopes",
    hints=[
        "Begin with the three residuals, prediction minus label: 1 - 2, and so on.",
        """The loss: the sum of their squares, divided by 2m = 6. The slope along w: the
        mean of residual times x. The slope along b: the mean of the residuals.""",
    ],
    explanation="""The residuals are -1, -2, -3. Their squares add up to 14, and 14/6 is
        2.33. Times x they are -1, -4, -9, with the mean -14/3 = -4.67. Their own mean
        is -2. Both slopes are negative: raise w and b.""",
)
ex.value(by_hand=[2.3333, -4.6667, -2.0])


def entry(answer, place):
    """One of the three numbers; refuses what is not three numbers."""
    shown = "three numbers: the loss, the slope along w, the slope along b"
    try:
        given = np.asarray(getattr(answer, "detach", lambda: answer)())
        numbers = np.zeros(0) if given.dtype.kind == "U" else given.astype(float)
    except (RuntimeError, TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.shape != (3,):
        expect(answer, np.zeros(3), shown=shown)
    return numbers[place]


@ex.check("the first number: the loss at w = 1, b = 0")
def _(answer):
    expect(
        entry(answer, 0),
        7 / 3,
        rtol=2e-3,
        shown="another number",
        mistakes=[
            (14 / 3, "That is the mean of the squares. The loss is half of it."),
            (7, "Half the sum of the squares. Where is the mean over the points?"),
            (14, "The sum of the squares. The loss divides it by 2m."),
            (6, "Square each residual before you add them up, not their sum."),
            (2, "Square each residual first: 1, 4, 9. Then add, and divide by 2m."),
            (1, "Half the mean size of the residuals. Here they are squared."),
            (-1, "A loss made of squares is never negative: square each residual."),
            (-7 / 3, "A loss made of squares is never negative."),
            (7 / 6, "Halved twice: divide the sum of squares by 2m, here 6."),
            (2.3, "Nearly. One digit more, please."),
            (0, "At w = 1 the line misses every point: no residual is 0."),
        ],
        tip="Square the three residuals, add, divide by 2m.",
    )


@ex.check("the second number: the slope along w")
def _(answer):
    expect(
        entry(answer, 1),
        -14 / 3,
        rtol=2e-3,
        shown="another number",
        mistakes=[
            (14 / 3, "The sign: a residual is prediction minus label, here 1 - 2."),
            (-14, "That is the sum over the points. The slope is a mean, too."),
            (-28 / 3, "Twice too much: the half of the loss cancels the 2."),
            (-7 / 3, "Half of it. The half of the loss is used up by the 2."),
            (-2, "That is the slope along b. For w, each residual counts x times."),
            (2, "That is the slope along b. For w, each residual counts x times."),
            (-4.7, "Nearly. One digit more, please."),
            (-4, "Mean residual times mean x. Multiply first, point by point."),
        ],
        tip="The mean of residual times x.",
    )


@ex.check("the third number: the slope along b")
def _(answer):
    expect(
        entry(answer, 2),
        -2,
        rtol=2e-3,
        shown="another number",
        mistakes=[
            (2, "The size is right. Which way does the line miss, above or below?"),
            (-6, "The residuals add up to -6. The slope is their mean."),
            (-4, "Twice too much: the half of the loss cancels the 2."),
            (-1, "Half of it. The half of the loss is used up by the 2."),
            (0, "b is 0 here, but the loss still changes when b moves."),
        ],
        tip="The inner slope is 1 for b, so it is the mean of the residuals.",
    )


ex.wrong([4.667, -9.333, -4], says="The loss is half of it")
ex.wrong([7, -14, -6], says="Where is the mean over the points?")
ex.wrong([7 / 3, 14 / 3, 2], says="a residual is prediction minus label")
ex.wrong([7 / 3, -2, -14 / 3], says="That is the slope along b")
ex.wrong([7 / 3, -4, -2], says="Multiply first, point by point")
ex.wrong([7 / 3, -14 / 3, -6], says="The slope is their mean")
ex.wrong([7 / 3, -14 / 3, 2], says="Which way does the line miss")
ex.wrong([7 / 6, -14 / 3, -2], says="Halved twice")
ex.wrong([2.3, -4.7, -2], [7 / 3, -4.7, -2], says="One digit more")
ex.wrong([-7 / 3, -14 / 3, -2], says="never negative")
ex.wrong([7 / 3, 2, 14 / 3], says="the slope along b")
ex.wrong(["2.33", "-4.67", "-2"], says="Numbers are wanted")
ex.wrong([0, 0, 0], says="At w = 1 the line misses")
ex.wrong(2.33, says="3 numbers are wanted")
ex.right([7 / 3, -14 / 3, -2])
ex.right((2.33, -4.67, -2))
ex.right(np.array([14 / 6, -14 / 3, -2], dtype=np.float32))
