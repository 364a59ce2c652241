import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "07.two_by_two",
    hints=[
        """The Jacobian has a row for u and a row for v, a column for x and a column for
        y: section 3 does it for xy and x + y.""",
        "x² y has the slope 2xy in x and x² in y; x + 3y has 1 and 3.",
        """The row (3, -2) times the table: under x stands 3 times the upper entry plus
        -2 times the lower one.""",
    ],
    explanation="""J has the rows (2xy, x²) = (4, 4) and (1, 3). The row g = (3, -2)
        times J is (3 · 4 - 2 · 1, 3 · 4 - 2 · 3) = (10, 6): down the column of x, then
        down the column of y.""",
)
ex.value(gJ=[10, 6])


@ex.check("the slopes of the loss in x and y")
def _(answer):
    J, g = np.array([[4, 4], [1, 3]]), np.array([3, -2])
    expect(
        answer,
        g @ J,
        shown="two other numbers: the slopes in x and in y",
        mistakes=[
            (
                J @ g,
                """That is J times g, row by row. The shares of x stand in its *column*:
                one through u, one through v.""",
            ),
            (J, "That is the Jacobian, and it is right. Now the row g times it."),
            (J.T, "That is the Jacobian on its side. A row for u and a row for v."),
            (g, "These are the slopes that arrive, in u and v. Pass them on."),
            ((g @ J)[::-1], "The right numbers, in the wrong order: first in x."),
            (
                J.sum(axis=0),
                "The entries of each column were added as they are. Each is first "
                "multiplied by the slope that arrives: 3 or -2.",
            ),
            (
                np.abs(g) @ J,
                "The slope in v is negative: its shares are subtracted.",
            ),
            (g[0] * J[0], "Those are the shares through u. v brings others."),
            (g[1] * J[1], "Those are the shares through v. u brings others."),
            (
                g * np.diag(J),
                "x goes into u *and* v, and so does y: each has two shares.",
            ),
            (
                [3 * 4 - 2, 3 * 4 - 2],
                "In y: v is x + 3y, so its share passes the factor 3.",
            ),
            (
                [3 * 2 - 2, 3 * 4 - 6],
                "In x: the slope of x² y is 2xy, and y counts, and so does x.",
            ),
            ([3 * 4 - 2, 3 * 2 - 6], "In y: the slope of x² y in y is x², 4 here."),
            ([3 * 4 - 2, 3 - 6], "In y: the slope of x² y in y is x², 4 here."),
        ],
        tip="Each slope is a sum of two shares: through u and through v.",
    )


ex.wrong([4, -3], says="row by row")
ex.wrong([[4, 4], [1, 3]], says="That is the Jacobian, and it is right")
ex.wrong([[4, 1], [4, 3]], says="on its side")
ex.wrong([3, -2], says="the slopes that arrive")
ex.wrong([6, 10], says="in the wrong order")
ex.wrong([5, 7], says="added as they are")
ex.wrong([14, 18], says="The slope in v is negative")
ex.wrong([12, 12], says="shares through u")
ex.wrong([-2, -6], says="shares through v")
ex.wrong([12, -6], says="each has two shares")
ex.wrong([10, 10], says="passes the factor 3")
ex.wrong([4, 6], says="the slope of x² y is 2xy")
ex.wrong([10, 0], [10, -3], says="in y is x²")
ex.wrong(16, says="2 numbers are wanted")
ex.wrong(["10", "6"], says="Numbers are wanted")
ex.right((10.0, 6.0))
ex.right(np.array([10, 6], dtype=np.float32))
