import inspect
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import d2l_utils as d2l
from d2l_utils.optimizers import OPTIMIZERS

# The counterparts keep torch's default of foreach, on a CPU one parameter at a time.
TORCH = {row.rule: row.twin for row in OPTIMIZERS.values()}
OTHERS = {
    d2l.SGD: [{"lr": 0.3}],
    d2l.Momentum: [
        {"lr": 0.1, "momentum": 0.5},
        {"momentum": 0.99},
        {"momentum": 0},
        {"momentum": 1},
    ],
    d2l.Nesterov: [{"lr": 0.1, "momentum": 0.5}, {"momentum": 0.99}],
    d2l.AdaGrad: [
        {"lr": 1, "initial_accumulator_value": 0.1},
        {"initial_accumulator_value": 1e6, "eps": 1e-3},
    ],
    d2l.RMSProp: [
        {"lr": 0.1, "alpha": 0.9},
        {"alpha": 0.5, "eps": 1e-3},
        {"alpha": 0},
        {"alpha": 1},
    ],
    d2l.Adam: [
        {"lr": 0.1, "betas": (0.5, 0.9)},
        {"betas": (0.99, 0.5), "eps": 1e-3},
        {"betas": (0.0, 0.0)},
        {"betas": (0.5, 0.9999), "eps": 1},
    ],
    d2l.AdamW: [
        {"lr": 0.1, "weight_decay": 0.5},
        {"weight_decay": 10, "eps": 1e-4},
    ],
}
SHAPES = [(), (1,), (2, 3), (2, 1, 4), (0, 3)]

each_rule = pytest.mark.parametrize("rule", TORCH, ids=lambda rule: rule.__name__)


def rules(*some):
    return pytest.mark.parametrize("rule", some, ids=lambda rule: rule.__name__)


def array(values):
    return np.array(values, dtype=np.float64)


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


each_kind = pytest.mark.parametrize("make", [array, tensor])


def problem(seed, steps, shapes=SHAPES):
    """A start, and gradients that are hard on purpose.

    Their sizes run from about 1e-9 to 1e9. One entry in ten is exactly 0, in the first
    step and one in twenty others all of them.
    """
    rng = np.random.default_rng(seed)
    start = [np.array(rng.normal(size=s) * 10 ** rng.uniform(-6, 2, s)) for s in shapes]
    sizes = [10 ** rng.uniform(-6, 6, shape) for shape in shapes]
    gradients = []
    for step in range(steps):
        still = step == 0 or rng.random() < 0.05
        gradients.append(
            [
                np.array(
                    rng.normal(size=size.shape)
                    * size
                    * 10 ** rng.uniform(-3, 3, size.shape)
                    * (rng.random(size.shape) > 0.1)
                    * (not still)
                )
                for size in map(np.asarray, sizes)
            ]
        )
    return start, gradients


def flat(params):
    """All entries in one new vector."""
    arrays = [x.detach() if isinstance(x, torch.Tensor) else x for x in params]
    return np.concatenate([np.asarray(x).ravel() for x in arrays])


def array_path(make_optimizer, start, gradients):
    """All points of NumPy arrays, with the gradients passed to step."""
    params = [param.copy() for param in start]
    optimizer = make_optimizer(params)
    path = [flat(params)]
    for grads in gradients:
        optimizer.step(grads)
        path.append(flat(params))
    return np.array(path)


def tensor_path(make_optimizer, start, gradients):
    """All points of tensors, with the gradients in .grad."""
    params = [torch.tensor(param, requires_grad=True) for param in start]
    optimizer = make_optimizer(params)
    path = [flat(params)]
    for grads in gradients:
        for param, grad in zip(params, grads, strict=True):
            param.grad = None if grad is None else torch.tensor(grad)
        optimizer.step()
        path.append(flat(params))
    return np.array(path)


def deviation(path, expected):
    """The largest difference of any entry, relative to its size on the path so far."""
    size = np.maximum.accumulate(np.abs(expected))
    return (np.abs(path - expected) / size).max()


