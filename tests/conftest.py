import gc
import importlib.util
import os
import re
import signal

import pytest
from hypothesis import settings

import browser as real_browser
import builder
import clean_kernel
import parts
import web
from project import ALL_OF_A_LESSON, COMPLETE, NIGHTLY

# As in the lessons' kernels: one thread, and no record of solved exercises. Those that
# train take the small data.
os.environ |= builder.KERNEL_ENVIRONMENT | {"D2L_EXERCISE_DATA": "digits"}

# A run in the background ignores Ctrl + C, which tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)

HEAVY = "takes long: .ci/run runs it, and DOWNHILL_COMPLETE=1 make test"
NEVER_BY_DAY = "takes longer still: make nightly runs it"
# What even a complete machine may do without: it runs as root, has no MNIST, or lets
# nobody be alone; and what is left to the night.
MAY_LACK = re.compile(
    "root may write anywhere|needs the files of MNIST"
    f"|without a network and a name|{NEVER_BY_DAY}"
)

# The same examples on every run; the clock decides nothing.
settings.register_profile("downhill", deadline=None, derandomize=True)
settings.load_profile("downhill")


def pytest_configure(config):
    """Some tests run lessons in a kernel that all processes share."""
    clean_kernel.choose_folder(config)


def pytest_collection_modifyitems(items):
    """Begin with the lessons and the files that take long, and skip what is heavy.

    At the end of the run there is something left for each worker.
    """
    heavy = [item for item in items if item.get_closest_marker("heavy")]
    long = {item.path for item in heavy}
    items.sort(key=lambda item: (item.path.suffix != ".ipynb", item.path not in long))
    for item in items:
        if item.get_closest_marker("nightly"):
            if not NIGHTLY:
                item.add_marker(pytest.mark.skip(NEVER_BY_DAY))
        elif item.get_closest_marker("heavy") and not ALL_OF_A_LESSON:
            item.add_marker(pytest.mark.skip(HEAVY))


def pytest_sessionfinish(session):
    """Where nothing may be missing, a test that was skipped makes the run red."""
    if not COMPLETE or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reasons = {report.longrepr[2] for report in reporter.stats.get("skipped", ())}
    if missing := [reason for reason in reasons if not MAY_LACK.search(reason)]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.section("nothing may be missing here, but", red=True)
        for reason in sorted(missing):
            reporter.write_line(reason.removeprefix("Skipped: "))


@pytest.fixture(scope="module", autouse=True)
def kept():
    """Answers collect garbage a thousand times: what is there before them is none."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def sphinx():
    """What builds the site; learners do without it."""
    if not importlib.util.find_spec("sphinx_book_theme"):
        pytest.skip("Sphinx is not installed; `make site` installs it")


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """A folder for all workers."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def html(sphinx, common):
    """The finished site, one for all workers."""
    return web.build_once(common)


@pytest.fixture(scope="session")
def lite(html, common):
    """The folder of the site that has what runs lessons in the page."""
    try:
        return web.build_lite_once(common, html)
    except parts.PartError as error:
        pytest.skip(f"what runs lessons in the page is not built: {error}")


# It must have ended when another module starts: its event loop would stay.
@pytest.fixture(scope="module")
def browser():
    """Chromium."""
    with real_browser.launched() as chromium:
        yield chromium
