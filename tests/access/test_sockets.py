"""The table of rights over the websocket of a real server: crafted messages of a browser reach what it says and no more."""

from contextlib import contextmanager

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.sync.client import connect

from benchmarks.session import PROTOCOLS, SOCKET
from benchmarks.viewers import dashboard
from dlcore.access.actors import Role
from dlcore.access.permissions import Kind, Verb
from dlcore.web.context import context
from tests.acceptance.hostile_app.frames import Drawn
from tests.access.matrix import LINKED, OTHERS, OWN, PUBLIC, REVOKED, verbs
from tests.access.people import DEMO, gather
from tests.ports import reserved_port
from tests.ui.test_demo import address

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

RELATED = (OTHERS, PUBLIC, LINKED, REVOKED)
SIGN_IN = {
    "DLCORE_PUBLIC_URL": "http://localhost", "DLCORE_OIDC_CLIENT": "dl-studio", "DLCORE_OIDC_SECRET": "not a secret",
}  # fmt: skip


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Everybody, as a server knows them."""
    folder = tmp_path_factory.mktemp("people")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**DEMO, "DLCORE_HOME": str(folder / "home")}.items():
            patch.setenv(name, value)
        context.cache_clear()
        yield gather(context(), folder, (OWN, *RELATED))
        context().whole.close()
        context.cache_clear()


@pytest.fixture(scope="module")
def port(people):
    with reserved_port() as found, dashboard(people.folder / "home", found, **DEMO, **SIGN_IN):
        yield found


@contextmanager
def browsing(port, cookies, session=""):
    """A browser of somebody, which may name the session of another."""
    given = "; ".join(f"{name}={value}" for name, value in cookies.items())
    with connect(
        f"ws://127.0.0.1:{port}{SOCKET}",
        subprotocols=[*PROTOCOLS, session] if session else PROTOCOLS,
        max_size=None,
        additional_headers={"cookie": given},
    ) as socket:
        yield Browser(socket)


class Browser:
    """A browser with a page open."""

    def __init__(self, socket):
        self.socket, self.drawn = socket, Drawn()

    def say(self, message):
        """Sends a message; returns all that comes until the script has run."""
        until, said = self.drawn.finished + 1, b""
        self.socket.send(message.SerializeToString())
        while self.drawn.finished < until:
            data = self.socket.recv(timeout=60)
            self.drawn.take(data)
            said += data
        return said.decode(errors="replace")

    def visit(self, page, **query):
        """Opens a page."""
        return self.say(visiting(page, **query))


def visiting(page, **query):
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = "&".join(f"{name}={value}" for name, value in query.items())
    return message


def names(relation):
    """The names of somebody's run and study, each with what one needs to be told it."""
    name = f"{relation}_".replace(" ", "_").replace("'", "")
    return {f"ended {name}": Kind.RUN, f"run {name}": Kind.RUN, f"study {name}": Kind.STUDY}


def too_much(said, role):
    return [
        (relation, text)
        for relation in RELATED
        for text, kind in names(relation).items()
        if text in said and Verb.LOOK not in verbs(kind, relation, role)
    ]


@pytest.mark.parametrize("role", [Role.VISITOR, Role.MEMBER, Role.ADMIN])
def test_addresses_over_the_websocket_open_what_the_table_says(people, port, role):
    for relation in RELATED:
        things = people.things(relation, role)
        with browsing(port, people.cookies[role]) as browser:
            said = browser.visit("run", **{**address(things), "run": things.ended, "view": "take_away"})
            said += browser.visit("study", **address(things))
        assert too_much(said, role) == []
        for text, kind in list(names(relation).items())[::2]:
            assert (text in said) == (Verb.LOOK in verbs(kind, relation, role)), (relation, text)
        assert browser.drawn.failed == []


def test_a_message_with_the_parts_of_anothers_page_does_nothing_to_it(people, port):
    """Ids of buttons and fragments are the same for all; what they do, they do for who is asked for by the cookie."""
    owner = people.cookies[Role.MEMBER]
    mine = people.things(OWN, Role.MEMBER)
    with browsing(port, owner) as theirs, browsing(port, people.cookies[Role.VISITOR]) as browser:
        theirs.visit("run", run=mine.ids[Kind.RUN])
        browser.visit("run", run=mine.ids[Kind.RUN])
        buttons = [name for name, kind in theirs.drawn.widgets.items() if "button" in kind]
        assert len(buttons) > 2
        for name in buttons:
            message = visiting("run", run=mine.ids[Kind.RUN])
            message.rerun_script.widget_states.widgets.add(id=name, trigger_value=True)
            assert "own_member" not in browser.say(message)
        for name in theirs.drawn.fragments:
            message = visiting("run", run=mine.ids[Kind.RUN])
            message.rerun_script.fragment_id = name
            browser.socket.send(message.SerializeToString())
            assert "own_member" not in browser.visit("run", run=mine.ids[Kind.RUN])
    run = people.here.whole.runs.get(mine.ids[Kind.RUN])
    assert (run.state, run.stop_requested) == ("queued", False)


def test_who_names_the_session_of_another_goes_on_in_none_of_theirs(people, port):
    mine = people.things(OWN, Role.MEMBER)
    with browsing(port, people.cookies[Role.MEMBER]) as theirs:
        theirs.visit("run", run=mine.ended)
        session = theirs.drawn.session
    for relation in ("while it is broken", "once more"):
        with browsing(port, people.cookies[Role.VISITOR], session) as browser:
            said = browser.visit("run")
            assert "own_member" not in said, relation
            assert browser.drawn.failed == []
            assert browser.drawn.session != session


def test_who_names_the_session_of_another_does_not_break_it(people, port):
    mine = people.things(OWN, Role.MEMBER)
    with browsing(port, people.cookies[Role.MEMBER]) as theirs:
        theirs.visit("run", run=mine.ended)
        with browsing(port, people.cookies[Role.VISITOR], theirs.drawn.session) as browser:
            browser.visit("run")
            assert browser.drawn.session != theirs.drawn.session
        assert "own_member" in theirs.visit("run", run=mine.ended)


def test_a_session_comes_back_to_the_browser_whose_it_is(people, port):
    with browsing(port, people.cookies[Role.MEMBER]) as browser:
        browser.visit("runs")
        session = browser.drawn.session
    with browsing(port, people.cookies[Role.MEMBER], session) as again:
        again.visit("runs")

    assert again.drawn.session == session
