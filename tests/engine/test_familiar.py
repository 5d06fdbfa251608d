"""What is usual to a model of digits tells noise and letters from digits."""

import keras
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dlcore.analysis.unlike import Familiar, energy
from dlcore.datasets import facts
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.familiar import learn_familiar
from dlcore.engine.explain.last_layer import penultimate
from dlcore.engine.explain.unlike import model_hash, open_familiar
from dlcore.engine.predictor import Predictor
from dlcore.records.artifacts import FAMILIAR_FILE
from dlcore.settings import Settings
from dlcore.store import Store
from tests.engine.trained import trained_run

pytestmark = pytest.mark.keras

STROKES = {
    "T": ["########", "########", "...##...", "...##...", "...##...", "...##...", "...##...", "...##..."],
    "H": ["##....##", "##....##", "##....##", "########", "########", "##....##", "##....##", "##....##"],
    "X": ["##....##", ".##..##.", "..####..", "...##...", "...##...", "..####..", ".##..##.", "##....##"],
}


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A run on digits, with what is usual to it in its folder."""
    home = tmp_path_factory.mktemp("digits")
    settings = Settings(home=home / "home", KERAS_HOME=home / "keras")
    store = Store.open(settings)
    run = trained_run(store, facts("digits", settings), epochs=4)
    folder = store.artifacts.folder(run.id)
    store.close()
    asked = AskedModel(folder, settings, lambda *told: None)
    told = []
    found, arrays = learn_familiar(asked, lambda *done: told.append(done))
    np.savez(folder / FAMILIAR_FILE, **arrays, model=model_hash(folder))
    assert told[-1][0] == told[-1][1] == found.samples + found.validated
    return asked, folder, settings


def seen_of(asked, pixels):
    """Returns features and logits of pictures of bytes."""
    given = (
        {"input": asked.how.values["input"][0](pixels)} if asked.how.values["input"] else {"input": pixels}
    )
    features = keras.Model(asked.network.inputs, asked.network.layers[-1].input).predict(
        given["input"], verbose=0
    )
    return features.reshape(len(pixels), -1), asked.outputs(given).numpy()


def called_unlike(familiar, features, logits):
    """Returns the share of samples that are called unlike those of the training."""
    pairs = zip(features[:, None], logits[:, None], strict=True)
    return np.mean([familiar.judge(one, its_logits).is_unlike for one, its_logits in pairs])


def strange():
    """100 pictures of noise, and 100 letters with noise."""
    rng = np.random.default_rng(0)
    letters = [
        np.array([[255.0 * (sign == "#") for sign in row] for row in rows]) for rows in STROKES.values()
    ]
    drawn = np.stack([letters[place % 3] for place in range(100)]) + rng.normal(0, 20, (100, 8, 8))
    return np.concatenate([rng.uniform(0, 255, (100, 8, 8)), drawn.clip(0, 255)])[..., None].astype(
        np.float32
    )


def test_noise_and_letters_are_further_from_any_digit_than_digits(learned):
    asked, folder, _settings = learned
    familiar, part = open_familiar(folder), asked.part("test")
    digits, logits = penultimate(asked, part, part.indices)
    others, their_logits = seen_of(asked, strange())
    truth = np.repeat([0, 1], [len(digits), len(others)])
    distances = np.concatenate([familiar.distances(digits), familiar.distances(others)])
    assert roc_auc_score(truth, distances) > 0.9
    energies = np.concatenate([energy(logits), energy(their_logits)])
    assert roc_auc_score(truth, energies) > 0.7
    # The limits are those of the validation part: of the test part, nearly as few are called unlike.
    assert called_unlike(familiar, digits, logits) < 0.1
    validation = asked.part("validation")
    assert 0.02 < called_unlike(familiar, *penultimate(asked, validation, validation.indices)) <= 0.051
    assert called_unlike(familiar, others, their_logits) > 0.5


def test_the_predictor_says_it_of_a_new_sample_by_the_same_numbers(learned):
    asked, folder, settings = learned
    pixels = strange()[:1]
    features, logits = seen_of(asked, np.rint(pixels).astype(np.uint8).astype(np.float32))
    expected = open_familiar(folder).judge(features, logits)
    predictions, _seen, unlike = Predictor.open(folder, settings).look(np.rint(pixels[0]).astype(np.uint8))
    assert unlike.is_unlike and len(predictions) == 1
    assert unlike.distance == pytest.approx(expected.distance, rel=1e-3)
    assert unlike.energy == pytest.approx(expected.energy, rel=1e-3)


def test_what_is_usual_to_another_model_is_not_taken(learned, tmp_path):
    _asked, folder, _settings = learned
    (tmp_path / "model.keras").write_bytes(b"another")
    assert open_familiar(tmp_path) is None
    (tmp_path / FAMILIAR_FILE).write_bytes((folder / FAMILIAR_FILE).read_bytes())
    assert open_familiar(tmp_path) is None
    # Not even an archive, and half of one.
    for left in (b"no arrays", (folder / FAMILIAR_FILE).read_bytes()[:200]):
        (tmp_path / FAMILIAR_FILE).write_bytes(left)
        assert open_familiar(tmp_path) is None
    assert isinstance(open_familiar(folder), Familiar)
