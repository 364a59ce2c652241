import lazy_loader

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect
from ._training import training

torch = lazy_loader.load("torch")

ex = Exercise(
    "08.mend_training",
    hints=[
        "Compare with `train` in section 5, line by line.",
        """PyTorch *adds* to the slopes at every `backward`. Which line of section 5
        starts from zero again?""",
        "`CrossEntropyLoss` takes the scores: it does the softmax itself.",
        "And whose pictures should the accuracy be measured on?",
    ],
    explanation="""Without zero_grad every step takes the slopes of all earlier batches
        along. With a softmax of its own the network has two, and learns slowly. And the
        accuracy on pictures that it was trained on says little about new ones. None of
        the three stops the program.""",
)


@ex.stub
def train_and_test(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    """Train a network on X and y; give its accuracy on new pictures, X_test."""
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = torch.softmax(net(X[batch]), dim=1)
            loss = loss_function(scores, y[batch])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X), y)


BROKEN = train_and_test


@ex.solution
def train_and_test(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    """Train a network on X and y; give its accuracy on new pictures, X_test."""
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = net(X[batch])
            loss = loss_function(scores, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


MENDED = train_and_test


def _layer():
    """A small layer with a start of its own."""
    with training():
        net = torch.nn.Linear(3, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[0.5, -0.2, 0.1], [-0.3, 0.4, 0.2]]))
        net.bias.zero_()
    return net


def _sets():
    """Six pictures of three pixels to train with, five to test with."""
    X = [[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 1], [0, 2, 1], [2, 0, 1]]
    # The fourth is read correctly at first, and then no more.
    X_test = [[1, 0, 0], [0, 1, 0], [0, 3, 1], [2, 2, 0], [2, 0, 2]]
    return (
        torch.tensor(X, dtype=torch.float32),
        torch.tensor([0, 1, 0, 1, 1, 0]),
        torch.tensor(X_test, dtype=torch.float32),
        torch.tensor([0, 1, 0, 0, 0]),
    )


def _trained(train, net, *sets, **settings):
    """What a training gives, or why it cannot."""
    turned = (
        "The scores come first, then the labels: `loss_function(scores, y[batch])`."
    )
    sizes = "`X_test` has its own labels, `y_test`."
    with (
        training(),
        explained(
            mistakes={
                "not implemented for 'Long'": turned,
                "must have one class for each": sizes,
            }
        ),
    ):
        return train(net, *sets, **settings)


def _weights(train, *sets, **settings):
    """The weights after a training."""
    net = _layer()
    _trained(train, net, *sets, **settings)
    return net.weight


@ex.check("after four steps with all pictures, the weights are where they should be")
def _(answer):
    sets = _sets()
    settings = {"num_epochs": 4, "batch_size": 6, "lr": 0.5}
    no_zero = "The slopes of earlier steps are still in it. Which line sets them to 0?"
    softmax = "`CrossEntropyLoss` does the softmax itself. Here it is taken twice."
    expect(
        _weights(answer, *sets, **settings),
        _weights(MENDED, *sets, **settings),
        mistakes=[
            (
                _weights(BROKEN, *sets, **settings),
                """`CrossEntropyLoss` does the softmax itself. Here it is taken twice.
                And there is more.""",
            ),
            (_weights(only_the_softmax_mended, *sets, **settings), no_zero),
            (_weights(softmax_twice, *sets, **settings), softmax),
            (
                _weights(trains_with_the_test_pictures, *sets, **settings),
                "It was trained on the test pictures. They are for the end.",
            ),
            (
                _weights(returns_in_the_loop, *sets, **settings),
                "Only one epoch. Is the `return` inside the loop?",
            ),
            (
                _weights(sum_of_losses, *sets, **settings),
                "The loss is the mean over the batch, as `CrossEntropyLoss` gives it.",
            ),
            (
                _weights(own_rate, *sets, **settings),
                "That is with the rate 0.1. The rate is `lr`, here 0.5.",
            ),
            (
                _weights(with_adam, *sets, **settings),
                "That is Adam. SGD was right: mend the three mistakes.",
            ),
            (
                _layer().weight,
                "The weights did not move. Is there a `step`? And does `zero_grad` "
                "stand between `backward` and `step`? There it throws the slopes away.",
            ),
        ],
        tip="Zero the slopes, walk back, step, with the loss of the scores.",
    )


@ex.check("each batch starts from slopes that are zero")
def _(answer):
    # All pictures are alike, so their order does not matter.
    X, y, *test_set = _sets()
    sets = [X[:1].repeat(6, 1), y[:1].repeat(6), *test_set]
    settings = {"num_epochs": 2, "batch_size": 4, "lr": 0.25}
    expect(
        _weights(answer, *sets, **settings),
        _weights(MENDED, *sets, **settings),
        mistakes=[
            (
                _weights(zero_grad_for_each_epoch, *sets, **settings),
                "`zero_grad` belongs in the inner loop: once for each batch.",
            ),
        ],
        tip="Six pictures in batches of four: each epoch takes two steps, the second "
        "with the two pictures that are left.",
    )


