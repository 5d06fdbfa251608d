"""What another visitor shares can be looked at, on its page and in the feed, and nothing else can be done with it."""

import re

import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dlcore.access.links import COOKIE as LINKS
from dlcore.access.links import with_token
from dlcore.access.permissions import Kind
from dlcore.datasets import open_samples
from dlcore.design.templates import proposal
from dlcore.errors import NotFoundError, PermissionDeniedError, SpecError
from dlcore.queue import annotate, delete, resume, submit
from dlcore.queue.exports import request_export
from dlcore.queue.library import Library
from dlcore.queue.ready import example
from dlcore.queue.registry import keep_model
from dlcore.queue.sharing import Visibility, open_link, replace_link, share, shared, token_of
from dlcore.records import AnnotationEdit, Axis, Metric, Scope, SeriesKey
from dlcore.records.alerts import AlertKind, Sign
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.shares import Thing
from dlcore.spec.experiment import DatasetSpec
from dlcore.store.gate import open_to
from dlcore.store.logs import add_lines
from dlcore.store.tables import runs
from dlcore.ui.live import VIEWS
from dlcore.ui.shared.i18n import texts as words
from dlcore.ui.shared.sharing import page_address
from dlcore.web.context import context
from dlcore.web.identity import COOKIE
from dlcore.web.server import routes
from dlcore.web.uploads import GUARD
from dlcore.web.visitors import Identify
from tests.access.things import make_things
from tests.comparison.runs import SAMPLES, classified
from tests.ui.conftest import components, running, texts
from tests.ui.test_demo import all_said

SECRET = "zyzzyva"
"""What nobody else may read of a thing that is shared."""


@pytest.fixture(autouse=True)
def _demo(monkeypatch):
    monkeypatch.setenv("DLCORE_MODE", "demo")


@pytest.fixture
def visitors(here, monkeypatch):
    """Who looks, and who shares; pages are opened by the first one."""
    (cookie, me), (_cookie, them) = here.identities.welcome(), here.identities.welcome()
    monkeypatch.setattr("dlcore.web.context.session_cookie", lambda: cookie)
    return cookie, me, them


@pytest.fixture
def run(here, visitors):
    """A run of the other visitor that has ended and left all that a run leaves."""
    digits = open_samples(DatasetSpec(name="digits"), here.settings, use_network=False)
    key = SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)
    found = classified(
        here.whole,
        "show me",
        range(10),
        targets=digits.targets[:SAMPLES],
        owner=visitors[2].id,
        points=[Metric(key, float(epoch), 1 / epoch) for epoch in (1, 2, 3)],
    )
    edit = AnnotationEdit(notes=f"notes {SECRET}", add_tags=(f"tag {SECRET}",))
    annotate(here.whole, found.id, edit, actor=visitors[2])
    with here.whole.database.write() as connection:
        add_lines(connection, found.id, [(0.0, f"log {SECRET}")])
    (here.whole.artifacts.create(found.id) / MODEL_FILE).write_bytes(b"weights")
    return found


def shown(here, them, *things, visibility=Visibility.LINK):
    """Shares things; returns the token of the link, if it is one."""
    store = open_to(here.whole, them)
    share(store, things, visibility, actor=them)
    link = shared(store, things, actor=them).link
    return token_of(store, link) if link else ""


@pytest.fixture
def client(here, visitors):
    """The routes, as the first visitor's browser asks them."""
    identify = Middleware(Identify, identities=lambda: here.identities, texts=words)
    app = Starlette(routes=routes(VIEWS, page_address, words), middleware=[identify])
    asking = TestClient(app, base_url="http://localhost")
    asking.cookies.set(COOKIE, visitors[0], domain="localhost.local")
    return asking


@pytest.fixture
def opened(monkeypatch):
    """Makes the sessions of pages those of a browser that has opened a link."""

    def open_(token):
        from dlcore.access.links import opened_links

        monkeypatch.setattr("dlcore.web.context.session_links", lambda: opened_links(token))

    return open_


def tabs(page):
    return [tab.label for tab in page.tabs]


