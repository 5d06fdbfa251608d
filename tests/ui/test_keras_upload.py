"""The upload page with a dataset of `keras.datasets`, whose files are small ones of the same format."""

import pytest

from dlcore.datasets.ingest.keras_files import keras_source
from dlcore.datasets.stored import open_stored
from dlcore.spec.data import DataKind
from tests.datasets.keras_makers import small_california, small_imdb
from tests.network import cut_off
from tests.ui.conftest import parameter, settle, texts


@pytest.fixture
def keras_page(open_page):
    """Opens the page and chooses that way."""

    def opened(**query):
        page = open_page("upload", **query)
        way = page.segmented_control(key="way")
        if way.value != "From keras.datasets":
            way.set_value("From keras.datasets").run()
        assert not page.exception
        return page

    return opened


def choose(page, name):
    page.selectbox(key="keras").set_value(name).run()
    assert not page.exception
    return page


def test_each_dataset_is_shown_with_a_sentence_its_size_and_its_licence(keras_page):
    page = keras_page()
    assert page.selectbox(key="keras").options == [
        "IMDB film reviews (imdb)",
        "Reuters newswires (reuters)",
        "California housing (california_housing)",
        "Boston housing (boston_housing)",
    ]
    assert "download" not in [button.key for button in page.button]

    choose(page, "imdb")
    assert "50,000 film reviews, positive or negative" in texts(page)
    shown = page.table[0].value.to_string()
    assert "19.1 MB" in shown and "No license stated; the authors ask to be cited." in shown

    choose(page, "boston_housing")
    assert "Keras strongly discourages its use" in texts(page)
    assert "57 kB" in page.table[0].value.to_string()


def test_a_reload_finds_the_name_again_until_another_way_is_chosen(keras_page, open_page):
    page = choose(keras_page(), "reuters")
    assert parameter(page, "keras") == "reuters"

    again = open_page("upload", keras="reuters")

    assert again.segmented_control(key="way").value == "From keras.datasets"
    assert again.selectbox(key="keras").value == "reuters"
    again.segmented_control(key="way").set_value("Upload a file").run()
    assert "keras" not in again.query_params


def test_a_name_in_the_url_that_keras_lacks_is_no_choice(open_page):
    page = open_page("upload", keras="../etc")
    assert page.segmented_control(key="way").value == "Upload a file"
    assert not page.exception


def test_a_download_that_fails_says_so_beside_its_button(keras_page, here, monkeypatch):
    cut_off(monkeypatch)
    page = choose(keras_page(), "california_housing")
    page.button(key="download").click().run()
    settle(page, here)
    assert "housing.npz could not be downloaded from" in page.error[0].value
    assert "Check the network, or put the file at" in page.error[0].value
    assert page.button(key="download").label == "Download now"


def test_what_was_downloaded_is_proposed_as_it_is_and_stored(keras_page, here):
    keras_source(small_imdb(here.settings.datasets_dir), here.settings)
    page = settle(choose(keras_page(), "imdb"), here)

    boxes = {field.label: field.value for field in page.selectbox}
    assert (boxes["Kind"], boxes["Task"]) == ("text", "binary classification")
    fields = {field.label: field.value for field in page.text_input}
    assert (fields["Name"], fields["Title"]) == ("imdb", "IMDB film reviews")
    columns = next(frame.value for frame in page.dataframe if "role" in frame.value.columns)
    assert list(columns["role"]) == ["feature", "target", "part"]
    page.button(key="store").click().run()
    settle(page, here)

    facts = open_stored("imdb", here.settings).facts
    assert (facts.owner, facts.train_size, facts.test_size) == ("local", 3, 2)
    assert facts.licence == "No license stated; the authors ask to be cited."
    assert "keras" not in page.query_params


def test_a_table_can_be_corrected_like_any_other(keras_page, here):
    keras_source(small_california(here.settings.datasets_dir), here.settings)
    page = settle(choose(keras_page(), "california_housing"), here)
    (kind,) = [field for field in page.selectbox if field.label == "Kind"]
    assert (kind.value, page.button(key="store").disabled) == ("table", False)

    kind.set_value(DataKind.SERIES).run()
    settle(page, here)

    (task,) = [field for field in page.selectbox if field.label == "Task"]
    assert task.value == "forecasting"


def test_the_way_speaks_chinese(open_page):
    page = open_page("upload", language="zh_CN", keras="imdb")
    assert page.segmented_control(key="way").value == "来自 keras.datasets"
    assert "50,000 条影评" in texts(page)
