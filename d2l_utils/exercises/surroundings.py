"""The same surroundings for every answer, which are put back after it.

A verdict depends on nothing that an earlier cell has set, and nothing that an answer
sets remains. An answer may still change what is the learner's own: the variables of
the notebook and the objects in them, attributes of classes, and files. New names in a
module stay, too, so that an import in an answer counts.
"""

import contextlib
import decimal
import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

PutBack = Callable[[], object]

# What puts things back relies on these, so that they come first.
NEEDED = ["builtins", "sys", "contextlib", "logging", "math", "os", "random", "signal"]
NEEDED += ["threading", "time", "warnings", "numpy.random", "numpy.random.mtrand"]
NEEDED += ["ast", "ctypes", "gc", "inspect", "linecache", "re", "textwrap", "tokenize"]
# An answer might put something else in the place of `np.allclose`, too.
LIBRARIES = ["numpy", "numpy.linalg", "numpy.testing", "torch", "torch.linalg"]
LIBRARIES += ["torch.nn", "torch.nn.functional", "torch.nn.init", "torch.optim"]

SIGNALS = ["SIGABRT", "SIGCHLD", "SIGHUP", "SIGPIPE", "SIGPROF", "SIGQUIT", "SIGTERM"]
SIGNALS += ["SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH"]

NUMPY_ERRORS: dict[str, Any] = {"all": "warn", "under": "ignore", "call": None}
NUMPY_PRINTS: dict[str, Any] = {
    "edgeitems": 3,
    "threshold": 1000,
    "floatmode": "maxprec",
    "precision": 8,
    "suppress": False,
    "linewidth": 75,
    "nanstr": "nan",
    "infstr": "inf",
    "sign": "-",
    "formatter": None,
    "legacy": False,
}


def keep_interpreter(replaced: list[Any]) -> PutBack:
    """Without this, nothing else could be put back.

    What is returned works even if an answer has replaced `len`: it uses no builtin.

    Args:
        replaced: Gets what the answer has put there, to be dropped later.
    """
    kept = _namespaces(NEEDED)
    limit, set_limit = sys.getrecursionlimit(), sys.setrecursionlimit
    trace, set_trace = sys.gettrace(), sys.settrace
    profile, set_profile = sys.getprofile(), sys.setprofile

    def put_back() -> None:
        set_trace(trace)
        set_profile(profile)
        set_limit(limit)
        for namespace, before in kept:
            for name, value in before.items():
                if namespace.get(name, value) is not value:
                    replaced.append(namespace[name])
            namespace.update(before)

    return put_back


