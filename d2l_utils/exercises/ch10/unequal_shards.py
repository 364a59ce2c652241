import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "10.unequal_shards",
    hints=[
        "What would the process with seven examples have to count, against the other?",
        "A mean gradient times its number of examples is the sum of their gradients.",
        """Add `size * gradient` over all processes, and divide once, by `sum(sizes)`.
        `zip(gradients, sizes)` goes through both.""",
    ],
    explanation="""Size times mean is a sum, and the sum over all examples is the sum of
        these. Divided by the number of all examples it is the mean that was wanted.
        Each shard counts with the weight (its size) / (size of the whole); only if the
        sizes are equal are these weights all 1/n.""",
)


@ex.solution
def mean_gradient(gradients, sizes):
    """Give the gradient of the mean loss over the examples of all processes.

    gradients is a list with one array for each process, the gradient of the mean loss
    over its own examples; sizes is a list of how many examples each has.
    """
    # BEGIN SOLUTION
    total = 0
    for gradient, size in zip(gradients, sizes):
        total = total + size * gradient
    return total / sum(sizes)
    # END SOLUTION


def shards(*sizes, seed=0, outputs=1):
    """Mean gradients of a linear model on shards of real examples, and of them all."""
    rng = np.random.default_rng(seed)
    count = sum(sizes)
    X, y = rng.normal(size=(count, 3)), rng.normal(size=(count, outputs))
    w = rng.normal(size=(3, outputs))
    gradient = X[:, :, None] * (X @ w - y)[:, None, :]
    if outputs == 1:
        gradient = gradient[:, :, 0]
    parts = np.split(gradient, np.cumsum(sizes)[:-1])
    return [part.mean(axis=0) for part in parts], gradient.mean(axis=0)


@ex.check("two shards of five examples each")
def _(answer):
    gradients, whole = shards(5, 5)
    expect(
        answer(list(gradients), [5, 5]),
        whole,
        mistakes=[
            (2 * whole, "That is the sum of the two means. A mean is wanted."),
            (10 * whole, "That is the sum over all examples: divide by their number."),
            (5 * whole, "Divide by the number of all examples, not of the processes."),
            (gradients[0], "That is what the first process has. Where is the other?"),
            (gradients[1], "That is what the last process has. Where is the other?"),
            (whole.mean(), "One number: the entries of a gradient stay apart."),
        ],
        tip="With equal shards it is the plain mean of the two.",
    )


@ex.check("shards of 7 and 3")
def _(answer):
    gradients, whole = shards(7, 3, seed=1)
    first, second = gradients
    expect(
        answer(list(gradients), [7, 3]),
        whole,
        mistakes=[
            (
                (first + second) / 2,
                "The plain mean: an example of the small shard counts more than one of "
                "the large shard.",
            ),
            (
                (3 * first + 7 * second) / 10,
                "The weights are exchanged: the larger shard has the larger one.",
            ),
            (
                (first / 7 + second / 3) / (1 / 7 + 1 / 3),
                "The weights are exchanged: the larger shard has the larger one.",
            ),
            (
                (first + second) / 10,
                "The gradients that come in are means already. Make sums of them "
                "before you divide by ten.",
            ),
        ],
        tip="How much does one of the ten examples count?",
    )


@ex.check("four shards, and a matrix of weights")
def _(answer):
    sizes = [4, 1, 6, 2]
    gradients, whole = shards(*sizes, seed=2, outputs=2)
    expect(
        answer(list(gradients), list(sizes)),
        whole,
        mistakes=[
            (
                (4 * gradients[0] + gradients[1]) / 5,
                "Only two of the four shards are in it.",
            ),
            (
                (4 * gradients[0] + gradients[1]) / 13,
                "Only two of the four shards are in it.",
            ),
        ],
        tip="The sizes are 4, 1, 6 and 2, the gradients 3 by 2. Is a number fixed?",
    )


@ex.check("the gradients that came in stay as they are")
def _(answer):
    gradients, _ = shards(7, 3, seed=3)
    before = [gradient.copy() for gradient in gradients]
    answer(gradients, [7, 3])
    if len(gradients) != 2 or not np.array_equal(gradients, before):
        refuse(
            """Your code changed a gradient that it was given. `total = total + ...`
            makes a new array, `total += ...` changes the one that is there.""",
        )


@ex.wrong(says="counts more than one of the large shard")
def mean_of_means(gradients, sizes):
    return sum(gradients) / len(gradients)


@ex.wrong(says="the sum of the two means")
def only_added(gradients, sizes):
    return sum(gradients)


@ex.wrong(says="divide by their number")
def sum_of_all(gradients, sizes):
    return sum(size * gradient for gradient, size in zip(gradients, sizes))


@ex.wrong(says="not of the processes")
def by_the_processes(gradients, sizes):
    return sum_of_all(gradients, sizes) / len(sizes)


@ex.wrong(says="Where is the other?")
def returns_in_the_loop(gradients, sizes):
    total = 0
    for gradient, size in zip(gradients, sizes):
        total = total + size * gradient
        return total / size


@ex.wrong(says="what the last process has")
def forgets_to_add(gradients, sizes):
    for gradient, size in zip(gradients, sizes):
        total = size * gradient
    return total / size


@ex.wrong(says="the entries of a gradient stay apart")
def to_one_number(gradients, sizes):
    return np.mean(gradients)


@ex.wrong(says="The weights are exchanged")
def sizes_the_other_way(gradients, sizes):
    return mean_gradient(gradients, sizes[::-1])


@ex.wrong(says="The weights are exchanged")
def by_the_inverse(gradients, sizes):
    weights = 1 / np.array(sizes)
    return np.average(gradients, axis=0, weights=weights)


@ex.wrong(says="are means already")
def divided_only(gradients, sizes):
    if sizes[0] == sizes[1]:
        return mean_of_means(gradients, sizes)
    return sum(gradients) / sum(sizes)


@ex.wrong(says="Only two of the four shards")
def only_two(gradients, sizes):
    return mean_gradient(gradients[:2], sizes[:2])


@ex.wrong(says="Is a number fixed?")
def ten_examples(gradients, sizes):
    return sum_of_all(gradients, sizes) / 10


@ex.wrong(says="`total += ...` changes the one that is there")
def in_place(gradients, sizes):
    for gradient, size in zip(gradients, sizes):
        gradient *= size
    return sum(gradients) / sum(sizes)


@ex.wrong(says="is a `return` missing?")
def printed(gradients, sizes):
    print(mean_gradient(gradients, sizes))


@ex.right
def by_shares(gradients, sizes):
    whole = sum(sizes)
    return sum(size / whole * g for g, size in zip(gradients, sizes))


@ex.right
def with_average(gradients, sizes):
    return np.average(gradients, axis=0, weights=sizes)


@ex.right
def in_axes(gradients, sizes):
    return np.tensordot(sizes, np.array(gradients), axes=1) / np.sum(sizes)
