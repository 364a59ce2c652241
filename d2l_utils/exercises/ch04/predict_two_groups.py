from ..exercise import Exercise

ex = Exercise(
    "04.predict_two_groups",
    hints=[
        """Draw the six points. Which way must a single line go, to come near both
        groups?""",
        """A column that is 1 for group B gives this group a bias of its own: two
        parallel lines, with the same weight of x. Which two lines miss nothing?""",
    ],
    explanation="""Without the group the line must climb from A to B: 0.95. With it each
        group has a height of its own, and x is left with what happens within a group:
        -1, and no point is missed. Which of the two is right? The first predicts
        points of which the group is not known. The second says what x does.""",
)
ex.choice(
    {
        "a": """One line, -1 steep, through a group of points at (2, 2) and another one
            at (12, 12): how far would it miss?""",
        "c": """Turned around. Without the group, does the line climb from A to B or
            fall?""",
        "d": """With a column for the group, each group has a height of its own. Must
            the line still climb from A to B?""",
    },
    two_weights="b",
)
