"""The tab Try it: what is given goes to the model as it was given, and what it answers is shown with all that was noticed."""

import io
import json
from datetime import UTC, date, datetime

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from dlcore.datasets import facts
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.saved import Preparation
from dlcore.design.templates import proposal
from dlcore.durable import write_json
from dlcore.errors import DatasetError, Message
from dlcore.exports import Agreement, Export, in_browser
from dlcore.queue import submit
from dlcore.queue.wire import Answer
from dlcore.records.artifacts import MODEL_FILE, PREDICTIONS_FILE, PREPARATION_FILE
from dlcore.records.predictions import SCORE, Predictions
from dlcore.records.unlike import Unlikeness
from dlcore.spec.data import DataKind, Task
from dlcore.ui.components.browser_answer import Asked
from dlcore.ui.shared.images import png_of
from tests.datasets import makers
from tests.ui.conftest import components, found, sent, settle, texts
from tests.ui.test_take_away import exported


class Model:
    """Stands for the process that answers; remembers what it was asked."""

    pid = 1

    def __init__(self):
        self.asked, self.answer, self.others = [], Answer(), {}

    def ask(self, store, run_id, given=None):
        self.asked.append(given)
        answer = self.others.get(run_id, self.answer)
        if isinstance(answer, DatasetError):
            raise answer
        return Answer() if given is None else answer

    @property
    def last(self):
        return self.asked[-1]


@pytest.fixture
def model(here):
    made = Model()
    made.answer = classes("one", "two")
    here.__dict__["predictor"] = made
    return made


def trained(here, known, **values):
    """A run as its process leaves it, but for the model itself."""
    spec = proposal(known).with_values({"training.epochs": 1, **values})
    run = submit(here.store, spec, owner="local")
    data = prepare(spec, here.settings, lambda *_: None)
    how = Preparation(spec, data.facts, data.reading, data.state, {})
    folder = here.store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / PREPARATION_FILE, how.to_dict())
    (folder / MODEL_FILE).write_bytes(b"")
    return run.id


def table(here, tmp_path):
    return makers.stored(makers.shops(tmp_path / "shops.csv"), here.settings).facts


def classes(*names, best=0, notes=(), seen=None):
    chances = np.full((1, len(names)), 0.1 / max(1, len(names) - 1))
    chances[0, best] = 0.9
    said = Predictions(Task.MULTICLASS, names, ("sample 1",), chances, notes=notes)
    return Answer(said, seen or {}, seconds=0.0042)


def lines(page):
    """The lines of all charts."""
    return [line for chart in page.get("plotly_chart") for line in json.loads(chart.proto.spec)["data"]]


@pytest.fixture
def tab(open_page, model):
    """Opens a run's page with the tab."""

    def opened(run, language="en", **parameters):
        return open_page("run", language, run=run, view="try", **parameters)

    return opened


def test_before_the_first_epoch_there_is_nothing_to_try(here, tab, model):
    page = tab(submit(here.store, proposal(facts("digits", here.settings)), owner="local").id)

    assert "The model can be tried once an epoch has finished." in texts(page)
    assert model.asked == []


def test_a_run_of_an_older_version_says_what_to_do(here, tab, model):
    run = trained(here, facts("digits", here.settings))
    write_json(here.store.artifacts.folder(run) / PREPARATION_FILE, {"steps": {}})

    assert "this run is of an older version" in texts(tab(run))


def test_the_model_is_loaded_before_anything_is_given(here, tab, model):
    page = tab(trained(here, facts("digits", here.settings)))

    assert model.asked == [None]
    assert "The answer appears here as soon as something is given." in texts(page)
    assert found(page.button_group, "try_way.draw").value == "draw"


def test_a_sample_of_the_test_part_is_answered_with_its_right_answer_beside_it(here, tab, model):
    run = trained(here, facts("digits", here.settings))
    np.savez(here.store.artifacts.folder(run) / PREDICTIONS_FILE, rows=np.array([1796]))
    model.answer = classes("3", "8", seen={"input": np.zeros((8, 8, 1), np.uint8)})
    page = tab(run)
    found(page.button_group, "try_way.draw").set_value("sample").run()

    assert model.last.shape == (8, 8, 1) and model.last.dtype == np.uint8
    said = texts(page)
    assert "Its right answer: **8**" in said  # the last of all digits
    assert "90% confident" in said and "Answered in 4 ms." in said
    assert "What the model sees" in said and "8 × 8" in said
    assert "3" in [title.value for title in page.header]


