"""The change set of a run's dataset: what is different, the version that is made of it, and what was trained on that."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dlcore.comparison.corrected import CorrectedComparison, compare_corrected
from dlcore.errors import DlcoreError
from dlcore.queue.corrections import (
    CorrectedVersion,
    change_set_of,
    corrected_versions,
    find_version_job,
    needs_name,
    proposed_name,
    request_version,
    runs_on,
    train_again,
)
from dlcore.records import Run, RunState
from dlcore.records.corrections import ChangeSet, answer_text
from dlcore.spec.metrics import METRICS
from dlcore.text import short_text
from dlcore.ui.lab.corrections import KINDS, PARTS, undo_button
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import show_until_done
from dlcore.ui.shared.links import COMPARE_PAGE, RUN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.web.context import context

LISTED = 200
"""Corrections that are listed one by one."""


def change_set(run: Run) -> None:
    """Shows what was said of the samples of a run's dataset, and makes a version of it; then the versions that there are."""
    here = context()
    found = change_set_of(here.store, run, owner=here.actor.id)
    if found.corrections:
        _difference(run, found)
        _apply(run, found)
    else:
        st.info(
            _("Nothing is corrected yet. Relabel, exclude or accept samples, and they collect here."),
            icon=":material/info:",
        )
    for made in corrected_versions(here.store, run, actor=here.actor):
        _version(run, made)


def _difference(run: Run, found: ChangeSet) -> None:
    with st.container(horizontal=True, key="change_counts"):
        for kind, title in KINDS.items():
            st.metric(_(title), f"{found.count(kind):,}", border=True, width=150)
    moves = found.moves.most_common(12)
    if moves:
        texts = [
            f"{escape_name(given)} → **{escape_name(label)}**: {count:,}" for (given, label), count in moves
        ]
        st.markdown(" · ".join(texts))
    table = pd.DataFrame(
        {
            "sample": [one.sample for one in found.corrections],
            "part": [_(PARTS.get(one.part, one.part)) for one in found.corrections],
            "what": [_(KINDS[one.kind]) for one in found.corrections],
            "from": [short_text(answer_text(one.given)) for one in found.corrections],
            "to": [short_text(answer_text(one.label)) for one in found.corrections],
        }
    )
    chosen = st.dataframe(
        table.head(LISTED),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        # A selection is kept as places of rows: another list is another table.
        key=f"change_set.{len(found.corrections)}.{found.content}",
        height="content" if len(table) <= 8 else 320,
        column_config={
            "sample": st.column_config.NumberColumn(_("Number"), width="small"),
            "part": _("Part"), "what": _("What becomes of it"), "from": _("Old label"), "to": _("New label"),
        },
    )  # fmt: skip
    rows = [found.corrections[place].sample for place in chosen.selection.rows]
    with st.container(horizontal=True, key="change_undo"):
        if rows:
            undo_button(run, rows, key="undo_chosen", title=_("Undo the chosen"))
        undo_button(run, None, key="undo_all", title=_("Undo all"))


def _apply(run: Run, found: ChangeSet) -> None:
    here = context()
    try:
        wants_name = needs_name(here.store, run)
    except DlcoreError as error:  # the dataset is gone
        st.warning(say(error), icon=":material/warning:")
        return
    job = find_version_job(here.store, run, actor=here.actor)
    if job is not None and not job.state.final:
        show_until_done(job, _("Making the corrected version"), lambda: None, key="correction_again")
        return
    if job is not None and job.reason is not None:
        st.error(say(job.reason), icon=":material/error:")
    if not found.changes:
        st.caption(_("Nothing would change: all of these are accepted as they are."))
        return
    name = ""
    with st.container(horizontal=True, vertical_alignment="bottom", key="change_apply"):
        if wants_name:
            name = st.text_input(
                _("Name of the corrected dataset"),
                proposed_name(run),
                key="corrected_name",
                width=300,
                help=_("A dataset that came along stays as it is: the corrected one becomes your own."),
            )
        if st.button(
            _("Make a corrected version"),
            icon=":material/published_with_changes:",
            type="primary",
            key="apply",
        ):
            attempt(lambda: request_version(here.store, run, actor=here.actor, name=name))


def _version(run: Run, made: CorrectedVersion) -> None:
    """Shows a version that was made, and what was trained on it."""
    here = context()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/history: **{escape_name(made.name)}** `{made.version}` · {lineage_text(made)}",
                width="stretch",
            )
            if st.button(
                _("Train again on the corrected data"),
                icon=":material/replay:",
                type="primary",
                key=f"train_again.{made.name}.{made.version}",
                help=_("The same experiment: all samples stay in the part that they are in."),
            ):
                attempt(lambda: train_again(here.store, run, made.name, made.version, actor=here.actor))
        for other in runs_on(here.store, made, actor=here.actor)[:5]:
            _other(run, other)


def lineage_text(made: CorrectedVersion) -> str:
    """Returns what was changed in a version, in words."""
    relabelled, excluded = made.lineage.relabelled, made.lineage.excluded
    return " · ".join(
        [
            _n("{n} relabelled", "{n} relabelled", relabelled).format(n=f"{relabelled:,}"),
            _n("{n} excluded", "{n} excluded", excluded).format(n=f"{excluded:,}"),
            show.time_ago(datetime.fromtimestamp(made.lineage.at, UTC)),
        ]
    )


def _other(run: Run, other: Run) -> None:
    """Shows a run on the corrected data, and how it compares."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            RUN_PAGE,
            label=escape_name(other.name),
            icon=":material/experiment:",
            query_params={"run": other.id},
        )
        st.page_link(
            COMPARE_PAGE,
            label=_("Compare"),
            icon=":material/compare:",
            query_params={"runs": f"{run.id},{other.id}"},
        )
    if other.state is not RunState.COMPLETED:
        return
    try:
        found = compare_corrected(context().store, run, other)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    if found is not None:
        _compared(found)


def _compared(found: CorrectedComparison) -> None:
    scale, unit = (100, " %") if METRICS[found.metric].is_share else (1, "")
    words = _(
        "On the {samples} test samples of both, by the corrected labels: {metric} {before} → {after}. {verdict}."
    )
    st.markdown(
        words.format(
            samples=f"{found.samples:,}",
            metric=show.measure_title(found.metric),
            before=f"{scale * found.before:.4g}{unit}",
            after=f"**{scale * found.after:.4g}{unit}**",
            verdict=say(found.difference.sentence(found.metric)),
        )
    )
    st.caption(
        _(
            "{relabelled} of them have another label since, and {left_out} of the earlier test part are left out. The numbers "
            "on the page of each run are of its own test part, so they are not comparable as they are."
        ).format(relabelled=f"{found.relabelled:,}", left_out=f"{found.left_out:,}")
    )
