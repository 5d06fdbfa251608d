"""The parts of the Data page."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dlcore.datasets import CATALOGUE, DatasetFacts, is_available
from dlcore.design.moving import changed_parts, move_to_dataset
from dlcore.errors import DlcoreError
from dlcore.field_path import ROOT
from dlcore.queue.corrections import lineage
from dlcore.records.corrections import answer_text
from dlcore.spec.base import Kind
from dlcore.spec.cleaning import Cleaning
from dlcore.spec.data import DataKind
from dlcore.spec.paths import DATASET, PREPROCESSING
from dlcore.text import shape_text, short_text
from dlcore.ui.data.cleaning import cleaning_preview
from dlcore.ui.forms.asking import ask
from dlcore.ui.forms.form import Form
from dlcore.ui.forms.search_mode import save, searched_dimensions
from dlcore.ui.shared import format as show
from dlcore.ui.shared.download import download
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.hidden import is_hidden, not_hidden
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import UPLOAD_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.owners import owner_text
from dlcore.web.context import context

LONGEST, MOST_WORDS = 200, 1_000
"""Characters of a title, and of a description, where there is room for them."""

MOVED = "moved_draft"
"""Where the session keeps the last choice of a dataset: the draft, and its experiment before and after."""


def choose_dataset(draft: WorkingDraft) -> None:
    """Shows the choice of the draft's dataset: built in, or your own."""
    library, current = context().library, draft.facts.name
    names = [*CATALOGUE.names(), *library.names()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = names if current in names else [current, *names]
        chosen = ask(
            f"{draft.id}.dataset",
            current,
            lambda key, shown: st.selectbox(
                _("Dataset"), names, index=names.index(shown), format_func=_called, key=key, width=420
            ),
        )
        st.page_link(UPLOAD_PAGE, label=_("Upload your own data"), icon=":material/upload_file:")
    if chosen and chosen != current:
        try:
            known = None if draft.lost else draft.facts
            moved = move_to_dataset(draft.lost or draft.spec, library.facts(chosen), known)
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
            return
        st.session_state[MOVED] = (draft.id, draft.lost or draft.spec, moved)
        draft.save(moved)
    _say_moved(draft)


def _say_moved(draft: WorkingDraft) -> None:
    """Shows what else the last choice of a dataset changed, and how to undo it, until something changes."""
    owner, before, after = st.session_state.get(MOVED, ("", draft.spec, None))
    if owner != draft.id or after != draft.spec or not draft.can_undo:
        return
    parts = changed_parts(before, after)
    if not parts:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            _("Changed to fit {dataset}: {parts}. All else is as you left it.").format(
                dataset=escape_name(_(draft.facts.title)), parts=", ".join(_(part) for part in parts)
            ),
            icon=":material/published_with_changes:",
            width="stretch",
        )
        if st.button(_("Undo"), key="undo_dataset", icon=":material/undo:"):
            draft.undo()


def _called(name: str) -> str:
    """Returns what a dataset is called in the list; one that a user added with its own name and owner."""
    if name in CATALOGUE:
        return _(CATALOGUE.get(name).facts.title)
    here = context()
    try:
        known = here.library.facts(name)
    except DlcoreError:  # damaged: it stands in the list, so that whoever chooses it reads why
        return name
    return f"{short_text(_(known.title))} ({name}) · {owner_text(known.owner)}"


def facts_card(draft: WorkingDraft) -> bool:
    """Shows what is known of the dataset; returns whether its files are here."""
    here, known = context(), draft.facts
    ready = is_available(known.name, here.settings)
    with st.container(border=True):
        badge = f":green-badge[{_('ready')}]" if ready else f":orange-badge[{_('not downloaded')}]"
        st.markdown(f"**{escape_name(_(known.title), LONGEST)}** {badge}")
        st.caption(escape_name(_(known.description), MOST_WORDS))
        st.table(_facts(known), border="horizontal")
        _lineage(known)
        if not ready:
            download(known.name)
    return ready


def _lineage(known: DatasetFacts) -> None:
    """Says what a corrected version was made of, and what was changed."""
    here = context()
    try:
        found = lineage(here.store, known.name, known.version)
    except DlcoreError:  # damaged: whoever opens its samples reads why
        return
    if found is None:
        return
    words = _("Corrected from {dataset}: {relabelled} relabelled, {excluded} excluded, {when}, by {owner}.")
    st.caption(
        ":material/history: "
        + words.format(
            dataset=escape_name(f"{found.dataset} {found.version}".strip()),
            relabelled=f"{found.relabelled:,}",
            excluded=f"{found.excluded:,}",
            when=show.time_ago(datetime.fromtimestamp(found.at, UTC)),
            owner=owner_text(found.owner),
        )
    )
    if found.corrections:
        with st.expander(_("What was changed"), icon=":material/difference:"):
            st.dataframe(
                {
                    _("Number"): [one.sample for one in found.corrections],
                    _("Old label"): [short_text(answer_text(one.given)) for one in found.corrections],
                    _("New label"): [
                        short_text(answer_text(one.label)) if one.label is not None else _("left out")
                        for one in found.corrections
                    ],
                },
                hide_index=True,
                key=f"lineage.{known.name}.{known.version}",
            )


