"""What the table of rights says is what happens, to each kind of thing, whoever tries it."""

from dataclasses import replace

import pytest

from dlcore.access.actors import EVERYBODY, Actor, Role
from dlcore.access.permissions import PRIVATE, RIGHTS, Kind, Relation, Sharing, Verb, may, relation
from dlcore.errors import NotFoundError, PermissionDeniedError, SpecError
from dlcore.queue.sharing import Visibility, share, shared
from dlcore.records.shares import Thing
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.gate import open_to
from tests.access.things import ATTEMPTS, make_things

OWNER = "ann"
ASKING = {
    "owner": Actor(OWNER, Role.VISITOR),
    "other visitor": Actor("eve", Role.VISITOR),
    "member": Actor("bob", Role.MEMBER),
    "admin": Actor("host", Role.ADMIN),
}
SHARED = (Kind.RUN, Kind.STUDY, Kind.DATASET)
PUBLIC = Sharing(is_public=True)
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


def outcome(attempt, store, actor, things, name):
    """What came of an attempt: done, hidden or denied."""
    try:
        return "done" if attempt(store, actor, things, name) else "hidden"
    except (NotFoundError, SpecError):
        return "hidden"
    except PermissionDeniedError:
        return "denied"


def expected(actor, kind, verb, shared=PRIVATE):
    if may(actor, verb, kind, OWNER, shared):
        return "done"
    # Weights are taken for the owner of the new run alone: another's are not there, for an admin either.
    is_hidden = not may(actor, Verb.LOOK, kind, OWNER, shared) or (kind, verb) == (Kind.MODEL, Verb.USE)
    return "hidden" if is_hidden else "denied"


def all_tried(store, actor, things):
    """What came of each attempt."""
    return {
        pair: outcome(attempt, store, actor, things, things.ids[pair[0]])
        for pair, attempt in ATTEMPTS.items()
    }


def test_each_verb_and_kind_of_the_table_is_tried_or_has_no_request():
    assert set(ATTEMPTS) | NOTHING_DOES == {(kind, verb) for kind in RIGHTS for verb in Verb}
    assert not set(ATTEMPTS) & NOTHING_DOES


@pytest.mark.parametrize("who", ASKING)
def test_what_happens_is_what_the_table_says(whole, tmp_path, who):
    actor = ASKING[who]
    things = make_things(whole, OWNER, tmp_path, who.replace(" ", "_"))
    store = open_to(whole, actor)

    assert all_tried(store, actor, things) == {
        (kind, verb): expected(actor, kind, verb) for kind, verb in ATTEMPTS
    }


@pytest.mark.parametrize("how", ["public", "by link"])
@pytest.mark.parametrize("who", ["other visitor", "member", "admin"])
def test_what_is_shared_is_open_for_what_the_table_says_and_for_no_more(whole, tmp_path, who, how):
    name = f"{who}_{how}".replace(" ", "_")
    things, owner = make_things(whole, OWNER, tmp_path, name), Actor(OWNER, Role.VISITOR)
    mine, shown = open_to(whole, owner), [Thing(kind, things.ids[kind]) for kind in SHARED]
    shown.append(Thing(Kind.RUN, things.ended))
    visibility = Visibility.PUBLIC if how == "public" else Visibility.LINK
    for thing in shown:
        share(mine, [thing], visibility, actor=owner)
    links = [shared(mine, [thing], actor=owner).link for thing in shown]
    hashes = frozenset(link.token_hash for link in links if link)
    actor = replace(ASKING[who], links=hashes)
    found = {kind: PUBLIC if how == "public" else Sharing(links=hashes) for kind in SHARED}

    assert all_tried(open_to(whole, actor), actor, things) == {
        (kind, verb): expected(actor, kind, verb, found.get(kind, PRIVATE)) for kind, verb in ATTEMPTS
    }


def test_what_is_shared_is_looked_at_and_a_dataset_is_used():
    looks = {Kind.RUN: {Verb.LOOK}, Kind.STUDY: {Verb.LOOK}, Kind.DATASET: {Verb.LOOK, Verb.READ, Verb.USE}}

    for relation_ in (Relation.PUBLIC, Relation.LINKED):
        for role in (Role.VISITOR, Role.MEMBER):
            assert {kind: set(RIGHTS[kind][relation_][role]) for kind in Kind} == {
                kind: looks.get(kind, set()) for kind in Kind
            }


@pytest.mark.parametrize("role", [Role.VISITOR, Role.MEMBER])
def test_nobody_but_the_owner_and_the_admin_sees_a_private_thing(role):
    stranger = Actor("eve", role)

    assert [kind for kind in Kind for verb in Verb if may(stranger, verb, kind, "ann")] == []
    assert all(may(Actor("ann", role), verb, kind, "ann") for kind in Kind for verb in Verb)


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
        for who in ("ann", "eve")
    )
    assert (first.owner, second.owner) == ("ann", "eve")
    assert first.id != second.id


def test_the_owner_of_the_machine_has_the_whole_store(whole):
    assert open_to(whole, ASKING["admin"]) is whole
