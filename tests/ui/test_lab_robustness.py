"""The lab shows how a model bears disturbed samples: what is asked for, and what was found in words."""

import json

import numpy as np
import pytest

from dlcore.durable import write_json
from dlcore.queue.robustness import RobustnessRequest, find_robustness, request_disturbed, request_robustness
from dlcore.records.artifacts import RESULT_FILE
from dlcore.records.explanation_methods import Form
from dlcore.records.robustness import (
    CHANGED,
    DISTURBED_FILE,
    ORIGINAL,
    SCALE,
    DisturbedAnswer,
    DisturbedSample,
    Robustness,
    RobustnessPoint,
    Unit,
)
from tests.comparison.runs import classified
from tests.ui.conftest import texts

ROW = 3


@pytest.fixture
def run(here):
    return classified(here.store, "a run", (ROW,))


def done(store, job, record, **arrays):
    """Brings a job to its end with this result."""
    assert store.jobs.start(job)
    folder = store.jobs.folder(job.id)
    folder.mkdir(parents=True)
    write_json(folder / RESULT_FILE, json.loads(json.dumps(record.to_dict())))
    if arrays:
        np.savez(folder / DISTURBED_FILE, **arrays)
    assert store.jobs.finish(job.id, job.attempt + 1, None)


def curve(kind, *values):
    points = tuple(RobustnessPoint(8.0 * at, one, one - 0.02, one + 0.02) for at, one in enumerate(values))
    return Robustness(kind, "test", Unit.LEVELS, True, 200, 200, points)


def test_only_what_is_asked_for_is_measured(open_page, here, run):
    page = open_page("lab", run=run.id, view="robustness")
    assert find_robustness(here.store, run, RobustnessRequest("fgsm"), owner=here.actor.id) is None
    page.button(key="robustness_ask").click().run()
    for kind, there in (("fgsm", True), ("noise", True), ("pgd", False)):
        job = find_robustness(here.store, run, RobustnessRequest(kind), owner=here.actor.id)
        assert (job is not None) is there


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.9, 0.7, 0.4), "from 90.0% without it only 40.0% are left at 16 of 255 levels"),
        ((0.9, 0.8, 0.7), "90.0% are right without it, 70.0% at 16 of 255 levels"),
        ((0.9, 0.9, 0.89), "at 16 of 255 levels it is as good as without"),
    ],
)
def test_what_a_curve_says_is_put_into_words(open_page, here, run, values, words):
    for kind in ("fgsm", "noise"):
        job = request_robustness(here.store, run, RobustnessRequest(kind), owner=here.actor.id)
        done(here.store, job, curve(kind, *values))
    shown = texts(open_page("lab", run=run.id, view="robustness"))
    assert f"**FGSM**: {words}" in shown and f"**Noise**: {words}" in shown
    assert "On 200 of 200 samples" in shown


def test_the_sample_of_the_address_is_shown_with_both_answers(open_page, here, run):
    wanted = RobustnessRequest("fgsm")
    job = request_disturbed(here.store, run, wanted, ROW, owner=here.actor.id)
    answers = (
        DisturbedAnswer(0.0, "3", 0.91, True),
        DisturbedAnswer(4.0, "3", 0.62, True),
        DisturbedAnswer(8.0, "8", 0.77, False),
    )
    record = DisturbedSample("fgsm", Form.PICTURE, "test", ROW, Unit.LEVELS, "3", (), answers)
    pixels = np.zeros((8, 8, 1), np.uint8)
    done(
        here.store, job, record,
        **{ORIGINAL: pixels, CHANGED: np.stack([pixels + 4, pixels + 8]), SCALE: np.ones(1, np.float32)},
    )  # fmt: skip
    shown = texts(open_page("lab", run=run.id, view="robustness", sample=str(ROW)))
    # It begins at the first strength that misleads the model.
    assert "**3** (91.0%)" in shown and "**8** (77.0%)" in shown and "the largest is 8 of 255 levels" in shown
