import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "08.fold_layers",
    hints=[
        "Multiply out (xA + a)B + b, as in section 5. Which part has an x in it?",
        "`W` is the part that x is multiplied by; `b` is what is left where x is 0.",
        "`b1` goes through the second layer, too: `b1 @ W2`.",
    ],
    explanation="""(xA + a)B + b = x(AB) + (aB + b). The weights multiply, in the order
        in which x meets them; the first biases go through the second layer, and its
        own are added.""",
)


@ex.solution
def fold_layers(W1, b1, W2, b2):
    """Fold two layers without a bend into one.

    Return W and b with x @ W + b equal to (x @ W1 + b1) @ W2 + b2 for every x.
    """
    # BEGIN SOLUTION
    return W1 @ W2, b1 @ W2 + b2
    # END SOLUTION


def _layers(inputs, hidden, outputs):
    """Weights and biases of two layers."""
    rng = np.random.default_rng(8)
    return (
        rng.normal(size=(inputs, hidden)),
        rng.normal(size=hidden),
        rng.normal(size=(hidden, outputs)),
        rng.normal(size=outputs),
    )


def _folded(answer, *sizes):
    """The weights and biases that an answer gives for layers of these sizes."""
    layers = _layers(*sizes)
    order = """The sizes do not fit. x meets `W1` first, then `W2`; a row of biases
        stands on the left of `@`, as x does."""
    together = "Return two arrays, the weights and the biases: `return W, b`."
    with explained(
        mistakes={
            "matmul: Input operand 1 has a mismatch": order,
            "could not be broadcast together": order,
            "inhomogeneous shape": together,
        }
    ):
        got = answer(*layers)
    for name, now, before in zip(
        ["W1", "b1", "W2", "b2"], layers, _layers(*sizes), strict=True
    ):
        if np.any(now != before):
            message = "Your code changed `{name}`. Make new arrays: `+`, not `+=`."
            refuse(message, name=name)
    if got is None:
        refuse("It gave `None`: is a `return` missing?", expected="W and b")
    if not isinstance(got, list | tuple) or len(got) != 2:
        refuse(together, expected="W and b", got=got)
    return got


@ex.check("the weights of 4 inputs, 3 units in between, 2 outputs")
def _(answer):
    W1, b1, W2, b2 = _layers(4, 3, 2)
    W, _ = _folded(answer, 4, 3, 2)
    expect(
        W,
        W1 @ W2,
        mistakes=[
            ((W1 @ W2).T, "W has a row for each input: here it is transposed."),
            (
                W1 @ W2 + b2,
                "The biases are in the weights: what has no x in it belongs into `b`.",
            ),
            (
                (W1 + b1) @ W2,
                "The biases are in the weights: what has no x in it belongs into `b`.",
            ),
            (
                np.maximum(W1, 0) @ W2,
                "There is no bend in these layers, so no maximum.",
            ),
            (b1 @ W2 + b2, "Those are the biases. Return the weights first."),
        ],
        tip="Multiply out. Which table is x multiplied by?",
    )


@ex.check("its biases")
def _(answer):
    _, b1, W2, b2 = _layers(4, 3, 2)
    _, b = _folded(answer, 4, 3, 2)
    right = b1 @ W2 + b2
    expect(
        b,
        right,
        mistakes=[
            (b2, "Where x is 0 the first layer still gives `b1`. Where does that go?"),
            (
                b1 @ W2,
                "Here is what the second layer makes of `b1`. It adds its own biases.",
            ),
            (right[None], "A table of one row. `b` is flat, as `b2` is."),
            (
                np.maximum(b1, 0) @ W2 + b2,
                "There is no bend in these layers, so no maximum.",
            ),
        ],
        tip="What do the two layers give where x is 0?",
    )


@ex.check("the same scores for any x, and for layers of other sizes")
def _(answer):
    for sizes in [(2, 2, 2), (5, 1, 3), (3, 6, 1)]:
        W1, b1, W2, b2 = _layers(*sizes)
        W, b = _folded(answer, *sizes)
        x = np.linspace(-1, 2, 3 * sizes[0]).reshape(3, sizes[0])
        expect(
            x @ np.asarray(W) + np.asarray(b),
            (x @ W1 + b1) @ W2 + b2,
            mistakes=[
                (
                    x @ (W2 @ W1 if sizes == (2, 2, 2) else W1 @ W2) + b1 @ W2 + b2,
                    "x meets `W1` first: the weights are `W1 @ W2`, in this order.",
                )
            ],
            tip="Is a size of the first check in your code?",
        )


@ex.wrong(says="Where x is 0 the first layer still gives `b1`")
def second_biases_only(W1, b1, W2, b2):
    return W1 @ W2, b2


@ex.wrong(says="It adds its own biases")
def first_biases_only(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2


@ex.wrong(says="The sizes do not fit")
def biases_added(W1, b1, W2, b2):
    return W1 @ W2, b1 + b2


@ex.wrong(says="The sizes do not fit")
def other_order(W1, b1, W2, b2):
    return W2 @ W1, b1 @ W2 + b2


@ex.wrong(says="x meets `W1` first")
def other_order_where_it_fits(W1, b1, W2, b2):
    square = W1.shape == W2.shape
    return (W2 @ W1 if square else W1 @ W2), b1 @ W2 + b2


@ex.wrong(says="here it is transposed")
def transposed(W1, b1, W2, b2):
    return (W1 @ W2).T, b1 @ W2 + b2


@ex.wrong(says="The biases are in the weights")
def biases_in_the_weights(W1, b1, W2, b2):
    return (W1 + b1) @ W2, b2


@ex.wrong(says="Those are the biases")
def biases_first(W1, b1, W2, b2):
    return b1 @ W2 + b2, W1 @ W2


@ex.wrong(says="so no maximum")
def with_a_bend(W1, b1, W2, b2):
    return W1 @ W2, np.maximum(b1, 0) @ W2 + b2


@ex.wrong(says="so no maximum")
def with_bent_weights(W1, b1, W2, b2):
    return np.maximum(W1, 0) @ W2, b1 @ W2 + b2


@ex.wrong(says="A table of one row")
def a_row(W1, b1, W2, b2):
    return W1 @ W2, (b1 @ W2 + b2)[None]


@ex.wrong(says="Return two arrays")
def the_weights_alone(W1, b1, W2, b2):
    return W1 @ W2


@ex.wrong(says="Return two arrays")
def scores_of_an_input(W1, b1, W2, b2):
    return np.array([W1 @ W2, b1 @ W2 + b2])


@ex.wrong(says="Make new arrays")
def in_place(W1, b1, W2, b2):
    b2 += b1 @ W2
    return W1 @ W2, b2


@ex.wrong(says="is a `return` missing?")
def printed(W1, b1, W2, b2):
    print(W1 @ W2, b1 @ W2 + b2)


@ex.right
def asked_at_zero_and_at_the_units(W1, b1, W2, b2):
    def both(x):
        return (x @ W1 + b1) @ W2 + b2

    b = both(np.zeros(len(W1)))
    return both(np.eye(len(W1))) - b, b


@ex.right
def with_torch(W1, b1, W2, b2):
    import torch

    W2 = torch.tensor(W2)
    return torch.tensor(W1) @ W2, torch.tensor(b1) @ W2 + torch.tensor(b2)