@pytest.mark.parametrize("visibility", [Visibility.LINK, Visibility.PUBLIC])
def test_a_run_that_is_shared_is_looked_at_and_nothing_can_be_done(
    open_page, here, visitors, run, opened, visibility
):
    opened(shown(here, visitors[2], Thing(Kind.RUN, run.id), visibility=visibility))
    page = open_page("run", run=run.id)

    assert page.title[0].value == "show me"
    assert "Shared with you to look at" in texts(page)
    assert tabs(page) == ["Curves", "Evaluation", "Network", "Settings"]
    assert [button.label for button in page.button if button.key != "about"] == ["Make a copy", "Report this"]
    for view in ("curves", "evaluation", "network", "settings", "log", "try", "take_away"):
        page = open_page("run", run=run.id, view=view)
        assert SECRET not in all_said(page)
        assert visitors[2].id not in all_said(page)


def test_without_a_link_a_run_is_not_there_and_a_revoked_one_shows_it_no_more(
    open_page, here, visitors, run, opened
):
    token = shown(here, visitors[2], Thing(Kind.RUN, run.id))
    assert "There is no run" in texts(open_page("run", run=run.id))
    opened(token)
    assert open_page("run", run=run.id).title[0].value == "show me"

    share(open_to(here.whole, visitors[2]), [Thing(Kind.RUN, run.id)], Visibility.PRIVATE, actor=visitors[2])
    here._owners.forget_shared()  # the gate of the one who has revoked it is another one here
    assert "There is no run" in texts(open_page("run", run=run.id))


def test_nothing_else_can_be_done_with_a_run_that_is_shared(here, visitors, run, opened):
    opened(shown(here, visitors[2], Thing(Kind.RUN, run.id)))
    me, store = here.actor, here.store

    for attempt in (
        lambda: resume(store, run.id, actor=me, epochs=99),
        lambda: delete(store, run.id, actor=me),
        lambda: annotate(store, run.id, AnnotationEdit(notes="mine"), actor=me),
        lambda: keep_model(store, run.id, "taken", actor=me),
        lambda: request_export(store, store.runs.get(run.id), "onnx", owner=me.id),
        lambda: share(store, [Thing(Kind.RUN, run.id)], Visibility.PUBLIC, actor=me),
        lambda: store.logs.tail(run.id, 9),
        lambda: store.artifacts.folder(run.id),
    ):
        with pytest.raises(PermissionDeniedError):
            attempt()


def test_a_copy_is_a_draft_of_ones_own_without_the_weights_of_another(open_page, here, visitors, run, opened):
    opened(shown(here, visitors[2], Thing(Kind.RUN, run.id)))
    page = open_page("run", run=run.id)
    found_button(page, "Make a copy").click().run()

    (draft,) = here.whole.drafts.list(owner=visitors[1].id)
    assert draft.spec["dataset"]["name"] == "digits"
    assert draft.spec["fine_tuning"] is None
    assert draft.annotation.notes == ""


def found_button(page, label):
    (one,) = [button for button in page.button if button.label == label]
    return one


def test_a_run_on_private_data_is_shown_with_what_its_page_needs_and_the_data_stay_private(
    open_page, here, visitors, opened, tmp_path
):
    them = visitors[2]
    things = make_things(here.whole, them.id, tmp_path, "own")
    data = things.ids[Kind.DATASET]
    spec = proposal(Library.of(open_to(here.whole, them)).facts(data))
    theirs = submit(open_to(here.whole, them), spec, owner=them.id)
    opened(shown(here, them, Thing(Kind.RUN, theirs.id)))

    page = open_page("run", run=theirs.id, view="network")
    assert "not here any more" not in texts(page)
    assert [button.label for button in page.button if button.label == "Make a copy"] == []
    assert not here.library.may_read(data)
    with pytest.raises(SpecError, match="there is no dataset"):
        here.library.samples(DatasetSpec(name=data))


def test_a_forged_run_shows_nothing_of_data_that_its_owner_may_not_read(here, visitors, run, tmp_path):
    me, them = visitors[1], visitors[2]
    data = make_things(here.whole, them.id, tmp_path, "own").ids[Kind.DATASET]
    mine = submit(open_to(here.whole, me), example(), owner=me.id)
    forged = {**mine.spec, "dataset": {**mine.spec["dataset"], "name": data}}
    with here.whole.database.write() as connection:
        connection.execute(update(runs).where(runs.c.id == mine.id).values(spec=forged))

    assert not Library.of(open_to(here.whole, me)).shown_with(mine.id).may_read(data)


