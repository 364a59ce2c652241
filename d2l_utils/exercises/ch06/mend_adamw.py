import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "06.mend_adamw",
    hints=[
        "What goes into `rule.step` passes through m, s and the root. Must the decay?",
        """Shrink x itself, before the step: by the factor of the class `AdamW`,
        `1 - lr * weight_decay`.""",
        """`x *= ...` changes the array that the rule holds, in place. `x = x * ...`
        would make another one. Then `rule.step([grad])`.""",
    ],
    explanation="""The decay acts on x directly, so no root divides it away: every step
        shrinks each weight by the same part. It is done in place, since the rule holds
        this very array.""",
)


@ex.stub
def adamw_walk(x, grads, lr=1e-3, weight_decay=1e-2):
    """Take one step of AdamW for each of the gradients; return the last point."""
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad + weight_decay * x])
    return x


@ex.solution
def adamw_walk(x, grads, lr=1e-3, weight_decay=1e-2):
    """Take one step of AdamW for each of the gradients; return the last point."""
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 1 - lr * weight_decay
        rule.step([grad])
    return x


@ex.check("three steps on level ground, lr = 0.1, decay 0.5: each takes 5 percent of x")
def _(answer):
    def after_three(walk):
        return walk(np.array([2.0, -4.0]), [np.zeros(2)] * 3, 0.1, 0.5)

    x = np.array([2.0, -4.0])
    through_gradient = """The decay still goes through the gradient. Adam divides it by
        its root, and a step of length `lr` remains, whatever the decay is."""
    too_much = "Too much: the part that goes is `lr * weight_decay`."
    expect(
        after_three(answer),
        x * 0.95**3,
        mistakes=[
            (after_three(through_the_gradient), through_gradient),
            (after_three(times_rate_through_the_gradient), through_gradient),
            (
                after_three(decays_twice),
                """The decay acts twice: on x, and still through the gradient. Hand the
                bare gradient to `rule.step`.""",
            ),
            (x * 0.5**3, too_much),
            (x * 0.9**3, too_much),
            (
                x * 0.05**3,
                "Only that part stays. It should go: `1 - lr * weight_decay`.",
            ),
            (x * (1 - 0.1 * 0.01) ** 3, "Which decay? Hand `weight_decay` on."),
            (x * (1 - 0.1**0.5) ** 3, too_much),
            (x * (1 - 0.5 / 0.1) ** 3, too_much),
            (
                after_three(grows_through_the_gradient),
                """The decay goes through the gradient, now uphill. It must act on x
                itself.""",
            ),
            (x * 1.05**3, "That grows. The decay pulls toward 0."),
            (x * 0.95, "It shrinks once. Every step must shrink it."),
            (x * 0.85, "Each step takes 5 percent of what x is *now*."),
            (x, "Nothing shrinks. The decay must act on x itself."),
        ],
        tip="""At each step x loses the part `lr * weight_decay` of what it is then. On
            level ground nothing else happens.""",
    )


@ex.check("one step from (2, -4) with slopes of 100 and 1: shrink, then a step of 0.1")
def _(answer):
    x = np.array([2.0, -4.0])
    expect(
        answer(x.copy(), [np.array([100.0, 1.0])], 0.1, 0.5),
        x * 0.95 - 0.1,
        mistakes=[
            (
                x * 0.95,
                """The step of Adam is lost. Is `rule.step([grad])` still there? If so:
                `x = x * ...` makes a new array, and the rule still holds the old one.
                Change x in place.""",
            ),
            (
                x * 0.95 - 0.1 * np.array([100.0, 1.0]),
                "That is a step of SGD. Keep `d2l.Adam`.",
            ),
            ((x - 0.1) * 0.95, "Shrink first, then step. Here the step shrinks, too."),
        ],
        tip="First the decay, then a step of Adam with the bare gradient.",
    )


