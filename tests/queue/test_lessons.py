"""A lesson that is taken: its experiment, what was done since, and the steps that stay done."""

import pytest

from dlcore.access.actors import Actor
from dlcore.errors import SpecError
from dlcore.lessons.evidence import Visit
from dlcore.queue import submit
from dlcore.queue.lessons import begin_lesson, taken_lesson
from dlcore.queue.ready import example
from dlcore.store import Store

LESSON = """---
title: Two steps
minutes: 5
start: {dataset: digits, values: {training.epochs: 7, model.layers: []}}
---
## Flatten
```step
page: build
check: {draft: {layers: Flatten}}
```
## Train
```step
check: {run: {state: launched}}
```
## See
```step
check: {visit: {page: run, view: log}}
```
"""


@pytest.fixture
def store(settings, tmp_path):
    (tmp_path / "two-steps.md").write_text(LESSON)
    opened = Store.open(settings.model_copy(update={"lessons": tmp_path}))
    yield opened
    opened.close()


def begun(store, owner="ann"):
    return begin_lesson(store, "two-steps", language="en", actor=Actor(owner), public_owner=owner)


def taken(store, owner="ann", visit=None):
    return taken_lesson(store, owner=owner, language="en", visit=visit)


def missing(store, **more):
    return [message.text() for message in taken(store, **more).missing]


def test_a_lesson_begins_with_its_experiment(store):
    before = submit(store, example(), owner="ann")
    assert taken(store) is None
    draft = store.drafts.get(begun(store), actor=Actor("ann"))

    assert (draft.spec["training"]["epochs"], draft.spec["model"]["layers"]) == (7, [])
    now = taken(store)
    assert (now.number, now.step.title, now.draft_id, now.is_last) == (0, "Flatten", draft.id, False)
    assert missing(store) == ["Add the layer Flatten."]
    assert before.id not in [run.id for run in now.evidence.runs]


def test_a_step_is_done_by_what_was_done_and_stays_done(store):
    draft = begun(store)
    flat = example().with_values({"model.layers": ["Flatten", "Dense"]})
    store.drafts.save(draft, flat.to_dict(), actor=Actor("ann"))
    assert missing(store) == [] and store.lessons.current(owner="ann").done == {0}
    store.drafts.save(draft, example().with_values({"model.layers": []}).to_dict(), actor=Actor("ann"))
    assert missing(store) == []

    store.lessons.go("two-steps", 1, owner="ann")
    assert missing(store) == ["Start the training."]
    submit(store, flat, owner="bob")
    assert missing(store) == ["Start the training."]
    run = submit(store, flat, owner="ann")
    assert missing(store) == [] and [one.id for one in taken(store).evidence.runs] == [run.id]

    store.lessons.go("two-steps", 2, owner="ann")
    assert missing(store, visit=Visit("run")) == ["Open it and have a look."]
    assert missing(store, visit=Visit("run", "log")) == []
    assert missing(store) == [] and taken(store).is_last


def test_the_experiment_of_a_lesson_is_the_one_that_was_changed_last(store):
    begun(store)
    bare = example().with_values({"model.layers": []})
    other = store.drafts.create(bare.to_dict(), owner="ann")
    assert taken(store).draft_id == other.id
    for draft in store.drafts.list(owner="ann"):
        store.drafts.delete(draft.id, actor=Actor("ann"))
    assert taken(store).draft_id == "" and missing(store) == ["Begin the experiment of this lesson."]


def test_a_lesson_whose_file_is_gone_or_shorter_by_now_harms_nobody(store, tmp_path):
    begun(store)
    store.lessons.go("two-steps", 2, owner="ann")
    path = tmp_path / "two-steps.md"
    path.write_text(LESSON.partition("## See")[0])
    assert (taken(store).number, taken(store).is_last) == (1, True)
    path.write_text("nothing")
    assert taken(store) is None
    path.unlink()
    assert taken(store) is None
    with pytest.raises(SpecError, match="there is no lesson 'two-steps'"):
        begun(store)
