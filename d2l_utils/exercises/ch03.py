"""Gradient descent."""

import lazy_loader
import numpy as np

import d2l_utils as d2l

from .exercise import Exercise
from .expect import expect, refuse

torch = lazy_loader.load("torch")


def bowl(x):
    return x[0] * x[0] + x[1] * x[1]


def long_bowl(x):
    return 0.1 * x[0] ** 2 + 2 * x[1] ** 2


def long_bowl_gradient(x):
    return np.array([0.2 * x[0], 4 * x[1]])


ex = Exercise(
    "03.after_seven_steps",
    hints=[
        "Put the slope of `2 * x**2` into the rule: by which factor is x multiplied in "
        "each step?",
        "The factor is 1 - 0.5 · 4 = -1.",
    ],
    explanation="""The slope is 4x, so each step multiplies by 1 - 0.5 · 4 = -1: from
        side to side, forever. After 7 steps, an odd number, x is -1.""",
)
ex.value(where=-1)


@ex.check("the walk on 2x² with η = 0.5, 7 steps after x = 1")
def _(answer):
    expect(
        answer,
        -1,
        shown="another number",
        mistakes=[
            (
                1,
                "The right distance. On which side is it after an odd number of steps?",
            ),
            (0, "Does it arrive? The factor is 1 - ηλ, and λ is the slope of 4x."),
            (0.5**7, "η is not the factor: the factor is 1 - ηλ."),
            ((-0.5) ** 7, "What is λ, the slope of 4x? The factor is 1 - ηλ."),
            (-13, "Only the first slope is 4. Take it again after each step."),
            (3**7, "That goes up the slope: the rule *subtracts* η times the slope."),
        ],
        tip="Take two steps by hand: x - 0.5 · 4x.",
    )


ex.wrong(1, says="On which side is it")
ex.wrong(0, says="Does it arrive?")
ex.wrong(0.0078125, says="η is not the factor")
ex.wrong(-13, says="Take it again after each step")
ex.wrong(3**7, says="*subtracts*")
ex.wrong(-7, says="Take two steps by hand")
ex.right(-1.0)
ex.right(np.array([-1]))


ex = Exercise(
    "03.two_rates",
    hints=[
        "The curvature λ is the second derivative: the slope of the slope `6 * x`.",
        "The walk arrives at once where ηλ = 1. From ηλ = 2 on it never arrives.",
    ],
    explanation="""The curvature of 3x² is 6. With η = 1/6 the factor 1 - ηλ is 0, with
        η = 1/3 it is -1, and above that the walk jumps farther and farther away.""",
)
ex.value(rates=[1 / 6, 1 / 3])


@ex.check("for 3x²: the rate that arrives in one step, and the limit")
def _(answer):
    inverse = "6 is λ. For which η is ηλ equal to 1, for which equal to 2?"
    expect(
        answer,
        [1 / 6, 1 / 3],
        rtol=0,
        atol=5e-3,
        shown="two other numbers",
        mistakes=[
            (
                [1 / 3, 2 / 3],
                "3 is not the curvature. The slope is 6x; what is its slope?",
            ),
            (
                [1 / 3, 1 / 6],
                "The right numbers. The one that arrives at once is first.",
            ),
            ([6, 12], inverse),
            ([6, 3], inverse),
            ([1, 2], "Those are values of ηλ. How large is η, when λ is known?"),
            ([1 / 12, 1 / 6], "The slope is 6x. What is the slope of that?"),
            ([1 / 4, 1 / 2], "Those are the rates of 2x², the valley of section 3."),
        ],
        tip="What does the table of section 3 say of ηλ = 1 and of ηλ = 2?",
    )


ex.wrong([0.3333, 0.6667], says="3 is not the curvature")
ex.wrong([1 / 3, 1 / 6], says="arrives at once is first")
ex.wrong([6, 3], says="For which η is ηλ equal to 1")
ex.wrong([1, 2], says="values of ηλ")
ex.wrong([0.25, 0.5], says="the valley of section 3")
ex.wrong([0.1667, 1], says="What does the table of section 3 say")
ex.wrong(1 / 3, says="2 numbers are wanted")
ex.right((0.17, 0.33))
ex.right(np.array([1, 2]) / 6)


