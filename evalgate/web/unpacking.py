"""Bodies as they are sent; what is gzipped is unpacked into a file as it arrives, never whole and within a limit."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from evalgate.web.guard import FORMS
from evalgate.web.problems import Problem

MOST_UNPACKED = 2 * 2**30
"""Bytes of a run once it is unpacked."""
MOST_LABELS_UNPACKED = 64 * 2**20
"""Bytes of a file of labels once it is unpacked; all of them are held at once."""
PUSHED = "run.jsonl"
SENT = "file"
"""The name under which a file lies that is no run; its kind is known later."""
_PIECE = 2**20
_GZIP = b"\x1f\x8b"
_NOT_GZIP = "push what `evalgate runs export x.jsonl.gz` writes"


class Unpacking:
    """A file that a body is written into piece by piece; Problem 413 past its limit, 400 for a broken archive."""

    def __init__(self, file: BinaryIO, noun: str, most: int, *, gzipped: bool | None = None) -> None:
        """`gzipped` None: the first two bytes say."""
        self._file = file
        self._noun = noun
        self._most = most
        self._inflate = zlib.decompressobj(wbits=31) if gzipped else None
        self._knows = gzipped is not None
        self._first = b""
        self._size = 0

    def take(self, chunk: bytes) -> None:
        """Write a piece of the body."""
        if not self._knows:
            self._first += chunk
            if len(self._first) < len(_GZIP):
                return
            chunk, self._knows = self._first, True
            self._inflate = zlib.decompressobj(wbits=31) if chunk.startswith(_GZIP) else None
        for piece in self._pieces(chunk):
            self._size += self._file.write(piece)
            if self._size > self._most:
                raise Problem(413, f"the {self._noun} is too large once unpacked", "body", "send less in a file")

    def end(self) -> None:
        """Say that no more comes."""
        if not self._knows:
            self._file.write(self._first)
        if self._inflate is not None and not self._inflate.eof:
            raise Problem(400, f"the compressed {self._noun} is cut short", "body", "send it again")

    def _pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Yield a chunk unpacked in bounded pieces, so that a small body cannot fill the memory."""
        if self._inflate is None:
            yield chunk
            return
        while chunk and not self._inflate.eof:
            try:
                yield self._inflate.decompress(chunk, _PIECE)
            except zlib.error:
                raise Problem(400, "the body is not gzip", "body", _NOT_GZIP) from None
            chunk = self._inflate.unconsumed_tail


async def raw(request: Request) -> bytes:
    """Return the body byte for byte, whatever its type says."""
    _check_no_form(request)
    return await request.body()


async def unpacked(request: Request) -> Path:
    """Return a gzipped run in a file of its own, in a folder of its own, which the route deletes."""
    return await _received(request, PUSHED, MOST_UNPACKED, gzipped=True)


async def run_sent(request: Request) -> Path:
    """Return a run that may be gzipped, as `unpacked` does."""
    return await _received(request, PUSHED, MOST_UNPACKED)


async def labels_sent(request: Request) -> Path:
    """Return a file of labels that may be gzipped, as `unpacked` does."""
    return await _received(request, SENT, MOST_LABELS_UNPACKED)


@contextmanager
def uploaded(file: UploadFile, name: str, most: int) -> Iterator[Path]:
    """Give what a form uploads, unpacked, in a folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="evalgate-"))
    try:
        path = folder / name
        with path.open("wb") as opened:
            unpacking = Unpacking(opened, path.stem, most)
            file.file.seek(0)
            for chunk in iter(partial(file.file.read, _PIECE), b""):
                unpacking.take(chunk)
            unpacking.end()
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _received(request: Request, name: str, most: int, *, gzipped: bool | None = None) -> Path:
    _check_no_form(request)
    async with _folder() as folder:
        path = folder / name
        with path.open("wb") as file:
            unpacking = Unpacking(file, path.stem, most, gzipped=gzipped)
            async for chunk in request.stream():
                unpacking.take(chunk)
            unpacking.end()
    return path


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    """Give a folder that stays unless something goes wrong."""
    folder = Path(tempfile.mkdtemp(prefix="evalgate-"))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_no_form(request: Request) -> None:
    """Raise Problem 400 for a form, which the guard has read already in search of its token."""
    if request.headers.get("content-type", "").startswith(FORMS):
        raise Problem(400, "the body is sent as a form", "Content-Type", "send it as application/octet-stream")


RAW = Depends(raw)
UNPACKED = Depends(unpacked)
RUN_SENT = Depends(run_sent)
LABELS_SENT = Depends(labels_sent)
