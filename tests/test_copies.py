"""The copies that a browser keeps: in node, with a store in the browser's place."""

import json
import shutil
import subprocess

import pytest

from javascript import NODE, needs_node
from project import ROOT

PAGE = ROOT / "site/lite/page/run"
PATH, NEW = "01_tiny.ipynb", "01_tiny_new.ipynb"

pytestmark = needs_node

# A store; lessons of one cell; what the reader does; then the steps of a test.
BEGIN = """
import * as m from "./copies.js"
const kept = new Map()
const files = {
  get: async (path) => structuredClone(kept.get(path)),
  put: async (model) => void kept.set(model.path, structuredClone(model)),
  remove: async (path) => void kept.delete(path),
  keys: async () => [...kept.keys()],
}
const path = "01_tiny.ipynb"
let day = 1
const lesson = (...sources) => ({
  cells: sources.map((source) => (
    { cell_type: "code", source, metadata: {}, outputs: [], execution_count: null })),
})
const follow = (...sources) =>
  m.follow(files, path, lesson(...sources), new Date(2026, 0, day++))
const over = (...sources) =>
  m.startOver(files, path, lesson(...sources), new Date(2026, 0, day++))
const change = (name, ...sources) => {
  kept.get(name).content = lesson(...sources)
}
const run = (name) => {
  const cell = kept.get(name).content.cells[0]
  Object.assign(cell, { execution_count: 1, outputs: [{ output_type: "stream" }] })
  kept.get(name).content.cells.push(lesson("\\n").cells[0])
}
const source = (name) => kept.get(name)?.content.cells[0].source ?? null
const state = () => Object.fromEntries(
  [...kept.keys()].filter((key) => key.endsWith(".ipynb"))
    .map((key) => [key.replace(/_\\d{4}-.*/, ""), source(key)]))
"""


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Play steps in node; give what they give."""
    folder = tmp_path_factory.mktemp("copies")
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(PAGE / "copies.js", folder)

    def played(steps):
        code = f"JSON.stringify(await (async () => {{{steps}}})())"
        done = subprocess.run(
            [NODE, "--input-type=module", "-"],
            input=f"{BEGIN}\nconsole.log({code})",
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert not done.returncode, done.stderr
        return json.loads(done.stdout)

    return played


# What happens, and what is there then: .old/… without the date.
OLD = ".old/01_tiny"
STORIES = {
    "the first visit": ('await follow("a")', {PATH: "a"}),
    "no new version": ('await follow("a"); run(path); await follow("a")', {PATH: "a"}),
    "unchanged but run: renewed, the old one kept": (
        'await follow("a"); run(path); await follow("b")',
        {PATH: "b", OLD: "a"},
    ),
    "changed: it stays, the new one is beside": (
        'await follow("a"); change(path, "mine"); await follow("b")',
        {PATH: "mine", NEW: "b"},
    ),
    "changed, no new version: nothing beside": (
        'await follow("a"); change(path, "mine"); await follow("a")',
        {PATH: "mine"},
    ),
    "offered once": (
        'await follow("a"); change(path, "mine"); await follow("b"); await follow("b")',
        {PATH: "mine", NEW: "b"},
    ),
    "a third version takes the place of the unchanged second": (
        'await follow("a"); change(path, "mine"); await follow("b"); await follow("c")',
        {PATH: "mine", NEW: "c", f"{OLD}_new": "b"},
    ),
    "what was changed beside stays, too": (
        'await follow("a"); change(path, "mine"); await follow("b");'
        'change("01_tiny_new.ipynb", "too"); await follow("c")',
        {PATH: "mine", NEW: "too", "01_tiny_new2.ipynb": "c"},
    ),
    "a file of that name that is another's stays": (
        'const name = "01_tiny_new.ipynb";'
        'kept.set(name, m.model(name, lesson("x"), new Date));'
        'await follow("a"); change(path, "mine"); await follow("b")',
        {PATH: "mine", NEW: "x", "01_tiny_new2.ipynb": "b"},
    ),
    "taken over by hand: nothing beside is needed": (
        'await follow("a"); change(path, "mine"); await follow("b");'
        'change(path, "b"); await follow("b")',
        {PATH: "b", f"{OLD}_new": "b"},
    ),
    "a copy of nobody knows where stays": (
        'kept.set(path, m.model(path, lesson("mine"), new Date)); await follow("a")',
        {PATH: "mine", NEW: "a"},
    ),
    "lost notes: a copy is taken for a changed one": (
        'await follow("a"); kept.delete(".downhill/01_tiny.json"); await follow("b")',
        {PATH: "a", NEW: "b"},
    ),
    "deleted: it starts over": (
        'await follow("a"); kept.delete(path); await follow("b")',
        {PATH: "b"},
    ),
    "started over: what was there is kept": (
        'await follow("a"); change(path, "mine"); await over("a")',
        {PATH: "a", OLD: "mine"},
    ),
    "started over with a newer version beside": (
        'await follow("a"); change(path, "mine"); await follow("b"); await over("b")',
        {PATH: "b", OLD: "mine", f"{OLD}_new": "b"},
    ),
}


@pytest.fixture(scope="module")
def told(play):
    """What is there after each story, told in one run of node."""
    steps = "".join(
        f"kept.clear(); day = 1; {steps}; all.push(state());"
        for steps, _ in STORIES.values()
    )
    found = play(f"const all = []; {steps} return all")
    return dict(zip(STORIES, found, strict=True))


@pytest.mark.parametrize("story", STORIES)
def test_no_work_is_lost_and_no_new_lesson_is_hidden(story, told):
    assert told[story] == STORIES[story][1]


def test_two_copies_set_aside_in_one_second_are_both_kept(play):
    names = play(
        'await follow("a"); change(path, "1"); day = 5; await over("a");'
        'change(path, "2"); day = 5; await over("a");'
        "return (await m.older(files, path)).map(({ path }) => source(path))"
    )
    assert sorted(names) == ["1", "2"]


def test_older_copies_are_those_of_the_lesson_the_newest_first(play):
    found = play(
        'await follow("a"); change(path, "1"); await over("a"); change(path, "2");'
        'await over("a"); const other = ".old/01_tiny_more_2026-01-01_00.00.00.ipynb";'
        'kept.set(other, m.model(other, lesson("other"), new Date));'
        "return (await m.older(files, path)).map(({ path }) => source(path))"
    )
    assert found == ["2", "1"]


def test_a_reader_gets_no_predicted_output_and_figures_that_live(play):
    cells = play(
        'const book = lesson("a", "b"); book.cells[1].metadata.tags = ["hide-output"];'
        'for (const cell of book.cells) cell.outputs = [{ data: { "text/html": ["<p>",'
        '"</p>"], "application/json": [1, 2] } }];'
        "return [m.forReader(book), m.forDownload(m.forReader(book))].map(x => x.cells)"
    )
    data = {"text/html": "<p></p>", "application/json": [1, 2]}
    assert [cell["outputs"] for cell in cells[0]] == [[{"data": data}], []]
    assert all(cell["metadata"]["trusted"] for cell in cells[0])
    assert not any("trusted" in cell["metadata"] for cell in cells[1])


def test_what_counts_is_the_text_of_the_cells(play):
    same, other, broken = play(
        "const v = (...s) => m.version({ content: lesson(...s) });"
        'return [v("a\\nb") === v(["a\\r\\n", "b\\n"], "", "\\n"), v("a") === v("b"),'
        "m.version({ content: null })]"
    )
    assert (same, other, broken) == (True, False, None)


def test_the_page_says_the_same_in_each_language(tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module"}')
    text = (PAGE / "texts.js").read_text("utf-8")
    (tmp_path / "texts.js").write_text(f"{text}\nexport {{ languages }}\n", "utf-8")
    code = (
        'import { languages } from "./texts.js"; const named = (x) =>'
        "Object.entries(x).map(([k, v]) => [k, (v.match(/{\\w+}/g) ?? []).sort()]);"
        "console.log(JSON.stringify(Object.values(languages).map(named)))"
    )
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    first, *others = json.loads(done.stdout)
    assert all(other == first for other in others)
