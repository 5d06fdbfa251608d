"""Members of a demo: they sign in and out in the sidebar, and take along what they made before."""

import pytest

from dlcore.access.actors import Role
from dlcore.access.claims import Identity
from dlcore.queue import submit
from dlcore.queue.ready import example
from tests.ui.conftest import named, texts

ANN = Identity("https://id.example.com", "ann", "Ann *b*", "ann@example.com")
BEFORE = "You made something in this browser before you signed in"


@pytest.fixture(autouse=True)
def _demo(monkeypatch):
    monkeypatch.setenv("DLCORE_MODE", "demo")
    monkeypatch.setenv("DLCORE_OIDC_URL", "https://id.example.com/.well-known/openid-configuration")


@pytest.fixture
def visitor(here, monkeypatch):
    """Who the browser was before."""
    cookie, actor = here.identities.welcome()
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: cookie)
    return actor


@pytest.fixture
def member(here, visitor, monkeypatch):
    """Who has signed in there."""
    secret = here.whole.members.sign_in(ANN, Role.MEMBER, ends_at=4e9)
    monkeypatch.setattr("dlcore.web.context.member_cookie", lambda: secret)
    return here.member.actor


def test_a_visitor_can_sign_in(open_page, visitor):
    page = open_page("new")

    assert named(page, "Sign in") and "Sign out" not in [one.label for one in page.button]


def test_a_member_sees_who_they_are_and_can_leave_all_browsers(open_page, here, member):
    page = open_page("new")

    assert "Member" in texts(page) and "This is a demo" not in texts(page)
    assert here.actor == member
    named(page, "Sign out everywhere").click().run()
    assert here.member is None


def test_who_was_signed_out_meanwhile_is_a_visitor_again_and_sees_nothing_of_the_member(
    open_page, here, visitor, member
):
    run = submit(here.whole, example(), owner=member.id)
    page = open_page("run", run=run.id)
    here.sign_ins.end_all(member)
    page.run()

    assert here.actor == visitor and run.name not in texts(page)


def test_what_was_made_before_is_offered_and_taken_along_if_wanted(open_page, here, visitor, member):
    run = submit(here.whole, example(), owner=visitor.id)
    page = open_page("new")
    assert BEFORE in texts(page)
    assert here.whole.runs.get(run.id).owner == visitor.id

    named(page, "Move to my account").click().run()
    assert here.whole.runs.get(run.id).owner == member.id
    assert BEFORE not in texts(page)


def test_what_was_made_before_stays_if_not_wanted(open_page, here, visitor, member):
    run = submit(here.whole, example(), owner=visitor.id)
    page = open_page("new")
    named(page, "Not now").click().run()

    assert BEFORE not in texts(page)
    assert here.whole.runs.get(run.id).owner == visitor.id


def test_nothing_is_offered_where_nothing_was_made(open_page, member):
    assert BEFORE not in texts(open_page("new"))
