import itertools
import math

import numpy as np
import pytest
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

import d2l_utils as d2l

SHAPES = [(1,), (3,), (4, 3), (2, 4, 3), (0, 3), (2, 0, 3), (5, 1)]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
PRECISION = {
    np.float16: 4e-3,
    np.float32: 1e-6,
    np.float64: 1e-14,
    torch.float16: 4e-3,
    torch.bfloat16: 3e-2,
    torch.float32: 1e-6,
    torch.float64: 1e-14,
}


def some_scores(shape, seed=0):
    return np.random.default_rng(seed).normal(0, 3, shape)


def some_labels(shape, seed=1):
    return np.random.default_rng(seed).integers(shape[-1], size=shape[:-1])


def in_float64(values):
    if isinstance(values, torch.Tensor):
        values = values.detach().double().numpy()
    return np.asarray(values, dtype=np.float64)


def close(actual, expected, precision=1e-14):
    np.testing.assert_allclose(
        in_float64(actual), in_float64(expected), rtol=precision, atol=precision
    )


# --- Probabilities


@each_shape
def test_softmax_is_that_of_scipy_and_torch(shape):
    z = some_scores(shape)
    close(d2l.softmax(z), scipy.special.softmax(z, axis=-1))
    tensor = torch.tensor(z)
    result = d2l.softmax(tensor)
    close(result, functional.softmax(tensor, dim=-1))
    assert isinstance(result, torch.Tensor)
    assert result.shape == tensor.shape


@each_shape
def test_probabilities_are_positive_and_add_up_to_1(shape):
    p = d2l.softmax(some_scores(shape))
    assert p.shape == shape
    assert (p > 0).all()
    close(p.sum(axis=-1), np.ones(shape[:-1]))


@pytest.mark.parametrize("dtype", PRECISION, ids=str)
def test_scores_keep_their_dtype(dtype):
    z, labels = some_scores((4, 3)), some_labels((4, 3))
    if isinstance(dtype, torch.dtype):
        scores, classes = torch.tensor(z).to(dtype), torch.tensor(labels)
    else:
        scores, classes = z.astype(dtype), labels
    p, losses = d2l.softmax(scores), d2l.cross_entropy(scores, classes)
    assert p.dtype == losses.dtype == scores.dtype
    exact = in_float64(scores)
    close(p, scipy.special.softmax(exact, axis=-1), PRECISION[dtype])
    expected = functional.cross_entropy(
        torch.tensor(exact), torch.tensor(labels), reduction="none"
    )
    close(losses, expected, PRECISION[dtype])


@pytest.mark.parametrize(
    "scores",
    [
        [[1, 2, 3], [4, 4, 0]],
        ((1, 2, 3), (4, 4, 0)),
        np.array([[1, 2, 3], [4, 4, 0]]),
        np.array([[1, 2, 3], [4, 4, 0]], np.uint8),
    ],
    ids=["list", "tuple", "int64", "uint8"],
)
def test_lists_and_whole_numbers_are_scores_in_float64(scores):
    z = np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 0.0]])
    for given_scores, labels in ((scores, [2, 0]), (scores, (2, 0))):
        p = d2l.softmax(given_scores)
        assert p.dtype == np.float64
        close(p, scipy.special.softmax(z, axis=-1))
        losses = d2l.cross_entropy(given_scores, labels)
        assert losses.dtype == np.float64
        close(losses, -scipy.special.log_softmax(z, axis=-1)[[0, 1], [2, 0]])


HUGE = [
    (np.float64, [1e4, 0.0, -1e4]),
    (np.float64, [1e300, 1e300, -1e300]),
    (np.float32, [1e38, 0.0, -1e38]),
    (np.float32, [-1e38, -1e38, -1e38]),
    (np.float16, [3e4, 0.0, -3e4]),
    (np.float64, [-np.inf, 0.0, 1.0]),
    (np.float32, [-np.inf, 5.0, -np.inf]),
]


@pytest.mark.parametrize(("dtype", "scores"), HUGE)
def test_no_score_is_too_large(dtype, scores):
    z = np.array([scores, scores[::-1]], dtype)
    expected = scipy.special.softmax(z.astype(np.float64), axis=-1)
    for kind in (z, torch.tensor(z)):
        close(d2l.softmax(kind), expected, PRECISION[dtype])
        assert math.isfinite(d2l.softmax(kind).sum())
    for label in range(3):
        labels = np.array([label, 2 - label])
        expected = -scipy.special.log_softmax(z.astype(np.float64), axis=-1)
        expected = expected[[0, 1], labels]
        ours = d2l.cross_entropy(z, labels)
        np.testing.assert_allclose(ours, expected, rtol=PRECISION[dtype])
        ours = d2l.cross_entropy(torch.tensor(z), torch.tensor(labels))
        np.testing.assert_allclose(ours, expected, rtol=PRECISION[dtype])


