"""Searches: the list, the page of one, what is asked of its driver, and the route of its live chart."""

import csv
import io
import json

import pytest
from starlette.testclient import TestClient

from dlcore.plots.studies import Goal, parallel_info
from dlcore.queue import submit
from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.queue.studies import start
from dlcore.records import Origin, RunState, StudyAction, StudyState, TrialState
from dlcore.search.spec import SearchSpec
from dlcore.text import file_name
from dlcore.ui.components.study_chart import selected_trials
from dlcore.ui.shared.annotations import EDITED
from dlcore.ui.shared.tables import escape_formula
from dlcore.ui.studies.data import distributions, param_text, study_snapshot
from dlcore.ui.studies.trial_table import trials_csv as trials_csv
from tests.ui.conftest import numbers, parameter, texts, view

RATE, BATCH = "training.optimizer.learning_rate", "training.batch_size"
SPACE = {RATE: {"low": 1e-4, "high": 1e-1, "log": True}, BATCH: [16, 32, 64]}
VALUES = (0.5, 0.9, 0.7)


def search(**options):
    return SearchSpec.from_dict({**example().to_dict(), "space": SPACE, "search": options})


@pytest.fixture
def driver(here):
    """The id of a supervisor that holds the lease."""
    me = own_identity()
    assert here.store.workers.acquire(me, slots=2, lost_seconds=15, is_gone=lambda who: False)
    return me.id


@pytest.fixture
def study(here, driver):
    """A study of three complete trials, a pruned one, a failed one and one that runs."""
    new = start(here.store, search(max_trials=10), owner="local", name="digits search")
    with here.store.studies.driving(new.id, driver) as write:
        for number, value in enumerate(VALUES):
            add(write, number, state=TrialState.RUNNING)
            write.set_trial(number, state=TrialState.COMPLETE, values=(value,), epoch=5)
        add(write, 3, state=TrialState.PRUNED)
        write.set_trial(3, state=TrialState.PRUNED, values=(0.2,))
        add(write, 4)
        write.set_trial(4, state=TrialState.FAIL)
        add(write, 5, state=TrialState.RUNNING)
        write.set_trial(5, state=TrialState.RUNNING, epoch=2)
        write.set_study(best=1, best_value=0.9, seconds=60.0)
    return here.store.studies.get(new.id)


def add(write, number, *, state=TrialState.WAITING):
    params = {RATE: 10.0 ** -(number % 3 + 1), BATCH: 16 * 2 ** (number % 3)}
    write.add_trial(number, origin=Origin.SAMPLED, params=params, state=state)


def set_state(here, driver, study, state):
    with here.store.studies.driving(study.id, driver) as write:
        write.set_study(state=state)


def asked(here, study):
    return [(one.action, one.arguments) for one in here.store.studies.requests(study.id)]


def opened(open_page, study, **query):
    return open_page("study", study=study.id, **query)


def with_trial(open_page, study, number):
    """The page with a trial chosen, as by a click on its row."""
    app = opened(open_page, study)
    app.session_state["study_trial"] = number
    return app.run()


def test_a_study_shows_its_best_its_progress_and_what_runs(open_page, study):
    app = opened(open_page, study)
    assert numbers(app, "study")["Best Accuracy · Validation"] == "90.00%"
    assert numbers(app, "study")["Trials"] == "5 / 10"
    assert view(app, "study")["progress"] == {
        "share": 0.5, "text": "3 complete · 1 pruned · 1 failed · 1 running"
    }  # fmt: skip
    assert view(app, "study")["lines"] == ["trial 5 at epoch 2"]
    assert "digits search" in texts(app)
    assert parameter(app, "study") == study.id


def left_model(here, study, number):
    """The run of a trial, ended with a model and a test."""
    given = {"spec": example().to_dict(), "spec_hash": "", "name": "t", "owner": "local", "dataset": "digits"}
    with here.store.studies.driving(study.id, here.store.workers.current().id) as write:
        run_id = write.add_run(number, 0, epochs=2, parent_id=None, **given)
    run = here.store.runs.get(run_id)
    for state in (RunState.STARTING, RunState.RUNNING, RunState.COMPLETED):
        summary = {"test": {"accuracy": 0.8625, "loss": 0.4}}
        here.store.runs.move(here.store.runs.get(run.id), state, summary=summary)
    (here.store.artifacts.create(run.id) / "model.keras").write_bytes(b"weights")
    return run


