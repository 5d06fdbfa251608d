"""Who uses how much of the place, for its admins; each function checks the actor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from dlcore.access.actors import Actor
from dlcore.access.permissions import check_admin
from dlcore.queue.disk import DiskUse, disk_by_owner
from dlcore.store import Store
from dlcore.store.usage import OwnerUse, use_by_owner

DAY_SECONDS = 24 * 3600.0


def usage(store: Store, *, actor: Actor, clock: Callable[[], float] = time.time) -> Sequence[OwnerUse]:
    """Returns what each owner has, and what they have used of the machine in the last 24 hours.

    Args:
        store: where it is.
        actor: who asks.
        clock: the seconds since 1970.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "usage.look")
    return use_by_owner(store.whole.database, since=clock() - DAY_SECONDS)


def disk_uses(store: Store, *, actor: Actor) -> Mapping[str, DiskUse]:
    """Returns what each owner's things take of the disk, which is measured file by file.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "usage.look")
    return disk_by_owner(store.whole)
