import numpy as np

from ..exercise import Exercise
from ..expect import expect

ex = Exercise(
    "08.parameters",
    hints=[
        "There are three layers: 784 to 64, 64 to 32, 32 to 10.",
        "A layer with n inputs and m units has n · m weights and m biases.",
    ],
    explanation="""784 · 64 + 64, 64 · 32 + 32 and 32 · 10 + 10: 50,240 and 2,080 and
        330. Nearly all of them sit in the first layer.""",
)
ex.value(parameters=52_650)


@ex.check("the parameters of 784-64-32-10")
def _(answer):
    sizes = [784, 64, 32, 10]
    weights = sum(n * m for n, m in zip(sizes[:-1], sizes[1:], strict=True))
    expect(
        answer,
        weights + sum(sizes[1:]),
        rtol=0,
        shown="another number",
        mistakes=[
            (weights, "These are the weights. Each unit also has a bias."),
            (weights + sum(sizes), "The 784 pixels are inputs: they have no biases."),
            (weights + 3, "One bias for each layer? There is one for each *unit*."),
            (weights + 10, "The hidden units have biases, too."),
            (784 * 64 + 64, "That is the first layer. There are three."),
            (weights + sum(sizes[1:]) - 330, "The last layer counts, too."),
            (784 * 128 + 128 + 128 * 10 + 10, "That is the network of section 4."),
            (sum(sizes), "Inputs and units together. Count the weights."),
            (sum(sizes[1:]), "The units have one bias each. And the weights?"),
            (52.65, "A point before thousands? To Python that is about 52."),
            ([50240, 2080, 330], "Right, layer by layer. Add them up."),
            (
                [50176, 2048, 320],
                "The weights of each layer. Add them up, with biases.",
            ),
            (weights + 10 + 32, "The first hidden layer has biases, too."),
            (weights + 64 + 32, "The ten scores have biases, too."),
            (784 * 96 + 96 + 96 * 10 + 10, "Two layers, not one of 96 units."),
            (weights + sum(sizes[1:]) - 1, "Nearly: one is missing."),
            ((52, 650), "With a comma these are two numbers to Python. Leave it out."),
            (784 * 64 * 32 * 10, "The weights of layers add up; do not multiply them."),
        ],
        tip="For each of the three layers: weights, then biases.",
    )


ex.wrong(52_544, says="Each unit also has a bias")
ex.wrong(53_434, says="they have no biases")
ex.wrong(52_547, says="one for each *unit*")
ex.wrong(50_240, says="That is the first layer")
ex.wrong(784 * 64 * 32 * 10, says="do not multiply them")
ex.wrong(52.650, says="A point before thousands?")
ex.wrong([50_240, 2_080, 330], says="Add them up")
ex.wrong(52_640, says="The ten scores have biases, too")
ex.wrong(52_320, says="The last layer counts, too")
ex.wrong(76_330, says="Two layers, not one of 96 units")
ex.wrong("52650", says="Numbers are wanted")
ex.wrong((52, 650), says="With a comma")
ex.right(784 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10)
ex.right(np.array([52_650.0]))
