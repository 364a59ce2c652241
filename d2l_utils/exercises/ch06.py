"""Optimizers."""

import numpy as np

import d2l_utils as d2l

from .exercise import Exercise
from .expect import expect, refuse

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
            ([0.98, 0.9424], "That is the mean form. Here the whole slope is added."),
            ([2, 3.4], "Those are the velocities. Where is x?"),
            ([0.8, 0.496], nesterov),
            ([0.62, 0.2224], nesterov),
            ([0.9, 0.72], "The slope of x² is not x."),
            ([1.2, 1.62], "v points uphill. Which sign turns it around?"),
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
ex.wrong([0.98, 0.9424], says="the mean form")
ex.wrong([0.8, 0.42], says="taken at 1 again")
ex.wrong([0.8, 0.44], says="lost to friction")
ex.wrong([2, 3.4], says="Those are the velocities")
ex.wrong([1.2, 1.62], says="v points uphill")
ex.wrong(0.46, says="Both places are wanted")
ex.right((0.8, 0.46))
ex.right(np.array([0.8, 0.46], dtype=np.float32))


ex = Exercise(
    "06.predict_rate",
    hints=[
        "The largest curvature is that across the valley, where the height is 2 x₂².",
        "The slope of 2 x₂² is 4 x₂, so λ_max is 4. Now put in β = 0.9.",
    ],
    explanation="""The largest curvature is 4, so the limit is 2 · 1.9 / 4 = 0.95. For
        plain descent it is 0.5. With 0.94 the walk is farther away after 20 steps than
        at the start, and arrives all the same: near the limit the first steps
        mislead.""",
)
ex.choice(
    {
        "a": """0.5 is the limit of plain descent, for β = 0. Figure 6.3 has already
            gone beyond it.""",
        "b": "For β = 0.5 the limit lies between 0.6 and 0.94. Which β is used here?",
        "d": """For 1.0 to be below the limit, λ_max would have to be below 3.8. How
            fast does the slope across the valley change?""",
    },
    prediction="c",
)


ex = Exercise(
    "06.nesterov",
    hints=[
        "First the place to look at, then the slope there, then v, then x.",
        "The place to look at is `x - lr * beta * v`, with the old `v`.",
        """With `g = gradient(x - lr * beta * v)` the new velocity is
        `beta * v + g`, and `x - lr * v` takes the new one.""",
    ],
    explanation="""The slope is asked for where the ball is about to roll, with the old
        velocity. The step then uses the new one. Neither `x` nor `v` is changed in
        place, so whoever called the function still has the old ones.""",
)


@ex.solution
def nesterov_step(x, v, gradient, lr, beta):
    """Take one step of Nesterov's rule; return the new x and the new v.

    The arrays x and v themselves stay as they are.
    """
    # BEGIN SOLUTION
    g = gradient(x - lr * beta * v)
    v = beta * v + g
    return x - lr * v, v
    # END SOLUTION


def _slope_in_valley(x):
    return np.array([0.2, 4.0]) * x


def _one_step(answer):
    """The new x and v of one step in the valley, by the learner's function."""
    x, v = np.array([-5.0, -2.0]), np.array([1.0, -3.0])
    return _both(answer(x, v, _slope_in_valley, 0.1, 0.9))


def _both(got):
    if isinstance(got, tuple | list) and len(got) == 2:
        return got
    if hasattr(got, "shape") and len(got.shape) == 2 == len(got):
        return got
    why = "Return the new x and the new v, both: `return x, v`."
    if got is None:
        why = "It gave `None`: is a `return` missing? " + why
    refuse(why, expected="two arrays", got=got)


@ex.check("in the valley, at x = (-5, -2) with v = (1, -3), lr 0.1, β 0.9: the new v")
def _(answer):
    x, v, f = np.array([-5.0, -2.0]), np.array([1.0, -3.0]), _slope_in_valley
    ahead = x - 0.09 * v
    uphill = "v adds up slopes. The minus is in the second rule."
    expect(
        _one_step(answer)[1],
        0.9 * v + f(ahead),
        mistakes=[
            (
                0.9 * v + f(x),
                """The slope is taken at x, as in plain momentum. Take it at the
                look-ahead point. (The class `Nesterov` keeps that point in place of
                the ball. Here x is the ball.)""",
            ),
            (
                0.9 * v + f(x + 0.09 * v),
                "You look back. The ball moves by *minus* ηβv.",
            ),
            (0.9 * v + f(x - 0.9 * v), "You look too far ahead: the rate is missing."),
            (
                0.9 * v + f(x - 0.1 * v),
                "The ball keeps only a part β of v: look there.",
            ),
            (v, "That is the old velocity. Return the new one, for the next step."),
            (0.9 * v - f(ahead), uphill),
            (0.9 * v - f(x + 0.09 * v), uphill),
            (f(ahead), "The old velocity is lost: a part β of it stays."),
            (
                0.9 * v + 0.1 * f(ahead),
                """Add the whole slope, as in the sum form of section 2. The rate comes
                in the second rule.""",
            ),
            (x - 0.1 * (0.9 * v + f(ahead)), "First x, then v: they are swapped."),
        ],
        tip="v ← βv + g, with g the slope at x - ηβv.",
    )


