"""The head of the page: which runs are compared, how they are grouped, and with which; all of it in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dlcore.access.permissions import Kind
from dlcore.comparison import MOST_RUNS, Comparison, compare_runs
from dlcore.comparison.settings import setting_of
from dlcore.records import Run
from dlcore.records.shares import Thing
from dlcore.store.filters.fields import find_field
from dlcore.store.filters.reading import field_value
from dlcore.ui.runs.columns import title_of
from dlcore.ui.runs.comparison.lines import Line, lines_of, short_run_names
from dlcore.ui.runs.comparison.repeating import repeat_form
from dlcore.ui.runs.comparison.source import (
    BASELINE,
    GROUP,
    SETTING,
    WHERE,
    Grouping,
    ask_for,
    asked_baseline,
    asked_runs,
    say_what_is_left_out,
)
from dlcore.ui.runs.groups import offered_groups
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.format import setting_text
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.sharing import may_share, sees_all, share_dialog, shown_notice
from dlcore.web.context import context

OFFERED = 200


@dataclass(frozen=True)
class ComparedRuns:
    """The runs of the page.

    Attributes:
        runs: in the order of the address.
        others: more runs, of which only the curves are drawn.
        names: short ones by id, no two alike.
        found: what they score, and what differs.
        lines: what is drawn and told as one: a run each, or a group each.
        together: whether these are groups.
    """

    runs: tuple[Run, ...]
    others: tuple[Run, ...]
    names: dict[str, str]
    found: Comparison
    lines: tuple[Line, ...]
    together: bool

    def line_of(self, run_id: str) -> Line:
        """Returns the line that a run belongs to; its place gives both their hue."""
        return next(line for line in self.lines if run_id in line.ids)

    @property
    def baseline(self) -> Line:
        """The line that the others are compared with."""
        return self.line_of(self.found.baseline)


def compared_runs() -> ComparedRuns:
    """Draws the head of the page; returns the runs that the address asks for. Without any it says so, and ends."""
    head = st.container(horizontal=True, vertical_alignment="center")
    head.title(_("Compare"), anchor=False, width="content")
    asked = asked_runs()
    say_what_is_left_out(asked)
    if not asked.runs:
        with head:
            st.space("stretch")
            _choose_runs((), {})
        st.info(_("Choose the runs to compare: here, or in the table of runs."), icon=":material/info:")
        st.page_link(RUNS_PAGE, label=_("All experiments"), icon=":material/table_chart:")
        st.stop()
    runs, names = asked.runs, short_run_names([*asked.runs, *asked.others])
    facts = head.container(width="stretch")
    with head:
        grouping = _choose_groups(runs)
    versions = tuple((run.id, run.attempt, run.state.value, sees_all(run)) for run in runs)
    found = _compared(versions, runs, asked_baseline(runs), tuple(field.name for field in grouping.by))
    lines = lines_of(found, names, together=grouping.together)
    chosen = ComparedRuns(runs, asked.others, names, found, lines, grouping.together)
    facts.markdown(f":gray[{_facts(found)}]")
    with head:
        _choose_baseline(chosen)
        _choose_runs(runs, names)
        _share(runs)
    if not all(sees_all(run) for run in runs):
        shown_notice([Thing(Kind.RUN, run.id) for run in runs if not sees_all(run)])
    if len(runs) == 1:
        st.info(_("Add another run to compare it with."), icon=":material/info:")
    return chosen


def _share(runs: Sequence[Run]) -> None:
    """Shows the button that shares this comparison, if all of the runs are the actor's."""
    mine = all(run.owner == context().actor.id for run in runs)
    if may_share() and mine and len(runs) > 1 and icon_button(_("Share"), "share", "share_comparison"):
        share_dialog([Thing(Kind.RUN, run.id) for run in runs])


@st.cache_data(max_entries=32, show_spinner=False)
def _compared(
    versions: tuple[tuple[str, int, str, bool], ...], _runs: Sequence[Run], baseline: str, by: tuple[str, ...]
) -> Comparison:
    """Returns the comparison; it is another one when a run is resumed or ends."""
    fields = [field for name in by if (field := find_field(name))]
    return compare_runs(context().store, _runs, baseline=baseline, by=fields)


