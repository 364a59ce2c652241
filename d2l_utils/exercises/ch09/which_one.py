from ..exercise import Exercise

ex = Exercise(
    "09.which_one",
    hints=[
        "What you want to know is how each would do on pictures that it has not seen.",
        "The gap between the two columns tells what is wrong, not how good it is.",
    ],
    explanation="""c reads most of the pictures that it was not trained on, and that is
        what counts. Its gap is larger than that of d, which is only a sign that it has
        begun to learn by heart. a underfits: it does not even manage its own pictures.
        b overfits.""",
)
ex.choice(
    {
        "a": """No gap, and no success either: it underfits. With more capacity it could
            do better on both.""",
        "b": """It has learned its own pictures by heart. On new ones two others are
            better.""",
        "d": """Its gap is smaller than that of another one. But which of the two reads
            more of the new pictures?""",
    },
    keep="c",
)