def test_a_shared_search_shows_its_trials_and_none_of_its_buttons(
    open_page, here, visitors, opened, tmp_path
):
    them = visitors[2]
    study = make_things(here.whole, them.id, tmp_path, "mine").ids[Kind.STUDY]
    annotate(here.whole, study, AnnotationEdit(notes=f"notes {SECRET}"), actor=them)
    opened(shown(here, them, Thing(Kind.STUDY, study)))

    page = open_page("study", study=study)
    assert "Shared with you to look at" in texts(page)
    assert SECRET not in all_said(page)
    assert not {"Pause", "Stop", "Delete", "Share", "Continue"} & {button.label for button in page.button}


def test_a_link_to_a_comparison_shows_these_runs_and_no_others(open_page, here, visitors, run, opened):
    them = visitors[2]
    digits = open_samples(DatasetSpec(name="digits"), here.settings, use_network=False)
    others = [
        classified(here.whole, name, range(4), targets=digits.targets[:SAMPLES], owner=them.id)
        for name in ("second", "hidden one")
    ]
    opened(shown(here, them, Thing(Kind.RUN, run.id), Thing(Kind.RUN, others[0].id)))

    page = open_page("compare", runs=",".join([run.id, *(one.id for one in others)]))
    said = all_said(page)
    assert "show me" in said and "second" in said
    assert "hidden one" not in said and SECRET not in said
    assert "Shared with you to look at" in texts(page)


def test_the_dialog_shares_and_ends_it(open_page, here, visitors):
    me = visitors[1]
    mine = submit(open_to(here.whole, me), example(), owner=me.id)
    store, thing = open_to(here.whole, me), [Thing(Kind.RUN, mine.id)]

    share(store, thing, Visibility.LINK, actor=me)
    first = shared(store, thing, actor=me)
    assert (first.visibility, len(token_of(store, first.link))) == (Visibility.LINK, 22)
    again = replace_link(store, first.link, actor=me)
    assert token_of(store, again) != token_of(store, first.link)
    with pytest.raises(NotFoundError, match="leads nowhere"):
        open_link(store, token_of(store, first.link))
    share(store, thing, Visibility.PUBLIC, actor=me)
    assert shared(store, thing, actor=me).visibility is Visibility.PUBLIC
    share(store, thing, Visibility.PRIVATE, actor=me)
    assert shared(store, thing, actor=me).visibility is Visibility.PRIVATE
    with pytest.raises(NotFoundError):
        open_link(store, token_of(store, again))


def test_a_browser_that_opens_a_link_is_told_the_page_and_keeps_the_token(client, here, visitors, run):
    token = shown(here, visitors[2], Thing(Kind.RUN, run.id))
    ask = f"/api/feed?ask=run:{run.id}:&ask=curves:{run.id}:batch:0&ask=log:{run.id}:0"
    assert client.get(ask).json() == [{"gone": True}] * 3

    assert client.post("/api/links", content=token).status_code == 403
    for wrong in ("", "x" * 5_000, token[:-1] + ("A" if token[-1] != "A" else "B"), "\x00" * 22):
        assert client.post("/api/links", content=wrong, headers={GUARD: "1"}).status_code == 404
    answer = client.post("/api/links", content=token, headers={GUARD: "1"})
    assert answer.json() == {"address": f"run?run={run.id}"}
    assert re.fullmatch(
        rf"{LINKS}={token}; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax", answer.headers["set-cookie"]
    )
    here.moments.forget(run.id)
    view, curves, log = client.get(ask).json()
    assert "view" in view and "live" in curves and log == {"gone": True}
    assert SECRET not in client.get(ask).text

    share(open_to(here.whole, visitors[2]), [Thing(Kind.RUN, run.id)], Visibility.PRIVATE, actor=visitors[2])
    here._owners.forget_shared()
    here.moments.forget(run.id)
    assert client.get(ask).json() == [{"gone": True}] * 3


def test_all_who_watch_a_public_run_are_told_by_one_look_at_it(client, here, visitors, monkeypatch):
    run = running(here, owner=visitors[1].id)
    shown(here, visitors[1], Thing(Kind.RUN, run.id), visibility=Visibility.PUBLIC)
    looks, kind = [], type(here.whole.runs)
    look = kind.get
    monkeypatch.setattr(kind, "get", lambda runs, run_id: (looks.append(run_id), look(runs, run_id))[1])
    monkeypatch.setattr(here.moments, "_clock", lambda: 5.0)
    ask = f"/api/feed?ask=run:{run.id}:"

    assert client.get(ask).json()[0]["view"]["live"]
    for _visitor in range(5):
        client.cookies.set(COOKIE, here.identities.welcome()[0], domain="localhost.local")
        assert client.get(ask).json()[0]["view"]["live"]

    assert looks == [run.id] * 2  # once for its owner, once for those to whom it is shown


