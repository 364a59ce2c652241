"""Read the text of a lesson; what a lesson cannot have is named with file and line.

jupytext ends a line at more characters than a reader sees, and takes a directive that
it does not know, or does not see, as prose. So a text is checked before it is split.
"""

import re
import unicodedata

CELL = "{code-cell} ipython3"
HOW = f"code stands between ```{CELL} and ```"
PLAIN = "is shown as it stands in JupyterLab; a lesson has plain Markdown alone"
FRONT_MATTER = """\
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---""".splitlines()

# What a cell may be tagged with: marks of this course, and those of nbval.
TAGS = (
    *("exercise", "goes-on", "hide-input", "hide-output", "mnist", "save"),
    *("nbval-ignore-output", "nbval-raises-exception", "nbval-skip"),
    *("pytest-validate-ignore-output", "raises-exception"),
)
OPTION = re.compile(r":tags: \[ *([^][,\s]+(?: *, *[^][,\s]+)*) *\] *")

# Controls, invisible formats, ends of lines and paragraphs, unknown to Unicode; and
# what programs put in the place of a letter that they could not read.
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Zl", "Zp"}
LOST = "\ufffd"

# How a line, an item or a quotation begins that seems to be a fence or a directive.
START = r"[ >*+-]*(?:\d+[.)] +)?"
DIRECTIVE = re.compile(rf"{START}(?:``+ *\{{(?![^`]*\}}`)|~~~+ *\{{|:::)")
BREAK = re.compile(r"[ >]*\+\+\+")
# The line that makes a cell write a script, in place of running it.
WRITES = re.compile(r"%%writefile (\w+\.py)\n")


class TextError(Exception):
    """A sentence that says what is wrong, in which text and in which line."""

    def __init__(self, where, line, message):
        """Line 0 is the whole text."""
        super().__init__(f"{where}{f', line {line}:' if line else ''} {message}")


