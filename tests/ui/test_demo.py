"""A demo: each visitor finds their own things on every page and in every route, and nobody else's, whatever they ask."""

import json

import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dlcore.access.actors import Actor, Role
from dlcore.access.acts import Act
from dlcore.access.permissions import Kind
from dlcore.access.rates import Rates
from dlcore.datasets.ingest.writing import check_name
from dlcore.datasets.uploads import new_upload
from dlcore.errors import DatasetError, PermissionDeniedError, SpecError
from dlcore.queue import cancel_job, resume, studies, submit
from dlcore.queue.exports import request_export
from dlcore.queue.jobs import find_download, request_download
from dlcore.queue.ready import READY, example
from dlcore.records import Axis, Metric, RunState, Scope, SeriesKey
from dlcore.search.spec import SearchSpec
from dlcore.settings import Mode
from dlcore.store.gate import open_to
from dlcore.store.tables import runs
from dlcore.ui.live import VIEWS
from dlcore.ui.runs.page import OPEN
from dlcore.ui.shared.i18n import texts as words
from dlcore.ui.shared.sharing import page_address
from dlcore.web.asking import HERE
from dlcore.web.context import Context
from dlcore.web.identity import COOKIE
from dlcore.web.server import routes
from dlcore.web.visitors import Identify
from tests.access.things import SEARCH, Things, make_things
from tests.ui.conftest import components, named, parameter, running, texts

SECRET = "zyzzyva"
"""The name of all that is another visitor's."""
LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
PAGES = (
    "new",
    "runs",
    "datasets",
    "models",
    "upload",
    "data",
    "build",
    "train",
    "search",
    "run",
    "compare",
    "lab",
    "study",
    "studies",
    "gallery",
    "account",
    "learn",
)


@pytest.fixture(autouse=True)
def _demo(monkeypatch):
    monkeypatch.setenv("DLCORE_MODE", "demo")


@pytest.fixture
def visitors(here, monkeypatch):
    """The cookies of two visitors, and who they are; pages are opened by the first one."""
    mine, theirs = here.identities.welcome(), here.identities.welcome()
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: mine[0])
    return mine, theirs


@pytest.fixture
def others(here, visitors, tmp_path):
    """All that the other visitor has."""
    _mine, (_cookie, them) = visitors
    return make_things(here.whole, them.id, tmp_path, SECRET)


@pytest.fixture
def client(here, visitors):
    """The routes, as the first visitor's browser asks them."""
    identify = Middleware(Identify, identities=lambda: here.identities, texts=words)
    asking = TestClient(
        Starlette(routes=routes(VIEWS, page_address, words), middleware=[identify]),
        base_url="http://localhost",
    )
    asking.cookies.set(COOKIE, visitors[0][0], domain="localhost.local")
    return asking


def all_said(page):
    """Whatever a page has sent."""
    parts = [texts(page), json.dumps(components(page), default=str)]
    parts += [table.value.to_csv() for table in page.dataframe]
    parts += [f"{one.label} {one.help}" for one in (*page.button, *page.checkbox, *page.toggle)]
    parts += [str(one.options) for one in (*page.selectbox, *page.multiselect, *page.radio)]
    parts += [str(one.value) for one in (*page.text_input, *page.text_area, *page.code)]
    return "\n".join(parts)


def address(things):
    """The parameters of an address that names all of them."""
    ids = things.ids
    return {
        "run": ids[Kind.RUN], "runs": f"{ids[Kind.RUN]},{things.ended}", "study": ids[Kind.STUDY],
        "studies": ids[Kind.STUDY], "draft": ids[Kind.DRAFT], "upload": ids[Kind.UPLOAD], "job": ids[Kind.JOB],
    }  # fmt: skip


def test_no_page_shows_anything_of_anothers_whatever_its_address(open_page, others):
    said = {name: all_said(open_page(name, **address(others))) for name in PAGES}

    assert [name for name in PAGES if SECRET in said[name]] == []


def test_every_page_shows_a_visitor_what_is_theirs(open_page, here, visitors, tmp_path):
    mine = make_things(here.whole, visitors[0][1].id, tmp_path, "mine")
    said = {name: all_said(open_page(name, **address(mine))) for name in PAGES}

    expected = {"runs": "run mine", "run": "run mine", "study": "study mine", "datasets": "data_mine"}
    assert {name: text for name, text in expected.items() if text not in said[name]} == {}


def test_ids_in_the_state_of_a_session_open_nothing_of_anothers(open_page, others):
    page = open_page("run")
    page.session_state[OPEN] = others.ids[Kind.RUN]
    page.run()
    assert SECRET not in all_said(page)

    page = open_page("build")
    page.session_state["draft"] = others.ids[Kind.DRAFT]
    page.query_params.clear()
    page.run()
    assert others.ids[Kind.DRAFT] not in (parameter(page, "draft"), page.session_state["draft"])