def test_a_recording_of_the_dataset_is_asked_with_its_rate(here, tab, model, tmp_path):
    files = {f"{name}/{n}.wav": makers.wav(np.zeros(800 + n)) for name in ("low", "high") for n in range(5)}
    data = makers.stored(makers.zipped(tmp_path / "sounds.zip", files), here.settings)
    page = tab(trained(here, data.facts))
    found(page.button_group, "try_way.record").set_value("sample").run()

    assert model.last.rate == 8000 and 800 <= len(model.last.samples) < 805


def test_another_sample_is_another_one(here, tab, model, tmp_path):
    page = tab(trained(here, table(here, tmp_path)))
    for _ in range(3):
        found(page.button, "try_row").click().run()

    assert len({row["visits"] for (row,) in model.asked[1:]}) > 1


def test_days_are_chosen_without_the_hour_and_numbers_change_by_what_fits_their_range(
    here, tab, model, tmp_path
):
    path = tmp_path / "days.csv"
    rows = [f"2024-05-{1 + n % 28:02},{n * 10},{n / 1000},{'yes' if n % 3 else 'no'}" for n in range(60)]
    path.write_text("day,height,share,kind\n" + "\n".join(rows) + "\n")
    page = tab(trained(here, makers.stored(path, here.settings).facts))

    ((row,),) = model.asked[1:]
    assert (row["day"].hour, row["day"].tzinfo) == (0, UTC)
    (day,) = page.date_input
    day.set_value(date(2030, 2, 3)).run()
    assert model.last == [{**row, "day": datetime(2030, 2, 3, tzinfo=UTC)}]
    # Of 0 to 590 a hundredth is 5.9, and all are whole; of 0 to 0.059 it is 0.00059.
    assert {box.label: box.step for box in page.number_input} == {"height": 1.0, "share": 0.0001}


def test_a_row_begins_as_one_of_the_dataset_and_is_asked_as_it_is_changed(here, tab, model, tmp_path):
    model.answer = classes("no", "yes", notes=(Message("column size: training does not know 'x'."),))
    page = tab(trained(here, table(here, tmp_path)))
    (first,) = model.last
    assert set(first) == {"visits", "size", "city"} and isinstance(first["visits"], float)
    assert first["size"] in ("small", "middle", "large")

    (size,) = [box for box in page.selectbox if box.label == "size"]
    assert sorted(size.options) == ["large", "middle", "small"]
    (visits,) = [box for box in page.number_input if box.label == "visits"]
    assert visits.help.startswith("In the dataset: ")
    visits.set_value(12.5).run()

    assert model.last == [{**first, "visits": 12.5}]
    assert "Column size: training does not know 'x'." in texts(page)


def test_a_row_whose_dataset_is_gone_begins_empty(here, tab, model, tmp_path):
    run = trained(here, table(here, tmp_path))
    (here.settings.stored_dir / "it").rename(here.settings.stored_dir / ".gone")
    st.cache_resource.clear()  # other tests have opened the same dataset
    tab(run)

    assert model.last == [{"visits": None, "size": None, "city": None}]


def test_a_text_is_asked_as_it_is_typed(here, tab, model, tmp_path):
    path = tmp_path / "texts.csv"
    rows = [f"a {word} day number {n},{word}" for n in range(20) for word in ("good", "bad")]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    run = trained(here, makers.stored(path, here.settings).facts)
    model.answer = classes("bad", "good", seen={"input": np.array([2, 1, 0], np.int32)})
    page = tab(run)
    assert model.asked == [None]
    found(page.text_area, "try_text").set_value("A *fine* day").run()

    assert model.last == "A *fine* day"
    assert "‹?›" in texts(page)

    found(page.text_area, "try_text").set_value("   ").run()
    assert "The answer appears here" in texts(page)


def test_a_user_and_an_item_are_chosen_by_their_names(here, tab, model, tmp_path):
    run = trained(here, makers.stored(makers.some_ratings(tmp_path / "r.csv"), here.settings).facts)
    said = Predictions(Task.RATING, ("rating",), ("row 1",), np.array([[3.25]]))
    model.answer = Answer(said)
    page = tab(run)
    found(page.selectbox, "try_user").set_value("u2").run()
    found(page.selectbox, "try_item").set_value("i3").run()

    assert model.last == [{"user": "u2", "item": "i3"}]
    assert [metric.value for metric in page.metric if metric.label == "rating"] == ["3.25"]


