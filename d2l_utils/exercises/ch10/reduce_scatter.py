import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "10.reduce_scatter",
    hints=[
        """A part grows as it travels. In the last step process r gets part r from its
        left neighbor. Which part has that neighbor sent one step before?""",
        """Part k begins its way at process k + 1, and in each step it goes one process
        further to the right. So in step 0 process r sends part r - 1.""",
        """`for step in range(n - 1):`, `for rank in range(n):`, and in it
        `k = (rank - 1 - step) % n`; process `(rank + 1) % n` adds what it gets.""",
    ],
    explanation="""Part k begins at process k + 1, so that after n - 1 steps it has seen
        all processes and arrives at process k, finished. In the ring of the lesson it
        begins at process k and ends at process k - 1; both are as good, as long as the
        second half of the ring knows who holds what. What else is in the table are the
        sums on the way: no longer needed, and overwritten in the second half.""",
)


@ex.solution
def reduce_scatter(held):
    """Give the table after the first half of the ring: process r holds the sum r.

    held is an array with n rows and n columns: held[r, k] is part k of process r, here
    one number. In each of n - 1 steps every process sends one part to its right
    neighbor, which adds it to its own.
    """
    # BEGIN SOLUTION
    held = held.copy()
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - 1 - step) % n
            held[(rank + 1) % n, k] += held[rank, k]
    return held
    # END SOLUTION


THREE = np.array([[1.0, 2, 3], [10, 20, 30], [100, 200, 300]])
FIVE = np.array([[(3 * r + k * k) % 11 + 10.0**r for k in range(5)] for r in range(5)])


def ring(held, sends, steps=None, right=1, keep=1):
    """The table after steps in which process r sends part sends(r, step) of n.

    It goes to the neighbor at `right`, who keeps its own part if `keep` is 1.
    """
    held, n = held.copy(), len(held)
    for step in range(n - 1 if steps is None else steps):
        sent = [(rank, sends(rank, step) % n) for rank in range(n)]
        values = [held[one] for one in sent]
        for (rank, k), value in zip(sent, values):
            there = (rank + right) % n, k
            held[there] = keep * held[there] + value
    return held


# One process after the other does all its steps.
def one_by_one(held):
    held, n = held.copy(), len(held)
    for rank in range(n):
        for step in range(n - 1):
            k = (rank - 1 - step) % n
            held[(rank + 1) % n, k] += held[rank, k]
    return held


def table(answer, held):
    """What the learner's ring gives."""
    with explained(
        mistakes={
            "is out of bounds for axis": """The right neighbor of the last process is
                the first: `(rank + 1) % n`.""",
        }
    ):
        return answer(held.copy())


@ex.check("three processes: where the sums are")
def _(answer):
    got = table(answer, THREE)
    sums = THREE.sum(axis=0)
    if np.shape(got) == (3,):
        refuse(
            """Three numbers, and a table is wanted: all that each process holds, a row
            for each.""",
            got=got,
        )
    expect(
        got,
        ring(THREE, lambda r, s: r - 1 - s),
        mistakes=[
            (
                ring(THREE, lambda r, s: r - s),
                "That is the ring of the lesson, where process r ends with the sum of "
                "part r + 1. Here it is to end with that of part r.",
            ),
            (
                THREE,
                "Nothing has been sent: the table is as it was.",
            ),
            (
                ring(THREE, lambda r, s: r - 1),
                "In each step every process sends the same part again. It is to pass "
                "on what it has just received.",
            ),
            (
                ring(THREE, lambda r, s: r - 1 + s),
                "What was received is to be passed on: it is the part before, not the "
                "next one.",
            ),
            (
                ring(THREE, lambda r, s: r - 1 - s, keep=0),
                "What came has taken the place of what was there. Add it: `+=`.",
            ),
            (
                ring(THREE, lambda r, s: r - 1 - s, steps=1),
                "One step is missing: n - 1 are needed.",
            ),
            (
                ring(THREE, lambda r, s: r - 1 - s, steps=3),
                "One step too many: a finished sum was sent on, and added once more.",
            ),
            (
                ring(THREE, lambda r, s: r - 1 - s, right=-1),
                "That went to the left neighbor. To the right it is `rank + 1`.",
            ),
            (
                ring(THREE, lambda r, s: r + 1 + s, right=-1),
                "The sums are in the right places, by way of the left neighbors. The "
                "ring is to go to the right.",
            ),
            (
                one_by_one(THREE),
                "One process after the other has done all its steps. All of them send "
                "in step 0, then all in step 1: the loop over the steps is the outer.",
            ),
            (
                np.tile(sums, (3, 1)),
                "Everybody has all sums: that is the whole ring. Only the first half "
                "is wanted.",
            ),
            (
                np.diag(sums),
                "The sums are in their places. But nothing clears the other parts: "
                "what was added on the way is still there.",
            ),
        ],
        tip="The table began with 1, 2, 3; then 10, 20, 30; then 100, 200, 300.",
    )


