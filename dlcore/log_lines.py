"""Lines of logs, for people or for programs, each with the request that it belongs to."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from dlcore.text import on_one_line


def _no_request() -> str:
    return ""


_teller: Callable[[], str] = _no_request


def tell_requests(teller: Callable[[], str]) -> None:
    """Lets a function say which request is being answered where it is called; the server has one."""
    global _teller
    _teller = teller


def current_request() -> str:
    """Returns the id of the request that is being answered here, or of the page's session; empty where there is none."""
    return _teller()


class TextLines(logging.Formatter):
    r"""Writes lines for people.

    Example:
        >>> record = logging.makeLogRecord({"created": 0.5, "levelname": "INFO", "name": "a.b", "msg": "two\nlines"})
        >>> TextLines().format(record)
        '1970-01-01T00:00:00.500Z INFO    a.b [-] two lines'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line of a record; a traceback follows in lines of its own."""
        said = facts_of(record)
        request = said.get("request", "-")
        line = f"{said['time']} {said['level']:7} {said['logger']} [{request}] {on_one_line(str(said['message']))}"
        return f"{line}\n{said['exception']}" if "exception" in said else line


class JsonLines(logging.Formatter):
    r"""Writes one JSON object a line.

    Example:
        >>> record = logging.makeLogRecord({"created": 0.5, "levelname": "INFO", "name": "a.b", "msg": "two\nlines"})
        >>> JsonLines().format(record)
        '{"time": "1970-01-01T00:00:00.500Z", "level": "INFO", "logger": "a.b", "message": "two\\nlines"}'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line of a record."""
        return json.dumps(facts_of(record))


def line_printer(name: str, *, as_json: bool) -> Callable[[str], None]:
    """Returns what prints the lines of a process whose output is its log.

    Args:
        name: of the logger that they are said to come from.
        as_json: whether they are for programs.
    """

    def write(line: str) -> None:
        # What a stranger has named must not look like another line.
        text = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {on_one_line(line)}"
        if as_json:
            text = JsonLines().format(
                logging.makeLogRecord(
                    {"name": name, "levelname": "INFO", "msg": line, "created": time.time()}
                )
            )
        with suppress(OSError):  # a disk too full for the log must not end the process
            print(text, flush=True)

    return write


def facts_of(record: logging.LogRecord) -> Mapping[str, Any]:
    """Returns what is said of a record: time in UTC, level, logger, request if any, message, and traceback if any."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    said = {
        "time": f"{moment}.{int(record.created * 1000) % 1000:03d}Z",
        "level": record.levelname,
        "logger": record.name,
    }
    if request := current_request():
        said["request"] = request
    said["message"] = record.getMessage()
    if record.exc_info:
        said["exception"] = logging.Formatter().formatException(record.exc_info)
    return said
