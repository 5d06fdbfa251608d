"""What single owners may use of the place, for its admins; each function checks the actor."""

from __future__ import annotations

from collections.abc import Mapping

from dlcore.access.actors import Actor
from dlcore.access.permissions import check_admin
from dlcore.budgets import FREE, read_budget
from dlcore.errors import N_, SettingsError
from dlcore.queue.budgets import Account
from dlcore.store import Store


def account_of(store: Store, owner: str, *, actor: Actor) -> Account:
    """Returns the account of anybody.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "budgets.look", owner)
    return Account.of_owner(store.whole, owner)


def own_budgets(store: Store, *, actor: Actor) -> Mapping[str, str]:
    """Returns whose budget differs from that of others of their role, and how; see `account_of`."""
    check_admin(actor, "budgets.look")
    return store.own_budgets.all()


def set_budget(store: Store, owner: str, changes: str, *, actor: Actor) -> None:
    """Lets an owner use something else than others of their role.

    Args:
        store: where it is kept.
        owner: whose budget it is.
        changes: what differs, as in the settings: `minutes=60,epochs=none`; empty: nothing.
        actor: who says so.

    Raises:
        PermissionDeniedError: the actor is no admin.
        SettingsError: that is no budget.
    """
    check_admin(actor, "budgets.set", owner)
    try:
        read_budget(changes, FREE)
    except ValueError as error:
        raise SettingsError(
            N_("this budget cannot be used: {problem}."),
            hint=N_("Write what differs, such as minutes=60,epochs=none."),
            problem=str(error),
        ) from error
    store.own_budgets.set(owner, ",".join(filter(None, map(str.strip, changes.split(",")))), by=actor.id)
