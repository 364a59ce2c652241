import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "12.momentum_correction",
    hints=[
        "Keras' w is -η times PyTorch's v. What must happen to w when η changes?",
        """Keep the rate of the last step. Before the new slope comes in, multiply w by
        the new rate and divide it by the old one.""",
        """Before the loop `old = rates[0]`; in the loop first `w = w * rate / old`,
        then the two lines that are there, then `old = rate`.""",
    ],
    explanation="""w is -η v. With the new rate it must be -η' v, so it is multiplied by
        η'/η: momentum correction. Where the rate does not change, the factor is 1.
        Or the velocity is kept without the rate, as in PyTorch; that walks the same
        way.""",
)


@ex.stub
def corrected_walk(x, grads, rates, beta=0.9):
    """Take a step of Momentum for each gradient and its rate; return the last point."""
    w = 0.0
    for g, rate in zip(grads, rates):
        w = beta * w - rate * g
        x = x + w
    return x


@ex.solution
def corrected_walk(x, grads, rates, beta=0.9):
    """Take a step of Momentum for each gradient and its rate; return the last point."""
    w, old = 0.0, rates[0]
    for g, rate in zip(grads, rates):
        w = beta * w * rate / old - rate * g
        x = x + w
        old = rate
    return x


@ex.check("from 0 with slopes of 1 and the rates 0.1, 0.1, 0.01, with beta = 0.5")
def _(answer):
    def after(walk):
        return walk(0.0, [1.0, 1.0, 1.0], [0.1, 0.1, 0.01], 0.5)

    expect(
        after(answer),
        -0.1 - 0.15 - 0.0175,
        mistakes=[
            (
                after(uncorrected),
                """In the third step w still has the old rate. Correct it before the
                new slope comes in.""",
            ),
            (
                after(corrects_the_slope_too),
                """The new slope is corrected as well. It comes in with the new rate
                already: correct only what w was before.""",
            ),
            (
                after(turned_around),
                "Turned around: w gets shorter when the rate falls. New by old.",
            ),
            (after(forgets), "The ball is stopped. It keeps its v, and goes on."),
            (-0.1 - 0.15, "The last step is missing."),
            (
                after(rate_twice),
                "The rate is in w already: it is multiplied twice.",
            ),
            (
                after(uphill),
                "Uphill: w goes against the slope.",
            ),
        ],
        tip="""PyTorch's v is 1, 1.5, 1.75. Its steps are these, times 0.1, 0.1 and
            0.01.""",
    )


@ex.check("the rate falls twice: 0.4, 0.2, 0.2, 0.1")
def _(answer):
    def after(walk):
        return walk(0.0, [1.0, 0.0, 0.0, 0.0], [0.4, 0.2, 0.2, 0.1], 0.5)

    expect(
        after(answer),
        -(0.4 + 0.1 + 0.05 + 0.0125),
        mistakes=[
            (
                after(by_the_first_rate),
                """Compared with the first rate each time, so that a change counts again
                and again. Compare with the rate of the step before.""",
            ),
        ],
        tip="Each step compares its rate with that of the step before.",
    )


@ex.check("sixty steps of an array with a warm-up, as PyTorch's")
def _(answer):
    rng = np.random.default_rng(0)
    grads = rng.normal(size=(60, 3))
    rates = [0.1 * min(1, (t + 1) / 20) * (1 - t / 60) for t in range(60)]
    x = rng.normal(size=3)
    got = answer(x.copy(), list(grads.copy()), list(rates))
    rule = d2l.Momentum([x], lr=0.1)
    for grad, rate in zip(grads, rates, strict=True):
        rule.lr = rate
        rule.step([grad])
    tip = "Right while rates fall. Here they rise first, and each step has its own."
    expect(got, x, tip=tip)


@ex.wrong(says="w still has the old rate")
def uncorrected(x, grads, rates, beta=0.9):
    w = 0.0
    for g, rate in zip(grads, rates, strict=True):
        w = beta * w - rate * g
        x = x + 1 * w
    return x


@ex.wrong(says="The new slope is corrected as well")
def corrects_the_slope_too(x, grads, rates, beta=0.9):
    w, old = 0.0, rates[0]
    for g, rate in zip(grads, rates, strict=True):
        w = (beta * w - rate * g) * rate / old
        x = x + w
        old = rate
    return x


@ex.wrong(says="New by old")
def turned_around(x, grads, rates, beta=0.9):
    w, old = 0.0, rates[0]
    for g, rate in zip(grads, rates, strict=True):
        w = beta * w * old / rate - rate * g
        x = x + w
        old = rate
    return x


@ex.wrong(says="w still has the old rate")
def corrected_afterwards(x, grads, rates, beta=0.9):
    w, old = 0.0, rates[0]
    for g, rate in zip(grads, rates, strict=True):
        x = x + w * beta - rate * g
        w = (w * beta - rate * g) * rate / old
        old = rate
    return x


@ex.wrong(says="The ball is stopped")
def forgets(x, grads, rates, beta=0.9):
    w, old = 0.0, rates[0]
    for g, rate in zip(grads, rates, strict=True):
        w = (beta * w if rate == old else 0.0) - rate * g
        x = x + w
        old = rate
    return x


@ex.wrong(says="multiplied twice")
def rate_twice(x, grads, rates, beta=0.9):
    w = 0.0
    for g, rate in zip(grads, rates, strict=True):
        w = beta * w - rate * g
        x = x + rate * w
    return x


@ex.wrong(says="Uphill")
def uphill(x, grads, rates, beta=0.9):
    v = 0.0
    for g, rate in zip(grads, rates, strict=True):
        v = beta * v + g
        x = x + rate * v
    return x


@ex.wrong(says="again and again")
def by_the_first_rate(x, grads, rates, beta=0.9):
    w = 0.0
    for g, rate in zip(grads, rates, strict=True):
        w = beta * w * rate / rates[0] - rate * g
        x = x + w
    return x


@ex.wrong(says="Here they rise first")
def only_when_it_falls(x, grads, rates, beta=0.9):
    w, old = 0.0, rates[0]
    for g, rate in zip(grads, rates, strict=True):
        w = beta * w * min(1, rate / old) - rate * g
        x = x + w
        old = rate
    return x


@ex.right
def as_pytorch_has_it(x, grads, rates, beta=0.9):
    v = 0.0
    for g, rate in zip(grads, rates, strict=True):
        v = beta * v + g
        x = x - rate * v
    return x


@ex.right
def corrects_only_if_it_changes(x, grads, rates, beta=0.9):
    w, old = 0.0, None
    for g, rate in zip(grads, rates, strict=True):
        if old is not None and rate != old:
            w = w * (rate / old)
        w = beta * w - rate * g
        x, old = x + w, rate
    return x


@ex.right
def by_our_class(x, grads, rates, beta=0.9):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Momentum([x], momentum=beta)
    for g, rate in zip(grads, rates, strict=True):
        rule.lr = rate
        rule.step([np.array(g)])
    return x
