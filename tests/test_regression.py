import copy
from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import d2l_utils as d2l

LIBRARIES = ["NumPy", "torch"]
TRUE_W, TRUE_B = [2.0, -3.4], 4.2


def generator(library, seed=0):
    if library == "torch":
        return torch.Generator().manual_seed(seed)
    return np.random.default_rng(seed)


def array(library, values, dtype="float64"):
    if library == "torch":
        return torch.tensor(np.array(values), dtype=getattr(torch, dtype))
    return np.array(values, dtype=dtype)


def plain(values):
    """A list, array or tensor as an array."""
    return np.asarray(values.detach() if isinstance(values, torch.Tensor) else values)


def numbered(library, num_examples, *shape, dtype="float64"):
    """Features whose entries tell the number of their example, and labels likewise."""
    numbers = np.arange(num_examples)
    features = np.empty((num_examples, *shape))
    features[...] = numbers.reshape(-1, *[1] * len(shape))
    return array(library, features, dtype), array(library, numbers, "int64")


def collected(batches):
    """The labels of all batches, in order."""
    return [int(label) for _, labels in batches for label in labels]


def address_range(values):
    """The first and the last byte of a contiguous array or tensor."""
    values = np.asarray(values)
    start = values.__array_interface__["data"][0]
    return start, start + values.nbytes


# --- synthetic_data


@pytest.mark.parametrize(
    ("w", "library", "dtype"),
    [
        ([2, -3.4], "NumPy", "float64"),
        ([[2], [-3.4]], "NumPy", "float64"),
        (np.array([2, -3.4]), "NumPy", "float64"),
        (np.array([[2], [-3]]), "NumPy", "float64"),
        (np.array([2, -3.4], dtype=np.float32), "NumPy", "float32"),
        (torch.tensor([2, -3.4]), "torch", "float32"),
        (torch.tensor([[2], [-3.4]]), "torch", "float32"),
        (torch.tensor([2, -3.4], dtype=torch.float64), "torch", "float64"),
        (torch.tensor([2, -3.4], dtype=torch.float16), "torch", "float16"),
        (torch.tensor([2, -3.4], requires_grad=True), "torch", "float32"),
    ],
)
def test_examples_have_the_library_the_type_and_the_shape_of_the_weights(
    w, library, dtype
):
    before = plain(w).copy()
    X, y = d2l.synthetic_data(w, TRUE_B, 7, generator=generator(library))
    kind, dtype = type(array(library, 0)), array(library, 0, dtype).dtype
    for made, shape in [(X, (7, 2)), (y, (7, 1))]:
        assert type(made) is kind
        assert made.shape == shape
        assert made.dtype == dtype
    assert not getattr(y, "requires_grad", False)
    np.testing.assert_array_equal(plain(w), before)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("num_examples", [1, 2, 50])
@pytest.mark.parametrize("d", [1, 3])
def test_without_noise_the_labels_are_on_the_line(library, num_examples, d):
    w = array(library, np.arange(1.0, d + 1))
    X, y = d2l.synthetic_data(
        w, TRUE_B, num_examples, noise=0, generator=generator(library)
    )
    assert X.shape == (num_examples, d)
    np.testing.assert_array_equal(y, X @ w.reshape(-1, 1) + TRUE_B)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "b",
    [
        np.float64(4.5),
        np.array(4.5),
        np.array([4.5]),
        np.array([[4.5]]),
        np.array([[[4.5]]]),
        torch.tensor(4.5),
        torch.tensor([4.5]),
        torch.tensor([4.5], dtype=torch.float64),
        torch.zeros(1, 1, requires_grad=True) + 4.5,
    ],
)
def test_the_bias_may_come_as_anything_that_holds_one_number(library, b):
    w = array(library, TRUE_W, "float32")
    X, y = d2l.synthetic_data(w, 4.5, 5, generator=generator(library))
    X_again, y_again = d2l.synthetic_data(w, b, 5, generator=generator(library))
    np.testing.assert_array_equal(X_again, X)
    np.testing.assert_array_equal(y_again, y)
    assert type(y_again) is type(y)
    assert (y_again.shape, y_again.dtype) == (y.shape, y.dtype)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_same_generator_gives_the_same_examples_and_then_others(library):
    w = array(library, TRUE_W)
    rng, twin = generator(library), generator(library)
    first, second = (d2l.synthetic_data(w, 0.0, 9, generator=rng) for _ in range(2))
    again = d2l.synthetic_data(w, 0.0, 9, generator=twin)
    for made, made_again, made_next in zip(first, again, second, strict=True):
        np.testing.assert_array_equal(made, made_again)
        assert not np.any(np.asarray(made == made_next))


