"""Ways to train the network 784-128-10 for one epoch with Adam.

Each takes a ``Digits``, starts from its parameters and returns W1, b1, W2 and b2.
"""

import functools

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

import d2l_utils as d2l
from epoch_images import SIZES

BATCH_SIZE = 32


def without_subnormals(train):
    """Let numbers below 1e-38 count as 0, as JAX does: they are slow.

    Where a pixel is nearly always 0, Adam's running means come to be such numbers.
    """

    @functools.wraps(train)
    def wrapper(data):
        torch.set_flush_denormal(True)
        try:
            return train(data)
        finally:
            torch.set_flush_denormal(False)

    return wrapper


def network(start):
    """The network of lesson 08; a layer of PyTorch keeps its weights transposed."""
    inputs, hidden, outputs = SIZES
    net = nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
    )
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), start, strict=True):
            parameter.copy_(torch.from_numpy(value.T))
    return net


def parameters(net):
    """W1, b1, W2 and b2 of a network."""
    return [parameter.detach().numpy().T for parameter in net.parameters()]


@without_subnormals
def pytorch(data):
    """A fast relative of the loop of lesson 08."""
    X, y = torch.from_numpy(data.X), torch.from_numpy(data.y)
    net = network(data.start)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    for batch in torch.randperm(len(X)).split(BATCH_SIZE):
        loss = loss_function(net(X.index_select(0, batch)), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return parameters(net)


class SingleImages(Dataset):
    """Images one by one, with the steps of torchvision's MNIST and its transforms."""

    def __init__(self, images, labels, transforms):
        """Keep the images as bytes."""
        self.images = torch.from_numpy(images)
        self.labels = torch.from_numpy(labels)
        self.transforms = transforms

    def __len__(self):
        """How many there are."""
        return len(self.images)

    def __getitem__(self, index):
        """An image as a PIL image, then transformed, and its label."""
        image = Image.fromarray(self.images[index].numpy())
        for transform in self.transforms:
            image = transform(image)
        return image, int(self.labels[index])


def to_tensor(image):
    """Pixels from 0 to 1 of shape (1, 28, 28), as from torchvision's ToTensor."""
    pixels = torch.from_numpy(np.array(image, np.uint8, copy=True))
    pixels = pixels.view(image.height, image.width, 1)
    return pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)


def normalize(pixels):
    """Mean 0 and size 1, as from torchvision's Normalize((0.1307,), (0.3081,))."""
    mean, std = (
        torch.as_tensor(value, dtype=pixels.dtype).view(-1, 1, 1)
        for value in ((0.1307,), (0.3081,))
    )
    return pixels.clone().sub_(mean).div_(std)


def loader_loop(loader, net):
    """The loop that goes with a ``DataLoader`` in most tutorials."""
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for X_batch, y_batch in loader:
        loss = loss_function(net(X_batch), y_batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return parameters(net)


def single_images(data, transforms=(to_tensor,)):
    """The way of most tutorials: image by image through a ``DataLoader``."""
    dataset = SingleImages(data.images, data.y, transforms)
    loader = DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True)
    return loader_loop(loader, nn.Sequential(nn.Flatten(), *network(data.start)))


def normalized_images(data):
    """The same with the further transform of PyTorch's own example."""
    return single_images(data, (to_tensor, normalize))


def load_array(data):
    """The same with rows that are ready, through ``d2l.load_array``."""
    tensors = torch.from_numpy(data.X), torch.from_numpy(data.y)
    return loader_loop(d2l.load_array(tensors, BATCH_SIZE), network(data.start))


@without_subnormals
def engine(data):
    """The loop of lesson 08 with nothing but NumPy and our own back-propagation."""
    params = [d2l.Tensor(value.copy()) for value in data.start]
    W1, b1, W2, b2 = params
    one_hot = np.eye(SIZES[-1], dtype=np.float32)
    optimizer = d2l.Adam([param.data for param in params], lr=1e-3)
    rng = np.random.default_rng()
    for X_batch, y_batch in d2l.data_iter(BATCH_SIZE, data.X, data.y, generator=rng):
        log_p = ((X_batch @ W1 + b1).relu() @ W2 + b2).log_softmax()
        loss = -(log_p * one_hot[y_batch]).sum() / len(y_batch)
        loss.backward()
        optimizer.step([param.grad for param in params])
    return [param.data for param in params]


@without_subnormals
def by_hand(data):
    """Gradients by hand in NumPy, and the optimizer of PyTorch on the same memory."""
    # Beside NumPy's threads those of PyTorch would only stand in the way.
    torch.set_num_threads(1)
    params = [value.copy() for value in data.start]
    grads = [np.empty_like(param) for param in params]
    tensors = [torch.from_numpy(param) for param in params]
    for tensor, grad in zip(tensors, grads, strict=True):
        tensor.grad = torch.from_numpy(grad)
    optimizer = torch.optim.Adam(tensors, lr=1e-3, fused=True)
    W1, b1, W2, b2 = params
    dW1, db1, dW2, db2 = grads
    one_hot = np.eye(SIZES[-1], dtype=np.float32)
    for X_batch, y_batch in d2l.data_iter(BATCH_SIZE, data.X, data.y):
        hidden = np.maximum(X_batch @ W1 + b1, 0)
        scores = hidden @ W2 + b2
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        d_scores = (p - one_hot[y_batch]) / len(y_batch)
        np.matmul(hidden.T, d_scores, out=dW2)
        d_scores.sum(axis=0, out=db2)
        d_hidden = d_scores @ W2.T * (hidden > 0)
        np.matmul(X_batch.T, d_hidden, out=dW1)
        d_hidden.sum(axis=0, out=db1)
        optimizer.step()
    return params


def products(X, W1, W2, d_scores):
    """Only the five matrix products of every step: no way to train can do without."""
    for start in range(0, len(X), BATCH_SIZE):
        X_batch = X[start : start + BATCH_SIZE]
        hidden = X_batch @ W1
        _ = hidden @ W2
        d_batch = d_scores[: len(X_batch)]
        _ = hidden.T @ d_batch
        _ = X_batch.T @ (d_batch @ W2.T)


def products_operands(data):
    """What ``products`` takes, as arrays."""
    W1, _, W2, _ = data.start
    return data.X, W1, W2, data.X[:BATCH_SIZE, : SIZES[-1]].copy()
