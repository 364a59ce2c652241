import numpy as np

from ..exercise import Exercise, Refusal, fill
from ..expect import refuse

ex = Exercise(
    "06.fewest_steps",
    hints=[
        "Section 3 has a formula for the best β. κ is 20 here: what is its root?",
        """The formula gives β = 0.403. The code below it takes the rate 4 / (1 + √κ)²
        for curvatures 1 and κ. Here they are 0.2 and 4: divide that rate by 0.2.""",
        """This pair takes 26 steps. It is the best in the long run, from any start; but
        for a thousandth of the way, from this one, others are quicker. Try a little
        more β, a little less rate. Or let two loops try pairs around it in steps of
        0.01, with `steps_needed`.""",
    ],
    explanation="""With κ = 20, theory gives β = (3.472 / 5.472)² = 0.4026 and the rate
        4 / 5.472² / 0.2 = 0.668: 26 steps. It makes the long run as fast as possible,
        from any start. From this very start, and for a thousandth of the way, others
        near it are still quicker: rate 0.63 and β = 0.44 take 20.""",
)
ex.value(lr_and_beta=[0.63, 0.44])

# Theory's pair takes 26 steps, the best pair in a figure of the lesson 24.
_CURVATURES, _ENOUGH, _MOST = np.array([0.2, 4.0]), 22, 300


def _steps_needed(lr, beta):
    """After how many steps the walk stays within 0.001 of the goal; also for many."""
    lr, beta = np.broadcast_arrays(lr, beta)
    x, v = np.tile([-5.0, -2.0], (*lr.shape, 1)), 0.0
    last_far = np.zeros(lr.shape, dtype=int)
    for step in range(1, _MOST + 1):
        v = beta[..., None] * v + _CURVATURES * x
        x = x - lr[..., None] * v
        last_far[~(np.linalg.norm(x, axis=-1) < 1e-3)] = step
    return last_far + 1


def _rate_and_beta(answer):
    form = "Two numbers are wanted, as a list: `[lr, beta]`."
    try:
        given = [getattr(number, "item", lambda x=number: x)() for number in answer]
    except (TypeError, ValueError, RuntimeError):
        given = []
    numbers = [x for x in given if isinstance(x, int | float) and np.isfinite(x)]
    if len(given) != 2 or len(numbers) != 2 or isinstance(answer, set | dict):
        refuse(form, got=answer)
    return numbers


def _way_on(lr, beta):
    """Which change saves the most steps: of one of the two numbers, or else of both."""
    change = np.arange(1, 100) / 100
    ways = {
        "more rate": (lr + change, beta),
        "less rate": (lr - change, beta),
        "more beta": (lr, beta + change),
        "less beta": (lr, beta - change),
        "both": (lr + change[1::2, None], beta - change[1::2]),
    }
    fewest = {}
    for way, (rates, betas) in ways.items():
        pairs = np.broadcast_arrays(rates, betas)
        rates, betas = (x[(pairs[0] > 0) & (pairs[1] >= 0)] for x in pairs)
        converging = rates < 2 * (1 + betas) / 4
        steps = _steps_needed(rates[converging], betas[converging])
        fewest[way] = min(steps, default=_MOST + 1)
    alone = min(list(ways)[:4], key=fewest.__getitem__)
    return alone if fewest[alone] < _steps_needed(lr, beta) else "both"


@ex.check("the walk arrives")
def _(answer):
    lr, beta = _rate_and_beta(answer)
    if not 0 <= beta < 1:
        message = "β, the second, is the part of v that is kept: 0 or more, below 1."
        refuse(message, got=beta)
    if not lr > 0:
        refuse("The rate, the first, must be above 0: 0 stands still.", got=lr)
    limit = 2 * (1 + beta) / 4
    if not lr < limit:
        refuse(
            "Too fast: with β = {beta:.4g} the jumps across the valley never end.",
            expected="a rate below 2(1 + β) / 4 = {limit:.4g}",
            got="{lr:.6g}",
            beta=beta,
            limit=limit,
            lr=lr,
        )


@ex.check("it stays within 0.001 of the goal after at most 22 steps")
def _(answer):
    lr, beta = _rate_and_beta(answer)
    steps = _steps_needed(lr, beta)
    if steps <= _ENOUGH:
        return
    # What the distance is multiplied by at each step, along and across.
    factors = [np.roots([1, -(1 + beta - lr * c), beta]) for c in _CURVATURES]
    along, across = (np.abs(roots).max() for roots in factors)
    if np.allclose([beta, lr], [0.63, 0.44], atol=0.04):
        message = "Turn them around: first the rate, then β."
        refuse(message, got="[{lr}, {beta}]", lr=lr, beta=beta)
    elif np.allclose([lr, beta], [0.668, 0.403], atol=0.003):
        message = """That is the pair of theory, the best in the long run, from any
            start. From this start there are quicker ones near it."""
    elif np.isclose(along, across, rtol=1e-2):
        message = "Along the valley and across it, the swings die out equally fast."
    elif across > along:
        message = "The jumps across the valley die out too slowly."
    else:
        message = "It creeps along the valley."
    ways = {
        "more rate": "With this β, a larger rate takes fewer steps.",
        "less rate": "With this β, a smaller rate takes fewer steps.",
        "more beta": "With this rate, a larger β takes fewer steps.",
        "less beta": "With this rate, a smaller β takes fewer steps.",
        "both": "A larger rate and a smaller β, together, take fewer steps.",
    }
    raise Refusal(
        fill(message),
        fill(ways[_way_on(lr, beta)]),
        expected=fill("at most {enough} steps", enough=_ENOUGH),
        got=fill("{steps} steps", steps=steps)
        if steps <= _MOST
        else fill("more than {most} steps", most=_MOST),
    )


# What the lesson prints: in figure 6.2, in this exercise, by the formula of section 3.
ex.wrong([0.4, 0.5], says="a larger rate takes fewer steps")
ex.wrong([0.6, 0.5], says="a smaller β takes fewer steps")
ex.wrong([0.7, 0.5], says="a smaller rate takes fewer steps")
ex.wrong([0.5, 0.49], says="A larger rate and a smaller β, together")
ex.wrong([0.5, 0.4], says="It creeps along the valley. With this rate, a larger β")
ex.wrong([0.1, 0.9], says="a smaller β takes fewer steps")
ex.wrong([0.668, 0.403], says="the pair of theory")
ex.wrong([0.134, 0.403], says="It creeps along")
ex.wrong([0.67, 0.38], says="The jumps across the valley die out too slowly")
ex.wrong([0.44, 0.63], says="first the rate, then β")
ex.wrong([0.95, 0.9], says="never end")
ex.wrong([0.668, 40.3], says="the part of v that is kept")
ex.wrong([0, 0.44], says="0 stands still")
ex.wrong(0.668, says="Two numbers are wanted")
ex.wrong(["0.63", "0.44"], {0.63, 0.44}, says="Two numbers are wanted")
ex.right((0.6, 0.45))
ex.right(np.array([0.58, 0.46], dtype=np.float32))
