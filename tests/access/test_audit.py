"""Who did what is noted, line by line, whatever they call their things, and the oldest is dropped."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from dlcore.access.actors import Actor, Role
from dlcore.access.audit import AUDIT_FILE, AuditLog, audit_lines, last_audit_lines
from dlcore.cli.main import app
from dlcore.errors import NotFoundError
from dlcore.queue import request_stop, submit
from dlcore.queue.ready import example
from dlcore.store.gate import open_to

ANN = Actor("ann", Role.VISITOR)
HOSTILE = 'a\n{"actor": "eve"}\r\x1b[31m\u202egpj.exe\x00' + "x" * 1000


def test_a_line_says_who_did_what_from_where(settings):
    AuditLog(settings).note("run.stop", actor=ANN, address="192.0.2.7", name="8fd3")

    (line,) = audit_lines(settings)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "actor": "ann",
        "role": "visitor",
        "from": "192.0.2.7",
        "what": "run.stop",
        "name": "8fd3",
    }
    assert (settings.home_dir / AUDIT_FILE).stat().st_mode & 0o777 == 0o600


def test_a_name_is_one_escaped_part_of_one_line(settings):
    AuditLog(settings).note("upload", actor=ANN, address="", name=HOSTILE, refused=True)

    raw = (settings.home_dir / AUDIT_FILE).read_bytes()
    assert raw.count(b"\n") == 1 and all(byte == 10 or 32 <= byte < 127 for byte in raw)
    (line,) = audit_lines(settings)
    assert (line["name"], line["refused"]) == (HOSTILE[:200], True)


def test_the_oldest_lines_are_dropped(settings, monkeypatch):
    small = settings.model_copy(update={"audit_files": 3})
    log = AuditLog(small)
    log._file.maxBytes = 1000
    for n in range(100):
        log.note("launch", actor=ANN, address="", name=str(n))

    kept = [int(line["name"]) for line in audit_lines(small)]
    assert kept == list(range(kept[0], 100)) and 10 < len(kept) < 40
    assert sorted(path.name for path in settings.home_dir.glob("audit.jsonl*") if path.suffix != ".lock") == [
        AUDIT_FILE, f"{AUDIT_FILE}.1", f"{AUDIT_FILE}.2"
    ]  # fmt: skip


def test_the_newest_lines_are_read_from_the_end(settings):
    log = AuditLog(settings)
    assert last_audit_lines(settings, 9) == []
    log._file.maxBytes = 2_000
    for n in range(30):
        log.note("launch", actor=ANN, address="", name=f"{n:02}")
    newest = settings.home_dir / AUDIT_FILE
    newest.write_bytes(newest.read_bytes() + b'{"half a li')

    everything = [line["name"] for line in audit_lines(settings)]
    for count in (1, 5, 20):
        found = [line["name"] for line in last_audit_lines(settings, count)]
        assert found == everything[::-1][:count]


def test_a_line_that_is_cut_where_reading_begins_is_left_out(settings):
    log = AuditLog(settings)
    for n in range(100):
        log.note("upload", actor=ANN, address="", name=HOSTILE)
        log.note("launch", actor=ANN, address="", name=str(n))

    assert [line["what"] for line in last_audit_lines(settings, 3)] == ["launch", "upload", "launch"]


def write_many(settings, who):
    log = AuditLog(settings)
    log._file.maxBytes = 4000
    for n in range(40):
        log.note("launch", actor=Actor(who), address="", name=str(n))


def test_of_two_who_write_into_one_file_at_once_no_line_is_lost(settings):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write_many, [settings] * 2, ["ann", "bob"]))

    noted = [(line["actor"], int(line["name"])) for line in audit_lines(settings)]
    assert sorted(noted) == [(who, n) for who in ("ann", "bob") for n in range(40)]


def test_what_passes_two_checks_is_one_thing(settings):
    log = AuditLog(settings, clock=lambda: 0.0)
    for _check in range(2):
        log.note("run.stop", actor=ANN, address="", name="8fd3")
    log.note("run.delete", actor=ANN, address="", name="8fd3")

    assert [line["what"] for line in audit_lines(settings)] == ["run.stop", "run.delete"]


def test_a_full_disk_loses_the_line_and_nothing_else(settings, monkeypatch, caplog):
    log = AuditLog(settings)

    def refuse():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log._file, "_open", refuse)
    with caplog.at_level(logging.ERROR):
        log.note("launch", actor=ANN, address="")

    assert "a line of the audit log is lost" in caplog.text


def test_launches_changes_and_refusals_are_noted_whoever_asks(store):
    told = []

    def known(name, role=Role.VISITOR):
        return Actor(name, role, witness=lambda what, of, allowed: told.append((name, what, of, allowed)))

    ann, eve, root = known("ann"), known("eve"), known("root", Role.ADMIN)
    run = submit(open_to(store, ann), example(), owner="ann")
    with pytest.raises(NotFoundError):
        open_to(store, eve).runs.get(run.id)
    request_stop(open_to(store, root), run.id, actor=root)
    open_to(store, ann).runs.list(owner="ann")
    second = submit(open_to(store, root), example(), owner="root").id

    assert list(dict.fromkeys(told)) == [
        ("ann", "launch", run.id, True),
        ("eve", "run.look", run.id, False),
        ("root", "run.stop", run.id, True),
        ("root", "launch", second, True),
    ]


def test_the_owner_of_the_machine_reads_it(settings, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(settings.home_dir))
    assert "nothing was noted" in CliRunner().invoke(app, ["audit"]).stdout
    log = AuditLog(settings)
    log.note("launch", actor=ANN, address="192.0.2.7", name="8fd3")
    log.note("upload", actor=ANN, address="192.0.2.7", name=HOSTILE, refused=True)

    shown = CliRunner().invoke(app, ["audit"]).stdout
    lines = CliRunner().invoke(app, ["audit", "--json"]).stdout.splitlines()
    assert "Z  ann (visitor)  192.0.2.7  launch  8fd3\n" in shown and "REFUSED" in shown
    assert "\x1b" not in shown and "\u202e" not in shown
    assert [json.loads(line)["what"] for line in lines] == ["launch", "upload"]
