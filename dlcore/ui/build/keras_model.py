"""An uploaded Keras model: one job looks into its file, another keeps it for fine-tuning."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

import streamlit as st

from dlcore.datasets.uploads import Upload
from dlcore.errors import DlcoreError
from dlcore.models import InspectedModel
from dlcore.queue.jobs import (
    SourceFile,
    inspected_model,
    model_of,
    request_model_inspection,
    request_model_storing,
)
from dlcore.records import Job, JobState
from dlcore.text import shape_text
from dlcore.ui.build.trained import start_from_model
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import WorkingDraft, clear_entries
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import follow_job, show_until_done, wait_briefly
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.uploads import sent_file
from dlcore.web.context import context

KEY = "model"
"""Of the place for the file, in the session and in the URL."""

STORING = "storing"
"""Where the session keeps the job that stores a file, beside the draft that waits for it."""

WITH_WEIGHTS = ".keras"


def import_keras(draft: WorkingDraft) -> None:
    """Shows the place for a file, what the file holds, and what can be done with it."""
    st.markdown(
        f"**{_('A Keras model')}**",
        help=_(
            "Its layers are rebuilt here; nothing in the file is executed, and its weights are used "
            "only for fine-tuning."
        ),
    )
    hint = _("A .keras file, an older .h5 file for its layers, or the JSON of a config; up to {limit}.")
    upload = sent_file(KEY, accept=(WITH_WEIGHTS, ".h5", ".hdf5", ".json"), hint=hint)
    if upload is None:
        return
    try:
        file = SourceFile.of(upload)
    except DlcoreError as error:  # swept away meanwhile
        st.error(say(error), icon=":material/error:")
        return
    inspected = _inspected(file)
    if inspected is None:
        return
    _what_it_holds(inspected)
    with st.container(horizontal=True):
        if st.button(
            _("Use as my model"), key="use_keras", icon=":material/check:", help=_("Replaces all layers.")
        ):
            spec = draft.spec.updated(model=inspected.model, fine_tuning=None)
            clear_entries()
            draft.save(spec)
        if upload.name.endswith(WITH_WEIGHTS) and st.button(
            _("Fine-tune"),
            key="tune_keras",
            icon=":material/moving:",
            help=_("Stores the file, and starts with its weights and a new last layer."),
        ):
            _store(draft, upload, file)
    _follow_storing(draft)


def _inspected(file: SourceFile) -> InspectedModel | None:
    """Returns what a job has found in the file; None while that is not known, which is shown."""
    here = context()
    request = partial(request_model_inspection, here.store, file, owner=here.actor.id)
    job = wait_briefly(request())
    done = show_until_done(
        job, _("Reading the model …"), partial(request, again=True), key="inspect_keras_again"
    )
    return _content(job.id, job.attempt) if done else None


@st.cache_data(max_entries=16, show_spinner=False)
def _content(job_id: str, attempt: int) -> InspectedModel:
    store = context().store
    return inspected_model(store, store.jobs.get(job_id))


def _store(draft: WorkingDraft, upload: Upload, file: SourceFile) -> None:
    """Requests that the file is kept; the draft begins with it when it is."""
    here = context()
    name = PurePath(upload.name).stem[:100]
    job = request_model_storing(here.store, file, name, owner=here.actor.id)
    st.session_state[STORING] = (draft.id, job.id)
    wait_briefly(job)


def _follow_storing(draft: WorkingDraft) -> None:
    """Shows how far the check is; once the file is kept, the draft begins with its body."""
    waiting, job_id = st.session_state.get(STORING, ("", ""))
    job = context().store.jobs.find(job_id) if job_id else None
    if job is None or waiting != draft.id:
        return
    if not job.state.final:
        follow_job(job, _("Checking its weights …"))
        return
    del st.session_state[STORING]
    if job.state is JobState.DONE:
        _fine_tune(draft, job)
    elif job.reason is not None:
        st.error(say(job.reason), icon=":material/error:")


def _fine_tune(draft: WorkingDraft, job: Job) -> None:
    try:
        spec = start_from_model(draft, model_of(context().store, job))
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    clear_entries()
    draft.save(spec)


def _what_it_holds(inspected: InspectedModel) -> None:
    """Shows its layers, and what to know of them."""
    report = inspected.report
    layers = len(inspected.model.layers)
    parts = [_n("{n} layer", "{n} layers", layers).format(n=layers)]
    if report is not None:
        total = report.parameters.total
        parts.append(_n("{n} parameter", "{n} parameters", total).format(n=show.count(total)))
        parts += [_("Input {shape}").format(shape=shape_text(shape)) for shape in inspected.inputs.values()]
        parts.append(_("Output {shape}").format(shape=shape_text(report.output_shape)))
    st.markdown(f"**{escape_name(inspected.name)}** · " + " · ".join(parts))
    for note in inspected.notes:
        st.caption(say(note))
