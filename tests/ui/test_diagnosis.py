"""The tab of a run that says what is wrong with it."""

import pytest

from dlcore.records import Axis, Scope
from dlcore.records.signals import Signal, SignalKind
from tests.cli.test_diagnosis import OVERFITS, points
from tests.comparison.runs import completed
from tests.ui.conftest import parameter, texts

DEAD = points(str(Signal.of(SignalKind.DEAD_SHARE, "conv2d")), Scope.TRAIN, [0.95] * 4, Axis.PROBE)
TAB = {"en": "Diagnosis", "zh_CN": "诊断"}


@pytest.fixture
def diagnosed(open_page, here):
    def opened(curves, language="en"):
        run = completed(here.store, "mine", points=curves)
        page = open_page("run", language, run=run.id)
        page.session_state["view"] = TAB[language]
        return run, page.run()

    return opened


def test_each_finding_says_what_how_sure_and_by_which_numbers(diagnosed):
    _run, page = diagnosed([*DEAD, *OVERFITS])
    assert not page.exception
    said = texts(page)
    assert "Overfitting" in said and "Dead units" in said
    assert "Accuracy: 86.33% on the training part" in said
    assert "In layer conv2d, 95% of the units" in said
    assert "Overfitting" not in texts(diagnosed([*DEAD, *OVERFITS], "zh_CN")[1])


def test_a_remedy_becomes_a_draft_with_one_click(diagnosed, here):
    _run, page = diagnosed(OVERFITS)
    page.button(key="draft_overfitting_dropout").click().run()
    assert not page.exception
    draft = here.store.drafts.get(parameter(page, "draft"), actor=here.actor)
    rates = [layer["rate"] for layer in draft.spec["model"]["layers"] if layer["kind"] == "Dropout"]
    before = [layer["rate"] for layer in _run.spec["model"]["layers"] if layer["kind"] == "Dropout"]
    assert rates != before
    assert draft.spec["name"] == "mine + Add dropout, or more of it"


def test_remedies_are_tried_and_compared(diagnosed, here):
    run, page = diagnosed(OVERFITS)
    page.multiselect(key="remedies").set_value(["dropout", "l2"])
    page.button(key="remedies_start").click().run()
    assert not page.exception
    new = [one.id for one in here.store.runs.list(owner=here.actor.id) if one.id != run.id]
    assert len(new) == 2


def test_a_healthy_run_says_what_was_looked_for(diagnosed):
    good = [0.4, 0.9, 0.95, 0.951]
    parts = [one for scope in (Scope.TRAIN, Scope.VALIDATION) for one in points("accuracy", scope, good)]
    losses = [
        one for scope in (Scope.TRAIN, Scope.VALIDATION) for one in points("loss", scope, [2, 0.3, 0.2, 0.2])
    ]
    page = diagnosed([*parts, *losses])[1]
    assert [one.value for one in page.success] == ["No problem was found in 4 epochs."]
    assert "Looked for: Overfitting · Underfitting" in texts(page)
