"""The page Models: the runs that left a model, to try it or to take it away."""

import pytest

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE
from dlcore.ui.runs.model_list import PAGE_SIZE
from tests.ui.conftest import texts


@pytest.fixture
def left(here):
    """Makes a run with an epoch done, and the files that it leaves."""

    def made(name, *, owner=here.actor, files=(MODEL_FILE, PREPARATION_FILE), epoch=1, accuracy=0.9):
        run = submit(here.store, example().with_values({"name": name}), owner=owner)
        here.store.runs.move(run, RunState.STARTING)
        done = {"epoch": epoch, "summary": {"test": {"accuracy": accuracy}}}
        here.store.reports.write(run.id, 1, done)
        folder = here.store.artifacts.folder(run.id)
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            (folder / file).write_bytes(b"")
        return run.id

    return made


def opens(page):
    """Where the links of the cards lead."""
    return [link.proto.query_string for link in page.get("page_link") if link.proto.query_string]


def test_only_your_runs_that_left_a_model_are_listed_the_newest_first(here, open_page, left):
    first, second = left("first"), left("second", accuracy=0.8)
    left("of somebody else", owner="somebody")
    left("without a model", files=())
    left("not yet", epoch=0)
    page = open_page("models")

    assert [text.value for text in page.markdown if text.value.startswith("**")] == [
        "**second**",
        "**first**",
    ]
    assert opens(page) == [
        f"run={run}&view={view}" for run in (second, first) for view in ("try", "take_away")
    ]
    assert "Accuracy **80.00%**" in texts(page)


def test_the_filter_of_the_runs_searches_them(open_page, left):
    left("cats"), left("dogs", accuracy=0.5)
    page = open_page("models")
    page.text_input(key="q").input("cat").run()
    assert "**cats**" in texts(page) and "**dogs**" not in texts(page)

    page.text_input(key="q").input("accuracy > 0.95").run()
    assert "No models match this filter. Clear it to see more." in texts(page)


def test_more_models_than_a_page_holds_are_on_the_next(open_page, left):
    for number in range(PAGE_SIZE + 1):
        left(f"m{number}")
    page = open_page("models")
    assert len(opens(page)) == 2 * PAGE_SIZE

    page.session_state["models_page"] = 2
    page.run()
    assert "**m0**" in texts(page) and len(opens(page)) == 2


def test_where_there_is_no_model_it_says_how_to_get_one(open_page):
    assert "A run leaves one once an epoch has finished." in texts(open_page("models"))
