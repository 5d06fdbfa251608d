"""How fast this machine trains."""

from __future__ import annotations

import streamlit as st

from dlcore.design.estimate import DEFAULT_FLOPS_PER_SECOND
from dlcore.web.context import context


@st.cache_data(ttl=10)
def speed() -> float:
    """Training work a second, from the latest finished runs on this machine."""
    rates = context().store.runs.recent_speeds()
    return sorted(rates)[len(rates) // 2] if rates else DEFAULT_FLOPS_PER_SECOND