@ex.check("the same step: the new x")
def _(answer):
    x, v = np.array([-5.0, -2.0]), np.array([1.0, -3.0])
    g = _slope_in_valley(x - 0.09 * v)
    new = 0.9 * v + g
    expect(
        _one_step(answer)[0],
        x - 0.1 * new,
        mistakes=[
            (x - 0.1 * v, "That step is along the old velocity. Use the new one."),
            (x + 0.1 * new, "v points uphill: step against it."),
            (x - new, "The rate is missing in the step."),
            (x - 0.1 * g, "The step is along the new v, not along the slope alone."),
            (x - 0.09 * v - 0.1 * new, "Look from the look-ahead point, step from x."),
            (
                x - 0.1 * (g + 0.9 * new),
                """That is how the look-ahead point moves, in the class `Nesterov`.
                The ball itself moves by -ηv.""",
            ),
        ],
        tip="x ← x - ηv, with the new v.",
    )


@ex.check("the arrays that it is given stay as they are")
def _(answer):
    x, v = np.array([-5.0, -2.0]), np.array([1.0, -3.0])
    answer(x, v, _slope_in_valley, 0.1, 0.9)
    expect(
        [x, v],
        [[-5, -2], [1, -3]],
        tip="""Your function changed its inputs: `x -= ...` and `v *= ...` write into
            the array of whoever called it. `x = x - ...` makes a new one.""",
    )


@ex.check("ten steps elsewhere: its look-ahead points are those of d2l.Nesterov")
def _(answer):
    def gradient(x):
        return x + np.sin(x)

    x, v = np.array([2.0, -3.0, 0.5]), np.zeros(3)
    y = x.copy()
    rule = d2l.Nesterov([y], lr=0.05, momentum=0.75)
    seen, expected = [], []
    for step in range(1, 11):
        x, v = _both(answer(x, v, gradient, 0.05, 0.75))
        rule.step([gradient(y)])
        if step in (2, 5, 10):
            seen.append(np.asarray(x) - 0.05 * 0.75 * np.asarray(v))
            expected.append(y.copy())
    expect(
        seen,
        expected,
        tip="""Right for one rate, one β and one valley. Here x has three entries. Is a
            number fixed in your code? Is the slope taken at the look-ahead point
            itself?""",
    )


@ex.wrong(says="as in plain momentum")
def plain_momentum(x, v, gradient, lr, beta):
    v = beta * v + gradient(x)
    return x - lr * v, v


@ex.wrong(says="Here x is the ball")
def like_the_class(x, v, gradient, lr, beta):
    g = gradient(x)
    v = beta * v + g
    return x - lr * (g + beta * v), v


@ex.wrong(says="You look back")
def looks_back(x, v, gradient, lr, beta):
    v = beta * v + gradient(x + lr * beta * v)
    return x - lr * v, v


@ex.wrong(says="the rate is missing")
def looks_too_far(x, v, gradient, lr, beta):
    v = beta * v + gradient(x - beta * v)
    return x - lr * v, v


@ex.wrong(says="the old velocity. Return the new one")
def velocity_not_updated(x, v, gradient, lr, beta):
    g = gradient(x - lr * beta * v)
    return x - lr * (beta * v + g), v


@ex.wrong(says="along the old velocity")
def steps_too_early(x, v, gradient, lr, beta):
    new = beta * v + gradient(x - lr * beta * v)
    return x - lr * v, new


@ex.wrong(says="how the look-ahead point moves")
def half_of_each(x, v, gradient, lr, beta):
    g = gradient(x - lr * beta * v)
    v = beta * v + g
    return x - lr * (g + beta * v), v


@ex.wrong(says="changed its inputs")
def in_place(x, v, gradient, lr, beta):
    g = gradient(x - lr * beta * v)
    v *= beta
    v += g
    x -= lr * v
    return x, v


@ex.wrong(says="at the look-ahead point itself")
def on_bowls_only(x, v, gradient, lr, beta):
    v = beta * v + gradient(x) - lr * beta * gradient(v)
    return x - lr * v, v


