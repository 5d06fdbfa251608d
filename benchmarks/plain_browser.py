"""A headless Chromium that is spoken to as little as possible, so that it is as fast as a visitor's.

Playwright has it note where each request and each message of a script came from. For that, V8 reads the script that is
being evaluated once more: Plotly's, of nearly five megabytes, takes half as long again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
SIZE = {"width": 1440, "height": 1000, "deviceScaleFactor": 1, "mobile": False}


class Browser:
    """A Chromium that has started; its protocol is at https://chromedevtools.github.io/devtools-protocol.

    Args:
        connection: to its debugger.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._number = connection, 0

    def call(self, method: str, session: str | None = None, **given: Any) -> dict[str, Any]:
        """Calls a method of the protocol and returns its result.

        Raises:
            RuntimeError: it failed.
        """
        self._number += 1
        asked = {"id": self._number, "method": method, "params": given}
        self._connection.send(json.dumps(asked | ({"sessionId": session} if session else {})))
        while True:
            said = json.loads(self._connection.recv(timeout=120))
            if said.get("id") == self._number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                found: dict[str, Any] = said["result"]
                return found

    @contextmanager
    def page(self, script: str) -> Iterator[Page]:
        """Yields a page of a fresh profile, in which a script runs before those of each address."""
        profile = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=profile)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Emulation.setDeviceMetricsOverride", session, **SIZE)
        self.call("Page.enable", session)
        self.call("Page.addScriptToEvaluateOnNewDocument", session, source=script)
        self.call("Performance.enable", session, timeDomain="threadTicks")
        yield Page(self, session)
        self.call("Target.disposeBrowserContext", browserContextId=profile)


class Page:
    """A page of a browser.

    Args:
        browser: has it.
        session: of the protocol.
    """

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def open(self, address: str) -> None:
        """Opens an address, without waiting for it."""
        self._browser.call("Page.navigate", self._session, url=address)

    def value(self, expression: str) -> Any:
        """Returns what an expression is."""
        found = self._browser.call(
            "Runtime.evaluate", self._session, expression=expression, returnByValue=True
        )
        return found["result"].get("value")

    def wait(self, expression: str, seconds: float = 120.0, every: float = 0.25) -> None:
        """Waits until an expression is true.

        Raises:
            TimeoutError: it does not become so.
        """
        until = time.monotonic() + seconds
        while not self.value(expression):
            if time.monotonic() > until:
                raise TimeoutError(expression)
            time.sleep(every)

    @property
    def cpu(self) -> float:
        """Seconds of CPU time that the page's main thread has taken."""
        found = self._browser.call("Performance.getMetrics", self._session)["metrics"]
        return next(float(one["value"]) for one in found if one["name"] == "TaskDuration")


@contextmanager
def plain_browser() -> Iterator[Browser]:
    """Yields a browser.

    Raises:
        RuntimeError: there is no Chromium, or it does not start.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise RuntimeError(f"there is none of {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            "--lang=en-US",
        ]
        process = subprocess.Popen(
            [path, *flags, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(_address(Path(folder) / "DevToolsActivePort"), max_size=None) as connection:
                yield Browser(connection)
        finally:
            process.terminate()
            process.wait()


def _address(file: Path) -> str:
    """Returns where the debugger listens, once the browser has written it down."""
    for _try in range(300):
        with suppress(OSError, ValueError):
            port, path = file.read_text().split()
            return f"ws://127.0.0.1:{port}{path}"
        time.sleep(0.1)
    raise RuntimeError("Chromium does not start")
