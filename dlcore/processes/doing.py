"""A job done: its result is written, or whatever went wrong becomes a reason."""

from __future__ import annotations

import errno
import sys
import traceback

from dlcore.durable import write_json
from dlcore.errors import N_, DlcoreError, Message
from dlcore.processes.kinds import Arguments, JobHandle, JobKind
from dlcore.processes.limits import Limits
from dlcore.records.artifacts import RESULT_FILE
from dlcore.settings import Settings

UNEXPECTED = N_("an unexpected error: {error}.")
"""What is said of a bug, whose traceback is on standard error."""


def result_or_reason(
    kind: JobKind, limits: Limits, arguments: Arguments, handle: JobHandle
) -> Message | None:
    """Does a job, and writes its result into its folder; whatever goes wrong becomes a reason."""
    try:
        write_json(handle.folder / RESULT_FILE, kind.do(arguments, handle))
    except DlcoreError as error:
        return error.message
    except MemoryError:
        return limits.out_of_memory()
    except OSError as error:
        return of_disk(error, limits, handle.settings)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, the job says so
        return bug_message(error)
    return None


def of_disk(error: OSError, limits: Limits, settings: Settings) -> Message:
    """Returns the message for a full disk or a file that grew too large; anything else is a bug."""
    if error.errno == errno.EFBIG:
        return limits.out_of_file()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message(
            N_("the disk is full."),
            N_("Free disk space under {folder}."),
            params={"folder": str(settings.jobs_dir)},
        )
    return bug_message(error)


def bug_message(error: Exception) -> Message:
    """Returns the message for a bug, whose traceback goes to the log."""
    traceback.print_exception(error, file=sys.stderr)
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Message(
        UNEXPECTED,
        N_("worker.log in DLCORE_HOME has the details."),
        params={"error": text},
    )
