"""Mini-batch SGD."""

import itertools

import lazy_loader
import numpy as np

import d2l_utils as d2l

from .exercise import Exercise
from .expect import expect, refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "05.steps_of_an_epoch",
    hints=[
        "How many full batches of 64 fit into 1,000? What is left over?",
        "15 · 64 = 960. The rest makes one more batch, a short one.",
    ],
    explanation="""15 full batches take 960 examples; the other 40 make a short one. So
        an epoch has 16 steps: 1,000 / 64, rounded up.""",
)
ex.value(steps_and_rest=[16, 40])


def entry(answer, place):
    """One of the two numbers; refuses what is not two numbers."""
    shown = "two numbers: the steps of an epoch, the length of the last batch"
    try:
        numbers = np.asarray(getattr(answer, "detach", lambda: answer)(), dtype=float)
    except (RuntimeError, TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.shape != (2,):
        expect(answer, np.zeros(2), shown=shown)
    return numbers[place]


@ex.check("the first number: the steps of an epoch")
def _(answer):
    expect(
        entry(answer, 0),
        16,
        shown="another number",
        mistakes=[
            (15, "15 full batches take 960 examples. What about the others?"),
            (15.625, "A part of a step cannot be taken. Round it, but which way?"),
            (1000, "That is one step for each example, a batch size of 1."),
            (64, "64 is the batch size. How many such batches are there?"),
            (1, "One step for all examples would be a batch of 1,000."),
            (40, "The steps come first, then the length of the last batch."),
        ],
        tip="How many full batches fit into 1,000, and is anything left over?",
    )


@ex.check("the second number: the length of the last batch")
def _(answer):
    expect(
        entry(answer, 1),
        40,
        shown="another number",
        mistakes=[
            (64, "16 · 64 is 1,024, and there are 1,000 examples: one is short."),
            (24, "24 are missing from a full batch. How many are in it?"),
            (960, "These are in the 15 full batches. How many are left over?"),
            (62.5, "All batches but the last are full: they do not share the rest."),
            (0.625, "That is the part of a full batch. How many examples is it?"),
            (0, "1,000 is not a multiple of 64: something is left over."),
        ],
        tip="All batches before it are full. How many examples do they take?",
    )


ex.wrong([15, 40], says="What about the others?")
ex.wrong([15.625, 64], says="Round it, but which way?")
ex.wrong([16, 64], says="one is short")
ex.wrong([16, 24], says="How many are in it?")
ex.wrong([40, 16], says="The steps come first")
ex.wrong(16, says="2 numbers are wanted")
ex.right((16, 40))
ex.right(np.array([16.0, 40.0]))


ex = Exercise(
    "05.deal",
    hints=[
        """Put the row numbers 0 to n - 1 in a random order first:
        `rng.permutation(len(X))`.""",
        """Cut this order into pieces: `order[start : start + batch_size]`, with `start`
        from `range(0, len(X), batch_size)`. A slice past the end is just shorter.""",
        "`yield X[batch], y[batch]`, in the loop, with one and the same `batch`.",
    ],
    explanation="""One random order of the row numbers, cut into pieces. Each number
        stands in it once, so each example is dealt once; and one piece picks features
        and labels, so they stay together.""",
)


@ex.solution
def deal(batch_size, X, y, rng):
    """Go once through all examples, in random order, one mini-batch at a time.

    Each batch is a pair, some rows of X and the same rows of y. The last batch may be
    shorter. rng is a NumPy generator: all chance comes from it.
    """
    # BEGIN SOLUTION
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]
    # END SOLUTION


def examples(count=10):
    """Some examples; label and features of each tell its number."""
    numbers = np.arange(float(count))
    return np.column_stack([numbers, 100 + numbers]), numbers.reshape(-1, 1)


def batches(answer, batch_size, rng, count=10):
    """All pairs of one pass over the examples, as arrays."""
    dealt = answer(batch_size, *examples(count), rng)
    if dealt is None:
        refuse("It gave `None`. `yield` each batch, or return a list of them.")
    early = """`return` ends the function with the first batch. `yield` hands it out and
        goes on."""
    if isinstance(dealt, tuple) and len(dealt) == 2 and hasattr(dealt[0], "shape"):
        refuse(early, expected="several batches", got="one pair")
    if not np.iterable(dealt):
        refuse("`yield` each batch, or return a list of them.", got=dealt)
    found = list(itertools.islice(dealt, 50))
    if len(found) == 50:
        refuse("It goes on after 50 batches. Stop when each example was dealt once.")
    for pair in found:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            refuse("Each batch is a pair: its features, its labels.", got=pair)
    return [(np.asarray(some), np.asarray(labels)) for some, labels in found]


