import itertools

import lazy_loader
import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "05.mend_training",
    hints=[
        """Try it by hand on one batch: what does `.sum()` add up, and where is the mean
        made of it?""",
        """What is in `.grad` when the second batch comes? And what is left in `batches`
        when the second epoch begins?""",
        """Divide by `batch_size`, end with `param.grad.zero_()`, and call
        `d2l.data_iter` anew in each epoch. (`d2l.sgd([w, b], lr, batch_size)` does the
        first two.)""",
    ],
    explanation="""The sum is divided by the batch size, the slopes are forgotten after
        each step, and each epoch gets an iterator of its own: one that has reached
        its end gives nothing more, without an error. (A list of its batches would last
        for all epochs, but would not be shuffled again.)""",
    seconds=20,  # The first optimizer of a session loads much of PyTorch.
)


@ex.stub
def train_line(features, labels, lr, num_epochs, batch_size):
    """Fit a weight for each feature and a bias, from 0, by mini-batch SGD."""
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    batches = d2l.data_iter(batch_size, features, labels)
    for _ in range(num_epochs):
        for X_batch, y_batch in batches:
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.sum().backward()
            with torch.no_grad():
                for param in [w, b]:
                    param -= lr * param.grad
    return w.detach(), b.detach()


@ex.solution
def train_line(features, labels, lr, num_epochs, batch_size):
    """Fit a weight for each feature and a bias, from 0, by mini-batch SGD."""
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.sum().backward()
            with torch.no_grad():
                for param in [w, b]:
                    param -= lr * param.grad / batch_size
                    param.grad.zero_()
    return w.detach(), b.detach()


def four(alike):
    """Four examples with two features: different ones, or one of them four times."""
    X = np.array([[1.0, 2.0], [0.0, 1.0], [2.0, -1.0], [1.0, 0.0]])
    y = np.array([[3.0], [1.0], [0.0], [2.0]])
    return (
        (np.repeat(X[:1], 4, axis=0), np.repeat(y[:1], 4, axis=0)) if alike else (X, y)
    )


def trained(answer, alike, *how):
    """Both weights and the bias that the learner's training ends with."""
    tensors = (torch.from_numpy(table) for table in four(alike))
    leaf = """PyTorch would record the step itself as a part of the computation. It
        belongs under `with torch.no_grad():`."""
    several = """`backward` starts from one number, and there is a loss for each
        example: `losses.sum().backward()`."""
    gone = """A parameter has no slopes any more: `w = w - ...` makes a new tensor.
        Change the parameter itself, `w -= ...`."""
    with (
        torch.random.fork_rng(devices=[]),
        explained(
            mistakes={
                "leaf Variable that requires grad": leaf,
                "only for scalar outputs": several,
                "'NoneType' object has no attribute": gone,
                "unsupported operand type(s) for *: 'float' and 'NoneType'": gone,
                "does not require grad": gone,
            }
        ),
    ):
        torch.manual_seed(0)
        got = answer(*tensors, *how)
    if got is None:
        refuse("It gave `None`: return the weights and the bias.", expected="w, b")
    if not isinstance(got, list | tuple) or len(got) != 2:
        refuse("Return both, the weights first: `w, b`.", expected="w, b", got=got)
    parts = [part.detach() if hasattr(part, "detach") else part for part in got]
    return np.concatenate([np.ravel(part) for part in parts])


def simulated(lr, *steps, alike=False, divide_by=None, forget_after=1):
    """Where training must end; each step names the examples of its batch."""
    X, y = four(alike)
    X = np.column_stack([X, np.ones(4)])
    w, slopes = np.zeros((3, 1)), 0
    for number, step in enumerate(steps):
        rows = list(step)
        slopes = slopes + X[rows].T @ (X[rows] @ w - y[rows])
        w = w - lr * slopes / (divide_by or len(rows))
        if (number + 1) % forget_after == 0:
            slopes = 0
    return w[:, 0]


ALL = (0, 1, 2, 3)


@ex.check("one epoch, all four examples in one batch: a single step")
def _(answer):
    right = simulated(0.1, ALL)
    X, y = four(False)
    least_squares = np.linalg.lstsq(np.column_stack([X, np.ones(4)]), y)[0][:, 0]
    expect(
        trained(answer, False, 0.1, 1, 4),
        right,
        mistakes=[
            (
                2 * right,
                "Twice too long: `squared_loss` halves the squares, to cancel this 2.",
            ),
            ([right[2], *right[:2]], "Return the weights first: `w, b`."),
            (
                least_squares,
                "That is the end of the way. It should take the steps it is told to.",
            ),
            (4 * right, "Four times too long: the step follows a sum, not a mean."),
            (right / 4, "Divided twice: a mean needs no division by the batch size."),
            (-right, "The step goes uphill: subtract the slope."),
            (
                np.zeros(3),
                """Nothing has moved. Were the slopes forgotten too early? Or did
                `param = param - ...` make a new tensor and leave `w` and `b` alone?""",
            ),
            ([*right[:2], 0], "The bias has not moved."),
        ],
        tip="The first two numbers are the weights, the third is the bias.",
    )


