"""Optimizers: rules that turn gradients into steps (lesson 06).

Each works in place on NumPy arrays and on torch tensors alike. Hyper-parameters have
the names and defaults of ``torch.optim``, whose steps they follow; ``momentum`` alone
is 0.9, not 0, by default.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from . import _checks, _tensors
from ._torch import torch


def _gradients(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
    """One gradient for each parameter of an optimizer, or None for their ``.grad``."""
    params = arguments["self"].params
    if value is None:
        if any(isinstance(param, np.ndarray) for param in params):
            raise ValueError("NumPy arrays have no .grad: pass the gradients to step")
        if all(param.grad is None for param in params):
            raise ValueError(
                "no parameter has a gradient: call backward() first, or pass the "
                "gradients to step"
            )
        for i, param in enumerate(params):
            _checks.optional(_tensors.array_or_tensor)(
                f"params[{i}].grad", param.grad, {}
            )
        return None
    n = len(params)
    grads = _checks.all_of(
        _tensors.list_of("arrays or tensors", "g"),
        _checks.must(
            f"hold one gradient for each of the {n} parameters",
            lambda g: len(g) == n,
            len,
        ),
    )(name, value, arguments)
    return [
        _checks.optional(_gradient_for(param))(f"{name}[{i}]", grad, arguments)
        for i, (param, grad) in enumerate(zip(params, grads, strict=True))
    ]


def _gradient_for(param: Any) -> _checks.Check:
    """A copy, since the gradient of x * y is [y, x], which the step changes."""

    def copy(name: str, grad: Any, _: Any) -> Any:
        if isinstance(param, torch.Tensor):
            return grad.detach().to(param.dtype, copy=True)
        return np.array(_checks.as_array(name, grad), dtype=param.dtype)

    return _checks.all_of(
        *(
            [_tensors.like(param, "its parameter"), _tensors.not_complex]
            if isinstance(param, torch.Tensor)
            else []
        ),
        copy,
        _tensors.shaped(
            f"have the shape of its parameter, {tuple(param.shape)}",
            lambda grad: grad.shape == param.shape,
        ),
    )


class Optimizer:
    """What all optimizers share: the parameters, the learning rate, the loop.

    A subclass defines ``update(i, param, grad)``, which changes the parameter number
    ``i`` in place. The learning rate is the attribute ``lr`` and may be changed
    between steps.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.

    Raises:
        TypeError: ``params`` is not a list of arrays or tensors, or one of them does
            not hold floating-point numbers.
        ValueError: ``params`` is empty, holds one object twice or one that cannot be
            changed in place, or ``lr`` is negative or not finite.
    """

    @_checks.checked(params=_tensors.parameters, lr=_checks.non_negative)
    def __init__(self, params: Iterable[Any], lr: float) -> None:
        """Keep the parameters; no step is taken yet."""
        self.params = list(params)
        self.lr = lr

    @_checks.checked(grads=_gradients)
    def step(self, grads: Sequence[Any] | None = None) -> None:
        """Change every parameter by one step.

        Args:
            grads: one gradient for each parameter, of its shape; without it the
                ``.grad`` of each torch tensor. A parameter whose gradient is None is
                left alone.

        Raises:
            TypeError: a gradient is not an array of numbers, or not a tensor where
                the parameter is one.
            ValueError: there is not one gradient for each parameter, a shape
                differs, or no gradient is given and no parameter has one.
        """
        if grads is None:
            grads = [param.grad for param in self.params]
        with torch.no_grad():
            for i, grad in enumerate(grads):
                if grad is not None:
                    self.update(i, self.params[i], grad)

    def zero_grad(self) -> None:
        """Forget the ``.grad`` of every torch tensor; NumPy arrays have none."""
        for param in self.params:
            if hasattr(param, "grad"):
                param.grad = None

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place; every rule defines its own."""
        raise NotImplementedError("an optimizer defines update(i, param, grad)")


class SGD(Optimizer):
    """Gradient descent: step against the gradient.

    With ``g`` the gradient, ``param -= lr * g``. It is stochastic if the gradient
    comes from a mini-batch.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.

    Raises:
        TypeError: see ``Optimizer``.
        ValueError: see ``Optimizer``.

    Source: H. Robbins and S. Monro, Annals of Mathematical Statistics 22 (1951),
    pp. 400-407. Same steps as ``torch.optim.SGD``.
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-3) -> None:
        """Keep the parameters; no step is taken yet."""
        super().__init__(params, lr)

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place."""
        param -= self.lr * grad


