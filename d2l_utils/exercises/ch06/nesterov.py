import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise, Refusal, fill
from ..expect import expect, refuse

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
    called = "`gradient` is a function: call it at a place, `gradient(place)`."
    measured = "`gradient` gives the slopes themselves: call it, measure nothing."
    with explained(
        mistakes={
            "for *: 'function'": called,
            "for *: 'float' and 'function'": called,
            "f must return one number": measured,
        }
    ):
        return _both(answer(x, v, _slope_in_valley, 0.1, 0.9))


def _both(got):
    if isinstance(got, tuple | list) and len(got) == 2:
        if not all(hasattr(part, "shape") for part in got):
            got = [np.asarray(part) for part in got]
        return got
    if hasattr(got, "shape") and len(got.shape) == 2 == len(got):
        return got
    both = "Return the new x and the new v, both: `return x, v`."
    nothing = """It gave `None`: is a `return` missing? Return the new x and the new v,
        both: `return x, v`."""
    refuse(nothing if got is None else both, expected="two arrays", got=got)


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
            (
                0.9 * v + f(x - 0.1 * v - 0.09 * v),
                """x has moved before the slope was asked for: look ahead from the old
                x.""",
            ),
            (
                0.9 * v - 0.1 * f(ahead),
                """Here the velocity points downhill and holds the rate: another form.
                In this formula v adds up the slopes, and the second rule steps.""",
            ),
            (
                v + f(x - 0.1 * v),
                "Where is β? It multiplies the old v, in both places.",
            ),
            (
                0.9 * v + f(x) - 0.09 * v,
                """The look-ahead belongs inside the call: `gradient(x - lr * beta *
                v)`.""",
            ),
            (v, "That is the old velocity. Return the new one, for the next step."),
            (0.9 * v - f(ahead), uphill),
            (0.9 * v - f(x + 0.09 * v), uphill),
            (f(ahead), "The old velocity is lost: a part β of it stays."),
            (
                0.9 * v + 0.1 * f(ahead),
                """Add the whole slope, as in the sum form of section 3. The rate comes
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
        tip = """Here x has three entries, and the slopes are others: ask `gradient`,
            and do arithmetic with whole arrays."""
        try:
            x, v = _both(answer(x, v, gradient, 0.05, 0.75))
        except (ValueError, IndexError, TypeError) as error:
            raise Refusal(fill(tip)) from error
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


@ex.wrong(says="look ahead from the old x")
def moves_first(x, v, gradient, lr, beta):
    x = x - lr * v
    return x, beta * v + gradient(x - lr * beta * v)


@ex.wrong(says="another form")
def velocity_with_the_rate(x, v, gradient, lr, beta):
    v = beta * v - lr * gradient(x - lr * beta * v)
    return x + v, v


@ex.wrong(says="It multiplies the old v, in both places")
def no_friction(x, v, gradient, lr, beta):
    v = v + gradient(x - lr * v)
    return x - lr * v, v


@ex.wrong(says="The look-ahead belongs inside the call")
def parenthesis_too_early(x, v, gradient, lr, beta):
    v = beta * v + gradient(x) - lr * beta * v
    return x - lr * v, v


@ex.wrong(says="Add the whole slope")
def mean_form(x, v, gradient, lr, beta):
    v = beta * v + (1 - beta) * gradient(x - lr * beta * v)
    return x - lr * v, v


@ex.wrong(says="they are swapped")
def velocity_first(x, v, gradient, lr, beta):
    v = beta * v + gradient(x - lr * beta * v)
    return v, x - lr * v


@ex.wrong(says="call it at a place")
def multiplied_by_the_function(x, v, gradient, lr, beta):
    v = beta * v + gradient * (x - lr * beta * v)
    return x - lr * v, v


@ex.wrong(says="measure nothing")
def slope_of_the_slope(x, v, gradient, lr, beta):
    v = beta * v + d2l.numerical_gradient(gradient, x - lr * beta * v)
    return x - lr * v, v


@ex.wrong(says="ask `gradient`, and do arithmetic with whole arrays")
def slope_of_the_valley(x, v, gradient, lr, beta):
    v = beta * v + np.array([0.2, 4.0]) * (x - lr * beta * v)
    return x - lr * v, v


@ex.wrong(says="is a `return` missing?")
def printed(x, v, gradient, lr, beta):
    print(first_roll_then_push(x, v, gradient, lr, beta))


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
def as_lists(x, v, gradient, lr, beta):
    slopes = gradient(np.array([a - lr * beta * b for a, b in zip(x, v, strict=True)]))
    v = [beta * b + slope for b, slope in zip(v, slopes, strict=True)]
    return [a - lr * b for a, b in zip(x, v, strict=True)], v


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
