"""The dashboard's side of the process that answers for new samples."""

from __future__ import annotations

import sys
from typing import IO

from dlcore.errors import N_, DatasetError
from dlcore.queue.asked_process import AskedProcess, NoAnswerError
from dlcore.queue.wire import Answer, Given, Question, Reply, body_size, read_reply, write_question
from dlcore.store import Store

ANSWER_SECONDS = 120.0
"""How long an answer may take; at the first question Keras is imported and the model loaded, too."""

OVER_MEMORY = 77
"""The exit code of a process that grew beyond its limit."""

_MB = 2**20
MOST_REPLY = 256 * _MB
"""Bytes of an answer."""


class PredictorProcess(AskedProcess[Question, Answer]):
    """Asks a child process that holds the models that were asked last."""

    COMMAND = (sys.executable, "-m", "dlcore.processes.predictor")
    ENVIRONMENT = {
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        # The GPUs are left to the runs.
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONUTF8": "1",
    }

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
        return self._asked(question, seconds)

    def _check_size(self, given: Given | None) -> None:
        size, limit = body_size(given), self._settings.max_file_bytes
        if size > limit:
            raise DatasetError(
                N_("expected at most {limit} MB, got {size} MB."),
                hint=N_("Use a smaller file."),
                limit=f"{limit / _MB:,.1f}",
                size=f"{size / _MB:,.1f}",
            )

    def _send(self, stream: IO[bytes], question: Question) -> None:
        write_question(stream, question)

    def _receive(self, stream: IO[bytes]) -> Reply | None:
        return read_reply(stream, most_bytes=MOST_REPLY)

    def _why_it_ended(self, code: int) -> NoAnswerError:
        if code != OVER_MEMORY:
            return super()._why_it_ended(code)
        return NoAnswerError(
            N_("it needs more than the {limit} MB of memory that models may use here."),
            hint=N_("Use a smaller model or sample, or ask the administrator to raise {setting}."),
            limit=f"{self._settings.most_predictor_mb:,}",
            setting="DLCORE_PREDICTOR_MB",
        )
