"""What a preprocessing step is: its arguments, and what it makes of a sample."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_, Message, SpecError
from dlcore.spec.base import Kind, Registry
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.signature import Form, Signature, first_form, to_signature

ANY_KIND = frozenset(DataKind)


class Step(Kind):
    """One step of the preprocessing, in the order of the list.

    Two sorts: steps that make arrays (decode, resize, tokenize …) run once and are kept on the disk;
    steps on values (`ValueStep`) are numbers of the model's device and cost nothing to change.
    """

    namespace: ClassVar[str] = "layers"
    data_kinds: ClassVar[frozenset[DataKind]] = ANY_KIND
    """What it can be applied to."""

    def form(self, form: Form) -> Form:
        """Returns what a sample is after it.

        Raises:
            SpecError: it cannot follow what comes before; `where` is the field to fix.
        """
        return form


class ValueStep(Step):
    """A step on values: never changes a shape; what it learns, it learns from the training part."""

    def form(self, form: Form) -> Form:
        """Returns the same, from now on float values."""
        return replace(form, in_values=True, centered=False)


STEPS = Registry(N_("preprocessing step"), Step)

AnyStep = Annotated[SerializeAsAny[Step], BeforeValidator(STEPS.parse)]


def signature(facts: DatasetFacts, steps: Iterable[Step]) -> Signature:
    """Returns what a model sees of a dataset after these steps, without touching the data.

    Raises:
        SpecError: a step does not fit; its path starts at `preprocessing`.
    """
    return to_signature(form_after(facts, steps))


def form_after(facts: DatasetFacts, steps: Iterable[Step]) -> Form:
    """Returns what a sample is after these steps, which may not be the last ones."""
    form = first_form(facts)
    for index, step in enumerate(steps):
        where = f"preprocessing[{index}]"
        if facts.kind not in step.data_kinds:
            raise SpecError(
                N_("the step {kind} cannot be applied to this kind of data ({data})."),
                hint=N_("Remove it."),
                where=where,
                kind=step.kind,
                data=Message(facts.kind.value),
            )
        if form.in_values and not isinstance(step, ValueStep):
            raise SpecError(
                N_("{kind} must come before the steps that rescale values."),
                hint=N_("Move it up."),
                where=where,
                kind=step.kind,
            )
        try:
            form = step.form(form)
        except SpecError as error:
            raise error.under(where) from None
    return form