class Momentum(Optimizer):
    """Gradient descent with a velocity that remembers earlier gradients.

    With ``g`` the gradient, ``v = momentum * v + g``, then ``param -= lr * v``.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.
        momentum: how much of the velocity is kept at each step, at least 0; below 1
            for a velocity that cannot grow without limit.

    Raises:
        TypeError: see ``Optimizer``; or ``momentum`` is not a number.
        ValueError: see ``Optimizer``; or ``momentum`` is negative or not finite.

    Source: B. T. Polyak, USSR Computational Mathematics and Mathematical Physics 4(5)
    (1964), pp. 1-17. Same steps as ``torch.optim.SGD(..., momentum=momentum)``.
    """

    @_checks.checked(momentum=_checks.non_negative)
    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0.9
    ) -> None:
        """Keep the parameters; no step is taken yet."""
        super().__init__(params, lr)
        self.momentum = momentum
        self.v = [0.0] * len(self.params)

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place."""
        self.v[i] = self.momentum * self.v[i] + grad
        param -= self.lr * self.v[i]


class Nesterov(Momentum):
    """Momentum that looks ahead: it steps along the velocity of the next step.

    With ``g`` the gradient, ``v = momentum * v + g``, then
    ``param -= lr * (g + momentum * v)``.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.
        momentum: how much of the velocity is kept at each step, at least 0; below 1
            for a velocity that cannot grow without limit.

    Raises:
        TypeError: see ``Momentum``.
        ValueError: see ``Momentum``.

    Source: Y. E. Nesterov, Soviet Mathematics Doklady 27 (1983), pp. 372-376, in the
    form of I. Sutskever et al., ICML 2013. Same steps as
    ``torch.optim.SGD(..., momentum=momentum, nesterov=True)``.
    """

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place."""
        self.v[i] = self.momentum * self.v[i] + grad
        param -= self.lr * (grad + self.momentum * self.v[i])


class AdaGrad(Optimizer):
    """A learning rate for each entry that shrinks as its gradients add up.

    With ``g`` the gradient, ``s = s + g * g``, then
    ``param -= lr * g / (sqrt(s) + eps)``.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.
        initial_accumulator_value: where ``s`` starts, at least 0.
        eps: keeps the division away from 0, at least 0.

    Raises:
        TypeError: see ``Optimizer``; or another argument is not a number.
        ValueError: see ``Optimizer``; or another argument is negative or not finite.

    Source: J. Duchi, E. Hazan and Y. Singer, Journal of Machine Learning Research 12
    (2011), pp. 2121-2159. Same steps as ``torch.optim.Adagrad``.
    """

    @_checks.checked(
        initial_accumulator_value=_checks.non_negative, eps=_checks.non_negative
    )
    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
    ) -> None:
        """Keep the parameters; no step is taken yet."""
        super().__init__(params, lr)
        self.eps = eps
        self.s = [initial_accumulator_value] * len(self.params)

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place."""
        self.s[i] = self.s[i] + grad * grad
        param -= self.lr * grad / (self.s[i] ** 0.5 + self.eps)


class RMSProp(Optimizer):
    """AdaGrad that forgets: a running mean of squares takes the place of the sum.

    With ``g`` the gradient, ``s = alpha * s + (1 - alpha) * g * g``, then
    ``param -= lr * g / (sqrt(s) + eps)``.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.
        alpha: how much of the running mean is kept at each step, from 0 to 1.
        eps: keeps the division away from 0, at least 0.

    Raises:
        TypeError: see ``Optimizer``; or another argument is not a number.
        ValueError: see ``Optimizer``; ``alpha`` is not between 0 and 1, or ``eps`` is
            negative or not finite.

    Source: T. Tieleman and G. Hinton, *Neural Networks for Machine Learning*, lecture
    6.5 (2012). Same steps as ``torch.optim.RMSprop``.
    """

    @_checks.checked(alpha=_checks.fraction, eps=_checks.non_negative)
    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
    ) -> None:
        """Keep the parameters; no step is taken yet."""
        super().__init__(params, lr)
        self.alpha = alpha
        self.eps = eps
        self.s = [0.0] * len(self.params)

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place."""
        self.s[i] = self.alpha * self.s[i] + (1 - self.alpha) * grad * grad
        param -= self.lr * grad / (self.s[i] ** 0.5 + self.eps)


