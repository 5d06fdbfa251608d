"""Class by class: scores with their intervals, the pairs that are confused most, and the choice at a threshold."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.analysis.intervals import share_interval
from dlcore.analysis.samples import Flags
from dlcore.datasets.parts import Array
from dlcore.ui.lab.list import choose_pair
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared.address import open_tab
from dlcore.ui.shared.choices import choose_name
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.thresholds import choose_threshold

MOST_PAIRS = 20
LONG = 12


def classes_view(source: LabSource) -> None:
    """Shows how each class fares, which are taken for each other, and what another threshold would change."""
    if source.samples.task.single_label:
        left, right = st.columns([3, 2], gap="large")
        with right:
            _pairs(source)
    else:
        left = st.container()
    with left:
        _scores(source)
    _threshold(source)


def _scores(source: LabSource) -> None:
    st.subheader(
        _("By class"),
        anchor=False,
        help=_("Each share with the range that holds the true one in 95 of 100 cases."),
    )
    rows = [_score(source, place) for place in range(len(source.classes))]
    number = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="lab_scores",
        height="content" if len(rows) <= LONG else 460,
        column_config={
            "class": st.column_config.TextColumn(_("Class"), pinned=True),
            "precision": st.column_config.TextColumn(
                _("Precision"), help=_("Of the samples predicted as this class, the share that is correct.")
            ),
            "recall": st.column_config.TextColumn(
                _("Recall"), help=_("Of the samples of this class, the share that was predicted as such.")
            ),
            "f1": number("F1", format="%.1f%%", help=_("Their harmonic mean.")),
            "samples": number(_("Samples")),
        },
    )


def _score(source: LabSource, place: int) -> dict[str, object]:
    true, said = (_flags(values, place) for values in (source.samples.true, source.samples.predicted))
    hits, support, chosen = int((true & said).sum()), int(true.sum()), int(said.sum())
    return {
        "class": source.titles[place],
        "precision": _share(hits, chosen),
        "recall": _share(hits, support),
        "f1": 200 * hits / max(support + chosen, 1),
        "samples": support,
    }


def _flags(values: Array, place: int) -> Flags:
    found: Flags = values == place if values.ndim == 1 else values[:, place] == 1
    return found


def _share(hits: int, samples: int) -> str:
    """Returns a share with its interval, in per cent."""
    if not samples:
        return "–"
    interval = share_interval(hits / samples, samples)
    return f"{hits / samples:.1%}  ({interval.low:.0%} – {interval.high:.0%})"


def _pairs(source: LabSource) -> None:
    st.subheader(_("Confused most"), anchor=False, help=_("Choose a pair to see its samples."))
    counts = np.array(source.confusion)
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS]
    pairs = [
        (int(a), int(b)) for a, b in zip(*np.unravel_index(order, wrong.shape), strict=True) if wrong[a, b]
    ]
    if not pairs:
        st.info(_("No class was taken for another."), icon=":material/check_circle:")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "true": [source.titles[a] for a, _b in pairs],
                "predicted": [source.titles[b] for _a, b in pairs],
                "samples": [int(wrong[pair]) for pair in pairs],
                "share": [100 * wrong[pair] / max(int(counts[pair[0]].sum()), 1) for pair in pairs],
            }
        ),
        hide_index=True,
        key=f"lab_pairs.{source.part}",
        on_select=partial(_pair_chosen, f"lab_pairs.{source.part}", pairs),
        selection_mode="single-row",
        height="content" if len(pairs) <= LONG else 460,
        column_config={
            "true": _("True"),
            "predicted": _("Predicted"),
            "samples": st.column_config.NumberColumn(_("Samples"), width="small"),
            "share": st.column_config.NumberColumn(
                _("Proportion"), format="%.1f%%", width="small", help=_("Of all samples of the true class.")
            ),
        },
    )


def _pair_chosen(key: str, pairs: list[tuple[int, int]]) -> None:
    rows = st.session_state[key].selection.rows
    if rows:
        choose_pair(*pairs[rows[0]])
        open_tab("view", "samples")


def _threshold(source: LabSource) -> None:
    """Shows the choice of one class against all others at a threshold."""
    classes, place = source.classes, 1 if len(source.classes) == 2 and source.samples.true.ndim == 1 else 0
    st.subheader(_("Yes or no at a threshold"), anchor=False)
    if len(classes) > 2 or source.samples.true.ndim == 2:
        place = choose_name(_("Class"), classes, key="lab_class")
    choose_threshold(
        _flags(source.samples.true, place),
        source.answers.answers[:, place].astype(np.float64),
        classes[place],
        key=f"lab.{place}",
    )
