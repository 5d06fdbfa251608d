"""A `.keras` file from anybody: the model in it, or a refusal that says why, and nothing else."""

import errno
import io
import json
import os
import pickle
import random
import struct
import zipfile

import h5py
import numpy as np
import pytest

from dlcore.access.actors import Actor
from dlcore.errors import DatasetError, DlcoreError, NotFoundError, SpecError
from dlcore.models import model_ids, remove, stored_model, stored_models
from dlcore.models.keras_file import extract_weights, read_model_file
from dlcore.models.storing import store_model
from dlcore.models.weights import read_weights
from tests.models.samples import BIAS, KERNEL, dense, keras_file, layer, sequential, small, weights


def refusal(path, read=read_model_file):
    with pytest.raises(SpecError) as caught:
        read(path)
    assert caught.value.message.hint
    return str(caught.value)


def arrays_of(path):
    return read_weights(path, read_model_file(path))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.keras"


def test_the_weights_are_those_of_the_layers(path):
    arrays = arrays_of(keras_file(path))

    assert list(arrays) == ["dense"]
    np.testing.assert_array_equal(arrays["dense"][0], KERNEL)
    np.testing.assert_array_equal(arrays["dense"][1], BIAS)


def test_a_json_config_is_a_model_without_weights(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(small()))

    assert [one.kind for one in read_model_file(path).model.layers] == ["Flatten", "Dense"]
    assert "damaged or is not a `.keras` file" in refusal(path, lambda p: read_weights(p, read_model_file(p)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "neither a `.keras` file nor a JSON config"),
        (b"PK\x03\x04", "damaged"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "this HDF5 file is damaged"),
        (b"\x08\x01\x12\x00", "a SavedModel of TensorFlow, which holds a program"),
        (pickle.dumps({"a": 1}), "neither a `.keras` file"),
        (b"\x1f\x8b" + bytes(50), "neither a `.keras` file"),
        (b"{]", "is not JSON"),
    ],
)
def test_another_sort_of_file_is_refused_by_its_content(path, content, message):
    path.write_bytes(content)

    assert message in refusal(path)


def hdf5(path, config=None, **attributes):
    with h5py.File(path, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
        file.attrs.update(attributes)
    return path


OLD = {
    "class_name": "Sequential",
    "config": {
        "name": "old",
        "layers": [
            {
                "class_name": "Dense",
                "config": {
                    "name": "d",
                    "units": 2,
                    "activation": "linear",
                    "batch_input_shape": [None, 4],
                    "trainable": True,
                },
            }
        ],
    },
}


def test_the_layers_of_an_hdf5_file_are_read_and_its_weights_are_not(path):
    imported = read_model_file(hdf5(path, OLD))

    assert [(one.kind, one.units) for one in imported.model.layers] == [("Dense", 2)]
    assert [note.template for note in imported.notes] == [
        "the weights of Keras' old HDF5 format are not read."
    ]
    assert "the weights of Keras' old HDF5 format are not read. Load it in Keras 3" in refusal(
        path, arrays_of
    )


ONLY_WEIGHTS = (
    "only weights, and not the layers that they belong to. Build the model in Keras, load the file with"
)


def test_weights_alone_are_refused_with_the_way_out(path):
    assert ONLY_WEIGHTS in refusal(hdf5(path, layer_names=["dense"]))
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.zeros((4, 2), np.float32)
    assert ONLY_WEIGHTS in refusal(path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "this HDF5 file holds no model. Choose a `.keras` file"),
        ({**OLD, "class_name": "Net"}, "was written by Keras 2, or by hand"),
        (
            {"class_name": "Sequential", "config": {"name": "net", "layers": [dense()]}},
            "does not contain the input shape",
        ),
    ],
    ids=range(3),
)
def test_an_hdf5_file_without_a_model_is_refused(path, config, message):
    assert message in refusal(hdf5(path, config))


