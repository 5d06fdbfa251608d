"""What was exported, as a download: streamed from the disk, since a model may be larger than the memory."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dlcore.errors import DlcoreError
from dlcore.queue.exports import exported_file
from dlcore.web.context import context
from dlcore.web.feed import json


async def exported(request: Request) -> Response:
    """Sends the file of an export of your own."""
    return await run_in_threadpool(_exported, request.path_params["job"])


def _exported(job_id: str) -> Response:
    here = context()
    job = here.store.jobs.find(job_id)
    if job is None or job.owner != here.actor:
        return json({"error": "no such export"}, 404)
    try:
        found = exported_file(here.store, job)
    except DlcoreError as error:
        return json({"error": str(error)}, 404)
    return FileResponse(found.path, filename=found.export.file, media_type="application/octet-stream")
