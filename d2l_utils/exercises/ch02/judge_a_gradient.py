import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "02.judge_a_gradient",
    hints=[
        "`d2l.check_gradient(skew_bowl, skew_bowl_gradient, [1.0, 1.0])` says that it "
        "is wrong there. To find the entry, print both gradients at this point.",
        "(2, -1) is a lucky place for this mistake: what is `inner` there?",
        "Along `x1` the inner link, x0 + 2 x1, has a slope of its own.",
    ],
    explanation="""The outer slope is 0.2 times inner. Along x0 the inner slope is 1,
        along x1 it is 2, so the second entry begins with 0.4 times inner. Where inner
        is 0 the mistake cannot be seen. A judge should look at places without such
        luck: random ones.""",
)


@ex.stub
def skew_bowl_gradient(x):
    """Compute the gradient of 0.1 * (x0 + 2 * x1)**2 + 2 * x1**2."""
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.2 * inner + 4 * x[1]])


@ex.solution
def skew_bowl_gradient(x):
    """Compute the gradient of 0.1 * (x0 + 2 * x1)**2 + 2 * x1**2."""
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner + 4 * x[1]])


@ex.check("at (2, -1), where it was tested, it is still right: 0 and -4")
def _(answer):
    x = np.array([2.0, -1.0])
    got = answer(x)
    if x.tolist() != [2, -1]:
        refuse(
            "It changes x itself, which belongs to the caller.",
            expected="[2.0, -1.0], as before",
            got=repr(x.tolist()),
        )
    expect(
        got,
        [0, -4],
        mistakes=[
            ([0, -8], "4 x1 was right: the inner slope belongs to `inner` alone."),
            ([0, 0], "The slope along x1 has a second term, that of 2 x1²."),
            ([0, 4], "The term 4 x1 was right. At x1 = -1 it is -4."),
            ([0, -2], "The term 4 x1 was right: it is the slope of 2 x1²."),
            ([-4, 0], "The entries have changed places: first that along x0."),
        ],
        tip="`inner` is 0 there: both entries were right already.",
    )


@ex.check("at (1, 1) and (-3, -1) it is right, too")
def _(answer):
    expect(
        answer(np.array([1.0, 1.0])),
        [0.6, 5.2],
        mistakes=[
            ([0.6, 4.6], "The second entry is as it was. How fast does `inner` grow?"),
            ([1.2, 4.6], "The first entry was right: along x0, `inner` has slope 1."),
            ([1.2, 5.2], "The first entry was right: along x0, `inner` has slope 1."),
            (
                [0.6, 6.4],
                "The slope of `inner` counts once: 0.2 times 2, times `inner`.",
            ),
            ([0, 5], "Whole numbers cut off decimals. Give the slopes as they are."),
            ([1, 5], "That is rounded. Give the slopes as they are."),
            ([0.6, 5.8], "Along x1 the slope of `inner` is 2, not 3."),
            ([0.6, 4.3], "The inner slope multiplies. Here it divides."),
        ],
        tip="Which of the two entries does `d2l.numerical_gradient` contradict?",
    )
    expect(
        answer(np.array([-3.0, -1.0])),
        [-1, -6],
        mistakes=[([1, -2], "At (-3, -1) `inner` is negative: keep its sign.")],
        tip="""At (1, 1) it is right, where x0, x1 and their product are all 1. Is a
            number, or an x too many, in your code?""",
    )


@ex.check("far out, where a step of h is lost, it is right as well")
def _(answer):
    got = answer(np.array([1e13, -3e13]))
    expect(
        got,
        [-1e13, -1.4e14],
        tip="Is it measured? A gradient by the rules is right everywhere.",
    )


@ex.wrong(says="The first entry was right")
def first_entry_changed(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.4 * inner, 0.2 * inner + 4 * x[1]])


@ex.wrong(says="The first entry was right")
def both_entries_changed(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.4 * inner, 0.4 * inner + 4 * x[1]])


@ex.wrong(says="How fast does `inner` grow?")
def written_otherwise(x):
    slope = 0.2 * (x[0] + 2 * x[1])
    return np.array([slope, slope + 4 * x[1]])


@ex.wrong(says="belongs to `inner` alone")
def whole_entry_doubled(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 2 * (0.2 * inner + 4 * x[1])])


@ex.wrong(says="At x1 = -1 it is -4")
def squared_x1(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner + 4 * x[1] ** 2])


@ex.wrong(says="the slope of 2 x1²")
def second_term_halved(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner + 2 * x[1]])


@ex.wrong(says="have changed places")
def entries_swapped(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.4 * inner + 4 * x[1], 0.2 * inner])


@ex.wrong(says="counts once")
def inner_slope_squared(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.8 * inner + 4 * x[1]])


@ex.wrong(says="cut off decimals")
def in_integers(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner + 4 * x[1]], dtype=int)


@ex.wrong(says="an x too many")
def one_factor_too_many(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner * x[1] + 4 * x[1]])


@ex.wrong(says="belongs to the caller")
def changes_x(x):
    inner = x[0] + 2 * x[1]
    x *= 2
    return np.array([0.2 * inner, 0.4 * inner + 2 * x[1]])


@ex.wrong(says="has a second term")
def second_term_lost(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner])


@ex.wrong(says="Here it divides")
def divided(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.1 * inner + 4 * x[1]])


@ex.wrong(says="keep its sign")
def size_of_inner(x):
    inner = abs(x[0] + 2 * x[1])
    return np.array([0.2 * inner, 0.4 * inner + 4 * x[1]])


@ex.wrong(says="Is it measured?")
def measured(x):
    def skew_bowl(x):
        return 0.1 * (x[0] + 2 * x[1]) ** 2 + 2 * x[1] ** 2

    return d2l.numerical_gradient(skew_bowl, x)


@ex.right
def multiplied_out(x):
    return [0.2 * x[0] + 0.4 * x[1], 0.4 * x[0] + 4.8 * x[1]]


@ex.right
def as_matrix(x):
    return np.array([[0.2, 0.4], [0.4, 4.8]]) @ x


@ex.right
def with_torch(x):
    import torch

    x = torch.tensor(x, requires_grad=True)
    (0.1 * (x[0] + 2 * x[1]) ** 2 + 2 * x[1] ** 2).backward()
    return x.grad
