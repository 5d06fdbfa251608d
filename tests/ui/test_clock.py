"""The time where the reader is, whatever a browser calls its time zone."""

import pytest
from streamlit.runtime.context import ContextProxy

from dlcore.ui.shared.clock import now_there


@pytest.mark.parametrize(
    "zone", ["Nowhere/At all", "../../../etc/passwd", "America", "x" * 5_000, "a\x00b", "/etc/passwd"]
)
def test_a_time_zone_that_there_is_not_is_the_servers(monkeypatch, zone):
    monkeypatch.setattr(ContextProxy, "timezone", zone)

    assert now_there().utcoffset() is not None


def test_the_time_is_that_of_the_browser(monkeypatch):
    monkeypatch.setattr(ContextProxy, "timezone", "Asia/Kolkata")

    assert now_there().utcoffset().total_seconds() == 5.5 * 3600
