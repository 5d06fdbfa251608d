"""What the pages for hosts name is there: files, settings, commands, links."""

import re

import pytest
from typer.main import get_command

from dlcore.cli.main import app
from dlcore.settings import Settings
from tests.conftest import ROOT

PAGES = ("docs/hosting.md", "docs/threats.md", "SECURITY.md")


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page):
    for target in re.findall(r"\]\(([^)]+)\)", text_of(page)):
        name, _, heading = target.partition("#")
        file = (ROOT / page).parent / name if name else ROOT / page
        assert file.is_file(), target
        headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert not heading or heading in {one.lower().replace(" ", "-") for one in headings}, target


@pytest.mark.parametrize("page", PAGES)
def test_settings_are_settings(page):
    named = {name.lower() for name in re.findall(r"\bDLCORE_([A-Z_]+)", text_of(page))}

    # Two are compose.yaml's and Caddy's own.
    assert named - {"site", "lock", "upstream"} <= Settings.model_fields.keys()


def test_commands_are_commands():
    shell = "\n".join(re.findall(r"```\n(.*?)```", text_of("docs/hosting.md"), flags=re.DOTALL))
    named = set(re.findall(r"^dlcore ([a-z-]+)|-m dlcore ([a-z-]+)", shell, flags=re.MULTILINE))
    words = {one for pair in named for one in pair if one}

    assert words == {"backup", "restore", "queue", "usage", "complaints", "members"}
    assert words <= set(get_command(app).commands)


def test_files_of_the_services_are_those_that_are_named():
    page = text_of("docs/hosting.md")
    files = re.findall(r"(?<![\w/.])((?:deploy|dlcore|docs)/[\w./-]*\w)", page)

    assert {"deploy/systemd/dlcore.env", "deploy/Caddyfile", "deploy/huggingface/README.md"} <= set(files)
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_paths_in_the_threat_model_are_there():
    cells = re.findall(r"\|([^|\n]*)\|$", text_of("docs/threats.md"), flags=re.MULTILINE)
    paths = [
        name for cell in cells for name in re.findall(r"`([\w./-]+)`", cell) if "/" in name or "." in name
    ]

    assert len(paths) > 30
    missing = [name for name in paths if not ((ROOT / "dlcore" / name).exists() or (ROOT / name).exists())]
    assert missing == ["Library.check_data"]
