"""What of Python, NumPy and PyTorch the lessons use, and where each is explained.

    python chapters/explained.py [NAME ...]

A lesson explains what it names in code style: in its box *New Python here*, or in a
sentence. Code that is folded, as it only draws, is left aside.
"""

import ast
import builtins
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

import lesson_list
import lesson_text
from lengths import EXERCISES

CHAPTERS = Path(__file__).resolve().parent

# What "a little Python" is: a reader brings it along.
KNOWN_BUILTINS = {"print", "range", "len", "int", "float", "str", "list"}
KNOWN_METHODS = {"append"}
# What stops with an error names it; `raise` and `except` are explained.
ERRORS = {name for name in vars(builtins) if name.endswith("Error")}
# Modules whose functions are explained by their full names; nn is torch.nn, dist is
# torch.distributed.
MODULES = {"np", "torch", "nn", "dist", "keras", "math"}

# What else the lessons use of Python: how it is seen in code, and in an explanation.
SYNTAX = {
    "lambda": r"\blambda\b",
    "[… for … in …]": r"\[[^`]*\bfor\b[^`]*\bin\b",
    "{… for … in …}": r"\{[^`]*\bfor\b[^`]*\bin\b",
    "(… for … in …)": r"\w\([^`]*\bfor\b[^`]*\bin\b",
    "yield": r"\byield\b",
    "with": r"\bwith \w+[.(]",
    "class": r"\bclass\b \w",
    "class A(B)": r"class \w+\(\w+",
    "@decorator": r"@\w+",
    "try": r"\btry\b",
    "raise": r"\braise\b",
    "while": r"\bwhile\b",
    "break": r"\bbreak\b",
    "continue": r"\bcontinue\b",
    "a if b else c": r"\bif\b[^`]*\belse\b",
    "nonlocal": "nonlocal",
    "global": "global",
    ":=": ":=",
    "*names": r"(?<![\w)*\s])\*[a-z]\w*",
    "**names": r"(?<![\w)])\*\*[a-z]\w*",
    "for a, b in": r"\bfor \(?\w+, \w+",
    "a, b =": r"\w+, \w+ = |return \w+, \w+",
    "name=default": r"\w+\([^`]*\w+=[^`]+\)|\w+=[\w.]+",
    "-=": r"[-+*/]=",
    "assert": r"\bassert\b",
    "@": r"@",
    "//": "//",
    "%": r" % ",
    "1e-4": r"\de-?\d",
    "1_000": r"\d_\d",
    "dict": r"\{[^`{}]*: |\bdict\b",
    "set": r"\{\w+\}|\{\w+, |set\(",
    "a[start:stop]": r"\[[^`\]]*:[^`\]]*\]",
    "a[:, j]": r"\[[^`\]]*,[^`\]]*\]",
    "a[start:stop:step]": r"\[[^`\]]*:[^`\]]*:[^`\]]*\]",
    "a[-1]": r"\[[^`\]]*-1[^`\]]*\]",
    "{x:.3f}": r":[^`]*\.\d[^`]*f\b",
    "{x:.0e}": r":[^`]*\.\d[^`]*e\b",
    "{x:.1%}": r":[^`]*\.\d[^`]*%",
    "{x:,}": r":[^`]*,",
    "{x:6}": r"\{[^`]*:[<>]?\d+[^`]*\}",
    "{x:<6}": r"\{[^`]*:[<>]\d*[^`]*\}",
    "operator method": r"__\w+__",
    "__init__": "__init__",
}


class Place(NamedTuple):
    """Where a cell stands: the lesson, the number of the cell, and its heading."""

    lesson: str
    cell: int
    heading: str
    in_exercises: bool = False

    def __str__(self):
        """As a sentence names it."""
        return f"{self.lesson[:2]}, cell {self.cell} ({self.heading})"


