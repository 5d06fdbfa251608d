"""The lab explains a sample: by which methods, when it is asked, and what is shown of what was found."""

import json

import numpy as np
import pytest

from dlcore.durable import write_json
from dlcore.queue.explanations import ExplanationRequest, find_explanation, request_explanation
from dlcore.queue.network_maps import request_map
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE, RESULT_FILE
from dlcore.records.explanation_methods import Form
from dlcore.records.explanations import ATTRIBUTION, EXPLANATION_FILE, SAMPLE, Explanation
from dlcore.records.network_maps import MAP_FILE, MapMethod, NetworkMap
from tests.comparison.runs import classified
from tests.ui.conftest import texts

ROW = 3
"""Of the dataset; it is wrong, and the first that is shown."""


@pytest.fixture
def run(here):
    return classified(here.store, "a run", (ROW,))


def done(store, job, record, file, **arrays):
    """Brings a job to its end with this result."""
    assert store.jobs.start(job)
    folder = store.jobs.folder(job.id)
    folder.mkdir(parents=True)
    write_json(folder / RESULT_FILE, json.loads(json.dumps(record.to_dict())))
    np.savez(folder / file, **arrays)
    assert store.jobs.finish(job.id, job.attempt + 1, None)


def test_a_sample_is_explained_when_it_is_asked(open_page, here, run):
    page = open_page("lab", run=run.id)
    wanted = ExplanationRequest("test", ROW, str(page.segmented_control(key="explain_method").value))
    assert find_explanation(here.store, run, wanted, owner=here.actor.id) is None

    page.button(key=f"explain.{run.id}").click().run()
    assert find_explanation(here.store, run, wanted, owner=here.actor.id) is not None


def test_only_a_run_with_a_model_can_explain_the_sample_as_well(open_page, here, run):
    other = classified(here.store, "another run", (ROW,))
    offered = f"explain_other.{run.id}"
    assert offered not in [one.key for one in open_page("lab", run=run.id).selectbox]

    for file in (MODEL_FILE, PREPARATION_FILE):
        (here.store.artifacts.folder(other.id) / file).touch()
    assert "another run" in open_page("lab", run=run.id).selectbox(key=offered).options


@pytest.mark.parametrize(
    ("holds", "words"), [(True, "All shares sum to 1"), (False, "take single values with care")]
)
def test_what_was_found_is_shown_with_whether_its_sum_is_right(open_page, here, run, holds, words):
    wanted = ExplanationRequest("test", ROW, "integrated_gradients")
    job = request_explanation(here.store, run, wanted, owner=here.actor.id)
    found = Explanation(
        "integrated_gradients", Form.PICTURE, "test", ROW, "4", 1.0, 0.731, True, "4", "3",
        baseline_score=0.0, total=1.0, steps=32, holds=holds,
    )  # fmt: skip
    pixels = np.zeros((8, 8, 1), np.uint8)
    done(here.store, job, found, EXPLANATION_FILE, **{ATTRIBUTION: np.ones((8, 8)), SAMPLE: pixels})

    page = open_page("lab", run=run.id)
    page.segmented_control(key="explain_method").set_value("integrated_gradients").run()
    shown = texts(page)
    assert "**4**: probability 73.1%, log-odds 1.00; it is **3**" in shown
    assert words in shown


def test_a_text_is_marked_as_it_is_written(open_page, here, run):
    words = ("<b>Win ", "£", "100", "  ", "*now*")
    wanted = ExplanationRequest("test", ROW, "occlusion")
    job = request_explanation(here.store, run, wanted, owner=here.actor.id)
    found = Explanation(
        "occlusion", Form.WORDS, "test", ROW, "4", 1.0, 0.731, True, "4", "3",
        labels=words, separator="", cut_at=200,
    )  # fmt: skip
    done(here.store, job, found, EXPLANATION_FILE, **{ATTRIBUTION: np.array([1.0, -0.4, 0.01, 0.3, 0.1])})

    page = open_page("lab", run=run.id)
    page.segmented_control(key="explain_method").set_value("occlusion").run()
    shown = texts(page)
    # A blank of its own is seen where it is marked; what is not marked is as plain as the rest.
    marked = ":orange-background[**<b>Win**] :blue-background[£]100:orange-background[␣␣]"
    assert marked in shown.replace("\\", "")
    assert "The text goes on, but the model takes only its first 200 characters." in shown


def test_a_text_without_words_has_nothing_to_mark(open_page, here, run):
    wanted = ExplanationRequest("test", ROW, "occlusion")
    job = request_explanation(here.store, run, wanted, owner=here.actor.id)
    found = Explanation("occlusion", Form.WORDS, "test", ROW, "4", 1.0, 0.731, True, "4", "3")
    done(here.store, job, found, EXPLANATION_FILE, **{ATTRIBUTION: np.zeros(0)})

    page = open_page("lab", run=run.id)
    page.segmented_control(key="explain_method").set_value("occlusion").run()
    assert "The model sees no word of this text." in texts(page) and not page.exception


def test_the_map_shows_the_sample_that_the_address_names(open_page, here, run):
    job = request_map(here.store, run, "test", MapMethod.PCA, owner=here.actor.id)
    found = NetworkMap(MapMethod.PCA, "test", 2, 200, ("3", "4"), 0.5)
    done(
        here.store, job, found, MAP_FILE,
        points=np.zeros((2, 2)), rows=np.array([3, 4]), true=np.array([0, 1]), predicted=np.array([1, 1]),
    )  # fmt: skip

    page = open_page("lab", run=run.id, view="map", sample=str(ROW))
    shown = texts(page)
    assert "2 of 200 samples" in shown and "hold 50% of all differences" in shown
    assert "**Sample 3**" in shown
