import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "03.after_seven_steps",
    hints=[
        "Put the slope of `2 * x**2` into the rule: by which factor is x multiplied in "
        "each step?",
        "The factor is 1 - 0.5 · 4 = -1.",
    ],
    explanation="""The slope is 4x, so each step multiplies by 1 - 0.5 · 4 = -1: from
        side to side, forever. After 7 steps, an odd number, x is -1.""",
)
ex.value(where=-1)


@ex.check("the walk on 2x² with η = 0.5, 7 steps after x = 1")
def _(answer):
    expect(
        answer,
        -1,
        shown="another number",
        mistakes=[
            (
                1,
                "The right distance. On which side is it after an odd number of steps?",
            ),
            (0, "Does it arrive? The factor is 1 - ηλ, and λ is the slope of 4x."),
            (0.5**7, "η is not the factor: the factor is 1 - ηλ."),
            ((-0.5) ** 7, "What is λ, the slope of 4x? The factor is 1 - ηλ."),
            (-13, "Only the first slope is 4. Take it again after each step."),
            (2, "2 is the height there. Where is x?"),
            (0.96**7, "0.96 is the factor of η = 0.01. What is it with 0.5?"),
            (-(3**7), "The factor is 1 - 0.5 · 4. Is that 3 in size?"),
            (3**7, "That goes up the slope: the rule *subtracts* η times the slope."),
        ],
        tip="Take two steps by hand: x - 0.5 · 4x.",
    )


ex.wrong(1, says="On which side is it")
ex.wrong(0, says="Does it arrive?")
ex.wrong(0.0078125, says="η is not the factor")
ex.wrong(-13, says="Take it again after each step")
ex.wrong(3**7, says="*subtracts*")
ex.wrong(2, says="2 is the height")
ex.wrong(0.96**7, says="the factor of η = 0.01")
ex.wrong(-(3**7), says="Is that 3 in size?")
ex.wrong(-7, says="Take two steps by hand")
ex.right(-1.0)
ex.right(np.array([-1]))
