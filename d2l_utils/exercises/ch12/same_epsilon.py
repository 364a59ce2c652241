import math

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "12.same_epsilon",
    hints=[
        "Section 3 brings Keras' rule into the form of PyTorch's. What is its ε there?",
        "Divide `eps` by the root of the correction, `1 - beta2**t`.",
    ],
    explanation="""Keras divides by √s + ε. With √s = √ŝ · √(1 - β₂^t) this is
        √(1 - β₂^t) times √ŝ + ε / √(1 - β₂^t), and the first factor is in Keras' rate.
        So the ε is larger at first, and `eps` itself in the end.""",
)


@ex.solution
def same_epsilon(eps, t, beta2=0.999):
    """Give PyTorch's epsilon for step t (from 1) that acts as eps does in Keras."""
    # BEGIN SOLUTION
    return eps / (1 - beta2**t) ** 0.5
    # END SOLUTION


@ex.check("eps = 0.1 at the first step, with beta2 = 0.99: ten times as large")
def _(answer):
    power = "The correction of s is `1 - beta2**t`, not `beta2**t`."
    expect(
        answer(0.1, 1, 0.99),
        1,
        mistakes=[
            (0.01, "Turned around: Keras' ε is the one that counts for more."),
            (10, "The root is missing: ε stands beside √s, and s is corrected."),
            (0.001, "Divide, and by the root of the correction."),
            (0.1, "As if they were the same. At the first step s is far too small."),
            (0.1 / 0.01**0.25, "One root too many."),
            (0.1 * 0.99**0.5, power),
            (0.1 / 0.99**0.5, power),
            (0.1 / 0.1**0.5, "β₁ belongs to m. ε stands beside √s."),
        ],
        tip="At step 1 the correction 1 - β₂^t is 0.01. What is its root?",
    )


@ex.check("at step 2, with beta2 = 0.6")
def _(answer):
    expect(
        answer(0.8, 2, 0.6),
        1,
        mistakes=[
            (0.8 / 0.4**0.5, "t is lost: at step 2 the correction is `1 - beta2**2`."),
            (0.8 / abs(1 - 1.2) ** 0.5, "β₂ to the *power* t: `beta2**t`."),
            (0.8 / (1 - 0.6**3) ** 0.5, "t counts from 1 already."),
        ],
        tip="1 - 0.6² is 0.64.",
    )


@ex.check("at step 10,000, with the usual beta2: the same as in Keras")
def _(answer):
    expect(
        answer(0.5, 10_000),
        0.5,
        tip="In the end both are the same. Is a number fixed in your code?",
    )


@ex.wrong(says="Turned around")
def times_the_root(eps, t, beta2=0.999):
    return eps * (1 - beta2**t) ** 0.5


@ex.wrong(says="The root is missing")
def no_root(eps, t, beta2=0.999):
    return eps / (1 - beta2**t)


@ex.wrong(says="Divide, and by the root")
def times_the_correction(eps, t, beta2=0.999):
    return eps * (1 - beta2**t)


@ex.wrong(says="As if they were the same")
def unchanged(eps, t, beta2=0.999):
    return eps


@ex.wrong(says="not `beta2**t`")
def by_the_power(eps, t, beta2=0.999):
    return eps / (beta2**t) ** 0.5


@ex.wrong(says="t is lost")
def without_t(eps, t, beta2=0.999):
    return eps / (1 - beta2) ** 0.5


@ex.wrong(says="to the *power* t")
def times_t(eps, t, beta2=0.999):
    return eps / abs(1 - beta2 * t) ** 0.5


@ex.wrong(says="Is a number fixed in your code?")
def one_number_fixed(eps, t, beta2=0.999):
    return eps / (1 - min(beta2, 0.99) ** min(t, 2)) ** 0.5


@ex.wrong(says="Is a number fixed in your code?")
def shrinks_too_far(eps, t, beta2=0.999):
    return eps / (1 - beta2**t) ** 0.5 if t < 100 else 0.0


@ex.right
def with_math(eps, t, beta2=0.999):
    return eps / math.sqrt(1 - math.pow(beta2, t))


@ex.right
def by_the_two_means(eps, t, beta2=0.999):
    s = 0.0
    for _ in range(t):
        s = beta2 * s + (1 - beta2)
    return eps / s**0.5
