from ..exercise import Exercise

ex = Exercise(
    "08.predict_equal_start",
    hints=[
        "At the start all hidden units compute the same. What tells one from another?",
        """A unit's slopes come from its inputs and from its weights to the ten scores.
        Are these different for any two units?""",
    ],
    explanation="""All 128 units begin with the same weights, get the same inputs and
        the same slopes, and take the same steps. They move, but together: 128 units
        that do the work of one. What tells them apart is rounding, far behind the
        point. A random start makes them different.""",
)
ex.choice(
    {
        "a": """Each picture goes to all units alike. What could move one unit otherwise
            than its neighbor?""",
        "b": """With zeros nothing gets through a unit, forward or backward, so it
            stays. And with 0.01?""",
        "d": "Steps of descent are small, and nothing here is divided by zero.",
    },
    prediction="c",
)
