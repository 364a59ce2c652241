import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

import d2l_utils as d2l


def torch_rates(make_scheduler, steps, lr=0.5):
    """The learning rate of torch at each step, divided by the first one."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = make_scheduler(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"] / lr)
        optimizer.step()
        scheduler.step()
    return rates


def ours(schedule, steps):
    return [schedule(t) for t in range(steps)]


# --- step_decay


def test_step_decay_multiplies_after_every_so_many_steps():
    schedule = d2l.step_decay(3, gamma=0.5)
    assert ours(schedule, 10) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]


def test_step_decay_divides_by_ten_if_not_told_otherwise():
    assert ours(d2l.step_decay(2), 6) == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize("step_size", [1, 3, 10, 100])
@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9, 1, 0])
def test_step_decay_has_the_rates_of_torch(step_size, gamma):
    expected = torch_rates(lambda opt: lr_scheduler.StepLR(opt, step_size, gamma), 50)
    rates = ours(d2l.step_decay(step_size, gamma), 50)
    np.testing.assert_allclose(rates, expected, rtol=1e-13)


# --- exponential_decay


def test_exponential_decay_multiplies_at_every_step():
    assert ours(d2l.exponential_decay(0.5), 5) == [1, 0.5, 0.25, 0.125, 0.0625]
    assert ours(d2l.exponential_decay(1), 3) == [1, 1, 1]
    assert ours(d2l.exponential_decay(0), 3) == [1, 0, 0]


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.95, 0.999, 1, 0])
def test_exponential_decay_has_the_rates_of_torch(gamma):
    expected = torch_rates(lambda opt: lr_scheduler.ExponentialLR(opt, gamma), 100)
    rates = ours(d2l.exponential_decay(gamma), 100)
    np.testing.assert_allclose(rates, expected, rtol=1e-13)


# --- cosine_decay


@pytest.mark.parametrize("T_max", [1, 2, 3, 10, 1_000])
def test_cosine_decay_falls_from_1_to_0_and_stays_there(T_max):
    rates = ours(d2l.cosine_decay(T_max), T_max + 50)
    assert rates[0] == 1
    assert rates[T_max:] == [0] * 50
    assert np.all(np.diff(rates[: T_max + 1]) < 0)
    assert d2l.cosine_decay(T_max)(10**9) == 0


def test_cosine_decay_is_half_a_wave():
    rates = ours(d2l.cosine_decay(6), 7)
    root = math.sqrt(3) / 4
    expected = [1, 0.5 + root, 0.75, 0.5, 0.25, 0.5 - root, 0]
    np.testing.assert_allclose(rates, expected, atol=1e-15)


@pytest.mark.parametrize("T_max", [1, 2, 10, 100])
def test_cosine_decay_has_the_rates_of_torch_up_to_its_end(T_max):
    expected = torch_rates(
        lambda opt: lr_scheduler.CosineAnnealingLR(opt, T_max), T_max + 1
    )
    rates = ours(d2l.cosine_decay(T_max), T_max + 1)
    np.testing.assert_allclose(rates, expected, rtol=1e-10, atol=1e-14)


# --- warmup


def test_warmup_rises_and_hands_over():
    schedule = d2l.warmup(4, d2l.exponential_decay(0.5))
    assert ours(schedule, 8) == [0.25, 0.5, 0.75, 1, 1, 0.5, 0.25, 0.125]


@given(steps=st.integers(1, 200), more=st.integers(0, 200), T_max=st.integers(1, 300))
def test_warmup_is_continuous_and_starts_the_other_schedule_at_0(steps, more, T_max):
    after = d2l.cosine_decay(T_max)
    schedule = d2l.warmup(steps, after)
    rates = ours(schedule, steps)
    assert rates[0] == 1 / steps
    assert rates[-1] == 1 == schedule(steps)
    np.testing.assert_allclose(np.diff(rates), 1 / steps, rtol=1e-9)
    assert schedule(steps + more) == after(more)


def test_warmup_calls_the_other_schedule_only_when_it_is_over():
    calls = []

    def constant(t):
        calls.append(t)
        return 7

    assert ours(d2l.warmup(3, constant), 6) == [1 / 3, 2 / 3, 1, 7, 7, 7]
    assert calls == [0, 1, 2]


def test_warmups_can_be_nested():
    schedule = d2l.warmup(2, d2l.warmup(2, d2l.step_decay(1, 0.5)))
    assert ours(schedule, 7) == [0.5, 1, 0.5, 1, 1, 0.5, 0.25]


@pytest.mark.parametrize(("steps", "T_max"), [(2, 10), (5, 20), (10, 90)])
def test_warmup_and_cosine_have_the_rates_of_torch(steps, T_max):
    def both(optimizer):
        # Torch counts the steps between the first rate and the full one.
        rise = lr_scheduler.LinearLR(optimizer, 1 / steps, total_iters=steps - 1)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, T_max)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[steps])

    expected = torch_rates(both, steps + T_max + 1)
    rates = ours(d2l.warmup(steps, d2l.cosine_decay(T_max)), steps + T_max + 1)
    np.testing.assert_allclose(rates, expected, rtol=1e-10, atol=1e-14)


# --- How they are used

SCHEDULES = {
    "step": d2l.step_decay(7, 0.5),
    "exponential": d2l.exponential_decay(0.9),
    "cosine": d2l.cosine_decay(30),
    "warmup": d2l.warmup(5, d2l.cosine_decay(25)),
}
each_schedule = pytest.mark.parametrize("name", SCHEDULES)


@each_schedule
def test_torch_takes_a_schedule_as_it_is(name):
    schedule = SCHEDULES[name]
    rates = torch_rates(lambda opt: lr_scheduler.LambdaLR(opt, schedule), 40)
    assert rates == ours(schedule, 40)


@each_schedule
def test_a_schedule_gives_a_float_from_0_to_1_and_the_same_one_again(name):
    schedule = SCHEDULES[name]
    rates = ours(schedule, 100)
    assert all(type(rate) is float and 0 <= rate <= 1 for rate in rates)
    assert [schedule(t) for t in reversed(range(100))] == rates[::-1]


@each_schedule
def test_our_optimizer_walks_with_it_as_torch_does(name):
    schedule, lr = SCHEDULES[name], 0.5
    theirs = torch.tensor([3.0, -4.0], dtype=torch.float64, requires_grad=True)
    reference = torch.optim.Adam([theirs], lr=lr)
    scheduler = lr_scheduler.LambdaLR(reference, schedule)
    x = np.array([3.0, -4.0])
    optimizer = d2l.Adam([x], lr=lr)
    for t in range(40):
        optimizer.lr = lr * schedule(t)
        optimizer.step([2 * x])
        reference.zero_grad()
        (theirs**2).sum().backward()
        reference.step()
        scheduler.step()
        np.testing.assert_allclose(x, theirs.detach(), rtol=1e-9, atol=1e-12)
    assert x.tolist() != [3, -4]
