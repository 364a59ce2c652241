from ..exercise import Exercise

ex = Exercise(
    "01.lowest_at_an_end",
    hints=[
        "The slope is negative: on which side of x = 2 would it be lower?",
        "Which x may be chosen at all?",
    ],
    explanation="""At a lowest point with ground on both sides the slope is zero, since
        a small step against it would lead lower. Here that step leads beyond 2, where
        there is no ground: the end may be steep and lowest all the same.""",
)
ex.choice(
    {
        "a": """The reason for a slope of zero is a step that leads lower. Where would
            it lead from here?""",
        "c": "A smooth curve has no kink, and none is needed: what lies right of 2?",
        "d": """A negative slope says: it is lower to the right. From most points one
            can go there.""",
    },
    answer="b",
)