def test_anothers_dataset_cannot_be_chosen_nor_be_trained_on(open_page, here, visitors, others):
    page = open_page("data")
    (chooser,) = [one for one in page.selectbox if "digits" in str(one.options)][:1]

    assert others.ids[Kind.DATASET] not in str(chooser.options)
    spec = example().with_values({"dataset.name": others.ids[Kind.DATASET]})
    with pytest.raises(SpecError, match="there is no dataset"):
        submit(open_to(here.whole, visitors[0][1]), spec, owner=visitors[0][1].id)


def test_a_visitor_takes_no_data_from_the_folders_of_the_server(
    open_page, here, visitors, tmp_path, monkeypatch
):
    allowed = Context(here.settings.model_copy(update={"data_roots": (tmp_path,)}), here.whole)
    monkeypatch.setattr("dlcore.ui.upload.source.context", lambda: allowed)

    page = open_page("upload")

    assert "A folder on the server" not in str(page.segmented_control[0].options)
    assert allowed.settings.data_roots and allowed.data_roots == ()


def test_the_names_of_the_examples_are_kept_for_them(here, visitors):
    for name in ("words", "breast_cancer"):
        with pytest.raises(DatasetError, match="already exists"):
            check_name(name, here.settings, visitors[0][1].id)
    check_name("words", here.settings, "")
    check_name("words", here.settings.model_copy(update={"mode": Mode.LOCAL}), "local")


def test_an_example_belongs_to_everybody(here, visitors):
    spec = READY["tumours"].prepared(here.settings, owner="")

    for _cookie, actor in visitors:
        assert submit(open_to(here.whole, actor), spec, owner=actor.id).owner == actor.id


def asks(things):
    """What the feed can be asked of somebody's things."""
    run, study, job = (things.ids[kind] for kind in (Kind.RUN, Kind.STUDY, Kind.JOB))
    return [
        f"run:{run}:", f"log:{run}:0", f"curves:{run}:batch:0", f"curves:{run}:epoch:200:loss:0", f"study:{study}:",
        f"trials:{study}:0", f"trials_table:{study}:", f"job:{job}:", f"preview:{job}:",
    ]  # fmt: skip


def test_the_feed_says_of_anothers_what_it_says_of_what_is_not_there(client, others):
    nowhere = Things({**others.ids, Kind.RUN: "0" * 32, Kind.STUDY: "1" * 32, Kind.JOB: "2" * 32}, "3" * 32)
    theirs, nothing = (client.get("/api/feed", params={"ask": asks(one)}) for one in (others, nowhere))

    assert theirs.status_code == nothing.status_code == 200
    assert theirs.json() == nothing.json()
    assert SECRET not in theirs.text


def test_what_one_visitor_is_told_in_the_feed_another_is_not(client, here, visitors):
    (_cookie, me), (theirs, _them) = visitors
    run = running(here, owner=me.id)
    points = [Metric(LOSS, x, 1.0) for x in range(1, 9)]
    here.whole.reports.write(run.id, run.attempt, {"epoch": 1}, metrics=points)
    other = TestClient(client.app, base_url="http://localhost")
    other.cookies.set(COOKIE, theirs, domain="localhost.local")
    ask = f"/api/feed?ask=curves:{run.id}:batch:0&ask=run:{run.id}:"

    for _time in range(2):
        assert other.get(ask).json() == [{"gone": True}] * 2
        curves, view = client.get(ask).json()
        assert (len(curves["series"]), "tag" in view) == (1, True)
    assert TestClient(client.app, base_url="http://localhost").get(ask).json() == [{"gone": True}] * 2


def test_no_route_tells_anything_of_anothers(client, others):
    run, job, token = (others.ids[kind] for kind in (Kind.RUN, Kind.JOB, Kind.UPLOAD))
    window = client.get(f"/api/window?run={run}&axis=batch&name=loss&low=0&high=9")

    assert window.json() == {"runs": {}, "gone": [run]}
    for path in (f"/api/exports/{job}", f"/api/exports/{job}/model.onnx"):
        assert client.get(path).status_code == 404
    guard = {
        "x-dl-studio": "1",
        "upload-name": "x",
        "upload-offset": "0",
        "upload-size": "1",
        "upload-modified": "1",
    }
    for method in ("GET", "PUT", "DELETE"):
        answer = client.request(method, f"/api/uploads/{token}", headers=guard)
        assert (answer.status_code, answer.json()) == (404, {"error": "unknown"})


def test_nobody_goes_on_in_the_session_of_somebody_else(open_page, visitors, monkeypatch):
    page = open_page("build")
    monkeypatch.setattr("dlcore.web.context.session_owner", lambda: visitors[0][1].id)
    page.run()
    mine = texts(page)
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: visitors[1][0])
    page.run()

    assert "this visit has ended" not in mine.lower()
    assert "this visit has ended" in texts(page).lower()
    assert [button.label for button in page.button] == []


