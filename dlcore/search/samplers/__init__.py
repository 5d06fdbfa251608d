"""How the next parameters are chosen: Optuna's samplers, under its names and with its arguments."""

from dlcore.search.samplers.base import SAMPLERS, AnySampler, Sampler, SamplerTask
from dlcore.search.samplers.learning import (
    AutoSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIIISampler,
    NSGAIISampler,
    TPESampler,
)
from dlcore.search.samplers.plain import BruteForceSampler, GridSampler, QMCSampler, RandomSampler

__all__ = [
    "SAMPLERS",
    "AnySampler",
    "AutoSampler",
    "BruteForceSampler",
    "CmaEsSampler",
    "GPSampler",
    "GridSampler",
    "NSGAIIISampler",
    "NSGAIISampler",
    "QMCSampler",
    "RandomSampler",
    "Sampler",
    "SamplerTask",
    "TPESampler",
]
