"""Digits: the bundled ones, and MNIST from disks and servers with every fault.

The servers are real ones, on this computer alone. MNIST is replaced by a tiny set of
the same form, save in the tests at the end.
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
import socket
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer

import numpy as np
import platformdirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import d2l_utils as d2l
import make_digits
from d2l_utils import _download, _files, images
from d2l_utils._idx import read_idx
from project import ROOT

ARRAYS = ["train_images", "train_labels", "test_images", "test_labels"]
MNIST_FILES = images.FILES
NAMES = [known.name for known in MNIST_FILES]
FIRST = NAMES[0]
REAL = Path(os.environ.get("D2L_DATA_DIR", ""), "mnist")
INSTEAD = "using the 1,797 bundled digits instead."


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def random_set(seed):
    rng = np.random.default_rng(seed)
    shapes = (12, 28, 28), (12,), (6, 28, 28), (6,)
    return [rng.integers(0, 256 if len(s) == 3 else 10, s) for s in shapes]


TINY = random_set(0)
CONTENTS = dict(zip(NAMES, map(idx, TINY), strict=True))
PACKED = {name: gzip.compress(content, mtime=0) for name, content in CONTENTS.items()}
OTHER = {
    name: gzip.compress(idx(array))
    for name, array in zip(NAMES, random_set(1), strict=True)
}
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
    (checkout / "pyproject.toml").touch()
    (checkout / "data" / "README.md").touch()
    monkeypatch.setattr(images, "__file__", str(checkout / "d2l_utils" / "images.py"))
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


def is_tiny(result):
    same = [
        np.array_equal(getattr(result, name), array)
        for name, array in zip(ARRAYS, TINY, strict=True)
    ]
    assert all(same) or not any(same)
    assert result.name == ("MNIST" if all(same) else "digits")
    return all(same)


# --- servers


class Mirror(ThreadingTCPServer):
    """A server that does what ``answer`` does."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Request)
        self.answer = answer
        self.address = f"http://127.0.0.1:{self.server_address[1]}/mnist/"
        self.asked = []
        self.sent = 0
        self.closing = threading.Event()

    def handle_error(self, request, client_address):
        pass  # the client has gone


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.server.asked.append((name, self.headers["Range"]))
        self.close_connection = True
        self.server.answer(self, name)

    def log_message(self, *args):
        pass

    def start(self, status=200, **headers):
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def whole(self, body, status=200, **headers):
        self.start(status, Content_Length=len(body), **headers)
        self.wfile.write(body)

    def wait(self, seconds=30):
        self.server.closing.wait(seconds)


def good(request, name):
    request.whole(PACKED[name])


@pytest.fixture
def serve():
    """Start servers that end with the test."""
    with contextlib.ExitStack() as stack:

        def start(answer=good):
            server = stack.enter_context(Mirror(answer))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(server.closing.set)
            return server

        yield start


def with_body(bodies, **headers):
    """Answer with other bytes."""
    return lambda request, name: request.whole(bodies[name], **headers)


def changed(change):
    return {name: change(packed) for name, packed in PACKED.items()}


def flip(content, place):
    """Change the lowest bit of one byte."""
    flipped = bytearray(content)
    flipped[place] ^= 1
    return bytes(flipped)


PAGE = b"<!DOCTYPE html><title>Sorry</title><p>Not today.</p>"


def page(status):
    return lambda request, name: request.whole(PAGE, status, Content_Type="text/html")


def cut(request, name):
    request.start(Content_Length=len(PACKED[name]))
    request.wfile.write(PACKED[name][:100])


def silent(request, name):
    request.wait()


def stalled(request, name):
    cut(request, name)
    request.wait()


def trickle(request, name):
    request.start(Content_Length=len(PACKED[name]))
    trickle_bytes(request, PACKED[name])


def trickle_in_the_headers(request, name):
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    trickle_bytes(request, bytes(1000))


def trickle_bytes(request, content):
    for byte in content[:100]:
        request.wfile.write(bytes([byte]))
        request.wait(0.05)


ENDLESS = 100_000_000


