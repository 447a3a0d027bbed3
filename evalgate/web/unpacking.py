"""Bodies as they are sent; a gzipped one is unpacked into a file as it arrives, never whole and within a limit."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from fastapi import Depends, Request

from evalgate.web.guard import FORMS
from evalgate.web.problems import Problem

MOST_UNPACKED = 2 * 2**30
"""Bytes of a run once it is unpacked."""
PUSHED = "run.jsonl"
_PIECE = 2**20
_NOT_GZIP = "push what `evalgate runs export x.jsonl.gz` writes"


async def raw(request: Request) -> bytes:
    """Return the body byte for byte, whatever its type says."""
    _check_no_form(request)
    return await request.body()


async def unpacked(request: Request) -> Path:
    """Return the body in a file of its own, in a folder of its own, which the route deletes."""
    _check_no_form(request)
    folder = Path(tempfile.mkdtemp(prefix="evalgate-"))
    try:
        return await _write(request, folder / PUSHED)
    except zlib.error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Problem(400, "the body is not gzip", "body", _NOT_GZIP) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_no_form(request: Request) -> None:
    """Raise Problem 400 for a form, which the guard has read already in search of its token."""
    if request.headers.get("content-type", "").startswith(FORMS):
        raise Problem(400, "the body is sent as a form", "Content-Type", "send it as application/octet-stream")


async def _write(request: Request, path: Path) -> Path:
    inflate = zlib.decompressobj(wbits=31)
    size = 0
    with path.open("wb") as file:
        async for chunk in request.stream():
            for piece in _inflated(inflate, chunk):
                size += file.write(piece)
                if size > MOST_UNPACKED:
                    raise Problem(413, "the run is too large once unpacked", "body", "push fewer samples in a run")
    if not inflate.eof:
        raise Problem(400, "the compressed run is cut short", "body", "push it again")
    return path


def _inflated(inflate: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    """Yield a chunk unpacked in bounded pieces, so that a small body cannot fill the memory."""
    while chunk and not inflate.eof:
        yield inflate.decompress(chunk, _PIECE)
        chunk = inflate.unconsumed_tail


RAW = Depends(raw)
UNPACKED = Depends(unpacked)
