"""The sources of the upload page."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

import streamlit as st

from dlcore.datasets.ingest import allowed_folder
from dlcore.datasets.uploads import Upload, discard, find_upload, new_upload
from dlcore.errors import DlcoreError
from dlcore.queue.jobs import SourceFile
from dlcore.ui.components.uploader import uploader
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.upload import keras_sets
from dlcore.ui.upload.look import InspectedFile
from dlcore.web.context import context

KEY = "upload"
ACCEPTED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".csv", ".tsv", ".data", ".txt", ".parquet", ".xlsx",
            ".npz")  # fmt: skip


def current_upload() -> Upload:
    """Returns the upload in the URL, else of this session, else a new one; its token is put into the URL."""
    here = context()
    for token in (st.query_params.get(KEY), st.session_state.get(KEY)):
        upload = find_upload(token, here.settings) if token else None
        if upload and upload.owner == here.actor:
            break
    else:
        upload = new_upload(here.settings, owner=here.actor)
    st.session_state[KEY] = st.query_params[KEY] = upload.token
    return upload


def discard_sent() -> None:
    """Removes the upload named in the URL: it is stored as a dataset, and no longer needed."""
    keras_sets.forget_name()
    here, token = context(), st.query_params.get(KEY)
    upload = find_upload(token, here.settings) if token else None
    if upload and upload.owner == here.actor and upload.done:
        discard(upload)


def forget_upload(upload: Upload) -> None:
    """Removes this upload, with its bytes, for the next one."""
    discard(upload)
    st.session_state.pop(KEY, None)
    st.query_params.pop(KEY, None)


def chosen_source() -> InspectedFile | None:
    """Shows the sources to choose from: an upload, a Keras dataset, or, if allowed,
    a folder of the server.
    """
    sent, folder, keras = _("Upload a file"), _("A folder on the server"), _("From keras.datasets")
    ways = [sent, *([folder] if context().settings.data_roots else []), keras]
    way = st.segmented_control(
        _("Source"), ways, default=keras if keras_sets.name_in_url() else sent, key="way", required=True
    )
    if way == keras:
        return keras_sets.keras_source()
    keras_sets.forget_name()
    return _sent_file() if way == sent else _server_folder()


def _server_folder() -> InspectedFile | None:
    settings = context().settings
    roots = ", ".join(str(root) for root in settings.data_roots)
    path = st.text_input(
        _("Path"),
        key="path",
        persist_state="session",
        placeholder=f"{settings.data_roots[0]}/…",
        help=_("A folder or a file under {roots}.").format(roots=escape_markdown(roots)),
    )
    if not path:
        return None
    try:
        allowed = allowed_folder(Path(path.strip()), settings)
        file = SourceFile.at(allowed, allowed.name, _visit(allowed))
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return None
    return InspectedFile(file, f"path.{allowed}")


def _visit(folder: Path) -> str:
    """Tells this session's look at a folder from all others: what is in it changes unseen."""
    return str(st.session_state.setdefault(f"visit.{folder}", token_hex(4)))


def _sent_file() -> InspectedFile | None:
    """Shows the field for a file, until it is here; then its name."""
    upload = current_upload()
    if not upload.done:
        limit = show.size(context().settings.max_upload_mb * 10**6)
        uploader(
            upload,
            accept=ACCEPTED,
            hint=_(
                "A zip or tar of images or sounds, a table, texts, ratings, or numbers as .npz; up to {limit}."
            ).format(limit=limit),
            key=f"uploader.{upload.token}",
        )
        return None
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/draft: **{escape_name(upload.name)}** · {show.size(upload.size)}", width="stretch"
        )
        st.button(
            _("Another file"),
            icon=":material/swap_horiz:",
            key="another",
            on_click=forget_upload,
            args=(upload,),
        )
    return InspectedFile(SourceFile.at(upload.content, upload.name), upload.token)