def test_a_saved_model_is_refused_with_the_way_out(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/saved_model.pb", b"x")

    assert "a SavedModel of TensorFlow, which holds a program and no layers. Load it where" in refusal(path)


def test_a_file_that_was_cut_off_is_refused_wherever_it_was_cut(path):
    whole = keras_file(path).read_bytes()
    for length in range(4, len(whole), len(whole) // 60):
        path.write_bytes(whole[:length])
        assert "damaged" in refusal(path, arrays_of)


def test_an_absent_file_is_said_to_be_so(tmp_path):
    with pytest.raises(DatasetError, match="No such file"):
        read_model_file(tmp_path / "none.keras")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../b", "a\\b"])
def test_a_part_that_would_lie_elsewhere_is_refused(path, name):
    assert "an entry that does not belong in a `.keras` file" in refusal(keras_file(path, **{name: b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_part_that_is_there_twice_is_refused(path):
    assert "an entry that does not belong in a `.keras` file" in refusal(
        keras_file(path, **{"config.json": b"{}"})
    )


def test_too_many_parts_are_refused(path):
    assert "more than 1000 parts" in refusal(keras_file(path, **{f"a{n}": b"" for n in range(1001)}))


def test_a_file_of_keras_2_is_refused(path):
    assert "written by Keras 2" in refusal(keras_file(path, version="2.15.0"))


@pytest.mark.parametrize("absent", ["config.json", "metadata.json", "model.weights.h5"])
def test_a_part_that_is_missing_is_named(path, absent):
    keras_file(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != absent}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)

    assert f"the file has no {absent}" in refusal(path, arrays_of)


def test_a_bomb_is_refused_before_it_is_unpacked(path):
    keras_file(path, content=b"")
    with zipfile.ZipFile(path) as archive:
        config, metadata = archive.read("config.json"), archive.read("metadata.json")
    for bomb, size in (("config.json", 20_000_000), ("model.weights.h5", 60_000_000)):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("metadata.json", metadata)
            archive.writestr("config.json", bytes(size) if bomb == "config.json" else config)
            archive.writestr("model.weights.h5", bytes(size))
        assert path.stat().st_size < 200_000
        assert f"{bomb} is larger than such a model can need" in refusal(path, arrays_of)


def test_a_part_that_is_larger_than_it_says_is_refused(path, tmp_path):
    keras_file(path)
    imported = read_model_file(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["model.weights.h5"] = bytes(9_000_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    lie = path.read_bytes().replace(struct.pack("<L", 9_000_000), struct.pack("<L", 900))
    path.write_bytes(lie)

    with pytest.raises(SpecError, match="damaged"):
        extract_weights(path, imported, tmp_path / "weights.h5")


def test_an_encrypted_part_is_refused(path):
    data = bytearray(keras_file(path).read_bytes())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 8] |= 1
        place += 1
    path.write_bytes(data)

    assert "damaged" in refusal(path)


def replaced(name, value):
    def change(file):
        del file[name]
        if value is not None:
            file[name] = value

    return change


def filtered(file):
    del file["layers/dense/vars/0"]
    file.create_dataset("layers/dense/vars/0", data=KERNEL, compression="gzip")


def virtual(file):
    del file["layers/dense/vars/0"]
    layout = h5py.VirtualLayout((4, 2), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4, 2))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


def outside(file):
    del file["layers/dense/vars/0"]
    file.create_dataset("layers/dense/vars/0", (4, 2), "f4", external=[("/etc/passwd", 0, 32)])


def endless(file):
    file["layers/dense/cell"] = file["layers/dense"]


DENSE = "layers/dense"
STRANGE = "dense: its weights are missing or not in the format of Keras 3"
WEIGHTS = [
    (replaced(f"{DENSE}/vars/0", h5py.ExternalLink("/etc/passwd", "/x")), STRANGE),
    (replaced(f"{DENSE}/vars/0", h5py.SoftLink("/layers/dense/vars/1")), STRANGE),
    (replaced(f"{DENSE}/vars", h5py.SoftLink("/optimizer/vars")), STRANGE),
    (replaced(DENSE, h5py.SoftLink("/layers/flatten")), STRANGE),
    (replaced("layers", h5py.ExternalLink("/etc/passwd", "/")), STRANGE),
    (replaced(DENSE, None), STRANGE),
    (replaced(DENSE, KERNEL), STRANGE),
    (replaced(f"{DENSE}/vars/0", None), STRANGE),
    (replaced(f"{DENSE}/vars", KERNEL), STRANGE),
    (replaced(f"{DENSE}/vars/0", KERNEL.astype(np.int32)), STRANGE),
    (replaced(f"{DENSE}/vars/0", np.array([["a"] * 2] * 4, "S8")), STRANGE),
    (replaced(f"{DENSE}/vars/0", KERNEL[:3]), "dense: wrong number of weights: expected 10, got 8"),
    (replaced(f"{DENSE}/vars/1", None), "dense: wrong number of weights: expected 10, got 8"),
    (replaced(f"{DENSE}/vars/0", np.float64(1e300) * np.ones((4, 2))), "dense: has weights that are not finite"),
    (replaced(f"{DENSE}/vars/0", KERNEL * np.float32("nan")), "dense: has weights that are not finite"),
    (filtered, STRANGE),
    (virtual, STRANGE),
    (outside, STRANGE),
    (endless, STRANGE),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WEIGHTS, ids=[str(number) for number in range(len(WEIGHTS))])
def test_weights_that_are_no_plain_arrays_of_their_layer_are_refused(path, change, message):
    assert message in refusal(keras_file(path, content=weights(change)), arrays_of)


def test_weights_of_another_layer_size_are_refused(path):
    wrong = keras_file(path, small(units=3))

    assert "dense: wrong number of weights: expected 15, got 10" in refusal(wrong, arrays_of)


def test_the_weights_of_a_model_without_a_known_input_are_refused(path):
    config = small()
    del config["config"]["layers"][0]

    assert "does not contain the input shape" in refusal(keras_file(path, config), arrays_of)


@pytest.mark.parametrize(
    "mistake", [KeyError("kernel"), ValueError("a bug"), RuntimeError("a bug")], ids=repr
)
@pytest.mark.parametrize("place", ["keras_file.import_json", "weights._group"])
def test_a_bug_of_ours_while_a_file_is_read_is_not_called_damage(path, monkeypatch, mistake, place):
    def fail(*arguments):
        raise mistake

    monkeypatch.setattr(f"dlcore.models.{place}", fail)
    with pytest.raises(type(mistake)) as caught:
        arrays_of(keras_file(path))
    assert caught.value is mistake


def test_a_disk_that_is_full_while_weights_are_unpacked_is_named(path, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dlcore.models.keras_file.shutil.copyfileobj", full)
    with pytest.raises(DatasetError, match="No space left on device"):
        arrays_of(keras_file(path))


# What is kept.


def test_a_model_is_kept_under_the_hash_of_its_content_found_and_removed(path, settings):
    kept = store_model(keras_file(path), settings, name="Mine", owner="ann")

    assert stored_models(settings) == [kept]
    assert stored_model(kept.id, settings) == kept
    assert (kept.name, kept.owner, kept.parameters) == ("Mine", "ann", 10)
    assert (kept.inputs, kept.outputs) == ({"input": (2, 2, 1)}, (2,))
    assert kept.model == read_model_file(path).model
    assert kept.report.parameters.total == 10
    assert kept.path.read_bytes() == path.read_bytes()
    assert sorted(file.name for file in kept.folder.iterdir()) == [
        "config.json",
        "manifest.json",
        "model.keras",
    ]

    with pytest.raises(NotFoundError):
        remove(kept.id, settings, actor=Actor("eve"))
    remove(kept.id, settings, actor=Actor("ann"))

    assert list(settings.models_dir.iterdir()) == []
    with pytest.raises(NotFoundError):
        stored_model(kept.id, settings)


def test_the_same_file_is_kept_once_for_each_owner(path, settings):
    first = store_model(keras_file(path), settings, name="Mine", owner="ann")

    assert store_model(path, settings, name="Again", owner="ann") == first
    of_bob = store_model(path, settings, name="Again", owner="bob")
    assert (of_bob.owner, of_bob.name, len(of_bob.id)) == ("bob", "Again", 32)
    assert of_bob.id != first.id
    assert len(list(settings.models_dir.iterdir())) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 99, b'{"format": 1}', b'{"format": 9, "name": "Mine"}'],
    ids=["empty", "zeros", "cut", "newer"],
)
def test_a_damaged_manifest_is_named_spares_the_others_and_heals_with_the_same_file(path, settings, content):
    damaged = store_model(keras_file(path), settings, name="Mine", owner="ann")
    other = store_model(
        keras_file(path.with_name("b.keras"), more=b"more"), settings, name="Other", owner="ann"
    )
    (damaged.folder / "manifest.json").write_bytes(content)

    assert stored_models(settings) == [other]
    assert set(model_ids(settings)) == {damaged.id, other.id}
    with pytest.raises(NotFoundError, match=rf"'{damaged.id}' is damaged: .*\. Upload it again"):
        stored_model(damaged.id, settings)

    assert store_model(path, settings, name="Mine", owner="ann").id == damaged.id
    assert len(stored_models(settings)) == 2


@pytest.mark.parametrize("change", [lambda text: text.replace("Dense", "Danse"), lambda text: text[:20]])
def test_damaged_layers_are_named_and_heal_with_the_same_file(path, settings, change):
    kept = store_model(keras_file(path), settings, name="Mine", owner="ann")
    text = (kept.folder / "config.json").read_text()
    (kept.folder / "config.json").write_text(change(text))

    with pytest.raises(NotFoundError, match=rf"'{kept.id}' is damaged: config.json.*\. Upload it again"):
        _ = stored_model(kept.id, settings).report

    store_model(path, settings, name="Mine", owner="ann")
    assert stored_model(kept.id, settings).model == read_model_file(path).model


def test_what_a_killed_process_has_left_is_removed_a_day_later(path, settings):
    left, busy = settings.models_dir / ".adding-old", settings.models_dir / ".adding-new"
    for folder in (left, busy):
        folder.mkdir(parents=True)
    os.utime(left, (0, 0))

    store_model(keras_file(path), settings, name="Mine", owner="ann")

    assert (left.exists(), busy.exists()) == (False, True)


@pytest.mark.parametrize("model_id", ["", "..", "0" * 12, "../store", "x" * 12])
def test_an_id_that_is_none_finds_nothing(settings, model_id):
    with pytest.raises(NotFoundError):
        stored_model(model_id, settings)


@pytest.mark.parametrize(
    ("config", "change"),
    [
        (sequential(layer("Lambda", function="x")), None),
        (sequential(dense(kernel_constraint={})), None),
        (None, virtual),
        (None, lambda file: file.__delitem__("layers")),
    ],
    ids=["lambda", "constraint", "virtual", "no weights"],
)
def test_a_model_that_is_refused_leaves_nothing(path, settings, config, change):
    keras_file(path, config, weights(change))

    with pytest.raises(SpecError):
        store_model(path, settings, name="Evil", owner="eve")

    assert list(settings.models_dir.iterdir()) == []


def test_a_changed_file_is_read_or_refused_in_a_sentence(path, tmp_path):
    """Bytes flipped anywhere in the zip; those of the config and the weights as well."""
    chance = random.Random(0)
    good = keras_file(path).read_bytes()
    for _ in range(400):
        data = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            read_model_file(io.BytesIO(bytes(data)))
        except DlcoreError as error:
            assert error.message.hint

    assert list(tmp_path.iterdir()) == [path]


def test_changed_weights_are_read_or_refused_in_a_sentence(path, tmp_path):
    chance = random.Random(0)
    good = weights()
    for _ in range(150):
        data = bytearray(good)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.choice([0, 255, chance.randrange(256)])
        try:
            arrays = arrays_of(keras_file(path, content=bytes(data)))
        except SpecError as error:
            assert error.message.hint
        else:
            assert [array.shape for array in arrays["dense"]] == [(4, 2), (2,)]

    assert list(tmp_path.iterdir()) == [path]
