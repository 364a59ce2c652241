import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "05.batch_for_the_noise",
    hints=[
        "Four times the batch, half the noise (figure 5.2). For a third of it?",
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
        ],
        tip="Noise times √B stays the same.",
    )


ex.wrong(30, says="divides the noise by √3 only")
ex.wrong(17.32, says="the noise falls by the root")
ex.wrong(9, says="As large as what?")
ex.wrong(100, says="Noise times √B stays the same")
ex.right(90.0)
ex.right(np.array([90]))
