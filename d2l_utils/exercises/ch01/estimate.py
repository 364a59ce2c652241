import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "01.estimate",
    hints=[
        "f(x + h) ≈ f(x) + h · f'(x), here with x = 4 and h = 1.",
        "The power 1/2 comes down and falls by one: the slope is 1 / (2 √x).",
    ],
    explanation="""The slope of √x is 1 / (2 √x), at 4 that is 1/4. So √5 is about
        2 + 1 · 1/4 = 2.25. The exact root, 2.236..., is a little less: the curve
        bends down, away from its tangent.""",
)
ex.value(estimate=2.25)


@ex.check("√5, estimated from √4")
def _(answer):
    expect(
        answer,
        2.25,
        shown="another number",
        mistakes=[
            (
                np.sqrt(5),
                """That is the root itself. What does the tangent at 4 say of it?""",
            ),
            (2.5, "The power 1/2 comes down: the slope has a factor 1/2, too."),
            (
                3,
                """At 4 the power falls by one to -1/2: not √4 but 1 / √4 belongs into
                the slope.""",
            ),
            (2.125, "The slope is taken at 4, where √4 is 2: not 1 / (2 · 4)."),
            (2 + 1 / (2 * np.sqrt(5)), "The slope is taken at 4, where you stand."),
            (0.25, "That is the slope alone. The estimate begins with the height, 2."),
            (4.25, "It begins with the height √4, that is 2, not with x."),
            (1.75, "√x rises from 4 to 5: add what the tangent rises."),
            (3.25, "h is 1, as from 4 to 5, and it is multiplied by the slope."),
            (4, "The power falls by one: the slope is 1/2 · x^(-1/2)."),
            (2.24, "Is that the root, rounded? Take 2 and h times the slope at 4."),
        ],
        tip="Take the height at 4 and add h times the slope at 4.",
    )


ex.wrong(float(np.sqrt(5)), says="That is the root itself")
ex.wrong(2.5, says="has a factor 1/2")
ex.wrong(3, says="belongs into the slope")
ex.wrong(2.125, says="not 1 / (2 · 4)")
ex.wrong(2 + 1 / (2 * np.sqrt(5)), says="where you stand")
ex.wrong(0.25, says="the slope alone")
ex.wrong(4.25, says="not with x")
ex.wrong(1.75, says="add what the tangent rises")
ex.wrong(3.25, says="multiplied by the slope")
ex.wrong(4, says="falls by one")
ex.wrong(2.24, says="rounded?")
ex.wrong(2.236, says="That is the root itself")
ex.wrong(7, says="add h times the slope")
ex.right(np.array([2.25]))