def deviation_at_a_step(path, expected):
    """The largest difference at any step, relative to the largest entry there."""
    return (np.abs(path - expected).max(axis=1) / np.abs(expected).max(axis=1)).max()


def test_the_table_holds_every_optimizer():
    public = {name: getattr(d2l, name) for name in d2l.__all__}
    known = {
        name: public
        for name, public in public.items()
        if isinstance(public, type) and issubclass(public, d2l.Optimizer)
    }
    del known["Optimizer"]
    assert {name: row.rule for name, row in OPTIMIZERS.items()} == known


# --- The same steps as torch.optim


@pytest.mark.parametrize(
    ("rule", "options"),
    [(rule, options) for rule in TORCH for options in [{}, *OTHERS.get(rule, [])]],
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_arrays_and_tensors_follow_torch(rule, options):
    steps = 200 if options else 1_000
    start, gradients = problem(seed=1, steps=steps)
    expected = tensor_path(partial(TORCH[rule], **options), start, gradients)
    assert (expected[-1] != expected[0]).all()
    for follow in array_path, tensor_path:
        path = follow(partial(rule, **options), start, gradients)
        assert path.shape == expected.shape == (steps + 1, 16)
        assert deviation_at_a_step(path, expected) < 1e-13
        assert deviation(path, expected) < 1e-13


@each_rule
def test_float32_tensors_follow_torch_to_their_precision(rule):
    start, gradients = problem(seed=2, steps=300)
    start = [param.astype(np.float32) for param in start]
    gradients = [[grad.astype(np.float32) for grad in grads] for grads in gradients]
    expected = tensor_path(TORCH[rule], start, gradients)
    # Roundings of 6e-8 in each of the 300 steps, which partly cancel.
    assert deviation(tensor_path(rule, start, gradients), expected) < 5e-6


rates = st.floats(0, 1e3)
shares = st.floats(0, 0.9999)
OPTIONS = {
    d2l.SGD: {},
    d2l.Momentum: {"momentum": shares},
    d2l.Nesterov: {"momentum": st.floats(1e-3, 0.9999)},
    d2l.AdaGrad: {"initial_accumulator_value": rates, "eps": st.floats(1e-12, 1)},
    d2l.RMSProp: {"alpha": st.floats(0, 1), "eps": st.floats(1e-12, 1)},
    d2l.Adam: {"betas": st.tuples(shares, shares), "eps": st.floats(1e-12, 1)},
    d2l.AdamW: {
        "betas": st.tuples(shares, shares),
        "eps": st.floats(1e-12, 1),
        "weight_decay": st.floats(0, 10),
    },
}


@each_rule
@settings(max_examples=15)
@given(data=st.data())
def test_follows_torch_for_any_hyper_parameters(rule, data):
    options = data.draw(st.fixed_dictionaries({"lr": rates, **OPTIONS.get(rule, {})}))
    shapes = data.draw(st.lists(st.sampled_from(SHAPES[:4]), min_size=1, max_size=3))
    start, gradients = problem(data.draw(st.integers(0, 2**32 - 1)), 20, shapes)
    expected = tensor_path(partial(TORCH[rule], **options), start, gradients)
    ours = partial(rule, **options)
    assert deviation(array_path(ours, start, gradients), expected) < 1e-13
    assert deviation(tensor_path(ours, start, gradients), expected) < 1e-13


# The loop is closed: a rounding changes the next gradients, too. AdaGrad, RMSProp and
# Adam magnify that where a gradient is small: they divide by its size. So the bound is
# far above the differences of 1e-15 that were measured.
@pytest.mark.parametrize(
    ("rule", "options"),
    [
        (d2l.SGD, {"lr": 0.1}),
        (d2l.Momentum, {"lr": 0.05}),
        (d2l.Nesterov, {"lr": 0.05}),
        (d2l.AdaGrad, {"lr": 0.1}),
        (d2l.RMSProp, {}),
        (d2l.Adam, {"lr": 0.02}),
        (d2l.AdamW, {"lr": 0.02, "weight_decay": 0.1}),
    ],
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_a_network_trains_as_with_torch(rule, options):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(64, 4, dtype=torch.float64, generator=generator)
    y = torch.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:3]
    trained, losses = [], []
    for make_optimizer in rule, TORCH[rule]:
        torch.manual_seed(1)
        net = torch.nn.Sequential(
            torch.nn.Linear(4, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)
        ).double()
        optimizer = make_optimizer(net.parameters(), **options)
        for step in range(50):
            batch = slice(16 * (step % 4), 16 * (step % 4) + 16)
            loss = torch.nn.functional.mse_loss(net(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        trained.append(flat(net.parameters()))
    assert losses[49] < 0.8 * losses[1]
    np.testing.assert_allclose(losses[:50], losses[50:], rtol=1e-10)
    np.testing.assert_allclose(trained[0], trained[1], rtol=1e-10, atol=1e-10)


@each_rule
def test_the_defaults_are_those_of_torch(rule):
    theirs = inspect.signature(getattr(TORCH[rule], "func", TORCH[rule])).parameters
    ours = inspect.signature(rule).parameters
    assert list(ours)[:2] == ["params", "lr"]
    for name, parameter in ours.items():
        # Without a momentum Momentum would be SGD.
        expected = 0.9 if name == "momentum" else theirs[name].default
        assert parameter.default == expected, name


def test_the_hyper_parameters_are_those_of_the_rule():
    names = {rule.__name__: list(inspect.signature(rule).parameters) for rule in TORCH}
    assert names == names | {
        "SGD": ["params", "lr"],
        "Momentum": ["params", "lr", "momentum"],
        "Nesterov": ["params", "lr", "momentum"],
        "AdaGrad": ["params", "lr", "initial_accumulator_value", "eps"],
        "RMSProp": ["params", "lr", "alpha", "eps"],
        "Adam": ["params", "lr", "betas", "eps"],
        "AdamW": ["params", "lr", "betas", "eps", "weight_decay"],
    }


# --- What each rule promises


def moves(optimizer, gradients):
    """How far each gradient moves the only parameter."""
    path = [optimizer.params[0].tolist()]
    for grad in gradients:
        optimizer.step([grad])
        path.append(optimizer.params[0].tolist())
    return np.diff(path, axis=0)


@each_kind
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6, 1e150])
def test_the_first_step_of_adam_is_the_rate_against_the_sign(make, size):
    adam = d2l.Adam([make([0.0, 0.0])], lr=0.25)
    (first,) = moves(adam, [make([size, -size])])
    np.testing.assert_allclose(first, [-0.25, 0.25], rtol=1.1e-8 / min(size, 1))
    # Without the correction of the two means it would be too long by this factor.
    factor = adam.m[0] / adam.s[0] ** 0.5
    assert np.abs(factor.tolist()) == pytest.approx(0.1 / 0.001**0.5)


@each_kind
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.9), (0, 0), (0.99, 0.5)])
@pytest.mark.parametrize("size", [1e-5, 1.0, 1e5])
def test_adam_corrects_its_means_at_every_step(make, betas, size):
    # The mean of a constant gradient is this gradient, at the start, too.
    adam = d2l.Adam([make([0.0, 0.0])], lr=0.25, betas=betas, eps=0)
    steps = moves(adam, [make([size, -size])] * 100)
    np.testing.assert_allclose(steps, [[-0.25, 0.25]] * 100, rtol=1e-11)


