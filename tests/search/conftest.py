"""A store of one's own."""

import pytest

from dlcore.store import Store


@pytest.fixture
def store(settings):
    """A fresh store."""
    store = Store.open(settings)
    yield store
    store.close()
