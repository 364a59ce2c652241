import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise, Refusal, fill
from ..expect import expect, refuse, show_error

ex = Exercise(
    "07.sum_back",
    hints=[
        "A value that is used many times gets a share from each use. Add them up.",
        """First the axes that the value does not have: there are
        `g.ndim - len(shape)` of them, in front.""",
        """Then the axes where `shape` has a 1 but `g` has more: sum along them with
        `keepdims=True`.""",
    ],
    explanation="""NumPy repeats a value along axes that it lacks, in front, and along
        those where its length is 1. The slopes are summed along just these. axis=()
        sums along no axis at all, so nothing needs an if.""",
)


@ex.solution
def sum_to_shape(g, shape):
    """Sum the slopes g of a result to those of a value that NumPy had repeated.

    g is an array; shape is the shape of the value before it was repeated.
    """
    # BEGIN SOLUTION
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    single = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=single, keepdims=True)
    # END SOLUTION


def summed(answer, g, shape):
    """What an answer gives, or why it cannot have that shape."""
    reshaped = """`reshape` makes no sums: it only lays the same numbers out anew, and
        their count must fit. Sum along the repeated axes first."""
    spread = """`broadcast_to` repeats a value. Here it is the other way around: what
        was repeated is to be summed."""
    axes = """`shape` holds lengths, and `axis` wants numbers of axes, such as 0 for the
        first."""
    longer = """g may have more axes than `shape`: those in front are to be summed
        first. After that both have as many."""
    kept = "A row of g has the wrong shape for that: which axes were repeated?"
    with explained(
        mistakes={
            "cannot reshape": reshaped,
            "more dimensions than allowed": spread,
            "non-broadcastable": kept,
            "tuple index out of range": longer,
            "is out of bounds for array of dimension 2": axes,
        }
    ):
        return answer(g, shape)


@ex.check("a bias of shape (2,), added to four rows")
def _(answer):
    g = np.arange(8.0).reshape(4, 2) ** 2 - 10
    expect(
        summed(answer, g.copy(), (2,)),
        g.sum(axis=0),
        mistakes=[
            (g.mean(axis=0), "That is the mean. Shares add up."),
            (g[0], "That is the first row: the share of one use. There are four."),
            (g[-1], "That is the last row: the share of one use. There are four."),
            (g.sum(axis=1), "Summed along the wrong axis. The rows were repeated."),
            (g.sum(), "That adds up too much: the value has two entries."),
            (g.sum(axis=0, keepdims=True), "Here `keepdims` leaves an axis too many."),
        ],
        tip="Each of the two entries was used in four rows: add its four shares.",
    )


@ex.check("a column of shape (4, 1), repeated twice to the right")
def _(answer):
    g = np.arange(8.0).reshape(4, 2) ** 2 - 10
    expect(
        summed(answer, g.copy(), (4, 1)),
        g.sum(axis=1, keepdims=True),
        mistakes=[
            (g.sum(axis=1), "The numbers fit, but the axis is lost. Keep it."),
            (g, "The axis of length 1 was repeated, too. Sum along it."),
            (g.sum(axis=0), "This time the rows are its own. What was repeated?"),
            (g.mean(axis=1, keepdims=True), "That is the mean. Shares add up."),
            (g[:, :1], "That is the first column: the share of one use. Add both."),
        ],
        tip="Each of the four entries was used in two columns: add its two shares.",
    )


@ex.check("several axes at once, or none")
def _(answer):
    g = np.arange(40.0).reshape(5, 4, 2) ** 2
    both = g.sum(axis=(0, 2)).reshape(4, 1)
    expect(
        summed(answer, g.copy(), (4, 1)),
        both,
        mistakes=[
            (g.sum(axis=0), "From (5, 4, 2) to (4, 1), the last axis is left over."),
            (g.sum(axis=2), "From (5, 4, 2) to (4, 1), the first axis is left over."),
        ],
        tip="This was from (5, 4, 2) to (4, 1): two axes are to be summed.",
    )
    expect(
        answer(g.copy(), (2,)),
        g.sum(axis=(0, 1)),
        tip="From (5, 4, 2) to (2,), two axes in front are to be summed.",
    )
    expect(answer(g.copy(), ()), g.sum(), tip="This was a single number, shape ().")
    expect(
        answer(g.copy(), g.shape),
        g,
        mistakes=[(g.sum(), "Nothing was repeated here: nothing is to be summed.")],
        tip="Nothing was repeated here: the slopes stay as they are.",
    )
    g = np.random.default_rng(0).normal(size=(3, 2, 3, 3))
    tip = """This was from (3, 3) to (3,). What counts is the place of an axis, from the
        back, not its length."""
    try:
        got = answer(g[0, 0].copy(), (3,))
    except (ValueError, IndexError) as error:
        raise Refusal(fill(tip), show_error(error)) from error
    expect(got, g[0, 0].sum(axis=0), tip=tip)
    expect(
        answer(g.copy(), (1, 3, 1)),
        g.sum(axis=(0, 1, 3)).reshape(1, 3, 1),
        mistakes=[
            (
                g.sum(axis=(0, 1)).reshape(1, 3, 3),
                "From (3, 2, 3, 3) to (1, 3, 1), the last axis is left over.",
            ),
            (
                g.sum(axis=(0, 3)).reshape(2, 3, 1),
                "From (3, 2, 3, 3) to (1, 3, 1), the axis of length 2 is left over.",
            ),
        ],
        tip="This was from (3, 2, 3, 3) to (1, 3, 1): three axes are to be summed.",
    )


