"""The supervisor of a store, and which program it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from packaging.version import Version

from dlcore.errors import Message


@dataclass(frozen=True)
class Program:
    """Which DL Studio a process runs.

    Attributes:
        version: of the package, such as `0.2.0`.
        schema: the revision of the stores that it reads and writes, such as `0006`.

    Example:
        >>> Program("0.9.0", "0006").is_older_than(Program("0.10.0", "0006"))
        True
        >>> Program("0.10.0", "0006").is_older_than(Program("0.9.0", "0007"))
        True
    """

    version: str
    schema: str

    def is_older_than(self, other: Program) -> bool:
        """Returns whether the other one replaces it.

        The schema decides before the version: no program works on a store of a newer schema.
        """
        return (self.schema, Version(self.version)) < (other.schema, Version(other.version))


@dataclass(frozen=True)
class Worker:
    """A supervisor that has reported that it is alive.

    Attributes:
        program: which one it runs.
        ready: whether it can start a run immediately.
        slots: how many runs it has room for.
        trouble: what keeps it from driving searches, if anything.
    """

    id: str
    host: str
    pid: int
    program: Program
    started_at: datetime
    heartbeat_at: datetime
    ready: bool
    slots: int
    trouble: Message | None
