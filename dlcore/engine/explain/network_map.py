"""A map of samples by what the last layer of a network sees of them: what it takes for alike lies together."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from dlcore.datasets.parts import Array, Indices, Part
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.drawn import drawn_evenly
from dlcore.engine.explain.last_layer import Floats, Tell, penultimate
from dlcore.records.network_maps import MOST_SAMPLES, MapMethod, NetworkMap
from dlcore.spec.data import Task

COMPONENTS = 50
"""What a sample's numbers become before neighbours are looked for."""
SEED = 0
PERPLEXITY = 30


def network_map(
    asked: AskedModel, part_name: str, method: MapMethod, tell: Tell
) -> tuple[NetworkMap, dict[str, Array]]:
    """Returns where each sample of a part lies, with the arrays of `MAP_FILE`.

    PCA (Pearson, 1901) keeps distances as far as two directions can, t-SNE (van der Maaten and Hinton, 2008) keeps
    neighbours: distances between its clusters mean nothing. Both are the same each time.

    Args:
        asked: the model with its dataset.
        part_name: `test` or `validation`.
        method: how many numbers become two.
        tell: is told how many samples are done.
    """
    part = asked.part(part_name)
    places = drawn_evenly(part.indices, MOST_SAMPLES)
    seen, outputs = penultimate(asked, part, places, tell)
    points, explained = _flattened(seen, method)
    count = len(places)
    true, said = _labels(asked, part, places, outputs)
    found = NetworkMap(
        method=method,
        part=part_name,
        samples=count,
        total=len(part),
        classes=asked.how.facts.classes if asked.task.single_label else (),
        explained=explained,
    )
    rows = part.rows[places] if len(part.rows) else places
    return found, {"points": points, "rows": rows.astype(np.int64), "true": true, "predicted": said}


def _flattened(seen: Floats, method: MapMethod) -> tuple[Floats, float | None]:
    """(samples, 2) and, of PCA, which share of the variance the two directions explain."""
    count, numbers = seen.shape
    if min(count, numbers) < 3:  # nothing to bring down
        points = np.zeros((count, 2), np.float32)
        points[:, : min(2, numbers)] = seen[:, :2]
        return points, 1.0 if method is MapMethod.PCA else None
    wanted = 2 if method is MapMethod.PCA else min(COMPONENTS, count, numbers)
    pca = PCA(wanted, svd_solver="randomized" if wanted < min(count, numbers) else "full", random_state=SEED)
    components = pca.fit_transform(seen)
    if method is MapMethod.PCA:
        return components.astype(np.float32), float(pca.explained_variance_ratio_.sum())
    perplexity = min(PERPLEXITY, max(1, (count - 1) // 3))
    found = TSNE(2, perplexity=perplexity, init="pca", random_state=SEED).fit_transform(components)
    return found.astype(np.float32), None


def _labels(asked: AskedModel, part: Part, places: Indices, outputs: Floats) -> tuple[Array, Array]:
    """Returns the right answers and those of the network: class numbers, else the first number of each."""
    true = part.y[places]
    if not asked.task.single_label:
        return true.reshape(len(places), -1)[:, 0].astype(np.float32), outputs[:, 0].astype(np.float32)
    said = outputs[:, 0] > 0 if asked.task is Task.BINARY else outputs.argmax(axis=1)
    return true.astype(np.int64), said.astype(np.int64)
