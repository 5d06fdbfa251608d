"""The page Administration: admins see how the place is and act, and nobody else gets anything of it, whatever they send."""

import pytest

from dlcore.access.actors import Actor, Role
from dlcore.access.audit import audit_lines
from dlcore.access.claims import Identity
from dlcore.access.permissions import Kind
from dlcore.queue import submit
from dlcore.queue.complaints import complain
from dlcore.queue.ready import example
from dlcore.queue.sharing import Visibility, share
from dlcore.records.complaints import Ground
from dlcore.records.shares import Thing
from dlcore.store.gate import open_to
from dlcore.ui.admin import members as members_page
from dlcore.ui.admin import queue as queue_page
from dlcore.ui.admin import usage as usage_page
from dlcore.ui.shared.tables import TableSelection
from dlcore.web.context import context
from tests.ui.conftest import named, texts
from tests.ui.test_demo import all_said

ROOT = Identity("https://id.example.com", "root", "Root", "root@example.com")
MAX = Identity("https://id.example.com", "max", "Max **b**", "max@example.com")
SECRET = "zyzzyva"
"""What a run is called that only admins may see."""


@pytest.fixture(autouse=True)
def _demo(monkeypatch):
    monkeypatch.setenv("DLCORE_MODE", "demo")
    monkeypatch.setenv("DLCORE_OIDC_URL", "https://id.example.com/.well-known/openid-configuration")
    monkeypatch.setenv("DLCORE_SECRET_KEY", "k3y" * 16)


@pytest.fixture
def visitor(here, monkeypatch):
    """Whose browser it is."""
    cookie, actor = here.identities.welcome()
    here.whole.visitors.add(actor)
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: cookie)
    return actor


@pytest.fixture
def sign_in(here, visitor, monkeypatch):
    """Signs somebody in there."""

    def signed_in(role, identity=ROOT):
        secret = here.whole.members.sign_in(identity, role, ends_at=4e9)
        monkeypatch.setattr("dlcore.web.context.member_cookie", lambda: secret)
        return here.actor

    return signed_in


@pytest.fixture
def runs(here, visitor):
    """Runs of the visitor and of a member, as they wait."""
    owners = (visitor.id, visitor.id, MAX.member_id)
    return [
        submit(here.whole, example(), owner=owner, name=f"{SECRET} {n}") for n, owner in enumerate(owners)
    ]


@pytest.fixture
def reported(here, visitor, runs):
    """A run that is shown to everybody, and was reported by the member."""
    ann, thing = open_to(here.whole, visitor), Thing(Kind.RUN, runs[0].id)
    share(ann, [thing], Visibility.PUBLIC, actor=visitor)
    member = Actor(MAX.member_id, Role.MEMBER)
    complain(open_to(here.whole, member), thing, Ground.SPAM, "buy **this**", actor=member)
    return thing


def choose(page, module, *ids):
    """Chooses rows of a table, as a click would."""
    shown = page.session_state[module.SHOWN]
    page.session_state[module.SHOWN] = TableSelection(shown.number + 1, shown.ids, ids)
    return page.run()


def waiting(here):
    return [run.name[-1] for run in here.whole.queue.waiting()]


@pytest.mark.parametrize("role", [None, Role.MEMBER])
def test_nobody_else_gets_anything_of_it(open_page, here, sign_in, runs, reported, role):
    if role is not None:
        sign_in(role)
    page = open_page("first")
    assert "Administration" not in [one.label for one in page.get("page_link")]
    page = open_page("new", view="members")
    for view in ("queue", "usage", "reports", "members", "health", "log"):
        page.session_state["view"] = view
        page.session_state[queue_page.SHOWN] = TableSelection(
            0, (f"run:{runs[2].id}",), (f"run:{runs[2].id}",)
        )
        page.session_state["admin_put_front"] = True
        page.run()

    assert "Administration" not in [title.value for title in page.title]
    assert f"{SECRET} 2" not in all_said(page)
    assert here.whole.queue.priorities() == {}


def test_the_page_itself_shows_nothing_to_somebody_who_reaches_it(here, visitor, runs):
    """As if the router had a hole: what the page is made of checks who asks, too."""
    from streamlit.testing.v1 import AppTest

    def script():
        from dlcore.ui.admin.page import admin_page

        admin_page()

    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    assert all_said(page).strip() == "[]" and not page.dataframe and not page.button


