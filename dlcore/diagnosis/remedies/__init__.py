"""Remedies: changes of an experiment, each of which leads to one that can be run."""

from dlcore.diagnosis.remedies import data, layers, training
from dlcore.diagnosis.remedies.base import REMEDIES, Remedy, apply, describe, remedy

__all__ = ["REMEDIES", "Remedy", "apply", "data", "describe", "layers", "remedy", "training"]