@ex.wrong(says="Is a number fixed in your code?")
def own_numbers(x, v, gradient, lr, beta):
    lr, beta = 0.1, 0.9
    v = beta * v + gradient(x - lr * beta * v)
    return x - lr * v, v


@ex.wrong(says="Here x has three entries")
def two_entries_only(x, v, gradient, lr, beta):
    g = gradient(x - lr * beta * v)
    v = np.array([beta * v[0] + g[0], beta * v[1] + g[1]])
    return np.array([x[0] - lr * v[0], x[1] - lr * v[1]]), v


@ex.wrong(says="both: `return x, v`")
def only_the_place(x, v, gradient, lr, beta):
    return x - lr * (beta * v + gradient(x - lr * beta * v))


@ex.right
def first_roll_then_push(x, v, gradient, lr, beta):
    rolled = x - lr * beta * v
    g = gradient(rolled)
    return [rolled - lr * g, g + v * beta]


@ex.right
def with_copies(x, v, gradient, lr, beta):
    x, v = x.copy(), v.copy()
    v *= beta
    v += gradient(x - lr * v)
    x -= lr * v
    return np.array([x, v])


@ex.right
def in_torch(x, v, gradient, lr, beta):
    import torch

    x, v = torch.as_tensor(x), torch.as_tensor(v)
    v = beta * v + torch.as_tensor(gradient((x - lr * beta * v).numpy()))
    return torch.sub(x, v, alpha=lr), v


ex = Exercise(
    "06.predict_second_step",
    hints=[
        "After the first slope m is 0.5. What is m after the second? Mind its sign.",
        "s does not see signs: its corrected mean is 25 after both steps, its root 5.",
        "m is 0.9 · 0.5 - 0.1 · 5 = -0.05. Divide by 1 - 0.9², then by the root.",
    ],
    explanation="""m = 0.9 · 0.5 - 0.1 · 5 = -0.05, corrected -0.05 / 0.19 = -0.263. The
        root is 5, so the step is 0.1 · 0.263 / 5 = 0.005, back. Slopes that contradict
        each other make short steps: m nearly cancels, and s does not.""",
)
ex.choice(
    {
        "a": """That is a step of `lr` times the sign of the latest slope. m equals the
            latest slope at step 1 only.""",
        "b": """Of the old m, 0.5, a part 0.9 stays. Then 0.1 · (-5) is added. Which way
            does the sum point?""",
        "c": """They would cancel if both had the same weight in m. One has
            0.9 · 0.1, the other 0.1.""",
    },
    second_prediction="d",
)


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

    The array x itself stays as it is.
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
        answer(x.copy(), [g.copy()], 0.1),
        wanted,
        mistakes=[
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
        return walk(np.zeros(2), [np.array([5.0, 5.0]), np.array([5.0, -5.0])], 0.1)

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
        return walk(np.zeros(2), [np.array([1e-3, -4e-3])], 0.1, eps=1e-3)

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
                [-0.1, 0.1],
                "ε does nothing here. Is it added, and is it the `eps` given?",
            ),
        ],
        tip="Divide by √ŝ + ε.",
    )


@ex.check("the array x stays as it is")
def _(answer):
    x = np.array([1.0, 2.0])
    answer(x, [np.ones(2), np.ones(2)], 0.1)
    expect(
        x,
        [1, 2],
        tip="""Your function changed its input: `x -= ...` writes into the array of
            whoever called it. `x = x - ...` makes a new one.""",
    )


@ex.check("forty steps with other numbers, as by d2l.Adam")
def _(answer):
    rng = np.random.default_rng(0)
    grads = 10 ** rng.uniform(-2, 2, (40, 2, 3)) * rng.normal(size=(40, 2, 3))
    x = rng.normal(size=(2, 3))
    got = answer(x.copy(), list(grads.copy()), 0.05, (0.75, 0.875), 1e-4)
    rule = d2l.Adam([x], 0.05, (0.75, 0.875), 1e-4)
    for grad in grads:
        rule.step([grad])
    tip = "Right for two steps with the usual β. Is a number fixed in your code?"
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


ex = Exercise(
    "06.mend_adamw",
    hints=[
        "What goes into `rule.step` passes through m, s and the root. Must the decay?",
        """Shrink x itself, before the step: by the factor of the class `AdamW`,
        `1 - lr * weight_decay`.""",
        """`x *= ...` changes the array that the rule holds, in place. `x = x * ...`
        would make another one. Then `rule.step([grad])`.""",
    ],
    explanation="""The decay acts on x directly, so no root divides it away: every step
        shrinks each weight by the same part. It is done in place, since the rule holds
        this very array.""",
)


