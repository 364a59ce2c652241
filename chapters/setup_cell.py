"""The first code cell of each lesson: it loads the tools, or says what to install.

In a text it is imports and settings alone. The builder puts them under `try`, so that
every lesson meets a Python that lacks something with the same sentence.
"""

import ast
import re
import textwrap
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"

# What a set-up cell may do besides importing.
SETTINGS = ("plt.style.use(...)", "d2l.use_language(...)", "os.environ[...] = ...")

# In each language: while the repository has no address, and when it has one. Each is a
# text as it stands in code, where error.name is the package that was not found.
SENTENCES = {
    "en": (
        """
        f"This Python lacks the package {error.name}: the README of the course says "
        "under Start how to install what the lessons need."
        """,
        """
        f"This Python lacks the package {error.name}: run the line below in a new "
        "cell, then this cell again.\\n\\n"
        "%pip install ADDRESS"
        """,
    ),
    "zh": (
        """
        f"这个 Python 缺少软件包 {error.name}：课程的 README 在 Start "
        "一节说明怎样安装课程需要的软件包。"
        """,
        """
        f"这个 Python 缺少软件包 {error.name}：请在新单元格中运行下面一行，"
        "然后再运行本单元格。\\n\\n"
        "%pip install ADDRESS"
        """,
    ),
}

GUARDED = """\
try:
{imports}
except ModuleNotFoundError as error:
    error.msg = (
{sentence}
    )
    error._render_traceback_ = [error.msg].copy  # instead of a long traceback
    raise
{settings}"""

SENTENCE = re.compile(r"(?<=\n    error\.msg = \(\n).*?(?=\n    \)\n)", re.DOTALL)


class SetupError(Exception):
    """Why a cell is no set-up cell, and in which of its lines."""

    def __init__(self, line):
        """Take the number of the line, from 1."""
        super().__init__(
            "the first code cell of a lesson loads the tools: it may hold imports and "
            f"{', '.join(SETTINGS)}, and nothing else"
        )
        self.line = line


def repository():
    """The public address of the repository, and its branch; empty if there is none."""
    settings = tomllib.loads(PROJECT.read_text("utf-8"))["tool"]["downhill"]
    return settings["repository"], settings["branch"]


def without_sentence(source):
    """The code of a cell but for what it says: that changes no output."""
    return SENTENCE.sub("", source)


def is_import(statement):
    """Whether a statement imports something, and may stand under `try`."""
    if isinstance(statement, ast.ImportFrom):
        return statement.module != "__future__"
    return isinstance(statement, ast.Import)


def is_setting(statement):
    """Whether a statement is one of those that a set-up cell may hold."""
    match statement:
        case ast.Expr(ast.Call(function)):
            return f"{ast.unparse(function)}(...)" in SETTINGS
        case ast.Assign([ast.Subscript(mapping)]):
            return f"{ast.unparse(mapping)}[...] = ..." in SETTINGS
    return False


def guarded(source, language):
    """The code of a set-up cell that says what to install where something is missing.

    Raises:
        SetupError: The code is not that of a set-up cell.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise SetupError(error.lineno) from error
    last = 0
    for statement in statements:
        if is_import(statement):
            last = statement.end_lineno
        elif not is_setting(statement):
            raise SetupError(statement.lineno)
    if not last:
        raise SetupError(1)
    lines = source.splitlines()
    address, branch = repository()
    unknown, known = SENTENCES[language]
    sentence = (
        known.replace("ADDRESS", f"git+{address}@{branch}") if address else unknown
    )
    return GUARDED.format(
        imports=textwrap.indent("\n".join(lines[:last]), " " * 4),
        sentence=textwrap.indent(textwrap.dedent(sentence).strip(), " " * 8),
        settings="\n".join(lines[last:]),
    ).rstrip()
