"""A process that works for a stranger: what it may use, and nothing else."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dlcore import rlimits
from dlcore.confinement import graphics, kernel, landlock, seccomp

_PACKAGE = Path(__file__).resolve().parents[1]


class Protection(StrEnum):
    """What a confined process is kept from."""

    FOLDERS = "folders"
    NETWORK = "network"
    PROCESSES = "processes"
    LIMITS = "limits"


NEEDS = {
    Protection.FOLDERS: "Linux 5.19 or newer, with Landlock switched on",
    Protection.NETWORK: "Linux on x86-64 or ARM64, with filters of system calls (seccomp)",
    Protection.PROCESSES: "Linux on x86-64 or ARM64, with filters of system calls (seccomp)",
    Protection.LIMITS: "a system with limits of processes, which Windows has not",
}
"""What each takes."""


@dataclass(frozen=True)
class Bounds:
    """What a confined process may use; of numbers, 0 means no limit.

    Attributes:
        readable: files and folders that it may read, beside Python and what the system needs.
        writable: folders that are its own.
        memory_bytes: beyond what it has when it starts.
        by_address_space: whether memory is limited by all addresses, not by what can be written: the stricter way, in
            which TensorFlow cannot work.
        seconds: of processor time.
        file_bytes: the largest file that it may write.
        with_gpu: whether it may use graphics cards.
    """

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    memory_bytes: int = 0
    by_address_space: bool = False
    seconds: int = 0
    file_bytes: int = 0
    with_gpu: bool = False


def missing_protections() -> tuple[Protection, ...]:
    """Returns what this machine cannot keep a process from."""
    there = {
        Protection.FOLDERS: landlock.version() >= landlock.LEAST_VERSION,
        Protection.NETWORK: seccomp.is_available(),
        Protection.PROCESSES: seccomp.is_available(),
        Protection.LIMITS: rlimits.HAS_LIMITS,
    }
    return tuple(one for one in Protection if not there[one])


def confine(bounds: Bounds) -> None:
    """Confines this process, permanently, as far as the machine can; it must have no other threads.

    Raises:
        OSError: the kernel refuses what it has said it can.
    """
    missing = missing_protections()
    _be_ended_first()
    rlimits.limit_process(
        memory_bytes=bounds.memory_bytes + rlimits.address_space()
        if bounds.by_address_space and bounds.memory_bytes
        else 0,
        data_bytes=0 if bounds.by_address_space or bounds.with_gpu else bounds.memory_bytes,
        seconds=bounds.seconds,
        file_bytes=bounds.file_bytes,
    )
    if Protection.FOLDERS not in missing:
        readable = (*_SYSTEM, *_python(), *bounds.readable, *(graphics.FILES if bounds.with_gpu else ()))
        devices = graphics.devices() if bounds.with_gpu else ()
        landlock.restrict(readable, (*bounds.writable, Path("/dev/null"), *devices))
    if Protection.NETWORK not in missing:
        if sys.platform != "win32" and os.geteuid() == 0:
            kernel.drop_capabilities()
        seccomp.refuse_calls()


_SYSTEM = tuple(
    map(
        Path,
        (
            "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/localtime",
            "/etc/ld.so.cache", "/dev/zero", "/dev/urandom", "/dev/random", "/proc/meminfo", "/proc/cpuinfo",
            "/proc/stat", "/proc/sys/vm/overcommit_memory", "/sys/devices/system", "/sys/fs/cgroup",
        ),
    )
)  # fmt: skip
"""What the libraries under Python read: themselves, the time zone, and how large the machine is."""


def _python() -> Iterable[Path]:
    """Yields where this program and the packages that it uses lie, and what the kernel says of this very process."""
    places = sysconfig.get_paths()
    yield from {Path(places[name]).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield Path(sys.base_prefix).resolve() / "lib"
    yield _PACKAGE
    yield Path(f"/proc/{os.getpid()}")


def _be_ended_first() -> None:
    """Lets the kernel end this process before others where the machine runs out of memory."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
