"""What the pages and the routes work with: the settings, the store, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property

from dlcore.queue.forecasts import Forecasts
from dlcore.queue.predictor import PredictorProcess
from dlcore.queue.reader import ReaderProcess
from dlcore.queue.slots import slots_here
from dlcore.settings import Settings
from dlcore.store import Store
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

    @property
    def actor(self) -> str:
        """The actor of this session; on your own machine, its owner."""
        return self.settings.owner


@cache
def context() -> Context:
    """Returns the context of this process, opened at the first call."""
    settings = Settings.from_environment()
    return Context(settings, Store.open(settings))
