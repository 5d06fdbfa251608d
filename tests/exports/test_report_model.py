"""A report that holds the model to try: it answers as the run does, or there is none."""

import dataclasses
import re

import pytest

from dlcore.errors import DlcoreError
from dlcore.exports import EXPORTS, check_holds_model
from dlcore.exports.writing import export
from tests.browser.here import needs_runtime

pytestmark = pytest.mark.keras


def with_model(source):
    return dataclasses.replace(source, holds_model=True)


@needs_runtime
def test_its_model_agrees_with_the_run_and_it_may_load_nothing(home, tmp_path):
    made = export(with_model(home.source("cnn")), EXPORTS["report"], tmp_path)
    assert made.agreement.samples == 64 and made.agreement.difference <= 1e-4
    text = (tmp_path / made.file).read_text()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy.startswith("default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:;")
    assert "connect-src" not in policy


def test_without_the_choice_it_holds_none(home, tmp_path):
    made = export(home.source("cnn"), EXPORTS["report"], tmp_path)
    assert made.agreement is None
    text = (tmp_path / made.file).read_text()
    assert "wasm" not in text.partition("<script>")[0] and "try-model" not in text


@needs_runtime
def test_a_model_that_no_browser_can_ask_is_refused(home, tmp_path):
    with pytest.raises(DlcoreError, match="try: Only models for images can run in a browser"):
        export(with_model(home.source("table")), EXPORTS["report"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_the_runtime_it_says_how_to_fetch_it(home, tmp_path):
    source = home.source("cnn")
    settings = source.settings.model_copy(update={"browser_files": tmp_path / "none"})
    source = dataclasses.replace(source, settings=settings, holds_model=True)
    with pytest.raises(DlcoreError, match="Fetch it: `python -m dlcore browser-inference`"):
        export(source, EXPORTS["report"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_formats_hold_none():
    with pytest.raises(DlcoreError, match=r"csv: this format holds no model to try.*report"):
        check_holds_model(EXPORTS["csv"], True)
    check_holds_model(EXPORTS["report"], True)
    check_holds_model(EXPORTS["csv"], False)
