import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "12.two_roots",
    hints=[
        "The sum s starts at 0, so after the first slope s is the square of the slope.",
        "In PyTorch: 0.003 / (0.003 + 0.000016). In Keras s + ε stands in the root.",
        "s + ε is 0.000009 + 0.000016 = 0.000025, and its root is 0.005.",
    ],
    explanation="""√s is 0.003. PyTorch adds 0.000016 to that, which changes next to
        nothing: 0.9947. Keras adds it to s = 0.000009, which it is larger than: the
        root of 0.000025 is 0.005, and the step is 0.003 / 0.005 = 0.6.""",
)
ex.value(lengths=[0.003 / 0.003016, 0.6])


@ex.check("the first step in PyTorch, then in Keras")
def _(answer):
    first = "The first is right. In Keras ε stands inside the root, beside s = g²."
    both = "Both lengths are wanted, as a list: in PyTorch, then in Keras."
    expect(
        answer,
        [0.003 / 0.003016, 0.6],
        rtol=1e-3,
        shown="two other numbers, of which the first is close to 1",
        mistakes=[
            ([0.6, 0.003 / 0.003016], "The right numbers, in the wrong order."),
            ([0.003 / 0.003016, 0.003 / 0.003016], first),
            ([1, 1], "Without ε. What does it add, in each of the two places?"),
            (
                [1, 0.6],
                "The second is right. The first is not quite 1: divide by √s + ε.",
            ),
            (
                [0.003 / 0.003016, 0.003 / 0.000025],
                "The root is missing in the second: divide by √(s + ε).",
            ),
            (
                [0.003 / 0.003016, 0.003 / 0.007],
                "√(s + ε) is not √s + √ε: add first, then take the root.",
            ),
            ([0.003 / 0.003016, 3 / 3.016], first),
            (
                [0.003 / 0.000025, 0.6],
                "The second is right. In PyTorch divide by √s + ε, not by s + ε.",
            ),
            (
                [0.003016, 0.005],
                "Those are the denominators. The step is g divided by them.",
            ),
            ([-0.003 / 0.003016, -0.6], "A length has no sign."),
            (0.6, both),
            (0.003 / 0.003016, both),
        ],
        tip="s is 0.003². Put it into both formulas, and divide 0.003 by each.",
    )


ex.wrong([0.6, 0.9947], says="in the wrong order")
ex.wrong([0.9947, 0.9947], says="ε stands inside the root, beside")
ex.wrong([1, 1], says="Without ε")
ex.wrong([1.0, 0.6], says="not quite 1")
ex.wrong([0.9947, 120], says="The root is missing in the second")
ex.wrong([0.9947, 0.42857], says="add first, then take the root")
ex.wrong([120, 0.6], says="not by s + ε")
ex.wrong([0.003016, 0.005], says="Those are the denominators")
ex.wrong([-0.9947, -0.6], says="A length has no sign")
ex.wrong(0.6, says="Both lengths are wanted")
ex.wrong([0.5, 0.7], says="Put it into both formulas")
ex.wrong(["0.99", "0.6"], says="Numbers are wanted")
ex.right((0.9947, 0.6))
ex.right(np.array([0.995, 0.6], dtype=np.float32))
