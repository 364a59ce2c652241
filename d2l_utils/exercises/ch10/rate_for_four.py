import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "10.rate_for_four",
    hints=[
        "How much does one example count in a step, if the batch is four times larger?",
        """The full rate is `processes * base`. On the way to it, a part `step / warmup`
        of the rise is done.""",
        "`base + (processes * base - base) * step / warmup`, while `step < warmup`.",
    ],
    explanation="""A step with the mean of four batches is about the four small steps
        that it replaces, if it is four times as long. That holds only where the slope
        is nearly the same at the end of these steps as at their beginning, and at the
        start of a training it is not: so the rate rises slowly. From where the batch
        is so large that its noise no longer matters, longer steps do not help.""",
)


@ex.solution
def rate(step, processes, base=0.1, warmup=100):
    """Give the learning rate of a step; steps are counted from 0.

    base is the rate that suits one process. The rate begins there and rises by equal
    amounts, until in step `warmup` it is base times the number of processes. With
    warmup=0 it is there at once.
    """
    # BEGIN SOLUTION
    full = processes * base
    if step >= warmup:
        return full
    return base + (full - base) * step / warmup
    # END SOLUTION


@ex.check("four processes, long after the warm-up: step 5,000")
def _(answer):
    expect(
        answer(5000, 4),
        0.4,
        mistakes=[
            (0.1, "That is the rate for one process, and there are four batches now."),
            (0.2, "The root of four? The rate grows as the batch does: times four."),
            (
                0.1 + 0.3 * 50,
                "It rises for ever: after {warmup} steps the warm-up is over.",
            ),
            (
                0.4 * 50,
                "It rises for ever: after {warmup} steps the warm-up is over.",
            ),
            (0.025, "Divided: the larger batch is less noisy, so steps may be longer."),
            (0.5, "The rise is three times the rate of one process, not four times."),
            (3.2, "Times the number of processes. The size of a batch is not needed."),
            (12.8, "Times the number of processes. The size of a batch is not needed."),
            (0.3, "That is by how much it rises. From where?"),
        ],
        tip="Each of four processes has a batch as large as that of the one.",
        warmup=100,
    )


@ex.check("the first step")
def _(answer):
    expect(
        answer(0, 4),
        0.1,
        mistakes=[
            (0.4, "That is the full rate, at once. The warm-up comes before it."),
            (0, "It begins with the rate of one process, not with none."),
            (0.004, "It begins with the rate of one process, in step 0."),
            (0.103, "Steps are counted from 0, so nothing is added in the first one."),
        ],
        tip="The rate begins where it suits one process.",
    )


@ex.check("in the middle of the warm-up, and at its end")
def _(answer):
    for step, wanted in ((25, 0.175), (50, 0.25), (75, 0.325), (99, 0.397), (100, 0.4)):
        expect(
            answer(step, 4),
            wanted,
            mistakes=[
                (
                    0.1,
                    "In step {step} it is still the first rate. It rises step by step.",
                ),
                (0.4, "In step {step} it has not yet risen all the way."),
                (0.4 * step / 100, "That line begins at 0. It begins at the base."),
                (
                    0.1 + 0.4 * step / 100,
                    "The rise is from 0.1 to 0.4. How much is that in all?",
                ),
                (
                    0.1 + 0.1 * step / 100,
                    "The rise is from 0.1 to 0.4. How much is that in all?",
                ),
                (
                    0.1 * 4 ** (step / 100),
                    "It rises by equal factors. It is to rise by equal amounts.",
                ),
            ],
            tip="In step {step} of 100 the same part of the rise is done.",
            step=step,
        )


@ex.check("other numbers: eight processes, base 0.02, 40 steps")
def _(answer):
    for step, wanted in ((10, 0.055), (40, 0.16), (41, 0.16)):
        expect(
            answer(step, 8, base=0.02, warmup=40),
            wanted,
            tip="Is a 4, a 0.1 or a 100 fixed in your code? This is step {step}.",
            step=step,
        )


