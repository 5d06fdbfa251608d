"""The page for your own data, where it asks how files and arrays are read."""

import io

import numpy as np
import pytest

from dlcore.datasets.stored import open_stored
from tests.datasets.makers import png, zipped
from tests.ui.conftest import sent, settle


@pytest.fixture
def opened(open_page, here):
    """Opens the page, whose file somebody has looked at by then."""
    return lambda token: settle(open_page("upload", upload=token), here)


def box(page, label):
    (found,) = [field for field in page.selectbox if field.label == label]
    return found


def store(page, here):
    page.button(key="store").click().run()
    settle(page, here)


def test_what_tells_the_classes_of_files_can_be_chosen(opened, here, tmp_path):
    files = {f"{n}_{who}_{kind}{n}.png": png(np.full((4, 4), n)) for n in range(6)
             for who, kind in [("ann" if n % 2 else "bob", "xy"[n // 3])]}  # fmt: skip
    page = opened(sent(here, "flat.zip", zipped(tmp_path / "x.zip", files).read_bytes()))
    assert page.button(key="store").disabled
    assert "not in folders named after their classes" in page.error[0].value

    box(page, "Classes from").set_value("2_").run()
    settle(page, here)

    assert not page.error
    store(page, here)
    assert open_stored("flat", here.settings).facts.classes == ("ann", "bob")


def test_a_pattern_of_ones_own_tells_the_classes(opened, here, tmp_path):
    files = {f"{n}{'cat' if n % 2 else 'dog'}.png": png(np.full((4, 4), n)) for n in range(4)}
    page = opened(sent(here, "pets.zip", zipped(tmp_path / "x.zip", files).read_bytes()))
    box(page, "Classes from").set_value("pattern").run()
    (field,) = [field for field in page.text_input if field.label == "Pattern"]
    field.set_value("[0-9]([a-z]+)").run()
    settle(page, here)
    store(page, here)
    assert open_stored("pets", here.settings).facts.classes == ("cat", "dog")


def test_arrays_with_nan_are_stored_once_it_is_chosen_what_becomes_of_it(opened, here):
    x = np.arange(12.0).reshape(6, 2)
    x[2, 1] = np.nan
    content = io.BytesIO()
    np.savez(content, x=x, y=np.arange(6) % 2)
    page = opened(sent(here, "gappy.npz", content.getvalue()))
    assert "Samples with NaN or infinite numbers: 1" in page.error[0].value
    assert page.button(key="store").disabled

    box(page, "NaN and infinite numbers").set_value("refuse").run()
    settle(page, here)

    store(page, here)
    assert open_stored("gappy", here.settings).facts.size == 5


def test_where_the_channels_of_arrays_are_can_be_chosen(opened, here):
    content = io.BytesIO()
    np.savez(content, x=np.zeros((6, 3, 8, 8), np.uint8), y=np.arange(6) % 2)
    page = opened(sent(here, "pictures.npz", content.getvalue()))
    assert box(page, "Channels").value == "first"
    box(page, "Channels").set_value("last").run()
    settle(page, here)
    store(page, here)
    assert open_stored("pictures", here.settings).facts.input_shape == (3, 8, 8)
