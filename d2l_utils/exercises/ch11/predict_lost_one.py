from ..exercise import Exercise

ex = Exercise(
    "11.predict_lost_one",
    hints=[
        """How far apart are neighboring numbers near 1e17? Section 1 has a table up to
        1e13: the gap grows with the number.""",
        "Work from the left, and round after each operation.",
    ],
    explanation="""Near 1e17 the gap is 16. So x + 1 is rounded to x, and the first
        result is 0. In the second one x - x is exactly 0, and nothing is lost. For
        rounded numbers the order counts.""",
)
ex.choice(
    {
        "a": "Sixteen digits do not reach from 100,000,000,000,000,000 to a last 1.",
        "c": "x - x is 0, whatever x is, and 0 + 1 needs no rounding.",
        "d": "The next number is 16 away, and x + 1 is much nearer to x.",
    },
    prediction="b",
)
