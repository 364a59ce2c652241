"""The numbers that the course promises stand in the stored outputs, digit by digit.

nbval compares stored outputs with a new run, and the unit tests assert the same values
of the package; this holds the lessons to showing them.
"""

import nbformat
import pytest

from project import NOTEBOOKS

PROMISED = {
    "01_derivatives": [
        "6.00000000000378\n",  # the partial derivative of x0² + x1² at (3, 4)
    ],
    "02_numerical_gradient": [
        "[6. 8.]\n",
        "[0. 4.]\n",
        "[-0.78901526  0.11390894 -0.61807853]\n",  # SimpleNet's prediction
        "loss 1.366622694\n",
        "[[ 0.12894287  0.31807705 -0.44701992]\n"
        " [ 0.19341431  0.47711557 -0.67052988]]\n",
        "slope 0.477,",
        "203,540 forward passes",
    ],
    "03_gradient_descent": [
        "[-0.03458765  0.04611686]\n",
        "[-2.58983747e+13 -1.29524862e+12]\n",
        "[-2.99999994  3.99999992]\n",
        "-2.25154873e+128\n",
        "relative difference below 1e-12: True\n",  # x0 * 0.96**1000
    ],
    "04_linear_regression": [
        "float32: w = [[2.0000e+00], [1.9127e-05]], loss 2.9644e-11\n",
        "w = [[2.0000e+00], [4.4091e-06]], loss 1.39",  # in float64
        "[ 1.9996 -3.4002  4.1995]",  # of 2, -3.4 and 4.2
    ],
    "05_minibatch_sgd": [
        "w: [ 1.9998 -3.3996]  b: 4.1995\n",  # of 2, -3.4 and 4.2
        "ratio 0.55\n",  # the short last batch, 22 / 40
    ],
    "06_optimizers": [
        "GD                 x after 20 steps   0.115\n",
        "Momentum, EMA form x after 20 steps  -2.707\n",
        "RMSProp, 0.9       x after 20 steps   7.282\n",
        "RMSProp, 0.99      x after 20 steps   3.666\n",
        "Adam               x after 20 steps   8.027\n",
        *(
            f"{name}: 1,000 steps like PyTorch's to 1e-13: True\n"
            for name in (
                "SGD",
                "Momentum",
                "Nesterov",
                "AdaGrad",
                "RMSProp",
                "Adam",
                "AdamW",
            )
        ),
    ],
    "07_backpropagation": [
        "by hand   0.12894292\n",
        "lesson 02 0.12894287\n",
        "the machine with the guard 0.12894287\n",
        "203,540 walks forward:",
        "200 random graphs, relative difference below 1e-12: True\n",
    ],
    "08_mnist_classifiers": [
        "MNIST (60000, 28, 28) (10000, 28, 28)\n",
        "101,770 parameters\n",
        "at least 97.5%: True\n",
        "-1 to 1 stays below 97.5%: True\n",
        "at least 98.5%: True\n",
        "same answers: True\n",
        "refused: UnpicklingError\n",
    ],
    "10_scaling_out": [
        "n =   4: parts 1.50 S, whole 3 S, server 6 S\n",
        "rank 3: last sum 1464, as dist.all_reduce: True, 144 bytes sent\n",
        "one process and two differ by less than 1e-12\n",
        "forgotten: [4, 7, 2, 1] [4, 7, 2, 1]\n",
        "accuracy 33%, by counts over shards 20%\n",
        "rank 0: gave up, timed out: True\n",
        "rank 1 failed: ValueError: picture 17 cannot be read\n",
        "start 2, rank 1: goes on after epoch 2\nthe same parameters, bit for bit\n",
    ],
    "12_two_libraries": [
        *(
            f"{name:8} 1,000 steps alike to 1e-13: True\n"
            for name in (
                "SGD",
                "Momentum",
                "Nesterov",
                "AdaGrad",
                "RMSProp",
                "Adam",
                "AdamW",
            )
        ),
        "RMSProp              3.666    7.282\n",
        "AdamW    weight_decay               0.01     0.004  differ\n",
        "SGD      alike to 1e-13\nMomentum apart by 0.26\nNesterov apart by 0.23\n"
        "AdaGrad  alike to 1e-13\nRMSProp  alike to 1e-13\nAdam     alike to 1e-13\n"
        "AdamW    alike to 1e-13\nRMSProp with momentum 0.9: apart by 0.17\n",
        "TensorFlow's old rule: loss after 20 steps 2.126\n",
    ],
}


def printed(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


@pytest.mark.parametrize(
    ("lesson", "number"),
    [(lesson, number) for lesson in PROMISED for number in PROMISED[lesson]],
)
def test_the_number_is_printed(lesson, number):
    notebooks = [notebook for notebook in NOTEBOOKS if notebook.stem == lesson]
    assert notebooks
    assert all(number in printed(notebook) for notebook in notebooks)
