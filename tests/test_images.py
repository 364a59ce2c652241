"""Digits: the bundled ones, and MNIST from disks and servers with every fault.

The servers are real ones, on this computer alone. MNIST is replaced by a tiny set of
the same form, save in the test at the end.
"""

import _thread
import contextlib
import errno
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer

import numpy as np
import platformdirs
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import d2l_utils as d2l
import make_digits
from d2l_utils import _files, _places, images
from project import COMPLETE, ROOT

ARRAYS = ["train_images", "train_labels", "test_images", "test_labels"]
MNIST_FILES = images.FILES
NAMES = [known.name for known in MNIST_FILES]
FIRST = NAMES[0]
REAL = Path(os.environ.get("D2L_DATA_DIR", ""), "mnist")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def changed(change):
    return {name: change(packed) for name, packed in PACKED.items()}


def flip(content, place):
    """Change the lowest bit of one byte."""
    flipped = bytearray(content)
    flipped[place] ^= 1
    return bytes(flipped)


RNG = np.random.default_rng(0)
TINY = [
    RNG.integers(0, 256 if len(shape) == 3 else 10, shape)
    for shape in [(12, 28, 28), (12,), (6, 28, 28), (6,)]
]
CONTENTS = dict(zip(NAMES, map(idx, TINY), strict=True))
PACKED = {name: gzip.compress(content, mtime=0) for name, content in CONTENTS.items()}
OTHER = {name: gzip.compress(flip(CONTENTS[name], -1)) for name in NAMES}
KNOWN = tuple(
    _files.Known(name, len(content), sha256(content))
    for name, content in CONTENTS.items()
)


