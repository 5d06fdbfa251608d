"""Which run gets which device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dlcore.errors import N_, Message

CPU = "cpu"


@dataclass(frozen=True)
class Place:
    """A device for a run, and what its process must see to use only that."""

    device: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Slots:
    """How many runs there is room for, and on what.

    Args:
        total: runs at the same time.
        gpu_count: GPUs of the machine; runs share one only if there are more slots than GPUs.
        cores: of the machine; runs on the CPU share them.
    """

    total: int
    gpu_count: int
    cores: int = 1

    @classmethod
    def of(cls, wanted: int, gpu_count: int, cores: int = 1) -> Slots:
        """As the settings want it; 0 means one a GPU, or one on the CPU."""
        return cls(wanted or max(1, gpu_count), gpu_count, cores)

    def place(self, wanted: str, taken: Iterable[str]) -> Place | Message | None:
        """A place for a run; a message if it can never have one, None if not now.

        Args:
            wanted: the spec's `training.device`.
            taken: devices of the runs at work.
        """
        busy = Counter(taken)
        if wanted.startswith("gpu:") and int(wanted[4:]) >= self.gpu_count:
            return Message(
                N_("it asks for {device}, but this machine has {count} GPUs."),
                N_("Duplicate it and choose device auto or cpu."),
                "training.device",
                {"device": wanted, "count": self.gpu_count},
            )
        if busy.total() >= self.total:
            return None
        if wanted == CPU or not self.gpu_count:
            return Place(CPU, {"CUDA_VISIBLE_DEVICES": "-1", **self._share_of_cores()})
        share = -(-self.total // self.gpu_count)
        numbers = range(self.gpu_count) if wanted == "auto" else [int(wanted[4:])]
        index = min(numbers, key=lambda number: (busy[f"gpu:{number}"], number))
        if busy[f"gpu:{index}"] >= share:
            return None
        visible = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": str(index)}
        return Place(f"gpu:{index}", visible)

    def _share_of_cores(self) -> dict[str, str]:
        """Leaves each run its share of the cores: more threads than cores only get in each other's way."""
        if self.total == 1:
            return {}
        threads = str(max(1, self.cores // self.total))
        return {"TF_NUM_INTRAOP_THREADS": threads, "OMP_NUM_THREADS": threads}
