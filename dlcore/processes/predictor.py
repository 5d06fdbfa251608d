"""The process that answers for new samples: `python -m dlcore.processes.predictor`, started by the dashboard.

It holds a few models, reads questions from its standard input and writes replies to its standard output
(`dlcore/queue/wire.py`); when the input ends, so does it. What people give is decoded here, cut off from the network. In
a demo, each model has a confined process of its own, so that what one visitor gives cannot reach another's.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from dlcore.access.confining import check_confinable
from dlcore.confinement import Bounds
from dlcore.datasets.decoding import decode_image
from dlcore.datasets.drawing import drawn_pixels
from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import N_, DatasetError, Message
from dlcore.processes.answering import answer_or_reason
from dlcore.processes.confined import Channel, ConfinedProcess, nonsense
from dlcore.processes.ending import how_it_ended
from dlcore.processes.limits import Limits
from dlcore.processes.private import private_home
from dlcore.queue.frames import FrameError
from dlcore.queue.predictor import MOST_REPLY, OVER_MEMORY
from dlcore.queue.wire import (
    Answer,
    Drawing,
    Question,
    Recording,
    Reply,
    read_question,
    read_reply,
    write_question,
    write_reply,
)
from dlcore.records.artifacts import FAMILIAR_FILE, MODEL_FILE, PREPARATION_FILE
from dlcore.settings import Mode, Settings
from dlcore.spec.data import DataKind

if TYPE_CHECKING:
    from dlcore.engine.predictor import Predictor

MOST_MODELS = 4
"""How many models are held at most."""

MOST_CONFINED = 2
"""How many are, where each has a process of its own."""

LIMITS = Limits(network=False)
"""Of the process; its memory is watched, since Keras' address space cannot be bounded."""

_LOOK_SECONDS = 0.2
_SHOWN_SIDE = 480
_MB = 2**20

Key = tuple[Path, int, int, int]
"""The folder of a run, and when its model, its preparation and what is usual to it were written."""


