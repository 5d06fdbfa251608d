"""Several that work beside a supervisor, as one."""

from __future__ import annotations

from dlcore.errors import Message
from dlcore.worker.supervisor import Companion


class Companions:
    """Starts and ends all of them.

    Args:
        *members: those that work.
    """

    def __init__(self, *members: Companion) -> None:
        self._members = members

    @property
    def alive(self) -> bool:
        """Whether all of them work."""
        return all(one.alive for one in self._members)

    @property
    def trouble(self) -> Message | None:
        """Returns what keeps the first of them from working that says so."""
        return next((one.trouble for one in self._members if one.trouble is not None), None)

    def start(self, worker_id: str) -> None:
        """Begins those that do not work."""
        for one in self._members:
            if not one.alive:
                one.start(worker_id)

    def close(self) -> None:
        """Ends all of them."""
        for one in self._members:
            one.close()
