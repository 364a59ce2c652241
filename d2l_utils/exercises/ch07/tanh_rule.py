import math

import numpy as np

import d2l_utils as d2l

from ..errors import explained
from ..exercise import Exercise
from ..expect import expect, refuse

ex = Exercise(
    "07.tanh_rule",
    hints=[
        "Look at `exp` in section 7: a value, and one edge with its rule.",
        "The edge is `(z, rule)`; `rule` takes `g` and returns z's share of it.",
        "With `y = np.tanh(z.data)` the share is `g * (1 - y**2)`.",
    ],
    explanation="""The local derivative, 1 - y², is found from the value that was
        computed anyway. The rule multiplies it by g, the slope that comes from the
        right. Far out y is 1 or -1, and the slope 0.""",
)


@ex.solution
def tanh(z):
    """Compute tanh of a d2l.Tensor z, as a d2l.Tensor with one edge, to z."""
    # BEGIN SOLUTION
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * (1 - y**2))])
    # END SOLUTION


def _tanh_of(answer, z):
    """What a function of a Tensor gives, or why it cannot compute with one."""
    numbers = """NumPy does not know what to do with a `d2l.Tensor`. Its numbers are
        `z.data`: `np.tanh(z.data)`."""
    own = "A `Tensor` has no tanh yet: this is the one that you are to write."
    single = "`math.tanh` takes one number: `np.tanh` takes a whole array."
    pairs = "The edges are a list of pairs, even if there is only one: `[(z, rule)]`."
    shape = "z may have any shape, here one axis. `np.tanh` needs no loop."
    with explained(
        mistakes={
            "does not support ufuncs": numbers,
            "no attribute 'tanh'": own,
            "only 0-dimensional arrays": single,
            "only length-1 arrays": single,
            "not subscriptable": pairs,
            "'function' object is not iterable": pairs,
            "object is not iterable": shape,
        }
    ):
        return answer(z)


def _share_of(rule, result):
    """What a rule gives for slopes of 1, or why it cannot."""
    numbers = """The rule, too, computes with arrays: `z.data`, not z. Best with the
        value that is there already."""
    no_g = """A rule is handed one thing, g, the slope that comes from the right:
        `lambda g: ...`."""
    with explained(
        mistakes={
            "does not support ufuncs": numbers,
            "positional argument": no_g,
        }
    ):
        return rule(np.ones_like(result.data))


def _slopes_of(answer, numbers, weights):
    """The slopes of the weighted sum of what a function of a Tensor gives."""
    z = d2l.Tensor(numbers.copy())
    result = _tanh_of(answer, z)
    if sum(place is z for place, _ in result.edges) > 1:
        refuse("One edge is wanted: with two of them z gets its share twice.")
    for _, rule in result.edges:
        if not callable(rule):
            refuse("A rule is a function of the slope: `lambda g: ...`.")
        share = _share_of(rule, result)
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
    if z.grad is not None and not result.edges:
        refuse(
            """z.grad is not for you to write: nobody knows g yet. Hand a rule over, in
            an edge `(z, rule)`; the walk back calls it."""
        )
    if z.grad is None:
        refuse(
            """No slope arrived at z. Is there an edge `(z, rule)`? z itself comes
            first, a `d2l.Tensor`: the array `z.data` keeps no slope."""
        )
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
    got = _tanh_of(answer, z)
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
        _tanh_of(answer, d2l.Tensor(numbers[0])).data,
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
            (
                np.full_like(y, 1 - np.tanh(1) ** 2),
                "It is tanh of z, not of g, that the rule squares.",
            ),
            (1 / (1 - y**2), "Slopes along a path multiply; you divided."),
            (
                np.full_like(y, (1 - y**2).sum()),
                "Entry by entry: nothing is summed here.",
            ),
            (1 - y, "The slope is 1 - tanh²: a square is missing."),
            (y**2 - 1, "The sign: 1 - tanh², not tanh² - 1."),
            (y, "That is the value itself. Only exp is its own slope."),
            (y * (1 - y), "That is how the slope of the sigmoid goes."),
            (np.ones_like(y), "The slope went through unchanged."),
        ],
        tip="The local derivative is 1 - tanh².",
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


@ex.wrong(says="NumPy does not know what to do with a `d2l.Tensor`")
def tanh_of_the_tensor(z):
    return np.tanh(z)


@ex.wrong(says="The rule, too, computes with arrays")
def tanh_of_the_tensor_in_the_rule(z):
    return d2l.Tensor(np.tanh(z.data), [(z, lambda g: g * (1 - np.tanh(z) ** 2))])


@ex.wrong(says="the one that you are to write")
def asks_the_tensor(z):
    return z.tanh()


@ex.wrong(says="`np.tanh` takes a whole array")
def by_math(z):
    y = math.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * (1 - y**2))])


@ex.wrong(says="`np.tanh` needs no loop")
def loop_over_rows(z):
    y = np.array([[np.tanh(x) for x in row] for row in z.data])
    return d2l.Tensor(y, [(z, lambda g: g * (1 - y**2))])


@ex.wrong(says="`^` is not a power")
def caret(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * (1 - y ^ 2))])


@ex.wrong(says="a list of pairs")
def rule_for_a_list(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, lambda g: g * (1 - y**2))


@ex.wrong(says="A rule is handed one thing, g")
def rule_of_nothing(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda: 1 - y**2)])


@ex.wrong(says="z itself comes first")
def rule_first(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(lambda g: g * (1 - y**2), z)])


@ex.wrong(says="the array `z.data` keeps no slope")
def edge_to_the_numbers(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z.data, lambda g: g * (1 - y**2))])


@ex.wrong(says="One edge is wanted")
def two_edges(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * (1 - y**2))] * 2)


@ex.wrong(says="z.grad is not for you to write")
def writes_the_slope(z):
    y = np.tanh(z.data)
    z.grad = 1 - y**2
    return d2l.Tensor(y)


@ex.wrong(says="not of g, that the rule squares")
def tanh_of_g(z):
    return d2l.Tensor(np.tanh(z.data), [(z, lambda g: g * (1 - np.tanh(g) ** 2))])


@ex.wrong(says="you divided")
def divided(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g / (1 - y**2))])


@ex.wrong(says="nothing is summed here")
def summed(z):
    y = np.tanh(z.data)
    return d2l.Tensor(y, [(z, lambda g: g * np.sum(1 - y**2))])


@ex.wrong(says="It gave `None`")
def not_returned(z):
    d2l.Tensor(np.tanh(z.data), [(z, lambda g: g)])


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
