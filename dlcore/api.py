"""Runs from a notebook or a script: trained, found again, and asked for answers, in a few lines.

The same calls as the pages. What needs Keras imports it when it is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcore.access.actors import machine_owner
from dlcore.comparison import Comparison, compare_selected
from dlcore.datasets import facts
from dlcore.design.templates import proposal
from dlcore.errors import N_, unknown_name
from dlcore.exports.tables import metrics_frame
from dlcore.languages import LANGUAGES
from dlcore.queue import annotate, ensure_worker, repeat_run, request_stop, resume, submit
from dlcore.queue.client import follow_run
from dlcore.queue.registry import find_run, keep_model
from dlcore.records import AnnotationEdit, Axis, Evaluation, Run, RunState, no_progress
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.predictions import Predictions
from dlcore.records.registry import ModelVersion, RegisteredModel, TryPlace, UseKind
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.metrics import judging_metric
from dlcore.store import Store
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import named_field
from dlcore.store.run_files import read_evaluation

if TYPE_CHECKING:
    import pandas as pd

    from dlcore.engine.predictor import Predictor


@dataclass(frozen=True)
class RunResult:
    """A run and its results so far.

    Attributes:
        run: as it was when `train` returned.
        store: the store that holds it.
    """

    run: Run
    store: Store

    @property
    def id(self) -> str:
        """The id of the run, as the pages and the command line name it."""
        return self.run.id

    @property
    def state(self) -> RunState:
        """Where the run is in its life now."""
        return self.store.runs.get(self.run.id).state

    def __repr__(self) -> str:
        """Returns a line, which is what a notebook shows of a list of runs."""
        now = self.store.runs.get(self.run.id)
        part = "test" if now.summary.get("test") else "validation"
        metric = judging_metric(now.summary.get(part, {}))
        score = f", {metric} {now.summary[part][metric]:.4f} ({part})" if metric else ""
        return f"<run {now.id} '{now.name}': {now.state.value}{score}>"

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """The latest metrics by part: `train`, `validation` and, once it has completed, `test`."""
        return self.store.runs.get(self.run.id).summary

    @property
    def history(self) -> pd.DataFrame:
        """A row for each epoch, a column for each curve: `train_loss`, `validation_loss`, `train_learning_rate`.

        `system_seconds` is when the epoch ended, since the run's start, and `system_clock` since 1970.
        """
        return self.curves(Axis.EPOCH).set_index(Axis.EPOCH.value)

    def curves(self, by: Axis | str) -> pd.DataFrame:
        """Returns every point of the curves over something.

        Args:
            by: `epoch`, `batch` or `time`, in seconds since the start.

        Returns:
            A row for each of them, under that name; a column `part_metric` for each curve, NaN where it has no point.
        """
        axis = Axis(by)
        return metrics_frame(self.store.metrics.points(self.run.id, axis), axis)

    @property
    def evaluation(self) -> Evaluation | None:
        """How it did on the test part: metrics, baselines, confusion matrix, worst mistakes; None before its end.

        Raises:
            DamagedArtifactError: the file cannot be read.
        """
        return read_evaluation(self.folder)

    def model(self) -> Any:
        """Returns the trained Keras model, which takes prepared inputs; `predict` prepares them, too.

        One with several outputs gives a list, the answer first.

        Raises:
            DatasetError: there is none yet, or its file is damaged.
        """
        from dlcore.engine.files import load_trained

        return load_trained(self.folder)

    @property
    def folder(self) -> Path:
        """Where the files of the run are."""
        return self.store.artifacts.folder(self.run.id)

    @property
    def model_path(self) -> Path:
        """Where Keras finds the trained model: `keras.saving.load_model(result.model_path)`."""
        return self.folder / MODEL_FILE

    def log(self, lines: int = 50) -> list[str]:
        """Returns the last lines of the run's log."""
        return [line.text for line in self.store.logs.tail(self.run.id, lines)]

    def wait(self) -> RunResult:
        """Waits for the end of the run; returns it as it is then."""
        return RunResult(follow_run(self.store, self.run.id, lambda run: None), self.store)

    def stop(self) -> None:
        """Requests that the run saves its state and stops; `resume` continues it, `wait` waits for its end.

        Raises:
            PermissionDeniedError: it is someone else's.
            StateError: it has ended already.
        """
        request_stop(self.store, self.run.id, actor=machine_owner(self.store.settings))

    def resume(self, epochs: int | None = None, *, wait: bool = True) -> RunResult:
        """Continues a run that has ended, from its last epoch and with its whole state.

        Args:
            epochs: how many it should have in all; by default as many as before.
            wait: whether to wait for its end.

        Raises:
            PermissionDeniedError: it is someone else's.
            StateError: it is at work, or has so many epochs already.
        """
        found = resume(self.store, self.run.id, actor=machine_owner(self.store.settings), epochs=epochs)
        ensure_worker(self.store.settings, self.store)
        one = RunResult(found, self.store)
        return one.wait() if wait else one

    def annotate(self, **changes: Any) -> RunResult:
        """Changes the run's name, notes, tags, star or archive; returns it as it is then.

        Args:
            **changes: what changes, as `AnnotationEdit` calls it: `name="…"`, `notes="…"`, `add_tags=("…",)`,
                `remove_tags=("…",)`, `favorite=True`, `archived=True`.

        Raises:
            PermissionDeniedError: it is someone else's.
            SpecError: it would have too many tags.
        """
        annotate(self.store, self.run.id, AnnotationEdit(**changes), actor=machine_owner(self.store.settings))
        return RunResult(self.store.runs.get(self.run.id), self.store)

    def keep(self, name: str, *, notes: str = "") -> ModelVersion:
        """Keeps the model under a name, as its next version; the run cannot be resumed or deleted meanwhile.

        Args:
            name: of the model, new or one that there is.
            notes: free text.

        Raises:
            PermissionDeniedError: the run is someone else's.
            StateError: it has not ended, or has left no model.
            SpecError: the name cannot be used, or the model is kept under it already.
        """
        return keep_model(
            self.store, self.run.id, name, actor=machine_owner(self.store.settings), notes=notes
        )

    def repeat(self, seeds: int = 2) -> list[RunResult]:
        """Queues the run again with other seeds, to tell its settings from chance; does not wait for the new runs.

        Args:
            seeds: how many new runs, each with a seed that was not tried with these settings.

        Raises:
            SpecError: the number cannot be used, or the spec no longer runs.
        """
        found = repeat_run(self.store, self.run, seeds=seeds, actor=machine_owner(self.store.settings))
        ensure_worker(self.store.settings, self.store)
        return [RunResult(one, self.store) for one in found]

    @cached_property
    def predictor(self) -> Predictor:
        """The trained model with its preparation, loaded once; imports Keras.

        Raises:
            DatasetError: there is no trained model yet, or its files are damaged or of another version.
        """
        from dlcore.engine.predictor import Predictor

        return Predictor.open(self.folder, self.store.settings)

    def predict(self, raw: Any) -> Predictions:
        """Returns the answers for new samples, which are prepared as those of the run were.

        Args:
            raw: one sample or a list of them, as they are in files: a picture (bytes, pixels, an image of Pillow), a
                recording (bytes, or samples and rate), a text, an array; rows by the names of their columns, or a
                DataFrame; the last rows of a series; a user and an item. A `Path`: a file, folder or archive of them.

        Returns:
            One `Prediction` for each sample; `to_frame()` makes a table of them.

        Raises:
            DatasetError: it is nothing of that kind, or none of the samples can be answered.
        """
        found = self.predictor.predict(raw)
        self.store.registry.note_use(self.run.id, UseKind.TRY, TryPlace.PYTHON)
        return found

    def export(
        self, name: str, to: Path | str | None = None, *, language: str = "en", with_model: bool = False
    ) -> Path:
        """Writes the run in a format to take away; in a process of its own.

        Args:
            name: of the format, as `python -m dlcore export` lists them.
            to: the file; by default named after the run, in the current folder.
            language: of the texts for people: `en` or `zh_CN`.
            with_model: whether a report holds the model, to be tried in a browser without a network.

        Returns:
            The file.

        Raises:
            SpecError: there is no such format, or no such language.
            DlcoreError: something it needs is not installed, or the exported model does not answer as this one.
        """
        from dlcore.exports import EXPORTS, check_holds_model
        from dlcore.processes.alone import run_alone

        if language not in LANGUAGES:
            raise unknown_name(N_("language"), language, LANGUAGES)
        made = EXPORTS.usable(name)
        check_holds_model(made, with_model)
        target = Path(to or f"{self.run.id}{made.suffix}").absolute()
        arguments = {
            "run": self.run.id, "format": name, "language": language, "try": with_model, "to": str(target),
        }  # fmt: skip
        run_alone("export", arguments, self.store.settings, no_progress)
        return target


