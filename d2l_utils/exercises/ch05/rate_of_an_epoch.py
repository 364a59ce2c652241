import lazy_loader
import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "05.rate_of_an_epoch",
    hints=[
        """Look at figure 5.8: with 0.02 the walk falls fast, with a tenth of it the end
        is calmer. Which epochs should have which?""",
        """`0.02 / (1 + epoch / 4)` ends at 0.0035, which still trembles too much here.
        Start alike and end lower.""",
        """In a straight line to almost 0: `0.02 * (1 - epoch / 20)`. Or times the same
        factor in each epoch: `0.02 * 0.85**epoch`.""",
    ],
    explanation="""Large steps to get there, small ones to stay. The rate falls in a
        straight line from 0.02 to a twentieth of it. Many other ways down do as well;
        halving it in each epoch does not, since the sum of all steps is too short.""",
    seconds=20,  # Thousands of steps, perhaps on a busy machine.
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
                """In epoch {epoch} your rate is something divided by 0. Epochs are
                counted from 0.""",
                epoch=epoch,
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
    steps = np.repeat(rates, 142)[:, None]
    left = np.cumprod((1 - steps * curvatures) ** 2, axis=0)[-142:].mean(axis=0)
    return start @ curvatures / 2, np.mean(end), start * left @ curvatures / 2


@ex.check("every epoch has a rate, and none is below 0")
def _(answer):
    for epoch, rate in enumerate(rates_of(answer)):
        if not np.isfinite(rate):
            refuse(
                "That is no finite number.",
                got="{rate} in epoch {epoch}",
                rate=rate,
                epoch=epoch,
            )
        if rate < -1e-12:
            refuse(
                "With a rate below 0 the walk goes uphill. Let it end before 0.",
                got="{rate:.4g} in epoch {epoch}",
                rate=rate,
                epoch=epoch,
            )


@ex.check("twenty epochs, one wine at a time: the last is low")
def _(answer):
    rates = rates_of(answer)
    start, end, without_noise = heights(rates)
    if end < GOAL:
        return
    noise = end - without_noise
    if not end < 1.01 * start:
        message = """The walk runs away: steps that follow a single wine must be
            shorter. The lesson took 0.01 and 0.02."""
    elif without_noise >= GOAL and noise >= GOAL:
        message = """It has not arrived, and it trembles: with steps of these lengths
            and no noise at all, {left:.2g} would be left, and the noise adds
            {noise:.2g}. Larger rates at first, smaller ones at the end."""
    elif without_noise >= GOAL and np.all(rates[1:] < 0.75 * rates[:-1]):
        message = """It has not arrived: with steps of these lengths and no noise at
            all, {left:.2g} would be left. Larger rates, or large for longer. Yours
            shrink so fast that all later steps together are too short."""
    elif without_noise >= GOAL:
        message = """It has not arrived: with steps of these lengths and no noise at
            all, {left:.2g} would be left. Larger rates at first, or large for
            longer."""
    elif rates[-1] > rates[0]:
        message = """It trembles. Your last rate is larger than your first. Where should
            the steps be longer, far from the minimum or near it?"""
    elif without_noise > GOAL / 2:
        message = """It has only just arrived, and it trembles: with steps of these
            lengths and no noise at all, {left:.2g} would be left, and the noise adds
            {noise:.2g}. Larger rates at first, smaller ones at the end."""
    elif np.allclose(rates, rates[0]):
        message = """It has arrived, and trembles: at a constant rate the walk does not
            come to rest. Let the rate shrink."""
    else:
        message = """It has arrived, but still trembles from the larger rates. Let them
            end lower, or be low for longer."""
    refuse(
        message,
        expected="below {goal} above the lowest loss",
        got="{end:.2g}" if np.isfinite(end) else "no finite number any more",
        left=without_noise,
        noise=noise,
        goal=GOAL,
        end=end,
    )


@ex.wrong(says="at a constant rate the walk does not come to rest")
def constant(epoch):
    return 0.02


@ex.wrong(says="It has not arrived")
def constant_and_small(epoch):
    return 0.002


@ex.wrong(says="It has only just arrived, and it trembles")
def constant_and_just_large_enough(epoch):
    return 0.0035


@ex.wrong(says="at a constant rate the walk does not come to rest")
def constant_and_middling(epoch):
    return 0.005


@ex.wrong(says="It has not arrived, and it trembles")
def late(epoch):
    return 0.0 if epoch < 17 else 0.008


@ex.wrong(says="Give the rate as a number by itself")
def all_rates_at_once(epoch):
    return [0.02 * (1 - k / 20) for k in range(20)]


@ex.wrong(says="is a `return` missing?")
def printed(epoch):
    print(0.02 * (1 - epoch / 20))


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