def test_without_a_generator_tensors_follow_the_seed_of_torch():
    w = torch.tensor(TRUE_W)
    made = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        made.append(d2l.synthetic_data(w, 0.0, 9))
    np.testing.assert_array_equal(made[0][1], made[1][1])
    assert not np.any(np.asarray(made[0][1] == made[2][1]))


def test_without_a_generator_arrays_are_new_and_the_global_state_is_not_used():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    made = [d2l.synthetic_data(TRUE_W, 0.0, 9)[1] for _ in range(2)]
    assert not np.any(made[0] == made[1])
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("noise", [0.01, 1.0, 5])
def test_features_are_standard_normal_and_errors_have_the_asked_deviation(
    library, noise
):
    n = 10_000
    w = array(library, TRUE_W)
    X, y = d2l.synthetic_data(w, TRUE_B, n, noise=noise, generator=generator(library))
    errors = np.asarray(y - X @ w.reshape(-1, 1) - TRUE_B) / noise
    columns = np.column_stack([X, errors])
    # Seven standard deviations of a mean, and of a variance.
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=7 / np.sqrt(n))
    products = columns.T @ columns / n
    np.testing.assert_allclose(products, np.eye(3), atol=7 * np.sqrt(2 / n))
    # The fourth moment of the normal distribution is 3, of a uniform one 1.8.
    np.testing.assert_allclose((columns**4).mean(axis=0), 3, atol=7 * np.sqrt(96 / n))


def test_the_usual_noise_is_a_hundredth():
    X, y = d2l.synthetic_data(TRUE_W, TRUE_B, 9, generator=generator("NumPy"))
    X_noisy, y_noisy = d2l.synthetic_data(
        TRUE_W, TRUE_B, 9, noise=0.01, generator=generator("NumPy")
    )
    np.testing.assert_array_equal(X, X_noisy)
    np.testing.assert_array_equal(y, y_noisy)


# --- data_iter


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("num_examples", [1, 2, 7, 10, 32, 101])
@pytest.mark.parametrize("batch_size", [1, 2, 10, 32, 1000])
def test_an_epoch_has_every_example_once_and_a_short_last_batch(
    library, num_examples, batch_size
):
    features, labels = numbered(library, num_examples, 2)
    batches = list(d2l.data_iter(batch_size, features, labels))
    full, rest = divmod(num_examples, batch_size)
    sizes = [batch_size] * full + [rest] * (rest > 0)
    assert [len(y) for _, y in batches] == sizes
    assert [len(X) for X, _ in batches] == sizes
    assert sorted(collected(batches)) == list(range(num_examples))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8"])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (28, 28), (2, 1, 2)])
def test_features_and_labels_stay_together_in_any_shape_and_type(library, dtype, shape):
    features, labels = numbered(library, 7, *shape, dtype=dtype)
    before = copy.deepcopy((features, labels))
    for X, y in d2l.data_iter(3, features, labels):
        assert type(X) is type(features)
        assert type(y) is type(labels)
        assert X.shape == (len(y), *shape)
        assert X.dtype == features.dtype
        assert y.dtype == labels.dtype
        np.testing.assert_array_equal(X, features[np.asarray(y)])
    np.testing.assert_array_equal(features, before[0])
    np.testing.assert_array_equal(labels, before[1])


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("shape", [(7,), (7, 1), (7, 3)])
def test_labels_may_have_columns(library, shape):
    features, _ = numbered(library, 7)
    labels = array(library, np.arange(np.prod(shape)).reshape(shape))
    for X, y in d2l.data_iter(2, features, labels):
        np.testing.assert_array_equal(y, labels[[int(number) for number in X]])


