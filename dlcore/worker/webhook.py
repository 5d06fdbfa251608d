"""Alerts to an address of somebody's choice, as one JSON each in the form that Slack takes."""

from __future__ import annotations

import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from dlcore.records import Run, Study
from dlcore.records.alerts import STUDY_ENDINGS, Sign
from dlcore.text import on_one_line

ANSWER_SECONDS = 5.0
"""How long the address may take for an answer."""
PAUSES = (1.0, 5.0)
"""Seconds between the tries: three of them."""
MOST_WAITING = 1_000
"""Alerts that wait while the address does not answer; further ones are dropped."""
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
"""What Slack takes for a link or the call of a person or a channel."""


class Webhook:
    """Posts alerts, one after the other, in a thread of its own.

    Whatever goes wrong is logged and hurts nothing. The address is not logged: who knows it may post there.

    Args:
        url: where to.
        log: takes a line of the log.
        pauses: seconds between the tries of one alert.
    """

    def __init__(self, url: str, *, log: Callable[[str], None], pauses: Sequence[float] = PAUSES) -> None:
        self._url, self._log, self._pauses = url, log, pauses
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._run, name="webhook", daemon=True).start()

    def send(self, about: Run | Study, sign: Sign) -> None:
        """Has an alert posted soon, without waiting."""
        try:
            self._waiting.put_nowait(payload(about, sign))
        except queue.Full:
            self._log(f"{about.id}: too many alerts wait for the webhook, this one is dropped")

    def join(self) -> None:
        """Waits until all alerts are posted or given up."""
        self._waiting.join()

    def _run(self) -> None:
        while True:
            content = self._waiting.get()
            problem = self._try(content)
            if problem:
                host, about = urlsplit(self._url).hostname, content.get("run") or content["search"]
                self._log(f"{about}: the webhook at {host} failed: {problem}")
            self._waiting.task_done()

    def _try(self, content: dict[str, Any]) -> str:
        """Posts an alert, several times if need be; returns what was wrong at last."""
        problem = ""
        for pause in (0.0, *self._pauses):
            time.sleep(pause)
            problem, final = self._post(content)
            if not problem or final:
                break
        return problem

    def _post(self, content: dict[str, Any]) -> tuple[str, bool]:
        """Posts once; returns what was wrong, and whether it would be again."""
        body = json.dumps(content).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):
                return "", True
        except urllib.error.HTTPError as error:
            return f"it answered {error.code}", 400 <= error.code < 500 and error.code != 429
        except (OSError, HTTPException, ValueError) as error:
            return type(error).__name__, False


def payload(about: Run | Study, sign: Sign) -> dict[str, Any]:
    """Returns an alert as it is posted: `text`, which Slack shows, and the same in fields.

    What it is about has its id under its kind: `run`, or `search`.
    """
    said = f"{about.name}: {sign.sentence.text()}"
    rests = about.state.final if isinstance(about, Run) else sign.kind in STUDY_ENDINGS.values()
    if about.reason is not None and rests and sign.trials is None:
        said = f"{said} {about.reason.text()}"
    said = on_one_line(said)
    for mark, escape in _ESCAPES:
        said = said.replace(mark, escape)
    return {
        "text": said,
        "kind": sign.kind.value,
        "epoch": sign.epoch,
        about.kind: about.id,
        "name": about.name,
        "state": about.state.value,
        "dataset": about.dataset,
        "tags": list(about.annotation.tags),
        "metrics": about.summary,
        **(
            {"trials": {state.value: n for state, n in about.counts.items()}}
            if isinstance(about, Study)
            else {}
        ),
    }
