"""The training itself: whatever goes wrong with it becomes a reason."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from dlcore.durable import is_full
from dlcore.engine.entry import TrainResult, train
from dlcore.engine.handle import RunHandle
from dlcore.engine.transfer import SourceWeights
from dlcore.errors import N_, DlcoreError, Message
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec


def train_or_reason(
    spec: ExperimentSpec,
    handle: RunHandle,
    settings: Settings,
    *,
    epochs: int,
    source: Callable[[], SourceWeights] | None,
) -> TrainResult | Message:
    """Trains; returns how it ended, or why it failed, which the log then has, too.

    Args:
        spec: what to train.
        handle: of the run.
        settings: where the data is.
        epochs: how many the run should have in the end.
        source: gives the weights that it starts with, if it starts with those of another model.
    """
    try:
        return train(spec, handle, epochs=epochs, settings=settings, source=source)
    except DlcoreError as error:
        handle.log(str(error))
        return error.message
    except MemoryError:
        handle.log(traceback.format_exc())
        return Message(N_("memory ran out."), N_("Use a smaller batch size, model or dataset."))
    except OSError as error:
        handle.log(traceback.format_exc())
        return _disk(error)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, the run says so
        handle.log(traceback.format_exc())
        return _unexpected(error)


def _disk(error: OSError) -> Message:
    if is_full(error):
        return Message(
            N_("the disk is full."),
            N_("Delete runs or other files, then resume it: its last checkpoint is kept."),
        )
    return Message(
        N_("a file could not be read or written: {reason}."),
        N_("Check the log, fix the cause, then resume the run."),
        params={"reason": f"{error.strerror or type(error).__name__} {error.filename or ''}".strip()},
    )


def _unexpected(error: Exception) -> Message:
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Message(
        N_("an unexpected error: {error}."), N_("The log has the details."), params={"error": text}
    )
