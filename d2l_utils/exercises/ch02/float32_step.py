import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "02.float32_step",
    hints=[
        "Section 1 has a formula for the best h of the central difference. What in it "
        "depends on the format of the numbers?",
        "The cube root of ε/2 is `(eps / 2) ** (1 / 3)`. In float32 ε is `2.0**-23`.",
    ],
    explanation="""The cube root of ε/2 is about 0.004 for float32. That is nearly a
        thousand times the best h for float64, and far above the 1e-4 that serves
        there: with 7 digits the left arm of the U begins much farther to the right.
        The formula was made for another curve, so it gives the size of a good h, not
        its digits.""",
)
ex.value(h32=0.004)


@ex.check("the typical error with this h, in float32, near x = 2")
def _(answer):
    expect(answer, 0, atol=np.inf, shown="a number")
    h = float(np.ravel(answer)[0])
    if not h > 0:
        refuse(
            "The two points stand at a distance h from x, one on each side.",
            expected="a number greater than 0",
            got=answer,
        )
    if np.float32(h) == 0:
        refuse(
            "float32 has no number as small as this: there it is 0.",
            expected="an error below 5e-06",
            got=answer,
        )
    points = np.linspace(1.5, 2.5, 201)
    x = points.astype(np.float32)
    # With its neighbors, since the rounding of a single h may be lucky.
    steps = (h * np.linspace(0.9, 1.1, 21)).astype(np.float32)[:, None]
    values = [1 / (1 + side * side) for side in (x + steps, x - steps)]
    slopes = (values[0] - values[1]) / (2 * steps)
    errors = np.abs(slopes + 2 * points / (1 + points**2) ** 2)
    error = np.median(np.median(errors, axis=1))
    if error < 5e-6:
        return
    best = np.cbrt(3 * np.finfo(np.float32).eps)
    if h > best:
        message = "That is on the right arm, truncation: the points are too far apart."
    elif 3e-6 < h < 1.2e-5:
        message = "That is the best h for float64. What is ε in float32?"
    elif 1.5e-4 < h < 6e-4:
        message = (
            "The square root is for the forward difference. And for the central one?"
        )
    else:
        message = (
            "That is on the left arm, rounding: the last of 7 digits, divided by h."
        )
    refuse(
        message,
        expected="an error below 5e-06",
        got="an error of {error:.0e} with h = {h:.2g}",
        error=error,
        h=h,
    )


ex.wrong(1e-4, says="That is on the left arm")
ex.wrong(np.cbrt(3 * np.finfo(np.float64).eps), says="What is ε in float32?")
ex.wrong(np.cbrt(np.finfo(np.float64).eps / 2), says="What is ε in float32?")
ex.wrong(np.sqrt(2 * np.finfo(np.float32).eps), says="And for the central one?")
ex.wrong(np.sqrt(np.finfo(np.float32).eps / 3), says="And for the central one?")
ex.wrong(0.1, says="That is on the right arm")
ex.wrong(0.0007, says="That is on the left arm")
ex.wrong(np.finfo(np.float32).eps, says="That is on the left arm")
ex.wrong(1e-60, says="as small as this")
ex.wrong(0, says="one on each side")
ex.wrong(-0.007, says="one on each side")
ex.wrong([0.007, 0.008], says="One number is wanted")
ex.right(np.cbrt(np.finfo(np.float32).eps))
ex.right(np.cbrt(np.finfo(np.float32).eps / 2))
ex.right(np.cbrt(3 * np.finfo(np.float32).eps))
ex.right(np.float32(0.01))
ex.right([0.003])
