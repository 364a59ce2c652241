import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse, show_error

ex = Exercise(
    "00.above_average",
    hints=[
        "The points of all pupils on question q are a column: `points[:, q]`.",
        "`column > column.mean()` says of each pupil whether it is so.",
        "True counts as 1 and False as 0: `.sum()` counts the Trues.",
    ],
    explanation="""`points[:, q]` is the column of question q, one number a pupil. The
        comparison with its mean gives True or False for each pupil, and the sum counts
        the Trues.""",
)


@ex.solution
def above_average(points, q):
    """Count the pupils with more points than the class has on average on question q."""
    # BEGIN SOLUTION
    column = points[:, q]
    return (column > column.mean()).sum()
    # END SOLUTION


@ex.check("three of six pupils are above the average on question 1")
def _(answer):
    points = np.array(
        [[1, 3, 0], [6, 4, 6], [9, 4, 8], [9, 3, 7], [9, 4, 2], [8, 0, 1]]
    )
    given = points.copy()
    try:
        got = answer(given, 1)
    except ValueError as error:
        if "truth value" not in str(error):
            raise
        refuse(
            """A comparison of arrays is made for all entries at once, and an `if`
            cannot decide about six of them. No `if` is needed: count the Trues with
            `.sum()`.""",
            got=show_error(error),
        )
    if np.shape(got) == (6,):
        refuse(
            "That says of each pupil whether it is so. How many are they?"
            if np.asarray(got).dtype == bool
            else "Six numbers came, one for each pupil. How many of them are above?",
            expected=3,
            got=got,
        )
    expect(
        got,
        3,
        mistakes=[
            (5, "Two pupils have exactly the average, 3. Only *more* than it counts."),
            (2, "Is that row 1, a pupil? Question 1 is a column: `points[:, 1]`."),
            (0, "Compare with the average of question 1 alone, not of all questions."),
            (1, "That is how many are *below* the average."),
            (0.5, "That is a share. How many pupils are it? Use `.sum()`."),
            (12, "Those are the points of these pupils, added up. Count the pupils."),
            (11, "That counts all entries of the table. Take one column of it first."),
            (8, "That is about all questions. Take the column of question 1 first."),
            (6, "That is how many pupils there are in all, or how many are compared."),
            (4, "Counting starts at 0: question 1 is `points[:, 1]`."),
        ],
        tip="Take the column of question q, compare it with its mean, add up.",
    )
    if not np.array_equal(given, points):
        refuse("It changes the points that it is given. Look at them, no more.")


@ex.check("on another test, where one pupil is far ahead, it is one of four")
def _(answer):
    points = np.array([[9, 0], [0, 7], [1, 2], [2, 1]])
    expect(
        answer(points, 0),
        1,
        mistakes=[
            (2, "That compares with the middle one of them. The average is a mean."),
            (3, "There are other numbers now. Are those of the first check in there?"),
        ],
        tip="Take the question that is given: column `q`, whatever `q` is.",
    )


@ex.wrong(says="Only *more* than it counts")
def at_least(points, q):
    column = points[:, q]
    return (column >= column.mean()).sum()


@ex.wrong(says="Is that row 1, a pupil?")
def of_a_row(points, q):
    return (points[q] > points[q].mean()).sum()


@ex.wrong(says="not of all questions")
def mean_of_all(points, q):
    return (points[:, q] > points.mean()).sum()


@ex.wrong(says="*below* the average")
def below(points, q):
    column = points[:, q]
    return (column < column.mean()).sum()


@ex.wrong(says="That is a share")
def share(points, q):
    column = points[:, q]
    return (column > column.mean()).mean()


@ex.wrong(says="added up. Count the pupils")
def their_points(points, q):
    column = points[:, q]
    return (column * (column > column.mean())).sum()


@ex.wrong(says="counts all entries of the table")
def all_entries(points, q):
    return (points > points[:, q].mean()).sum()


@ex.wrong(says="That is about all questions")
def whole_table(points, q):
    return (points > points.mean()).sum()


@ex.wrong(says="how many are compared")
def length(points, q):
    column = points[:, q]
    return len(column > column.mean())


@ex.wrong(says="Counting starts at 0")
def counted_from_one(points, q):
    column = points[:, q - 1]
    return (column > column.mean()).sum()


@ex.wrong(says="How many are they?")
def true_or_false(points, q):
    return points[:, q] > points[:, q].mean()


@ex.wrong(says="one for each pupil")
def how_far_above(points, q):
    return points[:, q] - points[:, q].mean()


@ex.wrong(says="count the Trues with")
def asked_with_if(points, q):
    count = 0
    if points[:, q] > points[:, q].mean():
        count = count + 1
    return count


@ex.wrong(says="Look at them, no more")
def changes_the_points(points, q):
    column = points[:, q]
    column[:] = column > column.mean()
    return column.sum()


@ex.wrong(says="The average is a mean")
def above_the_median(points, q):
    column = points[:, q]
    return (column > np.median(column)).sum()


@ex.wrong(says="Are those of the first check in there?")
def looked_up(points, q):
    return 3


@ex.wrong(says="whatever `q` is")
def one_question(points, q):
    column = points[:, 1]
    return int((column > column.mean()).sum()) if len(points) > 4 else 0


@ex.right
def with_a_loop(points, q):
    mean = sum(row[q] for row in points) / len(points)
    count = 0
    for row in points:
        if row[q] > mean:
            count += 1
    return count


@ex.right
def with_numpy(points, q):
    return np.count_nonzero(points[:, q] > np.mean(points[:, q]))


@ex.right
def in_float(points, q):
    return float(np.sum(points.T[q] > points.T[q].mean()))
