"""Waiting for what another process does."""

import time
from collections.abc import Callable

PATIENCE = 240.0
"""How many seconds a test waits in vain before it fails; no test depends on how soon it waits no more."""


def wait_for(
    condition: Callable[[], object], seconds: float = PATIENCE, what: Callable[[], object] = lambda: ""
) -> None:
    """Returns once `condition` holds; fails after `seconds` with what is there instead."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what()}"
        time.sleep(0.01)