ex = Exercise(
    "03.predict_two_directions",
    hints=[
        "The two coordinates do not mix. Each has its own factor, 1 - ηλ.",
        "The curvatures are 0.2 along the valley and 4 across it.",
    ],
    explanation="""Along the valley the factor is 1 - 0.4 · 0.2 = 0.92: a slow walk on
        its side. Across it the factor is 1 - 0.4 · 4 = -0.6: from side to side, and 0.6
        times as far each time. Both are smaller than 1 in size, so both arrive.""",
)
ex.choice(
    {
        "a": """The 2 in front of x1² is not its curvature. With the true one, which
            sign does 1 - ηλ have?""",
        "b": "In which of the two directions is the curvature larger?",
        "d": "Compare 0.4 with the limit of this bowl, 2 divided by the largest λ.",
    },
    prediction="c",
)


ex = Exercise(
    "03.best_rate",
    hints=[
        "First the two curvatures: the second derivatives along x0 and along x1.",
        "The slower direction sets the pace. The best rate makes the two factors equal "
        "in size.",
        "The curvatures are 1 and 6, and the best rate is 2 / (λmin + λmax).",
    ],
    explanation="""The curvatures are 1 and 6, so the best rate is 2 / 7, and both
        factors have the size 5/7. A smaller rate is slower along the valley, a larger
        one across it.""",
)
ex.value(best_rate=2 / 7)


@ex.check("the walk with this rate needs at most two steps more than the best")
def _(answer):
    expect(answer, 0, atol=1e300, shown="a number")
    while np.ndim(answer):
        answer = answer[0]
    lr = float(answer)
    curvatures = np.array([1.0, 6.0])

    def steps_needed(lr):
        x, steps = np.ones(2), 0
        while np.max(np.abs(x)) >= 1e-6 and steps < 1000:
            x, steps = (1 - lr * curvatures) * x, steps + 1
        return steps

    best, needed = steps_needed(2 / 7), steps_needed(lr)
    if needed <= best + 2:
        return
    along, across = np.abs(1 - lr * curvatures)
    if lr <= 0:
        why = "The rule subtracts η times the slope: η must be greater than 0."
    elif np.isclose(lr, 2 / 3.5, rtol=1e-2):
        why = "0.5 and 3 are not the curvatures. A curvature is a second derivative."
    elif lr >= 1 / 3:
        why = "Across the valley this rate is not below the limit, 2 / λmax."
    elif np.isclose(lr, 1 / 6, rtol=1e-2):
        why = "Across the valley it arrives at once. Along it, the walk is slow."
    elif along > across:
        why = "Along the valley a larger rate would be faster."
    else:
        why = "Across the valley a smaller rate would be faster."
    refuse(
        why,
        expected=f"at most {best + 2} steps to a millionth of the distance",
        got=f"{needed} steps" if needed < 1000 else "not there after 1000 steps",
    )


ex.wrong(0.1667, says="Across the valley it arrives at once")
ex.wrong(0.1, says="Along the valley a larger rate")
ex.wrong(0.3, says="Across the valley a smaller rate")
ex.wrong(1 / 3, says="not below the limit")
ex.wrong(1, says="not below the limit")
ex.wrong(2 / 3.5, says="not the curvatures")
ex.wrong(-2 / 7, says="greater than 0")
ex.wrong([0.28, 0.28], says="One number is wanted")
ex.right(0.28)
ex.right(np.float32(0.2857))
ex.right([[0.286]])


ex = Exercise(
    "03.mend_the_walk",
    hints=[
        "Section 2 says what `np.array(...)` and `.copy()` are good for. Here there is "
        "neither, except at the very end.",
        "`x = np.array(init_x, dtype=np.float64)` protects the caller, and takes whole "
        "numbers and lists.",
        "The start belongs in the history, and then a copy after each step: "
        "`history = [x.copy()]` and `history.append(x.copy())`.",
    ],
    explanation="""`x -= ...` changes the array itself, under every name that it has:
        the caller's, and that of each row of the history. So the walk works on a copy,
        in float64, and the history keeps a copy of every position, the start first.""",
)


@ex.stub
def walk_down(f, init_x, lr=0.1, step_num=20):
    """Walk downhill from init_x; give the end and all points, the start first."""
    x = init_x
    history = []
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
        history.append(x)
    return x, np.array(history)


@ex.solution
def walk_down(f, init_x, lr=0.1, step_num=20):
    """Walk downhill from init_x; give the end and all points, the start first."""
    x = np.array(init_x, dtype=np.float64)
    history = [x.copy()]
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


