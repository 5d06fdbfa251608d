"""The table of runs: its filter, its order, its columns, and its CSV."""

import io
from datetime import UTC, datetime

import pandas as pd
import pytest

from dlcore.queue import submit
from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.records import Axis, Metric, Origin, RunState, Scope, SeriesKey, StudyState
from dlcore.store.filters import parse_filter
from dlcore.store.filters.fields import find_field
from dlcore.store.filters.grouping import RunGroup
from dlcore.ui.experiments.table import PAGE_SIZE
from dlcore.ui.runs.columns import experiments_csv
from dlcore.ui.runs.filter_line import quote
from dlcore.ui.runs.groups import group_test
from tests.store.test_studies import new_study
from tests.ui.conftest import names


def made(here, name, rate, accuracy, curve=(), metric="accuracy", *, ended=True):
    """A run, completed unless it goes on; the curve is that of a metric on its validation part."""
    spec = example().with_values({"name": name, "training.optimizer.learning_rate": rate})
    run = submit(here.store, spec, owner=here.actor.id)
    here.store.runs.move(run, RunState.STARTING, device="cpu")
    key = SeriesKey(metric, Scope.VALIDATION, Axis.EPOCH)
    points = [Metric(key, epoch, value) for epoch, value in enumerate(curve, start=1)]
    summary = {"test": {"accuracy": accuracy}, **({"validation": {metric: curve[-1]}} if curve else {})}
    said = {"summary": summary, "seconds": 2.0, "epoch": len(curve)}
    here.store.reports.write(run.id, 1, said, metrics=points)
    run = here.store.runs.get(run.id)
    here.store.runs.move(run, RunState.RUNNING)
    if ended:
        here.store.runs.move(here.store.runs.get(run.id), RunState.COMPLETED)
    return run


@pytest.fixture
def three(here):
    return [made(here, *row) for row in (("a", 0.1, 0.7), ("b", 0.01, 0.9), ("c", 0.001, 0.8))]


def test_the_line_filters_and_a_wrong_one_is_marked(open_page, three):
    page = open_page("runs")
    page.text_input(key="q").input("accuracy > 0.75").run()
    assert names(page) == ["c", "b"]
    page.text_input(key="q").input("accurcy > 0.75").run()
    assert not page.dataframe
    assert "there is no field 'accurcy'. Nearest: accuracy" in page.error[0].value
    assert page.code[0].value == "accurcy > 0.75\n^^^^^^^"
    page.text_input(key="q").input("accuracy > 2").run()
    assert "Nothing matches this filter." in page.info[0].value


def test_a_click_adds_to_the_line(open_page, three):
    page = open_page("runs")
    page.text_input(key="q").input("name = a or name = b").run()
    page.button(key="add.state = completed").click().run()
    assert page.text_input(key="q").value == "(name = a or name = b) and state = completed"


def test_the_address_says_the_order_and_the_columns(open_page, three):
    page = open_page("runs", sort="accuracy", columns="training.optimizer.learning_rate,test_accuracy")
    assert names(page) == ["b", "c", "a"]
    table = page.dataframe[0].value
    assert list(table) == ["name", "training.optimizer.learning_rate", "test_accuracy", "id"]
    assert list(table["training.optimizer.learning_rate"]) == [0.01, 0.001, 0.1]
    assert names(open_page("runs", sort="+accuracy")) == ["a", "c", "b"]


def test_an_order_that_is_none_is_forgotten(open_page, three):
    page = open_page("runs", sort="nonsense")
    assert names(page) == ["c", "b", "a"]
    assert "sort" not in page.query_params


def test_the_order_is_that_of_all_runs_and_not_of_those_on_the_page(open_page, here, monkeypatch, three):
    monkeypatch.setattr("dlcore.ui.experiments.table.PAGE_SIZE", 2)
    assert PAGE_SIZE == 200
    assert names(open_page("runs", sort="accuracy")) == ["b", "c"]


