import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "06.two_steps",
    hints=[
        "The slope of x² is 2x. At the start v = 0, so the first v is the slope at 1.",
        "v is 2 after the first step, so x is 1 - 0.1 · 2. Take the next slope there.",
        "The second v is 0.9 · 2 plus the new slope. Then step by 0.1 times this v.",
    ],
    explanation="""First v = 0.9 · 0 + 2 = 2 and x = 1 - 0.1 · 2 = 0.8. The slope there
        is 1.6, so v = 0.9 · 2 + 1.6 = 3.4 and x = 0.8 - 0.1 · 3.4 = 0.46. The second
        step is longer than the first, although the slope has become smaller.""",
)
ex.value(places=[0.8, 0.46])


@ex.check("x after one step and after two steps")
def _(answer):
    nesterov = "That is Nesterov's rule. Here the slope is taken at x itself."
    both = "Both places are wanted, as a list: after step 1, then after step 2."
    expect(
        answer,
        [0.8, 0.46],
        shown="two other numbers: x after step 1, then x after step 2",
        mistakes=[
            ([0.8, 0.64], "That is plain descent. What does v keep of the first step?"),
            ([0.8, 0.456], "Only the old v is multiplied by 0.9, not the new slope."),
            ([0.8, 0.44], "Nothing is lost to friction here: β is 0.9, not 1."),
            ([0.8, 0.42], "The second slope is taken at 1 again. x has moved on."),
            ([0.98, 0.9424], "That is the EMA form. Here the whole slope is added."),
            ([2, 3.4], "Those are the velocities. Where is x?"),
            ([0.8, 0.496], nesterov),
            ([0.62, 0.2224], nesterov),
            ([0.9, 0.72], "The slope of x² is not x."),
            ([1.2, 1.62], "v points uphill. Which sign turns it around?"),
            ([1.2, 1.58], "v points uphill. Which sign turns it around?"),
            ([1.2, 1.22], "v points uphill. Which sign turns it around?"),
            ([0.8, 1.14], "The first step is right. The second has the same sign."),
            ([0.46, 0.8], "The right places, in the wrong order."),
            (
                [-0.8, -0.46],
                "The sizes are right. The walk starts at 1 and comes nearer to 0.",
            ),
            (
                [0.2, 0.34],
                "Those are the lengths of the steps. Where is x after each?",
            ),
            ([-0.2, -0.34], "Those are the steps. Where is x after each?"),
            (
                [0.8, 0.62],
                "Only the old velocity has moved x. The new slope, at 0.8, joins it.",
            ),
            (
                [0.8, 0.6],
                "The second step is longer than the first: v keeps 0.9 of it and adds "
                "the new slope.",
            ),
            ([-1, -0.8], "The rate is missing: x changes by 0.1 times v."),
            ([0.8, 0.5], "Nearly. The second place has two digits after the point."),
            ([0.98, 0.94], "That is the EMA form. Here the whole slope is added."),
            ([0.8, 0.46, 0.114], "Two steps only."),
            ([1, 0.8, 0.46], "Leave the start out: only the two steps are wanted."),
            ([1, 0.8], "Leave the start out: go one step further."),
            (0.8, both),
            ([0.8], both),
            (0.46, both),
            ([0.46], both),
        ],
        tip="One line at a time: slope, velocity, place.",
    )


ex.wrong([0.8, 0.64], says="plain descent")
ex.wrong([0.98, 0.9424], says="the EMA form")
ex.wrong([0.8, 0.42], says="taken at 1 again")
ex.wrong([0.8, 0.44], says="lost to friction")
ex.wrong([2, 3.4], says="Those are the velocities")
ex.wrong([1.2, 1.62], says="v points uphill")
ex.wrong([0.46, 0.8], says="in the wrong order")
ex.wrong([1.2, 1.58], [1.2, 1.22], says="v points uphill")
ex.wrong([0.8, 1.14], says="The second has the same sign")
ex.wrong([-0.8, -0.46], says="comes nearer to 0")
ex.wrong([0.2, 0.34], says="Those are the lengths of the steps")
ex.wrong([0.8, 0.62], says="The new slope, at 0.8, joins it")
ex.wrong([-1, -0.8], says="The rate is missing")
ex.wrong([0.8, 0.46, 0.114], says="Two steps only")
ex.wrong([1, 0.8, 0.46], says="Leave the start out")
ex.wrong(["0.8", "0.46"], says="Numbers are wanted")
ex.wrong(0.46, says="Both places are wanted")
ex.right((0.8, 0.46))
ex.right(np.array([0.8, 0.46], dtype=np.float32))
