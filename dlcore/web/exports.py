"""What was exported: as a download, streamed from the disk, and a model for the browser that asks it."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dlcore.access.permissions import Kind, Verb, may
from dlcore.errors import DlcoreError
from dlcore.exports.onnx import Onnx, read_model
from dlcore.queue.exports import ExportedFile, exported_file
from dlcore.web.context import context
from dlcore.web.feed import json


async def exported(request: Request) -> Response:
    """Sends the file of an export of your own."""
    return await run_in_threadpool(_exported, request.path_params["job"])


def _exported(job_id: str) -> Response:
    found = _own_file(job_id)
    if isinstance(found, Response):
        return found
    return FileResponse(found.path, filename=found.export.file, media_type="application/octet-stream")


async def exported_model(request: Request) -> Response:
    """Sends the ONNX model alone out of an export of your own, for a browser that runs it."""
    return await run_in_threadpool(_exported_model, request.path_params["job"])


def _exported_model(job_id: str) -> Response:
    found = _own_file(job_id)
    if isinstance(found, Response):
        return found
    if found.export.format != Onnx.name:
        return json({"error": "no such export"}, 404)
    # The id of the job stands for the run, and for how far it was trained.
    keep = {"cache-control": "private, max-age=86400"}
    return Response(read_model(found.path), headers=keep, media_type="application/octet-stream")


def _own_file(job_id: str) -> ExportedFile | Response:
    """Returns what an export of the actor's has written, or the answer where there is none."""
    here = context()
    try:
        job = here.store.jobs.find(job_id)
        if job is None or not may(here.actor, Verb.USE, Kind.JOB, job.owner):
            return json({"error": "no such export"}, 404)
        return exported_file(here.store, job)
    except DlcoreError as error:
        return json({"error": str(error)}, 404)
