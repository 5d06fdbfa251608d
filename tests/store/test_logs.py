from dlcore.store.logs import LONGEST_LINE
from tests.store.samples import at_work


def write(store, run, *texts):
    store.reports.write(run.id, 1, {}, lines=[(float(n), text) for n, text in enumerate(texts)])


def test_lines_are_read_by_cursor_in_their_order(store):
    run = at_work(store)
    write(store, run, "one", "two")
    write(store, run, "three")
    assert [(line.seq, line.text) for line in store.logs.since(run.id, 1)] == [(2, "two"), (3, "three")]
    assert [line.text for line in store.logs.since(run.id, 0, limit=2)] == ["one", "two"]
    assert store.logs.since(run.id, 3) == []


def test_the_tail_has_the_last_lines_the_oldest_first(store):
    run = at_work(store)
    write(store, run, "one", "two", "three")
    assert [line.text for line in store.logs.tail(run.id, 2)] == ["two", "three"]


def test_an_endless_line_is_cut(store):
    run = at_work(store)
    write(store, run, "x" * 1_000_000)
    assert len(store.logs.tail(run.id, 1)[0].text) == LONGEST_LINE
