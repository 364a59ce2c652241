import numpy as np

from ..exercise import Exercise
from ..expect import refuse

ex = Exercise(
    "05.shapes",
    hints=[
        "A slope says how a number changes when *one parameter* moves. Count those.",
        "`squared_loss` keeps one loss for each example, in the shape of `y_hat`.",
        """Section 5: a column of 32 and a flat array of 32 are broadcast against each
        other. How many pairs are there?""",
    ],
    explanation="""The gradient has the shape of the parameter, (5, 1): the batch enters
        as a sum. There is a loss for each example, (32, 1), since `squared_loss`
        reshapes the labels. Without that, each of 32 predictions meets each of 32
        labels.""",
)
ex.value(shapes=[(5, 1), (32, 1), (32, 32)])


def shape(answer, place):
    """One of the three shapes, as a tuple; refuses what is not three shapes."""
    form = "Three shapes are wanted, such as `[(1, 2), (3, 4), (5, 6)]`."
    if isinstance(answer, dict | str) or not np.iterable(answer):
        refuse(form, expected="three shapes", got=" ".join(str(answer).split()))
    if any(isinstance(one, str) for one in answer):
        refuse(
            """No quotes around a shape: `(1, 2)` is a pair of numbers, `'(1, 2)'` a
            text.""",
            expected="three shapes",
            got=str(answer),
        )
    if any(np.ndim(one) > 1 for one in answer if hasattr(one, "shape")):
        refuse("Give the shapes, not the arrays: `w.grad.shape` is one.")
    if all(isinstance(one, int) for one in answer) and len(answer) == 3:
        refuse(
            """A shape says how many rows and how many columns, such as `(1, 2)`, not
            how many entries there are.""",
            expected="three shapes",
            got=str(answer),
        )
    try:
        given = [
            (one,) if isinstance(one, int | float) else tuple(one) for one in answer
        ]
        if any(number is ... for one in given for number in one):
            refuse("There is still a `...` in your answer.")
        if any(number != int(number) for one in given for number in one):
            given = []
        given = [tuple(int(number) for number in one) for one in given]
    except (TypeError, ValueError):
        given = []
        if isinstance(answer, list | tuple) and any(one is ... for one in answer):
            refuse("There is still a `...` in your answer.")
    if len(given) != 3:
        refuse(form, expected="three shapes", got=" ".join(str(answer).split()))
    return given[place]


def judge(got, wanted, mistakes, tip):
    if got != wanted:
        refuse(mistakes.get(got, tip), expected="another shape", got=str(got))


@ex.check("the first shape: that of `w.grad`")
def _(answer):
    batch = """The 32 examples do not appear in it: `sum()` has made one number of their
        losses. How many parameters can be moved?"""
    judge(
        shape(answer, 0),
        (5, 1),
        mistakes={
            (32, 1): batch,
            (32,): batch,
            (32, 5): batch,
            (32, 5, 1): batch,
            (5, 32): batch,
            (1, 5): "The right number of slopes. But `w` is a column.",
            (5,): "The right number of slopes, but flat. What shape has `w`?",
            (1,): "That is the shape of `b.grad`. `w` holds five weights.",
            (1, 32): batch,
            (5, 5): "Each of five weights has one slope, in the shape of `w`.",
            (): "One number is what `backward` starts from. What does it give?",
            (
                6,
                1,
            ): "The bias is a parameter of its own here, with a `grad` of its own.",
        },
        tip="The gradient has the shape of the parameter.",
    )


@ex.check("the second shape: that of the losses")
def _(answer):
    judge(
        shape(answer, 1),
        (32, 1),
        mistakes={
            (32,): "One for each example, yes. But `y_hat` is a column, and they, too.",
            (1, 32): "One for each example, yes. But `y_hat` is a column, not a row.",
            (32, 32): "Here `squared_loss` helps: it reshapes the labels first.",
            (1,): "`squared_loss` takes no sum and no mean.",
            (1, 1): "`squared_loss` takes no sum and no mean.",
            (): "`squared_loss` takes no sum and no mean.",
            (5, 1): "Losses belong to examples, not to weights.",
            (32, 5): "Losses belong to examples: the features are summed up by `@`.",
        },
        tip="One loss for each prediction, in the shape of `y_hat`.",
    )


@ex.check("the third shape: that of `y_hat - labels`")
def _(answer):
    judge(
        shape(answer, 2),
        (32, 32),
        mistakes={
            (32, 1): "It would be, if `labels` were a column. They have shape (32,).",
            (32,): "It would be, if `y_hat` were flat, too. It has shape (32, 1).",
            (1024,): "As many entries, yes, but in rows and columns.",
            (1024, 1): "As many entries, yes, but in rows and columns.",
            (): "Nothing is summed up here.",
            (64, 1): "They are subtracted, not put below each other.",
            (1, 32): "Both are broadcast: the column to the right, the row down.",
            (5, 1): "Neither of the two knows about features any more.",
        },
        tip="Broadcast the column and the row against each other.",
    )


ex.wrong([(32, 1), (32, 1), (32, 32)], says="The 32 examples do not appear in it")
ex.wrong([(32, 5, 1), (32, 1), (32, 32)], says="How many parameters can be moved?")
ex.wrong([(5,), (32, 1), (32, 32)], says="but flat. What shape has `w`?")
ex.wrong([(5, 1), (32,), (32, 32)], says="`y_hat` is a column, and they, too")
ex.wrong([(5, 1), (), (32, 32)], says="takes no sum and no mean")
ex.wrong([(5, 1), (32, 1), (32, 1)], says="if `labels` were a column")
ex.wrong([(5, 1), (32, 1), (32,)], says="if `y_hat` were flat, too")
ex.wrong([(5, 1), (32, 32), (32, 32)], says="it reshapes the labels first")
ex.wrong([(5, 1), (1, 32), (32, 32)], says="a column, not a row")
ex.wrong([(5, 1), (32, 1), (1024,)], says="As many entries, yes")
ex.wrong(["(5, 1)", "(32, 1)", "(32, 32)"], says="No quotes around a shape")
ex.wrong([5, 32, 1024], says="how many rows and how many columns")
ex.wrong([np.ones((5, 1)), np.ones((32, 1)), np.ones((32, 32))], says="not the arrays")
ex.wrong((5, 1), [5.5, (32, 1), (32, 32)], says="Three shapes are wanted")
ex.wrong({"w.grad": (5, 1)}, says="Three shapes are wanted")
ex.right(([5, 1], [32, 1], [32, 32]))
ex.right(np.array([[5, 1], [32, 1], [32, 32]]))
