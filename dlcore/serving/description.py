"""What the service of a run takes and gives, as an OpenAPI 3.1 document."""

from __future__ import annotations

from typing import Any

from dlcore.datasets.fresh.rows import needed_columns
from dlcore.datasets.prepare.saved import Preparation
from dlcore.records import Run
from dlcore.records.predictions import SCORE
from dlcore.spec.data import Column, ColumnType, DataKind, Task
from dlcore.version import __version__

FILES = {DataKind.IMAGE: "image/*", DataKind.AUDIO: "audio/*"}
"""Kinds whose samples are files, and what the body of one is called."""

ROWS = frozenset({DataKind.TABLE, DataKind.SERIES, DataKind.RATINGS})

_GIVEN = {
    DataKind.IMAGE: "Image files in Base64, or one as the body.",
    DataKind.AUDIO: "Sound files in Base64, or one as the body.",
    DataKind.TEXT: "Texts.",
    DataKind.TABLE: "Rows by the names of their columns.",
    DataKind.SERIES: "The last rows of a series, the latest last; they are continued.",
    DataKind.RATINGS: "Pairs of a user and an item.",
    DataKind.ARRAY: "Arrays as nested lists.",
}
Schema = dict[str, Any]


def describe(run: Run, how: Preparation) -> Schema:
    """Returns the document.

    Args:
        run: whose model it is.
        how: knows what its samples look like.
    """
    kind = how.facts.kind
    samples = {"type": "array", "minItems": 1, "items": _sample(how), "description": _GIVEN[kind]}
    json_body = {
        "schema": {"type": "object", "required": ["samples"], "properties": {"samples": samples}},
    }
    content: Schema = {"application/json": json_body}
    if kind in FILES:
        content[FILES[kind]] = {"schema": {"type": "string", "format": "binary"}}
    error = {"description": "What is wrong, and what to do.", "content": _json(_object(error=_text()))}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": run.name,
            "version": run.id,
            "summary": f"{how.facts.task.value}, DL Studio {__version__}",
        },
        "paths": {
            "/predict": {
                "post": {
                    "operationId": "predict",
                    "summary": "Answers for new samples.",
                    "requestBody": {"required": True, "content": content},
                    "responses": {
                        "200": {"description": "An answer for each sample.", "content": _json(_answers(how))},
                        **dict.fromkeys(("400", "413", "415", "503"), error),
                    },
                }
            },
            "/healthz": {
                "get": {
                    "operationId": "healthz",
                    "summary": "Says that the service is there.",
                    "responses": {"200": {"description": "It is."}},
                }
            },
        },
    }


def _sample(how: Preparation) -> Schema:
    kind = how.facts.kind
    if kind in FILES:
        return {"type": "string", "contentEncoding": "base64", "contentMediaType": FILES[kind]}
    if kind in ROWS:
        columns = needed_columns(how)
        return {
            "type": "object",
            "required": [column.name for column in columns],
            "properties": {column.name: _cell(column) for column in columns},
        }
    if kind is DataKind.ARRAY:
        return {"type": "array", "description": f"Numbers of the shape {list(how.facts.input_shape or ())}."}
    return _text()


def _cell(column: Column) -> Schema:
    """Returns what may stand in a column: numbers may be written as they were in the file."""
    if column.type in (ColumnType.NUMBER, ColumnType.TIME):
        return {"type": ["number", "string", "null"]}
    known = {"examples": list(column.categories)} if column.categories else {}
    return {"type": ["string", "number", "boolean", "null"], **known}


def _answers(how: Preparation) -> Schema:
    facts = how.facts
    names = facts.classes if facts.task.classifies else ()
    value = {"type": "number"}
    values: Schema = {"type": "object", "additionalProperties": value}
    if facts.task is Task.RECONSTRUCTION:
        names = (SCORE,)
    if names:
        values["properties"] = dict.fromkeys(names, value)
    one = _object(sample=_text(), values=values, problem=_text())
    if how.threshold is not None:
        one["properties"]["unusual"] = {"type": "boolean"}
    if facts.task.classifies:
        one["properties"]["answer"] = {"type": "array", "items": {"enum": list(names)}}
    known = {} if how.threshold is None else {"threshold": value}
    return _object(
        task={"const": facts.task.value},
        **known,
        predictions={"type": "array", "items": one},
        notes={"type": "array", "items": _text()},
        metrics={"type": "object", "additionalProperties": value},
        milliseconds=value,
    )


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _text() -> Schema:
    return {"type": "string"}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}