def test_a_visit_that_was_ended_says_so(open_page, here, visitors, monkeypatch):
    page = open_page("runs")
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: "")
    page.run()

    assert "this visit has ended" in texts(page).lower()
    assert [button.label for button in page.button] == []


def test_the_first_page_and_the_sidebar_say_what_a_demo_is(open_page, visitors):
    page = open_page("new")

    (notice,) = page.info
    assert "no other visitor can see it" in notice.value
    assert notice.value in [said.value for said in page.sidebar.markdown]
    assert "Everything stays on this computer" not in all_said(page)


def test_where_nothing_trains_a_visitor_is_told_to_wait(open_page, visitors):
    said = all_said(open_page("runs"))

    assert "waits until whoever runs this has started it again" in said
    assert "python -m dlcore worker" not in said


def test_a_download_for_all_is_followed_by_all_and_ended_by_none(here, visitors):
    (_mine, me), (_theirs, them) = visitors
    job = request_download(open_to(here.whole, me), "mnist", owner=here.public_owner)

    for actor in (me, them):
        assert find_download(open_to(here.whole, actor), "mnist").id == job.id
        with pytest.raises(PermissionDeniedError):
            cancel_job(open_to(here.whole, actor), job.id, actor=actor)


def test_a_search_is_found_by_its_name_whoever_else_has_one_of_that_name(here, visitors, tmp_path):
    (_mine, me), (_theirs, them) = visitors
    mine = make_things(here.whole, me.id, tmp_path, "same")
    search = SearchSpec.from_dict({**example().to_dict(), **SEARCH})
    studies.start(here.whole, search, owner=them.id, name="study same")

    assert open_to(here.whole, me).studies.named("study same").id == mine.ids[Kind.STUDY]


def test_an_added_run_that_names_anothers_data_is_neither_resumed_nor_exported(here, visitors, others):
    """An archive may name whatever its maker likes, and the process that trains reads it without asking."""
    me = visitors[0][1]
    run = running(here, owner=me.id)
    forged = {**run.spec, "dataset": {**run.spec["dataset"], "name": others.ids[Kind.DATASET]}}
    with here.whole.database.write() as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(spec=forged))
    assert here.whole.runs.move(here.whole.runs.get(run.id), RunState.STOPPED)
    store = open_to(here.whole, me)

    with pytest.raises(SpecError, match="there is no dataset"):
        resume(store, run.id, actor=me, epochs=9)
    with pytest.raises(SpecError, match="there is no dataset"):
        request_export(store, store.runs.get(run.id), "onnx", owner=me.id)


def test_a_visitor_who_starts_too_much_is_told_so_where_they_did(open_page, here, visitors):
    here.__dict__["rates"] = Rates(here.settings.model_copy(update={"rate_launches": "1/hour"}))
    pages = [open_page("first"), open_page("first")]
    for page in pages:
        named(page, "Train the example now").click().run()

    assert not page.exception
    assert "Too many runs and searches were started: at most 1 in 1 h. Try again in" in texts(page)
    assert here.whole.runs.count(owner=here.actor.id) == 1


def test_a_visitor_who_begins_too_much_is_told_so_in_the_place_of_the_page(open_page, here, visitors):
    here.__dict__["rates"] = Rates(here.settings.model_copy(update={"rate_drafts": "1/hour"}))
    here.rates.take(Act.DRAFT, actor=visitors[0][1].id, address=HERE)
    page = open_page("build", language="zh_CN")

    assert "新建的实验太多：1 小时内最多 1 个" in texts(page)


def test_a_file_that_is_one_too_many_is_refused_with_the_time_to_wait(client, here, visitors):
    here.__dict__["rates"] = Rates(here.settings.model_copy(update={"rate_uploads": "1/hour"}))
    about = {
        "x-dl-studio": "1",
        "upload-name": "a.csv",
        "upload-offset": "0",
        "upload-size": "3",
        "upload-modified": "1",
    }
    answers = [
        client.put(
            f"/api/uploads/{new_upload(here.settings, owner=visitors[0][1].id).token}",
            content=b"a,b",
            headers=about,
        )
        for _file in range(2)
    ]

    assert [one.status_code for one in answers] == [200, 429]
    assert answers[1].json()["error"] == "too_many"
    assert 3500 < int(answers[1].headers["retry-after"]) <= 3600


def test_whom_the_machine_belongs_to_does_as_much_as_they_like(here, monkeypatch):
    monkeypatch.setattr("dlcore.web.context.Context.actor", Actor("local", Role.ADMIN))
    here.__dict__["rates"] = Rates(here.settings.model_copy(update={"rate_launches": "1/hour"}))
    for _run in range(3):
        submit(here.store, example(), owner="local")


def test_a_script_whose_browser_has_gone_is_stopped(open_page, here, visitors, monkeypatch):
    page = open_page("runs")
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: "")
    monkeypatch.setattr("dlcore.web.context.is_left", lambda: True)
    page.run()

    assert not page.exception
    assert "this visit has ended" not in texts(page).lower()
