"""A value that a widget cannot have is as none."""

import json
import logging

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import WStates

from dlcore.web.widget_values import leave_out_unreadable

UNTOUCHED = "untouched"


@pytest.fixture(autouse=True)
def _undone(monkeypatch):
    """What is changed in Streamlit is undone after each test."""
    monkeypatch.setattr(WStates, "__getitem__", WStates.__getitem__)


def states(read, kind, **value):
    """The state of one widget, whose value of that kind is read by a function."""
    found = WStates()
    found.set_widget_metadata(
        WidgetMetadata(
            id="it",
            deserializer=lambda one: UNTOUCHED if one is None else read(one),
            serializer=lambda one: one,
            value_type=kind,
        )
    )
    found.set_widget_from_proto(WidgetState(id="it", **value))
    return found


def anything(value):
    return value


def nothing_known(text):
    return {"a": 1}[text]


UNREADABLE = {
    "an array for a whole number": lambda: states(int, "double_value", int_array_value={"data": [1]}),
    "infinity for a whole number": lambda: states(int, "double_value", double_value=float("inf")),
    "what is no JSON": lambda: states(dict, "json_value", json_value="{"),
    "JSON of a depth that nobody reads": lambda: states(
        json.loads, "string_value", string_value="[" * 100_000
    ),
    "an option that there is not": lambda: states(nothing_known, "string_value", string_value="b"),
    "a text for a click": lambda: states(bool, "trigger_value", string_trigger_value={"data": "x"}),
    "a table for a component": lambda: states(anything, "json_value", arrow_value={"data": b"x"}),
    "bytes for a component": lambda: states(anything, "json_value", bytes_value=b"x"),
    "a text for a component": lambda: states(anything, "json_value", json_value='"x"'),
    "no choice where there always is one": lambda: states(list, "string_array_value", string_array_value={}),
    "a table for a choice": lambda: states(list, "string_array_value", arrow_value={"data": b"x"}),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_value_that_cannot_be_read_is_none(what, caplog):
    leave_out_unreadable()
    found = UNREADABLE[what]()

    with caplog.at_level(logging.WARNING):
        assert [found["it"], dict(found.items())] == [UNTOUCHED, {"it": UNTOUCHED}]
    assert [line.exc_info for line in caplog.records] == [None]


def test_streamlit_itself_ends_the_script_for_them():
    with pytest.raises((TypeError, ValueError, OverflowError, RecursionError)):
        _ = UNREADABLE["infinity for a whole number"]()["it"]


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("string_value", {"string_value": "x"}, "x"),
        ("double_value", {"int_value": 3}, "3"),
        ("double_value", {"double_value": 0.5}, "0.5"),
        ("string_array_value", {"string_array_value": {"data": ["a"]}}, "['a']"),
    ],
)
def test_a_value_that_can_be_read_is_read(kind, value, found):
    leave_out_unreadable()
    leave_out_unreadable()

    assert states(str, kind, **value)["it"] == found
    with pytest.raises(KeyError):
        _ = states(str, kind, **value)["other"]


def test_a_value_that_was_read_can_be_sent_as_what_the_widget_has():
    leave_out_unreadable()
    found = states(float, "double_value", int_value=3)
    assert found["it"] == 3.0

    assert [one.double_value for one in found.as_widget_states()] == [3.0]
