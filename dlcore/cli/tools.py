"""What a coding agent may call: the facts that the commands print with `--json`, and their actions.

Each public method of a toolbox is a tool; its docstring is what the agent reads of it.
"""

from __future__ import annotations

from typing import Any

from dlcore import queue
from dlcore.access.actors import machine_owner
from dlcore.cli.history import rows_of
from dlcore.cli.results import (
    describe_comparison,
    describe_dataset,
    describe_datasets,
    describe_run,
    describe_study,
    summarize,
)
from dlcore.comparison import compare_selected
from dlcore.datasets import dataset_facts, facts
from dlcore.design.templates import proposal, templates_of
from dlcore.exports.tables import metrics_frame
from dlcore.queue import studies
from dlcore.queue.library import Library
from dlcore.queue.predictor import PredictorProcess
from dlcore.queue.registry import find_run, keep_model, set_stage
from dlcore.records import AnnotationEdit, Axis
from dlcore.search import SearchSpec
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check
from dlcore.spec.reading import read_text
from dlcore.store import Store
from dlcore.store.filters import RunQuestion

Json = dict[str, Any]


class Reading:
    """Tools that change nothing.

    Args:
        store: where runs and studies are.
        settings: where data is.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._predictor = PredictorProcess(settings)

    def close(self) -> None:
        """Ends the process that answers."""
        self._predictor.close()

    def list_datasets(self) -> list[Json]:
        """Lists all datasets: name, kind, task, classes, sizes, and whether the files are here."""
        return describe_datasets(self._settings)

    def show_dataset(self, name: str) -> Json:
        """Shows a dataset: its columns or shape, what was assumed when it was read, and what was refused."""
        return describe_dataset(name, self._settings)

    def propose_experiment(self, dataset: str, template: str | None = None) -> Json:
        """Proposes an experiment for a dataset, as YAML to edit and train.

        Args:
            dataset: a name from list_datasets.
            template: a model to start from; `templates` of the answer names those that fit.
        """
        known = facts(dataset, self._settings)
        spec = proposal(known, template)
        return {"spec": spec.to_yaml(), "templates": [one.name for one in templates_of(known)]}

    def check_experiment(self, spec: str) -> Json:
        """Checks an experiment without running it: whether it fits its dataset, and its layers with shapes and sizes.

        Args:
            spec: YAML or JSON, as propose_experiment returns it.
        """
        wanted = ExperimentSpec.from_text(spec)
        known = dataset_facts(wanted.dataset, self._settings)
        report = check(wanted, known, Library.of(self._store).vectors_for(wanted))
        return {
            "parameters": report.parameters.total,
            "layers": [
                {
                    "name": row.name,
                    "kind": row.kind,
                    "output_shape": list(row.output_shape),
                    "parameters": row.parameters.total,
                }
                for row in report.rows
            ],
        }

    def list_runs(self, filter: str = "", sort: str = "", limit: int = 20) -> list[Json]:
        """Lists runs, newest first.

        Args:
            filter: one line, such as `accuracy > 0.95 and tag:baseline and created > -7d`.
            sort: a field, the highest first; `+field` for the lowest.
            limit: the maximum number.
        """
        asked = RunQuestion.read(filter, sort)
        found = self._store.runs.list(**asked.filters, **asked.order, limit=limit)
        return [summarize(run) for run in found]

    def show_run(self, run: str) -> Json:
        """Shows a run: state, metrics by part, baselines and how it compares with them, its whole experiment."""
        return describe_run(self._store, self._store.runs.get(run))

    def run_history(self, run: str, by: str = "epoch", last: int = 100) -> list[Json]:
        """Returns the last points of a run's curves.

        Args:
            run: its id.
            by: epoch, batch or time (seconds).
            last: how many rows.
        """
        axis = Axis(by)
        frame = metrics_frame(self._store.metrics.points(self._store.runs.get(run).id, axis), axis)
        return rows_of(frame.tail(last))

    def run_log(self, run: str, lines: int = 50) -> list[str]:
        """Returns the last lines of a run's log."""
        return [line.text for line in self._store.logs.tail(self._store.runs.get(run).id, lines)]

    def compare_runs(
        self, runs: list[str] | None = None, where: str = "", study: str = "", baseline: str = ""
    ) -> Json:
        """Compares runs: test metrics with intervals of 95 %, and the settings and layers in which they differ.

        Args:
            runs: ids of two or more; runs that differ only in their seed are a group, and groups are compared, too.
            where: instead of ids a filter of one line, such as `tag:paper`; the newest runs are compared.
            study: instead of ids the id or the name of a search; its best trials are compared.
            baseline: the one that the others are compared with; by default the first.
        """
        found, total = compare_selected(self._store, runs or (), where=where, study=study, baseline=baseline)
        return describe_comparison(found, total)

    def list_studies(self, limit: int = 20) -> list[Json]:
        """Lists searches for hyperparameters, newest first, each with its best trial."""
        return [describe_study(self._store, one) for one in self._store.studies.list(limit=limit)]

    def show_study(self, study: str) -> Json:
        """Shows a search by its name or id: its state, trials by state, and the best one."""
        return describe_study(self._store, self._store.studies.named(study))

    def list_models(self) -> list[Json]:
        """Lists the models that are kept under a name: versions with stage, run, exports, and where each was tried."""
        found = self._store.registry.list(owner=self._settings.owner)
        return [one.to_dict() for model in found for one in model.versions]

    def predict(self, run: str, samples: list[Any]) -> Json:
        """Answers for new samples with a run's model, prepared as those of the run were.

        Args:
            run: its id, or a kept model: `name@2`, `name@production`.
            samples: rows by the names of their columns, texts, or arrays as nested lists; of a series the last rows.
        """
        asked = find_run(self._store, run, actor=machine_owner(self._settings))
        found = self._predictor.ask(self._store, asked.id, samples).predictions
        assert found is not None, "something was asked"
        return found.as_json()


