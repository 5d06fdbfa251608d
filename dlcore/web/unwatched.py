"""Source files that nobody watches for a session that comes back."""

from __future__ import annotations

from streamlit import config
from streamlit.runtime.app_session import AppSession

_watch = AppSession.register_file_watchers


def leave_unwatched() -> None:
    """Makes Streamlit heed `server.fileWatcherType = "none"` for sessions that come back, too.

    It heeds that for new ones alone. For one whose connection broke off it looks at the files of all modules after each
    script that has imported another one, and no other session gets an answer meanwhile: half a second and more.
    """
    AppSession.register_file_watchers = _watch_if_wanted  # type: ignore[method-assign,assignment]


def _watch_if_wanted(session: AppSession) -> None:
    if config.get_option("server.fileWatcherType") != "none":
        _watch(session)
