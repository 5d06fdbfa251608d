"""An id that nothing can have is one of nothing, in either kind of store."""

import pytest

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind
from dlcore.errors import NotFoundError
from dlcore.store.gate import open_to

NO_IDS = ("", "a\x00b", "x" * 10_000, "'; DROP TABLE runs; --", "\U0001f4a9", "%", "../..")


@pytest.mark.parametrize("asked", NO_IDS)
def test_what_can_be_no_id_is_not_there(store, asked):
    mine = open_to(store, Actor("eve"))
    asks = (
        lambda: mine.runs.get(asked),
        lambda: mine.studies.get(asked),
        lambda: mine.jobs.get(asked),
        lambda: mine.drafts.get(asked, actor=mine.reader),
        lambda: mine.logs.tail(asked, 9),
        lambda: mine.eyes.check("look", Kind.RUN, asked),
    )
    for ask in asks:
        with pytest.raises(NotFoundError):
            ask()
