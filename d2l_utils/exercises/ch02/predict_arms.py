from ..exercise import Exercise

ex = Exercise(
    "02.predict_arms",
    hints=[
        "On the right arm truncation rules, on the left arm rounding.",
        "The truncation error of the central difference begins with a multiple of "
        "`h**2`. Put in an h that is 100 times smaller.",
        "The rounding error is a last digit, the same for every h, divided by h.",
    ],
    explanation="""On the right arm the error goes with h²: h 100 times smaller makes it
        10,000 times smaller. On the left arm it goes with 1/h: h 1,000 times smaller
        makes it about 1,000 times larger.""",
)
ex.choice(
    {
        "a": """That is how the forward difference behaves on the right arm. What is
            left of the central one, when the terms with a single h have canceled?""",
        "c": """Read again how large the rounding error is: which power of h does it
            divide by?""",
        "d": """Closer is not always better. In Figure 2.2, what does the left arm do
            when h gets smaller?""",
    },
    prediction="b",
)