@ex.check("five processes")
def _(answer):
    expect(
        table(answer, FIVE),
        ring(FIVE, lambda r, s: r - 1 - s),
        tip="With three processes it is right. Is a 3, or a 2, fixed in your code?",
    )


@ex.wrong(says="That is the ring of the lesson")
def as_in_the_lesson(held):
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - step) % n
            held[(rank + 1) % n, k] += held[rank, k]
    return held


@ex.wrong(says="the table is as it was")
def changes_copies(held):
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - 1 - step) % n
            row = held[(rank + 1) % n].copy()
            row[k] += held[rank, k]
    return held


@ex.wrong(says="The right neighbor of the last process is the first")
def no_ring(held):
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - 1 - step) % n
            held[rank + 1, k] += held[rank, k]
    return held


@ex.wrong(says="pass on what it has just received")
def the_same_part(held):
    n = len(held)
    for _ in range(n - 1):
        for rank in range(n):
            k = (rank - 1) % n
            held[(rank + 1) % n, k] += held[rank, k]
    return held


@ex.wrong(says="it is the part before")
def the_next_part(held):
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - 1 + step) % n
            held[(rank + 1) % n, k] += held[rank, k]
    return held


@ex.wrong(says="Add it: `+=`")
def copies(held):
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - 1 - step) % n
            held[(rank + 1) % n, k] = held[rank, k]
    return held


@ex.wrong(says="n - 1 are needed")
def too_few(held):
    n = len(held)
    for step in range(n - 2):
        for rank in range(n):
            k = (rank - 1 - step) % n
            held[(rank + 1) % n, k] += held[rank, k]
    return held


@ex.wrong(says="added once more")
def too_many(held):
    n = len(held)
    for step in range(n):
        for rank in range(n):
            k = (rank - 1 - step) % n
            held[(rank + 1) % n, k] += held[rank, k]
    return held


@ex.wrong(says="That went to the left neighbor")
def to_the_left(held):
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - 1 - step) % n
            held[rank - 1, k] += held[rank, k]
    return held


@ex.wrong(says="by way of the left neighbors")
def the_other_way_round(held):
    n = len(held)
    for step in range(n - 1):
        for rank in range(n):
            k = (rank + 1 + step) % n
            held[rank - 1, k] += held[rank, k]
    return held


@ex.wrong(says="the loop over the steps is the outer")
def loops_exchanged(held):
    return one_by_one(held)


@ex.wrong(says="that is the whole ring")
def everybody(held):
    return np.tile(held.sum(axis=0), (len(held), 1))


@ex.wrong(says="nothing clears the other parts")
def only_the_sums(held):
    return np.diag(held.sum(axis=0))


@ex.wrong(says="a table is wanted")
def finished_parts(held):
    return held.sum(axis=0)


@ex.wrong(says="Is a 3, or a 2, fixed in your code?")
def three_only(held):
    for step in range(2):
        for rank in range(3):
            k = (rank - 1 - step) % 3
            held[(rank + 1) % 3, k] += held[rank, k]
    return held


@ex.wrong(says="is a `return` missing?")
def printed(held):
    print(reduce_scatter(held))


@ex.right
def in_place(held):
    n = len(held)
    for step in range(1, n):
        for rank in range(n):
            held[(rank + 1) % n, rank - step] += held[rank, rank - step]
    return held


@ex.right
def from_the_receiver(held):
    n = len(held)
    rows = [list(row) for row in held]
    for step in range(n - 1):
        for rank in range(n):
            k = (rank - 2 - step) % n
            rows[rank][k] += rows[rank - 1][k]
    return rows


@ex.right
def along_each_part(held):
    n = len(held)
    for k in range(n):
        for far in range(1, n):
            held[(k + far + 1) % n, k] += held[(k + far) % n, k]
    return held
