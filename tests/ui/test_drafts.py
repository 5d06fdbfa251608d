"""Drafts: listed, opened, and taken back step by step on each page that edits one."""

import pytest

from dlcore.access.actors import Actor
from dlcore.queue.ready import example
from dlcore.records import Annotation, AnnotationEdit, RunState
from dlcore.ui.shared.annotations import EDITED
from tests.ui.conftest import add, found, named, names, parameter, texts, view

EDITORS = ("data", "build", "train", "search")


@pytest.fixture
def made(here):
    """Makes a draft of a name; returns its id."""
    return lambda name: here.store.drafts.create(example().updated(name=name).to_dict(), owner="local").id


def open_list(page):
    """Opens the list of drafts below the title."""
    page.session_state["drafts"] = True
    page.run()


def test_the_experiments_list_your_drafts_and_lead_to_each(open_page, here, made):
    ids = {name: made(name) for name in ("first", "second")}
    here.store.drafts.create(example().updated(name="theirs").to_dict(), owner="somebody")
    page = open_page("runs")
    assert names(page) == ["second", "first"]
    table = page.dataframe[0].value
    assert list(table["state"]) == [["draft"], ["draft"]]
    assert table["name"][1] == f"build?draft={ids['first']}#first"
    assert view(page, "experiments")["lines"] == ["2 drafts"]


def test_a_draft_that_cannot_be_read_is_listed_all_the_same(open_page, here):
    here.store.drafts.create({"name": "old", "dataset": {"name": "gone"}, "later": 1}, owner="local")
    page = open_page("runs")
    assert names(page) == ["old"]
    assert list(page.dataframe[0].value["dataset"]) == ["gone"]


def test_a_draft_is_not_listed_beside_the_run_it_became_until_it_is_another_experiment(open_page, here):
    page = open_page("train")
    draft = parameter(page, "draft")
    assert names(open_page("runs")) == ["digits · cnn · 1"]
    page.button(key="launch").click().run()
    page = open_page("runs")
    assert (names(page), list(page.dataframe[0].value["state"])) == (["digits · cnn · 1"], [["queued"]])
    page = open_page("train", draft=draft)
    (epochs,) = [field for field in page.number_input if field.label == "Epochs"]
    epochs.set_value(3).run()
    assert names(open_page("runs")) == ["digits · cnn · 2", "digits · cnn · 1"]


@pytest.mark.parametrize("name", EDITORS)
def test_a_draft_that_was_deleted_is_said_to_be_gone_and_no_other_is_edited(open_page, here, made, name):
    made("other")
    gone = made("gone")
    page = open_page(name, draft=gone)
    here.store.drafts.delete(gone, actor=here.actor)
    page.run()
    assert [one.value for one in page.warning] == [f"There is no draft '{gone}'. It may have been deleted."]
    assert not page.number_input and not page.dataframe
    assert parameter(page, "draft") == gone
    assert [link.proto.page for link in page.get("page_link")] == ["runs", "new"]


@pytest.mark.parametrize("name", EDITORS)
def test_each_page_that_edits_a_draft_names_it_and_lists_the_others(open_page, made, name):
    other, open_now = made("other"), made("this one")
    page = open_page(name, draft=open_now)
    assert page.title[0].value == "this one"
    assert "Handwritten digits, 8×8" in texts(page)
    assert named(page, "Undo").disabled
    open_list(page)
    named(page, "**other**").click().run()
    assert page.title[0].value == "other"
    assert parameter(page, "draft") == other


def test_a_new_draft_begins_with_the_example_and_keeps_the_others(open_page, here, made):
    older = made("older")
    page = open_page("train", draft=older)
    open_list(page)
    named(page, "New draft").click().run()
    assert page.title[0].value == "digits · cnn · 1"
    assert parameter(page, "draft") != older
    assert {one.spec["name"] for one in here.store.drafts.list(owner="local")} == {"older", ""}