@pytest.fixture(autouse=True)
def checkout(monkeypatch, tmp_path):
    """The tiny set, a checkout of its own, and no way to any other computer."""
    checkout = tmp_path / "checkout"
    (checkout / "data").mkdir(parents=True)
    (checkout / "d2l_utils").mkdir()
    for name in ("README.md", "digits.csv"):
        shutil.copy(ROOT / "data" / name, checkout / "data")
    monkeypatch.setattr(_places, "__file__", str(checkout / "d2l_utils" / "_p.py"))
    monkeypatch.setattr(images, "FILES", KNOWN)
    monkeypatch.delenv("D2L_DATA_DIR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    find = socket.getaddrinfo

    def find_here(host, *args, **kwargs):
        assert host == "127.0.0.1"
        return find(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", find_here)
    return checkout


@pytest.fixture
def cache(checkout):
    return checkout / "data" / "mnist"


def fill(folder, files=PACKED):
    folder.mkdir(parents=True, exist_ok=True)
    for name, packed in files.items():
        (folder / name).write_bytes(packed)
    return folder


def found_in(folder):
    """What a folder holds."""
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def load(root=None, mirrors=()):
    """Whether MNIST is loaded, else the bundled digits, and what is printed."""
    addresses = [getattr(mirror, "address", mirror) for mirror in mirrors]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        result = d2l.load_mnist(root, mirrors=addresses)
    same = [
        np.array_equal(getattr(result, name), array)
        for name, array in zip(ARRAYS, TINY, strict=True)
    ]
    assert result.name == ("MNIST" if all(same) else "digits")
    assert all(same) or not any(same)
    return all(same), out.getvalue()


GOOD = True, ""


def although(*notes):
    return True, f"MNIST is loaded, although {'; '.join(notes)}.\n"


def lacks(folder, *notes, names=NAMES):
    why = "; ".join([f"missing: {', '.join(names)}", *notes])
    instead = "using the 1,797 bundled digits instead.\n"
    return False, f"MNIST is not complete in {folder} ({why}): {instead}"


# --- servers


class Mirror(ThreadingTCPServer):
    """A server that sends the parts of its answer: bytes, and seconds to wait."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Request)
        self.answer = answer
        self.address = f"http://127.0.0.1:{self.server_address[1]}/mnist/"
        self.asked = []
        self.headers = []
        self.sent = 0
        self.closing = threading.Event()

    def handle_error(self, request, client_address):
        pass  # the client has gone


class Request(BaseHTTPRequestHandler):
    def do_GET(self):
        server, name = self.server, self.path.removeprefix("/mnist/")
        server.asked.append(name)
        server.headers.append(self.headers)
        for part in server.answer(name):
            if isinstance(part, bytes):
                self.wfile.write(part)
                server.sent += len(part)
            else:
                server.closing.wait(part)

    def log_message(self, *args):
        pass


@pytest.fixture
def serve():
    """Start servers that end with the test."""
    with contextlib.ExitStack() as stack:

        def start(answer):
            server = stack.enter_context(Mirror(answer))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(server.closing.set)
            return server

        yield start


def head(status=200, **headers):
    lines = [f"{name.replace('_', '-')}: {headers[name]}\r\n" for name in headers]
    return f"HTTP/1.1 {status} OK\r\n{''.join(lines)}\r\n".encode()


def whole(body, status=200, **headers):
    """A complete answer."""
    return [head(status, Content_Length=len(body), **headers) + body]


def bodies(files, **headers):
    return lambda name: whole(files[name], **headers)


def always(*parts):
    return lambda name: parts


def cut(name):
    return [whole(PACKED[name])[0][:2000]]


def stalled(name):
    return [*cut(name), LONG]


def endless(*args, **kwargs):
    filling = PACKED[FIRST][:10] + bytes(9990)
    return always(head(*args, **kwargs), *[filling] * (ENDLESS // len(filling)))


good = bodies(PACKED)
LONG = 30
TRICKLE = [b"x", 0.05] * 100
BROKEN_CHUNKS = head(Transfer_Encoding="chunked") + b"800\r\n" + PACKED[FIRST][:2500]
ENDLESS = 100_000_000
NOBODY = "127.0.0.1:1"  # nobody listens there
PAGE = b"<!DOCTYPE html><title>Sorry</title><p>Not today.</p>"
BOMB = gzip.compress(bytes(12_000_000))
SWAPPED = dict(zip(NAMES, [PACKED[name] for name in reversed(NAMES)], strict=True))

DAMAGED = "was cut off or damaged"
ANOTHER = "did not hold what it should"
TOO_MUCH = "sent more than the file has"
BROKE = "the connection broke"
NO_CONNECTION = "no connection"
TOO_LONG = "took too long"
# What a file holds, from a server or on the disk, and what is said about it.
BAD = {
    "cut": (changed(lambda body: body[:-5]), DAMAGED),
    "one bit of how it is packed": (changed(lambda body: flip(body, 10)), DAMAGED),
    "one byte more": (changed(lambda body: body + b"x"), DAMAGED),
    "one bit": (changed(lambda body: flip(body, len(body) // 2)), DAMAGED),
    "one bit inside": (OTHER, ANOTHER),
    "one bit, unpacked": ({n: flip(CONTENTS[n], -1) for n in NAMES}, ANOTHER),
    "cut, unpacked": ({n: CONTENTS[n][:-1] for n in NAMES}, ANOTHER),
    "other files": (SWAPPED, ANOTHER),
    "error page": (dict.fromkeys(NAMES, PAGE), ANOTHER),
    "nothing": (dict.fromkeys(NAMES, b""), ANOTHER),
    "bomb": (dict.fromkeys(NAMES, BOMB), ANOTHER),
}
# What a server does, and what is said about it.
FAULTS = {label: (bodies(files), why) for label, (files, why) in BAD.items()} | {
    "no such file": (always(*whole(PAGE, 404)), "error 404"),
    "server error": (always(*whole(PAGE, 500)), "error 500"),
    "packed answer": (always(*whole(BOMB, Content_Encoding="gzip")), TOO_MUCH),
    "another behind": (bodies(changed(lambda body: body * 2)), TOO_MUCH),
    "endless": (endless(), TOO_MUCH),
    "endless page": (endless(302, Location=f"http://{NOBODY}/"), NO_CONNECTION),
    "to itself": (always(*whole(b"", 302, Location=f"/mnist/{FIRST}")), NO_CONNECTION),
    "to a disk": (always(*whole(b"", 302, Location="file:///etc")), NO_CONNECTION),
    "hangs up": (always(), NO_CONNECTION),
    "no http": (always(b"SSH-2.0-server\r\n"), NO_CONNECTION),
    "breaks": (cut, BROKE),
    "broken chunks": (always(BROKEN_CHUNKS), BROKE),
    "stalled": (stalled, BROKE),
    "silent": (always(LONG), NO_CONNECTION),
    "trickle": (always(head(), *TRICKLE), TOO_LONG),
    "trickle of a header": (always(head()[:-2], b"X-Long: ", *TRICKLE), TOO_LONG),
}


def test_in_a_browser_no_host_is_asked(serve, tmp_path, monkeypatch):
    server = serve(good)
    monkeypatch.setattr(images.sys, "platform", "emscripten")
    assert load(tmp_path, [server]) == lacks(tmp_path)
    assert not server.asked


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_bad_comes_from_a_server(serve, cache, capsys, monkeypatch, fault):
    answer, reason = FAULTS[fault]
    if fault in {"silent", "stalled"}:
        monkeypatch.setattr(_files, "TIMEOUTS", (5, 0.25))
    if reason == TOO_LONG:
        monkeypatch.setattr(_files, "DEADLINE", 0.3)
    bad, second = serve(answer), serve(good)
    assert load(mirrors=[bad]) == lacks(cache, f"127.0.0.1: {reason}")
    assert not cache.exists()
    # Without its first file the others are of no use.
    times = {"to itself": 31}.get(fault, 2 if reason == BROKE else 1)
    assert bad.asked == [FIRST] * times
    bad.asked.clear()
    if reason == TOO_LONG:
        monkeypatch.setattr(_files, "DEADLINE", 1)  # time enough for the good one
    assert load(mirrors=[bad, second]) == GOOD
    assert found_in(cache) == PACKED
    # Who failed once is not asked again while the other one answers.
    assert bad.asked == [FIRST] * times
    assert second.asked == NAMES
    # At most a progress bar, which draws over itself.
    assert "\n" not in capsys.readouterr().err


def once(first, then=good):
    """Another answer the first time that a file is asked for."""
    asked = []

    def answer(name):
        asked.append(name)
        return first(name) if asked.count(name) == 1 else then(name)

    return answer


def redirected(name):
    original, _, moved = name.partition("?")
    there = f"/mnist/{name}?moved"
    return good(original) if moved else whole(PAGE, 302, Location=there)


GOOD_ENOUGH = {
    "good": good,
    "called packed": bodies(PACKED, Content_Encoding="gzip"),
    "packed twice": bodies(changed(gzip.compress), Content_Encoding="gzip"),
    "unpacked": bodies(CONTENTS),
    "packed better": bodies({n: gzip.compress(CONTENTS[n], 1) for n in NAMES}),
    "hardly packed": bodies({n: gzip.compress(CONTENTS[n], 0) for n in NAMES}),
    "without length": lambda name: [head() + PACKED[name]],
    "redirected": redirected,
    "breaks once": once(cut),
    "stalls once": once(stalled),
}


@pytest.mark.parametrize("way", GOOD_ENOUGH)
def test_a_server_may_answer_in_many_ways(serve, cache, capsys, monkeypatch, way):
    if way == "stalls once":
        monkeypatch.setattr(_files, "TIMEOUTS", (5, 0.25))
    server = serve(GOOD_ENOUGH[way])
    assert load(mirrors=[server]) == GOOD
    assert capsys.readouterr().err == ""
    kept = found_in(cache)
    assert len(kept) == 4
    # With the ending that fits.
    for name, body in kept.items():
        content = gzip.decompress(body) if name.endswith(".gz") else body
        assert content == CONTENTS[name.removesuffix(".gz") + ".gz"]
    assert load() == GOOD
    # What is packed is not packed again, and what is cut not continued.
    for headers in server.headers:
        assert headers["Accept-Encoding"] == "identity"
        assert headers["Range"] is None


@contextlib.contextmanager
def refused_in_little_memory():
    tracemalloc.start()
    try:
        with pytest.raises(_files.BadFileError):
            yield
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fault", ["bomb", "packed answer", "endless", "endless page"])
def test_the_memory_that_a_server_can_fill_is_limited(serve, fault):
    server = serve(FAULTS[fault][0])
    # What is imported for a download does not count.
    load(mirrors=[server])
    with refused_in_little_memory():
        KNOWN[0].unpack(KNOWN[0].fetch(server.address))
    assert server.sent < ENDLESS / 2


@pytest.mark.parametrize("size", [len(BOMB), 10**8])
def test_the_memory_that_a_file_can_fill_is_limited(tmp_path, size):
    (tmp_path / FIRST).write_bytes(BOMB)
    os.truncate(tmp_path / FIRST, size)
    with refused_in_little_memory():
        KNOWN[0].read(tmp_path / FIRST)


def test_mirrors_that_have_only_some_files_are_enough_together(serve, cache):
    def only(names):
        missing = whole(PAGE, 404)
        return serve(lambda name: good(name) if name in names else missing).address

    # With or without slashes at the end, and in any order of their own.
    addresses = [only(NAMES[::2]).rstrip("/"), only(NAMES[1::2]) + "/"]
    assert d2l.load_mnist(mirrors=(each for each in addresses)).name == "MNIST"
    assert found_in(cache) == PACKED


def test_every_mirror_is_named_when_all_fail(serve, cache):
    server = serve(always(*whole(PAGE, 401)))
    # A server without a certificate is not trusted.
    secure = server.address.replace("http:", "https:")
    with_password = server.address.replace("://", "://me:secret@")
    reasons = NO_CONNECTION, "no secure connection", "error 401"
    result = load(mirrors=[f"http://{NOBODY}", secure, with_password])
    assert result == lacks(cache, *(f"127.0.0.1: {reason}" for reason in reasons))
    assert not cache.exists()


def test_the_known_mirrors_are_web_addresses_with_time_for_slow_lines():
    assert len(images.MIRRORS) == len(set(images.MIRRORS)) >= 2
    for address in images.MIRRORS:
        assert re.fullmatch(r"https://[\w.-]+/([\w-]+/)+", address)
    assert (_files.TIMEOUTS, _files.DEADLINE) == ((5, 20), 300)


# Lines that alone or together make an answer hard to understand.
HEADERS = [
    *("Content-Length: " + length for length in ["0", "10", "-1", "x", "9" * 5000]),
    *("Content-Encoding: " + kind for kind in ["gzip", "deflate", "identity", "x"]),
    *("Transfer-Encoding: chunked", "Content-Range: bytes 0-9/10", "Content-Range: x"),
    *("Location: " + url for url in ["/", "x", "http://[", "http://", "ftp://a", "ß"]),
]


def test_no_bytes_of_a_server_are_taken_for_mnist(serve, tmp_path, monkeypatch):
    now = []
    monkeypatch.setattr(_files, "TIMEOUTS", (5, 2))
    server = serve(lambda name: now if name == FIRST else good(name))
    root = fill(tmp_path / "any", {})

    @settings(max_examples=60 if COMPLETE else 15)
    @given(
        st.sampled_from([200, 200, 200, 206, 204, 301, 304, 416, 503, 999]),
        st.lists(st.sampled_from(HEADERS), unique_by=lambda line: line.split(":")[0]),
        st.sampled_from([PACKED[FIRST], CONTENTS[FIRST], PACKED[NAMES[1]], b""]),
    )
    def check(status, headers, body):
        lines = [f"HTTP/1.1 {status} OK", *headers, "", ""]
        now[:] = "\r\n".join(lines).encode("latin-1"), body
        loaded, message = load(root, mirrors=[server])
        assert re.fullmatch(r"(MNIST is .*\n)?", message)
        assert not re.search(r"0x[0-9a-f]|Error|Exception|Traceback", message)
        assert load(root)[0] == loaded
        for path in root.iterdir():
            path.unlink()

    check()


# --- what is on the disk

UNPACKED = {name.removesuffix(".gz"): CONTENTS[name] for name in NAMES}
DOTTED = {name.replace("-idx", ".idx"): UNPACKED[name] for name in UNPACKED}
IN_FOLDERS = {
    "packed": PACKED,
    "unpacked": UNPACKED,
    "unpacked, with a dot": DOTTED,
    # As a browser saves them that unpacks what it downloads.
    "unpacked, with the packed names": CONTENTS,
    "called unpacked": dict(zip(UNPACKED, PACKED.values(), strict=True)),
    "partly": dict([*list(PACKED.items())[:2], *list(DOTTED.items())[2:]]),
}


@pytest.mark.parametrize("files", IN_FOLDERS.values(), ids=IN_FOLDERS)
def test_the_files_may_be_packed_or_not(cache, files):
    fill(cache, files)
    assert load() == GOOD
    assert found_in(cache) == files


@pytest.mark.parametrize("form", [PACKED, UNPACKED, DOTTED])
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_is_renamed_and_downloaded_again(serve, cache, bad, form):
    files, why = BAD[bad]
    for packed, name in zip(NAMES, form, strict=True):
        others = {other: PACKED[other] for other in NAMES if other != packed}
        fill(cache, others | {name: form[name]})
        assert load() == GOOD
        # Nothing that is remembered, not even its time, makes the next one good.
        before = (cache / name).stat()
        fill(cache, {name: files[packed]})
        os.utime(cache / name, ns=(before.st_atime_ns, before.st_mtime_ns))
        note = f"{name} in {cache} {why}, renamed to {name}.bad"
        assert load() == lacks(cache, note, names=[packed])
        assert found_in(cache) == others | {f"{name}.bad": files[packed]}
        fill(cache, {name: files[packed]})
        server = serve(good)
        assert load(mirrors=[server]) == although(note)
        assert found_in(cache) == PACKED | {f"{name}.bad": files[packed]}
        # Only this one, and only now.
        assert load(mirrors=[server]) == GOOD
        assert server.asked == [packed]
        for path in cache.iterdir():
            path.unlink()


@pytest.mark.parametrize(
    ("there", "sent"),
    [([], []), ([], NAMES[:3]), (NAMES[1:], []), (NAMES[::2], NAMES[1:2])],
)
def test_the_files_that_are_missing_are_named(serve, cache, there, sent):
    fill(cache, {name: PACKED[name] for name in there})
    assert load() == lacks(cache, names=[n for n in NAMES if n not in there])
    answer = whole(PAGE, 503)
    server = serve(lambda name: good(name) if name in sent else answer)
    missing = [name for name in NAMES if name not in [*there, *sent]]
    assert load(mirrors=[server]) == lacks(cache, "127.0.0.1: error 503", names=missing)
    assert server.asked == [*sent, missing[0]]
    # What was downloaded is kept.
    assert found_in(cache).keys() == {*there, *sent}


@pytest.mark.parametrize("make", sorted({"mkdir", "mkfifo"} & {*dir(os)}))
def test_what_is_not_a_file_in_the_place_of_one(serve, cache, make):
    fill(cache)
    (cache / FIRST).unlink()
    getattr(os, make)(cache / FIRST)  # nobody waits for what comes out of a pipe
    note = f"{FIRST} in {cache} was not a file, renamed to {FIRST}.bad"
    assert load(mirrors=[serve(good)]) == although(note)
    assert (cache / FIRST).read_bytes() == PACKED[FIRST]
    assert (cache / f"{FIRST}.bad").exists()


def test_a_file_in_the_place_of_the_folder(serve, cache):
    cache.write_text("mine")
    note = f"it could not be kept in {cache} ({os.strerror(errno.EEXIST)})"
    assert load(mirrors=[serve(good)]) == although(note)
    assert cache.read_text() == "mine"
    assert load() == lacks(cache)


def refuse(monkeypatch, method, error, concerns=lambda path, *args: True):
    """Let the operating system refuse something with files, or break it off."""
    original = getattr(Path, method)

    def refused(path, *args, **kwargs):
        if not concerns(path, *args):
            return original(path, *args, **kwargs)
        if method == "write_bytes":
            original(path, args[0][:100])
        raise error

    monkeypatch.setattr(Path, method, refused)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_files_that_cannot_be_read_may_be_good(serve, cache, monkeypatch, code):
    fill(cache)
    error = OSError(code, os.strerror(code))
    refuse(monkeypatch, "open", error, lambda path, *mode: mode == ("rb",))
    note = f"a file in {cache} could not be read ({os.strerror(code)})"
    assert load() == lacks(cache, note)
    # So they stay, until there is one that was checked.
    assert {path.name for path in cache.iterdir()} == set(NAMES)
    assert load(mirrors=[serve(good)]) == although(note)
    assert {path.name for path in cache.iterdir()} == set(NAMES)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_what_cannot_be_written_is_used(serve, cache, monkeypatch, code):
    refuse(monkeypatch, "write_bytes", OSError(code, os.strerror(code)))
    note = f"it could not be kept in {cache} ({os.strerror(code)})"
    assert load(mirrors=[serve(good)]) == although(note)
    assert found_in(cache) == {}


def test_an_interrupt_while_writing_leaves_nothing(serve, cache, monkeypatch):
    refuse(monkeypatch, "write_bytes", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        load(mirrors=[serve(good)])
    assert found_in(cache) == {}


def test_no_file_has_its_name_before_all_of_it_is_written(serve, cache, monkeypatch):
    moved = {}
    replace = Path.replace

    def note(path, target):
        moved[target.name] = path.read_bytes()
        assert path.parent == target.parent
        # No other notebook writes into it.
        assert re.fullmatch(r"[0-9a-f]{16}", path.name.split(".")[-2])
        assert not target.exists()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", note)
    assert load(mirrors=[serve(good)]) == GOOD
    assert moved == PACKED == found_in(cache)


def test_on_windows_another_notebook_may_hold_the_file(serve, cache, monkeypatch):
    def held(path, target):
        # The other one was faster, and is reading.
        target.write_bytes(PACKED[target.name])
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", held)
    assert load(mirrors=[serve(good)]) == GOOD
    assert found_in(cache) == PACKED


def test_on_windows_another_notebook_may_hold_a_bad_file(serve, cache, monkeypatch):
    fill(cache, {FIRST: b""})
    refuse(monkeypatch, "replace", PermissionError(errno.EACCES, "in use"))
    bad = f"{FIRST} in {cache} {ANOTHER}, could not be renamed (in use)"
    assert load() == lacks(cache, bad)
    not_kept = f"it could not be kept in {cache} (in use)"
    assert load(mirrors=[serve(good)]) == although(bad, not_kept)
    assert found_in(cache) == {FIRST: b""}


def test_an_interrupt_ends_a_download_at_once(serve, cache, capsys):
    waited = []

    def interrupt(name):
        yield from cut(name)
        _thread.interrupt_main()
        yield LONG
        waited.append(name)

    server = serve(interrupt)
    with pytest.raises(KeyboardInterrupt):
        load(mirrors=[server])
    assert not waited
    assert not cache.exists()
    assert capsys.readouterr() == ("", "")


def test_a_download_that_was_given_up_ends(serve, monkeypatch):
    before = set(threading.enumerate())
    monkeypatch.setattr(_files, "DEADLINE", 0.1)
    server = serve(always(head(), *[bytes(1024), 0.05] * 1000))
    # So that it is not its length that ends it.
    known = KNOWN[0]._replace(size=10**9)
    with pytest.raises(_files.BadFileError, match=f"^{TOO_LONG}$"):
        known.fetch(server.address)
    for thread in set(threading.enumerate()) - before:
        if "(run)" in thread.name:
            thread.join(5)
            assert not thread.is_alive()


def test_an_error_of_our_own_is_not_taken_for_the_networks(serve, monkeypatch):
    def broken(*args, timeout, **kwargs):
        raise ZeroDivisionError(timeout)  # which is not pooch's own

    monkeypatch.setattr(requests, "get", broken)
    with pytest.raises(ZeroDivisionError, match=r"^\(5.0, 20.0\)$"):
        load(mirrors=[serve(good)])


# --- where MNIST is looked for


class Bytes(bytes):
    def __fspath__(self):
        return bytes(self)


@pytest.fixture
def named(monkeypatch, tmp_path):
    """The folder in the one that the environment variable names."""
    monkeypatch.setenv("D2L_DATA_DIR", str(tmp_path / "named"))
    return tmp_path / "named" / "mnist"


@pytest.mark.parametrize("kind", [str, Path, Bytes])
def test_a_folder_that_is_given_is_the_only_one(serve, cache, named, tmp_path, kind):
    fill(cache)
    fill(named)
    root = tmp_path / "a" / "b"
    assert load(kind(root)) == lacks(root)
    assert not root.exists()
    assert load(kind(root), mirrors=[serve(good)]) == GOOD
    assert found_in(root) == PACKED
    assert load(kind(root)) == GOOD


def test_the_named_folder_comes_before_the_cache(cache, named, monkeypatch):
    assert load() == lacks(f"{named} or {cache}")
    fill(cache)
    assert load() == GOOD
    assert not named.exists()
    fill(cache, OTHER)
    fill(named)
    assert load() == GOOD
    # Nobody asked for the cache.
    assert found_in(cache) == OTHER
    # A variable that is empty names nothing.
    monkeypatch.setenv("D2L_DATA_DIR", "")
    monkeypatch.chdir(named.parent)
    assert load()[0] is False
    assert found_in(named) == PACKED


def test_files_may_come_from_everywhere(serve, cache, named):
    first, second, *missing = NAMES
    fill(named, {first: PACKED[first], second: b""})
    fill(cache, {second: PACKED[second]})
    server = serve(good)
    note = f"{second} in {named} {ANOTHER}, renamed to {second}.bad"
    assert load(mirrors=[server]) == although(note)
    assert server.asked == missing
    # Downloads are never written there.
    assert found_in(named) == {first: PACKED[first], f"{second}.bad": b""}
    assert found_in(cache) == {name: PACKED[name] for name in [second, *missing]}


def test_a_tilde_is_the_home_folder(serve, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert load("~/new", mirrors=[serve(good)]) == GOOD
    assert load(Path("~/new")) == GOOD
    assert found_in(tmp_path / "new") == PACKED
    (tmp_path / "new").rename(tmp_path / "mnist")
    monkeypatch.setenv("D2L_DATA_DIR", "~")
    assert load() == GOOD
    # A home that nobody knows.
    assert load("~nobody-there/new") == lacks("~nobody-there/new")


@pytest.mark.parametrize("wheel", [True, False])
def test_elsewhere_the_cache_is_the_users(serve, checkout, monkeypatch, wheel):
    users = checkout / "users"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: users / name)
    if wheel:
        (checkout / "d2l_utils" / "bundled").mkdir()
    else:
        (checkout / "data" / "README.md").unlink()
    assert load(mirrors=[serve(good)]) == GOOD
    assert found_in(users / "d2l_utils" / "mnist") == PACKED
    assert not (checkout / "data" / "mnist").exists()


def test_the_cache_of_this_checkout_is_in_its_data(monkeypatch):
    monkeypatch.setattr(_places, "__file__", str(ROOT / "d2l_utils" / "_p.py"))
    assert images._cache() == ROOT / "data" / "mnist"
    assert "data/*/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["MNIST", "digits"])
def test_the_arrays_are_ordinary_ones_and_new_at_each_call(cache, name):
    fill(cache, PACKED if name == "MNIST" else {})
    first, untouched, second = (d2l.load_mnist(mirrors=()) for _ in range(3))
    assert (first._fields, first.name) == ((*ARRAYS, "name"), name)
    for array in ARRAYS:
        changed = getattr(first, array)
        assert changed.dtype == (np.uint8 if "images" in array else np.int64)
        assert changed.flags.c_contiguous
        assert changed.flags.writeable
        assert changed.flags.owndata
        changed[...] = 99
        np.testing.assert_array_equal(getattr(second, array), getattr(untouched, array))
        assert not np.all(getattr(second, array) == 99)


# --- processes

PROCESS = """
import json, sys
from d2l_utils import _files, images
known, root, mirrors = json.loads(sys.argv[1])
images.FILES = tuple(_files.Known(*each) for each in known)
mnist = images.load_mnist(root, mirrors=mirrors)
print(mnist.name, sum(int(array.sum()) for array in mnist[:4]))
"""
SUM = f"MNIST {sum(int(array.sum()) for array in TINY)}\n"
# The lessons' checks run without bars.
WITH_BARS = {key: os.environ[key] for key in os.environ if key != "TQDM_DISABLE"}


def start_process(root, *mirrors, code=PROCESS, **environment):
    arguments = json.dumps([KNOWN, str(root), [mirror.address for mirror in mirrors]])
    return subprocess.Popen(
        [sys.executable, "-c", code, arguments],
        env={**WITH_BARS, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once_end_with_one_good_cache(serve, tmp_path):
    together = threading.Barrier(2, timeout=60)

    def at_once(name):
        together.wait()
        return good(name)

    server = serve(at_once)
    root = fill(tmp_path / "mnist", {NAMES[3]: b""})
    quiet = {"TQDM_DISABLE": "1"}
    processes = [start_process(root, server, **quiet) for _ in range(2)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert out.endswith(SUM)
        assert err == ""
    assert len(server.asked) == 8
    assert found_in(root) == PACKED | {f"{NAMES[3]}.bad": b""}


def test_a_process_does_not_wait_for_what_it_gave_up(serve, tmp_path):
    code = PROCESS.replace("mnist =", "_files.DEADLINE = 0.3\nmnist =")
    process = start_process(tmp_path, serve(always(LONG)), code=code)
    out, err = process.communicate(timeout=15)
    assert TOO_LONG in out
    assert "Error" not in err


@pytest.mark.parametrize("silenced", [False, True])
def test_a_long_download_shows_a_bar_that_can_be_silenced(serve, tmp_path, silenced):
    def slow(name):
        (answer,) = good(name)
        return [answer[:5000], 1.0 if name == FIRST else 0.0, answer[5000:]]

    # As in a notebook without ipywidgets, where another bar would warn.
    code = f"""import sys, IPython
sys.modules |= {{"ipykernel.zmqshell": IPython, "ipywidgets": None}}
{PROCESS}"""
    environment = {"TQDM_DISABLE": "1"} if silenced else {}
    process = start_process(tmp_path, serve(slow), code=code, **environment)
    out, err = process.communicate(timeout=60)
    assert out == SUM
    bar = rf"(\n{re.escape(FIRST)}: +\d+%.*B/s\] *)+\n +\n"
    assert (err == "") if silenced else re.fullmatch(bar, err)


def test_who_has_the_files_loads_nothing_for_downloads(tmp_path):
    heavy = {"requests", "pooch", "tqdm", "torch", "platformdirs"}
    code = f"{PROCESS}assert not {heavy} & {{*sys.modules}}"
    process = start_process(fill(tmp_path / "mnist"), code=code)
    assert process.communicate(timeout=60) == (SUM, "")


# --- load_digits


def test_digits_are_the_same_bytes_on_every_computer():
    digits = d2l.load_digits()
    shapes = [getattr(digits, name).shape for name in ARRAYS]
    assert shapes == [(1437, 28, 28), (1437,), (360, 28, 28), (360,)]
    arrays = [getattr(digits, name).astype("<i8") for name in ARRAYS]
    assert [sha256(array.tobytes()) for array in arrays] == [
        "2772c26ac4c06707a218943b81cff5fbe04ce0d62df83a6eb21b0de537195104",
        "cb6863cc760a900d01be551594691a090fd43e24c11ee63feaaf73315ad5e1d7",
        "9f133716334eb680f9feee05a3e63f073caa58b99791dcd8ea3d9c46ec970f0f",
        "58c508427633b2936fa428117304c0906777e34c1db2e8cfbc37b8531f38a22e",
    ]


def test_digits_are_enlarged_like_pillow_does():
    table = np.loadtxt(ROOT / "data" / "digits.csv", delimiter=",", skiprows=1)
    digits = d2l.load_digits()
    pixels = np.concatenate([digits.train_images, digits.test_images])
    labels = np.concatenate([digits.train_labels, digits.test_labels])
    assert labels.tolist() == table[:, 64].tolist()
    for small, large in zip(table[:, :64], pixels[:, 4:24, 4:24], strict=True):
        picture = Image.fromarray(small.reshape(8, 8).astype(np.float32))
        resized = picture.resize((20, 20), Image.Resampling.BILINEAR)
        assert np.abs(np.asarray(resized) * 255 / 16 - large).max() <= 0.51


def test_the_file_of_digits_is_ucis_below_a_line_of_names():
    bundled = (ROOT / "data" / "digits.csv").read_bytes()
    names, _, original = bundled.partition(b"\n")
    assert names.count(b",") == 64
    assert sha256(original) == make_digits.SHA256
    assert make_digits.convert(original) == bundled
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert make_digits.SHA256 in readme
    with pytest.raises(ValueError, match=r"^this is not UCI's optdigits\.tes: "):
        make_digits.convert(flip(original, -2))


def test_the_readme_names_the_files_of_mnist_with_their_checksums():
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for known in MNIST_FILES:
        assert f"| `{known.name}` | {known.size:,} | `{known.sha256}` |" in readme


@pytest.mark.skipif(
    not all((REAL / name).is_file() for name in NAMES),
    reason="needs the files of MNIST in $D2L_DATA_DIR/mnist",
)
def test_mnist_is_mnist(serve, monkeypatch, tmp_path):
    def real(name):
        return whole((REAL / name).read_bytes())

    monkeypatch.setattr(images, "FILES", MNIST_FILES)
    server = serve(once(lambda name: [real(name)[0][:5000]], real))
    d2l.load_mnist(tmp_path / "new", mirrors=[server.address])
    assert set(NAMES) == found_in(tmp_path / "new").keys()
    mnist = d2l.load_mnist(REAL, mirrors=())
    assert mnist.name == "MNIST"
    assert mnist.train_images.shape == (60000, 28, 28)
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    # The mean that is used everywhere.
    total = int(mnist.train_images.sum(dtype=np.int64))
    assert round(total / mnist.train_images.size / 255, 4) == 0.1307
