import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse, show_error


def bowl(x):
    return x[0] * x[0] + x[1] * x[1]


def sum_of_squares(x):
    return np.sum(x**2)


ex = Exercise(
    "02.forward_gradient",
    hints=[
        "Compare it with `numerical_gradient` in section 2, line by line: three lines "
        "of that function deserved a second look.",
        "A copy in float64 heals two of the faults: `x = np.array(x, dtype=np.float64)`"
        ". Take care to measure f where the copy is.",
        "`for i in np.ndindex(x.shape):` visits each entry of any shape. Keep "
        "`old = x[i]`, and put it back with `x[i] = old` before the next one.",
    ],
    explanation="""A copy in float64 takes whole numbers and leaves the caller's array
        alone, also if f stops halfway. np.ndindex visits the entries one by one in any
        shape. And each entry goes back before the next one moves. f(x) is shared: n + 1
        calls, where central differences take 2n.""",
)


@ex.stub
def forward_gradient(f, x, h=1e-7):
    """Approximate the gradient of f at x, of any shape, in n + 1 calls of f."""
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in range(len(x)):
        x[i] += h
        grad[i] = (f(x) - f_here) / h
    return grad


@ex.solution
def forward_gradient(f, x, h=1e-7):
    """Approximate the gradient of f at x, of any shape, in n + 1 calls of f."""
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.check("the gradient of the bowl at (3.0, 4.0) is 6 and 8")
def _(answer):
    expect(
        answer(bowl, np.array([3.0, 4.0])),
        [6, 8],
        atol=1e-9,
        mistakes=[
            ([6, 14], "The second difference holds the first step, too: put it back."),
            (
                [0, 0],
                """f sees nothing move, or the rise is multiplied by h. Measure f on the
                copy that moves, in float64, before the step and after it.""",
            ),
            (14, "All entries move at once. Move one, and hold the others."),
            ([6, 2], "The old entry comes back as it was, without an h: `x[i] = old`."),
            (
                [3, 4],
                """These are the entries of x, or the slopes halved: the forward step is
                h long, not 2h.""",
            ),
            (
                [25 - 25e7] * 2,
                "Only the second value is divided: set the rise in parentheses.",
            ),
            ([6, 0], "It ends after the first entry. Where does `return` stand?"),
            ([14, 14], "All entries move at once. Move one, and hold the others."),
            (
                [6e-7, 8e-7],
                "6e-07 and 8e-07 are the rises. Each is to be divided by h.",
            ),
            ([-6, -8], "The difference is turned around, or the step goes back."),
        ],
        tip="Move one entry by h, put it back, go on to the next.",
    )


@ex.check("with h = 0.5 one sees the forward difference: 6.5 and 8.5")
def _(answer):
    expect(
        answer(bowl, np.array([3.0, 4.0]), 0.5),
        [6.5, 8.5],
        mistakes=[
            (
                [6, 8],
                """Too good for a forward difference with this h. Is it a central one,
                with its 2n calls, does it follow the rules for this one f, or is
                another h in your code?""",
            ),
            ([5.5, 7.5], "That step goes backward, from x to x - h."),
        ],
        tip="The points are (3.5, 4) and (3, 4.5). Is h used as it is given?",
    )


@ex.check(
    "a fourth of the bowl has slopes 1.5 and 2 there, for integers and float32, too"
)
def _(answer):
    slopes = """Trap 1: an integer array cuts off decimals. Here it cuts off those of
        the slopes: `grad` holds integers."""
    expect(
        answer(lambda x: bowl(x) / 4, np.array([3, 4])),
        [1.5, 2],
        mistakes=[
            (
                [0, 0],
                """Trap 1: an integer array cuts off decimals. Here it cuts off the
                whole step.""",
            ),
            ([1, 1], slopes),
            ([1, 2], slopes),
        ],
        tip="Trap 1: an integer array cuts off decimals.",
    )
    got = answer(lambda x: bowl(x) / 4, np.array([3, 4], dtype=np.float32))
    expect(
        got,
        [1.5, 2],
        tip="float32 has 7 digits: 3 + 1e-07 is rounded to 3. Is x in float64?",
    )
    try:
        got = answer(lambda x: bowl(x) / 4, [3, 4])
    except (AttributeError, TypeError) as error:
        refuse(
            "[3, 4] is a list, not an array yet. `np.array(x, dtype=...)` makes one.",
            got=show_error(error),
        )
    expect(got, [1.5, 2], tip="A list should do as well as an array.")


