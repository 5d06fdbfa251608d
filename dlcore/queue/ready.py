"""Ready-made experiments: each is trained with one call, most of them without a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlcore.datasets import CATALOGUE, DatasetFacts, facts, is_available
from dlcore.datasets.ingest.examples import EXAMPLE_SETS, example_file
from dlcore.datasets.stored import stored_names
from dlcore.design.templates import proposal
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec

EXAMPLE_DATASET = "digits"


@dataclass(frozen=True)
class ReadyExperiment:
    """One of them.

    Attributes:
        name: appears in URLs.
        title, summary: for display; translatable templates.
        dataset: built in, or one of the examples, which is stored when it is first needed.
        values: what differs from what is proposed for such data.
    """

    name: str
    title: str
    summary: str
    dataset: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def needs_download(self, settings: Settings) -> bool:
        """Returns whether its data has to be downloaded first."""
        return self.dataset in CATALOGUE and not is_available(self.dataset, settings)

    def spec(self, known: DatasetFacts) -> ExperimentSpec:
        """Returns what is trained, on data of which this is known."""
        return proposal(known).with_values(dict(self.values))

    def prepared(self, settings: Settings, *, owner: str) -> ExperimentSpec:
        """Returns what is trained, with its data stored in a moment if it is an example that is not there.

        Raises:
            DlcoreError: there is no room, or the name of the data is taken by data that does not fit.
        """
        entry = EXAMPLE_SETS.get(self.dataset)
        if entry and self.dataset not in stored_names(settings):
            # Not before it is needed: a dashboard that reads no file of its own does not load the readers.
            from dlcore.datasets.ingest.intake import ingest

            with example_file(entry) as path:
                return self.spec(ingest(path, settings, entry.choices, owner=owner).facts)
        known = facts(self.dataset, settings)
        if entry and (known.kind, known.task) != (entry.choices.kind, entry.choices.task):
            raise DatasetError(
                N_("other data has the name that this example's data needs."),
                hint=N_("Store that under another name, and remove it here."),
                where=self.dataset,
            )
        return self.spec(known)


_CHARACTERS = {"kind": "TextVectorization", "split": "character", "standardize": "none",
               "max_tokens": 200, "output_sequence_length": 32}  # fmt: skip

READY: dict[str, ReadyExperiment] = {
    one.name: one
    for one in (
        ReadyExperiment(
            "digits-cnn",
            N_("Read handwritten digits"),
            N_("1,797 small scans, a network of convolutions."),
            EXAMPLE_DATASET,
        ),
        ReadyExperiment(
            "mnist-cnn",
            N_("Read digits: MNIST"),
            N_("70,000 scans, the same kind of network: the classic among examples."),
            "mnist",
            {"training.epochs": 3},
        ),
        ReadyExperiment(
            "language-of-words",
            N_("Which language is it?"),
            N_("6,900 names in ten languages, filters over their letters."),
            "words",
            {"preprocessing": [_CHARACTERS]},
        ),
        ReadyExperiment(
            "instruments",
            N_("Which instrument plays?"),
            N_("360 short sounds, a network that looks at their spectrograms."),
            "sounds",
        ),
        ReadyExperiment(
            "tumours",
            N_("Benign or malignant?"),
            N_("A table of 569 tumours and 30 measurements, two dense layers."),
            "breast_cancer",
        ),
    )
}


def example() -> ExperimentSpec:
    """Returns what a first visit offers: the first CNN, on a dataset that is always there."""
    return READY["digits-cnn"].spec(CATALOGUE.get(EXAMPLE_DATASET).facts)
