"""What stands in the page for PyTorch and the like, tried in an ordinary Python.

The lessons run with it in the browser's own Python in test_page_python.py.
"""

import copy
import json
import re
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

import d2l_utils as d2l
from in_page import lacking, placeholders, products, sentences
from project import ROOT

PYTORCH = sentences.CELL["library"].format(library="PyTorch")
KERAS = sentences.CELL["library"].format(library="Keras")
PROCESSES, THREADS = sentences.CELL["processes"], sentences.CELL["threads"]

# Runs lists of cells, each list in a notebook of its own; gives what each cell shows.
SHELL = """
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.history_manager.enabled = False
import in_page
in_page.install()
sys.meta_path.insert(0, sys.meta_path.pop())  # before the library, which is here
shell.displayhook.write_output_prompt = lambda: None
shell._showtraceback = lambda kind, error, lines: print(*lines, sep="\\n")
for cells in json.load(sys.stdin):
    shell.reset()
    shown = []
    for cell in cells:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            shell.run_cell(cell)
        shown.append(out.getvalue().strip())
    print(json.dumps(shown))
"""


def needs(name, library="PyTorch"):
    return sentences.NAME["library"].format(library=library, name=name)


# Cells, and what the last of them shows.
NOTEBOOKS = {
    "importing works": (
        "import torch.nn.functional as F, torch.utils.data, keras\n"
        "from torch.nn.parallel import DistributedDataParallel\n"
        "from torch import Tensor, nn, no_grad\n"
        "from keras import layers\n"
        "print(isinstance(1, Tensor), isinstance(1, nn.Module))",
        "False False",
    ),
    "it is not there": (
        "from importlib.util import find_spec\n"
        "print([name for name in ('torch', 'keras', 'numpy') if find_spec(name)])",
        "['numpy']",
    ),
    "it has no version": (
        "import torch\nprint(hasattr(torch, '__version__'))",
        "False",
    ),
    "what does no harm": (
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    @torch.no_grad()\n"
        "    def ask(self): return 1\n"
        "with torch.no_grad(): print(Net.ask(None))",
        "1",
    ),
    "a function": ("import torch", "torch.tensor([1.0])", PYTORCH),
    "a module": ("import torch", "torch.optim.SGD([], 0.1)", PYTORCH),
    "an imported name": ("from torch.optim import SGD", "SGD([], 0.1)", PYTORCH),
    "a network": (
        "from torch import nn\nclass Net(nn.Module): pass",
        "Net()",
        PYTORCH,
    ),
    "another base": (
        "from torch.utils.data import Sampler",
        "class Mine(Sampler): pass",
        PYTORCH,
    ),
    "what the course has for arrays": (
        "import torch, d2l_utils as d2l",
        "print(d2l.softmax([0.0, 0.0]), d2l.accuracy([1, 2], [1, 1]))",
        "[0.5 0.5] 0.5",
    ),
    "what the course has for processes": (
        "import d2l_utils as d2l",
        "d2l.torchrun(d2l.__file__)",
        PROCESSES,
    ),
    "an exercise about it": (
        "import torch, d2l_utils as d2l",
        "def torch_descent(f, start, lr=0.1, steps=20):\n"
        "    return torch.tensor(start)\n"
        "d2l.check('03.mend_the_torch_walk', torch_descent)",
        PYTORCH,
    ),
    "keras": ("import keras", "keras.Sequential()", KERAS),
    "a program": ("import subprocess", "subprocess.run(['ls'])", PROCESSES),
    "a command": ("import os", "os.system('ls')", PROCESSES),
    "a process": (
        "import multiprocessing",
        "multiprocessing.Process(target=print).start()",
        PROCESSES,
    ),
    "a thread": ("import threading", "threading.Thread(target=print).start()", THREADS),
    "as other programs know it": (
        "import subprocess, threading\n"
        "try: subprocess.Popen('ls')\n"
        "except OSError: print('no program')\n"
        "try: threading.Thread().start()\n"
        "except RuntimeError: print('no thread')",
        "no program\nno thread",
    ),
    "a new name": ("import torch\nw = torch.zeros(2)", "w + 1", needs("w")),
    "an old name": ("w = 1", "import torch\nw = torch.ones(2)", "print(w)", needs("w")),
    "the second use": ("import torch\nw = torch.ones(2)", "w", "w", needs("w")),
    "its library": ("import keras\nw = keras.ones(2)", "w[0]", needs("w", "Keras")),
    "a chain": ("import torch\nv = torch.ones(2)", "w = v * 2", "w", needs("w")),
    "in a function": (
        "def step(): return w * 2",
        "import torch\nw = torch.ones(2)",
        "step()",
        needs("w"),
    ),
    "what comes before": ("import torch\na = 1\nb = torch.ones(2)", "print(a)", "1"),
    "what comes after": (
        "import torch\nb = torch.ones(2)\na = 1\ndef f(): pass",
        "f()",
        needs("f"),
    ),
    "a good definition": (
        "import torch\nw = torch.ones(2)",
        "w = 3",
        "print(w)",
        "3",
    ),
    "a list that grows": (
        "losses = []",
        "import torch\nfor _ in range(3):\n    losses.append(torch.rand(1))",
        "len(losses)",
        needs("losses"),
    ),
    "an entry": (
        "rates = {}",
        "import torch\nrates['a'] = torch.ones(1)",
        "max(rates)",
        needs("rates"),
    ),
    "a module that is changed": (
        "import os",
        "import torch\nos.environ['a'] = torch.ones(1)",
        "print(os.sep)",
        "/",
    ),
    "a cell that catches errors": (
        "import torch\n"
        "try: w = torch.load('a')\n"
        "except Exception as error: print(type(error))",
        PYTORCH,
    ),
    "help in the middle of it": (
        "import torch\nw = torch.ones(1)",
        "from IPython.core.completer import provisionalcompleter\n"
        "shell = get_ipython()\n"
        "with provisionalcompleter(): list(shell.Completer.completions('w.', 2))",
        "print('and on')",
        "and on",
    ),
    "a large product": (
        "import numpy as np\nA = np.arange(8100.0).reshape(90, 90)",
        "print(np.array_equal(A @ A.T @ A, A.dot(A.T).dot(A)), type(A @ A).__name__)",
        "True ndarray",
    ),
    "after await": (
        "import torch, asyncio\nawait asyncio.sleep(0)\nw = torch.ones(1)",
        "w",
        needs("w"),
    ),
}


