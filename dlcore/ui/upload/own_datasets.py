"""Stored datasets: which there are, the outcome of storing one, its use and its removal."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.datasets.stored import StoredDataset
from dlcore.design.templates import proposal
from dlcore.errors import DlcoreError
from dlcore.queue import remove_dataset
from dlcore.spec.data import DatasetFacts
from dlcore.ui.shared import format as show
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.drafts import start_draft
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import DATA_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.upload.correction import class_table, refusals, table
from dlcore.web.context import context


def own_datasets() -> list[StoredDataset]:
    """Returns the stored datasets that can be opened, the latest first; damaged ones are shown, to be removed."""
    library, found = context().library, []
    for name in library.names():
        try:
            found.append(library.stored(name))
        except DlcoreError as error:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.warning(say(error), icon=":material/warning:", width="stretch")
                if st.button(_("Remove"), icon=":material/delete:", key=f"remove_damaged_{name}"):
                    _ask_removal(name, _("Whatever is left of it is deleted. This cannot be undone."))
    return sorted(found, key=lambda dataset: dataset.created_at, reverse=True)


def use_button(facts: DatasetFacts, *, key: str, primary: bool = False) -> None:
    """Starts a draft with a dataset and shows it on the page Data.

    Args:
        facts: of the dataset.
        key: of the button.
        primary: whether it is what the page is for.
    """
    if st.button(
        _("Use {name}").format(name=escape_name(facts.name)),
        type="primary" if primary else "secondary",
        icon=":material/arrow_forward:",
        key=key,
        help=_("Starts a draft with this dataset and the preparation and model proposed for it."),
    ):
        try:
            draft = start_draft(proposal(facts))
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
            return
        st.switch_page(DATA_PAGE, query_params={"draft": draft})


def ask_removal(dataset: StoredDataset) -> None:
    """Asks for confirmation, then removes a dataset."""
    words = _n(
        "Its {n} sample is deleted on this server. Runs that used it keep their results, but cannot go on. "
        "This cannot be undone.",
        "Its {n} samples are deleted on this server. Runs that used it keep their results, but cannot go on. "
        "This cannot be undone.",
        dataset.facts.size,
    )
    _ask_removal(dataset.facts.name, words.format(n=f"{dataset.facts.size:,}"))


def _ask_removal(name: str, consequence: str) -> None:
    def act() -> None:
        here = context()
        remove_dataset(here.store, name, actor=here.actor)
        st.rerun()

    ask(Question(_("Remove this dataset?"), consequence, _("Remove"), act, names=[name], key="remove_sure"))


def outcome(dataset: StoredDataset) -> None:
    """Shows what was stored, and what was rejected and why."""
    facts = dataset.facts
    st.success(
        _n("**{title}** is stored: {n} sample.", "**{title}** is stored: {n} samples.", facts.size).format(
            title=escape_name(facts.title), n=f"{facts.size:,}"
        ),
        icon=":material/check_circle:",
    )
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        for label, size in _sizes(facts):
            st.metric(label, f"{size:,}", border=True)
        st.metric(_("Refused"), f"{dataset.refused_count:,}", border=True)
    if dataset.refused:
        st.markdown(f"**{_('What was refused, and why')}**")
        refusals(dataset.refused, dataset.refused_count)
    _statistics(dataset)


def _sizes(facts: DatasetFacts) -> list[tuple[str, int]]:
    """Returns how many samples there are; part by part where the data itself has parts."""
    if facts.size == facts.train_size:
        return [(_("Samples"), facts.size)]
    parts = [(_("Training"), facts.train_size), (_("Validation"), facts.validation_size)]
    return [*parts, (_("Test"), facts.test_size)]


def _statistics(dataset: StoredDataset) -> None:
    """Shows what was counted and measured while it was stored."""
    found = dataset.statistics
    if counts := found.get("counts"):
        class_table(dataset.facts.classes, counts)
    if sizes := found.get("sizes"):
        names = [_("Height"), _("Width"), _("Channels"), _("Images")]
        table(pd.DataFrame(sizes, columns=names), _("Sizes of the images"))
    if words := found.get("words"):
        low, median, most, high = (f"{number:,}" for number in words)
        st.caption(
            _(
                "Words of a text: {low} to {high}; half have at most {median}, 19 of 20 at most {most}."
            ).format(low=low, high=high, median=median, most=most)
        )
    if columns := found.get("columns"):
        said = {"name": _("Column"), "missing": _("Missing"), "wrong": _("Wrong"), "low": _("Lowest"),
                "mean": _("Mean"), "high": _("Highest"), "std": _("Standard deviation")}  # fmt: skip
        table(pd.DataFrame(columns).rename(columns=said), _("Columns"))
