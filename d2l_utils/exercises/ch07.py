"""Back-propagation."""

import itertools

import numpy as np

import d2l_utils as d2l

from .exercise import Exercise
from .expect import expect, refuse

ex = Exercise(
    "07.slopes_by_hand",
    hints=[
        "Forward first: what are `a * b`, `a * b + c` and `L`?",
        """Backward: L is a product. The slope at `a * b + c` is the other factor, the
        outer `a`, and `c` gets it one for one.""",
        """`a` is used twice: once outside, where its slope is `a * b + c`, and once
        inside, through `a * b`. Add the two shares.""",
    ],
    explanation="""Forward: ab = 6, ab + c = 10, L = 20. The slope at ab + c is the
        outer a, 2. So c gets 2, and b gets 2 · a = 4. The inner a gets 2 · b = 6, the
        outer one 10, which makes 16.""",
)
ex.value(slopes=[16, 4, 2])


@ex.check("the slopes of (ab + c) a at a = 2, b = 3, c = 4")
def _(answer):
    outer, inner = 10, 6
    both = outer + inner
    fork = "`a` is used in two places, and each use gives it a share."
    expect(
        answer,
        [both, 4, 2],
        shown="three other numbers: the slopes in a, in b and in c",
        mistakes=[
            ([outer, 4, 2], f"In a, 10 is the share of the outer use alone. {fork}"),
            ([inner, 4, 2], f"In a, 6 is the share that comes through ab. {fork}"),
            ([outer * inner, 4, 2], "The shares of a fork add up."),
            ([both, 6, 2], "In b: the local slope of ab is the *other* factor."),
            ([both, 4, 1], "In c: c is added, and then multiplied by the outer a."),
            (
                [outer + 3, 2, 1],
                "On the way to ab and to c the slope passes the outer factor a: "
                "multiply by it.",
            ),
            (
                [both, 2, 1],
                "The slope at ab + c is not 1: L is a product, and a is its other "
                "factor.",
            ),
            *(
                (other, "The right numbers, in the wrong order.")
                for other in itertools.permutations([both, 4, 2])
            ),
        ],
        tip="Write the value above each box first. Then walk back from L with slope 1.",
    )


ex.wrong([10, 4, 2], says="the share of the outer use alone")
ex.wrong([6, 4, 2], says="the share that comes through ab")
ex.wrong([60, 4, 2], says="shares of a fork add up")
ex.wrong([16, 6, 2], says="*other* factor")
ex.wrong([13, 2, 1], says="passes the outer factor")
ex.wrong([16, 2, 1], says="is not 1: L is a product")
ex.wrong([2, 4, 16], says="wrong order")
ex.wrong(20, says="3 numbers are wanted")
ex.right((16.0, 4.0, 2.0))
ex.right(np.array([16, 4, 2], dtype=np.float32))


# Who gets its slope from whom, in `order`.
USERS = {"L": "", "r": "L", "s": "L", "q": "r", "p": "qs"}

ex = Exercise(
    "07.order",
    hints=[
        "For each name, list the lines that use it. They must all come before it.",
        "`p` is used twice, in `q` and in `s`. Where can it stand?",
        "From the youngest to the oldest is always right.",
    ],
    explanation="""From the youngest to the oldest: L, s, r, q, p. It is not the only
        order: s may come anywhere after L and before p. But L is the first, q waits
        for r, and p waits for both q and s.""",
)
ex.value(order=["L", "s", "r", "q", "p"])


@ex.check("each name waits for all its shares")
def _(answer):
    if isinstance(answer, str):
        answer = "".join(x if x.isalpha() else " " for x in answer).split()
    if not isinstance(answer, list | tuple | np.ndarray):
        refuse("Write a list of five names, each in quotes.", got=answer)
    names = [str(name).strip() for name in answer]
    got = ", ".join(names)
    if any(name in ("a", "b", "c") for name in names):
        refuse("a, b and c are where the walk ends: they pass nothing on.", got=got)
    if unknown := [name for name in names if name not in USERS]:
        refuse(f"There is no `{unknown[0]}` among L, p, q, r and s.", got=got)
    if absent := [name for name in USERS if name not in names]:
        refuse(f"`{absent[0]}` is missing: it has slopes to pass on.", got=got)
    if len(names) > len(USERS):
        refuse("Each of the five passes its slope on once.", got=got)
    for place, name in enumerate(names):
        late = [user for user in USERS[name] if user not in names[:place]]
        if late and place == 0:
            refuse("At first only one slope is known: that of L in itself.", got=got)
        if late:
            refuse(
                f"`{name}` passes its slope on too early: its share from `{late[0]}` "
                "has not arrived.",
                got=got,
            )


