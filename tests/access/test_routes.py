"""The table of rights through the routes: whoever asks, with the cookie of their browser, is told what it says and no more."""

import re
import zipfile

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dlcore.access.actors import Role
from dlcore.access.permissions import Kind, Verb
from dlcore.durable import write_json
from dlcore.exports import Export
from dlcore.records.artifacts import RESULT_FILE
from dlcore.ui.live import VIEWS
from dlcore.ui.shared.i18n import texts as words
from dlcore.ui.shared.sharing import page_address
from dlcore.web.charts import NEWS
from dlcore.web.context import context
from dlcore.web.server import routes
from dlcore.web.visitors import Identify
from tests.access.matrix import LOCAL, OTHERS, OWN, RELATIONS, ROLES, verbs
from tests.access.people import DEMO, gather
from tests.access.things import make_things

OPEN, MINE, BY_TOPIC = "for all", "one's own alone", "as its topics"
TOPICS = {
    "run": (Kind.RUN, Verb.LOOK), "curves": (Kind.RUN, Verb.LOOK), "log": (Kind.RUN, Verb.READ),
    "study": (Kind.STUDY, Verb.LOOK), "trials": (Kind.STUDY, Verb.LOOK), "trials_table": (Kind.STUDY, Verb.LOOK),
    "job": (Kind.JOB, Verb.READ), "preview": (Kind.JOB, Verb.READ), "status": OPEN, "experiments": MINE, "runs": MINE,
    "run_count": MINE, "alerts": MINE, "lesson": MINE,
}  # fmt: skip
"""What the feed may be asked of, and what one needs for it."""
ROUTES = {
    "/healthz": OPEN, "/readyz": OPEN, "/metrics": OPEN, "/sign-in": OPEN, "/shared": OPEN, "/api/feed": BY_TOPIC,
    "/api/window": (Kind.RUN, Verb.LOOK), "/api/links": OPEN, "/api/exports/{job}": (Kind.JOB, Verb.USE),
    "/api/exports/{job}/model.onnx": (Kind.JOB, Verb.USE), "/api/uploads/{token}": (Kind.UPLOAD, Verb.USE),
    "/modules/{version}/{name}": OPEN, "/vendor/plotly": OPEN, "/vendor/onnxruntime-web/{name}": OPEN,
}  # fmt: skip
"""Each route beside Streamlit's own, and what one needs for it. Those for all know nothing of anybody's things."""
GUARD = {
    "x-dl-studio": "1", "upload-name": "x", "upload-offset": "0", "upload-size": "1", "upload-modified": "1",
}  # fmt: skip


def of_version(path):
    """The path of a route without the version of what it serves."""
    return re.sub(r"-[\d.]+\d(\.min\.js)?", "", path)


def all_routes():
    return routes(VIEWS, page_address, words)


@pytest.fixture
def demo(monkeypatch):
    for name, value in DEMO.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def people(demo, here, tmp_path):
    return gather(here, tmp_path)


def export_of(here, things):
    """The id of an export of the run that has ended, for its owner."""
    ended = here.whole.runs.get(things.ended)
    made = Export("onnx", "it.onnx.zip", 10)
    job = here.whole.jobs.request(
        "export", {"run": ended.id, "format": "onnx"}, owner=ended.owner, again=True
    )
    assert here.whole.jobs.start(job)
    job = here.whole.jobs.get(job.id)
    folder = here.whole.jobs.folder(job.id)
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / made.file, "w") as archive:
        archive.writestr("model.onnx", b"a model")
    write_json(folder / RESULT_FILE, made.to_dict())
    assert here.whole.jobs.finish(job.id, job.attempt)
    return job.id


def browser(here, cookies):
    """A browser of somebody, who may be known as a member."""
    identify = Middleware(
        Identify, identities=lambda: here.identities, sign_ins=lambda: here.sign_ins, texts=words
    )
    client = TestClient(Starlette(routes=all_routes(), middleware=[identify]), base_url="http://localhost")
    for name, value in cookies.items():
        client.cookies.set(name, value, domain="localhost.local")
    return client


def ask_of(topic, things):
    """What the feed is asked of somebody's things."""
    ids = things.ids
    subject = {
        "run": things.ended, "curves": f"{things.ended}:batch", "log": things.ended,
        **dict.fromkeys(("study", "trials", "trials_table"), ids.get(Kind.STUDY)),
        **dict.fromkeys(("job", "preview"), ids[Kind.JOB]),
    }[topic]  # fmt: skip
    return f"{topic}:{subject}:{0 if topic in NEWS else ''}"