def _facts(known: DatasetFacts) -> dict[str, str]:
    """Returns what a card says of a dataset, line by line."""
    lines = {_("Data"): f"{_(known.kind.value)} · {_(known.task.value)}"}
    if known.kind is DataKind.IMAGE:
        lines[_("Images")] = shape_text(known.input_shape) if known.input_shape else _("of different sizes")
    if known.kind is DataKind.AUDIO:
        lines[_("Recordings")] = _("{rate} Hz, at most {seconds} s").format(
            rate=f"{known.sample_rate:,}", seconds=f"{known.seconds:.1f}"
        )
    if known.task.classifies:
        lines[_("Classes")] = str(len(known.classes))
    elif known.kind is not DataKind.RATINGS:
        lines[_("Target")] = escape_name(", ".join(known.targets), LONGEST)
    sizes = (known.train_size, known.validation_size, known.test_size)
    lines[_("Samples")] = " + ".join(f"{size:,}" for size in sizes if size)
    if not known.version:
        lines[_("Download")] = show.size(known.download_bytes) if known.download_bytes else _("none needed")
    if known.licence:
        lines[_("Licence")] = escape_markdown(_(known.licence))
    if known.citation:
        # Of ours the addresses are links.
        lines[_("Source")] = known.citation if known.name in CATALOGUE else escape_markdown(known.citation)
    if known.version:
        lines[_("Version")] = known.version
    return lines


def split_form(draft: WorkingDraft) -> bool:
    """Shows how the data is cleaned, divided and prepared.

    Returns:
        Whether all that stands in the fields could be taken.
    """
    space = searched_dimensions(draft, DATASET)
    dataset, names = draft.spec.dataset, tuple(column.name for column in draft.facts.columns)
    own_test = bool(draft.facts.test_size)
    shown = ("split", "validation_fraction", *(() if own_test else ("test_fraction",)), "train_samples")
    problem = draft.report.problem
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{_('Preparation')}**")
        cleaning = Form(
            f"{draft.id}.cleaning",
            names=names,
            problem=problem.inside("dataset") if problem else None,
            fits=lambda kind: _fits(draft.facts, kind),
            dimensions=space,
        )
        dataset = cleaning.edit(dataset, only=not_hidden(("cleaning",), "dataset"))
        if not is_hidden("dataset.cleaning"):
            cleaning_preview(draft)
        form = Form(
            f"{draft.id}.split",
            names=names,
            problem=problem.inside("dataset") if problem else None,
            dimensions=space,
        )
        dataset = form.edit(dataset, only=not_hidden(shown, "dataset"))
        division = dataset.division(draft.facts)
        st.caption(
            _("{train} for training, {validation} for validation, {test} for the final test").format(
                train=f"{division.train:,}",
                validation=f"{division.validation:,}",
                test=f"{division.test:,}",
            )
        )
        steps = Form(
            f"{draft.id}.prepare",
            names=names,
            problem=problem if problem and problem.path.within(PREPROCESSING) else None,
            fits=lambda kind: _fits(draft.facts, kind),
            dimensions=space.under(ROOT) if space else None,
        )
        spec = steps.edit(draft.spec, only=not_hidden(("preprocessing",)))
        _seen(draft)
    orders = {path.under(DATASET): order for path, order in cleaning.orders.items()} | steps.orders
    save(draft, spec.model_copy(update={"dataset": dataset}), space, orders)
    return cleaning.valid and form.valid and steps.valid


def _fits(facts: DatasetFacts, kind: type[Kind]) -> bool:
    """Returns whether a step is for that kind of data."""
    if issubclass(kind, Cleaning) and kind.needs_classes and not facts.task.single_label:
        return False
    return facts.kind in getattr(kind, "data_kinds", DataKind)


def _seen(draft: WorkingDraft) -> None:
    """Shows what the model sees in the end."""
    inputs = draft.report.inputs
    if inputs:
        shapes = ", ".join(
            shape_text(one.shape) if len(inputs) == 1 else f"`{name}` {shape_text(one.shape)}"
            for name, one in inputs.items()
        )
        st.caption(_("The model sees {shapes}.").format(shapes=shapes))
