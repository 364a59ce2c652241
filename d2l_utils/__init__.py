"""The shared package of Downhill: what the lessons derive once and use afterwards.

Use it as ``import d2l_utils as d2l``. Every public name is in this one namespace;
the module behind a name is loaded when the name is first used.
"""

import sys
from pathlib import Path

__version__ = "0.1.0"

try:
    import lazy_loader
except ModuleNotFoundError:
    # The door, __main__.py, opens all the same: it says what is missing.
    if Path(sys.argv[0]).stem not in ("-m", "downhill"):
        raise
else:
    __getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