def test_the_best_trials_test_stands_beside_what_it_was_chosen_by(open_page, here, study):
    assert "Accuracy · Test" not in numbers(opened(open_page, study), "study")
    left_model(here, study, 1)
    assert numbers(opened(open_page, study), "study")["Accuracy · Test"] == "86.25%"


@pytest.mark.parametrize(
    ("state", "model", "button"),
    [
        (StudyState.RUNNING, True, "study_pause"),
        (StudyState.PAUSED, True, "study_resume"),
        (StudyState.COMPLETED, True, "study_model"),
        (StudyState.STOPPED, False, "study_resume"),
    ],
)
def test_one_button_of_a_study_stands_out_by_its_state(open_page, here, driver, study, state, model, button):
    if model:
        left_model(here, study, 1)
    set_state(here, driver, study, state)
    buttons = [one for one in opened(open_page, study).button if one.proto.type == "primary"]
    assert [one.key for one in buttons if one.key.startswith("study_")] == [button]


def test_the_model_of_the_best_trial_is_got_on_its_runs_page(open_page, here, study):
    run = left_model(here, study, 1)
    app = opened(open_page, study)
    app.button(key="study_model").click().run()
    assert (parameter(app, "run"), parameter(app, "view")) == (run.id, "take_away")
    assert app.title[0].value == run.name


def test_a_study_gets_another_name_on_its_page(open_page, here, study):
    app = opened(open_page, study)
    app.session_state[EDITED] = True
    app.run()
    app.text_input(key=f"annotation.{study.id}.name").input("rates")
    app.button(key=f"annotation.{study.id}.save").click().run()
    assert here.store.studies.get(study.id).name == "rates"
    assert app.title[0].value == "rates"


def test_the_table_has_a_row_for_each_trial_with_its_parameters(open_page, study):
    table = opened(open_page, study).dataframe[0].value
    assert list(table["number"]) == [0, 1, 2, 3, 4, 5]
    assert list(table["value_0"])[:4] == [0.5, 0.9, 0.7, 0.2]
    assert list(table[f"p:{BATCH}"]) == [16, 32, 64, 16, 32, 64]


@pytest.mark.parametrize(
    ("key", "value", "numbers"),
    [
        ("trial_states", ["fail"], [4]),
        ("trial_text", "batch_size=32", [1, 4]),
        ("trial_text", "3", [3]),
        ("trial_order", "best", [1, 2, 0, 3, 4, 5]),
        ("trial_order", "latest", [5, 4, 3, 2, 1, 0]),
    ],
)
def test_the_table_is_filtered_and_ordered(open_page, study, key, value, numbers):
    app = opened(open_page, study)
    app.session_state[key] = value
    assert list(app.run().dataframe[0].value["number"]) == numbers


def test_each_figure_is_drawn_when_it_is_chosen(open_page, study):
    app = opened(open_page, study)
    for figure in (
        "curves",
        "parallel",
        "slice",
        "contour",
        "rank",
        "timeline",
        "front",
        "edf",
        "importance",
    ):
        app.session_state["figure"] = figure
        app.run()
        assert not app.exception, (figure, app.exception)


def test_the_axes_of_a_layer_with_two_underscores_in_its_name_are_drawn(open_page, here, driver):
    layers = ["Flatten", {"kind": "Dense", "name": "my__dense", "units": 10}]
    units = "model.layers[my__dense].units"
    spec = {**example().to_dict(), "model": {"layers": layers}, "space": {units: [10, 20]}}
    new = start(here.store, SearchSpec.from_dict(spec), owner="local", name="digits search")
    with here.store.studies.driving(new.id, driver) as write:
        for number in range(2):
            write.add_trial(number, origin=Origin.SAMPLED, params={units: 10 + 10 * number})
            write.set_trial(number, state=TrialState.COMPLETE, values=(0.5,))
    app = opened(open_page, new)
    app.session_state["figure"] = "parallel"
    assert not app.run().exception


def test_the_page_of_a_study_without_trials_says_so(open_page, here, driver):
    new = start(here.store, search(), owner="local")
    assert "The figures appear with the first trial." in texts(opened(open_page, new))


def test_a_study_whose_dataset_is_gone_is_still_shown(open_page, here, driver):
    spec = {**search().to_dict(), "dataset": {"name": "vanished"}}
    new = here.store.studies.create(
        name="old", owner="local", spec=spec, dataset="vanished", metrics=["val_accuracy"],
        directions=["maximize"], parallel=1, max_trials=5, max_seconds=None, target=None,
    )  # fmt: skip
    with here.store.studies.driving(new.id, driver) as write:
        for number in range(3):
            add(write, number, state=TrialState.RUNNING)
            write.set_trial(number, state=TrialState.COMPLETE, values=(0.1 * number,))
    app = opened(open_page, new)
    app.session_state["figure"] = "slice"
    assert not app.run().exception
    found = distributions(new, study_snapshot(new.id).trials)
    assert (found[RATE].low, found[RATE].high, found[RATE].log) == (0.001, 0.1, True)


