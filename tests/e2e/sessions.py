"""What pages and Streamlit's server say to each other: whether a page has an answer to all that was done on it."""

from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.session import SOCKET
from tests.waiting import wait_for

DEBOUNCE = 250
"""Milliseconds after which a page has told of what was done: a table waits 150 of them, a slider 200."""
BREATH = 50
"""Milliseconds after which what a script has drawn has told whether it wants another one."""
PAUSE = "ms => new Promise((done) => setTimeout(done, ms))"
"""By the page's own clock, which on a busy machine is as late as what it waits for."""
STANDS = "[data-test-script-state=notRunning]"


class Session:
    """The scripts that a page asked for.

    Attributes:
        asked: how many, since the page was opened.
        is_answered: whether the last of them has run to its end.
    """

    def __init__(self) -> None:
        self.asked, self.is_answered = 0, False
        self.waited_for = 0
        self._has_ended, self._socket = False, None

    def follow(self, socket: WebSocket) -> None:
        """Reads along; each connection begins with a script."""
        if not socket.url.partition("?")[0].endswith(SOCKET):
            return
        self._socket, self.is_answered = socket, False
        socket.on("framesent", lambda data: self._socket is socket and self._sent(data))
        socket.on("framereceived", lambda data: self._socket is socket and self._received(data))

    def _sent(self, data: bytes) -> None:
        if BackMsg.FromString(data).WhichOneof("type") == "rerun_script":
            self.asked += 1
            self.is_answered = self._has_ended = False

    def _received(self, data: bytes) -> None:
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            self._has_ended = message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        elif kind == "session_status_changed":
            self.is_answered = self._has_ended and not message.session_status_changed.script_is_running


_sessions: WeakKeyDictionary[Page, Session] = WeakKeyDictionary()


def follow(browser: Browser) -> None:
    """Reads along with every page that is opened from now on."""

    def follow_page(page: Page) -> None:
        _sessions[page] = session = Session()
        page.on("websocket", session.follow)

    def follow_context(context: BrowserContext) -> None:
        context.on("page", follow_page)

    browser.on("context", follow_context)


def ready(page: Page) -> None:
    """Waits until the script has run to its end that was asked for by what was done since the last call."""
    session = _sessions[page]
    page.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]").wait_for()
    if session.asked == session.waited_for:
        page.evaluate(PAUSE, DEBOUNCE)
    page.locator(STANDS).first.wait_for()
    while not session.is_answered or session.asked != session.waited_for:
        session.waited_for = session.asked
        wait_for(lambda: page.evaluate(PAUSE, BREATH) or session.is_answered, what=lambda: vars(session))
        page.locator(STANDS).first.wait_for()
        page.evaluate(PAUSE, BREATH)
