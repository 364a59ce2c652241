from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "02.read_a_gradient",
    hints=[
        "Each weight changes the loss by its slope times its own change.",
        "Rows and columns are counted from 0. Lowering is a change with a minus.",
        "The two changes of the loss add up.",
    ],
    explanation="""Row 1, column 2: -0.671 times -0.02 is 0.01342. Row 0, column 1:
        0.318 times 0.01 is 0.00318. Together the loss rises by about 0.0166. Both
        changes go against what the gradient advises, so both raise the loss.""",
)
ex.value(change_of_loss=0.0166)


@ex.check("the change of the loss when two weights change")
def _(answer):
    minus = "Lowering is a change with a minus: -0.02 times a negative slope."
    expect(
        answer,
        0.0166,
        rtol=0,
        atol=6e-4,
        shown="a number, with its sign",
        mistakes=[
            (-0.01024, minus),
            (-0.0166, "Not the step of a descent: the weights change as it says."),
            (0.01024, "Both signs count: raising is +0.01, lowering is -0.02."),
            (
                0.01342,
                "That is the part of one weight. The other one has a share, too.",
            ),
            (
                0.00318,
                "That is the part of one weight. The other one has a share, too.",
            ),
            (0.01535, "Row 0, column 1 is in the upper row, in the middle."),
            (-0.353, "Those are the slopes. Each is to be multiplied by its change."),
            (0.353, "Those are the slopes. Each is to be multiplied by its change."),
            (1.3832, "That is the new loss. By how much has it changed?"),
            (-0.00507, "Rows and columns are counted from 0."),
        ],
        tip="Slope times change, for each of the two weights; then add up.",
    )


ex.wrong(-0.01024, says="Lowering is a change with a minus")
ex.wrong(-0.0166, says="Not the step of a descent")
ex.wrong(0.01024, says="Both signs count")
ex.wrong(0.01342, says="The other one has a share")
ex.wrong(0.00318, says="The other one has a share")
ex.wrong(0.01535, says="in the upper row")
ex.wrong(-0.353, says="Those are the slopes")
ex.wrong(1.3832, says="That is the new loss")
ex.wrong(-0.00507, says="counted from 0")
ex.right(0.017)
ex.right([0.01660])
