"""Data: pick a dataset, look at it, and say how it is cleaned, divided and prepared."""

import streamlit as st

from dlcore.ui.data.augmentation import augmentation, can_augment
from dlcore.ui.data.page import choose_dataset, facts_card, split_form
from dlcore.ui.data.samples import show_view, views
from dlcore.ui.experiments.draft import Step, experiment_columns, experiment_head, start_card
from dlcore.ui.shared.address import tabs
from dlcore.ui.shared.drafts import working_draft
from dlcore.ui.shared.hidden import is_hidden
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import BUILD_PAGE
from dlcore.ui.train.fine_tuning import fine_tuning_note

draft = working_draft()

experiment_head(draft, Step.DATA)
forms, card = experiment_columns()
with forms:
    fine_tuning_note(draft)
    choose_dataset(draft)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        ready = facts_card(draft)
    with right:
        valid = split_form(draft)
    if ready:
        found = views(draft)
        if can_augment(draft) and not is_hidden("augmentation"):
            found["augmentation"] = (_("Augmentation"), augmentation)
        for name, tab in tabs({name: title for name, (title, _view) in found.items()}, key="view").items():
            with tab:
                show_view(found[name][1], draft)
    st.page_link(BUILD_PAGE, label=_("Next: build the model"), icon=":material/arrow_forward:")
with card:
    start_card(draft, Step.DATA, valid=valid)
