"""The images of the epochs, and the parameters to start from; without PyTorch."""

import itertools
from typing import NamedTuple

import numpy as np

import d2l_utils as d2l

SIZES = 784, 128, 10
EXAMPLES = 60_000


class Digits(NamedTuple):
    """Images as they are and as rows of float32 from 0 to 1, and where to start."""

    name: str
    images: np.ndarray
    X: np.ndarray
    y: np.ndarray
    start: list[np.ndarray]

    def save(self, file):
        """Write what a worker needs."""
        np.savez(file, name=self.name, images=self.images, y=self.y)


def digits(name, images, y):
    """All of it, from images and labels."""
    generator = np.random.default_rng(0)
    start = []
    for inputs, outputs in itertools.pairwise(SIZES):
        # As wide as those of torch.nn.Linear.
        bound = 1 / inputs**0.5
        for shape in ((inputs, outputs), (outputs,)):
            start.append(generator.uniform(-bound, bound, shape).astype(np.float32))
    X = images.reshape(len(images), -1) / np.float32(255)
    return Digits(name, images, X, y, start)


def load():
    """MNIST, or as many of the bundled digits, repeated, if it cannot be had."""
    data = d2l.load_mnist()
    images, y = data.train_images, data.train_labels
    if data.name != "MNIST":
        images = np.resize(images, (EXAMPLES, *images.shape[1:]))
        y = np.resize(y, EXAMPLES)
        return digits(f"{EXAMPLES:,} repeated digits", images, y)
    return digits(data.name, images, y)


def read(file):
    """What ``save`` has written."""
    with np.load(file) as stored:
        return digits(str(stored["name"]), stored["images"], stored["y"])
