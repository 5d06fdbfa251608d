"""Where the zeros of ids stay hidden, as Keras passes masks on."""

import pytest

from dlcore.design.keras_import.masks import Masks
from dlcore.spec import ModelSpec

LSTM, SEQUENCE = {"kind": "LSTM", "units": 2}, {"kind": "LSTM", "units": 2, "return_sequences": True}


def layer(row):
    return ModelSpec.model_validate({"layers": [{**row, "name": "it"}]}).layers[0]


def mask_after(row, **hidden):
    """The mask of a layer whose sources have the given ones."""
    masks = Masks({source: ids for source, ids in hidden.items() if ids})
    masks.follow(layer(row), list(hidden))
    return masks.of.get("it")


@pytest.mark.parametrize(
    "row",
    [
        SEQUENCE,
        {"kind": "Bidirectional", "layer": SEQUENCE},
        {"kind": "Dropout"},
        {"kind": "LayerNormalization"},
    ],
)
def test_what_keeps_the_steps_keeps_their_mask(row):
    assert mask_after(row, words="ids") == "ids"
    assert mask_after(row, words=None) is None


@pytest.mark.parametrize(
    "row",
    [LSTM, {"kind": "Bidirectional", "layer": LSTM}, {"kind": "Flatten"}, {"kind": "GlobalAveragePooling1D"}],
)
def test_where_the_steps_end_the_mask_ends(row):
    assert mask_after(row, words="ids") is None


def test_an_embedding_hides_its_own_zeros_if_it_is_asked_to():
    assert mask_after({"kind": "Embedding", "output_dim": 4, "mask_zero": True}, ids=None) == "ids"
    assert mask_after({"kind": "Embedding", "output_dim": 4}, ids=None) is None


def test_a_sum_keeps_the_mask_that_both_have():
    assert mask_after({"kind": "Add"}, left="ids", right="ids") == "ids"
    assert mask_after({"kind": "Add"}, left="ids", right="others") is None
    assert mask_after({"kind": "Add"}, left="ids", right=None) is None


def test_attention_keeps_the_mask_of_what_asks():
    row = {"kind": "MultiHeadAttention", "num_heads": 1, "key_dim": 2}

    assert mask_after(row, query="ids", value="others") == "ids"
    assert mask_after(row, query=None, value="others") is None
