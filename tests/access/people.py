"""Everybody of the table in one demo: whose the things are, who asks, and the same things in each relation to them."""

from dataclasses import dataclass, field
from pathlib import Path

from dlcore.access.actors import EVERYBODY, Actor, Role
from dlcore.access.claims import Identity
from dlcore.access.links import COOKIE as LINKS
from dlcore.access.permissions import Kind
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.queue.sharing import Visibility, share, shared, token_of
from dlcore.records.shares import Thing
from dlcore.store.gate import open_to
from dlcore.web.context import Context
from dlcore.web.identity import COOKIE
from dlcore.web.members import COOKIE as MEMBER_COOKIE
from tests.access.matrix import EVERYBODYS, LINKED, OWN, PUBLIC, RELATIONS, REVOKED, may_be_shared
from tests.access.things import Things, make_things

DEMO = {"DLCORE_MODE": "demo", "DLCORE_OIDC_URL": "https://id.example.com/.well-known/openid-configuration"}
"""The environment of a demo in which members may sign in."""


@dataclass
class People:
    """Who asks, and what is there.

    Attributes:
        here: the context of the pages and routes.
        folder: for files that things are made of.
        tokens: of the links that all of them have opened, the revoked ones, too.
        cookies: what a browser of each sends.
        actors: who they are.
        made: the things in each relation; those of one's own by the role.
    """

    here: Context
    folder: Path
    tokens: list[str] = field(default_factory=list)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    made: dict[tuple[str, str], Things] = field(default_factory=dict)

    def things(self, relation: str, role: str) -> Things:
        """The things that are in a relation to whoever has that role."""
        return self.made[relation, role if relation == OWN else ""]


def gather(here: Context, folder: Path, relations: tuple[str, ...] = RELATIONS) -> People:
    """Makes a visitor, a member and an admin of a demo, their own things, and another's in each of some relations."""
    people = People(here, folder)
    cookie, visitor = here.identities.welcome()
    here.whole.visitors.add(visitor)
    people.cookies[Role.VISITOR], people.actors[Role.VISITOR] = {COOKIE: cookie}, visitor
    for role in (Role.MEMBER, Role.ADMIN):
        secret = here.whole.members.sign_in(
            Identity("https://id.example.com", role, role, ""), role, ends_at=4e9
        )
        people.cookies[role] = {MEMBER_COOKIE: secret}
        people.actors[role] = here.sign_ins.find(secret).actor  # type: ignore[union-attr]
    _cookie, owner = here.identities.welcome()
    for relation in relations:
        for role in people.actors if relation == OWN else [""]:
            people.made[relation, role] = _things(people, relation, role, owner)
    for cookies in people.cookies.values():
        cookies[LINKS] = ".".join(people.tokens)
    return people


def _things(people: People, relation: str, role: str, owner: Actor) -> Things:
    whole = people.here.whole
    name = f"{relation}_{role}".replace(" ", "_").replace("'", "")
    whose = people.actors[role].id if relation == OWN else owner.id
    made = make_things(whole, whose, people.folder, name)
    if relation == EVERYBODYS:  # there are no others: the program brings data, and downloads them
        table = people.folder / f"{name}.csv"
        data = ingest(table, whole.settings, Choices(name="for_all"), owner=EVERYBODY).facts.name
        job = whole.jobs.request("download", {"name": "mnist"}, owner=EVERYBODY).id
        return Things({Kind.DATASET: data, Kind.JOB: job}, "")
    if relation in (PUBLIC, LINKED, REVOKED):
        mine = open_to(whole, owner)
        things = [
            Thing(Kind.RUN, made.ended),
            *(Thing(kind, one) for kind, one in made.ids.items() if may_be_shared(kind)),
        ]
        for thing in things:
            share(mine, [thing], Visibility.PUBLIC if relation == PUBLIC else Visibility.LINK, actor=owner)
            link = shared(mine, [thing], actor=owner).link
            if link is not None:
                people.tokens.append(token_of(mine, link) or "")
            if relation == REVOKED:
                share(mine, [thing], Visibility.PRIVATE, actor=owner)
    return made
