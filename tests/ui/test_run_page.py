"""The page of a run: its head, its curves, its network, and the one button that stands out."""

import pytest

from dlcore.queue import resume, submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.spec import ExperimentSpec
from dlcore.ui.runs.view import run_view
from tests.ui.conftest import numbers, parameter, running, texts, view


def test_a_runs_page_shows_how_it_goes(open_page, here):
    run = running(here, epoch=2, step=90, steps=410, summary={"validation": {"accuracy": 0.75, "loss": 0.5}})
    page = open_page("run", run=run.id)
    assert numbers(page, "run") == {
        "Epoch": "2 / 10", "Loss · Validation": "0.5", "Accuracy · Validation": "75.00%", "Time left": "–"
    }  # fmt: skip
    assert view(page, "run")["progress"]["text"] == "Step 90 of 410 · 0.0 s"
    assert page.button(key="stop")


def test_a_run_that_waits_has_neither_numbers_nor_a_bar_until_it_is_resumed(open_page, here):
    run = submit(here.store, example(), owner=here.actor.id)
    page = open_page("run", run=run.id)
    assert (numbers(page, "run"), view(page, "run")["progress"]["share"]) == ({}, None)
    here.store.runs.move(run, RunState.STARTING, device="cpu")
    here.store.runs.move(here.store.runs.get(run.id), RunState.RUNNING, epoch=5, step=50, steps=100)
    here.store.runs.move(here.store.runs.get(run.id), RunState.STOPPED)
    resume(here.store, run.id, actor=here.actor, epochs=10)
    assert view(open_page("run", run=run.id), "run")["progress"]["share"] == 0.5


def test_stop_is_a_request_that_the_page_acknowledges(open_page, here):
    run = running(here)
    page = open_page("run", run=run.id)
    page.button(key="stop").click().run()
    assert here.store.runs.get(run.id).stop_requested
    assert page.button(key="stop").disabled


def test_a_failed_run_says_why_in_the_readers_language(open_page, here):
    from dlcore.errors import Message

    run = running(here)
    here.store.runs.move(run, RunState.FAILED, reason=Message("its process was killed."))
    assert "Its process was killed." in texts(open_page("run", run=run.id))
    assert "process was killed" not in texts(open_page("run", "zh_CN", run=run.id))


def test_a_stopped_run_is_resumed_to_where_it_was_going(open_page, here):
    run = running(here, epoch=4)
    here.store.runs.move(run, RunState.STOPPED)
    page = open_page("run", run=run.id)
    assert filled(page) == ["resume"]
    page.button(key="resume").click().run()
    again = here.store.runs.get(run.id)
    assert (again.state, again.epochs) == (RunState.QUEUED, 10)


def test_a_run_that_ended_is_trained_longer_from_its_menu(open_page, here):
    run = running(here, epoch=10)
    here.store.runs.move(run, RunState.COMPLETED)
    page = open_page("run", run=run.id)
    (epochs,) = [field for field in page.number_input if field.label == "Epochs in all"]
    assert (epochs.value, epochs.min) == (15, 11)
    epochs.set_value(12).run()
    page.button(key="train_longer").click().run()
    again = here.store.runs.get(run.id)
    assert (again.state, again.epochs) == (RunState.QUEUED, 12)


def filled(page):
    """The buttons of a run's head that stand out."""
    return [button.key for button in page.button if button.proto.type == "primary" and button.key in MAIN]


MAIN = ("stop", "resume", "try", "duplicate")


@pytest.mark.parametrize(
    ("state", "model", "owner", "button"),
    [
        (None, False, "local", "stop"),
        (None, False, "eve", "duplicate"),
        (RunState.STOPPED, True, "local", "resume"),
        (RunState.FAILED, False, "local", "resume"),
        (RunState.PRUNED, True, "local", "resume"),
        (RunState.COMPLETED, True, "local", "try"),
        (RunState.COMPLETED, False, "local", "duplicate"),
        (RunState.STOPPED, True, "eve", "try"),
    ],
)
def test_one_button_of_a_runs_page_stands_out_by_its_state(open_page, here, state, model, owner, button):
    run = running(here, owner=owner)
    if model:
        (here.store.artifacts.create(run.id) / "model.keras").write_bytes(b"weights")
    if state:
        here.store.runs.move(run, state)
    assert filled(open_page("run", run=run.id)) == [button]


