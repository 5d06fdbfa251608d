"""A session that comes back has its source files watched no more than a new one."""

import pytest
from streamlit import config
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.pages_manager import PagesManager

from dlcore.web.unwatched import leave_unwatched
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _undone(monkeypatch):
    """What is changed in Streamlit is undone after each test."""
    monkeypatch.setattr(AppSession, "register_file_watchers", AppSession.register_file_watchers)


@pytest.fixture
def come_back():
    """A session as it is when its browser connects again, told to watch."""

    def register():
        session = AppSession.__new__(AppSession)
        session._state = AppSessionState.SHUTDOWN_REQUESTED  # else it would end itself once it is forgotten
        session._pages_manager = PagesManager(str(ROOT / "app.py"))
        session._local_sources_watcher = session._stop_config_listener = session._stop_pages_listener = None
        sessions.append(session)
        session.register_file_watchers()
        return session

    sessions = []
    yield register
    for session in sessions:
        session.disconnect_file_watchers()


@pytest.mark.parametrize(("watcher", "watched"), [("none", False), ("auto", True)])
def test_files_are_watched_only_where_the_setting_says_so(come_back, watcher, watched):
    before = config.get_option("server.fileWatcherType")
    config.set_option("server.fileWatcherType", watcher)
    try:
        leave_unwatched()
        assert (come_back()._local_sources_watcher is not None) == watched
    finally:
        config.set_option("server.fileWatcherType", before)