@pytest.mark.parametrize(
    "features",
    [
        np.arange(12.0).reshape(2, 6).T,
        np.asfortranarray(np.arange(12.0).reshape(6, 2)),
        np.arange(48.0).reshape(12, 4)[::2, 1::2],
        np.arange(12.0).reshape(6, 2)[::-1],
        torch.arange(12.0).reshape(2, 6).T,
        torch.arange(48.0).reshape(12, 4)[::2, 1::2],
    ],
)
def test_the_layout_in_memory_does_not_matter(features):
    labels = np.arange(6)
    if isinstance(features, torch.Tensor):
        labels = torch.from_numpy(labels)
    for X, y in d2l.data_iter(4, features, labels):
        np.testing.assert_array_equal(X, features[y])


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_same_generator_gives_the_same_order_and_then_another(library):
    features, labels = numbered(library, 50, 2)
    rng, twin = generator(library), generator(library)
    first, second = (
        collected(d2l.data_iter(8, features, labels, generator=rng)) for _ in range(2)
    )
    assert first == collected(d2l.data_iter(8, features, labels, generator=twin))
    assert len({tuple(first), tuple(second), tuple(range(50))}) == 3
    # The size of the batches has no part in it.
    twin = generator(library)
    assert first == collected(d2l.data_iter(3, features, labels, generator=twin))


def test_without_a_generator_the_order_of_tensors_follows_the_seed_of_torch():
    features, labels = numbered("torch", 50, 2)
    orders = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        orders.append(collected(d2l.data_iter(8, features, labels)))
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != collected(d2l.data_iter(8, features, labels))


def test_without_a_generator_the_order_of_arrays_is_new_each_time():
    features, labels = numbered("NumPy", 50, 2)
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    orders = {tuple(collected(d2l.data_iter(8, features, labels))) for _ in range(5)}
    assert len(orders) == 5
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_order_is_equally_likely(library):
    features, labels = numbered(library, 4)
    rng = generator(library)
    seen = Counter(
        tuple(collected(d2l.data_iter(2, features, labels, generator=rng)))
        for _ in range(2400)
    )
    # Seven standard deviations of a binomial count.
    counts = [seen[order] for order in permutations(range(4))]
    assert len(counts) == 24
    assert max(abs(count - 100) for count in counts) < 7 * np.sqrt(100 * 23 / 24)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("num_examples", "batch_size"), [(7, 3), (6, 6), (5, 9), (1, 1)]
)
def test_changing_a_batch_changes_nothing_else(library, num_examples, batch_size):
    features, labels = numbered(library, num_examples, 2)
    kept = copy.deepcopy((features, labels))
    batches = list(d2l.data_iter(batch_size, features, labels))
    ranges = sorted(
        address_range(values)
        for pair in [(features, labels), *batches]
        for values in pair
    )
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
    later = copy.deepcopy(batches[1:])
    batches[0][0][...] = -1
    batches[0][1][...] = -1
    np.testing.assert_array_equal(features, kept[0])
    np.testing.assert_array_equal(labels, kept[1])
    for batch, copied in zip(batches[1:], later, strict=True):
        np.testing.assert_array_equal(batch[0], copied[0])
        np.testing.assert_array_equal(batch[1], copied[1])


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_batch_may_be_changed_while_the_next_ones_are_to_come(library):
    features, labels = numbered(library, 9, 2)
    seen = []
    for X, y in d2l.data_iter(2, features, labels):
        seen += [int(label) for label in y]
        X[...] = -1
        y[...] = -1
    assert sorted(seen) == list(range(9))


@pytest.mark.parametrize(
    "bad",
    [
        {"batch_size": 0},
        {"features": [[1.0], [2.0]]},
        {"labels": np.arange(3)},
        {"generator": 42},
    ],
)
def test_errors_come_with_the_call_and_not_with_the_first_batch(bad):
    features, labels = numbered("NumPy", 2)
    with pytest.raises((TypeError, ValueError)):
        d2l.data_iter(**{"batch_size": 1, "features": features, "labels": labels} | bad)


def test_batches_are_made_one_at_a_time():
    features, labels = numbered("NumPy", 4)
    batches = d2l.data_iter(2, features, labels)
    next(batches)
    features[:] = -1  # what has not been dealt yet
    assert next(batches)[0].tolist() == [-1, -1]
    with pytest.raises(StopIteration):
        next(batches)


@settings(max_examples=60)
@given(
    library=st.sampled_from(LIBRARIES),
    num_examples=st.integers(1, 40),
    batch_size=st.integers(1, 45),
    shape=st.lists(st.integers(0, 3), max_size=3),
    seed=st.integers(0, 2**32),
)
def test_batches_put_together_are_the_examples_in_another_order(
    library, num_examples, batch_size, shape, seed
):
    features, labels = numbered(library, num_examples, *shape)
    rng = generator(library, seed)
    batches = list(d2l.data_iter(batch_size, features, labels, generator=rng))
    order = collected(batches)
    assert sorted(order) == list(range(num_examples))
    together = np.concatenate([X for X, _ in batches])
    np.testing.assert_array_equal(together, features[order])
    assert all(len(y) == batch_size for _, y in batches[:-1])
    assert 1 <= len(batches[-1][1]) <= batch_size


