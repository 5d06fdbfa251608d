"""The dashboard's side of the process that answers for new samples: started when it is asked, ended when it is idle."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dlcore.errors import N_, DatasetError, Message
from dlcore.queue.wire import (
    Answer,
    FrameError,
    Given,
    Question,
    Reply,
    body_size,
    read_reply,
    write_question,
)
from dlcore.settings import Settings
from dlcore.store import Store

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "dlcore.processes.predictor")

ANSWER_SECONDS = 120.0
"""How long an answer may take; at the first question Keras is imported and the model loaded, too."""

IDLE_SECONDS = 300.0
"""After how long without a question the process ends, and gives its memory back."""

OVER_MEMORY = 77
"""The exit code of a process that grew beyond its limit."""

_MB = 2**20
_MOST_REPLY = 256 * _MB
_MOMENT = 0.5
_ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # The GPUs are left to the runs.
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONUTF8": "1",
}


class PredictorError(DatasetError):
    """The process that answers gave no answer: it ended, took too long, or could not be started."""


class PredictorProcess:
    """Asks a child process for answers; it holds the models that were asked last.

    The child talks through its standard input and output, so that nobody else can ask it, and it ends with this
    process. One question is answered at a time.

    Args:
        settings: where the runs are, and limits.
        command: what is started.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] = COMMAND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._command, self._clock = settings, tuple(command), clock
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._last_use = 0.0

    @property
    def pid(self) -> int | None:
        """The id of the child; None while none lives."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def ask(
        self, store: Store, run_id: str, given: Given | None = None, *, seconds: float = ANSWER_SECONDS
    ) -> Answer:
        """Returns what a run's model answers; starts the child if none lives.

        Args:
            store: knows the run.
            run_id: the run.
            given: one sample; by default the model is only loaded, so that the first answer is quick.
            seconds: how long it may take.

        Raises:
            NotFoundError: there is no such run.
            DatasetError: there is no answer, and why: nothing hangs.
        """
        question = Question(store.artifacts.folder(store.runs.get(run_id).id), given)
        self._check_size(given)
        ends = self._clock() + seconds
        with self._held(seconds):
            child = self._living_child()
            reply = self._exchange(child, question, max(0.0, ends - self._clock()), seconds)
            self._last_use = self._clock()
        if isinstance(reply, Message):
            raise DatasetError(reply.template, hint=reply.hint, where=reply.where, **reply.params)
        return reply

    def end_if_idle(self) -> None:
        """Ends the child if nobody has asked it for a while; does nothing while it answers."""
        if self._lock.acquire(blocking=False):
            try:
                if self._child is not None and self._clock() - self._last_use >= IDLE_SECONDS:
                    self._end()
            finally:
                self._lock.release()

    def close(self) -> None:
        """Ends the child, also while it answers."""
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._end()

    def _check_size(self, given: Given | None) -> None:
        size, limit = body_size(given), self._settings.max_file_bytes
        if size > limit:
            raise DatasetError(
                N_("expected at most {limit} MB, got {size} MB."),
                hint=N_("Use a smaller file."),
                limit=f"{limit / _MB:,.1f}",
                size=f"{size / _MB:,.1f}",
            )

    @contextmanager
    def _held(self, seconds: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=seconds):
            raise PredictorError(N_("other questions are being answered."), hint=N_("Try again in a moment."))
        try:
            yield
        finally:
            self._lock.release()

    def _living_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end()
        if self._child is None:
            self._child = self._start()
        return self._child

    def _start(self) -> subprocess.Popen[bytes]:
        settings = self._settings
        places = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        try:
            with (settings.home_dir / "worker.log").open("ab") as log:
                return subprocess.Popen(
                    self._command,
                    env={**os.environ, **settings.environment(), **_ENVIRONMENT, "PYTHONPATH": places},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    **_hidden(),
                )
        except OSError as error:
            raise PredictorError(
                N_("the process that answers cannot be started: {reason}."),
                hint=N_("Free disk space, or check the permissions of that path."),
                where=str(settings.home_dir),
                reason=error.strerror or str(error),
            ) from error

    def _exchange(
        self, child: subprocess.Popen[bytes], question: Question, left: float, seconds: float
    ) -> Reply:
        """Sends a question and waits for the reply; a child that gives none is ended."""
        replies = queue.SimpleQueue[Reply | None]()
        # A child that has stopped reading would hold this one up: pipes know no timeout everywhere.
        threading.Thread(target=_talk, args=(child, question, replies), daemon=True).start()
        try:
            reply = replies.get(timeout=left)
        except queue.Empty:
            self._end()
            raise PredictorError(
                N_("it took longer than the {limit} seconds that an answer may take."),
                hint=N_("Try again, or give less."),
                limit=f"{seconds:g}",
            ) from None
        if reply is None:
            raise self._ended(self._end())
        return reply

    def _ended(self, code: int) -> PredictorError:
        """Returns why a child ended that did not say so itself."""
        if code == OVER_MEMORY:
            return PredictorError(
                N_("it needs more than the {limit} MB of memory that models may use here."),
                hint=N_("Use a smaller model or sample, or ask the administrator to raise {setting}."),
                limit=f"{self._settings.most_predictor_mb:,}",
                setting="DLCORE_PREDICTOR_MB",
            )
        return PredictorError(
            N_(
                "the process that answers ended unexpectedly (exit code {code}), possibly because memory ran out."
            ),
            hint=N_("Try again; worker.log in DLCORE_HOME has the details."),
            code=code,
        )

    def _end(self) -> int:
        """Ends the child, if there is one; returns its exit code."""
        child, self._child = self._child, None
        if child is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            # It may be about to end by itself; then its own exit code says why.
            child.wait(timeout=_MOMENT)
        child.kill()
        code = child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):  # what was still to be sent to it has no reader any more
                if pipe is not None:
                    pipe.close()
        return code


def _hidden() -> dict[str, Any]:
    """Returns the options that keep a process from opening a window."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    else:
        return {}


def _talk(
    child: subprocess.Popen[bytes], question: Question, replies: queue.SimpleQueue[Reply | None]
) -> None:
    """Sends a question and receives the reply, as long as it takes; None where the child has ended."""
    assert child.stdin is not None and child.stdout is not None
    reply = None
    # The child has ended, or said something that is no reply: it is then ended by who waits for this.
    with suppress(OSError, ValueError, FrameError):
        write_question(child.stdin, question)
        reply = read_reply(child.stdout, most_bytes=_MOST_REPLY)
    replies.put(reply)
