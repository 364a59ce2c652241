import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "10.when_worth_it",
    hints=[
        "Compute the time of a step for every number of processes from 1 on.",
        "The time of a step has three terms. With n = 1 the last two are 0.",
        """A list of the times for `range(1, largest + 1)`; `np.argmin` gives the place
        of the smallest, and place 0 belongs to one process.""",
    ],
    explanation="""The computing falls as 1/n, the latency rises with n, and the bytes
        come close to 2 · S / bandwidth whatever n is. So there is a best n, beyond
        which more machines make a step slower. If computing takes less time than
        2 · S / bandwidth, a single process is the fastest.""",
)


@ex.solution
def best_count(compute, latency, size, bandwidth, largest):
    """Give the number of processes, 1 to largest, with the shortest step.

    compute: seconds that one process needs for the whole batch; latency: seconds for
    each message; size: bytes of the gradient; bandwidth: bytes that a process sends in
    a second. The gradients are added in the ring.
    """
    # BEGIN SOLUTION
    times = []
    for n in range(1, largest + 1):
        talk = 2 * (n - 1) * latency + 2 * (n - 1) / n * size / bandwidth
        times.append(compute / n + talk)
    return int(np.argmin(times)) + 1
    # END SOLUTION


def time(n, compute, latency, size, bandwidth):
    """The seconds of a step."""
    return compute / n + 2 * (n - 1) * latency + 2 * (n - 1) / n * size / bandwidth


# The gradient of 784-128-10 in float32, over a network of this kind of speed.
SMALL = 0.02, 2e-4, 407_080, 1e9


@ex.check("784-128-10, up to 16 processes")
def _(answer):
    expect(
        answer(*SMALL, 16),
        7,
        mistakes=[
            (6, "Place 0 of a list belongs to one process: add 1."),
            (16, "The largest number. Do more messages take no more time?"),
            (1, "One process. Is the computing shared among them?"),
            (10, "There are 2(n - 1) messages, and each takes its latency."),
            (
                5,
                "That is best without parts, where each process sends n - 1 whole "
                "gradients. The ring sends 2(n - 1)/n of one.",
            ),
            (time(7, *SMALL), "That is the time. With how many processes?"),
            (15, "The last of a list. Which is the smallest?"),
        ],
        tip="With 7 processes a step takes {best:.4g} s, with {n} {other:.4g} s.",
        best=time(7, *SMALL),
        n=8,
        other=time(8, *SMALL),
    )


@ex.check("a large gradient, little to compute")
def _(answer):
    expect(
        answer(0.0012, 1e-6, 1_000_000, 1e9, 16),
        1,
        mistakes=[
            (2, "One process is possible, too, and talks to nobody: begin with n = 1."),
            (
                10,
                "The bytes count twice, 2(n - 1)/n of the gradient: the sums have to "
                "come back.",
            ),
            (
                16,
                "Here to send a gradient takes as long as to compute it. Do the bytes "
                "count?",
            ),
        ],
        tip="2 · size / bandwidth is longer than all the computing.",
    )


@ex.check("8 billion parameters, up to 1,024 machines")
def _(answer):
    expect(
        answer(600, 1e-5, 16e9, 25e9, 1024),
        1024,
        mistakes=[
            (1023, "1,024 is allowed: `range` ends before its second number."),
            (
                5471,
                "That is the best of all numbers, but there are only 1,024 machines.",
            ),
            (
                5472,
                "That is the best of all numbers, but there are only 1,024 machines.",
            ),
            (16, "Is a 16 fixed in your code? Here 1,024 machines are allowed."),
        ],
        tip="Here every machine helps, and {largest:,} are allowed.",
        largest=1024,
    )


@ex.wrong(says="belongs to one process: add 1")
def counts_from_zero(compute, latency, size, bandwidth, largest):
    times = []
    for n in range(1, largest + 1):
        talk = 2 * (n - 1) * latency + 2 * (n - 1) / n * size / bandwidth
        times.append(compute / n + talk)
    return np.argmin(times)


@ex.wrong(says="Do more messages take no more time?")
def computing_only(compute, latency, size, bandwidth, largest):
    return largest


@ex.wrong(says="Do more messages take no more time?")
def one_latency(compute, latency, size, bandwidth, largest):
    n = np.arange(1, largest + 1)
    times = compute / n + latency + 2 * (n - 1) / n * size / bandwidth
    return np.argmin(times) + 1


@ex.wrong(says="Is the computing shared")
def not_shared(compute, latency, size, bandwidth, largest):
    n = np.arange(1, largest + 1)
    times = compute + 2 * (n - 1) * latency + 2 * (n - 1) / n * size / bandwidth
    return np.argmin(times) + 1


@ex.wrong(says="each takes its latency")
def half_the_messages(compute, latency, size, bandwidth, largest):
    return best_count(compute, latency / 2, size, bandwidth, largest)


@ex.wrong(says="That is best without parts")
def without_parts(compute, latency, size, bandwidth, largest):
    n = np.arange(1, largest + 1)
    times = compute / n + 2 * (n - 1) * latency + (n - 1) * size / bandwidth
    return np.argmin(times) + 1


@ex.wrong(says="With how many processes?")
def the_time(compute, latency, size, bandwidth, largest):
    best = best_count(compute, latency, size, bandwidth, largest)
    return time(best, compute, latency, size, bandwidth)


@ex.wrong(says="begin with n = 1")
def from_two_on(compute, latency, size, bandwidth, largest):
    n = np.arange(2, largest + 1)
    return np.argmin(time(n, compute, latency, size, bandwidth)) + 2


@ex.wrong(says="The bytes count twice")
def sums_do_not_come_back(compute, latency, size, bandwidth, largest):
    return best_count(compute, latency, size / 2, bandwidth, largest)


@ex.wrong(says="Do the bytes count?")
def no_bytes(compute, latency, size, bandwidth, largest):
    return best_count(compute, latency, 0, bandwidth, largest)


@ex.wrong(says="`range` ends before its second number")
def one_too_few(compute, latency, size, bandwidth, largest):
    return best_count(compute, latency, size, bandwidth, largest - 1)


@ex.wrong(says="there are only 1,024 machines")
def by_the_formula_alone(compute, latency, size, bandwidth, largest):
    left = compute - 2 * size / bandwidth
    return max(1, round((max(left, 0) / (2 * latency)) ** 0.5))


@ex.wrong(says="Is a 16 fixed")
def sixteen(compute, latency, size, bandwidth, largest):
    return best_count(compute, latency, size, bandwidth, 16)


@ex.wrong(says="is a `return` missing?")
def printed(compute, latency, size, bandwidth, largest):
    print(best_count(compute, latency, size, bandwidth, largest))


@ex.right
def with_min(compute, latency, size, bandwidth, largest):
    def seconds(n):
        return (compute + 2 * (n - 1) * (n * latency + size / bandwidth)) / n

    return min(range(1, largest + 1), key=seconds)


@ex.right
def remembers_the_best(compute, latency, size, bandwidth, largest):
    best, shortest = 1, compute
    for n in range(2, largest + 1):
        step = compute / n + 2 * (n - 1) * (latency + size / n / bandwidth)
        if step < shortest:
            best, shortest = n, step
    return best


@ex.right
def by_the_formula(compute, latency, size, bandwidth, largest):
    left = compute - 2 * size / bandwidth
    best = int((max(left, 0) / (2 * latency)) ** 0.5)
    near = [min(max(n, 1), largest) for n in (best, best + 1)]
    return min(near, key=lambda n: time(n, compute, latency, size, bandwidth))
