"""The process that decodes samples of stored datasets: `python -m dlcore.processes.reader`, started by the dashboard.

It reads questions from its standard input and writes samples to its standard output (`dlcore/queue/reader.py`); when
the input ends, so does it. Its memory is limited, and it is cut off from the network: the files are strangers'. In a
demo, each dataset has a confined process of its own, so that the file of one visitor cannot reach another's.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import lru_cache, partial
from typing import Any

from dlcore.access.confining import check_confinable
from dlcore.confinement import Bounds
from dlcore.datasets import open_samples
from dlcore.datasets.parts import Array
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, Message
from dlcore.processes.answering import answer_or_reason
from dlcore.processes.confined import Channel, ConfinedProcess, nonsense
from dlcore.processes.limits import Limits, decoding_limits
from dlcore.processes.private import private_home
from dlcore.queue.frames import FrameError, read_frame
from dlcore.queue.reader import Wanted, read_sample, read_wanted, write_sample
from dlcore.settings import Mode, Settings
from dlcore.spec.experiment import DatasetSpec

MOST_DATASETS = 8
"""How many datasets are held open."""

MOST_CONFINED = 4
"""How many of them are, where each has a process of its own."""

_MB = 2**20

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


class ConfinedReaders:
    """Reads each dataset in a process of its own, which sees nothing of the others; for a demo.

    Args:
        settings: where the datasets are.
        limits: of each process.
    """

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings, self._limits = settings, limits
        self._held: OrderedDict[tuple[str, str], tuple[ConfinedProcess, ExitStack]] = OrderedDict()

    def sample(self, wanted: Wanted) -> Array | Message:
        """Returns a sample; whatever goes wrong becomes a reason."""
        return answer_or_reason(partial(self._sample, wanted), self._limits)

    def _sample(self, wanted: Wanted) -> Array | Message:
        key = (wanted.dataset, wanted.version)
        if key not in self._held:
            if len(self._held) >= MOST_CONFINED:
                self._end(next(iter(self._held)))
            self._begin(key)
        self._held.move_to_end(key)
        process = self._held[key][0]
        process.tell({"row": wanted.row})
        try:
            sample = read_sample(process.hears)
        except FrameError as error:
            process.end(nonsense(error))
            sample = None
        return self._end(key) if sample is None else sample

    def _begin(self, key: tuple[str, str]) -> None:
        check_confinable(self._settings)
        with ExitStack() as stack:
            home = stack.enter_context(private_home(self._settings, f"reader of {key[0]}"))
            live = partial(_live, home.settings, self._limits)
            bounds = Bounds(memory_bytes=self._limits.memory_mb * _MB, by_address_space=True)
            process = ConfinedProcess(home, live, bounds, self._limits.reason)
            home.show_dataset(key[0])
            process.begin({"dataset": key[0], "version": key[1]}, readable=[], writable=[])
            self._held[key] = (process, stack.pop_all())

    def _end(self, key: tuple[str, str]) -> Message:
        """Ends a process and removes what it had; returns why it ended."""
        process, stack = self._held.pop(key)
        process.end(Message(N_("other datasets are being looked at.")))
        with stack:
            return process.wait() or Message(N_("its process ended and did not say how."))


def _live(settings: Settings, limits: Limits, order: Mapping[str, Any], channel: Channel) -> None:
    """What a confined process does: it answers for one dataset until its parent ends."""
    opened = lru_cache(1)(partial(_open, settings))
    while (frame := read_frame(channel[0], most_bytes=0)) is not None:
        wanted = Wanted(order["dataset"], order["version"], int(frame[0]["row"]))
        write_sample(channel[1], sample_of(wanted, opened, limits))


def main() -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the dashboard ends it
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to the log
    settings = Settings.from_environment()
    limits = decoding_limits(settings)
    if settings.mode is Mode.LOCAL:
        limits.apply()
        opened = lru_cache(MOST_DATASETS)(partial(_open, settings))
        answer: Callable[[Wanted], Array | Message] = partial(sample_of, opened=opened, limits=limits)
    else:
        answer = ConfinedReaders(settings, limits).sample
    while (wanted := read_wanted(sys.stdin.buffer)) is not None:
        write_sample(replies, answer(wanted))


if __name__ == "__main__":
    main()
