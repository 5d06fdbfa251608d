"""What time it is where the reader is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st


def now_there() -> datetime:
    """Returns the moment in the time zone of the browser; in the server's where it names none that there is."""
    zone = st.context.timezone
    try:
        return datetime.now(ZoneInfo(zone)) if zone else datetime.now().astimezone()
    except (KeyError, ValueError, OSError):  # no such zone, no name of one, a folder of them
        return datetime.now().astimezone()