def test_all_visitors_are_told_of_the_queue_by_one_look_at_it_and_each_of_their_own_alerts(
    client, here, visitors, monkeypatch
):
    counts, kind = [], type(here.whole.runs)
    count = kind.count
    monkeypatch.setattr(kind, "count", lambda runs, **these: (counts.append(these), count(runs, **these))[1])
    monkeypatch.setattr(here.moments, "_clock", lambda: 5.0)
    ask = "/api/feed?ask=status::"

    pages = set()
    for _visitor in range(5):
        client.cookies.set(COOKIE, here.identities.welcome()[0], domain="localhost.local")
        pages.add(client.get(ask).json()[0]["view"]["page"])
    assert (len(counts), len(pages)) == (1, 1)

    here.whole.alerts.add(running(here, owner=visitors[1].id).id, Sign(AlertKind.NAN, 1))
    here.moments.forget("")
    client.cookies.set(COOKIE, visitors[0], domain="localhost.local")
    assert client.get(ask).json()[0]["view"]["page"] not in pages


def test_the_page_of_a_link_holds_no_token_and_says_so_in_the_readers_language(client):
    page = client.get("/shared", headers={"accept": "text/html", "accept-language": "zh"})

    assert page.status_code == 200
    assert "正在打开" in page.text and "shared_link.js" in page.text


def test_a_browser_keeps_twenty_links_and_forgets_the_oldest():
    cookie = ""
    for n in range(25):
        cookie = with_token(cookie, f"{n:022d}")
    kept = cookie.split(".")

    assert (len(kept), kept[0], kept[-1]) == (20, f"{24:022d}", f"{5:022d}")
    assert with_token(cookie, kept[7]).split(".")[0] == kept[7]
    assert with_token("<script>.a", "A" * 22) == "A" * 22


def test_whoever_takes_the_name_of_public_data_has_not_shared_it(here, visitors, tmp_path):
    me, them = visitors[1], visitors[2]
    data = make_things(here.whole, them.id, tmp_path, "old").ids[Kind.DATASET]
    things = [Thing(Kind.DATASET, data)]
    share(open_to(here.whole, them), things, Visibility.PUBLIC, actor=them)
    assert here.library.may_read(data)
    here.whole.shares.publish(things[0], owner=me.id)  # as somebody's crafted request would

    share(open_to(here.whole, them), things, Visibility.PRIVATE, actor=them)
    assert not here.library.may_read(data)


def test_at_home_there_is_nobody_to_share_with(open_page, here, monkeypatch):
    here.whole.close()
    monkeypatch.setenv("DLCORE_MODE", "local")
    context.cache_clear()
    mine = running(context())
    page = open_page("run", run=mine.id)

    assert "Share" not in [button.label for button in page.button]


def test_the_gallery_shows_public_runs_to_all_and_whose_they_are_to_nobody(open_page, here, visitors, run):
    assert "Nobody has shown anything here yet" in texts(open_page("gallery"))
    shown(here, visitors[2], Thing(Kind.RUN, run.id), visibility=Visibility.PUBLIC)

    page = open_page("gallery")
    said = all_said(page)
    assert [one.proto.label for one in page.get("page_link")] == ["**show me**"]
    assert "digits" in said
    assert SECRET not in said and visitors[2].id not in said
    found_button(page, "Make a copy").click().run()
    assert len(here.whole.drafts.list(owner=visitors[1].id)) == 1


def test_the_first_page_replays_the_public_run_that_was_shown_last(open_page, here, visitors, run):
    def replays(page):
        return [one["replay"] for one in components(page) if one.get("replay")]

    assert replays(open_page("new")) == []
    shown(here, visitors[2], Thing(Kind.RUN, run.id), visibility=Visibility.PUBLIC)

    assert replays(open_page("new")) == [{"seconds": 12.0, "auto": True}]
    assert replays(open_page("run", run=run.id)) == [{"seconds": 12.0, "auto": False}]
