"""The files that pages load: a style sheet, a script, an icon. A changed one has another address."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.responses import Response

FILES = ("evalgate.css", "evalgate.js", "icon.svg", "measures.css", "review.css", "review.js", "traffic.css")
FOREVER = "public, max-age=31536000, immutable"


@cache
def version() -> str:
    """Return what the addresses end with: the beginning of the digest of all files."""
    content = b"".join((_folder() / name).read_bytes() for name in FILES)
    return hashlib.sha256(content).hexdigest()[:12]


def static_files() -> Assets:
    """Return what answers under /static."""
    return Assets(directory=_folder())


class Assets(StaticFiles):
    """Files that a browser asks for once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file with how long it keeps."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = FOREVER
        return response


def _folder() -> Path:
    return Path(str(resources.files("evalgate.web") / "static"))
