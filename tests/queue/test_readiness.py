"""What a machine says of itself to those who would send visitors to it."""

import os
import shutil
from collections import namedtuple
from unittest.mock import Mock

import pytest

from dlcore.queue.processes import own_identity
from dlcore.queue.readiness import is_ready, readiness

Usage = namedtuple("Usage", "total used free")
MB = 10**6


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"start_worker": False, "least_free_mb": 100})


@pytest.fixture
def free(monkeypatch):
    """Says how much of the disk is free."""

    def says(megabytes):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**12, 0, megabytes * MB))

    says(100)
    return says


@pytest.fixture
def supervised(store):
    assert store.workers.acquire(own_identity(), slots=1, lost_seconds=60.0, is_gone=lambda _who: False)


def test_all_is_well(store, settings, supervised, free):
    parts = readiness(settings, store)
    assert parts == {"store": "ok", "supervisor": "ok", "disk": "ok"}
    assert is_ready(parts)


def test_without_a_supervisor_it_is_ready_only_if_it_starts_one(store, settings, free):
    parts = readiness(settings, store)
    assert parts["supervisor"] == "none is alive"
    assert not is_ready(parts)

    parts = readiness(settings.model_copy(update={"start_worker": True}), store)
    assert parts["supervisor"] == "ok: none is alive, one is started"
    assert is_ready(parts)


def test_a_disk_that_is_almost_full_is_named(store, settings, supervised, free):
    free(99)
    parts = readiness(settings, store)
    assert parts == {"store": "ok", "supervisor": "ok", "disk": "less than 100 MB are free"}
    assert not is_ready(parts)


def test_a_home_that_is_gone_is_named(store, settings, supervised, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", Mock(side_effect=FileNotFoundError))
    assert readiness(settings, store)["disk"] == "the home folder cannot be read"


@pytest.mark.usefixtures("sqlite")
def test_a_store_that_does_not_answer_is_named_and_the_log_says_why(store, settings, free, caplog):
    store.close()
    for name in ("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"):
        (settings.home / name).unlink(missing_ok=True)
    (settings.home / "store.sqlite").write_bytes(os.urandom(4096))

    parts = readiness(settings, store)

    assert parts["store"] == "it does not answer"
    assert str(settings.home) not in str(parts)
    assert not is_ready(parts)
    assert str(settings.home) in caplog.text
