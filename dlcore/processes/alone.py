"""Jobs without a supervisor, for the command line: in a separate process under the same limits.

The user's own files may come from untrusted sources, so the limits are not only for pages.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from dlcore.errors import DatasetError, DlcoreError, Message, SpecError
from dlcore.processes.doing import UNEXPECTED, bug_message
from dlcore.processes.jobs import JOBS
from dlcore.processes.kinds import Arguments, JobHandle, JobKind, Result
from dlcore.processes.limits import ENVIRONMENT
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings
from dlcore.store import Store

_BETWEEN_REPORTS = 0.1
_PROGRESS, _RESULT, _REASON = "progress", "result", "reason"
_ROOT = Path(__file__).resolve().parents[2]


def run_alone(
    what: str, arguments: Mapping[str, Any], settings: Settings, progress: Progress
) -> Mapping[str, Any]:
    """Runs a job in a separate process, and waits for it.

    Args:
        what: the kind.
        arguments: of it, JSON-ready.
        settings: where the data is, and limits.
        progress: called with how far it is.

    Raises:
        SpecError: something asked for is not there.
        DatasetError: it cannot be done, or goes over a limit.
    """
    keras = JOBS[what].needs_keras
    with (
        tempfile.TemporaryFile() as chatter,
        subprocess.Popen(
            [sys.executable, "-m", __name__, what],
            env=_environment(settings, needs_keras=keras),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # TensorFlow tells of its devices there, whatever its settings are.
            stderr=chatter if keras else None,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(arguments))
            process.stdin.close()
            for line in process.stdout:
                kind, *said = json.loads(line)
                if kind == _PROGRESS:
                    progress(said[0], said[1], JobUnit(said[2]))
                elif kind == _RESULT:
                    result: Mapping[str, Any] = said[0]
                    return result
                else:
                    reason = Message.from_dict(said[0])
                    if reason.template == UNEXPECTED:
                        _pass_on(chatter)
                    raise _error(reason, is_spec=said[1])
            _pass_on(chatter)
        except BaseException:
            process.kill()
            raise
    raise _error(JOBS[what].limits(settings).reason(process.returncode))


def _pass_on(chatter: IO[bytes]) -> None:
    """Writes what a process has said on standard error to our own."""
    chatter.seek(0)
    sys.stderr.write(chatter.read().decode(errors="replace"))


def _error(reason: Message, *, is_spec: bool = False) -> DlcoreError:
    kind = SpecError if is_spec else DatasetError
    return kind(reason.template, hint=reason.hint, where=reason.where, **reason.params)


_KERAS = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}


def _environment(settings: Settings, *, needs_keras: bool) -> dict[str, str]:
    places = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    own = _KERAS if needs_keras else ENVIRONMENT
    return {**os.environ, **settings.environment(), **own, "PYTHONPATH": places}


@dataclass
class _PipeHandle:
    """A job's handle whose other end is a pipe to the waiting process."""

    settings: Settings
    folder: Path
    _next: float = field(default=0.0, init=False)

    def progress(self, done: int, total: int, unit: JobUnit) -> None:
        moment = time.monotonic()
        if moment >= self._next:
            self._next = moment + _BETWEEN_REPORTS
            _tell(_PROGRESS, done, total, unit)


def _tell(*what: Any) -> None:
    print(json.dumps(what), flush=True)


def main(what: str) -> None:
    """The process itself: arguments come in, a result or a reason goes out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for it ends it
    settings, arguments = Settings.from_environment(), json.load(sys.stdin)
    kind = JOBS[what]
    limits = kind.limits(settings)
    limits.apply()
    with tempfile.TemporaryDirectory(prefix="dlcore-") as folder:
        try:
            _tell(_RESULT, do_here(kind, arguments, _PipeHandle(settings, Path(folder))))
        except DlcoreError as error:
            _tell(_REASON, error.message.to_dict(), isinstance(error, SpecError))
        except MemoryError:
            _tell(_REASON, limits.out_of_memory().to_dict(), False)
        except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, it is said
            _tell(_REASON, bug_message(error).to_dict(), False)


def do_here(kind: JobKind, arguments: Arguments, handle: JobHandle) -> Result:
    """Returns the result of a job that is done in this process, with the store if that is what it is about.

    Raises:
        DlcoreError: it cannot be done.
    """
    if kind.store_side is None:
        return kind.do(arguments, handle)
    store = Store.open(handle.settings)
    try:
        result = kind.do(kind.gathered(arguments, store), handle)
        return kind.concluded(arguments, result, store, handle.folder)
    finally:
        store.close()


if __name__ == "__main__":
    main(sys.argv[1])
