import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "06.linear_schedule",
    hints=[
        "Two cases, as in `warmup`: `t < warm` and the rest.",
        """At first the factor is `(t + 1) / warm`. Later, of the `total - warm`
        steps of the way down, `total - t` are left.""",
        "After `total`, `total - t` is negative. `max(0, ...)` stops at 0.",
    ],
    explanation="""The first step already counts as one of `warm`, so no step is lost
        to a rate of 0. On the way down the factor is the part of the way that is left,
        and never less than 0: a negative rate would climb.""",
)


@ex.solution
def linear_schedule(t, warm, total):
    """Give the factor for step t: it rises for warm steps, then falls until total."""
    # BEGIN SOLUTION
    if t < warm:
        return (t + 1) / warm
    return max(0, (total - t) / (total - warm))
    # END SOLUTION


def _factors(answer, steps, warm, total):
    """The factors of these steps, each a number."""
    alone = "Give one number: the factor of step t alone."
    ends = "Your list of factors ends at `total`. Later steps have a factor, too: 0."
    factors = []
    for t in steps:
        with explained(mistakes={"list index out of range": ends}):
            factor = answer(t, warm, total)
        if factor is None:
            refuse(
                """For step {t} of warm = {warm}, total = {total} it gave `None`. Is a
                `return` missing, or a case?""",
                t=t,
                warm=warm,
                total=total,
            )
        if callable(factor):
            refuse(
                """It gave a function. `t` is given already: give the factor itself, one
                number."""
            )
        if isinstance(factor, str):
            refuse("It gave text. Leave the number as it is.", got=factor)
        if np.size(factor) != 1:
            refuse(alone, got=factor)
        factors.append(np.squeeze(factor))
    return factors


@ex.check("with warm = 4, the factors of steps 0 to 3 are 1/4, 2/4, 3/4, 1")
def _(answer):
    t = np.arange(4)
    expect(
        _factors(answer, range(4), 4, 12),
        (t + 1) / 4,
        mistakes=[
            (t / 4, "The first step has the factor 0: it is lost. Steps count from 0."),
            (t / 3, "The first step has the factor 0: it is lost. Steps count from 0."),
            ((t + 1) / 5, "The last step of the warm-up, number 3, has the factor 1."),
            ((t + 1) / 12, "The rise takes `warm` steps, not `total`."),
            (25 * (t + 1), "Percents? A factor multiplies the rate: 1 is all of it."),
            (t + 1, "Divide by `warm`: no factor is above 1."),
            (np.ones(4), "There is no warm-up: it begins with the factor 1."),
            (1 - t / 12, "There is no warm-up: it begins with the factor 1."),
            (np.floor((t + 1) / 4), "`//` rounds down to whole numbers. Use `/`."),
        ],
        tip="As in `warmup`, step 0 is the first of them.",
    )


@ex.check("with warm = 4 and total = 12, it falls from 1 at step 4 to 0 at step 12")
def _(answer):
    t = np.arange(4, 13)
    too_early = "It falls one step too early: step `warm` still has the factor 1."
    expect(
        _factors(answer, range(4, 13), 4, 12),
        (12 - t) / 8,
        mistakes=[
            (
                1 - t / 12,
                """It jumps when the warm-up ends. The way down begins with 1 at step
                `warm`: count its steps from there.""",
            ),
            (
                1 - (t - 4) / 12,
                """It does not reach 0 at `total`: the way down has `total - warm`
                steps.""",
            ),
            (np.maximum(0, (11 - t) / 7), "It reaches 0 one step before `total`."),
            ((11 - t) / 7, "It reaches 0 one step before `total`."),
            (np.maximum(0, (11 - t) / 8), too_early),
            ((11 - t) / 8, too_early),
            (np.floor((12 - t) / 8), "`//` rounds down to whole numbers. Use `/`."),
            (np.minimum((13 - t) / 8, 1), "It reaches 0 one step after `total`."),
            (np.zeros(9), "It is 0 at once. `max`, not `min`, stops at 0."),
            (
                np.append(np.ones(8), 0),
                "`//` rounds down to whole numbers. Use `/`.",
            ),
            (
                np.round((12 - t) / 8, 2),
                "Rounded. Nobody needs to: give the number as it is.",
            ),
            ((13 - t) / 9, "It reaches 0 one step after `total`."),
            (
                np.append(5 / 4, (12 - t[1:]) / 8),
                "Step 4 still rises, beyond 1. The rise is for `t < warm`.",
            ),
            ((1 + np.cos(np.pi * (t - 4) / 8)) / 2, "A straight line, not a cosine."),
            (np.ones(9), "It stays at 1. After the warm-up it must fall."),
        ],
        tip="Of `total - warm` steps, how many are left?",
    )