def numbers_in(dealt):
    """The numbers of the examples, read from their features."""
    return [int(number) for some, _ in dealt for number in some.reshape(-1, 2)[:, 0]]


@ex.check("ten examples in batches of 4: the sizes are 4, 4 and 2")
def _(answer):
    dealt = batches(answer, 4, np.random.default_rng(0))
    expect(
        [len(labels) for _, labels in dealt],
        [4, 4, 2],
        mistakes=[
            ([4, 4], "Two examples were left out. Keep the short last batch."),
            ([4, 4, 4], "Twelve examples out of ten: the last batch is too long."),
            ([2, 4, 4], "The short batch comes last."),
            ([4, 3, 3], "Evenly shared. Here all batches but the last are full."),
            ([10], "All in one batch. Cut the order into pieces."),
            ([4], "Only one batch came. Is the `yield` inside the loop?"),
            ([1] * 10, "One example at a time: `batch_size` plays no part."),
            ([3, 3, 4], "`batch_size` is the number of examples, not of batches."),
            ([3, 3, 2, 2], "`batch_size` is the number of examples, not of batches."),
        ],
        tip="How many examples are in each batch?",
    )
    for some, labels in dealt:
        rows = len(labels)
        if (some.shape, labels.shape) != ((rows, 2), (rows, 1)):
            refuse(
                "First the features, rows of `X`; then the labels, rows of `y`.",
                expected=f"shapes ({rows}, 2) and ({rows}, 1)",
                got=f"shapes {some.shape} and {labels.shape}",
            )


@ex.check("seven examples: 3, 3 and 1 in batches of 3; one batch of 7 for 7 and for 20")
def _(answer):
    for batch_size, sizes in [(3, [3, 3, 1]), (7, [7]), (20, [7])]:
        dealt = batches(answer, batch_size, np.random.default_rng(0), count=7)
        expect(
            [len(labels) for _, labels in dealt],
            sizes,
            mistakes=[
                ([7, 0], "The second batch is empty. How many starts are there?"),
                ([3, 3], "One example was left out. A batch of one is a batch, too."),
                ([], "No batch at all. The only one is short: keep it."),
            ],
            tip=f"`batch_size` is {batch_size} here. Is a number fixed in your code?",
        )


@ex.check("every example comes once")
def _(answer):
    dealt = numbers_in(batches(answer, 3, np.random.default_rng(1)))
    if sorted(dealt) != list(range(10)):
        refuse(
            """Some come more than once, others never: drawn anew for each batch, or
            with replacement. Shuffle once, then deal.""",
            expected="each of the numbers 0 to 9 once",
            got=str(sorted(dealt)),
        )


@ex.check("each label stays with its features")
def _(answer):
    for some, labels in batches(answer, 4, np.random.default_rng(2)):
        expect(
            labels.ravel(),
            some[:, 0],
            tip="The labels of other examples. Shuffle both by the same order.",
        )


@ex.check("the order is random, and another one in the next epoch")
def _(answer):
    rng = np.random.default_rng(3)
    first, second = (numbers_in(batches(answer, 4, rng)) for _ in range(2))
    if first == second == list(range(10)):
        refuse(
            "Not shuffled: the order of the table.",
            expected="any order",
            got=str(first),
        )
    in_place = [set(range(10)[i : i + 4]) for i in (0, 4, 8)]
    if all(
        {*dealt[i : i + 4]} in in_place for dealt in (first, second) for i in (0, 4, 8)
    ):
        refuse(
            """Neighbors of the table always come together: you shuffled the batches, or
            within them. Shuffle all examples, then cut.""",
            got=str(first),
        )
    if first == second:
        refuse(
            """The same order in both epochs: no chance at all, or a fixed seed in your
            function, which starts afresh at each call. Take `rng`: it goes on.""",
            expected="two orders",
            got=f"{first}, twice",
        )


