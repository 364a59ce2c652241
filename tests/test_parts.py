"""What runs in the page is what it should be: files refused, lists that agree."""

import hashlib
import json
import subprocess
import sys
import zipfile

import pytest

import build_lite
import parts
from project import ROOT

GOOD, BAD = b"as it was published", b"as it was publishes"
LOCK = json.loads(parts.LOCK.read_text("utf-8"))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def wheel(folder, name, **files):
    """A wheel of a package; give its path."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    with zipfile.ZipFile(path, "w") as content:
        content.writestr(f"{info}/METADATA", about)
        content.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        for module, text in files.items():
            content.writestr(f"{name}/{module}.py", text)
    return path


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A small release, with its lists; nothing can be asked but the given answers."""
    table = tmp_path / "parts.toml"
    table.write_text(
        'version = "0"\nrelease = "http://127.0.0.1:9/"\n'
        f'[carrier]\nname = "carrier-1.0-py3-none-any.whl"\nsha256 = "{"0" * 64}"\n'
        'folder = "inside/"\n'
        f'[core]\n"pyodide.mjs" = "{sha256(GOOD)}"\n[wheels]\n'
    )
    lock = tmp_path / "lock.json"
    lock.write_text('{"packages": {}}')
    folder = tmp_path / "cache"
    folder.mkdir()
    asked = []

    def answer(content):
        def download(wheels, into):
            asked.extend(wheels)
            with zipfile.ZipFile(into / "carrier-1.0-py3-none-any.whl", "w") as file:
                file.writestr("inside/pyodide.mjs", content)

        monkeypatch.setattr(parts, "pip_download", download)
        return lambda: parts.gather(folder, lock, table)

    answer.folder, answer.asked = folder, asked
    return answer


def test_what_cannot_be_had_from_the_release_comes_out_of_a_wheel_once(source):
    gather = source(GOOD)
    assert (gather() / "pyodide.mjs").read_bytes() == GOOD
    gather()
    assert source.asked == ["carrier-1.0-py3-none-any.whl"]


def test_a_download_with_another_byte_is_refused(source):
    with pytest.raises(parts.PartError, match=r"pyodide.mjs is not what it should be"):
        source(BAD)()
    assert not list(source.folder.iterdir())


def test_a_cached_file_with_another_byte_is_refused_and_deleted(source):
    (source.folder / "pyodide.mjs").write_bytes(BAD)
    with pytest.raises(parts.PartError, match=r"was deleted: its SHA-256 begins with"):
        source(GOOD)()
    assert not list(source.folder.iterdir())
    assert (source(GOOD)() / "pyodide.mjs").read_bytes() == GOOD


def test_pip_refuses_a_wheel_with_another_hash(tmp_path, monkeypatch, capfd):
    path = wheel(tmp_path, "tiny")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    (tmp_path / "good").mkdir()
    parts.pip_download({path.name: sha256(path.read_bytes())}, tmp_path / "good")
    assert (tmp_path / "good" / path.name).read_bytes() == path.read_bytes()
    (tmp_path / "bad").mkdir()
    with pytest.raises(parts.PartError, match="cannot download"):
        parts.pip_download({path.name: "0" * 64}, tmp_path / "bad")
    assert "DO NOT MATCH" in capfd.readouterr().err


def test_the_lock_has_all_that_is_needed_and_no_more():
    assert parts.prune(LOCK) == LOCK
    assert {"matplotlib", "numpy", "scipy"} <= LOCK["packages"].keys()


def test_every_file_has_a_hash():
    official, others = parts.hashes()
    assert not official.keys() & others.keys()
    assert all(len(int(x, 16).to_bytes(32)) == 32 for x in (official | others).values())


def test_a_package_is_locked_with_what_it_needs_in_a_page(tmp_path):
    path = wheel(tmp_path, "d2l_utils", __init__="")
    entry = build_lite.lock_entry(path)
    assert entry["sha256"] == sha256(path.read_bytes())
    assert entry["imports"] == ["d2l_utils"]
    assert "torch" not in entry["depends"]
    lock = build_lite.whole_lock(tmp_path)["packages"]
    assert not build_lite.LEFT_OUT & lock.keys()
    for package in lock.values():
        assert set(package["depends"]) <= lock.keys()
    files = build_lite.closure(lock, ["d2l-utils"])
    assert any(name.startswith("numpy-") for name in files)
    assert not any(name.startswith("scipy-") for name in files)


def test_the_wheel_of_the_page_has_no_lessons(tmp_path):
    with zipfile.ZipFile(tmp_path / "whole.whl", "w") as whole:
        whole.writestr("d2l_utils/bundled/lesson.ipynb", "{}")
        whole.writestr("d2l_utils/__init__.py", "")
        record = "d2l_utils/bundled/lesson.ipynb,,\nd2l_utils/__init__.py,,\n"
        whole.writestr("d2l_utils-1.dist-info/RECORD", record)
    build_lite.light(tmp_path / "whole.whl", tmp_path / "light.whl")
    with zipfile.ZipFile(tmp_path / "light.whl") as light:
        assert not any("ipynb" in name for name in light.namelist())
        record = light.read("d2l_utils-1.dist-info/RECORD")
    assert record == b"d2l_utils/__init__.py,,\n"


def test_a_build_that_fails_says_so_in_a_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "site/lite/parts.py", "--cache", tmp_path],
        env={"PIP_NO_INDEX": "1", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.endswith(
        "pip cannot download what runs in the page, see above.\n"
    )
