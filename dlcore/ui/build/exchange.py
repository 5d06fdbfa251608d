"""The Build page's tab "Import and export": experiments as text, models of Keras."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.spec import ExperimentSpec
from dlcore.text import file_name
from dlcore.ui.build.keras_model import import_keras
from dlcore.ui.shared.drafts import WorkingDraft, clear_entries
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context


def exchange(draft: WorkingDraft) -> None:
    """Shows the experiment as YAML or JSON, out and in; and a model of Keras, in."""
    kind = st.segmented_control(_("Format"), ["YAML", "JSON"], default="YAML", key="format", required=True)
    text = draft.spec.to_yaml() if kind == "YAML" else draft.spec.to_json()
    st.download_button(
        _("Download"),
        text,
        file_name=f"{file_name(draft.name)}.{str(kind).lower()}",
        icon=":material/download:",
        key="spec_file",
    )
    st.code(text, language=str(kind).lower(), height=320)
    left, right = st.columns(2, gap="medium")
    with left:
        _import_spec(draft)
    with right:
        import_keras(draft)


def _import_spec(draft: WorkingDraft) -> None:
    st.markdown(f"**{_('Import')}**")
    upload = st.file_uploader(
        _("A YAML or JSON file"), type=["yaml", "yml", "json"], key=f"{draft.entry_key}.upload"
    )
    pasted = st.text_area(_("or paste it here"), key=f"{draft.entry_key}.paste", height=120)
    if st.button(_("Import"), key="import", icon=":material/upload:", disabled=not (upload or pasted)):
        try:
            body = upload.getvalue().decode("utf-8", errors="replace") if upload else pasted
            spec = ExperimentSpec.from_text(body)
            context().library.facts_in(spec.dataset)
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
        else:
            clear_entries()
            draft.save(spec)
