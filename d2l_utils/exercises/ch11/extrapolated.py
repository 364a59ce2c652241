import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "11.extrapolated",
    hints=[
        """The forward difference with h is off by c h, with h / 2 by c h / 2. What is
        twice the second minus the first?""",
        "Write the two differences first, then `2 * half - whole`.",
    ],
    explanation="""Twice the second has two slopes and the error c h; minus the first
        leaves one slope and no c h. The next term, in h², stays. (Written out it is
        (-3 f(x) + 4 f(x + h/2) - f(x + h)) / h: a formula for slopes at the end of a
        table.)""",
)


@ex.solution
def extrapolated(f, x, h):
    """Combine the forward differences with h and h / 2: an error in h squared."""
    # BEGIN SOLUTION
    whole = (f(x + h) - f(x)) / h
    half = (f(x + h / 2) - f(x)) / (h / 2)
    return 2 * half - whole
    # END SOLUTION


def forward(f, x, h):
    """The plain forward difference."""
    return (f(x + h) - f(x)) / h


def square(x):
    """A parabola: the extrapolated difference is exact for it."""
    return x**2


@ex.check("on x² it is exact: 6 at x = 3, even with h = 0.5")
def _(answer):
    got = answer(square, 3.0, 0.5)
    whole, half = forward(square, 3.0, 0.5), forward(square, 3.0, 0.25)
    expect(
        got,
        6.0,
        mistakes=[
            (whole, "That is the forward difference with h. Combine it with h / 2."),
            (half, "That is the forward difference with h / 2. Combine the two."),
            (
                (4 * half - whole) / 3,
                "4 and 1 over 3 is for errors in h², as in section 4. Here they are "
                "in h.",
            ),
            ((whole + half) / 2, "The mean of the two still has an error in h."),
            (2 * whole - half, "The other way around: twice the better one."),
            (
                half - whole,
                """Twice the better one minus the other; and the second difference is
                divided by its own step, h / 2.""",
            ),
        ],
        tip="With h = 0.5 the two differences are 6.5 and 6.25.",
    )


@ex.check("on e^x the error falls as h²")
def _(answer):
    errors = [abs(float(answer(np.exp, 0.0, h)) - 1) for h in (0.1, 0.01)]
    if not 50 < errors[0] / max(errors[1], 1e-300) < 200:
        refuse(
            """A tenth of h should make the error a hundredth: it went from
            {large:.1e} to {small:.1e}.""",
            large=errors[0],
            small=errors[1],
        )


@ex.check("f is called to the right of x only")
def _(answer):
    places = []

    def noted(x):
        places.append(float(x))
        return x**2

    answer(noted, 1.0, 0.5)
    if min(places, default=1.0) < 1.0:
        refuse(
            "The central difference is another formula: f may not be known there.",
            got=min(places),
        )


@ex.wrong(says="Combine it with h / 2")
def plain(f, x, h):
    return (f(x + h) - f(x)) / h


@ex.wrong(says="Combine the two")
def only_half(f, x, h):
    return (f(x + h / 2) - f(x)) / (h / 2)


@ex.wrong(says="Here they are in h")
def as_in_section_4(f, x, h):
    return (4 * forward(f, x, h / 2) - forward(f, x, h)) / 3


@ex.wrong(says="still has an error in h")
def mean_of_two(f, x, h):
    return (forward(f, x, h / 2) + forward(f, x, h)) / 2


@ex.wrong(says="twice the better one")
def exchanged(f, x, h):
    return 2 * forward(f, x, h) - forward(f, x, h / 2)


@ex.wrong(says="divided by its own step")
def wrong_step(f, x, h):
    return 2 * (f(x + h / 2) - f(x)) / h - forward(f, x, h)


@ex.wrong(says="minus the other")
def without_the_two(f, x, h):
    return forward(f, x, h / 2) - forward(f, x, h)


@ex.wrong(says="should make the error a hundredth")
def two_levels(f, x, h):
    first = 2 * forward(f, x, h / 2) - forward(f, x, h)
    second = 2 * forward(f, x, h / 4) - forward(f, x, h / 2)
    return (4 * second - first) / 3


@ex.wrong(says="The central difference is another formula")
def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


@ex.right
def in_one_line(f, x, h):
    return (-3 * f(x) + 4 * f(x + h / 2) - f(x + h)) / h
