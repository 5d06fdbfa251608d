"""Word vectors that do not fit are said before anything is trained, with what to do."""

import pytest

from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check, report
from dlcore.spec.data import DataKind, DatasetFacts, Task
from dlcore.spec.word_vectors import with_vectors


def facts(name, kind, shape=None):
    return DatasetFacts(
        name=name, title=name, description="", task=Task.BINARY, input_shape=shape, classes=("no", "yes"),
        train_size=80, test_size=20, licence="", source="", citation="", kind=kind,
    )  # fmt: skip


FACTS = facts("mails", DataKind.TEXT)
WORDS = {"kind": "TextVectorization", "max_tokens": 50, "output_sequence_length": 8}


def spec(embedding=None, *, step=WORDS, before=()):
    layers = [
        *before,
        {"kind": "Embedding", "name": "words", "output_dim": 4, "vectors": "glove", **(embedding or {})},
        {"kind": "Flatten"},
        {"kind": "Dense"},
    ]
    return ExperimentSpec.from_dict(
        {"dataset": {"name": "mails"}, "preprocessing": [step], "model": {"layers": layers}}
    )


def problem(found, known=None):
    said = report(found, FACTS, known).problem
    return "" if said is None else str(said)


def test_vectors_of_the_right_length_fit_a_layer_of_words():
    check(spec(), FACTS, {"glove": 4})
    assert [(index, layer.name) for index, layer in with_vectors(spec().model)] == [(0, "words")]


def test_characters_are_words_too():
    check(spec(step={**WORDS, "split": "character"}), FACTS, {"glove": 4})


def test_without_vectors_nothing_is_looked_up():
    assert problem(spec({"vectors": ""}), {}) == ""
    assert list(with_vectors(spec({"vectors": ""}).model)) == []


def test_what_is_stored_need_not_be_known():
    assert problem(spec(), None) == ""


def test_a_name_that_is_not_stored_lists_those_that_are():
    assert problem(spec(), {"wiki": 4, "news": 4}) == (
        "model.layers[0].vectors: there are no word vectors 'glove'. "
        "Stored: news, wiki. Add a file on the page Network, or with `vectors add`."
    )


def test_a_layer_that_takes_weights_from_elsewhere_needs_no_vectors():
    tuned = spec().updated(fine_tuning={"source": {"kind": "FromRun", "run": "a1"}})
    assert problem(tuned, {}) == ""


def test_another_length_says_the_right_one():
    assert problem(spec(), {"glove": 100}) == (
        "model.layers[0].output_dim: the word vectors 'glove' have the length 100, and output_dim is 4. "
        "Set output_dim to 100, or choose other vectors."
    )


@pytest.mark.parametrize(
    "found",
    [
        spec({"input_dim": 9}, step={**WORDS, "output_mode": "multi_hot"}),
        spec({"input_dim": 9}, before=({"kind": "Reshape", "target_shape": [8]},)),
    ],
    ids=["counts", "another layer"],
)
def test_vectors_are_for_ids_of_words_alone(found):
    said = [problem(found, known) for known in (None, {"glove": 4})]
    assert all(
        one.startswith("model.layers[") and ".vectors: word vectors are for the words" in one for one in said
    )


def test_vectors_have_no_place_among_numbers():
    layers = ["Flatten", {"kind": "Embedding", "input_dim": 9, "vectors": "glove"}, "Flatten", "Dense"]
    found = ExperimentSpec.from_dict({"dataset": {"name": "sheets"}, "model": {"layers": layers}})
    said = report(found, facts("sheets", DataKind.ARRAY, (8, 8, 1))).problem
    assert str(said).startswith("model.layers[1].vectors: word vectors are for the words of a text")
