"""Run lessons in the browser's Python, with node, and compare what comes out.

    python site/lite/page_python.py [NAME ...]

writes anew which cells of these lessons, of all without a name, do not run in a page as
on a computer, and why: `cannot_run.toml`. Read its difference before you commit it. A
cell that gives another output without a reason, or a traceback, is refused.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from pathlib import Path
from typing import NamedTuple

import nbformat

import build_lite
import parts
from in_page import sentences

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "chapters"))

import builder  # noqa: E402

LIST = HERE / "cannot_run.toml"
HEAD = """\
# The cells that do not run in a page as on a computer, by their ids, each with the
# reason. PyTorch, Keras, processes: the cell shows one sentence. MNIST: it runs on the
# bundled digits, so its output is another one. packages: it says what is installed.
# Written by `python site/lite/page_python.py`.
"""
# Reasons for another output, which is not compared; the others are for a sentence.
OTHER_OUTPUT = {"MNIST", "packages"}
SAME, DIFFERENT, FAILED = "same", "different", "failed"
# What the outputs of a cell are compared by: pictures are not.
PICTURE = re.compile(r"data:image/\w+;base64,[\w+/=]*")


class Cell(NamedTuple):
    """A cell that ran in the page's Python.

    Args:
        number: Its place among the code cells, from 1.
        cell: As it is in the notebook.
        shown: Its outputs there.
        seconds: How long it took.
    """

    number: int
    cell: nbformat.NotebookNode
    shown: dict
    seconds: float

    @property
    def tags(self):
        """Its tags."""
        return self.cell.metadata.get("tags", [])


def run(lite, notebook, compiled, timeout=1800):
    """Run a notebook's code cells with what is built in a folder; give the cells.

    Args:
        lite: The folder.
        notebook: The path of the notebook.
        compiled: A folder for compiled modules: the next lesson starts sooner.
        timeout: In seconds.

    Raises:
        RuntimeError: Python ended before the last of them.
    """
    done = subprocess.run(
        ["node", HERE / "run_lesson.mjs", lite, notebook, compiled],
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    if done.returncode:
        raise RuntimeError(f"the page's Python ended early:\n{done.stderr[-2000:]}")
    return cells(notebook, json.loads(done.stdout))


def cells(notebook, ran):
    """The code cells of a notebook with what came out."""
    lesson = nbformat.read(notebook, as_version=4)
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    return [
        Cell(number, cell, shown(result["outputs"]), result["seconds"])
        for number, (cell, result) in enumerate(zip(code, ran, strict=True), 1)
    ]


def shown(outputs):
    """What a cell shows, without pictures: texts by their kind."""
    texts = {}
    for output in outputs:
        match output["output_type"]:
            case "stream":
                found = {output["name"]: output["text"]}
            case "error":
                found = {"error": "\n".join(output["traceback"])}
            case _:
                found = {k: v for k, v in output["data"].items() if "image/" not in k}
        for kind, text in found.items():
            text = PICTURE.sub("", "".join(text))
            texts[kind] = texts.get(kind, "") + text
    return {kind: text for kind, text in texts.items() if text}


def lacking(sentence):
    """What is lacking where a cell ends with this sentence, if it is one of ours."""
    for templates in (sentences.CELL, sentences.NAME):
        for kind, template in templates.items():
            for library in sentences.LIBRARIES.values():
                ours = template.format(library=library, name="NAME")
                pattern = re.escape(ours).replace("NAME", r"\w+")
                if re.fullmatch(pattern, sentence):
                    return library if kind == "library" else kind
    return None


def outcome(ran):
    """What came of a cell: `same`, `different`, `failed`, or what it lacks."""
    stored, got = shown(ran.cell.outputs), dict(ran.shown)
    if reason := lacking(got.get("stderr", "").rstrip("\n")):
        # Before it stopped it may have printed what it prints on a computer.
        begin = stored.get("stdout", "").startswith(got.pop("stdout", ""))
        fits = got.keys() == {"stderr"} and (begin or builder.MNIST_TAG in ran.tags)
        return reason if fits else FAILED
    if "error" in got or got.get("stderr") != stored.get("stderr"):
        return FAILED
    if got == stored or "nbval-ignore-output" in ran.tags:
        return SAME
    return DIFFERENT


def complaints(name, ran, listed):
    """What is wrong with a lesson in the page; nothing if all is as it should be.

    Args:
        name: The name of the lesson.
        ran: Its cells, as they ran.
        listed: The reasons why cells do not run, by their ids.
    """
    wrong = []
    for one in ran:
        reason, found = listed.get(one.cell.id), outcome(one)
        where = f"{name}, code cell {one.number} ({one.cell.id})"
        if found == (DIFFERENT if reason in OTHER_OUTPUT else reason or SAME):
            continue
        if found == SAME:
            wrong.append(f"{where} runs in the page: it is on the list, {reason!r}")
        elif found in (DIFFERENT, FAILED):
            told = f"stored: {shown(one.cell.outputs)}\nin the page: {one.shown}"
            wrong.append(f"{where} {found} in the page\n{told}")
        else:
            wrong.append(
                f"{where} needs {found}: "
                + (f"the list says {reason!r}" if reason else "it is not on the list")
            )
    known = {one.cell.id for one in ran}
    gone = [cell for cell in listed if cell not in known]
    return wrong + [f"{name} has no code cell {x}: it is on the list" for x in gone]


def reasons(path=LIST):
    """Why cells do not run: by the names of lessons, then by the cells' ids."""
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def found_reasons(ran, before):
    """The reasons as they are now; where nothing says why, that of before."""
    found = {}
    for one in ran:
        reason = outcome(one)
        if reason == DIFFERENT:
            told = before.get(one.cell.id)
            reason = "MNIST" if builder.MNIST_TAG in one.tags else told or DIFFERENT
        if reason not in (SAME, DIFFERENT, FAILED):
            found[one.cell.id] = reason
    return found


def written(listed):
    """The list as a file: beside each cell its number, and how its code begins."""
    lines = [HEAD]
    for name, found in sorted(listed.items()):
        lines.append(f"[{name}]")
        lesson = nbformat.read(builder.CHAPTERS / f"en/{name}.ipynb", as_version=4)
        code = [cell for cell in lesson.cells if cell.cell_type == "code"]
        for number, cell in enumerate(code, 1):
            if cell.id in found:
                first = cell.source.partition("\n")[0]
                begin = textwrap.shorten(first, 50, placeholder=" …")
                lines.append(f'{cell.id} = "{found[cell.id]}" # {number}: {begin}')
        lines.append("")
    return "\n".join(lines)


def main():
    """Write the list; say how many cells of each lesson run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names
    listed, wrong = reasons(), []
    try:
        lite = build_lite.build()
    except parts.PartError as error:
        sys.exit(str(error))
    with tempfile.TemporaryDirectory() as compiled:
        for text in builder.texts(names):
            if text.parent.name != "en":
                continue  # The others are the same programs.
            name = text.stem
            ran = run(lite, builder.notebook_path(text), compiled)
            listed[name] = found_reasons(ran, listed.get(name, {}))
            wrong += complaints(name, ran, listed[name])
            count, seconds = len(listed[name]), sum(one.seconds for one in ran)
            print(f"{name}: {len(ran)} cells, {count} on the list, {seconds:.0f} s")
    LIST.write_text(written({k: v for k, v in listed.items() if v}), "utf-8")
    if wrong:
        sys.exit("\n\n".join(wrong))


if __name__ == "__main__":
    main()
