import contextlib
import tempfile
from pathlib import Path
from unittest import mock

import lazy_loader
import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

torch = lazy_loader.load("torch")

ex = Exercise(
    "10.resume",
    hints=[
        """What does the loop change from epoch to epoch? Each of these things must be
        in the checkpoint. There are four.""",
        """The weights, the velocities in the optimizer, the generator that shuffles,
        and how many epochs are done. `net.state_dict()`, `optimizer.state_dict()`,
        `generator.get_state()`.""",
        """Above the loop, `if path.exists():`, take `state = torch.load(path)`, hand
        its parts to `net.load_state_dict(...)`, `optimizer.load_state_dict(...)` and
        `generator.set_state(...)`, and set `done`.""",
        """At the end of each epoch `d2l.save_checkpoint(path, {"net": ..., ...})`, with
        all four under names of yours, `done` among them.""",
    ],
    explanation="""Whatever the next step depends on belongs to the state: weights,
        velocities, the place in the random numbers, the number of the epoch. The data
        do not change, and the rates are among the optimizer's. The file is written
        after each epoch, within the loop, since nobody knows when the end comes; and
        beside the old one, which it replaces when it is complete, since the end may
        come while it is written.""",
    seconds=60,  # The first optimizer of a session loads much of PyTorch.
)


@ex.solution
def train(net, optimizer, generator, X, y, num_epochs, path):
    """Train until num_epochs epochs are done, with a checkpoint after each of them.

    If there is a checkpoint at path, go on from it. All chance comes from generator, a
    torch.Generator. path is a Path: path.exists() tells whether the file is there.
    """
    done = 0
    # BEGIN SOLUTION
    if path.exists():
        state = torch.load(path)
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        generator.set_state(state["generator"])
        done = state["done"]
    # END SOLUTION
    while done < num_epochs:
        order = torch.randperm(len(X), generator=generator)
        for rows in order.split(4):
            optimizer.zero_grad()
            d2l.squared_loss(net(X[rows]), y[rows]).mean().backward()
            optimizer.step()
        done += 1
        # BEGIN SOLUTION
        state = {
            "net": net.state_dict(),
            "optimizer": optimizer.state_dict(),
            "generator": generator.get_state(),
            "done": done,
        }
        d2l.save_checkpoint(path, state)
        # END SOLUTION


EPOCHS, STEPS = 5, 3  # of ten examples, four at a time


class _Stopped(Exception):  # noqa: N818 -- stands for the end of a process
    pass


def things():
    """What a program begins with each time: the same start, the same seed."""
    data = np.random.default_rng(0)
    X = torch.from_numpy(data.normal(size=(10, 2)))
    y = torch.from_numpy(data.normal(size=(10, 1)))
    net = torch.nn.Linear(2, 1, dtype=torch.float64)
    for parameter in net.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    return net, optimizer, torch.Generator().manual_seed(0), X, y


def weights(net):
    """All weights of the network, in a row."""
    return torch.cat([p.detach().ravel() for p in net.parameters()]).numpy().copy()


def started(answer, path, num_epochs=EPOCHS, stop_after=None):
    """One life of the program: the weights at its end, and the steps that it took."""
    net, optimizer, generator, X, y = things()
    steps = 0

    def count(*_):
        nonlocal steps
        if steps == stop_after:
            raise _Stopped
        steps += 1

    hook = net.register_forward_hook(count)
    whole = """`torch.load` reads states, not whole objects, which could run code of
        their own. Save `net.state_dict()` and `optimizer.state_dict()`."""
    missing = """The file is not there when the program starts for the first time. Ask
        `path.exists()` before you load it."""
    with explained(
        mistakes={
            "Weights only load failed": whole,
            "No such file or directory": missing,
        }
    ):
        try:
            answer(net, optimizer, generator, X, y, num_epochs, path)
        except _Stopped:
            pass
        finally:
            hook.remove()
    return weights(net), steps


