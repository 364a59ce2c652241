"""Train the network of explore_digit() and keep its weights in 8 bits.

    D2L_DATA_DIR=folder python data/make_digit_network.py

The network and its training are those of lesson 08, section 9: a test proves that the
lines are the same. It needs MNIST, and takes about half a minute.
"""

import base64
import hashlib
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

import d2l_utils as d2l
from d2l_utils.interactive import digit

TARGET = Path(digit.__file__).with_name("digit.json")


def pictures(images, dtype=np.float32):
    """Pixels from 0 to 1, with a channel axis."""
    return torch.from_numpy(images[:, None].astype(dtype) / 255)


def make_network():
    """The CNN of lesson 08, with its start."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, 10),
    )


def train(cnn, X, y, num_epochs=3, batch_size=64):
    """Train as lesson 08 does: Adam, with a rate that comes to rest."""
    optimizer = torch.optim.Adam(cnn.parameters(), lr=4e-3, fused=True)
    num_steps = num_epochs * math.ceil(len(X) / batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, d2l.cosine_decay(num_steps))
    loss_function = nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = loss_function(cnn(X.index_select(0, batch)), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def rounded(cnn):
    """Each array of weights as whole numbers from -127 to 127 and one step."""
    arrays = {}
    for name, param in cnn.state_dict().items():
        values = param.double().numpy()
        step = float(f"{np.abs(values).max() / 127:.6g}")
        whole = np.rint(values / step).astype(np.int8)
        arrays[name] = {
            "shape": list(whole.shape),
            "step": step,
            "int8": base64.b64encode(whole.tobytes()).decode("ascii"),
        }
    return arrays


def restored(arrays):
    """The network with rounded weights, in float64."""
    cnn = make_network().double()
    kept = zip(arrays, map(torch.from_numpy, digit.weights(arrays)), strict=True)
    cnn.load_state_dict(dict(kept))
    return cnn


def predictions(cnn, X):
    """The digit that the network finds most probable, for each picture."""
    with torch.no_grad():
        return torch.cat([cnn(part).argmax(1) for part in X.split(500)]).numpy()


def jittered(strokes, rng):
    """Strokes as another hand might draw them: wavy, stretched, slanted, turned."""
    wide, high = rng.uniform(0.75, 1.25, 2)
    slant, turn = rng.uniform(-0.2, 0.2), rng.uniform(-0.25, 0.25)
    by = np.array([[wide, 0], [slant, high]]) @ [
        [np.cos(turn), np.sin(turn)],
        [-np.sin(turn), np.cos(turn)],
    ]
    phases = rng.uniform(0, 2 * np.pi, (2, 2))

    def moved(stroke):
        points = np.array(stroke) - 50
        angles = points / 20 + phases[0], points[:, ::-1] / 20 + phases[1]
        return (points + 2 * np.sin(angles).sum(axis=0)) @ by

    return [moved(stroke) for stroke in strokes]


def drawn(rng, copies=100):
    """The pictures of jittered digits, by pens of several widths, and the digits."""
    images, labels = [], np.repeat(range(10), copies)
    for label in labels:
        strokes = jittered(digit.drawings()[str(label)], rng)
        images.append(digit.picture(strokes, pen=rng.uniform(0.9, 1.8)))
    return np.array(images), labels


def main():
    """Train, round, compare, and write the file."""
    data = d2l.load_mnist()
    if data.name != "MNIST":
        sys.exit("The network is trained on MNIST, which is not at hand.")
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    cnn = make_network()
    train(cnn, pictures(data.train_images), torch.from_numpy(data.train_labels))
    arrays = rounded(cnn)
    # One array a line.
    lines = (f'"{name}": {json.dumps(kept)}' for name, kept in arrays.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    TARGET.write_text(text, encoding="utf-8", newline="\n")

    kept = restored(arrays)
    before = predictions(cnn, pictures(data.test_images))
    after = predictions(kept, pictures(data.test_images, np.float64))
    for name, predicted in [("as trained", before), ("with 8 bits", after)]:
        right = (predicted == data.test_labels).mean()
        print(f"{name}: {right:.2%} of the test pictures are read right")
    print(f"the same answer: {(before == after).sum():,} of {len(after):,}")
    images, labels = drawn(np.random.default_rng(0))
    right = (predictions(kept, pictures(images, np.float64)) == labels).mean()
    print(f"of {len(labels):,} jittered drawings of our own: {right:.1%}")
    print(f"SHA-256 {hashlib.sha256(text.encode()).hexdigest()}")


if __name__ == "__main__":
    main()
