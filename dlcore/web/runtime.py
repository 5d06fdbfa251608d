"""What runs models in a visitor's browser, as static files that it keeps."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dlcore.browser.runtime import SCRIPT, VERSION, WASM, read_runtime
from dlcore.web.context import context

_TYPES = {SCRIPT: "text/javascript", WASM: "application/wasm"}
RUNTIME_PATH = f"/vendor/onnxruntime-web-{VERSION}"


def runtime_urls() -> dict[str, str]:
    """Returns where a browser finds the files: the `script` and the `wasm`."""
    return {"script": f"{RUNTIME_PATH}/{SCRIPT}", "wasm": f"{RUNTIME_PATH}/{WASM}"}


async def runtime_file(request: Request) -> Response:
    """Sends one of the files, compressed as it is kept; every browser takes that."""
    name = request.path_params["name"]
    found = await run_in_threadpool(read_runtime, context().settings.browser_dir)
    if found is None or name not in found:
        return Response("no such file", 404)
    headers = {"cache-control": "public, max-age=31536000, immutable", "content-encoding": "gzip"}
    return Response(found[name], headers=headers, media_type=_TYPES[name])
