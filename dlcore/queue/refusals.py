"""What a budget has left, and the words in which more is refused: the limit, what was asked, when it is free again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dlcore.budgets import Limit
from dlcore.errors import N_, BudgetError, Message


@dataclass(frozen=True)
class Left:
    """What is left of a limit.

    Attributes:
        limit: which one.
        most: how much of it there is.
        used: how much of that is taken; 0 where each request is held to the limit alone.
        free_in: after how many seconds some is free again, if nothing is left and time alone brings it.
    """

    limit: Limit
    most: float
    used: float = 0.0
    free_in: float | None = None

    @property
    def left(self) -> float:
        """How much may still be asked for."""
        return max(0.0, self.most - self.used)


_REFUSALS: Mapping[Limit, tuple[str, str]] = {
    Limit.MINUTES: (
        N_("all of the minutes that you may train are used, {most} a day: nothing is left."),
        "",
    ),
    Limit.QUEUED: (
        N_("at most {most} of your runs may wait at the same time; you asked for {asked} more, left: {left}."),
        N_("A place is free as soon as one of them begins."),
    ),
    Limit.EPOCHS: (
        N_("the number of epochs may be at most {most}, got {asked}."),
        N_("Ask for fewer epochs."),
    ),
    Limit.PARAMETERS: (
        N_("the number of parameters may be at most {most}, got {asked}."),
        N_("Make its layers narrower, or remove some."),
    ),
    Limit.MEMORY: (
        N_("training would need about {asked} MB of memory; a run may use {most} MB."),
        N_("Reduce the batch size, or the largest layer."),
    ),
    Limit.TRIALS: (
        N_("the number of trials, each seed counted, may be at most {most}, got {asked}."),
        N_("Set a lower limit of trials."),
    ),
    Limit.DATASET: (
        N_("expected a file of at most {most} MB, got {asked} MB."),
        N_("Take a part of the data."),
    ),
    Limit.UPLOADS: (N_("the number of files that you send a day may be at most {most}, sent: {used}; nothing is left."), ""),
    Limit.DRAFTS: (
        N_("the number of your drafts may be at most {most}, now: {used}, left: {left}."),
        N_("Delete one under Experiments."),
    ),
    Limit.DISK: (
        N_("your things may take {most} MB of the disk and take {used} MB; asked for: {asked} MB, left: {left} MB."),
        N_("Delete runs, datasets or models that you no longer need."),
    ),
    Limit.JOBS: (
        N_("at most {most} of your jobs may be at work at the same time, left: {left}."),
        N_("Wait until one has ended, or cancel it."),
    ),
}  # fmt: skip


def refusal(found: Left, asked: float, where: str = "") -> BudgetError:
    """Returns the error for a request that goes beyond a limit.

    Args:
        found: what is left of the limit.
        asked: how much was asked for.
        where: the path of the field that asks for it, if it is one.
    """
    template, hint = _REFUSALS[found.limit]
    wait = free_text(found.free_in) if found.free_in is not None else Message(hint) if hint else None
    return BudgetError(
        template,
        hint="{wait}" if wait else "",
        where=where,
        most=as_number(found.most),
        asked=as_number(asked),
        used=as_number(found.used),
        left=as_number(found.left),
        wait=wait or "",
    )


def free_text(seconds: float) -> Message:
    """Returns when something is free again, in words."""
    minutes = max(1, math.ceil(seconds / 60))
    if minutes < 60:
        return Message(N_("Free again in {minutes} min."), params={"minutes": minutes})
    return Message(
        N_("Free again in {hours} h {minutes} min."), params={"hours": minutes // 60, "minutes": minutes % 60}
    )


def as_number(value: float) -> str:
    """Returns a number as a sentence has it."""
    if value == math.inf:
        return "∞"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
