"""The table of rights through the pages: whatever stands in the address or in the session, a page shows what it says."""

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1.element_tree import Multiselect, Selectbox

from dlcore.access.actors import Actor, Role
from dlcore.access.links import opened_links
from dlcore.access.permissions import Kind, Verb
from dlcore.queue import annotate
from dlcore.records import AnnotationEdit
from dlcore.ui.runs.page import OPEN
from dlcore.web.identity import COOKIE
from dlcore.web.members import COOKIE as MEMBER_COOKIE
from tests.access.matrix import EVERYBODYS, LINKED, OTHERS, OWN, RELATIONS, REVOKED, verbs
from tests.access.people import DEMO, gather
from tests.ui.test_demo import PAGES, address, all_said

VIEWS = ("", "evaluation", "try", "take_away", "network", "log", "settings")
TABS = {
    Verb.LOOK: ["Curves", "Evaluation", "Network", "Settings"],
    Verb.READ: ["Curves", "Evaluation", "Diagnosis", "Try it", "Take away", "Network", "Log", "Settings"],
}
RELATED = tuple(one for one in RELATIONS if one != EVERYBODYS)


@pytest.fixture
def people(here, tmp_path):
    """Everybody, each of their things with a name and notes of its own."""
    found = gather(here, tmp_path, RELATED)
    for (relation, role), things in found.made.items():
        owner = here.whole.runs.get(things.ended).owner
        for thing in (things.ids[Kind.RUN], things.ended, things.ids[Kind.STUDY]):
            annotate(
                here.whole,
                thing,
                AnnotationEdit(notes=f"notes<{marker(relation, role)}>"),
                actor=Actor(owner),
            )
    return found


@pytest.fixture(autouse=True)
def _demo(monkeypatch):
    for name, value in DEMO.items():
        monkeypatch.setenv(name, value)


def marker(relation, role):
    """What stands in the names of somebody's things; see `gather`."""
    return f"{relation}_{role}".replace(" ", "_").replace("'", "")


@pytest.fixture
def enter(people, monkeypatch):
    """Makes the sessions of pages those of somebody's browser."""

    def as_(role):
        cookies = people.cookies[role]
        monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: cookies.get(COOKIE, ""))
        monkeypatch.setattr("dlcore.web.context.member_cookie", lambda: cookies.get(MEMBER_COOKIE, ""))
        monkeypatch.setattr("dlcore.web.context.session_links", lambda: opened_links(".".join(people.tokens)))

    return as_


def told(said, relation, role):
    """What a page tells of the things of a relation, each with what one needs to be told it."""
    name = marker(relation, role)
    words = {
        f"run {name}": (Kind.RUN, Verb.LOOK), f"ended {name}": (Kind.RUN, Verb.LOOK), f"study {name}": (Kind.STUDY, Verb.LOOK),
        f"notes<{name}>": (Kind.RUN, Verb.READ), f"data_{name}": (Kind.DATASET, Verb.LOOK), f"words_{name}": (Kind.VECTORS, Verb.LOOK),
        f"log {name}": (Kind.RUN, Verb.READ),
    }  # fmt: skip
    plain = said.replace("\\", "").replace("&lt;", "<")
    return [needed for text, needed in words.items() if text in plain]


def too_much(said, people, role):
    """What of the things of all a page tells to whom it should not."""
    return [
        (relation, kind, verb)
        for relation, whose in people.made
        for kind, verb in told(said, relation, whose)
        if (relation != OWN or whose != role)
        and verb not in verbs(kind, OTHERS if relation == OWN else relation, role)
    ]


@pytest.mark.parametrize("relation", RELATED)
def test_the_page_of_a_run_has_the_tabs_that_the_table_says(open_page, people, enter, relation):
    enter(Role.VISITOR)
    things = people.things(relation, Role.VISITOR)
    page = open_page("run", run=things.ended, view="take_away")
    found = verbs(Kind.RUN, relation, Role.VISITOR)

    wanted = TABS[Verb.READ] if Verb.READ in found else TABS[Verb.LOOK] if Verb.LOOK in found else []
    assert [tab.label for tab in page.tabs] == wanted
    assert too_much(all_said(page), people, Role.VISITOR) == []
    assert (f"ended {marker(relation, Role.VISITOR if relation == OWN else '')}" in all_said(page)) == (
        Verb.LOOK in found
    )


@pytest.mark.parametrize("relation", [OTHERS, LINKED, REVOKED])
def test_what_a_session_is_made_to_hold_opens_nothing(open_page, people, enter, relation):
    enter(Role.VISITOR)
    things = people.things(relation, Role.VISITOR)
    page = open_page("run")
    page.session_state[OPEN] = things.ended
    page.session_state["view"] = "Take away"
    page.run()

    assert not page.exception
    assert "Take away" not in [tab.label for tab in page.tabs]
    assert too_much(all_said(page), people, Role.VISITOR) == []


def test_a_choice_that_is_not_offered_chooses_nothing_of_anothers(
    open_page, people, enter, here, monkeypatch
):
    """AppTest chooses what is offered alone; a crafted message names whatever it likes."""
    enter(Role.VISITOR)
    theirs = people.things(OTHERS, Role.VISITOR).ids
    said = {}
    for name in ("data", "build", "search", "compare", "datasets", "models"):
        page = open_page(name, **address(people.things(OWN, Role.VISITOR)))
        for chosen in (theirs[Kind.DATASET], theirs[Kind.RUN], theirs[Kind.MODEL]):
            with monkeypatch.context() as patch:
                choose(patch, chosen)
                page.run()
            assert not page.exception, (name, page.exception)
            said[name, chosen] = too_much(all_said(page), people, Role.VISITOR)

    assert {place: one for place, one in said.items() if one} == {}
    drafts = here.whole.drafts.list(owner=people.actors[Role.VISITOR].id)
    assert {draft.dataset for draft in drafts} == {"digits"}


def choose(patch, text):
    """Makes all choices of pages be that of a text, which they need not offer."""
    patch.setattr(Selectbox, "_widget_state", property(lambda one: WidgetState(id=one.id, string_value=text)))
    several = property(lambda one: WidgetState(id=one.id, string_array_value={"data": [text]}))
    patch.setattr(Multiselect, "_widget_state", several)


@pytest.mark.acceptance
@pytest.mark.timeout(900)
@pytest.mark.parametrize("role", [Role.VISITOR, Role.MEMBER, Role.ADMIN])
def test_no_page_tells_more_than_the_table_says(open_page, people, enter, role):
    enter(role)
    found = {}
    for relation in RELATED:
        about = address(people.things(relation, role))
        for name in PAGES:
            for view in VIEWS if name == "run" else ("",):
                said = all_said(open_page(name, **about, view=view))
                found[relation, name, view] = too_much(said, people, role)

    assert {place: one for place, one in found.items() if one} == {}
