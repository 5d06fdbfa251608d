"""A download in a process of its own: `python -m dlcore.datasets.fetch NAME`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from dlcore.datasets.background import Work, WorkState, WorkStatus
from dlcore.datasets.catalogue import CATALOGUE
from dlcore.datasets.loader import available, load
from dlcore.errors import N_, Message
from dlcore.settings import Settings


def _work(name: str, settings: Settings) -> Work:
    folder = settings.home.expanduser().resolve() / "downloads"
    reason = Message(
        N_("the download ended before it was finished."),
        N_("Start it again; it goes on where it was. Its log: {log}."),
        params={"log": str(folder / f"{name}.log")},
    )
    return Work(folder, name, reason)


def start_fetch(name: str, settings: Settings) -> WorkStatus:
    """Starts the download of a built-in dataset, unless one is at work; says how it stands."""
    total = CATALOGUE.get(name).facts.download_bytes
    return _work(name, settings).start("dlcore.datasets.fetch", [name], settings, total)


def fetch_status(name: str, settings: Settings) -> WorkStatus:
    """How the download stands, in bytes; cheap enough to ask each second."""
    status = _work(name, settings).status()
    if status.state is WorkState.DONE and not available(name, settings):
        return WorkStatus(WorkState.IDLE)
    return status


def fetch(name: str, settings: Settings) -> WorkStatus:
    """Downloads and prepares the dataset here and now, writing down how far it is; the lock is held."""

    def do(progress: Callable[[int, int], None]) -> Mapping[str, Any]:
        load(name, settings, progress=progress)
        return {}

    return _work(name, settings).run(do, CATALOGUE.get(name).facts.download_bytes)


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit status is 0 when the dataset is there in the end."""
    parser = argparse.ArgumentParser(prog="python -m dlcore.datasets.fetch", description=__doc__)
    parser.add_argument("name", choices=CATALOGUE.names())
    parser.add_argument("--lock", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    settings = Settings()
    lock = options.lock if options.lock is not None else _work(options.name, settings).take()
    if lock is None:
        print(f"{options.name} is being downloaded by another process.", file=sys.stderr)
        return 1
    status = fetch(options.name, settings)
    os.close(lock)
    if status.reason:
        print(status.reason.text(), file=sys.stderr)
    return int(status.state is not WorkState.DONE)


if __name__ == "__main__":
    sys.exit(main())
