"""Network: arrange layers, edit one at a time, and see shapes and parameters update."""

import streamlit as st

from dlcore.ui.build.exchange import exchange
from dlcore.ui.build.page import (
    layer_form,
    layer_list,
    script,
    start_over,
    totals,
)
from dlcore.ui.build.word_vectors import takes_words, word_vectors
from dlcore.ui.experiments.draft import Step, experiment_columns, experiment_head, start_card
from dlcore.ui.forms.search_mode import is_searching
from dlcore.ui.forms.structure import blocks
from dlcore.ui.shared.address import tabs
from dlcore.ui.shared.drafts import working_draft
from dlcore.ui.shared.hidden import is_hidden
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.layout import beside
from dlcore.ui.shared.links import TRAIN_PAGE
from dlcore.ui.shared.network import model_diagram, model_table

draft = working_draft()
report = draft.report

experiment_head(draft, Step.NETWORK)
forms, card = experiment_columns()
with forms:
    totals(draft, report)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        if not is_hidden("templates"):
            start_over(draft)
        layer_list(draft, report)
        if is_searching(draft):
            blocks(draft)
    with right, beside("layers"):
        valid = layer_form(draft, report)

    views = {
        "table": (_("Table"), lambda: model_table(report)),
        "diagram": (_("Diagram"), lambda: model_diagram(draft.spec.model, report)),
    }
    if not is_hidden("exchange"):
        views["script"] = (_("Keras script"), lambda: script(draft, report))
        views["file"] = (_("Import and export"), lambda: exchange(draft))
    if takes_words(draft):
        views["vectors"] = (_("Word vectors"), word_vectors)
    for name, tab in tabs({name: title for name, (title, _view) in views.items()}, key="view").items():
        with tab:
            views[name][1]()
    st.page_link(TRAIN_PAGE, label=_("Next: train it"), icon=":material/arrow_forward:")
with card:
    start_card(draft, Step.NETWORK, valid=valid)
