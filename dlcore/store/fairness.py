"""Whose run comes next: a fair order of those that wait, over their owners."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A run that waits.

    Attributes:
        id: of the run.
        owner: whose.
        since: from when on, in seconds since 1970.
        priority: where an admin has put it: before (above 0) or behind (below 0) the others.
    """

    id: str
    owner: str
    since: float
    priority: int = 0

    @property
    def rank(self) -> tuple[int, float, str]:
        """By which it comes before others of the same owner."""
        return (-self.priority, self.since, self.id)


@dataclass(frozen=True)
class Standing:
    """What an owner has had of the machine.

    Attributes:
        active: how many of their runs are at work.
        share: how many turns they get for one of a visitor's.
        end: where their last turn ended, in turns of a visitor; 0 of who has not had one lately.
    """

    active: int = 0
    share: float = 1.0
    end: float = 0.0


def fair_order(
    waiting: Iterable[Waiting], standings: Mapping[str, Standing], front: float = 0.0
) -> list[str]:
    """Returns the ids of runs in the order in which they begin, if nobody queues another one.

    Next is the owner with the fewest runs at work for their share, and of several the one whose last turn ended
    first; of one owner's runs the one that has waited longest. What an admin has put before or behind the others comes
    there, and is a turn of its owner like any other. A turn begins at the front, where the latest one of
    anybody began, or where the owner's last one ended if that is further on, and is 1/share long: so nobody saves up
    turns by being away, and who comes after a while has their first run before anybody's second. This is
    start-time fair queueing (Goyal, Vin and Cheng 1996) with turns of one length.

    Args:
        waiting: in any order.
        standings: of the owners; one who is not there has had nothing.
        front: where the latest turn began.

    Example:
        >>> ann = [Waiting(f"a{n}", "ann", n) for n in range(3)]
        >>> fair_order([*ann, Waiting("b0", "bob", 9.0)], {"ann": Standing(end=1.0)})
        ['b0', 'a0', 'a1', 'a2']
    """
    queues: dict[str, deque[Waiting]] = {}
    for one in sorted(waiting, key=lambda one: one.rank):
        queues.setdefault(one.owner, deque()).append(one)
    now = {owner: standings.get(owner, Standing()) for owner in queues}

    def rank(owner: str) -> tuple[int, float, float, float, str, str]:
        first, standing = queues[owner][0], now[owner]
        turns = (standing.active / standing.share, standing.end)
        return (-first.priority, *turns, first.since, first.id, owner)

    heads = [rank(owner) for owner in queues]
    heapq.heapify(heads)
    found: list[str] = []
    while heads:
        owner = heapq.heappop(heads)[-1]
        found.append(queues[owner].popleft().id)
        front, now[owner] = after_turn(front, now[owner])
        if queues[owner]:
            heapq.heappush(heads, rank(owner))
    return found


def after_turn(front: float, standing: Standing) -> tuple[float, Standing]:
    """Returns where the front is when an owner's next turn begins, and how the owner stands then."""
    start = max(front, standing.end)
    return start, Standing(standing.active + 1, standing.share, start + 1 / standing.share)