def read(path, where):
    """The text of a file, with the ends of lines of Unix."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TextError(where, 0, f"cannot be read: {error.strerror}") from error
    try:
        return content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"the byte 0x{content[error.start]:02X}"
        message = f"{byte} is not UTF-8; save the file as UTF-8"
        raise TextError(where, line, message) from error


def python(source):
    """The Python of a code cell, also of one that writes it into a file."""
    return WRITES.sub("", source, count=1) if WRITES.match(source) else source


def check_characters(text, where):
    """Refuse what cannot be seen, or stands in the place of something else."""
    for number, line in enumerate(text.split("\n"), 1):
        for column, char in enumerate(line, 1):
            if unicodedata.category(char) in UNSEEN or char == LOST:
                other = "TAB" if char == "\t" else "a control character"
                name = f"U+{ord(char):04X} ({unicodedata.name(char, other)})"
                message = f"{name} in column {column}; only visible characters, spaces "
                raise TextError(
                    where, number, message + "and ends of lines may stand here"
                )


def check_fences(tokens, where):
    """Refuse code blocks without an end, as each takes with it what follows."""
    for token in tokens:
        if token.type != "fence":
            continue
        first, end = token.map
        mark, length = token.markup[0], len(token.markup)
        fence = re.compile(rf"{START}{mark}{{{length},}}")
        for number, line in enumerate(token.content.split("\n"), first + 2):
            if fence.match(line):
                message = (
                    f"{line.strip()!r} stands inside the block of line {first + 1}, "
                    "which has no end before it; a block that is to show this begins "
                    f"and ends with more than {length} of {mark}"
                )
                raise TextError(where, number, message)
        if token.content.count("\n") != end - first - 2:
            message = f"the block that begins here has no end: {token.markup}"
            raise TextError(where, first + 1, message)


def prose(tokens, lines):
    """The lines outside of code blocks, with their numbers from 0."""
    blocks = {n for token in tokens if token.type == "fence" for n in range(*token.map)}
    return [(n, line) for n, line in enumerate(lines) if n not in blocks]


def check_prose(tokens, lines, where):
    """Refuse what is meant as a directive, but would be shown as text."""
    for number, line in prose(tokens, lines):
        if DIRECTIVE.match(line):
            message = f"{line.strip()!r} would be shown as text; a directive stands "
            message += "between lines ``` that are not indented"
            raise TextError(where, number + 1, message)


def check_front_matter(tokens, lines, where):
    """Refuse front matter that is not the one of all lessons; none is fine, too."""
    first = tokens[0] if tokens and tokens[0].type == "front_matter" else None
    begin = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[begin].startswith("---"):
        if not first:
            message = "the front matter begins in line 1 with --- and ends with a line "
            raise TextError(where, begin + 1, f"{message}---")
        pairs = zip(lines[1:], FRONT_MATTER, strict=False)
        for number, (found, wanted) in enumerate(pairs, 2):
            if found.rstrip() != wanted:
                message = f"the front matter of every lesson has {wanted!r} here"
                raise TextError(where, number, f"{message}, not {found!r}")
    for number, line in prose(tokens, lines)[first.map[1] if first else 0 :]:
        if line.strip() == FRONT_MATTER[0]:
            message = "front matter stands once, at the beginning"
            raise TextError(where, number + 1, message)


def check_directives(tokens, lines, where):
    """Refuse all but code cells and plain Markdown, and what becomes prose unseen."""
    breaks = set()
    for token in tokens:
        if token.type == "fence":
            check_block(token, where)
        elif token.type == "myst_block_break" and not (token.level or token.content):
            breaks.add(token.map[0])
        elif token.type in ("myst_target", "myst_line_comment"):
            line = token.map[0]
            raise TextError(where, line + 1, f"{lines[line].strip()!r} {PLAIN}")
        for child in token.children or []:
            if child.type == "myst_role":
                role = f"{{{child.meta['name']}}}`{child.content}`"
                begin, end = token.map
                line = next((n for n in range(begin, end) if role in lines[n]), begin)
                raise TextError(where, line + 1, f"the role {role!r} {PLAIN}")
    for number, line in prose(tokens, lines):
        if BREAK.match(line) and number not in breaks:
            message = f"{line.strip()!r} would not begin a new cell; +++ stands alone, "
            raise TextError(where, number + 1, message + "in no list or quotation")


def check_block(fence, where):
    """Refuse a block that is neither a code cell nor code that is only shown."""
    info, line = fence.info.rstrip(), fence.map[0] + 1
    if info in (CELL, "{code-cell}"):
        if fence.level:
            message = "a code cell cannot stand in a list or in a quotation"
            raise TextError(where, line, message)
        check_options(fence.content.split("\n"), where, line + 1)
    elif re.search(r"[{}]|\bcell\b|^ipython", info, re.IGNORECASE):
        raise TextError(where, line, f"unknown directive {info.strip()!r}; {HOW}")


def check_options(lines, where, first):
    """Refuse options of a code cell but one line with tags that are known."""
    # jupytext leaves out empty lines before it asks how a cell begins.
    begin = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if not lines[begin].lstrip().startswith((":", "---")):
        return
    found = OPTION.fullmatch(lines[0])
    wrong = 1 if found and lines[1].lstrip().startswith(":") else begin
    if not found or wrong:
        message = f"{lines[wrong].strip()!r} is no option of a cell; before its code "
        message += "only one line such as ':tags: [save]' may stand"
        raise TextError(where, first + wrong, message)
    tags = re.split(" *, *", found[1])
    for tag in tags:
        if tag not in TAGS:
            message = f"unknown tag {tag!r}; known are: {', '.join(TAGS)}"
            raise TextError(where, first, message)
        if tags.count(tag) > 1:
            raise TextError(where, first, f"the tag {tag!r} stands here twice")


def cells(path):
    """The cells of a lesson text."""
    import jupytext
    from jupytext.myst import get_parser

    where = f"{path.parent.name}/{path.name}"
    text = read(path, where)
    check_characters(text, where)
    lines = text.split("\n")
    # The parser of jupytext, which leaves out what is inside of a line: roles.
    tokens = get_parser().enable("inline").parse(text + "\n")
    check_front_matter(tokens, lines, where)
    check_fences(tokens, where)
    check_prose(tokens, lines, where)
    check_directives(tokens, lines, where)
    found = jupytext.reads(text, fmt="md:myst").cells
    if not found:
        raise TextError(where, 1, "there is nothing in it")
    return found
