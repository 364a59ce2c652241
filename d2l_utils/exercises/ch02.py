"""Numerical gradient."""

import numpy as np

import d2l_utils as d2l

from .exercise import Exercise
from .expect import expect, refuse


def bowl(x):
    return x[0] * x[0] + x[1] * x[1]


def sum_of_squares(x):
    return np.sum(x**2)


ex = Exercise(
    "02.gradient_by_hand",
    hints=[
        "Freeze two of the three inputs at a time, and take the slope along the third.",
        "Along `x0`, with `x1 = 3` frozen, f is `3 * x0` and something that stays.",
        "The slope of `sin(x2)` is `cos(x2)`, taken at 0.",
    ],
    explanation="""Along x0 the frozen factor x1 is left, along x1 the factor x0, and
        sin(x2) has the slope cos(x2). At (2, 3, 0) these are 3, 2 and 1.""",
)
ex.value(by_hand=[3, 2, 1])


@ex.check("the gradient of x0 · x1 + sin(x2) at (2, 3, 0)")
def _(answer):
    expect(
        answer,
        [3, 2, 1],
        shown="three slopes, those along x0, x1 and x2",
        mistakes=[
            ([2, 3, 1], "Along x0 the frozen factor is left. Which input is that?"),
            ([3, 2, 0], "0 is the height of sin at 0. How steep is it there?"),
            ([2, 3, 0], "Those are the inputs. How fast does f change with each?"),
            ([3, 2, -1], "The slope of sin is cos, with a plus."),
            ([1, 1, 1], "Freezing an input does not remove it: it stays as a factor."),
            ([0, 0, 1], "In a product the frozen input stays, as a factor."),
            (6, "6 is the height. A gradient has a slope for each input."),
        ],
        tip="Freeze two inputs at a time.",
    )


ex.wrong([2, 3, 1], says="Which input is that?")
ex.wrong([3, 2, 0], says="How steep is it there?")
ex.wrong([2, 3, 0], says="Those are the inputs")
ex.wrong([1, 1, 1], says="it stays as a factor")
ex.wrong(6, says="A gradient has a slope for each input")
ex.right((3.0, 2.0, 1.0))
ex.right(np.array([3, 2, 1], dtype=np.float32))
ex.right(d2l.numerical_gradient(lambda x: x[0] * x[1] + np.sin(x[2]), [2, 3, 0]))


ex = Exercise(
    "02.predict_arms",
    hints=[
        "On the right arm truncation rules, on the left arm rounding.",
        "What is left of the truncation error of the central difference is about "
        "`h**2 / 6 * f'''(x)`. Put in an h that is 100 times smaller.",
        "The rounding error is a last digit, the same for every h, divided by h.",
    ],
    explanation="""On the right arm the error goes with h²: h 100 times smaller makes it
        10,000 times smaller. On the left arm it goes with 1/h: h 1,000 times smaller
        makes it about 1,000 times larger.""",
)
ex.choice(
    {
        "a": """That is how the forward difference behaves on the right arm. What is
            left of the central one, when the terms with a single h have canceled?""",
        "c": """Read the formula of the rounding error again: which power of h does it
            divide by?""",
        "d": """Closer is not always better. In Figure 2.3, what does the left arm do
            when h gets smaller?""",
    },
    prediction="b",
)


ex = Exercise(
    "02.float32_step",
    hints=[
        "Section 2 has a formula for the best h of the central difference. What in it "
        "depends on the format of the numbers?",
        "It is the cube root of 3ε. For float32 ε is `np.finfo(np.float32).eps`.",
    ],
    explanation="""The cube root of 3ε is about 0.007 for float32. That is nearly a
        thousand times the best h for float64, and far above the 1e-4 that serves
        there: with 7 digits the left arm of the U begins much farther to the right.
        The formula takes all factors for 1, so it gives the size of a good h, not its
        digits.""",
)
ex.value(h32=0.007)


