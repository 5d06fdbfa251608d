"""Stores are made, brought up to date, and refused when they are newer."""

import multiprocessing
import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, insert, inspect, text

from dlcore.access.actors import Actor
from dlcore.errors import StoreError
from dlcore.queue.processes import own_identity
from dlcore.records import Annotation
from dlcore.records.alerts import AlertKind, Sign
from dlcore.store import Store, schema
from dlcore.store.database import Database
from dlcore.store.schema import HEAD, MIGRATIONS
from dlcore.store.tables import metadata
from dlcore.store.workers import Workers
from tests.store.samples import SPEC, queued


def test_the_head_is_the_newest_file():
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert newest.startswith(f"{HEAD}_")


def test_the_migrations_make_the_tables_of_the_code(settings):
    made_by(settings, "0001").close()
    store = Store.open(settings)
    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    store.close()


def tables(settings):
    """All that the database tells of its tables; their columns by name, since their order tells how old they are."""
    store = Store.open(settings)
    with store.database.read() as connection:
        asked = inspect(connection)
        found = {
            name: {
                "columns": {one["name"]: (str(one["type"]), one) for one in asked.get_columns(name)},
                "key": asked.get_pk_constraint(name),
                "references": asked.get_foreign_keys(name),
                "unique": asked.get_unique_constraints(name),
                "indexes": asked.get_indexes(name),
                "checks": asked.get_check_constraints(name),
                "options": asked.get_table_options(name),
            }
            for name in asked.get_table_names()
        }
    store.close()
    for table in found.values():
        for _, column in table["columns"].values():
            del column["type"]  # two of them never are equal
        for several in ("references", "unique", "indexes"):
            table[several].sort(key=str)
    return found


def test_a_fresh_store_has_the_tables_of_one_that_was_brought_up_to_date(settings, tmp_path):
    made_by(settings, "0001").close()
    brought = tables(settings)
    made_by(settings.model_copy(update={"home": tmp_path / "fresh"}), "base").close()
    fresh = tables(settings.model_copy(update={"home": tmp_path / "fresh"}))

    assert {"alembic_version", "runs", "alerts"} < set(fresh)
    assert fresh == brought


def test_a_store_is_opened_again_with_what_is_in_it(store, settings):
    run = queued(store)
    again = Store.open(settings)
    assert again.runs.get(run.id) == run
    again.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store, settings):
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreError, match=r"written by a newer version of DL Studio \(9999\)\. Update DL Studio"
    ):
        Store.open(settings)
    with store.database.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def made_by(settings, revision):
    """A store as a program of that revision left it, opened without being brought up to date; of "base", nothing."""
    settings.home.mkdir(parents=True)
    database = Database(settings.store_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        if not database.is_sqlite:  # that of the test has today's tables
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        config.attributes["connection"] = connection
        if revision != "base":
            command.upgrade(config, revision)
    return database


RUN = {
    "id": "abcde", "name": "old", "owner": "ann", "state": "running", "spec": SPEC, "spec_hash": "0123",
    "dataset": "digits", "work": 0.0, "epochs": 3, "epoch": 1, "step": 4, "steps": 12, "attempt": 1,
    "lost_count": 0, "stop_requested": False, "device": "cpu", "seconds": 2.5, "summary": {},
    "created_at": 100.0, "queued_at": 100.0, "heartbeat_at": 101.0, "host": "here", "pid": 12,
    "pid_started": 99.5,
}  # fmt: skip
LEASE = {
    "role": "supervisor", "id": "old", "host": "here", "pid": 11, "pid_started": 98.5, "started_at": 98.0,
    "heartbeat_at": 101.0, "ready": True, "slots": 1,
}  # fmt: skip


@pytest.fixture
def old(settings):
    """A store of the program before leases said which program holds them: a run in training."""
    database = made_by(settings, "0004")
    found = MetaData()
    with database.write() as connection:
        found.reflect(connection, only=["runs", "workers"])
        connection.execute(insert(found.tables["runs"]).values(**RUN))
        connection.execute(insert(found.tables["workers"]).values(**LEASE))
    yield database
    database.close()


def test_a_run_of_an_older_program_is_kept_and_the_start_of_its_process_is_not_known(old, settings):
    store = Store.open(settings)
    run = store.runs.get("abcde")
    assert (run.name, run.epoch, run.seconds, run.spec) == ("old", 1, 2.5, SPEC)
    assert store.runs.process("abcde") == ("here", 12, "")
    store.close()


def test_a_store_that_is_brought_up_to_date_has_no_supervisor_any_more(old, settings):
    store = Store.open(settings)
    assert store.workers.current() is None
    store.close()
    # What an older supervisor does before it starts another run.
    with old.write() as connection:
        renew = text("UPDATE workers SET heartbeat_at = 102, ready = true WHERE id = 'old'")
        assert connection.execute(renew).rowcount == 0
        # And what a run of an older program asks before it ends.
        asked = text("SELECT state, stop_requested, host, pid, pid_started FROM runs WHERE id = 'abcde'")
        assert connection.execute(asked).one() == ("running", False, "here", 12, None)


def test_a_program_that_was_open_when_a_newer_one_changed_the_store_is_told_so(store):
    store.refuse_newer()
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreError, match=r"written by a newer version of DL Studio \(9999\)\. Update DL Studio and start"
    ):
        store.refuse_newer()


