"""The store as one actor may see it: with the same words, and only what the table of rights opens.

A page or a route has no other store than this one. What is not listed in `GATES` cannot be called through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from dlcore.access.actors import Actor, Role
from dlcore.access.acts import Act
from dlcore.access.permissions import Kind, Sight, Verb, missing
from dlcore.errors import N_, PermissionDeniedError
from dlcore.records import Draft, Job, Run, Study
from dlcore.records.shares import Thing
from dlcore.store import Store
from dlcore.store.eyes import Eyes, Owners
from dlcore.store.shown import as_shown, without_signals

Gate = Callable[[Eyes, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""Calls a method of the store for an actor, with what it was called with, or refuses."""


def _kind_of(item: Run | Study | Draft) -> Kind:
    return Kind.RUN if isinstance(item, Run) else Kind.STUDY if isinstance(item, Study) else Kind.DRAFT


def _free(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what belongs to nobody, or is safe whoever asks."""
    return call(*args, **named)


def _mine(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what is asked by an owner, who is the actor: also where none is named."""
    if named.setdefault("owner", eyes.actor.id) is None:
        named["owner"] = eyes.actor.id
    if named["owner"] != eyes.actor.id:
        raise PermissionDeniedError(N_("this belongs to another user."), where=named["owner"])
    return call(*args, **named)


def _as_actor(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what checks the actor itself; it is this one."""
    return call(*args, **{**named, "actor": eyes.actor})


def _of(kind: Kind, verb: Verb = Verb.READ) -> Gate:
    """Returns a gate for methods whose first argument is a thing of that kind, or its id."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        item = args[0]
        eyes.check(verb, kind, item if isinstance(item, str) else item.id)
        return call(*args, **named)

    return gate


def _curves(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through curves of a run, which is the first argument; whoever only looks at it gets no signals of its layers."""
    run_id = args[0]
    eyes.check(Verb.LOOK, Kind.RUN, run_id)
    found = call(*args, **named)
    if eyes.sight(Kind.RUN, run_id) is not Sight.SHOWN:
        return found
    return without_signals(found, named.get("key", args[1] if len(args) > 1 else None))


def _of_study(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through the trials of a study, which is the first argument, and their runs, as the actor may see them."""
    study_id = args[0]
    eyes.check(Verb.LOOK, Kind.STUDY, study_id)
    found = call(*args, **named)
    if eyes.may(Verb.READ, Kind.STUDY, study_id, eyes.owners.of(Kind.STUDY, [study_id]).get(study_id, "")):
        return found
    return [as_shown(one) for one in found] if isinstance(found, list) else as_shown(found)


def _of_any(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what changes a run, a study or a draft, which is the first argument."""
    eyes.check(Verb.CHANGE, _kind_of(args[0]), args[0].id)
    return call(*args, **named)


def _of_version(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what changes a version of a kept model, which is the first argument."""
    eyes.check(Verb.CHANGE, Kind.RUN, args[0].run_id)
    return call(*args, **named)


def _keep(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what keeps the model of a run, which is the first argument, for the actor."""
    eyes.check(Verb.USE, Kind.RUN, args[0])
    return _mine(eyes, call, args, named)


def _among(kind: Kind) -> Gate:
    """Returns a gate for methods whose first argument is a collection of ids: others are left out."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        seen = eyes.visible(kind, args[0])
        return call([one for one in args[0] if one in seen], *args[1:], **named)

    return gate


def _trends(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through the trends of runs that the actor may see; others are left out."""
    seen = eyes.visible(Kind.RUN, [one.run_id for one in args[0]])
    return call([one for one in args[0] if one.run_id in seen], *args[1:], **named)


def _found(kind: Kind) -> Gate:
    """Returns a gate for methods that return a thing or None, or things: what the actor may not see is left out."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        found = call(*args, **named)
        if found is None:
            return None
        several = found if isinstance(found, (list, tuple)) else [found]
        seen = [
            eyes.shown(kind, one.id, one.owner, one)
            for one in several
            if eyes.may(Verb.LOOK, kind, one.id, one.owner)
        ]
        return seen if isinstance(found, (list, tuple)) else next(iter(seen), None)

    return gate


def _got(kind: Kind) -> Gate:
    """Returns a gate for methods that return a thing, or raise that there is none."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        found: Run | Study | Job = call(*args, **named)
        if not eyes.may(Verb.LOOK, kind, found.id, found.owner):
            eyes.actor.tell(f"{kind}.{Verb.LOOK}", args[0], allowed=False)
            raise missing(kind, args[0])
        return eyes.shown(kind, found.id, found.owner, found)

    return gate


def _shown(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what is public, as the actor may see it."""
    return [eyes.shown(Kind.RUN, one.id, one.owner, one) for one in call(*args, **named)]


def _share(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what shares things of the actor's, which are the first argument; datasets lie in folders, and what
    somebody else has shared under the name of one counts for nothing.
    """
    for thing in (args[0],) if isinstance(args[0], Thing) else args[0]:
        if thing.kind is not Kind.DATASET:
            eyes.check(Verb.CHANGE, thing.kind, thing.name)
    return _end_share(eyes, call, args, named)


def _complain(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what the actor reports of a thing that they may look at, which is the first argument; of a dataset the
    queue has asked that.
    """
    if named["reporter"] != eyes.actor.id:
        raise PermissionDeniedError(N_("this belongs to another user."), where=named["reporter"])
    if args[0].kind is not Kind.DATASET:
        eyes.check(Verb.LOOK, args[0].kind, args[0].name)
    return call(*args, **named)


def _end_share(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what changes the sharing of the actor's own things, and what is asked from then on knows of it."""
    found = _mine(eyes, call, args, named)
    eyes.owners.forget_shared()
    return found


_RUN, _STUDY, _JOB = (_of(kind) for kind in (Kind.RUN, Kind.STUDY, Kind.JOB))
_SEEN_RUN, _SEEN_STUDY = (_of(kind, Verb.LOOK) for kind in (Kind.RUN, Kind.STUDY))

GATES: Mapping[str, Mapping[str, Gate]] = {
    "runs": {
        **dict.fromkeys(("create", "list", "count", "page", "values", "kinds", "unfinished"), _mine),
        **dict.fromkeys(("progress", "existing"), _among(Kind.RUN)),
        **dict.fromkeys(("children",), _found(Kind.RUN)),
        "get": _got(Kind.RUN),
        "of_trial": _of_study,
        "move": _of(Kind.RUN, Verb.CHANGE),
        "request_stop": _of(Kind.RUN, Verb.STOP),
        "delete": _of(Kind.RUN, Verb.DELETE),
    },
    "queue": {"position": _SEEN_RUN, "place_for": _mine},
    "metrics": dict.fromkeys(("since", "overview", "series", "window", "points", "epoch_curve"), _curves),
    "trends": {"read": _trends},
    "logs": {**dict.fromkeys(("since", "tail"), _RUN), "add": _of(Kind.RUN, Verb.CHANGE)},
    "drafts": {
        **dict.fromkeys(("create", "latest", "list", "unstarted"), _mine),
        **dict.fromkeys(("get", "save", "delete"), _as_actor),
        "note_start": _of(Kind.DRAFT, Verb.CHANGE),
    },
    "experiments": dict.fromkeys(("page", "any"), _mine),
    "workers": dict.fromkeys(("current", "identity"), _free),
    "artifacts": {"folder": _RUN, "results": _SEEN_RUN},
    "jobs": {
        "request": _mine,
        **dict.fromkeys(("find", "find_like"), _found(Kind.JOB)),
        "get": _got(Kind.JOB),
        **dict.fromkeys(("result", "folder"), _JOB),
        "withdraw": _of(Kind.JOB, Verb.STOP),
        "request_cancel": _of(Kind.JOB, Verb.STOP),
    },
    "studies": {
        **dict.fromkeys(("create", "list", "states", "named"), _mine),
        "get": _got(Kind.STUDY),
        **dict.fromkeys(("trials", "latest", "trial"), _of_study),
        "requests": _SEEN_STUDY,
        "best_runs": _among(Kind.STUDY),
        # Which of its verbs it is, the queue has checked: stopping is less than changing.
        "ask": _of(Kind.STUDY, Verb.STOP),
    },
    "annotations": {"tags": _mine, "edit": _of_any},
    "views": dict.fromkeys(("list", "save", "delete"), _mine),
    "lessons": dict.fromkeys(("begin", "open", "close", "go", "note_done", "current", "all"), _mine),
    "registry": {
        **dict.fromkeys(("list", "get", "edit"), _mine),
        "keep": _keep,
        **dict.fromkeys(("of_run", "note_use"), _RUN),
        "of_study": _STUDY,
        **dict.fromkeys(("set_notes", "set_stage", "remove"), _of_version),
    },
    "alerts": {
        **dict.fromkeys(("latest", "count_unseen", "mark_seen"), _mine),
        "of_run": _SEEN_RUN,
        "of_study": _SEEN_STUDY,
        "forget": _of(Kind.RUN, Verb.CHANGE),
    },
    "shares": {
        **dict.fromkeys(("publish", "add_link"), _share),
        **dict.fromkeys(("withdraw", "revoke"), _end_share),
        **dict.fromkeys(("is_public", "links_with"), _mine),
        # Hashes, of which nobody gets back to a token, and names that everybody may know.
        **dict.fromkeys(("of", "opened", "count_public_runs"), _free),
        "public_runs": _shown,
    },
    "complaints": {"add": _complain, "is_hidden": _mine},
    "corrections": dict.fromkeys(("of", "save", "remove"), _mine),
}
"""For each part of the store the methods that pages and routes may call, and what is looked at."""

ACTS: Mapping[str, Mapping[str, Act]] = {
    # A page moves a run only to queue it again.
    "runs": {"create": Act.LAUNCH, "move": Act.LAUNCH},
    "studies": {"create": Act.LAUNCH},
    "drafts": {"create": Act.DRAFT},
    "jobs": {"request": Act.JOB},
    "complaints": {"add": Act.COMPLAIN},
}
"""What of it is counted, and noted with the id of what it made."""


class _Part:
    """A part of the store behind its gates; the owner of the machine finds all of them open."""

    def __init__(self, eyes: Eyes, store: Store, name: str) -> None:
        self._eyes, self._acts, self._part = eyes, ACTS.get(name, {}), getattr(store, name)
        self._gates = None if eyes.actor.role is Role.ADMIN else GATES[name]

    def __getattr__(self, name: str) -> Any:
        gate = _free if self._gates is None else self._gates.get(name)
        if gate is None:
            raise AttributeError(f"{name} is not open to pages and routes; see GATES in {__name__}")
        call, act = getattr(self._part, name), self._acts.get(name)
        if act is None:
            return lambda *args, **named: gate(self._eyes, call, args, named)
        return lambda *args, **named: self._do(act, lambda: gate(self._eyes, call, args, named))

    def _do(self, act: Act, call: Callable[[], Any]) -> Any:
        """Does what is counted."""
        self._eyes.take(act)
        made = call()
        self._eyes.actor.tell(act, getattr(made, "id", ""), allowed=True)
        return made


class _OpenStore:
    """A store behind its gates; `open_to` returns it as the `Store` that it stands for."""

    def __init__(self, store: Store, eyes: Eyes) -> None:
        self.eyes, actor = eyes, eyes.actor
        self.whole, self.reader, self.settings = store, actor, store.settings
        self.refuse_newer = store.refuse_newer

    def __getattr__(self, name: str) -> Any:
        if name not in GATES:
            if self.eyes.actor.role is Role.ADMIN:
                return getattr(self.whole, name)
            raise AttributeError(f"{name} is not open to pages and routes; see GATES in {__name__}")
        part = _Part(self.eyes, self.whole, name)
        setattr(self, name, part)
        return part


def open_to(
    store: Store,
    actor: Actor,
    owners: Owners | None = None,
    take: Callable[[Act], None] = lambda _act: None,
) -> Store:
    """Returns the store as the actor may see it; an admin has all of it, and is noted where others are.

    Args:
        store: the whole of it.
        actor: who asks.
        owners: what is known already of whose things are.
        take: counts what the actor does, and refuses what is too often.
    """
    if actor.role is Role.ADMIN and actor.witness is None:
        return store
    return cast(Store, _OpenStore(store, Eyes(owners or Owners(store), actor, take)))


def sight(store: Store, kind: Kind, item_id: str) -> Sight:
    """Returns how much of a thing of that id is seen by whom a store is open to."""
    return store.eyes.sight(kind, item_id) if isinstance(store, _OpenStore) else Sight.ADMIN
