"""The sources of the upload page."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

import streamlit as st

from dlcore.datasets.ingest import allowed_folder
from dlcore.datasets.uploads import discard
from dlcore.errors import DlcoreError
from dlcore.queue.jobs import SourceFile
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_markdown
from dlcore.ui.shared.uploads import sent_file
from dlcore.ui.upload import keras_sets
from dlcore.ui.upload.look import InspectedFile
from dlcore.web.context import context

KEY = "upload"
ACCEPTED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".csv", ".tsv", ".data", ".txt", ".parquet", ".xlsx", ".xls", ".xlsb", ".ods", ".json", ".jsonl", ".arff", ".feather", ".sqlite", ".db", ".dta", ".sav", ".zsav", ".sas7bdat",
            ".npz", ".mat", ".ts")  # fmt: skip


def discard_sent() -> None:
    """Removes the upload named in the URL: it is stored as a dataset, and no longer needed."""
    keras_sets.forget_name()
    here, token = context(), st.query_params.get(KEY)
    upload = here.library.upload(token) if token else None
    if upload and upload.done:
        discard(upload)


def chosen_source() -> InspectedFile | None:
    """Shows the sources to choose from: an upload, a Keras dataset, or, if allowed,
    a folder of the server.
    """
    sent, folder, keras = _("Upload a file"), _("A folder on the server"), _("From keras.datasets")
    ways = [sent, *([folder] if context().data_roots else []), keras]
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
    hint = _(
        "A zip or tar of images or sounds, a table, texts, ratings, or numbers as .npz, .mat or .ts; up to {limit}."
    )
    upload = sent_file(KEY, accept=ACCEPTED, hint=hint)
    return None if upload is None else InspectedFile(SourceFile.of(upload), upload.token)
