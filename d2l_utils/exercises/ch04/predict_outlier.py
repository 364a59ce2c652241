from ..exercise import Exercise

ex = Exercise(
    "04.predict_outlier",
    hints=[
        """A miss counts by its square. What does y = 2x pay for the fifth point alone?
        Could a line that misses every point a little pay less?""",
        """At the lowest point both slopes are 0: the residuals add up to 0, and so do
        the residuals times x. Try each kind of line on the five points.""",
    ],
    explanation="""The best line is y = 4, level. Its residuals are 2, 0, -2, -4, 4.
        They add up to 0, and times x, too. y = 2x pays 10² = 100 for the fifth point,
        the level line 40 for all five. One point, far off and at the end, outweighs
        four.""",
)
ex.choice(
    {
        "a": """y = 2x has the residuals 0, 0, 0, 0 and 10. They do not add up to 0: the
            loss falls as soon as b does.""",
        "b": """Try one: y = x + 1 has the residuals 0, -1, -2, -3, 6. Times x they add
            up to 10, not to 0: the loss still has a slope along w.""",
        "c": """Try one: y = 7 - x has the residuals 4, 1, -2, -5, 2. Times x they add
            up to -10, not to 0: the loss still has a slope along w.""",
    },
    prediction="d",
)
