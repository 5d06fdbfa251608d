"""What a person should know of a run or a study without looking: what losses show, and how it ended."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.errors import N_, Message
from dlcore.records.kinds import RUN
from dlcore.records.runs import Run, RunState
from dlcore.records.studies import PAUSED_BY_HAND, Study, StudyState

Losses = npt.NDArray[np.floating[Any]]

DIVERGED_EPOCHS = 3
"""So many epochs in a row have a higher training loss than the first one: no measure of this is in common use, and
this one needs no scale."""
PLATEAU_EPOCHS, PLATEAU_SHARE = 10, 1e-4
"""The training loss has not fallen by this share for more epochs than that: the patience and the threshold of PyTorch's
ReduceLROnPlateau."""
STRIP, GENERALIZATION_LOSS = 5, 0.05
"""All of the last five epochs have a validation loss that is at least 5 % above the lowest one: the strip and the
generalization loss of Prechelt, Early Stopping - But When?, 1998."""

NOT_FINITE = N_("the loss is no longer a finite number, at batch {step} (epoch {epoch}).")
"""Why a run fails whose loss is no number."""


class AlertKind(StrEnum):
    """What an alert is about."""

    NAN = "nan"
    DIVERGENCE = "divergence"
    OVERFITTING = "overfitting"
    PLATEAU = "plateau"
    FINISHED = "finished"
    FAILED = "failed"
    PAUSED = "paused"
    """A study that nobody has paused."""


ENDINGS = {RunState.COMPLETED: AlertKind.FINISHED, RunState.FAILED: AlertKind.FAILED}
"""The alert of a run that has ended; one that somebody stopped has none."""
STUDY_ENDINGS = {StudyState.COMPLETED: AlertKind.FINISHED, StudyState.PAUSED: AlertKind.PAUSED}
"""The alert of a study that works no more; one that somebody stopped or paused has none."""
TITLES = {
    AlertKind.NAN: N_("not a number"),
    AlertKind.DIVERGENCE: N_("diverges"),
    AlertKind.OVERFITTING: N_("overfits"),
    AlertKind.PLATEAU: N_("learns no more"),
    AlertKind.FINISHED: N_("finished"),
    AlertKind.FAILED: N_("failed"),
    AlertKind.PAUSED: N_("paused"),
}
_SENTENCES = {
    AlertKind.NAN: N_("Its loss was no longer a finite number at epoch {epoch}."),
    AlertKind.DIVERGENCE: N_("Its training loss has been higher than at first since epoch {epoch}."),
    AlertKind.OVERFITTING: N_(
        "It overfits: its validation loss has risen since epoch {epoch}, its training loss has not."
    ),
    AlertKind.PLATEAU: N_("Its training loss has not fallen since epoch {epoch}."),
    AlertKind.FINISHED: N_("It has finished."),
    AlertKind.FAILED: N_("It has failed."),
    AlertKind.PAUSED: N_("It has paused: it cannot go on by itself."),
}
_OF_TRIALS = {
    AlertKind.NAN: N_("Trials whose loss was no longer a finite number: {trials}."),
    AlertKind.DIVERGENCE: N_("Trials that diverge: {trials}."),
    AlertKind.FAILED: N_("Trials that failed: {trials}."),
}
"""What a study says of its trials; how well they learn is what it judges them by."""


@dataclass(frozen=True)
class Sign:
    """What shows in a run, or in a study.

    Attributes:
        epoch: since when, counted from 1; None where that is not the question.
        trials: in how many trials of a study; None where it is about a run, or the study itself.
    """

    kind: AlertKind
    epoch: int | None = None
    trials: int | None = None

    @property
    def sentence(self) -> Message:
        """The same in words."""
        if self.trials is not None:
            return Message(_OF_TRIALS[self.kind], params={"trials": self.trials})
        return Message(_SENTENCES[self.kind], params={"epoch": self.epoch})


@dataclass(frozen=True)
class Alert:
    """A sign as the store keeps it, each kind once for a run or a study.

    Attributes:
        number: grows with each alert of the store.
        about: whether it is about a run or about a search.
        item_id: the id of that.
        name: as it is called now.
        seen: whether its owner has opened it since.
    """

    number: int
    about: str
    item_id: str
    name: str
    sign: Sign
    at: datetime
    seen: bool

    def to_dict(self) -> dict[str, Any]:
        """Returns it JSON-ready, its sentence in English."""
        of_trials = {} if self.about == RUN else {"trials": self.sign.trials}
        return {
            "kind": self.sign.kind.value,
            "epoch": self.sign.epoch,
            **of_trials,
            "text": self.sign.sentence.text(),
            "at": self.at.isoformat(),
            "seen": self.seen,
        }


def ending(run: Run) -> tuple[Sign, ...]:
    """Returns the signs of how a run has ended; none while it has not."""
    found = []
    if run.reason is not None and run.state is RunState.FAILED and run.reason.template == NOT_FINITE:
        found.append(Sign(AlertKind.NAN, int(run.reason.params["epoch"])))
    if run.state in ENDINGS:
        found.append(Sign(ENDINGS[run.state]))
    return tuple(found)


def signs_of_trial(found: Iterable[Sign]) -> tuple[Sign, ...]:
    """Returns which signs of a trial its study tells of; a loss that is no number explains the failure."""
    told = tuple(sign for sign in found if sign.kind in _OF_TRIALS)
    if any(sign.kind is AlertKind.NAN for sign in told):
        return tuple(sign for sign in told if sign.kind is not AlertKind.FAILED)
    return told


def study_ending(study: Study) -> Sign | None:
    """Returns the sign of a study that works no more, unless somebody wanted it so."""
    by_hand = study.reason is not None and study.reason.template == PAUSED_BY_HAND
    kind = STUDY_ENDINGS.get(study.state)
    return None if kind is None or by_hand else Sign(kind)


def signs(train: Losses, validation: Losses) -> tuple[Sign, ...]:
    """Returns what the losses of a run show.

    A run that diverges is not said to learn no more, nor one that overfits to diverge: the first that applies
    explains the others.

    Args:
        train: the training loss of each epoch (epochs,).
        validation: that on the validation part; empty where there is none.

    Example:
        >>> signs(np.array([1.0, 0.5, 1.2, 1.3, 1.4]), np.array([]))
        (Sign(kind=<AlertKind.DIVERGENCE: 'divergence'>, epoch=3, trials=None),)
    """
    for find in (_not_finite, divergence_sign, overfitting_sign, _plateau):
        sign = find(train, validation)
        if sign is not None:
            return (sign,)
    return ()


def _not_finite(train: Losses, validation: Losses) -> Sign | None:
    firsts = [int(np.argmax(bad)) + 1 for bad in (~np.isfinite(train), ~np.isfinite(validation)) if bad.any()]
    return Sign(AlertKind.NAN, min(firsts)) if firsts else None


def divergence_sign(train: Losses, _validation: Losses) -> Sign | None:
    """Returns the sign of a training loss that is higher than at first, if it is."""
    if len(train) <= DIVERGED_EPOCHS or not (train[-DIVERGED_EPOCHS:] > train[0]).all():
        return None
    below = np.flatnonzero(train <= train[0])
    return Sign(AlertKind.DIVERGENCE, int(below[-1]) + 2)


def overfitting_sign(train: Losses, validation: Losses) -> Sign | None:
    """Returns the sign of a validation loss that rises while the training loss does not, if it does so."""
    if len(validation) <= STRIP or len(validation) != len(train):
        return None
    best = int(np.argmin(validation[:-STRIP]))
    lowest = float(validation[best])
    # A ratio to a loss of zero or less says nothing.
    if lowest <= 0 or (validation[-STRIP:] < (1 + GENERALIZATION_LOSS) * lowest).any():
        return None
    if train[-STRIP:].min() >= train[best]:
        return None
    return Sign(AlertKind.OVERFITTING, best + 1)


def _plateau(train: Losses, _validation: Losses) -> Sign | None:
    lowest, since = math.inf, 0
    for epoch, loss in enumerate(train.tolist(), start=1):
        if not since or loss < lowest - PLATEAU_SHARE * abs(lowest):
            lowest, since = loss, epoch
    return Sign(AlertKind.PLATEAU, since) if len(train) - since > PLATEAU_EPOCHS else None
