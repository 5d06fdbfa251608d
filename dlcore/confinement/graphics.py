"""What a confined process needs of the system to compute on NVIDIA's graphics cards, and no more.

From the sources, not from a trial: the files that the driver's library looks at are in `nvidia-modprobe-utils.c`
(https://github.com/NVIDIA/nvidia-modprobe), the devices that computing takes in gVisor's `nvproxy`. XLA compiles its kernels
within the process by nvJitLink, which comes with TensorFlow's CUDA packages, or has the driver do it; `ptxas` and
`nvlink` would be programs to be started, which a confined process cannot do (`assemble_compilation_provider.cc` of XLA).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

FILES = tuple(
    map(
        Path,
        (
            "/usr/local/cuda", "/usr/local/nvidia", "/proc/driver/nvidia", "/proc/devices", "/proc/modules",
            "/sys/bus/pci/devices", "/sys/devices", "/sys/module/nvidia", "/sys/module/nvidia_uvm",
        ),
    )
)  # fmt: skip
"""The toolkit and the driver's libraries where containers have them, and what the kernel says of driver and cards."""

_DEVICE = re.compile(r"nvidia(ctl|-uvm|\d+)")
_WITHOUT_PROGRAMS = "--xla_gpu_unsafe_fallback_to_driver_on_ptxas_not_found=true"


def devices(folder: Path = Path("/dev")) -> Iterator[Path]:
    """Yields the devices that computing takes: those of the driver, the cards, and the parts of a card.

    Those for screens and for tracing other processes are not among them.
    """
    for path in sorted(folder.glob("nvidia*")):
        if _DEVICE.fullmatch(path.name) and path.is_char_device():
            yield path
    yield from (path for path in sorted(folder.glob("nvidia-caps/*")) if path.is_char_device())


def environment() -> dict[str, str]:
    """Returns the variables by which XLA compiles without starting a program; set before TensorFlow is loaded."""
    own = os.environ.get("XLA_FLAGS", "").split()
    return {"XLA_FLAGS": " ".join([*own, *([] if _WITHOUT_PROGRAMS in own else [_WITHOUT_PROGRAMS])])}
