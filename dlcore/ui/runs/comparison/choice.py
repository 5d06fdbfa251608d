"""Which runs are compared, and with which: all of it in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dlcore.comparison import Comparison, compare_runs, find_runs
from dlcore.errors import DlcoreError
from dlcore.queue.seeds import MOST_SEEDS, repeat_run
from dlcore.records import Run
from dlcore.store.filters import RunQuestion
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context

RUNS, LINE, BASELINE = "runs", "q", "baseline"
"""The parameters of the address: ids, or a filter; and the run that the others are compared with."""
MOST = 10
"""Runs in one comparison: more lines cannot be told apart, nor be drawn in half a second."""
OFFERED = 200


@dataclass(frozen=True)
class ComparedRuns:
    """The runs of the page.

    Attributes:
        runs: in the order of the address, which gives them their hues.
        names: short ones by id, no two alike.
        found: what they score, and what differs.
    """

    runs: tuple[Run, ...]
    names: dict[str, str]
    found: Comparison

    def place(self, run_id: str) -> int:
        """Returns the place of a run, which gives it its hue."""
        return next(place for place, run in enumerate(self.runs) if run.id == run_id)


def compared_runs() -> ComparedRuns:
    """Draws the head of the page; returns the runs that the address names. Without any the page says so and ends."""
    runs, missing, more = _named()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(_("Compare"), anchor=False, width="content")
        facts = st.container(width="stretch")
        if runs:
            _choose_baseline(runs)
        _choose_runs(runs)
    if missing:
        words = _n(
            "There is no run {ids}. It may have been deleted.",
            "There are no runs {ids}. They may have been deleted.",
            len(missing),
        )
        ids = ", ".join(f"'{escape_name(one)}'" for one in missing)
        st.warning(words.format(ids=ids), icon=":material/search_off:")
    if more:
        st.info(_("Only the first {n} are compared.").format(n=MOST), icon=":material/info:")
    if not runs:
        st.info(_("Choose the runs to compare: here, or in the table of runs."), icon=":material/info:")
        st.page_link(RUNS_PAGE, label=_("All runs"), icon=":material/table_chart:")
        st.stop()
    if len(runs) == 1:
        st.info(_("Add another run to compare it with."), icon=":material/info:")
    asked = st.query_params.get(BASELINE, "")
    baseline = asked if asked in [run.id for run in runs] else runs[0].id
    versions = tuple((run.id, run.attempt, run.state.value) for run in runs)
    found = _compared(versions, baseline)
    facts.markdown(f":gray[{_facts(found)}]")
    return ComparedRuns(tuple(runs), short_run_names(runs), found)


@st.cache_data(max_entries=32, show_spinner=False)
def _compared(versions: tuple[tuple[str, int, str], ...], baseline: str) -> Comparison:
    """Returns the comparison; it is another one when a run is resumed or ends."""
    store = context().store
    runs, _missing = find_runs(store, [run_id for run_id, _attempt, _state in versions])
    return compare_runs(store, runs, baseline=baseline)


def _named() -> tuple[list[Run], list[str], bool]:
    """Returns the runs that the address names, the ids of which there is none, and whether there are more."""
    here = context()
    ids = [one for one in st.query_params.get(RUNS, "").split(",") if one]
    if ids:
        runs, missing = find_runs(here.store, ids[: 10 * MOST])
        return runs[:MOST], missing, len(runs) > MOST
    line = st.query_params.get(LINE, "")
    if not line:
        return [], [], False
    try:
        asked = RunQuestion.read(line)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return [], [], False
    runs = list(here.store.runs.list(owner=here.actor, **asked.filters, limit=MOST + 1))
    return runs[:MOST], [], len(runs) > MOST


def _facts(found: Comparison) -> str:
    """Returns how many runs they are, on what, and whether they were tested on the same samples."""
    runs, words = found.runs, _n("{n} run on {datasets}", "{n} runs on {datasets}", len(found.runs))
    datasets = ", ".join(escape_name(one) for one in dict.fromkeys(run.dataset for run in runs))
    text = words.format(n=len(runs), datasets=datasets)
    others = [one for one in found.results if one.run.id != found.baseline]
    samples = found.of(found.baseline).samples
    if not samples or not all(one.same_samples for one in others):
        return text
    count = _n("{n} test sample", "{n} test samples", samples).format(n=f"{samples:,}")
    return f"{text} · {count}"


def _choose_baseline(runs: Sequence[Run]) -> None:
    names, ids = short_run_names(runs), [run.id for run in runs]
    asked = st.query_params.get(BASELINE, "")
    chosen = st.selectbox(
        _("Baseline"),
        ids,
        index=ids.index(asked) if asked in ids else 0,
        format_func=lambda one: _("Baseline: {name}").format(name=names[one]),
        key=f"baseline.{','.join(ids)}",
        label_visibility="collapsed",
        width=260,
    )
    if chosen == ids[0]:
        st.query_params.pop(BASELINE, None)
    else:
        st.query_params[BASELINE] = chosen


def _choose_runs(runs: Sequence[Run]) -> None:
    here, ids = context(), [run.id for run in runs]
    with st.popover(_("Choose runs"), icon=":material/add:"):
        offered = {run.id: run for run in runs}
        for run in here.store.runs.list(owner=here.actor, archived=False, limit=OFFERED):
            offered.setdefault(run.id, run)
        chosen = st.multiselect(
            _("Runs"),
            list(offered),
            default=ids,
            format_func=lambda one: f"{offered[one].name} ({one})",
            max_selections=MOST,
            key=f"compared.{','.join(ids)}",
            placeholder=_("choose or type"),
            width=420,
        )
        if runs:
            _repeat(runs)
    if chosen != ids:
        st.query_params.pop(LINE, None)
        st.query_params[RUNS] = ",".join(chosen)
        st.rerun()


def _repeat(runs: Sequence[Run]) -> None:
    """Offers one of the runs again with other seeds; the new runs are compared, too."""
    names, by_id = short_run_names(runs), {run.id: run for run in runs}
    with st.form("repeat", border=False):
        st.markdown(
            f"**{_('Again with other seeds')}**",
            help=_("What differs between runs of one setting is chance."),
        )
        run_id = st.selectbox(_("Run"), list(by_id), format_func=names.__getitem__, key="repeat_run")
        seeds = st.number_input(_("Seeds"), 1, MOST_SEEDS, 2, key="repeat_seeds")
        if not st.form_submit_button(_("Start"), icon=":material/play_arrow:", key="repeat_start"):
            return
    here = context()
    try:
        new = repeat_run(here.store, by_id[run_id], seeds=int(seeds), actor=here.actor)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.query_params.pop(LINE, None)
    st.query_params[RUNS] = ",".join([*by_id, *(run.id for run in new)])
    wake_worker()
    st.rerun()


def short_run_names(runs: Sequence[Run]) -> dict[str, str]:
    """Returns a name for each run by its id: without the dataset where all have the same, and never two alike."""
    prefix = f"{runs[0].dataset} · " if runs else ""
    usual = all(run.name.startswith(prefix) and len(run.name) > len(prefix) for run in runs)
    names = [run.name.removeprefix(prefix) if usual else run.name for run in runs]
    return {
        run.id: name if names.count(name) == 1 else f"{name} ({run.id})"
        for run, name in zip(runs, names, strict=True)
    }


def escaped_names(chosen: ComparedRuns) -> dict[str, str]:
    """Returns the names as Markdown shows them."""
    return {run_id: escape_markdown(name) for run_id, name in chosen.names.items()}