def test_try_it_opens_its_tab_and_the_address_says_so(open_page, here):
    run = running(here)
    (here.store.artifacts.create(run.id) / "model.keras").write_bytes(b"weights")
    here.store.runs.move(run, RunState.COMPLETED)
    page = open_page("run", run=run.id)
    page.button(key="try").click().run()
    assert parameter(page, "view") == "try"
    assert [tab.label for tab in page.tabs][3] == "Try it"


def test_the_head_of_a_run_says_where_it_belongs_and_how_large_it_is(open_page, here):
    run = running(here)
    here.store.runs.move(run, RunState.COMPLETED, epoch=10, seconds=41.0)
    assert (
        view(open_page("run", run=run.id), "run")["caption"]
        == "digits · 10 epochs · 41 s · 38,602 parameters"
    )


def test_the_network_of_a_run_is_shown_as_it_was(open_page, here):
    page = open_page("run", run=running(here).id, view="network")
    (table,) = [frame.value for frame in page.dataframe if "shape" in frame.value.columns]
    assert table["kind"].tolist() == ["Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense"]
    assert 'n1["MaxPooling2D 2 × 2<br/>3 × 3 × 32"]' in texts(page)


def test_the_network_of_a_run_whose_dataset_is_gone_has_no_shapes(open_page, here):
    run = running(here)
    spec = {**run.spec, "dataset": {**run.spec["dataset"], "name": "gone"}}
    lost = here.store.runs.create(spec=spec, spec_hash="0" * 8, owner="local", dataset="gone", epochs=3)
    page = open_page("run", run=lost.id, view="network")
    assert "Its dataset is not here any more" in texts(page)
    assert "Conv2D" in texts(page)


def test_duplicate_makes_a_draft_of_the_runs_settings(open_page, here):
    run = running(here)
    page = open_page("run", run=run.id)
    page.button(key="menu_duplicate").click().run()
    draft = ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec)
    assert draft.name == ""
    assert draft.model == example().model


def test_a_run_that_is_not_there_is_said_plainly(open_page):
    assert "There is no run 'feedbeef'" in texts(open_page("run", run="feedbeef"))
    assert "There is no run '../../etc'" in texts(open_page("run", run="../../etc"))


def test_the_title_says_how_far_a_run_is_until_it_has_ended(here):
    run = running(here, step=73, steps=100)
    assert run_view(here.store, run.id).title == "73 % · digits · cnn · 1"
    here.store.runs.move(run, RunState.STOPPED)
    assert run_view(here.store, run.id).title == "digits · cnn · 1 · DL Studio"


def axis(page, run, usual):
    return page.segmented_control(key=f"axis_{run.id}_{usual}")


def test_curves_run_over_batches_while_a_run_is_at_work_and_over_epochs_when_it_has_ended(open_page, here):
    run = running(here, epoch=2)
    page = open_page("run", run=run.id)
    assert axis(page, run, "batch").value == "batch"
    here.store.runs.move(run, RunState.COMPLETED)
    assert axis(page.run(), run, "epoch").value == "epoch"


@pytest.mark.parametrize("wish", ["batch", "epoch"])
def test_a_choice_of_the_axis_outlives_the_end_of_the_run(open_page, here, wish):
    run = running(here, epoch=2)
    page = open_page("run", run=run.id)
    for choice in ("epoch", wish):
        axis(page, run, "batch").set_value(choice).run()
    here.store.runs.move(run, RunState.COMPLETED)
    assert axis(page.run(), run, "epoch").value == wish


def test_a_run_that_ended_in_its_first_epoch_is_shown_over_batches(open_page, here):
    run = running(here, epoch=1)
    here.store.runs.move(run, RunState.STOPPED)
    page = open_page("run", run=run.id)
    assert axis(page, run, "batch").value == "batch"
