"""A run's trained model, which answers for new samples by what the run's folder holds alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.analysis.unlike import Familiar
from dlcore.datasets.fresh import FreshInputs, fresh_file, fresh_inputs, joined_notes
from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.saved import Preparation, read_preparation
from dlcore.datasets.prepare.values import apply_value_ops
from dlcore.engine.evaluation import answer_names, answers
from dlcore.engine.explain.unlike import open_familiar, unlikeness
from dlcore.engine.files import load_trained
from dlcore.engine.network import answering_model
from dlcore.engine.reconstruction import scores_of_errors
from dlcore.engine.scores import Floats, measure_answers
from dlcore.errors import N_, DatasetError, Message
from dlcore.records.predictions import SCORE, Predictions
from dlcore.records.unlike import Unlikeness
from dlcore.settings import Settings
from dlcore.spec.data import DataKind, Task

BATCH = 256
"""Samples that the model answers in one go."""


class Predictor:
    """Answers for new samples as the run's own evaluation did for its test part.

    Args:
        model: as it was saved.
        how: how the run's samples were prepared.
        settings: limits for files.
        familiar: what is usual to the model, if that was learned.
    """

    def __init__(
        self, model: Any, how: Preparation, settings: Settings, familiar: Familiar | None = None
    ) -> None:
        self.preparation, self._familiar = how, familiar
        self._model, self._settings = model, settings
        self._inputs = [tensor.name for tensor in model.inputs]

    @classmethod
    def open(cls, folder: Path, settings: Settings | None = None) -> Predictor:
        """Returns the predictor of the run whose files are in `folder`; the model is loaded once.

        Args:
            folder: holds `model.keras` and `preparation.json`.
            settings: limits for files; by default those of the environment.

        Raises:
            DatasetError: a file is absent, damaged, or of another version; says what to do.
            OSError: the disk is full.
        """
        how = read_preparation(folder)
        model = answering_model(load_trained(folder))
        return cls(model, how, settings or Settings.from_environment(), open_familiar(folder))

    def predict(self, raw: Any) -> Predictions:
        """Returns the answers for one sample or for several.

        Args:
            raw: by the kind of the run's data, as `fresh_inputs` takes it: a picture, a recording, a text, an array;
                a row or several by the names of their columns, or a DataFrame; the last rows of a series, which are
                continued; a user and an item.

        Raises:
            DatasetError: it is nothing of that kind, or none of the samples can be answered.
        """
        if isinstance(raw, Path):
            return self.predict_file(raw)
        return self._answered(fresh_inputs(raw, self.preparation, self._settings))

    def predict_file(self, path: Path, origin: str = "") -> Predictions:
        """Returns the answers for the samples in a file, a folder or an archive.

        Args:
            path: holds a picture, a recording, a text, arrays, a table, or several of them.
            origin: what it is called; by default by its path.

        Raises:
            DatasetError: it cannot be read, or none of the samples can be answered.
        """
        return self._answered(fresh_file(path, self.preparation, self._settings, origin))

    def look(self, raw: Any) -> tuple[Predictions, dict[str, Array], Unlikeness | None]:
        """Returns the answers, what the model saw of the first sample that it answered, and how unlike that is.

        Args:
            raw: as `predict` takes it.

        Returns:
            The answers; by input, (…) its values, those of a picture, and of what is reconstructed, before they are
            scaled: so does it come back; how unlike it is to the training, where that is known.

        Raises:
            DatasetError: it is nothing of that kind, or none of the samples can be answered.
        """
        seen: dict[str, Array] = {}
        unlike: list[Unlikeness] = []

        def watched() -> Iterator[FreshInputs]:
            for group in fresh_inputs(raw, self.preparation, self._settings):
                if not seen and len(group.places):
                    seen.update(self._seen(group))
                    if self._familiar is not None:
                        unlike.append(unlikeness(self._model, self._familiar, self._batch(group, 0, 1)))
                yield group

        predictions = self._answered(watched())
        return predictions, seen, unlike[0] if unlike else None

    def warm_up(self) -> None:
        """Lets the model answer once for nothing: Keras compiles it at its first answer."""
        inputs = {
            name: np.zeros((1, *(size or 1 for size in one.shape)), one.dtype)
            for name, one in self.preparation.signature.inputs.items()
        }
        self._of_batch(FreshInputs(inputs, np.zeros(1, np.int64), ("",)), 0, 1)

    def _seen(self, group: FreshInputs) -> dict[str, Array]:
        as_read = self.preparation.facts.kind is DataKind.IMAGE or self._reconstructs
        values = {} if as_read else self.preparation.values
        return {
            name: (apply_value_ops(given[:1], values[name]) if name in values else given[:1])[0]
            for name, given in group.inputs.items()
        }

    def _answered(self, groups: Iterable[FreshInputs]) -> Predictions:
        facts, found = self.preparation.facts, list[tuple[FreshInputs, Floats]]()
        columns = self._columns()
        rows, names, refused = list[Floats](), list[str](), dict[int, Message]()
        back: list[npt.NDArray[np.float32]] = []
        for group in groups:
            values = np.full((len(group.names), len(columns)), np.nan)
            outputs = self._outputs(group)
            if len(group.places):
                said = answers(outputs, facts.task, self.preparation.spec.model)
                found.append((group, said))
                values[group.places] = self._scores(group, said) if self._reconstructs else said
            if self._reconstructs:
                back.append(self._back(group, outputs))
            refused |= {len(names) + place: why for place, why in group.refused.items()}
            names += group.names
            rows.append(values)
        if not found:
            raise _nothing_answered(refused)
        return Predictions(
            facts.task,
            columns,
            tuple(names),
            np.concatenate(rows),
            refused,
            joined_notes(group.notes for group, _ in found),
            _measured(found, self.preparation),
            np.concatenate(back) if back else None,
            self.preparation.threshold,
        )

    @property
    def _reconstructs(self) -> bool:
        return self.preparation.facts.task is Task.RECONSTRUCTION

    def _columns(self) -> tuple[str, ...]:
        facts = self.preparation.facts
        if self._reconstructs:
            return (SCORE,)
        return facts.classes if facts.task.classifies else answer_names(facts, self.preparation.state)

    def _outputs(self, group: FreshInputs) -> Array:
        """(answers, outputs) what the model gives."""
        found = [
            self._of_batch(group, start, min(start + BATCH, len(group.places)))
            for start in range(0, len(group.places), BATCH)
        ]
        return np.concatenate(found) if found else np.empty((0, 0), np.float32)

    def _batch(self, group: FreshInputs, start: int, stop: int) -> dict[str, Array]:
        """Returns some samples of a group as the network takes them."""
        values = self.preparation.values
        return {
            name: apply_value_ops(group.inputs[name][start:stop], values[name])
            if name in values
            else group.inputs[name][start:stop]
            for name in self._inputs
        }

    def _of_batch(self, group: FreshInputs, start: int, stop: int) -> Array:
        batch = self._batch(group, start, stop)
        given = batch if len(batch) > 1 else next(iter(batch.values()))
        outputs: Array = self._model.predict_on_batch(given)
        return outputs.reshape(len(outputs), -1)

    def _scores(self, group: FreshInputs, said: Floats) -> Floats:
        """(answers, 1) how badly each sample came back."""
        deviations = self.preparation.deviations
        assert deviations is not None, "saved with every reconstruction"
        (given,) = group.inputs.values()
        return scores_of_errors(said - given.reshape(len(given), -1), deviations)[:, None]

    def _back(self, group: FreshInputs, outputs: Array) -> npt.NDArray[np.float32]:
        """(samples, …) what came back of each, in the form of the input; NaN where there is none."""
        (shape,) = (one.shape for one in self.preparation.signature.inputs.values())
        back = np.full((len(group.names), *shape), np.nan, np.float32)
        if len(group.places):
            back[group.places] = outputs.reshape(-1, *shape)
        return back


def _measured(found: list[tuple[FreshInputs, Floats]], how: Preparation) -> dict[str, float]:
    """Returns the metrics of the answers whose right ones are known; nothing where none is."""
    if any(group.truth is None for group, _ in found):
        found = [(group, said) for group, said in found if group.truth is not None]
    if not found:
        return {}
    truth = np.concatenate([group.truth for group, _ in found if group.truth is not None])
    said = np.concatenate([one for _, one in found])
    known = truth >= 0 if how.facts.task.single_label else np.isfinite(truth).all(axis=1)
    return measure_answers(said[known], truth[known], how.facts) if known.any() else {}


def _nothing_answered(refused: dict[int, Message]) -> DatasetError:
    first = next(iter(refused.values()))
    if len(refused) == 1:
        return DatasetError(first.template, hint=first.hint, where=first.where, **first.params)
    return DatasetError(
        N_("none of the samples can be answered; refused: {count}, the first: {reason}"),
        count=len(refused),
        reason=first,
    )
