"""A lesson as a learner is to find it, and as JupyterLab saves it on this computer.

JupyterLab writes into each notebook that it opens which Python runs it. The lessons of
the course do not say, as that differs from one computer to another; so the copy says
it, and opening it changes nothing. What is to be predicted is not there yet.
"""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._working_copy import Notebook

# What the builder writes; a lesson that says more was saved by JupyterLab.
OF_THE_COURSE = {"name": "python"}
# The tag of a cell that shows what the reader is to predict.
PREDICTED_TAG = "hide-output"


def for_learner(lesson: "Notebook") -> "Notebook":
    """A lesson that was read, with this Python's kernel, without what is predicted."""
    try:
        whole = json.loads(lesson.content)
        metadata = whole["metadata"]
        if metadata["language_info"] == OF_THE_COURSE:
            from ipykernel.ipkernel import IPythonKernel

            metadata["language_info"] = IPythonKernel.language_info
            for cell in whole["cells"]:
                if PREDICTED_TAG in cell["metadata"].get("tags", []):
                    cell |= {"outputs": [], "execution_count": None}
            text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
            return lesson._replace(content=f"{text}\n".encode())
    except Exception:  # anybody may have written it, and there may be no kernel
        pass
    return lesson
