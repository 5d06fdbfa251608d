"""Word vectors on the Build page: offered in the form of an Embedding, uploaded and removed in a tab of their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from dlcore.datasets.uploads import Upload, discard
from dlcore.datasets.vectors.stored import FoundText, StoredVectors
from dlcore.errors import DlcoreError
from dlcore.queue.jobs import (
    SourceFile,
    found_vectors,
    request_vectors_inspection,
    request_vectors_storing,
    vectors_of,
)
from dlcore.queue.vectors import remove_stored_vectors
from dlcore.records import Job, JobState
from dlcore.spec.data import DataKind
from dlcore.spec.describe import describe
from dlcore.spec.layers import Embedding, Layer
from dlcore.text import short_text
from dlcore.ui.shared import format as show
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import follow_job, show_until_done, wait_briefly
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.tables import date_column
from dlcore.ui.shared.uploads import sent_file
from dlcore.web.context import context

FIELD = "vectors"
"""Of an Embedding; also the place for the file, in the session and in the URL."""

STORING = "vectors_storing"
"""The job that stores a file, in the session and in the URL."""

GLOVE = "https://nlp.stanford.edu/projects/glove"
FASTTEXT = "https://fasttext.cc/docs/en/crawl-vectors.html"
ACCEPTED = (".txt", ".vec", ".zip", ".gz", ".bz2", ".xz", ".zst")


def takes_words(draft: WorkingDraft) -> bool:
    """Returns whether the draft's dataset is texts."""
    return draft.facts.kind is DataKind.TEXT


def shown_fields(draft: WorkingDraft, layer: Layer) -> list[str]:
    """Returns the fields of a layer's form: word vectors only where there are words, or some were chosen."""
    words = takes_words(draft) or bool(getattr(layer, FIELD, ""))
    return [field.name for field in describe(type(layer)) if words or field.name != FIELD]


def offered_vectors() -> Mapping[str, str]:
    """Returns how the stored word vectors are called in a form, by name."""
    return {one.name: f"{one.name} · {one.about.dimension}" for one in context().library.vectors()}


def fit_to_vectors(before: Layer, edited: Layer) -> Layer:
    """Returns an edited layer, as long as the word vectors that were just chosen for it."""
    if not isinstance(before, Embedding) or not isinstance(edited, Embedding):
        return edited
    if edited.vectors == before.vectors or edited.output_dim != before.output_dim:
        return edited
    chosen = [one for one in context().library.vectors() if one.name == edited.vectors]
    return edited.updated(output_dim=chosen[0].about.dimension) if chosen else edited


def word_vectors() -> None:
    """Shows the place for a file, how far it is stored, and what is stored already."""
    job = _followed_storing()
    if job is None:
        _new_file()
    else:
        _follow(job)
    _stored_vectors()


def _new_file() -> None:
    links = f"[{_('GloVe: English')}]({GLOVE}) · [{_('fastText: 157 languages')}]({FASTTEXT})"
    words = _("An Embedding layer can start with vectors of words that were learned from large texts.")
    st.markdown(f"{words} {links}")
    hint = _(
        "A .txt file of GloVe or a .vec file of fastText, also as .zip, .gz, .bz2, .xz or .zst; up to {limit}."
    )
    upload = sent_file(FIELD, accept=ACCEPTED, hint=hint)
    if upload is None:
        return
    try:
        file = SourceFile.of(upload)
    except DlcoreError as error:  # swept away meanwhile
        st.error(say(error), icon=":material/error:")
        return
    here = context()
    request = partial(request_vectors_inspection, here.store, file, owner=here.actor.id)
    job = wait_briefly(request())
    if show_until_done(
        job, _("Reading the file …"), partial(request, again=True), key="inspect_vectors_again"
    ):
        _choose(upload, file, _found(job.id, job.attempt))


@st.cache_data(max_entries=16, show_spinner=False)
def _found(job_id: str, attempt: int) -> tuple[FoundText, ...]:
    store = context().store
    return found_vectors(store, store.jobs.get(job_id))