@pytest.mark.parametrize(
    ("name", "values", "what", "kind", "removed", "part"),
    [
        ("data", {}, "preprocessing", "Resizing", "Remove: Resize", "preprocessing"),
        ("train", {"training.metrics": ["accuracy"]}, "metrics", "top_5_accuracy",
         "Remove: Top-5 accuracy", "training"),
    ],
)  # fmt: skip
def test_what_was_removed_from_a_list_comes_back(open_page, here, name, values, what, kind, removed, part):
    spec = example().with_values(values)
    draft = here.store.drafts.create(spec.to_dict(), owner="local").id
    page = open_page(name, draft=draft)
    add(page, what, kind)
    full = here.store.drafts.get(draft, actor=Actor("local")).spec[part]
    assert full != spec.to_dict()[part]
    named(page, removed).click().run()
    assert here.store.drafts.get(draft, actor=Actor("local")).spec[part] == spec.to_dict()[part]
    named(page, "Undo").click().run()
    assert not page.exception
    assert here.store.drafts.get(draft, actor=Actor("local")).spec[part] == full
    assert found(page.selectbox, f"{what}.add").value is None


def steps(page):
    """The steps above a page that edits a draft: what each is called, its icon, and where it leads."""
    found = [one.proto for one in page.get("page_link")][:5]
    return [(one.label, one.icon.removeprefix(":material/").rstrip(":"), one.page) for one in found]


def test_the_steps_say_what_is_done_and_lead_to_each_other(open_page):
    for name in EDITORS:
        assert steps(open_page(name)) == [
            ("Data", "check_circle", "data"),
            ("Network", "check_circle", "build"),
            ("Training", "check_circle", "train"),
            ("Search (optional)", "radio_button_unchecked", "search"),
            ("Run", "radio_button_unchecked", "run"),
        ]


@pytest.mark.parametrize(
    ("values", "place", "label"),
    [
        ({"dataset.cleaning": [{"kind": "MissingValues"}]}, 0, "Data: to fix"),
        ({"model.layers": []}, 1, "Network: to fix"),
        ({"training.early_stopping": {"monitor": "val_rmse"}}, 2, "Training: to fix"),
    ],
)
def test_a_step_with_a_problem_says_so_on_every_page(open_page, here, values, place, label):
    draft = here.store.drafts.create(example().with_values(values).to_dict(), owner="local").id
    for name in EDITORS:
        page = open_page(name, draft=draft)
        found = steps(page)
        assert found[place][:2] == (label, "error")
        assert [one[0] for one in found].count(label) == 1
        assert len([one for one in found if one[1] == "error"]) == 1
        assert page.button(key="launch").disabled


def test_an_experiment_is_a_single_run_or_a_search_and_has_one_start(open_page, here):
    search = {"space": {"training.batch_size": {"kind": "Choices", "choices": [16, 32]}}}
    draft = here.store.drafts.create(example().to_dict(), owner="local", search=search).id
    for name in EDITORS:
        page = open_page(name, draft=draft)
        starts = [one.key for one in page.button if one.key in ("launch", "start_search")]
        assert starts == ["start_search"]
    found(page.segmented_control, ".search_mode").set_value("run").run()
    stored = here.store.drafts.get(draft, actor=Actor("local")).search
    assert (stored["active"], stored["space"]) == (False, search["space"])
    for name in EDITORS:
        starts = [
            one.key for one in open_page(name, draft=draft).button if one.key in ("launch", "start_search")
        ]
        assert starts == ["launch"]


def test_what_is_searched_is_not_ready_before_something_varies(open_page):
    page = open_page("data")
    found(page.segmented_control, ".search_mode").set_value("search").run()
    assert steps(page)[3][:2] == ("Search: to fix", "error")
    assert page.button(key="start_search").disabled


def test_a_draft_is_named_from_its_head(open_page, here):
    page = open_page("data")
    assert page.title[0].value == "digits · cnn · 1"
    annotate(page, name="first try", notes="**see** this", tags=["paper"])
    assert page.title[0].value == "first try"
    draft = here.store.drafts.latest(owner="local")
    assert (draft.name, draft.spec["name"]) == ("first try", "first try")
    assert draft.annotation == Annotation("**see** this", ("paper",))
    assert "**see** this" in texts(page)
    assert ":material/sell: paper" in texts(page)
    assert not page.toast


