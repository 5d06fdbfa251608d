"""The steps of augmentation and their preview; the supervisor is played by the test."""

import shutil

import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.design.templates import proposal
from dlcore.durable import write_json
from dlcore.errors import Message
from dlcore.queue.ready import example
from dlcore.records import JobState
from dlcore.records.artifacts import RESULT_FILE
from dlcore.spec import ExperimentSpec
from tests.datasets.makers import people, stored
from tests.ui.conftest import add, found, texts


@pytest.fixture
def open_tab(open_page, here):
    """Opens the tab with a draft that has some steps."""

    def opened(*steps, **values):
        changed = {"augmentation": [{"kind": step} if isinstance(step, str) else step for step in steps]}
        spec = example().with_values({**changed, **values})
        draft = here.store.drafts.create(spec.to_dict(), owner="local")
        page = open_page("data", draft=draft.id)
        page.session_state["view"] = "Augmentation"
        page.run()
        assert not page.exception, page.exception
        return page

    return opened


def asked(here):
    """The only job that waits."""
    (job,) = here.store.jobs.unfinished()
    return job


def do(here, job):
    """What the job's process would leave."""
    assert here.store.jobs.start(job)
    folder = here.store.jobs.folder(job.id)
    folder.mkdir(parents=True)
    count = len(job.arguments["indices"])
    np.savez(
        folder / "preview.npz",
        before=np.zeros((count, 8, 8, 1), np.uint8),
        after=np.zeros((count, job.arguments["copies"], 8, 8, 1), np.uint8),
    )
    write_json(folder / RESULT_FILE, {})
    assert here.store.jobs.finish(job.id, job.attempt + 1)


def saved(here):
    return ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec)


def test_without_a_step_there_is_nothing_to_ask_for(open_tab, here):
    assert "Choose a step" in texts(open_tab())
    assert here.store.jobs.unfinished() == []


def test_only_what_suits_the_data_is_offered(open_tab):
    offered = found(open_tab().selectbox, "augmentation.add").options
    assert "Flip · RandomFlip" in offered
    assert "Blended samples · MixUp" in offered
    assert "Hue · RandomHue" not in offered, "digits are grey"
    assert "Time and frequency masks · SpecAugment" not in offered, "digits make no sound"


def test_a_chosen_step_is_saved_and_its_preview_is_asked_for(open_tab, here):
    page = open_tab()
    add(page, "augmentation", "RandomFlip")
    assert [step.kind for step in saved(here).augmentation] == ["RandomFlip"]
    job = asked(here)
    assert job.what == "augmentation_preview"
    assert job.arguments["augmentation"] == [{"kind": "RandomFlip", "mode": "horizontal"}]
    assert "python -m dlcore worker" in page.code[0].value, "nobody is there to make it"


def test_a_preview_is_shown_once_it_is_made_and_kept_while_the_next_one_is(open_tab, here):
    page = open_tab("RandomRotation")
    assert not page.get("image")
    do(here, asked(here))
    page.run()
    assert page.get("image")
    assert "Left: the sample as it is." in texts(page)

    (factor,) = [field for field in page.number_input if field.label == "Factor"]
    factor.set_value(0.25).run()
    assert asked(here).arguments["augmentation"][0]["factor"] == 0.25
    assert page.get("image"), "the one before it is still there"


def test_what_nobody_waits_for_any_more_is_taken_back(open_tab, here):
    page = open_tab("RandomRotation")
    first = asked(here)
    (draw,) = [field for field in page.number_input if field.label == "Draw"]
    draw.set_value(3).run()
    assert here.store.jobs.find(first.id) is None
    assert asked(here).arguments["seed"] == 3
    assert asked(here).arguments["indices"] != first.arguments["indices"]


def test_a_preview_that_failed_says_why_and_can_be_tried_again(open_tab, here):
    page = open_tab("RandomRotation")
    job = asked(here)
    here.store.jobs.start(job)
    here.store.jobs.finish(job.id, 1, Message("it took too long."))
    page.run()
    assert "It took too long." in texts(page)
    page.button(key="preview_again").click().run()
    assert here.store.jobs.get(job.id).state is JobState.QUEUED


def test_a_preview_whose_files_were_swept_away_is_not_missed(open_tab, here):
    page = open_tab("RandomRotation")
    do(here, asked(here))
    page.run()
    here.store.jobs.sweep(before=1e12)
    page.run()
    assert not page.exception
    assert asked(here).state is JobState.QUEUED


def test_a_problem_stands_beside_its_field_and_no_preview_is_asked_for(open_tab, here):
    page = open_tab({"kind": "RandomCrop", "height": 6, "width": 24})
    assert [error.value for error in page.error] == [
        "The window of 24 is not smaller than the image of 8. Lower it."
    ]
    assert "The preview returns when the problem is fixed." in texts(page)
    assert here.store.jobs.unfinished() == []


def test_a_loss_that_cannot_take_mixed_labels_is_said_and_keeps_the_run_from_starting(
    open_tab, open_page, here
):
    page = open_tab("MixUp", **{"training.loss": {"kind": "SparseCategoricalCrossentropy"}})
    said = "This loss takes class numbers, but MixUp mixes labels."
    assert said in texts(page)
    train = open_page("train")
    assert said in texts(train)
    assert train.button(key="launch").disabled


def test_augmentation_that_does_not_fit_keeps_the_run_from_starting_and_says_where(open_page, here):
    spec = example().with_values({"augmentation": [{"kind": "RandomCrop"}]})
    draft = here.store.drafts.create(spec.to_dict(), owner="local")
    train = open_page("train", draft=draft.id)
    assert "augmentation[0].height: the window of 24 is not smaller" in texts(train).replace("\\", "")
    assert train.button(key="launch").disabled


def test_only_samples_with_height_and_width_have_such_a_tab(open_page, here, tmp_path):
    stored(people(tmp_path / "it.csv"), here.settings)
    digits = here.store.drafts.create(example().to_dict(), owner="local")
    table = here.store.drafts.create(proposal(facts("it", here.settings)).to_dict(), owner="local")
    labels = [[tab.label for tab in open_page("data", draft=d.id).tabs] for d in (digits, table)]
    assert ["Augmentation" in found for found in labels] == [True, False]


def test_a_preview_whose_files_are_gone_is_made_again(open_tab, here):
    page = open_tab("RandomFlip")
    job = asked(here)
    do(here, job)
    shutil.rmtree(here.settings.jobs_dir)
    page.run()
    assert asked(here).id == job.id
