"""The evaluation lab: which samples it shows, in which order, and what it says of them."""

import base64
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import update

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.queue.corrections import change_set_of
from dlcore.queue.wire import Answer
from dlcore.records import Evaluation, Mistake, RunState, TargetError
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE
from dlcore.records.predictions import Predictions
from dlcore.spec.data import Task
from dlcore.store.run_files import read_evaluation
from dlcore.store.tables import runs
from tests.comparison.runs import classified
from tests.datasets import makers
from tests.ui.conftest import parameter, running, texts

WRONG = (3, 13, 25)
"""Two threes taken for a four, and a five for a six; row 3 of the dataset is the first."""


@pytest.fixture
def run(here):
    return classified(here.store, "a run", WRONG)


def numbers(page):
    """The numbers of the samples in the list, in its order."""
    return page.dataframe[0].value["number"].tolist()


def test_the_lab_begins_with_what_is_wrong_and_opens_the_first_of_it(open_page, run):
    page = open_page("lab", run=run.id)

    assert numbers(page) == [3, 13, 25]
    assert "**Sample 3**" in texts(page)
    assert "Answered **4**, is **3**" in texts(page)
    assert page.dataframe[0].value["picture"][0].startswith("data:image/png;base64,")


def test_the_address_chooses_order_classes_and_sample(open_page, run):
    page = open_page("lab", run=run.id, order="loss", true="5", predicted="6", sample="25")

    assert numbers(page) == [25]
    assert "**Sample 25**" in texts(page)


def test_a_class_that_is_chosen_stands_in_the_address(open_page, run):
    page = open_page("lab", run=run.id)
    page.selectbox(key="true").set_value("3").run()

    assert numbers(page) == [3, 13]
    assert parameter(page, "true") == "3"


def test_all_samples_are_listed_a_page_at_a_time(open_page, run):
    page = open_page("lab", run=run.id, order="all")

    assert numbers(page) == list(range(50))
    assert "200 samples of 200" in texts(page)


def test_the_next_sample_is_opened_by_a_button(open_page, run):
    page = open_page("lab", run=run.id)
    page.button(key="lab_step.1").click().run()

    assert parameter(page, "sample") == "13"
    assert "**Sample 13**" in texts(page)
    assert not page.button(key="lab_step.-1").disabled


@pytest.mark.parametrize("sample", ["x", "-1", "9" * 40, "900"])
def test_a_sample_that_is_not_there_is_not_opened(open_page, run, sample):
    assert "**Sample 3**" in texts(open_page("lab", run=run.id, sample=sample))


def test_a_part_that_was_kept_can_be_chosen(open_page, here, run):
    folder = here.store.artifacts.folder(run.id)
    answers = np.full((4, 10), 0.02)
    answers[:, 7] = 0.82
    np.savez(
        folder / "validation_predictions.npz",
        answers=np.float32(answers),
        targets=np.full(4, 7),
        rows=np.arange(90, 94),
    )
    page = open_page("lab", run=run.id, part="validation", order="all")

    assert numbers(page) == [90, 91, 92, 93]
    assert "Right: **7**" in texts(page)


def test_pairs_that_are_confused_are_counted(open_page, run):
    page = open_page("lab", run=run.id, view="classes")
    scores, pairs = (table.value for table in page.dataframe)

    assert pairs[["true", "predicted", "samples"]].values.tolist() == [["3", "4", 2], ["5", "6", 1]]
    # Twenty threes, two of them missed: Wilson's interval.
    assert scores["recall"][3] == "90.0%  (70% – 97%)"


def test_a_model_that_is_right_more_often_than_it_is_sure_is_told_so(open_page, run):
    page = open_page("lab", run=run.id, view="confidence")

    found = {metric.label: metric.value for metric in page.metric}
    assert found == {"Mean confidence": "82.0%", "Accuracy": "98.5%", "Calibration error (ECE)": "16.5%"}
    assert "It is less sure than it could be." in texts(page)
    assert "T was fitted to these samples themselves" in texts(page)


