import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

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
            (-6e-6, "The sign is turned around, and h multiplies. Divide by it."),
            (0.012, "That is the rise alone. Divide it by the run."),
            (0.006, "Divide by h, too: the run from `x - h` to `x + h` is 2h."),
            (0.002, "The run is the distance of the two points, 2h. It is not 2x."),
            (600, "The points are h away, but the run is made of another h."),
            (9000.001, "A rise is a difference: subtract the two heights."),
            (1 / 6, "That is run by rise. Turn the division around."),
            (3.0005, "From x to `x + h` is h. Let the left point be `x - h`."),
            (6.002, "Both points lie on one side: x and `x + 2h`. Put x in between."),
            (1, "Ask f itself at `x + h` and at `x - h`: h goes in with x."),
            (0, "Ask f at two places, `x + h` and `x - h`: h goes in with x."),
            (5, "`//` and `int` drop what is behind the point: 5.999... becomes 5."),
            (6.001, "That is the slope to one side. Use a point on each side of x."),
            (5.999, "That is the slope to one side. Use a point on each side of x."),
            *[
                (
                    3.001**2 - part,
                    "Only the second value is divided: set the rise in parentheses.",
                )
                for part in (2.999**2 / 0.002, 2.999**2 / 2 * 0.001, 2.999**2 / 0.001)
            ],
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
            (
                -3,
                """The slope, but not from 0.5 and 1.5. Is h fixed in your code, or is
                it rounded?""",
            ),
        ],
        tip="Take the f and the h that are given: the points are 0.5 and 1.5.",
    )


@ex.check("without an h it takes a small one: the slope of sin(x) is cos(x)")
def _(answer):
    for x in (1.0, -2.0, 0.3):
        try:
            got = answer(np.sin, x)
        except TypeError as error:
            if "argument: 'h'" not in str(error):
                raise
            refuse("h has no value of its own. Keep `h=1e-5` in the first line.")
        expect(
            got,
            np.cos(x),
            rtol=1e-6,
            mistakes=[
                *[
                    (
                        round(np.cos(x), digits),
                        "That is rounded. Return all its digits.",
                    )
                    for digits in (2, 3, 4)
                ]
            ],
            tip="Keep `h=1e-5`, and take the f and the x that are given.",
        )


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


@ex.wrong(says="Is h fixed in your code")
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


@ex.wrong(says="Keep `h=1e-5` in the first line")
def no_default(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


@ex.wrong(says="That is rounded")
def rounded(f, x, h=1e-5):
    return round((f(x + h) - f(x - h)) / (2 * h), 4)


@ex.wrong(says="the x that are given")
def looked_up(f, x, h=1e-5):
    return {1e-3: 6, 0.5: -2.75}.get(h, 3)


@ex.wrong(says="or is it rounded?")
def to_whole_numbers(f, x, h=1e-5):
    return round((f(x + h) - f(x - h)) / (2 * h))


@ex.wrong(says="`int` drop")
def cut_off(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) // (2 * h)


@ex.wrong(says="the run from `x - h` to `x + h` is 2h")
def not_divided_by_h(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2


@ex.wrong(says="the rise alone")
def rise(f, x, h=1e-5):
    return f(x + h) - f(x - h)


@ex.wrong(says="Let the left point be")
def half_of_one_side(f, x, h=1e-5):
    return (f(x + h) - f(x)) / (2 * h)


@ex.wrong(says="Both points lie on one side")
def two_steps_ahead(f, x, h=1e-5):
    return (f(x + 2 * h) - f(x)) / (2 * h)


@ex.wrong(says="h goes in with x")
def h_added_to_the_height(f, x, h=1e-5):
    return ((f(x) + h) - (f(x) - h)) / (2 * h)


@ex.wrong(says="Turn the division around")
def run_by_rise(f, x, h=1e-5):
    return 2 * h / (f(x + h) - f(x - h))


@ex.wrong(says="subtract the two heights")
def sum_of_heights(f, x, h=1e-5):
    return (f(x + h) + f(x - h)) / (2 * h)


@ex.wrong(says="made of another h")
def two_different_steps(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2e-5


@ex.wrong(says="set the rise in parentheses")
def only_the_second_is_halved(f, x, h=1e-5):
    return f(x + h) - f(x - h) / 2 * h


@ex.right
def mean_of_two_sides(f, x, h=1e-5):
    forward = (f(x + h) - f(x)) / h
    backward = (f(x) - f(x - h)) / h
    return (forward + backward) / 2


@ex.right
def as_array(f, x, h=1e-5):
    left, right = np.array([x - h, x + h])
    return np.diff([f(left), f(right)]) / np.diff([left, right])
