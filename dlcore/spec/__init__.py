"""Specs: what to do, checked, hashed, stored and compared. No Keras, no I/O but spec files."""

from dlcore.spec.experiment import DatasetSpec, ExperimentSpec
from dlcore.spec.graph import GraphReport, infer
from dlcore.spec.model import ModelSpec
from dlcore.spec.training import TrainingSpec

__all__ = ["DatasetSpec", "ExperimentSpec", "GraphReport", "ModelSpec", "TrainingSpec", "infer"]
