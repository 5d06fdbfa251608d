"""The models that people keep: names, versions, stages, and what was done with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from dlcore.errors import N_, NotFoundError, SpecError
from dlcore.records.annotations import check_notes
from dlcore.records.registry import (
    LONGEST_NOTES,
    ModelStage,
    ModelUse,
    ModelVersion,
    RegisteredModel,
    UseKind,
    checked_name,
)
from dlcore.store.database import Database, enum_member, now, to_datetime
from dlcore.store.ids import new_id
from dlcore.store.tables import model_uses, model_versions, registered_models, runs


class Registry:
    """The registered models of a store; each is seen and changed by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, run_id: str, name: str, *, owner: str, notes: str = "") -> ModelVersion:
        """Adds a run's model under a name, as its next version.

        Raises:
            SpecError: the name or the notes cannot be used, or this model is there already.
        """
        name = checked_name(name)
        check_notes(notes, LONGEST_NOTES)
        with self._database.write() as connection:
            model_id, number = _next_number(connection, name, owner)
            of_run = (model_versions.c.model_id == model_id) & (model_versions.c.run_id == run_id)
            before = connection.execute(select(model_versions.c.number).where(of_run)).scalar()
            if before is not None:
                raise SpecError(
                    N_("the model of run {run} is its version {number} already."),
                    hint=N_("Use that one, or another name."),
                    where=name,
                    run=run_id,
                    number=before,
                )
            moment = now()
            row = {
                "model_id": model_id, "number": number, "run_id": run_id, "stage": ModelStage.NONE.value,
                "notes": notes, "created_at": moment,
            }  # fmt: skip
            connection.execute(insert(model_versions).values(**row))
            here = registered_models.c.id == model_id
            connection.execute(update(registered_models).where(here).values(last_number=number))
        return ModelVersion(name, number, run_id, owner, ModelStage.NONE, notes, to_datetime(moment))

    def list(self, *, owner: str) -> Sequence[RegisteredModel]:
        """Returns someone's models in alphabetical order."""
        return self._models(registered_models.c.owner == owner)

    def get(self, name: str, *, owner: str) -> RegisteredModel:
        """Returns someone's model of that name.

        Raises:
            NotFoundError: there is none.
        """
        found = self._models(_of_name(name, owner))
        if not found:
            raise _unknown(name)
        return found[0]

    def edit(self, name: str, *, owner: str, to: str | None = None, notes: str | None = None) -> None:
        """Changes the name or the notes of someone's model; what is None stays.

        Args:
            name: what it is called.
            owner: whose it is.
            to: what it is called from now on; its versions keep their numbers.
            notes: on the model, in place of those there.

        Raises:
            NotFoundError: there is no such model.
            SpecError: the new name or the notes cannot be used, or another model has that name.
        """
        values: dict[str, str] = {}
        if notes is not None:
            check_notes(notes, LONGEST_NOTES)
            values["notes"] = notes
        if to is not None:
            values["name"] = checked_name(to)
        with self._database.write() as connection:
            here = select(registered_models.c.id).where(_of_name(name, owner)).with_for_update()
            model_id = connection.execute(here).scalar()
            if model_id is None:
                raise _unknown(name)
            new = values.get("name", name)
            taken = select(registered_models.c.id).where(_of_name(new, owner))
            if new != name and connection.execute(taken).first():
                raise SpecError(
                    N_("there is another model '{name}'."),
                    hint=N_("Give it another name."),
                    where="name",
                    name=new,
                )
            if values:
                of_model = registered_models.c.id == model_id
                connection.execute(update(registered_models).where(of_model).values(**values))

    def set_notes(self, version: ModelVersion, notes: str) -> None:
        """Replaces the notes on a version.

        Raises:
            NotFoundError: it was removed meanwhile.
            SpecError: they are too long.
        """
        check_notes(notes, LONGEST_NOTES)
        with self._database.write() as connection:
            of_model = model_versions.c.model_id == _model_id(connection, version)
            here = of_model & (model_versions.c.number == version.number)
            if not connection.execute(update(model_versions).where(here).values(notes=notes)).rowcount:
                raise _gone(version)

    def of_run(self, run_id: str) -> Sequence[ModelVersion]:
        """Returns the versions that are a run's model."""
        return self._versions(model_versions.c.run_id == run_id)

    def of_study(self, study_id: str) -> Sequence[ModelVersion]:
        """Returns the versions that are models of a study's trials."""
        of_study = select(runs.c.id).where(runs.c.study_id == study_id)
        return self._versions(model_versions.c.run_id.in_(of_study))

    def set_stage(self, version: ModelVersion, stage: ModelStage) -> None:
        """Moves a version to a stage; what was in production before it is archived.

        Raises:
            NotFoundError: the version was removed meanwhile.
        """
        with self._database.write() as connection:
            model_id = _model_id(connection, version)
            of_model = model_versions.c.model_id == model_id
            if stage is ModelStage.PRODUCTION:
                before = of_model & (model_versions.c.stage == ModelStage.PRODUCTION.value)
                values = {"stage": ModelStage.ARCHIVED.value}
                connection.execute(update(model_versions).where(before).values(**values))
            here = of_model & (model_versions.c.number == version.number)
            if not connection.execute(update(model_versions).where(here).values(stage=stage.value)).rowcount:
                raise _gone(version)

    def remove(self, version: ModelVersion) -> None:
        """Removes a version, and with the last one the model; the run stays.

        Raises:
            NotFoundError: it was removed already.
        """
        with self._database.write() as connection:
            model_id = _model_id(connection, version)
            of_model = model_versions.c.model_id == model_id
            here = of_model & (model_versions.c.number == version.number)
            if not connection.execute(delete(model_versions).where(here)).rowcount:
                raise _gone(version)
            if connection.execute(select(model_versions.c.number).where(of_model).limit(1)).first() is None:
                connection.execute(delete(registered_models).where(registered_models.c.id == model_id))

    def note_use(self, run_id: str, kind: UseKind, detail: str) -> None:
        """Counts what was done with a run's model; nothing where it is not kept."""
        query = select(model_versions.c.model_id, model_versions.c.number)
        query = query.where(model_versions.c.run_id == run_id)
        with self._database.read() as connection:
            versions = connection.execute(query).all()
        if not versions:
            return
        with self._database.write() as connection:
            # As they are now: one may have been removed since.
            for model_id, number in connection.execute(query).all():
                _count_use(connection, model_id, number, kind, detail)

    def _models(self, where: ColumnElement[bool]) -> Sequence[RegisteredModel]:
        """Returns models with their versions, in alphabetical order."""
        query = select(registered_models.c.name, registered_models.c.owner, registered_models.c.notes)
        with self._database.read() as connection:
            rows = connection.execute(query.where(where)).all()
        found: dict[str, list[ModelVersion]] = defaultdict(list)
        for one in self._versions(where):
            found[one.model].append(one)
        rows = sorted(rows, key=lambda row: (row.name.casefold(), row.name))
        return [
            RegisteredModel(row.name, row.owner, tuple(found[row.name]), row.notes)
            for row in rows
            if found[row.name]  # the last version may have been removed between the two
        ]

    def _versions(self, where: ColumnElement[bool]) -> Sequence[ModelVersion]:
        """Returns versions with their uses, the newest of each model first."""
        columns = (registered_models.c.name, registered_models.c.owner, *model_versions.c)
        both = model_versions.join(registered_models)
        query = select(*columns).select_from(both).where(where)
        query = query.order_by(registered_models.c.name, model_versions.c.number.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            ids = {row.model_id for row in rows}
            used = connection.execute(select(model_uses).where(model_uses.c.model_id.in_(ids))).all()
        uses: dict[tuple[str, int], list[ModelUse]] = defaultdict(list)
        for row in sorted(used, key=lambda one: (one.kind, one.detail)):
            uses[row.model_id, row.number].append(
                ModelUse(
                    enum_member(UseKind, row.kind),
                    row.detail,
                    row._mapping["count"],
                    to_datetime(row.last_at),
                )
            )
        return [_version(row, tuple(uses[row.model_id, row.number])) for row in rows]


def _of_name(name: str, owner: str) -> ColumnElement[bool]:
    return (registered_models.c.owner == owner) & (registered_models.c.name == name)


def _next_number(connection: Connection, name: str, owner: str) -> tuple[str, int]:
    """Returns the id of a model, made if it is not there, and the number of its next version."""
    query = select(registered_models.c.id, registered_models.c.last_number).where(_of_name(name, owner))
    query = query.with_for_update()
    row = connection.execute(query).one_or_none()
    if row is not None:
        return row.id, row.last_number + 1
    made = {"id": new_id(), "owner": owner, "name": name, "last_number": 0, "created_at": now()}
    connection.execute(insert(registered_models).values(**made))
    return str(made["id"]), 1


def _model_id(connection: Connection, version: ModelVersion) -> str:
    """Returns the id of a version's model, which nobody else changes until the transaction ends."""
    query = select(registered_models.c.id).where(_of_name(version.model, version.owner)).with_for_update()
    found = connection.execute(query).scalar()
    if found is None:
        raise _gone(version)
    return str(found)


def _count_use(connection: Connection, model_id: str, number: int, kind: UseKind, detail: str) -> None:
    key = {"model_id": model_id, "number": number, "kind": kind.value, "detail": detail}
    here = [model_uses.c[name] == value for name, value in key.items()]
    again = update(model_uses).where(*here).values(count=model_uses.c.count + 1, last_at=now())
    if not connection.execute(again).rowcount:
        connection.execute(insert(model_uses).values(**key, count=1, last_at=now()))


def _version(row: Row[Any], uses: tuple[ModelUse, ...]) -> ModelVersion:
    return ModelVersion(
        row.name,
        row.number,
        row.run_id,
        row.owner,
        enum_member(ModelStage, row.stage),
        row.notes,
        to_datetime(row.created_at),
        uses,
    )


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(
        N_("there is no model '{name}'."), hint=N_("List them with `dlcore models`."), name=name
    )


def _gone(version: ModelVersion) -> NotFoundError:
    return NotFoundError(
        N_("this version was removed in the meantime."), hint=N_("Reload."), where=version.reference
    )
