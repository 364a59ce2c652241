"""Interactive figures: drawn by a script in the page, with a picture in its place.

Each figure is an ES module beside this file. It needs no network, no kernel and no
other package: what the notebook stores is all of it.
"""

import base64
import functools
import html
import importlib.resources
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from .. import plotting

# The picture is only the stand-in: thin lines in a few colors, not as sharp as others.
COLORS = 32
SCALE = 1.5

# No ids: two figures, or one that is shown twice, do not meet. A front end may run a
# copy of the script that it has put behind the script itself.
FIND = """let place = document.currentScript.previousElementSibling
while (place.localName === "script") place = place.previousElementSibling"""

IMPORT = r'(?m)^import \{[^}]*\} from "\./(\w+)\.js"$'

STILL = "A still picture: run this cell in JupyterLab, and the figure answers."
NOTE = "an interactive figure: it answers in a Jupyter notebook"


@dataclass(frozen=True)
class Interactive:
    """An interactive figure, as the last value of a cell.

    Args:
        html: the picture and, behind it, the script that takes its place.
        alt: the alternative text: what the figure shows.
    """

    html: str
    alt: str

    def __repr__(self) -> str:
        """Say where it can be seen."""
        return f"<{NOTE}; print it to read what it shows>"

    def __str__(self) -> str:
        """Give the alternative text, and where the figure can be seen."""
        return f"{self.alt} ({NOTE[0].upper()}{NOTE[1:]}.)"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Both of them: a front end takes what it can show. A terminal shows words."""
        if plotting.takes_html() is False:
            return {"text/plain": str(self)}
        return {"text/html": self.html, "text/plain": self.alt}


@functools.cache
def _script(name: str) -> str:
    """A module and what it imports as the body of one function, without comments.

    The colors of the style take the place of #C0, #C1 and so on.

    The modules keep to what this needs: they import from "./frame.js", and maybe from
    "./points.js", which imports from that alone; they export declarations, have
    comments on lines of their own, and no two of them define the same name.
    """
    folder = importlib.resources.files("d2l_utils.interactive")
    with plt.style.context("d2l_utils.downhill"):
        colors = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    lines = []
    source = (folder / f"{name}.js").read_text(encoding="utf-8")
    for part in [*re.findall(IMPORT, source), name]:
        source = (folder / f"{part}.js").read_text(encoding="utf-8")
        for line in re.sub(IMPORT, "", source).splitlines():
            code = re.sub("^export ", "", line.strip())
            if code and not code.startswith("//"):
                lines.append(code)
    return re.sub(
        r"#C(\d)\b", lambda c: to_hex(colors[int(c[1])]).upper(), "\n".join(lines)
    )


def interactive(
    name: str, alt: str, draw: Callable[[Figure], None], **options: Any
) -> Interactive:
    """The figure of the module ``name``; ``draw`` draws its stand-in.

    The options are what JSON can hold; ``mount`` gets them as an object.
    """
    # In a page "</script>" would end the script, also within a string.
    values = json.dumps(options).replace("<", r"\u003c")
    with plt.style.context("d2l_utils.downhill"):
        fig = Figure(figsize=(7.2, 2.8))
        draw(fig)
        png = plotting._png(fig, colors=COLORS, scale=SCALE)
    picture = base64.b64encode(png).decode("ascii")
    return Interactive(
        f'<div><img width="720" style="max-width: 100%" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{picture}"><p><small>{STILL}</small></p></div>'
        f"<script>\n(() => {{\n{_script(name)}\n{FIND}\n"
        f"mount(place, {values})\n}})()\n</script>",
        alt,
    )