@ex.check("the typical error with this h, in float32, near x = 2")
def _(answer):
    expect(answer, 0, atol=np.inf, shown="a number")
    h = float(np.ravel(answer)[0])
    if not h > 0:
        refuse(
            "The two points stand at a distance h from x, one on each side.",
            expected="a number greater than 0",
            got=answer,
        )
    step, points = np.float32(h), np.linspace(1.5, 2.5, 201)
    x = points.astype(np.float32)
    values = [1 / (1 + side * side) for side in (x + step, x - step)]
    slopes = (values[0] - values[1]) / (2 * step)
    error = np.median(np.abs(slopes + 2 * points / (1 + points**2) ** 2))
    if error < 5e-6:
        return
    best = np.cbrt(3 * np.finfo(np.float32).eps)
    if h > best:
        why = "That is on the right arm, truncation: the points are too far apart."
    elif 5e-6 < h < 1e-5:
        why = "That is the best h for float64. What is ε in float32?"
    elif 3e-4 < h < 6e-4:
        why = "The square root is for the forward difference. And for the central one?"
    else:
        why = "That is on the left arm, rounding: the last of 7 digits, divided by h."
    refuse(
        why,
        expected="an error below 5e-06",
        got=f"an error of {error:.0e} with h = {h:.2g}",
    )


ex.wrong(1e-4, says="That is on the left arm")
ex.wrong(np.cbrt(3 * np.finfo(np.float64).eps), says="What is ε in float32?")
ex.wrong(np.sqrt(2 * np.finfo(np.float32).eps), says="And for the central one?")
ex.wrong(0.1, says="That is on the right arm")
ex.wrong(0, says="one on each side")
ex.wrong(-0.007, says="one on each side")
ex.wrong([0.007, 0.008], says="One number is wanted")
ex.right(np.cbrt(np.finfo(np.float32).eps))
ex.right(np.float32(0.01))
ex.right([0.003])


ex = Exercise(
    "02.level_direction",
    hints=[
        "First the gradient at (-5, -2): `0.2 * x0` and `4 * x1`.",
        "The slope in a direction u is the dot product `g @ u`. When is it 0?",
        "(-b, a) is at a right angle to (a, b), and so is (b, -a).",
    ],
    explanation="""The gradient there is (-1, -8). The level line crosses it at a right
        angle: (8, -1), or (-8, 1), of any length. Their dot product with the gradient
        is -8 + 8 = 0. So the level line runs nearly along the valley.""",
)
ex.value(level=[8, -1])


@ex.check("the slope of the long bowl in this direction is 0")
def _(answer):
    expect(answer, [0, 0], atol=np.inf, shown="two numbers, along x0 and along x1")
    u, g = np.array([float(entry) for entry in answer]), np.array([-1.0, -8.0])
    if not np.any(u):
        refuse("(0, 0) is no direction: nobody moves.", got=answer)
    u /= np.linalg.norm(u)

    def runs_along(*direction):
        return abs(u @ direction) > 0.999 * np.linalg.norm(direction)

    if abs(u @ g) <= 5e-3 * np.linalg.norm(g):
        return
    why = "The dot product of this direction with the gradient is not 0."
    if runs_along(1, 8):
        why = "That is the gradient or its opposite: the steepest way of all."
    elif runs_along(5, 2):
        why = "That is the line to the minimum. Along it the height changes."
    elif runs_along(2, -5):
        why = "That is square to the way home. What is the level line square to?"
    elif runs_along(8, 1):
        why = "The entries have changed places. One of them must change its sign, too."
    elif runs_along(-1, 8):
        why = "One sign has changed. The entries must change places, too."
    elif not np.all(u):
        why = "Along an axis the slope is an entry of the gradient. Neither is 0."
    refuse(why, expected="slope 0", got=f"slope {u @ g:.3g} for each unit of length")


ex.wrong([-1, -8], says="the steepest way of all")
ex.wrong([5, 2], says="Along it the height changes")
ex.wrong([2, -5], says="square to the way home")
ex.wrong([8, 1], says="change its sign, too")
ex.wrong([1, -8], says="must change places, too")
ex.wrong([1, 0], says="Along an axis")
ex.wrong([0, 0], says="nobody moves")
ex.wrong([8, -2], says="is not 0")
ex.wrong(-7.125, says="2 numbers are wanted")
ex.right((-8, 1))
ex.right(np.array([8, -1]) / np.sqrt(65))
ex.right(np.array([-4, 0.5], dtype=np.float32))


ex = Exercise(
    "02.judge_a_gradient",
    hints=[
        "`d2l.check_gradient(skew_bowl, skew_bowl_gradient, [1.0, 1.0])` says that it "
        "is wrong there. To find the entry, print both gradients at this point.",
        "(2, -1) is a lucky place for this mistake: what is `inner` there?",
        "Along `x1` the inner link, x0 + 2 x1, has a slope of its own.",
    ],
    explanation="""The outer slope is 0.2 times inner. Along x0 the inner slope is 1,
        along x1 it is 2, so the second entry begins with 0.4 times inner. Where inner
        is 0 the mistake cannot be seen. A judge should look at places without such
        luck: random ones.""",
)