def continued(kept, epochs=2):
    """Where a training ends that lost all but what is kept when it was stopped."""
    net, optimizer, generator, X, y = old = things()

    def run(first, last):
        for _ in range(first, last):
            for rows in torch.randperm(10, generator=generator).split(4):
                optimizer.zero_grad()
                d2l.squared_loss(net(X[rows]), y[rows]).mean().backward()
                optimizer.step()

    run(0, epochs)
    net, optimizer, generator, X, y = things()
    if "net" in kept:
        net.load_state_dict(old[0].state_dict())
    if "optimizer" in kept:
        optimizer.load_state_dict(old[1].state_dict())
    if "generator" in kept:
        generator.set_state(old[2].get_state())
    run(epochs if "epochs" in kept else 0, EPOCHS)
    return weights(net)


EVERYTHING = {"net", "optimizer", "generator", "epochs"}


@contextlib.contextmanager
def folder():
    """A place for the file."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name) / "training.pt"


@ex.check("a training that nobody stops")
def _(answer):
    with folder() as path:
        got, _ = started(answer, path)
        expect(
            got,
            continued(EVERYTHING),
            rtol=1e-9,
            mistakes=[
                (np.full(3, 0.5), "Nothing was trained. Is the loop still there?")
            ],
            tip="The loop was right. Leave it as it is, and add to it.",
        )
        if not path.exists():
            refuse("There is no file at `path` after the training: save a checkpoint.")


@ex.check("stopped after two epochs of five, and started again")
def _(answer):
    with folder() as path:
        started(answer, path, num_epochs=2)
        if not path.exists():
            refuse("There is no file at `path` after two epochs.")
        got, steps = started(answer, path)
    if np.array_equal(got, continued(EVERYTHING)) and steps == 3 * STEPS:
        return
    if steps == EPOCHS * STEPS:
        anew = np.array_equal(got, continued(EVERYTHING))
        refuse(
            "It began from the start: nothing was loaded, or nothing was used of it."
            if anew
            else """It trains five epochs more, though two of the five were done. How
                many are done belongs to the state, too: `done` begins there.""",
            expected="{wanted} more steps",
            got="{steps} more steps",
            wanted=3 * STEPS,
            steps=steps,
        )
    if steps != 3 * STEPS:
        refuse(
            """An epoch that was done is done again. What does `done` hold when the file
            is written, and from where does the loop go on?"""
            if steps > 3 * STEPS
            else "An epoch is left out. With which one does it go on?",
            expected="{wanted} more steps",
            got="{steps} more steps",
            wanted=3 * STEPS,
            steps=steps,
        )
    for wrong, message in (
        (
            continued(EVERYTHING - {"net"}),
            "The weights begin anew: load the state of the network.",
        ),
        (
            continued({"epochs", "generator"}),
            "The weights begin anew: load the state of the network.",
        ),
        (
            continued({"epochs", "optimizer"}),
            "The weights begin anew: load the state of the network.",
        ),
        (
            continued({"epochs"}),
            "The weights begin anew: load the state of the network.",
        ),
        (
            continued(EVERYTHING - {"optimizer"}),
            "The momentum begins anew: the velocities are in the optimizer's state.",
        ),
        (
            continued(EVERYTHING - {"generator"}),
            "The generator begins anew, and deals the first orders again.",
        ),
        (
            continued({"net", "epochs"}),
            "The weights are there, but the velocities of the optimizer and the place "
            "of the generator begin anew.",
        ),
    ):
        if np.array_equal(got, wrong):
            refuse(message, expected=continued(EVERYTHING), got=got)
    refuse(
        """Three epochs were trained, but they end elsewhere than in a training without
        a stop. Every bit of the weights must be the same.""",
        expected=continued(EVERYTHING),
        got=got,
    )


@ex.check("stopped in the middle of the fourth epoch")
def _(answer):
    with folder() as path:
        started(answer, path, stop_after=3 * STEPS + 1)
        got, steps = started(answer, path)
    if steps == EPOCHS * STEPS:
        refuse(
            """Three epochs were done when it was stopped, and all are lost. A
            checkpoint belongs to the end of each epoch, within the loop.""",
            expected="{wanted} more steps",
            got="{steps} more steps",
            wanted=2 * STEPS,
            steps=steps,
        )
    if not np.array_equal(got, continued(EVERYTHING)):
        refuse(
            """It goes on from the middle of an epoch, whose order is lost, and ends
            elsewhere. Save when an epoch is done.""",
            expected=continued(EVERYTHING),
            got=got,
        )


@ex.check("stopped while it writes the third checkpoint")
def _(answer):
    save, calls = torch.save, 0

    def save_half(state, file, *more, **options):
        nonlocal calls
        calls += 1
        if calls != 3:
            return save(state, file, *more, **options)
        if hasattr(file, "write"):
            file.write(b"half")
        else:
            Path(file).write_bytes(b"half")
        raise _Stopped

    with folder() as path:
        with (
            mock.patch("torch.save", save_half),
            mock.patch("d2l_utils._torch.torch.save", save_half),
        ):
            started(answer, path)
        try:
            got, steps = started(answer, path)
        except Exception:
            refuse(
                """The half of the third checkpoint stands where the second was, and
                cannot be loaded. `d2l.save_checkpoint` writes beside the file, and
                replaces it when all is written.""",
            )
    if steps > 3 * STEPS or not np.array_equal(got, continued(EVERYTHING)):
        refuse(
            """The second checkpoint was lost while the third was written. It may go
            only when the new one is complete.""",
            expected="{wanted} more steps",
            got="{steps} more steps",
            wanted=3 * STEPS,
            steps=steps,
        )


def _loop(net, optimizer, generator, X, y, epochs, after=lambda epoch: None):
    """The training as the stub has it."""
    for epoch in epochs:
        order = torch.randperm(len(X), generator=generator)
        for rows in order.split(4):
            optimizer.zero_grad()
            d2l.squared_loss(net(X[rows]), y[rows]).mean().backward()
            optimizer.step()
        after(epoch)


def _load(path, net, optimizer, generator):
    """All of a checkpoint; gives the number of epochs that are done."""
    if not path.exists():
        return 0
    state = torch.load(path)
    net.load_state_dict(state["net"])
    optimizer.load_state_dict(state["optimizer"])
    generator.set_state(state["generator"])
    return state["epochs"]


def _state(net, optimizer, generator, epochs):
    return {
        "net": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "epochs": epochs,
    }


@ex.wrong(says="the velocities are in the optimizer's state")
def weights_generator_done(net, optimizer, generator, X, y, num_epochs, path):
    done = 0
    if path.exists():
        state = torch.load(path)
        net.load_state_dict(state["net"])
        generator.set_state(state["generator"])
        done = state["done"]
    while done < num_epochs:
        order = torch.randperm(len(X), generator=generator)
        for rows in order.split(4):
            optimizer.zero_grad()
            d2l.squared_loss(net(X[rows]), y[rows]).mean().backward()
            optimizer.step()
        done += 1
        state = {
            "net": net.state_dict(),
            "generator": generator.get_state(),
            "done": done,
        }
        d2l.save_checkpoint(path, state)


@ex.wrong(says="deals the first orders again")
def no_generator(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, torch.Generator())

    def save(epoch):
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="The weights begin anew")
def no_weights(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, torch.nn.Linear(2, 1), optimizer, generator)

    def save(epoch):
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="The weights begin anew")
def only_the_epoch(net, optimizer, generator, X, y, num_epochs, path):
    first = torch.load(path)["epochs"] if path.exists() else 0

    def save(epoch):
        d2l.save_checkpoint(path, {"epochs": epoch + 1})

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="the place of the generator begin anew")
def weights_and_epoch(net, optimizer, generator, X, y, num_epochs, path):
    first = 0
    if path.exists():
        state = torch.load(path)
        net.load_state_dict(state["net"])
        first = state["epochs"]

    def save(epoch):
        d2l.save_checkpoint(path, {"net": net.state_dict(), "epochs": epoch + 1})

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="How many are done belongs to the state, too")
def no_epoch(net, optimizer, generator, X, y, num_epochs, path):
    _load(path, net, optimizer, generator)

    def save(epoch):
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))

    _loop(net, optimizer, generator, X, y, range(num_epochs), save)


@ex.wrong(says="nothing was loaded")
def only_saves(net, optimizer, generator, X, y, num_epochs, path):
    def save(epoch):
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))

    _loop(net, optimizer, generator, X, y, range(num_epochs), save)


@ex.wrong(says="An epoch that was done is done again")
def number_of_the_last(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)

    def save(epoch):
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch))

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="An epoch is left out")
def one_too_far(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)
    first = first + 1 if first else 0

    def save(epoch):
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="Every bit of the weights must be the same")
def in_half_precision(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)

    def save(epoch):
        state = _state(net, optimizer, generator, epoch + 1)
        state["net"] = {name: x.float() for name, x in state["net"].items()}
        d2l.save_checkpoint(path, state)

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="save a checkpoint")
def no_file(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)
    _loop(net, optimizer, generator, X, y, range(first, num_epochs))


@ex.wrong(says="There is no file at `path` after two epochs")
def only_the_fifth(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)

    def save(epoch):
        if epoch + 1 == 5:
            d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="within the loop")
def after_the_loop(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)
    _loop(net, optimizer, generator, X, y, range(first, num_epochs))
    d2l.save_checkpoint(path, _state(net, optimizer, generator, num_epochs))


@ex.wrong(says="Save when an epoch is done")
def after_each_step(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)
    for epoch in range(first, num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(4):
            optimizer.zero_grad()
            d2l.squared_loss(net(X[rows]), y[rows]).mean().backward()
            optimizer.step()
            d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch))
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))


@ex.wrong(says="writes beside the file")
def written_in_place(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)

    def save(epoch):
        torch.save(_state(net, optimizer, generator, epoch + 1), path)

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="It may go only when the new one is complete")
def removed_first(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)

    def save(epoch):
        path.unlink(missing_ok=True)
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="not whole objects")
def whole_objects(net, optimizer, generator, X, y, num_epochs, path):
    first = 0
    if path.exists():
        kept, first = torch.load(path)
        net.load_state_dict(kept.state_dict())

    def save(epoch):
        kept = torch.nn.Linear(2, 1, dtype=torch.float64)
        kept.load_state_dict(net.state_dict())
        torch.save((kept, epoch + 1), path)

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.wrong(says="Ask `path.exists()` before you load it")
def loads_at_once(net, optimizer, generator, X, y, num_epochs, path):
    net.load_state_dict(torch.load(path)["net"])


@ex.wrong(says="Is the loop still there?")
def no_loop(net, optimizer, generator, X, y, num_epochs, path):
    d2l.save_checkpoint(path, _state(net, optimizer, generator, num_epochs))


@ex.wrong(says="Leave it as it is")
def another_order(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)
    for epoch in range(first, num_epochs):
        generator.manual_seed(epoch + 10)
        _loop(net, optimizer, generator, X, y, [epoch])
        d2l.save_checkpoint(path, _state(net, optimizer, generator, epoch + 1))


@ex.right
def beside_it(net, optimizer, generator, X, y, num_epochs, path):
    first = _load(path, net, optimizer, generator)
    beside = path.with_suffix(".new")

    def save(epoch):
        torch.save(_state(net, optimizer, generator, epoch + 1), beside)
        beside.replace(path)

    _loop(net, optimizer, generator, X, y, range(first, num_epochs), save)


@ex.right
def last_epoch(net, optimizer, generator, X, y, num_epochs, path):
    first, parts = 0, [net, optimizer]
    if path.exists():
        *states, place, last = torch.load(path)["all"]
        for part, state in zip(parts, states):
            part.load_state_dict(state)
        generator.set_state(place)
        first = last + 1
    for epoch in range(first, num_epochs):
        _loop(net, optimizer, generator, X, y, [epoch])
        states = [part.state_dict() for part in parts]
        state = {"all": [*states, generator.get_state(), epoch]}
        d2l.save_checkpoint(path, state)
