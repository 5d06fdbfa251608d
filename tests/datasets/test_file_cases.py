"""Small archives and arrays that were once misread, where they are at hand."""

import pytest

from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.samples import stored_samples
from dlcore.errors import DatasetError
from tests.conftest import ROOT

from .makers import stored

CASES = ROOT.parent / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"needs the cases, and {CASES} is absent")


@pytest.mark.parametrize(
    ("name", "classes", "sizes", "refused"),
    [
        ("c04_training_set_twice.zip", ("cats", "dogs"), (24, 0, 10), set()),
        ("c06_images_labels_csv.zip", ("cat", "dog"), (20, 0, 0), {"labels.csv"}),
        ("c09_gbk_names.zip", ("苹果Z", "香蕉Z"), (24, 0, 0), set()),
        ("c30b_all_mp3.zip", ("high", "low"), (16, 0, 0), set()),
        ("c31c_onehot.npz", ("0", "1", "2"), (80, 0, 0), set()),
        ("c31g_medmnist.npz", ("0", "1", "2"), (40, 10, 10), set()),
        ("c60_class_first.zip", ("cat", "dog"), (16, 0, 8), set()),
        ("c62_stray_docs.zip", ("cat", "dog"), (16, 0, 8), {"docs/sample.png"}),
    ],
)
def test_a_file_is_read_as_its_owner_means_it(name, classes, sizes, refused, settings):
    kept = stored(CASES / name, settings)
    facts = kept.facts
    assert facts.classes == classes
    assert (facts.train_size, facts.validation_size, facts.test_size) == sizes
    assert {one.name for one in kept.refused} == refused


def test_pictures_of_every_kind_are_taken_or_refused_by_name(settings):
    kept = stored(CASES / "c07_image_zoo.zip", settings)
    names = kept.frame["name"].tolist()
    assert {"a/img.jfif", "a/noext", "a/gray16.png", "a/gray12in16.tif"} <= set(names)
    known = stored_samples(kept)
    assert int(known.read(names.index("a/gray12in16.tif")).max()) == 4081 >> 4
    assert int(known.read(names.index("a/gray16.png")).max()) == 65523 >> 8
    assert {"a/float.tif", "a/trunc.jpg", "a/empty.png", "a/draw.svg"} <= {one.name for one in kept.refused}


def test_arrays_with_nan_are_refused_or_repaired_as_it_is_said(settings):
    path = CASES / "c31i_nan.npz"
    assert inspect(path, settings).has_non_finite
    with pytest.raises(DatasetError, match="NaN or infinite"):
        stored(path, settings)
    assert stored(path, settings, non_finite="mean").facts.size == 80
    assert stored(path, settings, non_finite="refuse").facts.size < 80
