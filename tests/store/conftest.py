"""The stores of these tests: each test runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from dlcore.settings import Settings
from dlcore.store import Store
from tests.postgres import database_url, on_both_kinds_of_store, postgres

__all__ = ["database_url", "postgres"]
pytest_generate_tests = on_both_kinds_of_store


@pytest.fixture
def settings(settings: Settings, database_url: str) -> Settings:
    return settings.model_copy(update={"database_url": database_url})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(store: Store) -> None:
    """For a test about SQLite alone."""
    assert store.database.is_sqlite
