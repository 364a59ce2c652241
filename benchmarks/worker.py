"""Time one way to train in a process of its own: see ``timing.Worker``.

    python benchmarks/worker.py NAME FILE

NAME is that of a function in paths.py, or keras-jax or keras-torch; FILE is what
``Digits.save`` has written.
"""

import gc
import os
import sys
from functools import partial

import epoch_images
from timing import seconds


def prepare(name, data):
    """A function without arguments that trains for one epoch."""
    if name.startswith("keras-"):
        # Read when Keras loads.
        os.environ["KERAS_BACKEND"] = name.removeprefix("keras-")
        import keras_path

        return keras_path.prepare(data)
    import paths

    return partial(getattr(paths, name), data)


def main(name, file):
    """Reply to every line until there are no more."""
    # What a library prints must not come between the replies.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    train = prepare(name, epoch_images.read(file))
    gc.disable()
    for line in sys.stdin:
        gc.collect()
        print(seconds(train, int(line)), file=replies, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
