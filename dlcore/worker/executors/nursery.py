"""Where the processes of jobs come from that need no Keras: a small process that forks them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dlcore.processes import nursery
from dlcore.processes.limits import ENVIRONMENT
from dlcore.settings import Settings
from dlcore.worker.executors.base import FROZEN, RESTART_SECONDS, UNKNOWN_END, Attempt

ROOT = Path(__file__).resolve().parents[3]

END_SECONDS = 2.0
"""How long a nursery gets to end its children and itself."""


class NurseryExecutor:
    """Children of a nursery, which `warm` starts, and starts again when it has died.

    The children end with it, and it ends with this process.

    Args:
        target: what a child calls with the settings, the id and the attempt, as `module:function`.
        preload: modules that the nursery imports before it starts any.
        settings: for the nursery and its children.
    """

    def __init__(self, target: str, *, preload: Sequence[str], settings: Settings) -> None:
        self._command = [sys.executable, "-m", nursery.__name__, target, *preload, FROZEN]
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._next_start = 0.0
        self._heard = b""
        self._children: set[Attempt] = set()
        self._exits: list[tuple[Attempt, int]] = []

    def warm(self) -> bool:
        """Starts the nursery if there is none; returns whether it is ready."""
        if self._process is None and time.monotonic() >= self._next_start:
            self._begin()
        self._listen()
        return self._ready

    def start(self, attempt: Attempt, environment: Mapping[str, str], *, is_job: bool = True) -> None:
        """Starts a child, as soon as the nursery is ready; where there is none, that child has ended."""
        self._children.add(attempt)
        if self._process is None:
            self._note_exit(attempt, UNKNOWN_END)
        else:
            self._tell(nursery.START, *attempt, dict(environment))

    def at_work(self) -> Sequence[Attempt]:
        """Returns those whose process lives."""
        return sorted(self._children)

    def ended(self) -> Sequence[tuple[Attempt, int]]:
        """Returns those whose process has ended since the last call, each with its exit code."""
        self._listen()
        exits, self._exits = self._exits, []
        return exits

    def terminate(self) -> None:
        """Ends all children, and the nursery."""
        if self._process is not None:
            self._close()

    def kill(self, attempt: Attempt) -> None:
        """Sends SIGKILL to the child of a job, if it is one of these."""
        if attempt in self._children:
            self._tell(nursery.KILL, *attempt)

    def _begin(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env={**os.environ, **self._settings.environment(), **ENVIRONMENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._heard, self._ready = b"", False
        self._next_start = time.monotonic() + RESTART_SECONDS

    def _tell(self, *order: Any) -> None:
        assert self._process is not None and self._process.stdin is not None
        with suppress(BrokenPipeError, ValueError):  # it has died: the next look at it finds out
            self._process.stdin.write(json.dumps(order).encode() + b"\n")

    def _listen(self) -> None:
        for what, *about in self._news():
            if what == nursery.READY:
                self._ready = True
            elif what == nursery.ENDED:
                job_id, number, code = about
                self._note_exit((job_id, number), code)

    def _news(self) -> Iterator[list[Any]]:
        """Yields what the nursery has told since the last time; when it has died,
        its children are gone, too.
        """
        if self._process is None:
            return
        assert self._process.stdout is not None
        while (data := self._process.stdout.read(65_536)) is not None:
            if not data:
                self._close()
                return
            *lines, self._heard = (self._heard + data).split(b"\n")
            yield from map(json.loads, lines)

    def _close(self) -> None:
        """Ends the nursery and records the end of its children; without its input it ends by itself."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(END_SECONDS if self._ready else 0.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._process, self._ready = None, False
        for attempt in list(self._children):
            self._note_exit(attempt, UNKNOWN_END)

    def _note_exit(self, attempt: Attempt, code: int) -> None:
        self._children.discard(attempt)
        self._exits.append((attempt, code))
