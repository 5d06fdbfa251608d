"""Ingestion in a process of its own: `python -m dlcore.datasets.ingest.background TOKEN`."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.background import Work, WorkState, WorkStatus
from dlcore.datasets.ingest import Choices, ingest
from dlcore.durable import read_derived, write_json
from dlcore.errors import N_, Message
from dlcore.settings import Settings

_TOKEN = re.compile(r"[0-9a-f]{16}")


def _folder(settings: Settings) -> Path:
    return settings.home_dir / "ingestions"


def _work(token: str, settings: Settings) -> Work:
    folder = _folder(settings)
    reason = Message(
        N_("storing the data ended before it was finished."),
        N_("Start it again; nothing was left behind. Its log: {log}."),
        params={"log": str(folder / f"{token}.log")},
    )
    return Work(folder, token, reason)


def start_ingest(path: Path, choices: Choices, settings: Settings, *, owner: str, origin: str = "") -> str:
    """Starts to store a file or folder as a dataset; gives the token to ask for its status with.

    Args:
        path: what is stored.
        choices: what a person says of it.
        settings: where it is stored.
        owner: whose it will be.
        origin: what the person calls the file.
    """
    token = secrets.token_hex(8)
    request = {"path": str(path), "choices": choices.to_dict(), "owner": owner, "origin": origin}
    write_json(_folder(settings) / f"{token}.request.json", request)
    _work(token, settings).start("dlcore.datasets.ingest.background", [token], settings)
    return token


def ingest_status(token: str, settings: Settings) -> WorkStatus:
    """How an ingestion stands; once done, `result` holds the `name` and the `version` it is stored under.

    A token that nobody was given is *idle*.
    """
    if not _TOKEN.fullmatch(token):
        return WorkStatus(WorkState.IDLE)
    return _work(token, settings).status()


def ingest_owner(token: str, settings: Settings) -> str:
    """Who started an ingestion; empty for a token that nobody was given."""
    request = read_derived(_folder(settings) / f"{token}.request.json") if _TOKEN.fullmatch(token) else None
    return str(request["owner"]) if request else ""


def _run(token: str, settings: Settings) -> WorkStatus:
    request = read_derived(_folder(settings) / f"{token}.request.json")

    def do(progress: Callable[[int, int], None]) -> Mapping[str, Any]:
        stored = ingest(
            Path(request["path"]),
            settings,
            Choices.from_dict(request["choices"]),
            owner=request["owner"],
            origin=request["origin"],
            progress=progress,
        )
        return {"name": stored.facts.name, "version": stored.facts.version}

    return _work(token, settings).run(do)


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit status is 0 when the dataset is stored in the end."""
    parser = argparse.ArgumentParser(prog="python -m dlcore.datasets.ingest.background", description=__doc__)
    parser.add_argument("token")
    parser.add_argument("--lock", type=int, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    status = _run(options.token, Settings())
    os.close(options.lock)
    if status.reason:
        print(status.reason.text(), file=sys.stderr)
    return int(status.state is not WorkState.DONE)


if __name__ == "__main__":
    sys.exit(main())
