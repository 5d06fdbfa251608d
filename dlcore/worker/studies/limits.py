"""What trials must fit before they start: the machine, and the constraints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from dlcore.errors import N_, Message
from dlcore.queue.devices import gpus
from dlcore.search.measures import violations


@dataclass(frozen=True)
class Machine:
    """What there is room for.

    Attributes:
        slots: runs at the same time.
        memory_mb: of the smallest device that a run may get, in MB.
    """

    slots: int
    memory_mb: float


def this_machine(slots: int) -> Machine:
    """This one, with so many slots."""
    found = gpus()
    memory = min(gpu.memory_total for gpu in found) if found else psutil.virtual_memory().total
    return Machine(slots, memory / 1e6)


def why_not(measured: Mapping[str, float], limits: Mapping[str, float], machine: Machine) -> Message | None:
    """Returns why a trial is not worth starting; None if it is.

    Args:
        measured: what is known of it before.
        limits: the constraints of its study.
        machine: what it would run on.
    """
    for (name, limit), beyond in zip(limits.items(), violations(limits, measured), strict=True):
        if name in measured and beyond > 0:
            return Message(
                N_("{name} would be {value}, beyond the constraint of {limit}."),
                params={"name": name, "value": f"{measured[name]:,.6g}", "limit": f"{limit:,.6g}"},
            )
    if measured["memory_mb"] > machine.memory_mb:
        return Message(
            N_("it would need about {needed} MB of memory; {there} MB are available."),
            N_("Narrow the batch size or the largest layer."),
            params={"needed": f"{measured['memory_mb']:,.0f}", "there": f"{machine.memory_mb:,.0f}"},
        )
    return None
