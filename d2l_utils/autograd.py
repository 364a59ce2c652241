"""Reverse-mode differentiation on NumPy arrays (lesson 07)."""

import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from . import _checks

# An edge of the graph: a parent, and the rule that turns the gradient of the result
# into the parent's share of it.
Edge = tuple[Any, Callable[[Any], Any]]
F = TypeVar("F", bound=Callable[..., Any])


# The input checks of this module are decorators of their own: `_checks.checked` would
# take longer than an operation on a small array.


def _is_array(x: Any) -> bool:
    """Whether a value has NumPy's plain arithmetic, unlike an array with a mask."""
    return isinstance(x, np.ndarray | np.generic) and not isinstance(
        x, np.ma.MaskedArray
    )


def _floating(init: F) -> F:
    """Let ``data`` be an array of floating-point numbers; others become float64."""

    @functools.wraps(init)
    def wrapper(self: Any, data: Any, edges: Iterable[Edge] = ()) -> None:
        if isinstance(data, Node):
            raise TypeError(
                f"data must be numbers, not a {type(data).__name__}: use it as it is, "
                "or its .data"
            )
        if not (_is_array(data) and data.dtype.kind == "f"):
            data = _checks.as_float64("data", data)
        init(self, data, edges)

    return wrapper  # type: ignore[return-value]


def _operand(value: F) -> F:
    """Accept a Tensor, a real number or a NumPy array of real numbers.

    A number, or an array of whole numbers, takes the precision of the Tensor, so that
    the result has it, too.
    """

    @functools.wraps(value)
    def wrapper(self: Any, x: Any) -> Any:
        array = _is_array(x)
        if not (
            isinstance(x, Node)
            or (array and x.dtype.kind in "fiub")
            or isinstance(x, bool)
            or _checks.is_real(x)
        ):
            raise TypeError(
                "a Tensor can be combined with a Tensor, a real number or a NumPy "
                f"array of real numbers, got {_checks.describe(x)}"
                + (f" of dtype {x.dtype}" if array else "")
            )
        if array and (x.dtype.kind != "f" or not x.shape):
            x = x.astype(self.data.dtype)
        elif not array and not isinstance(x, Node):
            x = _checks.as_float("a number", int(x) if isinstance(x, bool) else x)
        return value(self, x)

    return wrapper  # type: ignore[return-value]


def _matrices(matmul: F) -> F:
    """Accept two matrices that fit each other."""

    @functools.wraps(matmul)
    def wrapper(self: Any, other: Any) -> Any:
        constant = self.value(other)
        a, b = self.data.shape, np.shape(constant)
        if matmul.__name__ == "__rmatmul__":
            a, b = b, a
        if not (len(a) == len(b) == 2 and a[1] == b[0]):
            raise ValueError(
                "@ takes two matrices, the first with as many columns as the second "
                f"has rows, got shapes {a} and {b}"
            )
        return matmul(self, other if isinstance(other, Node) else constant)

    return wrapper  # type: ignore[return-value]


def _constant(power: F) -> F:
    """Accept an exponent that is a real number."""

    @functools.wraps(power)
    def wrapper(self: Any, n: Any) -> Any:
        return power(self, _checks.as_float("the exponent of a Tensor", n))

    return wrapper  # type: ignore[return-value]


def _single_number(backward: F) -> F:
    """Accept a result that holds one number, and nothing else."""

    @functools.wraps(backward)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        if args or kwargs:
            raise TypeError(
                "backward takes no argument: it starts from one number, with slope 1; "
                "for other slopes call (y * slopes).sum().backward()"
            )
        if self.data.size != 1:
            raise ValueError(
                "backward starts from a single number, such as a loss, got shape "
                f"{self.data.shape}: call sum() or mean() first"
            )
        backward(self)

    return wrapper  # type: ignore[return-value]


def _all_or_none(backward: F) -> F:
    """Leave no gradient behind when a rule fails: some would lack a share."""

    @functools.wraps(backward)
    def wrapper(self: Any) -> None:
        try:
            backward(self)
        except BaseException:
            nodes, waiting = {self}, [self]
            while waiting:
                node = waiting.pop()
                node.grad = None
                for parent, _ in node.edges:
                    if parent not in nodes:
                        nodes.add(parent)
                        waiting.append(parent)
            raise

    return wrapper  # type: ignore[return-value]