def test_a_sample_unlike_those_of_the_training_is_marked_with_its_scores(here, tab, model, tmp_path):
    run = trained(here, makers.stored(makers.some_ratings(tmp_path / "r.csv"), here.settings).facts)
    said = Predictions(Task.RATING, ("rating",), ("row 1",), np.array([[3.25]]))
    page = tab(run)
    for unlike, words in (
        (Unlikeness(9.0, 2.0), "Unlike most of what it was trained on"),
        (Unlikeness(1.0, 2.0), "Like what it"),
    ):
        model.answer = Answer(said, unlike=unlike)
        found(page.selectbox, "try_user").set_value("u2").run()
        found(page.selectbox, "try_item").set_value("i3").run()
        assert words in texts(page)


def test_a_series_is_continued_from_the_last_rows_of_the_dataset(here, tab, model, tmp_path):
    data = makers.stored(makers.wave_series(tmp_path / "w.csv"), here.settings)
    steps = [{"kind": "Windows", "sequence_length": 6}, "Normalization"]
    targets = data.facts.targets
    said = Predictions(Task.FORECASTING, targets, ("row 1",), np.arange(len(targets))[None] + 0.5)
    model.answer = Answer(said)
    page = tab(trained(here, data.facts, preprocessing=steps))

    assert len(model.last) == 6
    last = data.frame.iloc[-1]
    numbers = [value for value in model.last[-1].values() if isinstance(value, float | int)]
    assert numbers and all(any(number == pytest.approx(one) for one in last) for number in numbers)
    assert [line["name"] for line in lines(page)] == [part for name in targets for part in (name, "Forecast")]


def test_a_series_of_any_century_is_continued(here, tab, model, tmp_path):
    data = makers.stored(makers.old_series(tmp_path / "old.csv"), here.settings, kind=DataKind.SERIES)
    steps = [{"kind": "Windows", "sequence_length": 6}, "Normalization"]
    tab(trained(here, data.facts, preprocessing=steps))

    assert [row["day"] for row in model.last] == [datetime(1600, 2, day, tzinfo=UTC) for day in range(24, 30)]


def anomaly(seen, returned):
    said = Predictions(Task.RECONSTRUCTION, (SCORE,), ("sample 1",), np.array([[0.5]]))
    return Answer(said, {"input": seen}, returned)


@pytest.mark.parametrize(
    ("shape", "shown"),
    [((4, 4, 1), "On the right, what came back of it"), ((6, 2), "1 · reconstructed")],
    ids=["picture", "lines"],
)
def test_what_comes_back_of_an_array_stands_beside_it_as_what_it_is(here, tab, model, tmp_path, shape, shown):
    values = np.random.default_rng(0).normal(size=(20, *shape)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=values, y=values.reshape(20, -1)[:, 0])
    data = makers.stored(tmp_path / "x.npz", here.settings, task=Task.RECONSTRUCTION)
    model.answer = anomaly(values[0], values[1])
    page = tab(trained(here, data.facts))

    np.testing.assert_array_equal(model.last.shape, shape)
    assert shown in {*texts(page).splitlines(), *(line["name"] for line in lines(page))}
    assert [metric.label for metric in page.metric if metric.value == "0.5"] == ["Anomaly score"]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (0.25, "Unusual: above the threshold of 0.25"),
        (0.5, "Usual: at most the threshold of 0.5"),
        (None, ""),
    ],
)
def test_a_score_is_called_unusual_above_its_threshold(here, tab, model, tmp_path, limit, said):
    values = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=values)
    data = makers.stored(tmp_path / "x.npz", here.settings)
    scored = Predictions(Task.RECONSTRUCTION, (SCORE,), ("sample 1",), np.array([[0.5]]), threshold=limit)
    model.answer = Answer(scored, {"input": values[0]}, values[1])
    page = tab(trained(here, data.facts))

    shown = [one for one in texts(page).splitlines() if "threshold" in one]
    assert [said in one for one in shown] == ([True] if said else [])


def test_why_there_is_no_answer_is_said(here, tab, model, tmp_path):
    run = trained(here, table(here, tmp_path))
    model.answer = DatasetError("the process that answers ended.", hint="Try again.")

    assert "The process that answers ended. Try again." in texts(tab(run))


