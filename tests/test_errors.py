import pytest

from dlcore.errors import DlcoreError, Message, SpecError, not_written, quote_value, unknown_name

CHINESE = {
    "expected {n} values, got {got}.": "应为 {n} 个值，实际为 {got}。",
    "Add {n}.": "请添加 {n} 个。",
    "there is no {what} '{name}'.": "没有名为“{name}”的{what}。",
    "layer": "层",
    "Nearest: {near}.": "最接近：{near}。",
}


def chinese(text):
    return CHINESE[text]


def test_a_message_is_where_it_is_what_is_wrong_and_what_to_do():
    message = Message("expected {n} values, got {got}.", "Add {n}.", "a.b", {"n": 3, "got": 0})

    assert message.text() == "a.b: expected 3 values, got 0. Add 3."
    assert message.body() == "expected 3 values, got 0. Add 3."


def test_a_message_is_translated_by_its_templates_not_by_its_words():
    message = Message("expected {n} values, got {got}.", "Add {n}.", "a.b", {"n": 3, "got": 0})

    assert message.text(chinese) == "a.b: 应为 3 个值，实际为 0。请添加 3 个。"


def test_a_word_inside_a_message_is_translated_too():
    error = unknown_name("layer", "Dens", ["Dense"])

    assert error.message.text(chinese) == "没有名为“Dens”的层。最接近：Dense。"


def test_a_template_without_values_may_hold_braces():
    assert Message("write {kind: Dense}.").text() == "write {kind: Dense}."


def test_values_with_braces_are_shown_as_they_are():
    assert Message("got {got}.", "", "", {"got": "{0} {x}"}).text() == "got {0} {x}."


def test_a_message_survives_json_with_the_messages_inside_it():
    message = unknown_name("layer", "Dens", ["Dense"], where="layers[0]").message

    again = Message.from_dict(message.to_dict())

    assert again == message
    assert again.text(chinese) == message.text(chinese)


def test_a_value_that_json_lacks_is_kept_as_its_text():
    message = Message("the shape is {shape}.", "", "", {"shape": (8, 8, 1)})

    assert Message.from_dict(message.to_dict()).text() == "the shape is (8, 8, 1)."


def test_an_error_is_its_sentence():
    error = DlcoreError("there is no {what}.", hint="Make one.", where="here", what="tea")

    assert str(error) == "here: there is no tea. Make one."


@pytest.mark.parametrize(
    ("prefix", "path", "whole"),
    [
        ("layers[2]", "strides", "layers[2].strides"),
        ("layers", "[2].strides", "layers[2].strides"),
        ("model", "", "model"),
    ],
)
def test_an_error_seen_from_one_level_up_has_a_longer_path(prefix, path, whole):
    error = SpecError("got {got}.", hint="Mend it.", where=path, got=7).under(prefix)

    assert str(error.path) == whole
    assert str(error) == f"{whole}: got 7. Mend it."


def test_an_unknown_name_lists_the_nearest_first():
    error = unknown_name("layer", "MaxPool2D", ["Dense", "MaxPooling2D", "AveragePooling2D"])

    assert error.message.params["near"].startswith("MaxPooling2D")
    assert "Dense" not in error.message.params["near"]


def test_a_name_like_none_lists_all():
    assert unknown_name("layer", "xyz", ["Flatten", "Dense"]).message.params["near"] == "Dense, Flatten"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        ("it's", '"it\'s"'),
        (None, "None"),
        (float("nan"), "nan"),
        ([1, [2]], "[1, [2]]"),
        ("\ud800", "'\\ud800'"),
        ("a\nb", "'a\\nb'"),
        ([[[[1]]]], "[[[[...]]]]"),
    ],
)
def test_a_message_quotes_a_value_as_python_does_but_never_fails(value, text):
    assert quote_value(value) == text


def test_a_number_too_long_for_python_to_write_out_is_named_by_its_type():
    assert quote_value(10**5000) == "int(…)"


def test_a_message_never_quotes_more_than_80_characters():
    assert len(quote_value("x" * 10_000_000)) <= 80
    assert len(quote_value(["x" * 70] * 70)) == 80
    assert len(unknown_name("layer", "x" * 10_000_000, ["Dense"]).message.text()) < 200


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "a page of what a library says"), "No space left on device"),
        (OSError("Cannot save file into a non-existent directory: 'no'.\nmore"), "Cannot save file into a non-existent directory: 'no'"),
        (OSError(), "OSError"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_written_says_why_in_a_line(error, reason):
    assert str(not_written(error, "a/b.csv")) == (
        f"a/b.csv: the file cannot be written: {reason}. Check the path, and whether the disk is full."
    )
