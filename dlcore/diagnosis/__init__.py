"""What is wrong with a run, by its own numbers, and what helps: findings and remedies.

Pure: it knows neither store nor Keras nor Plotly. `dlcore.store.observing` gathers the numbers of a run.
"""

from dlcore.diagnosis.diagnosing import diagnose
from dlcore.diagnosis.findings import (
    RULES,
    SURENESS_TITLES,
    Bars,
    Evidence,
    Finding,
    Limits,
    Lines,
    Rule,
    Sureness,
    Symptom,
)
from dlcore.diagnosis.observation import Observation, Recording
from dlcore.diagnosis.remedies import REMEDIES, apply, describe, remedy

__all__ = [
    "REMEDIES",
    "RULES",
    "SURENESS_TITLES",
    "Bars",
    "Evidence",
    "Finding",
    "Limits",
    "Lines",
    "Observation",
    "Recording",
    "Rule",
    "Sureness",
    "Symptom",
    "apply",
    "describe",
    "diagnose",
    "remedy",
]
