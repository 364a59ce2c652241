"""Files whose content is known: read, downloaded, kept."""

import concurrent.futures
import contextlib
import gzip
import hashlib
import io
import secrets
import threading
import time
import warnings
import zlib
from pathlib import Path
from typing import Any, NamedTuple

# Seconds to wait for a connection, for the next bytes, and for a whole file.
TIMEOUTS = (5.0, 20.0)
DEADLINE = 300.0
GZIP = b"\x1f\x8b"


class BadFileError(Exception):
    """Why a file cannot be used, in words that follow its name."""


class Known(NamedTuple):
    """A gzip file of which the unpacked content is known."""

    name: str
    size: int
    sha256: str

    @property
    def limit(self) -> int:
        """More bytes than the file can have, however it was packed."""
        return self.size + self.size // 100 + 4096

    @property
    def names(self) -> list[str]:
        """What the file may be called, packed and unpacked."""
        unpacked = self.name.removesuffix(".gz")
        return [self.name, unpacked, unpacked.replace("-idx", ".idx")]

    def read(self, path: Path) -> bytes:
        """The known content of a file, else an OSError or a BadFileError."""
        # Opening a pipe would wait for somebody to write into it.
        if path.exists() and not path.is_file():
            raise BadFileError("was not a file")
        with path.open("rb") as stream:
            return self.unpack(stream.read(self.limit + 1))

    def unpack(self, body: bytes) -> bytes:
        """The known content of a file, packed or not, else a BadFileError."""
        try:
            # One byte more than there should be shows that it is too much; a small
            # file can be made to unpack to many gigabytes.
            packed = gzip.GzipFile(fileobj=io.BytesIO(body))
            content = packed.read(self.size + 1) if body.startswith(GZIP) else body
        except (EOFError, OSError, zlib.error):
            raise BadFileError("was cut off or damaged") from None
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise BadFileError("did not hold what it should")
        return content

    def fetch(self, mirror: str) -> bytes:
        """Download what a server sends for the file, else a BadFileError."""
        # Who has all files need not wait for this module.
        import requests

        deadline = time.monotonic() + DEADLINE
        # What breaks starts once more, from the beginning.
        for _ in range(2):
            body = _Body()
            body.limit = self.limit
            try:
                _receive(f"{mirror.rstrip('/')}/{self.name}", body, deadline)
                return body.getvalue()
            except requests.HTTPError as error:
                problem = f"error {error.response.status_code}"  # type: ignore[union-attr]
            except requests.exceptions.SSLError:
                problem = "no secure connection"
            except (OSError, ValueError):
                problem = "the connection broke" if body.tell() else "no connection"
            if not body.tell():
                break
        raise BadFileError(problem)

    def keep(self, folder: Path, body: bytes) -> None:
        """Write a file that was checked, all of it or nothing."""
        path = folder / self.names[0 if body.startswith(GZIP) else 1]
        # Its own name: another notebook may be writing the same file now.
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(body)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


class _Body(io.BytesIO):
    """What was received, up to a limit."""

    limit = 0

    def write(self, chunk: Any) -> int:
        if self.tell() + len(chunk) > self.limit:
            raise BadFileError("sent more than the file has")
        return super().write(chunk)


def _receive(address: str, body: _Body, deadline: float) -> None:
    """Download into ``body``, with a progress bar.

    In a thread, because the time-outs of the network are for single waits: a server
    that sends one byte now and then, be it in its headers, would never be given up.
    """
    with warnings.catch_warnings():
        # In a notebook pooch looks for another bar, and misses what that one needs.
        warnings.simplefilter("ignore")
        from pooch import HTTPDownloader
        from tqdm import tqdm

    done: concurrent.futures.Future[None] = concurrent.futures.Future()
    pages = contextlib.ExitStack()
    # The page of a redirection, which could be endless, is not read.
    hooks = {"response": lambda r, **_: r.close() if r.is_redirect else pages.push(r)}

    def run() -> None:
        try:
            with pages:
                done.set_result(download(address, body, None))
        except Exception as error:
            done.set_exception(error)

    with tqdm(
        desc=address.rpartition("/")[2],
        total=body.limit,  # until pooch knows better; a bar without one is no bar to it
        unit="B",
        unit_scale=True,
        delay=0.5,  # a small file's bar would only flicker
        leave=False,
    ) as bar:
        # In the end pooch fills the bar, and would draw it for that.
        bar.reset = bar.close
        encoding = {"Accept-Encoding": "identity"}
        download = HTTPDownloader(bar, timeout=TIMEOUTS, headers=encoding, hooks=hooks)
        threading.Thread(target=run, daemon=True).start()
        try:
            # Short waits, since on Windows Ctrl-C does not end a long one.
            while concurrent.futures.wait([done], 0.1).not_done:
                if time.monotonic() > deadline:
                    raise BadFileError("took too long")
        finally:
            # What nobody waits for ends with its next bytes.
            body.limit = 0
    done.result()