ROWS_ONLY = """`len(x)` of a matrix is its number of rows, and `grad` needs a place for
    each entry: `np.zeros(x.shape)`."""
# What stands in the errors of NumPy that come from a matrix, and what to do.
INDEX_ERRORS = {
    "too many indices": ROWS_ONLY,
    "out of bounds": "A matrix has rows and columns: `np.ndindex(x.shape)` visits all.",
}


@ex.check("for an array of any shape it gives one slope for each entry")
def _(answer):
    matrix = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
    rows = np.repeat(2 * matrix.sum(axis=1, keepdims=True), 3, axis=1)
    try:
        got = answer(sum_of_squares, matrix.copy())
    except IndexError as error:
        for part, message in INDEX_ERRORS.items():
            if part in str(error):
                refuse(message, got=show_error(error))
        raise
    if np.shape(got) == (2,):
        refuse(ROWS_ONLY, expected="shape (2, 3)", got=got)
    expect(
        got,
        2 * matrix,
        mistakes=[
            (rows, "A whole row moves at once: `x[i]` of a matrix is a row."),
            (abs(2 * matrix), "A slope has a sign: where f falls, it is negative."),
            (
                2 * matrix.ravel(),
                "All slopes are there, but in a row: give them the shape of x.",
            ),
        ],
        tip="The gradient has the shape of x.",
    )
    block = np.arange(-5.0, 7.0).reshape(2, 3, 2)
    expect(
        answer(lambda x: sum_of_squares(x) / 7, block.copy()),
        2 * block / 7,
        mistakes=[
            *[
                (np.round(2 * block / 7, digits), "That is rounded. Keep all digits.")
                for digits in (1, 2, 3)
            ]
        ],
        tip="Two loops are enough for a matrix. `np.ndindex(x.shape)` does all shapes.",
    )


@ex.check("the array that it is given stays as it was, also if f raises an error")
def _(answer):
    def fails_above_four(x):
        if x[1] > 4:
            raise ValueError("too far")
        return bowl(x)

    for f, message in [
        (bowl, "The caller's own array has been moved. Work on a copy."),
        (fails_above_four, "Trap 2: f raised an error, and x stayed bent."),
    ]:
        point = np.array([3.0, 4.0])
        try:
            answer(f, point)
        except ValueError:
            if f is bowl:
                raise
        else:
            if f is fails_above_four:
                refuse(
                    "f raised an error, and nobody heard of it: a gradient came back.",
                    expected="the error of f",
                )
        if point.tolist() != [3, 4]:
            refuse(message, expected="[3.0, 4.0]", got=repr(point.tolist()))


@ex.check("f is called n + 1 times: 7 times for 6 entries")
def _(answer):
    calls = []

    def counted(x):
        calls.append(1)
        return np.sum(x**2)

    answer(counted, np.arange(6.0).reshape(2, 3))
    if len(calls) != 7:
        refuse(
            "One call at x, before the loop, and one for each entry will do.",
            expected="calls: 7",
            got="calls: {count}",
            count=len(calls),
        )


