"""What strangers and members may use of a machine that is shared: one table, and budgets read from settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dlcore.errors import N_


class Limit(StrEnum):
    """What is limited, by the name that settings have for it."""

    MINUTES = "minutes"
    AT_ONCE = "at_once"
    QUEUED = "queued"
    EPOCHS = "epochs"
    PARAMETERS = "parameters"
    MEMORY = "memory_mb"
    TRIALS = "trials"
    DATASET = "dataset_mb"
    UPLOADS = "uploads"
    DRAFTS = "drafts"
    DISK = "disk_mb"
    JOBS = "jobs"


@dataclass(frozen=True)
class Allowance:
    """One limit.

    Attributes:
        title: what it is called on pages.
        visitor, member: how much each has, unless a setting says otherwise.
    """

    title: str
    visitor: float
    member: float


ALLOWANCES: Mapping[Limit, Allowance] = {
    Limit.MINUTES: Allowance(N_("Minutes of training a day"), 30, 240),
    Limit.AT_ONCE: Allowance(N_("Runs at the same time"), 1, 2),
    Limit.QUEUED: Allowance(N_("Runs that wait"), 3, 20),
    Limit.EPOCHS: Allowance(N_("Epochs of a run"), 200, 1_000),
    Limit.PARAMETERS: Allowance(N_("Parameters of a model"), 5_000_000, 100_000_000),
    Limit.MEMORY: Allowance(N_("Memory of a run, in MB"), 2_000, 8_000),
    Limit.TRIALS: Allowance(N_("Trials of a search"), 50, 200),
    Limit.DATASET: Allowance(N_("Size of a dataset, in MB"), 100, 2_000),
    Limit.UPLOADS: Allowance(N_("Uploads a day"), 10, 100),
    Limit.DRAFTS: Allowance(N_("Drafts"), 20, 200),
    Limit.DISK: Allowance(N_("Disk, in MB"), 500, 10_000),
    Limit.JOBS: Allowance(N_("Jobs at the same time"), 4, 10),
}
"""Every limit, and how much of it there is."""

NO_LIMIT = "none"
_EXPECTED = "expected names and numbers like minutes=30,epochs=none"

Budget = Mapping[Limit, float]
"""How much of each limit somebody has; what is not in it is not limited."""

FREE: Budget = {}
"""The budget of the owner of the machine."""


def visitor_budget(changes: str) -> Budget:
    """Returns what a visitor may use.

    Args:
        changes: what differs from the table; see `read_budget`.
    """
    return read_budget(changes, {limit: one.visitor for limit, one in ALLOWANCES.items()})


def member_budget(changes: str) -> Budget:
    """Returns what a member may use; see `visitor_budget`."""
    return read_budget(changes, {limit: one.member for limit, one in ALLOWANCES.items()})


def read_budget(changes: str, usual: Budget) -> Budget:
    """Returns a budget with the changes of a setting.

    Args:
        changes: names and numbers; `none` takes a limit away.
        usual: what holds for all others.

    Raises:
        ValueError: a name is unknown, or a number is none.

    Example:
        >>> read_budget("epochs=9, minutes=none", {Limit.EPOCHS: 50, Limit.MINUTES: 30})
        {<Limit.EPOCHS: 'epochs'>: 9.0}
    """
    found = dict(usual)
    for part in filter(None, map(str.strip, changes.split(","))):
        name, _equals, text = (word.strip() for word in part.partition("="))
        if name not in set(Limit):
            raise ValueError(f"expected one of {', '.join(Limit)}, got {name!r}")
        if text == NO_LIMIT:
            found.pop(Limit(name), None)
            continue
        # Only digits: no `inf`, no `nan`, nothing below zero.
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{_EXPECTED}, got {part!r}")
        found[Limit(name)] = float(text)
    return found
