"""The log of a hosted dashboard: one form for the lines of all that runs in its process."""

from __future__ import annotations

import logging
from typing import TextIO

import streamlit.logger

from dlcore.log_lines import JsonLines, TextLines, tell_requests
from dlcore.settings import Mode, Settings
from dlcore.web.request_ids import request_id

_OF_UVICORN = ("uvicorn", "uvicorn.access", "uvicorn.error", "uvicorn.asgi")


class Lines(logging.StreamHandler[TextIO]):
    """Writes the lines of all loggers."""


def tells_requests(settings: Settings) -> bool:
    """Returns whether each request has an id, which stands in the lines of the log: not for one person at home."""
    return settings.mode is not Mode.LOCAL or settings.log_format == "json"


def set_up_logs(settings: Settings) -> None:
    """Gives all loggers one form, and their lines the request that they belong to.

    At home nothing is changed, unless lines for programs are wanted. To be called again after uvicorn has set up its own.
    """
    if not tells_requests(settings):
        return
    tell_requests(request_id)
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, Lines)]
    lines = Lines()
    lines.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root.addHandler(lines)
    logging.getLogger("dlcore").setLevel(logging.INFO)
    for name in _OF_UVICORN:
        _hand_on(logging.getLogger(name))
    # Streamlit gives each of its loggers a handler of its own, also those that it makes later.
    streamlit.logger.setup_formatter = _hand_on
    streamlit.logger.update_formatter()


def _hand_on(logger: logging.Logger) -> None:
    """Leaves the lines of a logger to the one handler."""
    logger.handlers = [one for one in logger.handlers if type(one) is not logging.StreamHandler]
    logger.propagate = True