@pytest.fixture(scope="module")
def shown():
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        input=json.dumps([cells[:-1] for cells in NOTEBOOKS.values()]),
        cwd=ROOT / "site/lite",
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(NOTEBOOKS, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_cell_shows(shown, name):
    assert shown[name][-1] == NOTEBOOKS[name][-1]


USES = [
    "str(w)", "repr(w)", "f'{w}'", "bool(w)", "len(w)", "list(w)", "w()", "w.shape",
    "w[0]", "w.shape = 1", "w == 1", "w < 1", "w + 1", "1 - w", "w @ w", "-w", "1 in w",
    "w in [1]", "float(w)", "isinstance(1, w)", "hasattr(w, 'a')",
    "np.array(w)", "np.exp(w)", "np.ones(2) * w", "np.array([w])", "sorted([w, w])",
    "max(w, 1)", "{w: 1}", "dir(w)", "range(w)", "next(w)", "copy.copy(w)",
    "copy.deepcopy([w])", "plt.plot(w)", "d2l.softmax(w)", "d2l.numerical_diff(w, 1.0)",
]  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_every_use_of_a_placeholder_says_what_is_needed(use):
    w = placeholders.Placeholder(lambda: lacking.Lacking("threads", name="w"))
    known = {"w": w, "np": np, "plt": plt, "d2l": d2l, "copy": copy}
    with pytest.raises(lacking.Lacking, match="`w`"):
        exec(use, known)


@pytest.mark.parametrize(
    ("code", "bound", "changed"),
    [
        ("a = b, (c, *d) = f()", "abcd", ""),
        ("a: int = 1\nb += 1", "ab", ""),
        ("import a.x, x as b\nfrom x import c, x as d", "abcd", ""),
        ("def a(x, y=1): z = 2\nclass b:\n    z = 1", "ab", ""),
        ("for a, b in f():\n    c = 1\nelse:\n    d = 2", "abcd", ""),
        ("with f() as a, g() as (b, c): d = 1", "abcd", ""),
        ("try: a = 1\nexcept E as x: b = 1\nfinally: c = 1", "abc", ""),
        ("if (a := f()):\n    b = 1\nwhile x: c = 1", "abc", ""),
        ("[x for x in y if (a := x)]\nf(lambda x: (x := 1))", "a", ""),
        ("match x:\n    case [a, *b] | {'k': a, **b}: c = 1", "abc", ""),
        ("a.x = 1\nb[0] += 1\nc.x[0] = f()", "", "abc"),
        ("a.append(1)\nb[0].sort()\nf(x)\nx", "", "ab"),
    ],
)
def test_which_names_a_cell_would_have_made(code, bound, changed):
    assert placeholders.names(code, 1) == (set(bound), set(changed))


def test_names_are_counted_from_the_statement_that_failed():
    code = "a = 1\nb = f(\n    2,\n    3)\nc = 4"
    assert placeholders.names(code, 3) == ({"b", "c"}, set())
    assert placeholders.names(code, 5) == ({"c"}, set())


A, B = np.random.default_rng(0).normal(size=(2, 100, 90))


@pytest.mark.parametrize(
    "right",
    [
        B.T, B.T[::-1, ::3], B.T[:, 0], B.T[:, :0], B.T.astype(np.float32), B.T > 0,
        B.T.tolist(), np.stack([B.T, B.T]), d2l.Tensor(B.T),
    ],
)  # fmt: skip
def test_a_large_product_is_that_of_numpy(right):
    assert type(products.large(A)) is products.Large
    expected, got = A @ right, products.large(A) @ right
    assert type(got) is type(expected)
    if type(right) is d2l.Tensor:
        got, expected = got.data, expected.data
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("right", [B, B[0, :3], 2.0, "text", None])
def test_a_large_product_that_cannot_be_has_the_error_of_numpy(right):
    with pytest.raises((TypeError, ValueError)) as expected:
        A @ right
    with pytest.raises(expected.type, match=re.escape(str(expected.value))):
        products.large(A) @ right


@pytest.mark.parametrize("left", [A[:9], A > 0, A[0], A.tolist(), np.ma.array(A), 1])
def test_any_other_product_is_left_alone(left):
    assert products.large(left) is left
