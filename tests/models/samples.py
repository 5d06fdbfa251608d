"""Keras configs and files made by hand, as Keras 3 writes them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

KERNEL = np.arange(8, dtype=np.float32).reshape(4, 2)
BIAS = np.array([1, 2], np.float32)


def layer(kind: str, **config: Any) -> dict[str, Any]:
    config.setdefault("name", kind.lower())
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def dense(**changed: Any) -> dict[str, Any]:
    return layer("Dense", **{"units": 2, "activation": "linear", "use_bias": True, **changed})


def sequential(*layers: dict[str, Any], shape: tuple[int, ...] = (2, 2, 1), **changed: Any) -> dict[str, Any]:
    first = layer("InputLayer", batch_shape=[None, *shape], dtype="float32", name="pixels")
    config = {"name": "net", "layers": [first, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config, **changed}


def small(**changed: Any) -> dict[str, Any]:
    """Flatten and a Dense layer of 10 weights on images of 2 × 2."""
    return sequential(layer("Flatten"), dense(**changed))


def tensor(name: str, *place: int) -> dict[str, Any]:
    history = [name, *(place or (0, 0))]
    return {"class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": history}}


def called(entry: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """An entry of a Functional model, called once."""
    node = {"args": list(args), "kwargs": kwargs}
    return {**entry, "name": entry["config"]["name"], "inbound_nodes": [node]}


def functional(*entries: dict[str, Any], output: Any, inputs: Any = ("pixels", 0, 0)) -> dict[str, Any]:
    first = layer("InputLayer", batch_shape=[None, 4], dtype="float32", name="pixels")
    config = {
        "name": "net",
        "layers": [{**first, "name": "pixels", "inbound_nodes": []}, *entries],
        "input_layers": list(inputs),
        "output_layers": output,
    }
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}


def weights(change: Any = None) -> bytes:
    """The weights of `small()`; `change` does something to the open file first."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_group("layers/flatten/vars")
        group = file.create_group("layers/dense/vars")
        group["0"], group["1"] = KERNEL, BIAS
        file.create_group("optimizer/vars")["0"] = np.int64(3)
        if change is not None:
            change(file)
    return stream.getvalue()


def keras_file(
    path: Path,
    config: Any = None,
    content: bytes | None = None,
    version: str = "3.15.1",
    **more: bytes,
) -> Path:
    """A `.keras` file; `more` are further parts, by name."""
    text = config if isinstance(config, (str, bytes)) else json.dumps(small() if config is None else config)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": "today"}))
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", weights() if content is None else content)
        for name, data in more.items():
            archive.writestr(name, data)
    return path
