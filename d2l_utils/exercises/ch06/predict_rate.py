from ..exercise import Exercise

ex = Exercise(
    "06.predict_rate",
    hints=[
        "The largest curvature is that across the valley, where the height is 2 x₂².",
        "The slope of 2 x₂² is 4 x₂, so λ_max is 4. Now put in β = 0.9.",
    ],
    explanation="""The largest curvature is 4, so the limit is 2 · 1.9 / 4 = 0.95. For
        plain descent it is 0.5. With 0.94 the walk is farther away after 20 steps than
        at the start, and arrives all the same: near the limit the first steps
        mislead.""",
)
ex.choice(
    {
        "a": """0.5 is the limit of plain descent, for β = 0. Figure 6.2 has already
            gone beyond it.""",
        "b": "For β = 0.5 the limit lies between 0.6 and 0.94. Which β is used here?",
        "d": """For 1.0 to be below the limit, λ_max would have to be below 3.8. How
            fast does the slope across the valley change?""",
    },
    prediction="c",
)
