"""The browser that opens the pages for tests, and prints them."""

import os
import shutil

# The one that is named; else Debian's name, Ubuntu's, those of what is made of it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, NAMES)), ""
)
# It would ask its maker's hosts by itself.
ARGUMENTS = [
    *("--disable-gpu", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--no-first-run"),
]
