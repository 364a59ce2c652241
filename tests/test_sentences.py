"""What learners read is made of whole sentences, so that a catalog can hold them.

No sentence is glued together or formatted where it is written: values have named
places, which `fill` fills in.
"""

import ast
import re
import string
from pathlib import Path

import pytest

from d2l_utils import exercises

FOLDER = Path(exercises.__file__).parent
FILES = sorted([*FOLDER.glob("*.py"), *FOLDER.glob("ch*/*.py")])

# The arguments that are messages, whole sentences, and those that are shorter texts or
# values. `fill` makes them; the engine's own classes take what it has made.
MESSAGES = {"fill": [0], "refuse": [0], "Exercise": ["hints", "explanation"]}
MESSAGES |= {"choice": [0], "check": [0]}
MADE = {"Refusal": [0, 1, "expected", "got"], "Message": [1, 2]}
SHORT = ["shown", "expected", "got"]
NOT_PLACES = {"rtol", "atol", "mistakes", "tip", *SHORT}
WITH_PLACES = {"fill", "refuse", "expect"}

END = re.compile(r"""([.?!:][)"']*|`|\{error\})$""")


def called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def is_learners(node):
    """Whether a statement is an answer, which is not the course's text."""
    marks = getattr(node, "decorator_list", [getattr(node, "value", None)])
    names = {getattr(getattr(mark, "func", mark), "attr", "") for mark in marks}
    return names & {"right", "solution", "stub", "value", "wrong"}


def is_glued(node):
    """Whether an expression makes text of parts."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.BinOp(left, ast.Add() | ast.Mod(), right):
            return any(is_glued(x) or is_text(x) for x in (left, right))
        case ast.AugAssign(value=value):
            return is_glued(value) or is_text(value)
        case ast.Call(ast.Attribute(attr="format")):
            return True
        case ast.Call(ast.Attribute(attr="join"), parts):
            return any(is_text(x) for part in parts for x in ast.walk(part))
    return False


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_part(node):
    """Whether a text is not a whole sentence, by its end."""
    return is_text(node) and node.value and not END.search(node.value.rstrip())


class Part:
    """One function, or what stands outside of them: its names and its calls."""

    def __init__(self, nodes, outer=None):
        self.outer = outer
        self.nodes = [x for node in nodes for x in ast.walk(node)]
        self.calls = [x for x in self.nodes if isinstance(x, ast.Call)]
        self.bound = {}
        for node in self.nodes:
            match node:
                case ast.Assign([target], value) | ast.NamedExpr(target, value):
                    self.bind(target, value)
                case ast.AugAssign(target):
                    self.bind(target, node)
                case ast.For(target, ast.List(rows) | ast.Tuple(rows)):
                    for row in rows:
                        self.bind(target, row)
                case ast.For(ast.Tuple([_, target]), ast.Call(ast.Attribute(table))):
                    self.bind(target, table)

    def bind(self, target, value):
        match target, value:
            case ast.Name(name), _:
                self.bound.setdefault(name, []).append(value)
            case ast.Tuple(targets), ast.Tuple(values):
                for one, its_value in zip(targets, values, strict=False):
                    self.bind(one, its_value)

    def leaves(self, node):
        """What an expression may be, as far as that is written in the file."""
        match node:
            case ast.IfExp(body=one, orelse=other):
                inner = [one, other]
            case ast.List(inner) | ast.Tuple(inner) | ast.Dict(values=inner):
                pass
            case ast.Call(ast.Attribute(table, "get"), [_, other]):
                inner = [table, other]
            case ast.Subscript(value) | ast.Starred(value):
                inner = [value]
            case ast.Name(name):
                part = self
                while part and name not in part.bound:
                    part = part.outer
                inner = part.bound[name] if part else []
            case _:
                return [node]
        return [leaf for x in inner for leaf in self.leaves(x)]

    def arguments(self, call):
        """The texts of a call, as leaves: messages, shorter ones, and made ones."""
        found = dict(enumerate(call.args)) | {k.arg: k.value for k in call.keywords}
        name = called(call)
        messages = [found[k] for k in MESSAGES.get(name, []) if k in found]
        messages += [found["tip"]] if "tip" in found else []
        match found.get("mistakes"):
            case ast.List(rows):
                for row in rows:
                    row = row.value.elt if isinstance(row, ast.Starred) else row
                    messages.append(row.elts[1])
            case ast.Dict(values=values):
                messages += values
        short = [found[k] for k in SHORT if k in found and name in ("expect", "refuse")]
        made = [found[k] for k in MADE.get(name, []) if k in found]
        return [
            [leaf for x in kind for leaf in self.leaves(x)]
            for kind in (messages, short, made)
        ]

    def faults(self):
        """What is wrong with the texts of the calls, and all these texts."""
        faults, texts = [], []
        for call in self.calls:
            messages, short, made = self.arguments(call)
            for leaf in [*messages, *short, *made]:
                if is_glued(leaf):
                    faults.append((leaf, "is glued together"))
            for leaf in messages:
                if isinstance(leaf, ast.Call) and not is_glued(leaf):
                    faults.append((leaf, "is not written here"))
                elif called(call) not in ("check", "fill") and is_part(leaf):
                    faults.append((leaf, "is not a whole sentence"))
            faults += [(x, "does not pass through fill") for x in made if is_text(x)]
            shown = [x for x in [*messages, *short] if is_text(x)]
            texts += [x.value for x in shown]
            if called(call) in WITH_PLACES:
                faults += self.places(call, [x.value for x in shown])
            if any(k.arg not in NOT_PLACES for k in call.keywords):
                faults += [(x, "needs a place") for x in short if not is_text(x)]
        return faults, texts

    def places(self, call, texts):
        reserved = () if called(call) == "fill" else NOT_PLACES
        given = {k.arg: k.value for k in call.keywords if k.arg not in reserved}
        if None in given:  # **values
            return
        if not given:
            texts = [x for x in texts if re.search(r"\{[a-z]\w*[}:!]", x)]
        fields = {
            field
            for text in texts
            for _, field, _, _ in string.Formatter().parse(text)
            if field is not None
        }
        if texts and fields != set(given):
            yield call, f"has the places {sorted(fields)}, gets {sorted(given)}"
        for value in given.values():
            for leaf in self.leaves(value):
                if is_text(leaf) and re.search("[a-z]{3}", leaf.value):
                    yield leaf, "is a word in the place of a value"


def read(code):
    """The texts of a module that learners read, and what is wrong with them."""
    body = [node for node in ast.parse(code).body if not is_learners(node)]
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    rest = [node for node in body if node not in functions]
    module = Part([*rest, *(d for f in functions for d in f.decorator_list)])
    parts = [module, *(Part(function.body, module) for function in functions)]
    found = [part.faults() for part in parts]
    faults = [fault for some, _ in found for fault in some]
    texts = [text for _, some in found for text in some]
    if "Exercise(" in code:
        nodes = [node for part in parts for node in part.nodes]
        known = {*texts, *(ast.get_docstring(f, clean=False) for f in functions)}
        keys = {x for node in nodes if isinstance(node, ast.Dict) for x in node.keys}
        for node in (node for node in nodes if node not in keys):
            if is_glued(node) and not isinstance(node, ast.Call):
                faults.append((node, "is glued together"))
            elif (
                is_text(node) and node.value.count(" ") > 1 and node.value not in known
            ):
                faults.append((node, "is shown nowhere"))
    return texts, [f"{x.lineno}: {ast.unparse(x)} {why}" for x, why in faults]


@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_messages_are_whole_sentences(file):
    _, faults = read(file.read_text(encoding="utf-8"))
    assert not faults, "\n".join(faults)


def test_messages_are_found_wherever_they_stand():
    found = " ".join(
        text for file in FILES for text in read(file.read_text("utf-8"))[0]
    )
    for part in [
        "How many answers are there in all?",  # a hint
        "By what did you divide?",  # a tip
        "six of eight answers are right",  # the title of a check
        "One number is wanted: {count} came.",  # of the engine
        "Nobody watched x when f was computed.",  # in a table
        "Two errors in one row, 1 and -1, cancel.",  # in a loop
        "The right number of slopes, but flat.",  # for a helper of the exercise
        "With pixels from -1 to 1 it does better",  # picked from a list
        "Half the divisor makes the result larger",  # for a letter
    ]:
        assert part in found


GOOD = """
ex = Exercise("1.a", hints=["One.", "Two."], explanation="Three.")
UPHILL = {"too many steps": "It walks uphill."}

