"""Nothing goes away before a dialog has named it, and Cancel keeps it."""

import re

import pytest
from playwright.sync_api import expect

from dlcore.access.actors import Actor
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import stored_names
from dlcore.errors import NotFoundError
from dlcore.queue import submit
from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.queue.studies import start
from dlcore.records import RunState, StudyAction, StudyState
from dlcore.search.spec import SearchSpec
from dlcore.settings import Settings
from tests.e2e.conftest import choose_rows, ready

HOSTILE = "**bold** <b>x</b>"


def press(page, name):
    """Presses a button of the page, then looks at the dialog."""
    page.get_by_role("button", name=name, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def press_item(page, name):
    """Presses an item of the page's menu, then looks at the dialog, which must not lie below the menu."""
    page.get_by_role("button", name="More", exact=True).click()
    dialog = press(page, name)
    expect(page.get_by_test_id("stPopoverBody").filter(visible=True)).to_have_count(0)
    return dialog


def is_kept(dialog, page, name):
    """Whether the dialog names it, and closes with Cancel."""
    expect(dialog.get_by_text(name)).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    ready(page)


def test_a_run_is_named_before_it_is_deleted(page, store):
    run = submit(store, example().updated(name=HOSTILE), owner="local")
    store.runs.move(run, RunState.STOPPED)
    page.goto(f"/run?run={run.id}")
    ready(page)
    is_kept(press_item(page, "Delete"), page, f"{HOSTILE} ({run.id[:10]})")
    assert store.runs.get(run.id)

    press_item(page, "Delete").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    with pytest.raises(NotFoundError):
        store.runs.get(run.id)


def test_a_study_is_named_before_it_is_stopped_or_deleted(page, store):
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    spec = SearchSpec.from_dict({**example().to_dict(), "space": {"training.batch_size": [16, 32]}})
    study = start(store, spec, owner="local", name="named search")
    page.goto(f"/study?study={study.id}")
    ready(page)
    is_kept(press_item(page, "Stop"), page, "named search")
    assert not store.studies.requests(study.id)

    with store.studies.driving(study.id, me.id) as write:
        write.set_study(state=StudyState.STOPPED)
    store.workers.release(me.id)
    page.reload()
    ready(page)
    is_kept(press_item(page, "Delete"), page, f"named search ({study.id[:10]})")
    press_item(page, "Delete").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    (request,) = store.studies.requests(study.id)
    assert request.action is StudyAction.DELETE


def test_what_was_deleted_in_another_tab_meanwhile_keeps_nothing_else_from_being_deleted(page, store):
    runs = [submit(store, example().updated(name=name), owner="local") for name in ("one", "two")]
    for run in runs:
        store.runs.move(run, RunState.STOPPED)
    page.route("**/api/feed?*", lambda route: route.abort())  # before this tab hears of it
    choose_rows(page, 2)
    dialog = press(page, "Delete 2")
    store.runs.delete(store.runs.get(runs[1].id))  # the first one in the table
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog).to_have_count(0)
    ready(page)
    with pytest.raises(NotFoundError):
        store.runs.get(runs[0].id)


def drafts(store, *names):
    """The ids of new drafts."""
    return [store.drafts.create(example().updated(name=name).to_dict(), owner="local").id for name in names]


def test_a_draft_is_named_before_it_is_deleted(page, store):
    kept, gone = drafts(store, "kept", "not wanted")
    page.goto(f"/train?draft={gone}")
    ready(page)
    page.get_by_role("button", name="Drafts").click()
    is_kept(press(page, "Delete the draft not wanted"), page, f"({gone[:10]})")
    assert store.drafts.get(gone, actor=Actor("local"))

    page.goto(f"/build?draft={kept}")
    ready(page)
    page.get_by_role("button", name="Drafts").click()
    press(page, "Delete the draft not wanted").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", name="kept")).to_be_visible()
    with pytest.raises(NotFoundError):
        store.drafts.get(gone, actor=Actor("local"))


def test_who_deletes_the_open_draft_works_on_the_one_before(page, store):
    older, newer = drafts(store, "older", "newer")
    page.goto(f"/build?draft={newer}")
    ready(page)
    page.get_by_role("button", name="Drafts").click()
    press(page, "Delete the draft newer").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="older")).to_be_visible()
    page.wait_for_url(re.compile(f"draft={older}"))


def test_a_dataset_is_named_before_it_is_removed(page, server, tmp_path):
    settings = Settings(home=server.home)
    table = tmp_path / "points.csv"
    table.write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(30)))
    ingest(table, settings, Choices(name="points"), owner="local")
    page.goto("/datasets")
    ready(page)
    is_kept(press(page, "Remove the dataset points"), page, "points")
    assert stored_names(settings) == ("points",)

    press(page, "Remove the dataset points").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("button", name="Use points")).to_have_count(0)
    assert stored_names(settings) == ()
