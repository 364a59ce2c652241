import numpy as np

from ..exercise import Exercise
from ..expect import refuse

# Who gets its slope from whom, in `order`.
USERS = {"L": "", "r": "L", "s": "L", "q": "r", "p": "qs"}

ex = Exercise(
    "07.order",
    hints=[
        "For each name, list the lines that use it. They must all come before it.",
        "`p` is used twice, in `q` and in `s`. Where can it stand?",
        "From the youngest to the oldest is always right.",
    ],
    explanation="""From the youngest to the oldest: L, s, r, q, p. It is not the only
        order: s may come anywhere after L and before p. But L is the first, q waits
        for r, and p waits for both q and s.""",
)
ex.value(order=["L", "s", "r", "q", "p"])


@ex.check("each name waits for all its shares")
def _(answer):
    given = answer
    if isinstance(answer, str):
        words = "".join(x if x.isalpha() else " " for x in answer).split()
        given = list(answer) if len(words) == 1 else words
    if not isinstance(given, list | tuple | np.ndarray):
        refuse("Write a list of five names, each in quotes.", got=answer)
    names = [str(name).strip() for name in given]
    if len(names) == 1:
        refuse("One list is enough, with five names in it.", got=names[0])
    if not all(isinstance(name, str) for name in given):
        refuse("Names are wanted, each in quotes.", got=str(answer))
    got = ", ".join(names)
    if "l" in names:
        refuse("The loss has a capital letter: `L`.", got=got)
    if any(name in ("a", "b", "c") for name in names):
        refuse("a, b and c are where the walk ends: they pass nothing on.", got=got)
    if unknown := [name for name in names if name not in USERS]:
        refuse(
            "There is no `{name}` among L, p, q, r and s.",
            got="{names}",
            name=unknown[0],
            names=got,
        )
    if absent := [name for name in USERS if name not in names]:
        refuse(
            "`{name}` is missing: it has slopes to pass on.",
            got="{names}",
            name=absent[0],
            names=got,
        )
    if len(names) > len(USERS):
        refuse("Each of the five passes its slope on once.", got=got)
    for place, name in enumerate(names):
        late = [user for user in USERS[name] if user not in names[:place]]
        if late and place == 0:
            refuse("At first only one slope is known: that of L in itself.", got=got)
        if late:
            refuse(
                """`{name}` passes its slope on too early: its share from `{user}` has
                not arrived.""",
                got="{names}",
                name=name,
                user=late[0],
                names=got,
            )


ex.wrong(["p", "q", "r", "s", "L"], says="At first only one slope is known")
ex.wrong(["L", "r", "q", "p", "s"], says="`p` passes its slope on too early")
ex.wrong(["L", "s", "p", "r", "q"], says="its share from `q` has not arrived")
ex.wrong(["L", "q", "r", "s", "p"], says="its share from `r` has not arrived")
ex.wrong(["L", "r", "s", "q"], says="`p` is missing")
ex.wrong(["L", "r", "q", "p", "s", "p"], says="passes its slope on once")
ex.wrong(["L", "s", "r", "q", "p", "a"], says="they pass nothing on")
ex.wrong(["L", "s", "r", "q", "x"], says="There is no `x`")
ex.wrong([["L", "s", "r", "q", "p"]], says="One list is enough")
ex.wrong(["l", "s", "r", "q", "p"], says="a capital letter")
ex.wrong([5, 4, 3, 2, 1], says="Names are wanted")
ex.wrong(5, set("Lsrqp"), says="five names, each in quotes")
ex.right("Lsrqp")
ex.right("L -> r -> s -> q -> p")
ex.right(["L", "r", "s", "q", "p"])
ex.right(("L", "r", "q", "s", "p"))
ex.right("L, s, r, q, p")
ex.right(np.array(["L", "s", "r", "q", "p"]))
