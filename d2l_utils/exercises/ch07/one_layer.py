import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "07.one_layer",
    hints=[
        "Section 10 multiplies the brackets out.",
        "What stands behind X? What is left if X is all zeros?",
        "`W1 @ W2`, and `b1 @ W2 + b2`: the first bias passes the second matrix.",
    ],
    explanation="""(X W1 + b1) W2 + b2 = X (W1 W2) + (b1 W2 + b2). Without a bend
        between them, two layers say nothing that one could not say.""",
)


@ex.solution
def one_layer(W1, b1, W2, b2):
    """Give W and b, so that X @ W + b is (X @ W1 + b1) @ W2 + b2 for every X."""
    # BEGIN SOLUTION
    return W1 @ W2, b1 @ W2 + b2
    # END SOLUTION


def _layers(*sizes):
    """The matrices and biases of two layers."""
    n, hidden, m = sizes
    rng = np.random.default_rng(2)
    return (
        rng.normal(size=(n, hidden)),
        rng.normal(size=hidden),
        rng.normal(size=(hidden, m)),
        rng.normal(size=m),
    )


def _pair(answer, *sizes):
    """What an answer gives: a matrix and a bias."""
    layers = _layers(*sizes)
    fit = """The shapes do not fit. W1 has a row for each input, W2 a column for each
        output, and between them lie the hidden units: in which order do they meet? And
        through which matrix does b1 go?"""
    with explained(
        mistakes={
            "matmul: Input operand 1 has a mismatch": fit,
            "could not be broadcast": fit,
        }
    ):
        got = answer(*layers)
    for name, now, before in zip(
        ["W1", "b1", "W2", "b2"], layers, _layers(*sizes), strict=True
    ):
        if np.any(now != before):
            message = "Your code changed `{name}`. Make new arrays."
            refuse(message, name=name)
    if got is None:
        refuse("It gave `None`: is a `return` missing?")
    if not (isinstance(got, list | tuple) and len(got) == 2):
        refuse("Return two things: the matrix and the bias, `return W, b`.", got=got)
    return got


@ex.check("the matrix")
def _(answer):
    W1, _, W2, _ = _layers(4, 3, 3)
    W, _ = _pair(answer, 4, 3, 3)
    if np.shape(W) == (3,):
        refuse("First the matrix, then the bias.")
    expect(
        W,
        W1 @ W2,
        mistakes=[
            (W1 @ W2.T, "W2 stands as it is in `(X @ W1 + b1) @ W2`: no transpose."),
            (W1, "X goes through W1 and then through W2."),
            ((W1 @ W2).T, "That is its transpose. X stands on the left."),
        ],
        tip="Which matrix does X meet, once the brackets are multiplied out?",
    )


@ex.check("the bias")
def _(answer):
    _, b1, W2, b2 = _layers(4, 3, 3)
    _, b = _pair(answer, 4, 3, 3)
    expect(
        b,
        b1 @ W2 + b2,
        mistakes=[
            (b1 + b2, "b1 is added *before* W2: it goes through W2, too."),
            (b1 @ W2, "Where is b2?"),
            (b2, "b1 is added before W2. What becomes of it?"),
            (b1 + b2 @ W2, "It is b1 that goes through W2: b2 is added behind it."),
            ((b1 + b2) @ W2, "b2 is added behind W2: it does not go through it."),
            (W2 @ b1 + b2, "b1 is a row, like each row of X @ W1: it stands left."),
            (
                (b1 @ W2 + b2)[None],
                "A table of one row. b1 and b2 are flat, and so is the bias.",
            ),
        ],
        tip="What comes out where X is all zeros?",
    )


@ex.check("layers of other sizes")
def _(answer):
    W1, b1, W2, b2 = _layers(2, 5, 3)
    W, b = _pair(answer, 2, 5, 3)
    tip = "This was from 2 inputs through 5 hidden units to 3 outputs."
    expect(W, W1 @ W2, tip=tip)
    expect(b, b1 @ W2 + b2, tip=tip)


@ex.wrong(says="it goes through W2, too")
def biases_added(W1, b1, W2, b2):
    return W1 @ W2, b1 + b2


@ex.wrong(says="Where is b2?")
def second_bias_forgotten(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2


@ex.wrong(says="What becomes of it?")
def first_bias_forgotten(W1, b1, W2, b2):
    return W1 @ W2, b2


@ex.wrong(says="b2 is added behind it")
def wrong_bias(W1, b1, W2, b2):
    return W1 @ W2, b1 + b2 @ W2


@ex.wrong(says="it does not go through it")
def both_through(W1, b1, W2, b2):
    return W1 @ W2, (b1 + b2) @ W2


@ex.wrong(says="it stands left")
def bias_on_the_right(W1, b1, W2, b2):
    return W1 @ W2, W2 @ b1 + b2


@ex.wrong(says="A table of one row")
def bias_as_a_table(W1, b1, W2, b2):
    return W1 @ W2, (b1 @ W2 + b2).reshape(1, -1)


@ex.wrong(says="in which order do they meet?")
def wrong_order(W1, b1, W2, b2):
    return W2 @ W1, b1 @ W2 + b2


@ex.wrong(says="no transpose")
def transposed(W1, b1, W2, b2):
    return W1 @ W2.T, b1 @ W2 + b2


@ex.wrong(says="X goes through W1 and then through W2")
def first_only(W1, b1, W2, b2):
    return W1, b1 @ W2 + b2


@ex.wrong(says="X stands on the left")
def on_its_side(W1, b1, W2, b2):
    return (W1 @ W2).T, b1 @ W2 + b2


@ex.wrong(says="First the matrix, then the bias")
def bias_first(W1, b1, W2, b2):
    return b1 @ W2 + b2, W1 @ W2


@ex.wrong(says="Return two things")
def matrix_only(W1, b1, W2, b2):
    return W1 @ W2


@ex.wrong(says="is a `return` missing?")
def nothing_returned(W1, b1, W2, b2):
    W1 @ W2, b1 @ W2 + b2


@ex.wrong(says="Your code changed `b2`")
def in_place(W1, b1, W2, b2):
    b2 += b1 @ W2
    return W1 @ W2, b2


@ex.wrong(says="from 2 inputs through 5 hidden units")
def padded(W1, b1, W2, b2):
    return W1[:, :3] @ W2[:3], b1[:3] @ W2[:3] + b2


@ex.right
def as_a_list(W1, b1, W2, b2):
    return [np.einsum("ij,jk", W1, W2), np.dot(W2.T, b1) + b2]


@ex.right
def asked_of_the_network(W1, b1, W2, b2):
    def network(X):
        return (X @ W1 + b1) @ W2 + b2

    b = network(np.zeros(len(W1)))
    return network(np.eye(len(W1))) - b, b
