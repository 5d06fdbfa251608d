"""The service itself: an ASGI application that asks the process that answers."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dlcore.datasets.fresh.inputs import joined_notes
from dlcore.datasets.prepare.saved import Preparation, read_preparation
from dlcore.errors import N_, DatasetError, DlcoreError, Message, NotFoundError
from dlcore.queue.asked_process import NoAnswerError
from dlcore.queue.predictor import PredictorProcess
from dlcore.queue.wire import Given
from dlcore.records import Run
from dlcore.records.predictions import Predictions
from dlcore.serving.description import FILES, ROWS, describe
from dlcore.settings import Settings
from dlcore.spec.data import DataKind
from dlcore.store import Store
from dlcore.web.hosts import HostCheck

MOST_JSON = 32 * 2**20
"""Bytes of a JSON body: what is sent to the process as text is held several times."""

JSON = "application/json"
_SEE = N_("/openapi.json shows what is expected.")


class RequestError(DlcoreError):
    """A request that cannot be answered; `status` says which way."""

    def __init__(self, status: int, template: str, hint: str = "", **params: Any) -> None:
        super().__init__(template, hint=hint, **params)
        self.status = status


def _english(languages: str) -> tuple[str, Callable[[str], str]]:
    """Programs read the answers: their texts are English."""
    return "en", str


class Service:
    """Answers for new samples with one run's model.

    Args:
        run: whose model.
        store: where it lies.
        process: asked for answers.
        settings: limits, and the names that this machine answers to.

    Raises:
        DatasetError: the run keeps no preparation, or an older one.
    """

    def __init__(self, run: Run, store: Store, process: PredictorProcess, settings: Settings) -> None:
        self._run, self._store, self._process, self._settings = run, store, process, settings
        self.preparation: Preparation = read_preparation(store.artifacts.folder(run.id))
        self.description = describe(run, self.preparation)

    def warm_up(self) -> None:
        """Loads the model, so that the first answer is quick.

        Raises:
            DatasetError: there is none, or it is damaged.
        """
        self._process.ask(self._store, self._run.id)

    def app(self) -> Starlette:
        """Returns the application; with its end, the process that answers ends."""

        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            yield
            self._process.close()

        return Starlette(
            routes=[
                Route("/", self._openapi),
                Route("/openapi.json", self._openapi),
                Route("/healthz", self._health),
                Route("/predict", self._predict, methods=["POST"]),
            ],
            middleware=[Middleware(HostCheck, allowed=self._settings.allowed_hosts, texts=_english)],
            lifespan=lifespan,
        )

    async def _openapi(self, request: Request) -> JSONResponse:
        return JSONResponse(self.description)

    async def _health(self, request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "run": self._run.id})

    async def _predict(self, request: Request) -> JSONResponse:
        began = time.perf_counter()
        try:
            given = self._samples(await self._body(request), _content_type(request))
            found = await run_in_threadpool(self._answers, given)
        except RequestError as error:
            return _refusal(error, error.status)
        except NoAnswerError as error:
            return _refusal(error, 503)
        except DatasetError as error:
            return _refusal(error, 400)
        except NotFoundError as error:  # the run was deleted meanwhile
            return _refusal(error, 404)
        return JSONResponse({**found, "milliseconds": round(1000 * (time.perf_counter() - began), 2)})

    async def _body(self, request: Request) -> bytes:
        """Returns the body, which is not read further than it may be long.

        Raises:
            RequestError: it is longer.
        """
        limit = MOST_JSON if _content_type(request) == JSON else self._settings.max_file_bytes
        parts, size = list[bytes](), 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise RequestError(
                    413,
                    N_("expected at most {limit} MB."),
                    N_("Send fewer samples at a time."),
                    limit=f"{limit / 2**20:,.0f}",
                )
            parts.append(part)
        return b"".join(parts)

    def _samples(self, body: bytes, content_type: str) -> list[Given]:
        """Returns what the process is asked, question by question.

        Raises:
            RequestError: it is nothing of that kind.
        """
        kind = self.preparation.facts.kind
        if content_type != JSON:
            if kind not in FILES:
                raise RequestError(
                    415,
                    N_("expected {expected}, got {got}."),
                    expected=JSON,
                    got=content_type or "no content type",
                )
            return [body]
        samples = _json_samples(body)
        if kind in FILES:
            return [_file(sample, place) for place, sample in enumerate(samples)]
        if kind in ROWS and not all(isinstance(sample, dict) for sample in samples):
            raise RequestError(400, N_("expected rows by the names of their columns."), _SEE)
        if kind is DataKind.TEXT and not all(isinstance(sample, str) for sample in samples):
            raise RequestError(400, N_("expected texts."), _SEE)
        return [samples]

    def _answers(self, given: list[Given]) -> dict[str, Any]:
        """Returns all answers; of several files, those that cannot be read are said one by one.

        Raises:
            DatasetError: there is no answer at all.
        """
        if len(given) == 1:
            return self._ask(given[0]).as_json()
        found: list[Predictions | Message] = []
        for sample in given:
            try:
                found.append(self._ask(sample))
            except NoAnswerError:
                raise
            except DatasetError as error:
                found.append(error.message)
        return _joined(found).as_json()

    def _ask(self, given: Given) -> Predictions:
        found = self._process.ask(self._store, self._run.id, given).predictions
        assert found is not None, "something was given"
        return found


def _joined(found: Sequence[Predictions | Message]) -> Predictions:
    """Returns the answers for several files as one, each called by its place from 1 on.

    Raises:
        DatasetError: there is none.
    """
    known = [one for one in found if isinstance(one, Predictions)]
    refused = {place: one for place, one in enumerate(found) if isinstance(one, Message)}
    if not known:
        raise DatasetError(N_("none of the samples can be answered; the first: {reason}"), reason=refused[0])
    nothing = np.full((1, len(known[0].columns)), np.nan)
    return replace(
        known[0],
        names=tuple(str(place + 1) for place in range(len(found))),
        answers=np.concatenate([nothing if isinstance(one, Message) else one.answers for one in found]),
        refused=refused,
        notes=joined_notes(one.notes for one in known),
    )


def _json_samples(body: bytes) -> list[Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(400, N_("the body is no JSON."), _SEE) from error
    samples = content.get("samples") if isinstance(content, dict) else None
    if not isinstance(samples, list) or not samples:
        raise RequestError(
            400,
            N_("expected an object with a list of samples."),
            _SEE,
        )
    return samples


def _file(sample: Any, place: int) -> bytes:
    try:
        return base64.b64decode(sample, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise RequestError(
            400,
            N_("sample {place} is no file in Base64."),
            N_("Send one file as the body, or Base64."),
            place=place + 1,
        ) from error


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _refusal(error: DlcoreError, status: int) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status)
