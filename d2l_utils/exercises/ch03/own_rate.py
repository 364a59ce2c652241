import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse
from ._bowls import bowl, long_bowl, long_bowl_gradient

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
        it does not find the best rate: it takes the first that works. One rate fools
        it: at exactly 2/λ, here 0.5, f never rises across the valley, and the walk
        jumps forever. Libraries ask for a fall of a certain size.""",
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
            (
                0.1 / 2**20,
                """It halves in every step. Only a step up is a reason. Does the trial
                go against the gradient?""",
            ),
            (np.array([-3.0, 4.0]) * 0.8**20, "First the last point, then lr."),
        ],
        tip="No step goes up here, so there is no reason to change lr.",
    )
    expect(
        end,
        np.array([-3.0, 4.0]) * 0.8**20,
        mistakes=[
            (
                [-3, 4],
                """It stays at its start. A step that goes down is taken, and it is lr
                times the gradient.""",
            ),
            (np.array([-3.0, 4.0]) * 0.8**19, "That is one step too few."),
            (np.array([-3.0, 4.0]) * 0.8**21, "That is one step too many."),
        ],
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
    for start, lr, scale, counts, message in [
        (
            [-5.0, -2.0],
            10.0,
            1.0,
            range(9),
            "A step that goes up is not taken: x stays where it was.",
        ),
        (
            [-5.0, -0.001],
            0.6,
            1.0,
            range(0, 33, 4),
            "The first steps go down, later ones go up. In each step compare f(trial) "
            "with f at the present x.",
        ),
        (
            [0.0, -2.0],
            0.506,
            1.0,
            range(5),
            "It goes up by a twentieth. Whatever is above f(x), however little, is up.",
        ),
        (
            [-5.0, -2.0],
            6e5,
            1e-6,
            range(5),
            "f is small here, and still it goes up: f(x) alone is the measure.",
        ),
        (
            [-5.0, -2.0],
            0.4,
            100.0,
            range(5),
            """On this steeper bowl 0.4 is too large. f tells so, not a limit in your
            code.""",
        ),
    ]:
        before = np.inf
        for steps in counts:
            end, _ = _careful(
                answer,
                lambda x, scale=scale: scale * long_bowl(x),
                lambda x, scale=scale: scale * long_bowl_gradient(x),
                np.array(start),
                lr,
                steps,
            )
            expect(end, start, atol=1e300, shown="a point")
            height = scale * long_bowl([float(entry) for entry in end])
            if height > before:
                refuse(
                    message,
                    expected="a height of {before:.4g} or less, after step {step}",
                    got="a height of {height:.4g}",
                    before=before,
                    step=steps,
                    height=height,
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


@ex.wrong(says="however little, is up")
def a_tenth_is_forgiven(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) > 1.1 * f(x):
            lr = lr / 2
        else:
            x = trial
    return x, lr


@ex.wrong(says="f(x) alone is the measure")
def a_thousandth_is_forgiven(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x - lr * grad(x)
        if f(trial) - f(x) > 1e-3:
            lr = lr / 2
        else:
            x = trial
    return x, lr


@ex.wrong(says="not a limit in your code")
def limit_of_the_long_bowl(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        if lr > 0.5:
            lr = lr / 2
        else:
            x = x - lr * grad(x)
    return x, lr


@ex.wrong(says="against the gradient?")
def uphill(f, grad, init_x, lr, step_num):
    x = np.array(init_x, dtype=np.float64)
    for _ in range(step_num):
        trial = x + lr * grad(x)
        if f(trial) > f(x):
            lr = lr / 2
        else:
            x = trial
    return x, lr


@ex.wrong(says="one step too few")
def one_step_less(f, grad, init_x, lr, step_num):
    return descend_with_care(f, grad, init_x, lr, step_num - 1)


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
