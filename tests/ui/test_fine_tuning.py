"""Fine-tuning in the browser: begun on a run's page or on Build, set on Train, told on the run's page."""

import json
import shutil

import pytest

from dlcore.design.transplant import continue_from
from dlcore.models import stored_models
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState, Transfer
from dlcore.spec import ExperimentSpec
from dlcore.spec.fine_tuning import FromRun
from dlcore.store.run_files import read_record
from tests.models.samples import keras_file, small, weights
from tests.store.samples import moved
from tests.ui.conftest import sent, settle, texts


@pytest.fixture
def source(here):
    """A finished run that has left a model."""
    run = submit(here.store, example(), owner="local")
    (here.store.artifacts.create(run.id) / "model.keras").write_bytes(b"weights")
    return moved(here.store, run, RunState.STARTING, RunState.RUNNING, RunState.COMPLETED)


def draft(here):
    return ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec)


def pressed(page, key):
    page = page.button(key=key).click().run()
    assert not page.exception, page.exception
    return page


def test_a_finished_run_is_fine_tuned_in_a_new_draft_on_data_to_be_chosen(open_page, here, source):
    page = pressed(open_page("run", run=source.id), "fine_tune")
    assert page.title[0].value == "digits · cnn · 1, fine-tuned"
    assert f"This draft starts with weights of digits · cnn · 1 `{source.id}`." in texts(page)
    spec = draft(here)
    assert spec.name == "digits · cnn · 1, fine-tuned"
    assert spec.fine_tuning.source == FromRun(run=source.id)
    assert [layer.name for layer in spec.model.layers][-1] == "head"


def test_how_long_the_head_learns_alone_is_searched_by_a_switch(open_page, here, source):
    spec = continue_from(example(), FromRun(run=source.id), name="fine")
    search = {"space": {"training.epochs": {"kind": "Range", "low": 2, "high": 4}}}
    made = here.store.drafts.create(spec.to_dict(), owner="local", search=search)
    page = open_page("train", draft=made.id)
    (switch,) = [one for one in page.button if one.key.endswith("fine_tuning.head_epochs.on")]
    switch.click().run()
    assert not page.exception
    assert "fine_tuning.head_epochs" in here.store.drafts.latest(owner="local").search["space"]


@pytest.mark.parametrize("state", [None, "foreign"])
def test_a_run_without_a_model_and_somebody_elses_offer_no_fine_tuning(open_page, here, source, state):
    if state == "foreign":
        run = submit(here.store, example(), owner="eve")
        (here.store.artifacts.create(run.id) / "model.keras").write_bytes(b"weights")
        source = moved(here.store, run, RunState.STOPPED)
    else:
        (here.store.artifacts.folder(source.id) / "model.keras").unlink()
    page = open_page("run", run=source.id)
    assert "fine_tune" not in [button.key for button in page.button]


def test_lineage_is_shown_both_ways_with_what_was_taken(open_page, here, source):
    spec = continue_from(example(), FromRun(run=source.id), name="the child")
    child = submit(here.store, spec, owner="local")
    folder = here.store.artifacts.create(child.id)
    page = open_page("run", run=child.id, view="network")
    assert "Started with the weights of" in texts(page)
    assert "Which layers take them is shown once it has started." in texts(page)

    taken = Transfer(loaded=("conv2d", "dense"), kept=("head",))
    (folder / "transfer.json").write_text(json.dumps(taken.to_dict()))
    said = texts(open_page("run", run=child.id, view="network"))
    assert "2 took these weights: `conv2d`, `dense`" in said
    assert "1 started with new weights: `head`" in said
    assert "Continued in" in texts(open_page("run", run=source.id, view="network"))
    links = [link.proto.query_string for link in open_page("run", run=child.id).get("page_link")]
    assert f"run={source.id}" in links
    assert f"runs={source.id}%2C{child.id}" in links


def test_a_source_that_was_deleted_is_said_so(open_page, here, source):
    spec = continue_from(example(), FromRun(run=source.id), name="the child")
    child = submit(here.store, spec, owner="local")
    here.store.runs.delete(source)
    assert f"run `{source.id}`, which was deleted" in texts(open_page("run", run=child.id, view="network"))


def test_a_run_that_is_deleted_while_its_lineage_is_read_leaves_the_page_standing(
    open_page, here, source, monkeypatch
):
    child = submit(
        here.store, continue_from(example(), FromRun(run=source.id), name="the child"), owner="local"
    )
    folder = here.store.artifacts.create(child.id)
    (folder / "transfer.json").write_text(json.dumps(Transfer(loaded=("conv2d",)).to_dict()))

    def deleted_first(path, parse):
        shutil.rmtree(folder)
        return read_record(path, parse)

    monkeypatch.setattr("dlcore.store.run_files.read_record", deleted_first)
    page = open_page("run", run=child.id, view="network")
    assert "Started with the weights of" in texts(page) and "took these weights" not in texts(page)


