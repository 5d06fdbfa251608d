"""What recurrent layers remember, and what they start with."""

import pytest

from dlcore.spec.graph import infer
from dlcore.spec.model import ModelSpec

ENCODER = {"kind": "LSTM", "name": "encoder", "units": 5, "return_state": True}


def problem(*rows):
    found = infer(ModelSpec.model_validate({"layers": [*rows, "Flatten", "Dense"]}), (7, 2), 3).problem
    return found and str(found)


def test_the_memory_of_a_layer_has_as_many_numbers_as_it_has_units():
    rows = infer(
        ModelSpec(layers=({**ENCODER, "return_sequences": True}, {"kind": "State", "number": 1}, "Dense")),
        (7, 2),
        3,
    ).rows
    assert [row.output_shape for row in rows] == [(7, 5), (5,), (3,)]


@pytest.mark.parametrize(
    "rows",
    [
        [{**ENCODER, "return_state": False}, {"kind": "State"}],
        [{"kind": "GRU", "return_state": True}, {"kind": "State", "number": 1}],
        [{"kind": "Dense", "units": 4}, {"kind": "State"}],
        [{"kind": "State", "inputs": ["input"]}],
    ],
)
def test_only_a_layer_that_returns_it_has_a_memory_to_take(rows):
    assert "it takes the memory of a recurrent layer whose return_state is on" in problem(*rows)


def test_a_layer_starts_with_all_of_its_states_or_none():
    states = [{"kind": "State", "name": "h", "inputs": ["encoder"]}]
    states += [{"kind": "State", "name": "c", "number": 1, "inputs": ["encoder"]}]
    repeated = {"kind": "RepeatVector", "name": "again", "n": 2, "inputs": ["encoder"]}
    decoder = {"kind": "LSTM", "units": 5, "inputs": ["again", "h", "c"]}
    assert problem(ENCODER, *states, repeated, decoder) is None
    assert "wrong states to start with: expected (4,), (4,), got (5,), (5,)." in problem(
        ENCODER, *states, repeated, {**decoder, "units": 4}
    )
    assert "wrong states to start with: expected (5,), (5,), got (5,)." in problem(
        ENCODER, states[0], repeated, {**decoder, "inputs": ["again", "h"]}
    )


def test_a_layer_within_another_keeps_its_memory_to_itself():
    with pytest.raises(ValueError, match="a layer inside another one has no return_state of its own"):
        ModelSpec.model_validate(
            {"layers": [{"kind": "Bidirectional", "layer": {"kind": "GRU", "return_state": True}}]}
        )
