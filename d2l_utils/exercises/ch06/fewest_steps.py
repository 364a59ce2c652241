import numpy as np

from ..exercise import Exercise
from ..expect import refuse

ex = Exercise(
    "06.fewest_steps",
    hints=[
        """Begin at `[0.5, 0.4]` and change one number at a time. Or let two loops try
        rates and β in steps of 0.02.""",
        "Section 4 has a formula for the best β. κ is 20 here: what is its root?",
        """The formula gives β = 0.403. The code below it takes the rate 4 / (1 + √κ)²
        for curvatures 1 and κ. Here they are 0.2 and 4: divide that rate by 0.2.""",
    ],
    explanation="""With κ = 20, theory gives β = (3.472 / 5.472)² = 0.4026 and the rate
        4 / 5.472² / 0.2 = 0.668: 26 steps. It makes the long run as fast as possible.
        From this very start others are still quicker: rate 0.63 and β = 0.44 take
        20.""",
)
ex.value(lr_and_beta=[0.668, 0.403])

_CURVATURES, _ENOUGH, _MOST = np.array([0.2, 4.0]), 32, 300


def _steps_needed(lr, beta):
    """After how many steps the walk stays within 0.001 of the goal."""
    x, v, last_far = np.array([-5.0, -2.0]), 0.0, 0
    for step in range(1, _MOST + 1):
        v = beta * v + _CURVATURES * x
        x = x - lr * v
        if not np.linalg.norm(x) < 1e-3:
            last_far = step
    return last_far + 1


def _rate_and_beta(answer):
    try:
        lr, beta = (float(number) for number in answer)
    except (TypeError, ValueError):
        refuse("Two numbers are wanted, as a list: `[lr, beta]`.", got=answer)
    return lr, beta


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


@ex.check("it stays within 0.001 of the goal after at most 32 steps")
def _(answer):
    lr, beta = _rate_and_beta(answer)
    steps = _steps_needed(lr, beta)
    if steps <= _ENOUGH:
        return
    # What the distance is multiplied by at each step, along and across.
    factors = [np.roots([1, -(1 + beta - lr * c), beta]) for c in _CURVATURES]
    along, across = (np.abs(roots).max() for roots in factors)
    if np.allclose([beta, lr], [0.668, 0.403], atol=0.01):
        message = "Turn them around: first the rate, then β."
    elif np.isclose(along, across):
        message = (
            "It swings in both directions for too long. More friction: a smaller β."
        )
    elif across > along:
        message = """The jumps across the valley die out too slowly. A smaller rate, or
            a little more memory."""
    else:
        message = """It creeps along the valley. A larger rate, or a little more
            memory."""
    refuse(
        message,
        expected="at most {enough} steps",
        got="{steps} steps" if steps <= _MOST else "more than {most} steps",
        enough=_ENOUGH,
        steps=steps,
        most=_MOST,
    )


ex.wrong([0.5, 0.4], says="It creeps along")
ex.wrong([0.4, 0.5], says="It creeps along")
ex.wrong([0.134, 0.403], says="It creeps along")
ex.wrong([0.1, 0.9], says="It swings in both directions")
ex.wrong([0.67, 0.38], says="The jumps across the valley die out")
ex.wrong([0.403, 0.668], says="first the rate, then β")
ex.wrong([0.95, 0.9], says="never end")
ex.wrong([0.668, 40.3], says="the part of v that is kept")
ex.wrong(0.668, says="Two numbers are wanted")
ex.right((0.63, 0.44))
ex.right([0.6, 0.4])
ex.right(np.array([0.58, 0.46], dtype=np.float32))