ex.wrong(["p", "q", "r", "s", "L"], says="At first only one slope is known")
ex.wrong(["L", "r", "q", "p", "s"], says="`p` passes its slope on too early")
ex.wrong(["L", "s", "p", "r", "q"], says="its share from `q` has not arrived")
ex.wrong(["L", "q", "r", "s", "p"], says="its share from `r` has not arrived")
ex.wrong(["L", "r", "s", "q"], says="`p` is missing")
ex.wrong(["L", "r", "q", "p", "s", "p"], says="passes its slope on once")
ex.wrong(["L", "s", "r", "q", "p", "a"], says="they pass nothing on")
ex.wrong(["L", "s", "r", "q", "x"], says="There is no `x`")
ex.wrong(5, says="five names, each in quotes")
ex.right(["L", "r", "s", "q", "p"])
ex.right(("L", "r", "q", "s", "p"))
ex.right("L, s, r, q, p")
ex.right(np.array(["L", "s", "r", "q", "p"]))


ex = Exercise(
    "07.predict_overwriting",
    hints=[
        "Work out the two shares of x as in section 2. One is 20, the other 4.",
        "The walk goes from the youngest value to the oldest. Which share comes last?",
    ],
    explanation="""x + 3 is younger than x**2, so its share, 4, arrives first. Then the
        square's share, 20, is written over it. No error, only a wrong number: this is
        how such a bug lives for years.""",
)
ex.choice(
    {
        "a": "24 is the sum of the shares. Does `self.grad = grad` add anything?",
        "c": """That share does arrive. Is it the last one? Python makes x**2 before
            x + 3, and the walk goes from the youngest to the oldest.""",
        "d": "`receive` neither adds the two shares nor multiplies them.",
    },
    prediction="b",
)


ex = Exercise(
    "07.sum_back",
    hints=[
        "A value that is used many times gets a share from each use. Add them up.",
        """First the axes that the value does not have: there are
        `g.ndim - len(shape)` of them, in front.""",
        """Then the axes where `shape` has a 1 but `g` has more: sum along them with
        `keepdims=True`.""",
    ],
    explanation="""NumPy repeats a value along axes that it lacks, in front, and along
        those where its length is 1. The slopes are summed along just these. axis=()
        sums along no axis at all, so nothing needs an if.""",
)


@ex.solution
def sum_to_shape(g, shape):
    """Sum the slopes g of a result to those of a value that NumPy had repeated.

    g is an array; shape is the shape of the value before it was repeated.
    """
    # BEGIN SOLUTION
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    single = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=single, keepdims=True)
    # END SOLUTION


@ex.check("a bias of shape (2,), added to four rows")
def _(answer):
    g = np.arange(8.0).reshape(4, 2) ** 2 - 10
    expect(
        answer(g.copy(), (2,)),
        g.sum(axis=0),
        mistakes=[
            (g.mean(axis=0), "That is the mean. Shares add up."),
            (g[0], "That is the first row: the share of one use. There are four."),
            (g[-1], "That is the last row: the share of one use. There are four."),
            (g.sum(axis=1), "Summed along the wrong axis. The rows were repeated."),
            (g.sum(), "That adds up too much: the value has two entries."),
            (g.sum(axis=0, keepdims=True), "Here `keepdims` leaves an axis too many."),
        ],
        tip="Each of the two entries was used in four rows: add its four shares.",
    )


@ex.check("a column of shape (4, 1), repeated twice to the right")
def _(answer):
    g = np.arange(8.0).reshape(4, 2) ** 2 - 10
    expect(
        answer(g.copy(), (4, 1)),
        g.sum(axis=1, keepdims=True),
        mistakes=[
            (g.sum(axis=1), "The numbers fit, but the axis is lost. Keep it."),
            (g, "The axis of length 1 was repeated, too. Sum along it."),
            (g.sum(axis=0), "This time the rows are its own. What was repeated?"),
            (g.mean(axis=1, keepdims=True), "That is the mean. Shares add up."),
            (g[:, :1], "That is the first column: the share of one use. Add both."),
        ],
        tip="Each of the four entries was used in two columns: add its two shares.",
    )


