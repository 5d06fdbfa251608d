"""The untouched proposal for real files, beside the better of two models of scikit-learn and what needs no learning."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import pytest

from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.records import Evaluation
from dlcore.records.verdict import chance
from dlcore.settings import Settings
from dlcore.spec.metrics import higher_is_better, judging_metric
from tests.acceptance.own_files import FILES

pytestmark = [pytest.mark.keras, pytest.mark.acceptance, pytest.mark.timeout(3600)]

SEEDS = (0, 1)

PAR = 0.05
"""Errors that are larger by no more than this share are on a par; shares, if chance explains their difference."""

ON_A_PAR = 0.8
"""The share of the files on which the proposal should be on a par with, or better than, the better fitted model."""


@dataclass(frozen=True)
class Outcome:
    """The means over the seeds.

    Attributes:
        metric: what is compared.
        ours: of the network.
        fitted: of the better of the fitted models; None where none fits the task.
        plain: of the best that needs no learning.
        samples: in the test part.
        seconds: that training took.
    """

    metric: str
    ours: float
    fitted: float | None
    plain: float
    samples: int
    seconds: float

    def reaches(self, other: float | None) -> bool:
        """Returns whether ours is on a par with another value, or better."""
        if other is None:
            return True
        if higher_is_better(self.metric):
            return self.ours >= other - chance(self.ours, other, self.samples)
        return self.ours <= (1 + PAR) * other


def outcome(name: str, folder: Path) -> Outcome:
    file = FILES[name]
    settings = Settings(home=folder / "home")
    kept = ingest(file.fetch(folder), settings, file.choices(name), owner="local")
    found, began = [], time.monotonic()
    for seed in SEEDS:
        run = folder / f"run{seed}"
        run.mkdir()
        train(proposal(kept.facts).with_values({"seed": seed}), MemoryHandle(run), settings=settings)
        found.append(Evaluation.from_dict(json.loads((run / "evaluation.json").read_text())))
    metric = judging_metric(found[0].baselines[0].metrics)
    assert metric is not None
    best = max if higher_is_better(metric) else min

    def mean_of_best(*, fitted: bool) -> float | None:
        values = [[b.metrics[metric] for b in one.baselines if b.fitted is fitted] for one in found]
        return fmean(map(best, values)) if all(values) else None

    plain = mean_of_best(fitted=False)
    assert plain is not None
    samples = sum(score.support for score in found[0].scores)
    ours = fmean(one.metrics[metric] for one in found)
    return Outcome(metric, ours, mean_of_best(fitted=True), plain, samples, time.monotonic() - began)


def test_what_is_proposed_is_on_a_par_with_scikit_learn(tmp_path: Path) -> None:
    outcomes = {}
    for name in FILES:
        folder = tmp_path / name
        folder.mkdir()
        one = outcomes[name] = outcome(name, folder)
        fitted = "–" if one.fitted is None else f"{one.fitted:.4g}"
        marks = "" if one.reaches(one.fitted) else "  below the fitted"
        marks += "" if one.reaches(one.plain) else "  BELOW WHAT NEEDS NO LEARNING"
        print(
            f"\n{name:16} {one.metric:8} {one.ours:8.4g}  fitted {fitted:>8}  plain {one.plain:8.4g}  "
            f"{one.seconds:4.0f} s{marks}",
            end="",
            flush=True,
        )
    reached = [one for one in outcomes.values() if one.reaches(one.fitted)]
    worse = ", ".join(name for name, one in outcomes.items() if not one.reaches(one.plain))
    print(
        f"\non a par or better: {len(reached)} of {len(outcomes)}; worse than what needs no learning: {worse or 'none'}"
    )
    assert len(reached) >= ON_A_PAR * len(outcomes)