class LoadedModels:
    """The models that were asked last; those that were not for longest go first.

    Args:
        settings: limits.
        most: how many are held.
    """

    def __init__(self, settings: Settings, most: int = MOST_MODELS) -> None:
        self.settings, self._most = settings, most
        self._held: OrderedDict[Key, tuple[Predictor, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, folder: Path) -> Predictor:
        """Returns a run's model, loaded if it is not held.

        Raises:
            DatasetError: there is none, it is damaged, or larger than all models together may be.
        """
        files = (MODEL_FILE, PREPARATION_FILE, FAMILIAR_FILE)
        model, preparation, familiar = (_written(folder / name) for name in files)
        key = (folder, model, preparation, familiar)
        if key not in self._held:
            self._load(key)
        self._held.move_to_end(key)
        return self._held[key][0]

    def _load(self, key: Key) -> None:
        folder = key[0]
        size, limit = _size(folder / MODEL_FILE), self.settings.most_predictor_mb * _MB
        if size > limit:
            raise DatasetError(
                N_("the model has {size} MB, and models may use {limit} MB of memory here."),
                hint=N_("Use `dlcore predict`, or ask the administrator to raise {setting}."),
                size=f"{size // _MB:,}",
                limit=f"{limit // _MB:,}",
                setting="DLCORE_PREDICTOR_MB",
            )
        for old in [old for old in self._held if old[0] == folder]:
            del self._held[old]
        while self._held and (
            len(self._held) >= self._most or size + sum(one for _, one in self._held.values()) > limit
        ):
            self._held.popitem(last=False)
        from dlcore.engine.predictor import Predictor

        self._held[key] = (Predictor.open(folder, self.settings), size)


def reply_to(question: Question, models: LoadedModels) -> Reply:
    """Returns the answer to a question; whatever goes wrong becomes a reason."""
    return answer_or_reason(lambda: _answer(question, models), LIMITS)


def _answer(question: Question, models: LoadedModels) -> Answer:
    began = time.monotonic()
    predictor = models.get(question.folder)
    if question.given is None:
        predictor.warm_up()
        return Answer(seconds=time.monotonic() - began)
    given = question.given
    predictions, seen, unlike = predictor.look(_as_read(given, predictor.preparation))
    back = predictions.reconstructions
    shown = _shown(given, predictor.preparation, models.settings)
    return Answer(
        predictions, seen, None if back is None else back[0], shown, time.monotonic() - began, unlike
    )


def _as_read(given: Any, how: Preparation) -> Any:
    """Returns what was given as a predictor takes it."""
    match given:
        case Drawing():
            return drawn_pixels(given.png, given.style, how.facts)
        case Recording():
            return given.samples, given.rate
        case _:
            return given


def _shown(given: Any, how: Preparation, settings: Settings) -> Array | None:
    """Returns a picture that was given as a file, small enough to be shown: the dashboard decodes none itself."""
    if not isinstance(given, bytes) or how.facts.kind is not DataKind.IMAGE:
        return None
    pixels = decode_image(given, max_pixels=settings.max_pixels).in_bytes()
    step = -(-max(pixels.shape[:2]) // _SHOWN_SIDE)
    return pixels[::step, ::step]


def _written(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _watch_memory(limit: int) -> None:
    """Ends this process once it takes more than `limit` bytes: before the machine does, and others suffer."""
    process = psutil.Process()
    while process.memory_info().rss <= limit:
        time.sleep(_LOOK_SECONDS)
    os._exit(OVER_MEMORY)


class ConfinedModels:
    """Answers with each model in a process of its own, which sees nothing of the others; for a demo.

    Args:
        settings: limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: OrderedDict[Path, tuple[ConfinedProcess, ExitStack]] = OrderedDict()

    def reply(self, question: Question) -> Reply:
        """Returns the answer to a question; whatever goes wrong becomes a reason."""
        return answer_or_reason(partial(self._answer, question), LIMITS)

    def _answer(self, question: Question) -> Answer:
        folder = question.folder
        if folder not in self._held:
            if len(self._held) >= MOST_CONFINED:
                self._end(next(iter(self._held)))
            self._begin(folder)
        self._held.move_to_end(folder)
        process = self._held[folder][0]
        reply: Reply | None = None
        try:
            with suppress(BrokenPipeError):
                write_question(process.says, question)
            reply = read_reply(process.hears, most_bytes=MOST_REPLY)
        except FrameError as error:
            process.end(nonsense(error))
        found = self._end(folder) if reply is None else reply
        if isinstance(found, Message):
            raise DatasetError(found.template, hint=found.hint, where=found.where, **found.params)
        return found

    def _begin(self, folder: Path) -> None:
        check_confinable(self._settings)
        with ExitStack() as stack:
            home = stack.enter_context(private_home(self._settings, f"predictor of {folder.name}"))
            most = self._settings.most_predictor_mb // MOST_CONFINED
            settings = home.settings.model_copy(update={"predictor_mb": most})
            process = ConfinedProcess(
                home, partial(_live, settings), Bounds(memory_bytes=most * _MB), how_it_ended
            )
            process.begin({}, readable=[folder], writable=[])
            self._held[folder] = (process, stack.pop_all())

    def _end(self, folder: Path) -> Message:
        """Ends a process and removes what it had; returns why it ended."""
        process, stack = self._held.pop(folder)
        process.end(Message(N_("other models are being tried.")))
        with stack:
            return process.wait() or Message(N_("its process ended and did not say how."))


def _live(settings: Settings, _order: Mapping[str, Any], channel: Channel) -> None:
    """What a confined process does: it answers with one model until its parent ends."""
    models = LoadedModels(settings, most=1)
    while (question := read_question(channel[0], most_bytes=settings.max_file_bytes)) is not None:
        write_reply(channel[1], reply_to(question, models))


def main() -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the dashboard ends it
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what Keras prints goes to the log
    settings = Settings.from_environment()
    import dlcore.engine.predictor  # noqa: F401 - memory is counted from here

    if settings.mode is Mode.LOCAL:
        LIMITS.apply()
        limit = psutil.Process().memory_info().rss + settings.most_predictor_mb * _MB
        threading.Thread(target=_watch_memory, args=(limit,), daemon=True).start()
        answer: Callable[[Question], Reply] = partial(reply_to, models=LoadedModels(settings))
    else:
        answer = ConfinedModels(settings).reply
    while (question := read_question(sys.stdin.buffer, most_bytes=settings.max_file_bytes)) is not None:
        write_reply(replies, answer(question))


if __name__ == "__main__":
    main()
