"""Jobs of commands without a process of their own, whose start takes a hundred times as long as most of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dlcore.cli import data, main, vectors
from dlcore.errors import DlcoreError, Message, SpecError
from dlcore.processes import alone
from dlcore.processes.jobs import JOBS
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings


@dataclass
class Handle:
    """What a job is given; its progress goes straight to whoever asked."""

    settings: Settings
    folder: Path
    told: Progress

    def progress(self, done: int, total: int, unit: JobUnit) -> None:
        self.told(done, total, unit)


@pytest.fixture
def jobs_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Does the jobs of commands in this process; what goes in and comes out is JSON, as between two.

    For tests of what a command says and stores; that it comes from another process, one of each file looks at.
    """

    def run_here(what: str, arguments: Mapping[str, Any], settings: Settings, progress: Progress) -> Any:
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        handle = Handle(settings, folder, progress)
        try:
            return json.loads(
                json.dumps(alone.do_here(JOBS[what], json.loads(json.dumps(arguments)), handle))
            )
        except DlcoreError as error:
            reason = Message.from_dict(json.loads(json.dumps(error.message.to_dict())))
            raise alone._error(reason, is_spec=isinstance(error, SpecError)) from None

    for module in (data, main, vectors):
        monkeypatch.setattr(module, "run_alone", run_here)