def _namespaces(names: Iterable[str]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The names in modules, and a copy of them."""
    found = [vars(sys.modules[name]) for name in names if name in sys.modules]
    return [(namespace, dict(namespace)) for namespace in found]


@contextlib.contextmanager
def known(replaced: list[Any]) -> Iterator[None]:
    """Arrange all that a verdict might depend on; put it back in the end.

    Args:
        replaced: Gets what the answer has put there, to be dropped later.
    """
    back: list[PutBack] = []
    for arrange in ARRANGED:
        with contextlib.suppress(Exception):
            back.append(arrange())
    back.append(_modules(replaced))
    try:
        yield
    finally:
        for put_back in reversed(back):
            with contextlib.suppress(Exception):
                put_back()


def _modules(replaced: list[Any]) -> PutBack:
    ours = [name for name in sys.modules if name.startswith("d2l_utils")]
    kept = _namespaces([*LIBRARIES, *ours])
    kept.append((sys.modules, dict(sys.modules)))

    def put_back() -> None:
        for names, before in kept:
            replaced.extend(
                names[k]
                for k, value in before.items()
                if names.get(k, value) is not value
            )
            names.update(before)

    return put_back


def _process() -> PutBack:
    environment = dict(os.environ)
    paths: list[list[Any]] = [sys.path, sys.meta_path, sys.path_hooks, gc.callbacks]
    entries = [list(path) for path in paths]
    go_back = _folder()
    switch, digits = sys.getswitchinterval(), sys.get_int_max_str_digits()
    threshold, limited = gc.get_threshold(), "tracebacklimit" in vars(sys)
    mask = os.umask(0o22)
    os.umask(mask)
    socket = sys.modules.get("socket")
    timeout = socket.getdefaulttimeout() if socket else None

    def put_back() -> None:
        with contextlib.suppress(OSError):
            go_back()
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)
        for path, before in zip(paths, entries, strict=True):
            path[:] = before
        sys.setswitchinterval(switch)
        sys.set_int_max_str_digits(digits)
        gc.set_threshold(*threshold)
        os.umask(mask)
        if not limited:
            vars(sys).pop("tracebacklimit", None)
        if socket:
            socket.setdefaulttimeout(timeout)

    return put_back


def _folder() -> PutBack:
    """The working folder; another one, if that has been deleted."""
    try:
        folder = Path.cwd()
        return lambda: os.chdir(folder)
    except OSError:
        deleted = os.open(".", os.O_RDONLY)
        os.chdir(os.sep)

    def put_back() -> None:
        os.fchdir(deleted)
        os.close(deleted)

    return put_back


def _signals() -> PutBack:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    numbers = [vars(signal)[name] for name in SIGNALS if name in vars(signal)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    has_mask = hasattr(signal, "pthread_sigmask")
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, []) if has_mask else set()

    def put_back() -> None:
        if has_mask:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in handlers.items():
            # None belongs to a library in C, which cannot be asked for it.
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

    return put_back


def _warnings() -> PutBack:
    stack = contextlib.ExitStack()
    stack.enter_context(warnings.catch_warnings())
    warnings.simplefilter("ignore")
    return stack.close


def _logging() -> PutBack:
    """An answer may log; how, it sets for itself."""
    before = {logger: _logs_how(logger) for logger in _loggers()}
    disable = logging.root.manager.disable

    def put_back() -> None:
        logging.disable(disable)
        for logger in _loggers():
            how = before.get(logger, ([], logging.NOTSET, True, False))
            if _logs_how(logger) != how:
                handlers, level, logger.propagate, logger.disabled = how
                logger.handlers[:] = handlers
                logger.setLevel(level)

    return put_back


def _loggers() -> list[logging.Logger]:
    named = logging.root.manager.loggerDict.values()
    return [logging.root, *(x for x in named if isinstance(x, logging.Logger))]


def _logs_how(logger: logging.Logger) -> tuple[list[logging.Handler], int, bool, bool]:
    return list(logger.handlers), logger.level, logger.propagate, logger.disabled


def _locale() -> PutBack:
    before = locale.setlocale(locale.LC_ALL)
    for category in (locale.LC_NUMERIC, locale.LC_COLLATE, locale.LC_TIME):
        locale.setlocale(category, "C")
    return lambda: locale.setlocale(locale.LC_ALL, before)


def _random() -> PutBack:
    state = random.getstate()
    random.seed(0)
    return lambda: random.setstate(state)


def _numpy() -> PutBack:
    generator = np.random.mtrand.get_bit_generator()
    state = generator.state
    if isinstance(generator, np.random.MT19937):
        np.random.seed(0)
    else:  # The learner has chosen another one.
        np.random.mtrand.set_bit_generator(np.random.MT19937(0))
    stack = contextlib.ExitStack()
    stack.enter_context(decimal.localcontext(decimal.Context()))
    stack.enter_context(np.errstate(**NUMPY_ERRORS))
    stack.enter_context(np.printoptions(**NUMPY_PRINTS))

    def put_back() -> None:
        np.random.mtrand.set_bit_generator(generator)
        generator.state = state
        stack.close()

    return put_back


def _imported_torch() -> Any:
    """PyTorch, if it is there: what stands for it in a browser has no version."""
    torch = sys.modules.get("torch")
    return torch if hasattr(torch, "__version__") else None


def _torch() -> PutBack:
    """PyTorch; if it is not there yet, an answer may be the first to ask for it."""
    torch = _imported_torch()
    if torch is None:
        return _torch_as_it_was_imported
    stack = contextlib.ExitStack()
    before = []
    for get, put, known_value in _torch_settings(torch):
        before.append((get, put, get()))
        if before[-1][2] != known_value:
            put(known_value)
    state = torch.default_generator.get_state()
    torch.default_generator.manual_seed(0)
    stack.enter_context(_torch_modes(torch))
    # This one brings back whether gradients are wanted, too.
    stack.enter_context(torch.inference_mode(False))

    def put_back() -> None:
        torch.set_default_device(None)
        stack.close()
        for get, put, value in before:
            if get() != value:
                put(value)
        torch.default_generator.set_state(state)

    return put_back


@contextlib.contextmanager
def _torch_modes(torch: Any) -> Iterator[None]:
    """No mode that changes what PyTorch's functions do, and no hook of all layers."""
    dispatch = torch.utils._python_dispatch
    stacks = [
        (
            torch._C._len_torch_function_stack,
            torch._C._pop_torch_function_stack,
            torch._C._push_on_torch_function_stack,
        ),
        (
            torch._C._len_torch_dispatch_stack,
            dispatch._pop_mode,
            dispatch._push_mode,
        ),
    ]
    names = vars(torch.nn.modules.module)
    hooks = [x for name, x in names.items() if name.startswith("_global_")]
    hooks = [(x, dict(x)) for x in hooks if isinstance(x, dict)]
    modes = [[pop() for _ in range(count())] for count, pop, _ in stacks]
    for hook, _ in hooks:
        hook.clear()
    try:
        with torch._C._EnableTorchFunction():
            yield
    finally:
        for (count, pop, push), popped in zip(stacks, modes, strict=True):
            for _ in range(count()):
                pop()
            for mode in reversed(popped):
                push(mode)
        for hook, before in hooks:
            hook.clear()
            hook.update(before)


def _torch_as_it_was_imported() -> None:
    if torch := _imported_torch():
        for get, put, known_value in _torch_settings(torch):
            if get() != known_value:
                put(known_value)


def _torch_settings(torch: Any) -> list[tuple[Callable[[], Any], Any, Any]]:
    """How to ask for each setting, how to set it, and its value for an answer."""
    printing = torch._tensor_str.PRINT_OPTS
    tiny = sys.float_info.min

    def default_device() -> Any:
        context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
        return context and context.device

    return [
        (default_device, torch.set_default_device, None),
        (torch.get_default_dtype, torch.set_default_dtype, torch.float32),
        (torch.get_num_threads, torch.set_num_threads, torch.get_num_threads()),
        (
            torch.get_float32_matmul_precision,
            torch.set_float32_matmul_precision,
            "highest",
        ),
        (
            torch.get_deterministic_debug_mode,
            torch.set_deterministic_debug_mode,
            0,
        ),
        (
            lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
            lambda both: torch.set_anomaly_enabled(*both),
            (False, True),
        ),
        (
            lambda: torch.is_autocast_enabled("cpu"),
            lambda on: torch.set_autocast_enabled("cpu", on),
            False,
        ),
        # Numbers too small for all their digits count as 0.
        (lambda: tiny / 2 == 0, torch.set_flush_denormal, False),
        (
            lambda: dict(vars(printing)),
            vars(printing).update,
            dict(vars(type(printing)())),
        ),
    ]


def _matplotlib() -> PutBack:
    """The settings, and the figures that are open."""
    library = sys.modules.get("matplotlib")
    settings = dict(dict.items(library.rcParams)) if library else {}
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    figures = dict(helpers.Gcf.figs) if helpers else {}

    def put_back() -> None:
        library = sys.modules.get("matplotlib")
        if library is None:
            return
        backend = dict.get(library.rcParams, "backend")
        dict.update(library.rcParams, settings or _without_backend(library))
        if isinstance(settings.get("backend"), str) and settings["backend"] != backend:
            sys.modules["matplotlib.pyplot"].switch_backend(settings["backend"])
        if helpers := sys.modules.get("matplotlib._pylab_helpers"):
            open_now = helpers.Gcf.figs
            for manager in [x for x in open_now.values() if x not in figures.values()]:
                helpers.Gcf.destroy(manager)
            open_now.clear()
            open_now.update(figures)

    return put_back


def _without_backend(library: Any) -> dict[str, Any]:
    settings = dict(dict.items(library.rcParamsOrig))
    settings.pop("backend", None)
    return settings


def _shell() -> PutBack:
    """How a notebook shows values and errors, and what is to happen after the cell."""
    module = sys.modules.get("IPython.core.interactiveshell")
    if module is None or not module.InteractiveShell.initialized():
        return lambda: None
    shell = module.InteractiveShell.instance()
    shows, custom = shell.ast_node_interactivity, shell.custom_exceptions
    custom_traceback = vars(shell).get("CustomTB")
    lists = [*shell.events.callbacks.values(), shell.payload_manager._payload]
    lists += [shell.ast_transformers, shell.input_transformers_post]
    entries = [list(x) for x in lists]
    plain = shell.display_formatter.formatters["text/plain"]
    precision, form = plain.float_precision, plain.float_format

    def put_back() -> None:
        shell.ast_node_interactivity = shows
        shell.custom_exceptions = custom
        if custom_traceback is not None:
            shell.CustomTB = custom_traceback
        for now, before in zip(lists, entries, strict=True):
            now[:] = before
        if (plain.float_precision, plain.float_format) != (precision, form):
            plain.float_precision = precision
            plain.float_format = form

    return put_back


ARRANGED = [
    _process,
    _signals,
    _warnings,
    _logging,
    _locale,
    _random,
    _numpy,
    _torch,
    _matplotlib,
    _shell,
]