# --- load_array


@pytest.mark.parametrize("is_train", [True, False])
@pytest.mark.parametrize(("num_examples", "batch_size"), [(10, 5), (11, 4), (3, 8)])
def test_a_loader_deals_every_example_and_a_short_last_batch(
    num_examples, batch_size, is_train
):
    features, labels = numbered("torch", num_examples, 2)
    loader = d2l.load_array((features, labels), batch_size, is_train)
    assert isinstance(loader, torch.utils.data.DataLoader)
    for _ in range(2):
        batches = list(loader)
        assert sorted(collected(batches)) == list(range(num_examples))
        assert [len(y) for _, y in batches] == [
            min(batch_size, num_examples - start)
            for start in range(0, num_examples, batch_size)
        ]
        for X, y in batches:
            np.testing.assert_array_equal(X, features[y])


def test_a_loader_shuffles_for_training_alone_and_follows_the_seed_of_torch():
    data = numbered("torch", 50, 2)
    ordered = d2l.load_array(data, 8, is_train=False)
    assert collected(ordered) == collected(ordered) == list(range(50))
    shuffled = d2l.load_array(data, 8)
    orders = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        orders.append(collected(shuffled))
    assert orders[0] == orders[1] != orders[2]
    assert list(range(50)) not in orders


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_loader_deals_any_number_of_tensors(count):
    tensors = [torch.arange(5) + 10 * i for i in range(count)]
    for batch in d2l.load_array(tensors, 2):
        assert len(batch) == count
        for i, rows in enumerate(batch):
            np.testing.assert_array_equal(rows, batch[0] + 10 * i)


# --- linreg and squared_loss


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("wrap", [lambda w: w, lambda w: w.reshape(-1, 1)])
@pytest.mark.parametrize(
    "bias", [lambda b: b, lambda b: b[0], lambda b: b.reshape(1, 1), lambda b: 0.5]
)
def test_linreg_predicts_one_number_for_each_example(library, dtype, wrap, bias):
    X = array(library, [[1, 2], [3, 4], [5, 6]], dtype)
    w, b = wrap(array(library, [2, -3], dtype)), bias(array(library, [0.5], dtype))
    y_hat = d2l.linreg(X, w, b)
    assert type(y_hat) is type(X)
    assert y_hat.dtype == X.dtype
    assert y_hat.shape == (3, *w.shape[1:])
    np.testing.assert_array_equal(y_hat.reshape(-1), [-3.5, -5.5, -7.5])


def test_linreg_takes_arrays_of_several_types():
    # NumPy converts them itself.
    X = np.array([[1, 2], [3, 4]])
    y_hat = d2l.linreg(X, np.array([2, -3], dtype=np.float32), np.float64(0.5))
    assert y_hat.tolist() == [-3.5, -5.5]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_linreg_goes_on_when_the_training_has_diverged(library, bad):
    X, w = array(library, np.ones((3, 2))), array(library, [bad, 1])
    for b in (bad, array(library, [bad])):
        np.testing.assert_array_equal(d2l.linreg(X, w, b), [bad] * 3)
    losses = d2l.squared_loss(array(library, [bad]), array(library, [1]))
    np.testing.assert_array_equal(losses, [bad])


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 2)])
@pytest.mark.parametrize("shape_of_labels", [(4,), (4, 1), (1, 4)])
def test_squared_loss_is_one_number_for_each_example(
    library, dtype, shape, shape_of_labels
):
    y_hat = array(library, [1.0, 2.0, 3.0, 4.0], dtype).reshape(shape)
    y = array(library, [1.0, 0.0, 0.0, 5.0], dtype).reshape(shape_of_labels)
    losses = d2l.squared_loss(y_hat, y)
    # Not one for each pair of examples, as y_hat - y would give.
    assert losses.shape == shape
    assert losses.dtype == y_hat.dtype
    np.testing.assert_array_equal(losses.reshape(-1), [0, 2, 4.5, 0.5])
    assert y.shape == shape_of_labels