@each_kind
@pytest.mark.parametrize("alpha", [0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_rmsprop_starts_with_steps_that_are_too_long(make, alpha, size):
    rmsprop = d2l.RMSProp([make([0.0, 0.0])], lr=0.25, alpha=alpha, eps=0)
    steps = moves(rmsprop, [make([size, -size])] * 50)
    assert steps[0] == pytest.approx([-0.25 / (1 - alpha) ** 0.5] * np.array([1, -1]))
    missing = (1 - np.float64(alpha) ** np.arange(1, 51)) ** 0.5
    np.testing.assert_allclose(-steps[:, 0], 0.25 / missing, rtol=1e-12)
    np.testing.assert_array_equal(steps[:, 1], -steps[:, 0])


@each_kind
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_the_steps_of_adagrad_shrink_with_the_root_of_their_number(make, size):
    adagrad = d2l.AdaGrad([make([0.0, 0.0])], lr=0.25, eps=0)
    steps = moves(adagrad, [make([size, -size])] * 100)
    expected = 0.25 / np.sqrt(np.arange(1, 101))
    np.testing.assert_allclose(steps, np.outer(expected, [-1, 1]), rtol=1e-12)


@each_kind
def test_the_sum_of_adagrad_starts_where_it_is_told(make):
    adagrad = d2l.AdaGrad([make([0.0])], 1, initial_accumulator_value=16, eps=0)
    np.testing.assert_allclose(moves(adagrad, [make([3.0])]), [[-3 / 5]], rtol=1e-15)


@each_kind
@rules(d2l.SGD, d2l.AdaGrad, d2l.RMSProp, d2l.Adam)
@pytest.mark.parametrize("start", [5.0, [-3.0, 4.0]])
def test_zero_gradients_move_nothing(rule, make, start):
    optimizer = rule([make(start)])
    assert not moves(optimizer, [make(np.zeros_like(start))] * 5).any()
    assert optimizer.params[0].tolist() == start


@each_kind
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (d2l.Momentum, [-8, -4, -2, -1, -0.5]),
        (d2l.Nesterov, [-12, -2, -1, -0.5, -0.25]),
    ],
)
def test_momentum_goes_on_when_the_gradient_ends(rule, make, expected):
    optimizer = rule([make([0.0])], lr=1, momentum=0.5)
    steps = moves(optimizer, [make([8.0])] + [make([0.0])] * 4)
    assert steps.ravel().tolist() == expected


