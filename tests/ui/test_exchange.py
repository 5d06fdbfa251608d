"""The tab of the Build page in which experiments and models come and go."""

import pytest

from dlcore.queue.ready import example
from tests.models.samples import called, dense, functional, keras_file, layer, sequential, small, tensor
from tests.ui.conftest import sent, settle, texts


@pytest.fixture
def given(open_page, here):
    """Opens the tab of the Build page with a file that has been sent, once a job has looked into it."""

    def opened(path, name="net.keras"):
        page = open_page("build", model=sent(here, name, path.read_bytes()))
        page.session_state["view"] = "Import and export"
        return settle(page.run(), here)

    return opened


EXAMPLE = [layer.kind for layer in example().model.layers]


def layers(here):
    return [row["kind"] for row in here.store.drafts.latest(owner="local").spec["model"]["layers"]]


def test_a_keras_file_is_shown_and_used_and_undone(given, here, tmp_path):
    page = given(keras_file(tmp_path / "a", small()))
    assert "**net** · 2 layers · 10 parameters · Input 2 × 2 × 1 · Output 2" in texts(page)
    assert layers(here) == EXAMPLE

    page.button(key="use_keras").click().run()
    assert not page.exception
    assert layers(here) == ["Flatten", "Dense"]

    page.button(key="undo").click().run()
    assert layers(here) == EXAMPLE


def test_nothing_of_a_sent_model_is_read_by_the_page(open_page, here, tmp_path, monkeypatch):
    def read(*_, **__):
        raise AssertionError("the page reads the file itself")

    monkeypatch.setattr("zipfile.ZipFile", read)
    monkeypatch.setattr("dlcore.design.keras_import.imported.read_config", read)
    token = sent(here, "net.keras", b"PK whatever it is")
    page = open_page("build", model=token)
    page.session_state["view"] = "Import and export"
    page.run()
    assert not page.exception, page.exception
    (job,) = here.store.jobs.unfinished()
    assert (job.what, job.owner) == ("model_inspection", "local")
    assert "Reading the model" in texts(page)


def test_the_same_model_sent_again_is_not_looked_into_again(given, open_page, here, tmp_path):
    path = keras_file(tmp_path / "a", small())
    given(path)
    page = open_page("build", model=sent(here, "again.keras", path.read_bytes()))
    page.session_state["view"] = "Import and export"
    page.run()
    assert here.store.jobs.unfinished() == []
    assert "**net** · 2 layers" in texts(page)


def test_a_look_into_a_model_is_cancelled_and_taken_again(open_page, here, tmp_path):
    token = sent(here, "net.keras", keras_file(tmp_path / "a", small()).read_bytes())
    page = open_page("build", model=token)
    page.session_state["view"] = "Import and export"
    page.run()
    (job,) = here.store.jobs.unfinished()
    page.button(key=f"cancel_{job.id}").click().run()
    page.run()
    assert "Cancelled." in texts(page)
    page.button(key="inspect_keras_again").click().run()
    assert "**net** · 2 layers" in texts(settle(page, here))


def test_a_keras_config_whose_sizes_are_open_is_shown(given, tmp_path):
    entry = called(dense(), tensor("pixels"))
    config = functional(entry, output=["dense", 0, 0])
    config["config"]["layers"][0]["config"]["batch_shape"] = [None, None, 3]
    page = given(keras_file(tmp_path / "a", config))
    assert "Input ? × 3" in texts(page)


def test_a_file_with_code_in_it_is_refused_in_a_sentence_without_markdown(given, here, tmp_path):
    evil = sequential(layer("Lambda", function="x", name="**evil**"))
    page = given(keras_file(tmp_path / "a", evil))
    (error,) = [one.value for one in page.error]
    assert error.startswith("\\*\\*evil\\*\\*: a Lambda layer holds program code, which is never run here.")
    assert "use_keras" not in [button.key for button in page.button]
    assert layers(here) == EXAMPLE


def test_another_file_named_keras_is_refused(given, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"\x80\x04K\x01.")
    assert "neither a `.keras` file nor a JSON config" in given(path).error[0].value