@ex.check("three epochs, all four examples in one batch: three steps")
def _(answer):
    three = [ALL, ALL, ALL]
    expect(
        trained(answer, False, 0.1, 3, 4),
        simulated(0.1, *three),
        mistakes=[
            (
                simulated(0.1, *three, forget_after=9),
                "The second step still has the slopes of the first in `.grad`.",
            ),
            (
                simulated(0.1, ALL),
                """Only the first epoch has done anything. An iterator goes through the
                data once; after that the loop finds nothing left. (Or does a `return`
                in a loop end it all?)""",
            ),
        ],
        tip="The first step is right. What is different in the second epoch?",
    )


@ex.check("four examples, all alike, two at a time, two epochs: four steps")
def _(answer):
    steps, alike = [(0, 1), (2, 3)] * 2, {"alike": True}
    expect(
        trained(answer, True, 0.05, 2, 2),
        simulated(0.05, *steps, **alike),
        mistakes=[
            (
                simulated(0.05, *steps, **alike, divide_by=4),
                "The sum is over the two examples of a batch. By what is it divided?",
            ),
            (
                simulated(0.05, *steps, **alike, forget_after=2),
                "The slopes are forgotten once an epoch. Do it after every step.",
            ),
            (
                simulated(0.05, ALL, ALL, **alike, divide_by=2),
                "One step an epoch, with the slopes of both batches. Is the step "
                "inside the loop over the batches?",
            ),
            (
                simulated(0.05, ALL, ALL, **alike),
                "Two of the four batches had no effect. Is the step inside the loop "
                "over the batches?",
            ),
            (
                simulated(0.05, *[ALL] * 4, **alike, divide_by=2),
                "Each step takes all examples. Which ones belong to the batch?",
            ),
        ],
        tip="With one batch an epoch it works. What is different with two?",
    )


@ex.check("different examples, two at a time: each step follows its own batch")
def _(answer):
    got = trained(answer, False, 0.1, 1, 2)
    ends = {
        pair: simulated(0.1, pair, set(ALL) - set(pair))
        for pair in itertools.combinations(ALL, 2)
    }
    if any(np.allclose(got, end, rtol=1e-4, atol=1e-6) for end in ends.values()):
        return
    expect(
        got,
        ends[0, 1],
        shown="two steps, with two of the examples and then with the other two",
        mistakes=[
            (
                simulated(0.1, ALL, ALL),
                "Each step takes all examples. Which ones belong to the batch?",
            ),
            *(
                (
                    simulated(0.1, pair, pair),
                    "Both steps took the same two examples.",
                )
                for pair in ends
            ),
        ],
        tip="With examples that are all alike it works. Which does each step take?",
    )


@ex.check("different examples, one at a time, five epochs: shuffled anew for each")
def _(answer):
    got = trained(answer, False, 0.1, 5, 1)
    for order in itertools.permutations(ALL):
        again = simulated(0.1, *[(number,) for number in order] * 5)
        if np.allclose(got, again, rtol=1e-5, atol=1e-6):
            refuse(
                """All epochs deal the examples in the same order. Section 3 shuffles
                them again for each epoch: it calls `data_iter` anew.""",
                expected="five orders",
                got="{order}, five times",
                order=list(order),
            )


