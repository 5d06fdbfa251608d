"""Names, tags, notes, stars and the archive, on the pages of runs and studies."""

import pytest

from dlcore.access.actors import Actor
from dlcore.queue import annotate, submit
from dlcore.queue.ready import example
from dlcore.records import AnnotationEdit
from dlcore.ui.shared.annotations import EDITED
from tests.ui.conftest import names, view


@pytest.fixture
def run(here):
    return submit(here.store, example(), owner=here.actor.id)


def edited(page):
    """The page with the fields of its popover open."""
    page.session_state[EDITED] = True
    return page.run()


def test_a_run_gets_a_name_tags_and_notes_on_its_page(open_page, here, run):
    page = edited(open_page("run", run=run.id))
    key = f"annotation.{run.id}"
    assert page.text_input(key=f"{key}.name").value == "digits · cnn · 1"
    page.text_input(key=f"{key}.name").input("the best *so* far")
    page.text_area(key=f"{key}.notes").input("A **good** one.\n\n<b onclick=x>raw</b>")
    page.button(key=f"{key}.save").click().run()

    found = here.store.runs.get(run.id)
    assert (found.name, found.annotation.notes[:13]) == ("the best *so* far", "A **good** on")
    assert page.title[0].value == r"the best \*so\* far"
    notes = next(one for one in page.markdown if "good" in one.value)
    assert not notes.proto.allow_html
    # It is closed, so that the page is seen again.
    assert not page.text_area


def test_a_form_that_is_saved_untouched_keeps_a_name_that_follows(open_page, here, run):
    page = edited(open_page("run", run=run.id))
    page.button(key=f"annotation.{run.id}.save").click().run()
    assert here.store.runs.get(run.id) == run


def test_the_star_is_given_and_taken(open_page, here, run):
    page = open_page("run", run=run.id)
    page.button(key="icon.favorite").click().run()
    assert here.store.runs.get(run.id).annotation.favorite
    page.button(key="icon.favorite").click().run()
    assert not here.store.runs.get(run.id).annotation.favorite


def test_somebody_elses_run_shows_its_tags_and_offers_no_change(open_page, here):
    run = submit(here.store, example(), owner="eve")
    annotate(here.store, run.id, AnnotationEdit(add_tags=("a:red[b]",), archived=True), actor=Actor("eve"))
    page = open_page("run", run=run.id)
    assert "icon.favorite" not in [button.key for button in page.button]
    assert [badge["text"] for badge in view(page, "run")["badges"]] == ["queued", "a:red[b]", "archived"]


def test_what_is_archived_has_left_the_table(open_page, here, run):
    annotate(here.store, run.id, AnnotationEdit(archived=True), actor=here.actor)
    page = open_page("runs")
    assert not page.dataframe
    page.text_input(key="q").input("archived = true").run()
    assert names(page) == ["digits · cnn · 1"]


def test_a_favourite_has_a_star_and_its_tags_in_the_table(open_page, here, run):
    annotate(here.store, run.id, AnnotationEdit(add_tags=("x", "y"), favorite=True), actor=here.actor)
    page = open_page("runs")
    assert names(page) == ["★ digits · cnn · 1"]
    assert [list(tags) for tags in page.dataframe[0].value["tag"]] == [["x", "y"]]
