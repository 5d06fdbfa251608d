"""Budgets are one table, and a setting says what differs from it."""

import pytest

from dlcore.budgets import ALLOWANCES, Limit, member_budget, visitor_budget
from dlcore.errors import SettingsError
from dlcore.settings import Settings


def test_each_limit_has_a_number_for_both_and_a_member_never_has_less():
    assert set(ALLOWANCES) == set(Limit)
    assert all(0 < one.visitor <= one.member for one in ALLOWANCES.values())


def test_a_setting_changes_some_limits_and_takes_others_away():
    usual, changed = visitor_budget(""), visitor_budget("minutes=60, epochs = 9,disk_mb=none")

    assert (usual[Limit.MINUTES], changed[Limit.MINUTES], changed[Limit.EPOCHS]) == (30, 60, 9)
    assert Limit.DISK in usual
    assert Limit.DISK not in changed
    assert changed[Limit.TRIALS] == usual[Limit.TRIALS]
    assert member_budget("minutes=0")[Limit.MINUTES] == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("minuets=60", "'minuets'"),
        ("minutes", "'minutes'"),
        ("minutes=-1", "'minutes=-1'"),
        ("minutes=inf", "'minutes=inf'"),
        ("minutes=1.5", "'minutes=1.5'"),
    ],
)
@pytest.mark.parametrize("setting", ["VISITOR_LIMITS", "MEMBER_LIMITS"])
def test_what_is_no_limit_is_refused_with_the_variable(monkeypatch, setting, text, says):
    monkeypatch.setenv(f"DLCORE_{setting}", text)

    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()

    assert f"DLCORE_{setting}" in str(caught.value)
    assert says in str(caught.value)