def test_a_plain_run_has_no_lineage(open_page, source):
    assert "weights of" not in texts(open_page("run", run=source.id, view="network"))


def tuned_draft(here, source):
    spec = continue_from(example(), FromRun(run=source.id), name="tuned")
    return here.store.drafts.create(spec.to_dict(), owner="local").id


def test_the_train_page_says_which_layer_learns_when(open_page, here, source):
    page = open_page("train", draft=tuned_draft(here, source))
    assert f"weights of digits · cnn · 1 `{source.id}`" in texts(page)
    (table,) = [frame.value for frame in page.dataframe if "weights" in frame.value.columns]
    assert table["layer"].tolist() == ["conv2d", "dense", "head"]
    assert table["weights"].tolist() == ["transferred", "transferred", "new"]
    assert table["first"].tolist() == ["stays", "stays", "trains at 0.001"]
    assert table["second"].tolist() == ["trains at 0.0001"] * 3


def test_layers_are_frozen_on_the_train_page(open_page, here, source):
    page = open_page("train", draft=tuned_draft(here, source))
    (chosen,) = [box for box in page.selectbox if box.key.endswith("unfreeze_from")]
    page = chosen.set_value("dense").run()
    assert not page.exception, page.exception
    assert draft(here).fine_tuning.unfreeze_from == "dense"
    (table,) = [frame.value for frame in page.dataframe if "weights" in frame.value.columns]
    assert table["second"].tolist() == ["stays", "trains at 0.0001", "trains at 0.0001"]


def test_a_fine_tuning_is_given_up_on_the_train_page(open_page, here, source):
    page = pressed(open_page("train", draft=tuned_draft(here, source)), "no_fine_tuning")
    assert draft(here).fine_tuning is None
    assert "no_fine_tuning" not in [button.key for button in page.button]


def test_a_backbone_is_put_under_a_new_head_on_the_build_page(open_page, here):
    page = open_page("build")
    assert page.selectbox(key="trained_Backbone").options[0] == "MobileNetV3Small · 939 k"
    page.selectbox(key="trained_Backbone").set_value("ResNet50").run()
    assert "ImageNet: 74.9% of its images are classified correctly, at 224 × 224 pixels." in texts(page)
    page = pressed(page, "use_trained")
    spec = draft(here)
    assert [layer.kind for layer in spec.model.layers] == ["ResNet50", "Dropout", "Dense"]
    assert spec.fine_tuning.source is None
    assert not page.error


def test_the_script_begins_with_the_weights_and_says_where_they_come_from(open_page, here, source):
    page = open_page("build", draft=tuned_draft(here, source))
    page.session_state["view"] = "Keras script"
    page.run()
    assert "python -m dlcore data export SPEC.yaml --out data.npz" in texts(page)
    assert any("let_learn(brought)" in one.value for one in page.code)
    assert not page.exception


def test_a_run_is_begun_with_on_the_build_page_and_a_template_ends_that(open_page, here, source):
    page = open_page("build")
    page.segmented_control(key="trained_sort").set_value("My run").run()
    page = pressed(page, "use_trained")
    assert draft(here).fine_tuning.source == FromRun(run=source.id)
    pressed(page, "use_template")
    assert draft(here).fine_tuning is None


def test_an_uploaded_model_is_kept_and_fine_tuned(open_page, here, tmp_path):
    token = sent(here, "net.keras", keras_file(tmp_path / "a", small()).read_bytes())
    page = open_page("build", model=token)
    page.session_state["view"] = "Import and export"
    page = pressed(settle(page.run(), here), "tune_keras")
    assert draft(here).fine_tuning is None, "its weights are still to be checked"
    assert "Checking its weights" in texts(page)
    page = settle(page, here)
    assert not page.error, page.error[0].value
    spec = draft(here)
    assert [layer.name for layer in spec.model.layers] == ["flatten", "head"]
    assert [step.kind for step in spec.preprocessing] == ["Resizing", "Rescaling"]

    page.segmented_control(key="trained_sort").set_value("Uploaded model").run()
    again = pressed(page, "use_trained")
    assert "10 parameters, takes 2 × 2 × 1" in texts(again)
    assert draft(here).fine_tuning == spec.fine_tuning


def test_a_model_whose_weights_are_refused_changes_nothing(open_page, here, tmp_path):
    file = keras_file(tmp_path / "a", small(), weights(lambda file: file.__delitem__("layers")))
    page = open_page("build", model=sent(here, "net.keras", file.read_bytes()))
    page.session_state["view"] = "Import and export"
    page = pressed(settle(page.run(), here), "tune_keras")
    page = settle(page, here)
    assert "its weights are missing or not in the format of Keras 3" in page.error[0].value
    assert draft(here).fine_tuning is None
    assert stored_models(here.settings) == []
