"""New, raw samples made into what a run's model sees, by what its folder holds alone. No Keras."""

from dlcore.datasets.fresh.files import fresh_file
from dlcore.datasets.fresh.given import fresh_inputs
from dlcore.datasets.fresh.inputs import FreshInputs, joined_notes

__all__ = ["FreshInputs", "fresh_file", "fresh_inputs", "joined_notes"]
