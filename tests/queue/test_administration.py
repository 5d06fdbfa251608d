"""What admins do about a place: nobody else can, it does what it says, and it is noted."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import update

from dlcore.access.actors import Actor, Role
from dlcore.access.claims import Identity
from dlcore.access.permissions import Kind
from dlcore.budgets import Limit
from dlcore.errors import (
    ContentError,
    NotFoundError,
    PermissionDeniedError,
    SettingsError,
    StateError,
)
from dlcore.queue import (
    annotate,
    complaints,
    health,
    members,
    order,
    own_budgets,
    place_for,
    remove_dataset,
    resume,
    submit,
)
from dlcore.queue.belongings import take_along
from dlcore.queue.budgets import Account
from dlcore.queue.forecasts import Forecasts
from dlcore.queue.ready import example
from dlcore.queue.sharing import Visibility, share, shared
from dlcore.queue.slots import Slots
from dlcore.queue.usage import disk_uses, usage
from dlcore.records import AnnotationEdit, RunState
from dlcore.records.complaints import MOST_WORDS, Ground
from dlcore.records.shares import Thing
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.gate import open_to
from dlcore.store.queue import Spot
from dlcore.store.usage_tables import turns
from tests.access.things import make_things
from tests.store.samples import moved

ANN, EVE = Actor("ann"), Actor("eve")
BOB = Actor("bob", Role.MEMBER)
ROOT = Actor("root", Role.ADMIN)
MAX = Identity("https://id.example.com", "max", "Max", "max@example.com")


@pytest.fixture
def whole(tmp_path):
    opened = Store.open(Settings(home=tmp_path / "home", mode="demo"))
    for actor in (ANN, EVE):
        opened.visitors.add(actor)
    yield opened
    opened.close()


@pytest.fixture
def admin(whole):
    """The store as an admin sees it on a page, and what was noted of them."""
    told = []
    actor = Actor(ROOT.id, Role.ADMIN, witness=lambda what, name, allowed: told.append((what, name, allowed)))
    return open_to(whole, actor), actor, told


def run_of(whole, actor, name="mine"):
    return submit(open_to(whole, actor), example().with_values({"name": name}), owner=actor.id)


def names(whole):
    return [run.name for run in whole.queue.waiting()]


def forecasts(whole):
    return Forecasts(whole, Slots(total=1, gpu_count=0))


def shown(whole, actor, *things, visibility=Visibility.PUBLIC):
    share(open_to(whole, actor), things, visibility, actor=actor)


def acts_of(whole, store, asking, run, member_id):
    """All that admins do, as somebody would try it; in what is noted of a refusal each has its name, if that has a dot."""
    thing = Thing(Kind.RUN, run.id)
    return {
        "queue.look": lambda: order.whole_queue(store, forecasts(whole), actor=asking),
        "queue.front": lambda: order.put(store, [run.id], Spot.FRONT, actor=asking),
        "usage.look": lambda: usage(store, actor=asking),
        "disk": lambda: disk_uses(store, actor=asking),
        "budgets.look": lambda: own_budgets.own_budgets(store, actor=asking),
        "account": lambda: own_budgets.account_of(store, "ann", actor=asking),
        "budgets.set": lambda: own_budgets.set_budget(store, asking.id, "minutes=none", actor=asking),
        "members.look": lambda: members.members(store, actor=asking),
        "members.block": lambda: members.block(store, member_id, blocked=True, actor=asking),
        "members.unblock": lambda: members.block(store, member_id, blocked=False, actor=asking),
        "members.sign-out": lambda: members.sign_out(store, member_id, actor=asking),
        "complaints.look": lambda: complaints.cases(store, actor=asking),
        "count": lambda: complaints.count_cases(store, actor=asking),
        "hidden": lambda: complaints.hidden_things(store, actor=asking),
        "complaints.hide": lambda: complaints.hide(store, thing, actor=asking),
        "complaints.dismiss": lambda: complaints.dismiss(store, thing, actor=asking),
        "complaints.allow": lambda: complaints.allow(store, thing, actor=asking),
        "health.look": lambda: health.health(store, actor=asking),
        "audit.look": lambda: health.audit_tail(store, 9, actor=asking),
    }  # fmt: skip


@pytest.mark.parametrize("actor", [ANN, EVE, BOB], ids=["owner", "visitor", "member"])
def test_nobody_but_an_admin_does_any_of_it(whole, actor):
    whole.members.sign_in(MAX, Role.MEMBER, ends_at=4e9)
    told = []
    asking = replace(actor, witness=lambda what, _name, allowed: told.append((what, allowed)))
    acts = acts_of(whole, open_to(whole, asking), asking, run_of(whole, ANN), MAX.member_id)
    told.clear()
    for act in acts.values():
        with pytest.raises(PermissionDeniedError, match="for admins alone"):
            act()

    assert {name for name in acts if "." in name} == {what for what, _allowed in told}
    assert {allowed for _what, allowed in told} == {False}
    assert whole.queue.priorities() == {} and whole.own_budgets.all() == {}
    assert [one.is_blocked for one in whole.members.list()] == [False]


def test_what_has_no_gate_is_not_had_past_these_functions(whole):
    store = open_to(whole, EVE)

    for part in ("members", "own_budgets", "visitors", "turns"):
        with pytest.raises(AttributeError, match="not open to pages"):
            getattr(store, part)
    for part, method in (
        ("complaints", "open"),
        ("complaints", "resolve"),
        ("queue", "put"),
        ("queue", "waiting"),
    ):
        with pytest.raises(AttributeError, match="not open to pages"):
            getattr(getattr(store, part), method)


def test_an_admin_orders_the_queue_and_its_places_follow(whole, admin):
    store, root, told = admin
    ids = {name: run_of(whole, actor, name).id for name, actor in
           (("ann 1", ANN), ("ann 2", ANN), ("ann 3", ANN), ("eve 1", EVE))}  # fmt: skip
    assert names(whole) == ["ann 1", "eve 1", "ann 2", "ann 3"]

    order.put(store, [ids["ann 3"], ids["ann 2"]], Spot.FRONT, actor=root)
    assert names(whole) == ["ann 3", "ann 2", "eve 1", "ann 1"]
    order.put(store, [ids["eve 1"]], Spot.BACK, actor=root)
    assert names(whole) == ["ann 3", "ann 2", "ann 1", "eve 1"]
    assert [whole.queue.position(ids[name]) for name in names(whole)] == [1, 2, 3, 4]
    assert place_for(open_to(whole, EVE), owner="eve") == 3  # ann's two in front are turns
    order.put(store, list(ids.values()), Spot.USUAL, actor=root)
    assert names(whole) == ["ann 1", "eve 1", "ann 2", "ann 3"]
    assert ("queue.front", ids["ann 3"], True) in told and ("queue.back", ids["eve 1"], True) in told


def test_the_latest_that_was_put_to_the_front_is_first_also_where_all_is_one_owners(whole, admin):
    store, root, _told = admin
    ids = [run_of(whole, ANN, name).id for name in "abc"]
    order.put(store, [ids[1]], Spot.FRONT, actor=root)
    order.put(store, [ids[2]], Spot.FRONT, actor=root)

    assert names(whole) == ["c", "b", "a"]
    assert [whole.queue.position(run_id) for run_id in ids] == [3, 2, 1]
    found = order.whole_queue(store, forecasts(whole), actor=root)
    assert [(one.run.name, one.place, one.priority > 0) for one in found.waiting] == [
        ("c", 1, True), ("b", 2, True), ("a", 3, False),
    ]  # fmt: skip
    assert found.length == 3


def test_a_run_that_is_resumed_has_no_place_of_an_earlier_time(whole, admin):
    store, root, _told = admin
    run = run_of(whole, ANN)
    order.put(store, [run.id], Spot.FRONT, actor=root)
    for state in (RunState.STARTING, RunState.RUNNING, RunState.STOPPED):
        run = moved(whole, run, state)
    with pytest.raises(StateError, match="does not wait any more"):
        order.put(store, [run.id], Spot.BACK, actor=root)

    resume(open_to(whole, ANN), run.id, actor=ANN)
    assert whole.queue.priorities() == {}


def test_an_admin_stops_whatever_goes_on(whole, admin, tmp_path):
    store, root, told = admin
    things = make_things(whole, "ann", tmp_path, "anns")
    found = order.whole_queue(store, forecasts(whole), actor=root)
    assert [study.id for study in found.searches] == [things.ids[Kind.STUDY]]
    assert things.ids[Kind.JOB] in [job.id for job in found.jobs]

    for kind in (Kind.RUN, Kind.STUDY, Kind.JOB):
        order.stop(store, kind, things.ids[kind], actor=root)
    assert whole.runs.get(things.ids[Kind.RUN]).stop_requested
    assert [one.action for one in whole.studies.requests(things.ids[Kind.STUDY])] == ["stop"]
    assert things.ids[Kind.JOB] not in [job.id for job in whole.jobs.unfinished()]
    assert {"run.stop", "study.stop", "job.stop"} <= {what for what, _name, _allowed in told}
    with pytest.raises(NotFoundError):
        order.stop(open_to(whole, EVE), Kind.RUN, things.ids[Kind.RUN], actor=EVE)


def test_who_uses_how_much_is_counted_by_owner(whole, admin, tmp_path):
    store, root, _told = admin
    make_things(whole, "ann", tmp_path, "anns")
    whole.members.sign_in(MAX, Role.MEMBER, ends_at=4e9)
    run = moved(whole, run_of(whole, EVE), RunState.STARTING)
    at = time.time() + 600.0
    with whole.database.write() as connection:
        connection.execute(
            update(turns).where(turns.c.run_id == run.id).values(began_at=at - 300, ended_at=at - 60)
        )

    found = {one.owner: one for one in usage(store, actor=root, clock=lambda: at)}
    assert (found["eve"].role, found["eve"].at_work, found["eve"].runs) == (Role.VISITOR, 1, 1)
    assert found["eve"].seconds == pytest.approx(240)
    assert (found["ann"].waiting, found["ann"].runs, found["ann"].searches, round(found["ann"].seconds)) == (
        1,
        2,
        1,
        0,
    )
    assert (found[MAX.member_id].name, found[MAX.member_id].runs) == ("Max", 0)
    assert next(iter(found)) == "eve"
    assert disk_uses(store, actor=root)["ann"].datasets > 100


def test_a_turn_that_lasts_longer_than_a_day_counts_for_the_day_alone(whole, admin):
    store, root, _told = admin
    run = moved(whole, run_of(whole, EVE), RunState.STARTING)
    with whole.database.write() as connection:
        connection.execute(
            update(turns).where(turns.c.run_id == run.id).values(began_at=0.0, ended_at=200_000.0)
        )

    (found,) = [one for one in usage(store, actor=root, clock=lambda: 200_000.0) if one.owner == "eve"]
    assert found.seconds == pytest.approx(24 * 3600)


def test_an_owner_is_given_another_budget_and_gets_the_usual_one_back(whole, admin):
    store, root, told = admin
    usual = Account.of_owner(whole, "ann").budget
    own_budgets.set_budget(store, "ann", " minutes=7, epochs=none,", actor=root)

    ann = Account.of(open_to(whole, ANN)).budget
    assert (ann[Limit.MINUTES], Limit.EPOCHS in ann, ann[Limit.DRAFTS]) == (7, False, usual[Limit.DRAFTS])
    assert own_budgets.account_of(store, "ann", actor=root).budget == ann
    assert Account.of(open_to(whole, EVE)).budget == usual
    assert own_budgets.own_budgets(store, actor=root) == {"ann": "minutes=7,epochs=none"}
    with pytest.raises(SettingsError, match="cannot be used: expected one of minutes"):
        own_budgets.set_budget(store, "ann", "hours=1", actor=root)
    own_budgets.set_budget(store, "ann", "", actor=root)
    assert Account.of_owner(whole, "ann").budget == usual and whole.own_budgets.all() == {}
    assert ("budgets.set", "ann", True) in told


def test_an_admin_blocks_members_but_not_themselves(whole, admin):
    store, root, _told = admin
    whole.members.sign_in(MAX, Role.MEMBER, ends_at=4e9)
    members.block(store, MAX.member_id, blocked=True, actor=root)
    assert [one.is_blocked for one in members.members(store, actor=root)] == [True]
    members.block(store, MAX.member_id, blocked=False, actor=root)
    with pytest.raises(StateError, match="keep yourself out"):
        members.block(store, root.id, blocked=True, actor=root)
    with pytest.raises(NotFoundError):
        members.sign_out(store, "nobody", actor=root)


def test_what_is_reported_is_hidden_and_its_owner_cannot_show_it_again(whole, admin):
    store, root, told = admin
    run = run_of(whole, ANN)
    thing = Thing(Kind.RUN, run.id)
    shown(whole, ANN, thing)
    complaints.complain(open_to(whole, EVE), thing, Ground.SPAM, "buy\nthis" + "x" * 999, actor=EVE)
    complaints.complain(open_to(whole, BOB), thing, Ground.OFFENSIVE, "", actor=BOB)

    (case,) = complaints.cases(store, actor=root)
    assert (case.thing, case.owner, case.name, case.is_shown) == (thing, "ann", "mine", True)
    assert [(one.reporter, one.ground) for one in case.complaints] == [
        ("bob", Ground.OFFENSIVE),
        ("eve", Ground.SPAM),
    ]
    assert case.complaints[1].words == ("buy this" + "x" * 999)[:MOST_WORDS]

    complaints.hide(store, thing, actor=root)
    assert complaints.cases(store, actor=root) == [] and complaints.count_cases(store, actor=root) == 0
    with pytest.raises(NotFoundError):
        open_to(whole, EVE).runs.get(run.id)
    for visibility in (Visibility.PUBLIC, Visibility.LINK):
        with pytest.raises(StateError, match="has hidden it"):
            shown(whole, ANN, thing, visibility=visibility)
    shown(whole, ANN, thing, visibility=Visibility.PRIVATE)
    complaints.allow(store, thing, actor=root)
    shown(whole, ANN, thing)
    assert open_to(whole, EVE).runs.get(run.id).name == "mine"
    assert [what for what, _name, _allowed in told] == ["complaints.hide", "complaints.allow"]


def test_a_link_to_several_runs_shows_the_others_when_one_is_hidden(whole, admin):
    store, root, _told = admin
    runs = [Thing(Kind.RUN, run_of(whole, ANN, name).id) for name in "ab"]
    shown(whole, ANN, *runs, visibility=Visibility.LINK)
    link = shared(open_to(whole, ANN), runs, actor=ANN).link
    complaints.hide(store, runs[0], actor=root)
    visitor = Actor("eve", links=frozenset({link.token_hash}))

    assert open_to(whole, visitor).runs.existing([one.name for one in runs]) == {runs[1].name}


def test_a_report_is_one_for_each_who_reports_and_can_be_dismissed(whole, admin):
    store, root, _told = admin
    thing = Thing(Kind.RUN, run_of(whole, ANN).id)
    shown(whole, ANN, thing)
    for ground in (Ground.SPAM, Ground.RIGHTS):
        complaints.complain(open_to(whole, EVE), thing, ground, "", actor=EVE)

    (case,) = complaints.cases(store, actor=root)
    assert [one.ground for one in case.complaints] == [Ground.RIGHTS]
    complaints.dismiss(store, thing, actor=root)
    assert complaints.cases(store, actor=root) == []
    assert open_to(whole, EVE).runs.get(thing.name).name == "mine"
    complaints.complain(open_to(whole, EVE), thing, Ground.SPAM, "again", actor=EVE)
    assert len(complaints.cases(store, actor=root)) == 1


def test_only_what_one_is_shown_can_be_reported_and_nothing_of_ones_own(whole):
    run, eve = run_of(whole, ANN), open_to(whole, EVE)
    with pytest.raises(NotFoundError):
        complaints.complain(eve, Thing(Kind.RUN, run.id), Ground.SPAM, "", actor=EVE)
    with pytest.raises(StateError, match="your own"):
        complaints.complain(open_to(whole, ANN), Thing(Kind.RUN, run.id), Ground.SPAM, "", actor=ANN)
    with pytest.raises(PermissionDeniedError):
        eve.complaints.add(Thing(Kind.RUN, run.id), owner="ann", reporter="bob", ground=Ground.SPAM, words="")
    with pytest.raises(NotFoundError):
        eve.complaints.add(Thing(Kind.RUN, run.id), owner="ann", reporter="eve", ground=Ground.SPAM, words="")
    assert whole.complaints.open() == []


def test_a_dataset_that_is_reported_is_hidden_until_it_is_removed(whole, admin, tmp_path):
    store, root, _told = admin
    name = make_things(whole, "ann", tmp_path, "anns").ids[Kind.DATASET]
    thing = Thing(Kind.DATASET, name)
    shown(whole, ANN, thing)
    complaints.complain(open_to(whole, EVE), thing, Ground.PERSONAL, "", actor=EVE)
    complaints.hide(store, thing, actor=root)
    assert [one.thing for one in complaints.hidden_things(store, actor=root)] == [thing]

    remove_dataset(open_to(whole, ANN), name, actor=ANN)
    assert complaints.hidden_things(store, actor=root) == []


def test_what_is_hidden_stays_so_when_a_visitor_becomes_a_member(whole, admin):
    store, root, _told = admin
    thing = Thing(Kind.RUN, run_of(whole, ANN).id)
    moved(whole, whole.runs.get(thing.name), RunState.STOPPED)
    complaints.hide(store, thing, actor=root)
    take_along(open_to(whole, BOB), ANN, BOB)

    with pytest.raises(StateError, match="has hidden it"):
        shown(whole, BOB, thing)


@pytest.fixture
def filtered(tmp_path):
    """A place with a list of one word."""
    words = tmp_path / "words.txt"
    words.write_text("grumble\n")
    opened = Store.open(Settings(home=tmp_path / "filtered", mode="demo", blocklist=words))
    yield opened
    opened.close()


def test_what_holds_a_word_of_the_list_is_not_shown_to_others(filtered):
    named = Thing(Kind.RUN, run_of(filtered, ANN, "a Grumble").id)
    spec = example().with_values({"name": "fine", "model.layers[0].name": "grumble_1"})
    inside = Thing(Kind.RUN, submit(open_to(filtered, ANN), spec, owner="ann").id)
    for visibility in (Visibility.PUBLIC, Visibility.LINK):
        with pytest.raises(
            ContentError, match=r"name: this may not be shown to others here: grumble\. Choose"
        ):
            shown(filtered, ANN, named, visibility=visibility)
        with pytest.raises(ContentError, match=r"^spec\.model\.layers\[0\]\.name"):
            shown(filtered, ANN, inside, visibility=visibility)

    annotate(open_to(filtered, ANN), named.name, AnnotationEdit(name="a murmur"), actor=ANN)
    with pytest.raises(ContentError):  # its spec has the name that it began with
        shown(filtered, ANN, named)


def test_what_is_shown_cannot_be_given_a_word_of_the_list(filtered):
    thing = Thing(Kind.RUN, run_of(filtered, ANN, "fine").id)
    ann = open_to(filtered, ANN)
    annotate(ann, thing.name, AnnotationEdit(name="a grumble"), actor=ANN)
    annotate(ann, thing.name, AnnotationEdit(name="fine"), actor=ANN)
    shown(filtered, ANN, thing)

    with pytest.raises(ContentError, match="grumble"):
        annotate(ann, thing.name, AnnotationEdit(name="a grumble"), actor=ANN)
    assert filtered.runs.get(thing.name).name == "fine"


def test_a_place_says_how_it_is_without_its_secrets(whole, admin, monkeypatch):
    store, root, _told = admin
    secret = "s3cret" * 8
    place = Settings(
        home=whole.settings.home, mode="demo", secret_key=secret, database_url=f"postgresql://u:{secret}@h/d",
        webhook_url=f"https://h/{secret}", slots=3,
    )  # fmt: skip
    found = health.settings_of(place)
    known = {one.variable: one for one in found}

    assert secret not in str(found)
    assert known["DLCORE_SECRET_KEY"].value == known["DLCORE_DATABASE_URL"].value == "•••"
    assert (known["DLCORE_SLOTS"].value, known["DLCORE_SLOTS"].is_usual) == ("3", False)
    assert not found[0].is_usual and found[-1].is_usual
    here = health.health(store, actor=root)
    assert here.parts["store"] == "ok" and 0 < here.free < here.total and here.database == "SQLite"
