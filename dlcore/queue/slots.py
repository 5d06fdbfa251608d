"""How many runs a machine has room for, and the resources of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.queue.devices import gpus, processor_name
from dlcore.settings import Settings

CPU = "cpu"


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
        """As the settings want it; 0 means one per GPU, or one on the CPU."""
        return cls(wanted or max(1, gpu_count), gpu_count, cores)

    @property
    def threads(self) -> int:
        """How many cores a run on the CPU gets."""
        return max(1, self.cores // self.total)

    @property
    def runs_per_gpu(self) -> int:
        """How many runs may share a GPU."""
        return -(-self.total // self.gpu_count)

    def device(self, wanted: str) -> str | None:
        """Returns the device that a run gets if no other is at work;
        None if it can never have what it asks for.

        Args:
            wanted: the spec's `training.device`.
        """
        if wanted == CPU or (wanted == "auto" and not self.gpu_count):
            return CPU
        number = 0 if wanted == "auto" else int(wanted[4:])
        return f"gpu:{number}" if number < self.gpu_count else None

    def hardware(self, device: str, processor: str, gpu_names: Sequence[str]) -> str:
        """Returns what a run on a device has for itself: only times on the same hardware can be compared.

        Not the host: a container has another one after each restart.

        Args:
            device: `cpu`, or `gpu:n`.
            processor: the name of the machine's processor.
            gpu_names: those of its GPUs, in their order.

        Example:
            >>> Slots(2, 0, cores=8).hardware("cpu", "Xeon", [])
            'Xeon, 4 of 8 cores'
            >>> Slots(2, 1).hardware("gpu:0", "Xeon", ["H100"])
            'H100, one of 2 runs'
        """
        if device == CPU:
            return f"{processor}, {self.threads} of {self.cores} cores"
        number = int(device[4:])
        # A driver may have stopped answering since the GPUs were counted.
        name = gpu_names[number] if number < len(gpu_names) else "GPU"
        return f"{name}, one of {self.runs_per_gpu} runs"


def slots_here(settings: Settings) -> Slots:
    """Returns the slots of this machine."""
    return Slots.of(settings.slots, len(gpus()), os.cpu_count() or 1)


def hardware_here(slots: Slots, device: str) -> str:
    """Returns what a run on a device of this machine has for itself."""
    return slots.hardware(device, processor_name(), [gpu.name for gpu in gpus()])
