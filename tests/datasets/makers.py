"""Small files and datasets of every kind, made on the spot."""

import datetime
import io
import wave
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.loader import open_samples
from dlcore.datasets.uploads import new_upload
from dlcore.spec.experiment import DatasetSpec


def png(pixels):
    buffer = io.BytesIO()
    array = np.asarray(pixels, np.uint8)
    Image.fromarray(array[..., 0] if array.ndim == 3 and array.shape[-1] == 1 else array).save(buffer, "PNG")
    return buffer.getvalue()


def wav(samples, rate=8000):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.asarray(samples) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def stored(path, settings, **choices):
    """The file as a dataset called `it`."""
    return ingest(path, settings, Choices(name="it", **choices), owner="me")


def samples(settings, name="it"):
    return open_samples(DatasetSpec(name=name), settings)


def colours(path, count=6, side=8):
    """Reddish and greenish squares, in a folder each, and what is no image between them."""
    rng = np.random.default_rng(0)
    files = {}
    for label, channel in (("red", 0), ("green", 1)):
        for number in range(count):
            pixels = rng.integers(0, 60, (side, side, 3))
            pixels[..., channel] += 150
            files[f"all/{label}/{number}.png"] = png(pixels)
    return zipped(path, files)


def cats(path, *others):
    """Three pictures of each class."""
    files = {
        f"{label}/{n}.png": png(np.full((4, 4, 3), 40 * n)) for label in ("cat", *others) for n in range(3)
    }
    return zipped(path, files)


def people(path):
    rows = [
        ("age", "city", "income", "bought"),
        (20, "Rome", 1000, "no"),
        (30, "Oslo", 2000, "yes"),
        (40, "Rome", "", "no"),
        (50, "", 4000, "yes"),
        (60, "Bonn", 5000, "yes"),
        (70, "Oslo", 6000, "no"),
    ]
    path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    return path


def wave_series(path, rows=60):
    times = pd.date_range("2024-01-01", periods=rows, freq="D").astype(str)
    pd.DataFrame({"day": times, "load": np.arange(rows) * 1.0, "value": np.arange(rows) * 10.0}).to_csv(
        path, index=False
    )
    return path


def old_series(path, rows=60):
    """Days of the year 1600, which nanoseconds cannot tell."""
    days = [datetime.date(1600, 1, 1) + datetime.timedelta(days=row) for row in range(rows)]
    lines = [f"{day.isoformat()},{row}" for row, day in enumerate(days)]
    path.write_text("day,load\n" + "\n".join(lines) + "\n")
    return path


def panel(path, rows=20):
    """Two shops' values a day, the rows of both in turn: one counts from 0, the other from 100."""
    days = pd.date_range("2024-01-01", periods=rows, freq="D").astype(str)
    lines = [
        f"{day},{shop},{level},{place + level}"
        for place, day in enumerate(days)
        for shop, level in (("a", 0), ("b", 100))
    ]
    path.write_text("\n".join(["day,shop,level,value", *lines]) + "\n")
    return path


def whole_series(path, count=60, classes=3):
    """Waves of two channels; a class is a pitch, and each begins anywhere."""
    rng = np.random.default_rng(0)
    y = np.arange(count) % classes
    time = np.arange(40) + rng.uniform(0, 40, (count, 1))
    wave = np.sin(time * (0.3 + 0.3 * y[:, None]))
    x = np.stack([wave, 100 + 10 * rng.normal(size=wave.shape)], axis=-1)
    np.savez(path, x=x.astype(np.float32), y=np.array(["low", "middle", "high"])[y])
    return path


def some_ratings(path):
    rows = ["user,item,rating"] + [f"u{u},i{i},{1 + (u + i) % 5}" for u in range(6) for i in range(5)]
    path.write_text("\n".join([*rows, "rare,i0,3"]) + "\n")
    return path


def shops(path, rows=200):
    """A table with a small and a large column of categories."""
    rng = np.random.default_rng(0)
    pd.DataFrame(
        {
            "visits": rng.normal(100, 20, rows).round(1),
            "size": rng.choice(["small", "middle", "large"], rows),
            "city": [f"city {number % 40}" for number in range(rows)],
            "open": rng.choice(["yes", "no"], rows),
        }
    ).to_csv(path, index=False)
    return path


def arrived(settings, name, content, *, owner):
    """A file that has been sent whole, as the routes leave it."""
    upload = new_upload(settings, owner=owner).begin(name, len(content), 1, settings)
    upload.content.write_bytes(content)
    return upload.sealed()
