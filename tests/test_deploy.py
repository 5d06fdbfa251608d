"""What a host takes from here: the image, compose, Caddy's and systemd's files."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dlcore.settings import Mode, Settings
from tests.conftest import ROOT
from tests.image import allowed, copied, instructions

UNITS = ROOT / "deploy" / "systemd"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = ("app", "supervisor")


def tool(name):
    """Returns a program, or skips the test in words."""
    found = shutil.which(name) or shutil.which(name, path=str(ROOT / ".audit" / "bin"))
    return found or pytest.skip(f"{name} is not installed")


def environment_file():
    lines = (UNITS / "dlcore.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_the_image_copies_what_is_there_and_dockerignore_lets_in():
    assert set(copied()) == set(allowed())
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_the_image_has_what_the_package_is_made_of():
    packaged = re.findall(r'^"([^"]+)" = "dlcore/', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)

    assert {"dlcore", *(name.split("/")[0] for name in packaged)} <= set(copied())


def test_the_image_is_nobodys_root_and_says_how_it_is():
    last = {one.name: one for one in instructions()}

    assert last["USER"].rest == "1000"
    assert last["HEALTHCHECK"].rest.startswith("--start-period=60s --timeout=5s")
    assert "http://127.0.0.1:8501/healthz" in last["HEALTHCHECK"].rest
    assert last["CMD"].words[:2] == ["uvicorn", "app:app"]
    assert "DLCORE_MODE=demo" in last["ENV"].rest


def test_containers_of_ours_can_write_to_their_data_alone_and_gain_nothing():
    for name in OURS:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["volumes"] == ["data:/data"]
        assert service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_proxy_alone_is_reached_from_outside_and_the_app_believes_it_alone():
    services, networks = COMPOSE["services"], COMPOSE["networks"]

    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["database"]["networks"] == ["inside"]
    assert networks["inside"]["internal"] is True
    assert networks["web"]["internal"] is True
    assert [name for name, service in services.items() if "web" in service["networks"]] == ["app", "proxy"]
    (web,) = networks["web"]["ipam"]["config"]
    assert services["app"]["environment"]["FORWARDED_ALLOW_IPS"] == web["subnet"]


@pytest.mark.parametrize("name", OURS)
def test_compose_sets_settings_that_there_are(name):
    given = {key for key in COMPOSE["services"][name]["environment"] if key.startswith("DLCORE_")}

    assert {key.removeprefix("DLCORE_").lower() for key in given} <= Settings.model_fields.keys()
    assert COMPOSE["services"][name]["environment"]["DLCORE_START_WORKER"] == "false"


def test_the_services_of_systemd_are_a_demo_with_postgresql(monkeypatch):
    for key, value in environment_file().items():
        monkeypatch.setenv(key, value)

    settings = Settings.from_environment()

    assert settings.mode is Mode.DEMO
    assert settings.start_worker is False
    assert settings.home_dir == Path("/var/lib/dlcore/home")
    assert settings.datasets_dir == Path("/var/lib/dlcore/keras/datasets")
    assert settings.store_url == "postgresql+psycopg:///dlcore?host=/run/postgresql"


def test_systemd_finds_no_fault_in_the_units(tmp_path):
    verify = tool("systemd-analyze")
    for unit in [*UNITS.glob("*.service"), *UNITS.glob("*.timer")]:
        # It looks whether the programs are there.
        text = unit.read_text().replace("/opt/dlcore/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text)

    done = subprocess.run(
        [verify, "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, [line for line in done.stderr.splitlines() if "dlcore" in line]) == (0, [])


def test_caddy_finds_no_fault_in_its_file():
    done = subprocess.run(
        [tool("caddy"), "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")],
        env={"DLCORE_SITE": "dl.example.com"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr


def test_hadolint_finds_no_fault_in_the_dockerfile():
    done = subprocess.run(
        [tool("hadolint"), str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stdout) == (0, "")