class Writing(Reading):
    """Those, and tools that train and change."""

    def train(self, spec: str, name: str | None = None) -> Json:
        """Queues a run and returns at once; show_run tells how far it is.

        Args:
            spec: YAML or JSON, as propose_experiment returns it.
            name: of the run.
        """
        wanted = ExperimentSpec.from_text(spec)
        run = queue.submit(self._store, wanted, owner=self._settings.owner, name=name)
        queue.ensure_worker(self._settings, self._store)
        return summarize(run)

    def stop_run(self, run: str) -> Json:
        """Asks a run to save its state and stop; it can be resumed."""
        queue.request_stop(self._store, run, actor=machine_owner(self._settings))
        return summarize(self._store.runs.get(run))

    def resume_run(self, run: str, epochs: int | None = None) -> Json:
        """Resumes a run that has ended.

        Args:
            run: its id.
            epochs: the total number of epochs.
        """
        resumed = queue.resume(self._store, run, actor=machine_owner(self._settings), epochs=epochs)
        queue.ensure_worker(self._settings, self._store)
        return summarize(resumed)

    def annotate_run(
        self,
        run: str,
        name: str | None = None,
        notes: str | None = None,
        add_tags: list[str] | None = None,
        remove_tags: list[str] | None = None,
        archived: bool | None = None,
    ) -> Json:
        """Changes a run's name, notes (Markdown), tags or archive; what is not given stays."""
        edit = AnnotationEdit(
            name=name,
            notes=notes,
            add_tags=tuple(add_tags or ()),
            remove_tags=tuple(remove_tags or ()),
            archived=archived,
        )
        queue.annotate(self._store, run, edit, actor=machine_owner(self._settings))
        found = self._store.runs.get(run)
        return {**summarize(found), **found.annotation.to_dict()}

    def keep_model(self, run: str, name: str, notes: str = "") -> Json:
        """Keeps the model of a run that has ended under a name, as its next version.

        Args:
            run: its id.
            name: of the model, new or one that there is.
            notes: free text.
        """
        return keep_model(self._store, run, name, actor=machine_owner(self._settings), notes=notes).to_dict()

    def stage_model(self, model: str, stage: str) -> Json:
        """Moves a version to a stage; what was in production before it is archived.

        Args:
            model: `name@2`; without a version the newest one.
            stage: none, staging, production or archived.
        """
        return set_stage(self._store, model, stage, actor=machine_owner(self._settings)).to_dict()

    def search(self, spec: str, name: str | None = None) -> Json:
        """Starts a search for hyperparameters and returns at once; show_study tells how far it is.

        Args:
            spec: YAML or JSON: `experiment`, `space` and `search`, as in examples/search.yaml.
            name: of the study.
        """
        wanted = SearchSpec.from_dict(read_text(spec))
        study = studies.start(self._store, wanted, owner=self._settings.owner, name=name)
        queue.ensure_worker(self._settings, self._store)
        return describe_study(self._store, study)

    def stop_study(self, study: str) -> Json:
        """Stops a search; its trials stay."""
        found = self._store.studies.named(study)
        studies.stop(self._store, found.id, actor=machine_owner(self._settings))
        queue.ensure_worker(self._settings, self._store)
        return describe_study(self._store, found)
