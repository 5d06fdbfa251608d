"""Who has signed in is known by a secret of which the store keeps the hash, until it is ended, in all browsers if wanted."""

import pytest
from sqlalchemy import select

from dlcore.access.actors import Role
from dlcore.access.claims import Identity, role_of
from dlcore.errors import NotFoundError, PermissionDeniedError
from dlcore.settings import Settings
from dlcore.store.tables import sign_ins

ANN = Identity("https://id.example.com", "ann", "Ann", "ann@example.com")
LATER = 4e9


def test_who_has_signed_in_is_known_by_the_secret_alone(store):
    secret = store.members.sign_in(ANN, Role.MEMBER, ends_at=LATER)
    member = store.members.find(secret)

    assert (member.actor.id, member.actor.role, member.name) == (ANN.member_id, Role.MEMBER, "Ann")
    assert store.members.find(secret[:-1]) is None
    with store.database.read() as connection:
        assert secret not in str(connection.execute(select(sign_ins)).all())


def test_a_second_sign_in_is_the_same_member_with_the_role_of_today(store):
    first = store.members.sign_in(ANN, Role.ADMIN, ends_at=LATER)
    second = store.members.sign_in(ANN, Role.MEMBER, ends_at=LATER)

    assert first != second
    assert store.members.find(first).actor.role is Role.MEMBER
    assert len(store.members.list()) == 1


def test_signing_out_ends_one_browser_or_all(store):
    first, second, third = (store.members.sign_in(ANN, Role.MEMBER, ends_at=LATER) for _browser in range(3))
    store.members.sign_out(first)
    assert [store.members.find(one) is None for one in (first, second, third)] == [True, False, False]

    store.members.sign_out_everywhere(ANN.member_id)
    assert [store.members.find(one) for one in (first, second, third)] == [None] * 3
    assert store.members.find(store.members.sign_in(ANN, Role.MEMBER, ends_at=LATER)) is not None


def test_who_is_blocked_is_out_until_unblocked(store):
    secret = store.members.sign_in(ANN, Role.MEMBER, ends_at=LATER)
    store.members.block(ANN.member_id, blocked=True)

    assert store.members.find(secret) is None
    with pytest.raises(PermissionDeniedError, match="this account is blocked"):
        store.members.sign_in(ANN, Role.MEMBER, ends_at=LATER)
    store.members.block(ANN.member_id, blocked=False)
    assert store.members.find(secret) is None
    assert store.members.find(store.members.sign_in(ANN, Role.MEMBER, ends_at=LATER)) is not None


def test_a_sign_in_ends_by_itself_and_is_swept_away(store):
    secret = store.members.sign_in(ANN, Role.MEMBER, ends_at=1.0)

    assert store.members.find(secret) is None
    assert (store.members.sweep(), store.members.sweep()) == (1, 0)


def test_nobody_unknown_is_blocked(store):
    with pytest.raises(NotFoundError, match="there is no member 'eve'"):
        store.members.block("eve", blocked=True)


def test_the_same_name_at_another_provider_is_another_member():
    other = Identity("https://other.example.com", "ann", "Ann", "")

    assert ANN.member_id != other.member_id
    assert Identity("a\nb", "c", "", "").member_id != Identity("a", "b\nc", "", "").member_id


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"iss": "x"},
        {"sub": "x"},
        {"iss": "", "sub": "x"},
        {"iss": "x", "sub": 7},
        {"iss": ["x"], "sub": "y"},
    ],
)
def test_claims_that_do_not_say_who_somebody_is_are_nobodys(claims):
    assert Identity.of(claims) is None


def test_the_best_name_that_a_provider_knows_is_shown():
    known = {"iss": "x", "sub": "17", "name": " ", "preferred_username": "ann", "email": 3}

    assert Identity.of(known) == Identity("x", "17", "ann", "")
    assert len(Identity.of({**known, "name": "a" * 9999}).name) == 200


@pytest.mark.parametrize(
    ("groups", "role"),
    [(["staff"], Role.MEMBER), (["root", "x"], Role.ADMIN), ("staff", Role.MEMBER), (["x"], None), ([], None), (None, None),
     ({"staff": 1}, None), ([["staff"]], None), ("staff,root", None)],
)  # fmt: skip
def test_a_role_follows_from_the_groups(groups, role):
    settings = Settings(admin_groups="root", member_groups="staff, guests")

    assert role_of({"groups": groups}, settings) is role
