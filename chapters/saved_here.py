"""A lesson as JupyterLab saves it on this computer, so that opening it changes nothing.

JupyterLab writes into each notebook that it opens which Python runs it. The lessons of
the course do not say, as that differs from one computer to another.
"""

import json

# What the builder writes; a lesson that says more was saved by JupyterLab.
OF_THE_COURSE = {"name": "python"}


def with_kernel(lesson):
    """A lesson that was read, with the kernel of this Python in its metadata."""
    try:
        whole = json.loads(lesson.content)
        metadata = whole["metadata"]
        if metadata["language_info"] == OF_THE_COURSE:
            from ipykernel.ipkernel import IPythonKernel

            metadata["language_info"] = IPythonKernel.language_info
            text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
            return lesson._replace(content=f"{text}\n".encode())
    except Exception:  # anybody may have written it, and there may be no kernel
        pass
    return lesson
