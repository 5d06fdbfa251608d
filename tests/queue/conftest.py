"""The quick settings and the store of the supervisor's tests."""

from tests.worker.conftest import settings, store

__all__ = ["settings", "store"]
