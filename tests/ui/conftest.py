"""The pages without a browser: AppTest over the router, a store in a temporary folder, no supervisor."""

import json
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, local_script_runner

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.web.context import context
from tests.datasets.makers import arrived
from tests.queue.jobs import do_jobs

# As the server does at its start: each AppTest otherwise looks for components in all installed packages again.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def wait_for_script(runner, timeout):
    """Waits as AppTest does, which looks a thousand times a second whether the script has ended, and slows it."""
    runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        runner.join()
        raise RuntimeError(f"the script of a page took more than {timeout} s")


local_script_runner.require_widgets_deltas = wait_for_script

ROOT = Path(__file__).resolve().parents[2]
ROUTER = ROOT / "dlcore" / "ui" / "router.py"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The context that the pages of this test see."""
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("DLCORE_START_WORKER", "false")
    context.cache_clear()
    yield context()
    context().reader.close()
    context().whole.close()
    context.cache_clear()


@pytest.fixture
def open_page(here):
    """Opens a page by its file name, as a deep link would, in a language, with query parameters."""

    def opened(name="new", language="en", **query):
        app = AppTest.from_file(str(ROUTER), default_timeout=120)
        # AppTest does not fill widgets that are bound to the URL; the browser tests do that.
        app.session_state["lang"] = language
        for key, value in query.items():
            app.query_params[key] = value
        # Whoever follows a deep link never sees another page. Before its first script, AppTest takes a page for one
        # whose address is the name of its file, which all of ours are but the first.
        if name != "first":
            app.switch_page(f"../../pages/{name}.py")
        app.run()
        assert not app.exception, app.exception
        return app

    return opened


def settle(page, here):
    """The page once nothing that it asked for is still to be done."""
    while here.store.jobs.unfinished():
        do_jobs(here.store)
        page.run()
        assert not page.exception, page.exception
    return page


def sent(here, name, content, owner="local"):
    """The token of a file that has arrived, as the routes leave it."""
    return arrived(here.settings, name, content, owner=owner).token


def running(here, spec=None, *, owner="local", **values):
    """A run at work, as its process would have left it."""
    run = submit(here.store, spec or example(), owner=owner)
    here.store.runs.move(run, RunState.STARTING, device="cpu")
    here.store.runs.move(here.store.runs.get(run.id), RunState.RUNNING, **values)
    return here.store.runs.get(run.id)


def report(here, run, metrics):
    """What the run's process would write."""
    assert here.store.reports.write(run.id, run.attempt, {"epoch": run.epoch}, metrics=metrics) is False


def parameter(app, name):
    """A query parameter of the page as it stands in the URL now."""
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else value


def components(app):
    """What the components of our own were drawn with."""
    return [json.loads(one.proto.mixed.json or one.proto.json or "{}") for one in app.get("bidi_component")]


def view(app, topic):
    """What a page was drawn with that is kept up to date by the feed, of the first subject of a topic."""
    return next(data["view"] for data in components(app) if data.get("topic") == topic)


def numbers(app, topic):
    """Its numbers by their labels."""
    return {card["label"]: card["value"] for card in view(app, topic)["cards"]}


def texts(app):
    """All that a page says in Markdown, captions and messages."""
    parts = [*app.markdown, *app.caption, *app.error, *app.info, *app.warning, *app.title, *app.subheader]
    return "\n".join(part.value for part in parts)


def found(fields, ending):
    """The only widget whose key ends so."""
    (one,) = [field for field in fields if field.key and field.key.endswith(ending)]
    return one


def named(page, name):
    """The only button of that name, as a screen reader says it."""
    (one,) = [button for button in page.button if button.label.replace("\\", "") == name]
    return one


def add(page, what, kind):
    """Takes a kind from the palette of a list."""
    found(page.selectbox, f"{what}.add").set_value(kind).run()


def names(page):
    """The names in the table of experiments; each is a link."""
    return [unquote(link.partition("#")[2]) for link in page.dataframe[0].value["name"]]