@ex.stub
def adamw_walk(x, grads, lr=1e-3, weight_decay=1e-2):
    """Take one step of AdamW for each of the gradients; return the last point."""
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad + weight_decay * x])
    return x


@ex.solution
def adamw_walk(x, grads, lr=1e-3, weight_decay=1e-2):
    """Take one step of AdamW for each of the gradients; return the last point."""
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 1 - lr * weight_decay
        rule.step([grad])
    return x


@ex.check("three steps on level ground, lr = 0.1, decay 0.5: each takes 5 percent of x")
def _(answer):
    def after_three(walk):
        return walk(np.array([2.0, -4.0]), [np.zeros(2)] * 3, 0.1, 0.5)

    x = np.array([2.0, -4.0])
    through_gradient = """The decay still goes through the gradient. Adam divides it by
        its root, and a step of length `lr` remains, whatever the decay is."""
    too_much = "Too much: the part that goes is `lr * weight_decay`."
    expect(
        after_three(answer),
        x * 0.95**3,
        mistakes=[
            (after_three(through_the_gradient), through_gradient),
            (after_three(times_rate_through_the_gradient), through_gradient),
            (
                after_three(decays_twice),
                """The decay acts twice: on x, and still through the gradient. Hand the
                bare gradient to `rule.step`.""",
            ),
            (x * 0.5**3, too_much),
            (x * 0.9**3, too_much),
            (x * 1.05**3, "That grows. The decay pulls toward 0."),
            (x * 0.95, "It shrinks once. Every step must shrink it."),
            (x * 0.85, "Each step takes 5 percent of what x is *now*."),
            (x, "Nothing shrinks. The decay must act on x itself."),
        ],
        tip="""At each step x loses the part `lr * weight_decay` of what it is then. On
            level ground nothing else happens.""",
    )


@ex.check("one step from (2, -4) with slopes of 100 and 1: shrink, then a step of 0.1")
def _(answer):
    x = np.array([2.0, -4.0])
    expect(
        answer(x.copy(), [np.array([100.0, 1.0])], 0.1, 0.5),
        x * 0.95 - 0.1,
        mistakes=[
            (
                x * 0.95,
                """The step of Adam is lost. Is `rule.step([grad])` still there? If so:
                `x = x * ...` makes a new array, and the rule still holds the old one.
                Change x in place.""",
            ),
            ((x - 0.1) * 0.95, "Shrink first, then step. Here the step shrinks, too."),
        ],
        tip="First the decay, then a step of Adam with the bare gradient.",
    )


@ex.check("fifty steps, as by d2l.AdamW")
def _(answer):
    rng = np.random.default_rng(0)
    grads = rng.normal(size=(50, 2, 3))
    x = rng.normal(size=(2, 3))
    got = answer(x.copy(), list(grads.copy()), 0.05, 0.2)
    rule = d2l.AdamW([x], 0.05, weight_decay=0.2)
    for grad in grads:
        rule.step([grad])
    tip = """One rule for the whole walk: its m and s must live on. And no number may be
        fixed in your code."""
    expect(got, x, tip=tip)


@ex.wrong(says="still goes through the gradient")
def times_rate_through_the_gradient(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad + lr * weight_decay * x])
    return x


@ex.wrong(says="whatever the decay is")
def through_the_gradient(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        decay = weight_decay * x
        rule.step([grad + decay])
    return x


@ex.wrong(says="The decay acts twice")
def decays_twice(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 1 - lr * weight_decay
        rule.step([grad + weight_decay * x])
    return x


@ex.wrong(says="the part that goes is")
def decay_without_the_rate(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 1 - weight_decay
        rule.step([grad])
    return x


@ex.wrong(says="Every step must shrink it")
def decays_once(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64) * (1 - lr * weight_decay)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad])
    return x


@ex.wrong(says="Nothing shrinks")
def plain_adam(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad])
    return x


@ex.wrong(says="still holds the old one")
def another_array(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x = x * (1 - lr * weight_decay)
        rule.step([grad])
    return x


@ex.wrong(says="Shrink first")
def decays_after_the_step(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad])
        x *= 1 - lr * weight_decay
    return x


