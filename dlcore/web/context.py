"""What the pages and the routes work with: the settings, the store, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property

from dlcore.access.actors import Actor, machine_owner
from dlcore.access.secret import secret_key
from dlcore.errors import N_, PermissionDeniedError
from dlcore.queue.forecasts import Forecasts
from dlcore.queue.predictor import PredictorProcess
from dlcore.queue.reader import ReaderProcess
from dlcore.queue.slots import slots_here
from dlcore.settings import Mode, Settings
from dlcore.store import Store
from dlcore.web.asking import request_actor, session_cookie
from dlcore.web.identity import Identities
from dlcore.web.moments import Moments


@dataclass(frozen=True)
class Context:
    """One for the whole process; the store hands out its own connections."""

    settings: Settings
    store: Store
    moments: Moments = field(default_factory=Moments)

    @cached_property
    def forecasts(self) -> Forecasts:
        """How long runs take on this machine."""
        return Forecasts(self.store, slots_here(self.settings))

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
        return Identities(self.store.visitors, secret_key(self.settings))

    @cached_property
    def _machine_owner(self) -> Actor:
        return machine_owner(self.settings)

    @property
    def actor(self) -> Actor:
        """Who asks: of a request, or of the session of the script that runs; on your own machine, its owner.

        Raises:
            PermissionDeniedError: nobody does, or the visit was ended meanwhile.
        """
        if self.settings.mode is Mode.LOCAL:
            return self._machine_owner
        found = request_actor() or self.identities.find(session_cookie())
        if found is None:
            raise PermissionDeniedError(
                N_("this visit has ended."), hint=N_("Reload the page to begin another one.")
            )
        return found


@cache
def context() -> Context:
    """Returns the context of this process, opened at the first call."""
    settings = Settings.from_environment()
    return Context(settings, Store.open(settings))
