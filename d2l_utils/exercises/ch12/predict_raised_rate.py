from ..exercise import Exercise

ex = Exercise(
    "12.predict_raised_rate",
    hints=[
        "PyTorch multiplies all of v by today's rate. And Keras?",
        """Keras keeps w = -10 η, made with the old rate. In the next step a part 0.9 of
        it stays, and the new slope comes in with ten times the old rate.""",
        "0.9 · 10 η + 10 η: how many times 10 η is that?",
    ],
    explanation="""In PyTorch the velocity is 10 before and after, so the step goes with
        the rate: ten times as long. In Keras the old part of w was made with the old
        rate: 0.9 · 10 η + 10 η = 19 η after 10 η, 1.9 times as long. Keras has a small
        warm-up of its own.""",
)
ex.choice(
    {
        "a": """In the long run, yes. In the next step one of the two still has a
            velocity that was made with the old rate.""",
        "c": """The other way around. Which of them multiplies the whole velocity by
            today's rate?""",
        "d": """The ball has its speed. One of the two multiplies this speed by the new
            rate at once.""",
    },
    prediction="b",
)
