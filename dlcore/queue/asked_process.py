"""A child process that answers questions: started when it is asked, ended when it is idle."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, ClassVar, Generic, TypeVar

from dlcore.errors import N_, DatasetError, Message
from dlcore.queue.frames import FrameError
from dlcore.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

IDLE_SECONDS = 300.0
"""After how long without a question the process ends, and gives its memory back."""

_MOMENT = 0.5

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class NoAnswerError(DatasetError):
    """The process that answers gave no answer: it ended, took too long, or could not be started."""


class AskedProcess(ABC, Generic[Question, Answer]):
    """Asks a child process; subclasses say what it is, and how questions and answers are written.

    The child talks through its standard input and output, so that nobody else can ask it, and it ends with this
    process. One question is answered at a time.

    Attributes:
        COMMAND: what is started.
        ENVIRONMENT: of the child, beside that of this process and the settings.

    Args:
        settings: where things are, and limits.
        command: what is started instead.
        clock: a monotonic clock, in seconds.
    """

    COMMAND: ClassVar[Sequence[str]]
    ENVIRONMENT: ClassVar[Mapping[str, str]]

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._command = tuple(self.COMMAND if command is None else command)
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._last_use = 0.0

    @abstractmethod
    def _send(self, stream: IO[bytes], question: Question) -> None:
        """Sends a question."""

    @abstractmethod
    def _receive(self, stream: IO[bytes]) -> Answer | Message | None:
        """Waits for an answer, or why there is none; None when the child has ended.

        Raises:
            FrameError: the child said something else.
        """

    def _why_it_ended(self, code: int) -> NoAnswerError:
        """Returns why a child ended that did not say so itself."""
        return NoAnswerError(
            N_(
                "the process that answers ended unexpectedly (exit code {code}), possibly because memory ran out."
            ),
            hint=N_("Try again; worker.log in DLCORE_HOME has the details."),
            code=code,
        )

    @property
    def pid(self) -> int | None:
        """The id of the child; None while none lives."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

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

    def _asked(self, question: Question, seconds: float) -> Answer:
        """Returns the child's answer; starts the child if none lives.

        Raises:
            DatasetError: there is no answer, and why: nothing hangs.
        """
        ends = self._clock() + seconds
        with self._held(seconds):
            child = self._living_child()
            reply = self._exchange(child, question, max(0.0, ends - self._clock()), seconds)
            self._last_use = self._clock()
        if isinstance(reply, Message):
            raise DatasetError(reply.template, hint=reply.hint, where=reply.where, **reply.params)
        return reply

    @contextmanager
    def _held(self, seconds: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=seconds):
            raise NoAnswerError(N_("other questions are being answered."), hint=N_("Try again in a moment."))
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
                    env={**os.environ, **settings.environment(), **self.ENVIRONMENT, "PYTHONPATH": places},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    **_hidden(),
                )
        except OSError as error:
            raise NoAnswerError(
                N_("the process that answers cannot be started: {reason}."),
                hint=N_("Free disk space, or check the permissions of that path."),
                where=str(settings.home_dir),
                reason=error.strerror or str(error),
            ) from error

    def _exchange(
        self, child: subprocess.Popen[bytes], question: Question, left: float, seconds: float
    ) -> Answer | Message:
        """Sends a question and waits for the reply; a child that gives none is ended."""
        replies = queue.SimpleQueue[Answer | Message | None]()
        # A child that has stopped reading would hold this one up: pipes know no timeout everywhere.
        threading.Thread(target=self._talk, args=(child, question, replies), daemon=True).start()
        try:
            reply = replies.get(timeout=left)
        except queue.Empty:
            self._end()
            raise NoAnswerError(
                N_("it took longer than the {limit} seconds that an answer may take."),
                hint=N_("Try again, or give less."),
                limit=f"{seconds:g}",
            ) from None
        if reply is None:
            raise self._why_it_ended(self._end())
        return reply

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

    def _talk(
        self,
        child: subprocess.Popen[bytes],
        question: Question,
        replies: queue.SimpleQueue[Answer | Message | None],
    ) -> None:
        """Sends a question and receives the reply, as long as it takes; None where the child has ended."""
        assert child.stdin is not None and child.stdout is not None
        reply = None
        # The child has ended, or said something that is no reply: it is then ended by who waits for this.
        with suppress(OSError, ValueError, FrameError):
            self._send(child.stdin, question)
            reply = self._receive(child.stdout)
        replies.put(reply)


def _hidden() -> dict[str, Any]:
    """Returns the options that keep a process from opening a window."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    else:
        return {}
