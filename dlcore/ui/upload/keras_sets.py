"""A dataset of `keras.datasets` to import: chosen by name, downloaded, then inspected."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dlcore.datasets.ingest.keras_files import KerasSet, source_path
from dlcore.datasets.ingest.keras_sets import KERAS_SETS, PREFIX
from dlcore.queue.jobs import SourceFile
from dlcore.ui.shared import format as show
from dlcore.ui.shared.download import download
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_markdown
from dlcore.ui.upload.look import InspectedFile
from dlcore.web.context import context

KEY = "keras"


def name_in_url() -> str:
    """Returns the name in the URL, which a reload finds again; empty if there is none."""
    name = st.query_params.get(KEY, "")
    return name if name in KERAS_SETS else ""


def keras_source() -> InspectedFile | None:
    """Shows the field for a name; then, once it is downloaded, the file made of it."""
    names, before = list(KERAS_SETS), name_in_url()
    name = st.selectbox(
        _("Dataset"),
        names,
        index=names.index(before) if before else None,
        format_func=_called,
        key=KEY,
        placeholder=_("Choose one"),
        help=_("MNIST, Fashion-MNIST, CIFAR-10 and CIFAR-100 come with the program."),
    )
    if name is None:
        return None
    st.query_params[KEY] = name
    entry = KERAS_SETS[name]
    path = source_path(entry, context().settings)
    ready = path.is_file()
    with st.container(border=True):
        _card(entry)
        if not ready:
            download(PREFIX + name)
            return None
    # What the user would have typed as a title is in their language.
    known = replace(entry.choices, title=_(entry.title))
    return InspectedFile(SourceFile.at(path, path.name), f"keras.{name}", known)


def forget_name() -> None:
    """Forgets the name in the URL."""
    st.query_params.pop(KEY, None)


def _called(name: str) -> str:
    return f"{_(KERAS_SETS[name].title)} ({name})"


def _card(entry: KerasSet) -> None:
    st.caption(escape_markdown(_(entry.about.description)))
    st.table(
        {
            _("Download"): show.size(sum(file.size for file in entry.files)),
            _("Licence"): escape_markdown(_(entry.about.licence)),
            _("Source"): entry.about.citation,
        },
        border="horizontal",
    )
