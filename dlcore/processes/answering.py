"""What the processes that answer questions have in common: whatever goes wrong becomes a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dlcore.durable import is_full
from dlcore.errors import N_, DlcoreError, Message
from dlcore.processes.doing import bug_message
from dlcore.processes.limits import Limits

Answer = TypeVar("Answer")


def answer_or_reason(answer: Callable[[], Answer], limits: Limits) -> Answer | Message:
    """Returns an answer, or why there is none.

    Args:
        answer: finds it.
        limits: of this process.
    """
    try:
        return answer()
    except DlcoreError as error:
        return error.message
    except MemoryError:
        return limits.out_of_memory()
    except OSError as error:
        if is_full(error):
            return Message(N_("the disk is full."), N_("Free disk space, and try again."))
        return bug_message(error)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, it is said
        return bug_message(error)
