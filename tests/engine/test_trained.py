"""What an export asks of a trained model before it is converted."""

import keras
import pytest

from dlcore.engine.trained import TrainedModel
from dlcore.settings import Settings

pytestmark = pytest.mark.keras
L = keras.layers


@pytest.mark.parametrize(
    ("layer", "loops"),
    [
        (L.LSTM(2), True),
        (L.Bidirectional(L.GRU(2)), True),
        (L.ConvLSTM1D(2, 2), True),
        (L.TimeDistributed(L.Dense(2)), False),
        (L.Conv1D(2, 2), False),
    ],
    ids=lambda one: getattr(one, "name", str(one)),
)
def test_a_network_that_goes_step_by_step_is_known(tmp_path, layer, loops):
    """TensorFlow's calibrator for int8 ends its process, without a word, at the state of such a layer."""
    shape = (4, 3, 1) if isinstance(layer, L.ConvLSTM1D) else (4, 3)
    inner = keras.Sequential([keras.Input(shape), layer])
    # Also within another model, as a backbone is.
    keras.Sequential([keras.Input(shape), inner, L.Flatten()]).save(tmp_path / "model.keras")
    found = TrainedModel(tmp_path, Settings(home=tmp_path), lambda *told: None)
    assert found.has_loops is loops
