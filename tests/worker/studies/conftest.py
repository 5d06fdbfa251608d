"""Settings that beat as in real life."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dlcore.settings import Settings
from dlcore.store import Store
from tests.search.runs import World, near_a_tenth


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


@pytest.fixture
def world(store: Store) -> World:
    """A driver with its studies, whose runs are best at a learning rate of 0.1."""
    return World(store, near_a_tenth)
