"""The hardware of the machine: GPUs through NVML, processor and memory through psutil. No TensorFlow."""

from __future__ import annotations

import platform
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil
import pynvml

_lock = threading.Lock()


@dataclass(frozen=True)
class Gpu:
    """One GPU as the driver sees it; memory in bytes, use in percent."""

    index: int
    name: str
    memory_total: int
    memory_used: int
    use_percent: int


def gpus() -> Sequence[Gpu]:
    """Returns the GPUs of this machine; none where there is no driver."""
    with _lock:
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            return ()
        try:
            return tuple(_gpu(index) for index in range(pynvml.nvmlDeviceGetCount()))
        except pynvml.NVMLError:
            return ()
        finally:
            pynvml.nvmlShutdown()


def _gpu(index: int) -> Gpu:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    try:
        use = int(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    except pynvml.NVMLError:  # not supported, for one on a partitioned GPU
        use = 0
    name = pynvml.nvmlDeviceGetName(handle)
    return Gpu(index, name if isinstance(name, str) else name.decode(), memory.total, memory.used, use)


@cache
def processor_name() -> str:
    """Returns the name of the processor, as far as it is known."""
    table = Path("/proc/cpuinfo")  # Linux alone has it, and there `platform` knows no name.
    lines = table.read_text(encoding="utf-8").splitlines() if table.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine() or "CPU"


def memory_available() -> int:
    """Returns the available main memory in bytes."""
    return int(psutil.virtual_memory().available)