@ex.check("fifty steps, as by d2l.AdamW")
def _(answer):
    rng = np.random.default_rng(0)
    grads = rng.normal(size=(50, 2, 3))
    x = rng.normal(size=(2, 3))
    got = answer(x.copy(), list(grads.copy()), 0.05, 0.2)
    rule = d2l.AdamW([x], 0.05, weight_decay=0.2)
    for grad in grads:
        rule.step([grad])
    tip = """One rule for the whole walk: its m and s must live on. And no number may be
        fixed in your code."""
    expect(got, x, tip=tip)


@ex.check("the array x that it is given stays as it is")
def _(answer):
    x = np.array([2.0, -4.0])
    answer(x, [np.ones(2)], 0.1, 0.5)
    if not np.array_equal(x, [2, -4]):
        refuse(
            """Your function changed the array that it was given. `np.array(x)` in the
            first line made a copy: keep it."""
        )


@ex.wrong(says="still goes through the gradient")
def times_rate_through_the_gradient(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad + lr * weight_decay * x])
    return x


@ex.wrong(says="whatever the decay is")
def through_the_gradient(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        decay = weight_decay * x
        rule.step([grad + decay])
    return x


@ex.wrong(says="The decay acts twice")
def decays_twice(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 1 - lr * weight_decay
        rule.step([grad + weight_decay * x])
    return x


@ex.wrong(says="the part that goes is")
def decay_without_the_rate(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 1 - weight_decay
        rule.step([grad])
    return x


@ex.wrong(says="Only that part stays")
def keeps_the_part(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= lr * weight_decay
        rule.step([grad])
    return x


@ex.wrong(says="The decay pulls toward 0")
def grows(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 1 + lr * weight_decay
        rule.step([grad])
    return x


@ex.wrong(says="now uphill")
def grows_through_the_gradient(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad - weight_decay * x])
    return x


@ex.wrong(says="Hand `weight_decay` on")
def decay_not_handed_on(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.AdamW([x], lr)
    for grad in grads:
        rule.step([grad])
    return x


@ex.wrong(says="Keep `d2l.Adam`")
def with_sgd(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.SGD([x], lr)
    for grad in grads:
        x *= 1 - lr * weight_decay
        rule.step([grad])
    return x


@ex.wrong(says="no number may be fixed in your code")
def five_percent(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x *= 0.95
        rule.step([grad])
    return x


@ex.wrong(says="changed the array that it was given")
def without_a_copy(x, grads, lr=1e-3, weight_decay=1e-2):
    rule = d2l.AdamW([x], lr, weight_decay=weight_decay)
    for grad in grads:
        rule.step([grad])
    return x


@ex.wrong(says="Every step must shrink it")
def decays_once(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64) * (1 - lr * weight_decay)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad])
    return x


@ex.wrong(says="Nothing shrinks")
def plain_adam(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad])
    return x


@ex.wrong(says="still holds the old one")
def another_array(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x = x * (1 - lr * weight_decay)
        rule.step([grad])
    return x


@ex.wrong(says="Shrink first")
def decays_after_the_step(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        rule.step([grad])
        x *= 1 - lr * weight_decay
    return x


@ex.wrong(says="must live on")
def a_rule_for_each_step(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    for grad in grads:
        x *= 1 - lr * weight_decay
        rule = d2l.Adam([x], lr)
        rule.step([grad])
    return x


@ex.right
def subtracts_a_part_of_the_old_x(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        old = x.copy()
        rule.step([grad])
        x -= lr * weight_decay * old
    return x


@ex.right
def by_our_class(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.AdamW([x], lr, weight_decay=weight_decay)
    for grad in grads:
        rule.step([grad])
    return x


@ex.right
def with_adamw_of_torch(x, grads, lr=1e-3, weight_decay=1e-2):
    import torch

    x = torch.tensor(x)
    rule = torch.optim.AdamW([x], lr, weight_decay=weight_decay)
    for grad in grads:
        x.grad = torch.from_numpy(grad)
        rule.step()
    return x


@ex.right
def with_a_new_array_for_the_rule(x, grads, lr=1e-3, weight_decay=1e-2):
    x = np.array(x, dtype=np.float64)
    rule = d2l.Adam([x], lr)
    for grad in grads:
        x = x * (1 - lr * weight_decay)
        rule.params = [x]
        rule.step([grad])
    return x
