import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "10.bytes",
    hints=[
        "How many bytes are 101,770 numbers, if each of them takes four?",
        """In the ring each process sends one part, a tenth of the gradient, in each of
        2 · 9 steps. Whole arrays go round in 9 steps.""",
    ],
    explanation="""The gradient takes S = 4 · 101,770 = 407,080 bytes. In the ring each
        process sends a tenth of it in each of 18 steps: 1.8 · S = 732,744. Whole arrays
        go round in nine steps: 9 · S = 3,663,720. With a thousand processes the
        first number would be just below 2 · S, the second 999 · S.""",
)
ex.value(sent=[732_744, 3_663_720])


def entry(answer, place):
    """One of the two numbers; refuses what is not two numbers."""
    try:
        given = np.asarray(answer)
    except (RuntimeError, TypeError, ValueError):
        given = np.zeros(0)
    if given.shape != (2,) or given.dtype.kind not in "iuf":
        expect(answer, np.zeros(2), shown="two numbers of bytes")
    return given[place]


@ex.check("the first number: in the ring")
def _(answer):
    expect(
        entry(answer, 0),
        732_744,
        shown="another number",
        mistakes=[
            (183_186, "So many *numbers*. A number in float32 takes four bytes."),
            (1_465_488, "float64 takes eight bytes for a number, float32 four."),
            (
                366_372,
                "That is the first half, reduce-scatter. Then the sums go round.",
            ),
            (
                814_160,
                "Each half of the ring takes n - 1 steps, not n: what a process has "
                "finished itself need not be sent to it.",
            ),
            (407_080, "That is the gradient once. How often does a part of it go out?"),
            (40_708, "That is one part of ten. In how many steps is one sent?"),
            (
                7_327_440,
                "So much all ten send together, and so much passes through a parameter "
                "server. How much does one process send?",
            ),
            (3_663_720, "The ring that sends parts comes first. It sends less."),
        ],
        tip="How many steps are there, and how many bytes are sent in each?",
    )


@ex.check("the second number: whole arrays")
def _(answer):
    expect(
        entry(answer, 1),
        3_663_720,
        shown="another number",
        mistakes=[
            (915_930, "So many *numbers*. A number in float32 takes four bytes."),
            (7_327_440, "float64 takes eight bytes for a number, float32 four."),
            (4_070_800, "After nine steps everybody has all ten: count the steps."),
            (407_080, "That is the gradient once. In how many steps is it sent?"),
            (732_744, "Without parts it is the whole gradient that is passed on."),
            (
                36_637_200,
                "So much all ten send together. How much does one process send?",
            ),
        ],
        tip="How many steps are there, and how many bytes are sent in each?",
    )


ex.wrong([183_186, 915_930], says="A number in float32 takes four bytes")
ex.wrong([1_465_488, 7_327_440], says="float64 takes eight bytes")
ex.wrong([366_372, 3_663_720], says="Then the sums go round")
ex.wrong([814_160, 4_070_800], says="takes n - 1 steps, not n")
ex.wrong([407_080, 407_080], says="How often does a part of it go out?")
ex.wrong([40_708, 407_080], says="one part of ten")
ex.wrong([7_327_440, 36_637_200], says="all ten send together")
ex.wrong([3_663_720, 732_744], says="The ring that sends parts comes first")
ex.wrong([732_744, 4_070_800], says="everybody has all ten")
ex.wrong([732_744, 732_744], says="the whole gradient that is passed on")
ex.wrong([732_744, 407_080], says="In how many steps is it sent?")
ex.wrong([732_744, 1], says="how many bytes are sent in each?")
ex.wrong(["732744", "3663720"], says="leave the quotes out")
ex.wrong(732_744, says="2 numbers are wanted")
ex.right((2 * 9 / 10 * 407_080, 9 * 407_080))
ex.right(np.array([0.732744e6, 3.66372e6]))
