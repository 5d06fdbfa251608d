"""Where a machine cannot confine what strangers run."""

import pytest
from typer.testing import CliRunner

from dlcore.access.confining import check_confinable
from dlcore.cli.main import app
from dlcore.confinement import Protection, bounds, landlock, missing_protections, seccomp
from dlcore.errors import SettingsError
from dlcore.settings import Settings
from dlcore.web import server


@pytest.fixture
def poor(monkeypatch):
    """A machine without Landlock."""
    monkeypatch.setattr(bounds.landlock, "version", lambda: 1)
    monkeypatch.setattr(bounds.seccomp, "is_available", lambda: True)


def test_what_a_machine_lacks_is_named(monkeypatch, poor):
    assert missing_protections() == (Protection.FOLDERS,)
    monkeypatch.setattr(bounds.seccomp, "is_available", lambda: False)
    monkeypatch.setattr(bounds.rlimits, "HAS_LIMITS", False)
    assert missing_protections() == tuple(Protection)


def test_another_system_has_none_of_it(monkeypatch):
    monkeypatch.setattr("dlcore.confinement.kernel.sys.platform", "darwin")
    assert (landlock.version(), seccomp.is_available()) == (0, False)


def test_a_demo_does_not_start_where_strangers_cannot_be_confined(poor, here, monkeypatch):
    monkeypatch.setattr(
        server, "context", lambda: type("", (), {"settings": Settings(home=here.settings.home, mode="demo")})
    )
    with pytest.raises(SettingsError, match=r"it lacks: folders\. Call `python -m dlcore doctor`"):
        server._open_context()


def test_it_does_where_a_setting_says_that_all_who_come_are_trusted(poor, tmp_path):
    check_confinable(Settings(home=tmp_path, mode="demo", allow_unconfined=True))


@pytest.mark.parametrize(("mode", "sign"), [("local", "ok"), ("demo", "no")])
def test_the_doctor_names_it_and_only_a_demo_needs_it(poor, tmp_path, monkeypatch, mode, sign):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path))
    monkeypatch.setenv("DLCORE_MODE", mode)
    lines = CliRunner().invoke(app, ["doctor"]).stdout.splitlines()
    (folders,) = [line for line in lines if "confinement: folders" in line]
    assert folders.split()[0] == sign
    assert "cannot be enforced, which takes Linux 5.19 or newer, with Landlock switched on" in folders
    assert any("confinement: network: can be enforced" in line for line in lines)
