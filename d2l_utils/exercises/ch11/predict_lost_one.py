from ..exercise import Exercise

ex = Exercise(
    "11.predict_lost_one",
    hints=[
        "How far apart are neighboring numbers near 1e16? Section 1 has the table.",
        "Work from the left, and round after each operation.",
    ],
    explanation="""Near 1e16 the gap is 2. So x + 1 lies halfway between two numbers and
        is rounded to x: the first result is 0. In the second one x - x is exactly 0,
        and nothing is lost. For rounded numbers the order counts.""",
)
ex.choice(
    {
        "a": "Sixteen digits do not reach from 10,000,000,000,000,000 to its last 1.",
        "c": "x - x is 0, whatever x is, and 0 + 1 needs no rounding.",
        "d": "x + 1 lies halfway between two numbers, and is rounded to the even one.",
    },
    prediction="b",
)