@ex.check("several axes at once, or none")
def _(answer):
    g = np.arange(40.0).reshape(5, 4, 2) ** 2
    both = g.sum(axis=(0, 2)).reshape(4, 1)
    expect(
        answer(g.copy(), (4, 1)),
        both,
        mistakes=[
            (g.sum(axis=0), "From (5, 4, 2) to (4, 1), the last axis is left over."),
            (g.sum(axis=2), "From (5, 4, 2) to (4, 1), the first axis is left over."),
        ],
        tip="This was from (5, 4, 2) to (4, 1): two axes are to be summed.",
    )
    expect(
        answer(g.copy(), (2,)),
        g.sum(axis=(0, 1)),
        tip="From (5, 4, 2) to (2,), two axes in front are to be summed.",
    )
    expect(answer(g.copy(), ()), g.sum(), tip="This was a single number, shape ().")
    expect(
        answer(g.copy(), g.shape),
        g,
        mistakes=[(g.sum(), "Nothing was repeated here: nothing is to be summed.")],
        tip="Nothing was repeated here: the slopes stay as they are.",
    )
    g = np.random.default_rng(0).normal(size=(3, 2, 3, 3))
    tip = "What counts is the place of an axis, from the back, not its length."
    try:
        got = answer(g[0, 0].copy(), (3,))
    except (ValueError, IndexError) as error:
        refuse(f"This was from (3, 3) to (3,). {tip} {type(error).__name__}: {error}")
    expect(got, g[0, 0].sum(axis=0), tip=f"This was from (3, 3) to (3,). {tip}")
    expect(
        answer(g.copy(), (1, 3, 1)),
        g.sum(axis=(0, 1, 3)).reshape(1, 3, 1),
        mistakes=[
            (
                g.sum(axis=(0, 1)).reshape(1, 3, 3),
                "From (3, 2, 3, 3) to (1, 3, 1), the last axis is left over.",
            ),
            (
                g.sum(axis=(0, 3)).reshape(2, 3, 1),
                "From (3, 2, 3, 3) to (1, 3, 1), the axis of length 2 is left over.",
            ),
        ],
        tip="This was from (3, 2, 3, 3) to (1, 3, 1): three axes are to be summed.",
    )


@ex.wrong(says="That is the mean")
def mean_for_sum(g, shape):
    return g.mean(axis=0)


@ex.wrong(says="the share of one use")
def first_row(g, shape):
    return g[0]


@ex.wrong(says="This time the rows are its own")
def always_the_first_axis(g, shape):
    return g.sum(axis=0)


