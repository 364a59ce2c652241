import lazy_loader
import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "05.large_step",
    hints=[
        """`backward` adds to `.grad`. When may a step be taken, and when are the slopes
        forgotten, if all examples are to count?""",
        """`range(0, len(X), part)` gives the places where the parts begin. Take the sum
        of the losses of each part.""",
        """In the loop: `losses.sum().backward()`. Below the loop, once:
        `d2l.sgd([w, b], lr, len(X))`.""",
    ],
    explanation="""The slope of a sum is the sum of the slopes, so it does not matter
        that the parts are looked at one after the other. The step divides once, by the
        number of all examples; a mean of each part would give a short last part too
        much weight.""",
    seconds=20,  # The first use of PyTorch in a session loads much of it.
)


@ex.solution
def large_step(w, b, X, y, lr, part):
    """Take one step of SGD for all rows of X, with only `part` rows in use at a time.

    w and b are parameters without slopes; they are changed in place.
    """
    # BEGIN SOLUTION
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        losses = d2l.squared_loss(d2l.linreg(X_part, w, b), y_part)
        losses.sum().backward()
    d2l.sgd([w, b], lr, len(X))
    # END SOLUTION


X = np.array([[1.0, 2.0], [0.0, 1.0], [2.0, -1.0], [1.0, 0.0], [3.0, 1.0]])
Y = np.array([[3.0], [1.0], [0.0], [2.0], [-1.0]])
START = np.array([[0.5], [-1.0]]), np.array([2.0])


def slopes(rows, w, b):
    """The slopes of the sum of the losses of some rows: weights, then bias."""
    residuals = X[rows] @ w + b - Y[rows]
    return np.vstack([X[rows].T @ residuals, residuals.sum(axis=0, keepdims=True)])


def stepped(*steps, lr=0.1):
    """Weights and bias after steps, each given by its rows and what it divides by."""
    w, b = START
    for parts in steps:
        change = sum(slopes(rows, w, b) / divide_by for rows, divide_by in parts)
        w, b = w - lr * change[:2], b - lr * change[2]
    return [*w[:, 0], b[0]]


def taken(answer, count, part):
    """The parameters after the learner's step for the first rows."""
    leaf = """The step itself would be recorded. Take it with `d2l.sgd`, or under
        `with torch.no_grad():`."""
    several = """`backward` starts from one number, and there is a loss for each
        example: `losses.sum().backward()`."""
    early = "There are no slopes yet: `backward` comes before the step."
    w, b = (torch.from_numpy(start.copy()).requires_grad_() for start in START)
    data = torch.from_numpy(X[:count]), torch.from_numpy(Y[:count])
    with explained(
        mistakes={
            "leaf Variable that requires grad": leaf,
            "only for scalar outputs": several,
            "unsupported operand type(s) for *: 'float' and 'NoneType'": early,
            "'NoneType' object has no attribute": early,
        }
    ):
        answer(w, b, *data, 0.1, part)
    return [*w.detach().numpy()[:, 0], b.item()]


def rows(*which):
    """Some rows as one part."""
    return list(which)


SAME = "Nothing has moved. Is the step taken, and with slopes that are still there?"


@ex.check("four examples, all in one part: the plain step")
def _(answer):
    all_four = rows(0, 1, 2, 3)
    expect(
        taken(answer, 4, 4),
        stepped([(all_four, 4)]),
        mistakes=[
            (stepped(), SAME),
            (stepped([(all_four, 1)]), "The step follows the sum, not the mean."),
            (stepped([(all_four, 16)]), "Divided twice: it is to happen once."),
            (stepped([(all_four, 2)]), "Twice too long: `squared_loss` has a half."),
            (stepped([(all_four, -4)]), "The step goes uphill: subtract the slope."),
        ],
        tip="Weights first, then the bias.",
    )


@ex.check("four examples, two at a time: the same step")
def _(answer):
    first, second = rows(0, 1), rows(2, 3)
    expect(
        taken(answer, 4, 2),
        stepped([(first + second, 4)]),
        mistakes=[
            (
                stepped([(first, 2)], [(second, 2)]),
                "A step for each part. There is to be one, after the loop.",
            ),
            (
                stepped([(first, 4)], [(second, 4)]),
                "A step for each part. There is to be one, after the loop.",
            ),
            (
                stepped([(first + second, 2)]),
                "The sum is over four examples, and it was divided by two.",
            ),
            (
                stepped([(second, 4)]),
                "Only the last part counts: were the slopes forgotten in the loop?",
            ),
            (
                stepped([(second, 2)]),
                "Only the last part counts: were the slopes forgotten in the loop?",
            ),
            (stepped([(first, 4)]), "Only the first part counts. Where is the rest?"),
            (stepped([(first, 2)]), "Only the first part counts. Where is the rest?"),
        ],
        tip="With all examples in one part the step is right.",
    )


