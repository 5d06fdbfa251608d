"""Waiting for what another process does."""

import time
from collections.abc import Callable

PATIENCE = 240.0
"""How many seconds a test waits in vain before it fails; no test depends on how soon it waits no more."""


def wait_for(
    condition: Callable[[], object], seconds: float = PATIENCE, what: Callable[[], object] = lambda: ""
) -> None:
    """Returns once `condition` holds; fails after `seconds` with what is there instead."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < seconds, f"waited in vain: {what()}"
        # To look takes what another process needs to get there: the longer it takes, the less often.
        time.sleep(min(0.01 + waited / 50, 0.1))
