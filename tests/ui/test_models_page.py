"""The page Models: the runs that left a model, to try it or to take it away."""

import pytest

from dlcore.access.actors import Actor
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.queue.registry import keep_model
from dlcore.records import RunState
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE
from dlcore.records.registry import ModelStage, UseKind
from dlcore.ui.runs.model_list import PAGE_SIZE
from tests.ui.conftest import texts


@pytest.fixture
def left(here):
    """Makes a run with an epoch done, and the files that it leaves."""

    def made(name, *, owner=here.actor.id, files=(MODEL_FILE, PREPARATION_FILE), epoch=1, accuracy=0.9):
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


@pytest.fixture
def ended(here, left):
    """Makes a run that has ended and left a model."""

    def made(name):
        run_id = left(name)
        here.store.runs.move(here.store.runs.get(run_id), RunState.STOPPED)
        return run_id

    return made


def opened(page, popover):
    """The page with what is in a popover."""
    page.session_state[popover] = True
    page.run()
    return page


def test_a_model_is_kept_under_a_name_and_becomes_its_next_version(here, open_page, ended):
    first, second = ended("digits @ home"), ended("other")
    page = opened(open_page("models"), f"keep.{first}")
    assert page.text_input(key=f"keep_name.{first}").value == "digits   home"
    page.text_input(key=f"keep_name.{first}").input("digits").run()
    page.button(key=f"keep_sure.{first}").click().run()
    opened(page, f"keep.{second}").text_input(key=f"keep_name.{second}").input("digits").run()
    page.button(key=f"keep_sure.{second}").click().run()

    assert not page.exception
    (model,) = here.store.registry.list(owner=here.actor.id)
    assert [(one.number, one.run_id) for one in model.versions] == [(2, second), (1, first)]
    assert "**digits**" in texts(page) and "**Version 2**" in texts(page)


def test_why_a_model_cannot_be_kept_is_said_beside_the_name(open_page, ended):
    run = ended("digits")
    page = opened(open_page("models"), f"keep.{run}")
    page.text_input(key=f"keep_name.{run}").input("a@b").run()
    page.button(key=f"keep_sure.{run}").click().run()
    assert "expected one line of text without" in texts(page)


def test_a_version_says_what_was_done_with_it_and_moves_on(here, open_page, ended):
    run = ended("best of all")
    version = keep_model(here.store, run, "digits", actor=here.actor, notes="for the *talk*")
    here.store.registry.note_use(run, UseKind.EXPORT, "onnx")
    here.store.registry.note_use(run, UseKind.TRY, "browser")
    page = opened(open_page("models"), f"change.{version.reference}")
    said = texts(page)
    assert "exported: ONNX · tried: in a browser" in said
    assert "for the *talk*" in said
    (uses,) = [one.help for one in page.caption if "exported" in one.value]
    assert uses == "- ONNX: 1 time, just now\n- in a browser: 1 time, just now"
    page.selectbox(key="stage.digits@1.none").set_value(ModelStage.PRODUCTION).run()
    assert ":green-badge[Production]" in texts(page)
    page.button(key="unkeep.digits@1").click().run()
    assert not page.exception and here.store.registry.list(owner=here.actor.id) == []


def test_a_model_is_renamed_and_noted_and_so_is_a_version(here, open_page, ended):
    version = keep_model(here.store, ended("first"), "digits", actor=here.actor)
    keep_model(here.store, ended("second"), "letters", actor=here.actor)
    page = opened(open_page("models"), "icon.edit_model.digits")
    page.text_input(key="edit_model.digits.name").input("letters")
    page.button(key="edit_model.digits.save").click().run()
    assert "there is another model" in page.error[0].value
    page.text_input(key="edit_model.digits.name").input("numerals")
    page.text_area(key="edit_model.digits.notes").input("of **all**")
    page.button(key="edit_model.digits.save").click().run()
    assert not page.exception
    assert "**numerals**" in texts(page) and "of **all**" in texts(page)
    renamed = version.reference.replace("digits", "numerals")
    page = opened(page, f"change.{renamed}")
    page.text_area(key=f"notes.{renamed}").input("of this one")
    page.button(key=f"save.notes.{renamed}").click().run()
    assert not page.exception
    model = here.store.registry.get("numerals", owner=here.actor.id)
    assert (model.notes, model.versions[0].notes) == ("of **all**", "of this one")


def test_models_of_other_people_are_not_listed(here, open_page, left):
    run = left("theirs", owner="somebody")
    here.store.runs.move(here.store.runs.get(run), RunState.STOPPED)
    keep_model(here.store, run, "secret", actor=Actor("somebody"))
    assert "secret" not in texts(open_page("models"))
