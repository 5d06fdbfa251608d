"""Stores are made, brought up to date, and refused when they are newer."""

import multiprocessing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from dlcore.errors import StoreError
from dlcore.store import Store
from dlcore.store.schema import HEAD, MIGRATIONS
from dlcore.store.tables import metadata
from tests.store.samples import queued


def test_the_head_is_the_newest_file():
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert newest.startswith(f"{HEAD}_")


def test_the_migrations_make_the_tables_of_the_code(store):
    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_store_is_opened_again_with_what_is_in_it(store, settings):
    run = queued(store)
    again = Store.open(settings)
    assert again.runs.get(run.id) == run
    again.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store, settings):
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"written by a newer version \(9999\)\. Update DL Studio"):
        Store.open(settings)
    with store.database.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


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