@ex.check("without a warm-up: 0 steps of it")
def _(answer):
    with explained(
        mistakes={
            "zero": """A warm-up of 0 steps is over at once: ask for that before you
                divide by it.""",
        }
    ):
        expect(
            answer(0, 4, warmup=0),
            0.4,
            mistakes=[
                (0.1, "A warm-up of 0 steps is over at once: step 0 has the full rate.")
            ],
            tip="The rate is the full one from the start.",
        )


@ex.wrong(says="there are four batches now")
def unscaled(step, processes, base=0.1, warmup=100):
    return base


@ex.wrong(says="The root of four?")
def by_the_root(step, processes, base=0.1, warmup=100):
    return rate(step, processes**0.5, base, warmup)


@ex.wrong(says="steps may be longer")
def divided(step, processes, base=0.1, warmup=100):
    return rate(step, 1 / processes, base, warmup)


@ex.wrong(says="the warm-up is over")
def rises_for_ever(step, processes, base=0.1, warmup=100):
    return base + (processes - 1) * base * step / warmup


@ex.wrong(says="three times the rate of one process")
def one_too_many(step, processes, base=0.1, warmup=100):
    return base + processes * base * min(step / warmup, 1)


@ex.wrong(says="The size of a batch is not needed")
def times_the_batch(step, processes, base=0.1, warmup=100):
    return base * 32 * processes


@ex.wrong(says="That is by how much it rises")
def only_the_rise(step, processes, base=0.1, warmup=100):
    return (processes - 1) * base * min(step / warmup, 1)


@ex.wrong(says="The warm-up comes before it")
def at_once(step, processes, base=0.1, warmup=100):
    return processes * base


@ex.wrong(says="not with none")
def from_zero(step, processes, base=0.1, warmup=100):
    return processes * base * min(step / max(warmup, 1), 1)


@ex.wrong(says="Steps are counted from 0")
def counted_from_one(step, processes, base=0.1, warmup=100):
    return rate(step + 1, processes, base, warmup)


@ex.wrong(says="It rises step by step")
def a_jump(step, processes, base=0.1, warmup=100):
    return base if step < warmup else processes * base


@ex.wrong(says="How much is that in all?")
def too_steep(step, processes, base=0.1, warmup=100):
    if step >= warmup:
        return processes * base
    return base + processes * base * step / warmup


@ex.wrong(says="How much is that in all?")
def too_flat(step, processes, base=0.1, warmup=100):
    return min(processes * base, base + base * step / warmup)


@ex.wrong(says="it has not yet risen all the way")
def too_fast(step, processes, base=0.1, warmup=100):
    return rate(step, processes, base, warmup / 5)


@ex.wrong(says="It is to rise by equal amounts")
def by_factors(step, processes, base=0.1, warmup=100):
    return base * processes ** min(step / warmup, 1)


@ex.wrong(says="the same part of the rise is done")
def by_squares(step, processes, base=0.1, warmup=100):
    return base + (processes - 1) * base * min(step / warmup, 1) ** 2


@ex.wrong(says="Is a 4, a 0.1 or a 100 fixed in your code?")
def fixed(step, processes, base=0.1, warmup=100):
    return 0.1 + 0.3 * min(step / 100, 1)


@ex.wrong(says="ask for that before you divide by it")
def divides_by_zero(step, processes, base=0.1, warmup=100):
    return base + (processes - 1) * base * min(step / warmup, 1)


@ex.wrong(says="step 0 has the full rate")
def nothing_at_first(step, processes, base=0.1, warmup=100):
    return base if step == 0 else rate(step, processes, base, warmup)


@ex.wrong(says="is a `return` missing?")
def printed(step, processes, base=0.1, warmup=100):
    print(rate(step, processes, base, warmup))


@ex.right
def by_interpolation(step, processes, base=0.1, warmup=100):
    return np.interp(step, [0, warmup], [base, processes * base])


@ex.right
def as_a_mean(step, processes, base=0.1, warmup=100):
    part = min(step / warmup, 1) if warmup else 1
    return (1 - part) * base + part * processes * base
