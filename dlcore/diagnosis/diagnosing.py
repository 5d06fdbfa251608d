"""From the numbers of a run to what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from dlcore.diagnosis import fitting, flow, rates, trust
from dlcore.diagnosis.findings import RULES, Finding
from dlcore.diagnosis.observation import Observation
from dlcore.diagnosis.remedies import apply

__all__ = ["diagnose", "fitting", "flow", "rates", "trust"]


def diagnose(run: Observation, vectors: Mapping[str, int] | None = None) -> tuple[Finding, ...]:
    """Returns what is wrong with a run, the surest first; what follows from something else is not told.

    Args:
        run: its numbers.
        vectors: how many numbers a word has in the word vectors that are stored; None: not known.
    """
    seen = {kind: symptom for kind, rule in RULES.items() if (symptom := rule.look(run)) is not None}
    found = [
        Finding(
            RULES[kind],
            symptom,
            tuple(
                name for name in RULES[kind].remedies if apply(name, run.spec, run.facts, vectors) is not None
            ),
        )
        for kind, symptom in seen.items()
        if not RULES[kind].explained_by & set(seen)
    ]
    return tuple(sorted(found, key=lambda one: -one.sureness))
