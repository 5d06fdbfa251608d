"""What is left of the actor's budget, shown before they ask for more; nothing where nothing is limited."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from dlcore.budgets import ALLOWANCES, Limit
from dlcore.errors import BudgetError
from dlcore.queue.budgets import Account
from dlcore.queue.refusals import Left, as_number, free_text
from dlcore.queue.studies import most_runs
from dlcore.search.spec import SearchSpec
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, say, say_beside
from dlcore.web.context import context

_FOR_A_RUN = (Limit.MINUTES, Limit.QUEUED)


def account() -> Account:
    """Returns the account of whoever asks."""
    return Account.of(context().store)


def budget_row() -> Mapping[str, str]:
    """Returns a row for a table of what will run: what is left for it; none where nothing is limited."""
    here = account()
    parts = [left_text(here.left_of(limit)) for limit in _FOR_A_RUN if limit in here.budget]
    return {_("Left for you"): " · ".join(parts)} if parts else {}


def left_text(left: Left) -> str:
    """Returns what is left of a limit that is used up by and by.

    Example:
        >>> left_text(Left(Limit.MINUTES, most=30, used=12))
        '18 of 30 min today'
    """
    texts = {
        Limit.MINUTES: _("{left} of {most} min today"),
        Limit.QUEUED: _("places in the queue: {left} of {most}"),
    }
    return texts[left.limit].format(left=as_number(int(left.left)), most=as_number(left.most))


def run_refusal(draft: WorkingDraft) -> BudgetError | None:
    """Returns why a run of a draft would be refused, if its model fits and it would."""
    if draft.report.problem is not None:
        return None
    return _refusal(partial(account().check_run, draft.spec, draft.facts, draft.report))


def search_refusal(spec: SearchSpec) -> BudgetError | None:
    """Returns why a search would be refused, if it would."""
    return _refusal(partial(account().check_search, spec.experiment, most_runs(spec)))


def upload_refusal() -> BudgetError | None:
    """Returns why no file may be sent now, whatever its size, if that is so."""
    return _refusal(partial(account().check_upload, 0))


def largest_upload() -> float:
    """Returns the largest file that may be sent, in bytes."""
    return account().budget.get(Limit.DATASET, math.inf) * 10**6


def show_refusal(refusal: BudgetError | None) -> None:
    """Says why it would be refused, if it would."""
    if refusal is not None:
        st.warning(say_beside(refusal), icon=":material/hourglass_disabled:")


def limits_table(here: Account) -> dict[str, str]:
    """Returns the rows of a table: each limit, and what is left of it."""
    rows = {}
    for left in here.left():
        text = _("{left} of {most} left") if left.limit in _COUNTED else _("at most {most}")
        said = [text.format(left=as_number(int(left.left)), most=as_number(left.most))]
        if left.free_in is not None:
            said.append(say(free_text(left.free_in)))
        rows[_(ALLOWANCES[left.limit].title)] = " · ".join(said)
    return rows


_COUNTED = frozenset(
    {Limit.MINUTES, Limit.AT_ONCE, Limit.QUEUED, Limit.UPLOADS, Limit.DRAFTS, Limit.DISK, Limit.JOBS}
)
"""Limits of which requests take a part; each request alone is held to the others."""


def _refusal(check: Callable[[], None]) -> BudgetError | None:
    try:
        check()
    except BudgetError as error:
        return error
    return None