@pytest.mark.parametrize("shift", [-1024.0, 0.5, 2.0**40])
def test_a_shift_of_all_scores_changes_nothing(shift):
    z, labels = np.round(some_scores((5, 4)) * 64) / 64, some_labels((5, 4))
    np.testing.assert_array_equal(d2l.softmax(z + shift), d2l.softmax(z))
    np.testing.assert_array_equal(
        d2l.cross_entropy(z + shift, labels), d2l.cross_entropy(z, labels)
    )


def test_nan_stays_in_its_row():
    z = np.array([[np.nan, 1.0], [0.0, 0.0]])
    for kind, labels in ((z, [1, 1]), (torch.tensor(z), torch.tensor([1, 1]))):
        p, losses = d2l.softmax(kind), d2l.cross_entropy(kind, labels)
        np.testing.assert_array_equal(p, [[np.nan, np.nan], [0.5, 0.5]])
        np.testing.assert_allclose(losses, [np.nan, np.log(2)])


# --- The loss


@each_shape
def test_cross_entropy_is_that_of_scipy_and_torch(shape):
    z, labels = some_scores(shape), some_labels(shape)
    log_p = scipy.special.log_softmax(z, axis=-1)
    expected = -np.take_along_axis(log_p, np.expand_dims(labels, -1), axis=-1)[..., 0]
    ours = d2l.cross_entropy(z, labels)
    assert np.shape(ours) == shape[:-1]
    close(ours, expected)
    ours = d2l.cross_entropy(torch.tensor(z), torch.tensor(labels))
    theirs = functional.cross_entropy(
        torch.tensor(z).reshape(-1, shape[-1]),
        torch.tensor(labels).reshape(-1),
        reduction="none",
    ).reshape(shape[:-1])
    assert isinstance(ours, torch.Tensor)
    assert ours.shape == theirs.shape
    close(ours, theirs)


@each_shape
def test_torch_finds_the_same_gradients_through_our_functions(shape):
    z = torch.tensor(some_scores(shape), requires_grad=True)
    labels = torch.tensor(some_labels(shape))
    weights = torch.tensor(some_scores(shape, seed=2))
    flat = -1, shape[-1]
    for ours, theirs in [
        (d2l.softmax(z) * weights, functional.softmax(z, dim=-1) * weights),
        (
            d2l.cross_entropy(z, labels) * weights[..., 0],
            functional.cross_entropy(
                z.reshape(flat), labels.reshape(-1), reduction="none"
            ).reshape(shape[:-1])
            * weights[..., 0],
        ),
    ]:
        gradients = [torch.autograd.grad(y.sum(), z)[0] for y in (ours, theirs)]
        close(*gradients, 1e-13)
        if z.numel() and shape[-1] > 1:
            assert gradients[0].abs().max() > 1e-3


@pytest.mark.parametrize("scores", [[0.0, 0.0, 0.0], [1e4, 1e4, 0.0], [-np.inf, 0, 1]])
def test_the_gradient_is_probability_minus_target_also_at_a_tie(scores):
    z = torch.tensor([scores], dtype=torch.float64, requires_grad=True)
    d2l.cross_entropy(z, torch.tensor([1])).sum().backward()
    close(z.grad, d2l.softmax(z) - torch.tensor([[0, 1, 0]]))


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int8, np.uint16, np.int32, np.int64, np.uint64]
)
def test_labels_are_arrays_of_any_whole_numbers(dtype):
    z, labels = some_scores((4, 3)), some_labels((4, 3))
    np.testing.assert_array_equal(
        d2l.cross_entropy(z, labels.astype(dtype)), d2l.cross_entropy(z, labels)
    )
    assert d2l.accuracy(z, labels.astype(dtype)) == d2l.accuracy(z, labels)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.int64])
def test_labels_are_tensors_of_whole_numbers(dtype):
    z, labels = torch.tensor(some_scores((4, 3))), torch.tensor(some_labels((4, 3)))
    losses = d2l.cross_entropy(z, labels.to(dtype))
    assert losses.tolist() == d2l.cross_entropy(z, labels).tolist()
    assert d2l.accuracy(z, labels.to(dtype)) == d2l.accuracy(z, labels)


