"""The stores of these tests: SQLite, or the PostgreSQL database that TEST_DATABASE_URL names."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.database import Database


@pytest.fixture
def settings(settings: Settings) -> Settings:
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        return settings
    database = Database(url)
    with database.write() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.close()
    return settings.model_copy(update={"database_url": url})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(store: Store) -> None:
    """Skips a test about SQLite alone where the store is another."""
    if not store.database.is_sqlite:
        pytest.skip("about SQLite")
