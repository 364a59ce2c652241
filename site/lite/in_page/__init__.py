"""What a browser lacks, in the Python of a lesson's page: said in one sentence.

A browser has no PyTorch and no Keras, and starts neither processes nor threads. Their
imports work all the same, so that the first cell of a lesson goes on to NumPy. A cell
that uses one of them ends with one sentence and no traceback (`lacking`). The names
that it would have made stand for that from then on: neither unknown nor, worse, what
they were before; a cell that uses one ends with a sentence, too (`placeholders`). All
of these words are in `sentences`. And `products` makes large products of matrices fast.

The kernel of the page has this package from its start: it is among the packages that
Pyodide loads before the kernel (`loadPyodideOptions.packages` in jupyter-lite.json),
and the variable PYTHONSTARTUP (`loadPyodideOptions.env`) names its file `start.py`,
which IPython runs before the first cell, as it does in any Python.
"""

from IPython.core.getipython import get_ipython

from . import lacking, placeholders, products


def install():
    """Take the place of what is lacking, and mind the cells that need it."""
    for part in (lacking, placeholders, products):
        part.install(get_ipython())