def propose(dataset: str, template: str | None = None, *, settings: Settings | None = None) -> ExperimentSpec:
    """Returns an experiment to begin with: a model, preprocessing and training that fit a dataset.

    `dlcore.propose("digits").with_values({"training.epochs": 3})` changes what its paths name.

    Args:
        dataset: as `python -m dlcore data list` names it.
        template: the model to start from; by default the first that fits.
        settings: where the data is; by default those of the environment.

    Raises:
        SpecError: there is no such dataset, or no such template for it.
    """
    here = settings or Settings.from_environment()
    return proposal(facts(dataset, here), template)


def train(
    spec: ExperimentSpec | Mapping[str, Any] | str | Path,
    *,
    settings: Settings | None = None,
    name: str | None = None,
    wait: bool = True,
) -> RunResult:
    """Queues a run and waits for its end.

    Args:
        spec: an experiment, its JSON object, or the path of its file.
        settings: where the store is; by default those of the environment.
        name: of the run; by default that of the experiment.
        wait: whether to wait; otherwise the run continues in the background.

    Raises:
        SpecError: the experiment cannot be run.
    """
    if isinstance(spec, (str, Path)):
        spec = ExperimentSpec.load(Path(spec))
    elif not isinstance(spec, ExperimentSpec):
        spec = ExperimentSpec.from_dict(dict(spec))
    here = settings or Settings.from_environment()
    store = Store.open(here)
    started = submit(store, spec, owner=here.owner, name=name)
    ensure_worker(here, store)
    if wait:
        started = follow_run(store, started.id, lambda run: None)
    return RunResult(started, store)