def test_one_row_of_scores_has_one_label():
    expected = math.log(1 + math.exp(-1) + math.exp(-2))
    for label in (2, np.int64(2), np.array(2), np.uint8(2)):
        loss = d2l.cross_entropy([1.0, 2.0, 3.0], label)
        assert np.shape(loss) == ()
        assert loss == pytest.approx(expected, rel=1e-14)
    loss = d2l.cross_entropy(torch.tensor([1.0, 2.0, 3.0]), torch.tensor(2))
    assert loss.shape == ()
    assert loss.item() == pytest.approx(expected, rel=1e-6)


def test_of_256_classes_the_last_is_a_label_in_uint8():
    z = some_scores((3, 256))
    labels = np.array([255, 128, 0], np.uint8)
    expected = -scipy.special.log_softmax(z, axis=-1)[[0, 1, 2], [255, 128, 0]]
    close(d2l.cross_entropy(z, labels), expected)
    close(d2l.cross_entropy(torch.tensor(z), torch.tensor(labels)), expected)


def test_nothing_is_changed():
    z, labels = some_scores((4, 3)), some_labels((4, 3))
    before = z.copy(), labels.copy()
    for kind, classes in ((z, labels), (torch.tensor(z), torch.tensor(labels))):
        d2l.softmax(kind)
        d2l.cross_entropy(kind, classes)
        d2l.accuracy(kind, classes)
        d2l.evaluate_accuracy(lambda X: X, [(kind, classes)])
        np.testing.assert_array_equal(kind, before[0])
        np.testing.assert_array_equal(classes, before[1])


# --- Accuracy

SCORES = [[0.1, 0.7, 0.2], [3.0, -1.0, 2.0], [0.0, 0.0, 5.0], [0.3, 0.3, 0.2]]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([1, 0, 2, 0], 1.0), ([1, 0, 2, 1], 0.75), ([0, 0, 0, 2], 0.25), ([2] * 4, 0.25)],
)
def test_accuracy_is_the_fraction_of_right_classes(labels, expected):
    # In the last row two scores are equal: the first counts.
    predicted = [1, 0, 2, 0]
    for y_hat, y in [
        (SCORES, labels),
        (np.array(SCORES), np.array(labels)),
        (np.array(SCORES, np.float32), np.array(labels, np.uint8)),
        (10 * np.array(SCORES) // 1, tuple(labels)),
        (torch.tensor(SCORES), torch.tensor(labels)),
        (torch.tensor(SCORES).half(), torch.tensor(labels, dtype=torch.uint8)),
        (torch.tensor(SCORES, requires_grad=True), torch.tensor(labels)),
        (d2l.Tensor(SCORES), labels),
        (d2l.Tensor(SCORES) * 2, np.array(labels)),
        (predicted, labels),
        (np.array(predicted, np.uint8), np.array(labels)),
        (torch.tensor(predicted), torch.tensor(labels, dtype=torch.uint8)),
    ]:
        result = d2l.accuracy(y_hat, y)
        assert result == expected
        assert type(result) is float


def test_accuracy_is_the_same_for_scores_and_for_probabilities():
    z, labels = some_scores((1_000, 10)), some_labels((1_000, 10))
    expected = np.mean(z.argmax(axis=1) == labels)
    assert 0 < expected < 1
    for scores in (z, d2l.softmax(z), z.argmax(axis=1)):
        assert d2l.accuracy(scores, labels) == expected
        assert d2l.accuracy(torch.tensor(scores), torch.tensor(labels)) == expected


@pytest.mark.parametrize("n", [3, 49, 60_000])
@pytest.mark.parametrize("right", [0, 1, 2, 3])
def test_one_example_counts_one_nth(n, right):
    labels = np.zeros(n, np.int64)
    predicted = np.ones(n, np.int64)
    predicted[:right] = 0
    assert d2l.accuracy(predicted, labels) == right / n
    net, batches = (lambda X: X), [(predicted, labels)]
    assert d2l.evaluate_accuracy(net, batches) == right / n


def test_right_answers_are_counted_not_their_fractions_added():
    # 15 / 22 * 22 is a little less than 15.
    labels = np.zeros(22, np.int64)
    predicted = (np.arange(22) >= 15).astype(np.int64)
    batches = 3 * [(predicted, labels)]
    assert d2l.evaluate_accuracy(lambda X: X, batches) == 45 / 66


# --- Accuracy over mini-batches


def split(cuts, *arrays):
    return list(zip(*(np.split(array, cuts) for array in arrays), strict=True))


@settings(max_examples=150)
@given(
    n=st.integers(1, 60),
    classes=st.integers(2, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_batches_of_any_sizes_have_the_accuracy_of_all_examples(n, classes, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, classes)), rng.integers(classes, size=n)
    expected = d2l.accuracy(X, y)
    assert expected == np.count_nonzero(X.argmax(axis=1) == y) / n
    for _ in range(20):
        cuts = np.flatnonzero(rng.random(n - 1) < rng.random()) + 1
        assert d2l.evaluate_accuracy(lambda X: X, split(cuts, X, y)) == expected


def test_all_splits_of_8_examples_have_the_same_accuracy():
    z, y = some_scores((8, 3)), some_labels((8, 3))
    X, labels = torch.tensor(z), torch.tensor(y)
    expected = d2l.accuracy(z, y)
    assert 0 < expected < 1
    for count in range(8):
        for cuts in itertools.combinations(range(1, 8), count):
            batches = zip(
                torch.tensor_split(X, cuts),
                torch.tensor_split(labels, cuts),
                strict=True,
            )
            assert d2l.evaluate_accuracy(lambda X: X, batches) == expected


def features_and_labels(n=50):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(n, 4, generator=generator)
    return X, torch.randint(3, (n,), generator=generator)


def test_batches_come_in_every_form():
    X, y = features_and_labels()
    torch.manual_seed(0)
    net = nn.Linear(4, 3)
    expected = d2l.accuracy(net(X), y)
    assert 0 < expected < 1
    pairs = [(X[:20], y[:20]), (X[20:], y[20:])]
    for batches in (
        pairs,
        tuple(pairs),
        [list(pair) for pair in pairs],
        iter(pairs),
        (pair for pair in pairs),
        d2l.load_array([X, y], 16),
        d2l.load_array([X, y], 7, is_train=False),
        d2l.data_iter(9, X, y),
        torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), 13),
    ):
        result = d2l.evaluate_accuracy(net, batches)
        assert result == expected
        assert type(result) is float


