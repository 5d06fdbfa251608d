import time

import pytest

from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.reading import MAX_SPEC_BYTES, read_text


def refusal(text):
    with pytest.raises(SpecError) as caught:
        read_text(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: [1, 2.5, true, null, x]", {"a": [1, 2.5, True, None, "x"]}),
        ('{"a": 1e-3}', {"a": 0.001}),
        ('{\n\t"a": "b"\n}', {"a": "b"}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ("{a: b, c: [d]}", {"a": "b", "c": ["d"]}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 手写", {"a": "手写"}),
        ('a: "*x !y"', {"a": "*x !y"}),
        ("a: &unused 1", {"a": 1}),
        ("", None),
    ],
)
def test_json_and_yaml_are_read_as_data(text, data):
    assert read_text(text) == data


def test_a_number_without_a_point_in_yaml_is_still_a_learning_rate():
    # YAML 1.1 takes 1e-3 for text; a person means a number.
    text = "training: {optimizer: {kind: Adam, learning_rate: 1e-3}}"

    assert ExperimentSpec.from_text(text).training.optimizer.learning_rate == 0.001


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\nc: 3", 3),
        ("a: 1\nb: 'open", 2),
        ("a: b: c", 1),
        ("a: 1\n b: 2", 2),
        ("a: 1\nb: 2\nc: \x01", 3),
        ("a: 2001-99-99", 1),
        ("a: 0b_", 1),
        ("a: " + "9" * 5000, 1),
        ('{"a": ' + "9" * 5000 + "}", 1),
        ("a: 1\n---\nb: 2", 2),
        ("? [a]\n: b", 1),
    ],
)
def test_what_is_neither_yaml_nor_json_is_refused_with_the_line(text, line):
    assert refusal(text).startswith(f"this is not YAML or JSON; line {line} cannot be read. Check ")


def test_a_file_of_laughs_is_refused_before_it_grows():
    laughs = "a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )

    assert refusal(laughs).startswith("line 2 refers to another place with `*`. Write the value out;")


@pytest.mark.parametrize(
    "text", ["a: !!python/object/apply:os.system [id]", "a: !!bool perhaps", "a: !mine 1", "a: !!binary x"]
)
def test_types_are_refused(text):
    assert refusal(text).startswith("line 1 names a type with !.")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[" * 400_000, 1),
        ('{"a":' * 100_000, 1),
        ("[" * 51 + "]" * 51 + "x", 1),
        ("\n".join(" " * depth + "a:" for depth in range(900)), 51),
    ],
)
def test_deep_nesting_is_refused(text, line):
    assert refusal(text).startswith(f"line {line} is nested more than 50 levels deep.")


def test_a_file_larger_than_any_spec_is_refused_unread():
    assert refusal("x" * (MAX_SPEC_BYTES + 1)).startswith("the file is too large for a spec.")


def test_a_spec_of_1200_layers_is_small_enough():
    layer = {
        "kind": "SeparableConv2D", "padding": "same",
        "depthwise_regularizer": {"kind": "L1L2"}, "pointwise_regularizer": {"kind": "L1L2"},
        "bias_regularizer": {"kind": "L1L2"}, "activity_regularizer": {"kind": "L1L2"},
    }  # fmt: skip
    spec = ExperimentSpec.from_dict({"model": {"layers": [layer] * 1200}})

    assert ExperimentSpec.from_text(spec.to_json()) == spec


@pytest.mark.parametrize(
    "text",
    [
        '{"model": {"layers": [' + ",".join(["1"] * 400_000) + "]}}",
        "model: {layers: [" + ",".join(["1"] * 50_000) + "]}",
        '{"training": {"metrics": [' + ",".join(["1"] * 9_999) + "]}}",
        '{"' + "k" * 900_000 + '": 1}',
        '{"model": {"layers": ["' + "k" * 900_000 + '"]}}',
    ],
)
def test_a_hostile_spec_of_legal_size_is_refused_within_seconds(text):
    started = time.process_time()
    with pytest.raises(SpecError) as caught:
        ExperimentSpec.from_text(text)

    assert time.process_time() - started < 5
    assert len(str(caught.value)) < 400


def test_a_spec_is_loaded_from_a_file(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("name: 手写\nseed: 7\n", encoding="utf-8")

    assert ExperimentSpec.load(path) == ExperimentSpec(name="手写", seed=7)


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path):
    (tmp_path / "latin.yaml").write_bytes("name: Größe".encode("latin-1"))
    reasons = {
        tmp_path / "absent.yaml": "No such file or directory",
        tmp_path: "Is a directory",
        tmp_path / "latin.yaml": "UnicodeDecodeError",
        tmp_path / "null\0.yaml": "ValueError",
    }
    for path, reason in reasons.items():
        with pytest.raises(SpecError) as caught:
            ExperimentSpec.load(path)
        assert str(caught.value) == f"{path}: the file cannot be read: {reason}. Check the path."


def test_a_huge_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024**3)  # sparse: takes no space

    with pytest.raises(SpecError, match="too large"):
        ExperimentSpec.load(path)


@pytest.mark.parametrize("text", ["1:" * 490_000 + "1", "1:" * 490_000 + "1.5"])
def test_numbers_to_the_base_of_60_are_text_for_their_time_grows_with_the_square_of_their_length(text):
    assert read_text(f"seed: {text}") == {"seed": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("010", 8), ("1_000", 1000), ("0x10", 16), ("-3", -3), ("1.5e+3", 1500.0), (".5", 0.5)],
)
def test_other_numbers_are_read_as_yaml_has_them(text, value):
    assert read_text(f"seed: {text}") == {"seed": value}


@pytest.mark.parametrize("text", ["[" + "a," * 60_000 + "]", "- a\n" * 60_000, "a: 1\n" * 60_000])
def test_more_values_than_any_spec_has_are_refused(text):
    with pytest.raises(SpecError, match="the file has more than 50000 values"):
        read_text(text)
