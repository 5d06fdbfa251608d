"""Models to start from, and what each kind of data starts with."""

from __future__ import annotations

from dlcore.design.templates.base import Template
from dlcore.design.templates.images import IMAGE_TEMPLATES
from dlcore.design.templates.proposals import cleaning_for, first_template, steps_for, training_for
from dlcore.design.templates.reconstruction import RECONSTRUCTION_TEMPLATES
from dlcore.design.templates.sequences import SEQUENCE_TEMPLATES
from dlcore.design.templates.series import SERIES_TEMPLATES
from dlcore.design.templates.signals import SIGNAL_TEMPLATES
from dlcore.design.templates.tables import TABLE_TEMPLATES
from dlcore.design.templates.volumes import VOLUME_TEMPLATES
from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.checks import prepared_facts
from dlcore.spec.data import DataKind, DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Shape
from dlcore.spec.preprocessing import signature
from dlcore.spec.preprocessing.base import ANY_KIND

__all__ = ["TEMPLATES", "Template", "proposal", "template", "templates_for", "templates_of"]

TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        *SEQUENCE_TEMPLATES,
        *SERIES_TEMPLATES,
        *SIGNAL_TEMPLATES,
        *RECONSTRUCTION_TEMPLATES,
        *TABLE_TEMPLATES,
        *VOLUME_TEMPLATES,
        *IMAGE_TEMPLATES,
        Template(
            "empty", N_("Empty"), N_("Start from nothing."), ANY_KIND, lambda data: [], reconstructs=None
        ),
    )
}


def template(name: str) -> Template:
    """Returns the template of that name.

    Raises:
        SpecError: there is no such name; lists the closest matches.
    """
    if name not in TEMPLATES:
        raise unknown_name(N_("template"), name, TEMPLATES)
    return TEMPLATES[name]


def templates_for(kind: DataKind, shape: Shape | None = None, task: Task | None = None) -> list[Template]:
    """Returns the templates that fit a kind of data, the one it starts with first.

    Args:
        kind: of the data.
        shape: of one sample, if it is an array.
        task: what is asked for; None: no reconstruction.
    """
    return [one for one in TEMPLATES.values() if one.fits(kind, shape, task)]


def templates_of(facts: DatasetFacts) -> list[Template]:
    """Returns the templates that fit a dataset, the one it starts with first."""
    return templates_for(facts.kind, facts.input_shape, facts.task)


def proposal(facts: DatasetFacts, template_name: str | None = None) -> ExperimentSpec:
    """Returns an experiment that does well on a dataset without a change: its steps, its model, its training.

    Args:
        facts: of the dataset.
        template_name: the model to start from; by default the first that fits the data.

    Raises:
        SpecError: there is no such template, or it does not fit the data.
    """
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": facts.name, "version": facts.version, "cleaning": cleaning_for(facts)},
            "preprocessing": steps_for(facts),
            **training_for(facts),
        }
    )
    chosen = template(template_name or first_template(facts))
    if not chosen.fits(facts.kind, facts.input_shape, facts.task):
        raise SpecError(
            N_("the template {template} is not for this kind of data."),
            hint=N_("Choose among: {fitting}."),
            where="template",
            template=chosen.name,
            fitting=", ".join(one.name for one in templates_of(facts)),
        )
    return spec.updated(model=chosen.build(signature(prepared_facts(spec, facts), spec.preprocessing)))