def test_the_settings_that_differ_are_offered_first(open_page, three):
    (choice,) = [one for one in open_page("runs").multiselect if one.label == "Columns"]
    assert choice.options[0] == "training.optimizer.learning_rate"


def test_the_csv_holds_metrics_and_settings(here, three):
    table = pd.read_csv(io.StringIO(experiments_csv(here.store.runs.list())))
    assert list(table["name"]) == ["c", "b", "a"]
    assert list(table["test.accuracy"]) == [0.8, 0.9, 0.7]
    assert list(table["training.optimizer.learning_rate"]) == [0.001, 0.01, 0.1]


@pytest.mark.parametrize("text", ["cnn", "two words", 'a "b" \\ c', "and", "none", "1", "x)"])
def test_a_quoted_text_is_read_back(text):
    assert parse_filter(f"name = {quote(text)}", now=datetime.now(UTC)).value == text


def groups(page):
    (table,) = page.dataframe
    return table.value


def test_runs_are_grouped_by_what_the_address_names(open_page, here, three):
    made(here, "d", 0.1, 0.9)
    page = open_page("runs", group="training.optimizer.learning_rate")
    table = groups(page)
    assert list(table["training.optimizer.learning_rate"]) == ["0.01", "0.1", "0.001"]
    assert list(table["runs"]) == [1, 2, 1]
    assert list(table["accuracy.mean"]) == pytest.approx([0.9, 0.8, 0.8])
    assert table["accuracy.deviation"][1] == pytest.approx(0.1414214)
    assert list(table["accuracy.best"]) == [0.9, 0.9, 0.8]
    assert "3 groups of 4 runs" in [one.value for one in page.caption]


def test_fields_to_group_by_are_chosen_and_stay_in_the_address(open_page, three):
    page = open_page("runs")
    (choice,) = [one for one in page.multiselect if one.label == "Group by"]
    choice.select("Template").run()
    assert page.query_params["group"] == "template"
    assert list(groups(page)["template"]) == ["cnn"]
    (choice,) = [one for one in page.multiselect if one.label == "Group by"]
    choice.set_value([]).run()
    assert "group" not in page.query_params
    assert names(page) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("by", "values", "test"),
    [
        (["template"], ("cnn",), "template = cnn"),
        (["template", "archived"], ("", False), "template = none and archived = false"),
        (["training.batch_size"], (32,), "training.batch_size = 32"),
        (["tag"], (["a", "b c"],), 'tag = a and tag = "b c"'),
        (["dataset.name"], ("true",), 'dataset.name = "true"'),
        (["preprocessing"], ([1],), ""),
    ],
)
def test_a_group_has_the_filter_that_its_runs_pass(by, values, test):
    fields = [find_field(name) for name in by]
    assert None not in fields
    assert group_test(RunGroup(values, (), {}), fields) == test


def test_a_view_is_kept_opened_and_deleted(open_page, here, three):
    page = open_page("runs", sort="accuracy", group="template")
    page.text_input(key="q").input("accuracy > 0.75").run()
    page.text_input(key="view_name").input("good ones")
    page.button(key="view_save").click().run()
    (view,) = here.store.views.list(owner=here.actor.id)
    assert (view.name, view.query) == (
        "good ones",
        {"q": "accuracy > 0.75", "sort": "accuracy", "group": "template"},
    )
    page = open_page("runs", columns="state")
    page.button(key="view.good ones").click().run()
    assert page.text_input(key="q").value == "accuracy > 0.75"
    assert page.query_params["group"] == "template"
    assert "columns" not in page.query_params
    assert list(groups(page)["runs"]) == [2]
    page.button(key="icon.view_gone.good ones").click().run()
    assert here.store.views.list(owner=here.actor.id) == []


@pytest.fixture
def searched(here):
    """A paused search of one complete trial, whose best is better than two of the three runs."""
    me = own_identity()
    assert here.store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)
    study = new_study(here.store, "a search", owner=here.actor.id)
    with here.store.studies.driving(study.id, me.id) as write:
        write.add_trial(0, origin=Origin.SAMPLED, params={})
        given = {"spec": example().to_dict(), "spec_hash": "", "name": "a search · 0", "owner": here.actor.id}
        write.add_run(0, 0, epochs=2, parent_id=None, dataset="digits", **given)
        write.set_study(best=0, best_value=0.85, state=StudyState.PAUSED)
    return study