def _choose(upload: Upload, file: SourceFile, texts: tuple[FoundText, ...]) -> None:
    """Shows what the file holds, and stores it under a name."""
    text = texts[0]
    if len(texts) > 1:
        names = {one.file: one for one in texts}
        chosen = st.selectbox(
            _("File in the zip"),
            list(names),
            format_func=lambda name: f"{short_text(name)} · {names[name].dimension}",
            key=f"vectors_file.{upload.token}",
        )
        text = names[chosen]
    words = " · ".join(map(escape_markdown, text.words))
    st.caption(
        _("Vector length: {dimension}. The first words: {words}").format(
            dimension=text.dimension, words=words
        )
    )
    name = st.text_input(_("Name"), value=text.name, key=f"vectors_name.{upload.token}.{text.file}")
    if not st.button(_("Store"), type="primary", icon=":material/save:", key="store_vectors"):
        return
    here = context()
    try:
        job = request_vectors_storing(here.store, file, text, name.strip(), owner=here.actor.id)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.session_state[STORING] = st.query_params[STORING] = job.id
    wait_briefly(job)
    st.rerun()


def _followed_storing() -> Job | None:
    """Returns the storing in the URL, else of this session, if any; a reload finds it again."""
    here = context()
    for job_id in (st.query_params.get(STORING), st.session_state.get(STORING)):
        job = here.store.jobs.find(job_id) if job_id else None
        if job is not None and job.what == STORING and job.owner == here.actor.id:
            st.session_state[STORING] = st.query_params[STORING] = job.id
            return job
    _forget_storing()
    return None


def _forget_storing() -> None:
    st.query_params.pop(STORING, None)
    st.session_state.pop(STORING, None)


def _follow(job: Job) -> None:
    """Shows how far it is while it runs; its outcome afterwards."""
    if not job.state.final:
        follow_job(job, _("Storing the word vectors …"))
        return
    if job.state is JobState.DONE:
        _done(job)
    elif job.reason is not None:
        st.error(say(job.reason), icon=":material/error:")
    else:
        st.info(_("Cancelled; nothing was stored."), icon=":material/cancel:")
    label = _("Upload another file") if job.state is JobState.DONE else _("Back to the file")
    st.button(label, icon=":material/arrow_back:", key="leave_vectors", on_click=_forget_storing)


def _done(job: Job) -> None:
    _discard_sent()
    try:
        stored = vectors_of(context().store, job)
    except DlcoreError as error:  # removed since, or too long ago
        st.error(say(error), icon=":material/error:")
        return
    st.success(
        _n("**{name}** is stored: {n} word.", "**{name}** is stored: {n} words.", stored.about.words).format(
            name=escape_name(stored.name), n=f"{stored.about.words:,}"
        )
        + " "
        + _("Choose it in the form of an Embedding layer."),
        icon=":material/check_circle:",
    )
    for note in stored.notes:
        st.warning(say(note), icon=":material/warning:")


def _discard_sent() -> None:
    """Removes the upload: its words are stored, and it is no longer needed."""
    here, token = context(), st.query_params.get(FIELD)
    upload = here.library.upload(token) if token else None
    if upload and upload.done:
        discard(upload)


def _stored_vectors() -> None:
    """Shows what is stored, with what can be done with the chosen one."""
    found = context().library.vectors()
    if not found:
        return
    st.markdown(f"**{_('Stored word vectors')}**")
    event = st.dataframe(
        _frame(found),
        key="stored_vectors",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height="content",
        column_config={
            "words": st.column_config.NumberColumn(_("Words"), format="localized"),
            "created": date_column(_("Stored")),
        },
        alt=_("Stored word vectors"),
    )
    rows = [row for row in event.selection.rows if row < len(found)]
    if rows and st.button(_("Remove"), icon=":material/delete:", key="remove_vectors"):
        _ask_removal(found[rows[0]])


def _frame(found: list[StoredVectors]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            _("Name"): [one.name for one in found],
            "words": [one.about.words for one in found],
            _("Vector length"): [one.about.dimension for one in found],
            _("On disk"): [show.size(one.size) for one in found],
            _("From"): [one.about.origin for one in found],
            _("Owner"): [one.about.owner for one in found],
            "created": pd.to_datetime([one.about.created_at for one in found], unit="s", utc=True),
        }
    )


def _ask_removal(stored: StoredVectors) -> None:
    def act() -> None:
        here = context()
        remove_stored_vectors(here.store, stored.name, actor=here.actor)
        st.rerun()

    text = _("They are deleted on this server. Runs that started with them keep what they took.")
    ask(
        Question(
            _("Remove these word vectors?"), text, _("Remove"), act, names=[stored.name], key="remove_sure"
        )
    )
