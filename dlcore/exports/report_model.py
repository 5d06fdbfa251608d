"""The model to try within a report: the ONNX file and what runs it, as text in the HTML."""

from __future__ import annotations

import base64
import gzip
import importlib
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlcore.browser.bundle import bundled_script
from dlcore.browser.plan import browser_plan
from dlcore.browser.runtime import SCRIPT, WASM, read_runtime
from dlcore.browser.wording import ANSWER, PICTURE, SHEET, answer_texts, picture_texts, sheet_look
from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.datasets.loader import open_samples
from dlcore.datasets.summary import dataset_style
from dlcore.errors import N_, DlcoreError
from dlcore.exports.base import Ask, ExportedRun, Inputs
from dlcore.exports.in_browser import browser_obstacle
from dlcore.exports.onnx import MODEL, OUTPUT, write_model
from dlcore.spec.signature import INPUT
from dlcore.text import html_text

POLICY = "script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:"
"""What a report may run that holds a model: itself, and the runtime that is unpacked in it."""

_MODEL = re.compile(r'<script type="application/octet-stream" id="try-model">([^<]*)</script>')


def check_can_be_tried(source: ExportedRun) -> None:
    """Checks that a report can hold the run's model.

    Raises:
        DlcoreError: why not.
    """
    obstacle = browser_obstacle(source.preparation, source.settings)
    if obstacle is not None:
        raise DlcoreError(obstacle.template, hint=obstacle.hint, where="try", **obstacle.params)


def model_part(source: ExportedRun) -> Iterator[str]:
    """Yields the HTML in which the model is tried."""
    say = source.translate
    plan = browser_plan(source.preparation, _style(source))
    about = {
        "plan": plan,
        "sheet": sheet_look(say),
        "picture": picture_texts(say),
        "answer": answer_texts(say),
    }
    yield f"<h2>{html_text(say(N_('Try it')))}</h2>"
    given = f"{SHEET if plan['drawing'] else ''}{PICTURE}"
    yield f"<div class='charts try'><div class='chart'>{given}</div><div class='chart'>{ANSWER}</div></div>"
    runtime = read_runtime(source.settings.browser_dir)
    assert runtime is not None, "checked before"
    yield _held("try-script", runtime[SCRIPT])
    yield _held("try-wasm", runtime[WASM])
    yield _held("try-model", gzip.compress(_model(source), mtime=0))
    yield f'<script type="application/json" id="try-about">{_json(about)}</script>'
    yield f'<script type="module">{bundled_script()}</script>'


def open_model(path: Path) -> Ask:
    """Returns what the model in a report answers in ONNX Runtime, as in the browser."""
    found = _MODEL.search(path.read_text(encoding="utf-8"))
    assert found is not None, "written with it"
    content = gzip.decompress(base64.b64decode(found[1]))
    onnxruntime = importlib.import_module("onnxruntime")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])

    def ask(inputs: Inputs) -> Any:
        (outputs,) = session.run([OUTPUT], {INPUT: inputs[INPUT].astype("float32")})
        return outputs.reshape(len(outputs), -1)

    return ask


def _model(source: ExportedRun) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, MODEL)
        write_model(source, path)
        return path.read_bytes()


def _style(source: ExportedRun) -> DrawingStyle:
    """Returns how the pictures of the dataset are drawn; as those of MNIST where it is gone."""
    try:
        samples = open_samples(source.preparation.spec.dataset, source.settings, use_network=False)
    except DlcoreError:
        return DrawingStyle()
    return dataset_style(samples)


def _held(name: str, content: bytes) -> str:
    return (
        f'<script type="application/octet-stream" id="{name}">{base64.b64encode(content).decode()}</script>'
    )


def _json(value: Any) -> str:
    # A name may hold what would end the script.
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
