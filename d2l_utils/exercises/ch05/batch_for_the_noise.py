import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "05.batch_for_the_noise",
    hints=[
        "Four times the batch, half the noise (figure 5.3). For a third of it?",
        "The noise falls as 1/√B. Which number has the square root 3?",
    ],
    explanation="""The noise is to be a third, and 1/√9 is 1/3: nine times the batch, 90
        examples. Each step then costs nine times as many looks, for a third of the
        noise.""",
)
ex.value(enough=90)


@ex.check("the batch size for a third of the noise")
def _(answer):
    root = "√3 times the batch? The other way around: the noise falls by the root."
    size = answer.item() if np.size(answer) == 1 and hasattr(answer, "item") else answer
    number = isinstance(size, int | float)
    if number and not 0 < size < np.inf:
        refuse(
            "A number of examples is wanted: the size of a batch is above 0.", got=size
        )
    noise = 1.2 * np.sqrt(10 / size) if number else np.inf
    less = (
        "Its noise is {noise:.3g}, still more than 0.4. Noise times √B stays the same."
    )
    more = """Its noise is {noise:.3g}: so many are not needed. Noise times √B stays the
        same."""
    expect(
        answer,
        90,
        shown="another number",
        mistakes=[
            (30, "Three times the batch divides the noise by √3 only."),
            (10 * 3**0.5, root),
            (17.3, root),
            (17, root),
            (18, root),
            (270, "That is 3³ times the batch. One 3 too many."),
            (40, "Four times the batch gives half the noise. A third is wanted."),
            (80, "80 are to be added. How large is the batch then?"),
            (10 / 3, "A smaller batch is noisier."),
            (10 / 9, "A smaller batch is noisier."),
            (9, "Nine times as large, yes. As large as what?"),
            (10 * 3 ^ 2, "`^` is not a power in Python: the square of 3 is `3**2`."),
            (900, "Nine times the batch: nine times 10."),
        ],
        tip=(less if size < 90 else more) if number else "",
        noise=noise,
    )


ex.wrong(30, says="divides the noise by √3 only")
ex.wrong(17.32, says="the noise falls by the root")
ex.wrong(9, says="As large as what?")
ex.wrong(100, says="Its noise is 0.379: so many are not needed")
ex.wrong(89, says="Its noise is 0.402, still more than 0.4")
ex.wrong(10 * 3 ^ 2, says="`^` is not a power")
ex.wrong(900, says="nine times 10")
ex.wrong(-90, 0, says="the size of a batch is above 0")
ex.right(90.0)
ex.right(np.array([90]))