def test_a_net_is_any_function():
    X, y = some_scores((10, 3)), some_labels((10, 3))
    W = some_scores((3, 3), seed=3)
    expected = d2l.accuracy(X @ W, y)
    for net in (
        lambda X: X @ W,
        lambda X: (X @ W).tolist(),
        lambda X: d2l.softmax(X @ W),
        lambda X: d2l.Tensor(X) @ W,
        lambda X: (X @ W).argmax(axis=1),
    ):
        assert d2l.evaluate_accuracy(net, split([3, 4], X, y)) == expected


def modes(net):
    return [module.training for module in net.modules()]


class Watching(nn.Module):
    """Keeps what it sees while it computes."""

    def __init__(self, fails=False):
        super().__init__()
        self.linear = nn.Linear(4, 3)
        self.tail = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)))
        self.fails = fails
        self.seen = []

    def forward(self, X):
        self.seen.append((modes(self), torch.is_grad_enabled()))
        if self.fails:
            raise LookupError("not ours")
        scores = self.tail(self.linear(X))
        self.seen.append(scores.requires_grad)
        return scores


def test_a_network_is_in_evaluation_mode_meanwhile_and_without_gradients():
    X, y = features_and_labels()
    net = Watching()
    d2l.evaluate_accuracy(net, [(X, y), (X, y)])
    assert net.seen == [([False] * 6, False), False] * 2
    assert modes(net) == [True] * 6
    assert torch.is_grad_enabled()
    assert net.linear.weight.grad is None


def test_a_network_in_evaluation_mode_stays_there():
    X, y = features_and_labels()
    net = Watching().eval()
    d2l.evaluate_accuracy(net, [(X, y)])
    assert net.seen == [([False] * 6, False), False]
    assert modes(net) == [False] * 6


@pytest.mark.parametrize(
    "training", list(itertools.product([True, False], repeat=3)), ids=str
)
def test_every_part_of_a_network_gets_its_mode_back(training):
    # A part that stays in evaluation mode is frozen, as one does with batch norm.
    X, y = features_and_labels()
    net = Watching()
    for module, mode in zip((net, net.tail, net.tail[1]), training, strict=True):
        module.train(mode)
    before = modes(net)
    d2l.evaluate_accuracy(net, [(X, y)])
    # Who puts the whole in evaluation mode and a part not may mean it.
    meanwhile = [False] * 6 if net.training else before
    assert net.seen == [(meanwhile, False), False]
    assert modes(net) == before


