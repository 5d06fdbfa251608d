"""What the pages and the routes work with: the settings, the store, and who asks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dlcore.access.actors import EVERYBODY, Actor, Role, machine_owner
from dlcore.access.acts import Act
from dlcore.access.audit import AuditLog
from dlcore.access.claims import Identity
from dlcore.access.secret import secret_key
from dlcore.errors import N_, PermissionDeniedError, TooManyError
from dlcore.queue.forecasts import Forecasts
from dlcore.queue.library import Library
from dlcore.queue.predictor import PredictorProcess
from dlcore.queue.reader import ReaderProcess
from dlcore.queue.slots import slots_here
from dlcore.settings import Mode, Settings
from dlcore.store import Store
from dlcore.store.eyes import Owners
from dlcore.store.gate import open_to
from dlcore.store.members import Member
from dlcore.web.asking import (
    asking_address,
    is_left,
    member_cookie,
    request_actor,
    session_cookie,
    session_links,
    session_owner,
)
from dlcore.web.identity import Identities
from dlcore.web.members import SignIns
from dlcore.web.moments import Moments

if TYPE_CHECKING:
    from dlcore.access.rates import Rates


@dataclass(frozen=True)
class Context:
    """One for the whole process; what depends on who asks is asked of it each time."""

    settings: Settings
    whole: Store
    moments: Moments = field(default_factory=Moments)

    @cached_property
    def forecasts(self) -> Forecasts:
        """How long runs take on this machine."""
        return Forecasts(self.whole, slots_here(self.settings))

    @cached_property
    def predictor(self) -> PredictorProcess:
        """Asks trained models for answers."""
        return PredictorProcess(self.settings)

    @cached_property
    def reader(self) -> ReaderProcess:
        """Decodes the pictures and recordings of stored datasets."""
        return ReaderProcess(self.settings)

    @cached_property
    def identities(self) -> Identities:
        """Tells the visitors of a demo by their cookies."""
        return Identities(self.whole.visitors, secret_key(self.settings), self.rates)

    @cached_property
    def rates(self) -> Rates:
        """Counts what strangers do."""
        from dlcore.access.rates import Rates  # for its library, see there

        return Rates(self.settings)

    @cached_property
    def _machine_owner(self) -> Actor:
        return machine_owner(self.settings)

    @property
    def actor(self) -> Actor:
        """Who asks: of a request, or of the session of the script that runs; on your own machine, its owner.

        A script whose browser has gone is stopped: it runs for nobody.

        Raises:
            PermissionDeniedError: nobody does, or the visit was ended meanwhile.
        """
        if self.settings.mode is Mode.LOCAL:
            return self._machine_owner
        asking = request_actor()
        found = asking or self._session_actor()
        if found is None and is_left():
            st.stop()
        if found is None and self.settings.mode is Mode.TEAM:
            raise PermissionDeniedError(
                N_("you are signed out."), hint=N_("Reload the page to sign in again.")
            )
        if found is None:
            raise PermissionDeniedError(
                N_("this visit has ended."), hint=N_("Reload the page to begin another one.")
            )
        links = found.links if asking else session_links()
        return replace(found, links=links, witness=partial(self._witness, found))

    def _session_actor(self) -> Actor | None:
        """Returns whose session the script runs in: from its first moment to its last the same one's."""
        member, found = self.member, None
        if member is not None:
            found = member.actor
        elif self.settings.mode is not Mode.TEAM:
            found = self.identities.find(session_cookie())
        return found if found is None or session_owner() in ("", found.id) else None

    @property
    def member(self) -> Member | None:
        """The member in whose session the script runs, if they are one."""
        return self.sign_ins.find(member_cookie()) if self.settings.has_sign_in else None

    @property
    def earlier_visitor(self) -> Actor | None:
        """Whom this browser was before the member who asks has signed in, if it was a visitor."""
        if self.settings.mode is not Mode.DEMO or self.member is None:
            return None
        return self.identities.find(session_cookie())

    @cached_property
    def sign_ins(self) -> SignIns:
        """Tells members by their cookies."""
        return SignIns(self.whole.members)

    def begin_sign_in(self, identity: Identity, role: Role) -> str:
        """Writes down that somebody has signed in, and returns what their browser is known by.

        Raises:
            PermissionDeniedError: they are blocked.
        """
        ends_at = time.time() + self.settings.sign_in_hours * 3600
        return self.whole.members.sign_in(identity, role, ends_at=ends_at)

    def end_sign_in(self, cookie: str) -> Actor | None:
        """Ends a sign-in; returns whose it was, if it still was one."""
        member = self.sign_ins.find(cookie)
        self.sign_ins.end(cookie)
        return member.actor if member else None

    def note(self, what: str, actor: Actor, address: str, refused: bool) -> None:
        """Writes down what somebody did who is not known to a page or a route yet."""
        self.audit.note(what, actor=actor, address=address, refused=refused)

    def _witness(self, actor: Actor, what: str, name: str, allowed: bool) -> None:
        self.audit.note(what, actor=actor, address=asking_address(), name=name, refused=not allowed)

    @cached_property
    def audit(self) -> AuditLog:
        """Notes who does what; for nobody on a machine of your own."""
        return AuditLog(self.settings)

    @property
    def store(self) -> Store:
        """The store as the actor may see it."""
        return open_to(self.whole, self.actor, self._owners, self.take)

    def take(self, act: Act) -> None:
        """Counts what the actor does now; the owner of a machine may do all of it as often as they like.

        Raises:
            TooManyError: they, or their network, did it too often.
        """
        actor = self.actor
        if actor.role is Role.ADMIN:
            return
        try:
            self.rates.take(act, actor=actor.id, address=asking_address())
        except TooManyError:
            actor.tell(act, "", allowed=False)
            raise

    @cached_property
    def _owners(self) -> Owners:
        return Owners(self.whole)

    @property
    def library(self) -> Library:
        """The datasets, word vectors, models and uploads that the actor may see."""
        return Library.of(self.store)

    async def unseen_alerts(self) -> int:
        """Returns how many alerts the actor has not seen: one look at the store for all who ask within a moment."""
        found = await self.moments.get(("unseen", ""), self.whole.alerts.unseen)
        return found.get(self.actor.id, 0)

    @property
    def data_roots(self) -> tuple[Path, ...]:
        """Folders of this machine from which the actor may take data: nobody's but its owner's."""
        return self.settings.data_roots if self.actor.role is Role.ADMIN else ()

    @property
    def public_owner(self) -> str:
        """Whom downloads and examples belong to, which are for all; on your own machine, you."""
        return self.settings.owner if self.settings.mode is Mode.LOCAL else EVERYBODY


@cache
def context() -> Context:
    """Returns the context of this process, opened at the first call."""
    settings = Settings.from_environment()
    return Context(settings, Store.open(settings))
