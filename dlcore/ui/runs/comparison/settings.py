"""What differs between the compared runs: numbers of the training, settings, layers; and only that."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dlcore.comparison import SettingRow
from dlcore.plots.studies import short_names
from dlcore.records import Run
from dlcore.ui.runs.comparison.choice import ComparedRuns
from dlcore.ui.shared import format as show
from dlcore.ui.shared.format import setting_text
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.markdown import escape_markdown, escape_name

EPOCHS = "training.epochs"
"""The setting that the counted epochs are of."""
MOST_IN_TABLE = 4
"""Lines that have room in a plain table; more are in one that scrolls."""
MOST_IN_CELL = 3
"""Values of the runs of a group that have room in a cell."""


def settings(chosen: ComparedRuns) -> None:
    """Shows what differs, setting by setting; what differs from the baseline is bold."""
    found = chosen.found
    words = _("{n} of {total}").format(n=len(found.settings), total=found.settings_total)
    st.markdown(f"**{_('Settings that differ')}** :gray[{words}]")
    # Said in the row of the epochs.
    others = [row for row in found.settings if row.path != EPOCHS]
    short = short_names(row.path for row in others)
    of_runs = [*_numbers(chosen.runs), *((short[row.path], _texts(row)) for row in others)]
    rows = [(name, _by_line(chosen, texts)) for name, texts in of_runs]
    if len(chosen.lines) > MOST_IN_TABLE:
        _scrolled(chosen, rows)
        return
    base = chosen.baseline.place
    cells = [[_marked(text, texts[base]) for text in texts] for _name, texts in rows]
    names = [escape_markdown(line.name) for line in chosen.lines]
    index = [escape_name(name, 60) for name, _texts in rows]
    st.table(pd.DataFrame(cells, columns=names, index=index), border="horizontal")
    if len(names) > 1:
        equal = found.settings_total - len(found.settings)
        said = _n("{n} more is equal.", "{n} more are equal.", equal).format(n=equal)
        st.markdown(f":small[:gray[{_('Bold: differs from the baseline.')} {said}]]")


def _scrolled(chosen: ComparedRuns, rows: Sequence[tuple[str, Sequence[str]]]) -> None:
    frame = pd.DataFrame([texts for _name, texts in rows], columns=[line.name for line in chosen.lines])
    frame.insert(0, "setting", [name for name, _texts in rows])
    first = st.column_config.TextColumn(_("Setting"), pinned=True)
    st.dataframe(frame, hide_index=True, key="settings_differ", column_config={"setting": first})


def _by_line(chosen: ComparedRuns, texts: Sequence[str]) -> list[str]:
    """Returns for each line what the texts of its runs say: one, a few, or how many there are."""
    of_run = dict(zip((run.id for run in chosen.runs), texts, strict=True))
    found = []
    for line in chosen.lines:
        own = list(dict.fromkeys(of_run[run_id] for run_id in line.ids))
        few = len(own) <= MOST_IN_CELL
        found.append(", ".join(own) if few else _("{n} values").format(n=len(own)))
    return found


def networks(chosen: ComparedRuns) -> None:
    """Shows the layers in which the networks differ."""
    found = chosen.found
    words = _("{n} of {total}").format(n=len(found.layers), total=found.layers_total)
    st.markdown(f"**{_('Layers that differ')}** :gray[{words}]")
    if not found.layers:
        st.markdown(f":gray[{_('The networks are the same.')}]")
        return
    frame = pd.DataFrame(
        [_by_line(chosen, row.texts) for row in found.layers], columns=[line.name for line in chosen.lines]
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
        (_("Epochs"), [_epochs_text(run) for run in runs]),
        (_("Duration"), [show.duration(run.seconds) for run in runs]),
    ]


def _epochs_text(run: Run) -> str:
    """Returns how many epochs a run has trained, and of how many if that is not all."""
    if run.epoch == run.epochs:
        return f"{run.epoch}"
    return _("{done} of {total}").format(done=run.epoch, total=run.epochs)


def _texts(row: SettingRow) -> list[str]:
    return [setting_text(value) for value in row.values]


def _marked(text: str, base: str) -> str:
    escaped = escape_name(text, 60)
    return escaped if text == base else f"**{escaped}**"