@ex.wrong(says="the step follows a sum, not a mean")
def still_a_sum(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.sum().backward()
            with torch.no_grad():
                for param in [w, b]:
                    param -= lr * param.grad
                    param.grad.zero_()
    return w.detach(), b.detach()


@ex.wrong(says="to cancel this 2")
def without_the_half(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            ((d2l.linreg(X_batch, w, b) - y_batch) ** 2).sum().backward()
            d2l.sgd([w, b], lr, batch_size)
    return w.detach(), b.detach()


@ex.wrong(says="Return the weights first")
def bias_first(features, labels, lr, num_epochs, batch_size):
    w, b = with_the_mean(features, labels, lr, num_epochs, batch_size)
    return b, w


@ex.wrong(says="Return both")
def weights_alone(features, labels, lr, num_epochs, batch_size):
    return with_the_mean(features, labels, lr, num_epochs, batch_size)[0]


@ex.wrong(says="That is the end of the way")
def by_least_squares(features, labels, lr, num_epochs, batch_size):
    X = torch.cat([features, torch.ones_like(labels)], dim=1)
    solution = torch.linalg.lstsq(X, labels).solution
    return solution[:-1], solution[-1]


@ex.wrong(says="It belongs under `with torch.no_grad():`")
def recorded_step(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    (features @ w - labels).sum().backward()
    w -= lr * w.grad
    return w, w


@ex.wrong(says="`backward` starts from one number")
def no_sum(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    (features @ w - labels).backward()
    return w, w


@ex.wrong(says="makes a new tensor. Change the parameter itself")
def new_tensors(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    (features @ w - labels).sum().backward()
    with torch.no_grad():
        w = w - lr * w.grad / batch_size
        w.grad.zero_()
    return w, w


@ex.wrong(says="Or does a `return` in a loop end it all?")
def returns_in_the_loop(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch).sum().backward()
            d2l.sgd([w, b], lr, batch_size)
        return w.detach(), b.detach()


@ex.wrong(says="Divided twice")
def divided_twice(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.mean().backward()
            d2l.sgd([w, b], lr, batch_size)
    return w.detach(), b.detach()


@ex.wrong(says="Were the slopes forgotten too early?")
def forgets_before_the_step(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.sum().backward()
            with torch.no_grad():
                for param in [w, b]:
                    param.grad.zero_()
                    param -= lr * param.grad / batch_size
    return w.detach(), b.detach()


@ex.wrong(says="still has the slopes of the first")
def never_forgets(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.mean().backward()
            with torch.no_grad():
                for param in [w, b]:
                    param -= lr * param.grad
    return w.detach(), b.detach()


@ex.wrong(says="An iterator goes through the data once")
def one_iterator_for_all_epochs(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    batches = d2l.data_iter(batch_size, features, labels)
    for _ in range(num_epochs):
        for X_batch, y_batch in batches:
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.sum().backward()
            d2l.sgd([w, b], lr, batch_size)
    return w.detach(), b.detach()


@ex.wrong(says="it calls `data_iter` anew")
def one_list_for_all_epochs(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    batches = list(d2l.data_iter(batch_size, features, labels))
    for _ in range(num_epochs):
        for X_batch, y_batch in batches:
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.sum().backward()
            d2l.sgd([w, b], lr, batch_size)
    return w.detach(), b.detach()


@ex.wrong(says="By what is it divided?")
def divided_by_all(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.sum().backward()
            d2l.sgd([w, b], lr, len(features))
    return w.detach(), b.detach()


@ex.wrong(says="Do it after every step")
def forgets_once_an_epoch(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch)
            losses.mean().backward()
            with torch.no_grad():
                for param in [w, b]:
                    param -= lr * param.grad
        w.grad.zero_()
        b.grad.zero_()
    return w.detach(), b.detach()


@ex.wrong(says="Which ones belong to the batch?")
def all_examples_in_each_step(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for _ in d2l.data_iter(batch_size, features, labels):
            losses = d2l.squared_loss(d2l.linreg(features, w, b), labels)
            losses.mean().backward()
            d2l.sgd([w, b], lr, 1)
    return w.detach(), b.detach()


@ex.right
def with_the_mean(features, labels, lr, num_epochs, batch_size):
    w = torch.zeros((features.shape[1], 1), dtype=features.dtype, requires_grad=True)
    b = torch.zeros(1, dtype=features.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, features, labels):
            w.grad = b.grad = None
            d2l.squared_loss(d2l.linreg(X_batch, w, b), y_batch).mean().backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
    return w, b


@ex.right
def from_the_library(features, labels, lr, num_epochs, batch_size):
    model = torch.nn.Linear(features.shape[1], 1, dtype=features.dtype)
    for param in model.parameters():
        torch.nn.init.zeros_(param)
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.load_array((features, labels), batch_size):
            optimizer.zero_grad()
            (torch.nn.functional.mse_loss(model(X_batch), y_batch) / 2).backward()
            optimizer.step()
    return model.weight, model.bias


@ex.right
def in_numpy(features, labels, lr, num_epochs, batch_size):
    X, y = features.numpy(), labels.numpy()
    w, b = np.zeros((X.shape[1], 1)), 0.0
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.data_iter(batch_size, X, y):
            residuals = X_batch @ w + b - y_batch
            w = w - lr * X_batch.T @ residuals / len(residuals)
            b = b - lr * residuals.mean()
    return w.ravel().tolist(), b
