"""Tags are known, and every one that loosens a check is listed here."""

import nbformat
from nbval.plugin import metadata_tags

from project import NOTEBOOKS, lesson_name

# (lesson, first line of the cell, tag): reason
LOOSENED: dict[tuple[str, str, str], str] = {}

LOOSENING = set(metadata_tags) - {"nbval-check-output"}
KNOWN = LOOSENING | {"exercise", "save"}

TAGS = [
    (lesson_name(notebook), cell.source.partition("\n")[0], tag)
    for notebook in NOTEBOOKS
    for cell in nbformat.read(notebook, as_version=4).cells
    for tag in cell.metadata.get("tags", [])
]


def test_tags_are_known():
    assert {entry for entry in TAGS if entry[2] not in KNOWN} == set()


def test_loosened_checks_are_listed():
    found = [entry for entry in TAGS if entry[2] in LOOSENING]
    assert sorted(found) == sorted(LOOSENED), "the list and the lessons differ"


def test_loosened_checks_have_a_reason():
    assert [entry for entry, reason in LOOSENED.items() if not reason.strip()] == []
