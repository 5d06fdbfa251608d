"""The process that decodes what is stored: the dashboard never opens a stranger's picture or recording itself."""

import io
import threading

import numpy as np
import psutil
import pytest
import streamlit as st
from PIL import Image

from dlcore.datasets import facts
from dlcore.errors import DatasetError, Message
from dlcore.processes.limits import Limits
from dlcore.processes.reader import sample_of
from dlcore.queue.reader import ReaderProcess, Wanted
from tests.datasets.makers import png, samples, stored, wav, zipped
from tests.waiting import wait_for

pytestmark = pytest.mark.processes

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


@pytest.fixture
def reader(settings):
    made = ReaderProcess(settings)
    yield made
    made.close()


@pytest.fixture
def pictures(settings, tmp_path):
    """A dataset whose first picture is known; its version."""
    files = {"a/0.png": png(PIXELS), "a/1.png": png(PIXELS // 2), "b/2.png": png(PIXELS[::-1])}
    stored(zipped(tmp_path / "pictures.zip", files), settings)
    return facts("it", settings).version


def test_a_picture_comes_back_as_it_was_stored(reader, pictures):
    assert reader.read("it", pictures, 0).tolist() == PIXELS.tolist()
    assert reader.read("it", pictures, 2).tolist() == PIXELS[::-1].tolist()


def test_a_recording_comes_back_as_one_channel(settings, reader, tmp_path):
    wave = np.array([0, 0.5, -0.5, 0.25] * 500)
    stored(zipped(tmp_path / "sounds.zip", {"a/0.wav": wav(wave), "b/1.wav": wav(-wave)}), settings)

    heard = reader.read("it", facts("it", settings).version, 0)

    assert heard.shape == (2000, 1) and heard.dtype == np.float32
    assert heard[:4, 0] == pytest.approx([0, 0.5, -0.5, 0.25], abs=1e-4)


def test_a_dataset_that_is_gone_is_said_and_the_next_one_is_read(reader, pictures):
    with pytest.raises(DatasetError, match="gone"):
        reader.read("gone", "1", 0)
    assert reader.read("it", pictures, 0).shape == (2, 3, 3)


def test_a_reader_that_was_killed_is_replaced(reader, pictures):
    reader.read("it", pictures, 0)
    first = reader.pid
    psutil.Process(first).kill()
    wait_for(lambda: reader.pid is None)

    assert reader.read("it", pictures, 0).shape == (2, 3, 3)
    assert reader.pid != first


def test_a_picture_that_needs_more_memory_than_a_job_may_use_is_refused_and_the_next_one_is_read(
    settings, tmp_path
):
    large = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(large, "PNG", compress_level=1)
    stored(zipped(tmp_path / "large.zip", {"a/0.png": png(PIXELS), "b/1.png": large.getvalue()}), settings)
    version = facts("it", settings).version
    reader = ReaderProcess(settings.model_copy(update={"job_memory_mb": 120}))
    try:
        with pytest.raises(DatasetError, match="more memory than there is"):
            reader.read("it", version, 1)
        assert reader.read("it", version, 0).tolist() == PIXELS.tolist()
    finally:
        reader.close()


def test_several_sessions_may_ask_at_once(reader, pictures):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(reader.read("it", pictures, 0))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [one.tolist() for one in found] == [PIXELS.tolist()] * 8


def test_a_bug_is_a_reason_and_not_the_end(settings, pictures):
    def opened(name, version):
        raise RuntimeError("boom")

    reply = sample_of(Wanted("it", pictures, 0), opened, Limits())

    assert isinstance(reply, Message) and "boom" in reply.text()


def test_the_page_of_a_dataset_decodes_nothing_itself(settings, pictures, monkeypatch):
    """The samples of the pages come from the reader; those of a job decode."""
    from dlcore.ui.shared import samples as pages
    from dlcore.web.context import context

    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    context.cache_clear()
    monkeypatch.setattr("dlcore.datasets.samples.decode_image", _never)
    try:
        assert pages.samples_of("it", pictures).read(0).tolist() == PIXELS.tolist()
        with pytest.raises(AssertionError):
            samples(settings).read(0)
    finally:
        context().reader.close()
        context().store.close()
        context.cache_clear()
        st.cache_resource.clear()


def _never(*_args, **_options):
    raise AssertionError("decoded here")
