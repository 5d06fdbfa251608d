"""The real app as it is hosted, with its log in a file."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from dlcore.queue.start import end_worker
from dlcore.settings import Settings
from dlcore.store import Store
from tests.conftest import ROOT

TRACEBACK = "Traceback (most recent call last)"
SETTINGS = {
    "DLCORE_MODE": "demo", "DLCORE_VISITORS_PER_HOUR": "1000000", "DLCORE_SESSIONS_PER_ADDRESS": "100000",
    "DLCORE_RATE_LAUNCHES": "2/hour", "DLCORE_RATE_SESSIONS": "", "DLCORE_RATE_DRAFTS": "", "DLCORE_RATE_UPLOADS": "", "DLCORE_RATE_JOBS": "",
    # A proxy that is not here: what requests say of their addresses counts for nothing.
    "FORWARDED_ALLOW_IPS": "192.0.2.1",
}  # fmt: skip
"""What limits refuse never reaches what lies behind them, which has to stand it, too."""


@dataclass(frozen=True)
class Server:
    """A server at work."""

    process: psutil.Process
    port: int
    log: Path

    @property
    def memory(self) -> int:
        """Bytes that it takes, without its children."""
        return int(self.process.memory_info().rss)

    def tracebacks(self) -> list[str]:
        """What it has logged of exceptions, each with the line before and the last lines of its traceback."""
        text = self.log.read_text(errors="replace")
        return [text[max(0, at - 200) : at + 6_000] for at in _places(text)]


def _places(text: str) -> list[int]:
    found, at = [], text.find(TRACEBACK)
    while at >= 0:
        found.append(at)
        at = text.find(TRACEBACK, at + 1)
    return found


@contextmanager
def served(home: Path, port: int, log: Path, *, supervisor: bool) -> Iterator[Server]:
    """Starts the app in a home folder, and ends it with all that it has started."""
    environment = {**os.environ, **SETTINGS, "DLCORE_HOME": str(home), "DLCORE_START_WORKER": str(supervisor)}
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning"]
    with (
        log.open("wb") as lines,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=lines, stderr=lines) as running,
    ):
        process = psutil.Process(running.pid)
        try:
            _wait(port, running, log)
            yield Server(process, port, log)
        finally:
            running.terminate()
            with suppress(subprocess.TimeoutExpired):
                running.wait(10)
            running.kill()
            with closing(Store.open(Settings(home=home))) as store:
                end_worker(store)


def _wait(port: int, running: "subprocess.Popen[bytes]", log: Path) -> None:
    for _try in range(1200):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return
        assert running.poll() is None, log.read_text()
        time.sleep(0.1)
    raise TimeoutError(log.read_text())
