import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse, show_error

ex = Exercise(
    "02.slope_towards",
    hints=[
        "The slope in a direction u is the dot product of the gradient and u, if u is "
        "1 long.",
        "Divide the arrow by its length, `np.linalg.norm(arrow)`. Then take the dot "
        "product with `@`.",
    ],
    explanation="""The slope says how much height one unit of length gains, so the arrow
        is first made 1 long. The dot product then adds up what each entry brings:
        gradient @ arrow / np.linalg.norm(arrow).""",
)


@ex.solution
def slope_towards(gradient, arrow):
    """Compute the slope in the direction of an arrow, from the gradient there.

    gradient and arrow are arrays with equally many entries. The arrow only shows the
    way: it may have any length but 0, and its length must not matter.
    """
    # BEGIN SOLUTION
    return gradient @ (arrow / np.linalg.norm(arrow))
    # END SOLUTION


@ex.check("for the gradient (6, 8), towards (0.6, 0.8), which is 1 long, it is 10")
def _(answer):
    try:
        got = answer(np.array([6.0, 8.0]), np.array([0.6, 0.8]))
    except ValueError as error:
        if "matmul" not in str(error):
            raise
        refuse("`@` wants two arrays with equally many entries.", got=show_error(error))
    expect(
        got,
        10,
        mistakes=[
            (1, "That is the cosine of the angle: the length of the gradient counts."),
            ([3.6, 6.4], "Those are the two shares. The slope is their sum."),
            ([6, 8], "That is the gradient. In one direction there is one slope."),
            (-10, "Towards the arrow it goes up: no minus."),
            (5, "That is the mean of the shares. The slope is their sum."),
            (14, "The slopes count in proportion to the arrow: multiply, then add up."),
        ],
        tip="Multiply entry by entry, and add up: the dot product.",
    )


@ex.check("towards (1, 0), (0, -2) and (-4, 3) it is 6, -8 and 0")
def _(answer):
    g = np.array([6.0, 8.0])
    expect(
        answer(g, np.array([1.0, 0.0])),
        6,
        mistakes=[(10, "That is the length of the gradient, the steepest slope.")],
        tip="Along x0 alone the slope is the first entry.",
    )
    longer = "The arrow is longer than 1: divide it by its length first."
    expect(
        answer(g, np.array([0.0, -2.0])),
        -8,
        mistakes=[
            (-16, longer),
            (8, "Against x1 it goes down: keep the sign."),
            (-4, "Divide by the length, not by its square."),
            (-32, "Divide by the length: here it multiplies."),
        ],
        tip="How long is the arrow? The slope is that of one unit of length.",
    )
    expect(answer(g, np.array([-4.0, 3.0])), 0, tip="(-4, 3) is square to (6, 8).")


@ex.check("with three entries, towards (1, 2, 2), which is 3 long, it works as well")
def _(answer):
    g, arrow = np.array([3.0, -1.0, 5.0]), np.array([1.0, 2.0, 2.0])
    got = answer(g, arrow)
    if g.tolist() != [3, -1, 5] or arrow.tolist() != [1, 2, 2]:
        refuse("It changes what it was given. `arrow / ...` makes a new array.")
    expect(
        got,
        11 / 3,
        mistakes=[
            (1 / np.sqrt(5), "Only the first two entries have a part in it."),
            (11 / 5, "The length is the root of the sum of squares, not the sum."),
        ],
        tip="Not two entries, but as many as there are.",
    )


@ex.wrong(says="divide it by its length first")
def any_length(gradient, arrow):
    return gradient @ arrow


@ex.wrong(says="That is the cosine of the angle")
def cosine(gradient, arrow):
    return gradient @ arrow / (np.linalg.norm(gradient) * np.linalg.norm(arrow))


@ex.wrong(says="Those are the two shares")
def never_added_up(gradient, arrow):
    return gradient * arrow / np.linalg.norm(arrow)


@ex.wrong(says="no minus")
def downhill(gradient, arrow):
    return -gradient @ arrow / np.linalg.norm(arrow)


@ex.wrong(says="the steepest slope")
def always_the_steepest(gradient, arrow):
    return np.linalg.norm(gradient)


@ex.wrong(says="That is the mean of the shares")
def mean_for_sum(gradient, arrow):
    return np.mean(gradient * arrow) / np.linalg.norm(arrow)


@ex.wrong(says="keep the sign")
def size_only(gradient, arrow):
    return abs(gradient @ arrow) / np.linalg.norm(arrow)


@ex.wrong(says="not by its square")
def projection(gradient, arrow):
    return gradient @ arrow / (arrow @ arrow)


@ex.wrong(says="here it multiplies")
def multiplied(gradient, arrow):
    return gradient @ arrow * np.linalg.norm(arrow)


@ex.wrong(says="Only the first two entries")
def two_entries(gradient, arrow):
    length = (arrow[0] ** 2 + arrow[1] ** 2) ** 0.5
    return (gradient[0] * arrow[0] + gradient[1] * arrow[1]) / length


@ex.wrong(says="It changes what it was given")
def changes_the_arrow(gradient, arrow):
    arrow /= np.linalg.norm(arrow)
    return gradient @ arrow


@ex.right
def by_sums(gradient, arrow):
    return np.sum(gradient * arrow) / np.sum(arrow**2) ** 0.5


@ex.right
def by_the_cosine(gradient, arrow):
    size, length = np.linalg.norm(gradient), np.linalg.norm(arrow)
    return size * (gradient @ arrow / (size * length))