@ex.check("one step")
def _(answer):
    why = "It has {count} entries." if answer else "It is empty."
    for part, message in UPHILL.items():
        if part in answer:
            refuse(message, got=", ".join(answer))
    expect(answer, 1, mistakes=[(2, "That is 2.")], tip="Count them.")
    refuse(why, expected="{count} or more", count=answer + 1)

@ex.wrong(says="one of many words")
def _(x):
    return f"{x} is " + "x"
"""


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('"It is empty."', 'f"It is {x}."', "is glued together"),
        ('"It is empty."', '"It is " + "empty."', "is glued together"),
        ('"It is empty."', '"It is %s." % answer', "is glued together"),
        ('"It is empty."', '"It is {}.".format(answer)', "is glued together"),
        ('"It is empty."', '" ".join(["It is", "empty."])', "is glued together"),
        ('"It is empty."', "other()", "is not written here"),
        ('"It is empty."', '"It is"', "is not a whole sentence"),
        ('"It has {count} entries."', '"It has {} entries."', "gets ['count']"),
        ('"It is empty."', '"Not {number}."', "gets ['count']"),
        ("count=answer + 1", 'count="five"', "is a word in the place of a value"),
        (", count=answer + 1", "", "gets []"),
        ('"{count} or more"', 'f"{answer} or more"', "is glued together"),
        ('"{count} or more"', '"or more " + answer', "is glued together"),
        ('"{count} or more"', "answer + 1", "needs a place"),
        ("    expect(", '    why += " So."\n    expect(', "is glued together"),
        ("    expect(", '    x = "Shown nowhere at all."\n    expect(', "nowhere"),
        ('check("one step")', 'check(f"{ONE} step")', "is glued together"),
        ('"Two."', '"Two. " + "Three."', "is glued together"),
        ('"Three."', '"Three"', "is not a whole sentence"),
        ('uphill."', 'uphill"', "is not a whole sentence"),
        ('"Count them."', 'f"Count {them}."', "is glued together"),
        ('"That is 2."', '"That is"', "is not a whole sentence"),
        ("    expect(", '    Refusal("No.")\n    expect(', "through fill"),
        ("    expect(", '    Message(RIGHT, "Yes.")\n    expect(', "through fill"),
        ("    expect(", '    Message(RIGHT, f"{x}.")\n    expect(', "is glued"),
    ],
)
def test_a_glued_message_is_found(before, after, fault):
    assert read(GOOD)[1] == []
    assert GOOD.count(before) == 1
    assert any(fault in found for found in read(GOOD.replace(before, after))[1])
