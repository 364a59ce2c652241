from ..exercise import Exercise

ex = Exercise(
    "09.predict_wrong_labels",
    hints=[
        "Section 4: what can this network do with 500 labels that mean nothing?",
        """Which does it learn first: what many pictures have in common, or the labels
        of single ones?""",
    ],
    explanation="""In the first epochs the network learns what many pictures have in
        common, and there the wrong labels, which contradict each other, nearly cancel.
        Later it learns single pictures by heart, wrong labels and all, and what it has
        learned about the others suffers. Stopped early, it is better than the labels
        that it was taught.""",
)
ex.choice(
    {
        "a": """Section 4 shows that labels without any meaning are learned, too. What
            could keep it from these?""",
        "b": """To get wrong labels right, it must give wrong answers close to them:
            would that leave all new pictures as they were?""",
        "d": """Most of the labels are right, and new pictures look like those. What the
            network says of them is not nonsense.""",
    },
    prediction="c",
)
