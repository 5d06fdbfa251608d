"""What the table of rights says is what happens, to each kind of thing, whoever tries it."""

from dataclasses import replace

import pytest

from dlcore.access.actors import EVERYBODY, Actor, Role
from dlcore.access.permissions import RIGHTS, SHAREABLE, Kind, Relation, Verb, may, relation
from dlcore.errors import NotFoundError, PermissionDeniedError, SpecError
from dlcore.queue.sharing import Visibility, share, shared
from dlcore.records import Axis, Metric, RunState, Scope, SeriesKey
from dlcore.records.shares import Thing
from dlcore.records.signals import Signal, SignalKind
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.gate import open_to
from tests.access.matrix import (
    CELLS,
    LINKED,
    LOCAL,
    OTHERS,
    OWN,
    PUBLIC,
    REVOKED,
    ROLES,
    may_be_shared,
    outcome,
)  # fmt: skip
from tests.access.things import ATTEMPTS, make_things

OWNER = "ann"
ASKING = {
    Role.VISITOR: Actor("eve", Role.VISITOR),
    Role.MEMBER: Actor("bob", Role.MEMBER),
    Role.ADMIN: Actor("host", Role.ADMIN, witness=lambda _what, _name, _allowed: None),
    LOCAL: Actor("local", Role.ADMIN),
}
SHARED = (Kind.RUN, Kind.STUDY, Kind.DATASET)
NOTHING_DOES = {
    (Kind.STUDY, Verb.READ), (Kind.STUDY, Verb.USE), (Kind.DRAFT, Verb.LOOK), (Kind.DRAFT, Verb.STOP),
    (Kind.DATASET, Verb.LOOK), (Kind.DATASET, Verb.STOP), (Kind.MODEL, Verb.LOOK), (Kind.VECTORS, Verb.LOOK),
    (Kind.UPLOAD, Verb.LOOK), (Kind.JOB, Verb.LOOK),
    (Kind.MODEL, Verb.CHANGE), (Kind.MODEL, Verb.STOP), (Kind.VECTORS, Verb.USE), (Kind.VECTORS, Verb.CHANGE),
    (Kind.VECTORS, Verb.STOP), (Kind.UPLOAD, Verb.READ), (Kind.UPLOAD, Verb.CHANGE), (Kind.UPLOAD, Verb.STOP),
    (Kind.UPLOAD, Verb.DELETE), (Kind.JOB, Verb.USE), (Kind.JOB, Verb.CHANGE), (Kind.JOB, Verb.DELETE),
}  # fmt: skip
"""Pairs for which there is no request of their own."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store for all of these tests: a demo's."""
    opened = Store.open(Settings(home=tmp_path_factory.mktemp("home"), mode="demo"))
    yield opened
    opened.close()


def tried(attempt, store, actor, things, name):
    """What came of an attempt: done, hidden or denied."""
    try:
        return "done" if attempt(store, actor, things, name) else "hidden"
    except (NotFoundError, SpecError):
        return "hidden"
    except PermissionDeniedError:
        return "denied"


def expected(role, relation):
    """What has to come of each attempt."""
    found = {(kind, verb): outcome(kind, verb, relation, role) for kind, verb in ATTEMPTS}
    # Weights are taken for the owner of the new run alone: another's are not there, for an admin either.
    if relation != OWN:
        found[Kind.MODEL, Verb.USE] = "hidden"
    return found


def all_tried(store, actor, things):
    """What came of each attempt."""
    return {
        pair: tried(attempt, store, actor, things, things.ids[pair[0]]) for pair, attempt in ATTEMPTS.items()
    }


def test_each_verb_and_kind_of_the_table_is_tried_or_has_no_request():
    assert set(ATTEMPTS) | NOTHING_DOES == {(kind, verb) for kind in RIGHTS for verb in Verb}
    assert not set(ATTEMPTS) & NOTHING_DOES


def test_the_table_of_rights_is_the_one_that_was_written_by_hand():
    for (kind, relation_, role), found in CELLS.items():
        if role in RIGHTS[kind][Relation.OWN]:
            theirs = Relation.OTHERS if relation_ == REVOKED else Relation(relation_)
            assert RIGHTS[kind][theirs][Role(role)] == found, (kind, relation_, role)
    assert {kind for kind, _relation, _role in CELLS} == set(Kind)
    assert {kind for kind in Kind if may_be_shared(kind)} == set(SHARED) == SHAREABLE


@pytest.mark.parametrize("relation_", [OWN, OTHERS, PUBLIC, LINKED, REVOKED])
@pytest.mark.parametrize("role", ROLES)
def test_what_happens_is_what_the_table_says(whole, tmp_path, role, relation_):
    actor = ASKING[role]
    owner = Actor(OWNER, Role.VISITOR) if relation_ != OWN else actor
    things = make_things(whole, owner.id, tmp_path, f"{role}_{relation_}".replace(" ", "_").replace("'", ""))
    actor = replace(actor, links=links_to(open_to(whole, owner), things, relation_, owner))

    assert all_tried(open_to(whole, actor), actor, things) == expected(role, relation_)