@ex.check("after the end the factor stays 0")
def _(answer):
    expect(
        _factors(answer, (13, 20, 1000), 4, 12),
        [0, 0, 0],
        mistakes=[
            ([-1 / 8, -1, -123.5], "A negative rate walks uphill. Stop at 0."),
            ([1 / 8, 1, 123.5], "It rises again. Stop at 0."),
        ],
        tip="From step `total` on, whatever t is.",
    )


@ex.check("and with other numbers: warm = 10, total = 110")
def _(answer):
    expect(
        _factors(answer, (0, 9, 10, 60, 110), 10, 110),
        [0.1, 1, 1, 0.5, 0],
        tip="""Something in your code fits 4 and 12 only. Is one of them, or their
            difference, fixed in it?""",
    )


@ex.wrong(says="it is lost")
def begins_with_zero(t, warm, total):
    if t < warm:
        return t / warm
    return max(0, (total - t) / (total - warm))


@ex.wrong(says="number 3, has the factor 1")
def rises_too_slowly(t, warm, total):
    if t < warm:
        return (t + 1) / (warm + 1)
    return max(0, (total - t) / (total - warm))


@ex.wrong(says="There is no warm-up")
def no_warm_up(t, warm, total):
    return max(0, 1 - t / total)


@ex.wrong(says="It jumps when the warm-up ends")
def jumps(t, warm, total):
    if t < warm:
        return (t + 1) / warm
    return max(0, 1 - t / total)


@ex.wrong(says="It does not reach 0 at `total`")
def too_long(t, warm, total):
    if t < warm:
        return (t + 1) / warm
    return max(0, 1 - (t - warm) / total)


@ex.wrong(says="Step 4 still rises")
def rises_one_step_too_long(t, warm, total):
    if t <= warm:
        return (t + 1) / warm
    return max(0, (total - t) / (total - warm))


@ex.wrong(says="walks uphill")
def goes_on_below_zero(t, warm, total):
    if t < warm:
        return (t + 1) / warm
    return (total - t) / (total - warm)


@ex.wrong(says="Stop at 0")
def rises_again(t, warm, total):
    return (t + 1) / warm if t < warm else abs(total - t) / (total - warm)


@ex.wrong(says="`max`, not `min`")
def smaller_one(t, warm, total):
    return (t + 1) / warm if t < warm else min(0, (total - t) / (total - warm))


@ex.wrong(says="`//` rounds down")
def whole_numbers(t, warm, total):
    return (t + 1) / warm if t < warm else max(0, 1 - (t - warm) // (total - warm))


@ex.wrong(says="The rise takes `warm` steps")
def rises_until_total(t, warm, total):
    return (t + 1) / total if t < warm else max(0, (total - t) / (total - warm))


@ex.wrong(says="Percents?")
def percents(t, warm, total):
    return 100 * lower_of_two_lines(t, warm, total)


@ex.wrong(says="Nobody needs to")
def rounded(t, warm, total):
    return round(float(lower_of_two_lines(t, warm, total)), 2)


@ex.wrong(says="For step 12 of warm = 4, total = 12 it gave `None`")
def nothing_at_the_end(t, warm, total):
    if t < warm:
        return (t + 1) / warm
    if t < total:
        return (total - t) / (total - warm)


@ex.wrong(says="Later steps have a factor, too")
def list_until_total(t, warm, total):
    return [lower_of_two_lines(u, warm, total) for u in range(total)][t]


@ex.wrong(says="the factor of step t alone")
def all_factors(t, warm, total):
    return [lower_of_two_lines(u, warm, total) for u in range(total)]


@ex.wrong(says="`t` is given already")
def a_function(t, warm, total):
    return lambda t: lower_of_two_lines(t, warm, total)


@ex.wrong(says="It gave text")
def text(t, warm, total):
    return str(lower_of_two_lines(t, warm, total))


@ex.wrong(says="A straight line, not a cosine")
def cosine(t, warm, total):
    return d2l.warmup(warm, d2l.cosine_decay(total - warm))(t)


@ex.wrong(says="fits 4 and 12 only")
def own_lengths(t, warm, total):
    return (t + 1) / 4 if t < 4 else max(0, (12 - t) / 8)


@ex.right
def with_warmup(t, warm, total):
    return d2l.warmup(warm, lambda u: max(0.0, 1 - u / (total - warm)))(t)


@ex.right
def lower_of_two_lines(t, warm, total):
    return np.clip(min((t + 1) / warm, (t - total) / (warm - total)), 0, 1)


@ex.right
def through_four_points(t, warm, total):
    return np.interp([t], [-1, warm - 1, warm, total], [0, 1, 1, 0])
