"""Values of widgets that no browser of ours would send: a widget that gets one is as nobody has touched it."""

from __future__ import annotations

import json
import logging
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import Serialized, Value, WStates

log = logging.getLogger(__name__)

_SAME = {"int_value": "double_value"}
"""The kind as which a field of numbers sends those without a fraction."""


def leave_out_unreadable() -> None:
    """Makes Streamlit take a value for none that is of another kind than its widget's, or that it cannot read.

    It reads the values of a session when a script asks for them, in 20 functions of its widgets, which rely on what their own
    part of the browser sends: another one (an array for a text, infinity for a whole number, what is no JSON) would end
    the script of the page with an exception, now and each time until its browser sends another one.
    """
    read = WStates.__getitem__
    if getattr(read, "leaves_out", False):
        return

    def read_or_leave_out(states: WStates, name: str) -> Any:
        state, widget = states.states.get(name), states.widget_metadata.get(name)
        if not isinstance(state, Serialized) or widget is None:
            return read(states, name)
        untouched = widget.deserializer(None)
        kind, reason = state.value.WhichOneof("value") or widget.value_type, "another kind"
        if _SAME.get(kind, kind) == _SAME.get(widget.value_type, widget.value_type):
            try:
                _check(kind, state.value, untouched)
                found = read(states, name)
                states.set_widget_metadata(
                    widget
                )  # reading has put the kind that was sent in place of its own
                return found
            except Exception as error:  # noqa: BLE001 - the edge to what strangers send, which is read in many ways
                reason = type(error).__name__
        log.warning("refused: a value of a widget that cannot be read (%s)", reason)
        states.states[name] = Value(untouched)
        return untouched

    read_or_leave_out.leaves_out = True  # type: ignore[attr-defined]
    WStates.__getitem__ = read_or_leave_out  # type: ignore[method-assign]


def _check(kind: str, value: WidgetState, untouched: object) -> None:
    """Looks at what Streamlit takes as it is, though no widget of ours can have it.

    Raises:
        ValueError: a component has no object, or nothing is chosen where one thing always is.
    """
    if kind == "json_value" and not isinstance(json.loads(value.json_value), dict):
        raise ValueError("no object")
    is_one = not isinstance(untouched, (list, type(None)))
    if kind == "string_array_value" and is_one and not value.string_array_value.data:
        raise ValueError("no choice")
