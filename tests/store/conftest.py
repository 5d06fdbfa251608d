from collections.abc import Iterator

import pytest

from dlcore.settings import Settings
from dlcore.store import Store


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings)
    yield opened
    opened.close()
