"""The quick settings and the store of the supervisor's tests."""

from tests.worker.conftest import lost_seconds, settings, store

__all__ = ["lost_seconds", "settings", "store"]
