from ..exercise import Exercise

ex = Exercise(
    "06.predict_second_step",
    hints=[
        "After the first slope m is 0.5. What is m after the second? Mind its sign.",
        "s does not see signs: its corrected mean is 25 after both steps, its root 5.",
        "m is 0.9 · 0.5 - 0.1 · 5 = -0.05. Divide by 1 - 0.9², then by the root.",
    ],
    explanation="""m = 0.9 · 0.5 - 0.1 · 5 = -0.05, corrected -0.05 / 0.19 = -0.263. The
        root is 5, so the step is 0.1 · 0.263 / 5 = 0.005, back. Slopes that contradict
        each other make short steps: m nearly cancels, and s does not.""",
)
ex.choice(
    {
        "a": """That is a step of `lr` times the sign of the latest slope. m equals the
            latest slope at step 1 only.""",
        "b": """Of the old m, 0.5, a part 0.9 stays. Then 0.1 · (-5) is added. Which way
            does the sum point?""",
        "c": """They would cancel if both had the same weight in m. One has
            0.9 · 0.1, the other 0.1.""",
    },
    second_prediction="d",
)
