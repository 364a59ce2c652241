"""The words and numbers of the lessons' prose: where they are explained and printed."""

import ast
import re
from typing import NamedTuple

import lesson_text
from lengths import EXERCISES

# Words of the glossary that have an everyday meaning, too, in which they may be used.
EVERYDAY = {"example", "kernel", "model", "prediction", "step", "stride"}
# Words that a lesson uses before another one explains them, each with its reason.
EARLY = {
    ("regularization", "06_optimizers"): "a name of weight decay, and of its paper",
    ("slope", "00_start_here"): "one sentence says what it is good for, before 01",
}

CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
TARGET = re.compile(r"\]\(([^)]*)\)")
SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n\n+|\n(?=[-*|>\d#])")


class Word(NamedTuple):
    """A word of the glossary and the number of the lesson that explains it."""

    name: str
    lesson: str

    @property
    def pattern(self):
        """The word in a text, in the singular and in the plural."""
        stem = re.escape(self.name).replace(r"\ ", r"[\s-]+").replace(r"\-", r"[\s-]?")
        flags = 0 if self.name.isupper() else re.IGNORECASE
        return re.compile(rf"(?<![\w-]){stem}(?:e?s)?(?![\w-])", flags)


def glossary(path):
    """The words of the glossary with their lessons."""
    text = path.read_text(encoding="utf-8")
    words = []
    for names, body in re.findall(r"^((?:\w.*\n)+)((?:  .*\n?)+)", text, re.MULTILINE):
        if found := re.search(r"\[Lesson (\d\d)\]", body):
            words += [Word(name, found[1]) for name in names.splitlines()]
    return words


def explanation(word, cells):
    """The number of the cell in which a word stands in bold in its lesson; or none."""
    for number, (place, cell, source) in enumerate(cells):
        if cell["cell_type"] == "markdown" and place.lesson.startswith(word.lesson):
            text = MATH.sub(" ", CODE.sub(" ", source))
            for bold in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL):
                if word.pattern.search(bold):
                    return number
    return None


def sentences(source):
    """The sentences of a text, without code, formulas and headings."""
    text = MATH.sub(" ", CODE.sub(" ", source))
    return SENTENCE.split(re.sub(r"^#+ .*$", "", text, flags=re.MULTILINE))


def uses_before(word, cells):
    """The places where a word stands before its explanation.

    What the lesson promises may name it, and a sentence that names a later lesson.
    """
    if word.name in EVERYDAY:
        return []
    end = explanation(word, cells)
    found = []
    for place, cell, source in cells[:end]:
        if cell["cell_type"] != "markdown":
            continue
        for sentence in sentences(source):
            if sentence.startswith("**You will**"):
                continue
            named = re.findall(r"\b(\d\d)_\w|[Ll]essons? (\d\d)\b", sentence)
            later = any(max(pair) >= word.lesson for pair in named)
            if not later and word.pattern.search(TARGET.sub("]", sentence)):
                found.append(place)
                break
    return found


# --- numbers

# What a number in prose may be without being a result: places, counts of small things.
REFERENCE = re.compile(
    r"""\b(?i:figures?|lessons?|sections?|chapters?|parts?|exercises?|questions?
    |equations?|about)\s+\d[\d.]*(?:\s*(?:,|to|and|or|–|-)\s*\d[\d.]*)*(?:\s+minutes)?
    |^\#+\ .*$|^\s*(?:>\s*)?\d+\.\s|\*\*\d+\.\*\*|arXiv[ :]\S+|\b(?:1[5-9]|20)\d\d\b
    |<[^>]*>""",
    re.VERBOSE | re.MULTILINE,
)
SMALL = 12
DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)
POWER = re.compile(r"(?:(\d[\d.]*)\s*(?:\\cdot|\\times|·|×)\s*)?10\^\{?([-−]?\d+)\}?")
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMBER = re.compile(
    r"(?<![\w.^_])[-−]?\d+(?:(?:,|\{,\}|\\,)\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?"
)
PERCENT = re.compile(rf"({NUMBER.pattern})(\s*(?:\\?%|percent))?")


def numbers(source):
    """The numerals in prose that state something: as they stand there."""
    text = REFERENCE.sub(" ", TARGET.sub("]", CODE.sub(" ", source)))
    text = re.sub(
        r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda m: f"10^{m[1].translate(SUPERSCRIPT)}", text
    )
    found = [f"{m[1] or 1}e{m[2].replace('−', '-')}" for m in POWER.finditer(text)]
    found += [m[1] + "%" * bool(m[2]) for m in PERCENT.finditer(POWER.sub(" ", text))]
    return [number for number in map(plain, found) if states(number)]


def plain(number):
    """A numeral as Python reads it, without its sign."""
    number = re.sub(r"[,\\{}]", "", number.replace("−", "-"))
    return number.lstrip("-")


def states(number):
    """Whether a numeral is more than a small count."""
    return "." in number or "e" in number or int(number.rstrip("%")) > SMALL


def printed(cells):
    """The values in the code and in the outputs of a lesson."""
    values = set()
    for _, cell, source in cells:
        if cell["cell_type"] == "code":
            values |= constants(source)
            for text in outputs(cell):
                values |= {abs(float(plain(n))) for n in NUMBER.findall(text)}
    return values


def constants(source):
    """The numbers in a program, but for those in its texts."""
    nodes = [
        node
        for node in ast.walk(ast.parse(lesson_text.python(source)))
        if isinstance(node, ast.Constant)
    ]
    return {abs(float(n.value)) for n in nodes if type(n.value) in (int, float)}


def outputs(cell):
    """What a cell printed or shows as text."""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            yield "".join(output["text"])
        elif "text/plain" in output.get("data", {}):
            yield "".join(output["data"]["text/plain"])


def is_printed(number, values):
    """Whether a numeral is one of the values, rounded as it is, or as a percentage."""
    factors = (1, 100) if number.endswith("%") else (1,)
    mantissa, _, exponent = number.rstrip("%").partition("e")
    digits = len(mantissa.partition(".")[2]) - int(exponent or 0)
    half = 0.5001 * 10.0**-digits
    value = float(number.rstrip("%"))
    return any(
        abs(factor * one - value) <= half and (value == 0 or one != 0)
        for one in values
        for factor in factors
    )


def numbers_without_a_cell(cells):
    """The numerals in the prose of a lesson that no cell of it has, with the place.

    The text of an exercise gives numbers; its folded answers may use those.
    """
    cells = list(cells)
    values = printed(cells)
    in_exercises = False
    for place, cell, source in cells:
        if cell["cell_type"] != "markdown":
            continue
        for part, section in enumerate(
            re.split(r"^(?=## )", source, flags=re.MULTILINE)
        ):
            if part or section.startswith("## "):
                in_exercises = bool(EXERCISES.match(section))
            stated = section
            if in_exercises:
                stated = "\n".join(DETAILS.findall(section))
                given = numbers(DETAILS.sub("", section))
                values |= {float(number.rstrip("%")) for number in given}
            for number in numbers(stated):
                if not is_printed(number, values):
                    yield place, number
