import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse, show_error
from ._bowls import bowl, long_bowl

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
            (
                start,
                """The end is the start. Is that the x which has moved? And does each
                step hold lr? Without it the walk jumps to and fro.""",
            ),
            (start * -3, "Each step takes the slope of the start. Take it at x."),
            (np.round(start * 0.8**20, 3), "That is rounded. Keep all its digits."),
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
            refuse(
                "A list is not an array yet. Make an array of it, in float64."
                if isinstance(start, list)
                else "An array of whole numbers takes no decimals. Make it float64.",
                got=show_error(error),
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
            (points.T, "Rows and columns are exchanged: a row for each point."),
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


@ex.wrong(says="does each step hold lr?")
def without_lr(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = [x.copy()]
    for _ in range(step_num):
        x -= d2l.numerical_gradient(f, x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="the slope of the start")
def slope_of_the_start(f, init_x, lr=0.1, step_num=20):
    x = np.array(init_x, dtype=np.float64)
    history = [x.copy()]
    for _ in range(step_num):
        x -= lr * d2l.numerical_gradient(f, init_x)
        history.append(x.copy())
    return x, np.array(history)


@ex.wrong(says="a row for each point")
def turned(f, init_x, lr=0.1, step_num=20):
    x, history = d2l.gradient_descent(f, init_x, lr, step_num)
    return x, history.T


@ex.wrong(says="That is rounded")
def rounded_end(f, init_x, lr=0.1, step_num=20):
    x, history = d2l.gradient_descent(f, init_x, lr, step_num)
    return np.round(x, 3), history


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