@pytest.mark.parametrize("library", LIBRARIES)
def test_squared_loss_takes_whole_numbers_as_labels(library):
    y_hat = array(library, [0.5, 1.5])
    losses = d2l.squared_loss(y_hat, array(library, [1, 1], "int64"))
    assert losses.dtype == y_hat.dtype
    assert losses.tolist() == [0.125, 0.125]


@pytest.mark.parametrize("library", LIBRARIES)
def test_squared_loss_of_nothing_is_nothing(library):
    nothing = array(library, np.ones((0, 1)))
    assert d2l.squared_loss(nothing, nothing).shape == (0, 1)


def test_gradients_flow_through_linreg_and_squared_loss():
    X, y = d2l.synthetic_data(
        torch.tensor(TRUE_W, dtype=torch.float64),
        TRUE_B,
        20,
        generator=generator("torch"),
    )
    w = torch.tensor([[0.5], [-1.0]], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([[0.25]], dtype=torch.float64, requires_grad=True)
    d2l.squared_loss(d2l.linreg(X, w, b), y).sum().backward()
    residuals = (X @ w + b - y).detach()
    np.testing.assert_allclose(w.grad, X.T @ residuals, rtol=1e-13)
    np.testing.assert_allclose(b.grad, [[residuals.sum()]], rtol=1e-13)

    def loss(parameters):
        line = d2l.linreg(X.numpy(), parameters[:2], parameters[2])
        return np.sum(d2l.squared_loss(line, y.numpy()))

    numeric = d2l.numerical_gradient(loss, [0.5, -1.0, 0.25])
    claimed = np.append(w.grad.numpy(), b.grad.numpy())
    np.testing.assert_allclose(claimed, numeric, rtol=1e-7)


# --- sgd


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(), (3,), (3, 1), (2, 0)])
def test_sgd_steps_in_place_and_forgets_the_gradients(dtype, shape):
    params = [torch.full(shape, i, dtype=dtype, requires_grad=True) for i in (1.0, 2.0)]
    for i, param in enumerate(params):
        param.grad = torch.full(shape, 4.0 * i - 2.0, dtype=dtype)
    addresses = [(param.data_ptr(), param.grad.data_ptr()) for param in params]
    assert d2l.sgd(params, lr=0.5, batch_size=8) is None
    for param, value, address in zip(params, (1.125, 1.875), addresses, strict=True):
        assert param.dtype == dtype
        assert param.shape == shape
        assert param.requires_grad
        assert param.is_leaf
        np.testing.assert_array_equal(plain(param), np.full(shape, value))
        np.testing.assert_array_equal(param.grad, np.zeros(shape))
        # The same memory, so that whoever holds the parameter sees the step.
        assert (param.data_ptr(), param.grad.data_ptr()) == address


def test_sgd_leaves_the_grad_mode_alone_and_takes_a_generator_of_parameters():
    net = torch.nn.Linear(2, 1)
    net(torch.ones(3, 2)).sum().backward()
    expected = [plain(p) - np.float32(0.125) * plain(p.grad) for p in net.parameters()]
    d2l.sgd(net.parameters(), lr=0.5, batch_size=4)
    assert torch.is_grad_enabled()
    for param, value in zip(net.parameters(), expected, strict=True):
        np.testing.assert_array_equal(plain(param), value)


def test_sgd_with_rate_zero_only_forgets_the_gradients():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    d2l.sgd([w], lr=0, batch_size=1)
    assert w.tolist() == [1, 2]
    assert w.grad.tolist() == [0, 0]


def zero_model():
    return [
        torch.zeros(shape, dtype=torch.float64, requires_grad=True)
        for shape in [(2, 1), (1,)]
    ]


def line_in_float64(num_examples):
    w = torch.tensor(TRUE_W, dtype=torch.float64)
    return d2l.synthetic_data(
        w, TRUE_B, num_examples, noise=1.0, generator=generator("torch")
    )


@pytest.mark.parametrize("batch_size", [1, 5, 20, 100])
def test_the_sum_with_sgd_is_the_mean_with_torchs_sgd_if_all_batches_are_full(
    batch_size,
):
    features, labels = line_in_float64(100)
    ours, theirs = zero_model(), zero_model()
    reference = torch.optim.SGD(theirs, lr=0.05)
    rng = generator("torch")
    for _ in range(5):
        for X, y in d2l.data_iter(batch_size, features, labels, generator=rng):
            d2l.squared_loss(d2l.linreg(X, *ours), y).sum().backward()
            d2l.sgd(ours, 0.05, batch_size)
            reference.zero_grad()
            d2l.squared_loss(d2l.linreg(X, *theirs), y).mean().backward()
            reference.step()
            for mine, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(
                    plain(mine), plain(other), rtol=1e-11, atol=1e-13
                )
    assert np.abs(plain(ours[0])).max() > 0.5  # the walk has left its start