def is_answered(client, ask):
    """Whether the feed says anything of it that it does not say of what there never was: also that there is nothing new."""
    never = re.sub(r"[0-9a-f]{32}", "0" * 32, ask)
    assert never != ask
    said, said_of_nothing = (client.get("/api/feed", params={"ask": one}) for one in (ask, never))
    return (said.status_code, said.content) != (said_of_nothing.status_code, said_of_nothing.content)


def is_told(here, client, path, things):
    """Whether a route tells or does anything of somebody's things, by each of its methods."""
    match path:
        case "/api/window":
            query = f"run={things.ended}&axis=batch&name=loss&low=0&high=9"
            found = client.get(f"/api/window?{query}").json()
            return {bool(found["runs"]), found["gone"] == []}
        case "/api/exports/{job}" | "/api/exports/{job}/model.onnx":
            return {client.get(path.format(job=export_of(here, things))).status_code == 200}
        case "/api/uploads/{token}":
            url = path.format(token=things.ids[Kind.UPLOAD])
            return {
                client.request(one, url, headers=GUARD).status_code != 404 for one in ("GET", "PUT", "DELETE")
            }
    raise AssertionError(f"nothing tries {path}")


def by_table(needed, relation, role):
    kind, verb = needed
    return verb in verbs(kind, relation, role)


def cells(needed):
    return {name: what for name, what in needed.items() if isinstance(what, tuple)}


def there(needed, things):
    """Those of which somebody has a thing: what belongs to everybody is data and jobs alone, and no export."""
    return {
        name: (kind, verb)
        for name, (kind, verb) in cells(needed).items()
        if kind in things.ids and (things.ended or (kind, verb) != (Kind.JOB, Verb.USE))
    }


def test_every_route_and_topic_is_in_the_tables(demo):
    assert {of_version(route.path) for route in all_routes()} == set(ROUTES)
    assert {*NEWS, *VIEWS} == set(TOPICS)


def test_routes_and_topics_tell_what_the_table_says(people, here):
    told, wanted = {}, {}
    for role in people.actors:
        client = browser(here, people.cookies[role])
        for relation in RELATIONS:
            things = people.things(relation, role)
            for topic, needed in there(TOPICS, things).items():
                told[role, relation, topic] = {is_answered(client, ask_of(topic, things))}
                wanted[role, relation, topic] = {by_table(needed, relation, role)}
            for path, needed in there(ROUTES, things).items():
                told[role, relation, path] = is_told(here, client, path, things)
                wanted[role, relation, path] = {by_table(needed, relation, role)}

    assert {cell: one for cell, one in told.items() if one != wanted[cell]} == {}


def test_what_lists_ones_own_says_nothing_of_anothers(people, here):
    for role in people.actors:
        client = browser(here, people.cookies[role])
        others = [people.things(relation, role) for relation in RELATIONS if relation != OWN]
        ids = {one for things in others for one in (*things.ids.values(), things.ended) if len(one) == 32}
        for topic in [name for name, what in TOPICS.items() if what in (MINE, OPEN)]:
            asks = [f"{topic}:{one}:" for one in ("", *ids)]
            said = client.get("/api/feed", params={"ask": asks[:60]}).text
            assert [one for one in ids if one in said] == [], (role, topic)


def test_whoever_has_no_cookie_or_a_forged_one_is_told_what_a_stranger_is(people, here):
    mine, things = people.cookies[Role.VISITOR], people.things(OWN, Role.VISITOR)
    asks = {"ask": [ask_of(topic, things) for topic in cells(TOPICS)]}
    assert all(is_answered(browser(here, mine), ask) for ask in asks["ask"])

    forged = [{}, {name: value[:-3] + "AAA" for name, value in mine.items()}]
    forged += [dict.fromkeys(people.cookies[Role.ADMIN], people.actors[Role.ADMIN].id)]
    for cookies in forged:
        client = browser(here, cookies)
        assert not any(is_answered(client, ask) for ask in asks["ask"])
        assert {one for path in cells(ROUTES) for one in is_told(here, client, path, things)} == {False}


def test_at_home_all_is_told_that_an_admin_is_told(here, tmp_path):
    client = TestClient(Starlette(routes=all_routes()), base_url="http://localhost")
    told, wanted = {}, {}
    for relation, owner in ((OWN, "local"), (OTHERS, "somebody")):
        things = make_things(here.whole, owner, tmp_path, owner)
        for topic, needed in cells(TOPICS).items():
            told[relation, topic] = {is_answered(client, ask_of(topic, things))}
            wanted[relation, topic] = {by_table(needed, relation, LOCAL)}
        for path, needed in cells(ROUTES).items():
            told[relation, path] = is_told(here, client, path, things)
            wanted[relation, path] = {by_table(needed, relation, LOCAL)}

    assert LOCAL in ROLES and context().actor.id == "local"
    assert {cell: one for cell, one in told.items() if one != wanted[cell]} == {}
