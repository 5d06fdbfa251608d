"""The Build page's tab "Import and export": experiments as text, models of Keras."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dlcore.datasets import dataset_facts
from dlcore.design.keras_import import ImportedModel
from dlcore.errors import DlcoreError
from dlcore.models import add, read_model_file
from dlcore.spec import ExperimentSpec
from dlcore.ui.build.trained import start_from_model
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import WorkingDraft, clear_entries
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context


def exchange(draft: WorkingDraft) -> None:
    """Shows the experiment as YAML or JSON, out and in; and a model of Keras, in."""
    kind = st.segmented_control(_("Format"), ["YAML", "JSON"], default="YAML", key="format", required=True)
    text = draft.spec.to_yaml() if kind == "YAML" else draft.spec.to_json()
    st.download_button(
        _("Download"),
        text,
        file_name=f"{draft.spec.name}.{str(kind).lower()}",
        icon=":material/download:",
        key="spec_file",
    )
    st.code(text, language=str(kind).lower(), height=320)
    left, right = st.columns(2, gap="medium")
    with left:
        _import_spec(draft)
    with right:
        _import_keras(draft)


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
            dataset_facts(spec.dataset, context().settings)
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
        else:
            clear_entries()
            draft.save(spec)


def _import_keras(draft: WorkingDraft) -> None:
    st.markdown(f"**{_('A Keras model')}**")
    upload = st.file_uploader(
        _("A .keras file, or the JSON of its config"),
        type=["keras", "json"],
        key=f"{draft.entry_key}.keras",
        help=_(
            "Its layers are rebuilt here; nothing in the file is executed, and its weights are used "
            "only for fine-tuning."
        ),
    )
    if upload is None:
        return
    try:
        imported = read_model_file(upload)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    _what_it_holds(imported)
    with st.container(horizontal=True):
        if st.button(
            _("Use as my model"), key="use_keras", icon=":material/check:", help=_("Replaces all layers.")
        ):
            spec = draft.spec.updated(model=imported.model, fine_tuning=None)
            clear_entries()
            draft.save(spec)
        if upload.name.endswith(".keras") and st.button(
            _("Fine-tune"),
            key="tune_keras",
            icon=":material/moving:",
            help=_("Stores the file, and starts with its weights and a new last layer."),
        ):
            _fine_tune(draft, upload)


def _fine_tune(draft: WorkingDraft, upload: UploadedFile) -> None:
    """Keeps an uploaded model, and begins with its body."""
    here = context()
    try:
        with NamedTemporaryFile(suffix=".keras") as file, st.spinner(_("Reading its weights")):
            upload.seek(0)
            shutil.copyfileobj(upload, file)
            file.flush()
            kept = add(Path(file.name), here.settings, name=Path(upload.name).stem[:100], owner=here.actor)
        spec = start_from_model(draft, kept)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    clear_entries()
    draft.save(spec)


def _what_it_holds(imported: ImportedModel) -> None:
    """Shows its layers, and what to know of them."""
    report = imported.report
    layers = len(imported.model.layers)
    parts = [_n("{n} layer", "{n} layers", layers).format(n=layers)]
    if report is not None:
        total = report.parameters.total
        parts.append(_n("{n} parameter", "{n} parameters", total).format(n=show.count(total)))
        parts += [_("Input {shape}").format(shape=show.shape(one.shape)) for one in imported.inputs.values()]
        parts.append(_("Output {shape}").format(shape=show.shape(report.output_shape)))
    st.markdown(f"**{escape_name(imported.name)}** · " + " · ".join(parts))
    for note in imported.notes:
        st.caption(say(note))
