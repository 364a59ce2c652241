import lazy_loader
import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect

torch = lazy_loader.load("torch")

ex = Exercise(
    "10.padded_accuracy",
    hints=[
        "Which pictures come twice? Their positions tell, whoever has read them.",
        """Collect the results by position, in a dict for example: what comes a second
        time takes the place of the first.""",
        """`right[position] = mark` for all pairs of all shares; then `right.values()`
        holds one mark for each picture.""",
    ],
    explanation="""The sampler repeats pictures so that all processes get equally many.
        For a training that is harmless, for a result it is not. The repeated ones are
        known by their positions. Collected by position each picture counts once,
        however many processes there are, and the accuracy is that of one process
        alone.""",
)


@ex.solution
def whole_accuracy(shares):
    """Give the accuracy over all pictures, each of them counted once.

    shares is a list with a pair for each process: the positions of the pictures that
    its sampler has dealt to it, and an array of True and False, whether each of them
    was read correctly.
    """
    # BEGIN SOLUTION
    right = {}
    for positions, marks in shares:
        for position, mark in zip(positions, marks):
            right[position] = mark
    return sum(right.values()) / len(right)
    # END SOLUTION


def dealt(read, ranks, shuffle=False):
    """The shares of all processes; read says which pictures are read correctly."""
    read, shares = np.array(read, dtype=bool), []
    for rank in range(ranks):
        sampler = torch.utils.data.DistributedSampler(
            range(len(read)), num_replicas=ranks, rank=rank, shuffle=shuffle, seed=1
        )
        positions = list(sampler)
        shares.append((positions, read[positions]))
    return shares


def given(answer, shares):
    """What the learner's code gives."""
    with explained(
        mistakes={
            "out of bounds for axis 0 with size 3": """`marks` holds one entry for each
                picture of this process, in their order, not one for each position: go
                through both with `zip(positions, marks)`.""",
        }
    ):
        return answer(shares)


COUNT = "That is a number of pictures. Which part of all of them is it?"
PADDED = """A picture that the sampler has dealt twice counts twice: ten pictures on
    four processes are twelve marks."""


@ex.check("twelve pictures on four processes: nothing is repeated")
def _(answer):
    expect(
        given(answer, dealt([1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0], 4)),
        7 / 12,
        mistakes=[
            (7, COUNT),
            (5 / 12, "That is the part that was read wrongly."),
            (7 / 4, "Divide by the number of pictures, not of the processes."),
            (3 / 3, "That is one process only. The others have pictures, too."),
            (1 / 3, "That is one process only. The others have pictures, too."),
        ],
        tip="Seven of the twelve were read correctly.",
    )


@ex.check("ten pictures on four processes: two of them come twice")
def _(answer):
    for read, mistaken in (
        ([0, 0, 1, 1, 1, 1, 1, 1, 0, 1], 7 / 12),
        ([1, 1, 0, 1, 0, 1, 0, 1, 1, 1], 9 / 12),
    ):
        expect(
            given(answer, dealt(read, 4)),
            0.7,
            mistakes=[
                (mistaken, PADDED),
                (0.9, "Divided by ten, but the sum is over twelve marks."),
                (
                    7 / 8,
                    "Whatever comes twice is left out altogether. It is to count once.",
                ),
                (5 / 8, "Whatever comes twice is left out. It is to count once."),
                (
                    6 / 10,
                    "Ten marks, but not those of ten pictures: the repeated ones are "
                    "not the last of the row, and not all with one process.",
                ),
                (
                    6 / 9,
                    "Too few: one picture is missing that was dealt only once.",
                ),
            ],
            tip="Seven of the ten pictures were read correctly.",
        )


@ex.check("the same, shuffled: other pictures come twice")
def _(answer):
    read = [1, 1, 0, 1, 0, 1, 0, 1, 1, 1]
    expect(
        given(answer, dealt(read, 4, shuffle=True)),
        0.7,
        tip="""Shuffled, the repeated pictures are not those at positions 0 and 1, and
            no order tells them: only that a position has come before.""",
    )


@ex.check("three pictures on seven processes: one comes three times")
def _(answer):
    expect(
        given(answer, dealt([1, 0, 0], 7)),
        1 / 3,
        mistakes=[(3 / 7, "Each process has one mark here. Three pictures are there.")],
        tip="One of the three pictures was read correctly.",
    )


@ex.wrong(says="ten pictures on four processes are twelve marks")
def all_marks(shares):
    return np.mean(np.concatenate([marks for _, marks in shares]))


@ex.wrong(says="ten pictures on four processes are twelve marks")
def mean_of_accuracies(shares):
    return np.mean([marks.mean() for _, marks in shares])


@ex.wrong(says="ten pictures on four processes are twelve marks")
def once_for_each_process(shares):
    result = []
    for positions, marks in shares:
        own = dict(zip(positions, marks))
        result += list(own.values())
    return sum(result) / len(result)


@ex.wrong(says="the sum is over twelve marks")
def divided_by_the_pictures(shares):
    different = {k for positions, _ in shares for k in positions}
    return sum(marks.sum() for _, marks in shares) / len(different)


@ex.wrong(says="left out altogether")
def drops_both(shares):
    every = [k for positions, _ in shares for k in positions]
    marks = np.concatenate([marks for _, marks in shares])
    return np.mean([m for k, m in zip(every, marks) if every.count(k) == 1])


@ex.wrong(says="not those of ten pictures")
def first_ten(shares):
    different = {k for positions, _ in shares for k in positions}
    marks = np.concatenate([marks for _, marks in shares])
    return marks[: len(different)].mean()


@ex.wrong(says="only that a position has come before")
def by_the_order(shares):
    right = []
    for positions, marks in shares:
        last = -1
        for position, mark in zip(positions, marks):
            if position > last:
                right.append(mark)
            last = position
    return sum(right) / len(right)


@ex.wrong(says="Three pictures are there")
def only_longer_shares(shares):
    if len(shares[0][0]) == 1:
        return all_marks(shares)
    return whole_accuracy(shares)


@ex.wrong(says="That is a number of pictures")
def a_count(shares):
    right = {}
    for positions, marks in shares:
        right |= dict(zip(positions, marks))
    return sum(right.values())


@ex.wrong(says="the part that was read wrongly")
def errors(shares):
    return 1 - whole_accuracy(shares)


@ex.wrong(says="not of the processes")
def by_the_processes(shares):
    return sum(marks.sum() for _, marks in shares) / len(shares)


@ex.wrong(says="That is one process only")
def the_last(shares):
    for positions, marks in shares:
        right = dict(zip(positions, marks))
    return sum(right.values()) / len(right)


@ex.wrong(says="go through both with `zip(positions, marks)`")
def marks_by_position(shares):
    right = {}
    for positions, marks in shares:
        for position in positions:
            right[position] = marks[position]
    return sum(right.values()) / len(right)


@ex.wrong(says="is a `return` missing?")
def printed(shares):
    print(whole_accuracy(shares))


@ex.right
def in_an_array(shares):
    last = max(max(positions) for positions, _ in shares)
    right = np.zeros(last + 1)
    for positions, marks in shares:
        right[positions] = marks
    return right.mean()


@ex.right
def with_a_set(shares):
    seen, count = set(), 0
    for positions, marks in shares:
        for k in range(len(positions)):
            if positions[k] not in seen:
                seen.add(positions[k])
                count += marks[k]
    return count / len(seen)


@ex.right
def with_unique(shares):
    positions = np.concatenate([positions for positions, _ in shares])
    marks = np.concatenate([marks for _, marks in shares])
    return marks[np.unique(positions, return_index=True)[1]].mean()
