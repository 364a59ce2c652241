import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "09.temperature",
    hints=[
        "For one temperature T: `d2l.cross_entropy(scores / T, labels).mean()`.",
        """One number is to be found. A list of temperatures, near enough to each other,
        and `np.argmin` of their losses will do.""",
        "T may lie below 1, too: from 0.05 to 20, in steps of half a percent.",
    ],
    explanation="""Divided by T > 1 all scores come closer to each other, so the softmax
        is less sure; the order of the scores, and with it every answer, stays the same.
        One number, chosen on validation pictures, mends most of the overconfidence of a
        network. Guo and others found that it does so for large ones, too.""",
)


@ex.solution
def temperature(scores, labels):
    """Give the T for which softmax(scores / T) has the lowest mean cross entropy.

    scores is an array with a row for each validation picture and a column for each
    class, labels the right classes. T lies between 0.05 and 20, found to 1%.
    """
    # BEGIN SOLUTION
    temperatures = np.exp(np.linspace(np.log(0.05), np.log(20), 1201))
    losses = [d2l.cross_entropy(scores / T, labels).mean() for T in temperatures]
    return temperatures[np.argmin(losses)]
    # END SOLUTION


def _pictures(T, seed, count=400):
    """Scores that are T times too large for the labels that go with them."""
    rng = np.random.default_rng(seed)
    scores = 2 * rng.normal(size=(count, 5))
    p = d2l.softmax(scores)
    labels = (p.cumsum(axis=1) < rng.uniform(size=(count, 1))).sum(axis=1)
    return T * scores, labels


@ex.right
def by_descent(scores, labels):
    # On b = 1 / T: the slope of the loss is the mean of E[s] - s of the right class.
    right = scores[np.arange(len(labels)), labels]
    b = 0.0
    for _ in range(50):
        p = d2l.softmax(b * scores)
        mean = (p * scores).sum(axis=1)
        bend = np.mean((p * scores**2).sum(axis=1) - mean**2)
        b += np.mean(right - mean) / bend
    return 1 / b


INVERSE = "That is 1 / T: the scores are *divided* by the temperature."


@ex.check("a network that is too sure")
def _(answer):
    scores, labels = _pictures(2.5, seed=0)
    best = by_descent(scores, labels)
    lowest = d2l.cross_entropy(scores / best, labels).mean()
    expect(
        answer(scores.copy(), labels.copy()),
        best,
        rtol=0.012,
        mistakes=[
            (1 / best, INVERSE),
            (lowest, "That is the lowest loss. At which temperature is it reached?"),
            (1, "T = 1 leaves everything as it is."),
            (20, "The highest temperature: is it the loss that is made small?"),
            (0.05, "The lowest temperature: is it the loss that is made small?"),
        ],
        tip="At T = {best:.3f} the mean cross entropy of scores / T is lowest.",
        best=best,
    )


@ex.check("a network that is not sure enough")
def _(answer):
    scores, labels = _pictures(0.3, seed=1)
    best = by_descent(scores, labels)
    expect(
        answer(scores, labels),
        best,
        rtol=0.012,
        mistakes=[
            (1, "This network is too *un*sure: here T lies below 1."),
            (1 / best, INVERSE),
        ],
        tip="At T = {best:.3f} the mean cross entropy of scores / T is lowest.",
        best=best,
    )


@ex.check("to one percent")
def _(answer):
    for factor in (1.05, 3.3, 7.7):
        scores, labels = _pictures(factor, seed=2)
        best = by_descent(scores, labels)
        expect(
            answer(scores, labels),
            best,
            rtol=0.012,
            tip="Your temperatures are too far from each other: {best:.3f} is best.",
            best=best,
        )


@ex.check("the scores stay as they are")
def _(answer):
    scores, labels = _pictures(1.5, seed=3)
    before = scores.copy()
    answer(scores, labels)
    if not np.array_equal(scores, before):
        refuse("Your code changed the scores that it was given: divide into new ones.")


@ex.wrong(says="leaves everything as it is")
def none(scores, labels):
    return 1.0


@ex.wrong(says="the scores are *divided*")
def inverse(scores, labels):
    return 1 / temperature(scores, labels)


@ex.wrong(says="At which temperature is it reached?")
def the_loss(scores, labels):
    best = temperature(scores, labels)
    return d2l.cross_entropy(scores / best, labels).mean()


@ex.wrong(says="is it the loss that is made small?")
def largest_loss(scores, labels):
    temperatures = np.exp(np.linspace(np.log(0.05), np.log(20), 301))
    losses = [d2l.cross_entropy(scores / T, labels).mean() for T in temperatures]
    return temperatures[np.argmax(losses)]


@ex.wrong(says="here T lies below 1")
def from_one_on(scores, labels):
    return max(1.0, temperature(scores, labels))


@ex.wrong(says="too far from each other")
def coarse(scores, labels):
    best = temperature(scores, labels)
    return best if best < 0.5 or 2 < best < 3 else float(round(best))


@ex.wrong(says="the mean cross entropy of scores / T is lowest")
def by_the_confidence(scores, labels):
    return 2 * temperature(scores, labels)


@ex.wrong(says="divide into new ones")
def in_place(scores, labels):
    best = temperature(scores, labels)
    scores /= best
    return best


@ex.wrong(says="is a `return` missing?")
def printed(scores, labels):
    print(temperature(scores, labels))


@ex.right
def in_two_sweeps(scores, labels):
    def loss(T):
        return d2l.cross_entropy(scores / T, labels).mean()

    low, high = np.log(0.05), np.log(20)
    for _ in range(60):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if loss(np.exp(a)) < loss(np.exp(b)):
            high = b
        else:
            low = a
    return np.exp(low)