@each_kind
def test_adamw_shrinks_the_parameters_when_there_is_no_gradient(make):
    adamw = d2l.AdamW([make([16.0, -16.0])], lr=0.5, weight_decay=0.5)
    moves(adamw, [make([0.0, 0.0])] * 2)
    assert adamw.params[0].tolist() == [9, -9]


@each_kind
def test_the_decay_of_adamw_is_not_part_of_the_gradient(make):
    # Adam's first step is the rate, whatever the gradient: a decay in there is lost.
    adamw = d2l.AdamW([make([16.0])], lr=0.5, eps=0, weight_decay=0.25)
    moves(adamw, [make([3.0])])
    np.testing.assert_allclose(adamw.params[0], [16 * (1 - 0.5 * 0.25) - 0.5])


@each_kind
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (d2l.AdaGrad, 1e-12 / (1e-12 + 1e-10)),
        (d2l.RMSProp, 1e-12 / (0.01**0.5 * 1e-12 + 1e-8)),
        (d2l.Adam, 1e-12 / (1e-12 + 1e-8)),
        (d2l.AdamW, 1e-12 / (1e-12 + 1e-8)),
    ],
)
def test_eps_damps_tiny_gradients(rule, make, expected):
    (first,) = moves(rule([make([0.0, 0.0])], lr=1), [make([1e-12, -1e-12])])
    np.testing.assert_allclose(first, [-expected, expected], rtol=1e-12)


@each_kind
@pytest.mark.parametrize(
    ("rule", "expected"),
    [(d2l.AdaGrad, 1), (d2l.RMSProp, 10), (d2l.Adam, 1), (d2l.AdamW, 1)],
)
@pytest.mark.parametrize("size", [1e-150, 1e-12, 1.0])
def test_without_eps_tiny_gradients_are_as_good_as_others(rule, make, expected, size):
    (first,) = moves(rule([make([0.0, 0.0])], lr=1, eps=0), [make([size, -size])])
    np.testing.assert_allclose(first, [-expected, expected], rtol=1e-12)


@each_kind
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (d2l.AdaGrad, 3 / (3 + 2)),
        (d2l.RMSProp, 3 / (0.1 * 3 + 2)),
        (d2l.Adam, 3 / (3 + 2)),
        (d2l.AdamW, 3 / (3 + 2)),
    ],
)
def test_eps_is_added_to_the_root(rule, make, expected):
    (first,) = moves(rule([make([0.0])], lr=1, eps=2), [make([3.0])])
    np.testing.assert_allclose(first, [-expected], rtol=1e-12)


