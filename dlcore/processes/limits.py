"""What a job's process may use: memory, time, the size of a file, the network."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from dlcore.errors import N_, Message
from dlcore.processes.ending import how_it_ended, signal_number
from dlcore.processes.network import cut_network
from dlcore.rlimits import limit_process
from dlcore.settings import Settings

ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""Where limited processes begin: address space that threads and pools set aside would count as used."""

_MB = 2**20


@dataclass(frozen=True)
class Limits:
    """What one process may use; 0 means no limit.

    Windows knows none of these but the time, which the supervisor watches, and the network, as far as
    Python code goes.

    Attributes:
        memory_mb: address space beyond what it has when it starts.
        seconds: by the wall clock, and of processor time.
        file_bytes: the largest file it may write.
        network: whether it may open connections.
        setting: the setting that the administrator can raise for more time.
    """

    memory_mb: int = 0
    seconds: int = 0
    file_bytes: int = 0
    network: bool = True
    setting: str = "DLCORE_JOB_SECONDS"

    def apply(self) -> None:
        """Sets the limits on this process, permanently."""
        most = psutil.Process().memory_info().vms + self.memory_mb * _MB if self.memory_mb else 0
        limit_process(memory_bytes=most, seconds=self.seconds, file_bytes=self.file_bytes)
        if not self.network:
            cut_network()

    def out_of_memory(self) -> Message:
        """Returns the reason for a process that ran out of memory."""
        if not self.memory_mb:
            return Message(N_("the machine has too little memory for it."), N_("Use less data."))
        return Message(
            N_("it needs more than the {limit} MB of memory that a job may use."),
            N_("Use a smaller file, or ask the administrator to raise {setting}."),
            params={"limit": f"{self.memory_mb:,}", "setting": "DLCORE_JOB_MEMORY_MB"},
        )

    def out_of_time(self) -> Message:
        """Returns the reason for a process that was ended because it took too long."""
        return Message(
            N_("it took longer than the {limit} seconds that a job may take."),
            N_("Use less data, or ask the administrator to raise {setting}."),
            params={"limit": f"{self.seconds:,}", "setting": self.setting},
        )

    def out_of_file(self) -> Message:
        """Returns the reason for a process that reached its file size limit."""
        return Message(
            N_("it would write a file of more than {limit} MB."),
            N_("Use less data, or ask the administrator to raise {setting}."),
            params={"limit": f"{self.file_bytes // _MB:,}", "setting": "DLCORE_MAX_DATASET_BYTES"},
        )

    def reason(self, code: int) -> Message:
        """Returns why a process ended that did not report it itself.

        Args:
            code: its exit code; negative for a signal.
        """
        if code == -signal_number("SIGXCPU"):
            return self.out_of_time()
        if self.memory_mb and code in (
            -signal_number("SIGABRT"),
            -signal_number("SIGSEGV"),
            -signal_number("SIGBUS"),
        ):
            # Native code that gets no memory aborts, and does not say which of the two it was.
            return Message(
                N_("its process crashed: the file is damaged, or needs more than {limit} MB of memory."),
                N_("Use another file, or ask the administrator to raise {setting}."),
                params={"limit": f"{self.memory_mb:,}", "setting": "DLCORE_JOB_MEMORY_MB"},
            )
        return how_it_ended(code)


def short_limits(settings: Settings) -> Limits:
    """Returns limits for jobs that users wait for and that read untrusted files."""
    return Limits(_memory_mb(settings), settings.job_seconds, settings.max_dataset_bytes, network=False)


def decoding_limits(settings: Settings) -> Limits:
    """Returns limits for a process that decodes the files of stored datasets as long as somebody looks at them."""
    return Limits(_memory_mb(settings), network=False)


def long_limits(settings: Settings) -> Limits:
    """Returns limits for jobs that read whole untrusted datasets."""
    return Limits(
        _memory_mb(settings),
        settings.long_job_seconds,
        settings.max_dataset_bytes,
        network=False,
        setting="DLCORE_LONG_JOB_SECONDS",
    )


def trusted_limits(settings: Settings) -> Limits:
    """Returns limits for jobs that read checked files with Keras, whose address space cannot be bounded."""
    return Limits(seconds=settings.job_seconds)


def prediction_limits(settings: Settings) -> Limits:
    """Returns limits for jobs that answer for all samples in an untrusted file with Keras, whose address space
    cannot be bounded.
    """
    return Limits(seconds=settings.long_job_seconds, network=False, setting="DLCORE_LONG_JOB_SECONDS")


def export_limits(settings: Settings) -> Limits:
    """Returns limits for jobs that write a run with Keras; they ask the store, which may be on the network."""
    return Limits(seconds=settings.long_job_seconds, setting="DLCORE_LONG_JOB_SECONDS")


def adding_limits(settings: Settings) -> Limits:
    """Returns limits for jobs that put what was checked into the store, which may be on the network."""
    return Limits(_memory_mb(settings), settings.job_seconds, settings.max_dataset_bytes)


def download_limits(settings: Settings) -> Limits:
    """Returns limits for downloads of pinned files, which take as long as the network needs."""
    return Limits()


def _memory_mb(settings: Settings) -> int:
    return settings.job_memory_mb or psutil.virtual_memory().total // 2 // _MB
