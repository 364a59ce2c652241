import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "05.steps_of_an_epoch",
    hints=[
        "How many full batches of 64 fit into 1,000? What is left over?",
        "15 · 64 = 960. The rest makes one more batch, a short one.",
    ],
    explanation="""15 full batches take 960 examples; the other 40 make a short one. So
        an epoch has 16 steps: 1,000 / 64, rounded up.""",
)
ex.value(steps_and_rest=[16, 40])


def entry(answer, place):
    """One of the two numbers; refuses what is not two numbers."""
    shown = "two numbers: the steps of an epoch, the length of the last batch"
    try:
        given = np.asarray(getattr(answer, "detach", lambda: answer)())
        numbers = np.zeros(0) if given.dtype.kind == "U" else given.astype(float)
    except (RuntimeError, TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.shape != (2,):
        expect(answer, np.zeros(2), shown=shown)
    return numbers[place]


@ex.check("the first number: the steps of an epoch")
def _(answer):
    expect(
        entry(answer, 0),
        16,
        shown="another number",
        mistakes=[
            (15, "15 full batches take 960 examples. What about the others?"),
            (15.625, "A part of a step cannot be taken. Round it, but which way?"),
            (
                17,
                "16 · 64 is more than 1,000 already. Is the short batch counted twice?",
            ),
            (63, "16 batches of 63 would do. But the batch size is 64."),
            (1000, "That is one step for each example, a batch size of 1."),
            (64, "64 is the batch size. How many such batches are there?"),
            (1, "One step for all examples would be a batch of 1,000."),
            (40, "The steps come first, then the length of the last batch."),
        ],
        tip="How many full batches fit into 1,000, and is anything left over?",
    )


@ex.check("the second number: the length of the last batch")
def _(answer):
    expect(
        entry(answer, 1),
        40,
        shown="another number",
        mistakes=[
            (39, "Nearly. Count again: 1,000 less 15 full batches."),
            (41, "Nearly. Count again: 1,000 less 15 full batches."),
            (64, "16 · 64 is 1,024, and there are 1,000 examples: one is short."),
            (24, "24 are missing from a full batch. How many are in it?"),
            (960, "These are in the 15 full batches. How many are left over?"),
            (62.5, "All batches but the last are full: they do not share the rest."),
            (0.625, "That is the part of a full batch. How many examples is it?"),
            (0, "1,000 is not a multiple of 64: something is left over."),
        ],
        tip="All batches before it are full. How many examples do they take?",
    )


ex.wrong([15, 40], says="What about the others?")
ex.wrong([15.625, 64], says="Round it, but which way?")
ex.wrong([16, 64], says="one is short")
ex.wrong([16, 24], says="How many are in it?")
ex.wrong([40, 16], says="The steps come first")
ex.wrong(["16", "40"], says="Numbers are wanted")
ex.wrong(divmod(1000, 64), says="What about the others?")
ex.wrong([17, 40], says="Is the short batch counted twice?")
ex.wrong([63, 40], says="16 batches of 63")
ex.wrong([16, 39], [16, 41], says="Count again")
ex.wrong(16, says="2 numbers are wanted")
ex.right((16, 40))
ex.right(np.array([16.0, 40.0]))
