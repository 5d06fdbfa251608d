"""Requests about a search: start, pause, resume, stop, change, add, prune, retry, mark, delete.

Each checks the actor. The driver, which lives in the supervisor, does it within a moment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb
from dlcore.design.recognition import template_of
from dlcore.errors import N_, SpecError, StateError
from dlcore.queue.budgets import Account
from dlcore.queue.checks import check_actor
from dlcore.queue.library import Library
from dlcore.queue.registry import refuse_if_kept
from dlcore.queue.sources import source_path
from dlcore.records import UNFINISHED_STATES, Study, StudyAction, StudyState, Trial, TrialState
from dlcore.search.dimensions import Label
from dlcore.search.space import Space
from dlcore.search.spec import SearchSpec, check_search
from dlcore.spec import ExperimentSpec
from dlcore.spec.word_vectors import vectors_problem
from dlcore.store import Store

CHANGES = ("parallel", "max_trials", "max_seconds", "target")
"""What can be changed while a study runs, by its name in the options."""


def start(
    store: Store, spec: SearchSpec, *, owner: str, name: str | None = None, number: int | None = None
) -> Study:
    """Starts a search.

    Without a name, of its own or of the experiment, it gets the usual one: dataset, template and a number, the
    given one if that is free.

    Raises:
        SpecError: the experiment, the space or the options cannot be used.
        BudgetError: it is more than the owner may use, or the disk is nearly full.
    """
    library = Library.of(store)
    facts = library.facts_in(spec.experiment.dataset)
    check_search(spec, facts)
    experiment = spec.prepared()
    if (problem := vectors_problem(experiment, library.vectors_for(experiment))) is not None:
        raise problem
    if facts.version:
        # A study knows its data forever, whatever comes under the same name later.
        experiment = experiment.with_values({"dataset.version": facts.version})
    source = experiment.fine_tuning.source if experiment.fine_tuning else None
    if source is not None:
        source_path(store, source, owner=owner)
    options = spec.search
    Account.of(store).check_search(experiment, most_runs(spec))
    return store.studies.create(
        name=name or experiment.name,
        owner=owner,
        spec=spec.updated(experiment=experiment).to_dict(),
        dataset=facts.name,
        template=template_of(experiment, facts),
        metrics=spec.metrics(facts),
        directions=spec.directions(facts),
        parallel=options.parallel,
        max_trials=options.max_trials,
        max_seconds=options.max_seconds,
        target=options.target,
        number=number,
    )


def most_runs(spec: SearchSpec, more: int = 0) -> float:
    """Returns how many runs a search makes at most.

    Args:
        spec: of the search.
        more: trials that are added by hand.
    """
    most = spec.search.max_trials
    return math.inf if most is None else (most + more) * spec.search.seeds


def _check_budget(store: Store, study: Study, more: int = 0, **options: Any) -> None:
    """Checks that a study may go on.

    Args:
        store: where it is.
        study: which one.
        more: trials that are added by hand.
        **options: what is changed.

    Raises:
        BudgetError: it is more than the actor may use, or the disk is nearly full.
    """
    spec = SearchSpec.from_dict(study.spec)
    now = {"max_trials": study.max_trials, **options}
    changed = spec.updated(search=spec.search.updated(**now))
    Account.of(store).check_search(spec.experiment, most_runs(changed, more))


def space_of(store: Store, study: Study) -> Space:
    """Returns the space of a study.

    Raises:
        SpecError: its dataset is gone.
    """
    spec = SearchSpec.from_dict(study.spec)
    return check_search(spec, Library.of(store).facts_in(spec.experiment.dataset))


def experiment_of(store: Store, study: Study, trial: Trial) -> ExperimentSpec:
    """Returns the experiment of a trial, as a draft can begin with.

    Raises:
        SpecError: its parameters make none.
    """
    return space_of(store, study).experiment(trial.params).updated(name=f"{study.name} · {trial.number}")


def pause(store: Store, study_id: str, *, actor: Actor) -> None:
    """Lets running trials end, and starts no more."""
    study = _checked(store, study_id, Verb.STOP, actor)
    _require(study, study.state is StudyState.RUNNING, N_("only a running study can be paused."))
    store.studies.ask(study.id, StudyAction.PAUSE, {})


def resume(store: Store, study_id: str, *, actor: Actor) -> None:
    """Resumes a study that is paused, stopped or completed.

    Raises:
        StateError: it runs, or its budget is used up.
    """
    study = _checked(store, study_id, Verb.CHANGE, actor)
    _require(study, study.state is not StudyState.RUNNING, N_("the study is already running."))
    waiting = study.counts.get(TrialState.WAITING, 0) + study.counts.get(TrialState.RUNNING, 0)
    if study.max_trials is not None and study.finished >= study.max_trials and not waiting:
        raise StateError(
            N_("all trials are done ({count})."),
            hint=N_("Ask for more trials first."),
            where=study.id,
            count=study.max_trials,
        )
    _check_budget(store, study)
    store.studies.ask(study.id, StudyAction.RESUME, {})


def stop(store: Store, study_id: str, *, actor: Actor) -> None:
    """Stops a study and its running trials, which save where they are."""
    study = _checked(store, study_id, Verb.STOP, actor)
    ended = (StudyState.STOPPED, StudyState.COMPLETED)
    _require(study, study.state not in ended, N_("the study has already ended."))
    store.studies.ask(study.id, StudyAction.STOP, {})


def change(store: Store, study_id: str, *, actor: Actor, **values: Any) -> None:
    """Changes how much, how long and how many at once; see `CHANGES`.

    Raises:
        SpecError: a value that cannot be; its path is the option's name.
    """
    study = _checked(store, study_id, Verb.CHANGE, actor)
    options = SearchSpec.from_dict(study.spec).search.updated(**values)
    if options.target is not None and len(study.metrics) > 1:
        raise SpecError(N_("a target is for a search with one metric."), where="target")
    asked = {name: getattr(options, name) for name in values if name in CHANGES}
    _check_budget(store, study, **asked)
    store.studies.ask(study.id, StudyAction.SET, asked)


def add_trial(store: Store, study_id: str, params: Mapping[str, Label], *, actor: Actor) -> None:
    """Adds a trial with parameters made by hand; what is left out is chosen by the sampler.

    Raises:
        SpecError: a path that is no dimension, or a value beyond its range.
    """
    study = _checked(store, study_id, Verb.CHANGE, actor)
    _check_budget(store, study, more=1)
    store.studies.ask(study.id, StudyAction.ADD, {"params": space_of(store, study).fitting(params)})


def prune(store: Store, study_id: str, number: int, *, actor: Actor) -> None:
    """Prunes a running trial.

    Raises:
        StateError: it does not run.
    """
    study = _checked(store, study_id, Verb.STOP, actor)
    trial = store.studies.trial(study.id, number)
    _require(study, not trial.state.finished, N_("the trial has already ended."))
    store.studies.ask(study.id, StudyAction.PRUNE, {"number": number})


def retry(store: Store, study_id: str, numbers: Sequence[int] = (), *, actor: Actor) -> None:
    """Retries the parameters of failed trials, as new trials.

    Args:
        store: where the study is.
        study_id: which one.
        numbers: which of its trials; all that failed if there are none.
        actor: who asks.

    Raises:
        StateError: there is none that failed.
    """
    study = _checked(store, study_id, Verb.CHANGE, actor)
    failed = [trial.number for trial in store.studies.trials(study.id, state=TrialState.FAIL)]
    chosen = [number for number in numbers if number in failed] if numbers else failed
    _require(study, bool(chosen), N_("no trial has failed."))
    _check_budget(store, study)
    store.studies.ask(study.id, StudyAction.RETRY, {"numbers": chosen})


def mark(store: Store, study_id: str, number: int, *, bad: bool, actor: Actor) -> None:
    """Excludes the result of a trial, or includes it again."""
    study = _checked(store, study_id, Verb.CHANGE, actor)
    store.studies.trial(study.id, number)
    store.studies.ask(study.id, StudyAction.MARK, {"number": number, "bad": bad})


def delete(store: Store, study_id: str, *, actor: Actor) -> None:
    """Deletes a study that does not run, with all of its trials.

    Raises:
        StateError: it runs, or one of its trials does, or the model of one is kept.
    """
    study = _checked(store, study_id, Verb.DELETE, actor)
    working = store.whole.runs.count(study=study.id, states=UNFINISHED_STATES)
    still = study.state is not StudyState.RUNNING and not working
    _require(study, still, N_("the study is running."))
    refuse_if_kept(
        store.registry.of_study(study.id), N_("Remove it from the models first."), where=study.name
    )
    store.studies.ask(study.id, StudyAction.DELETE, {})


def _checked(store: Store, study_id: str, verb: Verb, actor: Actor) -> Study:
    study = store.studies.get(study_id)
    check_actor(store, verb, Kind.STUDY, study_id, study.owner, actor=actor, where=study.name)
    return study


def _require(study: Study, holds: bool, template: str) -> None:
    if not holds:
        raise StateError(template, where=study.name)
