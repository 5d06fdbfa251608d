"""Drafts, runs and searches as one list: one filter, one order, one page."""

from datetime import UTC, datetime

import pytest

from dlcore.access.actors import Actor
from dlcore.queue.processes import own_identity
from dlcore.records import AnnotationEdit, Origin, RunState, StudyState
from dlcore.store.filters import RunQuestion
from tests.store.samples import in_state
from tests.store.test_studies import new_study

SPEC = {"name": "", "dataset": {"name": "digits"}, "training": {"batch_size": 32}}


def listed(store, line="", sort="", *, limit=100, offset=0, trials=False, owner="ann"):
    """The names that pass a filter, and how many pass it in all."""
    asked = RunQuestion.read(line, sort, now=datetime.now(UTC))
    filters = {**asked.filters, "trials": asked.filters["trials"] or trials}
    found, total = store.experiments.page(owner=owner, **filters, **asked.order, limit=limit, offset=offset)
    return [one.name for one in found], total


@pytest.fixture
def all_kinds(store):
    """Of each kind one, the draft the newest: a run with 0.7, a search whose best has 0.9, with one trial."""
    run = in_state(store, RunState.RUNNING, name="run", spec={**SPEC, "seed": 1})
    store.reports.write(run.id, run.attempt, {"summary": {"validation": {"accuracy": 0.7}}})
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)
    study = new_study(store, "search", owner="ann", spec={**SPEC, "space": {}})
    with store.studies.driving(study.id, me.id) as write:
        write.add_trial(0, origin=Origin.SAMPLED, params={})
        write.add_run(
            0, 0, spec=SPEC, spec_hash="", name="search · 0", owner="ann", dataset="digits", epochs=2,
            parent_id=None,
        )  # fmt: skip
        write.set_study(best=0, best_value=0.9, state=StudyState.PAUSED)
    draft = store.drafts.create({**SPEC, "name": "draft"}, owner="ann", template="cnn")
    return run, store.studies.get(study.id), draft


def test_the_newest_comes_first_whatever_it_is_and_trials_on_request(store, all_kinds):
    assert listed(store) == (["draft", "search", "run"], 3)
    assert listed(store, trials=True) == (["draft", "search · 0", "search", "run"], 4)
    assert listed(store, owner="bob") == ([], 0)


def test_a_search_is_sorted_by_the_best_that_it_has_measured(store, all_kinds):
    assert listed(store, sort="accuracy")[0] == ["search", "run", "draft"]
    assert listed(store, sort="+val_accuracy")[0] == ["run", "search", "draft"]
    assert listed(store, sort="+test_accuracy")[0] == ["draft", "search", "run"]


@pytest.mark.parametrize(
    "field", ["name", "state", "kind", "tag", "seconds", "training.batch_size", "created"]
)
def test_every_sort_of_field_orders_all_kinds(store, all_kinds, field):
    up, down = (listed(store, sort=f"{sign}{field}") for sign in ("+", ""))
    assert up[1] == down[1] == 3
    assert set(up[0]) == set(down[0]) == {"draft", "search", "run"}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("accuracy > 0.8", ["search"]),
        ("val_accuracy < 0.8", ["run"]),
        ("test_accuracy != none", []),
        ("kind = draft or kind = run", ["draft", "run"]),
        ("not kind = draft", ["search", "run"]),
        ("state = draft", ["draft"]),
        ("state = paused", ["search"]),
        ("state = running", ["run"]),
        ("template = cnn", ["draft"]),
        ("dataset = digits and kind = draft", ["draft"]),
        ("seed = 1", ["run"]),
        ("training.batch_size = 32 and kind != search", ["draft", "run"]),
        ("tag = paper", ["search"]),
        ("tag = none", ["draft", "run"]),
        ("trial = 0", ["search · 0"]),
        ("seconds = none", ["draft"]),
        ("created > -1h", ["draft", "search", "run"]),
        ("archived = true", []),
        ("favorite = false", ["draft", "search", "run"]),
        ("dra", ["draft"]),
    ],
)
def test_a_filter_asks_all_kinds_alike(store, all_kinds, line, names):
    _run, study, _draft = all_kinds
    store.annotations.edit(study, AnnotationEdit(add_tags=("paper",)))
    assert listed(store, line)[0] == names


def test_a_draft_is_found_by_what_was_said_of_it(store, all_kinds):
    _run, _study, draft = all_kinds
    edit = AnnotationEdit(notes="see this", add_tags=("paper",), favorite=True)
    store.annotations.edit(draft, edit)
    for line in ("tag:paper", 'notes ~ "see"', "favorite = true"):
        assert listed(store, line)[0] == ["draft"]
    assert store.annotations.tags(owner="ann") == ["paper"]
    store.annotations.edit(draft, AnnotationEdit(archived=True))
    assert listed(store)[0] == ["search", "run"]
    assert listed(store, "archived = true")[0] == ["draft"]


def test_a_page_is_a_part_of_all(store, all_kinds):
    assert listed(store, limit=2) == (["draft", "search"], 3)
    assert listed(store, limit=2, offset=2) == (["run"], 3)


def test_what_is_archived_is_left_out_unless_it_is_asked_for(store, all_kinds):
    run, *_others = all_kinds
    store.annotations.edit(run, AnnotationEdit(archived=True))
    assert listed(store)[0] == ["draft", "search"]
    assert listed(store, "archived = true")[0] == ["run"]


def test_a_draft_as_it_was_started_is_the_run_it_became(store, all_kinds):
    run, _study, draft = all_kinds
    store.drafts.note_start(draft.id, run.id)
    assert (listed(store)[0], store.drafts.unstarted(owner="ann")) == (["search", "run"], [])
    store.drafts.save(draft.id, {**SPEC, "name": "draft", "seed": 2}, actor=Actor("ann"), template="cnn")
    assert listed(store)[0] == ["draft", "search", "run"]
    assert store.drafts.unstarted(owner="ann") == [(draft.id, "draft")]


def test_whoever_has_begun_nothing_has_none(store):
    assert not store.experiments.any(owner="ann")
    store.drafts.create(SPEC, owner="ann")
    assert (store.experiments.any(owner="ann"), store.experiments.any(owner="bob")) == (True, False)
