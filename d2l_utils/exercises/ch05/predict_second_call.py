from ..exercise import Exercise

ex = Exercise(
    "05.predict_second_call",
    hints=[
        "Read `sgd` of section 3 line by line: what is left in `.grad` at its end?",
        "The second call subtracts lr times that. Nothing has called `backward` since.",
    ],
    explanation="""`sgd` ends with `param.grad.zero_()`. The second call finds the slope
        0, and lr · 0 moves nothing. The slope at the new place is not known before
        the next `backward`.""",
)
ex.choice(
    {
        "a": "What does the last line of `sgd` do to the slope that it has just used?",
        "c": """The slope at 2.4 is smaller than at 3, yes. But who computes it? `sgd`
            takes what is in `.grad`.""",
        "d": """An error would need `.grad` to be gone. Look at what the last line of
            `sgd` writes into it.""",
    },
    prediction="b",
)
