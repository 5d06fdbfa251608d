"""What differs between the compared runs: numbers of the training, settings, layers; and only that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.comparison import SettingRow
from dlcore.plots.studies import short_names
from dlcore.records import Run
from dlcore.ui.runs.comparison.choice import ComparedRuns
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.markdown import escape_markdown, escape_name

MOST_IN_TABLE = 4
"""Runs that have room in a plain table; more are in one that scrolls."""


def settings(chosen: ComparedRuns) -> None:
    """Shows what differs, setting by setting; what differs from the baseline is bold."""
    found = chosen.found
    words = _("{n} of {total}").format(n=len(found.settings), total=found.settings_total)
    st.markdown(f"**{_('Settings that differ')}** :gray[{words}]")
    short = short_names(row.path for row in found.settings)
    rows = [*_numbers(chosen.runs), *((short[row.path], _texts(row)) for row in found.settings)]
    base = chosen.place(found.baseline)
    names = [chosen.names[run.id] for run in chosen.runs]
    if len(names) <= MOST_IN_TABLE:
        cells = [[_marked(text, texts[base]) for text in texts] for _path, texts in rows]
        index = [escape_name(path, 60) for path, _texts in rows]
        st.table(
            pd.DataFrame(cells, columns=[escape_markdown(name) for name in names], index=index),
            border="horizontal",
        )
        if len(names) > 1:
            equal = found.settings_total - len(found.settings)
            said = _n("{n} more is equal.", "{n} more are equal.", equal).format(n=equal)
            st.markdown(f":small[:gray[{_('Bold: differs from the baseline.')} {said}]]")
        return
    frame = pd.DataFrame([texts for _path, texts in rows], columns=names)
    frame.insert(0, "setting", [path for path, _texts in rows])
    first = st.column_config.TextColumn(_("Setting"), pinned=True)
    st.dataframe(frame, hide_index=True, key="settings_differ", column_config={"setting": first})


def networks(chosen: ComparedRuns) -> None:
    """Shows the layers in which the networks differ."""
    found = chosen.found
    words = _("{n} of {total}").format(n=len(found.layers), total=found.layers_total)
    st.markdown(f"**{_('Layers that differ')}** :gray[{words}]")
    if not found.layers:
        st.markdown(f":gray[{_('The networks are the same.')}]")
        return
    frame = pd.DataFrame(
        [row.texts for row in found.layers], columns=[chosen.names[run.id] for run in chosen.runs]
    )
    frame.insert(0, "layer", [row.name for row in found.layers])
    st.dataframe(
        frame,
        hide_index=True,
        key="layers_differ",
        height="content" if len(frame) <= 8 else 320,
        column_config={"layer": st.column_config.TextColumn(_("Layer"), pinned=True)},
        alt=_("Layers that differ"),
    )


def _numbers(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    """Returns what was counted of each run: it stands above its settings."""
    parameters = [run.workload.get("parameters") for run in runs]
    return [
        (_("Parameters"), ["–" if one is None else f"{one:,}" for one in parameters]),
        (_("Epochs"), [f"{run.epoch}" for run in runs]),
        (_("Duration"), [show.duration(run.seconds) for run in runs]),
    ]


def _texts(row: SettingRow) -> list[str]:
    return [setting_text(value) for value in row.values]


def setting_text(value: Any) -> str:
    """Returns a value of a setting in a few signs.

    Example:
        >>> [setting_text(one) for one in (None, 0.001, [3, 3], "Adam", True)]
        ['–', '0.001', '[3, 3]', 'Adam', 'true']
    """
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _marked(text: str, base: str) -> str:
    escaped = escape_name(text, 60)
    return escaped if text == base else f"**{escaped}**"