def links_to(mine, things, relation_, owner):
    """Shares what can be shared as somebody's relation to it has to be; returns the links that they have opened."""
    if relation_ not in (PUBLIC, LINKED, REVOKED):
        return frozenset()
    hashes = set()
    for thing in [Thing(Kind.RUN, things.ended), *(Thing(kind, things.ids[kind]) for kind in SHARED)]:
        share(mine, [thing], Visibility.PUBLIC if relation_ == PUBLIC else Visibility.LINK, actor=owner)
        link = shared(mine, [thing], actor=owner).link
        hashes |= {link.token_hash} if link else set()
        if relation_ == REVOKED:
            share(mine, [thing], Visibility.PRIVATE, actor=owner)
    return frozenset(hashes)


def test_what_comes_with_the_program_is_read_and_used_by_all_and_removed_by_the_admin():
    assert relation(Actor("ann"), EVERYBODY) is Relation.EVERYBODYS
    rights = RIGHTS[Kind.DATASET][Relation.EVERYBODYS]
    assert rights[Role.VISITOR] == rights[Role.MEMBER] == {Verb.LOOK, Verb.READ, Verb.USE}
    assert Verb.DELETE in rights[Role.ADMIN]
    assert may(Actor("ann"), Verb.READ, Kind.JOB, EVERYBODY)
    assert not may(Actor("ann"), Verb.STOP, Kind.JOB, EVERYBODY)


def test_lists_hold_only_what_is_ones_own(whole, tmp_path):
    mine, theirs = Actor("mia", Role.VISITOR), Actor("tom", Role.VISITOR)
    own, other = (make_things(whole, one.id, tmp_path, one.id) for one in (mine, theirs))
    store = open_to(whole, mine)

    assert {run.id for run in store.runs.list(trials=True)} == {own.ids[Kind.RUN], own.ended}
    assert store.runs.count() == 2
    assert [study.id for study in store.studies.list()] == [own.ids[Kind.STUDY]]
    assert [draft.id for draft in store.drafts.list(owner=mine.id)] == [own.ids[Kind.DRAFT]]
    assert store.runs.existing([own.ended, other.ended]) == {own.ended}
    assert set(store.runs.progress([own.ended, other.ended])) == {own.ended}
    for ask in (store.runs.list, store.drafts.list, store.experiments.any, store.alerts.latest):
        with pytest.raises(PermissionDeniedError):
            ask(owner=theirs.id)


def test_what_has_no_gate_cannot_be_called(whole):
    store = open_to(whole, Actor("eve", Role.VISITOR))

    for ask in ("database", "visitors", "reports", "ids"):
        with pytest.raises(AttributeError, match="is not open to pages and routes"):
            getattr(store, ask)
    with pytest.raises(AttributeError, match="queued is not open"):
        _ = store.runs.queued


def test_equal_jobs_of_two_visitors_are_two(whole):
    from dlcore.queue.jobs import request_preview

    first, second = (
        request_preview(open_to(whole, Actor(who, Role.VISITOR)), {"rows": [1]}, owner=who)
        for who in ("carl", "dora")
    )
    assert (first.owner, second.owner) == ("carl", "dora")
    assert first.id != second.id


def test_whoever_only_looks_at_a_run_sees_its_curves_without_the_signals_of_its_layers(whole, tmp_path):
    owner = Actor("ida", Role.VISITOR)
    run_id = make_things(whole, owner.id, tmp_path, "ida").ids[Kind.RUN]
    for state in (RunState.STARTING, RunState.RUNNING):
        whole.runs.move(whole.runs.get(run_id), state)
    signal, loss = (
        SeriesKey(str(Signal.of(SignalKind.WEIGHT_NORM, "dense")), Scope.TRAIN, Axis.PROBE),
        SeriesKey("loss", Scope.TRAIN, Axis.EPOCH),
    )
    whole.reports.write(run_id, 1, {}, metrics=[Metric(signal, 1.0, 3.0), Metric(loss, 1.0, 0.5)])
    share(open_to(whole, owner), [Thing(Kind.RUN, run_id)], Visibility.PUBLIC, actor=owner)

    mine, looked = (open_to(whole, who).metrics for who in (owner, Actor("eve", Role.VISITOR)))
    for ask in (
        lambda metrics: metrics.series(run_id),
        lambda metrics: metrics.points(run_id),
        lambda metrics: metrics.points(run_id, Axis.PROBE),
        lambda metrics: metrics.overview(run_id, axis=Axis.PROBE).curves,
        lambda metrics: metrics.since(run_id, 0, axis=Axis.PROBE).curves,
    ):
        assert signal in ask(mine)
        assert signal not in ask(looked)
    assert mine.window(run_id, signal).y.tolist() == [3.0]
    assert not len(looked.window(run_id, signal).y) and not len(looked.window(run_id, key=signal).y)
    assert looked.window(run_id, loss).y.tolist() == [0.5]
    assert loss in looked.series(run_id) and loss in looked.points(run_id)


def test_the_owner_of_the_machine_has_the_whole_store(whole):
    assert open_to(whole, ASKING[LOCAL]) is whole
