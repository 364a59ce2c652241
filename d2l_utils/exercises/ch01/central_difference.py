import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "01.central_difference",
    hints=[
        "Use a point on each side of x: `x - h` and `x + h`.",
        "How far apart are `x - h` and `x + h`?",
    ],
    explanation="""The rise between the two points, divided by their distance. On a
        parabola what the two sides get wrong cancels, so even a large h is exact.""",
)


@ex.solution
def central_difference(f, x, h=1e-5):
    """Approximate the slope of f at x from a point on each side."""
    # BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    # END SOLUTION


@ex.check("the slope of x² at 3, with h = 0.001, is 6")
def _(answer):
    got = answer(lambda t: t**2, 3.0, 1e-3)
    expect(
        got,
        6,
        rtol=1e-9,
        mistakes=[
            (12, "Twice too much: `x - h` and `x + h` are 2h apart."),
            (-6, "Which of the two points comes first?"),
            (6e-6, "You multiplied by h. Rise *divided by* run."),
            (6.001, "That is the slope to one side. Use a point on each side of x."),
            (5.999, "That is the slope to one side. Use a point on each side of x."),
            (
                3.001**2 - 2.999**2 / 0.002,
                "Only the second value is divided: set the rise in parentheses.",
            ),
        ],
        tip="Two points, one on each side: rise divided by run.",
    )


@ex.check("for x³ - 6x at 1, with h = 0.5, -2.75 comes out")
def _(answer):
    got = answer(lambda t: t**3 - 6 * t, 1.0, 0.5)
    expect(
        got,
        -2.75,
        rtol=1e-9,
        mistakes=[
            (2.75, "The curve falls there: a slope has a sign. Keep it."),
            (-3, "The slope, but not from 0.5 and 1.5. Is h fixed in your code?"),
        ],
        tip="Take the f and the h that are given: the points are 0.5 and 1.5.",
    )


@ex.check("without an h it takes a small one: the slope of x³ at 1 is 3")
def _(answer):
    expect(answer(lambda t: t**3, 1.0), 3, rtol=1e-6, tip="Keep `h=1e-5`.")


@ex.wrong(says="2h apart")
def forgot_the_two(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / h


@ex.wrong(says="comes first")
def turned_round(f, x, h=1e-5):
    return (f(x - h) - f(x + h)) / (2 * h)


@ex.wrong(says="to one side")
def one_sided(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h


@ex.wrong(says="*divided by* run")
def multiplied(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2 * h


@ex.wrong(says="is a `return` missing?")
def no_return(f, x, h=1e-5):
    (f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="divided: set the rise")
def without_parentheses(f, x, h=1e-5):
    return f(x + h) - f(x - h) / (2 * h)


@ex.wrong(says="Is h fixed in your code?")
def own_step(f, x, h=1e-5):
    h = 1e-3
    return (f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="Keep it")
def size_only(f, x, h=1e-5):
    return abs(f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="the f and the h that are given")
def of_one_parabola(f, x, h=1e-5):
    return ((x + h) ** 2 - (x - h) ** 2) / (2 * h)


@ex.wrong(says="Keep `h=1e-5`")
def large_default(f, x, h=0.1):
    return (f(x + h) - f(x - h)) / (2 * h)


@ex.right
def mean_of_two_sides(f, x, h=1e-5):
    forward = (f(x + h) - f(x)) / h
    backward = (f(x) - f(x - h)) / h
    return (forward + backward) / 2


@ex.right
def as_array(f, x, h=1e-5):
    left, right = np.array([x - h, x + h])
    return np.diff([f(left), f(right)]) / np.diff([left, right])
