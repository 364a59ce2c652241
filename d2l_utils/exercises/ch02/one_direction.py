import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse, show_error

ex = Exercise(
    "02.one_direction",
    hints=[
        "Draw a direction of the shape of x, `u = rng.normal(size=x.shape)`, and divide"
        " it by its length.",
        "The measured slope is that of `lambda s: f(x + s * u)` at 0. The claimed one "
        "is the dot product of `grad(x)` and u: multiply, then sum over all entries.",
        "`abs(measured - claimed) / max(abs(measured), abs(claimed))`, unless both are "
        "0.",
    ],
    explanation="""The slope in the direction u is the sum of gradient times u, over all
        entries, so each entry has a part in it. Two calls of f are enough, whatever the
        size of x. The price: it says that something is wrong, not where. And for every
        wrong gradient there are directions that do not see it; a random one is very
        unlikely to be among them.""",
)


@ex.solution
def quick_check(f, grad, x, rng):
    """Judge the gradient grad(x) of f along one random direction, in two calls of f.

    Gives the relative difference between the slope measured and the slope claimed:
    |measured - claimed| divided by the larger of |measured| and |claimed|, and 0 if
    both are 0. x is an array of any shape, rng a generator: np.random.default_rng().
    """
    # BEGIN SOLUTION
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    size = max(abs(measured), abs(claimed))
    return abs(measured - claimed) / size if size > 0 else 0.0
    # END SOLUTION


def _waves(x):
    return np.sum(np.sin(x))


# What stands in the errors of NumPy that come from a wrong shape, and what to do.
PRODUCT = """x may be a matrix, and `@` or `np.dot` of two matrices is another product.
    Multiply entry by entry, then sum over all: `np.sum(... * u)`."""
SHAPE_ERRORS = {
    "matmul": PRODUCT,
    "not aligned": PRODUCT,
    "truth value": """One of the two slopes is an array, not a number. Along one
        direction there is one slope: the sum over all entries of gradient times u.""",
    "broadcast": """u does not fit to x. One number for each entry: draw it with
        `size=x.shape`.""",
}


def _matrix():
    return np.random.default_rng(0).normal(size=(4, 5))


@ex.check("a right gradient gives nearly 0, for a vector and for a matrix")
def _(answer):
    for x in (np.array([0.5, 1.0, 2.0]), _matrix()):
        before = x.copy()
        try:
            got = answer(_waves, np.cos, x, np.random.default_rng(2))
        except ValueError as error:
            for part, message in SHAPE_ERRORS.items():
                if part in str(error):
                    refuse(message, got=show_error(error))
            raise
        if isinstance(got, bool | np.bool_):
            refuse(
                "How large is the difference? Give the number, not a verdict.",
                expected="a number near 0",
                got=repr(bool(got)),
            )
        expect(
            got,
            0,
            atol=1e-3,
            mistakes=[
                (1, "1 says that one of the slopes is 0 and one is not. Is u in both?"),
                (2, "The slopes have opposite signs: one goes along u, one along -u."),
                (0.5, "One slope is twice the other: the two points are 2h apart."),
                (
                    1 - 1 / x.size,
                    "The slope along u is the *sum* of gradient times u, not the mean.",
                ),
            ],
            tip="""The slopes differ. Do both belong to the same direction u, and is
                the claimed one a sum over all entries of gradient times u?""",
        )
        if abs(float(np.ravel(got)[0])) > 1e-6:
            refuse(
                "Nearly. Is grad taken at x itself, and is the slope measured by a "
                "central difference with a small h?",
                expected="at most 1e-06",
                got=got,
            )
        if not np.array_equal(x, before):
            refuse("It changes x itself. `x + s * u` makes a new array.")


