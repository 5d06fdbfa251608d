"""A small process that forks a child for each job: `python -m dlcore.processes.nursery TARGET PRELOAD…`.

It has loaded what jobs need besides Keras, so that a child starts immediately, and takes 170 MB where one
with TensorFlow takes 800. It reads orders from its standard input, a JSON list a line, and tells its
standard output what becomes of them. When the supervisor is gone, the input ends and the children are killed;
the next supervisor repeats their work.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from dlcore.processes.child import enter
from dlcore.settings import Settings

READY, STARTED, ENDED = "ready", "started", "ended"
"""What it tells: that it is, a child's beginning, and its end with the exit code."""

START, KILL = "start", "kill"
"""What it is told: to start a child for an id and an attempt, with an environment; to end one at once."""

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


class Nursery:
    """Starts children and tells of their ends.

    Args:
        target: what a child calls with the settings, the id and the attempt, as `module:function`.
        settings: for the children.
    """

    def __init__(self, target: str, settings: Settings) -> None:
        self._target, self._settings = target, settings
        self._children: dict[int, tuple[str, int]] = {}
        self._orders = b""
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)

    def serve(self) -> None:
        """Works until the input ends."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake)
        selector = selectors.DefaultSelector()
        for readable in (sys.stdin.fileno(), self._woken):
            selector.register(readable, selectors.EVENT_READ)
        tell(READY)
        while True:
            events = [key.fd for key, _ in selector.select()]
            if self._woken in events:
                os.read(self._woken, 4096)
                self._reap()
            if sys.stdin.fileno() in events and not self._listen():
                break
        for child in self._children:
            os.kill(child, signal.SIGKILL)

    def _listen(self) -> bool:
        """Does what is asked for; False when nothing will be any more."""
        data = os.read(sys.stdin.fileno(), 65_536)
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            order, *arguments = json.loads(line)
            if order == START:
                self._start(*arguments)
            elif order == KILL:
                self._kill(tuple(arguments))
        return bool(data)

    def _start(self, job_id: str, attempt: int, environment: Mapping[str, str]) -> None:
        child = os.fork()
        if child == 0:
            _live(self._target, environment, (self._settings, job_id, attempt))
        self._children[child] = (job_id, attempt)
        tell(STARTED, job_id, attempt)

    def _kill(self, attempt: tuple[Any, ...]) -> None:
        for child, known in self._children.items():
            if known == attempt:
                os.kill(child, signal.SIGKILL)

    def _reap(self) -> None:
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            tell(ENDED, *self._children.pop(child), os.waitstatus_to_exitcode(status))


def tell(*what: Any) -> None:
    """Sends one line to the supervisor."""
    print(json.dumps(what), flush=True)


def _live(target: str, environment: Mapping[str, str], arguments: tuple[Any, ...]) -> None:
    """The whole life of a child; what it prints goes to the log."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with_parent()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        enter(target, environment, arguments)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the edge of the process: its parent must not go on with it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _die_with_parent() -> None:
    """Lets a child end with this process, whatever ends it; elsewhere than on Linux it lives on."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m dlcore.processes.nursery", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("preload", nargs="*")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in options.preload:
        importlib.import_module(module)
    Nursery(options.target, Settings.from_environment()).serve()


if __name__ == "__main__":
    main()
