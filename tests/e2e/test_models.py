"""A person brings a model of Keras: sent in pieces, read by jobs, and fine-tuned."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ready
from tests.models.samples import dense, keras_file, layer, sequential, weights
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(180)]

UNITS = 900_000
"""So many that the file takes 58 MB."""


def large_model(path):
    def grow(file):
        del file["layers/dense/vars/0"], file["layers/dense/vars/1"]
        file["layers/dense/vars/0"] = np.ones((16, UNITS), np.float32)

    network = sequential(layer("Flatten"), dense(units=UNITS, use_bias=False), shape=(4, 4, 1))
    return keras_file(path, network, weights(grow))


def test_a_large_model_is_sent_found_after_a_reload_and_fine_tuned(page, store, tmp_path):
    page.goto("/build?view=file")
    ready(page)
    page.locator(".up-input").set_input_files(large_model(tmp_path / "large.keras"))
    expect(page.get_by_text("2 layers · 14.4 M parameters · Input 4 × 4 × 1")).to_be_visible(timeout=60_000)

    page.reload()
    expect(page.get_by_text("large.keras · 57.6 MB")).to_be_visible()
    page.get_by_role("button", name="Fine-tune").click()

    def tuned():
        draft = store.drafts.latest(owner="local")
        return draft is not None and draft.spec.get("fine_tuning")

    wait_for(tuned)
    assert tuned()["source"]["kind"] == "FromModel"