def _share_of(receive: F) -> F:
    """Accept a share of the gradient of a value, and convert it to its precision.

    The share may have the shape of the value or one that NumPy repeats the value to;
    for a single number it may be a plain number.
    """

    @functools.wraps(receive)
    def wrapper(self: Any, grad: Any) -> None:
        if not (_is_array(grad) and grad.dtype.kind == "f"):
            grad = _checks.as_float64("grad", grad)
        grad, own = np.asarray(grad), self.data.shape
        if grad.shape != own:
            if self.data.size == 1 and not grad.shape:
                grad = grad.reshape(own)
            elif not _repeats(own, grad.shape):
                raise ValueError(
                    f"grad must have the shape of its value, {own}, or one that NumPy "
                    f"repeats that to, got shape {grad.shape}"
                )
        receive(self, grad.astype(self.data.dtype, copy=False))

    return wrapper  # type: ignore[return-value]


def _repeats(shape: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether NumPy repeats an array of one shape to the other."""
    in_front = len(other) - len(shape)
    return in_front >= 0 and all(
        n in (1, m) for n, m in zip(shape, other[in_front:], strict=True)
    )


class Node:
    """A value in a graph: what it was computed from, and its gradient.

    Args:
        data: the value, a number or an array; it is not copied if it is an array of
            floating-point numbers.
        edges: for a result, the pairs ``(parent, rule)``, one for each value that it
            was computed from. ``rule(grad)`` turns the gradient of the result into
            the parent's share: an array of the parent's shape or of one that NumPy
            repeats it to, or a number if the parent holds one. Parents that are no
            ``Node`` are constants and are left out.

    Attributes:
        data: the value, an array of floating-point numbers; of shape () for a number.
        grad: the gradient, of the shape and dtype of ``data``, once ``backward`` was
            called on a result made from the value; None before.
        edges: the pairs ``(parent, rule)``, without those of constants.
        number: the place in the order of creation, counted from 0.

    Raises:
        TypeError: ``data`` is not made of real numbers.

    Source: S. Linnainmaa, BIT 16 (1976), pp. 146-160.
    """

    count = itertools.count()

    @_floating
    def __init__(self, data: Any, edges: Iterable[Edge] = ()) -> None:
        """Keep the value and where it came from."""
        self.data = np.asarray(data)
        self.grad: Any = None
        self.edges = [edge for edge in edges if isinstance(edge[0], Node)]
        self.number = next(Node.count)

    @_single_number
    @_all_or_none
    def backward(self) -> None:
        """Set ``grad`` of every value that this one was computed from.

        A gradient has the shape and the dtype of its value. Gradients of an earlier
        call are replaced, not added to.

        Each node is made after its parents, so the order of creation is a topological
        order of the graph. From the last to the first, a node is visited after all
        that were made from it: its gradient is complete when it is passed on.

        Raises:
            TypeError: a rule gives no real numbers.
            ValueError: the value holds more than one number, or the shape of a
                gradient does not fit. After an error in a rule no value that this one
                was computed from has a gradient; ``grad`` is None.
        """
        nodes, waiting = {self}, [self]
        while waiting:
            for parent, _ in waiting.pop().edges:
                if parent not in nodes:
                    nodes.add(parent)
                    waiting.append(parent)
        for node in nodes:
            node.grad = 0.0
        self.grad = np.ones_like(self.data)
        for node in sorted(nodes, key=lambda node: node.number, reverse=True):
            for parent, rule in node.edges:
                parent.receive(rule(node.grad))

    @_share_of
    def receive(self, grad: Any) -> None:
        """Add to ``grad``; where the value was repeated, its shares are summed."""
        if grad.shape != self.data.shape:
            grad = grad.sum(axis=tuple(range(grad.ndim - self.data.ndim)))
            single = [i for i, n in enumerate(self.data.shape) if n == 1]
            grad = grad.sum(axis=tuple(single), keepdims=True)
        self.grad = self.grad + grad


class Tensor(Node):
    """An array whose arithmetic is recorded, so that ``backward`` can go through it.

    ``+ - * /`` work elementwise and repeat arrays as NumPy does; ``@`` multiplies
    matrices; ``**`` takes a number as exponent. Numbers and plain arrays take part as
    constants, which have no gradient. Only an array of floating-point numbers that is
    more precise than the Tensor makes the result more precise.

    Args:
        data: a number or an array; it is not copied if it is an array of
            floating-point numbers.
        edges: see ``Node``; a value that you start from has none.

    Attributes:
        data: the numbers, an array; of shape () for a single one.
        grad: see ``Node``.
        edges: see ``Node``.
        number: see ``Node``.

    Raises:
        TypeError: ``data`` is not made of real numbers. Operations raise it for what
            is no Tensor, real number or array of them, and for an exponent that is no
            number.
        ValueError: an operation gets shapes that do not fit each other, or
            ``backward`` starts from more than one number.

    Source: S. Linnainmaa, BIT 16 (1976), pp. 146-160. Methods have the names and the
    gradients of ``torch.Tensor``.
    """

    @_operand
    def value(self, x: Any) -> Any:
        """Give the numbers of a Tensor, and a constant as it is."""
        return x.data if isinstance(x, Node) else x

    def __add__(self, other: Any) -> "Tensor":
        """Add."""
        a, b = self.data, self.value(other)
        return Tensor(a + b, [(self, lambda g: g), (other, lambda g: g)])

    def __mul__(self, other: Any) -> "Tensor":
        """Multiply elementwise."""
        a, b = self.data, self.value(other)
        return Tensor(a * b, [(self, lambda g: g * b), (other, lambda g: g * a)])

    @_matrices
    def __matmul__(self, other: Any) -> "Tensor":
        """Multiply matrices."""
        a, b = self.data, self.value(other)
        return Tensor(a @ b, [(self, lambda g: g @ b.T), (other, lambda g: a.T @ g)])

    def exp(self) -> "Tensor":
        """Take the exponential of every entry."""
        y = np.exp(self.data)
        return Tensor(y, [(self, lambda g: g * y)])

    def log(self) -> "Tensor":
        """Take the natural logarithm of every entry."""
        a = self.data
        return Tensor(np.log(a), [(self, lambda g: g / a)])

    def relu(self) -> "Tensor":
        """Replace negative entries by 0; the slope at 0 is 0."""
        a = self.data
        return Tensor(np.maximum(a, 0), [(self, lambda g: np.where(a <= 0, 0, g))])

    def sum(self, axis: int | None = None, keepdims: bool = False) -> "Tensor":
        """Add up all entries, or those along one axis."""
        a = self.data

        def spread(g: Any) -> Any:
            g = g if axis is None or keepdims else np.expand_dims(g, axis)
            return np.broadcast_to(g, a.shape)

        return Tensor(a.sum(axis=axis, keepdims=keepdims), [(self, spread)])

    def mean(self, axis: int | None = None, keepdims: bool = False) -> "Tensor":
        """Average all entries, or those along one axis."""
        n = self.data.size if axis is None else self.data.shape[axis]
        return self.sum(axis, keepdims) / n

    def log_softmax(self) -> "Tensor":
        """Take the logarithm of the softmax along the last axis, without overflow."""
        z = self.data - self.data.max(axis=-1, keepdims=True)
        y = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        return Tensor(
            y, [(self, lambda g: g - np.exp(y) * g.sum(axis=-1, keepdims=True))]
        )

    # With it, NumPy leaves `array + tensor` to `Tensor.__radd__`.
    __array_ufunc__ = None
    __radd__ = __add__
    __rmul__ = __mul__

    @_matrices
    def __rmatmul__(self, other: Any) -> "Tensor":
        """Multiply matrices, the first one a constant."""
        return Tensor(other @ self.data, [(self, lambda g: other.T @ g)])

    @_constant
    def __pow__(self, n: float) -> "Tensor":
        """Raise to a constant power."""
        a = self.data
        return Tensor(a**n, [(self, lambda g: g * (n * a ** (n - 1)) if n else 0 * g)])

    def __neg__(self) -> "Tensor":
        """Change the sign."""
        return self * -1.0

    def __sub__(self, other: Any) -> "Tensor":
        """Subtract."""
        a, b = self.data, self.value(other)
        return Tensor(a - b, [(self, lambda g: g), (other, lambda g: -g)])

    def __rsub__(self, other: Any) -> "Tensor":
        """Subtract from a constant."""
        return -self + other

    def __truediv__(self, other: Any) -> "Tensor":
        """Divide elementwise."""
        a, b = self.data, self.value(other)
        y = a / b
        return Tensor(y, [(self, lambda g: g / b), (other, lambda g: -g * (y / b))])

    def __rtruediv__(self, other: Any) -> "Tensor":
        """Divide a constant, or a node that is no Tensor, by this one."""
        a, b = self.value(other), self.data
        y = a / b
        return Tensor(y, [(self, lambda g: -g * (y / b)), (other, lambda g: g / b)])

    def __repr__(self) -> str:
        """Show the numbers."""
        return f"Tensor({self.data})"