@ex.wrong(says="put it back")
def never_put_back(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        grad[i] = (f(x) - f_here) / h
    return grad


@ex.wrong(says="f sees nothing move")
def moves_another_copy(f, x, h=1e-7):
    moved = np.array(x, dtype=np.float64)
    grad = np.zeros_like(moved)
    f_here = f(x)
    for i in np.ndindex(moved.shape):
        old = moved[i]
        moved[i] = old + h
        grad[i] = (f(x) - f_here) / h
        moved[i] = old
    return grad


@ex.wrong(says="needs a place for each entry")
def one_place_for_each_row(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(len(x))
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="needs a place for each entry")
def one_slope_for_each_row(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(len(x))
    f_here = f(x)
    for i in range(len(x)):
        old = np.copy(x[i])
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="visits all")
def counted_by_size(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in range(x.size):
        old = np.copy(x[i])
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="give them the shape of x")
def left_in_a_row(f, x, h=1e-7):
    return forward_gradient(f, x, h).ravel()


@ex.wrong(says="That is rounded")
def rounded(f, x, h=1e-7):
    return np.round(forward_gradient(f, x, h), 3)


@ex.wrong(says="is a list, not an array yet")
def method_of_an_array(f, x, h=1e-7):
    return forward_gradient(f, x.astype(np.float64), h)


@ex.wrong(says="All entries move at once")
def one_slope_for_all(f, x, h=1e-7):
    return (f(np.asarray(x) + h) - f(x)) / h


@ex.wrong(says="without an h")
def put_back_too_far(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old - h
    return grad


@ex.wrong(says="the forward step is h long")
def divided_by_two_h(f, x, h=1e-7):
    return forward_gradient(f, x, h) / 2


@ex.wrong(says="set the rise in parentheses")
def without_parentheses(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = f(x) - f_here / h
        x[i] = old
    return grad


@ex.wrong(says="follow the rules for this one f")
def by_the_rules(f, x, h=1e-7):
    return 2 * np.asarray(x)


@ex.wrong(says="to be divided by h")
def rises(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = f(x) - f_here
        x[i] = old
    return grad


@ex.wrong(says="with its 2n calls")
def central(f, x, h=1e-7):
    return d2l.numerical_gradient(f, x, h)


@ex.wrong(says="another h in your code")
def own_h(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    steps = 1e-7 * np.eye(x.size).reshape(x.size, *x.shape)
    f_here = f(x)
    return np.reshape([(f(x + step) - f_here) / 1e-7 for step in steps], x.shape)


@ex.wrong(says="cuts off the whole step")
def not_in_float64(f, x, h=1e-7):
    x = np.array(x)
    grad = np.zeros(x.shape)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="`grad` holds integers")
def grad_of_integers(f, x, h=1e-7):
    grad = np.zeros_like(x)
    x = np.array(x, dtype=np.float64)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="3 + 1e-07 is rounded to 3")
def only_integers_are_converted(f, x, h=1e-7):
    x = np.array(x) * 1.0
    steps = np.eye(x.size, dtype=x.dtype).reshape(x.size, *x.shape) * np.float32(h)
    f_here = f(x)
    return np.reshape([(f(x + step) - f_here) / h for step in steps], x.shape)


@ex.wrong(says="A slope has a sign")
def sizes_of_slopes(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    f_here = f(x)
    return np.reshape([abs(f(x + step) - f_here) / h for step in steps], x.shape)


@ex.wrong(says="A whole row moves at once")
def rows_only(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in range(len(x)):
        old = x[i].copy()
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="Two loops are enough for a matrix")
def up_to_matrices(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    if x.ndim == 1:
        return up_to_matrices(lambda row: f(row[0]), x[None], h)[0]
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            moved = x.copy()
            moved[i, j] += h
            grad[i, j] = ((f(moved) - f_here) / h).sum()
    return grad


@ex.wrong(says="Work on a copy")
def last_step_stays(f, x, h=1e-7):
    x = np.asarray(x, dtype=np.float64)
    start, f_here = x.copy(), f(x)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[...] = start
        x[i] += h
        grad[i] = (f(x) - f_here) / h
    return grad


@ex.wrong(says="stayed bent")
def on_the_array_itself(f, x, h=1e-7):
    x = np.asarray(x, dtype=np.float64)
    grad = np.zeros_like(x)
    f_here = f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="nobody heard of it")
def swallows_errors(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad, f_here = np.zeros_like(x), f(x)
    for i in np.ndindex(x.shape):
        moved = x.copy()
        moved[i] += h
        try:
            grad[i] = (f(moved) - f_here) / h
        except ValueError:
            grad[i] = np.nan
    return grad


@ex.wrong(says="One call at x, before the loop")
def measures_again(f, x, h=1e-7):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        f_here = f(x)
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.right
def flat(f, x, h=1e-7):
    x = np.asarray(x).astype(float)
    here, entries = f(x), x.reshape(-1)
    grad = []
    for i, old in enumerate(entries.tolist()):
        entries[i] = old + h
        grad.append((f(x) - here) / h)
        entries[i] = old
    return np.reshape(grad, x.shape)


@ex.right
def new_array_for_each(f, x, h=1e-7):
    x = np.asarray(x, dtype=np.float64)
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    here = f(x)
    return np.array([(f(x + step) - here) / h for step in steps]).reshape(x.shape)


@ex.right
def repaired_in_any_case(f, x, h=1e-7):
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        x = np.array(x, dtype=np.float64)
    grad, here = np.zeros(x.shape), f(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        try:
            x[i] = old + h
            grad[i] = (f(x) - here) / h
        finally:
            x[i] = old
    return grad
