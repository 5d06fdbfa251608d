"""Which run gets which device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dlcore.errors import N_, Message
from dlcore.queue.slots import CPU, Slots


@dataclass(frozen=True)
class Place:
    """A device for a run, and what its process must see to use only that."""

    device: str
    environment: Mapping[str, str]


def place(slots: Slots, wanted: str, taken: Iterable[str]) -> Place | Message | None:
    """Returns a place for a run; a message if it can never have one, None if not now.

    Args:
        slots: what there is room for.
        wanted: the spec's `training.device`.
        taken: devices of the runs at work.
    """
    busy = Counter(taken)
    if wanted.startswith("gpu:") and slots.device(wanted) is None:
        return Message(
            N_("it asks for {device}; GPUs of this machine: {count}."),
            N_("Duplicate it and choose device auto or cpu."),
            "training.device",
            {"device": wanted, "count": slots.gpu_count},
        )
    if busy.total() >= slots.total:
        return None
    if slots.device(wanted) == CPU:
        return Place(CPU, {"CUDA_VISIBLE_DEVICES": "-1", **_share_of_cores(slots)})
    numbers = range(slots.gpu_count) if wanted == "auto" else [int(wanted[4:])]
    index = min(numbers, key=lambda number: (busy[f"gpu:{number}"], number))
    if busy[f"gpu:{index}"] >= slots.runs_per_gpu:
        return None
    visible = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": str(index)}
    return Place(f"gpu:{index}", visible)


def _share_of_cores(slots: Slots) -> dict[str, str]:
    """Leaves each run its share of the cores: more threads than cores only get in each other's way."""
    if slots.total == 1:
        return {}
    threads = str(slots.threads)
    return {"TF_NUM_INTRAOP_THREADS": threads, "OMP_NUM_THREADS": threads}
