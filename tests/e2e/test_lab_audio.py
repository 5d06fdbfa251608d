"""From a word that is misheard to a run on corrected recordings, in a real browser."""

import io
import wave
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from dlcore.datasets.loader import open_samples
from dlcore.spec.experiment import DatasetSpec
from tests.e2e.conftest import ready
from tests.e2e.lab_walk import (
    card,
    choose_cell,
    compare,
    correct,
    explain,
    most_confused,
    open_lab,
    relabel,
    sample_number,
    stored_example,
    train_again,
    trained,
)

pytestmark = [
    pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip

METHODS = ("Grad-CAM", "Integrated gradients", "Occlusion")
CHART = ".stPlotlyChart"


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


@pytest.fixture
def run(store, page, shared_data):
    """Few epochs on spoken digits, of which many are still misheard."""
    spec = stored_example(store, "spoken_digits", shared_data / "spoken_digits.zip", **{"training.epochs": 3})
    return trained(page, store, spec)


def seconds_of(archive, name):
    """How long a recording of the archive is."""
    with ZipFile(archive) as files, wave.open(io.BytesIO(files.read(name))) as sound:
        return sound.getnframes() / sound.getframerate()


def axis_of(chart):
    """The numbers along the axis of time."""
    return [float(text) for text in chart.locator(".xtick text").all_text_contents()]


def test_from_a_misheard_word_to_a_run_on_corrected_recordings(page, store, run, shared_data):
    true, predicted = most_confused(store, run)
    open_lab(page, run)
    choose_cell(page, true, predicted, classes=10)
    expect(card(page).get_by_text(f"Answered {predicted}, is {true}")).to_be_visible()

    samples = open_samples(DatasetSpec(name="spoken_digits"), store.settings)
    name = samples.frame["name"].iloc[sample_number(page) - 1]
    player = card(page).locator("audio")
    expect(player).to_be_visible()
    length = "sound => new Promise((done) => { const tell = () => done(sound.duration); sound.readyState ? tell() : (sound.onloadedmetadata = tell) })"
    heard = player.evaluate(length)
    assert heard == pytest.approx(seconds_of(shared_data / "spoken_digits.zip", name), abs=0.01)
    # The recording is brought to one second, which is what the picture shows.
    spectrogram = card(page).locator(CHART).first
    expect(spectrogram.get_by_text("Seconds")).to_be_visible()
    assert axis_of(spectrogram)[-1] == 1

    for method in METHODS:
        card(page).get_by_role("radio", name=method).click()
        ready(page)
        explain(page)
        explained = card(page).locator(CHART).filter(has_text="What the answer rests on")
        expect(explained.locator("image")).to_have_count(2)
        expect(explained.get_by_text("Seconds")).to_be_visible()
        assert axis_of(explained)[-1] == 1
    relabel(page, str(true), str(predicted))

    correct(page)
    other = train_again(page, store)
    assert other.dataset == "spoken_digits"
    assert other.spec["dataset"]["version"] != run.spec["dataset"]["version"]

    compare(page)
    expect(page.get_by_text("spoken_digits").first).to_be_visible()