def endless(request, name):
    request.start()
    for _ in range(ENDLESS // 10_000):
        request.wfile.write(PACKED[FIRST][:10] + bytes(9990))
        request.server.sent += 10_000


def too_long(request, name):
    request.start(Content_Length=10**12)
    request.wait()


def broken_chunks(request, name):
    request.start(Transfer_Encoding="chunked")
    request.wfile.write(b"10\r\n" + PACKED[name][:16] + b"\r\nno number\r\n")


def wrong_part(request, name):
    if request.headers["Range"]:
        body = PACKED[name]
        request.whole(body, 206, Content_Range=f"bytes 0-{len(body) - 1}/{len(body)}")
    else:
        cut(request, name)


def part_without_range(request, name):
    if request.headers["Range"]:
        request.whole(PACKED[name][100:], 206)
    else:
        cut(request, name)


def past_the_end(request, name):
    if request.headers["Range"]:
        request.whole(b"", 416)
    else:
        cut(request, name)


def part_that_nobody_asked_for(request, name):
    request.whole(PACKED[name], 206, Content_Range="bytes 0-9/10")


def other_from_the_second_byte_on(request, name):
    """A server with another file when the download goes on."""
    if request.headers["Range"]:
        start = int(request.headers["Range"][len("bytes=") : -1])
        request.whole(OTHER[name][start:], 206, Content_Range=f"bytes {start}-/*")
    else:
        cut(request, name)


def to_itself(request, name):
    request.whole(b"", 302, Location=request.path)


def to_nowhere(request, name):
    request.whole(b"", 302, Location=f"http://127.0.0.1:{NOBODY}/")


def to_another_protocol(request, name):
    request.whole(b"", 302, Location="file:///etc/hosts")


def hangs_up(request, name):
    pass


def no_http(request, name):
    request.wfile.write(b"SSH-2.0-server\r\n")


NOBODY = 1  # a port where nobody listens
HALF = changed(lambda packed: packed[: len(packed) // 2])
FLIPPED = changed(lambda packed: flip(packed, len(packed) // 2))
FLIPPED_INSIDE = {name: gzip.compress(flip(CONTENTS[name], -1)) for name in NAMES}
SWAPPED = dict(zip(NAMES, [PACKED[name] for name in reversed(NAMES)], strict=True))
BOMB = gzip.compress(bytes(12_000_000))
CUT_IN_THE_CHECKSUM = changed(lambda packed: packed[:-5])

DAMAGED = "the file was damaged"
ANOTHER = "the file did not hold what it should"
MORE = "the file held more than it should"
TOO_MUCH = "sent more than the file has"
BROKE = "the connection broke"
# What a server does, and what is said about it.
FAULTS = {
    "no such file": (page(404), "error 404"),
    "server error": (page(500), "error 500"),
    "error page": (page(200), "the file was not a gzip file"),
    "nothing": (with_body(dict.fromkeys(NAMES, b"")), "the file was empty"),
    "half of it": (with_body(HALF), "the file was cut off"),
    "checksum cut": (with_body(CUT_IN_THE_CHECKSUM), "the file was cut off"),
    "one bit": (with_body(FLIPPED), DAMAGED),
    "one bit inside": (with_body(FLIPPED_INSIDE), ANOTHER),
    "other files": (with_body(SWAPPED), ANOTHER),
    "labels": (with_body(dict.fromkeys(NAMES, PACKED[NAMES[1]])), ANOTHER),
    "other digits": (with_body(OTHER), ANOTHER),
    "bomb": (with_body(dict.fromkeys(NAMES, BOMB)), MORE),
    "garbage behind": (with_body(changed(lambda packed: packed + b"\0")), MORE),
    "another behind": (with_body(changed(lambda packed: packed * 2)), TOO_MUCH),
    "packed twice": (with_body(changed(gzip.compress), Content_Encoding="gzip"), MORE),
    "endless": (endless, TOO_MUCH),
    "too long": (too_long, TOO_MUCH),
    "cut": (cut, BROKE),
    "broken chunks": (broken_chunks, BROKE),
    "wrong part": (wrong_part, "sent the wrong part of the file"),
    "unknown part": (part_without_range, "sent the wrong part of the file"),
    "past the end": (past_the_end, "error 416"),
    "part not asked for": (part_that_nobody_asked_for, "error 206"),
    "other part": (other_from_the_second_byte_on, DAMAGED),
    "redirected in a circle": (to_itself, "the address does not work"),
    "redirected to nowhere": (to_nowhere, "no connection"),
    "redirected to a disk": (to_another_protocol, "the address does not work"),
    "hangs up": (hangs_up, "no connection"),
    "no http": (no_http, "no connection"),
    "silent": (silent, "no answer"),
    "stalled": (stalled, "no answer"),
    "trickle": (trickle, "took too long"),
    "trickle in the headers": (trickle_in_the_headers, "took too long"),
}


@pytest.fixture
def impatient(monkeypatch, request):
    """Little time for the servers that take too much, enough for all others."""
    fault = request.getfixturevalue("fault")
    if fault in {"silent", "stalled"}:
        monkeypatch.setattr(_download, "READ_TIMEOUT", 0.3)
    if "trickle" in fault:
        monkeypatch.setattr(_download, "DEADLINE", 0.5)


@pytest.fixture
def in_small_pieces(monkeypatch):
    # So that the tiny files do not come in one.
    monkeypatch.setattr(_download, "CHUNK", 10)


@pytest.mark.usefixtures("impatient", "in_small_pieces")
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_bad_is_accepted_from_a_server(serve, cache, capsys, fault):
    answer, reason = FAULTS[fault]
    server = serve(answer)
    start = time.monotonic()
    assert not is_tiny(d2l.load_mnist(mirrors=[server.address]))
    assert time.monotonic() - start < 15
    printed = capsys.readouterr()
    assert printed.out == (
        f"MNIST is not in {cache} and could not be downloaded "
        f"(127.0.0.1: {reason}): {INSTEAD}\n"
    )
    # At most a progress bar, which draws over itself.
    assert "\n" not in printed.err
    assert not cache.exists()
    # Without its first file the others are of no use.
    assert {name for name, _ in server.asked} <= {FIRST, ""}


@pytest.mark.usefixtures("impatient", "in_small_pieces")
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"stalled", "trickle"}))
def test_the_next_mirror_is_asked(serve, cache, capsys, fault):
    bad, second = serve(FAULTS[fault][0]), serve()
    assert is_tiny(d2l.load_mnist(mirrors=[bad.address, second.address]))
    assert found_in(cache) == PACKED
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "\n" not in printed.err
    # Who failed once is not asked again while the other one answers.
    assert {name for name, _ in bad.asked} <= {FIRST, ""}
    assert second.asked == [(name, None) for name in NAMES]


# --- servers that are good enough


def chunked(request, name):
    request.start(Transfer_Encoding="chunked")
    for i in range(0, len(PACKED[name]), 1000):
        piece = PACKED[name][i : i + 1000]
        request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    request.wfile.write(b"0\r\n\r\n")


def without_length(request, name):
    request.start()
    request.wfile.write(PACKED[name])


def redirected(request, name):
    if "moved" in request.path:
        good(request, name)
    else:
        request.whole(PAGE, 302, Location=f"/moved/{name}")


def missing_part(request, body):
    """Break after half of the file, then send the rest."""
    start = int((request.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
    where = f"bytes {start}-{len(body) - 1}/{len(body)}"
    status = 206 if start else 200
    request.start(status, Content_Length=len(body) - start, Content_Range=where)
    request.wfile.write(body[start:] if start else body[: len(body) // 2])


def resumable(request, name):
    missing_part(request, PACKED[name])


def from_the_start(request, name):
    """Breaks once, and knows no parts."""
    first = (name, None) == request.server.asked[-1]
    (cut if first else good)(request, name)


GOOD_ENOUGH = {
    "good": good,
    "called packed": with_body(PACKED, Content_Encoding="gzip"),
    "packed better": with_body(
        {name: gzip.compress(content, 1) for name, content in CONTENTS.items()}
    ),
    "hardly packed": with_body(
        {name: gzip.compress(content, 0) for name, content in CONTENTS.items()}
    ),
    "of unknown kind": with_body(PACKED, Content_Type="text/html"),
    "chunked": chunked,
    "without length": without_length,
    "redirected": redirected,
    "resumable": resumable,
    "from the start": from_the_start,
}


@pytest.mark.parametrize("answer", GOOD_ENOUGH.values(), ids=GOOD_ENOUGH)
def test_a_server_may_answer_in_many_ways(serve, cache, capsys, answer):
    assert is_tiny(d2l.load_mnist(mirrors=[serve(answer).address]))
    assert capsys.readouterr() == ("", "")
    kept = found_in(cache)
    assert {name: gzip.decompress(kept[name]) for name in kept} == CONTENTS
    assert is_tiny(d2l.load_mnist(mirrors=()))
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("in_small_pieces")
def test_a_download_goes_on_where_it_broke(serve, monkeypatch):
    def stalls_once(request, name):
        (resumable if request.headers["Range"] else stalled)(request, name)

    monkeypatch.setattr(_download, "READ_TIMEOUT", 0.3)
    server = serve(stalls_once)
    assert is_tiny(d2l.load_mnist(mirrors=[server.address]))
    assert server.asked[:2] == [(FIRST, None), (FIRST, "bytes=100-")]


def test_a_download_goes_on_twice_and_no_more(serve):
    def ten_more(request, name):
        start = int((request.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
        request.start(
            206 if start else 200,
            Content_Length=len(PACKED[name]) - start,
            Content_Range=f"bytes {start}-{len(PACKED[name]) - 1}/{len(PACKED[name])}",
        )
        request.wfile.write(PACKED[name][start : start + 10])

    server = serve(ten_more)
    assert not is_tiny(d2l.load_mnist(mirrors=[server.address]))
    assert [part for _, part in server.asked] == [None, "bytes=10-", "bytes=20-"]


def test_a_server_that_brings_nothing_is_asked_once(serve):
    server = serve(hangs_up)
    assert not is_tiny(d2l.load_mnist(mirrors=[server.address]))
    assert server.asked == [(FIRST, None)]


def test_what_is_sent_is_asked_for_unpacked(serve):
    encodings = []

    def note(request, name):
        encodings.append(request.headers["Accept-Encoding"])
        good(request, name)

    assert is_tiny(d2l.load_mnist(mirrors=[serve(note).address]))
    assert encodings == ["identity"] * 4


@pytest.mark.parametrize("fault", ["bomb", "endless"])
def test_the_memory_that_a_server_can_fill_is_limited(serve, fault):
    server = serve(FAULTS[fault][0])
    tracemalloc.start()
    try:
        assert not is_tiny(d2l.load_mnist(mirrors=[server.address]))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < digits_memory() + 500_000
    assert server.sent < ENDLESS / 2


def digits_memory():
    tracemalloc.start()
    try:
        d2l.load_digits()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_on_the_disk_is_not_unpacked_either(cache):
    known, bomb = KNOWN[0], BOMB
    tracemalloc.start()
    try:
        with pytest.raises(_files.BadFileError, match=r"^held more than it should$"):
            _files.unpack(bomb, known)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < len(BOMB) + 200_000


def test_no_more_of_a_file_is_read_than_it_can_have(cache, capsys):
    fill(cache)
    with (cache / FIRST).open("ab") as file:
        file.truncate(10**8)
    tracemalloc.start()
    try:
        assert not is_tiny(d2l.load_mnist(mirrors=()))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < digits_memory() + 500_000
    assert "held more than it should" in capsys.readouterr().out


def test_mirrors_that_have_only_some_files_are_enough_together(serve, cache):
    def only(*names):
        return lambda request, name: (good if name in names else page(404))(
            request, name
        )

    a, b = serve(only(NAMES[0], NAMES[2])), serve(only(NAMES[1], NAMES[3]))
    assert is_tiny(d2l.load_mnist(mirrors=[a.address, b.address]))
    assert found_in(cache) == PACKED


def test_a_dead_mirror_costs_its_time_once(serve, monkeypatch):
    monkeypatch.setattr(_download, "READ_TIMEOUT", 0.3)
    dead, second = serve(silent), serve()
    assert is_tiny(d2l.load_mnist(mirrors=[dead.address, second.address]))
    assert len(dead.asked) == 1


def test_every_mirror_is_named_when_all_fail(serve, cache, capsys):
    mirrors = [serve(page(404)), serve(hangs_up)]
    addresses = [server.address for server in mirrors]
    d2l.load_mnist(mirrors=[*addresses, f"http://127.0.0.1:{NOBODY}"])
    assert capsys.readouterr().out == (
        f"MNIST is not in {cache} and could not be downloaded (127.0.0.1: error 404; "
        f"127.0.0.1: no connection; 127.0.0.1: no connection): {INSTEAD}\n"
    )


def test_a_server_without_a_certificate_is_not_trusted(serve, cache, capsys):
    address = serve().address.replace("http:", "https:")
    assert not is_tiny(d2l.load_mnist(mirrors=[address]))
    assert "(127.0.0.1: no secure connection)" in capsys.readouterr().out
    assert not cache.exists()


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_an_address_may_end_with_a_slash(serve, end):
    paths = []

    def note(request, name):
        paths.append(request.path)
        good(request, name)

    address = serve(note).address.rstrip("/") + end
    assert is_tiny(d2l.load_mnist(mirrors=(address for _ in range(1))))
    assert paths == [f"/mnist/{name}" for name in NAMES]


def test_no_password_of_an_address_is_printed(serve, capsys):
    address = serve(page(401)).address.replace("://", "://me:secret@")
    assert not is_tiny(d2l.load_mnist(mirrors=[address]))
    printed = capsys.readouterr()
    assert "(127.0.0.1: error 401)" in printed.out
    assert "secret" not in printed.out + printed.err


def test_the_known_mirrors_are_web_addresses():
    assert len(images.MIRRORS) == len(set(images.MIRRORS)) >= 2
    for address in images.MIRRORS:
        assert re.fullmatch(r"https://[\w.-]+/([\w-]+/)+", address)


# --- what is on the disk

# What became of a file, and what is said about it.
SPOILED = {
    "cut": (PACKED[FIRST][:-100], "was cut off"),
    "cut by one byte": (PACKED[FIRST][:-1], "was cut off"),
    "one bit": (FLIPPED[FIRST], "was damaged"),
    "one bit inside": (FLIPPED_INSIDE[FIRST], "did not hold what it should"),
    "one byte more": (PACKED[FIRST] + b"\0", "held more than it should"),
    "other digits": (OTHER[FIRST], "did not hold what it should"),
    "labels": (PACKED[NAMES[1]], "did not hold what it should"),
    "bomb": (BOMB, "held more than it should"),
    "empty": (b"", "was empty"),
    "unpacked": (CONTENTS[FIRST], "was not a gzip file"),
    "error page": (PAGE, "was not a gzip file"),
}
each_spoiled = pytest.mark.parametrize(
    ("content", "why"), SPOILED.values(), ids=SPOILED
)


@each_spoiled
def test_a_bad_file_is_renamed_and_not_used(cache, capsys, content, why):
    fill(cache, PACKED | {FIRST: content})
    assert not is_tiny(d2l.load_mnist(mirrors=()))
    assert capsys.readouterr() == (
        f"MNIST is not complete in {cache} ({FIRST} in {cache} {why}, renamed to "
        f"{FIRST}.bad) and was not downloaded (there are no mirrors): {INSTEAD}\n",
        "",
    )
    others = {name: packed for name, packed in PACKED.items() if name != FIRST}
    assert found_in(cache) == others | {f"{FIRST}.bad": content}


@each_spoiled
def test_a_bad_file_is_downloaded_again(serve, cache, capsys, content, why):
    fill(cache, PACKED | {FIRST: content})
    server = serve()
    assert is_tiny(d2l.load_mnist(mirrors=[server.address]))
    assert capsys.readouterr() == (
        f"MNIST is loaded, although {FIRST} in {cache} {why}, renamed to "
        f"{FIRST}.bad.\n",
        "",
    )
    assert found_in(cache) == PACKED | {f"{FIRST}.bad": content}
    # Only this one, and only now.
    assert server.asked == [(FIRST, None)]
    assert is_tiny(d2l.load_mnist(mirrors=[server.address]))
    assert capsys.readouterr() == ("", "")
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_checked(cache, capsys, name):
    fill(cache, PACKED | {name: OTHER[name]})
    assert not is_tiny(d2l.load_mnist(mirrors=()))
    assert f"{name} in {cache} did not hold what it should" in capsys.readouterr().out
    assert not (cache / name).exists()


def test_each_bad_file_is_named_in_one_sentence(serve, cache, capsys):
    fill(cache, {NAMES[1]: b"", NAMES[2]: PAGE})
    d2l.load_mnist(mirrors=[serve(page(503)).address])
    assert capsys.readouterr().out == (
        f"MNIST is not complete in {cache} ({NAMES[1]} in {cache} was empty, renamed "
        f"to {NAMES[1]}.bad; {NAMES[2]} in {cache} was not a gzip file, renamed to "
        f"{NAMES[2]}.bad) and could not be downloaded (127.0.0.1: error 503): "
        f"{INSTEAD}\n"
    )


def test_a_file_that_changes_between_two_calls_is_noticed(cache, capsys):
    fill(cache)
    assert is_tiny(d2l.load_mnist(mirrors=()))
    before = (cache / FIRST).stat()
    (cache / FIRST).write_bytes(flip(PACKED[FIRST], 500))
    os.utime(cache / FIRST, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not is_tiny(d2l.load_mnist(mirrors=()))
    assert "was damaged" in capsys.readouterr().out


def test_a_folder_in_the_place_of_a_file(serve, cache, capsys):
    fill(cache)
    (cache / FIRST).unlink()
    (cache / FIRST).mkdir()
    (cache / FIRST / "mine").touch()
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    assert capsys.readouterr().out == (
        f"MNIST is loaded, although {FIRST} in {cache} was not a file, renamed to "
        f"{FIRST}.bad.\n"
    )
    assert (cache / FIRST).read_bytes() == PACKED[FIRST]
    assert (cache / f"{FIRST}.bad" / "mine").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(cache, capsys):
    fill(cache)
    (cache / FIRST).unlink()
    os.mkfifo(cache / FIRST)
    assert not is_tiny(d2l.load_mnist(mirrors=()))
    assert "was not a file" in capsys.readouterr().out


def test_a_file_in_the_place_of_the_folder(serve, cache, capsys):
    cache.write_text("mine")
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    why = os.strerror(errno.EEXIST)
    assert capsys.readouterr().out == (
        f"MNIST is loaded, although it could not be kept in {cache} ({why}).\n"
    )
    assert cache.read_text() == "mine"
    assert not is_tiny(d2l.load_mnist(mirrors=()))


def refuse(monkeypatch, method, code, concerns=lambda path, *args: True):
    """Let the operating system refuse something with files."""
    original = getattr(Path, method)

    def refused(path, *args, **kwargs):
        if concerns(path, *args):
            raise OSError(code, os.strerror(code), str(path))
        return original(path, *args, **kwargs)

    monkeypatch.setattr(Path, method, refused)


def test_a_bad_file_in_a_folder_that_may_not_be_changed(cache, capsys, monkeypatch):
    fill(cache, PACKED | {FIRST: b""})
    refuse(monkeypatch, "replace", errno.EACCES)
    assert not is_tiny(d2l.load_mnist(mirrors=()))
    assert (
        f"({FIRST} in {cache} was empty, could not be renamed "
        f"({os.strerror(errno.EACCES)}))" in capsys.readouterr().out
    )


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_a_file_that_cannot_be_read_may_be_good(
    serve, cache, capsys, monkeypatch, code
):
    fill(cache)
    with monkeypatch.context() as patch:
        refuse(patch, "open", code, lambda path, *_: path.name == FIRST)
        assert not is_tiny(d2l.load_mnist(mirrors=()))
        assert capsys.readouterr().out == (
            f"MNIST is not complete in {cache} ({FIRST} in {cache} could not be read "
            f"({os.strerror(code)})) and was not downloaded (there are no mirrors): "
            f"{INSTEAD}\n"
        )
        # So it stays, until there is a better one.
        assert {path.name for path in cache.iterdir()} == PACKED.keys()
        assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
        assert capsys.readouterr().out == (
            f"MNIST is loaded, although {FIRST} in {cache} could not be read "
            f"({os.strerror(code)}); it was renamed to {FIRST}.bad.\n"
        )
    assert found_in(cache) == PACKED | {f"{FIRST}.bad": PACKED[FIRST]}


def test_a_folder_that_may_not_be_read(cache, capsys, monkeypatch):
    fill(cache)
    refuse(monkeypatch, "stat", errno.EACCES, lambda path, *_: path.parent == cache)
    assert not is_tiny(d2l.load_mnist(mirrors=()))
    printed = capsys.readouterr().out
    assert printed.count("could not be read") == 4
    assert printed.count("\n") == 1


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_the_right_to_write(serve, cache, capsys):
    cache.mkdir()
    cache.chmod(0o500)
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    why = os.strerror(errno.EACCES)
    assert f"could not be kept in {cache} ({why})" in capsys.readouterr().out


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_what_may_not_be_written_is_used(serve, cache, capsys, monkeypatch, code):
    cache.mkdir()
    refuse(monkeypatch, "open", code, lambda path, mode: mode == "xb")
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    assert capsys.readouterr() == (
        f"MNIST is loaded, although it could not be kept in {cache} "
        f"({os.strerror(code)}).\n",
        "",
    )
    assert found_in(cache) == {}


def interrupt_write(monkeypatch, error):
    """Let half of each file be written."""

    class Full(io.FileIO):
        def write(self, content):
            super().write(content[: len(content) // 2])
            raise error

    original = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda path, mode="r", **kwargs: (
            Full(path, "xb") if mode == "xb" else original(path, mode, **kwargs)
        ),
    )


def test_a_full_disk_keeps_no_part(serve, cache, capsys, monkeypatch):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    interrupt_write(monkeypatch, full)
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    assert capsys.readouterr().out == (
        f"MNIST is loaded, although it could not be kept in {cache} "
        f"({os.strerror(errno.ENOSPC)}).\n"
    )
    assert found_in(cache) == {}


def test_no_file_has_its_name_before_all_of_it_is_written(serve, cache, monkeypatch):
    moves = []
    replace = Path.replace

    def note(path, target):
        moves.append((target.name, path.read_bytes()))
        assert path.parent == target.parent
        assert not target.exists()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", note)
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    assert dict(moves) == PACKED == found_in(cache)
    assert len(moves) == 4


def test_on_windows_another_notebook_may_hold_the_file(
    serve, cache, capsys, monkeypatch
):
    def held(path, target):
        # The other one was faster, and is reading.
        target.write_bytes(PACKED[target.name])
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", held)
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    assert capsys.readouterr() == ("", "")
    assert found_in(cache) == PACKED


def test_on_windows_another_notebook_may_hold_a_bad_file(
    serve, cache, capsys, monkeypatch
):
    fill(cache, {FIRST: b""})
    refuse(monkeypatch, "replace", errno.EACCES)
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    why = os.strerror(errno.EACCES)
    assert capsys.readouterr().out == (
        f"MNIST is loaded, although {FIRST} in {cache} was empty, could not be renamed "
        f"({why}); it could not be kept in {cache} ({why}).\n"
    )
    assert found_in(cache) == {FIRST: b""}


def test_an_interrupt_while_writing_leaves_nothing(serve, cache, monkeypatch):
    interrupt_write(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        d2l.load_mnist(mirrors=[serve().address])
    assert found_in(cache) == {}


def test_an_interrupt_ends_a_download_at_once(serve, cache, capsys):
    def interrupt(request, name):
        cut(request, name)
        _thread.interrupt_main()
        request.wait()

    server = serve(interrupt)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        d2l.load_mnist(mirrors=[server.address])
    assert time.monotonic() - start < 15
    assert not cache.exists()
    assert capsys.readouterr() == ("", "")


def test_a_download_that_was_given_up_ends(serve, monkeypatch):
    monkeypatch.setattr(_download, "DEADLINE", 0.3)
    monkeypatch.setattr(_download, "CHUNK", 1)
    server = serve(trickle)
    assert not is_tiny(d2l.load_mnist(mirrors=[server.address]))
    left = [t for t in threading.enumerate() if isinstance(t, _download._Transfer)]
    for thread in left:
        thread.join(5)
        assert not thread.is_alive()


def test_an_error_of_our_own_is_not_taken_for_the_networks(serve, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(_download.requests, "get", broken)
    with pytest.raises(ZeroDivisionError, match=r"^ours$"):
        d2l.load_mnist(mirrors=[serve().address])


# --- where MNIST is looked for


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_that_is_given_is_the_only_one(
    serve, cache, tmp_path, monkeypatch, capsys, kind
):
    fill(cache)
    fill(tmp_path / "named" / "mnist")
    monkeypatch.setenv("D2L_DATA_DIR", str(tmp_path / "named"))
    root = tmp_path / "a" / "b"
    assert not is_tiny(d2l.load_mnist(kind(root), mirrors=()))
    assert capsys.readouterr().out == (
        f"MNIST is not in {root} and was not downloaded (there are no mirrors): "
        f"{INSTEAD}\n"
    )
    assert not root.exists()
    assert is_tiny(d2l.load_mnist(kind(root), mirrors=[serve().address]))
    assert found_in(root) == PACKED
    assert is_tiny(d2l.load_mnist(kind(root), mirrors=()))
    assert capsys.readouterr() == ("", "")


def test_a_folder_may_be_given_as_bytes_of_a_path(tmp_path):
    fill(tmp_path / "root")

    class Bytes:
        def __fspath__(self):
            return os.fsencode(tmp_path / "root")

    assert is_tiny(d2l.load_mnist(Bytes(), mirrors=()))


def test_the_named_folder_comes_before_the_cache(cache, tmp_path, monkeypatch, capsys):
    fill(cache, OTHER)
    named = fill(tmp_path / "named" / "mnist")
    monkeypatch.setenv("D2L_DATA_DIR", str(tmp_path / "named"))
    assert is_tiny(d2l.load_mnist(mirrors=()))
    assert capsys.readouterr() == ("", "")
    # Nobody asked for the cache.
    assert found_in(cache) == OTHER
    assert found_in(named) == PACKED


def test_the_cache_comes_after_the_named_folder(cache, tmp_path, monkeypatch, capsys):
    fill(cache)
    monkeypatch.setenv("D2L_DATA_DIR", str(tmp_path / "missing"))
    assert is_tiny(d2l.load_mnist(mirrors=()))
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / "missing").exists()


def test_files_may_come_from_everywhere(serve, cache, tmp_path, monkeypatch, capsys):
    first, second, *missing = NAMES
    named = fill(tmp_path / "named" / "mnist", {first: PACKED[first], second: b""})
    fill(cache, {second: PACKED[second]})
    monkeypatch.setenv("D2L_DATA_DIR", str(tmp_path / "named"))
    server = serve()
    assert is_tiny(d2l.load_mnist(mirrors=[server.address]))
    assert server.asked == [(name, None) for name in missing]
    assert capsys.readouterr().out == (
        f"MNIST is loaded, although {second} in {named} was empty, renamed to "
        f"{second}.bad.\n"
    )
    # Downloads are never written there.
    assert found_in(named) == {first: PACKED[first], f"{second}.bad": b""}
    kept = [second, *missing]
    assert found_in(cache) == {name: PACKED[name] for name in kept}


def test_both_folders_are_named_when_there_is_nothing(
    cache, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("D2L_DATA_DIR", str(tmp_path))
    d2l.load_mnist(mirrors=())
    assert f"is not in {tmp_path / 'mnist'} or {cache} and" in capsys.readouterr().out


def test_an_empty_variable_names_nothing(cache, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    here = fill(tmp_path / "mnist", OTHER)
    fill(cache)
    monkeypatch.setenv("D2L_DATA_DIR", "")
    assert is_tiny(d2l.load_mnist(mirrors=()))
    assert capsys.readouterr() == ("", "")
    assert found_in(here) == OTHER


@pytest.mark.parametrize("mark", ["pyproject.toml", "data/README.md", "not bundled"])
def test_without_a_checkout_the_cache_is_a_folder_of_the_user(
    serve, checkout, monkeypatch, tmp_path, mark
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path))
    users = tmp_path / "users"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: users / name)
    if mark == "not bundled":
        (checkout / "d2l_utils" / "bundled").mkdir()
    else:
        (checkout / mark).unlink()
    assert is_tiny(d2l.load_mnist(mirrors=[serve().address]))
    assert found_in(users / "d2l_utils" / "mnist") == PACKED
    assert not (checkout / "data" / "mnist").exists()


def test_the_cache_of_this_checkout_is_in_its_data(monkeypatch):
    monkeypatch.setattr(images, "__file__", str(ROOT / "d2l_utils" / "images.py"))
    assert images._cache() == ROOT / "data" / "mnist"
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "data/*/" in ignored


# --- the result


def test_the_arrays_are_ordinary_ones_and_new_at_each_call(cache):
    fill(cache)
    first, second = d2l.load_mnist(mirrors=()), d2l.load_mnist(mirrors=())
    for name in ARRAYS:
        array = getattr(first, name)
        assert array.dtype == (np.uint8 if "images" in name else np.int64)
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.flags.owndata
        array[...] = 77
    assert is_tiny(second)
    assert is_tiny(d2l.load_mnist(mirrors=()))
    assert first._fields == second._fields == (*ARRAYS, "name")


# --- two processes, and what one of them shows

PROCESS = """
import json, sys
from d2l_utils import _download, _files, images
known, root, address = json.loads(sys.argv[1])
images.FILES = tuple(_files.Known(*each) for each in known)
mnist = images.load_mnist(root, mirrors=[address])
print(mnist.name, sum(int(array.sum()) for array in mnist[:4]))
"""
SUM = sum(int(array.sum()) for array in TINY)


# The lessons' checks run without bars.
WITH_BARS = {key: os.environ[key] for key in os.environ if key != "TQDM_DISABLE"}


def start_process(root, server, code=PROCESS, **environment):
    arguments = json.dumps([KNOWN, str(root), server.address])
    return subprocess.Popen(
        [sys.executable, "-c", code, arguments],
        env={**WITH_BARS, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once_end_with_one_good_cache(serve, tmp_path):
    together = threading.Barrier(2, timeout=60)

    def at_once(request, name):
        together.wait()
        good(request, name)

    server = serve(at_once)
    root = fill(tmp_path / "mnist", {NAMES[3]: b""})
    processes = [start_process(root, server) for _ in range(2)]
    printed = [process.communicate(timeout=60) for process in processes]
    for out, err in printed:
        assert out.endswith(f"MNIST {SUM}\n")
        assert err == ""
    assert len(server.asked) == 8
    bad = found_in(root).pop(f"{NAMES[3]}.bad")
    assert bad == b""
    assert found_in(root) == PACKED | {f"{NAMES[3]}.bad": bad}


def test_a_process_does_not_wait_for_what_it_gave_up(serve, tmp_path):
    code = PROCESS.replace("mnist =", "_download.DEADLINE = 0.3\nmnist =")
    process = start_process(tmp_path, serve(silent), code)
    out, err = process.communicate(timeout=15)
    assert "took too long" in out
    assert "Error" not in err


def slow(request, name):
    request.start(Content_Length=len(PACKED[name]))
    request.wfile.write(PACKED[name][:-100])
    request.wait(1 if name == FIRST else 0)
    request.wfile.write(PACKED[name][-100:])


@pytest.mark.parametrize("silenced", [False, True])
def test_a_long_download_shows_a_bar_that_can_be_silenced(serve, tmp_path, silenced):
    environment = {"TQDM_DISABLE": "1"} if silenced else {}
    process = start_process(tmp_path / "mnist", serve(slow), **environment)
    out, err = process.communicate(timeout=60)
    assert out == f"MNIST {SUM}\n"
    if silenced:
        assert err == ""
    else:
        assert re.search(rf"\n{re.escape(FIRST)}: +\d+%.*B/s\]", err)


def test_who_has_the_files_loads_nothing_for_downloads(tmp_path):
    root = fill(tmp_path / "mnist")
    code = PROCESS.replace("_download, ", "").replace("mirrors=[address]", "")
    code += "assert not {'requests', 'tqdm', 'torch', 'platformdirs'} & {*sys.modules}"
    arguments = json.dumps([KNOWN, str(root), ""])
    run = subprocess.run(
        [sys.executable, "-c", code, arguments], capture_output=True, text=True
    )
    assert (run.stdout, run.stderr) == (f"MNIST {SUM}\n", "")


# --- any bytes at all


def load_quietly(*args, **kwargs):
    """What load_mnist returns, after a look at what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        result = d2l.load_mnist(*args, **kwargs)
    if not is_tiny(result):
        assert out.getvalue().endswith(f": {INSTEAD}\n")
    assert out.getvalue().count("\n") <= 1
    assert not re.search(r"0x[0-9a-f]|Error|Exception|Traceback", out.getvalue())
    return result


def unpacks_well(name, packed):
    """Whether a file is good, by another reader than the one that is tested."""
    with contextlib.suppress(OSError, EOFError, zlib.error):
        return gzip.decompress(packed) == CONTENTS[name]
    return False


@st.composite
def mutated(draw, original):
    content = bytearray(original)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(content)))
        kind = draw(st.sampled_from(["cut", "flip", "insert", "delete", "repeat"]))
        if kind == "cut":
            del content[place:]
        elif kind == "flip" and place < len(content):
            content[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "insert":
            content[place:place] = draw(st.binary(max_size=20))
        elif kind == "delete":
            del content[place : place + draw(st.integers(1, 20))]
        elif kind == "repeat":
            content += content[place:]
    return bytes(content)


def any_file(name):
    return st.one_of(
        mutated(PACKED[name]),
        mutated(CONTENTS[name]).map(lambda content: gzip.compress(content, 1)),
        st.sampled_from([*PACKED.values(), *OTHER.values()]),
        st.binary(max_size=100),
    )


any_file_with_its_name = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(st.just(name), any_file(name))
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return tmp_path_factory.mktemp("any")


def empty(folder):
    for path in folder.iterdir():
        path.unlink()
    return folder


@settings(max_examples=40)
@given(spoiled=any_file_with_its_name)
def test_no_bytes_on_the_disk_are_taken_for_mnist(shared, spoiled):
    name, content = spoiled
    root = fill(empty(shared), PACKED | {name: content})
    result = load_quietly(root, mirrors=())
    if unpacks_well(name, content):
        assert is_tiny(result)
        assert found_in(root) == PACKED | {name: content}
    else:
        assert not is_tiny(result)
        others = {other: PACKED[other] for other in NAMES if other != name}
        assert found_in(root) == others | {f"{name}.bad": content}


HEADERS = {
    "Content-Length": ["0", "10", "99999", "-1", "many", "9" * 5000],
    "Content-Encoding": ["gzip", "deflate", "identity", "x"],
    "Transfer-Encoding": ["chunked", "x"],
    "Content-Range": ["bytes 0-9/10", "bytes */*", "x"],
    "Location": ["/", "nowhere", "http://[", "http://", "ftp://127.0.0.1/", "\xe9"],
}


@st.composite
def any_answer(draw):
    status = draw(st.sampled_from([200, 200, 200, 206, 204, 301, 304, 416, 503, 999]))
    headers = {
        header: draw(st.sampled_from(values))
        for header, values in HEADERS.items()
        if draw(st.integers(0, 3)) == 0
    }
    return status, headers, draw(any_file(FIRST))


def test_no_bytes_of_a_server_are_taken_for_mnist(serve, shared, monkeypatch):
    now = []

    def anything(request, name):
        status, headers, body = now
        if name != FIRST:
            return good(request, name)
        request.send_response_only(status)
        for header, value in headers.items():
            request.send_header(header, value)
        request.end_headers()
        request.wfile.write(body)

    monkeypatch.setattr(_download, "READ_TIMEOUT", 2)
    server = serve(anything)

    @settings(max_examples=40)
    @given(answer=any_answer())
    def check(answer):
        now[:] = answer
        root = empty(shared)
        result = load_quietly(root, mirrors=[server.address])
        assert all(unpacks_well(*file) for file in found_in(root).items())
        assert len(found_in(root)) == (4 if is_tiny(result) else 0)

    check()


# --- the format


def test_idx_is_read():
    content = bytes.fromhex("00000802 00000002 00000003 010203040506")
    array = read_idx(content)
    assert array.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert array.dtype == np.uint8
    assert array.flags.writeable
    assert array.flags.c_contiguous
    assert array.flags.owndata


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "must start with 00 00 08 and its number of dimensions, got nothing"),
        (
            "000008",
            "must start with 00 00 08 and its number of dimensions, got 00 00 08",
        ),
        (
            "00000800",
            "must start with 00 00 08 and its number of dimensions, got 00 00 08 00",
        ),
        (
            "00000d01 00000000",
            "must start with 00 00 08 and its number of dimensions, got 00 00 0d 01",
        ),
        (
            "01000801 00000000",
            "must start with 00 00 08 and its number of dimensions, got 01 00 08 01",
        ),
        (
            "00010801 00000000",
            "must start with 00 00 08 and its number of dimensions, got 00 01 08 01",
        ),
        ("00000802 00000001", "with 2 dimensions must have at least 12 bytes, got 8"),
        ("00000801 00000002 07", "of shape (2,) must have 2 entries, got 1"),
        ("00000801 00000002 070707", "of shape (2,) must have 2 entries, got 3"),
        (
            "00000802 ffffffff ffffffff 07",
            "of shape (4294967295, 4294967295) must have 18446744065119617025 "
            "entries, got 1",
        ),
    ],
)
def test_what_is_not_idx_is_an_error(content, says):
    with pytest.raises(ValueError, match=r"^an IDX file (of bytes )?") as caught:
        read_idx(bytes.fromhex(content))
    assert str(caught.value).endswith(says)


@pytest.mark.parametrize(
    "shape", [(0, *[2**32 - 1] * 3), (1,) * 100], ids=["long", "many dimensions"]
)
def test_an_array_that_numpy_cannot_hold_is_an_error(shape):
    size = int(np.prod(shape, dtype=object))
    content = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + bytes(size)
    with pytest.raises(ValueError, match=r"^an IDX file must have a shape that NumPy"):
        read_idx(content)


@given(
    shape=st.lists(st.integers(0, 5), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_was_written_as_idx_is_read(shape, seed):
    array = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    read = read_idx(idx(array))
    np.testing.assert_array_equal(read, array)
    assert read.shape == tuple(shape)
    assert read.flags.writeable


@settings(max_examples=300)
@given(
    content=st.one_of(
        st.binary(max_size=50),
        st.binary(max_size=50).map(lambda content: b"\0\0\x08" + content),
        mutated(CONTENTS[NAMES[3]]),
        st.tuples(st.integers(1, 3), st.binary(max_size=30)).map(
            lambda pair: b"\0\0\x08" + bytes([pair[0]]) + bytes(3) + pair[1]
        ),
    )
)
def test_any_bytes_are_idx_or_an_error(content):
    says = ""
    try:
        assert idx(read_idx(content)) == content
    except ValueError as error:
        says = str(error)
    assert re.fullmatch("(an IDX file .*)?", says)


# --- load_digits


def test_digits_have_the_documented_shapes_and_types():
    digits = d2l.load_digits()
    assert digits.train_images.shape == (1437, 28, 28)
    assert digits.train_labels.shape == (1437,)
    assert digits.test_images.shape == (360, 28, 28)
    assert digits.test_labels.shape == (360,)
    assert digits.train_images.dtype == digits.test_images.dtype == np.uint8
    assert digits.train_labels.dtype == digits.test_labels.dtype == np.int64
    assert digits.name == "digits"


def test_digits_have_the_published_counts():
    digits = d2l.load_digits()
    labels = np.concatenate([digits.train_labels, digits.test_labels])
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(labels).tolist() == counts
    tested = [35, 36, 35, 37, 37, 37, 37, 36, 33, 37]
    assert np.bincount(digits.test_labels).tolist() == tested


def test_digits_are_the_same_bytes_on_every_computer():
    digits = d2l.load_digits()
    arrays = [getattr(digits, name).astype("<i8") for name in ARRAYS]
    assert [sha256(array.tobytes()) for array in arrays] == [
        "2772c26ac4c06707a218943b81cff5fbe04ce0d62df83a6eb21b0de537195104",
        "cb6863cc760a900d01be551594691a090fd43e24c11ee63feaaf73315ad5e1d7",
        "9f133716334eb680f9feee05a3e63f073caa58b99791dcd8ea3d9c46ec970f0f",
        "58c508427633b2936fa428117304c0906777e34c1db2e8cfbc37b8531f38a22e",
    ]


def test_digits_fill_the_frame_like_those_of_mnist():
    digits = d2l.load_digits()
    pixels = np.concatenate([digits.train_images, digits.test_images])
    assert not pixels[:, [*range(4), *range(24, 28)]].any()
    assert not pixels[:, :, [*range(4), *range(24, 28)]].any()
    assert pixels[:, 4:24, 4:24].any(axis=(1, 2)).all()
    assert (pixels.min(), pixels.max()) == (0, 255)


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


def test_digits_are_new_at_each_call():
    first, untouched, second = (d2l.load_digits() for _ in range(3))
    for name in ARRAYS:
        array = getattr(first, name)
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.flags.owndata
        array[...] = 99
        np.testing.assert_array_equal(getattr(second, name), getattr(untouched, name))
        assert not np.all(getattr(second, name) == 99)


def test_the_file_of_digits_is_ucis_below_a_line_of_names():
    bundled = (ROOT / "data" / "digits.csv").read_bytes()
    names, _, original = bundled.partition(b"\n")
    assert names.decode() == make_digits.NAMES
    assert names.count(b",") == 64
    assert sha256(original) == make_digits.SHA256
    assert make_digits.convert(original) == bundled
    assert b"\r" not in bundled
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert make_digits.SHA256 in readme
    says = "^this is not UCI's optdigits.tes: SHA-256 "
    with pytest.raises(ValueError, match=says):
        make_digits.convert(flip(original, -2))


def test_the_readme_names_the_files_of_mnist_with_their_checksums():
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for known in MNIST_FILES:
        assert f"| `{known.name}` | {known.size:,} | `{known.sha256}` |" in readme


# --- MNIST itself

with_mnist = pytest.mark.skipif(
    not all((REAL / name).is_file() for name in NAMES),
    reason="needs the files of MNIST in $D2L_DATA_DIR/mnist",
)


@with_mnist
def test_mnist_is_mnist(monkeypatch, capsys):
    monkeypatch.setattr(images, "FILES", MNIST_FILES)
    monkeypatch.setenv("D2L_DATA_DIR", str(REAL.parent))
    mnist = d2l.load_mnist(mirrors=())
    assert capsys.readouterr() == ("", "")
    assert mnist.name == "MNIST"
    assert mnist.train_images.shape == (60000, 28, 28)
    assert mnist.test_images.shape == (10000, 28, 28)
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.train_labels).tolist() == counts
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.test_labels).tolist() == counts
    # The mean that is used everywhere.
    total = int(mnist.train_images.sum(dtype=np.int64))
    assert round(total / mnist.train_images.size / 255, 4) == 0.1307


@with_mnist
def test_mnist_comes_through_a_line_that_breaks(serve, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(images, "FILES", MNIST_FILES)

    def breaks(request, name):
        missing_part(request, (REAL / name).read_bytes())

    server = serve(breaks)
    mnist = d2l.load_mnist(tmp_path / "new", mirrors=[server.address])
    assert mnist.name == "MNIST"
    assert capsys.readouterr().out == ""
    assert len(server.asked) == 8
    for name in NAMES:
        assert (tmp_path / "new" / name).read_bytes() == (REAL / name).read_bytes()