def annotate(page, *, name=None, notes=None, tags=None):
    """Fills in the form of name, tags and notes, and saves it."""
    page.session_state[EDITED] = True
    page.run()
    if name is not None:
        found(page.text_input, ".name").input(name)
    if notes is not None:
        found(page.text_area, ".notes").input(notes)
    if tags is not None:
        found(page.multiselect, ".tags").set_value(tags)
    named(page, "Save").click().run()


def test_the_name_is_no_step_that_is_taken_back(open_page, here):
    page = open_page("train")
    (epochs,) = [field for field in page.number_input if field.label == "Epochs"]
    epochs.set_value(3).run()
    annotate(page, name="kept")
    named(page, "Undo").click().run()
    spec = here.store.drafts.latest(owner="local").spec
    assert (spec["name"], spec["training"]["epochs"]) == ("kept", 10)


def test_a_run_begins_with_the_tags_and_notes_of_its_draft(open_page, here):
    page = open_page("train")
    annotate(page, notes="why", tags=["paper"])
    page.button(key="launch").click().run()
    (run,) = here.store.runs.list()
    assert run.annotation == Annotation("why", ("paper",))


def test_drafts_are_tagged_filtered_and_put_away_in_the_table(open_page, here, made):
    first, second = made("first"), made("second")
    edit = AnnotationEdit(add_tags=("paper",), notes="**why**")
    here.store.annotations.edit(here.store.drafts.get(first, actor=Actor("local")), edit)
    page = open_page("runs", q="tag:paper", columns="tag,notes")
    assert names(page) == ["first"]
    table = page.dataframe[0].value
    assert (list(table["tag"]), list(table["notes"])) == ([["paper"]], ["**why**"])
    away = here.store.drafts.get(second, actor=Actor("local"))
    here.store.annotations.edit(away, AnnotationEdit(archived=True))
    page = open_page("runs")
    assert names(page) == ["first"]
    assert view(page, "experiments")["lines"] == ["1 draft"]


def test_a_draft_is_duplicated_with_its_search(open_page, here):
    search = {"space": {"training.batch_size": {"kind": "Choices", "choices": [16, 32]}}}
    spec = example().updated(name="mine")
    draft = here.store.drafts.create(spec.to_dict(), owner="local", search=search).id
    page = open_page("train", draft=draft)
    open_list(page)
    named(page, "Duplicate this one").click().run()
    assert page.title[0].value == "mine copy"
    copy = here.store.drafts.get(parameter(page, "draft"), actor=Actor("local"))
    assert copy.id != draft
    assert copy.search["space"] == search["space"]


def test_a_started_draft_leads_to_its_run_and_says_what_was_changed_since(open_page, here):
    page = open_page("train")
    draft = parameter(page, "draft")
    page.button(key="launch").click().run()
    (run,) = here.store.runs.list()
    page = open_page("train", draft=draft)
    link = page.get("page_link")[4].proto
    assert (link.label, link.query_string) == ("Run", f"run={run.id}")
    assert steps(page)[4][1] == "check_circle"
    (epochs,) = [field for field in page.number_input if field.label == "Epochs"]
    epochs.set_value(3).run()
    assert steps(page)[4][1] == "radio_button_unchecked"
    (table,) = [one for one in page.table if "Started" in one.value.columns]
    assert table.value.to_dict("index") == {"epochs": {"Started": "10", "Now": "3"}}


def test_a_draft_whose_run_is_gone_is_one_that_was_never_started(open_page, here):
    page = open_page("train")
    draft = parameter(page, "draft")
    page.button(key="launch").click().run()
    (run,) = here.store.runs.list()
    here.store.runs.move(run, RunState.STOPPED)
    here.store.runs.delete(here.store.runs.get(run.id))
    assert open_page("train", draft=draft).get("page_link")[4].proto.disabled
