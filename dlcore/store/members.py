"""The members of a dashboard: who has signed in, and which of their sign-ins still count."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from dlcore.access.actors import Actor, Role
from dlcore.access.claims import Identity
from dlcore.errors import N_, NotFoundError, PermissionDeniedError
from dlcore.store.database import Database, enum_member, now
from dlcore.store.tables import members, sign_ins
from dlcore.store.usage_tables import departures


@dataclass(frozen=True)
class Member:
    """One of them.

    Attributes:
        actor: who they are; what they make belongs to its id.
        name: what they are called.
        email: where they are written to; may be empty.
        first_seen: when they first signed in, in seconds since 1970.
        last_seen: when they last did.
        is_blocked: whether they may not sign in any more.
    """

    actor: Actor
    name: str
    email: str
    first_seen: float
    last_seen: float
    is_blocked: bool


class Members:
    """The members of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sign_in(self, identity: Identity, role: Role, *, ends_at: float) -> str:
        """Notes that somebody has signed in, and returns the secret by which their browser is known from now on.

        Only its hash is kept: who reads the store, or a backup, is nobody by that.

        Args:
            identity: who.
            role: what they are, as their provider says now.
            ends_at: when they have to sign in again, in seconds since 1970.

        Raises:
            PermissionDeniedError: they are blocked, or have left and their things are still being removed.
        """
        at, member_id = now(), identity.member_id
        known: dict[str, Any] = {
            "name": identity.name, "email": identity.email, "role": role.value, "last_seen": at,
        }  # fmt: skip
        secret = secrets.token_urlsafe(32)
        going = select(departures.c.owner).where(
            departures.c.owner == member_id, departures.c.ended_at.is_(None)
        )
        with self._database.write() as connection:
            if connection.execute(going).first() is not None:
                raise PermissionDeniedError(
                    N_("all that you had here is still being removed."), hint=N_("Sign in again in a minute.")
                )
            here = members.c.id == member_id
            row = connection.execute(select(members.c.blocked).where(here).with_for_update()).one_or_none()
            if row is None:
                about = {"issuer": identity.issuer, "subject": identity.subject, "first_seen": at}
                connection.execute(
                    insert(members).values(id=member_id, not_before=0.0, blocked=False, **about, **known)
                )
            elif row.blocked:
                raise PermissionDeniedError(
                    N_("this account is blocked."), hint=N_("Ask whoever runs DL Studio here.")
                )
            else:
                connection.execute(update(members).where(here).values(**known))
            about = {"key": _key(secret), "member_id": member_id, "began_at": at, "ends_at": ends_at}
            connection.execute(insert(sign_ins).values(**about))
        return secret

    def find(self, secret: str) -> Member | None:
        """Returns whose browser knows that secret; None if it counts no more."""
        at = now()
        counts = (
            (sign_ins.c.key == _key(secret))
            & (sign_ins.c.ends_at > at)
            & (sign_ins.c.began_at >= members.c.not_before)
            & members.c.blocked.is_(False)
        )
        query = select(members).join(sign_ins, sign_ins.c.member_id == members.c.id).where(counts)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _member(row)

    def list(self) -> list[Member]:
        """Returns all members, who signed in last first."""
        with self._database.read() as connection:
            rows = connection.execute(select(members).order_by(members.c.last_seen.desc(), members.c.id))
            return [_member(row) for row in rows]

    def get(self, member_id: str) -> Member | None:
        """Returns the one of that id, if any."""
        with self._database.read() as connection:
            row = connection.execute(select(members).where(members.c.id == member_id)).one_or_none()
        return None if row is None else _member(row)

    def sign_out(self, secret: str) -> None:
        """Ends one sign-in: the secret counts no more, whoever else has it."""
        with self._database.write() as connection:
            connection.execute(delete(sign_ins).where(sign_ins.c.key == _key(secret)))

    def sign_out_everywhere(self, member_id: str) -> None:
        """Ends all that a member has.

        Raises:
            NotFoundError: there is no such member.
        """
        self._change(member_id, not_before=now())

    def block(self, member_id: str, *, blocked: bool) -> None:
        """Keeps a member out from now on, or lets them sign in again.

        Raises:
            NotFoundError: there is no such member.
        """
        self._change(member_id, not_before=now(), blocked=blocked)

    def _change(self, member_id: str, **values: Any) -> None:
        with self._database.write() as connection:
            if not connection.execute(
                update(members).where(members.c.id == member_id).values(**values)
            ).rowcount:
                raise NotFoundError(
                    N_("there is no member '{id}'."), hint=N_("List them: members."), id=member_id
                )
            connection.execute(delete(sign_ins).where(sign_ins.c.member_id == member_id))

    def remove(self, member_id: str) -> None:
        """Removes all that is known of a member who has left; who is blocked stays so."""
        with self._database.write() as connection:
            here = (members.c.id == member_id) & members.c.blocked.is_(False)
            connection.execute(delete(members).where(here))

    def sweep(self) -> int:
        """Removes the sign-ins that are over, and returns how many."""
        with self._database.write() as connection:
            return connection.execute(delete(sign_ins).where(sign_ins.c.ends_at <= now())).rowcount


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _member(row: Row[Any]) -> Member:
    actor = Actor(row.id, enum_member(Role, row.role))
    return Member(actor, row.name, row.email, row.first_seen, row.last_seen, row.blocked)
