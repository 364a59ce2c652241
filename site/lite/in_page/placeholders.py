"""What stands for the names that a cell could not make, as it lacked something."""

import ast
import functools
import linecache
import re
import sys
import types

from .lacking import Lacking

OPERATORS = re.findall(
    r"\w+",
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor",
)
# All that Python looks for in the class of a value, to use it.
SPECIAL = re.findall(
    r"\w+",
    """
    abs aenter aexit aiter anext array array_ufunc await bool bytes call ceil complex
    contains copy deepcopy delattr delitem dir enter eq exit float floor format fspath
    ge getitem gt hash index instancecheck int invert iter le len lt mro_entries ne neg
    next pos reduce_ex repr reversed round setattr setitem str subclasscheck trunc
    """,
)
SPECIAL += OPERATORS + [f"r{name}" for name in OPERATORS]


def _use(self, *args, **options):
    raise object.__getattribute__(self, "error")()


def _placeholder_class():
    class Placeholder:
        """Stands for a value that could not be made: any use raises why."""

        def __init__(self, error):
            """Take what makes the error."""
            object.__setattr__(self, "error", error)

        def __getattribute__(self, name):
            # IPython asks of what kind a name is before it runs a cell that begins so.
            return type(self) if name == "__class__" else _use(self)

    for name in SPECIAL:
        setattr(Placeholder, f"__{name}__", _use)
    return Placeholder


Placeholder = _placeholder_class()


class _Bound(ast.NodeVisitor):
    """Collects the names that statements bind, and those whose value they change."""

    def __init__(self):
        self.bound, self.changed = set(), set()

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)

    def visit_FunctionDef(self, node):
        self.bound.add(node.name)  # What is in it has its own names.

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node):
        pass

    def visit_ListComp(self, node):
        # Its variables are its own, but `:=` in it binds around it.
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self.bound.add(inner.target.id)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815

    def visit_alias(self, node):
        self.bound.add(node.asname or node.name.partition(".")[0])

    def visit_MatchAs(self, node):
        self.bound |= {node.name} - {None}
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node):
        self.bound |= {node.rest} - {None}
        self.generic_visit(node)

    def visit_Attribute(self, node):
        if isinstance(node.ctx, ast.Store):
            self._change(node)
        self.generic_visit(node)

    visit_Subscript = visit_Attribute  # noqa: N815

    def visit_Expr(self, node):
        # Of a method that is called for what it does: losses.append(loss).
        if isinstance(node.value, ast.Call):
            self._change(node.value.func)
        self.generic_visit(node)

    def _change(self, node):
        inside = node
        while isinstance(inside, ast.Attribute | ast.Subscript):
            inside = inside.value
        if inside is not node and isinstance(inside, ast.Name):
            self.changed.add(inside.id)


def names(source, line):
    """The names that a cell binds, and those that it changes, from a line on.

    Args:
        source: The code of the cell.
        line: In which line, from 1; the whole of its statement counts.
    """
    visitor = _Bound()
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    for statement in compile(source, "<cell>", "exec", flags).body:
        if statement.end_lineno >= line:
            visitor.visit(statement)
    return visitor.bound, visitor.changed


def mark(namespace, error):
    """Put a placeholder for every name that a cell would have made, or changed.

    Args:
        namespace: The names of the notebook.
        error: What the cell raised, with its traceback.
    """
    trace = error.__traceback__
    while trace and not (
        trace.tb_frame.f_globals is namespace
        and trace.tb_frame.f_code.co_name == "<module>"
    ):
        trace = trace.tb_next
    if trace is None:
        return
    source = "".join(linecache.getlines(trace.tb_frame.f_code.co_filename))
    bound, changed = names(source, trace.tb_lineno)
    ours = {x for x in changed if not isinstance(namespace.get(x), types.ModuleType)}
    for name in bound | ours:
        why = functools.partial(Lacking, error.kind, error.library, name)
        namespace[name] = Placeholder(why)


def install(shell):
    """Look after each cell at what it raised.

    Before the next one, too: after a cell with `await` nobody is called.
    """

    def look(*_):
        error = getattr(shell.last_execution_result, "error_in_exec", None)
        if isinstance(error, Lacking):
            mark(shell.user_ns, error)
            if pyplot := sys.modules.get("matplotlib.pyplot"):
                pyplot.close("all")  # A figure half drawn would be shown.

    # It comes before Matplotlib's, which shows the figures.
    shell.events.register("post_execute", look)
    shell.events.register("pre_run_cell", look)
