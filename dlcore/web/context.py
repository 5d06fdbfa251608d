"""What the pages and the routes work with: the settings, the store, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.web.moments import Moments


@dataclass(frozen=True)
class Context:
    """One for the whole process; the store hands out its own connections."""

    settings: Settings
    store: Store
    moments: Moments = field(default_factory=Moments)

    @property
    def actor(self) -> str:
        """In whose name this session asks; on one's own machine, its owner."""
        return self.settings.owner


@cache
def context() -> Context:
    """The context of this process, opened at the first call."""
    settings = Settings()
    return Context(settings, Store.open(settings))
