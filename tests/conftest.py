import importlib.util
import os

import pytest
from hypothesis import settings

import browser as real_browser
import builder
import web

# As in the lessons' kernels: one thread, and no record of solved exercises. Those that
# train take the small data.
os.environ |= builder.KERNEL_ENVIRONMENT | {"D2L_EXERCISE_DATA": "digits"}

# The same examples on every run; the clock decides nothing.
settings.register_profile("downhill", deadline=None, derandomize=True)
settings.load_profile("downhill")


@pytest.fixture(scope="session")
def sphinx():
    """What builds the site; learners do without it."""
    if not importlib.util.find_spec("sphinx_book_theme"):
        pytest.skip("Sphinx is not installed; `make site` installs it")


@pytest.fixture(scope="session")
def html(sphinx, tmp_path_factory):
    """The finished site, one for all workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    return web.build_once(folder)


# It must have ended when another module starts: its event loop would stay.
@pytest.fixture(scope="module")
def browser():
    """Chromium."""
    with real_browser.launched() as chromium:
        yield chromium
