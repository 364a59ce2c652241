import numpy as np

import d2l_utils as d2l

from ..exercise import Exercise
from ..expect import expect, refuse, show_error

ex = Exercise(
    "07.tanh_rule",
    hints=[
        "Look at `exp` in section 6: a value, and one edge with its rule.",
        "The edge is `(z, rule)`; `rule` takes `g` and returns z's share of it.",
        "With `y = np.tanh(z.data)` the share is `g * (1 - y**2)`.",
    ],
    explanation="""The local slope, 1 - y², is found from the value that was computed
        anyway. The rule multiplies it by g, the slope that comes from the right. Far
        out y is 1 or -1, and the slope 0.""",
)


@ex.solution
def tanh(z):
    """Compute tanh of a d2l.Tensor z, as a d2l.Tensor with one edge, to z."""
    # BEGIN SOLUTION
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * (1 - y**2))])
    # END SOLUTION


def _slopes_of(answer, numbers, weights):
    """The slopes of the weighted sum of what a function of a Tensor gives."""
    z = d2l.Tensor(numbers.copy())
    result = answer(z)
    for _, rule in result.edges:
        if not callable(rule):
            refuse("A rule is a function of the slope: `lambda g: ...`.")
        share = rule(np.ones_like(result.data))
        if share is None:
            refuse("The rule gave `None`: is a `return` missing in it?")
        if isinstance(share, d2l.Tensor):
            refuse(
                "The rule should give an array. Compute it with arrays, such as "
                "`z.data`, not with a `d2l.Tensor`.",
                expected="an array",
                got=share,
            )
    (result * weights).sum().backward()
    if z.grad is None:
        refuse("No slope arrived at z. Is there an edge `(z, rule)`?")
    if not np.allclose(result.grad, weights):
        refuse(
            "The rule changed `g`, the slope at your result. `g *= ...` writes into "
            "the very array that it is given: return `g * ...`.",
            expected=np.full(numbers.shape, weights),
            got=result.grad,
        )
    return z.grad


@ex.check("its values")
def _(answer):
    numbers = np.array([[-1.0, 0.0, 2.0]])
    z = d2l.Tensor(numbers.copy())
    try:
        got = answer(z)
    except TypeError as error:
        if "not subscriptable" not in str(error):
            raise
        refuse(
            """The edges are a list of pairs, even if there is only one: `[(z, rule)]`.
            {error}""",
            error=show_error(error),
        )
    if isinstance(got, np.ndarray):
        refuse(
            "An array forgets where it came from. Put it into a `d2l.Tensor`.",
            expected="a d2l.Tensor",
            got=got,
        )
    if got is not None and not isinstance(got, d2l.Tensor):
        other = "Return a `d2l.Tensor`."
        own = """Return a `d2l.Tensor`. This is one of the classes built on this
            page."""
        message = own if hasattr(got, "edges") else other
        refuse(message, expected="a d2l.Tensor", got=got)
    expect(
        got.data if got is not None else None,
        np.tanh(numbers),
        mistakes=[(1 / (1 + np.exp(-numbers)), "That is the sigmoid.")],
        tip="`np.tanh(z.data)` gives the values.",
    )
    if np.any(z.data != numbers):
        refuse(
            "Your code changed `z.data`, which other rules may have kept: make a new "
            "array."
        )
    expect(
        answer(d2l.Tensor(numbers[0])).data,
        np.tanh(numbers[0]),
        tip="This time z was a row, an array with one axis.",
    )


@ex.check("its slopes")
def _(answer):
    numbers = np.array([[-1.0, 0.5, 2.0]])
    y = np.tanh(numbers)
    expect(
        _slopes_of(answer, numbers, 1.0),
        1 - y**2,
        mistakes=[
            (1 - numbers**2, "You squared z. It is the value, tanh(z), that counts."),
            (1 - y, "The slope is 1 - tanh²: a square is missing."),
            (y**2 - 1, "The sign: 1 - tanh², not tanh² - 1."),
            (y, "That is the value itself. Only exp is its own slope."),
            (y * (1 - y), "That is how the slope of the sigmoid goes."),
            (np.ones_like(y), "The slope went through unchanged."),
        ],
        tip="The local slope is 1 - tanh².",
    )


