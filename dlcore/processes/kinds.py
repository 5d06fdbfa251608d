"""Kinds of jobs: one function each, under its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dlcore.processes.limits import Limits
from dlcore.records import JobUnit
from dlcore.settings import Settings

Arguments = Mapping[str, Any]


class JobHandle(Protocol):
    """Everything a job sees of the outside."""

    @property
    def settings(self) -> Settings:
        """The folders of the data, and the limits."""

    @property
    def folder(self) -> Path:
        """Takes files that belong to the result."""

    def progress(self, done: int, total: int, unit: JobUnit) -> None:
        """Tells how far it is; cheap enough to be called for every file."""


Do = Callable[[Arguments, JobHandle], Mapping[str, Any]]


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    Attributes:
        name: what it is asked for by.
        do: gets the arguments and a handle, gives a JSON-ready result.
        limits: what its process may use.
        needs_keras: whether its process comes from where Keras is loaded already.
        is_long: whether it may take hours; those wait for each other, not others for them.
    """

    name: str
    do: Do
    limits: Callable[[Settings], Limits]
    needs_keras: bool
    is_long: bool


class JobKinds(Mapping[str, JobKind]):
    """The registered kinds by name."""

    def __init__(self) -> None:
        self._kinds: dict[str, JobKind] = {}

    def __getitem__(self, name: str) -> JobKind:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def register(
        self, *, limits: Callable[[Settings], Limits], needs_keras: bool = False, is_long: bool = False
    ) -> Callable[[Do], Do]:
        """Makes a function a kind of job, under its own name.

        Args:
            limits: what its process may use.
            needs_keras: whether it runs Keras. The function imports what it needs for that, not its
                module: all modules of kinds are imported where jobs without Keras are done.
            is_long: whether it may take hours.
        """

        def registered(do: Do) -> Do:
            self._kinds[do.__name__] = JobKind(do.__name__, do, limits, needs_keras, is_long)
            return do

        return registered


JOBS = JobKinds()
"""All kinds; `dlcore.processes.jobs` fills it."""
