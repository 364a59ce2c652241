"""Make nbval strict where it lets a broken notebook pass."""

import os
import re
import tempfile
import time
from collections import Counter
from queue import Empty

import pytest
from nbclient.exceptions import DeadKernelError
from nbval import kernel, plugin

import builder
import clean_kernel

os.environ.update(builder.KERNEL_ENVIRONMENT)

# Why MNIST is not at hand, or nothing: found out once, for all processes of a run.
REASON = "DOWNHILL_WITHOUT_MNIST"
# Whether each cell is run twice in a row, as learners do; in the run of all checks not
# those whose outputs are not compared, which train for minutes.
TWICE = bool(os.environ.get("DOWNHILL_TWICE"))
COMPLETE = bool(os.environ.get("DOWNHILL_COMPLETE"))
# How many cells of each lesson were not compared for that reason.
NOT_COMPARED = pytest.StashKey()

MARKER = re.compile(r"^\s*#+\s*(NBVAL|PYTEST_VALIDATE)_\w+", re.MULTILINE)
# What a cell says that writes a script, and what it says the next time.
REWRITES = re.compile(r"^Overwriting (?=\w+\.py$)", re.MULTILINE)
PICTURE = re.compile(r"data:image/\w+;base64,[\w+/=]*")


class Kernel(kernel.RunningKernel):
    """In an empty folder; keeps the status of the last reply, and minds the process."""

    status = None

    def __init__(self, kernel_name, cwd, **options):
        """Start a kernel away from the lessons and all that stands beside them."""
        self.empty = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        super().__init__(kernel_name, self.empty.name, **options)

    def stop(self):
        """End the kernel; its folder goes, too."""
        super().stop()
        self.empty.cleanup()

    def get_message(self, stream, timeout=None):
        """Note whether the kernel says that a cell ran to its end."""
        message = super().get_message(stream, timeout)
        if stream == "shell":
            self.status = message["content"]["status"]
        return message

    def await_reply(self, msg_id, timeout=None):
        """Wait in short slices: nbval would wait for a dead kernel until the end."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return super().await_reply(msg_id, timeout=1)
            except Empty:
                if not self.is_alive():
                    raise DeadKernelError from None
                if time.monotonic() > deadline:
                    raise


class Cell(plugin.IPyNbCell):
    """Also fails when the kernel died, and when its reply is not the expected one."""

    again = False

    def runtest(self):
        """Run the cell and check it; then once more in the same kernel, if asked to."""
        tags = self.cell.metadata.get("tags", [])
        if builder.MNIST_TAG in tags and os.environ[REASON]:
            self.options["check"] = False
            self.user_properties.append((REASON, self.path.name))
        self.run_once()
        again = TWICE or (COMPLETE and "nbval-ignore-output" not in tags)
        if again and builder.GOES_ON_TAG not in tags:
            # Also what is not compared with the stored outputs comes out the same.
            self.cell.outputs, self.options["check"] = self.test_outputs, True
            self.again = True
            self.run_once()

    def raise_cell_error(self, message, *args, **kwargs):
        """Say which of two runs it was."""
        which = "run once more, " if self.again else ""
        super().raise_cell_error(which + message, *args, **kwargs)

    def run_once(self):
        """Run the cell, compare its outputs, then look at the kernel's reply."""
        try:
            super().runtest()
        except DeadKernelError:
            self.raise_cell_error("the kernel died")
        failed = self.parent.kernel.status == "error"
        if failed and not self.options["check_exception"]:
            self.raise_cell_error("the cell did not run to its end")
        if self.options["check_exception"] and not failed:
            self.raise_cell_error("tagged raises-exception, but nothing was raised")

    def sanitize(self, s):
        """Drop the pixels of pictures; the text beside them is compared."""
        if not isinstance(s, str):
            return s
        return REWRITES.sub("Writing ", PICTURE.sub("", super().sanitize(s)))


class Notebook(plugin.IPyNbFile):
    """Refuses a notebook whose stored outputs prove nothing."""

    def setup(self):
        """Start the kernel that has nothing but the wheel."""
        os.environ["JUPYTER_PATH"] = str(clean_kernel.folder())
        super().setup()

    def collect(self):
        """Check execution counts and comments before any cell runs."""
        items = list(super().collect())
        counts = [item.cell.execution_count for item in items]
        if not items or counts != list(range(1, len(items) + 1)):
            raise self.CollectError(
                f"{self.path.name} was not executed from top to bottom (execution "
                f"counts {counts}): run make chapters"
            )
        for item in items:
            if marker := MARKER.search(item.cell.source):
                raise self.CollectError(
                    f"{self.path.name}, {item.name}: instead of the comment "
                    f"{marker[0]!r} tag the cell in the text, then run make chapters"
                )
            yield Cell.from_parent(
                self,
                name=item.name,
                cell_num=item.cell_num,
                cell=item.cell,
                options=item.options,
            )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Put the stricter class in the place of nbval's."""
    return [
        Notebook.from_parent(parent, path=file_path)
        if isinstance(node, plugin.IPyNbFile)
        else node
        for node in (yield)
    ]


def pytest_configure(config):
    """Look for MNIST, or download it, before the workers start."""
    clean_kernel.choose_folder(config)
    if REASON not in os.environ:
        os.environ[REASON] = builder.without_mnist()
    if not os.environ[REASON]:
        # A download is kept in the checkout, which the kernel does not know.
        os.environ.setdefault("D2L_DATA_DIR", str(clean_kernel.PROJECT / "data"))


def pytest_terminal_summary(terminalreporter):
    """Say which outputs were not compared, as MNIST was not at hand."""
    relaxed = Counter(
        name
        for report in terminalreporter.getreports("passed")
        for prop, name in report.user_properties
        if prop == REASON and report.when == "call"
    )
    if relaxed:
        terminalreporter.section("lessons without MNIST")
        terminalreporter.write_line(os.environ[REASON])
    terminalreporter.config.stash[NOT_COMPARED] = relaxed


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """Say it in the last lines of the run, where it is not overlooked."""
    for name, cells in sorted(config.stash.get(NOT_COMPARED, {}).items()):
        print(
            f"Without MNIST: {cells} cells of {name}, whose stored outputs are those "
            "of MNIST, were run but their outputs not compared."
        )


plugin.RunningKernel = Kernel
