import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "07.mend_the_walk_back",
    hints=[
        """Ask the numerical gradient which slopes are wrong, with small random arrays:
        `d2l.numerical_gradient(lambda W: two_layers(X, t, W, b1, W2, b2)[0], W1)`.""",
        "Every gradient has the shape of its parameter. `b2` has no row per picture.",
        "Back through `Y = X @ W` to X: section 6 says `G @ W.T`.",
        "Relu stops the slope where its *input*, `z1`, was not positive.",
    ],
    explanation="""The bias b2 was added to every row: db2 is the sum of its shares.
        Through a product the slopes go back with the transposed matrix. And relu lets
        through where z1 was positive, whatever the sign of the slope.""",
)


@ex.stub
def two_layers(X, t, W1, b1, W2, b2):
    """Compute the loss of a network, and its slopes in W1, b1, W2 and b2."""
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.sum(t * np.log(p)) / len(X)

    dz2 = (p - t) / len(X)
    dW2 = h.T @ dz2
    db2 = dz2
    dh = dz2 @ W2
    dz1 = dh * (dh > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return loss, [dW1, db1, dW2, db2]


BROKEN = two_layers


@ex.solution
def two_layers(X, t, W1, b1, W2, b2):
    """Compute the loss of a network, and its slopes in W1, b1, W2 and b2."""
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.sum(t * np.log(p)) / len(X)

    dz2 = (p - t) / len(X)
    dW2 = h.T @ dz2
    db2 = dz2.sum(axis=0)
    dh = dz2 @ W2.T
    dz1 = dh * (z1 > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return loss, [dW1, db1, dW2, db2]


MENDED = two_layers


def _network(inputs, hidden, classes, n=5):
    """A few pictures with their targets, and the parameters of a network."""
    rng = np.random.default_rng(1)
    X, t = rng.normal(size=(n, inputs)), np.eye(classes)[rng.integers(classes, size=n)]
    W1, W2 = rng.normal(size=(inputs, hidden)), rng.normal(size=(hidden, classes))
    return X, t, W1, rng.normal(size=hidden), W2, rng.normal(size=classes)


def _loss_and_slopes(answer, *sizes):
    """What an answer gives; it must be a number and four arrays."""
    inputs = _network(*sizes)
    fit = """The shapes do not fit. With n pictures, `dz2` has a row for each picture,
        and W2 a row for each hidden unit: which product gives a row for each picture
        and a column for each hidden unit?"""
    with explained(mistakes={"matmul: Input operand 1 has a mismatch": fit}):
        got = answer(*inputs)
    for name, now, before in zip(
        ["X", "t", "W1", "b1", "W2", "b2"], inputs, _network(*sizes), strict=True
    ):
        if np.any(now != before):
            message = "Your code changed `{name}`. Compute the slopes; take no step."
            refuse(message, name=name)
    if got is None:
        refuse("It gave `None`: is the `return` of the last line still there?")
    if isinstance(got, list | tuple) and len(got) == 5:
        refuse("Five things came. Return the loss and *one* list of four gradients.")
    pair = isinstance(got, list | tuple) and len(got) == 2
    if not (pair and isinstance(got[1], list | tuple) and len(got[1]) == 4):
        refuse("Return the loss and a list of four gradients, as before.", got=got)
    return got


@ex.check("the loss, and its slopes in W2 and b2")
def _(answer):
    inputs = _network(4, 3, 3)
    loss, (_, _, dW2, db2) = MENDED(*inputs)
    got, slopes = _loss_and_slopes(answer, 4, 3, 3)
    expect(got, loss, tip="The way forward was right. Leave it as it was.")
    n = len(inputs[0])
    expect(
        slopes[2],
        dW2,
        mistakes=[(dW2 * n, "In W2: the loss is a mean over the pictures.")],
        tip="This is the slope in W2, which was right.",
    )
    X, t, W1, b1, W2, b2 = inputs
    each = (d2l.softmax(np.maximum(X @ W1 + b1, 0) @ W2 + b2) - t) / n
    expect(
        slopes[3],
        db2,
        mistakes=[
            (db2.sum(), "In b2: one number for all. b2 has one entry for each class."),
            (
                db2[None],
                "In b2: a table of one row. b2 is flat, and so is its gradient.",
            ),
            (each, "In b2: a row for each picture. But b2 was added to every row."),
            (db2 / n, "In b2: the mean over the rows. Shares add up."),
            (each[0], "In b2: the share of one picture. Add the shares of all."),
            (each.sum(axis=1), "In b2: summed along the wrong axis."),
        ],
        tip="This is the slope in b2.",
    )


@ex.check("its slopes in W1 and b1")
def _(answer):
    X, t, W1, b1, W2, b2 = _network(4, 3, 3)
    z1 = X @ W1 + b1
    dz2 = (d2l.softmax(np.maximum(z1, 0) @ W2 + b2) - t) / len(X)
    good, bad = dz2 @ W2.T, dz2 @ W2
    _, (dW1, db1, _, _) = MENDED(X, t, W1, b1, W2, b2)
    turn = "Through `h @ W2` the slopes go back with W2 transposed: look at `dh`."
    mask = "Relu stops the slope where its *input* was negative: look at `dz1`."
    _, slopes = _loss_and_slopes(answer, 4, 3, 3)
    expect(
        slopes[0],
        dW1,
        mistakes=[
            (X.T @ (bad * (z1 > 0)), turn),
            (X.T @ (good * (good > 0)), mask),
            (
                BROKEN(X, t, W1, b1, W2, b2)[1][0],
                "Two lines are wrong still: `dh` and `dz1`.",
            ),
            (
                X.T @ (good * z1),
                "Relu lets the slope pass or stops it; it does not multiply it by z1.",
            ),
            (
                X.T @ (good * np.maximum(z1, 0)),
                "Relu lets the slope pass or stops it; it does not multiply it by h.",
            ),
            (
                X.T @ (dz2 @ np.linalg.inv(W2) * (z1 > 0)),
                "Not the inverse of W2: its transpose.",
            ),
            (X.T @ good, "Relu has no part in it any more: look at `dz1`."),
            (
                X.T @ bad,
                """Relu has no part in it any more. Through `h @ W2` the slopes go back
                with W2 transposed: look at `dh`.""",
            ),
            (X.T @ (good * (z1 < 0)), "The slopes are stopped at the wrong places."),
        ],
        tip="This is the slope in W1: it depends on `dh` and on `dz1`.",
    )
    expect(
        slopes[1],
        db1,
        mistakes=[(db1 / len(X), "In b1: the mean over the rows. Shares add up.")],
        tip="This is the slope in b1, where the last line was right.",
    )
    other = _network(2, 6, 3, 7)
    for name, got, right in zip(
        ["W1", "b1", "W2", "b2"],
        _loss_and_slopes(answer, 2, 6, 3, 7)[1],
        MENDED(*other)[1],
        strict=True,
    ):
        tip = "This is the slope in {name}, for 7 pictures and 6 hidden units."
        expect(got, right, tip=tip, name=name)


@ex.wrong(says="`dh` and `dz1`")
def bias_only(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.sum(t * np.log(p)) / len(X)

    dz2 = (p - t) / len(X)
    dW2 = h.T @ dz2
    db2 = dz2.sum(axis=0)
    dh = dz2 @ W2
    dz1 = dh * (dh > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return loss, [dW1, db1, dW2, db2]


@ex.wrong(says="b2 was added to every row")
def all_but_the_bias(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dz1 = dz2 @ W2.T * (z1 > 0)
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2]


@ex.wrong(says="In b2: the mean over the rows")
def mean_for_sum_in_the_bias(X, t, W1, b1, W2, b2):
    loss, (dW1, db1, dW2, db2) = MENDED(X, t, W1, b1, W2, b2)
    return loss, [dW1, db1, dW2, db2 / len(X)]


@ex.wrong(says="one number for all")
def sum_of_all_in_the_bias(X, t, W1, b1, W2, b2):
    loss, (dW1, db1, dW2, db2) = MENDED(X, t, W1, b1, W2, b2)
    return loss, [dW1, db1, dW2, db2.sum()]


@ex.wrong(says="a table of one row")
def bias_with_an_axis_too_many(X, t, W1, b1, W2, b2):
    loss, (dW1, db1, dW2, db2) = MENDED(X, t, W1, b1, W2, b2)
    return loss, [dW1, db1, dW2, db2[None]]


@ex.wrong(says="which product gives a row for each picture")
def transposed_slopes(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    dz2 = d2l.softmax(np.maximum(z1, 0) @ W2 + b2) - t
    return dz2.T @ W2


@ex.wrong(says="it does not multiply it by z1")
def times_the_input(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    loss, (_, _, dW2, db2) = MENDED(X, t, W1, b1, W2, b2)
    dz2 = (d2l.softmax(np.maximum(z1, 0) @ W2 + b2) - t) / len(X)
    dz1 = dz2 @ W2.T * z1
    return loss, [X.T @ dz1, dz1.sum(axis=0), dW2, db2]


@ex.wrong(says="its transpose")
def inverse(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    loss, (_, _, dW2, db2) = MENDED(X, t, W1, b1, W2, b2)
    dz2 = (d2l.softmax(np.maximum(z1, 0) @ W2 + b2) - t) / len(X)
    dz1 = dz2 @ np.linalg.inv(W2) * (z1 > 0)
    return loss, [X.T @ dz1, dz1.sum(axis=0), dW2, db2]


@ex.wrong(says="*one* list of four gradients")
def five_things(X, t, W1, b1, W2, b2):
    loss, slopes = MENDED(X, t, W1, b1, W2, b2)
    return loss, *slopes


@ex.wrong(says="is the `return` of the last line still there?")
def printed(X, t, W1, b1, W2, b2):
    print(MENDED(X, t, W1, b1, W2, b2))


@ex.wrong(says="with W2 transposed")
def not_transposed(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dz1 = dz2 @ W2 * (z1 > 0)
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2.sum(axis=0)]


@ex.wrong(says="where its *input* was negative")
def mask_of_the_slopes(X, t, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dh = dz2 @ W2.T
    dz1 = np.maximum(dh, 0)
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2.sum(axis=0)]


@ex.wrong(says="Relu has no part in it any more")
def no_mask(X, t, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dz1 = dz2 @ W2.T
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2.sum(axis=0)]


@ex.wrong(says="take no step")
def takes_a_step(X, t, W1, b1, W2, b2):
    loss, slopes = MENDED(X, t, W1, b1, W2, b2)
    W1 -= 0.1 * slopes[0]
    return loss, slopes


@ex.right
def mask_of_h(X, t, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.mean(np.log(p[t == 1]))
    dz2 = (p - t) / len(X)
    dz1 = np.where(h > 0, (W2 @ dz2.T).T, 0)
    ones = np.ones(len(X))
    return loss, (X.T @ dz1, ones @ dz1, h.T @ dz2, ones @ dz2)


@ex.right
def with_our_machine(X, t, W1, b1, W2, b2):
    params = [d2l.Tensor(value) for value in (W1, b1, W2, b2)]
    W1, b1, W2, b2 = params
    scores = (X @ W1 + b1).relu() @ W2 + b2
    loss = -(scores.log_softmax() * t).sum() / len(X)
    loss.backward()
    return loss.data, [param.grad for param in params]


@ex.right
def with_autograd(X, t, W1, b1, W2, b2):
    import torch

    params = [torch.tensor(value, requires_grad=True) for value in (W1, b1, W2, b2)]
    W1, b1, W2, b2 = params
    scores = torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(t))
    loss.backward()
    return loss, [param.grad for param in params]
