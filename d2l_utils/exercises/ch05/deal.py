import itertools

import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

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
    no_order = """There is no order. `rng.shuffle` shuffles its list in place and gives
        back `None`; `rng.permutation` gives a new order."""
    numbers = """A slice of the data was taken for row numbers. Shuffle the row numbers:
        `rng.permutation(len(X))`."""
    fixed = "Here are other numbers of examples. Is a 10 fixed in your code?"
    with explained(
        mistakes={
            "'NoneType' object is not subscriptable": no_order,
            "used as indices must be": numbers,
            "out of bounds for axis 0 with size 7": fixed,
        }
    ):
        found = list(itertools.islice(dealt, 50))
    if len(found) == 50:
        refuse("It goes on after 50 batches. Stop when each example was dealt once.")
    if isinstance(dealt, tuple | list) and len(dealt) == 2:
        refuse(
            "Two lists, features and labels. Pair them: each batch is `X[...], y[...]`."
        )
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
            (
                [4, 0, 0],
                "The later batches are empty. A slice ends at a *place*: at "
                "`start + batch_size`, not at `batch_size`.",
            ),
            ([4], "Only one batch came. Is the `yield` inside the loop?"),
            ([1] * 10, "One example at a time: `batch_size` plays no part."),
            ([3, 3, 4], "`batch_size` is the number of examples, not of batches."),
            ([3, 3, 2, 2], "`batch_size` is the number of examples, not of batches."),
        ],
        tip="How many examples are in each batch?",
    )
    for some, labels in dealt:
        rows = len(labels)
        if some.shape == (rows, 2) and labels.shape == (rows,):
            refuse(
                "The labels have lost their column: `y[batch]` keeps the shape of y.",
                expected="labels of shape ({rows}, 1)",
                got="labels of shape {labels}",
                rows=rows,
                labels=labels.shape,
            )
        if (some.shape, labels.shape) != ((rows, 2), (rows, 1)):
            refuse(
                "First the features, rows of `X`; then the labels, rows of `y`.",
                expected="shapes ({rows}, 2) and ({rows}, 1)",
                got="shapes {features} and {labels}",
                rows=rows,
                features=some.shape,
                labels=labels.shape,
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
            tip="`batch_size` is {batch_size} here. Is a number fixed in your code?",
            batch_size=batch_size,
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
            got="{order}, twice",
            order=first,
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
            got="{order}, in the last epoch",
            order=order,
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
            expected="{first} again",
            got="{second}",
            first=first,
            second=second,
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


@ex.wrong(says="A slice ends at a *place*")
def ends_at_the_batch_size(batch_size, X, y, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        yield X[order[start:batch_size]], y[order[start:batch_size]]


@ex.wrong(says="gives back `None`")
def order_is_none(batch_size, X, y, rng):
    order = rng.shuffle(np.arange(len(X)))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y


@ex.wrong(says="was taken for row numbers")
def data_for_an_order(batch_size, X, y, rng):
    order = rng.permutation(X)
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y


@ex.wrong(says="Is a 10 fixed in your code?")
def always_ten(batch_size, X, y, rng):
    order = rng.permutation(10)
    for start in range(0, 10, batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


@ex.wrong(says="Two lists, features and labels")
def two_lists(batch_size, X, y, rng):
    cuts = range(batch_size, len(X), batch_size)
    order = np.split(rng.permutation(len(X)), cuts)
    return [X[batch] for batch in order], [y[batch] for batch in order]


@ex.wrong(says="The labels have lost their column")
def flat_labels(batch_size, X, y, rng):
    for some, labels in by_the_package(batch_size, X, y, rng):
        yield some, labels.ravel()


@ex.wrong(says="First the features, rows of `X`")
def labels_first(batch_size, X, y, rng):
    for some, labels in by_the_package(batch_size, X, y, rng):
        yield labels, some


@ex.wrong(says="It gave `None`")
def printed(batch_size, X, y, rng):
    print(*by_the_package(batch_size, X, y, rng))


@ex.wrong(says="It goes on after 50 batches")
def endless(batch_size, X, y, rng):
    while True:
        yield from by_the_package(batch_size, X, y, rng)


@ex.wrong(says="your chance comes from elsewhere")
def by_the_package_without_rng(batch_size, X, y, rng):
    return d2l.data_iter(batch_size, X, y)


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