@ex.check("the slopes that it is given stay as they are")
def _(answer):
    g = np.arange(8.0).reshape(4, 2)
    answer(g, (2,))
    if not np.array_equal(g, np.arange(8.0).reshape(4, 2)):
        refuse(
            """Your code changed the slopes g, which other values may need: `g =
            g.sum(...)` makes a new array, `g *= ...` does not."""
        )


@ex.wrong(says="`reshape` makes no sums")
def reshaped_only(g, shape):
    return g.reshape(shape)


@ex.wrong(says="Here it is the other way around")
def repeated_once_more(g, shape):
    return np.broadcast_to(g, shape)


@ex.wrong(says="`axis` wants numbers of axes")
def lengths_for_axes(g, shape):
    return g.sum(axis=shape)


@ex.wrong(says="those in front are to be summed first")
def as_many_axes(g, shape):
    axes = tuple(i for i, n in enumerate(g.shape) if n != shape[i])
    return g.sum(axis=axes, keepdims=True)


@ex.wrong(says="which axes were repeated?")
def row_by_row(g, shape):
    total = np.zeros(shape)
    for row in g:
        total += row
    return total


@ex.wrong(says="Your code changed the slopes")
def into_the_slopes(g, shape):
    right = slow_and_plain(g, shape)
    g *= 0
    return right


@ex.wrong(says="That is the mean")
def mean_for_sum(g, shape):
    return g.mean(axis=0)


@ex.wrong(says="the share of one use")
def first_row(g, shape):
    return g[0]


@ex.wrong(says="This time the rows are its own")
def always_the_first_axis(g, shape):
    return g.sum(axis=0)


@ex.wrong(says="The axis of length 1 was repeated, too")
def axes_in_front_only(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    return g


@ex.wrong(says="the axis is lost")
def lost_an_axis(g, shape):
    extra = g.ndim - len(shape)
    single = [extra + i for i, n in enumerate(shape) if n == 1]
    return g.sum(axis=(*range(extra), *single))


@ex.wrong(says="nothing is to be summed")
def none_means_all(g, shape):
    extra = g.ndim - len(shape)
    single = [extra + i for i, n in enumerate(shape) if n == 1]
    axes = (*range(extra), *single)
    if not axes:
        return g.sum()
    return g.sum(axis=axes).reshape(shape)


@ex.wrong(says="two axes in front are to be summed")
def one_axis_in_front(g, shape):
    if shape == ():
        return g.sum()
    if g.ndim > len(shape):
        g = g.sum(axis=0)
    return g.sum(axis=tuple(np.flatnonzero(np.equal(shape, 1))), keepdims=True)


@ex.wrong(says="the axis of length 2 is left over")
def last_axis_only(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    if shape and shape[-1] == 1:
        g = g.sum(axis=-1, keepdims=True)
    return g


@ex.wrong(says="not its length")
def by_lengths(g, shape):
    axes = tuple(i for i, n in enumerate(g.shape) if n not in shape)
    return g.sum(axis=axes).reshape(shape)


@ex.right
def with_torch(g, shape):
    import torch

    return torch.tensor(g).sum_to_size(shape)


@ex.right
def by_the_machine(g, shape):
    value = d2l.Tensor(np.zeros(shape))
    ((value + np.zeros(g.shape)) * g).sum().backward()
    return value.grad


@ex.right
def slow_and_plain(g, shape):
    total = np.zeros(shape)
    for place in np.ndindex(g.shape):
        own = place[g.ndim - len(shape) :]
        first = tuple(min(i, n - 1) for i, n in zip(own, shape, strict=True))
        total[first] += g[place]
    return total