@ex.wrong(says="The axis of length 1 was repeated, too")
def axes_in_front_only(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    return g


@ex.wrong(says="the axis is lost")
def lost_an_axis(g, shape):
    extra = g.ndim - len(shape)
    single = [extra + i for i, n in enumerate(shape) if n == 1]
    return g.sum(axis=(*range(extra), *single))


@ex.wrong(says="nothing is to be summed")
def none_means_all(g, shape):
    extra = g.ndim - len(shape)
    single = [extra + i for i, n in enumerate(shape) if n == 1]
    axes = (*range(extra), *single)
    if not axes:
        return g.sum()
    return g.sum(axis=axes).reshape(shape)


@ex.wrong(says="two axes in front are to be summed")
def one_axis_in_front(g, shape):
    if shape == ():
        return g.sum()
    if g.ndim > len(shape):
        g = g.sum(axis=0)
    return g.sum(axis=tuple(np.flatnonzero(np.equal(shape, 1))), keepdims=True)


@ex.wrong(says="the axis of length 2 is left over")
def last_axis_only(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    if shape and shape[-1] == 1:
        g = g.sum(axis=-1, keepdims=True)
    return g


@ex.wrong(says="not its length")
def by_lengths(g, shape):
    axes = tuple(i for i, n in enumerate(g.shape) if n not in shape)
    return g.sum(axis=axes).reshape(shape)


@ex.right
def with_torch(g, shape):
    import torch

    return torch.tensor(g).sum_to_size(shape)


@ex.right
def by_the_machine(g, shape):
    value = d2l.Tensor(np.zeros(shape))
    ((value + np.zeros(g.shape)) * g).sum().backward()
    return value.grad


@ex.right
def slow_and_plain(g, shape):
    total = np.zeros(shape)
    for place in np.ndindex(g.shape):
        own = place[g.ndim - len(shape) :]
        first = tuple(min(i, n - 1) for i, n in zip(own, shape, strict=True))
        total[first] += g[place]
    return total


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
            "The edges are a list of pairs, even if there is only one: `[(z, rule)]`. "
            f"TypeError: {error}"
        )
    if isinstance(got, np.ndarray):
        refuse(
            "An array forgets where it came from. Put it into a `d2l.Tensor`.",
            expected="a d2l.Tensor",
            got=got,
        )
    if got is not None and not isinstance(got, d2l.Tensor):
        why = "Return a `d2l.Tensor`."
        if hasattr(got, "edges"):
            why += " This is one of the classes built on this page."
        refuse(why, expected="a d2l.Tensor", got=got)
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


ex = Exercise(
    "07.slopes_of_scores",
    hints=[
        "Section 8: probability minus target, for every row.",
        "The target of a row is 1 at its class: `np.eye(n)` has such rows.",
        """With `p = d2l.softmax(scores)`: subtract 1 at `p[i, labels[i]]` for every
        row i, and divide by the number of rows.""",
    ],
    explanation="""Probability minus target, a row for each picture. The loss is a mean
        over the rows, so each slope is divided by their number. np.eye(n)[labels] is
        the table of targets.""",
)


@ex.solution
def slopes_of_scores(scores, labels):
    """Compute the slopes in the scores of the mean cross entropy of a batch.

    scores is an array with a row for each picture and a column for each class;
    labels[i] is the right class of row i, a whole number from 0.
    """
    # BEGIN SOLUTION
    targets = np.eye(scores.shape[1])[labels]
    return (d2l.softmax(scores) - targets) / len(scores)
    # END SOLUTION


SCORES = np.array([[1.0, -0.5, 0.2, 2.0], [0.3, 0.1, -1.0, 0.7], [2.0, 1.0, 0.5, 0.0]])
LABELS = np.array([2, 0, 3])


@ex.check("three pictures, four classes")
def _(answer):
    n, classes = SCORES.shape
    targets = np.eye(classes)[LABELS]
    p = d2l.softmax(SCORES)
    right = (p - targets) / n
    in_every_row = p.copy()
    in_every_row[:, LABELS] -= 1
    flat = np.exp(SCORES)
    expect(
        answer(SCORES.copy(), LABELS.copy()),
        right,
        mistakes=[
            (
                right * n,
                "These are slopes of the sum. The loss is the mean over the pictures.",
            ),
            (right * n / classes, "Divided by the classes. A mean over the pictures!"),
            (right * n / p.size, "Divided by all entries. A mean over the pictures!"),
            (-right, "The sign: probability minus target, not the other way around."),
            (-right * n, "Probability minus target; and the loss is a mean."),
            (p / n, "These are the probabilities. Minus the target!"),
            (p, "These are the probabilities. Minus the target!"),
            (
                (p - LABELS[:, None]) / n,
                "A label is the number of a class. The target has a 1 at that class.",
            ),
            (
                p - LABELS[:, None],
                "A label is the number of a class. The target has a 1 at that class.",
            ),
            (
                in_every_row / n,
                "`p[:, labels]` means these columns in *every* row. Each row has its "
                "own class.",
            ),
            (
                (flat / flat.sum(axis=0) - targets) / n,
                "The softmax went down the columns. Each row is one picture.",
            ),
            (
                (flat / flat.sum() - targets) / n,
                "The softmax went over the whole table. Each row is one picture.",
            ),
            ((SCORES - targets) / n, "The scores are no probabilities yet: softmax."),
        ],
        tip="Probability minus target, for the mean over the pictures.",
    )
    labels = np.array([1, 0, 1])
    tip = "Here two pictures are of class 1, and none of the last class, 3."
    try:
        got = answer(SCORES.copy(), labels.copy())
    except (IndexError, ValueError) as error:
        refuse(f"{tip} {type(error).__name__}: {error}")
    expect(got, (p - np.eye(classes)[labels]) / n, tip=tip)


@ex.check("the scores that it was given stay as they are")
def _(answer):
    scores, labels = SCORES.copy(), LABELS.copy()
    answer(scores, labels)
    if np.any(scores != SCORES) or np.any(labels != LABELS):
        refuse(
            "Your code changed its input. `-=` and `/=` write into the very array "
            "that they are given: `z = z - ...` makes a new one.",
            expected="the same scores and labels after the call",
            got="other numbers",
        )


@ex.check("scores as large as 1000")
def _(answer):
    scores = np.array([[0.0, 1000.0], [-1000.0, 0.0]])
    expect(
        answer(scores, np.array([0, 1])),
        [[-0.5, 0.5], [0, 0]],
        mistakes=[
            ([[-1 / 3, 1 / 3], [0, 0]], "Here are two pictures. Is a 3 in your code?")
        ],
        tip="`exp(1000)` is infinite. `d2l.softmax` first subtracts from each row its "
        "largest score.",
    )


@ex.wrong(says="These are slopes of the sum")
def no_mean(scores, labels):
    targets = np.eye(scores.shape[1])[labels]
    return d2l.softmax(scores) - targets


@ex.wrong(says="not the other way around")
def turned_round(scores, labels):
    targets = np.eye(scores.shape[1])[labels]
    return (targets - d2l.softmax(scores)) / len(scores)


@ex.wrong(says="A label is the number of a class")
def not_one_hot(scores, labels):
    return (d2l.softmax(scores) - labels.reshape(-1, 1)) / len(scores)


@ex.wrong(says="Each row has its own class")
def in_every_row(scores, labels):
    p = d2l.softmax(scores)
    p[:, labels] -= 1
    return p / len(scores)


@ex.wrong(says="The softmax went down the columns")
def wrong_axis(scores, labels):
    e = np.exp(scores)
    targets = np.eye(scores.shape[1])[labels]
    return (e / e.sum(axis=0) - targets) / len(scores)


@ex.wrong(says="Divided by all entries")
def mean_of_all(scores, labels):
    targets = np.eye(scores.shape[1])[labels]
    return (d2l.softmax(scores) - targets) / scores.size


@ex.wrong(says="Your code changed its input")
def into_the_scores(scores, labels):
    scores -= scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


@ex.wrong(says="none of the last class")
def as_many_classes_as_labels(scores, labels):
    targets = np.eye(labels.max() + 1)[labels]
    return (d2l.softmax(scores) - targets) / len(scores)


@ex.wrong(says="first subtracts from each row")
def largest_of_the_table(scores, labels):
    e = np.exp(scores - scores.max())
    targets = np.eye(scores.shape[1])[labels]
    return (e / e.sum(axis=1, keepdims=True) - targets) / len(scores)


@ex.wrong(says="first subtracts from each row")
def overflow(scores, labels):
    e = np.exp(scores)
    targets = np.eye(scores.shape[1])[labels]
    return (e / e.sum(axis=1, keepdims=True) - targets) / len(scores)


@ex.right
def one_in_each_row(scores, labels):
    p = d2l.softmax(scores)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


@ex.right
def row_by_row(scores, labels):
    rows = []
    for z, label in zip(scores, labels, strict=True):
        row = d2l.softmax(z).tolist()
        row[label] -= 1
        rows.append([slope / len(scores) for slope in row])
    return rows


@ex.right
def backward_in_float32(scores, labels):
    import torch

    z = torch.tensor(scores, dtype=torch.float32, requires_grad=True)
    torch.nn.functional.cross_entropy(z, torch.tensor(labels)).backward()
    return z.grad


@ex.right
def by_our_machine(scores, labels):
    z = d2l.Tensor(scores)
    targets = np.eye(scores.shape[1])[labels]
    (-(z.log_softmax() * targets).sum() / len(scores)).backward()
    return z.grad


ex = Exercise(
    "07.mend_the_walk_back",
    hints=[
        """Ask the judge which slopes are wrong, with small random arrays:
        `d2l.numerical_gradient(lambda W: two_layers(X, t, W, b1, W2, b2)[0], W1)`.""",
        "Every gradient has the shape of its parameter. `b2` has no row per picture.",
        "Back through `Y = X @ W` to X: section 5 says `G @ W.T`.",
        "Relu stops the slope where its *input*, `z1`, was not positive.",
    ],
    explanation="""The bias b2 was added to every row: db2 is the sum of its shares.
        Through a product the slopes go back with the transposed matrix. And relu lets
        through where z1 was positive, whatever the sign of the slope.""",
)


@ex.stub
def two_layers(X, t, W1, b1, W2, b2):
    """Compute the loss of a network, and its slopes in W1, b1, W2 and b2."""
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.sum(t * np.log(p)) / len(X)

    dz2 = (p - t) / len(X)
    dW2 = h.T @ dz2
    db2 = dz2
    dh = dz2 @ W2
    dz1 = dh * (dh > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return loss, [dW1, db1, dW2, db2]


BROKEN = two_layers


@ex.solution
def two_layers(X, t, W1, b1, W2, b2):
    """Compute the loss of a network, and its slopes in W1, b1, W2 and b2."""
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.sum(t * np.log(p)) / len(X)

    dz2 = (p - t) / len(X)
    dW2 = h.T @ dz2
    db2 = dz2.sum(axis=0)
    dh = dz2 @ W2.T
    dz1 = dh * (z1 > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return loss, [dW1, db1, dW2, db2]


MENDED = two_layers


def _network(inputs, hidden, classes, n=5):
    """A few pictures with their targets, and the parameters of a network."""
    rng = np.random.default_rng(1)
    X, t = rng.normal(size=(n, inputs)), np.eye(classes)[rng.integers(classes, size=n)]
    W1, W2 = rng.normal(size=(inputs, hidden)), rng.normal(size=(hidden, classes))
    return X, t, W1, rng.normal(size=hidden), W2, rng.normal(size=classes)


def _loss_and_slopes(answer, *sizes):
    """What an answer gives; it must be a number and four arrays."""
    inputs = _network(*sizes)
    got = answer(*inputs)
    for name, now, before in zip(
        ["X", "t", "W1", "b1", "W2", "b2"], inputs, _network(*sizes), strict=True
    ):
        if np.any(now != before):
            refuse(f"Your code changed `{name}`. Compute the slopes; take no step.")
    pair = isinstance(got, list | tuple) and len(got) == 2
    if not (pair and isinstance(got[1], list | tuple) and len(got[1]) == 4):
        refuse("Return the loss and a list of four gradients, as before.", got=got)
    return got


@ex.check("the loss, and its slopes in W2 and b2")
def _(answer):
    inputs = _network(4, 3, 3)
    loss, (_, _, dW2, db2) = MENDED(*inputs)
    got, slopes = _loss_and_slopes(answer, 4, 3, 3)
    expect(got, loss, tip="The way forward was right. Leave it as it was.")
    n = len(inputs[0])
    expect(
        slopes[2],
        dW2,
        mistakes=[(dW2 * n, "In W2: the loss is a mean over the pictures.")],
        tip="This is the slope in W2, which was right.",
    )
    X, t, W1, b1, W2, b2 = inputs
    each = (d2l.softmax(np.maximum(X @ W1 + b1, 0) @ W2 + b2) - t) / n
    expect(
        slopes[3],
        db2,
        mistakes=[
            (each, "In b2: a row for each picture. But b2 was added to every row."),
            (db2 / n, "In b2: the mean over the rows. Shares add up."),
            (each[0], "In b2: the share of one picture. Add the shares of all."),
            (each.sum(axis=1), "In b2: summed along the wrong axis."),
        ],
        tip="This is the slope in b2.",
    )


@ex.check("its slopes in W1 and b1")
def _(answer):
    X, t, W1, b1, W2, b2 = _network(4, 3, 3)
    z1 = X @ W1 + b1
    dz2 = (d2l.softmax(np.maximum(z1, 0) @ W2 + b2) - t) / len(X)
    good, bad = dz2 @ W2.T, dz2 @ W2
    _, (dW1, db1, _, _) = MENDED(X, t, W1, b1, W2, b2)
    turn = "Through `h @ W2` the slopes go back with W2 transposed: look at `dh`."
    mask = "Relu stops the slope where its *input* was negative: look at `dz1`."
    _, slopes = _loss_and_slopes(answer, 4, 3, 3)
    expect(
        slopes[0],
        dW1,
        mistakes=[
            (X.T @ (bad * (z1 > 0)), turn),
            (X.T @ (good * (good > 0)), mask),
            (
                BROKEN(X, t, W1, b1, W2, b2)[1][0],
                "Two lines are wrong still: `dh` and `dz1`.",
            ),
            (X.T @ good, "Relu has no part in it any more: look at `dz1`."),
            (X.T @ bad, f"Relu has no part in it any more. {turn}"),
            (X.T @ (good * (z1 < 0)), "The slopes are stopped at the wrong places."),
        ],
        tip="This is the slope in W1: it depends on `dh` and on `dz1`.",
    )
    expect(
        slopes[1],
        db1,
        mistakes=[(db1 / len(X), "In b1: the mean over the rows. Shares add up.")],
        tip="This is the slope in b1, where the last line was right.",
    )
    other = _network(2, 6, 3, 7)
    for name, got, right in zip(
        ["W1", "b1", "W2", "b2"],
        _loss_and_slopes(answer, 2, 6, 3, 7)[1],
        MENDED(*other)[1],
        strict=True,
    ):
        tip = f"This is the slope in {name}, for 7 pictures and 6 hidden units."
        expect(got, right, tip=tip)


@ex.wrong(says="`dh` and `dz1`")
def bias_only(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.sum(t * np.log(p)) / len(X)

    dz2 = (p - t) / len(X)
    dW2 = h.T @ dz2
    db2 = dz2.sum(axis=0)
    dh = dz2 @ W2
    dz1 = dh * (dh > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return loss, [dW1, db1, dW2, db2]


@ex.wrong(says="b2 was added to every row")
def all_but_the_bias(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dz1 = dz2 @ W2.T * (z1 > 0)
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2]


@ex.wrong(says="In b2: the mean over the rows")
def mean_for_sum_in_the_bias(X, t, W1, b1, W2, b2):
    loss, (dW1, db1, dW2, db2) = MENDED(X, t, W1, b1, W2, b2)
    return loss, [dW1, db1, dW2, db2 / len(X)]


@ex.wrong(says="with W2 transposed")
def not_transposed(X, t, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dz1 = dz2 @ W2 * (z1 > 0)
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2.sum(axis=0)]


@ex.wrong(says="where its *input* was negative")
def mask_of_the_slopes(X, t, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dh = dz2 @ W2.T
    dz1 = np.maximum(dh, 0)
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2.sum(axis=0)]


@ex.wrong(says="Relu has no part in it any more")
def no_mask(X, t, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    p = d2l.softmax(h @ W2 + b2)
    dz2 = (p - t) / len(X)
    dz1 = dz2 @ W2.T
    loss = -np.sum(t * np.log(p)) / len(X)
    return loss, [X.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2.sum(axis=0)]


@ex.wrong(says="take no step")
def takes_a_step(X, t, W1, b1, W2, b2):
    loss, slopes = MENDED(X, t, W1, b1, W2, b2)
    W1 -= 0.1 * slopes[0]
    return loss, slopes


@ex.right
def mask_of_h(X, t, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    p = d2l.softmax(h @ W2 + b2)
    loss = -np.mean(np.log(p[t == 1]))
    dz2 = (p - t) / len(X)
    dz1 = np.where(h > 0, (W2 @ dz2.T).T, 0)
    ones = np.ones(len(X))
    return loss, (X.T @ dz1, ones @ dz1, h.T @ dz2, ones @ dz2)


@ex.right
def with_our_machine(X, t, W1, b1, W2, b2):
    params = [d2l.Tensor(value) for value in (W1, b1, W2, b2)]
    W1, b1, W2, b2 = params
    scores = (X @ W1 + b1).relu() @ W2 + b2
    loss = -(scores.log_softmax() * t).sum() / len(X)
    loss.backward()
    return loss.data, [param.grad for param in params]


@ex.right
def with_autograd(X, t, W1, b1, W2, b2):
    import torch

    params = [torch.tensor(value, requires_grad=True) for value in (W1, b1, W2, b2)]
    W1, b1, W2, b2 = params
    scores = torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(t))
    loss.backward()
    return loss, [param.grad for param in params]