def _facts(found: Comparison) -> str:
    """Returns how many runs they are, on what, and whether they were tested on the same samples."""
    runs, words = found.runs, _n("{n} run on {datasets}", "{n} runs on {datasets}", len(found.runs))
    datasets = ", ".join(escape_name(one) for one in dict.fromkeys(run.dataset for run in runs))
    text = words.format(n=len(runs), datasets=datasets)
    samples = found.of(found.baseline).samples
    if not samples or not all(one.same_samples for one in found.results):
        return text
    count = _n("{n} test sample", "{n} test samples", samples).format(n=f"{samples:,}")
    return f"{text} · {count}"


def _choose_groups(runs: Sequence[Run]) -> Grouping:
    """Shows the choice of what runs are grouped by, if any two of them have something in common."""
    asked = st.query_params.get(GROUP, "")
    titles = {"": _("Each run"), SETTING: _("Seeds together")}
    offered = _useful_fields(runs)
    known = Grouping.read(asked)
    if known.by and asked not in offered:
        offered.insert(0, asked)
    for name in offered:
        titles[name] = _("By {field}").format(field=", ".join(title_of(one) for one in name.split(",")))
    if len({setting_of(run.spec) for run in runs}) == len(runs) and asked != SETTING:
        del titles[SETTING]
    if len(titles) == 1:
        return Grouping(False)
    begin(GROUP, titles)
    if st.session_state.get(GROUP) not in titles:
        st.session_state[GROUP] = ""
    chosen = st.selectbox(
        _("Group by"),
        list(titles),
        format_func=titles.__getitem__,
        key=GROUP,
        help=_(
            "Runs of a group become one: a mean with a band, and an interval that knows how few they are."
        ),
        label_visibility="collapsed",
        width=200,
    )
    tell(GROUP, chosen, first="")
    return Grouping.read(chosen)


def _useful_fields(runs: Sequence[Run]) -> list[str]:
    """Returns the fields that divide the runs into groups: not all into one, nor each into one of its own."""
    found = []
    for name in offered_groups(runs):
        field = find_field(name)
        values = {setting_text(field_value(run, field)) for run in runs} if field else set()
        if 1 < len(values) < len(runs) and name != "seed":
            found.append(name)
    return found


def _choose_baseline(chosen: ComparedRuns) -> None:
    names = {line.ids[0]: line.name for line in chosen.lines}
    ids, own = list(names), chosen.baseline.ids[0]
    picked = st.selectbox(
        _("Baseline"),
        ids,
        index=ids.index(own),
        format_func=lambda one: _("Baseline: {name}").format(name=names[one]),
        # By the names, too: a browser keeps showing the chosen one as it was called when it was drawn.
        key=f"baseline.{own}.{'|'.join(names.values())}",
        label_visibility="collapsed",
        width=260,
    )
    if picked == own:
        return
    tell(BASELINE, picked, first=chosen.runs[0].id)
    st.rerun()


def _choose_runs(runs: Sequence[Run], names: dict[str, str]) -> None:
    here, ids = context(), [run.id for run in runs]
    with st.popover(_("Choose runs"), icon=":material/add:"):
        offered = {run.id: run for run in runs}
        for run in here.store.runs.list(owner=here.actor.id, archived=False, limit=OFFERED):
            offered.setdefault(run.id, run)
        chosen = st.multiselect(
            _("Runs"),
            list(offered),
            default=ids,
            format_func=lambda one: f"{offered[one].name} ({one})",
            max_selections=MOST_RUNS,
            key=f"compared.{','.join(ids)}",
            placeholder=_("choose or type"),
            width=420,
        )
        line = st.text_input(
            _("or all that a filter lets through"),
            value=st.query_params.get(WHERE, ""),
            key=f"compared.where.{st.query_params.get(WHERE, '')}",
            placeholder="tag:paper and accuracy > 0.9",
            icon=":material/filter_alt:",
        )
        if runs:
            repeat_form(runs, names)
    if line != st.query_params.get(WHERE, ""):
        ask_for(where=line) if line else ask_for(ids)
    if chosen != ids:
        ask_for(chosen)


def escaped_names(chosen: ComparedRuns) -> dict[str, str]:
    """Returns the names of the runs as Markdown shows them."""
    return {run_id: escape_markdown(name) for run_id, name in chosen.names.items()}