@each_kind
@each_rule
def test_a_rate_of_zero_stays(rule, make):
    optimizer = rule([make([3.0, -4.0])], lr=0)
    assert not moves(optimizer, [make([1.0, 2.0]), make([-1.0, 3.0])]).any()


@pytest.mark.parametrize("path", [array_path, tensor_path])
@pytest.mark.parametrize(
    ("rule", "options", "same"),
    [
        (d2l.Momentum, {"momentum": 0}, d2l.SGD),
        (d2l.Nesterov, {"momentum": 0}, d2l.SGD),
        (d2l.AdamW, {"weight_decay": 0}, d2l.Adam),
    ],
)
def test_without_its_addition_a_rule_is_exactly_the_simpler_one(
    rule, options, same, path
):
    start, gradients = problem(seed=3, steps=50)
    walks = [path(make, start, gradients) for make in (partial(rule, **options), same)]
    np.testing.assert_array_equal(*walks)
    assert (path(rule, start, gradients) != walks[1]).any()


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.99])
def test_a_mean_as_velocity_is_the_same_momentum_with_a_larger_rate(beta):
    start, gradients = problem(seed=4, steps=200, shapes=[(2, 3)])
    x, v = start[0].copy(), 0
    expected = [x.ravel().copy()]
    for (grad,) in gradients:
        v = beta * v + (1 - beta) * grad
        x -= 0.1 / (1 - beta) * v
        expected.append(x.ravel().copy())
    path = array_path(partial(d2l.Momentum, lr=0.1, momentum=beta), start, gradients)
    assert deviation(path, np.array(expected)) < 1e-12


@rules(d2l.AdaGrad, d2l.RMSProp, d2l.Adam, d2l.AdamW)
@pytest.mark.parametrize("path", [array_path, tensor_path])
@settings(max_examples=10)
@given(power=st.integers(-300, 300), seed=st.integers(0, 2**32 - 1))
def test_the_unit_of_the_gradients_does_not_matter(rule, path, power, seed):
    rng = np.random.default_rng(seed)
    start = [rng.normal(size=(2, 3))]
    gradients = [[rng.normal(size=(2, 3))] for _ in range(20)]
    scaled = [[grad * 2.0**power] for (grad,) in gradients]
    make_optimizer = partial(rule, eps=0)
    np.testing.assert_array_equal(
        path(make_optimizer, start, scaled), path(make_optimizer, start, gradients)
    )


# --- How it is used


@each_kind
@each_rule
@pytest.mark.parametrize("start", [5.0, [[1.0, -2.0], [3.0, 0.5]]])
def test_a_step_changes_the_parameter_in_place(rule, make, start):
    param = make(start)
    window = param[...]
    optimizer = rule([param])
    optimizer.step([make(np.full_like(start, 2.0))])
    assert optimizer.params[0] is param
    assert np.all(np.array(param.tolist()) < start)
    assert window.tolist() == param.tolist()
    assert tuple(param.shape) == np.shape(start)


@each_rule
def test_a_tensor_stays_a_leaf_that_wants_gradients(rule):
    param = torch.tensor([3.0, -4.0], requires_grad=True)
    address = param.data_ptr()
    optimizer = rule([param])
    for _ in range(3):
        optimizer.zero_grad()
        # With create_graph the gradient itself remembers where it comes from.
        (grad,) = torch.autograd.grad((param**3).sum(), param, create_graph=True)
        optimizer.step([grad])
        assert param.is_leaf
        assert param.requires_grad
        assert param.grad_fn is None
        assert param.data_ptr() == address
        states = [x for name in "vsm" for x in getattr(optimizer, name, [])]
        assert not any(state.requires_grad for state in states)
    assert torch.is_grad_enabled()
    assert param.tolist() != [3, -4]