@ex.wrong(says="must live on")
def a_rule_for_each_step(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    for grad in grads:
        x *= 1 - lr * weight_decay
        rule = d2l.Adam([x], lr)
        rule.step([grad])
    return x


@ex.right
def subtracts_a_part_of_the_old_x(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        old = x.copy()
        rule.step([grad])
        x -= lr * weight_decay * old
    return x


@ex.right
def with_adamw_of_torch(x, grads, lr=1e-3, weight_decay=1e-2):
    import torch

    x = torch.tensor(x)
    rule = torch.optim.AdamW([x], lr, weight_decay=weight_decay)
    for grad in grads:
        x.grad = torch.from_numpy(grad)
        rule.step()
    return x


@ex.right
def with_a_new_array_for_the_rule(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x = x * (1 - lr * weight_decay)
        rule.params = [x]
        rule.step([grad])
    return x


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
    """The factors of these steps; nothing if one is missing."""
    factors = [answer(t, warm, total) for t in steps]
    if any(factor is None for factor in factors):
        return None
    return [np.squeeze(factor) for factor in factors]


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


ex = Exercise(
    "06.fewest_steps",
    hints=[
        """Begin at `[0.5, 0.4]` and change one number at a time. Or let two loops try
        rates and β in steps of 0.02.""",
        "Section 4 has a formula for the best β. κ is 20 here: what is its root?",
        """The formula gives β = 0.403. The code below it takes the rate 4 / (1 + √κ)²
        for curvatures 1 and κ. Here they are 0.2 and 4: divide that rate by 0.2.""",
    ],
    explanation="""With κ = 20, theory gives β = (3.472 / 5.472)² = 0.4026 and the rate
        4 / 5.472² / 0.2 = 0.668: 26 steps. It makes the long run as fast as possible.
        From this very start others are still quicker: rate 0.63 and β = 0.44 take
        20.""",
)
ex.value(lr_and_beta=[0.668, 0.403])

_CURVATURES, _ENOUGH, _MOST = np.array([0.2, 4.0]), 32, 300


def _steps_needed(lr, beta):
    """After how many steps the walk stays within 0.001 of the goal."""
    x, v, last_far = np.array([-5.0, -2.0]), 0.0, 0
    for step in range(1, _MOST + 1):
        v = beta * v + _CURVATURES * x
        x = x - lr * v
        if not np.linalg.norm(x) < 1e-3:
            last_far = step
    return last_far + 1


def _rate_and_beta(answer):
    try:
        lr, beta = (float(number) for number in answer)
    except (TypeError, ValueError):
        refuse("Two numbers are wanted, as a list: `[lr, beta]`.", got=answer)
    return lr, beta


@ex.check("the walk arrives")
def _(answer):
    lr, beta = _rate_and_beta(answer)
    if not 0 <= beta < 1:
        why = "β, the second, is the part of v that is kept: 0 or more, below 1."
        refuse(why, got=beta)
    if not lr > 0:
        refuse("The rate, the first, must be above 0: 0 stands still.", got=lr)
    limit = 2 * (1 + beta) / 4
    if not lr < limit:
        refuse(
            f"Too fast: with β = {beta:.4g} the jumps across the valley never end.",
            expected=f"a rate below 2(1 + β) / 4 = {limit:.4g}",
            got=lr,
        )


@ex.check(f"it stays within 0.001 of the goal after at most {_ENOUGH} steps")
def _(answer):
    lr, beta = _rate_and_beta(answer)
    steps = _steps_needed(lr, beta)
    if steps <= _ENOUGH:
        return
    # What the distance is multiplied by at each step, along and across.
    factors = [np.roots([1, -(1 + beta - lr * c), beta]) for c in _CURVATURES]
    along, across = (np.abs(roots).max() for roots in factors)
    if np.allclose([beta, lr], [0.668, 0.403], atol=0.01):
        why = "Turn them around: first the rate, then β."
    elif np.isclose(along, across):
        why = "It swings in both directions for too long. More friction: a smaller β."
    elif across > along:
        why = """The jumps across the valley die out too slowly. A smaller rate, or a
            little more memory."""
    else:
        why = """It creeps along the valley. A larger rate, or a little more
            memory."""
    refuse(
        why,
        expected=f"at most {_ENOUGH} steps",
        got=f"{steps} steps" if steps <= _MOST else f"more than {_MOST} steps",
    )


ex.wrong([0.5, 0.4], says="It creeps along")
ex.wrong([0.4, 0.5], says="It creeps along")
ex.wrong([0.134, 0.403], says="It creeps along")
ex.wrong([0.1, 0.9], says="It swings in both directions")
ex.wrong([0.67, 0.38], says="The jumps across the valley die out")
ex.wrong([0.403, 0.668], says="first the rate, then β")
ex.wrong([0.95, 0.9], says="never end")
ex.wrong([0.668, 40.3], says="the part of v that is kept")
ex.wrong(0.668, says="Two numbers are wanted")
ex.right((0.63, 0.44))
ex.right([0.6, 0.4])
ex.right(np.array([0.58, 0.46], dtype=np.float32))