@ex.check("twice or half the gradient gives 0.5, one with the wrong sign 2")
def _(answer):
    x, rng = _matrix(), np.random.default_rng(1)
    by_the_sum = "Divide by the larger of the two sizes, not by their sum."
    for factor, by_the_smaller in [
        (2, "Divide by the larger of the two sizes: here that is the claimed slope."),
        (
            0.5,
            "Divide by the larger of the two sizes: here that is the measured slope.",
        ),
    ]:
        expect(
            answer(_waves, lambda x, factor=factor: factor * np.cos(x), x.copy(), rng),
            0.5,
            mistakes=[
                (1, by_the_smaller),
                (1 / 3, by_the_sum),
                (2 / 3, "Divide by the larger of the two sizes, not by their mean."),
                (-0.5, "A difference has no sign here: take its size."),
                (
                    0.25,
                    "A square makes small differences smaller. Take the size itself.",
                ),
                (
                    -1,
                    "Divide by the larger of the two sizes, not by the larger number.",
                ),
                (0, "They do differ: one slope is {factor} times the other."),
            ],
            tip="""The difference alone says little. Divide by the larger of the two
                sizes.""",
            factor=factor,
        )
    expect(
        answer(_waves, lambda x: -np.cos(x), x.copy(), rng),
        2,
        mistakes=[
            (0, "A wrong sign must count: take the sizes after the difference."),
            (-2, "A difference has no sign here: take its size."),
            (np.inf, by_the_sum),
        ],
        tip="Divide by the larger of the two *sizes*.",
    )


@ex.check("among a thousand entries, one or two wrong ones are noticed")
def _(answer):
    def noticed(errors, seed):
        x = np.random.default_rng(0).normal(size=(20, 50))
        rng = np.random.default_rng(seed)
        return answer(_waves, lambda x: np.cos(x) + errors, x, rng) > 1e-5

    one, column, row = np.zeros((3, 20, 50))
    one[14, 0] = 1
    column[[3, 11], 7] = row[3, [7, 30]] = 1, -1
    if not all(noticed(one, seed) for seed in range(5)):
        refuse(
            "Every entry must have a part in u: draw it of the shape of x.",
            expected="more than 1e-05, for each of 5 directions",
        )
    for errors, cancel in [
        (
            column,
            """Two errors in one column, 1 and -1, cancel. Does each entry of u get a
            number of its own?""",
        ),
        (
            row,
            """Two errors in one row, 1 and -1, cancel. Does each entry of u get a
            number of its own?""",
        ),
    ]:
        if not any(noticed(errors, seed) for seed in range(12)):
            refuse(
                cancel,
                expected="more than 1e-05, at least for one of 12 directions",
            )


@ex.check("f is called two times, whatever the size of x")
def _(answer):
    calls = []

    def counted(x):
        calls.append(1)
        return _waves(x)

    answer(counted, np.cos, _matrix(), np.random.default_rng(1))
    if len(calls) != 2:
        refuse(
            "Move all entries at once, along u: one point ahead and one behind.",
            expected="calls, for 20 entries: 2",
            got="calls, for 20 entries: {count}",
            count=len(calls),
        )


@ex.check("another rng gives another direction, the same seed the same one")
def _(answer):
    directions = []
    for seed in (1, 2, 1):
        points = []

        def recorded(x, points=points):
            points.append(np.array(x))
            return _waves(x)

        answer(recorded, np.cos, _matrix(), np.random.default_rng(seed))
        step = points[1] - points[0]
        directions.append(step / np.linalg.norm(step))
    first, second, again = directions
    if abs(np.sum(first * second)) > 0.999:
        refuse(
            "Both times the direction is the same: draw it from `rng`.",
            expected="two directions",
            got="the same direction for two generators",
        )
    if abs(np.sum(first * again)) < 0.999:
        refuse(
            "The direction is drawn from somewhere else: draw it from `rng`.",
            expected="the same direction for the same seed",
            got="two directions",
        )


@ex.check("where both slopes are 0 it gives 0, and where only one is, 1")
def _(answer):
    def level(x):
        return 5.0

    got = answer(level, np.zeros_like, _matrix(), np.random.default_rng(1))
    expect(got, 0, tip="0 divided by 0: look at the size before you divide.")
    for f, grad in [(_waves, np.zeros_like), (level, np.cos)]:
        got = answer(f, grad, _matrix(), np.random.default_rng(1))
        expect(got, 1, tip="If only one slope is 0, they differ. Give 0 when both are.")