def dotted(node):
    """The name of an attribute of a module, such as np.linalg.solve; else none."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in MODULES and parts:
        return ".".join([node.id, *reversed(parts)])
    return None


def array_names():
    """What arrays and tensors are asked: .sum, .shape, .backward and others."""
    import numpy as np

    # Our own classes have these, too.
    own = {"count", "data", "update", "value"}
    kinds = (np.ndarray, dict, list, set, str)
    names = {name for kind in kinds for name in dir(kind) if not name.startswith("_")}
    tensors = "backward grad requires_grad detach numpy clone zero_ numel double float"
    return (names - own) | set(tensors.split())


METHODS = array_names()


def format_of(spec):
    """The constructs of what stands behind the colon in {x:…}."""
    text = "".join(part.value for part in spec.values if isinstance(part, ast.Constant))
    kinds = {"f": "{x:.3f}", "e": "{x:.0e}", "%": "{x:.1%}"}
    yield from (name for letter, name in kinds.items() if text.endswith(letter))
    if "," in text:
        yield "{x:,}"
    if re.match(r"[<>^]", text):
        yield "{x:<6}"
    elif re.match(r"[1-9]", text):
        yield "{x:6}"


def names_of(node, source):
    """The constructs that one node of a program is."""
    match node:
        case ast.Lambda():
            yield "lambda"
        case ast.ListComp():
            yield "[… for … in …]"
        case ast.SetComp() | ast.DictComp():
            yield "{… for … in …}"
        case ast.GeneratorExp():
            yield "(… for … in …)"
        case ast.Yield():
            yield "yield"
        case ast.With():
            yield "with"
        case ast.ClassDef():
            yield "class"
            if node.bases:
                yield "class A(B)"
        case ast.Try():
            yield "try"
        case ast.Raise():
            yield "raise"
        case ast.While():
            yield "while"
        case ast.Break():
            yield "break"
        case ast.Continue():
            yield "continue"
        case ast.IfExp():
            yield "a if b else c"
        case ast.Nonlocal():
            yield "nonlocal"
        case ast.Global():
            yield "global"
        case ast.NamedExpr():
            yield ":="
        case ast.Starred():
            yield "*names"
        case ast.For(target=ast.Tuple()) | ast.comprehension(target=ast.Tuple()):
            yield "for a, b in"
        case ast.Assign(targets=[ast.Tuple()]):
            yield "a, b ="
        case ast.AugAssign():
            yield "-="
        case ast.Assert():
            yield "assert"
        case ast.BinOp(op=ast.MatMult()):
            yield "@"
        case ast.BinOp(op=ast.FloorDiv()):
            yield "//"
        case ast.BinOp(op=ast.Mod()):
            yield "%"
        case ast.Dict():
            yield "dict"
        case ast.Set():
            yield "set"
        case ast.Constant(value=int() | float()):
            text = ast.get_source_segment(source, node) or ""
            if "e" in text and not text.startswith("0x"):
                yield "1e-4"
            if "_" in text:
                yield "1_000"
        case ast.FormattedValue(format_spec=ast.JoinedStr() as spec):
            yield from format_of(spec)
        case ast.Subscript():
            yield from index_of(node.slice)
        case ast.FunctionDef():
            if node.name == "__init__":
                yield "__init__"
            elif node.name.startswith("__"):
                yield "operator method"
            if node.args.vararg:
                yield "*names"
            if node.args.kwarg:
                yield "**names"
            if node.args.defaults or any(node.args.kw_defaults):
                yield "name=default"
            if node.decorator_list:
                yield "@decorator"
        case ast.Call():
            if any(keyword.arg is None for keyword in node.keywords):
                yield "**names"
            name = getattr(node.func, "id", None)
            if name in vars(builtins) and name not in KNOWN_BUILTINS | ERRORS:
                yield f"{name}()"
        case ast.Attribute():
            if dotted(node) is None and node.attr in METHODS - KNOWN_METHODS:
                yield f".{node.attr}"


def index_of(index):
    """The constructs of what stands in square brackets behind an array."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if len(parts) > 1:
        yield "a[:, j]"
    for part in parts:
        if isinstance(part, ast.Slice):
            yield "a[start:stop:step]" if part.step else "a[start:stop]"
        elif isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            yield "a[-1]"


def constructs(source):
    """Everything in a cell that somebody has to explain."""
    source = lesson_text.python(source)
    tree = ast.parse(source)
    inner = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node)
    }
    found = set()
    for node in ast.walk(tree):
        found |= set(names_of(node, source))
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            found |= {name for name in [dotted(node)] if name}
    return found