@each_rule
def test_step_reads_the_slopes_that_backward_left(rule):
    param = torch.tensor([3.0, -4.0], requires_grad=True)
    given = torch.tensor([3.0, -4.0])
    by_backward, by_hand = rule([param], lr=0.1), rule([given], lr=0.1)
    for _ in range(5):
        by_backward.zero_grad()
        (param**2).sum().backward()
        slopes = param.grad
        by_backward.step()
        by_hand.step([2 * given])
        assert param.tolist() == given.tolist()
        assert param.grad is slopes
    assert param.tolist() != [3, -4]


def test_zero_grad_forgets_the_slopes():
    tensors = [torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)]
    (tensors[0].sum() + 2 * tensors[1].sum()).backward()
    optimizer = d2l.SGD(tensors)
    optimizer.zero_grad()
    assert [param.grad for param in tensors] == [None, None]
    assert [param.tolist() for param in tensors] == [[1, 1], [1, 1, 1]]


def test_zero_grad_leaves_arrays_alone():
    param = array([1.0, 2.0])
    d2l.SGD([param]).zero_grad()
    assert param.tolist() == [1, 2]


@each_rule
def test_a_parameter_without_a_gradient_is_skipped_as_in_torch(rule):
    start, gradients = problem(seed=5, steps=60, shapes=[(2,), (3,), ()])
    rng = np.random.default_rng(5)
    some = [
        [grad if there else None for grad, there in zip(grads, mask, strict=True)]
        for grads, mask in zip(gradients, rng.random((60, 3)) < 0.6, strict=True)
    ]
    some = [grads for grads in some if any(grad is not None for grad in grads)]
    assert len(some) > 40
    expected = tensor_path(TORCH[rule], start, some)
    assert deviation(tensor_path(rule, start, some), expected) < 1e-13
    assert deviation(array_path(rule, start, some), expected) < 1e-13


@each_kind
@each_rule
def test_a_skipped_parameter_stays_and_its_step_does_not_count(rule, make):
    waits, goes = make([1.0]), make([1.0])
    optimizer = rule([waits, goes])
    for _ in range(5):
        optimizer.step([None, make([2.0])])
        assert waits.tolist() == [1]
    alone = make([1.0])
    first = rule([alone])
    optimizer.step([make([3.0]), None])
    first.step([make([3.0])])
    assert waits.tolist() == alone.tolist()
    before = goes.tolist()
    optimizer.step([None, None])
    assert (waits.tolist(), goes.tolist()) == (alone.tolist(), before)


@each_kind
@pytest.mark.parametrize("container", [list, tuple, iter])
def test_parameters_and_gradients_come_in_any_container(make, container):
    params = [make([1.0, 2.0]), make([[3.0]])]
    optimizer = d2l.SGD(container(params), lr=0.5)
    for _ in range(2):
        optimizer.step(container([make([2.0, 4.0]), make([[6.0]])]))
    assert [param.tolist() for param in params] == [[-1, -2], [[-3]]]


@each_rule
def test_arrays_and_tensors_may_be_mixed(rule):
    start, gradients = problem(seed=6, steps=30, shapes=[(2,), (2, 2)])
    mixed = [start[0].copy(), tensor(start[1])]
    optimizer = rule(mixed)
    for first, second in gradients:
        optimizer.step([first, tensor(second)])
    optimizer.zero_grad()
    assert isinstance(mixed[0], np.ndarray)
    np.testing.assert_array_equal(flat(mixed), array_path(rule, start, gradients)[-1])


@each_rule
def test_gradients_of_an_array_may_be_lists_and_whole_numbers(rule):
    params = [array([1.0, 2.0]), array(3.0), torch.tensor([4.0])]
    same = [array([1.0, 2.0]), array(3.0), torch.tensor([4.0])]
    loose, strict = rule(params), rule(same)
    for _ in range(3):
        loose.step([[3, -4], 2, torch.tensor([5])])
        strict.step([array([3.0, -4.0]), array(2.0), torch.tensor([5.0])])
    assert [x.tolist() for x in params] == [x.tolist() for x in same]


