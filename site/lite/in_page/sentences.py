"""All that `in_page` says to a reader: whole sentences, so that they can be translated.

What a library is called, `{library}`, and a reader's `{name}` have named places.
"""

LIBRARIES = {"torch": "PyTorch", "keras": "Keras"}

# A cell that uses what is lacking, by what that is.
CELL = {
    "library": (
        "This cell needs {library}, which does not run in a browser: the README of the "
        "course says under Start how to install what the lessons need."
    ),
    "processes": (
        "This cell starts other programs, which a browser does not allow: the README "
        "of the course says under Start how to install what the lessons need."
    ),
    "threads": (
        "This cell starts a thread, which Python cannot do in a browser: the README of "
        "the course says under Start how to install what the lessons need."
    ),
}

# A cell that uses a name that such a cell would have made.
NAME = {
    "library": (
        "This cell needs `{name}`, which a cell above makes with {library}, and that "
        "does not run in a browser: the README of the course says under Start how to "
        "install what the lessons need."
    ),
    "processes": (
        "This cell needs `{name}`, which a cell above makes with other programs, and a "
        "browser does not allow those: the README of the course says under Start how "
        "to install what the lessons need."
    ),
    "threads": (
        "This cell needs `{name}`, which a cell above makes with a thread, and Python "
        "cannot start one in a browser: the README of the course says under Start how "
        "to install what the lessons need."
    ),
}
