from ..exercise import Exercise
from ..expect import refuse

ex = Exercise(
    "12.find_the_cause",
    hints=[
        """For each report ask: since which step, for which weights, and by how much?
        Section 4 is about steps, section 3 about weights, section 7 about digits.""",
        "Eight digits are what float32 leaves. What changes when a schedule begins?",
        """In Adam a decay that goes through the gradient is divided by its own root:
        what remains is at first a step of the rate, whatever the weight is.""",
    ],
    explanation="""1: only a change of the rate brings the velocities apart (d). 2: a
        rate that is rounded to float32 differs in the eighth digit, always (c). 3:
        inside the root ε hides small slopes (a). 4: decoupled decay is a share of the
        weight; through Adam's gradient it is, at first, a step of length η (b).""",
)
ex.value(causes=["d", "c", "a", "b"])

NOT_FIRST = {
    "a": """Report 1: where ε stands makes a difference from the first step on, and
        Momentum has no ε.""",
    "b": "Report 1: a decay makes a difference from the first step on.",
    "c": """Report 1: thirteen digits are the same for 500 steps, so the rate is no
        matter of rounding. What happens when a schedule changes the rate?""",
    "e": "Report 1: Momentum has no bias correction, and so no clock.",
}
NOT_SECOND = {
    "a": "Report 2: SGD has no ε.",
    "b": "Report 2: a decay would change far more than the ninth digit.",
    "d": """Report 2: SGD has no velocity. Which kind of number has seven or eight
        digits?""",
    "e": "Report 2: SGD has no bias correction, and so no clock.",
}
NOT_THIRD = {
    "b": "Report 3: a decay does not look at the size of slopes.",
    "c": "Report 3: rounding does not stop a weight. Why only where slopes are small?",
    "d": "Report 3: RMSProp has no velocity here, and the rate has not changed.",
    "e": "Report 3: RMSProp has no bias correction, and so no clock.",
}
NOT_FOURTH = {
    "a": "Report 4: without a slope, what moves the weight at all?",
    "c": "Report 4: that is more than rounding. What moves a weight without a slope?",
    "d": "Report 4: Adam's memory does not hold the rate.",
    "e": "Report 4: a clock moves nothing. Without a slope, what moves the weight?",
}


@ex.check("the causes of the four reports, in their order")
def _(answer):
    letters = list(answer) if isinstance(answer, str | list | tuple) else []
    letters = [x.strip().lower() if isinstance(x, str) else x for x in letters]
    if len(letters) != 4 or any(x not in list("abcde") for x in letters):
        form = 'Four letters from a to e are wanted, such as `["a", "a", "a", "a"]`.'
        refuse(form, got=repr(answer))
    first, second, third, fourth = letters
    if first in NOT_FIRST:
        refuse(NOT_FIRST[first], got=repr(answer))
    if second in NOT_SECOND:
        refuse(NOT_SECOND[second], got=repr(answer))
    if third in NOT_THIRD:
        refuse(NOT_THIRD[third], got=repr(answer))
    if fourth in NOT_FOURTH:
        refuse(NOT_FOURTH[fourth], got=repr(answer))


ex.wrong(["a", "c", "a", "b"], says="Momentum has no ε")
ex.wrong(["b", "c", "a", "b"], says="a decay makes a difference from the first")
ex.wrong(["c", "d", "a", "b"], says="no matter of rounding")
ex.wrong(["e", "c", "a", "b"], says="Momentum has no bias correction")
ex.wrong(["d", "a", "a", "b"], says="SGD has no ε")
ex.wrong(["d", "b", "a", "b"], says="far more than the ninth digit")
ex.wrong(["d", "d", "a", "b"], says="SGD has no velocity")
ex.wrong(["d", "e", "a", "b"], says="SGD has no bias correction")
ex.wrong(["d", "c", "b", "a"], says="does not look at the size of slopes")
ex.wrong(["d", "c", "c", "b"], says="rounding does not stop a weight")
ex.wrong(["d", "c", "d", "b"], says="the rate has not changed")
ex.wrong(["d", "c", "e", "b"], says="RMSProp has no bias correction")
ex.wrong(["d", "c", "a", "a"], says="what moves the weight at all?")
ex.wrong(["d", "c", "a", "c"], says="that is more than rounding")
ex.wrong(["d", "c", "a", "d"], says="does not hold the rate")
ex.wrong(["d", "c", "a", "e"], says="a clock moves nothing")
ex.wrong("dca", ["d", "c", "a", "f"], 4, says="Four letters from a to e are wanted")
ex.right("dcab")
ex.right(("D", "C", "A", "B"))
