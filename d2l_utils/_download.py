"""Downloads that end: after a limited time, with a limited number of bytes."""

import http.client
import re
import threading
import time

import requests
import urllib3
from tqdm import tqdm

# Seconds to wait for a connection, for the next bytes, and for a whole file.
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 20.0
DEADLINE = 300.0
# After a cut or a stall a download goes on where it was.
ATTEMPTS = 3
CHUNK = 16_384

# Whatever a server or the network does shows as one of these.
TROUBLE = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


class DownloadError(Exception):
    """Why a download failed, in words for learners."""


def fetch(address: str, limit: int) -> bytes:
    """Download at most ``limit`` bytes, with a progress bar, or a DownloadError."""
    transfer = _Transfer(address, limit)
    deadline = time.monotonic() + DEADLINE
    transfer.start()
    try:
        with tqdm(
            desc=address.rpartition("/")[2],
            unit="B",
            unit_scale=True,
            # A small file's bar would only flicker.
            delay=0.5,
            leave=False,
        ) as bar:
            while transfer.is_alive():
                # Short waits, since on Windows Ctrl-C does not end a long one.
                transfer.join(0.1)
                bar.total = transfer.total
                bar.update(len(transfer.received) - bar.n)
                if transfer.is_alive() and time.monotonic() > deadline:
                    raise DownloadError("took too long")
    finally:
        transfer.abandoned = True
    if transfer.error is not None:
        raise transfer.error
    return bytes(transfer.received)


class _Transfer(threading.Thread):
    """One file on its way from one server.

    A thread, because the time-outs of the network are for single waits: a server
    that sends one byte now and then, be it in its headers, would never be given up.
    """

    def __init__(self, address: str, limit: int) -> None:
        super().__init__(daemon=True)
        self.address = address
        self.limit = limit
        self.received = bytearray()
        self.total: int | None = None
        self.error: Exception | None = None
        self.abandoned = False

    def run(self) -> None:
        try:
            self._receive_all()
        except Exception as error:
            self.error = error

    def _receive_all(self) -> None:
        for _ in range(ATTEMPTS):
            before = len(self.received)
            try:
                self._receive()
            except TROUBLE as error:
                failed = DownloadError(_reason(error))
                # An attempt that brought nothing will not be better the next time.
                if len(self.received) <= before:
                    break
            else:
                return
        raise failed

    def _receive(self) -> None:
        """Ask for what is missing and append it."""
        start = len(self.received)
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with requests.get(
            self.address,
            headers=headers,
            stream=True,
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        ) as response:
            if response.status_code == 206 and start:
                part = response.headers.get("Content-Range", "")
                if not re.match(rf"bytes {start}-", part):
                    raise DownloadError("sent the wrong part of the file")
            elif response.status_code == 200:
                # All of it: this server sends no parts.
                start = 0
                self.received.clear()
            else:
                raise DownloadError(f"error {response.status_code}")
            length = response.headers.get("Content-Length", "")
            self.total = start + int(length) if length.isdecimal() else None
            self._check(self.total or 0)
            # As they are: some servers call a gzip file a compressed answer.
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                if self.abandoned:
                    break
                self.received += chunk
                self._check(len(self.received))

    def _check(self, size: int) -> None:
        if size > self.limit:
            raise DownloadError("sent more than the file has")


def _reason(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection"
    if isinstance(error, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError):
        return "no answer"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, requests.RequestException):
        return "the address does not work"
    return "the connection broke"
