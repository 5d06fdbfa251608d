"""What is left is shown before one asks, and Account has all that is one's own."""

import pytest

from dlcore.access.actors import Role
from dlcore.queue.ready import example
from tests.queue.jobs import do_jobs
from tests.ui.conftest import texts


@pytest.fixture
def visitor(monkeypatch, request):
    """Opens a demo with some limits, as a visitor."""
    monkeypatch.setenv("DLCORE_MODE", "demo")
    monkeypatch.setenv("DLCORE_VISITOR_LIMITS", getattr(request, "param", "minutes=20,queued=2"))
    here = request.getfixturevalue("here")
    cookie, actor = here.identities.welcome()
    here.identities.admit(actor, "127.0.0.1")
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: cookie)
    return actor


def rows(page):
    return "\n".join(str(one.value) for one in [*page.table, *page.dataframe])


def test_a_demo_says_what_is_left_before_a_run_is_started(visitor, here, open_page):
    draft = here.whole.drafts.create(example().to_dict(), owner=visitor.id)

    page = open_page("train", draft=draft.id)

    assert "20 of 20 min today · places in the queue: 2 of 2" in rows(page)
    assert not page.button(key="launch").disabled


@pytest.mark.parametrize("visitor", ["epochs=1"], indirect=True)
def test_what_would_be_refused_cannot_be_started_and_the_reason_is_there(visitor, here, open_page):
    draft = here.whole.drafts.create(example().to_dict(), owner=visitor.id)

    page = open_page("train", draft=draft.id)

    assert any("The number of epochs may be at most 1, got" in one.value for one in page.warning)
    assert page.button(key="launch").disabled


def test_account_shows_what_is_left_and_what_is_ones_own(visitor, here, open_page):
    here.whole.drafts.create(example().to_dict(), owner=visitor.id)
    here.whole.drafts.create(example().to_dict(), owner="somebody else")

    page = open_page("account")

    assert "Minutes of training a day" in rows(page)
    for left in ("20 of 20 left", "1 of 1 left", "2 of 2 left", "19 of 20 left", "at most 200"):
        assert left in rows(page), left
    assert "0 runs · 0 searches · 1 draft" in texts(page)
    assert "removed 14 days after your last visit" in texts(page)


def test_everything_is_packed_and_can_be_downloaded(visitor, here, open_page):
    here.whole.drafts.create(example().to_dict(), owner=visitor.id)
    page = open_page("account")

    page.button(key="pack").click().run()
    do_jobs(here.whole)
    page.run()

    assert not page.exception
    (job,) = here.whole.jobs.owners(visitor.id)
    assert page.get("link_button")[0].proto.url == f"/api/exports/{job[0]}"


def test_at_home_there_is_no_account_and_nothing_is_said_of_limits(here, open_page):
    draft = here.whole.drafts.create(example().to_dict(), owner="local")

    page = open_page("train", draft=draft.id)

    assert "places in the queue" not in rows(page)
    assert here.actor.role is Role.ADMIN