@ex.wrong(says="Multiply entry by entry")
def dot_product_of_matrices(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = grad(x) @ u
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Multiply entry by entry")
def np_dot_of_matrices(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.dot(grad(x), u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Along one direction there is one slope")
def never_summed(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = grad(x) * u
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="draw it with `size=x.shape`")
def one_number_for_each_row(f, grad, x, rng):
    u = rng.normal(size=len(x))
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="not the mean")
def mean_for_sum(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.mean(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="one along -u")
def backward(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x - s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="the two points are 2h apart")
def divided_by_h(f, grad, x, rng, h=1e-4):
    u = rng.normal(size=x.shape)
    measured = (f(x + h * u) - f(x - h * u)) / h
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="that is the claimed slope")
def divided_by_measured(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / abs(measured) if measured else 0.0


@ex.wrong(says="that is the measured slope")
def divided_by_claimed(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / abs(claimed) if claimed else 0.0


@ex.wrong(says="Do both belong to the same direction u")
def normalized_once(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    claimed = np.sum(grad(x) * u)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Do both belong to the same direction u")
def lengths_compared(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.linalg.norm(grad(x))
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Give the number, not a verdict")
def verdict(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    return np.isclose(measured, np.sum(grad(x) * u))


@ex.wrong(says="one of the slopes is 0")
def nothing_moves(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="It changes x itself")
def moves_x(f, grad, x, rng, h=1e-4):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    claimed = np.sum(grad(x) * u)
    x += h * u
    ahead = f(x)
    x -= 2 * h * u
    measured = (ahead - f(x)) / (2 * h)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="It changes x itself")
def shuffles_x(f, grad, x, rng):
    rng.shuffle(x)
    measured = d2l.numerical_diff(lambda s: f(x + s * x), 0.0)
    claimed = np.sum(grad(x) * x)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="by a central difference with a small h")
def coarse(f, grad, x, rng, h=1e-4):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = (f(x + h * u) - f(x)) / h
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="The difference alone says little")
def absolute(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    return abs(measured - np.sum(grad(x) * u))


@ex.wrong(says="A wrong sign must count")
def sizes_first(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = abs(d2l.numerical_diff(lambda s: f(x + s * u), 0.0))
    claimed = abs(np.sum(grad(x) * u))
    return abs(measured - claimed) / max(measured, claimed)


@ex.wrong(says="Every entry must have a part")
def one_random_entry(f, grad, x, rng):
    u = np.zeros(x.shape)
    u.flat[rng.integers(x.size)] = 1
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="a number of its own")
def one_number_for_each_column(f, grad, x, rng):
    u = rng.normal(size=x.shape[-1])
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Move all entries at once")
def whole_bill(f, grad, x, rng):
    return d2l.check_gradient(f, grad, x)


@ex.wrong(says="Both times the direction is the same")
def always_one_direction(f, grad, x, rng):
    u = np.random.default_rng(0).normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="drawn from somewhere else")
def own_generator(f, grad, x, rng):
    u = np.random.default_rng().normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="look at the size before you divide")
def zero_by_zero(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / np.maximum(abs(measured), abs(claimed))


@ex.wrong(says="Give 0 when both are")
def zero_if_one_is(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    if measured == 0 or claimed == 0:
        return 0.0
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.right
def by_hand(f, grad, x, rng, h=1e-5):
    u = rng.uniform(-1, 1, size=x.shape)
    measured = (f(x + h * u) - f(x - h * u)) / (2 * h)
    claimed = np.dot(grad(x).ravel(), u.ravel())
    if measured == claimed:
        return 0
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.right
def with_torch_numbers(f, grad, x, rng):
    import torch

    u = rng.choice([-1.0, 1.0], size=x.shape)
    u = u / np.linalg.norm(u)
    measured = torch.tensor(d2l.numerical_diff(lambda s: f(x + s * u), 0.0))
    claimed = (torch.tensor(grad(x)) * torch.tensor(u)).sum()
    size = torch.maximum(measured.abs(), claimed.abs())
    return (measured - claimed).abs() / size if size else torch.tensor(0.0)
