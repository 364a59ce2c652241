from ..exercise import Exercise

ex = Exercise(
    "01.predict_divided_by_h",
    hints=[
        "The rise stays the same; only what it is divided by changes.",
        "h is half of 2h. Half the divisor gives ...",
    ],
    explanation="""The two points are 2h apart. Divided by h, every slope comes out
        twice as large: 12 in place of 6, however small h is.""",
)
ex.choice(
    {
        "a": "A smaller h does not help here: the rise is divided by too little.",
        "b": "Half the divisor makes the result larger, not smaller.",
        "d": "Only the divisor changes, by a factor that has nothing to do with h.",
    },
    prediction="c",
)
