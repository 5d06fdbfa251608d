"""Settings that beat as in real life."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dlcore.settings import Settings
from dlcore.store import Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose every folder lies in the test's own."""
    return Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """A fresh store, without the fake runs of the supervisor's tests."""
    opened = Store.open(settings)
    yield opened
    opened.close()
