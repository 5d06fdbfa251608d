"""Where browsers get Plotly from, which takes them longer than all else of a page with charts."""

from __future__ import annotations

from pathlib import Path

import plotly
import streamlit as st

OWN = f"/vendor/plotly-{plotly.__version__}.min.js"
"""That of the Python package: for a Streamlit without the file below."""
PAGES = frozenset({"compare", "run", "study"})
"""The pages, by their names in addresses, that begin with a chart of our own."""


def _streamlits() -> str | None:
    """Returns where Streamlit serves the script of its own charts: with it comes the Plotly that we draw with, too.

    A page on which each had its own would keep a browser busy for another half a second.
    """
    found = sorted((Path(st.__file__).parent / "static" / "static" / "js").glob("PlotlyChart.*.js"))
    return f"/static/js/{found[0].name}" if len(found) == 1 else None


STREAMLITS = _streamlits()
SOURCES = {"streamlits": STREAMLITS, "own": OWN}
"""What `plotly.js` is told."""