@each_rule
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_parameter_keeps_its_dtype(rule, dtype):
    first, second = np.ones(3, dtype), torch.from_numpy(np.ones(3, dtype))
    optimizer = rule([first, second], lr=0.25)
    for _ in range(3):
        optimizer.step([np.full(3, 0.5), torch.full((3,), 0.5, dtype=torch.float64)])
    assert first.dtype == second.numpy().dtype == dtype
    assert first[0] < 1
    np.testing.assert_allclose(first, second, rtol=20 * np.finfo(dtype).eps)


@each_kind
@each_rule
def test_gradients_are_neither_changed_nor_kept(rule, make):
    fresh, reused = rule([make([1.0, 2.0, 3.0])]), rule([make([1.0, 2.0, 3.0])])
    buffer = make(np.zeros(3))
    for grad in np.random.default_rng(7).normal(size=(20, 3)):
        fresh.step([make(grad)])
        buffer[:] = make(grad)
        reused.step([buffer])
        assert buffer.tolist() == grad.tolist()
        buffer[:] = 1e9
        assert reused.params[0].tolist() == fresh.params[0].tolist()


@each_rule
def test_slopes_are_neither_changed_nor_kept(rule):
    fresh, reused = tensor([1.0, 2.0, 3.0]), tensor([1.0, 2.0, 3.0])
    by_hand, by_slopes = rule([fresh]), rule([reused])
    reused.grad = torch.zeros(3, dtype=torch.float64)
    for grad in np.random.default_rng(7).normal(size=(20, 3)):
        by_hand.step([tensor(grad)])
        reused.grad[:] = tensor(grad)
        by_slopes.step()
        assert reused.grad.tolist() == grad.tolist()
        reused.grad[:] = 1e9
        assert reused.tolist() == fresh.tolist()


@each_kind
@each_rule
def test_the_gradients_may_be_the_parameters_themselves(rule, make):
    # Those of x * y + the sum of z**2 / 2 are y, x and z.
    x, y, z = themselves = [make([2.0]), make([-3.0]), make([1.0, -4.0])]
    start = flat(themselves).tolist()
    copies = [make(param.tolist()) for param in themselves]
    first, second = rule(themselves, lr=0.1), rule(copies, lr=0.1)
    for _ in range(10):
        first.step([y, x, z])
        u, v, w = [make(param.tolist()) for param in copies]
        second.step([v, u, w])
        assert flat(themselves).tolist() == flat(copies).tolist()
    assert flat(themselves).tolist() != start


@each_kind
@each_rule
@pytest.mark.parametrize(
    "window",
    [
        lambda whole: whole[1:3, ::2],
        lambda whole: whole[:, 1],
        lambda whole: whole[1:3].T,
        lambda whole: whole[2, 3, ...],
    ],
    ids=["part", "column", "transposed", "entry"],
)
def test_a_view_changes_in_the_larger_array_and_nothing_else_does(rule, make, window):
    whole, start = make(np.arange(20.0).reshape(4, 5)), np.arange(20.0).reshape(4, 5)
    inside = np.zeros((4, 5), dtype=bool)
    window(inside)[...] = True
    param = window(whole)
    alone = make(param.tolist())
    viewing, owning = rule([param], lr=0.1), rule([alone], lr=0.1)
    for step in range(3):
        grad = make(np.full(tuple(param.shape), 1.0 + step))
        viewing.step([grad])
        owning.step([grad])
    assert param.tolist() == alone.tolist()
    np.testing.assert_array_equal(np.asarray(whole) != start, inside)


def test_an_array_that_runs_backward_is_a_parameter_like_others():
    whole = array([1.0, 2.0, 3.0])
    d2l.SGD([whole[::-1]], lr=1).step([[10, 20, 30]])
    assert whole.tolist() == [-29, -18, -7]


