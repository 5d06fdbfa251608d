"""A download in a process of its own: `python -m dlcore.datasets.builtin.fetch NAME`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from dlcore.datasets.background import Work, WorkState, WorkStatus
from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.ingest.keras_files import keras_source, source_path
from dlcore.datasets.ingest.keras_sets import KERAS_SETS, PREFIX, keras_set
from dlcore.datasets.loader import available, load
from dlcore.errors import N_, Message
from dlcore.settings import Settings

NAMES = (*CATALOGUE.names(), *(PREFIX + name for name in KERAS_SETS))
"""What can be downloaded: datasets that come along, and those of Keras that are brought in."""


def _work(name: str, settings: Settings) -> Work:
    name = name.replace(":", "-")
    folder = settings.home_dir / "downloads"
    reason = Message(
        N_("the download ended before it was finished."),
        N_("Start it again; it continues where it was. Its log: {log}."),
        params={"log": str(folder / f"{name}.log")},
    )
    return Work(folder, name, reason)


def start_fetch(name: str, settings: Settings) -> WorkStatus:
    """Starts the download of a dataset, unless one is at work; says how it stands.

    Args:
        name: of a built-in dataset, or `keras:NAME`.
        settings: where files lie.

    Raises:
        SpecError: there is none of that name.
    """
    return _work(name, settings).start("dlcore.datasets.builtin.fetch", [name], settings, _bytes(name))


def _bytes(name: str) -> int:
    entry = keras_set(name)
    return sum(file.size for file in (entry or CATALOGUE.get(name).facts).files)


def fetched(name: str, settings: Settings) -> bool:
    """Whether what a download gives is here."""
    entry = keras_set(name)
    return source_path(entry, settings).is_file() if entry else available(name, settings)


def fetch_status(name: str, settings: Settings) -> WorkStatus:
    """How the download stands, in bytes; cheap enough to ask each second."""
    status = _work(name, settings).status()
    if status.state is WorkState.DONE and not fetched(name, settings):
        return WorkStatus(WorkState.IDLE)
    return status


def fetch(name: str, settings: Settings) -> WorkStatus:
    """Downloads and prepares the dataset here and now, writing down how far it is; the lock is held."""

    def do(progress: Callable[[int, int], None]) -> Mapping[str, Any]:
        if entry := keras_set(name):
            keras_source(entry, settings, progress)
        else:
            load(name, settings, progress=progress)
        return {}

    return _work(name, settings).run(do, _bytes(name))


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit status is 0 when the dataset is there in the end."""
    parser = argparse.ArgumentParser(prog="python -m dlcore.datasets.builtin.fetch", description=__doc__)
    parser.add_argument("name", choices=NAMES)
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