def test_drafts_runs_and_searches_are_sorted_together(open_page, here, three, searched):
    here.store.drafts.create(example().updated(name="begun").to_dict(), owner=here.actor.id)
    page = open_page("runs")
    assert names(page) == ["begun", "a search", "c", "b", "a"]
    table = page.dataframe[0].value
    assert list(table["kind"]) == [["draft"], ["search"], ["run"], ["run"], ["run"]]
    assert list(table["state"])[:3] == [["draft"], ["paused"], ["completed"]]
    assert list(table)[:5] == ["name", "accuracy", "trend", "kind", "state"]
    assert table["name"][1] == f"study?study={searched.id}#a%20search"
    assert names(open_page("runs", sort="accuracy")) == ["b", "a search", "c", "a", "begun"]
    assert names(open_page("runs", sort="+accuracy")) == ["a", "c", "a search", "b", "begun"]


def test_one_filter_is_for_all_kinds(open_page, here, three, searched):
    here.store.drafts.create(example().updated(name="begun").to_dict(), owner=here.actor.id)

    def passing(line):
        page = open_page("runs")
        page.text_input(key="q").input(line).run()
        assert not page.exception
        return names(page) if page.dataframe else []

    assert passing("accuracy > 0.82") == ["a search", "b"]
    assert passing("kind = search or kind = draft") == ["begun", "a search"]
    assert passing("state = paused") == ["a search"]
    assert passing("state = draft") == ["begun"]
    assert passing("training.optimizer.learning_rate = 0.01") == ["b"]
    assert passing("dataset = digits and not kind = run") == ["begun", "a search"]
    assert passing("trial = 0") == ["a search · 0"]


def test_trials_are_shown_on_request_and_the_address_says_so(open_page, three, searched):
    page = open_page("runs")
    assert "a search · 0" not in names(page)
    page.toggle(key="trials").set_value(True).run()
    assert "a search · 0" in names(page)


def test_the_csv_holds_searches_and_drafts(here, three, searched):
    here.store.drafts.create(example().updated(name="begun").to_dict(), owner=here.actor.id)
    found, total = here.store.experiments.page(owner=here.actor.id, limit=100)
    table = pd.read_csv(io.StringIO(experiments_csv(found)))
    assert (list(table["name"]), total) == (["begun", "a search", "c", "b", "a"], 5)
    assert list(table["kind"]) == ["draft", "search", "run", "run", "run"]
    assert table["validation.accuracy"][1] == 0.85


def test_each_row_has_the_course_of_its_metric_and_a_search_that_of_its_best_trial(open_page, here):
    made(here, "a", 0.1, 0.7, [0.25, 0.5])
    best = made(here, "of it", 0.1, 0.7, [2.0, 1.0], "loss")
    study = new_study(here.store, "search", owner=here.actor.id, metrics=["val_loss"])
    me = own_identity()
    assert here.store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    with here.store.studies.driving(study.id, me.id) as write:
        write.add_trial(0, origin=Origin.SAMPLED, params={})
        write.set_trial(0, run_id=best.id, epoch=2)
        write.set_study(best=0, best_value=1.0)
    here.store.workers.release(me.id)
    made(here, "goes on", 0.1, 0.7, [0.125, 0.25], ended=False)
    submit(here.store, example().updated(name="waits"), owner=here.actor.id)
    page = open_page("runs", q='name = a or name = search or name = "goes on" or name = waits')
    trends = [trend if trend is None else list(trend) for trend in page.dataframe[0].value["trend"]]
    assert dict(zip(names(page), trends, strict=True)) == {
        "waits": None, "goes on": [0.125, 0.25], "search": [2.0, 1.0], "a": [0.25, 0.5]
    }  # fmt: skip
