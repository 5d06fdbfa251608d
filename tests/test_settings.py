"""Settings: every one reaches the processes that are started with them."""

from pathlib import Path

import pytest

from dlcore.errors import SettingsError
from dlcore.settings import Settings

OTHER = {
    "home": Path("/tmp/other"),
    "keras_home": Path("/tmp/keras"),
    "data_roots": (Path("/data/a"), Path("/data/b")),
    "allowed_hosts": ("dl.example.com", "*.lab.example.com"),
    "poll_seconds": 0.25,
    "start_worker": False,
    "owner": "ada, of London: mathematics",
}


def test_a_process_started_with_the_settings_has_the_same_ones(monkeypatch):
    given = Settings(**{**OTHER, "KERAS_HOME": OTHER["keras_home"]})
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == given
    assert Settings().allowed_hosts == ("dl.example.com", "*.lab.example.com")


def test_a_variable_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("DLCORE_SLOTS", "many")
    with pytest.raises(SettingsError, match=r"^DLCORE_SLOTS: this setting cannot be used: .* Correct the"):
        Settings.from_environment()


def test_another_home_takes_nothing_over_from_the_first(tmp_path):
    settings = Settings(home=tmp_path / "one", slots=3)
    assert settings.store_url.endswith("/one/store.sqlite")
    moved = settings.with_home(tmp_path / "two")
    assert (moved.home_dir, moved.slots) == (tmp_path / "two", 3)
    assert moved.store_url.endswith("/two/store.sqlite")
