"""A stranger's job: done in a confined process, while this one keeps the store and brings in what was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from dlcore.access.confining import check_confinable
from dlcore.confinement import Bounds
from dlcore.durable import check_plain, read_json
from dlcore.errors import N_, Message
from dlcore.processes.confined import Channel, ConfinedProcess, nonsense
from dlcore.processes.doing import result_or_reason
from dlcore.processes.kinds import Arguments, JobHandle, JobKind
from dlcore.processes.limits import Limits
from dlcore.processes.private import private_home
from dlcore.queue.frames import write_frame
from dlcore.records import JobUnit
from dlcore.records.artifacts import RESULT_FILE
from dlcore.settings import Settings

_MB = 2**20
_PROGRESS, _END = "progress", "end"


def do_confined(
    kind: JobKind, limits: Limits, owner: str, arguments: Arguments, handle: JobHandle
) -> Message | None:
    """Does a job in a confined process; returns why it came to nothing, if it did.

    Args:
        kind: of the job.
        limits: of its process.
        owner: who asks.
        arguments: of the job.
        handle: told the progress; its folder gets the result, its settings have the real home.

    Raises:
        DlcoreError: this machine cannot confine it, or what it has made cannot be kept.
        OSError: the disk is full or refuses.
    """
    settings = handle.settings
    check_confinable(settings)
    assert kind.reach is not None, "such a kind is never confined"
    with private_home(settings, owner) as home:
        live = partial(_live, kind, limits, home.settings, arguments)
        process = ConfinedProcess(home, live, _bounds(limits, settings), limits.reason)
        readable = kind.reach(arguments, home)
        process.begin({"folder": str(handle.folder)}, readable=readable, writable=[handle.folder])
        reason = _followed(process, handle)
        if reason is None:
            check_plain(handle.folder)
        if reason is None and kind.adopt is not None:
            kind.adopt(arguments, read_json(handle.folder / RESULT_FILE), home.settings, settings)
    return reason


def _bounds(limits: Limits, settings: Settings) -> Bounds:
    """Returns the bounds of a process; one with Keras has no limit of addresses, but has one of memory."""
    return Bounds(
        memory_bytes=(limits.memory_mb or settings.most_confined_mb) * _MB,
        by_address_space=bool(limits.memory_mb),
        seconds=limits.seconds,
        file_bytes=limits.file_bytes or settings.confined_disk_mb * _MB,
    )


def _followed(process: ConfinedProcess, handle: JobHandle) -> Message | None:
    """Passes the progress on until the job ends; what it says is checked, for it may say anything."""
    is_done, reason = False, None
    for said, _body in process.heard():
        try:
            if said["do"] == _END:
                is_done, reason = True, said["reason"] and Message.from_dict(said["reason"])
                break
            handle.progress(int(said["done"]), int(said["total"]), JobUnit(said["unit"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            process.end(nonsense(error))
            break
    ended = process.wait()
    return reason if is_done else ended or Message(N_("its process ended and did not say how."))


@dataclass
class _ReportingHandle:
    """A job's handle in a confined process."""

    settings: Settings
    folder: Path
    says: IO[bytes]

    def progress(self, done: int, total: int, unit: JobUnit) -> None:
        """Sends how far it is."""
        write_frame(self.says, {"do": _PROGRESS, "done": done, "total": total, "unit": unit.value})


def _live(
    kind: JobKind,
    limits: Limits,
    settings: Settings,
    arguments: Arguments,
    order: Mapping[str, Any],
    channel: Channel,
) -> None:
    """What the confined process does."""
    handle = _ReportingHandle(settings, Path(order["folder"]), channel[1])
    reason = result_or_reason(kind, limits, arguments, handle)
    write_frame(channel[1], {"do": _END, "reason": reason and reason.to_dict()})