@ex.check("five examples, two at a time: the last part is short")
def _(answer):
    first, second, last = rows(0, 1), rows(2, 3), rows(4)
    whole = first + second + last
    expect(
        taken(answer, 5, 2),
        stepped([(whole, 5)]),
        mistakes=[
            (
                stepped([(first, 6), (second, 6), (last, 3)]),
                """A mean of means: the one example of the last part counts as much as
                two others. Add up sums, and divide once.""",
            ),
            (
                stepped([(first + second, 5)]),
                "The last example is left out: `len(X) // part` counts full parts.",
            ),
            (
                stepped([(first + second, 4)]),
                "The last example is left out: `len(X) // part` counts full parts.",
            ),
            (
                stepped([(whole, 6)]),
                "Divided by three parts of two, but there are five examples.",
            ),
        ],
        tip="With parts of equal length the step is right.",
    )


@ex.check("the slopes are forgotten after the step")
def _(answer):
    w, b = (torch.from_numpy(start.copy()).requires_grad_() for start in START)
    answer(w, b, torch.from_numpy(X), torch.from_numpy(Y), 0.1, 2)
    left = [param.grad for param in (w, b) if param.grad is not None]
    if any(bool(grad.any()) for grad in left):
        refuse("The next step would still have these slopes in `.grad`: zero them.")


@ex.wrong(says="There is to be one, after the loop")
def a_step_for_each_part(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).sum().backward()
        d2l.sgd([w, b], lr, len(X_part))


@ex.wrong(says="it was divided by two")
def divided_by_the_part(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).sum().backward()
    d2l.sgd([w, b], lr, part)


@ex.wrong(says="A mean of means")
def mean_of_means(w, b, X, y, lr, part):
    parts = 0
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).mean().backward()
        parts += 1
    d2l.sgd([w, b], lr, parts)


@ex.wrong(says="Only the last part counts")
def forgets_in_the_loop(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        w.grad = b.grad = None
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).sum().backward()
    d2l.sgd([w, b], lr, len(X))


@ex.wrong(says="`len(X) // part` counts full parts")
def full_parts_only(w, b, X, y, lr, part):
    for number in range(len(X) // part):
        X_part = X[number * part : (number + 1) * part]
        y_part = y[number * part : (number + 1) * part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).sum().backward()
    d2l.sgd([w, b], lr, len(X))


@ex.wrong(says="zero them")
def keeps_the_slopes(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).sum().backward()
    with torch.no_grad():
        w -= lr * w.grad / len(X)
        b -= lr * b.grad / len(X)


@ex.wrong(says="The step follows the sum")
def never_divided(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).sum().backward()
    d2l.sgd([w, b], lr, 1)


@ex.wrong(says="Nothing has moved")
def no_step(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).sum().backward()


@ex.wrong(says="`losses.sum().backward()`")
def several_losses(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        d2l.squared_loss(d2l.linreg(X_part, w, b), y_part).backward()
    d2l.sgd([w, b], lr, len(X))


@ex.wrong(says="`backward` comes before the step")
def steps_first(w, b, X, y, lr, part):
    with torch.no_grad():
        for param in (w, b):
            param -= lr * param.grad / len(X)
    d2l.squared_loss(d2l.linreg(X, w, b), y).sum().backward()


@ex.wrong(says="The step itself would be recorded")
def recorded(w, b, X, y, lr, part):
    d2l.squared_loss(d2l.linreg(X, w, b), y).sum().backward()
    w -= lr * w.grad / len(X)


@ex.right
def weighted_means(w, b, X, y, lr, part):
    for start in range(0, len(X), part):
        X_part, y_part = X[start : start + part], y[start : start + part]
        losses = d2l.squared_loss(d2l.linreg(X_part, w, b), y_part)
        (losses.mean() * len(X_part) / len(X)).backward()
    d2l.sgd([w, b], lr, 1)


@ex.right
def split_by_the_library(w, b, X, y, lr, part):
    for X_part, y_part in zip(X.split(part), y.split(part), strict=True):
        ((X_part @ w + b - y_part) ** 2 / 2).sum().backward()
    with torch.no_grad():
        for param in (w, b):
            param -= lr * param.grad / len(y)
            param.grad = None