def _walk(answer, start, *arguments, f=bowl):
    """The end and the history; refused if it is not these two."""
    got = answer(f, start, *arguments)
    if not isinstance(got, tuple | list) or len(got) != 2:
        refuse(
            "Two things come back: `return x, np.array(history)`.",
            expected="the end and the history",
            got=got,
        )
    return got


@ex.check("from (-3.0, 4.0) on two bowls it ends where the theory says")
def _(answer):
    start = np.array([-3.0, 4.0])
    end, _ = _walk(answer, start.copy())
    expect(
        end,
        start * 0.8**20,
        mistakes=[
            (start * 1.2**20, "It walks uphill. The rule *subtracts* the slope."),
            (start * 0.8**21, "That is one step too many."),
            (start * 0.8**19, "That is one step too few."),
            (start, "The end is the start. Which x is returned?"),
            (start * 0.8 ** np.arange(21)[:, None], "First the end, then the history."),
        ],
        tip="Each step should multiply x by 0.8.",
    )
    end, _ = _walk(answer, start.copy(), 0.2, 3, f=long_bowl)
    expect(
        end,
        start * np.array([0.96, 0.2]) ** 3,
        mistakes=[(start * 0.6**3, "Here f is the long bowl. Take the slope of f.")],
        tip="On the long bowl it should use the lr and the step_num that it gets.",
    )


@ex.check("the start that it is given stays as it was")
def _(answer):
    origin = np.array([-3.0, 4.0])
    _walk(answer, origin)
    if origin.tolist() != [-3, 4]:
        refuse(
            "`x = init_x` gives the same array a second name. Work on a copy.",
            expected="[-3.0, 4.0], as before",
            got=repr(origin.round(4).tolist()),
        )


@ex.check("it may start from whole numbers, np.array([-3, 4]), or from a list")
def _(answer):
    for start in (np.array([-3, 4]), [-3, 4]):
        try:
            end, _ = _walk(answer, start)
        except (AttributeError, TypeError) as error:
            words = str(error).partition("\n")[0]
            refuse(
                "A list is not an array yet. Make an array of it, in float64."
                if isinstance(start, list)
                else "An array of whole numbers takes no decimals. Make it float64.",
                got=f"{type(error).__name__}: {words}",
            )
        expect(
            end,
            np.array([-3.0, 4.0]) * 0.8**20,
            tip="An array of whole numbers cuts off decimals. Make it float64.",
        )


@ex.check("the history: start first, end last; 20 steps give 21 rows, 3 give 4")
def _(answer):
    start = np.array([-3.0, 4.0])
    points = start * 0.8 ** np.arange(21)[:, None]
    _, history = _walk(answer, start.copy())
    ends = np.repeat(points[-1:], 21, axis=0)
    same = "The rows are one and the same array, the last point. Append a copy of x."
    expect(
        history,
        points,
        mistakes=[
            (ends, same),
            (ends[1:], same),
            (np.vstack([start, ends[1:]]), same),
            (np.vstack([ends[0], points[1:]]), "The first row must be a copy, too."),
            (points[1:], "The start is missing. It belongs in the first row."),
            (points[:-1], "The end is missing. Append each point after its step."),
        ],
        tip="One row for the start, one for each step.",
    )
    _, history = _walk(answer, start.copy(), 0.25, 3)
    expect(
        history,
        start * 0.5 ** np.arange(4)[:, None],
        tip="After 3 steps with lr = 0.25 there are 4 rows.",
    )


@ex.wrong(says="The rows are one and the same array")
def no_copies_in_history(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = [x]
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
        history.append(x)
    return x, np.array(history)


@ex.wrong(says="It walks uphill")
def uphill(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = [x.copy()]
    for _ in range(step_num):
        x += lr * d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="Two things come back")
def only_the_end(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
    return x


@ex.wrong(says="Take the slope of f")
def slope_of_the_bowl(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = [x.copy()]
    for _ in range(step_num):
        x -= lr * 2 * x
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="use the lr and the step_num")
def always_twenty(f, init_x, lr=0.1, step_num=20):
    return d2l.gradient_descent(f, init_x, 0.1, 20)


@ex.wrong(says="the same array a second name")
def second_name(f, init_x, lr=0.1, step_num=20):
    x = init_x
    history = [x.copy()]
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="A list is not an array yet")
def method_of_an_array(f, init_x, lr=0.1, step_num=20):
    return d2l.gradient_descent(f, init_x.astype(np.float64), lr, step_num)


@ex.wrong(says="After 3 steps")
def always_21_rows(f, init_x, lr=0.1, step_num=20):
    history = np.zeros((21, 2))
    history[0] = init_x
    for k in range(step_num):
        history[k + 1] = history[k] - lr * d2l.numerical_gradient(f, history[k])
    return history[step_num], history


@ex.wrong(says="takes no decimals")
def copied_as_it_is(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x)
    history = [x.copy()]
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="cuts off decimals")
def entry_by_entry(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x)
    history = [x.copy()]
    for _ in range(step_num):
        x[:] = x - lr * d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="The first row must be a copy")
