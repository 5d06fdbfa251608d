"""Small tables: two that come with scikit-learn, and two that are computed."""

from __future__ import annotations

import csv
import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

from dlcore.errors import N_, DatasetError

_CELL = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
         "concave points", "symmetry", "fractal dimension")  # fmt: skip
_PATIENT = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


def sklearn_file(name: str) -> Path:
    """Returns where a data file of scikit-learn lies, without importing it (1.5 s, measured).

    Raises:
        DatasetError: scikit-learn is not installed, or no longer has it.
    """
    package = importlib.util.find_spec("sklearn")
    for place in (package.submodule_search_locations or ()) if package else ():
        path = Path(place) / "datasets" / "data" / name
        if path.is_file():
            return path
    raise DatasetError(
        N_("scikit-learn has no such file."), hint=N_("Install the packages again."), where=name
    )


def breast_cancer() -> pd.DataFrame:
    """569 tumours: 30 measurements, and whether each was benign or malignant."""
    with sklearn_file("breast_cancer.csv").open(newline="", encoding="utf-8") as file:
        (_rows, _columns, *classes), *rows = csv.reader(file)
    names = [*(f"mean {name}" for name in _CELL), *(f"{name} error" for name in _CELL),
             *(f"worst {name}" for name in _CELL)]  # fmt: skip
    values = np.array([row[:-1] for row in rows], np.float64)
    return pd.DataFrame(values, columns=names).assign(target=[classes[int(row[-1])] for row in rows])


def diabetes() -> pd.DataFrame:
    """442 patients: ten measurements, and how the disease progressed within a year."""
    columns = []
    for name in ("diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"):
        with gzip.open(sklearn_file(name), "rt", encoding="ascii") as file:
            columns.append(np.loadtxt(file))
    return pd.DataFrame(columns[0], columns=list(_PATIENT)).assign(target=columns[1])


def sine(rows: int = 2_000, noise: float = 0.5) -> pd.DataFrame:
    """Returns an hourly wave of two days on a rising line, with noise."""
    hours = np.arange(rows)
    wave = 5 * np.sin(2 * np.pi * hours / 48) + 0.01 * hours
    times = pd.date_range("2024-01-01", periods=rows, freq="h").astype(str)
    return pd.DataFrame({"time": times, "value": wave + np.random.default_rng(0).normal(0, noise, rows)})


def ratings(users: int = 400, items: int = 300, rank: int = 3, noise: float = 0.5) -> pd.DataFrame:
    """Three ratings in ten of all pairs, made of three factors a user and an item, with noise."""
    generator = np.random.default_rng(0)
    taste, style = generator.normal(size=(users, rank)), generator.normal(size=(items, rank))
    user, item = np.nonzero(generator.random((users, items)) < 0.3)
    match = 3.5 + 0.5 * (taste[user] * style[item]).sum(axis=1)
    rating = match + generator.normal(0, noise, len(user))
    return pd.DataFrame({"user": user, "item": item, "rating": rating.round(3)})
