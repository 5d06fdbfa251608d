"""The end of a training whose loss is no longer a number."""

from __future__ import annotations

from dlcore.errors import N_, DlcoreError
from dlcore.records.alerts import NOT_FINITE


def diverged(step: int, epoch: int, rate: float) -> DlcoreError:
    """Returns what is said of it.

    Args:
        step: the batch, counted from 1.
        epoch: the same.
        rate: the learning rate.
    """
    return DlcoreError(
        NOT_FINITE,
        hint=N_("Lower the learning rate, now {rate}, or set clipnorm to limit the gradient."),
        where="training.optimizer.learning_rate",
        step=step,
        epoch=epoch,
        rate=f"{rate:g}",
    )
