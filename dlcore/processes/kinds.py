"""Kinds of jobs: one function each, under its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dlcore.processes.limits import Limits
from dlcore.processes.private import PrivateHome
from dlcore.records import JobUnit
from dlcore.settings import Settings
from dlcore.store import Store

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


Result = Mapping[str, Any]

Do = Callable[[Arguments, JobHandle], Result]

Reach = Callable[[Arguments, PrivateHome], Sequence[Path]]
"""Lets a confined process see the data that a job is about; returns what else it must read."""

Adopt = Callable[[Arguments, Result, Settings, Settings], None]
"""Brings what a confined process has kept in its own home into the real one; gets the settings of both, its own first."""


@dataclass(frozen=True)
class StoreSide:
    """What a kind of job takes from the store, and what it leaves there; in between its function has none.

    Attributes:
        gather: returns what the function gets beside the arguments; of any type, for the process that has it is forked.
        conclude: brings the result into the store, and returns the one that is kept. A stranger's process has made the
            result and the folder of it, so nothing there is trusted.
    """

    gather: Callable[[Arguments, Store], Arguments]
    conclude: Callable[[Arguments, Result, Store, Path], Result]


def reads_path(arguments: Arguments, home: PrivateHome) -> Sequence[Path]:
    """Returns the one file or folder that a job is about."""
    return [Path(arguments["path"])]


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    Attributes:
        name: what it is asked for by.
        do: gets the arguments and a handle, gives a JSON-ready result.
        limits: what its process may use.
        needs_keras: whether its process comes from where Keras is loaded already.
        is_long: whether it may take hours; those wait for each other, not others for them.
        reach: what its process reads when it works for a stranger, confined; None: it reads no stranger's file, and is
            never confined.
        adopt: what becomes of what a confined process has kept.
        store_side: what it has to do with the store, if anything.
        progress_file: what it keeps of its work in its folder, from which the next process goes on if this one is
            killed; empty: that begins anew.
    """

    name: str
    do: Do
    limits: Callable[[Settings], Limits]
    needs_keras: bool
    is_long: bool
    reach: Reach | None
    adopt: Adopt | None
    store_side: StoreSide | None = None
    progress_file: str = ""

    def gathered(self, arguments: Arguments, store: Store) -> Arguments:
        """Returns all that the function gets.

        Raises:
            DlcoreError: what it needs of the store is not there.
        """
        return (
            arguments
            if self.store_side is None
            else {**arguments, **self.store_side.gather(arguments, store)}
        )

    def concluded(self, arguments: Arguments, result: Result, store: Store, folder: Path) -> Result:
        """Returns the result that is kept, once the store has what belongs there.

        Raises:
            DlcoreError: the store refuses it.
        """
        return (
            result if self.store_side is None else self.store_side.conclude(arguments, result, store, folder)
        )


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
        self,
        *,
        limits: Callable[[Settings], Limits],
        needs_keras: bool = False,
        is_long: bool = False,
        reach: Reach | None = None,
        adopt: Adopt | None = None,
        store_side: StoreSide | None = None,
        progress_file: str = "",
    ) -> Callable[[Do], Do]:
        """Makes a function a kind of job, under its own name.

        Args:
            limits: what its process may use.
            needs_keras: whether it runs Keras. The function imports what it needs for that, not its
                module: all modules of kinds are imported where jobs without Keras are done.
            is_long: whether it may take hours.
            reach: what a confined process must read.
            adopt: brings what that has kept into the real home.
            store_side: what it has to do with the store.
            progress_file: what the next process goes on from; the function removes it at its end.
        """

        def registered(do: Do) -> Do:
            name = do.__name__
            self._kinds[name] = JobKind(
                name, do, limits, needs_keras, is_long, reach, adopt, store_side, progress_file
            )
            return do

        return registered


JOBS = JobKinds()
"""All kinds; `dlcore.processes.jobs` fills it."""