@ex.check("the accuracy is that of new pictures")
def _(answer):
    X, y, X_test, y_test = _sets()
    net = _layer()
    got = _trained(answer, net, X, y, X_test, y_test, 20, 6, 0.5)
    expect(
        got,
        0.6,
        mistakes=[
            (1, "That is the accuracy on the pictures that it was trained on."),
            (0.8, "So it was at an earlier step. What counts is the end, on X_test."),
            (60, "Percents? The fraction is wanted, between 0 and 1."),
            (9 / 11, "The training pictures take part in it. On X_test alone."),
            (3, "That is how many are right. The fraction is wanted."),
        ],
        tip="In the end three of the five test pictures are read correctly.",
    )


@ex.wrong(says="The slopes of earlier steps are still in it")
def only_the_softmax_mended(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = net(X[batch])
            loss = loss_function(scores, y[batch])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


def _mended(loss_of, optimizer_of=None):
    """A training with another loss of a batch, or another optimizer."""

    def train(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
        optimizer = (optimizer_of or torch.optim.SGD)(net.parameters(), lr=lr)
        for _ in range(num_epochs):
            for batch in torch.randperm(len(X)).split(batch_size):
                optimizer.zero_grad()
                loss_of(net(X[batch]), y[batch]).backward()
                optimizer.step()
        return d2l.accuracy(net(X_test), y_test)

    return train


@ex.wrong(says="The scores come first")
def labels_first(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    torch.nn.CrossEntropyLoss()(y, net(X))


@ex.wrong(says="has its own labels")
def labels_of_the_training(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    return d2l.accuracy(net(X_test), y)


@ex.wrong(says="They are for the end")
def trains_with_the_test_pictures(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    return MENDED(net, X_test, y_test, X_test, y_test, num_epochs, batch_size, lr)


@ex.wrong(says="Is the `return` inside the loop?")
def returns_in_the_loop(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    return MENDED(net, X, y, X_test, y_test, 1, batch_size, lr)


@ex.wrong(says="The loss is the mean over the batch")
def sum_of_losses(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    total = torch.nn.CrossEntropyLoss(reduction="sum")
    return _mended(total)(net, X, y, X_test, y_test, num_epochs, batch_size, lr)


@ex.wrong(says="The rate is `lr`, here 0.5")
def own_rate(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    return MENDED(net, X, y, X_test, y_test, num_epochs, batch_size, lr=0.1)


@ex.wrong(says="That is Adam")
def with_adam(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    train = _mended(torch.nn.CrossEntropyLoss(), torch.optim.Adam)
    return train(net, X, y, X_test, y_test, num_epochs, batch_size, lr)


@ex.wrong(says="each epoch takes two steps")
def all_pictures_at_once(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    return MENDED(net, X, y, X_test, y_test, num_epochs, len(X), lr)


@ex.wrong(says="Percents?")
def percents(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    return 100 * MENDED(net, X, y, X_test, y_test, num_epochs, batch_size, lr)


@ex.wrong(says="The training pictures take part in it")
def on_all_pictures(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    every, labels = torch.cat([X, X_test]), torch.cat([y, y_test])
    return MENDED(net, X, y, every, labels, num_epochs, batch_size, lr)


@ex.wrong(says="is a `return` missing?")
def printed(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    print(MENDED(net, X, y, X_test, y_test, num_epochs, batch_size, lr))


@ex.wrong(says="Here it is taken twice")
def softmax_twice(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            scores = torch.softmax(net(X[batch]), dim=1)
            loss = loss_function(scores, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


@ex.wrong(says="The weights did not move")
def zero_grad_too_late(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = loss_function(net(X[batch]), y[batch])
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


@ex.wrong(says="belongs in the inner loop")
def zero_grad_for_each_epoch(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_function = torch.nn.CrossEntropyLoss()
    for _ in range(num_epochs):
        optimizer.zero_grad()
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = loss_function(net(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return d2l.accuracy(net(X_test), y_test)


@ex.wrong(says="the pictures that it was trained on")
def accuracy_on_training_pictures(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    MENDED(net, X, y, X_test, y_test, num_epochs, batch_size, lr)
    with torch.no_grad():
        return d2l.accuracy(net(X), y)


@ex.wrong(says="What counts is the end")
def luckiest_epoch(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    best = 0
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            loss = torch.nn.functional.cross_entropy(net(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        best = max(best, d2l.accuracy(net(X_test), y_test))
    return best


@ex.wrong(says="the two pictures that are left")
def whole_batches_only(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_epochs):
        order = torch.randperm(len(X))
        for i in range(len(X) // batch_size):
            batch = order[i * batch_size : (i + 1) * batch_size]
            loss = torch.nn.functional.cross_entropy(net(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return d2l.accuracy(net(X_test), y_test)


@ex.right
def another_order(net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1):
    optimizer = d2l.SGD(net.parameters(), lr=lr)
    for _ in range(num_epochs):
        for X_batch, y_batch in d2l.load_array((X, y), batch_size):
            d2l.cross_entropy(net(X_batch), y_batch).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
    return d2l.evaluate_accuracy(net, [(X_test, y_test)])


@ex.right
def log_of_its_own_softmax(
    net, X, y, X_test, y_test, num_epochs=5, batch_size=32, lr=0.1
):
    for _ in range(num_epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            log_p = torch.log_softmax(net(X[batch]), dim=1)
            net.zero_grad()
            torch.nn.functional.nll_loss(log_p, y[batch]).backward()
            with torch.no_grad():
                for param in net.parameters():
                    param -= lr * param.grad
    return (net(X_test).argmax(dim=1) == y_test).float().mean()
