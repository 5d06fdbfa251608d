"""Who may do what to what, written by hand: what gate, routes, pages, websocket and commands are held against.

It is not made from `RIGHTS`, so that a slip there is found here. The letters are verbs: look, read, use, change, stop, delete.
"""

from collections.abc import Mapping

from dlcore.access.actors import Role
from dlcore.access.permissions import Kind, Verb

OWN, OTHERS, PUBLIC, LINKED, REVOKED, EVERYBODYS = (
    "own",
    "other's",
    "public",
    "by link",
    "link revoked",
    "everybody's",
)
RELATIONS = (OWN, OTHERS, PUBLIC, LINKED, REVOKED, EVERYBODYS)
LOCAL = "local"
"""The one person on a machine of their own. They are its owner, who may do what an admin may."""
ROLES = (Role.VISITOR, Role.MEMBER, Role.ADMIN, LOCAL)

TABLE = """
kind     relation       visitor  member  admin   local
run      own            lrucsd   lrucsd  lrucsd  lrucsd
run      other's        ------   ------  lr--sd  lr--sd
run      public         l-----   l-----  lr--sd  lr--sd
run      by link        l-----   l-----  lr--sd  lr--sd
run      link revoked   ------   ------  lr--sd  lr--sd
run      everybody's    ------   ------  ------  ------
study    own            lrucsd   lrucsd  lrucsd  lrucsd
study    other's        ------   ------  lr--sd  lr--sd
study    public         l-----   l-----  lr--sd  lr--sd
study    by link        l-----   l-----  lr--sd  lr--sd
study    link revoked   ------   ------  lr--sd  lr--sd
study    everybody's    ------   ------  ------  ------
draft    own            lrucsd   lrucsd  lrucsd  lrucsd
draft    other's        ------   ------  ------  ------
draft    everybody's    ------   ------  ------  ------
dataset  own            lrucsd   lrucsd  lrucsd  lrucsd
dataset  other's        ------   ------  lru-sd  lru-sd
dataset  public         lru---   lru---  lru-sd  lru-sd
dataset  by link        lru---   lru---  lru-sd  lru-sd
dataset  link revoked   ------   ------  lru-sd  lru-sd
dataset  everybody's    lru---   lru---  lrucsd  lrucsd
model    own            lrucsd   lrucsd  lrucsd  lrucsd
model    other's        ------   ------  lr--sd  lr--sd
model    everybody's    ------   ------  ------  ------
vectors  own            lrucsd   lrucsd  lrucsd  lrucsd
vectors  other's        ------   ------  lru-sd  lru-sd
vectors  everybody's    ------   ------  ------  ------
upload   own            lrucsd   lrucsd  lrucsd  lrucsd
upload   other's        ------   ------  ------  ------
upload   everybody's    ------   ------  ------  ------
job      own            lrucsd   lrucsd  lrucsd  lrucsd
job      other's        ------   ------  lr--sd  lr--sd
job      everybody's    lr----   lr----  lrucsd  lrucsd
"""
"""What has no row with a link or in public cannot be shared; an export is a job, and its file is for whoever may use that."""

_LETTERS = {verb.value[0]: verb for verb in Verb}


def _rows() -> Mapping[tuple[Kind, str, str], frozenset[Verb]]:
    _head, *lines = TABLE.strip().splitlines()
    found = {}
    for line in lines:
        kind, relation, cells = line[:9].strip(), line[9:24].strip(), line[24:].split()
        for role, cell in zip(ROLES, cells, strict=True):
            found[Kind(kind), relation, str(role)] = frozenset(
                _LETTERS[letter] for letter in cell if letter != "-"
            )
    return found


CELLS = _rows()


def may_be_shared(kind: Kind) -> bool:
    """Whether the table has rows for what is shared of that kind."""
    return (kind, PUBLIC, Role.VISITOR) in CELLS


def verbs(kind: Kind, relation: str, role: str) -> frozenset[Verb]:
    """What somebody may do to a thing of that kind; what cannot be shared is another's, whatever was tried."""
    shared = relation in (PUBLIC, LINKED, REVOKED) and not may_be_shared(kind)
    return CELLS[kind, OTHERS if shared else relation, str(role)]


def outcome(kind: Kind, verb: Verb, relation: str, role: str) -> str:
    """What comes of trying: it is done, or refused, or, to whom may not even look, there is no such thing."""
    found = verbs(kind, relation, role)
    return "done" if verb in found else "denied" if Verb.LOOK in found else "hidden"
