"""The quick settings and the store of the supervisor's tests, on SQLite and on PostgreSQL."""

import pytest

from dlcore.settings import Settings
from tests.postgres import database_url, every_store, on_both_kinds_of_store, postgres
from tests.worker.conftest import lost_seconds, store
from tests.worker.conftest import settings as quick_settings

__all__ = ["database_url", "every_store", "lost_seconds", "postgres", "quick_settings", "store"]
pytest_generate_tests = on_both_kinds_of_store


@pytest.fixture
def settings(quick_settings: Settings, database_url: str) -> Settings:
    return quick_settings.model_copy(update={"database_url": database_url})


@pytest.fixture
def sqlite(store: object) -> None:
    """For a test about SQLite alone."""
