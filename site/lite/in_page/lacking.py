"""What takes the place of PyTorch, Keras, processes and threads.

Importing works, using raises an error that a notebook shows as its one sentence: it
ends the cell, but not a run of all cells.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import threading
import types

from . import sentences


class Lacking(BaseException):
    """Raised where a browser lacks something; `except Exception` lets it by.

    Args:
        kind: What that is, as in `sentences`.
        library: Its name, if it is a library.
        name: The name that a cell above would have made with it, if it is that.
    """

    def __init__(self, kind, library="", name=""):
        """Find the sentence."""
        sentence = (sentences.NAME if name else sentences.CELL)[kind]
        super().__init__(sentence.format(library=library, name=name))
        self.kind, self.library = kind, library


# Each is also the error that other programs know how to do without.
class LackingName(Lacking, AttributeError):  # noqa: N818
    """What a module says about itself, such as its version."""


class LackingProcess(Lacking, OSError):  # noqa: N818
    """Another program."""


class LackingThread(Lacking, RuntimeError):  # noqa: N818
    """A thread."""


class LackingModule(Lacking, ImportError):  # noqa: N818
    """What `multiprocessing` is made of."""


class StandIn(types.ModuleType):
    """Stands for a library, a module of it, or a name that is imported from it."""

    def __getattr__(self, name):
        """Whoever imports a name is given a module, any other use is refused."""
        if sys._getframe(1).f_code.co_filename == "<frozen importlib._bootstrap>":
            raise AttributeError(name)
        self._refuse(error=LackingName if name.startswith("__") else Lacking)

    def _refuse(self, *args, error=Lacking, **options):
        raise error("library", sentences.LIBRARIES[self.__name__.partition(".")[0]])

    # The second is asked for when it is made a base class.
    __call__ = __mro_entries__ = _refuse

    def __instancecheck__(self, value):
        """Nothing is an instance of what is not there."""
        return False


class _Nothing:
    """A class of PyTorch's: it can be derived from, but nothing is an instance."""

    def __new__(cls, *args, **options):
        raise Lacking("library", sentences.LIBRARIES["torch"])


class _Unwatched(contextlib.ContextDecorator, contextlib.nullcontext):
    """As `torch.no_grad`: here no gradient is recorded anyway."""


class Tensor(_Nothing):
    """What is asked of any array: whether it is one of these."""


class Module(_Nothing):
    """What a network of PyTorch's is derived from."""


# What helpers for arrays and tensors alike use when they are given an array.
HARMLESS = {
    "torch": {"Tensor": Tensor, "no_grad": _Unwatched},
    "torch.nn": {"Module": Module},
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the libraries that are lacking, with all that is imported from them."""

    def find_spec(self, fullname, path=None, target=None):
        """Any name in a library counts as one of its modules."""
        if fullname.partition(".")[0] in sentences.LIBRARIES:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if fullname == "_multiprocessing":
            raise LackingModule("processes")
        return None

    def create_module(self, spec):
        """A module that has nothing."""
        return StandIn(spec.name)

    def exec_module(self, module):
        """Or next to nothing."""
        vars(module).update(HARMLESS.get(module.__name__, {}))
        if module.__name__ == "torch":
            importlib.import_module("torch.nn")


def _no_process(*args, **options):
    raise LackingProcess("processes")


def _no_thread(*args, **options):
    raise LackingThread("threads")


def _spec(name, package=None, *, find=importlib.util.find_spec):
    """Whether a library can be imported: truly, or as soon as a cell asks for it."""
    if name in sentences.LIBRARIES:
        return None
    if name == "scipy":
        return importlib.machinery.ModuleSpec(name, None)
    return find(name, package)


def _say(shell, kind, error, traceback, tb_offset=None):
    print(error, file=sys.stderr)


def install(shell):
    """Put all this in place."""
    shell.set_custom_exc((Lacking,), _say)
    sys.meta_path.append(_Finder())
    importlib.util.find_spec = _spec
    subprocess.Popen.__init__ = _no_process
    os.system = os.fork = os.posix_spawn = _no_process
    threading.Thread.start = _no_thread