def runs(
    line: str = "", *, sort: str = "", limit: int = 1_000, settings: Settings | None = None
) -> list[RunResult]:
    """Returns runs of the store, newest first: all, or those that a filter lets through.

    Args:
        line: a filter, as `python -m dlcore runs` takes it: `accuracy > 0.95 and tag:baseline`.
        sort: a field to sort by, the highest value first; with a `+` before it the lowest.
        limit: the maximum number to return.
        settings: where the store is; by default those of the environment.

    Raises:
        FilterError: the filter cannot be understood.
        SpecError: there is no such field to sort by.
    """
    asked = RunQuestion.read(line, sort)
    store = Store.open(settings or Settings.from_environment())
    return [RunResult(one, store) for one in store.runs.list(**asked.filters, **asked.order, limit=limit)]


def compare(
    *of: str | RunResult,
    where: str = "",
    study: str = "",
    by: Sequence[str] = (),
    baseline: str | RunResult | None = None,
    settings: Settings | None = None,
) -> Comparison:
    """Compares runs: their test metrics with intervals, and the settings and layers in which they differ.

    `dlcore.compare(a, b).of(b.id).scores["accuracy"].difference` says how much better the second one is, if that
    can be told. `group_of` says the same of all seeds of a setting.

    Args:
        *of: the runs, or their ids.
        where: instead, a filter: `tag:paper and accuracy > 0.9`; at most the 24 newest runs.
        study: instead, a search by its name or id: at most its 24 best trials.
        by: the fields that the runs of a group have in common: `["training.batch_size"]`; by default all settings but
            for the seed.
        baseline: the run that the others are compared with; by default the first one.
        settings: where the store is; by default those of the environment.

    Raises:
        FilterError: the filter cannot be understood.
        NotFoundError: there is no such run or study.
        SpecError: nothing says which runs, there is no such field, or the baseline is none of the runs.
    """
    store = Store.open(settings or Settings.from_environment())
    fields = [named_field(name, where="by") for name in by]
    reference = "" if baseline is None else _id_of(baseline)
    found, _total = compare_selected(
        store, list(map(_id_of, of)), where=where, study=study, baseline=reference, by=fields
    )
    return found


def _id_of(run: str | RunResult) -> str:
    return run if isinstance(run, str) else run.id


def run(run_id: str, *, settings: Settings | None = None) -> RunResult:
    """Returns a run of the store.

    Args:
        run_id: as `python -m dlcore runs` lists it, or a kept model: `digits@2`, `digits@production`.
        settings: where the store is; by default those of the environment.

    Raises:
        NotFoundError: there is no such run, or no such version of a model.
    """
    here = settings or Settings.from_environment()
    store = Store.open(here)
    return RunResult(find_run(store, run_id, actor=machine_owner(here)), store)


def registered_models(*, settings: Settings | None = None) -> list[RegisteredModel]:
    """Returns the models that you keep, in alphabetical order, each with its versions, the newest first.

    Args:
        settings: where the store is; by default those of the environment.
    """
    here = settings or Settings.from_environment()
    with closing(Store.open(here)) as store:
        return list(store.registry.list(owner=here.owner))
