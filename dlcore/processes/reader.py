"""The process that decodes samples of stored datasets: `python -m dlcore.processes.reader`, started by the dashboard.

It reads questions from its standard input and writes samples to its standard output (`dlcore/queue/reader.py`); when
the input ends, so does it. Its memory is limited, and it is cut off from the network: the files are strangers'.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import lru_cache, partial

from dlcore.datasets import open_samples
from dlcore.datasets.parts import Array
from dlcore.datasets.samples import Samples
from dlcore.errors import Message
from dlcore.processes.answering import answer_or_reason
from dlcore.processes.limits import Limits, decoding_limits
from dlcore.queue.reader import Wanted, read_wanted, write_sample
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec

MOST_DATASETS = 8
"""How many datasets are held open."""

Opening = Callable[[str, str], Samples]


def sample_of(wanted: Wanted, opened: Opening, limits: Limits) -> Array | Message:
    """Returns a sample; whatever goes wrong becomes a reason.

    Args:
        wanted: which.
        opened: gives the samples of a dataset by name and version.
        limits: of this process.
    """
    return answer_or_reason(lambda: opened(wanted.dataset, wanted.version).read(wanted.row), limits)


def _open(settings: Settings, name: str, version: str) -> Samples:
    return open_samples(DatasetSpec(name=name, version=version), settings, use_network=False)


def main() -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the dashboard ends it
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to the log
    settings = Settings.from_environment()
    limits = decoding_limits(settings)
    limits.apply()
    opened = lru_cache(MOST_DATASETS)(partial(_open, settings))
    while (wanted := read_wanted(sys.stdin.buffer)) is not None:
        write_sample(replies, sample_of(wanted, opened, limits))


if __name__ == "__main__":
    main()
