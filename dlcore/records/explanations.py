"""What explains an answer of a model: numbers beside the sample, as jobs leave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dlcore.records.explanation_methods import Form

EXPLANATION_FILE = "explanation.npz"
"""`attribution`, by the form of the sample: (height, width), (words,), (columns,) or (steps, columns); and `sample`,
the picture, spectrogram or series itself, of words and columns nothing."""

ATTRIBUTION, SAMPLE = "attribution", "sample"


@dataclass(frozen=True)
class Explanation:
    """Why a model answers as it does for one sample; `EXPLANATION_FILE` has the arrays.

    Attributes:
        method: its name.
        form: what the sample is made of.
        part, sample: which; `sample` is its row in the dataset as it was stored.
        output: the class, label or target that is explained.
        score: what the model gives for it: log-odds of a class, a number of a target.
        answer: the probability of a class, a number of a target.
        is_class: whether it is a class or label.
        predicted: the class that is predicted; of numbers the target.
        truth: the right answer, in words.
        labels: the words, or the names of the columns.
        values: of a table, what stands in the columns.
        baseline_score: what the model gives for the sample that says nothing.
        total: of integrated gradients, the sum of all shares; it should be `score − baseline_score`.
        steps: points on the way that took.
        holds: whether it is so within 1 %; None for other methods.
        layer: of Grad-CAM, the layer whose maps are shown.
        layers: those that can be chosen.
        separator: what stands between two words in the text; nothing where they have their blanks.
        cut_at: after how many tokens a text goes on unseen by the model; 0 where it sees all of it.
        seconds: of a spectrogram, how much sound it shows; 0 where that is not known.
    """

    method: str
    form: Form
    part: str
    sample: int
    output: str
    score: float
    answer: float
    is_class: bool
    predicted: str
    truth: str
    labels: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    baseline_score: float | None = None
    total: float | None = None
    steps: int = 0
    holds: bool | None = None
    layer: str = ""
    layers: tuple[str, ...] = ()
    separator: str = " "
    cut_at: int = 0
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Explanation:
        """Restores what `to_dict` returned, also after a JSON round trip."""
        tuples = {name: tuple(map(str, data[name])) for name in ("labels", "values", "layers")}
        return cls(**{**data, **tuples, "form": Form(data["form"])})


@dataclass(frozen=True)
class ImportanceRow:
    """How much worse a model is where one column is shuffled.

    Attributes:
        column: its name.
        mean, deviation: of the fall of the accuracy, or the rise of the error, over the repetitions.
    """

    column: str
    mean: float
    deviation: float


@dataclass(frozen=True)
class Importance:
    """Permutation importance of each column, the most important first.

    Attributes:
        metric: what it is measured by: `accuracy` or `rmse`.
        value: of the samples as they are.
        samples: how many of the test part.
        repeats: how often each column was shuffled.
    """

    metric: str
    value: float
    samples: int
    repeats: int
    rows: tuple[ImportanceRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Importance:
        """Restores what `to_dict` returned."""
        return cls(**{**data, "rows": tuple(ImportanceRow(**row) for row in data["rows"])})
