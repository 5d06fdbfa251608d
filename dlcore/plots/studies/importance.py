"""Which parameters matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
import plotly.graph_objects as go
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

from dlcore.errors import N_, DlcoreError
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.plots.studies.axes import Distributions
from dlcore.plots.studies.goals import Floats, Goal, score_trials
from dlcore.plots.studies.labels import short_names
from dlcore.records import Trial
from dlcore.text import short_text

FEWEST_TRIALS = 20
"""The best tenth of fewer would be a single trial."""


@dataclass(frozen=True)
class ImportanceInfo:
    """How much each parameter decides whether a trial is among the best tenth.

    Attributes:
        paths: of the parameters, the most important first.
        names: their short names.
        shares: of all importance; together 1.
        trials: how many it was told from.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    shares: tuple[float, ...]
    trials: int


def importance_info(trials: Sequence[Trial], goal: Goal, distributions: Distributions) -> ImportanceInfo:
    """Returns the importance of the parameters by PED-ANOVA (Watanabe et al., 2023), as Optuna has it.

    It knows parameters that only some trials have, and takes 0.2 s for 6,000 trials of 6 parameters; there
    fANOVA leaves such parameters out and takes 180 s (0.7 s with 16 trees of depth 8).

    Args:
        trials: of the study, in any order; only those that count are used.
        goal: what they are judged by.
        distributions: of the parameters; others are left out.

    Raises:
        DlcoreError: there are too few trials, or they do not differ.
    """
    judged = score_trials((trial for trial in trials if trial.counts), goal)
    if len(judged.trials) < FEWEST_TRIALS:
        raise DlcoreError(
            N_("the importance of parameters needs at least {fewest} complete trials, there are {count}."),
            hint=N_("Wait for more trials."),
            fewest=FEWEST_TRIALS,
            count=len(judged.trials),
        )
    losses = judged.values * goal.sign
    params = [_within(trial, distributions) for trial in judged.trials]
    losses, params = _without_loners(losses, params)
    paths = sorted({path for one in params for path in one})
    # As many as Optuna compares with the rest: if all are alike, nothing can matter.
    cutoff = np.sort(losses)[int(np.ceil(0.1 * len(losses))) - 1] if len(losses) else np.nan
    if not paths or not (losses > cutoff).any():
        raise DlcoreError(
            N_("the trials do not differ in '{goal}', so nothing can be said about what matters."),
            hint=N_("Choose another value."),
            goal=goal.title,
        )
    shares = _ped_anova(losses, params, distributions)
    order = sorted(shares, key=lambda path: (-shares[path], path))
    names = short_names({**dict.fromkeys(distributions), **dict.fromkeys(paths)})
    return ImportanceInfo(
        tuple(order), tuple(names[p] for p in order), tuple(shares[p] for p in order), len(params)
    )


def _within(trial: Trial, distributions: Distributions) -> dict[str, Any]:
    """Returns the parameters of a trial whose values their distributions can have."""
    return {
        path: value
        for path, value in trial.params.items()
        if path in distributions and _fits(distributions[path], value)
    }


def _fits(distribution: BaseDistribution, value: Any) -> bool:
    if isinstance(distribution, CategoricalDistribution):
        return value in distribution.choices
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    return isinstance(value, (int, float)) and distribution.low <= value <= distribution.high


def _without_loners(losses: Floats, params: list[dict[str, Any]]) -> tuple[Floats, list[dict[str, Any]]]:
    """Leaves out what Optuna warns about: a parameter that only one trial has, or only one lacks."""
    while True:
        having: dict[str, int] = {}
        for one in params:
            for path in one:
                having[path] = having.get(path, 0) + 1
        once = {path for path, count in having.items() if count == 1}
        almost = {path for path, count in having.items() if count == len(params) - 1}
        if not once and not almost:
            return losses, params
        params = [{path: value for path, value in one.items() if path not in once} for one in params]
        kept = [place for place, one in enumerate(params) if almost - once <= one.keys()]
        losses, params = losses[kept], [params[place] for place in kept]


def _ped_anova(
    losses: Floats, params: Sequence[Mapping[str, Any]], distributions: Distributions
) -> dict[str, float]:
    # Imported when first needed: it brings scikit-learn, which takes 1.1 s.
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    study = in_memory_study(losses, params, distributions)
    found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    return {path: float(share) for path, share in found.items()}


def in_memory_study(
    losses: Floats, params: Sequence[Mapping[str, Any]], distributions: Distributions
) -> optuna.Study:
    """Returns an Optuna study of complete trials that minimises; 0.25 s for 6,000 trials of 6 parameters.

    Args:
        losses: one per trial.
        params: of each trial; all within their distributions.
        distributions: of all parameters.
    """
    # Else Optuna says on the console that it has made a study.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = InMemoryStorage()
    name = "trials"
    key = storage.create_new_study([StudyDirection.MINIMIZE], name)
    for number, (loss, given) in enumerate(zip(losses, params, strict=True)):
        trial = FrozenTrial(
            number=number,
            state=optuna.trial.TrialState.COMPLETE,
            value=float(loss),
            datetime_start=None,
            datetime_complete=None,
            params=dict(given),
            distributions={path: distributions[path] for path in given},
            user_attrs={},
            system_attrs={},
            intermediate_values={},
            trial_id=number,
        )
        storage.create_new_trial(key, template_trial=trial)
    return optuna.load_study(study_name=name, storage=storage)


def importance_figure(info: ImportanceInfo, *, most: int = 15, translate: Translate = str) -> go.Figure:
    """Draws one bar per parameter, the most important on top.

    Args:
        info: what is drawn.
        most: parameters that are shown.
        translate: for the texts.
    """
    shares = np.array(info.shares[:most])
    trace = go.Bar(
        x=shares,
        y=np.arange(len(shares)),
        orientation="h",
        text=[f"{share:.0%}" if share >= 0.01 else "&lt;1%" for share in shares.tolist()],
        textposition="outside",
        cliponaxis=False,
        customdata=[figure_text(path) for path in info.paths[:most]],
        hovertemplate="%{customdata}: %{x:.1%}<extra></extra>",
    )
    return figure(
        [trace],
        height=70 + 32 * max(len(shares), 2),
        bargap=0.35,
        xaxis=value_axis(
            translate(N_("Share of the importance")),
            tickformat=".0%",
            range=[0, float(shares.max(initial=0)) * 1.15 or 1.0],
            zeroline=False,
        ),
        yaxis=value_axis(
            "",
            tickmode="array",
            tickvals=list(range(len(shares))),
            ticktext=[figure_text(short_text(name, 26)) for name in info.names[:most]],
            range=[len(shares) - 0.5, -0.5],
            showgrid=False,
            zeroline=False,
        ),
    )
