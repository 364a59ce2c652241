"""For lesson 07: what a backward pass costs, measured in forward passes."""

import itertools
import statistics

import numpy as np
import torch
from torch import nn

import d2l_utils as d2l
import timing

NETWORKS = {"784-128-10": (784, 128, 10), "deep": (512,) * 11}


def backward(networks=NETWORKS, batch_size=1_000, repeats=15, calls=3):
    """Seconds of forward and backward passes, in PyTorch and in our engine.

    Args:
        networks: the sizes of the layers, by name.
        batch_size: how many examples a pass takes. Beside large matrix products the
            rest counts little, so that their number shows.
        repeats: how often to measure; the medians count.
        calls: how many passes one measurement spans.

    Returns:
        The batch size and for each network its sizes, its number of parameters, the
        forward passes that its numerical gradient takes, and the times by library.
    """
    return {
        "batch_size": batch_size,
        "networks": {
            name: {
                "sizes": list(sizes),
                "parameters": count(sizes),
                # Central differences: one step to each side.
                "numerical_forward_passes": 2 * count(sizes),
                **{
                    library: passes(*build(*problem(sizes, batch_size)), repeats, calls)
                    for library, build in (("torch", of_torch), ("engine", of_engine))
                },
            }
            for name, sizes in networks.items()
        },
    }


def count(sizes):
    """How many parameters a network has."""
    return sum((a + 1) * b for a, b in itertools.pairwise(sizes))


def problem(sizes, batch_size):
    """Examples, labels, weights and biases; the signals keep their size in depth."""
    generator = np.random.default_rng(0)
    X = generator.random((batch_size, sizes[0]), dtype=np.float32)
    y = generator.integers(sizes[-1], size=batch_size)
    weights = [
        np.float32((2 / a) ** 0.5) * generator.standard_normal((a, b), dtype=np.float32)
        for a, b in itertools.pairwise(sizes)
    ]
    return X, y, weights, [np.zeros(b, np.float32) for b in sizes[1:]]


def of_torch(X, y, weights, biases):
    """Parameters of a network in PyTorch, and its forward pass with the loss."""
    layers = []
    for w, b in zip(weights, biases, strict=True):
        layer = nn.Linear(*w.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w.T))
            layer.bias.copy_(torch.from_numpy(b))
        layers += [layer, nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    loss_function = nn.CrossEntropyLoss()
    return list(net.parameters()), lambda: loss_function(net(X), y)


def of_engine(X, y, weights, biases):
    """The same with ``d2l.Tensor``."""
    layers = [
        (d2l.Tensor(w), d2l.Tensor(b)) for w, b in zip(weights, biases, strict=True)
    ]
    one_hot = np.eye(len(biases[-1]), dtype=np.float32)[y]

    def forward():
        *hidden, (w_last, b_last) = layers
        h = X
        for w, b in hidden:
            h = (h @ w + b).relu()
        log_p = (h @ w_last + b_last).log_softmax()
        return -(log_p * one_hot).sum() / len(y)

    return [param for layer in layers for param in layer], forward


def passes(params, forward, repeats, calls):
    """Median seconds of both passes, and the median of the ratios of each repeat."""
    times = []
    # The first repeat is the warm-up.
    for _ in range(1 + repeats):
        forward_seconds = backward_seconds = 0.0
        for _ in range(calls):
            for param in params:
                param.grad = None
            start = timing.perf_counter()
            loss = forward()
            middle = timing.perf_counter()
            loss.backward()
            forward_seconds += middle - start
            backward_seconds += timing.perf_counter() - middle
        times.append((forward_seconds / calls, backward_seconds / calls))
    there, back = zip(*times[1:], strict=True)
    return {
        "forward": timing.rounded(statistics.median(there)),
        "backward": timing.rounded(statistics.median(back)),
        "ratio": timing.rounded(
            statistics.median(b / a for a, b in zip(there, back, strict=True))
        ),
    }
