import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse, show_error
from ._bowls import bowl

ex = Exercise(
    "03.growing_step",
    hints=[
        "Take `numerical_gradient` of lesson 02, and choose h inside the loop.",
        "For one entry, kept as `old`, its size is `abs(old)`.",
        "`h = 1e-4 * max(1.0, abs(old))`",
    ],
    explanation="""The neighbors of a number lie farther apart the larger it is, in
        proportion to its size. An h in the same proportion is never lost. Near 0 it
        must not shrink to nothing, so it stays at 1e-4 there. With this gradient the
        walk with η = 10 obeys the theory, all the way to 10 to the power of 128.""",
)


@ex.solution
def scaled_gradient(f, x):
    """Approximate the gradient of f at x by central differences, each with its own h.

    For each entry h is 1e-4 times its size, but not less than 1e-4.
    """
    # BEGIN SOLUTION
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * max(1.0, abs(old))
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad
    # END SOLUTION


# What stands in the errors that an h of several numbers brings, and what to do.
ONE_NUMBER = "Each entry has its own h, one number: it comes from `abs(old)`."
SHAPE_ERRORS = {
    "truth value": ONE_NUMBER,
    "with a sequence": ONE_NUMBER,
    "h must be a number": ONE_NUMBER,
}


@ex.check("near 0 it is what it was: at (0, 2) on the bowl, 0 and 4")
def _(answer):
    point = np.array([0.0, 2.0])
    try:
        got = answer(bowl, point)
    except (TypeError, ValueError) as error:
        for part, message in SHAPE_ERRORS.items():
            if part in str(error):
                refuse(message, got=show_error(error))
        raise
    expect(
        got,
        [0, 4],
        atol=1e-5,
        mistakes=[
            (
                [1e-4, 4.0002],
                "That is the forward difference. Use a point on each side.",
            ),
            ([0, 8], "Twice too much: the two points are 2h apart."),
            ([0, -4], "The sign is turned around: f at `x + h` comes first."),
            ([5e-5, 2], "One point is x itself: the other is h away, not 2h."),
            ([0, 0], "Each entry has a slope: its rise, *divided by* 2h."),
            ([np.nan, 4], "For an entry of 0 your h is 0, and 0 is divided by 0."),
        ],
        tip="h is at least 1e-4.",
    )
    if point.tolist() != [0, 2]:
        refuse(
            "It moves the caller's own array. Work on a copy.",
            expected="[0.0, 2.0], as before",
            got=repr(point.tolist()),
        )


@ex.check("for a tiny entry, too: x0 · x1 + x1² at (1e-12, 2) has the slopes 2 and 4")
def _(answer):
    expect(
        answer(lambda x: x[0] * x[1] + x[1] ** 2, np.array([1e-12, 2.0])),
        [2, 4],
        rtol=1e-6,
        mistakes=[([2, 3.9999], "Put each entry back before the next one moves.")],
        tip="For a tiny entry h must not become tiny: it is at least 1e-4.",
    )


@ex.check("far out, at (3e13, -4e13), it is not blind: 6e13 and -8e13")
def _(answer):
    expect(
        answer(bowl, np.array([3e13, -4e13])),
        [6e13, -8e13],
        rtol=1e-3,
        mistakes=[
            (
                [0, 0],
                "h is lost in the rounding: x + h is x. Let it grow with the entry.",
            ),
            ([6e13, 0], "The size of -4e13 is 4e13: take `abs`."),
        ],
        tip="h should be 1e-4 times the size of the entry.",
    )


@ex.check("each entry has its own h: at (1e13, 1), the slopes of cos(x1) and of x0")
def _(answer):
    expect(
        answer(lambda x: np.cos(x[1]), np.array([1e13, 1.0])),
        [0, -np.sin(1.0)],
        rtol=1e-6,
        tip="Near 1 an h of 1e-4 is right. The large entry must not decide about it.",
    )
    expect(
        answer(lambda x: x[0], np.array([1e13, 1.0])),
        [1, 0],
        tip="The small entry must not decide about the h of the large one.",
    )


