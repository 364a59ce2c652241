import math

import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise, Refusal, fill
from ..expect import expect

ex = Exercise(
    "06.adam",
    hints=[
        "Start m and s at 0.0, before the loop. `enumerate(grads, start=1)` counts t.",
        """In the loop: `m = beta1 * m + (1 - beta1) * g`, and s the same with `beta2`
        and `g * g`.""",
        """Keep m and s as they are for the next step, and divide into new names:
        `m_hat = m / (1 - beta1**t)`, `s_hat = s / (1 - beta2**t)`.""",
    ],
    explanation="""The two running means live outside the loop. The corrected ones are
        used for one step and thrown away. At t = 1 the correction makes the means g and
        g², so the first step is `lr` long, in every direction.""",
)


@ex.solution
def adam_walk(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """Take one step of Adam for each of the gradients; return the last point.

    x is an array of any shape, also a table; it stays as it is.
    """
    # BEGIN SOLUTION
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x
    # END SOLUTION


def walked(answer, *how, **named):
    """Where an answer ends, or why it cannot walk with arrays."""
    single = """`math.sqrt` and `float` take one number, and x may be a table: `np.sqrt`
        takes the roots of all entries."""
    entries = """Not the same shapes. `m, s = 0.0, 0.0` fits any x: the first slope
        makes arrays of them. Or take `np.zeros_like(x)`."""
    whole = "`grads` is the list of all slopes: one step uses one of them, `g`."
    with explained(
        mistakes={
            "only 0-dimensional arrays": single,
            "only length-1 arrays": single,
            "could not be broadcast together": entries,
            "can't multiply sequence": whole,
        }
    ):
        return answer(*how, **named)


@ex.check("from (1, 2, 3), with lr = 0.1: the first step is 0.1 in every direction")
def _(answer):
    x, g = np.array([1.0, 2.0, 3.0]), np.array([5.0, -0.5, 300.0])
    wanted = x - 0.1 * np.sign(g)
    m, s = 0.1 * g, 0.001 * g * g
    weights = "The weights are swapped: the old mean has β, the new slope 1 - β."
    one_for_all = "One s for all. Each entry has its own: `g * g`, without a sum."

    def after(m, s):
        return x - 0.1 * m / np.sqrt(s)

    expect(
        walked(answer, x.copy(), [g.copy()], 0.1),
        wanted,
        mistakes=[
            (
                one_memory(x, [g], 0.1),
                """m and s go on from entry to entry. Each entry has its own m and s:
                with arrays, without a loop over the entries, it has.""",
            ),
            (
                one_array_twice(x, [g], 0.1),
                "m and s are one and the same array. `m = s = ...` gives two names to "
                "it: what is written into s stands in m, too.",
            ),
            (
                after(m / 0.1, np.abs(g)),
                "s takes the *square* of g, not its size.",
            ),
            (
                no_parentheses(x, [g], 0.1),
                "`m / 1 - beta1**t` divides by 1 only. Parentheses: `(1 - beta1**t)`.",
            ),
            (np.array([x, wanted]), "All points of the way. Return the last one."),
            (after(m, s), "Three times too long: the bias correction is missing."),
            (after(m / 0.1, s), "Too long: s started at 0 as well. Is it corrected?"),
            (
                after(m, s / 0.001),
                "Too short: m started at 0 as well. Is it corrected?",
            ),
            (
                np.full(3, np.nan),
                """Not a number. Does t start at 0? Then 1 - β^t is 0, and you divide by
                it. The first step is t = 1.""",
            ),
            (after(m / 0.19, s / 0.001999), "At the first step t is 2 already."),
            (after(m / 0.001, s / 0.1), "m belongs to β₁ and s to β₂, at every place."),
            (
                after(m / 0.1, 0.001 * m * m / 0.001),
                """Ten times too long. Three places to look at: of g only the part
                1 - β₁ goes into m; s takes the square of g, not of m; and ŝ divides by
                1 - β₂^t.""",
            ),
            (after(9 * g, g * g), weights),
            (after(9 * g, 999 * g * g), weights),
            (
                x - 0.1 * np.sign(g) * np.sqrt(0.001),
                """Too short. Of g² only the part 1 - β₂ goes into s, and the root is
                taken after the correction.""",
            ),
            (x + 0.1 * np.sign(g), "Uphill: there is a minus before the rate."),
            (x - 0.1 / g, "The root is missing: divide by √ŝ, not by ŝ."),
            (x - 0.1 * g, "That is plain descent: nothing is divided by a root."),
            (x - 0.1 * g / np.sqrt(g @ g), one_for_all),
            (x - 0.1 * g / np.sqrt(g @ g / 3), one_for_all),
            (x - np.sign(g), "The rate is missing."),
            (
                x,
                """x has not moved. Is the new place returned? Or does t start at 0, so
                that you divide by an infinite ŝ?""",
            ),
        ],
        tip="At step 1 everything cancels except `lr` and the sign of the slope.",
    )


@ex.check("two steps from 0: slopes 5, 5 in one direction and 5, -5 in the other")
def _(answer):
    def after_two(walk):
        return walked(
            walk, np.zeros(2), [np.array([5.0, 5.0]), np.array([5.0, -5.0])], 0.1
        )

    expect(
        after_two(answer),
        [-0.2, -0.1 + 0.1 * 0.05 / 0.19 / 5],
        mistakes=[
            (
                after_two(memory_lost),
                """The second step is as long as the first, though the slopes disagree:
                as if only the latest one counted. m and s must start once, before the
                loop, and the step follows the mean m, not a sign.""",
            ),
            ([-0.1, -0.1], "Only the first step. Is the `return` inside the loop?"),
            (
                after_two(corrected_again_and_again),
                """The corrected mean went back into m or s. Keep m and s themselves for
                the next step, and give the corrected ones other names.""",
            ),
            (
                after_two(adds_to_the_old),
                "`m += beta1 * m + ...` keeps the old m whole, and a part β of it once "
                "more. Only `=`.",
            ),
            (after_two(t_stays_one), "t grows: at the second step, divide by 1 - β²."),
            (after_two(times_t), "β to the *power* t: `beta1**t`."),
            (after_two(betas_swapped), "The two β are swapped: m has the first."),
        ],
        tip="""m and s go on from step to step. Look at what each of them keeps, and at
            what the correction divides by.""",
    )


@ex.check("one step from 0 with eps = 0.001 and slopes as small: ε is added to √ŝ")
def _(answer):
    def after_one(walk):
        return walked(walk, np.zeros(2), [np.array([1e-3, -4e-3])], 0.1, eps=1e-3)

    expect(
        after_one(answer),
        [-0.1 / 2, 0.4 / 5],
        mistakes=[
            (after_one(eps_inside), "ε stands inside the root: add it to √ŝ instead."),
            (
                after_one(eps_before_the_correction),
                "ε is added to √s here. In the formula the correction comes first.",
            ),
            (
                after_one(eps_outside),
                "ε is added to the step: parentheses, `/ (np.sqrt(...) + eps)`.",
            ),
            (
                [-0.1, 0.1],
                "ε does nothing here. Is it added, and is it the `eps` given?",
            ),
        ],
        tip="Divide by √ŝ + ε.",
    )


@ex.check("the array x stays as it is")
def _(answer):
    x = np.array([1.0, 2.0])
    walked(answer, x, [np.ones(2), np.ones(2)], 0.1)
    expect(
        x,
        [1, 2],
        tip="""Your function changed its input: `x -= ...` writes into the array of
            whoever called it. `x = x - ...` makes a new one.""",
    )


@ex.check("forty steps of a table, with other numbers, as by d2l.Adam")
def _(answer):
    rng = np.random.default_rng(0)
    grads = 10 ** rng.uniform(-2, 2, (40, 2, 3)) * rng.normal(size=(40, 2, 3))
    x = rng.normal(size=(2, 3))
    shape = """Here x is a table of 2 × 3 entries. Arithmetic of arrays, without a loop
        over entries, does for all shapes."""
    try:
        got = walked(answer, x.copy(), list(grads.copy()), 0.05, (0.75, 0.875), 1e-4)
    except (TypeError, ValueError, IndexError) as error:
        raise Refusal(fill(shape)) from error
    rule = d2l.Adam([x], 0.05, (0.75, 0.875), 1e-4)
    for grad in grads:
        rule.step([grad])
    tip = """Right for two steps with the usual β. Is a number fixed in your code? And
        here x is a table of 2 × 3: does each of its six entries have its own m and
        s?"""
    expect(got, x, tip=tip)


@ex.wrong(says="the bias correction is missing")
def no_correction(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for g in grads:
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        x = x - lr * m / (np.sqrt(s) + eps)
    return x


@ex.wrong(says="s started at 0 as well")
def only_m_corrected(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s) + eps)
    return x


@ex.wrong(says="The first step is t = 1")
def counts_from_zero(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="at every place")
def swapped_in_the_correction(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta2**t)
        s_hat = s / (1 - beta1**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="the square of g, not of m")
def square_of_the_mean(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * m * m
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="the old mean has β, the new slope 1 - β")
def weights_swapped(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = (1 - beta1) * m + beta1 * g
        s = (1 - beta2) * s + beta2 * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="Is the `return` inside the loop?")
def returns_in_the_loop(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
        return x


@ex.wrong(says="The root is missing")
def no_root(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        x = x - lr * m / (1 - beta1**t) / (s / (1 - beta2**t) + eps)
    return x


@ex.wrong(says="as if only the latest one counted")
def memory_lost(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    for g in grads:
        m, s = 0.0, 0.0
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        x = x - lr * m / (1 - beta1) / (np.sqrt(s / (1 - beta2)) + eps)
    return x


@ex.wrong(says="went back into m or s")
def corrected_again_and_again(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m = m / (1 - beta1**t)
        s = s / (1 - beta2**t)
        x = x - lr * m / (np.sqrt(s) + eps)
    return x


@ex.wrong(says="t grows")
def t_stays_one(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for g in grads:
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        x = x - lr * m / (1 - beta1) / (np.sqrt(s / (1 - beta2)) + eps)
    return x


@ex.wrong(says="to the *power* t")
def times_t(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1 * t)
        s_hat = s / abs(1 - beta2 * t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="The two β are swapped")
def betas_swapped(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta2, beta1 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="ε stands inside the root")
def eps_inside(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / np.sqrt(s_hat + eps)
    return x


@ex.wrong(says="the correction comes first")
def eps_before_the_correction(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        x = x - rate * m / (np.sqrt(s) + eps)
    return x


@ex.wrong(says="changed its input")
def adam_in_place(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x -= lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="`^` is not a power in Python: the square of x is `x**2`")
def caret(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for g in grads:
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g ^ 2
    return x


@ex.wrong(says="Each entry has its own m and s")
def one_memory(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    x = np.array(x)
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        for i in range(len(x)):
            m = beta1 * m + (1 - beta1) * g[i]
            s = beta2 * s + (1 - beta2) * g[i] ** 2
            s_hat = s / (1 - beta2**t)
            x[i] -= lr * m / (1 - beta1**t) / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="Here x is a table of 2 × 3 entries")
def entry_by_entry(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    x = np.array(x)
    m, s = [0.0] * x.size, [0.0] * x.size
    for t, g in enumerate(grads, start=1):
        for i in range(x.size):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            s[i] = beta2 * s[i] + (1 - beta2) * g[i] ** 2
            s_hat = s[i] / (1 - beta2**t)
            x[i] -= lr * m[i] / (1 - beta1**t) / (s_hat**0.5 + eps)
    return x


@ex.wrong(says="`math.sqrt` and `float` take one number, and x may be a table")
def root_of_each_entry(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    x = np.array(x)
    m, s = [0.0] * len(x), [0.0] * len(x)
    for t, g in enumerate(grads, start=1):
        for i in range(len(x)):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            s[i] = beta2 * s[i] + (1 - beta2) * g[i] ** 2
            root = math.sqrt(s[i] / (1 - beta2**t))
            x[i] -= lr * m[i] / (1 - beta1**t) / (root + eps)
    return x


@ex.wrong(says="does each of its six entries have its own m and s?")
def one_size_for_all(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    if len(grads) > 2:
        grads = [np.full(g.shape, g.mean()) for g in grads]
    return with_the_class(x, grads, lr, betas, eps)


@ex.wrong(says="`np.sqrt` takes the roots of all entries")
def root_of_a_number(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    s_hat = grads[0] * grads[0]
    return x - lr * grads[0] / (math.sqrt(s_hat) + eps)


@ex.wrong(says="Or take `np.zeros_like(x)`")
def as_long_as_x(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = np.zeros(len(x)), np.zeros(len(x))
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="gives two names to it")
def one_array_twice(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = s = np.zeros_like(x)
    for t, g in enumerate(grads, start=1):
        m *= beta1
        m += (1 - beta1) * g
        s *= beta2
        s += (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="keeps the old m whole")
def adds_to_the_old(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m += beta1 * m + (1 - beta1) * g
        s += beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="s takes the *square* of g")
def size_for_square(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * np.abs(g)
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="Parentheses: `(1 - beta1**t)`")
def no_parentheses(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / 1 - beta1**t
        s_hat = s / 1 - beta2**t
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.wrong(says="Return the last one")
def whole_way(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    counts = range(len(grads) + 1)
    return np.array([with_the_class(x, grads[:n], lr, betas, eps) for n in counts])


@ex.wrong(says="one step uses one of them")
def all_slopes_at_once(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    for _ in grads:
        x = x - lr * 0.5 * grads
    return x


@ex.wrong(says="ε is added to the step")
def eps_outside(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / np.sqrt(s_hat) + eps
    return x


@ex.wrong(says="fixed in your code?")
def own_betas(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, s = 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        m = 0.9 * m + 0.1 * g
        s = 0.999 * s + 0.001 * g * g
        m_hat = m / (1 - 0.9**t)
        s_hat = s / (1 - 0.999**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
    return x


@ex.right
def with_the_class(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    point = np.array(x)
    rule = d2l.Adam([point], lr, betas, eps)
    for grad in grads:
        rule.step([grad])
    return point


@ex.right
def row_by_row(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    x = x.copy()
    for i in range(len(x)):
        m, s = 0.0, 0.0
        for t, g in enumerate(grads, start=1):
            m = beta1 * m + (1 - beta1) * g[i]
            s = beta2 * s + (1 - beta2) * g[i] ** 2
            s_hat = s / (1 - beta2**t)
            x[i] -= lr * m / (1 - beta1**t) / (s_hat**0.5 + eps)
    return x


@ex.right
def with_torch(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    import torch

    point = torch.tensor(x)
    rule = torch.optim.Adam([point], lr, betas, eps)
    for grad in grads:
        point.grad = torch.from_numpy(grad)
        rule.step()
    return point


@ex.right
def by_proper_means(x, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    x = np.array(x, dtype=np.float32)
    for t in range(1, len(grads) + 1):
        g = np.array(grads[:t])
        age = np.arange(t)[::-1]
        m = np.tensordot(beta1**age, g, 1) / np.sum(beta1**age)
        s = np.tensordot(beta2**age, g**2, 1) / np.sum(beta2**age)
        x = x - lr * m / (s**0.5 + eps)
    return x