@each_rule
def test_the_rate_may_change_between_steps_as_in_torch(rule):
    start, gradients = problem(seed=8, steps=40)
    lrs = np.random.default_rng(8).uniform(0, 1, size=40)

    class Changing(rule):
        def step(self, grads=None):
            self.lr = float(lrs[self.done])
            self.done += 1
            super().step(grads)

        done = 0

    def torch_changing(params):
        optimizer = TORCH[rule](params)
        rates = iter(lrs.tolist())
        optimizer.register_step_pre_hook(
            lambda *_: optimizer.param_groups[0].update(lr=next(rates))
        )
        return optimizer

    expected = tensor_path(torch_changing, start, gradients)
    assert deviation(array_path(Changing, start, gradients), expected) < 1e-13
    assert deviation(tensor_path(Changing, start, gradients), expected) < 1e-13
    assert deviation(array_path(rule, start, gradients), expected) > 0.01


@each_kind
@each_rule
def test_two_optimizers_share_nothing_nor_do_two_parameters(rule, make):
    gradients = np.random.default_rng(9).normal(size=(2, 10, 3))
    alone = [make(np.ones(3)) for _ in range(2)]
    for param, grads in zip(alone, gradients, strict=True):
        optimizer = rule([param])
        for grad in grads:
            optimizer.step([make(grad)])
    apart = [make(np.ones(3)) for _ in range(2)]
    optimizers = [rule([param]) for param in apart]
    together = [make(np.ones(3)) for _ in range(2)]
    joint = rule(together)
    for first, second in gradients.transpose(1, 0, 2):
        optimizers[0].step([make(first)])
        optimizers[1].step([make(second)])
        joint.step([make(first), make(second)])
    np.testing.assert_array_equal(flat(apart), flat(alone))
    np.testing.assert_array_equal(flat(together), flat(alone))


@each_kind
def test_a_refused_step_changes_nothing(make):
    param, other = make([1.0, 2.0]), make([3.0])
    optimizer = d2l.Adam([param, other])
    with pytest.raises(ValueError, match="shape"):
        optimizer.step([make([1.0, 1.0]), make([1.0, 1.0])])
    assert (param.tolist(), other.tolist()) == ([1, 2], [3])
    assert optimizer.t == [0, 0]


@each_kind
def test_a_rule_of_ones_own_needs_update_alone(make):
    class Sign(d2l.Optimizer):
        """Only the direction of each slope counts."""

        def update(self, i, param, grad):
            calls.append(i)
            param -= self.lr * grad / abs(grad)

    calls = []
    params = [make([1.0, 2.0]), make([3.0]), make([[4.0]])]
    optimizer = Sign(params, lr=0.5)
    optimizer.step([make([-7.0, 9.0]), None, make([[1e-9]])])
    assert calls == [0, 2]
    assert [param.tolist() for param in params] == [[1.5, 1.5], [3], [[3.5]]]
    optimizer.zero_grad()


def test_an_optimizer_without_a_rule_says_what_is_missing():
    param = array([1.0])
    with pytest.raises(NotImplementedError, match=r"defines update\(i, param, grad\)"):
        d2l.Optimizer([param], 0.1).step([[1.0]])
    assert param.tolist() == [1]


# --- The published numbers: 20 steps on x**2 from 10, with the rate 0.1


@each_kind
@pytest.mark.parametrize(
    ("rule", "options", "published"),
    [
        (d2l.SGD, {"lr": 0.1}, "0.115"),
        (d2l.Momentum, {"lr": 0.1 * (1 - 0.9)}, "-2.707"),
        (d2l.RMSProp, {"lr": 0.1, "alpha": 0.9}, "7.282"),
        (d2l.RMSProp, {"lr": 0.1}, "3.666"),
        (d2l.Adam, {"lr": 0.1}, "8.027"),
    ],
)
def test_on_the_parabola_a_rule_ends_where_published(rule, options, published, make):
    x = make(10.0)
    optimizer = rule([x], **options)
    for _ in range(20):
        optimizer.step([2 * x])
    assert f"{x.item():.3f}" == published


def test_on_the_parabola_a_mean_as_velocity_ends_where_published():
    x, v = 10.0, 0.0
    for _ in range(20):
        v = 0.9 * v + 0.1 * (2 * x)
        x -= 0.1 * v
    assert f"{x:.3f}" == "-2.707"