@ex.check("in 100 epochs, each example stands beside each other one, and in all places")
def _(answer):
    rng = np.random.default_rng(6)
    beside, places = np.eye(10, dtype=bool), np.zeros((10, 10))
    for _ in range(100):
        order = numbers_in(batches(answer, 4, rng))
        beside[order[:-1], order[1:]] = True
        places[order, range(10)] += 1
    if not np.all(beside | beside.T) or places.max() > 40:
        refuse(
            """The order is random, but not every order can come: parts of the table
            keep their place, or stay together. Shuffle all row numbers.""",
            expected="all orders with the same chance",
            got=f"{order}, in the last epoch",
        )


@ex.check("all chance comes from `rng`: the same seed gives the same order")
def _(answer):
    first, second = (
        numbers_in(batches(answer, 4, np.random.default_rng(4))) for _ in range(2)
    )
    if first != second:
        refuse(
            """Two generators with the same seed, two orders: your chance comes from
            elsewhere. Then no run can be repeated.""",
            expected=f"{first} again",
            got=str(second),
        )


@ex.check("X and y stay as they are")
def _(answer):
    X, y = examples()
    for _ in answer(4, X, y, np.random.default_rng(5)):
        pass
    for table, before in zip((X, y), examples(), strict=True):
        expect(
            table[:, 0],
            before[:, 0],
            tip="The caller's own table was shuffled. Shuffle row numbers instead.",
        )


