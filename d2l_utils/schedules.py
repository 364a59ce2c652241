"""Learning-rate schedules: what to multiply the rate by at each step (lesson 06).

Each returns a function of the step, counted from 0. Set ``optimizer.lr`` to the first
rate times its value, or pass it to ``torch.optim.lr_scheduler.LambdaLR``.
"""

import functools
import math
from collections.abc import Callable
from typing import ParamSpec

from . import _checks

Schedule = Callable[[int], float]
P = ParamSpec("P")


def _of_whole_steps(make: Callable[P, Schedule]) -> Callable[P, Schedule]:
    """Let a schedule be asked with whole numbers alone, of any type."""

    @functools.wraps(make)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Schedule:
        return _checks.checked(t=_checks.count)(make(*args, **kwargs))

    return wrapper


@_of_whole_steps
@_checks.checked(step_size=_checks.positive_count, gamma=_checks.fraction)
def step_decay(step_size: int, gamma: float = 0.1) -> Schedule:
    """Multiply the rate by ``gamma`` after every ``step_size`` steps.

    Args:
        step_size: steps with the same rate, at least 1.
        gamma: the factor, from 0 to 1.

    Returns:
        A function of the step: ``gamma ** (t // step_size)``.

    Raises:
        TypeError: ``step_size`` is not a whole number, or ``gamma`` not a number.
        ValueError: ``step_size`` is below 1, or ``gamma`` not between 0 and 1.

    Source: same values as ``torch.optim.lr_scheduler.StepLR``.
    """
    return lambda t: gamma ** (t // step_size)


@_of_whole_steps
@_checks.checked(gamma=_checks.fraction)
def exponential_decay(gamma: float) -> Schedule:
    """Multiply the rate by ``gamma`` at every step.

    Args:
        gamma: the factor, from 0 to 1.

    Returns:
        A function of the step: ``gamma ** t``.

    Raises:
        TypeError: ``gamma`` is not a number.
        ValueError: ``gamma`` is not between 0 and 1.

    Source: same values as ``torch.optim.lr_scheduler.ExponentialLR``.
    """
    return lambda t: gamma**t


@_of_whole_steps
@_checks.checked(T_max=_checks.positive_count)
def cosine_decay(T_max: int) -> Schedule:
    """Let the rate fall to 0 along half a wave of the cosine, and stay there.

    Args:
        T_max: the step at which 0 is reached, at least 1.

    Returns:
        A function of the step: ``(1 + cos(pi * t / T_max)) / 2``.

    Raises:
        TypeError: ``T_max`` is not a whole number.
        ValueError: ``T_max`` is below 1.

    Source: I. Loshchilov and F. Hutter, ICLR 2017, equation 5, without restarts. Up
    to ``T_max`` the values of ``torch.optim.lr_scheduler.CosineAnnealingLR``.
    """
    return lambda t: (1 + math.cos(math.pi * min(t, T_max) / T_max)) / 2


@_of_whole_steps
@_checks.checked(steps=_checks.positive_count, schedule=_checks.function)
def warmup(steps: int, schedule: Schedule) -> Schedule:
    """Let the rate rise to its full value first, then follow another schedule.

    Args:
        steps: how many steps the rise takes, at least 1.
        schedule: what follows: a function of the step, counted from 0 again.

    Returns:
        A function of the step: ``(t + 1) / steps``, then ``schedule(t - steps)``.

    Raises:
        TypeError: ``steps`` is not a whole number, or ``schedule`` not a function.
        ValueError: ``steps`` is below 1.

    Source: P. Goyal et al., arXiv 1706.02677 (2017), section 2.2.
    """
    return lambda t: (t + 1) / steps if t < steps else schedule(t - steps)