def test_an_admin_sees_the_queue_and_orders_it(open_page, here, sign_in, runs):
    sign_in(Role.ADMIN)
    page = open_page("admin")
    table = page.dataframe[0].value
    assert list(table["place"]) == [1, 2, 3]
    assert [link.partition("#")[2] for link in table["name"]] == [f"{SECRET}%20{n}" for n in (0, 2, 1)]
    assert (page.metric[0].value, page.metric[1].value) == ("0 / 1", "3")
    assert page.button(key="admin_put_front").disabled

    choose(page, queue_page, f"run:{runs[1].id}")
    page.button(key="admin_put_front").click().run()
    assert waiting(here) == ["1", "2", "0"]  # the other one has had no turn
    assert "put to the front" in page.dataframe[0].value["state"].iloc[0]
    choose(page, queue_page, f"run:{runs[1].id}")
    page.button(key="admin_put_usual").click().run()
    assert waiting(here) == ["0", "2", "1"]
    choose(page, queue_page, f"run:{runs[2].id}", f"run:{runs[0].id}")
    page.button(key="admin_stop").click().run()
    assert [here.whole.runs.get(run.id).stop_requested for run in runs] == [True, False, True]
    noted = {line["what"] for line in audit_lines(here.settings)}
    assert {"queue.front", "queue.usual", "run.stop"} <= noted


def test_an_admin_sees_who_uses_how_much_and_changes_a_budget(open_page, here, visitor, sign_in, runs):
    sign_in(Role.ADMIN)
    page = open_page("admin", view="usage")
    table = page.dataframe[0].value
    assert sorted(table["runs"]) == [0, 1, 2]  # the admin, too, who has none
    page.button(key="admin_measure").click().run()
    assert page.dataframe[0].value["disk"].notna().all()

    choose(page, usage_page, visitor.id)
    assert "What is left for" in texts(page)
    page.text_input(key=f"admin_budget_{visitor.id}").input("hours=1")
    named(page, "Save").click().run()
    assert "expected one of minutes" in page.error[0].value
    page.text_input(key=f"admin_budget_{visitor.id}").input("minutes=7")
    named(page, "Save").click().run()
    assert here.whole.own_budgets.all() == {visitor.id: "minutes=7"}


def test_an_admin_hides_what_was_reported_and_lets_it_be_shared_again(
    open_page, here, visitor, sign_in, reported
):
    sign_in(Role.ADMIN)
    page = open_page("admin", view="reports")
    assert "Advertising or spam" in texts(page) and r"buy \*\*this\*\*" in texts(page)
    named(page, "Hide").click().run()
    assert here.whole.complaints.is_hidden(reported, owner=visitor.id)
    assert "Nothing was reported" in texts(page)
    named(page, "Let it be shared").click().run()
    assert not here.whole.complaints.is_hidden(reported, owner=visitor.id)


def test_an_admin_blocks_a_member(open_page, here, sign_in):
    here.whole.members.sign_in(MAX, Role.MEMBER, ends_at=4e9)
    me = sign_in(Role.ADMIN)
    page = open_page("admin", view="members")
    choose(page, members_page, me.id)
    assert page.button(key="admin_block").disabled
    choose(page, members_page, MAX.member_id)
    page.button(key="admin_block").click().run()
    assert "cannot sign in again" in texts(page)


def test_health_and_the_log_say_nothing_secret(open_page, here, sign_in, runs):
    sign_in(Role.ADMIN)
    page = open_page("admin", view="health")
    said = all_said(page)
    assert "k3yk3y" not in said and "DLCORE_SECRET_KEY" in said and "•••" in said
    page = open_page("admin", view="log")
    assert not page.exception


def test_a_visitor_reports_what_is_shown_and_only_that(open_page, here, visitor, sign_in, reported, runs):
    sign_in(Role.MEMBER, Identity("https://id.example.com", "eve", "Eve", ""))
    page = open_page("run", run=reported.name)

    assert "Report this" in [button.label for button in page.button]
    assert "Report this" not in [button.label for button in open_page("run", run=runs[2].id).button]


def test_at_home_there_is_no_such_page(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("DLCORE_MODE", "local")
    context.cache_clear()
    page = open_page("new")

    assert not {"Administration", "Account"} & {one.label for one in page.get("page_link")}
    context().whole.close()