def test_slices_name_the_class_that_is_worst(open_page, run):
    page = open_page("lab", run=run.id, view="slices")
    table = page.dataframe[0].value

    assert table[["column", "value", "samples"]].values.tolist()[0] == ["True class", "3", 20]
    assert set(table["column"]) == {"True class", "Brightness"}


def test_errors_with_a_price_have_a_best_threshold(open_page, run):
    page = open_page("lab", run=run.id, view="classes")
    page.session_state["lab.0.costs"] = True
    page.run()

    assert "The errors cost least from" in texts(page)


def answered(here, path, task, said, true, *, classes=(), targets=(), **choices):
    """A run on stored data that has answered for its first samples, without any training."""
    facts = ingest(path, here.settings, Choices(name="own", **choices), owner="local").facts
    run = running(here, proposal(facts))
    here.store.runs.move(run, RunState.COMPLETED)
    folder = here.store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    errors = tuple(TargetError(name, 0, 0, 0, 0) for name in targets)
    found = Evaluation({}, classes, (), (), (), task=task.value, errors=errors)
    (folder / "evaluation.json").write_text(json.dumps(found.to_dict()))
    np.savez(folder / "predictions.npz", answers=np.float32(said), targets=true, rows=np.arange(len(said)))
    return run


def homes(path, town="Oslo"):
    lines = [f"{area},{'Rome' if area % 2 else town},{area * 10}" for area in range(40, 100)]
    path.write_text("area,town,price\n" + "\n".join(lines) + "\n")
    return path


def test_numbers_are_listed_beside_the_true_ones_worst_first(open_page, here, tmp_path):
    true = np.arange(40, 60)[:, None] * 10.0
    said = true.copy()
    said[7] += 50
    run = answered(here, homes(tmp_path / "homes.csv"), Task.REGRESSION, said, true, targets=["price"])
    page = open_page("lab", run=run.id)
    first = page.dataframe[0].value.iloc[0]

    assert (first["number"], first["cell.area"], first["cell.town"]) == (7, 47, "Rome")
    assert (first["true.price"], first["predicted.price"]) == (470, 520)
    assert [(one.label, one.value, one.delta) for one in page.metric] == [("price", "520", "+50")]
    card = page.dataframe[1].value
    assert dict(zip(card["column"], card["value"], strict=True))["town"] == "Rome"


def test_slices_of_numbers_are_those_with_the_largest_errors(open_page, here, tmp_path):
    true = np.arange(40, 100)[:, None] * 10.0
    said = true + np.where(np.arange(60) % 2, 50.0, 1.0)[:, None]
    run = answered(here, homes(tmp_path / "homes.csv"), Task.REGRESSION, said, true, targets=["price"])
    table = open_page("lab", run=run.id, view="slices").dataframe[0].value

    assert table[["column", "value", "samples"]].values.tolist()[0] == ["town", "Rome", 30]


def test_texts_are_listed_and_read(open_page, here, tmp_path):
    path = tmp_path / "mails.csv"
    path.write_text(
        "text,label\n" + "\n".join(f"mail number {i} says hello to you,{'ab'[i % 2]}" for i in range(40))
    )
    said = np.tile([[0.9, 0.1]], (10, 1))
    run = answered(here, path, Task.BINARY, said, np.arange(10) % 2, classes=("a", "b"))
    page = open_page("lab", run=run.id)

    assert page.dataframe[0].value["text"].tolist()[0] == "mail number 1 says hello to you"
    assert "mail number 1 says hello to you" in [one.value for one in page.text]


