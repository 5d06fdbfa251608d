"""What a child process does before its work: it sets up its environment, and may have to wait for work."""

from __future__ import annotations

import importlib
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dlcore.processes.ending import request_end

READY = "ready"
"""What a waiting child sends: it has imported everything."""

END = "end"
"""What a working child receives: the request to save and end."""


class Link(Protocol):
    """One end of a connection to another process; its class depends on the system."""

    def send(self, what: Any, /) -> None:
        """Sends an object."""

    def recv(self) -> Any:
        """Waits for an object."""

    def poll(self) -> bool:
        """Returns whether there is one, or the other end is closed."""

    def close(self) -> None:
        """Closes this end."""


def enter(target: str, environment: Mapping[str, str], arguments: tuple[Any, ...]) -> None:
    """Sets the environment, then calls the function that `target` names.

    The name is resolved only here, so that the supervisor never imports what the child needs.

    Args:
        target: the function, as `module:function`.
        environment: variables of this process.
        arguments: those of the function.
    """
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    module, _, name = target.partition(":")
    getattr(importlib.import_module(module), name)(*arguments)


def wait_for_work(
    link: Link, preload: Sequence[str], environment: Mapping[str, str], *, ends_with_parent: bool
) -> None:
    """Imports what work needs, waits for work and does it; the whole life of a process.

    Args:
        link: to the parent, which sends the arguments of `enter`, and possibly `END` later.
        preload: modules to import.
        environment: variables of this process, set before the imports.
        ends_with_parent: whether it ends when its parent does while it works; while it waits, it always does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(environment)
    for module in preload:
        importlib.import_module(module)
    try:
        link.send(READY)
        work = link.recv()
    except (EOFError, OSError):  # the parent has ended
        return
    threading.Thread(target=_listen, args=(link, ends_with_parent), name="parent", daemon=True).start()
    enter(*work)


def _listen(link: Link, ends_with_parent: bool) -> None:
    try:
        link.recv()
    except (EOFError, OSError):
        if ends_with_parent:
            os._exit(1)
    else:
        request_end()