@ex.stub
def skew_bowl_gradient(x):
    """Compute the gradient of 0.1 * (x0 + 2 * x1)**2 + 2 * x1**2."""
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.2 * inner + 4 * x[1]])


@ex.solution
def skew_bowl_gradient(x):
    """Compute the gradient of 0.1 * (x0 + 2 * x1)**2 + 2 * x1**2."""
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner + 4 * x[1]])


@ex.check("at (2, -1), where it was tested, it is still right: 0 and -4")
def _(answer):
    expect(
        answer(np.array([2.0, -1.0])),
        [0, -4],
        mistakes=[
            ([0, -8], "4 x1 was right: the inner slope belongs to `inner` alone."),
            ([0, 0], "The slope along x1 has a second term, that of 2 x1²."),
        ],
        tip="`inner` is 0 there: both entries were right already.",
    )


@ex.check("at (1, 1) and (-3, -1) it is right, too")
def _(answer):
    expect(
        answer(np.array([1.0, 1.0])),
        [0.6, 5.2],
        mistakes=[
            ([0.6, 4.6], "The second entry is as it was. How fast does `inner` grow?"),
            ([1.2, 4.6], "The first entry was right: along x0, `inner` has slope 1."),
            ([1.2, 5.2], "The first entry was right: along x0, `inner` has slope 1."),
            ([0.6, 5.8], "Along x1 the slope of `inner` is 2, not 3."),
            ([0.6, 4.3], "The inner slope multiplies. Here it divides."),
        ],
        tip="Which of the two entries does `d2l.numerical_gradient` contradict?",
    )
    expect(
        answer(np.array([-3.0, -1.0])),
        [-1, -6],
        mistakes=[([1, -2], "At (-3, -1) `inner` is negative: keep its sign.")],
        tip="At (1, 1) it is right. Is a number in your code that should be x?",
    )


@ex.check("far out, where a step of h is lost, it is right as well")
def _(answer):
    got = answer(np.array([1e13, -3e13]))
    expect(
        got,
        [-1e13, -1.4e14],
        tip="Is it measured? A gradient by the rules is right everywhere.",
    )


@ex.wrong(says="The first entry was right")
def first_entry_changed(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.4 * inner, 0.2 * inner + 4 * x[1]])


@ex.wrong(says="The first entry was right")
def both_entries_changed(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.4 * inner, 0.4 * inner + 4 * x[1]])


@ex.wrong(says="How fast does `inner` grow?")
def written_otherwise(x):
    slope = 0.2 * (x[0] + 2 * x[1])
    return np.array([slope, slope + 4 * x[1]])


@ex.wrong(says="belongs to `inner` alone")
def whole_entry_doubled(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 2 * (0.2 * inner + 4 * x[1])])


@ex.wrong(says="has a second term")
def second_term_lost(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.4 * inner])


@ex.wrong(says="Here it divides")
def divided(x):
    inner = x[0] + 2 * x[1]
    return np.array([0.2 * inner, 0.1 * inner + 4 * x[1]])


@ex.wrong(says="keep its sign")
def size_of_inner(x):
    inner = abs(x[0] + 2 * x[1])
    return np.array([0.2 * inner, 0.4 * inner + 4 * x[1]])


@ex.wrong(says="Is it measured?")
def measured(x):
    def skew_bowl(x):
        return 0.1 * (x[0] + 2 * x[1]) ** 2 + 2 * x[1] ** 2

    return d2l.numerical_gradient(skew_bowl, x)


@ex.right
def multiplied_out(x):
    return [0.2 * x[0] + 0.4 * x[1], 0.4 * x[0] + 4.8 * x[1]]


@ex.right
def as_matrix(x):
    return np.array([[0.2, 0.4], [0.4, 4.8]]) @ x


@ex.right
def with_torch(x):
    import torch

    x = torch.tensor(x, requires_grad=True)
    (0.1 * (x[0] + 2 * x[1]) ** 2 + 2 * x[1] ** 2).backward()
    return x.grad