def test_a_study_that_is_not_there_is_said_to_be_gone(open_page):
    assert "There is no study 'feedbeef'." in texts(open_page("study", study="feedbeef"))


def test_pause_is_asked_for_once_and_shown_until_it_is_done(open_page, here, study):
    app = opened(open_page, study)
    app.button(key="study_pause").click().run()
    assert asked(here, study) == [(StudyAction.PAUSE, {})]
    assert "will pause" in view(app, "study")["lines"]
    assert app.button(key="study_pause").disabled


def test_a_paused_study_goes_on(open_page, here, driver, study):
    set_state(here, driver, study, StudyState.PAUSED)
    opened(open_page, study).button(key="study_resume").click().run()
    assert asked(here, study) == [(StudyAction.RESUME, {})]


def test_the_limits_are_changed_and_only_what_differs_is_asked_for(open_page, here, study):
    app = opened(open_page, study)
    app.number_input(key="limit_trials").set_value(20)
    app.number_input(key="limit_hours").set_value(0.5)
    app.button(key="limits_go").click().run()
    assert asked(here, study) == [(StudyAction.SET, {"max_trials": 20, "max_seconds": 1800.0})]


def test_failed_trials_are_tried_again(open_page, here, study):
    opened(open_page, study).button(key="study_retry").click().run()
    assert asked(here, study) == [(StudyAction.RETRY, {"numbers": [4]})]


def test_a_running_trial_is_given_up(open_page, here, study):
    with_trial(open_page, study, 5).button(key="trial_prune").click().run()
    assert asked(here, study) == [(StudyAction.PRUNE, {"number": 5})]


def test_a_trial_is_marked_as_bad(open_page, here, study):
    with_trial(open_page, study, 1).button(key="trial_mark").click().run()
    assert asked(here, study) == [(StudyAction.MARK, {"number": 1, "bad": True})]


def test_the_parameters_of_a_trial_become_a_draft(open_page, here, study):
    with_trial(open_page, study, 1).button(key="trial_use").click().run()
    draft = here.store.drafts.latest(owner="local")
    assert draft.spec["training"]["batch_size"] == 32
    assert draft.spec["training"]["optimizer"]["learning_rate"] == pytest.approx(0.01)


def test_a_trial_whose_run_is_gone_is_trained_anew_for_longer(open_page, here, study):
    app = with_trial(open_page, study, 1)
    app.number_input(key=f"longer_{study.id}_1").set_value(12)
    app.button(key="longer_go").click().run()
    (run,) = here.store.runs.list()
    assert (run.state, run.epochs, run.spec["training"]["batch_size"]) == (RunState.QUEUED, 12, 32)


def test_a_trial_leads_to_its_run(open_page, here, driver, study):
    plain = submit(here.store, example(), owner="local")
    with here.store.studies.driving(study.id, driver) as write:
        given = {"spec": plain.spec, "spec_hash": "", "name": "t", "owner": "local", "dataset": "digits"}
        run_id = write.add_run(1, 0, epochs=2, parent_id=None, **given)
    links = with_trial(open_page, study, 1).get("page_link")
    assert any(f"run={run_id}" in link.proto.query_string for link in links)


def test_the_study_of_another_can_be_seen_but_not_steered(open_page, here, driver):
    new = start(here.store, search(), owner="grace")
    app = opened(open_page, new)
    assert "belongs to grace" in texts(app)
    for key in ("study_pause", "study_stop", "study_add"):
        assert app.button(key=key).disabled


def test_what_moves_of_a_search_stands_on_a_card_and_not_in_the_table(open_page, study):
    app = open_page("runs")
    assert numbers(app, "study")["Trials"] == "5 / 10"
    assert view(app, "experiments")["lines"] == ["1 running"]
    assert any(f"study={study.id}" in link.proto.query_string for link in app.get("page_link"))