def test_a_short_last_batch_takes_a_shorter_step_if_divided_by_the_nominal_size():
    features, labels = line_in_float64(103)
    *_, (X, y) = d2l.data_iter(10, features, labels, generator=generator("torch"))
    assert len(y) == 3
    steps = {}
    for name, reduce, batch_size in [
        ("mean", torch.mean, 1),
        ("nominal", torch.sum, 10),
        ("real", torch.sum, len(y)),
    ]:
        params = zero_model()
        reduce(d2l.squared_loss(d2l.linreg(X, *params), y)).backward()
        d2l.sgd(params, 0.05, batch_size)
        steps[name] = np.concatenate([plain(param).ravel() for param in params])
    assert np.all(steps["mean"] != 0)
    np.testing.assert_allclose(steps["real"], steps["mean"], rtol=1e-14)
    np.testing.assert_allclose(steps["nominal"], 3 / 10 * steps["mean"], rtol=1e-14)


def test_dividing_by_the_real_size_is_the_mean_again_over_a_whole_training():
    features, labels = line_in_float64(103)
    ours, theirs, nominal = zero_model(), zero_model(), zero_model()
    reference = torch.optim.SGD(theirs, lr=0.05)
    rng = generator("torch")
    for _ in range(5):
        for X, y in d2l.data_iter(10, features, labels, generator=rng):
            for params, size in [(ours, len(y)), (nominal, 10)]:
                d2l.squared_loss(d2l.linreg(X, *params), y).sum().backward()
                d2l.sgd(params, 0.05, size)
            reference.zero_grad()
            d2l.squared_loss(d2l.linreg(X, *theirs), y).mean().backward()
            reference.step()
    for mine, other, shorter in zip(ours, theirs, nominal, strict=True):
        mine, other, shorter = plain(mine), plain(other), plain(shorter)
        np.testing.assert_allclose(mine, other, rtol=1e-11, atol=1e-13)
        assert np.all(np.abs(shorter - other) > 1e-5)


# --- the published numbers


@pytest.mark.parametrize(
    ("dtype", "bias", "loss"),
    [
        (np.float32, "1.9127e-05", "2.9644e-11"),
        (np.float64, "4.4091e-06", "1.3944e-12"),
    ],
)
def test_three_points_give_the_published_line(dtype, bias, loss):
    X = np.array([[1, 1], [2, 1], [3, 1]], dtype=dtype)
    y = np.array([[2], [4], [6]], dtype=dtype)
    w = np.zeros((2, 1), dtype=dtype)
    for _ in range(10_000):
        # Without the outer brackets, lr * X.T comes first, and float32 rounds in
        # other places, on other machines in still others.
        w = w - 0.01 * (X.T @ (X @ w - y) / len(X))
    assert w.dtype == dtype
    assert f"{w[0, 0]:.4e}" == "2.0000e+00"
    assert f"{w[1, 0]:.4e}" == bias
    assert f"{np.sum((X @ w - y) ** 2) / (2 * len(X)):.4e}" == loss


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", range(5))
def test_three_epochs_recover_the_published_weights(seed, dtype):
    true_w = torch.tensor(TRUE_W, dtype=dtype)
    rng = generator("torch", seed)
    features, labels = d2l.synthetic_data(true_w, TRUE_B, 1000, generator=rng)
    w = 0.01 * torch.randn(2, 1, dtype=dtype, generator=rng)
    w.requires_grad_()
    b = torch.zeros(1, dtype=dtype, requires_grad=True)
    for _ in range(3):
        for X, y in d2l.data_iter(10, features, labels, generator=rng):
            d2l.squared_loss(d2l.linreg(X, w, b), y).sum().backward()
            d2l.sgd([w, b], 0.03, 10)
    np.testing.assert_allclose(plain(w).ravel(), TRUE_W, rtol=0, atol=2e-3)
    np.testing.assert_allclose(plain(b), [TRUE_B], rtol=0, atol=2e-3)
