"""Which template a network comes from."""

from __future__ import annotations

from dlcore.design.templates import templates_of
from dlcore.errors import SpecError
from dlcore.spec.checks import prepared_facts
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.model import ModelSpec
from dlcore.spec.preprocessing import signature

CUSTOM = "custom"
"""Stands for the template of a network that is none's."""


def template_of(spec: ExperimentSpec, facts: DatasetFacts) -> str:
    """Returns the name of the template whose network an experiment has, else `custom`.

    It is found by the layers, so that it is true of an imported file, too: the same network, else the same
    kinds of layers in the same order, whatever their sizes.
    """
    try:
        data = signature(prepared_facts(spec, facts), spec.preprocessing)
        built = {one.name: one.build(data) for one in templates_of(facts)}
    except SpecError:  # what the model sees is not known: a message beside the steps says why
        return CUSTOM
    same = [name for name, model in built.items() if model == spec.model]
    alike = [name for name, model in built.items() if _kinds(model) == _kinds(spec.model)]
    return next(iter(same or alike), CUSTOM)


def _kinds(model: ModelSpec) -> list[str]:
    return [layer.kind for layer in model.layers]
