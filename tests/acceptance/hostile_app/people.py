"""Who is attacked and who attacks: two visitors with all that visitors have, and what the first one's must not be read in."""

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dlcore.access.actors import Actor, Role
from dlcore.access.permissions import Kind
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.queue import annotate, request_stop, studies
from dlcore.queue.library import Library
from dlcore.queue.sharing import Visibility, share
from dlcore.records import AnnotationEdit, StudyState
from dlcore.records.shares import Thing
from dlcore.store import Store
from dlcore.store.gate import open_to
from dlcore.store.logs import add_lines
from dlcore.web.identity import COOKIE
from tests.access.things import Things, make_things
from tests.waiting import wait_for

SECRET = "zyzzyva"
"""Stands in all that is the victim's alone, and in nothing that is sent."""
SAID = (SECRET, "run victim", "study victim", "ended victim")
"""What no answer to anybody else may hold."""


@dataclass(frozen=True)
class Person:
    """Somebody with a browser.

    Attributes:
        cookie: as a browser sends it.
        things: what they have.
    """

    cookie: str
    actor: Actor
    things: Things

    @property
    def ids(self) -> Mapping[Kind, str]:
        """Of what they have."""
        return self.things.ids


def new_cookie(port: int) -> str:
    """The cookie of a browser that has asked for a page."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/new", headers={"accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found = [one.partition(";")[0] for one in answer.headers.get_all("set-cookie")]
    return next(one for one in found if one.startswith(f"{COOKIE}="))


def person(store: Store, port: int, folder: Path, name: str) -> Person:
    """A visitor, with one of each thing."""
    cookie = new_cookie(port)
    actor = Actor(cookie.partition("=")[2].split(".")[0], Role.VISITOR)
    store.visitors.add(actor)
    found = Person(cookie, actor, make_things(store, actor.id, folder, name))
    # Nothing is to be trained meanwhile: what stalls would not be known from what is busy.
    request_stop(store, found.ids[Kind.RUN], actor=actor)
    studies.stop(store, found.ids[Kind.STUDY], actor=actor)
    wait_for(lambda: store.runs.get(found.ids[Kind.RUN]).state.final)
    wait_for(lambda: store.studies.get(found.ids[Kind.STUDY]).state is StudyState.STOPPED)
    return found


def keep_secrets(store: Store, victim: Person, folder: Path) -> None:
    """Puts the secret wherever the victim alone may read it, beside what is shared with everybody."""
    ids, actor = victim.ids, victim.actor
    edit = AnnotationEdit(notes=f"notes {SECRET}", add_tags=(f"tag-{SECRET}",))
    for thing in (ids[Kind.RUN], victim.things.ended, ids[Kind.STUDY], ids[Kind.DRAFT]):
        annotate(store, thing, edit, actor=actor)
    with store.database.write() as connection:
        add_lines(connection, victim.things.ended, [(1.0, f"log {SECRET}")])
    table = folder / "secret.csv"
    table.write_text(
        f"{SECRET}a,{SECRET}b,label\n" + "".join(f"{n},{SECRET}{n % 3},{'xy'[n % 2]}\n" for n in range(40))
    )
    data = ingest(table, store.settings, Choices(name="victims", title=SECRET), owner=actor.id).facts.name
    assert Library.of(open_to(store, actor)).may_read(data)
    mine = open_to(store, actor)
    share(mine, [Thing(Kind.RUN, victim.things.ended)], Visibility.LINK, actor=actor)
