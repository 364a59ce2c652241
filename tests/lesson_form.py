"""The form that lessons have; each function says in sentences what is wrong."""

import ast
import re

import lesson_text

SETUP = "plt.style.use("
BOX = re.compile(r"^> \*\*New Python here\.\*\*.*\n(?:>.*\n)*", re.MULTILINE)
BOX_WORDS = 160
HEADINGS = ("## Exercises", "### Without a checker", "## Summary")
HEADINGS += ("## Where to go next",)
# The words before the first picture; and lines of a drawing that may be shown.
OPENING = 110
SMALL_DRAWING = 6
DRAWS = {"show", "explore"}


def code_cells(cells):
    """The code cells of a notebook: number of the cell, source, tags."""
    return [
        (number, lesson_text.python(cell.source), cell.metadata.get("tags", []))
        for number, cell in enumerate(cells)
        if cell.cell_type == "code"
    ]


def is_setup(source):
    """Whether a cell is the one that loads the tools."""
    return SETUP in source or "import d2l_utils" in source


def bound(tree):
    """The names that a cell gives a value, functions and imports included."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    return names


def needed(tree):
    """The names that a cell takes from those before it."""
    own = first_bound(tree)
    # A function looks its names up when it is called.
    inside = {
        id(name)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for name in ast.walk(function)
        if isinstance(name, ast.Name) and name.id in parameters(function) | own.keys()
    }
    changed = {id(node.target) for node in ast.walk(tree) if augments(node)}
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        if isinstance(node.ctx, ast.Load) or id(node) in changed
        if id(node) not in inside
        if own.get(node.id, LATEST) > (node.lineno, node.col_offset)
    }


LATEST = (10**9, 0)


def first_bound(tree):
    """Where each name of a cell gets its first value: line and column."""
    places = {}

    def note(names, place):
        for name in names:
            places[name] = min(place, places.get(name, LATEST))

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            # The right side is computed before the left one has its value.
            note(
                bound(node) - ({node.target.id} if augments(node) else set()), end(node)
            )
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            note({node.name}, (node.lineno, node.col_offset))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            note(bound(node), end(node))
        elif isinstance(node, ast.comprehension):
            # It stands behind what uses its variable.
            note(bound(node.target), (0, 0))
        elif isinstance(node, ast.For):
            note(bound(node.target), (node.target.lineno, node.target.col_offset))
        elif isinstance(node, ast.withitem) and node.optional_vars:
            note(bound(node.optional_vars), end(node.context_expr))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            note({node.name}, (node.lineno, node.col_offset))
    return places


def augments(node):
    """Whether a statement needs the old value of the name that it changes."""
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def end(node):
    """Where a piece of a program ends."""
    return node.end_lineno, node.end_col_offset


def parameters(function):
    """The names of the parameters of a function and what it binds."""
    every = function.args
    names = [*every.posonlyargs, *every.args, *every.kwonlyargs]
    names += [name for name in (every.vararg, every.kwarg) if name]
    inner = set()
    if isinstance(function, ast.FunctionDef):
        inner = set().union(*map(bound, function.body))
    return {name.arg for name in names} | inner


def folded_cells_that_do_more(cells):
    """Folded cells must only draw, and leave nothing to later cells."""
    faults, owner = [], {}
    for number, source, tags in code_cells(cells):
        tree = ast.parse(source)
        for name in sorted(needed(tree)):
            if owner.get(name) is not None:
                faults.append(
                    f"cell {number} needs {name!r}, which the folded cell "
                    f"{owner[name]} defines"
                )
        folded = "hide-input" in tags and not is_setup(source)
        owner |= dict.fromkeys(bound(tree), number if folded else None)
        if not folded:
            continue
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        words = {getattr(f, "attr", getattr(f, "id", "")).split("_")[0] for f in calls}
        if not words & DRAWS:
            faults.append(f"cell {number} is folded but draws nothing")
        if any(getattr(f, "id", "") == "print" for f in calls):
            faults.append(f"cell {number} is folded but prints")
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            faults.append(f"cell {number} is folded but asserts")
    return faults


def drawings_that_are_open(cells):
    """A drawing of more than a few lines is folded."""
    faults = []
    for number, source, tags in code_cells(cells):
        calls = [n.func for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
        names = {getattr(call, "attr", "") for call in calls}
        lines = sum(bool(line.strip()) for line in source.splitlines())
        is_open = {"subplots", "figure"} & names and "hide-input" not in tags
        if is_open and lines > SMALL_DRAWING:
            faults.append(f"cell {number} draws in {lines} lines and is not folded")
    return faults


def predictions_that_are_shown(cells):
    """The output of a cell that checks a prediction is folded."""
    return [
        f"cell {number} shows what is to be predicted"
        for number, source, tags in code_cells(cells)
        if re.search(r'check\("\d\d\.predict_', source) and "hide-output" not in tags
    ]


def markdown(cells):
    """All prose of a lesson."""
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def opening(cells):
    """The prose before the first cell that draws."""
    prose = []
    for cell in cells:
        if cell.cell_type == "markdown":
            prose.append(cell.source)
        elif not is_setup(cell.source):
            break
    return "\n".join(prose)


def openings_that_are_long(cells):
    """The first picture comes after a few lines."""
    words = len(opening(cells).split())
    if words > OPENING:
        return [f"{words} words before the first picture; {OPENING} may stand there"]
    return []


def parts_that_are_missing(cells):
    """A lesson has one box, and ends in the same parts in the same order."""
    text, faults = markdown(cells) + "\n", []
    boxes = BOX.findall(text)
    if len(boxes) != 1:
        faults.append(f"{len(boxes)} boxes 'New Python here'; a lesson has one")
    for box in boxes:
        if (words := len(re.findall(r"\b[A-Za-z]+\b", box))) > BOX_WORDS:
            faults.append(f"the box has {words} words; {BOX_WORDS} may stand there")
    places = [
        match.start() if (match := re.search(f"^{heading}", text, re.MULTILINE)) else -1
        for heading in HEADINGS
    ]
    for heading, place in zip(HEADINGS, places, strict=True):
        if place < 0:
            faults.append(f"no heading {heading!r}")
    if places != sorted(places):
        faults.append(f"the last parts are not in this order: {', '.join(HEADINGS)}")
    if "**You can now**" not in text:
        faults.append("it does not say what the reader can now do: '**You can now** …'")
    after = text[places[-1] :]
    if not re.search(r"\]\(\d\d_\w+\.ipynb", after):
        faults.append("the last part leads to no other lesson")
    if "](https://" not in after:
        faults.append("the last part leads to nothing outside of the course")
    return faults


def questions_without_an_answer(cells):
    """Each question without a checker is followed by a folded answer."""
    text = markdown(cells)
    found = re.search(
        r"^### Without a checker$(.*?)^## ", text, re.MULTILINE | re.DOTALL
    )
    if not found:
        return []
    questions = re.split(r"^\*\*(\d+)\.\*\*", found[1], flags=re.MULTILINE)
    numbers, bodies = questions[1::2], questions[2::2]
    faults = [] if numbers else ["no questions without a checker: '**1.** …'"]
    for number, body in zip(numbers, bodies, strict=True):
        if not re.search(r"<details>\s*<summary>.*?</details>", body, re.DOTALL):
            faults.append(f"question {number} without a checker has no folded answer")
    return faults


EVERY = (
    folded_cells_that_do_more,
    drawings_that_are_open,
    predictions_that_are_shown,
    openings_that_are_long,
    parts_that_are_missing,
    questions_without_an_answer,
)