ex = Exercise(
    "02.forward_gradient",
    hints=[
        "Compare it with `numerical_gradient` in section 4, line by line: three lines "
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
                "f sees nothing move. Measure on the copy, before and after the step.",
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
                "Too good for a forward difference with this h. Is it a central one, "
                "with its 2n calls, or is another h in your code?",
            ),
            ([5.5, 7.5], "That step goes backward, from x to x - h."),
        ],
        tip="The points are (3.5, 4) and (3, 4.5). Is h used as it is given?",
    )


@ex.check(
    "a fourth of the bowl has slopes 1.5 and 2 there, for integers and float32, too"
)
def _(answer):
    words = "Trap 1: an integer array cuts off decimals."
    slopes = f"{words} Here it cuts off those of the slopes: `grad` holds integers."
    expect(
        answer(lambda x: bowl(x) / 4, np.array([3, 4])),
        [1.5, 2],
        mistakes=[
            ([0, 0], f"{words} Here it cuts off the whole step."),
            ([1, 1], slopes),
            ([1, 2], slopes),
        ],
        tip=words,
    )
    got = answer(lambda x: bowl(x) / 4, np.array([3, 4], dtype=np.float32))
    expect(
        got,
        [1.5, 2],
        tip="float32 has 7 digits: 3 + 1e-07 is rounded to 3. Is x in float64?",
    )
    got = answer(lambda x: bowl(x) / 4, [3, 4])
    expect(got, [1.5, 2], tip="A list should do as well as an array.")


@ex.check("for an array of any shape it gives one slope for each entry")
def _(answer):
    matrix = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
    rows = np.repeat(2 * matrix.sum(axis=1, keepdims=True), 3, axis=1)
    expect(
        answer(sum_of_squares, matrix.copy()),
        2 * matrix,
        mistakes=[
            (rows, "A whole row moves at once: `x[i]` of a matrix is a row."),
            (abs(2 * matrix), "A slope has a sign: where f falls, it is negative."),
        ],
        tip="The gradient has the shape of x.",
    )
    block = np.arange(-5.0, 7.0).reshape(2, 3, 2)
    expect(
        answer(sum_of_squares, block.copy()),
        2 * block,
        tip="Two loops are enough for a matrix. `np.ndindex(x.shape)` does all shapes.",
    )


