"""What all figures share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go

from dlcore.text import short_texts, visible_text

Translate = Callable[[str], str]

REFERENCE = {"dash": "dot", "width": 1.5, "color": "#868C9C"}
"""The line that something is compared with: grey, which is the colour of nothing that is measured, in either theme."""


def figure(traces: list[Any], *, height: int = 360, legend: bool = False, **layout: Any) -> go.Figure:
    """Returns a figure without a background of its own, with narrow margins and the legend above the plot.

    Args:
        traces: Plotly traces.
        height: in pixels.
        legend: whether to show it.
        layout: anything else Plotly's layout takes.
    """
    return go.Figure(
        traces,
        go.Layout(
            height=height,
            margin={"l": 8, "r": 8, "t": 32 if legend else 8, "b": 8},
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            showlegend=legend,
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
            **layout,
        ),
    )


def figure_text(text: str) -> str:
    """Returns a text that Plotly shows as it is: it takes tags and templates otherwise.

    Example:
        >>> figure_text("<b>%{x}</b>")
        '&lt;b&gt;%&#123;x&#125;&lt;/b&gt;'
    """
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("{", "&#123;"), ("}", "&#125;")):
        text = text.replace(sign, entity)
    return visible_text(text)


def figure_names(names: Sequence[str], most: int = 24) -> list[str]:
    """Returns what names are called in a figure: at most `most` letters and a number, no two of them alike.

    Example:
        >>> figure_names(["<b>", "cat"])
        ['&lt;b&gt;', 'cat']
    """
    titles = short_texts(names, most)
    return [figure_text(titles[name]) for name in names]


def category_axis(title: str, **axis: Any) -> dict[str, Any]:
    """Returns an axis of names; names that are numbers stay names."""
    return {"title": {"text": title}, "type": "category", "automargin": True, **axis}


def value_axis(title: str, **axis: Any) -> dict[str, Any]:
    """Returns an axis of numbers."""
    return {"title": {"text": title}, "automargin": True, **axis}
