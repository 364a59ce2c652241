import numpy as np

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "12.keras_rmsprop",
    hints=[
        "Start `s = 0.0` before the loop; for each slope `s = rho * s + ...`.",
        "The new square has the weight `1 - rho`. Add ε to s, then take the root.",
        "`x = x - lr * g / np.sqrt(s + eps)`, with a minus and a new array.",
    ],
    explanation="""Like the RMSProp of lesson 06, with ε inside the root. A slope that
        is small beside √ε, about 0.0003, moves its weight in proportion, as plain
        descent would.""",
)


@ex.solution
def keras_rmsprop(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    """Take one step of Keras' RMSProp for each gradient; return the last point.

    x is an array of any shape; it stays as it is.
    """
    # BEGIN SOLUTION
    s = 0.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x = x - lr * g / np.sqrt(s + eps)
    return x
    # END SOLUTION


def walked(answer, *how, **named):
    """Where an answer ends, or why it cannot walk with arrays."""
    single = """`math.sqrt` takes one number, and x is an array: `np.sqrt` takes the
        roots of all entries."""
    whole = "`grads` is the list of all slopes: one step uses one of them, `g`."
    with explained(
        mistakes={
            "only 0-dimensional arrays": single,
            "only length-1 arrays": single,
            "can't multiply sequence": whole,
        }
    ):
        return answer(*how, **named)


@ex.check("one step from 0, slopes of 0.03 and -30, rho = 0, eps = 0.0016, lr = 1")
def _(answer):
    def after(walk):
        return walked(walk, np.zeros(2), [np.array([0.03, -30.0])], 1.0, 0.0, 0.0016)

    roots = np.array([0.05, 30 * np.sqrt(1 + 0.0016 / 900)])
    wanted = -np.array([0.03, -30.0]) / roots
    expect(
        after(answer),
        wanted,
        rtol=1e-6,
        mistakes=[
            (
                after(eps_outside),
                "ε is added to the root, as in PyTorch. Put it inside.",
            ),
            (after(no_root), "The root is missing: divide by √(s + ε)."),
            (
                after(root_of_eps_outside),
                "√s + √ε is not √(s + ε): add first, then take the root.",
            ),
            (-wanted, "Uphill: there is a minus before the rate."),
            (
                after(weights_swapped),
                """The weights are swapped: the old mean has `rho`, the new square
                `1 - rho`. Here rho is 0.""",
            ),
            ([0, 0], "x has not moved. Is the new place returned?"),
            ([-1, 1], "ε does nothing here. Is it added, and is it the `eps` given?"),
        ],
        tip="s is g² here. The two denominators are 0.05 and a little more than 30.",
    )


@ex.check("two steps from 0, slopes of 1 and 0.1, lr = 0.1: the mean lives on")
def _(answer):
    def after(walk):
        slopes = [np.array([1.0]), np.array([0.1])]
        return walked(walk, np.zeros(1), slopes, 0.1)

    expect(
        after(answer),
        after(keras_rmsprop),
        mistakes=[
            (
                after(memory_lost),
                "s starts anew in each step. Start it once, before the loop.",
            ),
            (after(adds_up), "s only grows: that is AdaGrad. The old mean has `rho`."),
            (
                after(corrected),
                "RMSProp has no bias correction, in neither library.",
            ),
            (after(first_only), "Only the first step. Is the `return` in the loop?"),
            (
                after(starts_at_one),
                "s starts at 1, as in TensorFlow's old rule. Here it starts at 0.",
            ),
        ],
        tip="s is 0.1 after the first slope, 0.9 · 0.1 + 0.1 · 0.01 after the second.",
    )


@ex.check("the array x stays as it is")
def _(answer):
    x = np.array([1.0, 2.0])
    walked(answer, x, [np.ones(2), np.ones(2)], 0.1)
    expect(
        x,
        [1, 2],
        tip="""Your function changed its input: `x -= ...` writes into the array of
            whoever called it. `x = x - ...` makes a new one.""",
    )


@ex.check("thirty steps of a table, with other numbers")
def _(answer):
    rng = np.random.default_rng(0)
    grads = 10 ** rng.uniform(-4, 1, (30, 2, 3)) * rng.normal(size=(30, 2, 3))
    x = rng.normal(size=(2, 3))
    how = {"lr": 0.02, "rho": 0.75, "eps": 1e-4}
    got = walked(answer, x.copy(), list(grads.copy()), **how)
    tip = "Right with the usual numbers. Is one of them fixed in your code?"
    expect(got, keras_rmsprop(x, grads, **how), tip=tip)


@ex.wrong(says="as in PyTorch. Put it inside")
def eps_outside(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x = x - lr * g / (np.sqrt(s) + eps)
    return x


@ex.wrong(says="The root is missing")
def no_root(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x = x - lr * g / (s + eps)
    return x


@ex.wrong(says="add first, then take the root")
def root_of_eps_outside(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x = x - lr * g / (np.sqrt(s) + np.sqrt(eps))
    return x


@ex.wrong(says="Uphill")
def uphill(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x = x + lr * g / np.sqrt(s + eps)
    return x


@ex.wrong(says="The weights are swapped")
def weights_swapped(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = (1 - rho) * s + rho * g * g
        x = x - lr * g / np.sqrt(s + eps)
    return x


@ex.wrong(says="s starts anew")
def memory_lost(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    for g in grads:
        s = (1 - rho) * g * g
        x = x - lr * g / np.sqrt(s + eps)
    return x


@ex.wrong(says="that is AdaGrad")
def adds_up(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = s + (1 - rho) * g * g
        x = x - lr * g / np.sqrt(s + eps)
    return x


@ex.wrong(says="no bias correction")
def corrected(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for t, g in enumerate(grads, start=1):
        s = rho * s + (1 - rho) * g * g
        x = x - lr * g / np.sqrt(s / (1 - rho**t) + eps)
    return x


@ex.wrong(says="Is the `return` in the loop?")
def first_only(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x = x - lr * g / np.sqrt(s + eps)
        return x


@ex.wrong(says="TensorFlow's old rule")
def starts_at_one(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 1.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x = x - lr * g / np.sqrt(s + eps)
    return x


@ex.wrong(says="changed its input")
def in_place(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = rho * s + (1 - rho) * g * g
        x -= lr * g / np.sqrt(s + eps)
    return x


@ex.wrong(says="Is one of them fixed in your code?")
def rho_fixed(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    s = 0.0
    for g in grads:
        s = min(rho, 0.9) * s + (1 - rho if rho in (0, 0.9) else 0.1) * g * g
        x = x - lr * g / np.sqrt(s + eps)
    return x


@ex.right
def with_arrays_of_zeros(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    x = np.array(x, dtype=np.float64)
    s = np.zeros_like(x)
    for g in grads:
        s = rho * s + (1 - rho) * g**2
        x -= lr * g / (s + eps) ** 0.5
    return x


@ex.right
def with_tensors(x, grads, lr=0.001, rho=0.9, eps=1e-7):
    import torch

    x = torch.tensor(x)
    s = torch.zeros_like(x)
    for g in map(torch.from_numpy, grads):
        s = torch.addcmul(rho * s, g, g, value=1 - rho)
        x = x - lr * g / (s + eps).sqrt()
    return x.numpy()
