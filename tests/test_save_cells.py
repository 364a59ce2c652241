"""The code that a lesson derives is the code that `d2l_utils` holds.

A cell tagged `save` is compared with the package by its syntax tree; docstrings,
annotations and decorators, which check the input, are left aside.
"""

import ast
import inspect

import nbformat
import pytest

import d2l_utils as d2l
from project import NOTEBOOKS, each_notebook

# What these modules hold is used in the lessons, not derived there.
NOT_DERIVED = tuple(
    f"d2l_utils.{name}"
    for name in ("datasets", "exercises.messages", "images", "interactive.", "plotting")
)
DERIVED = {
    name
    for name in d2l.__all__
    if not getattr(d2l, name).__module__.startswith(NOT_DERIVED)
}
LANGUAGES = sorted({notebook.parent for notebook in NOTEBOOKS})


def saved(notebook):
    """The top-level statements of the cells tagged save."""
    return [
        statement
        for cell in nbformat.read(notebook, as_version=4).cells
        if "save" in cell.metadata.get("tags", [])
        for statement in ast.parse(cell.source).body
    ]


class Bare(ast.NodeTransformer):
    """Takes away docstrings, annotations and decorators."""

    def visit(self, node):
        self.generic_visit(node)
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.AnnAssign):
            node = ast.copy_location(ast.Assign([node.target], node.value), node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = []
            if ast.get_docstring(node) is not None:
                del node.body[0]
        return node


def bare(tree):
    return ast.unparse(Bare().visit(tree))


@each_notebook
def test_saved_code_is_the_packages_code(notebook):
    for statement in saved(notebook):
        assert isinstance(statement, ast.FunctionDef | ast.ClassDef), (
            f"a cell tagged save holds more than functions: {ast.unparse(statement)}"
        )
        assert statement.name in DERIVED, f"d2l_utils has no {statement.name}"
        source = inspect.getsource(getattr(d2l, statement.name))
        assert bare(statement) == bare(ast.parse(source))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda folder: folder.name)
def test_every_helper_is_derived_once(language):
    names = [
        statement.name
        for notebook in sorted(language.glob("*.ipynb"))
        for statement in saved(notebook)
        if hasattr(statement, "name")
    ]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"derived more than once: {twice}"
    assert set(names) == DERIVED