@pytest.mark.parametrize("text", ["   ", "", "long " * 300])
def test_a_text_that_is_empty_or_long_is_shown_in_little_room(open_page, here, tmp_path, text):
    path = tmp_path / "mails.csv"
    rows = [f"mail number {i},{'ab'[i % 2]}" for i in range(40)]
    path.write_text("\n".join(["text,label", f'"{text}",a', *rows]) + "\n")
    said = np.tile([[0.1, 0.9]], (10, 1))
    run = answered(here, path, Task.BINARY, said, np.arange(10) % 2, classes=("a", "b"))
    page = open_page("lab", run=run.id, sample="0")

    assert page.dataframe[0].value["text"].tolist()[0] == text.strip()[:300]
    if text.strip():
        assert text.strip() in [one.value for one in page.text]
    else:
        assert "(no text)" in texts(page)
    assert not page.exception


def test_slices_of_texts_are_told_apart_by_their_length(open_page, here, tmp_path):
    path = tmp_path / "mails.csv"
    mails = [f"{'word ' * (1 + i)}{'!' * (i % 7)},{'ab'[i % 2]}" for i in range(60)]
    path.write_text("\n".join(["text,label", *mails]) + "\n")
    said = np.tile([[0.9, 0.1]], (60, 1))
    run = answered(here, path, Task.BINARY, said, np.arange(60) % 2, classes=("a", "b"))
    table = open_page("lab", run=run.id, view="slices").dataframe[0].value

    assert set(table["column"]) == {"True class", "Words", "Characters"}


def test_recordings_are_played_and_sliced_by_their_length(open_page, here, tmp_path):
    files = {f"{'ab'[i % 2]}/{i:02}.wav": makers.wav(tone(4000 + 200 * i)) for i in range(48)}
    path = makers.zipped(tmp_path / "tones.zip", files)
    said = np.tile([[0.9, 0.1]], (48, 1))
    run = answered(here, path, Task.BINARY, said, np.arange(48) % 2, classes=("a", "b"))
    page = open_page("lab", run=run.id)
    assert page.get("audio") and not page.exception

    table = open_page("lab", run=run.id, view="slices").dataframe[0].value
    assert {"True class", "Seconds"} <= set(table["column"])


def tone(frames):
    return np.sin(np.arange(frames) / 5) / 10


def test_a_silent_recording_is_shown(open_page, here, tmp_path):
    files = {f"{'ab'[i % 2]}/{i:02}.wav": makers.wav(np.zeros(4000 + i)) for i in range(20)}
    path = makers.zipped(tmp_path / "silence.zip", files)
    said = np.tile([[0.9, 0.1]], (10, 1))
    run = answered(here, path, Task.BINARY, said, np.arange(10) % 2, classes=("a", "b"))
    page = open_page("lab", run=run.id)

    assert page.get("audio") and page.get("plotly_chart") and not page.exception


def test_a_rating_names_user_and_item(open_page, here, tmp_path):
    true = np.array([[1.0], [2.0], [3.0], [4.0]])
    run = answered(
        here, makers.some_ratings(tmp_path / "ratings.csv"), Task.RATING, true + 1, true, targets=["rating"]
    )
    page = open_page("lab", run=run.id)

    assert {"user", "item", "true.rating"} <= set(page.dataframe[0].value)
    assert [one.label for one in page.metric] == ["User", "Item", "rating"]


def test_a_forecast_is_shown_in_its_series(open_page, here, tmp_path):
    true = np.arange(20.0)[:, None]
    path = makers.wave_series(tmp_path / "wave.csv")
    run = answered(here, path, Task.FORECASTING, true + 1, true, targets=["load"])
    page = open_page("lab", run=run.id, sample="15")

    known, came, ahead = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    assert values(known["y"])[-3:] == [120, 130, 140]
    assert values(came["y"])[:3] == [140, 150, 160]
    assert values(ahead["y"]) == [140, 16]
    assert "the first forecast is of 2024-01-16" in texts(page)


def values(given):
    """The numbers of a figure: a list, or base64."""
    if isinstance(given, list):
        return given
    return np.frombuffer(base64.b64decode(given["bdata"]), given["dtype"]).tolist()


