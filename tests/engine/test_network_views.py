"""A map of samples, what layers give, and what a column is worth: each against another way of finding it."""

import keras
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from dlcore.engine.explain.activations import layer_views
from dlcore.engine.explain.drawn import drawn_evenly
from dlcore.engine.explain.importance import importance
from dlcore.engine.explain.last_layer import penultimate
from dlcore.engine.explain.network_map import network_map
from dlcore.engine.explain.subject import Subject
from dlcore.records.network_maps import LayerViews, MapMethod, NetworkMap
from tests.engine import planted

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return planted.pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return planted.table(tmp_path_factory.mktemp("table"))


def untold(done, total):
    """Nobody is told."""


def test_what_the_last_layer_takes_is_what_keras_gives_before_it(pictures, table):
    for run, before in ((pictures, "global_average_pooling2d"), (table, "dense")):
        part = run.asked.data.test
        seen, outputs = penultimate(run.asked, part, part.indices)
        model = keras.saving.load_model(run.folder / "model.keras", compile=False)
        given = run.asked.prepared(part, part.indices)
        given = given if len(given) > 1 else next(iter(given.values()))
        up_to = keras.Model(model.inputs, model.get_layer(before).output).predict(given, verbose=0)
        np.testing.assert_allclose(seen, up_to, atol=1e-4)
        assert outputs.shape == (len(part), 1)


@pytest.mark.parametrize("method", list(MapMethod))
def test_what_the_network_tells_apart_lies_apart_and_each_time_alike(pictures, method):
    found, arrays = network_map(pictures.asked, "test", method, untold)
    assert NetworkMap.from_dict(found.to_dict()) == found
    assert (found.samples, found.total) == (48, 48) and set(found.classes) == {"with", "without"}
    assert sorted(arrays["rows"]) == sorted(pictures.rows())
    assert (arrays["true"] == arrays["predicted"]).mean() > 0.9
    near = KNeighborsClassifier(3).fit(arrays["points"], arrays["predicted"])
    assert near.score(arrays["points"], arrays["predicted"]) > 0.9
    assert (found.explained is not None and 0.5 < found.explained <= 1) == (method is MapMethod.PCA)
    again = network_map(pictures.asked, "test", method, untold)[1]["points"]
    np.testing.assert_allclose(again, arrays["points"], atol=1e-3)


def test_of_very_many_samples_some_are_drawn_evenly():
    assert drawn_evenly(np.arange(100, 200), 5).tolist() == [100, 124, 149, 174, 199]
    assert drawn_evenly(np.arange(3), 5).tolist() == [0, 1, 2]


def test_what_layers_give_is_what_keras_says_and_filters_are_their_kernels(pictures):
    subject = Subject(pictures.asked, "test", pictures.rows()[0])
    views, arrays = layer_views(subject, "test")
    assert LayerViews.from_dict(views.to_dict()) == views
    assert [view.name for view in views.activations] == [
        "conv2d",
        "last",
        "global_average_pooling2d",
        "dense",
    ]
    model = keras.saving.load_model(pictures.folder / "model.keras", compile=False)
    maps = keras.Model(model.inputs, model.get_layer("last").output).predict(
        subject.given["input"], verbose=0
    )
    last = views.activations[1]
    assert (last.shape, last.count, last.kind) == ((16, 16, 8), 8, "Conv2D")
    np.testing.assert_allclose(arrays[last.key], np.moveaxis(maps[0], -1, 0), atol=1e-5)
    kernel = model.get_layer("conv2d").get_weights()[0]
    np.testing.assert_allclose(arrays[views.filters[0].key], np.moveaxis(kernel[:, :, 0], -1, 0), atol=1e-6)


def test_columns_that_tell_the_number_are_the_important_ones(table):
    found = importance(table.asked, untold)
    assert {row.column for row in found.rows[:2]} == {"telling", "size"}
    by_name = {row.column: row for row in found.rows}
    # Shuffled, `telling` errs by 0.5 · 10 · √2 ≈ 7.1, `size` by 4 in every second row: √(16 / 2) ≈ 2.8.
    assert by_name["telling"].mean == pytest.approx(7.1, abs=2) and by_name["size"].mean == pytest.approx(
        2.8, abs=1
    )
    assert abs(by_name["noise"].mean) < 0.5 and by_name["telling"].deviation > 0
    assert importance(table.asked, untold) == found
