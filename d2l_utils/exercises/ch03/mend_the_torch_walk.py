import lazy_loader
import numpy as np

from ..exercise import Exercise
from ..expect import expect, refuse, show_error

torch = lazy_loader.load("torch")

ex = Exercise(
    "03.mend_the_torch_walk",
    hints=[
        "Section 10 names four things that PyTorch must be told. Two are missing here.",
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
    import torch

    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x = x - lr * x.grad
    return x.detach()


@ex.solution
def torch_descent(f, start, lr=0.1, steps=20):
    """Walk downhill on f, made of PyTorch operations, from start; give the end."""
    import torch

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
    "context manager": "`torch.no_grad()` is called, with its parentheses.",
    "Tensor' object has no": "The slope is forgotten, by `x.grad.zero_()`.",
    "no attribute 'backward'": "`backward` belongs to a value: `f(x).backward()`.",
    "Can't call numpy": "PyTorch still watches x. Give `x.detach()`.",
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
        raised = show_error(error).partition(". ")[0]
        for part, message in TORCH_ERRORS.items():
            if part in raised:
                refuse(message, got=raised)
        raise


def _sum_of_squares(x):
    return (x**2).sum()


@ex.check("two steps from (-3, 4), on the sum of squares")
def _(answer):
    expect(
        _torch_walk(answer, _sum_of_squares, [-3.0, 4.0], 0.1, 2),
        [-1.92, 2.56],
        mistakes=[
            (
                [-1.32, 1.76],
                """In step 2 the slope of step 1 is still there. Forget it, by
                `zero_()` with its parentheses.""",
            ),
            ([-1.8, 2.4], "Step 2 takes the slope of step 1. Ask again, at the new x."),
            ([-4.32, 5.76], "It walks uphill. The rule *subtracts* the slope."),
            (
                [-3, 4],
                """It has not moved. Is the slope forgotten before the step, or lr left
                out?""",
            ),
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
    import torch

    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
    return x.detach()


@ex.wrong(says="with its parentheses")
def zero_not_called(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_  # noqa: B018
    return x.detach()


@ex.wrong(says="`torch.no_grad()` is called")
def no_grad_not_called(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad:
            x -= lr * x.grad
        x.grad.zero_()
    return x.detach()


@ex.wrong(says="by `x.grad.zero_()`")
def zero_grad_of_the_leaf(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.zero_grad()
    return x.detach()


@ex.wrong(says="belongs to a value")
def backward_of_the_function(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f.backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return x.detach()


@ex.wrong(says="Give `x.detach()`")
def never_detached(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return x.numpy()


@ex.wrong(says="or lr left out?")
def without_lr(f, start, lr=0.1, steps=20):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= x.grad
        x.grad.zero_()
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
