import numpy as np

from ..errors import explained
from ..exercise import Exercise, Refusal, fill
from ..expect import expect, refuse

ex = Exercise(
    "06.clip_gradients",
    hints=[
        "First one number: the sum of `(g**2).sum()` over all arrays, and its root.",
        "The factor is `most / length`, but never above 1: `min(1.0, ...)`.",
        "Then a new list, each array times this one factor.",
    ],
    explanation="""One factor for all keeps the direction of the whole step. Clipping
        each array by itself would turn it, and clipping each entry even more.""",
)


@ex.solution
def clip_gradients(grads, most):
    """Shorten a list of arrays to a common length of at most `most`.

    Return a list of new arrays; the ones given stay as they are.
    """
    # BEGIN SOLUTION
    length = sum((g**2).sum() for g in grads) ** 0.5
    factor = 1.0 if length <= most else most / length
    return [g * factor for g in grads]
    # END SOLUTION


def _clipped(answer, grads, most):
    """What an answer returns, all entries in one row."""
    shapes = """The arrays of the list have different shapes: go through the list, and
        take each of them by itself."""
    with explained(
        mistakes={
            "inhomogeneous": shapes,
            "could not be broadcast": shapes,
            "unsupported operand": shapes,
        }
    ):
        got = answer([g.copy() for g in grads], most)
    if got is None:
        refuse("It gave `None`. Is a `return` missing?")
    if not isinstance(got, list | tuple) or len(got) != len(grads):
        refuse("A list is wanted, with one array for each gradient.")
    for part, g in zip(got, grads, strict=True):
        if np.shape(part) != g.shape:
            refuse("Each array keeps its shape.", got="{shape}", shape=np.shape(part))
    try:
        return np.concatenate([np.asarray(part, float).ravel() for part in got])
    except (TypeError, ValueError, RuntimeError) as error:
        raise Refusal(fill("A list of arrays is wanted.")) from error


@ex.check("gradients of lengths 3 and 4, most = 1: the common length is 5")
def _(answer):
    grads = [np.array([[1.0, 2.0], [-2.0, 0.0]]), np.array([0.0, -4.0])]
    row = np.concatenate([g.ravel() for g in grads])
    expect(
        _clipped(answer, grads, 1.0),
        row / 5,
        mistakes=[
            (
                _clipped(each_by_itself, grads, 1.0),
                "Each array is clipped by itself: the step gets another direction.",
            ),
            (
                np.clip(row, -1, 1),
                "Each entry is cut at `most`. One factor is wanted, for all entries.",
            ),
            (row, "Nothing is shortened: the common length is 5, and `most` is 1."),
            (row / 7, "The lengths are added. Add the *squares* of all entries."),
            (row / 25, "Is the root missing? 25 is the square of the length."),
            (row / 4, "That is the largest entry or array. The length counts all."),
        ],
        tip="The length of all together is √(9 + 16) = 5.",
    )


@ex.check("the same with most = 10: short gradients stay as they are")
def _(answer):
    grads = [np.array([3.0, 0.0]), np.array([-4.0])]
    expect(
        _clipped(answer, grads, 10.0),
        [3, 0, -4],
        mistakes=[
            ([6, 0, -8], "That makes short gradients longer. The factor is at most 1.")
        ],
        tip="Below `most` nothing happens.",
    )


@ex.check("the arrays given stay as they are; a length of 0 is no trouble")
def _(answer):
    grads = [np.array([3.0, 4.0]), np.zeros((2, 2))]
    answer(grads, 1.0)
    if not np.array_equal(grads[0], [3, 4]):
        refuse("`g *= ...` writes into the arrays of whoever called. Make new ones.")
    expect(
        _clipped(answer, [np.zeros(2), np.zeros((1, 2))], 1.0),
        np.zeros(4),
        tip="""If all slopes are 0, so is the length, and `most / length` divides by 0.
            Divide only if the length is above `most`.""",
    )


@ex.wrong(says="Each array is clipped by itself")
def each_by_itself(grads, most):
    return [g * min(1.0, most / max((g**2).sum() ** 0.5, 1e-12)) for g in grads]


@ex.wrong(says="Each entry is cut")
def each_entry(grads, most):
    return [np.clip(g, -most, most) for g in grads]


@ex.wrong(says="The lengths are added")
def adds_lengths(grads, most):
    length = sum((g**2).sum() ** 0.5 for g in grads)
    return [g * min(1.0, most / length) for g in grads]


@ex.wrong(says="Is the root missing?")
def no_root(grads, most):
    length = sum((g**2).sum() for g in grads)
    return [g * min(1.0, most / length) for g in grads]


@ex.wrong(says="makes short gradients longer")
def always_most(grads, most):
    length = sum((g**2).sum() for g in grads) ** 0.5
    return [g * most / length for g in grads]


@ex.wrong(says="Make new ones")
def in_place(grads, most):
    length = sum((g**2).sum() for g in grads) ** 0.5
    for g in grads:
        g *= min(1.0, most / length)
    return grads


@ex.wrong(says="Divide only if the length is above")
def divides_by_zero(grads, most):
    length = sum((g**2).sum() for g in grads) ** 0.5
    factor = np.nan if length == 0 else min(1.0, most / length)
    return [g * factor for g in grads]


@ex.wrong(says="Is a `return` missing?")
def printed(grads, most):
    print(clip_gradients(grads, most))


@ex.wrong(says="one array for each gradient")
def only_the_factor(grads, most):
    return min(1.0, most / sum((g**2).sum() for g in grads) ** 0.5)


@ex.wrong(says="go through the list")
def as_one_array(grads, most):
    return np.array(grads) * min(1.0, most / (np.array(grads) ** 2).sum() ** 0.5)


@ex.right
def with_a_small_number(grads, most):
    length = np.sqrt(sum(np.sum(g * g) for g in grads))
    return [g * min(1.0, most / (length + 1e-9)) for g in grads]


@ex.right
def in_torch(grads, most):
    import torch

    tensors = [torch.zeros(g.shape, dtype=torch.float64) for g in grads]
    for tensor, g in zip(tensors, grads, strict=True):
        tensor.grad = torch.tensor(g)
    torch.nn.utils.clip_grad_norm_(tensors, most)
    return [tensor.grad for tensor in tensors]


@ex.right
def with_a_loop(grads, most):
    squares = 0.0
    for g in grads:
        squares += np.linalg.norm(g) ** 2
    if squares > most**2:
        return [g * most / squares**0.5 for g in grads]
    return [g.copy() for g in grads]
