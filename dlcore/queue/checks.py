"""What stands before every request that does something to a thing: whether the actor may."""

from __future__ import annotations

from dlcore.access.actors import Actor
from dlcore.access.permissions import PRIVATE, Kind, Verb, check, may
from dlcore.store import Store


def check_actor(
    store: Store, verb: Verb, kind: Kind, item_id: str, owner: str, *, actor: Actor, where: str = ""
) -> None:
    """Checks that the actor may do that to a thing that may be shared with them.

    Args:
        store: where it is.
        verb: what for.
        kind: what kind of thing it is.
        item_id: its id, or the name of a dataset.
        owner: whose it is.
        actor: who asks.
        where: what an error is about; by default the id.

    Raises:
        NotFoundError: the actor may not see it.
        PermissionDeniedError: the actor may see it, but not do that.
    """
    sharing = PRIVATE
    if not may(actor, verb, kind, owner):
        sharing = store.shares.of(kind, [item_id], {item_id: owner}).get(item_id, PRIVATE)
    check(actor, verb, kind, owner, item_id, where=where, sharing=sharing)
