import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "09.stop_early",
    hints=[
        "Remember where the lowest loss so far was, and go on from epoch to epoch.",
        """If the loss is lower than the lowest so far, this epoch is the best one. If
        not: how many epochs ago was the best one?""",
        "In Python the first epoch has the position 0. The answer counts from 1.",
    ],
    explanation="""The loop remembers the position of the lowest loss. Once that lies
        `patience` epochs back, training ends, and whatever a later epoch would have
        brought is never seen. The network of the best epoch has to be kept on the way:
        it is not that of the last one.""",
)


@ex.solution
def stop_early(losses, patience=3):
    """Give the epoch, counted from 1, whose network early stopping keeps.

    losses is a list with the validation loss after each epoch. Training ends when
    `patience` epochs, one after the other, have brought no new lowest loss.
    """
    # BEGIN SOLUTION
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best + 1
    # END SOLUTION


LAST = "That is where training ends. Which epoch's network is worth keeping?"


@ex.check("a loss that falls and then rises")
def _(answer):
    expect(
        answer([0.9, 0.5, 0.4, 0.45, 0.6, 0.7, 0.8], patience=3),
        3,
        mistakes=[
            (2, "The first epoch is number 1: add 1 to its position."),
            (4, "That is the first epoch that got worse. The one before was the best."),
            (5, LAST),
            (6, LAST),
            (7, "That is the last epoch, trained to the end."),
            (0.4, "That is the loss. In which epoch was it?"),
        ],
        tip="The losses were 0.9, 0.5, 0.4, 0.45, 0.6, 0.7, 0.8, the patience 3.",
    )


@ex.check("what comes after the end is never seen")
def _(answer):
    expect(
        answer([5.0, 4.0, 3.0, 3.5, 3.4, 3.3, 1.0], patience=3),
        3,
        mistakes=[
            (
                7,
                """After 3.0 three epochs brought no new lowest loss: training ended
                there, and the 1.0 was never computed.""",
            ),
            (
                6,
                "3.3 is lower than 3.4, but not lower than the lowest so far, 3.0.",
            ),
        ],
        tip="The losses were 5, 4, 3, 3.5, 3.4, 3.3, 1, the patience 3.",
    )


@ex.check("it is as patient as it should be")
def _(answer):
    losses = [5.0, 4.0, 4.2, 4.1, 3.9, 3.8]
    for patience, right in ((3, 6), (2, 2), (1, 2)):
        expect(
            answer(list(losses), patience=patience),
            right,
            mistakes=[
                (2, "It gave up too early: the patience was {patience}."),
                (6, "It went on too long: the patience was {patience}."),
                (5, "3.8, in the last epoch, is lower still."),
            ],
            tip="The losses were 5, 4, 4.2, 4.1, 3.9, 3.8, the patience {patience}.",
            patience=patience,
        )


@ex.check("an equal loss is no new lowest")
def _(answer):
    expect(
        answer([3.0, 2.0, 2.0, 2.0, 1.0], patience=2),
        2,
        mistakes=[
            (5, "The second 2.0 is not lower than the first: it uses up patience."),
            (4, "The second 2.0 is not lower than the first: it uses up patience."),
        ],
        tip="The losses were 3, 2, 2, 2, 1, the patience 2.",
    )


@ex.wrong(says="the 1.0 was never computed")
def lowest_of_all(losses, patience=3):
    return int(np.argmin(losses)) + 1


@ex.wrong(says="add 1 to its position")
def counts_from_zero(losses, patience=3):
    return stop_early(losses, patience) - 1


@ex.wrong(says="Which epoch's network is worth keeping?")
def where_it_ends(losses, patience=3):
    return min(stop_early(losses, patience) + patience, len(losses))


@ex.wrong(says="trained to the end")
def the_last(losses, patience=3):
    return len(losses)


@ex.wrong(says="That is the loss")
def the_loss(losses, patience=3):
    return losses[stop_early(losses, patience) - 1]


@ex.wrong(says="the first epoch that got worse")
def first_rise(losses, patience=3):
    for epoch in range(1, len(losses)):
        if losses[epoch] > losses[epoch - 1]:
            return epoch + 1
    return len(losses)


@ex.wrong(says="It gave up too early")
def always_one(losses, patience=3):
    return stop_early(losses, 1)


@ex.wrong(says="It went on too long")
def always_three(losses, patience=3):
    return stop_early(losses, 3)


@ex.wrong(says="it uses up patience")
def equal_counts(losses, patience=3):
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] <= losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best + 1


@ex.wrong(says="not lower than the lowest so far, 3.0")
def compares_with_the_epoch_before(losses, patience=3):
    waited, best = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[epoch - 1]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience or epoch == 5:
            break
    return best + 1


@ex.wrong(says="is a `return` missing?")
def printed(losses, patience=3):
    print(stop_early(losses, patience))


@ex.right
def counts_the_waiting(losses, patience=3):
    lowest, at, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < lowest:
            lowest, at, waited = loss, epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    return at


@ex.right
def seen_from_each_epoch(losses, patience=3):
    for epoch in range(1, len(losses)):
        best = int(np.argmin(losses[: epoch + 1]))
        if epoch - best >= patience:
            return best + 1
    return int(np.argmin(losses)) + 1