def test_a_row_of_a_series_or_a_rating_is_excluded_or_accepted_but_has_no_label(open_page, here, tmp_path):
    true = np.array([[1.0], [2.0]])
    path = makers.some_ratings(tmp_path / "ratings.csv")
    run = answered(here, path, Task.RATING, true + 1, true, targets=["rating"])
    page = open_page("lab", run=run.id)

    assert "A rating is not changed here" in texts(page)
    assert not [one for one in page.button if one.key == "one_relabel"]
    page.button(key="one_exclude").click().run()
    assert not page.error
    assert [one.kind for one in change_set_of(here.store, run, owner=here.actor.id).corrections] == [
        "exclude"
    ]


def test_columns_of_a_table_may_be_called_as_those_of_the_list(open_page, here, tmp_path):
    names = ["number", "true", "predicted", "loss", "confidence", "picture", "user", "<b>x</b>" * 40]
    path = tmp_path / "own.csv"
    rows = [",".join(f"{row}.{place}1" for place in range(len(names))) + f",{row * 10}" for row in range(40)]
    path.write_text("\n".join([",".join([*names, "price"]), *rows]) + "\n")
    true = np.arange(20.0)[:, None]
    run = answered(here, path, Task.REGRESSION, true + 1, true, targets=["price"])
    page = open_page("lab", run=run.id)

    assert not page.exception
    assert numbers(page)[0] == 0
    shown = page.dataframe[0].value
    # What was answered is not pushed out of sight by the row.
    assert list(shown)[:3] == ["number", "true.price", "predicted.price"]
    assert shown["cell.loss"].iloc[0] == 0.31


def test_a_number_begins_as_it_is_stored_where_it_is_corrected(open_page, here, tmp_path):
    true = np.arange(40, 60)[:, None] * 10.0
    run = answered(here, homes(tmp_path / "homes.csv"), Task.REGRESSION, true + 50, true, targets=["price"])
    page = open_page("lab", run=run.id, sample="7")
    (field,) = page.number_input
    assert (field.label, field.value) == ("Value", 470.0)
    field.set_value(520.0).run()
    page.button(key="one_relabel").click().run()

    assert "470 → **520**" in texts(page)


def test_slices_of_a_column_of_dates_are_dates(open_page, here, tmp_path):
    path = makers.wave_series(tmp_path / "wave.csv")
    true = np.arange(40.0)[:, None]
    run = answered(here, path, Task.FORECASTING, true + 1, true, targets=["load"])
    table = open_page("lab", run=run.id, view="slices").dataframe[0].value

    assert "2024-01-01 to 2024-01-10" in " ".join(table["value"][table["column"] == "day"])


def test_where_the_dataset_is_gone_the_answers_stay(open_page, here, tmp_path):
    true = np.arange(40, 60)[:, None] * 10.0
    run = answered(
        here, homes(tmp_path / "homes.csv", "Lima"), Task.REGRESSION, true + 1, true, targets=["price"]
    )
    shutil.rmtree(here.settings.stored_dir / "own")
    page = open_page("lab", run=run.id)

    assert len(numbers(page)) == 20
    assert "The dataset of this run is no longer here." in texts(page)


def test_without_a_run_the_lab_says_where_to_open_it(open_page):
    assert "Open the lab from the page of a run: tab Evaluation." in texts(open_page("lab"))
    assert "There is no run 'nothing'." in texts(open_page("lab", run="nothing"))


def test_a_run_that_has_not_answered_has_no_lab_yet(open_page, here):
    assert "The lab opens when the run has ended" in texts(open_page("lab", run=running(here).id))


def test_answers_that_are_no_numbers_are_left_out_and_counted(open_page, here, run):
    path = here.store.artifacts.folder(run.id) / "predictions.npz"
    arrays = dict(np.load(path))
    arrays["answers"][[3, 5]] = np.nan
    np.savez(path, **arrays)

    assert numbers(open_page("lab", run=run.id)) == [13, 25]
    for view in ("classes", "confidence", "slices", "labels"):
        assert "2 samples are left out" in texts(open_page("lab", run=run.id, view=view))
    arrays["answers"][:] = np.nan
    np.savez(path, **arrays)
    assert "its network has diverged" in texts(open_page("lab", run=run.id))


