from ..exercise import Exercise

ex = Exercise(
    "03.predict_two_directions",
    hints=[
        "The two coordinates do not mix. Each has its own factor, 1 - ηλ.",
        "The curvatures are 0.2 along the valley and 4 across it.",
    ],
    explanation="""Along the valley the factor is 1 - 0.4 · 0.2 = 0.92: a slow walk on
        its side. Across it the factor is 1 - 0.4 · 4 = -0.6: from side to side, and 0.6
        times as far each time. Both are smaller than 1 in size, so both arrive.""",
)
ex.choice(
    {
        "a": """The 2 in front of x1² is not its curvature. With the true one, which
            sign does 1 - ηλ have?""",
        "b": "In which of the two directions is the curvature larger?",
        "d": "Compare 0.4 with the limit of this bowl, 2 divided by the largest λ.",
    },
    prediction="c",
)
