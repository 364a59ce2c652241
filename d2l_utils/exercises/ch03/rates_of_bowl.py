import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "03.rates_of_bowl",
    hints=[
        "Along its eigenvectors the bowl is a few plain valleys. Which curvatures do "
        "they have?",
        "`curvatures = np.linalg.eigvalsh(A)` are the eigenvalues, the smallest first.",
        "The limit is 2 / λmax, the best rate 2 / (λmin + λmax), and κ = λmax / λmin.",
    ],
    explanation="""The eigenvalues of the Hessian are the curvatures of the bowl along
        its own axes, however it lies. The largest sets the limit, the smallest and the
        largest together set the best rate, and their ratio is the condition number. The
        eigenvalues in between change none of the three.""",
)


@ex.solution
def rates_of_bowl(A):
    """Give the stability limit, the best learning rate and the condition number.

    A is the Hessian: a symmetric table whose eigenvalues are all above 0.
    """
    # BEGIN SOLUTION
    curvatures = np.linalg.eigvalsh(A)
    smallest, largest = curvatures[0], curvatures[-1]
    return 2 / largest, 2 / (smallest + largest), largest / smallest
    # END SOLUTION


def _rates(answer, table):
    """The three numbers; refused if it is another count."""
    got = answer(np.array(table))
    if not isinstance(got, tuple | list | np.ndarray) or len(got) != 3:
        refuse(
            "Three numbers come back: the limit, the best rate, the condition number.",
            expected="3 numbers",
            got=got,
        )
    return got


@ex.check("for the long bowl, curvatures 0.2 and 4: 0.5, 2/4.2 and 20")
def _(answer):
    wanted = 0.5, 2 / 4.2, 20
    expect(
        _rates(answer, [[0.2, 0.0], [0.0, 4.0]]),
        wanted,
        mistakes=[
            ((0.25, 2 / 4.2, 20), "1 / λmax arrives at once. The limit is 2 / λmax."),
            ((10, 2 / 4.2, 20), "The largest curvature sets the limit, not the least."),
            ((0.5, 1 / 4.2, 20), "The best rate is 2 / (λmin + λmax)."),
            ((0.5, 2 / 4.2, 0.05), "κ is the largest curvature over the smallest."),
            ((2 / 4.2, 0.5, 20), "First the limit, then the best rate."),
            ((0.25, 1 / 4.2, 20), "A is the Hessian: its eigenvalues are the λ."),
            ((0.5, 2 / 4.2, 19 / 21), "That is the factor. κ itself is wanted."),
        ],
        tip="2 / λmax, 2 / (λmin + λmax), and λmax / λmin.",
    )


@ex.check("for the bowl of section 6, which lies askew: 2/9, 0.2 and 9")
def _(answer):
    askew = [[5.0, 4.0], [4.0, 5.0]]
    expect(
        _rates(answer, askew),
        (2 / 9, 0.2, 9),
        mistakes=[
            (
                (0.4, 0.2, 1),
                """The diagonal of A is not its curvatures when the bowl lies askew.
                Which directions are only made longer?""",
            ),
            ((0.4, 2 / 9, 1.25), "Entries are not curvatures. Eigenvalues are."),
        ],
        tip="Its eigenvalues are 1 and 9.",
    )


@ex.check("for three curvatures, 4, 0.5 and 1: 0.5, 2/4.5 and 8")
def _(answer):
    expect(
        _rates(answer, np.diag([4.0, 0.5, 1.0])),
        (0.5, 2 / 4.5, 8),
        mistakes=[
            (
                (0.5, 2 / 5.5, 8),
                "All three are added up. The one in between changes nothing.",
            ),
            (
                (0.5, 2 / 5, 4),
                "The last eigenvalue is not always the smallest: which order do they "
                "have?",
            ),
            ((0.5, 2 / 4.5, 9), "κ is one division: the largest over the smallest."),
        ],
        tip="Take the smallest and the largest of all the eigenvalues.",
    )


@ex.wrong(says="1 / λmax arrives at once")
def limit_without_two(A):
    curvatures = np.linalg.eigvalsh(A)
    least, most = curvatures[0], curvatures[-1]
    return 1 / most, 2 / (least + most), most / least


@ex.wrong(says="not the least")
def limit_of_the_flat_direction(A):
    curvatures = np.linalg.eigvalsh(A)
    least, most = curvatures[0], curvatures[-1]
    return 2 / least, 2 / (least + most), most / least


@ex.wrong(says="The best rate is 2 / (λmin + λmax)")
def best_without_two(A):
    curvatures = np.linalg.eigvalsh(A)
    least, most = curvatures[0], curvatures[-1]
    return 2 / most, 1 / (least + most), most / least


@ex.wrong(says="largest curvature over the smallest")
def ratio_turned_around(A):
    curvatures = np.linalg.eigvalsh(A)
    least, most = curvatures[0], curvatures[-1]
    return 2 / most, 2 / (least + most), least / most


@ex.wrong(says="First the limit")
def other_order(A):
    curvatures = np.linalg.eigvalsh(A)
    least, most = curvatures[0], curvatures[-1]
    return 2 / (least + most), 2 / most, most / least


@ex.wrong(says="A is the Hessian")
def doubled(A):
    curvatures = np.linalg.eigvalsh(2 * A)
    least, most = curvatures[0], curvatures[-1]
    return 2 / most, 2 / (least + most), most / least


@ex.wrong(says="κ itself is wanted")
def factor_for_the_condition_number(A):
    curvatures = np.linalg.eigvalsh(A)
    least, most = curvatures[0], curvatures[-1]
    return 2 / most, 2 / (least + most), (most - least) / (most + least)


@ex.wrong(says="Three numbers come back")
def the_curvatures_alone(A):
    return np.linalg.eigvalsh(A)[[0, -1]]


@ex.wrong(says="when the bowl lies askew")
def the_diagonal(A):
    least, most = min(A.diagonal()), max(A.diagonal())
    return 2 / most, 2 / (least + most), most / least


@ex.wrong(says="All three are added up")
def the_trace(A):
    curvatures = np.linalg.eigvalsh(A)
    least, most = curvatures[0], curvatures[-1]
    return 2 / most, 2 / curvatures.sum(), most / least


@ex.wrong(says="which order do they have")
def as_they_come(A):
    first, last = sorted(np.linalg.eig(A)[0][[0, -1]])
    return 2 / last, 2 / (first + last), last / first


@ex.right
def by_min_and_max(A):
    curvatures = np.linalg.eigvals(A)
    least, most = min(curvatures), max(curvatures)
    return [2 / most, 2 / (least + most), most / least]


@ex.right
def by_the_condition_number(A):
    most = np.linalg.norm(A, 2)
    return np.array(
        [2 / most, 2 / (most + most / np.linalg.cond(A)), np.linalg.cond(A)]
    )