@ex.check("with it, the walk with η = 10 follows the theory for 100 steps")
def _(answer):
    end, _ = d2l.gradient_descent(
        bowl, [-3.0, 4.0], lr=10, step_num=100, grad=lambda x: answer(bowl, x)
    )
    expect(
        end,
        np.array([-3.0, 4.0]) * (-19.0) ** 100,
        rtol=1e-2,
        tip="h must grow as fast as x: in proportion to its size.",
    )


@ex.wrong(says="Let it grow with the entry")
def fixed_step(f, x):
    return d2l.numerical_gradient(f, x)


@ex.wrong(says="it comes from `abs(old)`")
def size_of_the_whole(f, x):
    return d2l.numerical_gradient(f, x, h=1e-4 * max(1.0, abs(x)))


@ex.wrong(says="it comes from `abs(old)`")
def many_h_at_once(f, x):
    return d2l.numerical_gradient(f, x, h=1e-4 * np.maximum(1.0, abs(x)))


@ex.wrong(says="comes first")
def turned_round(f, x):
    return -scaled_gradient(f, x)


@ex.wrong(says="h away, not 2h")
def half_of_one_side(f, x):
    steps = np.diag(1e-4 * np.maximum(1.0, np.abs(x)))
    return [(f(x + step) - f(x)) / (2 * step.sum()) for step in steps]


@ex.wrong(says="*divided by* 2h")
def multiplied(f, x):
    steps = np.diag(1e-4 * np.maximum(1.0, np.abs(x)))
    return [(f(x + step) - f(x - step)) / 2 * step.sum() for step in steps]


@ex.wrong(says="0 is divided by 0")
def no_smallest_step(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * abs(old)
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="must not become tiny")
def only_zero_is_special(f, x):
    x = np.array(x, dtype=np.float64)
    steps = np.diag(np.where(x == 0, 1e-4, 1e-4 * np.abs(x)))
    return [(f(x + step) - f(x - step)) / (2 * step.sum()) for step in steps]


@ex.wrong(says="Put each entry back")
def others_not_held_still(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        h = 1e-4 * max(1.0, abs(x[i]))
        x[i] += h
        f_plus = f(x)
        x[i] -= 2 * h
        f_minus = f(x)
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="take `abs`")
def without_abs(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * max(1.0, old)
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="forward difference")
def forward(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * max(1.0, abs(old))
        f_here = f(x)
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="Work on a copy")
def never_put_back(f, x):
    grad = np.zeros(x.shape)
    for i in range(x.size):
        h = 1e-4 * max(1.0, abs(x[i]))
        x[i] += h
        f_plus = f(x)
        x[i] -= 2 * h
        f_minus = f(x)
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="must not decide about")
def one_for_all(f, x):
    return d2l.numerical_gradient(f, x, h=1e-4 * max(1.0, np.max(np.abs(x))))


@ex.wrong(says="The small entry must not decide")
def last_entry_for_all(f, x):
    return d2l.numerical_gradient(f, x, h=1e-4 * max(1.0, abs(x[-1])))


@ex.wrong(says="in proportion to its size")
def square_root(f, x):
    x = np.array(x, dtype=np.float64)
    steps = np.diag(1e-4 * np.sqrt(np.maximum(1.0, np.abs(x))))
    return [(f(x + step) - f(x - step)) / (2 * step.sum()) for step in steps]


@ex.right
def sum_instead_of_max(f, x):
    x = np.asarray(x, dtype=np.float64)
    steps = np.diag(1e-4 * (1 + np.abs(x)))
    return [(f(x + step) - f(x - step)) / (2 * step.sum()) for step in steps]


@ex.right
def one_call_for_each(f, x):
    grad = []
    for i, old in enumerate(x):
        h = max(1e-4, 1e-4 * abs(old))

        def along(s, i=i):
            moved = np.array(x)
            moved[i] = s
            return f(moved)

        grad.append(d2l.numerical_diff(along, old, h))
    return np.array(grad)