@ex.check("the array that it is given stays as it was, also if f raises an error")
def _(answer):
    def fails_above_four(x):
        if x[1] > 4:
            raise ValueError("out of range")
        return bowl(x)

    for f, why in [
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
            refuse(why, expected="[3.0, 4.0]", got=repr(point.tolist()))


@ex.check("f is called n + 1 times: 7 times for 6 entries")
def _(answer):
    calls = []

    def counted(x):
        calls.append(1)
        return np.sum(x**2)

    answer(counted, np.arange(6.0).reshape(2, 3))
    if len(calls) != 7:
        why = "One call at x, before the loop, and one for each entry will do."
        refuse(why, expected="7 calls", got=f"{len(calls)} calls")


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


ex = Exercise(
    "02.one_direction",
    hints=[
        "Draw a direction of the shape of x, `u = rng.normal(size=x.shape)`, and divide"
        " it by its length.",
        "The measured slope is that of `lambda s: f(x + s * u)` at 0. The claimed one "
        "is the dot product of `grad(x)` and u: multiply, then sum over all entries.",
        "`abs(measured - claimed) / max(abs(measured), abs(claimed))`, unless both are "
        "0.",
    ],
    explanation="""The slope in the direction u is the sum of gradient times u, over all
        entries, so each entry has a part in it. Two calls of f are enough, whatever the
        size of x. The price: it says that something is wrong, not where. And for every
        wrong gradient there are directions that do not see it; a random one is very
        unlikely to be among them.""",
)


@ex.solution
def quick_check(f, grad, x, rng):
    """Judge the gradient grad(x) of f along one random direction, in two calls of f.

    Gives the relative difference between the slope measured and the slope claimed:
    |measured - claimed| divided by the larger of |measured| and |claimed|, and 0 if
    both are 0. x is an array of any shape, rng a generator: np.random.default_rng().
    """
    # BEGIN SOLUTION
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    size = max(abs(measured), abs(claimed))
    return abs(measured - claimed) / size if size > 0 else 0.0
    # END SOLUTION


def _waves(x):
    return np.sum(np.sin(x))


def _matrix():
    return np.random.default_rng(0).normal(size=(4, 5))


@ex.check("a right gradient gives nearly 0, for a vector and for a matrix")
def _(answer):
    for x in (np.array([0.5, 1.0, 2.0]), _matrix()):
        before = x.copy()
        got = answer(_waves, np.cos, x, np.random.default_rng(1))
        if isinstance(got, bool | np.bool_):
            refuse(
                "How large is the difference? Give the number, not a verdict.",
                expected="a number near 0",
                got=repr(bool(got)),
            )
        expect(
            got,
            0,
            atol=1e-3,
            mistakes=[
                (1, "1 says that one of the slopes is 0 and one is not. Is u in both?")
            ],
            tip="""The slopes differ. Do both belong to the same direction u, and is
                the claimed one a sum over all entries of gradient times u?""",
        )
        if abs(float(np.ravel(got)[0])) > 1e-6:
            refuse(
                "Nearly. Is grad taken at x itself, and is the slope measured by a "
                "central difference with a small h?",
                expected="at most 1e-06",
                got=got,
            )
        if not np.array_equal(x, before):
            refuse("It changes x itself. `x + s * u` makes a new array.")


@ex.check("twice or half the gradient gives 0.5, one with the wrong sign 2")
def _(answer):
    x, rng = _matrix(), np.random.default_rng(1)
    larger = "Divide by the larger of the two sizes"
    for factor, larger_one in [(2, "claimed"), (0.5, "measured")]:
        expect(
            answer(_waves, lambda x, factor=factor: factor * np.cos(x), x.copy(), rng),
            0.5,
            mistakes=[
                (1, f"{larger}: here that is the {larger_one} slope."),
                (1 / 3, f"{larger}, not by their sum."),
                (2 / 3, f"{larger}, not by their mean."),
                (-0.5, "A difference has no sign here: take its size."),
                (
                    0.25,
                    "A square makes small differences smaller. Take the size itself.",
                ),
                (-1, f"{larger}, not by the larger number."),
                (0, f"They do differ: one slope is {factor} times the other."),
            ],
            tip=f"The difference alone says little. {larger}.",
        )
    expect(
        answer(_waves, lambda x: -np.cos(x), x.copy(), rng),
        2,
        mistakes=[
            (0, "A wrong sign must count: take the sizes after the difference."),
            (-2, "A difference has no sign here: take its size."),
            (np.inf, f"{larger}, not by their sum."),
        ],
        tip="Divide by the larger of the two *sizes*.",
    )


@ex.check("among a thousand entries, one or two wrong ones are noticed")
def _(answer):
    def noticed(errors, seed):
        x = np.random.default_rng(0).normal(size=(20, 50))
        rng = np.random.default_rng(seed)
        return answer(_waves, lambda x: np.cos(x) + errors, x, rng) > 1e-5

    one, column, row = np.zeros((3, 20, 50))
    one[14, 0] = 1
    column[[3, 11], 7] = row[3, [7, 30]] = 1, -1
    if not all(noticed(one, seed) for seed in range(5)):
        refuse(
            "Every entry must have a part in u: draw it of the shape of x.",
            expected="more than 1e-05, for each of 5 directions",
        )
    for errors, line in [(column, "column"), (row, "row")]:
        if not any(noticed(errors, seed) for seed in range(12)):
            refuse(
                f"Two errors in one {line}, 1 and -1, cancel. Does each entry of u get "
                "a number of its own?",
                expected="more than 1e-05, at least for one of 12 directions",
            )


@ex.check("f is called two times, whatever the size of x")
def _(answer):
    calls = []

    def counted(x):
        calls.append(1)
        return _waves(x)

    answer(counted, np.cos, _matrix(), np.random.default_rng(1))
    if len(calls) != 2:
        refuse(
            "Move all entries at once, along u: one point ahead and one behind.",
            expected="2 calls",
            got=f"{len(calls)} calls for 20 entries",
        )


@ex.check("another rng gives another direction, the same seed the same one")
def _(answer):
    directions = []
    for seed in (1, 2, 1):
        points = []

        def recorded(x, points=points):
            points.append(np.array(x))
            return _waves(x)

        answer(recorded, np.cos, _matrix(), np.random.default_rng(seed))
        step = points[1] - points[0]
        directions.append(step / np.linalg.norm(step))
    first, second, again = directions
    if abs(np.sum(first * second)) > 0.999:
        refuse(
            "Both times the direction is the same: draw it from `rng`.",
            expected="two directions",
            got="the same direction for two generators",
        )
    if abs(np.sum(first * again)) < 0.999:
        refuse(
            "The direction is drawn from somewhere else: draw it from `rng`.",
            expected="the same direction for the same seed",
            got="two directions",
        )


@ex.check("where both slopes are 0 it gives 0, and where only one is, 1")
def _(answer):
    def level(x):
        return 5.0

    got = answer(level, np.zeros_like, _matrix(), np.random.default_rng(1))
    expect(got, 0, tip="0 divided by 0: look at the size before you divide.")
    for f, grad in [(_waves, np.zeros_like), (level, np.cos)]:
        got = answer(f, grad, _matrix(), np.random.default_rng(1))
        expect(got, 1, tip="If only one slope is 0, they differ. Give 0 when both are.")


@ex.wrong(says="that is the claimed slope")
def divided_by_measured(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / abs(measured) if measured else 0.0


@ex.wrong(says="that is the measured slope")
def divided_by_claimed(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / abs(claimed) if claimed else 0.0


@ex.wrong(says="Do both belong to the same direction u")
def normalized_once(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    claimed = np.sum(grad(x) * u)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Do both belong to the same direction u")
def lengths_compared(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.linalg.norm(grad(x))
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Give the number, not a verdict")
def verdict(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    return np.isclose(measured, np.sum(grad(x) * u))


@ex.wrong(says="one of the slopes is 0")
def nothing_moves(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="It changes x itself")
def moves_x(f, grad, x, rng, h=1e-4):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    claimed = np.sum(grad(x) * u)
    x += h * u
    ahead = f(x)
    x -= 2 * h * u
    measured = (ahead - f(x)) / (2 * h)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="by a central difference with a small h")
def coarse(f, grad, x, rng, h=1e-4):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = (f(x + h * u) - f(x)) / h
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="The difference alone says little")
def absolute(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    return abs(measured - np.sum(grad(x) * u))


@ex.wrong(says="A wrong sign must count")
def sizes_first(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = abs(d2l.numerical_diff(lambda s: f(x + s * u), 0.0))
    claimed = abs(np.sum(grad(x) * u))
    return abs(measured - claimed) / max(measured, claimed)


@ex.wrong(says="Every entry must have a part")
def one_random_entry(f, grad, x, rng):
    u = np.zeros(x.shape)
    u.flat[rng.integers(x.size)] = 1
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="a number of its own")
def one_number_for_each_column(f, grad, x, rng):
    u = rng.normal(size=x.shape[-1])
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="Move all entries at once")
def whole_bill(f, grad, x, rng):
    return d2l.check_gradient(f, grad, x)


@ex.wrong(says="Both times the direction is the same")
def always_one_direction(f, grad, x, rng):
    u = np.random.default_rng(0).normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="drawn from somewhere else")
def own_generator(f, grad, x, rng):
    u = np.random.default_rng().normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.wrong(says="look at the size before you divide")
def zero_by_zero(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    u /= np.linalg.norm(u)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    return abs(measured - claimed) / np.maximum(abs(measured), abs(claimed))


@ex.wrong(says="Give 0 when both are")
def zero_if_one_is(f, grad, x, rng):
    u = rng.normal(size=x.shape)
    measured = d2l.numerical_diff(lambda s: f(x + s * u), 0.0)
    claimed = np.sum(grad(x) * u)
    if measured == 0 or claimed == 0:
        return 0.0
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.right
def by_hand(f, grad, x, rng, h=1e-5):
    u = rng.uniform(-1, 1, size=x.shape)
    measured = (f(x + h * u) - f(x - h * u)) / (2 * h)
    claimed = np.dot(grad(x).ravel(), u.ravel())
    if measured == claimed:
        return 0
    return abs(measured - claimed) / max(abs(measured), abs(claimed))


@ex.right
def with_torch_numbers(f, grad, x, rng):
    import torch

    u = rng.choice([-1.0, 1.0], size=x.shape)
    u = u / np.linalg.norm(u)
    measured = torch.tensor(d2l.numerical_diff(lambda s: f(x + s * u), 0.0))
    claimed = (torch.tensor(grad(x)) * torch.tensor(u)).sum()
    size = torch.maximum(measured.abs(), claimed.abs())
    return (measured - claimed).abs() / size if size else torch.tensor(0.0)
