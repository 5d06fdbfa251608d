"""Many samples at once: a table, or a folder packed into a zip, answered as CSV."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.uploads import Upload
from dlcore.errors import DlcoreError
from dlcore.queue.jobs import SourceFile, predictions_of, request_prediction
from dlcore.records.predictions import Predictions
from dlcore.spec.data import DataKind
from dlcore.ui.runs.trying.answer import show_notes
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.uploads import sent_file
from dlcore.web.context import context

FIELD = "try_file"
SHOWN_ROWS = 100

_TABLES = (".csv", ".tsv", ".xlsx", ".parquet", ".json", ".jsonl", ".zip", ".gz")
_ENDINGS = {
    DataKind.IMAGE: (".zip", ".tar", ".tgz", ".png", ".jpg", ".jpeg"),
    DataKind.AUDIO: (".zip", ".tar", ".tgz", ".wav", ".flac", ".ogg", ".mp3"),
    DataKind.ARRAY: (".npy", ".npz", ".mat"),
    DataKind.TEXT: (*_TABLES, ".txt", ".tar", ".tgz"),
}


def give_file(how: Preparation) -> Upload | None:
    """Draws the place for a file with many samples; returns the file once it is here."""
    hint = {
        DataKind.IMAGE: _("A zip with pictures, up to {limit}."),
        DataKind.AUDIO: _("A zip with recordings, up to {limit}."),
        DataKind.ARRAY: _("A file of arrays: .npy, .npz or .mat, up to {limit}."),
        DataKind.TEXT: _("A table with the texts, or a zip with text files, up to {limit}."),
    }.get(how.facts.kind, _("A table with the columns of the dataset, up to {limit}."))
    upload = sent_file(FIELD, accept=_ENDINGS.get(how.facts.kind, _TABLES), hint=hint)
    st.caption(_("The answers for all samples can be downloaded as CSV."))
    return upload


def answer_file(run_id: str, upload: Upload) -> None:
    """Shows what a run's model answers for all samples in a file, once that is known."""
    here = context()
    try:
        file = SourceFile.of(upload)
        request = partial(request_prediction, here.store, run_id, file, owner=here.actor.id)
        job = wait_briefly(request())
    except DlcoreError as error:  # swept away meanwhile
        st.error(say(error), icon=":material/error:")
        return
    again = partial(request, again=True)
    if show_until_done(job, _("Answering …"), again, key="try_file_again"):
        _show(_predictions(job.id, job.attempt))


@st.cache_data(max_entries=8, show_spinner=False)
def _predictions(job_id: str, attempt: int) -> Predictions:
    store = context().store
    return predictions_of(store, store.jobs.get(job_id))


def _show(found: Predictions) -> None:
    """Shows the first answers, what was noticed, and all answers as a file."""
    table = found.to_frame()
    with st.container(horizontal=True, vertical_alignment="center"):
        count = len(found)
        st.markdown(
            _n("**{n}** sample answered", "**{n}** samples answered", count).format(n=f"{count:,}"),
            width="stretch",
        )
        st.download_button(
            _("Download CSV"),
            # Excel needs the mark to read UTF-8.
            lambda: table.to_csv(index=False).encode("utf-8-sig"),
            file_name="answers.csv",
            mime="text/csv",
            icon=":material/download:",
            type="primary",
            key="try_csv",
            on_click="ignore",
        )
    if found.metrics:
        labels = show.labels()
        with st.grid(4, min_column_width=show.CARD, gap="small"):
            for name, value in found.metrics.items():
                st.metric(labels.get(name, name), show.metric(name, value), border=True)
    show_notes(found.notes)
    st.dataframe(table.head(SHOWN_ROWS), hide_index=True, key="try_table")