def test_a_refused_sample_says_its_reason(here, tab, model, tmp_path):
    run = trained(here, table(here, tmp_path))
    model.answer = Answer(
        Predictions(
            Task.BINARY, ("no", "yes"), ("row 1",), np.full((1, 2), np.nan), {0: Message("no value.")}
        )
    )

    assert "No value." in texts(tab(run))


@pytest.mark.keras
def test_a_table_at_once_is_answered_by_a_job(here, open_page, model, tmp_path):
    from dlcore.engine.entry import train
    from dlcore.engine.handle import MemoryHandle

    spec = proposal(table(here, tmp_path)).with_values({"training.epochs": 1})
    run = submit(here.store, spec, owner="local").id
    folder = here.store.artifacts.folder(run)
    folder.mkdir(parents=True)
    train(spec, MemoryHandle(folder), settings=here.settings)
    token = sent(here, "new shops.csv", (tmp_path / "shops.csv").read_bytes())
    page = open_page("run", run=run, view="try", try_file=token)
    found(page.button_group, "try_way.row").set_value("file").run()
    settle(page, here)

    assert "**200** samples answered" in texts(page)
    assert json.loads(page.dataframe[0].value.head(1).to_json(orient="records"))[0]["sample"] == "row 1"
    assert "Accuracy" in [metric.label for metric in page.metric]


def sample_beside(here, tab, *others):
    """The page of a run on digits that answers for a sample, and others beside it as the address says."""
    page = tab(trained(here, facts("digits", here.settings)), beside=",".join(others))
    found(page.button_group, "try_way.draw").set_value("sample").run()
    return page


def test_several_runs_answer_for_the_same_sample_side_by_side(here, tab, model):
    other = trained(here, facts("digits", here.settings))
    model.answer, model.others = classes("3", "8"), {other: classes("3", "8", best=1)}
    page = sample_beside(here, tab, other)
    (mine, its) = model.asked[-2:]

    assert [title.value for title in page.header] == ["3", "8"]
    assert "**They differ.**" in texts(page)
    np.testing.assert_array_equal(mine, its)

    model.others = {}
    page.multiselect[0].set_value([other]).run()
    assert "**They agree.**" in texts(page)

    page.multiselect[0].set_value([]).run()
    assert [title.value for title in page.header] == ["3"]
    assert "They agree" not in texts(page) and "beside" not in page.query_params


def test_only_runs_on_the_same_dataset_that_left_a_model_can_answer_beside(here, tab, model, tmp_path):
    trained(here, table(here, tmp_path))
    submit(here.store, proposal(facts("digits", here.settings)), owner="local")
    page = sample_beside(here, tab, "gone")
    assert not page.multiselect

    both = [trained(here, facts("digits", here.settings), name="again") for _ in range(2)]
    page.run()
    assert sorted(page.multiselect[0].options) == sorted(f"again · {run}" for run in both)


def test_one_that_cannot_answer_leaves_the_other_its_answer(here, tab, model):
    other = trained(here, facts("digits", here.settings))
    model.others = {other: DatasetError("it needs more memory.")}
    page = sample_beside(here, tab, other)

    assert [title.value for title in page.header] == ["one"]
    assert "It needs more memory." in texts(page)
    assert "They agree" not in texts(page) and "They differ" not in texts(page)


def test_the_tab_speaks_chinese(here, tab, model):
    page = tab(trained(here, facts("digits", here.settings)), language="zh_CN")

    assert "给出内容后" in texts(page)


@pytest.fixture
def fetched(monkeypatch):
    """A server that has what runs models in a browser."""
    monkeypatch.setattr(in_browser, "read_runtime", lambda folder: {})


AGREES = Agreement(64, 2.5e-7, 0.75, {}, {})


def browser_part(page, name):
    """What a part of the page that works in the browser was told."""
    told = components(page)
    return next(data for data in told if name in data)


def test_the_address_says_where_the_model_answers(here, tab, model, fetched):
    run = trained(here, facts("digits", here.settings))
    exported(here, here.store.runs.get(run), Export("onnx", f"{run}.onnx.zip", 10, AGREES))
    page = tab(run, on="browser")
    told = browser_part(page, "source")
    assert told["source"]["model"].startswith("/api/exports/") and told["source"]["model"].endswith(
        "/model.onnx"
    )
    assert told["source"]["plan"]["drawing"]["height"] == 8
    assert browser_part(page, "ink")["channel"] == told["channel"]
    assert "differs from the server by at most 2.5e-07 on 64 test samples" in texts(page)
    assert model.asked == []  # nothing costs the server anything

    found(page.button_group, "on").set_value("server").run()
    assert model.asked == [None] and "on" not in page.query_params


