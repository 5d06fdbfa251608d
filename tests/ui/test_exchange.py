"""The tab of the Build page in which experiments and models come and go."""

import pytest

from tests.models.samples import called, dense, functional, keras_file, layer, sequential, small, tensor
from tests.ui.conftest import texts


@pytest.fixture
def tab(open_page):
    """The Build page with the tab open."""
    page = open_page("build")
    page.session_state["view"] = "Import and export"
    return page.run()


def given(page, path, name="net.keras"):
    (uploader,) = [one for one in page.file_uploader if "keras" in one.key]
    page = uploader.upload(name, path.read_bytes()).run()
    assert not page.exception, page.exception
    return page


def layers(here):
    return [row["kind"] for row in here.store.drafts.latest(owner="local").spec["model"]["layers"]]


def test_a_keras_file_is_shown_and_used_and_undone(tab, here, tmp_path):
    before = layers(here)
    page = given(tab, keras_file(tmp_path / "a", small()))
    assert "**net** · 2 layers · 10 parameters · Input 2 × 2 × 1 · Output 2" in texts(page)
    assert layers(here) == before

    page.button(key="use_keras").click().run()
    assert not page.exception
    assert layers(here) == ["Flatten", "Dense"]

    page.button(key="undo").click().run()
    assert layers(here) == before


def test_a_keras_config_whose_sizes_are_open_is_shown(tab, tmp_path):
    entry = called(dense(), tensor("pixels"))
    config = functional(entry, output=["dense", 0, 0])
    config["config"]["layers"][0]["config"]["batch_shape"] = [None, None, 3]
    page = given(tab, keras_file(tmp_path / "a", config))
    assert "Input ? × 3" in texts(page)


def test_a_file_with_code_in_it_is_refused_in_a_sentence_without_markdown(tab, here, tmp_path):
    before = layers(here)
    evil = sequential(layer("Lambda", function="x", name="**evil**"))
    page = given(tab, keras_file(tmp_path / "a", evil))
    (error,) = [one.value for one in page.error]
    assert error.startswith("\\*\\*evil\\*\\*: a Lambda layer holds program code, which is never run here.")
    assert "use_keras" not in [button.key for button in page.button]
    assert layers(here) == before


def test_another_file_named_keras_is_refused(tab, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"\x80\x04K\x01.")
    assert "neither a `.keras` file nor a JSON config" in given(tab, path).error[0].value
