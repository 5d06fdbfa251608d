"""How pages describe uploaded models."""

from __future__ import annotations

from dlcore.errors import NotFoundError
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context


def model_title(model_id: str) -> str:
    """Returns what an uploaded model is called, as Markdown."""
    try:
        return f"**{escape_name(context().library.model(model_id).name)}**"
    except NotFoundError:
        return _("an uploaded model, which was deleted")
