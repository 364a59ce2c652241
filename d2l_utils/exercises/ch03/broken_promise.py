from ..exercise import Exercise

ex = Exercise(
    "03.broken_promise",
    hints=[
        "How much should the step have gone down, by the promise of section 3?",
        "Figure 3.3 shows a bowl on which a step ends higher than it began. What bends "
        "away from the dashed line?",
    ],
    explanation="""The promise is η|∇f|² = 0.1 · (36 + 64) = 10. It comes from the local
        linear approximation alone, which is right for small steps. Along a longer one
        the ground bends up, and here the bend gave back more than 10. With a small
        enough η the same gradient leads down.""",
)
ex.choice(
    {
        "a": """True, it need not point at the minimum. But every way within a right
            angle of the steepest one goes down at first. Until when?""",
        "c": """The gradient points up, maximum or not, and the way against it leads
            down at first. For how long?""",
        "d": """Dividing by the length changes how far the step goes, not where to. What
            follows for the step that was taken?""",
    },
    reason="b",
)
