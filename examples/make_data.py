"""Small tables for the examples, written as CSV: `python examples/make_data.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes


def breast_cancer() -> pd.DataFrame:
    """569 tumours: 30 measurements, and whether each was benign or malignant."""
    data = load_breast_cancer(as_frame=True)
    return data.frame.assign(target=[str(data.target_names[label]) for label in data.target])


def diabetes() -> pd.DataFrame:
    """442 patients: ten measurements, and how the disease went on within a year."""
    return load_diabetes(as_frame=True, scaled=False).frame


def sine(rows: int = 2_000, noise: float = 0.5) -> pd.DataFrame:
    """An hourly wave of two days on a rising line, with noise."""
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


TABLES = {"breast_cancer": breast_cancer, "diabetes": diabetes, "sine": sine, "ratings": ratings}


def main(folder: Path) -> None:
    """Writes all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in TABLES.items():
        make().to_csv(folder / f"{name}.csv", index=False)
        print(folder / f"{name}.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