def open_and_write(settings, gate, answers):
    gate.wait()
    try:
        store = Store.open(settings)
        answers.put(queued(store).id)
        store.close()
    except StoreError as error:
        answers.put(str(error))


def test_three_processes_open_a_fresh_store_at_once(settings):
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(3), context.SimpleQueue()
    processes = [context.Process(target=open_and_write, args=(settings, gate, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    made = {answers.get() for _ in processes}
    for process in processes:
        process.join()
        process.close()
    answers.close()
    store = Store.open(settings)
    assert {run.id for run in store.runs.list()} == made
    assert len(made) == 3
    store.close()


def test_who_comes_second_to_an_old_store_leaves_the_supervisor_of_the_first(settings, monkeypatch):
    database = made_by(settings, "0024")
    waits, alone = threading.Event(), schema._alone

    def told(of):
        waits.set()
        return alone(of)

    with alone(database):
        monkeypatch.setattr(schema, "_alone", told)
        second = threading.Thread(target=schema.migrate, args=(database,))
        second.start()
        assert waits.wait(60)
        schema._upgrade(database)
        workers = Workers(database)
        assert workers.acquire(own_identity(), slots=1, lost_seconds=15, is_gone=lambda who: False)
    second.join(60)

    assert not second.is_alive()
    assert workers.current() is not None
    database.close()


def test_drafts_of_an_older_program_are_named_and_counted(settings):
    database = made_by(settings, "0014")
    on_digits = {"name": "", "dataset": {"name": "digits"}}
    specs = [on_digits, {**on_digits, "name": "mine"}, on_digits, {"unknown": 1}]
    found = MetaData()
    with database.write() as connection:
        found.reflect(connection, only=["drafts"])
        for number, spec in enumerate(specs):
            row = {
                "id": f"d{number}",
                "owner": "ann",
                "spec": spec,
                "search": {},
                "updated_at": float(number),
            }
            connection.execute(insert(found.tables["drafts"]).values(**row))
    database.close()
    store = Store.open(settings)
    drafts = {one.id: one for one in store.drafts.list(owner="ann")}
    assert [drafts[f"d{number}"].name for number in range(4)] == ["digits · 1", "mine", "digits · 3", "1"]
    assert {one.became_id for one in drafts.values()} == {""}
    store.close()


def test_what_an_older_program_kept_under_a_name_and_told_is_there_with_room_for_more(settings):
    database = made_by(settings, "0015")
    found = MetaData()
    with database.write() as connection:
        found.reflect(connection)
        run = {**RUN, "state": "completed", "spec_hash": "0123", "finished_at": 102.0}
        columns = found.tables["runs"].c
        connection.execute(
            insert(found.tables["runs"]).values(**{k: v for k, v in run.items() if k in columns})
        )
        rows = {
            "alerts": {"run_id": "abcde", "kind": "failed", "created_at": 102.0, "seen": False},
            "drafts": {"id": "d", "owner": "ann", "spec": SPEC, "updated_at": 100.0, "name": "mine"},
            "registered_models": {
                "id": "m", "owner": "ann", "name": "digits", "last_number": 2, "created_at": 103.0,
            },
            "model_versions": {
                "model_id": "m", "number": 2, "run_id": "abcde", "stage": "none", "notes": "v2", "created_at": 103.0,
            },
            "model_uses": {
                "model_id": "m", "number": 2, "kind": "try", "detail": "page", "count": 3, "last_at": 104.0,
            },
        }  # fmt: skip
        for table, row in rows.items():
            connection.execute(insert(found.tables[table]).values(**row))
    database.close()
    store = Store.open(settings)
    (alert,) = store.alerts.latest(owner="ann")
    assert (alert.item_id, alert.sign.kind, alert.seen) == ("abcde", AlertKind.FAILED, False)
    assert store.alerts.add("abcde", Sign(AlertKind.FINISHED)).number > alert.number
    assert store.drafts.get("d", actor=Actor("ann")).annotation == Annotation()
    (model,) = store.registry.list(owner="ann")
    assert (model.notes, model.versions[0].notes, model.versions[0].uses[0].count) == ("", "v2", 3)
    store.close()