@ex.wrong(says="Keep the short last batch")
def drops_the_last(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    for number in range(len(X) // batch_size):
        batch = order[number * batch_size : (number + 1) * batch_size]
        yield X[batch], y[batch]


@ex.wrong(says="the last batch is too long")
def fills_the_last(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = np.take(order, range(start, start + batch_size), mode="wrap")
        yield X[batch], y[batch]


@ex.wrong(says="The second batch is empty")
def one_batch_too_many(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    for number in range(len(X) // batch_size + 1):
        batch = order[number * batch_size : (number + 1) * batch_size]
        yield X[batch], y[batch]


@ex.wrong(says="A batch of one is a batch, too")
def last_start_missing(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X) - 1, batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


@ex.wrong(says="the number of examples, not of batches")
def as_many_batches(batch_size, X, y, rng):
    for batch in np.array_split(rng.permutation(len(X)), batch_size):
        yield X[batch], y[batch]


@ex.wrong(says="ends the function with the first batch")
def return_for_yield(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        return X[batch], y[batch]


@ex.wrong(says="Each batch is a pair")
def features_alone(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]]


@ex.wrong(says="Shuffle once, then deal")
def with_replacement(batch_size, X, y, rng):
    for start in range(0, len(X), batch_size):
        batch = rng.choice(len(X), min(batch_size, len(X) - start))
        yield X[batch], y[batch]


@ex.wrong(says="Shuffle both by the same order")
def shuffles_the_features_alone(batch_size, X, y, rng):
    X = rng.permutation(X)
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


@ex.wrong(says="Not shuffled")
def in_the_order_of_the_table(batch_size, X, y, rng):
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


@ex.wrong(says="Shuffle all examples, then cut")
def shuffles_the_batches(batch_size, X, y, rng):
    starts = np.arange(0, len(X), batch_size)
    full, last = starts[:-1], starts[-1:]
    for start in [*rng.permutation(full), *last]:
        batch = start + rng.permutation(len(X[start : start + batch_size]))
        yield X[batch], y[batch]


@ex.wrong(says="a fixed seed in your function")
def fixed_seed(batch_size, X, y, rng):
    order = np.random.default_rng(0).permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


@ex.wrong(says="not every order can come")
def cuts_the_pack(batch_size, X, y, rng):
    order = np.roll(np.arange(len(X)), rng.integers(len(X)))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


@ex.wrong(says="your chance comes from elsewhere")
def own_generator(batch_size, X, y, rng):
    order = np.random.default_rng().permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


@ex.wrong(says="Shuffle row numbers instead")
def shuffles_in_place(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


@ex.right
def a_list(batch_size, X, y, rng):
    order = np.argsort(rng.random(len(X)))
    cuts = range(batch_size, len(X), batch_size)
    return [[X[batch], y[batch]] for batch in np.split(order, cuts)]


@ex.right
def drawn_without_replacement(batch_size, X, y, rng):
    left = list(range(len(X)))
    while left:
        size = min(batch_size, len(left))
        batch = rng.choice(left, size, replace=False).tolist()
        left = [number for number in left if number not in batch]
        yield X[batch], y[batch]


@ex.right
def by_the_package(batch_size, X, y, rng):
    return d2l.data_iter(batch_size, X, y, generator=rng)


ex = Exercise(
    "05.predict_second_call",
    hints=[
        "Read `sgd` of section 3 line by line: what is left in `.grad` at its end?",
        "The second call subtracts lr times that. Nothing has called `backward` since.",
    ],
    explanation="""`sgd` ends with `param.grad.zero_()`. The second call finds the slope
        0, and lr · 0 moves nothing. The slope at the new place is not known before
        the next `backward`.""",
)
ex.choice(
    {
        "a": "What does the last line of `sgd` do to the slope that it has just used?",
        "c": """The slope at 2.4 is smaller than at 3, yes. But who computes it? `sgd`
            takes what is in `.grad`.""",
        "d": """An error would need `.grad` to be gone. Look at what the last line of
            `sgd` writes into it.""",
    },
    prediction="b",
)


ex = Exercise(
    "05.shapes",
    hints=[
        "A slope says how a number changes when *one parameter* moves. Count those.",
        "`squared_loss` keeps one loss for each example, in the shape of `y_hat`.",
        """Section 5: a column of 32 and a plain list of 32 are stretched against each
        other. How many pairs are there?""",
    ],
    explanation="""The gradient has the shape of the parameter, (5, 1): the batch enters
        as a sum. There is a loss for each example, (32, 1), since `squared_loss`
        reshapes the labels. Without that, each of 32 predictions meets each of 32
        labels.""",
)
ex.value(shapes=[(5, 1), (32, 1), (32, 32)])


def shape(answer, place):
    """One of the three shapes, as a tuple; refuses what is not three shapes."""
    form = "Three shapes are wanted, such as `[(1, 2), (3, 4), (5, 6)]`."
    try:
        given = [
            (one,) if isinstance(one, int | float) else tuple(one) for one in answer
        ]
        if any(number is ... for one in given for number in one):
            refuse("There is still a `...` in your answer.")
        given = [tuple(int(number) for number in one) for one in given]
    except (TypeError, ValueError):
        given = []
        if isinstance(answer, list | tuple) and any(one is ... for one in answer):
            refuse("There is still a `...` in your answer.")
    if len(given) != 3:
        refuse(form, expected="three shapes", got=" ".join(str(answer).split()))
    return given[place]


def judge(got, wanted, mistakes, tip):
    if got != wanted:
        refuse(mistakes.get(got, tip), expected="another shape", got=str(got))


@ex.check("the first shape: that of `w.grad`")
def _(answer):
    batch = """The 32 examples do not appear in it: `sum()` has made one number of their
        losses. How many parameters can be moved?"""
    judge(
        shape(answer, 0),
        (5, 1),
        {
            (32, 1): batch,
            (32,): batch,
            (32, 5): batch,
            (32, 5, 1): batch,
            (5, 32): batch,
            (1, 5): "The right number of slopes. But `w` is a column.",
            (5,): "The right number of slopes, but flat. What shape has `w`?",
            (1,): "That is the shape of `b.grad`. `w` holds five weights.",
            (): "One number is what `backward` starts from. What does it give?",
            (
                6,
                1,
            ): "The bias is a parameter of its own here, with a `grad` of its own.",
        },
        tip="The gradient has the shape of the parameter.",
    )


@ex.check("the second shape: that of the losses")
def _(answer):
    judge(
        shape(answer, 1),
        (32, 1),
        {
            (32,): "One for each example, yes. But `y_hat` is a column, and they, too.",
            (32, 32): "Here `squared_loss` helps: it reshapes the labels first.",
            (1,): "`squared_loss` takes no sum and no mean.",
            (1, 1): "`squared_loss` takes no sum and no mean.",
            (): "`squared_loss` takes no sum and no mean.",
            (5, 1): "Losses belong to examples, not to weights.",
            (32, 5): "Losses belong to examples: the features are summed up by `@`.",
        },
        tip="One loss for each prediction, in the shape of `y_hat`.",
    )


@ex.check("the third shape: that of `y_hat - labels`")
def _(answer):
    judge(
        shape(answer, 2),
        (32, 32),
        {
            (32, 1): "It would be, if `labels` were a column. They have shape (32,).",
            (32,): "It would be, if `y_hat` were flat, too. It has shape (32, 1).",
            (64, 1): "They are subtracted, not put below each other.",
            (1, 32): "Both are stretched: the column to the right, the row down.",
            (5, 1): "Neither of the two knows about features any more.",
        },
        tip="Stretch the column and the row against each other.",
    )


ex.wrong([(32, 1), (32, 1), (32, 32)], says="The 32 examples do not appear in it")
ex.wrong([(32, 5, 1), (32, 1), (32, 32)], says="How many parameters can be moved?")
ex.wrong([(5,), (32, 1), (32, 32)], says="but flat. What shape has `w`?")
ex.wrong([(5, 1), (32,), (32, 32)], says="`y_hat` is a column, and they, too")
ex.wrong([(5, 1), (), (32, 32)], says="takes no sum and no mean")
ex.wrong([(5, 1), (32, 1), (32, 1)], says="if `labels` were a column")
ex.wrong([(5, 1), (32, 1), (32,)], says="if `y_hat` were flat, too")
ex.wrong((5, 1), says="Three shapes are wanted")
ex.right(([5, 1], [32, 1], [32, 32]))
ex.right(np.array([[5, 1], [32, 1], [32, 32]]))


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
    with torch.random.fork_rng(devices=[]):
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
    expect(
        trained(answer, False, 0.1, 1, 4),
        right,
        mistakes=[
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
                got=f"{list(order)}, five times",
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


ex = Exercise(
    "05.batch_for_the_noise",
    hints=[
        "Four times the batch, half the noise (figure 5.2). For a third of it?",
        "The noise falls as 1/√B. Which number has the square root 3?",
    ],
    explanation="""The noise is to be a third, and 1/√9 is 1/3: nine times the batch, 90
        examples. Each step then costs nine times as many looks, for a third of the
        noise.""",
)
ex.value(enough=90)


@ex.check("the batch size for a third of the noise")
def _(answer):
    root = "√3 times the batch? The other way around: the noise falls by the root."
    expect(
        answer,
        90,
        shown="another number",
        mistakes=[
            (30, "Three times the batch divides the noise by √3 only."),
            (10 * 3**0.5, root),
            (17.3, root),
            (17, root),
            (18, root),
            (270, "That is 3³ times the batch. One 3 too many."),
            (40, "Four times the batch gives half the noise. A third is wanted."),
            (80, "80 are to be added. How large is the batch then?"),
            (10 / 3, "A smaller batch is noisier."),
            (10 / 9, "A smaller batch is noisier."),
            (9, "Nine times as large, yes. As large as what?"),
        ],
        tip="Noise times √B stays the same.",
    )


ex.wrong(30, says="divides the noise by √3 only")
ex.wrong(17.32, says="the noise falls by the root")
ex.wrong(9, says="As large as what?")
ex.wrong(100, says="Noise times √B stays the same")
ex.right(90.0)
ex.right(np.array([90]))


ex = Exercise(
    "05.rate_of_an_epoch",
    hints=[
        """Look at figure 5.7: with 0.02 the walk falls fast, with a tenth of it the end
        is calmer. Which epochs should have which?""",
        """`0.02 / (1 + epoch / 4)` ends at 0.0035, which still trembles too much here.
        Start alike and end lower.""",
        """In a straight line to almost 0: `0.02 * (1 - epoch / 20)`. Or times the same
        factor in each epoch: `0.02 * 0.85**epoch`.""",
    ],
    explanation="""Large steps to get there, small ones to stay. The rate falls in a
        straight line from 0.02 to a twentieth of it. Many other ways down do as well;
        halving it in each epoch does not, since the sum of all steps is too short.""",
)


@ex.solution
def rate_of_epoch(epoch):
    """Give the learning rate for an epoch, 0 to 19, of a walk with one wine a step."""
    # BEGIN SOLUTION
    return 0.02 * (1 - epoch / 20)
    # END SOLUTION


EPOCHS, GOAL = 20, 0.0007


def rates_of(answer):
    """The rates of all epochs, as numbers."""
    rates, alone = [], "Give the rate as a number by itself, the one of this epoch."
    for epoch in range(EPOCHS):
        try:
            rate = answer(epoch)
        except ZeroDivisionError:
            refuse(
                f"In epoch {epoch} your rate is something divided by 0. Epochs are "
                "counted from 0."
            )
        try:
            number = rate.detach() if hasattr(rate, "detach") else rate + 0
            rates.append(float(np.squeeze(number)))
        except (TypeError, ValueError):
            expect(rate, 0.0, shown="one number: the rate", tip=alone)
            refuse(alone, got=rate)
    return np.array(rates)


def wines():
    """The features and labels of this lesson."""
    wine = d2l.load_wine()
    train = np.random.default_rng(0).permutation(178)[:142]
    X, y = wine.features[train], wine.labels[train, 0]
    return (X - X.mean(axis=0)) / X.std(axis=0), y - y.mean()


def heights(rates):
    """The loss above the lowest at the start, at the end, and there without noise.

    At the end it is the mean over the steps of the last epoch, and over four walks.
    """
    X, y = wines()
    best = np.linalg.lstsq(X, y)[0]
    curvatures, axes = np.linalg.eigh(X.T @ X / len(X))
    walks = [np.random.default_rng(seed) for seed in range(4)]
    w, end = np.zeros((4, 12)), []
    for epoch, rate in enumerate(rates):
        for rows in np.transpose([rng.permutation(142) for rng in walks]):
            residuals = np.sum(X[rows] * w, axis=1) - y[rows]
            w = w - rate * residuals[:, None] * X[rows]
            if epoch == len(rates) - 1:
                end.append(((w - best) @ axes) ** 2 @ curvatures / 2)
    start = (best @ axes) ** 2
    left = np.prod((1 - rates[:, None] * curvatures) ** (2 * 142), axis=0)
    return start @ curvatures / 2, np.mean(end), start * left @ curvatures / 2


@ex.check("every epoch has a rate, and none is below 0")
def _(answer):
    for epoch, rate in enumerate(rates_of(answer)):
        if not np.isfinite(rate):
            refuse("That is no finite number.", got=f"{rate} in epoch {epoch}")
        if rate < -1e-12:
            refuse(
                "With a rate below 0 the walk goes uphill. Let it end before 0.",
                got=f"{rate:.4g} in epoch {epoch}",
            )


@ex.check("twenty epochs, one wine at a time: the last is low")
def _(answer):
    rates = rates_of(answer)
    start, end, without_noise = heights(rates)
    if end < GOAL:
        return
    if not end < 1.01 * start:
        why = """The walk runs away: steps that follow a single wine must be shorter.
            The lesson took 0.01 and 0.02."""
    elif without_noise > GOAL / 2:
        why = f"""It has not arrived: with steps of these lengths and no noise at all,
            {without_noise:.2g} would be left. Larger rates, or large for longer."""
        if np.all(rates[1:] < 0.75 * rates[:-1]):
            why += " Yours shrink so fast that all later steps together are too short."
    elif rates[-1] > rates[0]:
        why = """It trembles. Your last rate is larger than your first. Where should
            the steps be longer, far from the minimum or near it?"""
    elif np.allclose(rates, rates[0]):
        why = """It has arrived, and trembles: at a constant rate the walk does not come
            to rest. Let the rate shrink."""
    else:
        why = """It has arrived, but still trembles from the larger rates. Let them end
            lower, or be low for longer."""
    got = f"{end:.2g}" if np.isfinite(end) else "no finite number any more"
    refuse(why, expected=f"below {GOAL} above the lowest loss", got=got)


@ex.wrong(says="at a constant rate the walk does not come to rest")
def constant(epoch):
    return 0.02


@ex.wrong(says="It has not arrived")
def constant_and_small(epoch):
    return 0.002


@ex.wrong(says="all later steps together are too short")
def halved_in_each_epoch(epoch):
    return 0.02 / 2**epoch


@ex.wrong(says="end lower, or be low for longer")
def as_in_the_lesson(epoch):
    return 0.02 / (1 + epoch / 4)


@ex.wrong(says="larger than your first")
def growing(epoch):
    return 0.002 * (1 + epoch / 2)


@ex.wrong(says="The walk runs away")
def rates_for_all_wines(epoch):
    return 0.4 / (1 + epoch)


@ex.wrong(says="the walk goes uphill")
def below_zero(epoch):
    return 0.02 - 0.002 * epoch


@ex.wrong(says="Epochs are counted from 0")
def divided_by_the_epoch(epoch):
    return 0.02 / epoch


@ex.right
def in_two_phases(epoch):
    return 0.02 if epoch < 10 else 0.002


@ex.right
def by_the_same_factor(epoch):
    return np.float32(0.02 * 0.85**epoch)


@ex.right
def one_over_t(epoch):
    return 0.02 / (1 + epoch)


@ex.right
def half_a_cosine(epoch):
    return 0.01 * (1 + torch.cos(torch.tensor(torch.pi * epoch / 20)))
