"""The user's own data: inspected, corrected, then stored. Nothing in it is ever executed or unpacked.

What is imported here reads no file. `intake` and the readers that it calls are imported only by processes
that have limits, and by the command line for its own examples.
"""

from dlcore.datasets.ingest.proposal import (
    NOTHING,
    Choices,
    DatasetNotes,
    Doubt,
    Proposal,
    SourceForm,
    checked_name,
    slug,
)
from dlcore.datasets.ingest.roots import allowed_folder

__all__ = [
    "NOTHING",
    "Choices",
    "DatasetNotes",
    "Doubt",
    "Proposal",
    "SourceForm",
    "allowed_folder",
    "checked_name",
    "slug",
]
