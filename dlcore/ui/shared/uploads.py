"""A place for one file that a user uploads: a field until it is here, then its name."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.access.acts import Act
from dlcore.datasets.uploads import Upload, discard, new_upload
from dlcore.errors import TooManyError
from dlcore.ui.components.uploader import uploader
from dlcore.ui.shared import format as show
from dlcore.ui.shared.budget import largest_upload, show_refusal, upload_refusal
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context


def current_upload(key: str) -> Upload:
    """Returns the upload in the URL, else of this session, else a new one; its token is put into the URL.

    Args:
        key: of the place, in the session and in the URL.
    """
    here = context()
    upload = known_upload(key)
    if upload is None:
        try:
            here.take(Act.UPLOAD)
        except TooManyError as error:
            st.warning(say(error), icon=":material/hourglass_top:")
            st.stop()
        upload = new_upload(here.settings, owner=here.actor.id)
    st.session_state[key] = st.query_params[key] = upload.token
    return upload


def known_upload(key: str) -> Upload | None:
    """Returns the upload in the URL, else of this session; None where there is none of your own."""
    here = context()
    for token in (st.query_params.get(key), st.session_state.get(key)):
        upload = here.library.upload(token) if token else None
        if upload:
            return upload
    return None


def forget_upload(key: str, upload: Upload) -> None:
    """Removes an upload, with its bytes, for the next one."""
    discard(upload)
    st.session_state.pop(key, None)
    st.query_params.pop(key, None)


def sent_file(key: str, *, accept: Sequence[str], hint: str, most_bytes: int | None = None) -> Upload | None:
    """Shows the place for a file, and returns the file once it is here, else None.

    Args:
        key: of the place.
        accept: the endings that the browser's dialog offers, with their dots.
        hint: what can be uploaded, in the reader's language; `{limit}` stands for the largest size.
        most_bytes: the largest file that is of use here; by default the largest that the dashboard takes.
    """
    upload = current_upload(key)
    if not upload.done:
        if not upload.size and (refusal := upload_refusal()) is not None:
            show_refusal(refusal)
            return None
        most = int(min(context().settings.max_upload_mb * 10**6, largest_upload()))
        limit = most if most_bytes is None else min(most, most_bytes)
        text = hint.format(limit=show.size(limit))
        uploader(upload, accept=accept, hint=text, limit=limit, key=f"uploader.{upload.token}")
        return None
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/draft: **{escape_name(upload.name)}** · {show.size(upload.size)}", width="stretch"
        )
        st.button(
            _("Another file"),
            icon=":material/swap_horiz:",
            key=f"another_{key}",
            on_click=forget_upload,
            args=(key, upload),
        )
    return upload
