"""The scripts of our own components, which the browser fetches as ES modules and keeps."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from dlcore.browser import FOLDER

FOLDERS = (Path(__file__).resolve().parents[1] / "ui" / "components", FOLDER)
"""Of the scripts of pages alone, and of those that a report holds, too; they are served as of one folder."""


@cache
def _scripts() -> dict[str, bytes]:
    """Returns the scripts by name, as they were when the server started."""
    found = sorted(path for folder in FOLDERS for path in folder.glob("*.js"))
    return {path.name: path.read_bytes() for path in found}


@cache
def _version() -> str:
    return hashlib.sha256(b"\0".join(_scripts().values())).hexdigest()[:12]


def module_url(name: str) -> str:
    """Returns where a script is served.

    The URL names the content of all scripts, since one imports others by their names: whatever
    changes, the browser fetches it anew.

    Args:
        name: of the file, such as `live_chart.js`.

    Raises:
        KeyError: there is no such script.
    """
    if name not in _scripts():
        raise KeyError(name)
    return f"/modules/{_version()}/{name}"


async def module(request: Request) -> Response:
    """Returns a script by its name; to a page of another version, the one of this version."""
    found = _scripts().get(request.path_params["name"])
    if found is None:
        return Response("no such module", 404)
    current = request.path_params["version"] == _version()
    keep = "public, max-age=31536000, immutable" if current else "no-store"
    return Response(found, headers={"cache-control": keep}, media_type="text/javascript")