def test_a_sample_and_several_runs_are_given_to_the_browser(here, tab, model, fetched):
    one, two, old = (trained(here, facts("digits", here.settings), name=name) for name in ("1", "2", "old"))
    for run in (one, two):
        exported(here, here.store.runs.get(run), Export("onnx", f"{run}.onnx.zip", 10, AGREES))
    page = tab(one, on="browser", beside=f"{two},{old}")
    found(page.button_group, "try_way.draw").set_value("sample").run()

    told = [data for data in components(page) if "source" in data]
    given = browser_part(page, "address")
    assert [data["channel"] for data in told] == [given["channel"]] * 2
    assert given["address"].startswith("data:image/png;base64,")
    agreed = browser_part(page, "channels")
    assert agreed["channels"] == [*(data["chosen"] for data in told), f"try_browser.{old}.chosen"]
    assert "Its right answer: " in texts(page) and model.asked == []
    # The third is not ready: its column says so, and the others answer.
    assert "Making the model ready for browsers …" in texts(page)
    assert "Until then, the server answers." not in texts(page)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_picture_of_the_dataset_goes_to_the_browser_as_it_is(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    with Image.open(io.BytesIO(png_of(pixels))) as image:
        image.verify()
    with Image.open(io.BytesIO(png_of(pixels))) as image:
        np.testing.assert_array_equal(np.asarray(image).reshape(pixels.shape), pixels)


def test_a_picture_that_was_sent_before_is_given_to_the_browser_and_files_stay_the_servers(
    here, tab, model, fetched
):
    run = trained(here, facts("digits", here.settings))
    exported(here, here.store.runs.get(run), Export("onnx", f"{run}.onnx.zip", 10, AGREES))
    token = sent(here, "mine.png", b"\x89PNG")
    page = tab(run, on="browser", try_picture=token)
    found(page.button_group, "try_way.draw").set_value("open").run()
    assert browser_part(page, "sent")["sent"] == {
        "token": token, "name": "mine.png", "address": "data:application/octet-stream;base64,iVBORw==",
    }  # fmt: skip

    found(page.button_group, "try_way.draw").set_value("file").run()
    assert "Files with many samples go to the server, which answers them." in texts(page)


def test_the_server_answers_too_where_it_is_asked_to(here, tab, model, fetched):
    run = trained(here, facts("digits", here.settings))
    exported(here, here.store.runs.get(run), Export("onnx", f"{run}.onnx.zip", 10, AGREES))
    model.answer = classes(*(str(digit) for digit in range(10)), best=7)
    page = tab(run, on="browser")
    page.session_state[f"try_browser.{run}.asked"] = Asked("q 1", "drawing", b"a png")
    page.run()
    assert model.last.png == b"a png"
    server = browser_part(page, "source")["server"]
    assert server["of"] == "q 1" and server["values"][7] == 0.9

    model.answer = DatasetError("nothing is drawn.", hint="Draw something.")
    page.run()
    assert browser_part(page, "source")["server"]["problem"] == "Nothing is drawn. Draw something."


def test_until_a_browser_can_answer_the_server_does_and_the_reason_is_said(
    here, tab, model, tmp_path, monkeypatch
):
    rows = tab(trained(here, table(here, tmp_path)), on="browser")
    assert "Only models for images can run in a browser. The server answers instead." in texts(rows)
    assert len(model.asked) > 1

    run = trained(here, facts("digits", here.settings))
    monkeypatch.setattr(in_browser, "read_runtime", lambda folder: None)
    page = tab(run, on="browser")
    assert "Fetch it: `python -m dlcore browser-inference`" in texts(page)
    assert "The answer appears here as soon as something is given." in texts(page)
    assert here.store.jobs.unfinished() == []

    monkeypatch.setattr(in_browser, "read_runtime", lambda folder: {})
    waiting = tab(run, on="browser")
    assert [(job.what, job.arguments["format"]) for job in here.store.jobs.unfinished()] == [
        ("export", "onnx")
    ]
    assert "The answer appears here as soon as something is given." in texts(waiting)
    assert "Until then, the server answers." in texts(waiting)
