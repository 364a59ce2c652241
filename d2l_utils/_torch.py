"""PyTorch, imported where it is needed: it takes a second, and browsers lack it.

Before anybody has imported it there is no tensor, and no gradient to switch off.
"""

import contextlib
import importlib
import sys
import types
from typing import Any


class _Nothing:
    """What nothing is an instance of."""


WITHOUT_TORCH = {
    "Tensor": _Nothing,
    "nn": types.SimpleNamespace(Module=_Nothing),
    "no_grad": contextlib.nullcontext,
}


class _Module:
    """What stands for a module until one of its names is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name in WITHOUT_TORCH and not sys.modules.get("torch"):
            return WITHOUT_TORCH[name]
        value = getattr(importlib.import_module(self._name), name)
        setattr(self, name, value)  # the next time it is found at once
        return value


torch: Any = _Module("torch")
data: Any = _Module("torch.utils.data")