@pytest.mark.parametrize("training", [True, False])
def test_a_network_that_fails_gets_its_mode_back(training):
    X, y = features_and_labels()
    net = Watching(fails=True).train(training)
    with pytest.raises(LookupError, match=r"^not ours$"):
        d2l.evaluate_accuracy(net, [(X, y)])
    assert net.seen == [([False] * 6, False)]
    assert modes(net) == [training] * 6
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("batches", "error"),
    [
        ([], ValueError),
        ([5], TypeError),
        ([(torch.ones(2, 4), torch.ones(2))], TypeError),
        ([(torch.ones(2, 4), torch.zeros(3, dtype=torch.int64))], ValueError),
        ([features_and_labels(), None], TypeError),
    ],
)
def test_a_network_that_gets_wrong_batches_gets_its_mode_back(batches, error):
    net = Watching()
    with pytest.raises(error):
        d2l.evaluate_accuracy(net, batches)
    assert modes(net) == [True] * 6
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("training", [True, False])
def test_a_network_of_ones_own_kind_is_asked_to_change_its_mode(training):
    class Net:
        def __init__(self):
            self.training = training
            self.calls = []

        def train(self):
            self.calls.append("train")

        def eval(self):
            self.calls.append("eval")

        def __call__(self, X):
            self.calls.append("call")
            return X

    net = Net()
    d2l.evaluate_accuracy(net, [(some_scores((4, 3)), some_labels((4, 3)))])
    assert net.calls == (["eval", "call", "train"] if training else ["call"])


def test_dropout_does_not_take_part_in_the_accuracy():
    X, y = features_and_labels(200)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.9))
    plain = d2l.accuracy(net[0](X), y)
    results = {d2l.evaluate_accuracy(net, [(X, y)]) for _ in range(5)}
    assert results == {plain}
    assert d2l.accuracy(net(X), y) != plain  # Dropout is at work again


def test_the_statistics_of_batch_norm_do_not_change():
    X, y = features_and_labels()
    net = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    d2l.evaluate_accuracy(net, [(X, y)])
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name])


def test_gradients_stay_off_if_they_were():
    X, y = features_and_labels()
    with torch.no_grad():
        d2l.evaluate_accuracy(nn.Linear(4, 3), [(X, y)])
        assert not torch.is_grad_enabled()


def test_an_iterator_that_is_used_up_is_an_error():
    X, y = some_scores((4, 3)), some_labels((4, 3))
    batches = iter([(X, y)])
    d2l.evaluate_accuracy(d2l.softmax, batches)
    with pytest.raises(
        ValueError, match=r"got none: an iterator can be used only once$"
    ):
        d2l.evaluate_accuracy(d2l.softmax, batches)


def test_a_wrong_batch_is_named_by_its_number():
    X, y = some_scores((4, 3)), some_labels((4, 3))
    for wrong, got in [
        (X, r"an array of shape \(4, 3\)"),
        ((X,), r".* \(tuple\)"),
        ((X, y, y), r".* \(tuple\)"),
        ({"X": X, "y": y}, r".* \(dict\)"),
        (None, r"None \(NoneType\)"),
    ]:
        message = (
            rf"^data_iter must give batches \(features, labels\), got {got} as batch 2$"
        )
        with pytest.raises(TypeError, match=message):
            d2l.evaluate_accuracy(d2l.softmax, [(X, y), (X, y), wrong])


def test_what_a_net_returns_is_checked():
    y = np.array([0, 1])
    for returned, error, message in [
        (None, TypeError, "y_hat must be real numbers, got None: is a return missing?"),
        (
            torch.ones(2, 3),
            TypeError,
            "y must be a torch tensor on cpu, like y_hat, got an array of shape ",
        ),
        (np.ones((3, 3)), ValueError, "y must have one class for each row of y_hat"),
        (
            np.ones((2, 1)),
            ValueError,
            "y_hat must have a row of scores, or one class, ",
        ),
        (np.ones(2), TypeError, "y_hat must hold classes, whole numbers from 0, "),
    ]:
        with pytest.raises(error) as caught:
            d2l.evaluate_accuracy(lambda X, returned=returned: returned, [(y, y)])
        assert str(caught.value).startswith(message)
