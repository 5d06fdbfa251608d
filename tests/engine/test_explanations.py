"""Explanations of answers: they find what was planted, and are what their formulas say."""

import keras
import numpy as np
import pytest
from scipy.special import logsumexp

from dlcore.datasets import facts
from dlcore.datasets.loader import open_samples
from dlcore.datasets.prepare.saved import Preparation
from dlcore.design.templates import proposal
from dlcore.durable import write_json
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.explaining import Question, explain
from dlcore.engine.explain.grad_cam import grad_cam
from dlcore.engine.explain.subject import Subject
from dlcore.engine.explain.words import runs_of
from dlcore.errors import DatasetError, SpecError
from dlcore.records.artifacts import PREPARATION_FILE
from dlcore.records.explanation_methods import Baseline
from dlcore.records.explanations import ATTRIBUTION, SAMPLE
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec
from tests.engine import planted

pytestmark = pytest.mark.keras
L = keras.layers
BOTH = ["integrated_gradients", "occlusion"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return planted.pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return planted.texts(tmp_path_factory.mktemp("texts"))


@pytest.fixture(scope="module")
def characters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("characters")
    return planted.texts(folder, split="character", length=30, are_masked=False)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return planted.table(tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return planted.series(tmp_path_factory.mktemp("series"))


def explained(run, row, method, *, output="", **asked):
    subject = Subject(run.asked, "test", row, output)
    return explain(subject, "test", Question(method, **asked), run.settings)


@pytest.mark.parametrize("method", ["grad_cam", *BOTH])
def test_a_planted_patch_is_what_is_marked(pictures, method):
    yes = pictures.asked.names.index("with")
    rows = pictures.rows(yes)[:10]
    inside = 0
    for row in rows:
        found, arrays = explained(pictures, row, method)
        assert found.output == found.truth == "with" and arrays[SAMPLE].shape == (16, 16, 1)
        top, left = pictures.places[row]
        high, wide = np.unravel_index(arrays[ATTRIBUTION].argmax(), (16, 16))
        # A convolution looks one pixel, two of them two, beyond what they stand on.
        inside += top - 2 <= high < top + 6 and left - 2 <= wide < left + 6
    assert len(rows) == 10 and inside == 10


@pytest.mark.parametrize("method", BOTH)
def test_a_planted_word_is_what_is_marked(texts, method):
    for row in texts.rows()[:8]:
        found, arrays = explained(texts, row, method)
        assert len(found.labels) == len(arrays[ATTRIBUTION]) == 8
        assert found.labels[arrays[ATTRIBUTION].argmax()] == planted.TELLING[found.truth]


def test_a_planted_word_is_found_among_counts(tmp_path):
    run = planted.texts(tmp_path, mode="count")
    for method in BOTH:
        found, arrays = explained(run, run.rows()[0], method)
        assert found.labels[arrays[ATTRIBUTION].argmax()] == planted.TELLING[found.truth]


def test_what_stands_behind_the_end_of_a_text_has_no_share(tmp_path):
    """The network sees padding as it sees words, so the text is compared with an empty one."""
    run = planted.texts(tmp_path, are_masked=False)
    row = run.rows()[0]
    found, arrays = explained(run, row, "integrated_gradients")
    empty = run.asked.outputs({"input": np.zeros((1, 12), np.int32)}).numpy()[0, 0]
    said = empty if found.output == run.asked.names[1] else -empty
    assert found.baseline_score == pytest.approx(said, abs=1e-4)
    assert found.holds and arrays[ATTRIBUTION].sum() == pytest.approx(found.score - said, rel=0.01)


@pytest.mark.parametrize("method", BOTH)
def test_characters_are_explained_by_the_words_that_they_make(characters, method):
    samples = open_samples(DatasetSpec(name="it"), characters.settings)
    for row in characters.rows()[:3]:
        text = samples.texts.iloc[row].lower().replace("!", "")
        found, arrays = explained(characters, row, method)
        assert (found.separator, found.cut_at) == ("", 30) and "".join(found.labels) == text[:30]
        assert [label.strip() for label in found.labels] == text[:30].split()
        assert len(arrays[ATTRIBUTION]) == len(found.labels)
        if method == "integrated_gradients":
            difference = found.score - found.baseline_score
            assert arrays[ATTRIBUTION].sum() == pytest.approx(difference, rel=0.01, abs=1e-4)


def test_hiding_a_word_of_characters_hides_all_of_it(characters):
    """How far the answer falls if the letters of the first word, and the blank behind them, are taken out."""
    row = characters.rows()[0]
    found, arrays = explained(characters, row, "occlusion", output=characters.asked.names[1])
    subject = Subject(characters.asked, "test", row)
    ids, cut = subject.given["input"], np.zeros((1, 30), np.int32)
    size = len(found.labels[0])
    cut[0, : 30 - size] = ids[0, size:]
    full, less = (float(characters.asked.outputs({"input": one}).numpy()[0, 0]) for one in (ids, cut))
    assert arrays[ATTRIBUTION][0] == pytest.approx(full - less, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Call 0800 NOW!!! ok", ["Call ", "0800 ", "NOW", "!!! ", "ok"]),
        ("  a_b\n\nc", ["  ", "a", "_", "b\n\n", "c"]),
        ("你好,世界 hi", ["你", "好", ",", "世", "界 ", "hi"]),
        ("مرحبا بالعالم", ["مرحبا ", "بالعالم"]),
        ("", []),
    ],
)
def test_characters_make_words_numbers_and_runs_of_signs(text, words):
    assert [text[start:end] for start, end in runs_of(list(text))] == words


def test_what_is_unknown_counts_as_a_letter():
    assert list(runs_of(["a", "[UNK]", " ", "b"])) == [(0, 3), (3, 4)]


@pytest.mark.parametrize("method", BOTH)
def test_planted_columns_are_what_is_marked(table, method):
    """The price is half of `telling`, and 4 more where it is large: 0.5 · (telling − its median), and ±4 or nothing."""
    for row in table.rows()[:5]:
        found, arrays = explained(table, row, method)
        by_name = dict(zip(found.labels, arrays[ATTRIBUTION], strict=True))
        assert set(by_name) == {"noise", "telling", "size", "city"}
        value = float(dict(zip(found.labels, found.values, strict=True))["telling"])
        assert by_name["telling"] == pytest.approx(0.5 * (value - 50.3), abs=1.5)
        assert abs(by_name["noise"]) < 1 and abs(by_name["city"]) < 1
        assert min(abs(by_name["size"] - fall) for fall in (-4, 0, 4)) < 1


@pytest.mark.parametrize("method", BOTH)
def test_a_planted_step_of_a_series_is_what_is_marked(series, method):
    for row in series.rows()[:5]:
        found, arrays = explained(series, row, method)
        assert found.labels == ("early", "late", "load") and arrays[SAMPLE].shape == (6, 3)
        if abs(arrays[SAMPLE][2, 0]) > 0.3:  # the value itself, else there is nothing to mark
            step, column = np.unravel_index(np.abs(arrays[ATTRIBUTION]).argmax(), (6, 3))
            # Four rows before the one that is asked for is the third of the six.
            assert (step, found.labels[column]) == (2, "early")


@pytest.mark.parametrize("name", ["pictures", "texts", "table", "series"])
def test_the_shares_sum_to_the_difference_from_the_baseline(request, name):
    run = request.getfixturevalue(name)
    for row in run.rows()[:4]:
        found, arrays = explained(run, row, "integrated_gradients")
        difference = found.score - found.baseline_score
        assert found.holds and arrays[ATTRIBUTION].sum() == pytest.approx(difference, rel=0.01, abs=1e-4)


def test_the_score_of_the_baseline_is_that_of_a_black_picture(pictures):
    """Of two classes the model answers one probability or logit, that of the second."""
    row, name = pictures.rows()[0], pictures.asked.names[1]
    model = keras.saving.load_model(pictures.folder / "model.keras", compile=False)
    (step,) = pictures.asked.how.values["input"]
    said = float(model.predict(step(np.zeros((1, 16, 16, 1))), verbose=0)[0, 0])
    found, _ = explained(pictures, row, "integrated_gradients", output=name)
    assert found.baseline_score == pytest.approx(said, abs=1e-4)
    mean, _ = explained(pictures, row, "integrated_gradients", output=name, baseline=Baseline.MEAN)
    assert abs(mean.baseline_score - said) > 1e-3


def test_the_two_classes_have_opposite_log_odds_and_probabilities_that_sum_to_one(pictures):
    row = pictures.rows()[0]
    first, second = (explained(pictures, row, "occlusion", output=name)[0] for name in pictures.asked.names)
    assert first.score == pytest.approx(-second.score) and first.answer + second.answer == pytest.approx(1)
    assert first.answer == pytest.approx(1 / (1 + np.exp(-first.score)))


def test_grad_cam_is_what_the_weights_of_a_pooled_network_say(pictures):
    """Behind a mean over all places and a dense layer, ∂logit/∂A_k is w_k / places: no gradient has to be computed."""
    row, model = pictures.rows()[0], keras.saving.load_model(pictures.folder / "model.keras", compile=False)
    subject = Subject(pictures.asked, "test", row, pictures.asked.names[1])
    found, layer, layers = grad_cam(subject)
    assert layer == "last" and layers == ("conv2d", "last")
    maps = keras.Model(model.inputs, model.get_layer("last").output).predict(
        subject.given["input"], verbose=0
    )[0]
    weights = model.layers[-1].get_weights()[0][:, 0] / (16 * 16)
    np.testing.assert_allclose(found, np.maximum(maps @ weights, 0), atol=1e-6)


def a_run(folder, *inner):
    """A network with a backbone on digits, as a run leaves it, untrained."""
    keras.utils.set_random_seed(0)
    pixels = keras.Input((8, 8, 1))
    last = pixels
    for layer in inner:
        last = layer(last)
    core = keras.Model(pixels, last, name="core")
    given = keras.Input((8, 8, 1), name="input")
    outer = keras.Model(given, core(given), name="backbone")
    model = keras.Model(given, L.Dense(10)(L.Flatten()(outer(given))))
    model.save(folder / "model.keras")
    settings = Settings(home=folder)
    known = facts("digits", settings)
    how = Preparation(proposal(known), known, {}, {"cleaning": []}, {"input": ()})
    write_json(folder / PREPARATION_FILE, how.to_dict())
    return AskedModel(folder, settings, lambda *told: None), model


def test_maps_within_a_backbone_are_found_with_what_belongs_to_their_convolution(tmp_path):
    asked, model = a_run(
        tmp_path,
        L.Conv2D(3, 3, name="first"),
        L.Conv2D(4, 3, use_bias=False, name="second"),
        L.BatchNormalization(name="norm"),
        L.Activation("relu", name="active"),
        # Not the maximum: it has no gradient where several are equal, such as the zeros of dead units.
        L.AveragePooling2D(2, name="pool"),
    )
    subject = Subject(asked, "test", int(asked.data.test.own_rows[0]), "3")
    found, layer, layers = grad_cam(subject)
    assert layer == "backbone/core/active" and layers[-1] == "backbone/core/pool"
    # The same by Keras' own models: one up to the layer, the gradient of what comes behind it by small differences.
    core = model.get_layer("backbone").get_layer("core")
    maps = keras.Model(core.inputs, core.get_layer("active").output).predict(
        subject.given["input"], verbose=0
    )

    kernel, bias = (one.astype(np.float64) for one in model.layers[-1].get_weights())

    def log_odds(tensor):
        logits = core.get_layer("pool")(tensor).numpy().ravel() @ kernel + bias
        return logits[3] - logsumexp(np.delete(logits, 3))

    gradient = np.zeros_like(maps)
    for place in np.ndindex(*maps.shape):
        step = np.zeros_like(maps)
        step[place] = 1e-2
        gradient[place] = (log_odds(maps + step) - log_odds(maps - step)) / 2e-2
    expected = np.maximum((gradient.mean(axis=(0, 1, 2)) * maps[0]).sum(axis=-1), 0)
    np.testing.assert_allclose(found, expected, atol=3e-3 * expected.max() + 1e-5)
    assert grad_cam(subject, "backbone/core/first")[1] == "backbone/core/first"


def test_the_network_is_as_before_when_it_has_been_listened_to(pictures):
    row = pictures.rows()[0]
    before = explained(pictures, row, "grad_cam")[1][ATTRIBUTION]
    explained(pictures, row, "integrated_gradients")
    np.testing.assert_array_equal(explained(pictures, row, "grad_cam")[1][ATTRIBUTION], before)
    assert all("call" not in vars(layer) for layer in pictures.asked.network.layers)


def test_what_cannot_be_explained_is_said(pictures, texts):
    with pytest.raises(DatasetError, match=r"the test part has no sample 99999\. Name a sample by its row"):
        Subject(pictures.asked, "test", 99_999)
    row = pictures.rows()[0]
    with pytest.raises(SpecError, match="there is no class or target 'wiht'"):
        Subject(pictures.asked, "test", row, "wiht")
    with pytest.raises(SpecError, match="there is no part 'tset'"):
        Subject(pictures.asked, "tset", row)
    with pytest.raises(SpecError, match="there is no layer with maps 'lats'"):
        explained(pictures, row, "grad_cam", layer="lats")
    with pytest.raises(
        SpecError, match=r"does not suit .* Choose one of these: integrated_gradients, occlusion"
    ):
        explained(texts, texts.rows()[0], "grad_cam")