class Adam(Optimizer):
    """Momentum and RMSProp together, both corrected for their start at 0.

    With ``g`` the gradient and ``t`` the number of the step from 1 on,
    ``m = beta1 * m + (1 - beta1) * g`` and ``s = beta2 * s + (1 - beta2) * g * g``,
    corrected to ``m_hat = m / (1 - beta1**t)`` and ``s_hat = s / (1 - beta2**t)``,
    then ``param -= lr * m_hat / (sqrt(s_hat) + eps)``.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.
        betas: ``(beta1, beta2)``, each at least 0 and below 1.
        eps: keeps the division away from 0, at least 0.

    Raises:
        TypeError: see ``Optimizer``; or another argument is not made of numbers.
        ValueError: see ``Optimizer``; ``betas`` are not two numbers from 0 to below
            1, or ``eps`` is negative or not finite.

    Source: D. P. Kingma and J. Ba, ICLR 2015, algorithm 1. Same steps as
    ``torch.optim.Adam``.
    """

    @_checks.checked(betas=_checks.betas, eps=_checks.non_negative)
    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        """Keep the parameters; no step is taken yet."""
        super().__init__(params, lr)
        self.betas = betas
        self.eps = eps
        self.t = [0] * len(self.params)
        self.m = [0.0] * len(self.params)
        self.s = [0.0] * len(self.params)

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place."""
        beta1, beta2 = self.betas
        self.t[i] += 1
        self.m[i] = beta1 * self.m[i] + (1 - beta1) * grad
        self.s[i] = beta2 * self.s[i] + (1 - beta2) * grad * grad
        m_hat = self.m[i] / (1 - beta1 ** self.t[i])
        s_hat = self.s[i] / (1 - beta2 ** self.t[i])
        param -= self.lr * m_hat / (s_hat**0.5 + self.eps)


class AdamW(Adam):
    """Adam with weight decay: every step first shrinks the parameters a little.

    ``param *= 1 - lr * weight_decay``, then the step of Adam. The decay does not
    pass through the gradient and its running means.

    Args:
        params: the parameters, NumPy arrays or torch tensors of floating-point
            numbers of 32 bits or more, of any shapes; they are changed in place.
        lr: the learning rate, at least 0.
        betas: ``(beta1, beta2)``, each at least 0 and below 1.
        eps: keeps the division away from 0, at least 0.
        weight_decay: how strongly the parameters shrink, at least 0.

    Raises:
        TypeError: see ``Adam``; or ``weight_decay`` is not a number.
        ValueError: see ``Adam``; or ``weight_decay`` is negative or not finite.

    Source: I. Loshchilov and F. Hutter, ICLR 2019, algorithm 2, with the decay
    multiplied by ``lr``. Same steps as ``torch.optim.AdamW``.
    """

    @_checks.checked(weight_decay=_checks.non_negative)
    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        """Keep the parameters; no step is taken yet."""
        super().__init__(params, lr, betas, eps)
        self.weight_decay = weight_decay

    def update(self, i: int, param: Any, grad: Any) -> None:
        """Change one parameter in place."""
        param *= 1 - self.lr * self.weight_decay
        super().update(i, param, grad)


class Row(NamedTuple):
    """What is known of an optimizer: its color in figures, and the same in PyTorch."""

    rule: type[Optimizer]
    color: str
    torch_name: str
    torch_options: Mapping[str, Any] = MappingProxyType({})

    @property
    def twin(self) -> Any:
        """What makes the same optimizer of ``torch.optim``, called as ours."""
        return functools.partial(
            getattr(torch.optim, self.torch_name), **self.torch_options
        )


# The one table of optimizers, by their names. The colors are those of the style.
OPTIMIZERS = {
    row.rule.__name__: row
    for row in (
        Row(SGD, "C1", "SGD"),
        Row(Momentum, "C2", "SGD", {"momentum": 0.9}),
        Row(Nesterov, "C4", "SGD", {"momentum": 0.9, "nesterov": True}),
        Row(AdaGrad, "C3", "Adagrad"),
        Row(RMSProp, "C5", "RMSprop"),
        Row(Adam, "C0", "Adam"),
        Row(AdamW, "C6", "AdamW"),
    )
}