def first_row_not_copied(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = [x]
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="The start is missing")
def without_the_start(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = []
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="The end is missing")
def before_each_step(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = []
    for _ in range(step_num):
        history.append(x.copy())
        x -= lr * d2l.numerical_gradient(f, x)
    return x, np.array(history)


@ex.right
def new_array_each_step(f, init_x, lr=0.1, step_num=20):
    x = init_x
    history = [x]
    for _ in range(step_num):
        x = x - lr * d2l.numerical_gradient(f, x)
        history.append(x)
    return x, history


@ex.right
def rows_of_a_table(f, init_x, lr=0.1, step_num=20):
    history = np.empty((step_num + 1, *np.shape(init_x)))
    history[0] = init_x
    for k in range(step_num):
        history[k + 1] = history[k] - lr * d2l.numerical_gradient(f, history[k])
    return history[-1], history


@ex.right
def in_torch(f, init_x, lr=0.1, step_num=20):
    import torch

    x = torch.tensor(init_x, dtype=torch.float64, requires_grad=True)
    history = [x.detach().clone()]
    for _ in range(step_num):
        (slope,) = torch.autograd.grad(f(x), x)
        x = (x - lr * slope).detach().requires_grad_()
        history.append(x.detach())
    return x, torch.stack(history)


ex = Exercise(
    "03.mend_the_torch_walk",
    hints=[
        "Section 7 names four things that PyTorch must be told. Two are missing here.",
        "`x = x - ...` makes a new tensor that is no leaf. Under "
        "`with torch.no_grad():` the leaf itself may change: `x -= lr * x.grad`.",
        "`backward` adds to `x.grad`, so forget it after each step: `x.grad.zero_()`.",
    ],
    explanation="""Under `no_grad` the leaf is changed in place, without being watched,
        so it stays a leaf and gets its next slope. And `zero_` forgets the old slope,
        since `backward` adds to what is there.""",
)


@ex.stub
def torch_descent(f, start, lr=0.1, steps=20):
    """Walk downhill on f, made of PyTorch operations, from start; give the end."""
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x = x - lr * x.grad
    return x.detach()


@ex.solution
def torch_descent(f, start, lr=0.1, steps=20):
    """Walk downhill on f, made of PyTorch operations, from start; give the end."""
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return x.detach()


# What stands in the errors that PyTorch raises here, and what to do.
TORCH_ERRORS = {
    "leaf Variable": """PyTorch watches the update as if it were a part of f. Put it
        under `with torch.no_grad():`.""",
    "does not require grad": """Nobody watched x when f was computed. Does x start with
        `requires_grad=True`? Make no new x: change the old one, by `x -= ...` under
        `no_grad`. And f stays outside.""",
    "second time": "In each step f must be computed anew, at the new x.",
    "modified by an inplace": "In each step f must be computed anew, at the new x.",
    "NoneType": """Something here is None. `backward` itself gives None: it puts the
        slope into `x.grad`. And `x.grad` is None if there was no `backward` yet, or if
        x is no leaf anymore, because `x = x - ...` has made a new tensor.""",
}


def _torch_walk(answer, *arguments):
    """The end of the walk; the errors that PyTorch raises get a hint."""
    try:
        return answer(*arguments)
    except (AttributeError, RuntimeError, TypeError) as error:
        said = f"{type(error).__name__}: {error}".partition("\n")[0].partition(". ")[0]
        for words, why in TORCH_ERRORS.items():
            if words in said:
                refuse(why, got=said)
        raise


def _sum_of_squares(x):
    return (x**2).sum()


@ex.check("two steps from (-3, 4), on the sum of squares")
def _(answer):
    expect(
        _torch_walk(answer, _sum_of_squares, [-3.0, 4.0], 0.1, 2),
        [-1.92, 2.56],
        mistakes=[
            ([-1.32, 1.76], "In step 2 the slope of step 1 is still there. Forget it."),
            ([-1.8, 2.4], "Step 2 takes the slope of step 1. Ask again, at the new x."),
            ([-4.32, 5.76], "It walks uphill. The rule *subtracts* the slope."),
            ([-3, 4], "It has not moved. Is the slope forgotten before the step?"),
            ([-2.4, 3.2], "It has moved once, not twice."),
        ],
        tip="Each step should multiply x by 0.8.",
    )


@ex.check("100 steps on 2x² from 1.5, with lr = 0.01")
def _(answer):
    expect(
        _torch_walk(answer, lambda x: 2 * x**2, 1.5, 0.01, 100),
        1.5 * 0.96**100,
        tip="Is a number of your own written into the code?",
    )


@ex.check("the array that it starts from stays as it was")
def _(answer):
    start = np.array([-3.0, 4.0])
    _torch_walk(answer, _sum_of_squares, start, 0.1, 3)
    if start.tolist() != [-3, 4]:
        refuse(
            "x shares its memory with the caller's array. `torch.tensor` makes a copy.",
            expected="[-3.0, 4.0], as before",
            got=repr(start.round(4).tolist()),
        )


@ex.wrong(says="the slope of step 1 is still there")
def never_forgets(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
    return x.detach()


@ex.wrong(says="with torch.no_grad():")
def watched_update(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x -= lr * x.grad
        x.grad.zero_()
    return x.detach()


@ex.wrong(says="has made a new tensor")
def no_leaf_any_more(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x = x - lr * x.grad
        x.grad.zero_()
    return x.detach()


@ex.wrong(says="there was no `backward` yet")
def forgets_too_early(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad.zero_()
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
    return x.detach()


@ex.wrong(says="`backward` itself gives None")
def what_backward_gives(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        slope = f(x).backward()
        with torch.no_grad():
            x -= lr * slope
    return x.detach()


@ex.wrong(says="Does x start with `requires_grad=True`?")
def nobody_watches(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64)
    for _ in range(steps):
        f(x).backward()
        x -= lr * x.grad
        x.grad.zero_()
    return x


@ex.wrong(says="And f stays outside")
def all_under_no_grad(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        for _ in range(steps):
            f(x).backward()
            x -= lr * x.grad
            x.grad.zero_()
    return x.detach()


@ex.wrong(says="Make no new x")
def new_tensor_under_no_grad(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x = x - lr * x.grad
    return x.detach()


@ex.wrong(says="Ask again, at the new x")
def one_slope_for_all(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    for _ in range(steps):
        with torch.no_grad():
            x -= lr * x.grad
    return x.detach()


@ex.wrong(says="f must be computed anew")
def one_value_for_all(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(steps):
        y.backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return x.detach()


@ex.wrong(says="has not moved")
def forgets_before_the_step(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x.grad.zero_()
        with torch.no_grad():
            x -= lr * x.grad
    return x.detach()


@ex.wrong(says="It walks uphill")
def uphill_in_torch(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x += lr * x.grad
        x.grad.zero_()
    return x.detach()


@ex.wrong(says="Is a number of your own written into the code?")
def own_rate(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= 0.1 * x.grad
        x.grad.zero_()
    return x.detach()


@ex.wrong(says="shares its memory")
def shared_memory(f, start, lr=0.1, steps=20):
    x = torch.as_tensor(start, dtype=torch.float64).requires_grad_()
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return x.detach()


@ex.right
def library(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        f(x).backward()
        optimizer.step()
    return x


@ex.right
def new_leaf_each_step(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x = (x - lr * x.grad).detach().requires_grad_()
    return x.tolist()


@ex.right
def grad_set_to_none(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        x.data -= lr * x.grad
    return x.detach().numpy()


ex = Exercise(
    "03.growing_step",
    hints=[
        "Take `numerical_gradient` of lesson 02, and choose h inside the loop.",
        "For one entry, kept as `old`, its size is `abs(old)`.",
        "`h = 1e-4 * max(1.0, abs(old))`",
    ],
    explanation="""The neighbors of a number lie farther apart the larger it is, in
        proportion to its size. An h in the same proportion is never lost. Near 0 it
        must not shrink to nothing, so it stays at 1e-4 there. With this gradient the
        walk with η = 10 obeys the theory, all the way to 10 to the power of 128.""",
)


@ex.solution
def scaled_gradient(f, x):
    """Approximate the gradient of f at x by central differences, each with its own h.

    For each entry h is 1e-4 times its size, but not less than 1e-4.
    """
    # BEGIN SOLUTION
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * max(1.0, abs(old))
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad
    # END SOLUTION


@ex.check("near 0 it is what it was: at (0, 2) on the bowl, 0 and 4")
def _(answer):
    point = np.array([0.0, 2.0])
    expect(
        answer(bowl, point),
        [0, 4],
        atol=1e-5,
        mistakes=[
            (
                [1e-4, 4.0002],
                "That is the forward difference. Use a point on each side.",
            ),
            ([0, 8], "Twice too much: the two points are 2h apart."),
            ([np.nan, 4], "For an entry of 0 your h is 0, and 0 is divided by 0."),
        ],
        tip="h is at least 1e-4.",
    )
    if point.tolist() != [0, 2]:
        refuse(
            "It moves the caller's own array. Work on a copy.",
            expected="[0.0, 2.0], as before",
            got=repr(point.tolist()),
        )


@ex.check("for a tiny entry, too: x0 · x1 + x1² at (1e-12, 2) has the slopes 2 and 4")
def _(answer):
    expect(
        answer(lambda x: x[0] * x[1] + x[1] ** 2, np.array([1e-12, 2.0])),
        [2, 4],
        rtol=1e-6,
        mistakes=[([2, 3.9999], "Put each entry back before the next one moves.")],
        tip="For a tiny entry h must not become tiny: it is at least 1e-4.",
    )


@ex.check("far out, at (3e13, -4e13), it is not blind: 6e13 and -8e13")
def _(answer):
    expect(
        answer(bowl, np.array([3e13, -4e13])),
        [6e13, -8e13],
        rtol=1e-3,
        mistakes=[
            (
                [0, 0],
                "h is lost in the rounding: x + h is x. Let it grow with the entry.",
            ),
            ([6e13, 0], "The size of -4e13 is 4e13: take `abs`."),
        ],
        tip="h should be 1e-4 times the size of the entry.",
    )


@ex.check("each entry has its own h: at (1e13, 1), the slopes of cos(x1) and of x0")
def _(answer):
    expect(
        answer(lambda x: np.cos(x[1]), np.array([1e13, 1.0])),
        [0, -np.sin(1.0)],
        rtol=1e-6,
        tip="Near 1 an h of 1e-4 is right. The large entry must not decide about it.",
    )
    expect(
        answer(lambda x: x[0], np.array([1e13, 1.0])),
        [1, 0],
        tip="The small entry must not decide about the h of the large one.",
    )


@ex.check("with it, the walk with η = 10 follows the theory for 100 steps")
def _(answer):
    end, _ = d2l.gradient_descent(
        bowl, [-3.0, 4.0], lr=10, step_num=100, grad=lambda x: answer(bowl, x)
    )
    expect(
        end,
        np.array([-3.0, 4.0]) * (-19.0) ** 100,
        rtol=1e-2,
        tip="h must grow as fast as x: in proportion to its size.",
    )


@ex.wrong(says="Let it grow with the entry")
def fixed_step(f, x):
    return d2l.numerical_gradient(f, x)


@ex.wrong(says="0 is divided by 0")
def no_smallest_step(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * abs(old)
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="must not become tiny")
def only_zero_is_special(f, x):
    x = np.array(x, dtype=np.float64)
    steps = np.diag(np.where(x == 0, 1e-4, 1e-4 * np.abs(x)))
    return [(f(x + step) - f(x - step)) / (2 * step.sum()) for step in steps]


@ex.wrong(says="Put each entry back")
def others_not_held_still(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        h = 1e-4 * max(1.0, abs(x[i]))
        x[i] += h
        f_plus = f(x)
        x[i] -= 2 * h
        f_minus = f(x)
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="take `abs`")
def without_abs(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * max(1.0, old)
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="forward difference")
def forward(f, x):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        h = 1e-4 * max(1.0, abs(old))
        f_here = f(x)
        x[i] = old + h
        grad[i] = (f(x) - f_here) / h
        x[i] = old
    return grad


@ex.wrong(says="Work on a copy")
def never_put_back(f, x):
    grad = np.zeros(x.shape)
    for i in range(x.size):
        h = 1e-4 * max(1.0, abs(x[i]))
        x[i] += h
        f_plus = f(x)
        x[i] -= 2 * h
        f_minus = f(x)
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad


@ex.wrong(says="must not decide about")
def one_for_all(f, x):
    return d2l.numerical_gradient(f, x, h=1e-4 * max(1.0, np.max(np.abs(x))))


@ex.wrong(says="The small entry must not decide")
def last_entry_for_all(f, x):
    return d2l.numerical_gradient(f, x, h=1e-4 * max(1.0, abs(x[-1])))


@ex.wrong(says="in proportion to its size")
def square_root(f, x):
    x = np.array(x, dtype=np.float64)
    steps = np.diag(1e-4 * np.sqrt(np.maximum(1.0, np.abs(x))))
    return [(f(x + step) - f(x - step)) / (2 * step.sum()) for step in steps]


@ex.right
def sum_instead_of_max(f, x):
    x = np.asarray(x, dtype=np.float64)
    steps = np.diag(1e-4 * (1 + np.abs(x)))
    return [(f(x + step) - f(x - step)) / (2 * step.sum()) for step in steps]


@ex.right
def one_call_for_each(f, x):
    grad = []
    for i, old in enumerate(x):
        h = max(1e-4, 1e-4 * abs(old))

        def along(s, i=i):
            moved = np.array(x)
            moved[i] = s
            return f(moved)

        grad.append(d2l.numerical_diff(along, old, h))
    return np.array(grad)


ex = Exercise(
    "03.own_rate",
    hints=[
        "Do not step at once. Compute where the step would lead, and call that place "
        "`trial`.",
        "If `f(trial) > f(x)`, stay at x and halve lr. If not, `x = trial`.",
        "lr must keep its new value for all later steps, so it is changed inside the "
        "loop and set nowhere else.",
    ],
    explanation="""A step that goes up is not taken; half the rate is tried next. From
        η = 10 on the long bowl, five halvings lead to 0.3125, the first of these rates
        below the limit of 0.5. The walk never goes up, whatever rate it is given. But
        it does not find the best rate: it takes the first that works.""",
)


@ex.solution
def descend_with_care(f, grad, init_x, lr, step_num):
    """Walk downhill from init_x, and halve the learning rate where it is too large.

    Whenever a step would make f larger, it is not taken, and lr is halved instead.
    Gives the last point and the last lr.
    """
    # BEGIN SOLUTION
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) > f(x):
            lr = lr / 2
        else:
            x = trial
    return x, lr
    # END SOLUTION


def _careful(answer, f, grad, start, lr, step_num):
    """The end and the last rate; refused if it is not these two."""
    got = answer(f, grad, start, lr, step_num)
    if not isinstance(got, tuple | list) or len(got) != 2:
        refuse(
            "Two things come back: the last point and the last lr.",
            expected="a point and a rate",
            got=got,
        )
    return got


@ex.check("a rate that works is kept: on the bowl, 20 steps with 0.1, 5 with 0.5")
def _(answer):
    start = np.array([-3.0, 4.0])
    end, lr = _careful(answer, bowl, lambda x: 2 * x, start, 0.1, 20)
    expect(
        lr,
        0.1,
        mistakes=[
            (0.1 / 2**20, "It halves in every step. Only a step up is a reason."),
            (np.array([-3.0, 4.0]) * 0.8**20, "First the last point, then lr."),
        ],
        tip="No step goes up here, so there is no reason to change lr.",
    )
    expect(
        end,
        np.array([-3.0, 4.0]) * 0.8**20,
        mistakes=[([-3, 4], "It stays at its start. A step that goes down is taken.")],
        tip="With a fixed rate each step multiplies by 0.8.",
    )
    if start.tolist() != [-3, 4]:
        refuse(
            "It moves the caller's own array. Work on a copy.",
            expected="[-3.0, 4.0], as before",
            got=repr(start.round(4).tolist()),
        )
    _, lr = _careful(answer, bowl, lambda x: 2 * x, start, 0.5, 5)
    expect(
        lr,
        0.5,
        tip="With 0.5 it arrives in one step. From then on f stays as it is: that is "
        "not larger, so there is no reason to halve.",
    )


@ex.check("the walk never goes up, not even for one step")
def _(answer):
    for start, lr, counts, why in [
        (
            [-5.0, -2.0],
            10.0,
            range(9),
            "A step that goes up is not taken: x stays where it was.",
        ),
        (
            [-5.0, -0.001],
            0.6,
            range(0, 33, 4),
            "The first steps go down, later ones go up. In each step compare f(trial) "
            "with f at the present x.",
        ),
    ]:
        before = np.inf
        for steps in counts:
            end, _ = _careful(
                answer, long_bowl, long_bowl_gradient, np.array(start), lr, steps
            )
            expect(end, start, atol=1e300, shown="a point")
            height = long_bowl([float(entry) for entry in end])
            if height > before:
                refuse(
                    why,
                    expected=f"a height of {before:.4g} or less, after step {steps}",
                    got=f"a height of {height:.4g}",
                )
            before = height


@ex.check("on the long bowl, lr = 10 ends as 0.3125, and the walk at the minimum")
def _(answer):
    start = np.array([-5.0, -2.0])
    end, lr = _careful(answer, long_bowl, long_bowl_gradient, start, 10.0, 200)
    expect(
        lr,
        0.3125,
        mistakes=[
            (10, "lr is still 10. Halve lr itself, so that later steps keep it."),
        ],
        tip="10, 5, 2.5, 1.25, 0.625, 0.3125: the first that goes down is kept.",
    )
    expect(end, [0, 0], atol=1e-3, tip="200 steps should be enough to arrive.")


@ex.check("on x⁴ - 3x² + x, from 0.2 with lr = 0.02, all 20 steps go down")
def _(answer):
    _, lr = _careful(
        answer,
        lambda x: x[0] ** 4 - 3 * x[0] ** 2 + x[0],
        lambda x: 4 * x**3 - 6 * x + 1,
        np.array([0.2]),
        0.02,
        20,
    )
    expect(
        lr,
        0.02,
        tip="f falls in every step, though its slope grows at first. Compare f(trial) "
        "with f(x), and nothing else.",
    )


@ex.wrong(says="is not taken: x stays")
def not_taken_back(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) > f(x):
            lr = lr / 2
        x = trial
    return x, lr


@ex.wrong(says="It halves in every step")
def always_halved(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        x = x - lr * grad(x)
        lr = lr / 2
    return x, lr


@ex.wrong(says="It halves in every step")
def turned_round(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) < f(x):
            lr = lr / 2
        else:
            x = trial
    return x, lr


@ex.wrong(says="It moves the caller's own array")
def on_the_array_itself(f, grad, init_x, lr, step_num):
    x = init_x
    for _ in range(step_num):
        step = lr * grad(x)
        before = f(x)
        x -= step
        if f(x) > before:
            x += step
            lr = lr / 2
    return x, lr


@ex.wrong(says="Two things come back")
def point_alone(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) > f(x):
            lr = lr / 2
        else:
            x = trial
    return x


@ex.wrong(says="is not taken: x stays")
def no_check_at_all(f, grad, init_x, lr, step_num):
    return d2l.gradient_descent(f, init_x, lr, step_num, grad=grad)[0], lr


@ex.wrong(says="lr is still 10")
def rate_forgotten(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        rate = lr
        while f(x - rate * grad(x)) > f(x):
            rate = rate / 2
        x = x - rate * grad(x)
    return x, lr


@ex.wrong(says="that is not larger")
def halved_at_the_minimum(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) < f(x):
            x = trial
        else:
            lr = lr / 2
    return x, lr


@ex.wrong(says="In each step compare f(trial)")
def searched_once(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    while f(x - lr * grad(x)) > f(x):
        lr = lr / 2
    return d2l.gradient_descent(f, x, lr, step_num, grad=grad)[0], lr


@ex.wrong(says="In each step compare f(trial)")
def compared_with_the_start(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    height = f(x)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) > height:
            lr = lr / 2
        else:
            x = trial
    return x, lr


@ex.wrong(says="and nothing else")
def slopes_compared(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if np.linalg.norm(grad(trial)) > np.linalg.norm(grad(x)):
            lr = lr / 2
        else:
            x = trial
    return x, lr


@ex.wrong(says="the first that goes down is kept")
def divided_by_ten(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) > f(x):
            lr = lr / 10
        else:
            x = trial
    return x, lr


@ex.right
def halved_until_it_falls(f, grad, init_x, lr, step_num):
    x = np.asarray(init_x, dtype=np.float64)
    for _ in range(step_num):
        slopes, height = grad(x), f(x)
        while f(x - lr * slopes) > height:
            lr *= 0.5
        x = x - lr * slopes
    return [x, lr]


@ex.right
def step_taken_back(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    height = f(x)
    for _ in range(step_num):
        before = x.copy()
        x -= lr * grad(x)
        if f(x) <= height:
            height = f(x)
        else:
            x, lr = before, lr / 2
    return x, np.float64(lr)