def pattern(construct):
    """How a construct is named: in code style in a text, or in a comment in code."""
    if construct in SYNTAX:
        inside = SYNTAX[construct]
    elif construct.endswith("()"):
        inside = rf"\b{construct[:-2]}\("
    elif construct == ".dtype":
        inside = r"\bdtype\b"
    elif construct.startswith("."):
        inside = rf"\{construct}\b"
    else:
        inside = rf"\b{re.escape(construct)}\b"
    return re.compile(inside)


def cells_in_order(chapters=CHAPTERS, language="en"):
    """The cells of all lessons in their order, with their places."""
    for lesson in lesson_list.read(chapters):
        path = chapters / language / f"{lesson.name}.ipynb"
        if not path.exists():  # as in the editions that lack it
            continue
        heading, in_exercises = "", False
        for number, cell in enumerate(json.loads(path.read_bytes())["cells"]):
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                titles = re.findall(r"^#+ (.*)$", source, re.MULTILINE)
                # What stands in a cell stands below its first heading.
                heading = titles[0] if titles else heading
                in_exercises |= bool(EXERCISES.search(source))
            yield Place(lesson.name, number, heading, in_exercises), cell, source
            if cell["cell_type"] == "markdown" and titles:
                heading = titles[-1]


def places(cells):
    """Where each construct is used first, and explained first: two dictionaries."""
    used, explained, prose, order = {}, {}, [], {}
    for place, cell, source in cells:
        order[place] = len(order)
        if cell["cell_type"] == "markdown":
            text = re.sub(
                r"```.*?```|^#+ [^\n]*$", "", source, flags=re.DOTALL | re.MULTILINE
            )
            text = "\n".join(re.findall(r"`([^`\n]+)`", text))
        elif "hide-input" in cell["metadata"].get("tags", []):
            continue
        else:
            text = "\n".join(re.findall(r"(?:^|  )# .*", source))
            for name in sorted(constructs(source)):
                used.setdefault(name, place)
        prose.append((place, text))
    for name, use in used.items():
        found = pattern(name)
        named = [place for place, text in prose if found.search(text)]
        # In time; then rather in the story than in an exercise. What stands directly
        # below a cell explains it, too.
        late = {place: order[place] > order[use] + 1 for place in named}
        named.sort(key=lambda place: (late[place], place.in_exercises))
        if named:
            explained[name] = named[0]
    return used, explained


def faults(cells):
    """What is used before it is explained, in sentences."""
    cells = list(cells)
    order = {place: number for number, (place, _, _) in enumerate(cells)}
    used, explained = places(cells)
    for name, use in used.items():
        if name not in explained:
            yield use, f"`{name}` is used in {use} and explained nowhere"
        # What stands directly below a cell explains it, too.
        elif order[explained[name]] > order[use] + 1:
            yield use, f"`{name}` is used in {use}, explained in {explained[name]}"


KINDS = {
    "Python": lambda name: name in SYNTAX or name.endswith("()"),
    "NumPy": lambda name: name.startswith("np."),
    "Of arrays and tensors": lambda name: name.startswith("."),
    "PyTorch": lambda name: name.startswith(("torch.", "nn.", "dist.")),
    "Others": lambda name: name.startswith(("keras.", "math.")),
}


def table(cells, root=""):
    """Where each construct is explained, as Markdown: a table for each kind."""
    _, explained = places(cells)
    parts = []
    for kind, belongs in KINDS.items():
        names = sorted(filter(belongs, explained), key=str.casefold)
        rows = [
            f"| `{name}` | [{place.lesson[:2]}]({root}{place.lesson}.ipynb) "
            f"{place.heading} |"
            for name, place in ((name, explained[name]) for name in names)
        ]
        if rows:
            head = ["", f"## {kind}", "", "| | lesson and section |", "|---|---|"]
            parts += [*head, *rows]
    return "\n".join(parts[1:])


def main():
    """Print what each lesson uses first, and where it is explained."""
    used, explained = places(cells_in_order())
    for name, use in used.items():
        if not sys.argv[1:] or use.lesson[:2] in sys.argv[1:]:
            print(f"{name:26} used {use}; explained {explained.get(name, '-')}")


if __name__ == "__main__":
    main()
