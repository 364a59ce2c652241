from ..exercise import Exercise

ex = Exercise(
    "07.predict_overwriting",
    hints=[
        "Work out the two shares of x as in section 2. One is 20, the other 4.",
        "The walk goes from the youngest value to the oldest. Which share comes last?",
    ],
    explanation="""x + 3 is younger than x**2, so its share, 4, arrives first. Then the
        square's share, 20, is written over it. No error, only a wrong number: this is
        how such a bug lives for years.""",
)
ex.choice(
    {
        "a": "24 is the sum of the shares. Does `self.grad = grad` add anything?",
        "c": """That share does arrive. Is it the last one? Python makes x**2 before
            x + 3, and the walk goes from the youngest to the oldest.""",
        "d": "`receive` neither adds the two shares nor multiplies them.",
    },
    prediction="b",
)
