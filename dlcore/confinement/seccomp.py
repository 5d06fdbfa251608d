"""The system calls that a confined process is refused, by a filter of the kernel.

libseccomp's own binding is not on PyPI, and those that are need its library or are pre-releases; the filter is a list of
numbers with few special cases, so it is written here: https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

from dlcore.confinement import kernel

_SET_SECCOMP, _FILTER = 22, 2
"""PR_SET_SECCOMP and SECCOMP_MODE_FILTER."""

_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _MASK, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
"""Instructions: load a word; jump if it is equal, at least as large, or has any of the bits; mask it; return."""

_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
"""Where the kernel shows a filter the number of a call, the machine, and the arguments, 8 bytes each."""

_THREAD = 0x10000
"""CLONE_THREAD."""
_ACCESS = 0o3
"""The bits of an open file's flags that say whether it is read, written, or both: O_ACCMODE, in all of Linux."""
_OTHER_NUMBERS = 0x40000000
"""From here on, x86-64 has the calls of programs with short pointers."""

Instruction = tuple[int, int, int, int]
"""What it does, how many instructions it jumps over if so and if not, and a number."""


@dataclass(frozen=True)
class _Machine:
    """A kind of processor: its name in filters, and its numbers of calls."""

    name: int
    calls: dict[str, int]


_SHARED = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "pidfd_open": 434,
    "clone3": 435, "openat2": 437, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
}  # fmt: skip
_MACHINES = {
    "x86_64": _Machine(0xC000003E, _SHARED | {
        "open": 2, "shmget": 29, "shmat": 30, "socket": 41, "connect": 42, "bind": 49, "listen": 50, "clone": 56,
        "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "semget": 64, "msgget": 68, "truncate": 76, "ptrace": 101,
        "syslog": 103, "rt_sigqueueinfo": 129, "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144,
        "pivot_root": 155, "chroot": 161, "acct": 163, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168,
        "reboot": 169, "init_module": 175, "delete_module": 176, "quotactl": 179, "tkill": 200,
        "sched_setaffinity": 203, "tgkill": 234, "mq_open": 240, "kexec_load": 246, "add_key": 248,
        "request_key": 249, "keyctl": 250, "ioprio_set": 251, "openat": 257, "unshare": 272,
        "rt_tgsigqueueinfo": 297, "perf_event_open": 298, "prlimit64": 302, "open_by_handle_at": 304, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "sched_setattr": 314,
        "memfd_create": 319, "kexec_file_load": 320, "bpf": 321, "execveat": 322, "userfaultfd": 323,
    }),
    "aarch64": _Machine(0xC00000B7, _SHARED | {
        "ioprio_set": 30, "umount2": 39, "mount": 40, "pivot_root": 41, "truncate": 45, "chroot": 51, "openat": 56,
        "quotactl": 60, "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106,
        "syslog": 116, "ptrace": 117, "sched_setparam": 118, "sched_setscheduler": 119, "sched_setaffinity": 122,
        "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "setpriority": 140, "reboot": 142,
        "mq_open": 180, "msgget": 186, "semget": 190, "shmget": 194, "shmat": 196, "socket": 198, "bind": 200,
        "listen": 201, "connect": 203, "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220,
        "execve": 221, "swapon": 224, "swapoff": 225, "rt_tgsigqueueinfo": 240, "perf_event_open": 241,
        "prlimit64": 261, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
        "kcmp": 272, "finit_module": 273, "sched_setattr": 274, "memfd_create": 279, "bpf": 280, "execveat": 281,
        "userfaultfd": 282, "kexec_file_load": 294,
    }),
}  # fmt: skip

_UNKNOWN = ("clone3", "openat2", "memfd_create", "memfd_secret", "io_uring_setup")
"""Said to be no calls of this kernel: whoever uses one knows another way."""

_REFUSED = (
    # The network, and the sockets of other programs.
    "socket", "connect", "bind", "listen",
    # Other processes.
    "fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "tkill",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    # Memory that counts as nobody's.
    "shmget", "shmat", "semget", "msgget", "mq_open",
    # What only administrators need, and where the kernel has had holes.
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig",
    "fsmount", "mount_setattr", "open_by_handle_at", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key",
    "request_key", "io_uring_enter", "io_uring_register", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "acct", "quotactl", "swapon", "swapoff", "reboot", "syslog",
    # The first versions of Landlock let files be cut short that may not be written.
    "truncate",
)  # fmt: skip

_ON_ITSELF = {
    "kill": 0, "tgkill": 0, "prlimit64": 0, "setpriority": 1, "sched_setparam": 0, "sched_setscheduler": 0,
    "sched_setaffinity": 0, "sched_setattr": 0, "ioprio_set": 1,
}  # fmt: skip
"""Allowed on this process alone, by the argument that says on which."""

_OPENS = {"open": 1, "openat": 2}
"""Calls that open a file, by the argument that says how."""


def is_available() -> bool:
    """Returns whether this kernel takes filters."""
    if not kernel.is_linux():
        return False
    try:
        kernel.set_process(_SET_SECCOMP, _FILTER, 0)
    except OSError as error:
        return error.errno == errno.EFAULT  # it looked for a filter, and there was none
    return False


def refuse_calls() -> None:
    """Refuses this process the network, other processes, and what it has no use for, permanently.

    It may begin threads. Of processes, it may end only itself.

    Raises:
        OSError: the kernel refuses.
    """
    code = b"".join(struct.pack("HBBI", *one) for one in _program(_MACHINES[platform.machine()], os.getpid()))
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held))
    kernel.set_process(kernel.NO_NEW_PRIVILEGES, 1)
    kernel.set_process(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program))


def _program(machine: _Machine, own: int) -> list[Instruction]:
    """Returns the filter of a process; each part returns, or leaves the number of the call where it was."""
    calls = machine.calls
    done = [
        (_LOAD, 0, 0, _MACHINE), (_EQUAL, 1, 0, machine.name), _end(_KILL),
        (_LOAD, 0, 0, _NUMBER), *_if(_AT_LEAST, _OTHER_NUMBERS, [_refuse(errno.ENOSYS)]),
        # A new thread is a clone that shares all with this process.
        *_if(_EQUAL, calls["clone"], [_argument(0), (_ANY_BIT, 1, 0, _THREAD), _refuse(), _end(_ALLOW)]),
    ]  # fmt: skip
    for name in _UNKNOWN:
        done += _if(_EQUAL, calls[name], [_refuse(errno.ENOSYS)])
    for name in _REFUSED:
        if name in calls:
            done += _if(_EQUAL, calls[name], [_refuse()])
    for name, place in _ON_ITSELF.items():
        # To the others, 0 is this process; to `kill` its whole group.
        itself = [] if name == "kill" else [(_EQUAL, 2, 0, 0)]
        block = [_argument(place), *itself, (_EQUAL, 1, 0, own), _refuse(), _end(_ALLOW)]
        done += _if(_EQUAL, calls[name], block)
    for name, place in _OPENS.items():
        if name in calls:
            how = (_MASK, 0, 0, os.O_TRUNC | _ACCESS)
            block = [_argument(place), how, (_EQUAL, 0, 1, os.O_TRUNC), _refuse(), _end(_ALLOW)]
            done += _if(_EQUAL, calls[name], block)
    return [*done, _end(_ALLOW)]


def _if(test: int, number: int, block: list[Instruction]) -> list[Instruction]:
    return [(test, 0, len(block), number), *block]


def _argument(place: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * place)


def _refuse(number: int = errno.EPERM) -> Instruction:
    return _end(_ERROR | number)


def _end(how: int) -> Instruction:
    return (_RETURN, 0, 0, how)