def test_a_run_of_a_newer_version_is_said_to_be_one(open_page, here, run):
    newer = {**run.spec, "dataset": {**run.spec["dataset"], "magic": True}}
    with here.whole.database.write() as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(spec=newer))
    for view in ("samples", "labels"):
        page = open_page("lab", run=run.id, view=view)
        assert "there is no field" in page.warning[0].value


@pytest.mark.parametrize("view", ["samples", "slices"])
def test_answers_for_samples_that_the_dataset_does_not_have_stay(open_page, here, run, view):
    path = here.store.artifacts.folder(run.id) / "predictions.npz"
    np.savez(path, **dict(np.load(path)) | {"rows": np.arange(200) + 10**7})

    assert "The dataset of this run is no longer here." in texts(open_page("lab", run=run.id, view=view))


def test_a_damaged_file_is_named(open_page, here, run):
    (here.store.artifacts.folder(run.id) / "predictions.npz").write_bytes(b"no archive")

    assert "predictions.npz" in texts(open_page("lab", run=run.id))


def test_the_page_of_a_run_leads_to_its_lab(open_page, run):
    page = open_page("run", run=run.id, view="evaluation")

    (link,) = [one for one in page.get("page_link") if one.proto.label == "Open the evaluation lab"]
    assert link.proto.query_string == f"run={run.id}"


def test_a_user_is_shown_the_items_that_the_model_expects_them_to_rate_highest(
    open_page, here, tmp_path, monkeypatch
):
    true = np.array([[1.0], [2.0]])
    path = makers.some_ratings(tmp_path / "ratings.csv")
    run = answered(here, path, Task.RATING, true, true, targets=["rating"])
    asked = []

    def answer(_run, rows):
        asked.extend(rows)
        said = np.array([[float(row["item"][1:])] for row in rows])
        names = tuple(str(place) for place in range(len(rows)))
        return Answer(Predictions(Task.RATING, ("rating",), names, said), {}, None, None, 0.1)

    monkeypatch.setattr("dlcore.ui.lab.recommendations.ask_model", answer)
    page = open_page("lab", run=run.id, view="recommendations")
    page.selectbox(key="lab_user").set_value("rare").run()

    # It has rated i0 alone.
    assert [row["item"] for row in asked if row["user"] == "rare"] == ["i1", "i2", "i3", "i4"]
    expected, rated = (table.value for table in page.dataframe)
    assert expected.values.tolist() == [["i4", 4.0], ["i3", 3.0], ["i2", 2.0], ["i1", 1.0]]
    assert rated.values.tolist() == [["i0", 3]]


def learned_from(page):
    """The parameters of the links to a sample's way through the network."""
    return [one.proto.query_string for one in page.get("page_link") if one.proto.label == "Forward"]


def test_a_wrong_answer_leads_to_its_card_and_to_its_way_through_the_network(open_page, here, run):
    folder = here.store.artifacts.folder(run.id)
    assert not learned_from(open_page("lab", run=run.id, sample="13")), "it has left no model"
    for name in (MODEL_FILE, PREPARATION_FILE):
        (folder / name).write_bytes(b"there")
    wanted = f"topic=forward&run={run.id}&part=test&sample=13"
    assert learned_from(open_page("lab", run=run.id, sample="13")) == [wanted]

    found = replace(read_evaluation(folder), mistakes=(Mistake(13, 3, 4, 0.9),))
    (folder / "evaluation.json").write_text(json.dumps(found.to_dict()))
    np.savez(folder / "mistakes.npz", images=np.zeros((1, 8, 8, 1), np.uint8))
    page = open_page("run", run=run.id, view="evaluation")
    assert learned_from(page) == [wanted]
    cards = [one.proto for one in page.get("page_link") if one.proto.label == "In the lab"]
    assert [one.query_string for one in cards] == [f"run={run.id}&part=test&sample=13"]
