"""Fine-tuning on the pages: where a run came from, and what of it learns when."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.design.transplant import reset_weights
from dlcore.errors import DlcoreError, NotFoundError
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import fine_tuning_problem, report
from dlcore.spec.fine_tuning import FineTuning, FromModel, FromRun
from dlcore.spec.graph import LayerRow
from dlcore.spec.layers import APPLICATIONS, Application, BatchNormalization
from dlcore.spec.paths import FINE_TUNING
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.form import Form
from dlcore.ui.forms.search_mode import save, searched_dimensions
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.models import model_title
from dlcore.web.context import context

PHASES = ("head_epochs", "learning_rate_factor", "frozen", "rates", "backbone_share", "train_batch_norm")
ALL = ""


def fine_tuning_note(draft: WorkingDraft) -> None:
    """On the Data page: that the draft brings a trained body, and what to do now."""
    if draft.spec.fine_tuning is not None:
        st.info(
            _("This draft starts with {weights}. Choose the data to fine-tune it on.").format(
                weights=_source_title(draft)
            ),
            icon=":material/moving:",
        )


def fine_tuning_card(draft: WorkingDraft) -> bool:
    """Shows which layers learn when, for a draft that begins with trained weights.

    Returns:
        Whether all that stands in the fields could be taken.
    """
    tuning = draft.spec.fine_tuning
    if tuning is None:
        return True
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{_('Fine-tuning')}** · {_source_title(draft)}", width="content")
            if st.button(
                _("Train from scratch instead"),
                key="no_fine_tuning",
                type="tertiary",
                icon=":material/close:",
                help=_("Keeps the layers and starts with random weights."),
            ):
                draft.save(reset_weights(draft.spec))
        problem = fine_tuning_problem(draft.spec, draft.report)
        names = [layer.name for layer in draft.spec.model.layers]
        space = searched_dimensions(draft, FINE_TUNING)
        form = Form(
            f"{draft.id}.fine_tuning",
            problem=problem.inside("fine_tuning") if problem else None,
            names=names,
            dimensions=space,
        )
        edited = form.edit(_from_layer(draft, tuning), only=PHASES)
        _phases(draft, edited)
    save(draft, draft.spec.model_copy(update={"fine_tuning": edited}), space)
    return form.valid


def _from_layer(draft: WorkingDraft, tuning: FineTuning) -> FineTuning:
    """Returns the fine-tuning with the chosen first layer to train."""
    names = [row.name for row in draft.report.rows if row.parameters.total]
    current = tuning.unfreeze_from
    options = [ALL, *names] if current in (ALL, *names) else [ALL, current, *names]
    chosen = ask(
        f"{draft.id}.unfreeze_from",
        current,
        lambda key, shown: st.selectbox(
            _("In the second phase, learn from this layer on"),
            options,
            index=options.index(shown),
            format_func=lambda name: name or _("all layers"),
            key=key,
            persist_state=KEPT,
            help=_("All layers before it keep their weights throughout."),
        ),
    )
    return tuning if chosen == current else tuning.model_copy(update={"unfreeze_from": chosen})


def _source_title(draft: WorkingDraft) -> str:
    source = draft.spec.fine_tuning.source if draft.spec.fine_tuning else None
    match source:
        case FromRun():
            try:
                name = escape_name(context().store.runs.get(source.run).name)
            except NotFoundError:
                name = _("a run that was deleted")
            return _("weights of {name}").format(name=f"{name} `{source.run}`")
        case FromModel():
            return _("weights of {name}").format(name=model_title(source.model))
        case _:
            return _("weights of its backbone")


def _phases(draft: WorkingDraft, tuning: FineTuning) -> None:
    """For each layer with weights: where they come from, and what each phase does with them."""
    model, epochs = draft.spec.model, draft.spec.training.epochs
    brought = _brought(draft, tuning)
    fixed, shares = tuning.fixed(model), tuning.factors(model)
    rate = draft.spec.training.optimizer.learning_rate
    second = rate * tuning.learning_rate_factor
    head = min(tuning.head_epochs, epochs) if brought else 0
    held = [row for row in draft.report.rows if row.parameters.total]
    rows = {
        "layer": [row.name for row in held],
        "weights": [_("transferred") if row.name in brought else _("new") for row in held],
        "first": [_learns(row.name not in fixed | brought, rate, shares.get(row.name, 1.0)) for row in held],
        "second": [_learns(row.name not in fixed, second, shares.get(row.name, 1.0)) for row in held],
    }
    phases = [*(["first"] if head else []), *(["second"] if head < epochs else [])]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="phases",
        height="content" if len(held) <= 12 else 460,
        column_config={
            "layer": st.column_config.TextColumn(_("Name"), pinned=True),
            "weights": _("Weights"),
            "first": _epochs(1, head),
            "second": _epochs(head + 1, epochs),
        },
        column_order=["layer", "weights", *phases],
    )
    keeps = (BatchNormalization.__name__, *APPLICATIONS.names())
    if not tuning.train_batch_norm and any(row.name in brought and row.kind in keeps for row in held):
        st.caption(_("Batch normalization from the source keeps its statistics, as in inference."))


def _epochs(first: int, last: int) -> str:
    if first == last:
        return _("Epoch {n}").format(n=first)
    return _("Epochs {first} – {last}").format(first=first, last=last)


def _learns(learns: bool, rate: float, share: float) -> str:
    return _("trains at {rate}").format(rate=f"{rate * share:g}") if learns and share else _("stays")


def _brought(draft: WorkingDraft, tuning: FineTuning) -> frozenset[str]:
    """Returns the layers that will take weights: those that the source has in the same size under the same
    name.
    """
    own = [layer for layer in draft.spec.model.layers if isinstance(layer, Application) and layer.weights]
    names = {layer.name for layer in own}
    known = {(row.name, row.kind, row.parameters.total) for row in _source_rows(tuning)}
    rows = draft.report.rows
    return frozenset(
        names | {row.name for row in rows if (row.name, row.kind, row.parameters.total) in known}
    )


def _source_rows(tuning: FineTuning) -> tuple[LayerRow, ...]:
    """Returns the layers of the source as inferred; none where that is no longer known."""
    here = context()
    try:
        match tuning.source:
            case FromRun():
                spec = ExperimentSpec.from_dict(here.store.runs.get(tuning.source.run).spec)
                return report(spec, here.library.facts_in(spec.dataset)).rows
            case FromModel():
                return here.library.model(tuning.source.model).report.rows
            case _:
                return ()
    except DlcoreError:  # it was deleted: what is wrong is said when the run should start
        return ()