def test_chosen_studies_are_compared(open_page, here, driver, study):
    other = start(here.store, search(), owner="local", name="other")
    with here.store.studies.driving(other.id, driver) as write:
        add(write, 0, state=TrialState.RUNNING)
        write.set_trial(0, state=TrialState.COMPLETE, values=(0.8,))
    app = open_page("studies", studies=f"{study.id},{other.id},gone")
    (best,) = [one.value for one in app.dataframe]
    assert list(best["digits search"][:2]) == ["90.00%", "Trial 1"]
    assert list(best["other"][:2]) == ["80.00%", "Trial 0"]


@pytest.fixture
def changed(here):
    """What the feed says of a study's trials after a revision."""
    from app import app

    client = TestClient(app, base_url="http://localhost")

    def ask(study, since):
        answer = client.get(f"/api/feed?ask=trials:{study.id}:{since}")
        return answer.json()[0] if answer.status_code == 200 else None

    return ask


def test_the_live_chart_gets_the_trials_that_changed_since_its_revision(changed, here, driver, study):
    first = changed(study, 0)
    assert [trial["number"] for trial in first["trials"]] == [0, 1, 2, 3, 4, 5]
    assert (first["live"], first["more"]) == (True, False)
    with here.store.studies.driving(study.id, driver) as write:
        write.set_trial(5, state=TrialState.COMPLETE, values=(0.95,))
    second = changed(study, first["revision"])
    (trial,) = second["trials"]
    assert (trial["number"], trial["state"], trial["values"]) == (5, "complete", [0.95])
    assert changed(study, second["revision"]) is None


def test_the_live_chart_learns_that_nothing_more_comes(changed, here, driver, study):
    with here.store.studies.driving(study.id, driver) as write:
        write.set_trial(5, state=TrialState.PRUNED)
        write.set_study(state=StudyState.COMPLETED)
    assert changed(study, 0)["live"] is False


def test_only_what_changed_is_read_again(here, driver, study, monkeypatch):
    before = study_snapshot(study.id)
    asked_since = []
    read = here.store.studies.trials

    def spied(study_id, *, since=0, **more):
        asked_since.append(since)
        return read(study_id, since=since, **more)

    monkeypatch.setattr(here.store.studies, "trials", spied)
    with here.store.studies.driving(study.id, driver) as write:
        write.set_trial(5, state=TrialState.PRUNED)
    after = study_snapshot(study.id)
    assert asked_since == [before.revision]
    assert [trial.state for trial in after.trials[4:]] == [TrialState.FAIL, TrialState.PRUNED]


def test_a_brush_selects_trials_also_among_those_that_are_not_drawn(here, study):
    goal = Goal("Accuracy", "maximize")
    trials = study_snapshot(study.id).trials
    spread = distributions(study, trials)
    drawn = parallel_info(trials, goal, spread, most=2)
    whole = parallel_info(trials, goal, spread)
    place = next(index for index, axis in enumerate(whole.axes) if axis.path == RATE)
    assert selected_trials(drawn, whole, {}) == {0, 1, 2}
    assert selected_trials(drawn, whole, {place: [(-2.1, -0.9)]}) == {0, 1}
    assert selected_trials(drawn, whole, {place: [(-2.1, -0.9)], len(whole.axes) - 1: [(0.85, 1.0)]}) == {1}
    assert selected_trials(drawn, whole, {99: [(0, 1)]}) == {0, 1, 2}


def test_trials_are_exported_with_a_column_a_parameter(study):
    rows = list(csv.DictReader(io.StringIO(trials_csv(study, study_snapshot(study.id).trials))))
    assert [row["number"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert (rows[1]["state"], rows[1]["val_accuracy"], rows[1][BATCH]) == ("complete", "0.9", "32")


def test_an_exported_name_or_text_does_no_harm():
    assert file_name("../../etc/passwd") == "etc-passwd"
    assert escape_formula("=1+1") == "'=1+1"
    assert escape_formula(-1.5) == -1.5


def test_parameters_are_shown_as_people_read_them():
    assert [param_text(value) for value in (True, None, 0.00012345, 64, "Adam")] == [
        "yes",
        "–",
        "0.0001234",
        "64",
        "Adam",
    ]


def test_a_narrower_search_around_the_best_is_started_or_changed_first(open_page, here, study):
    app = opened(open_page, study)
    app.button(key="study_around").click().run()
    assert {"around_go", "around_draft"} <= {button.key for button in app.button}
    assert app.button(key="study_around").help == "A new, narrower study; this one stays as it is."


def test_the_list_says_when_a_study_began_in_no_language(open_page, study):
    columns = json.loads(open_page("runs").dataframe[0].proto.columns)
    assert columns["created"]["type_config"]["format"] == "YYYY-MM-DD HH:mm"
