"""What the address of the page says: which runs, how they are grouped, and which is the baseline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from dlcore.comparison import Selection, select_runs
from dlcore.errors import DlcoreError
from dlcore.records import Run
from dlcore.store.filters import FilterError
from dlcore.store.filters.fields import Field, find_field
from dlcore.ui.shared.clock import now_there
from dlcore.ui.shared.gone import say_gone
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context

RUNS, WHERE, STUDY = "runs", "where", "study"
"""The parameters that say which runs: ids, a filter, or a search; the first one that is there counts."""
BASELINE, GROUP = "baseline", "group"
"""The parameters that hold the run that the others are compared with, and what the runs of a group have in common."""
SETTING = "setting"
"""What `GROUP` is where runs that differ only in their seed are a group."""

_NONE = Selection((), 0)
_MOST_NAMED = 200
"""Ids that are looked up, whatever a link holds."""


@dataclass(frozen=True)
class Grouping:
    """How runs are grouped.

    Attributes:
        together: whether they are.
        by: what the runs of a group have in common; nothing: all settings but for the seed.
    """

    together: bool
    by: tuple[Field, ...] = ()

    @classmethod
    def read(cls, text: str) -> Grouping:
        """Returns what the address says; fields of another version are left out."""
        if text == SETTING:
            return cls(True)
        fields = tuple(field for name in text.split(",") if name and (field := find_field(name)))
        return cls(bool(fields), fields)


def asked_runs() -> Selection:
    """Returns the runs that the address asks for; where it cannot be understood, none, after saying why."""
    here, asked = context(), st.query_params
    ids = [one for one in asked.get(RUNS, "").split(",") if one][:_MOST_NAMED]
    line, study = asked.get(WHERE, "").strip(), asked.get(STUDY, "")
    if not (ids or line or study):
        return _NONE
    try:
        return select_runs(here.store, ids, where=line, study=study, owner=here.actor.id, now=now_there())
    except FilterError as error:
        st.error(say(error), icon=":material/error:")
        st.code(error.mark(line), language=None)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
    return _NONE


def ask_for(ids: Iterable[str] = (), *, where: str = "") -> None:
    """Writes to the address which runs are compared, and runs the page again."""
    for name, value in ((RUNS, ",".join(ids)), (WHERE, where), (STUDY, "")):
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)
    st.rerun()


def asked_baseline(runs: Sequence[Run]) -> str:
    """Returns the id of the run that the others are compared with: the first one, if the address names none."""
    asked = st.query_params.get(BASELINE, "")
    return asked if asked in [run.id for run in runs] else runs[0].id


def say_what_is_left_out(found: Selection) -> None:
    """Says which of the runs that were asked for are not there, and which are too many."""
    if found.missing:
        say_gone(found.missing)
    if found.total > len(found.runs):
        if st.query_params.get(RUNS):
            words = _("The first {n} of {total} runs are compared; more cannot be told apart.")
        elif st.query_params.get(WHERE):
            words = _("The newest {n} of {total} runs are compared. Narrow the filter to see others.")
        else:
            words = _("The best {n} of {total} trials are compared.")
        st.info(words.format(n=len(found.runs), total=f"{found.total:,}"), icon=":material/info:")