@ex.check("in the middle of a chain, where g is not 1")
def _(answer):
    numbers = np.array([[-1.0, 0.5, 2.0]])
    weights = np.array([[3.0, -1.0, 0.5]])
    local = 1 - np.tanh(numbers) ** 2
    expect(
        _slopes_of(answer, numbers, weights),
        weights * local,
        mistakes=[
            (local, "The rule forgets g. Slopes along a path multiply."),
            (
                weights - np.tanh(numbers) ** 2,
                "Here g was multiplied by 1 only. Parentheses: `g * (1 - ...)`.",
            ),
            (weights + local, "Slopes along a path multiply; they do not add up."),
        ],
        tip="The rule gets g, the slope that comes from the right.",
    )


@ex.check("far out, at -1000 and 1000")
def _(answer):
    numbers = np.array([-1000.0, 1000.0])
    tip = "`exp` of a large number is infinite. A rule of its own needs no `exp`."
    expect(answer(d2l.Tensor(numbers.copy())).data, [-1, 1], tip=tip)
    expect(_slopes_of(answer, numbers, 1.0), [0, 0], tip=tip)


@ex.wrong(says="It is the value, tanh(z), that counts")
def squared_z(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * (1 - z.data**2))])


@ex.wrong(says="An array forgets where it came from")
def array_only(z):
    return np.tanh(z.data)


@ex.wrong(says="No slope arrived at z")
def no_edge(z):
    return d2l.Tensor(np.tanh(z.data))


@ex.wrong(says="A rule is a function of the slope")
def slope_for_a_rule(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, 1 - y**2)])


@ex.wrong(says="Your code changed `z.data`")
def in_place(z):
    y = np.tanh(z.data, out=z.data)
    return d2l.Tensor(y, [(z, lambda g: g * (1 - y**2))])


@ex.wrong(says="Only exp is its own slope")
def copied_from_exp(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * y)])


@ex.wrong(says="The rule forgets g")
def forgot_g(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: 1 - y**2)])


@ex.wrong(says="Parentheses")
def no_parentheses(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * 1 - y**2)])


@ex.wrong(says="writes into the very array")
def slope_in_place(z):
    y = np.tanh(z.data)

    def rule(g):
        g *= 1 - y**2
        return g

    return d2l.Tensor(y, [(z, rule)])


@ex.wrong(says="a list of pairs, even if there is only one")
def no_list(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, (z, lambda g: g * (1 - y**2)))


@ex.wrong(says="The rule should give an array")
def tensor_in_the_rule(z):
    y = d2l.Tensor(np.tanh(z.data))
    return d2l.Tensor(y.data, [(z, lambda g: g * (1 - y**2))])


@ex.wrong(says="is a `return` missing in it?")
def rule_without_return(z):
    y = np.tanh(z.data)

    def rule(g):
        g * (1 - y**2)

    return d2l.Tensor(y, [(z, rule)])


@ex.wrong(says="A rule of its own needs no `exp`")
def from_operations(z):
    e = (2 * z).exp()
    return (e - 1) / (e + 1)


@ex.wrong(says="A rule of its own needs no `exp`")
def right_far_out_but_for_the_slope(z):
    return 1 - 2 / (1 + (2 * z).exp())


@ex.right
def with_cosh(z):
    cosh = np.cosh(np.clip(z.data, -300, 300))
    return d2l.Tensor(np.tanh(z.data), [(z, lambda g: g / cosh / cosh)])


@ex.right
def rule_with_a_name(z):
    result = d2l.Tensor(np.tanh(z.data))

    def rule(g):
        return g - g * result.data * result.data

    result.edges.append((z, rule))
    return result
