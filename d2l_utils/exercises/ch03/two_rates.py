import numpy as np

from ..exercise import Exercise
from ..expect import expect

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
    expect(answer, [0, 0], atol=np.inf, shown="two numbers, in a list")
    first, second = (
        abs(float(rate) - right) <= 5e-3
        for rate, right in zip(answer, [1 / 6, 1 / 3], strict=True)
    )
    if first:
        tip = """The first is right. Up to which ηλ does the table of section 4 say that
            the walk arrives?"""
    elif second:
        tip = "The second is right. For which ηλ is the factor 0?"
    else:
        tip = "What does the table of section 4 say of ηλ = 1 and of ηλ = 2?"
    rounding = """Nearly. The third digit decides how the second is rounded: write three
        digits, or fractions."""
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
            ([0.16, 0.33], rounding),
            ([0.17, 0.34], rounding),
            ([0.16, 0.34], rounding),
            ([6, 12], inverse),
            ([6, 3], inverse),
            ([1, 2], "Those are values of ηλ. How large is η, when λ is known?"),
            ([1 / 12, 1 / 6], "The slope is 6x. What is the slope of that?"),
            ([1 / 4, 1 / 2], "Those are the rates of 2x², the valley of section 4."),
        ],
        tip=tip,
    )


ex.wrong([0.3333, 0.6667], says="3 is not the curvature")
ex.wrong([1 / 3, 1 / 6], says="arrives at once is first")
ex.wrong([6, 3], says="For which η is ηλ equal to 1")
ex.wrong([1, 2], says="values of ηλ")
ex.wrong([0.25, 0.5], says="the valley of section 4")
ex.wrong([0.16, 0.33], says="how the second is rounded")
ex.wrong([0.17, 0.34], says="how the second is rounded")
ex.wrong([0.1667, 1], says="The first is right")
ex.wrong([1 / 6, 2 / 3], says="The first is right")
ex.wrong([0.5, 1 / 3], says="The second is right")
ex.wrong([0.1, 0.4], says="What does the table of section 4 say")
ex.wrong(1 / 3, says="2 numbers are wanted")
ex.right((0.17, 0.33))
ex.right(np.array([1, 2]) / 6)
